"""The page's server: a few addresses, each one call to the session."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from howsitgoing_models.errors import DataError, ParameterError, UnreachableError
from howsitgoing_models.labels import UNREADABLE
from howsitgoing_models.review.desk import NoSuchFaceError
from howsitgoing_models.review.guard import guard
from howsitgoing_models.review.reading import Prediction
from howsitgoing_models.review.session import Session

CHOICES: Final = {
    "angry": ("angry", "a"),
    "disgust": ("disgusted", "d"),
    "fear": ("afraid", "f"),
    "happy": ("happy", "h"),
    "neutral": ("neutral", "n"),
    "sad": ("sad", "s"),
    "surprise": ("surprised", "u"),
    UNREADABLE: ("no face, or unclear", "x"),
}
"""Label -> words on its button, and its key"""
_PAGE: Final = Path(__file__).parent / "page"
_LARGEST: Final = 4096
"""Bytes of a request"""
_STATUS: Final = ((ParameterError, 400), (NoSuchFaceError, 410), (UnreachableError, 503), (DataError, 500))


def create(session: Session, token: str, reviewer: str = "") -> Flask:
    """The application.

    Args:
        session: faces and votes.
        token: what requests have to carry.
        reviewer: pseudonym that the page begins with; empty: it asks.
    """
    app = Flask(__name__, static_folder=str(_PAGE), static_url_path="/page")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST
    guard(app, token)
    for kind, status in _STATUS:
        app.register_error_handler(kind, _told(status))
    app.register_error_handler(HTTPException, _refused)

    @app.get("/")
    def page() -> Response:
        return app.send_static_file("index.html")

    @app.get("/api/session")
    def about() -> Response:
        choices = [{"value": value, "words": words, "key": key} for value, (words, key) in CHOICES.items()]
        return jsonify(choices=choices, shown=session.rules.shown, wanted=session.rules.wanted, reviewer=reviewer)

    @app.get("/api/next")
    def following() -> Response:
        return _with_next(session, request.args.get("as", ""))

    @app.get("/api/faces/<handle>/picture")
    def picture(handle: str) -> Response:
        return Response(session.picture(handle), mimetype="image/jpeg")

    @app.post("/api/faces/<handle>/prediction")
    def prediction(handle: str) -> Response:
        return jsonify(prediction=_plain(session.prediction(_asked("as"), handle)))

    @app.post("/api/faces/<handle>/vote")
    def vote(handle: str) -> Response:
        by = _asked("as")
        known = session.vote(by, handle, _asked("value"))
        return _with_next(session, by, prediction=_plain(known))

    @app.post("/api/faces/<handle>/skip")
    def skip(handle: str) -> Response:
        session.skip(_asked("as"), handle)
        return _with_next(session, _asked("as"))

    @app.post("/api/undo")
    def undo() -> Response:
        by = _asked("as")
        return _with_next(session, by, session.undo(by))

    return app


def _with_next(session: Session, reviewer: str, first: str | None = None, **more: Any) -> Response:  # noqa: ANN401  JSON
    """What is next, and how far it is.

    Args:
        session: faces and votes.
        reviewer: pseudonym.
        first: the face that comes next in any case.
        more: stands beside it.
    """
    faces = session.next(reviewer)
    if first is not None:
        faces = [first, *(handle for handle in faces if handle != first)]
    known = session.prediction(reviewer, faces[0]) if faces and session.knows(reviewer, faces[0]) else None
    status = asdict(session.status(reviewer))
    return jsonify({"faces": faces[:2], "known": _plain(known), "status": status, **more})


def _plain(prediction: Prediction | None) -> dict[str, Any] | None:
    return None if prediction is None else asdict(prediction)


def _asked(name: str) -> str:
    body = request.get_json()
    return str(body.get(name, "")) if isinstance(body, dict) else ""


def _told(status: int) -> Any:  # noqa: ANN401  Flask's kind of handler
    return lambda error: (jsonify(error=str(error)), status)


def _refused(error: HTTPException) -> tuple[Response, int]:
    return jsonify(error=error.description or error.name), error.code or 500
