"""The systemd unit as text: for the user's own session, where the sound server is, or for the system."""

from __future__ import annotations

import grp
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

NAME = "howsitgoing.service"
_GROUPS = ("video", "audio", "render", "bluetooth", "gpio")
"""What guards cameras, sound and pins; only those that exist may be named"""
_CONFINED = """\
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictRealtime=yes
CapabilityBoundingSet=
"""
"""Only the system's manager can do these; a user's manager would need namespaces, which hide the device groups."""


@dataclass(frozen=True)
class Account:
    """Whom the system starts the agent as."""

    name: str
    uid: int


def unit(program: Path, config: Path | None, account: Account | None) -> str:
    """The text of the unit.

    Args:
        program: the installed ``howsitgoing``.
        config: the configuration file it is to read; None: wherever it finds one.
        account: for the system's manager; None: for the user's own.
    """
    command = [str(program), "run", *(["--config", str(config)] if config else [])]
    template = Template(files(__package__).joinpath(NAME).read_text("utf-8"))
    return template.substitute(
        command=" ".join(_quoted(word) for word in command),
        identity=_identity(account) if account else "",
        confinement=_CONFINED if account else "",
        target="multi-user.target" if account else "default.target",
    )


def _identity(account: Account) -> str:
    present = {group.gr_name for group in grp.getgrall()}
    return (
        f"User={account.name}\n"
        f"SupplementaryGroups={' '.join(name for name in _GROUPS if name in present)}\n"
        "StateDirectory=howsitgoing\n"
        "StateDirectoryMode=0700\n"
        "Environment=HOWSITGOING_DEVICE__STATE_FOLDER=%S/howsitgoing\n"
        f"# the sound server of that user, where there is one\nEnvironment=XDG_RUNTIME_DIR=/run/user/{account.uid}\n"
    )


def _quoted(word: str) -> str:
    """``word`` as one word of ExecStart, whatever is in it."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if any(c.isspace() or c in "\"';\\" for c in word) else word
