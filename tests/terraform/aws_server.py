"""AWS on the loopback: moto's server, with the answers that it lacks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

Start = Callable[[str, list[tuple[str, str]]], Any]


class Complete:
    """What moto lacks.

    It lists no tags of things and budgets, for which the provider asks forever; knows nothing of IoT's logging; and makes up
    another address of the account's endpoint each time that it is asked.
    """

    def __init__(self) -> None:
        """Around moto."""
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._logging = b"{}"

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer as WSGI wants it."""
        asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if asked == ("GET", "/endpoint"):
            return _json(start, {"endpointAddress": "abc123-ats.iot.eu-central-1.amazonaws.com"})
        if asked == ("GET", "/tags"):
            return _json(start, {"tags": []})
        if environ.get("HTTP_X_AMZ_TARGET") == "AWSBudgetServiceGateway.ListTagsForResource":
            return _json(start, {"ResourceTags": []})
        if asked == ("POST", "/v2LoggingOptions"):
            self._logging = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            return _json(start, {})
        if asked == ("GET", "/v2LoggingOptions"):
            return _json(start, json.loads(self._logging))
        answer: Iterable[bytes] = self._moto(environ, start)
        return answer


def _json(start: Start, answer: dict[str, Any]) -> list[bytes]:
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """A line for each of a thousand requests helps nobody."""


@contextmanager
def serving() -> Iterator[str]:
    """Its address."""
    server = make_server("127.0.0.1", 0, Complete(), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
