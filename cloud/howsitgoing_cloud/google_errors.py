"""Errors of Google's clients -> ours, told apart by what a second try would bring. The only place that knows them all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from google.api_core import exceptions as google
from google.api_core.retry import Retry, if_exception_type
from google.auth import exceptions as auth
from requests import exceptions as http

from howsitgoing_cloud.errors import PermanentError, QuotaError, TransientError

_QUOTA = (google.TooManyRequests,)  # ResourceExhausted is one
_TRANSIENT = (
    google.ServerError,
    google.Aborted,
    google.Cancelled,
    google.RetryError,
    auth.TransportError,
    http.ConnectionError,
    http.Timeout,
    http.ChunkedEncodingError,
    ConnectionError,
    TimeoutError,
)
"""DeadlineExceeded, ServiceUnavailable, InternalServerError and Unknown are ServerErrors."""
_PERMANENT = (google.GoogleAPIError, auth.GoogleAuthError, http.RequestException)

TIMEOUT_S: Final = 5.0
"""Of one try of a call to Firestore"""
AGAIN_S: Final = 5.0
AGAIN: Final = Retry(
    if_exception_type(google.ServiceUnavailable, google.InternalServerError, google.GatewayTimeout),
    initial=0.1,
    maximum=1.0,
    timeout=AGAIN_S,
)
"""For each call to Firestore: by itself its client would try for five minutes, and the device would long have given up."""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Around calls to ``what``, e.g. ``Firestore``.

    Raises:
        QuotaError: too much at once.
        TransientError: busy, out of reach, or it took too long.
        PermanentError: not allowed, not there, or a fault of ours.
    """
    try:
        yield
    except _QUOTA as error:
        raise QuotaError(f"{what}: too much at once", retry_after_s=10) from error
    except _TRANSIENT as error:
        raise TransientError(f"{what} cannot just now ({type(error).__name__})") from error
    except _PERMANENT as error:
        raise PermanentError(
            f"{what} refuses ({type(error).__name__}): look at the permissions and the project's name"
        ) from error
