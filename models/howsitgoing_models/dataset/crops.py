"""Crops out of Storage: many at once, each tried again by urllib3, and looked at before it is believed."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from urllib.parse import quote

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_models.dataset.reasons import LeftOut, Reason
from howsitgoing_models.dataset.row import Row
from howsitgoing_models.errors import DataError, UnreachableError

EMULATOR: Final = "STORAGE_EMULATOR_HOST"
_AT_ONCE: Final = 16
_AT_ONCE_EMULATOR: Final = 3
"""It has a queue of five connections; whoever comes sixth waits a second"""
_TRIES: Final = 6
_AGAIN: Final = (408, 429, 500, 502, 503, 504)
_GONE: Final = 404
_LARGEST_BYTES: Final = 2_000_000
_LARGEST_SIDE: Final = 1024
"""Of the contract; a small file may claim to be a picture of gigabytes"""

Item = TypeVar("Item")
Done = TypeVar("Done")


class Crops:
    """Storage's JSON API; one for each worker."""

    def __init__(self, tries: int = _TRIES) -> None:
        """Finds the project's identity, or that of nobody where an emulator is named."""
        import urllib3

        retry = urllib3.Retry(tries, backoff_factor=0.2, backoff_jitter=0.2, status_forcelist=_AGAIN, raise_on_status=False)
        emulator = os.environ.get(EMULATOR)
        at_once = _AT_ONCE_EMULATOR if emulator else _AT_ONCE
        pool = urllib3.PoolManager(maxsize=at_once, retries=retry, timeout=urllib3.Timeout(10, read=30))
        self._url = (emulator or "https://storage.googleapis.com").rstrip("/")
        self._http: Any = pool if emulator else _authorized(pool)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="crops")

    def each(self, work: Callable[[Item], Done], items: Iterable[Item]) -> Iterator[Done]:
        """``work`` of each item in their order, several at once; begins while ``items`` are still coming."""
        return self._threads.map(work, items)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)

    def get(self, where: Mapping[str, Any]) -> bytes | None:
        """The content of ``{bucket, path}``; None: it is not there.

        Raises:
            DataError: Storage refuses, or cannot be reached after several tries.
        """
        import google.auth.exceptions
        import urllib3

        url = f"{self._url}/storage/v1/b/{quote(where['bucket'], safe='')}/o/{quote(where['path'], safe='')}?alt=media"
        try:
            answer = self._http.request("GET", url)
        except (urllib3.exceptions.HTTPError, google.auth.exceptions.GoogleAuthError) as error:
            raise UnreachableError(
                f"Storage cannot be reached ({type(error).__name__}); the same command again goes on"
            ) from error
        if answer.status == _GONE:
            return None
        if answer.status != 200:  # noqa: PLR2004  OK
            raise DataError(
                f"Storage answers {answer.status} for bucket {where['bucket']}: may this account read it? "
                "The same command again goes on"
            )
        return bytes(answer.data)


def read(row: Row, jpeg: bytes | None) -> tuple[bytes, npt.NDArray[np.uint8]]:
    """The crop, and its (H, W) gray pixels.

    Raises:
        LeftOut: it is missing, no usable JPEG, or not the one that the document means.
    """
    if jpeg is None:
        raise LeftOut(Reason.CROP_MISSING)
    if hashlib.sha256(jpeg).hexdigest() != row["sha256"]:
        raise LeftOut(Reason.CROP_DIFFERS, f"{len(jpeg)} bytes of another SHA-256")
    side = _longer_side(jpeg)
    if len(jpeg) > _LARGEST_BYTES or side > _LARGEST_SIDE:
        raise LeftOut(Reason.CROP_BROKEN, f"{side} pixels, {len(jpeg)} bytes: too large for a crop")
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise LeftOut(Reason.CROP_BROKEN, "it cannot be decoded")
    return jpeg, np.asarray(image, np.uint8)


def _longer_side(jpeg: bytes) -> int:
    """By the header alone."""
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            return max(image.size)
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise LeftOut(Reason.CROP_BROKEN, "no JPEG") from error


def _authorized(pool: Any) -> Any:  # noqa: ANN401  google's clients carry no types
    import google.auth
    import google.auth.exceptions
    from google.auth.transport.urllib3 import AuthorizedHttp

    try:
        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/devstorage.read_only"])
    except google.auth.exceptions.DefaultCredentialsError as error:
        raise DataError("no Google account is known here: gcloud auth application-default login") from error
    return AuthorizedHttp(credentials, http=pool)
