"""The Storage emulator with the precondition that it leaves out: an upload with ifGenerationMatch is refused as Storage does.

A proxy in front of the emulator. It keeps the generation of each object that passes through, and answers 412 where it does not
match, in the form of https://cloud.google.com/storage/docs/json_api/v1/status-codes#412-precondition-failed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

_REFUSAL = {"error": {"code": 412, "message": "At least one of the pre-conditions you specified did not hold."}}


class StrictStorage:
    """The proxy; its ``url`` is for STORAGE_EMULATOR_HOST."""

    def __init__(self, emulator: str) -> None:
        self.generations: dict[str, int] = {}
        self.refused = 0
        self.failures: list[int] = []
        """Statuses that the next requests get instead of an answer"""
        self.unanswered = 0
        """Of so many next uploads the answer is lost, though they are done"""
        self._emulator = emulator
        self._next = 1000
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                outer.handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any  # noqa: N815  http.server's names

            def log_message(self, *_: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """One request, passed on or refused."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        with self._lock:
            if self.failures:
                return _answer(request, self.failures.pop(0), b"{}")
            name, wanted = _meant(request, body)
            if wanted is not None and wanted != self.generations.get(name, 0):
                self.refused += 1
                return _answer(request, 412, json.dumps(_REFUSAL).encode())
            headers = {k: v for k, v in request.headers.items() if k.lower() not in {"host", "accept-encoding", "connection"}}
            answer = httpx.request(request.command, self._emulator + request.path, content=body, headers=headers, timeout=30)
            content = self._noted(request, name, answer)
            if self.unanswered and request.command == "POST":
                self.unanswered -= 1
                request.close_connection = True
                return None
            return _answer(request, answer.status_code, content, answer.headers.get("content-type", "application/json"))

    def _noted(self, request: BaseHTTPRequestHandler, name: str, answer: httpx.Response) -> bytes:
        if request.command == "DELETE" and answer.status_code < 300:
            self.generations.pop(name, None)
        if request.command == "POST" and answer.status_code < 300 and "/upload/" in request.path:
            self._next += 1
            self.generations[name] = self._next
        if "json" not in answer.headers.get("content-type", "") or not answer.content:
            return answer.content
        content: dict[str, Any] = answer.json()
        if content.get("name") in self.generations:
            content["generation"] = str(self.generations[content["name"]])
        return json.dumps(content).encode()


def _meant(request: BaseHTTPRequestHandler, body: bytes) -> tuple[str, int | None]:
    parts = urlsplit(request.path)
    query = parse_qs(parts.query)
    wanted = int(query["ifGenerationMatch"][0]) if "ifGenerationMatch" in query else None
    if "/upload/" in parts.path:
        start = body.index(b"{")
        return json.JSONDecoder().raw_decode(body[start:].decode("latin-1"))[0]["name"], wanted
    return unquote(parts.path.rpartition("/o/")[2]), wanted


def _answer(request: BaseHTTPRequestHandler, status: int, content: bytes, kind: str = "application/json") -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


@contextmanager
def strict_storage(emulator: str) -> Iterator[StrictStorage]:
    """In front of the emulator at this address."""
    strict = StrictStorage(emulator)
    thread = threading.Thread(target=strict.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield strict
    finally:
        strict.server.shutdown()
        thread.join(10)
        strict.server.server_close()
