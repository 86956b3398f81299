"""The HTTP side of ingest: addresses, answers, and the one place where errors become answers."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from flask import Request, Response

from howsitgoing_cloud import multipart, problems
from howsitgoing_cloud._contract import Sample
from howsitgoing_cloud.bodies import read_body
from howsitgoing_cloud.errors import QuotaError, TransientError
from howsitgoing_cloud.ingest import Ingest, known_of
from howsitgoing_cloud.logs import current_trace, trace_of, traced
from howsitgoing_cloud.problems import MEDIA_TYPE, Refused
from howsitgoing_cloud.samples import read_sample
from howsitgoing_cloud.tokens import claimed

log = logging.getLogger(__name__)

RETRY_AFTER_S: Final = 5
UNAUTHORIZED: Final = 401
Fields = dict[str, Any]


class IngestHttp:
    """Answers ``POST /v1/samples``, ``GET /v1/device`` and ``GET /v1/health``."""

    def __init__(self, ingest: Callable[[], Ingest]) -> None:
        """With what makes the use case: health answers without it."""
        self._ingest = ingest
        self._routes: dict[tuple[str, str], Callable[[Request, Fields], Response]] = {
            ("POST", "/v1/samples"): self._samples,
            ("GET", "/v1/device"): self._device,
            ("GET", "/v1/health"): self._health,
        }

    def __call__(self, request: Request) -> Response:
        """Answer; nothing gets past here."""
        started = time.monotonic()
        fields: Fields = {"method": request.method[:16]}
        with traced(trace_of(request.headers)):
            try:
                response = self._routed(request, fields)
            except Refused as refused:
                response = _problem(refused)
                fields["code"] = refused.problem.code
            except TransientError as error:
                slower = isinstance(error, QuotaError)
                kind = problems.SLOWER if slower else problems.LATER
                response = _problem(Refused(kind, "try again", retry_after_s=error.retry_after_s or RETRY_AFTER_S))
                fields |= {"code": kind.code, "cause": str(error)}
            except Exception:
                log.exception("a fault of the program, or of its configuration")
                response = _problem(Refused(problems.INTERNAL, "its log says more, by the trace"))
                fields["code"] = problems.INTERNAL.code
            if fields.get("route") != "/v1/health":
                fields |= {"status": response.status_code, "ms": round((time.monotonic() - started) * 1000, 1)}
                log.info("request", extra={"fields": fields})
        return response

    def _routed(self, request: Request, fields: Fields) -> Response:
        allowed = [method for method, path in self._routes if path == request.path]
        if not allowed:
            raise Refused(problems.NOT_FOUND, "there are /v1/samples, /v1/device and /v1/health")
        fields["route"] = request.path
        method = "GET" if request.method == "HEAD" else request.method
        if method not in allowed:
            raise Refused(problems.METHOD, f"only {', '.join(allowed)}")
        return self._routes[method, request.path](request, fields)

    def _samples(self, request: Request, fields: Fields) -> Response:
        body, sha256 = read_body(request.stream)
        given = claimed(request.headers.get("Authorization"))
        ingest = self._ingest()
        read = _read(request, body)
        # Who sends it is answered first, but looked up together with what it brings: that saves a round trip.
        sender = ingest.sender(given, sha256, None if isinstance(read, Refused) else read[0])
        fields |= {"device_id": sender.device.device_id, "bytes": len(body)}
        if isinstance(read, Refused):
            raise read
        sample, face = read
        new = ingest.take(sender, sample, face)
        fields["event"] = sample.id
        return _json({"id": sample.id}, 201 if new else 200)

    def _device(self, request: Request, fields: Fields) -> Response:
        _, sha256 = read_body(request.stream)
        given = claimed(request.headers.get("Authorization"))
        ingest = self._ingest()
        sender = ingest.sender(given, sha256)
        fields["device_id"] = sender.device.device_id
        ingest.spend(sender.use)
        return _json(known_of(sender.device, ingest.now()), 200)

    def _health(self, request: Request, fields: Fields) -> Response:
        del request, fields
        return _json({"status": "ok"}, 200)


def _read(request: Request, body: bytes) -> tuple[Sample, bytes | None] | Refused:
    try:
        if request.headers.get("Content-Encoding", "identity") != "identity":
            return Refused(problems.MEDIA, "send it without Content-Encoding")
        parts = multipart.split(request.headers.get("Content-Type"), body)
        return read_sample(parts.event), parts.face
    except Refused as refused:
        return refused


def _json(content: dict[str, Any], status: int, media_type: str = "application/json") -> Response:
    response = Response(json.dumps(content) + "\n", status, mimetype=media_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _problem(refused: Refused) -> Response:
    more = {**refused.more, "trace": current_trace()}
    if refused.problem.status == UNAUTHORIZED:  # so that a device whose clock is off can tell by how much
        more["server_time"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    response = _json(refused.problem.to_dict(refused.detail, more), refused.problem.status, MEDIA_TYPE)
    if refused.problem.status == UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="howsitgoing"'
    if refused.problem is problems.METHOD:
        response.headers["Allow"] = refused.detail.removeprefix("only ")
    if refused.retry_after_s is not None:
        response.headers["Retry-After"] = str(refused.retry_after_s)
    return response
