"""What the carer's switch was when we last knew, kept over restarts."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Final

FILE_NAME: Final = "blynk.json"

log = logging.getLogger(__name__)


class Memory:
    """One switch of one token. Forgetful rather than in the way: what cannot be kept is unknown at the next start."""

    def __init__(self, folder: Path) -> None:
        """``folder``: the device's own."""
        self._file = folder / FILE_NAME
        self._told = False

    def recall(self, fingerprint: str) -> bool | None:
        """What was kept for this token; None: nothing."""
        try:
            content = json.loads(self._file.read_text("utf-8"))
            kept = content["recognition"] if content["token"] == fingerprint else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning(
                "%s is unreadable (%s): the switch of this device counts, not Blynk's", self._file, type(error).__name__
            )
            return None
        return kept if isinstance(kept, bool) else None

    def keep(self, fingerprint: str, recognition: bool) -> None:  # noqa: FBT001  a switch
        """Complete or not at all, also if the power fails meanwhile."""
        aside = self._file.with_suffix(".new")
        try:
            with open(
                aside, "w", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o600), encoding="utf-8"
            ) as file:
                json.dump({"token": fingerprint, "recognition": recognition}, file)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._file)
        except OSError as error:
            if not self._told:
                self._told = True
                log.warning("the state of Blynk's switch cannot be kept: %s (%s)", self._file, error.strerror)
