"""A network camera on the loopback, MJPEG over HTTP. It can stall, freeze, ask for a password, go away and come back."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

import cv2
from support.films import numbered

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from howsitgoing_edge.core.types import Pixels


class MjpegCamera:
    """Serves numbered pictures at ``/stream``; use as a context manager."""

    def __init__(self, fps: float = 20, password: str | None = None, picture: Callable[[int], Pixels] = numbered) -> None:
        """``password``: of user ``cam``; None: open to all. ``picture``: what is seen, by its number, 0 to 255."""
        self.fps = fps
        self.picture = picture
        self.password = password
        self.mode = "giving"
        """``giving``, ``stalled`` (connected, no data), ``frozen`` (the same picture) or ``cut`` (connections end)"""
        self.sent = -1
        """Number of the newest picture sent"""
        self.viewers = 0
        """Connections open now"""
        self.port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        """Of the stream."""
        return f"http://127.0.0.1:{self.port}/stream"

    def switch_on(self) -> None:
        """Listen, on the same port as before."""
        camera = self

        class Handler(_Handler):
            owner = camera

        self.mode = "giving"
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def switch_off(self) -> None:
        """Cut all connections and stop listening."""
        self.mode = "cut"
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        """Switched on."""
        self.switch_on()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Switched off."""
        self.switch_off()


class _Handler(BaseHTTPRequestHandler):
    owner: MjpegCamera

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
        """Be quiet."""

    def do_GET(self) -> None:
        """The stream."""
        if self.path.partition("?")[0] != "/stream":
            self.send_error(404)
        elif self.owner.password and self.headers["Authorization"] != f"Basic {self._key()}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        else:
            self._stream()

    def _key(self) -> str:
        return b64encode(f"cam:{self.owner.password}".encode()).decode()

    def _stream(self) -> None:
        camera = self.owner
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        camera.viewers += 1
        try:
            while camera.mode != "cut":
                if camera.mode != "stalled":
                    camera.sent = (camera.sent + (camera.mode == "giving")) % 256
                    jpeg = cv2.imencode(".jpg", camera.picture(camera.sent))[1].tobytes()
                    head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
                time.sleep(1 / camera.fps)
        except OSError:
            pass  # the viewer has left, which is what `viewers` tells
        finally:
            camera.viewers -= 1
