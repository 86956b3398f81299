"""Keeps a C++ library's chatter off the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_STANDARD_ERROR: Final = 2


@contextmanager
def hushed() -> Iterator[None]:
    """What is written to standard error meanwhile is lost: LiteRT announces each network there, and no setting stops it.

    Affects the whole process, so only for moments.
    """
    try:
        kept = os.dup(_STANDARD_ERROR)
    except OSError:  # a service without standard error: nothing to keep clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(kept)
        os.close(nowhere)
