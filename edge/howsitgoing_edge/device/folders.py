"""Where the device keeps what it must remember."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from howsitgoing_edge.settings import DeviceSettings

SYSTEM_STATE = Path("/var/lib/howsitgoing")


@dataclass(frozen=True)
class StateFolder:
    """A folder that can be written to."""

    path: Path
    notice: str | None = None
    """Why it is not the one that was meant, and what that costs"""


def state_folder(settings: DeviceSettings) -> StateFolder:
    """The first of these that can be made and written: the configured one, the user's, the system's, a temporary one."""
    meant = [settings.state_folder] if settings.state_folder else [*_of_user(), SYSTEM_STATE]
    reasons = []
    for folder in meant:
        try:
            _prove(folder)
        except OSError as error:
            reasons.append(f"{folder} ({error.strerror})")
        else:
            return StateFolder(folder)
    # Rather forgetful than silent: a full disk or a read-only card must not take away the wearer's aid.
    folder = Path(tempfile.gettempdir()) / f"howsitgoing-{os.getuid()}"
    if not _is_ours(folder):
        folder = Path(tempfile.mkdtemp(prefix="howsitgoing-"))
    notice = f"nothing can be kept in {' or '.join(reasons)}; settings are forgotten at the next start, until one is writable"
    return StateFolder(folder, notice)


def _of_user() -> list[Path]:
    named, home = os.environ.get("XDG_STATE_HOME"), os.environ.get("HOME")
    if named:
        return [Path(named) / "howsitgoing"]
    return [Path(home) / ".local" / "state" / "howsitgoing"] if home else []


def _prove(folder: Path) -> None:
    """Raises OSError unless a file can be written in ``folder``; asking for permissions alone would miss a full disk."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(4096))


def _is_ours(folder: Path) -> bool:
    """Whether ``folder``, at a name that everybody knows, is nobody else's."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        _prove(folder)
    except OSError:
        return False
    return found.st_uid == os.getuid() and not found.st_mode & 0o077 and folder.is_dir() and not folder.is_symlink()
