"""This device as the cloud sees it: its name, its key, its settings and its outbox; for ``howsitgoing cloud``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from howsitgoing_edge.cloud import contents, operator
from howsitgoing_edge.cloud.assembly import make_client, need_packages
from howsitgoing_edge.cloud.client import CloudClient
from howsitgoing_edge.cloud.joining import agrees
from howsitgoing_edge.cloud.outbox import FILE_NAME
from howsitgoing_edge.cloud.store import Store
from howsitgoing_edge.configuration import Flag, Loaded, change_file, load, user_file
from howsitgoing_edge.contract import Consent
from howsitgoing_edge.device.folders import state_folder
from howsitgoing_edge.device.identity import device_id
from howsitgoing_edge.errors import ConfigError, PermanentError, UplinkError

_FLAGS: Final = {"url": "URL"}
"""Arguments that are no flags"""


@dataclass(frozen=True)
class CloudDevice:
    """As configured, or as it is about to be."""

    loaded: Loaded
    config: Path | None
    """The configuration file that was named"""
    folder: Path
    name: str

    @property
    def consent(self) -> Consent:
        """What people agreed to; words and numbers, where nothing is shared yet."""
        settings = self.loaded.settings.cloud
        return Consent("faces", settings.consent) if settings.share == "faces" else Consent("moods")

    @property
    def store(self) -> Store:
        """The outbox's file."""
        return Store(self.folder / FILE_NAME)

    def make_key(self) -> str:
        """The public key; its pair is made if there is none."""
        need_packages()
        from howsitgoing_edge.cloud import identity

        return identity.public_key(identity.make_key(self.folder))

    def client(self) -> CloudClient:
        """What calls the cloud."""
        return make_client(self.loaded.settings.cloud, self.folder, self.name)

    @property
    def local(self) -> bool:
        """The cloud is on this machine."""
        return (self.loaded.settings.cloud.url or "").startswith("http://")  # which is refused elsewhere

    def add_command(self, *, known: bool = False) -> str:
        """What the operator runs to let it in; ``known``: with another key or consent than before."""
        return operator.add_command(self.name, self.make_key(), self.consent, known=known, local=self.local)

    def how_to_erase_what_was_sent(self) -> str:
        """For people."""
        commands = operator.erase_commands(self.name, self.loaded.settings.cloud.consent, local=self.local)
        return "What was sent before is erased by the cloud's operator:\n" + "".join(f"\n  {line}" for line in commands)

    def check_consent(self, known: Mapping[str, object]) -> None:
        """Raises UplinkError where the cloud would take no samples."""
        consent = self.consent
        if not agrees(known, consent.scope, consent.reference):
            number = f" {consent.reference}" if consent.reference else ""
            raise UplinkError(
                f"the cloud knows this device, but not the consent{number} to share {consent.scope}: "
                f"its operator runs\n  {self.add_command(known=True)}"
            )

    def waiting(self) -> int:
        """Samples on this device."""
        if not self.store.file.exists():
            return 0
        found = contents.contents(self.store)
        return found.waiting + found.refused

    def try_again(self) -> int:
        """What was refused waits again."""
        return contents.try_again(self.store) if self.store.file.exists() else 0

    def erase_waiting(self) -> str:
        """For people."""
        return f"Erased from this device: {contents.samples(contents.erase_all(self.store))}."

    def write(self, values: Mapping[str, str | None]) -> None:
        """Put ``values`` into the configuration file.

        Raises:
            ConfigError: another place says otherwise.
        """
        file = self.config or self.loaded.file or user_file()
        if file is None:
            raise PermanentError("there is no HOME to put a configuration file in: name one with --config")
        change_file(file, "cloud", values)
        now = load(file)
        for name, value in values.items():
            if value is not None and getattr(now.settings.cloud, name) != getattr(self.loaded.settings.cloud, name):
                origin = now.origins.get(f"cloud.{name}", "its default")
                raise ConfigError(f"{file} is written, but {origin} says otherwise about cloud.{name}: change it there")


def device(config: Path | None, changes: Mapping[str, str] | None = None) -> CloudDevice:
    """This device, as it is with ``changes`` in ``[cloud]``. Raises ConfigError where these are impossible."""
    flags = [Flag(_FLAGS.get(name, f"--{name}"), f"cloud.{name}", value) for name, value in (changes or {}).items()]
    loaded = load(config, flags)
    kept = state_folder(loaded.settings.device)
    if kept.notice:
        typer.echo(kept.notice, err=True)
    return CloudDevice(loaded, config, kept.path, device_id(loaded.settings.device, kept.path))


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Tells why it waits: on a terminal in one line that moves, in a pipe once for each reason."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with console.status("asking the cloud …") as line:
            yield lambda reason: line.update(f"waiting: {reason}  (Ctrl-C ends; the same command goes on later)")
        return
    told: set[str] = set()

    def tell(reason: str) -> None:
        if reason not in told:
            told.add(reason)
            typer.echo(f"waiting: {reason}", err=True)

    yield tell
