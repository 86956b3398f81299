"""The cloud's functions as the device calls them: one request, one `Answer`, whatever happens on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import httpx

from howsitgoing_edge.cloud.answers import Answer, Verdict, judge

if TYPE_CHECKING:
    from howsitgoing_edge.contract import Sample

TIMEOUT: Final = 20.0
"""Seconds for each step of a request"""
_PATIENCE: Final = 3.0
"""How many times that a whole answer may take"""
_LARGEST: Final = 65_536
"""Bytes of an answer that are read"""


_Parts = dict[str, tuple[str | None, bytes, str]]
"""Name -> file name, content, content type"""


class CloudClient:
    """Used by one thread."""

    def __init__(
        self, url: str, device_id: str, auth: httpx.Auth, *, timeout: float = TIMEOUT, clock: Callable[[], float] = time.time
    ) -> None:
        """Connects at the first request, and then keeps the connection."""
        self._url = url
        self._device_id = device_id
        self._timeout = timeout
        self._clock = clock
        self._http = httpx.Client(auth=auth, timeout=timeout, headers={"User-Agent": "howsitgoing-edge"})

    def send(self, sample: Sample, face: bytes | None) -> Answer:
        """Hand ``sample`` over, with its JPEG."""
        parts: _Parts = {"event": (None, sample.to_json().encode(), "application/json")}
        if face is not None:
            parts["face"] = ("face.jpg", face, "image/jpeg")
        answer = self._ask("POST", "/v1/samples", parts)
        stranger = answer.verdict is Verdict.STORED and (answer.content or {}).get("id") != sample.id
        if stranger:
            return Answer(Verdict.HELD, f"{self._url} answers, but not as How's it going? does: check cloud.url")
        return answer

    def device(self) -> Answer:
        """What the cloud knows of this device; STORED: it lets us in."""
        return self._ask("GET", "/v1/device", None)

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def _ask(self, method: str, path: str, files: _Parts | None) -> Answer:
        deadline = time.monotonic() + self._timeout * _PATIENCE
        try:
            with self._http.stream(method, self._url + path, files=files) as response:
                body = b""
                for piece in response.iter_bytes(4096):
                    body += piece
                    if len(body) > _LARGEST or time.monotonic() > deadline:
                        return Answer(Verdict.LATER, f"{self._url} does not come to an end with its answer: tried again later")
        except httpx.HTTPError as error:
            return Answer(Verdict.LATER, f"{self._url} cannot be reached ({_cause(error)}): tried again later")
        status, headers = response.status_code, response.headers
        return judge(status, headers, body, url=self._url, device_id=self._device_id, now=self._clock())


def _cause(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return " ".join(str(error).split())[:120] or type(error).__name__
