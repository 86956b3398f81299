"""What the carer is alerted to, if it lasts."""

from __future__ import annotations

from typing import Final

DISTRESSED: Final = frozenset({"angry", "fear", "sad"})
