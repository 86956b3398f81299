"""Blynk's Device HTTPS API, and a page that shows the dashboard as a carer would see it."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from support.blynk.cloud import AnswerError, BlynkCloud

API: Final = "/external/api"
PAGE: Final = Path(__file__).with_name("page.html")
Query = list[tuple[str, str]]


class Web:
    """Serves in threads of its own until closed. ``down``: every answer is 503, as from a proxy in front of a dead server."""

    def __init__(self, cloud: BlynkCloud, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        """Listens from now on."""
        self.down = False
        self.asked: list[str] = []
        """Paths of all requests, without their queries"""
        web = self

        class Handler(_Handler):
            """One request."""

            def do_GET(self) -> None:
                """Answer it."""
                url = urlsplit(self.path)
                web.asked.append(url.path)
                if web.down:
                    self.answer(503, "text/plain", b"upstream is gone")
                    return
                self.serve(cloud, url.path, parse_qsl(url.query, keep_blank_values=True))

            def do_POST(self) -> None:
                """The switch on the page; no part of Blynk's API."""
                number, on = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode().split()
                cloud.flip(cloud.devices[int(number)].token, on == "1")
                self.answer(204, "text/plain", b"")

        self._server = _Server((host, port), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), name="blynk-web", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more, and break all connections."""
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as the base class
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  likewise
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """On all who are still connected."""
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves, or does not trust our certificate, is nobody's concern."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.settimeout(self.timeout)
            self.request.do_handshake()
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_: object) -> None:
        """Quiet: the addresses have tokens in them."""

    def answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def serve(self, cloud: BlynkCloud, path: str, query: Query) -> None:
        if path == "/":
            self.answer(200, "text/html; charset=utf-8", PAGE.read_bytes())
        elif path == "/state.json":
            self.answer(200, "application/json", json.dumps(cloud.dump()).encode())
        elif (call := _CALLS.get(path.removeprefix(API))) is None or not path.startswith(API):
            self.answer(404, "application/json", b'{"error":{"message":"Not found."}}')
        else:
            try:
                content = call(cloud, query)
            except AnswerError as error:
                self.answer(400, "application/json", json.dumps({"error": {"message": str(error)}}).encode())
            else:
                self.answer(200, "application/json", content)


def _token(query: Query) -> str:
    return dict(query).get("token", "")


def _pins(query: Query) -> dict[str, str]:
    return {name: value for name, value in query if name != "token"}


def _update(cloud: BlynkCloud, query: Query) -> bytes:
    cloud.write(_token(query), _pins(query), "https")
    return b""


def _get(cloud: BlynkCloud, query: Query) -> bytes:
    """One pin: its bare value; more: an object, keys as they were asked for."""
    device = cloud.device(_token(query))
    found = {asked: device.values.get(device.check_pin(asked), "") for asked in _pins(query)}
    if len(found) == 1:
        return str(next(iter(found.values()))).encode()
    return json.dumps(found).encode()


def _get_all(cloud: BlynkCloud, query: Query) -> bytes:
    return json.dumps({pin.lower(): value for pin, value in cloud.device(_token(query)).values.items()}).encode()


def _log_event(cloud: BlynkCloud, query: Query) -> bytes:
    asked = dict(query)
    cloud.log_event(_token(query), asked.get("code", ""), asked.get("description", ""))
    return b""


def _is_connected(cloud: BlynkCloud, query: Query) -> bytes:
    return b"true" if cloud.device(_token(query)).connections else b"false"


_CALLS: Final[dict[str, Callable[[BlynkCloud, Query], bytes]]] = {
    "/update": _update,
    "/batch/update": _update,
    "/get": _get,
    "/getAll": _get_all,
    "/logEvent": _log_event,
    "/isHardwareConnected": _is_connected,
}
