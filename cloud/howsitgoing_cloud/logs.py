"""Structured logs as Cloud Logging reads them: a JSON object a line, with the trace of the request.

What is logged names devices and events; never a picture, a token, or how a face looked.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, Protocol

_TRACE: Final[ContextVar[str]] = ContextVar("trace", default="")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_CLOUD_TRACE: Final = re.compile(r"([0-9a-fA-F]{32})(/.*)?")
_NONE: Final = "0" * 32


class Headers(Protocol):
    """Of a request, by names without regard to case."""

    def get(self, name: str, default: str, /) -> str:
        """One of them."""


def trace_of(headers: Headers) -> str:
    """32 hexadecimal digits: of ``traceparent`` or ``X-Cloud-Trace-Context``, or new ones."""
    for name, form in (("traceparent", _TRACEPARENT), ("X-Cloud-Trace-Context", _CLOUD_TRACE)):
        match = form.fullmatch(headers.get(name, ""))
        if match is not None and match[1] != _NONE:
            return match[1].lower()
    return secrets.token_hex(16)


@contextmanager
def traced(trace: str) -> Iterator[None]:
    """All that is logged inside carries this trace."""
    token = _TRACE.set(trace)
    try:
        yield
    finally:
        _TRACE.reset(token)


def current_trace() -> str:
    """Of the request under way, or nothing."""
    return _TRACE.get()


class JsonLines(logging.Formatter):
    """A record as one line; fields come by ``extra={"fields": {...}}``."""

    def __init__(self, project: str) -> None:
        """With the project that the traces belong to."""
        super().__init__()
        self._project = project

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "message": record.getMessage(),
            "logger": record.name,
            **getattr(record, "fields", {}),
        }
        if trace := _TRACE.get():
            line["logging.googleapis.com/trace"] = f"projects/{self._project}/traces/{trace}"
        if record.exc_info and record.exc_info[0]:
            # The place, without the message: that may quote what came in.
            line["error"] = record.exc_info[0].__name__
            line["stack"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])][-10:]
        return json.dumps(line, default=str)


def set_up(project: str, level: str) -> None:
    """Everything of ours as JSON lines on stdout; of libraries only what is wrong."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(project))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("howsitgoing_cloud").setLevel(level)
    logging.getLogger("httpx").setLevel(logging.ERROR)  # it would log addresses, and Blynk's have the token in them
    logging.getLogger("urllib3").setLevel(logging.ERROR)
