"""The page's server on the loopback, from start to Ctrl-C."""

from __future__ import annotations

import logging
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from werkzeug.serving import BaseWSGIServer, make_server

from howsitgoing_models.dataset.request import Filters, Source
from howsitgoing_models.errors import ParameterError
from howsitgoing_models.review.rules import Rules
from howsitgoing_models.review.server import create
from howsitgoing_models.review.session import Session

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Left:
    """Votes that wait for the next time."""

    votes: int
    file: Path


def serve(
    source: Source, filters: Filters, rules: Rules, *, reviewer: str, port: int, told: Callable[[str], None]
) -> Left | None:
    """Serve until SIGINT or SIGTERM; what has not reached Firestore then.

    Args:
        source: where faces and votes are.
        filters: which faces.
        rules: how they are given out.
        reviewer: pseudonym that the page begins with; empty: it asks.
        port: 0: any that is free.
        told: is given the page's address, with its token behind the #, as soon as it answers.

    Raises:
        ParameterError: the port is taken.
        DataError: nothing can be read, or the journal cannot be written.
    """
    session = Session(source, filters, rules)
    with session:
        server, address = listening(session, reviewer, port)
        with _ended_by_signals(server):
            told(address)
            server.serve_forever()
    return Left(session.left_waiting, session.journal.file) if session.left_waiting else None


def listening(session: Session, reviewer: str, port: int = 0) -> tuple[BaseWSGIServer, str]:
    """A server that listens, and its address with a token of its own behind the #.

    Raises:
        ParameterError: the port is taken.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each picture
    token = secrets.token_urlsafe(32)
    try:
        server = make_server(LOOPBACK, port, create(session, token, reviewer), threaded=True)
    except (OSError, SystemExit) as error:
        raise ParameterError(f"--port {port}: it is taken, or may not be used") from error
    return server, f"http://{LOOPBACK}:{server.port}/#{token}"


@contextmanager
def _ended_by_signals(server: BaseWSGIServer) -> Iterator[None]:
    """SIGINT and SIGTERM end `serve_forever`, and what stands behind it is done in peace."""

    def end(*_: object) -> None:
        threading.Thread(target=server.shutdown).start()  # it waits for the loop that this handler interrupts

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        server.server_close()
