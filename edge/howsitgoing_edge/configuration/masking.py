"""What must not be shown."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "********"


def without_password(address: str) -> str:
    """An address, such as a network camera's, with the password in it masked."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", rf"\1:{MASK}@", address)
