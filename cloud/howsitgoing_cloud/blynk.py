"""The carer's Blynk dashboard, by Blynk's Device HTTPS API. Tokens stand in its addresses: they never reach a log."""

from __future__ import annotations

import logging
import re
import ssl
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from howsitgoing_cloud.errors import CloudError, ConfigError, PermanentError, TransientError
from howsitgoing_cloud.pace import Pace

SERVER: Final = "https://blynk.cloud"
LONGEST_DESCRIPTION: Final = 300
_API: Final = "/external/api"
_TIMEOUT: Final = httpx.Timeout(8.0, connect=4.0)
_TOKEN: Final = re.compile(r"token=[^\s\"']*")
_NEARBY: Final = {"localhost", "127.0.0.1", "::1"}
_PASSING: Final = {408, 425, 429}
_SERVER_ERRORS: Final = 500


class BlynkDashboard:
    """Implements `howsitgoing_cloud.ports.Dashboard`; for many threads."""

    def __init__(self, server: str = SERVER, *, verify: ssl.SSLContext | bool = True, pace: Pace | None = None) -> None:
        """Connects at the first call.

        Args:
            server: address of Blynk's server, best of the account's own region, e.g. ``https://fra1.blynk.cloud``.
            verify: whom to trust.
            pace: how often.

        Raises:
            ConfigError: no address, or one that would send tokens unencrypted through a network.
        """
        self._server = _checked(server)
        self._verify = verify
        self._pace = pace or Pace()
        _keep_tokens_out_of_logs()

    def push(self, token: str, values: dict[str, object]) -> None:
        """Show ``values``, all in one message; nothing is sent if another call has newer ones by the time it is our turn.

        Raises:
            TransientError: try again later.
            PermanentError: the token or the template is wrong; the message says what to do.
        """
        if self._pace.my_turn(token):
            self._call(token, "batch/update", {name: str(value) for name, value in values.items()})

    def log_event(self, token: str, code: str, description: str) -> None:
        """Tell the carer at once. Raises as `push`."""
        self._call(token, "logEvent", {"code": code, "description": description[:LONGEST_DESCRIPTION]})

    def get(self, token: str, pin: str) -> str:
        """The value of one datastream; empty if it has none. Raises as `push`."""
        return self._call(token, "get", {pin: ""}).strip()

    def is_connected(self, token: str) -> bool:
        """Whether the device itself is connected to Blynk. Raises as `push`."""
        return self._call(token, "isHardwareConnected", {}) == "true"

    def close(self) -> None:
        """Break the connections."""
        self._client.close()

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._server + _API, timeout=_TIMEOUT, verify=self._verify, follow_redirects=False)

    def _call(self, token: str, name: str, parameters: dict[str, Any]) -> str:
        try:
            answer = self._client.get(f"/{name}", params={"token": token, **parameters})
        except httpx.InvalidURL:
            raise PermanentError("that is no token of Blynk's") from None
        except httpx.HTTPError as error:
            raise _unreachable(error, self._server) from None  # the error knows the address, and with it the token
        if answer.is_success:
            return answer.text
        raise _refusal(answer, self._server)


def _unreachable(error: httpx.HTTPError, server: str) -> CloudError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return PermanentError(f"{server} shows a certificate that cannot be trusted; check the address")
    return TransientError(f"{server} does not answer ({type(error).__name__})")


def _refusal(answer: httpx.Response, server: str) -> CloudError:
    said = _message(answer)
    if answer.status_code >= _SERVER_ERRORS or answer.status_code in _PASSING:
        after = answer.headers.get("Retry-After", "")
        return TransientError(f"{server} cannot do it now ({answer.status_code})", int(after) if after.isdecimal() else None)
    if "token" in said.lower():
        return PermanentError(
            f"{server} refuses the token: copy it again from Device Info in Blynk's console, and check that the server is "
            "the region shown there"
        )
    return PermanentError(
        f"{server} refuses what we send ({answer.status_code}: {said}); compare the template with docs/blynk.md"
    )


def _message(answer: httpx.Response) -> str:
    try:
        said = str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        said = answer.text
    return masked(said)[:200]


def _checked(server: str) -> str:
    parts = urlsplit(server)
    plain = parts.scheme == "http" and parts.hostname in _NEARBY
    if not parts.hostname or not (plain or parts.scheme == "https") or parts.path.strip("/") or parts.query or parts.username:
        raise ConfigError(f"the Blynk server {masked(server)[:60]!r} must be like {SERVER}, with https and no path")
    return server.rstrip("/")


def masked(text: str) -> str:
    """``text`` with the tokens in addresses blotted out, and what follows them: how a face looked."""
    return _TOKEN.sub("token=…", text)


class _Mask(logging.Filter):
    """httpx logs each address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep it, masked."""
        message = record.getMessage()
        if "token=" in message:
            record.msg, record.args = masked(message), ()
        return True


_MASK: Final = _Mask()


def _keep_tokens_out_of_logs() -> None:
    for name in ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
        logging.getLogger(name).addFilter(_MASK)  # the same one: at most once
