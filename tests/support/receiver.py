"""A small real server that takes samples as the cloud's functions do, and misbehaves on demand.

    with Receiver(device="hat-1", key=public_key) as cloud:
        cloud.next("503", "cut")          # the next two requests
        ...
        assert cloud.stored[sample_id].face == jpeg

What it checks of a request is the wire contract in docs/cloud.md; the functions themselves are in `support.functions`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import jwt
from cryptography.hazmat.primitives.serialization import load_der_public_key
from werkzeug.formparser import parse_form_data
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from howsitgoing_edge.contract import ContractError, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@dataclass(frozen=True)
class Stored:
    """One sample as it arrived."""

    sample: Sample
    face: bytes | None


class Problem(Exception):  # noqa: N818  what is answered is a problem
    """Answered as application/problem+json."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code


class Receiver:
    """Listens at ``url`` while entered."""

    def __init__(self, device: str, key: str, audience: str | None = None, port: int = 0) -> None:
        """Knows one device by its public key, as it tells it; ``audience`` None: ``url``."""
        self.keys = {device: key}
        self.revoked: set[str] = set()
        self.consent: dict[str, Any] | None = {"scope": "faces", "references": None}
        """What its people agreed to"""
        self.stored: dict[str, Stored] = {}
        self.answers: Counter[int] = Counter()
        """By status; what was cut off counts as 0"""
        self.tokens: list[dict[str, Any]] = []
        """Claims of each request that was let in"""
        self.always: str | None = None
        """How each request goes wrong"""
        self._plan: deque[str] = deque()
        self._lock = threading.Lock()
        self.go_on = threading.Event()
        """What was asked for as ``slow`` waits for this"""
        self._server = make_server("127.0.0.1", port, self._app, threaded=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/ingest"
        self.audience = audience or self.url

    def next(self, *misdeeds: str) -> None:
        """How the next requests go wrong, one each.

        A status such as ``503``; ``429:7`` with Retry-After; ``cut`` before anything is stored; ``store-cut`` after; ``slow``;
        ``page``: 200 with a page that is none of ours; ``other``: the id of another sample.
        """
        self._plan.extend(misdeeds)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    def _app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        misdeed = self.always or (self._plan.popleft() if self._plan else "")
        request = Request(environ)
        body = request.get_data(cache=True)
        try:
            response = self._misbehave(misdeed) or self._take(request, body)
        except Problem as problem:
            content = {"title": "refused", "status": problem.status, "code": problem.code, "detail": str(problem)}
            response = Response(json.dumps(content), problem.status, content_type="application/problem+json")
        if misdeed in {"cut", "store-cut"}:
            self.answers[0] += 1
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return []
        if misdeed == "slow":
            self.go_on.wait(30)
        if misdeed == "other":
            response = Response(json.dumps({"id": "another"}), 200, content_type="application/json")
        self.answers[response.status_code] += 1
        return response(environ, start)

    @staticmethod
    def _misbehave(misdeed: str) -> Response | None:
        status, _, seconds = misdeed.partition(":")
        if status.isdecimal():
            content = json.dumps({"title": "planned", "detail": f"planned {status}"})
            headers = {"Retry-After": seconds} if seconds else {}
            return Response(content, int(status), headers, content_type="application/problem+json")
        if misdeed == "page":
            return Response("<h1>Welcome to our hotel</h1>", 200, content_type="text/html")
        return Response("", 200) if misdeed == "cut" else None

    def _take(self, request: Request, body: bytes) -> Response:
        device = self._who(request.headers.get("Authorization", ""), body)
        if request.path == "/ingest/v1/device":
            content: dict[str, Any] = {
                "device_id": device,
                "revoked": False,
                "consent": self.consent,
                "server_time": "2026-01-31T12:00:00Z",
            }
            return Response(json.dumps(content), 200, content_type="application/json")
        if (request.method, request.path) != ("POST", "/ingest/v1/samples"):
            raise Problem(404, "not_found", "nothing here")
        stored = self._read(request, body)
        with self._lock:
            known = self.stored.get(stored.sample.id)
            if known is not None and known != stored:
                raise Problem(409, "conflict", "another sample has this id")
            self.stored[stored.sample.id] = stored
        answer = json.dumps({"id": stored.sample.id})
        return Response(answer, 201 if known is None else 200, content_type="application/json")

    def _who(self, authorization: str, body: bytes) -> str:
        token = authorization.removeprefix("Bearer ")
        try:
            device = jwt.get_unverified_header(token).get("kid", "")
        except jwt.InvalidTokenError as error:
            raise Problem(401, "token", "no token") from error
        if device not in self.keys:
            raise Problem(401, "unknown_device", f"no device {device} is registered")
        key = load_der_public_key(base64.b64decode(self.keys[device]))
        wanted = ["iss", "aud", "iat", "exp", "jti", "body"]
        try:
            claims = jwt.decode(token, key, ["EdDSA"], audience=self.audience, issuer=device, options={"require": wanted})  # type: ignore[arg-type]
        except (jwt.ImmatureSignatureError, jwt.ExpiredSignatureError) as error:
            raise Problem(401, "clock", "the token is not of now") from error
        except jwt.InvalidAudienceError as error:
            raise Problem(401, "audience", f"this is {self.audience}") from error
        except jwt.InvalidTokenError as error:
            raise Problem(401, "signature", "the signature does not fit") from error
        if claims["exp"] - claims["iat"] > 300 or claims["body"] != hashlib.sha256(body).hexdigest():
            raise Problem(401, "token", "too long a life, or another body")
        if any(claims["jti"] == other["jti"] for other in self.tokens[-100:]):
            raise Problem(401, "replayed", "seen before")
        if device in self.revoked:
            raise Problem(403, "revoked", f"{device} was revoked")
        self.tokens.append(claims)
        return str(device)

    @staticmethod
    def _read(request: Request, body: bytes) -> Stored:
        _, form, files = parse_form_data(
            request.environ | {"wsgi.input": io.BytesIO(body)}, stream_factory=lambda *_, **__: io.BytesIO()
        )
        part = files.get("face")
        face = None if part is None else part.read()
        if part is not None and part.mimetype != "image/jpeg":
            raise Problem(415, "media_type", "face must be image/jpeg")
        try:
            sample = Sample.from_json(form["event"])
        except (ContractError, KeyError) as error:
            raise Problem(400, "contract", str(error)) from error
        named = None if sample.face is None else sample.face.sha256
        if named != (None if face is None else hashlib.sha256(face).hexdigest()):
            raise Problem(400, "face", "the picture is not the one that the event names")
        return Stored(sample, face)
