"""The edge agent: from a camera's frames to a spoken, published change of expression."""

from __future__ import annotations

__version__ = "0.1.0"
