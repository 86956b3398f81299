"""An RTSP camera on the loopback (RFC 2326, over TCP): ffmpeg sends a film to a small server, which passes it on."""

from __future__ import annotations

import socketserver
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from support.parts import need
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.description = b""
        self.players: set[_Connection] = set()
        self.requests: list[str] = []


class _Connection(socketserver.StreamRequestHandler):
    server: _Relay

    def handle(self) -> None:
        try:
            while first := self.rfile.read(1):
                if first == b"$":
                    self._pass_on()
                else:
                    self._answer((first + self.rfile.readline()).decode())
        except OSError:
            pass  # the other side has gone, as it may
        finally:
            self.server.players.discard(self)

    def _pass_on(self) -> None:
        """One packet of the stream, from the sender to all players; players' own reports are dropped."""
        head = self.rfile.read(3)
        packet = b"$" + head + self.rfile.read(int.from_bytes(head[1:]))
        if self in self.server.players:
            return
        for player in tuple(self.server.players):
            try:
                player.wfile.write(packet)
            except OSError:
                self.server.players.discard(player)

    def _answer(self, request: str) -> None:
        verb, address, _ = request.split()
        self.server.requests.append(verb)
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        content = self.rfile.read(int(headers.get("content-length", 0)))
        lines = ["RTSP/1.0 200 OK", f"CSeq: {headers['cseq']}", "Session: 1"]
        body = b""
        if verb == "ANNOUNCE":
            self.server.description = content
        elif verb == "DESCRIBE":
            body = self.server.description
            lines += ["Content-Type: application/sdp", f"Content-Base: {address}/", f"Content-Length: {len(body)}"]
        elif verb == "SETUP":
            lines.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        elif verb == "OPTIONS":
            lines.append("Public: DESCRIBE, SETUP, PLAY, TEARDOWN, ANNOUNCE, RECORD")
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)
        if verb == "PLAY":
            self.server.players.add(self)


@contextmanager
def rtsp_camera(film: Path) -> Iterator[str]:
    """The address of a camera that shows ``film`` over and over, at its own pace."""
    ffmpeg = need("ffmpeg")
    relay = _Relay()
    threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    address = f"rtsp://127.0.0.1:{relay.server_address[1]}/live"
    play = [
        ffmpeg,
        "-nostdin",
        "-loglevel",
        "error",
        "-re",
        "-stream_loop",
        "-1",
        "-i",
        str(film),
        "-c:v",
        "mpeg4",
        "-q:v",
        "3",
    ]
    sender = subprocess.Popen([*play, "-g", "5", "-bf", "0", "-f", "rtsp", "-rtsp_transport", "tcp", address])
    try:
        until(lambda: "RECORD" in relay.requests)
        yield address
    finally:
        sender.terminate()
        sender.wait(5)
        relay.shutdown()
        relay.server_close()
