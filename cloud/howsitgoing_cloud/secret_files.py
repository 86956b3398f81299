"""Tokens in files: one a secret, in a folder that only its owner can look into. For one machine, and for mounted secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from howsitgoing_cloud.errors import PermanentError

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""As Secret Manager has it"""
_OTHERS: Final = 0o077


@dataclass(frozen=True)
class FileSecrets:
    """Implements `howsitgoing_cloud.ports.Secrets`."""

    folder: Path

    def get(self, name: str) -> str:
        """The secret.

        Raises:
            PermanentError: there is none of that name, or others can read it.
        """
        if not NAME.fullmatch(name):
            raise PermanentError(f"{name[:40]!r} is no name of a secret: letters, digits, _ and -")
        path = self.folder / name
        try:
            if path.stat().st_mode & _OTHERS:
                raise PermanentError(f"others can read {path}: chmod 600 {path}")
            text = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise PermanentError(f"the secret {name} cannot be read: write the token to {path} (chmod 600)") from error
        if not text:
            raise PermanentError(f"{path} is empty: write the token into it")
        return text
