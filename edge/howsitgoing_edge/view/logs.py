"""Log lines: on a terminal in colour and above the live view, in a pipe plain, under systemd with the level in front."""

from __future__ import annotations

import logging
import os
import sys

from rich.logging import RichHandler

from howsitgoing_edge.view.terminal import terminal

_SYSTEMD_LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_TALKATIVE = ("amqtt", "transitions", "asyncio", "passlib")
"""Libraries that tell more than anybody wants to know"""
_INDISCREET = ("httpx", "httpcore")
"""Libraries that log whole addresses, which may hold somebody's token"""


def set_up(level: str, *, live: bool) -> logging.Logger:
    """Log to standard error from ``level`` (debug, info, warning, error) on; the logger of the agent."""
    root = logging.getLogger()
    root.handlers[:] = [_handler(live=live)]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.ERROR)
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logging.getLogger("howsitgoing_edge")


def _handler(*, live: bool) -> logging.Handler:
    if live or terminal().is_terminal:
        return RichHandler(console=terminal(), show_path=False, markup=False, log_time_format="%X", omit_repeated_times=False)
    handler = logging.StreamHandler(sys.stderr)
    under_systemd = "JOURNAL_STREAM" in os.environ
    handler.setFormatter(_ForJournal() if under_systemd else logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    return handler


class _ForJournal(logging.Formatter):
    """The journal keeps the time itself, and takes the level from a number in front."""

    def format(self, record: logging.LogRecord) -> str:
        return f"<{_SYSTEMD_LEVELS.get(record.levelno, 6)}>{super().format(record)}"
