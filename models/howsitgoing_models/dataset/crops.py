"""Crops out of Storage: many at once, each looked at before it is believed.

They come by Arrow's file system, Google's own C++ client: it tries again by itself, and leaves Python's lock to others.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

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
_LARGEST_BYTES: Final = 2_000_000
_LARGEST_SIDE: Final = 1024
"""Of the contract; a small file may claim to be a picture of gigabytes"""

Item = TypeVar("Item")
Done = TypeVar("Done")


class Crops:
    """Storage, for one worker."""

    def __init__(self, patience_s: float) -> None:
        """Finds the project's identity, or that of nobody where an emulator is named.

        Args:
            patience_s: seconds for which a picture is tried again while Storage is overloaded or cannot be reached.
        """
        from pyarrow.fs import GcsFileSystem

        emulator = os.environ.get(EMULATOR)
        options: dict[str, Any] = {"retry_time_limit": timedelta(seconds=patience_s)}
        if emulator:
            where = urlsplit(emulator)
            options |= {"anonymous": True, "scheme": where.scheme, "endpoint_override": where.netloc}
        self._files = GcsFileSystem(**options)
        self._threads = ThreadPoolExecutor(_AT_ONCE_EMULATOR if emulator else _AT_ONCE, thread_name_prefix="crops")

    def each(self, work: Callable[[Item], Done], items: Iterable[Item]) -> Iterator[Done]:
        """``work`` of each item in their order, several at once; begins while ``items`` are still coming."""
        return self._threads.map(work, items)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)

    def get(self, where: Mapping[str, Any]) -> bytes | None:
        """The content of ``{bucket, path}``; None: it is not there.

        Raises:
            DataError: Storage refuses.
            UnreachableError: it could not be reached all the time.
        """
        from pyarrow import ArrowInvalid

        name = f"{where['bucket']}/{where['path']}"
        if not all(name.split("/")):  # Arrow takes no such name, and nobody gave a crop one
            return None
        try:
            with self._files.open_input_stream(name) as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            return None
        except (PermissionError, ArrowInvalid) as error:
            raise DataError(
                f"Storage refuses bucket {where['bucket']}: may this account read it? {_told(error)}; "
                "the same command again goes on"
            ) from error
        except OSError as error:
            raise UnreachableError(f"Storage cannot be reached: {_told(error)}; the same command again goes on") from error


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


def _told(error: Exception) -> str:
    """Google's own words, without what only its developers ask for."""
    return str(error).removeprefix("[Errno 13] ").removeprefix("google::cloud::Status(").partition(" error_info=")[0][:200]
