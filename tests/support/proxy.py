"""A stretch of bad network between a client and a server, on the loopback: it loses answers, goes silent, breaks."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class Proxy:
    """Forwards each connection to 127.0.0.1:``target`` until told otherwise."""

    def __init__(self, target: int) -> None:
        """Listens when entered, at ``port``."""
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._flows = threading.Event()
        self._flows.set()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self.answers_arrive = True
        """False: what the server says is thrown away; what the client says arrives. A connection that has lost one answer
        gets no later one, either: TCP has no gaps, and a TLS client that meets one is deaf for half a minute by design."""
        self.instead: bytes | None = None
        """What new connections are answered with, before they are closed; None: they are forwarded."""
        self.connections = 0
        """Forwarded so far"""
        self.port: int = self._server.getsockname()[1]

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self.resume()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def stall(self) -> None:
        """Nothing passes any more, in either direction, and nobody is told: a radio out of reach."""
        self._flows.clear()

    def resume(self) -> None:
        """After `stall`: what was held back arrives."""
        self._flows.set()

    def cut(self) -> None:
        """Break all connections, on both sides."""
        for pair in self._take():
            for end in pair:
                _close(end)

    def abandon(self) -> list[socket.socket]:
        """Break the clients' side only: the server goes on believing in it. Close the returned sockets in the end."""
        pairs = self._take()
        for client, _ in pairs:
            _close(client)
        return [server for _, server in pairs]

    def _take(self) -> list[tuple[socket.socket, socket.socket]]:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        return pairs

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._server.accept()
                if self.instead is not None:
                    self._spawn(self._brush_off, client, self.instead)
                    continue
            except OSError:
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                _close(client)
                continue
            server.settimeout(None)
            with self._lock:
                self._pairs.append((client, server))
                self.connections += 1
            self._spawn(self._pump, client, server, False)
            self._spawn(self._pump, server, client, True)

    @staticmethod
    def _brush_off(client: socket.socket, answer: bytes) -> None:
        client.settimeout(5)
        with contextlib.suppress(OSError):
            client.recv(65_536)
            client.sendall(answer)
        _close(client)

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:  # noqa: FBT001  a thread's argument
        arrives = True
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                self._flows.wait()
                arrives = arrives and (self.answers_arrive or not answers)
                if arrives:
                    sink.sendall(data)
        with self._lock:
            known = any(source in pair for pair in self._pairs)
        if known:
            _close(sink)

    def _spawn(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
