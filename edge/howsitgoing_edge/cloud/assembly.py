"""Joins the parts of the uplink; what is heavy is loaded here, and only where something is shared."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING

from howsitgoing_edge.cloud.contents import contents, samples
from howsitgoing_edge.cloud.outbox import FILE_NAME
from howsitgoing_edge.cloud.sharing import sharing
from howsitgoing_edge.cloud.store import Store
from howsitgoing_edge.cloud.uplink import Hands, Uplink
from howsitgoing_edge.errors import IdentityError, StorageError, UplinkError

if TYPE_CHECKING:
    from pathlib import Path

    from howsitgoing_edge.cloud.client import CloudClient
    from howsitgoing_edge.settings import CloudSettings

log = logging.getLogger(__name__)


def make_uplink(settings: CloudSettings, folder: Path, device_id: str, hands: Hands) -> Uplink | None:
    """The uplink, not started yet; None: nothing is shared.

    Raises:
        UplinkError: packages are missing.
        IdentityError: there is no key, or it cannot be used.
    """
    agreed = sharing(settings, folder)
    if agreed is None:
        _mention_what_waits(folder)
        return None
    return Uplink(settings, agreed, folder, make_client(settings, folder, device_id), hands)


def make_client(settings: CloudSettings, folder: Path, device_id: str) -> CloudClient:
    """What calls the cloud in this device's name. Raises as `make_uplink`."""
    need_packages()
    from howsitgoing_edge.cloud.client import CloudClient
    from howsitgoing_edge.cloud.identity import load_key
    from howsitgoing_edge.cloud.tokens import DeviceAuth

    if settings.url is None:
        raise UplinkError("cloud.url is not set: 'howsitgoing cloud join URL' does")
    key = load_key(folder)
    if key is None:
        raise IdentityError(f"there is no key of this device in {folder}: 'howsitgoing cloud join' makes one")
    return CloudClient(settings.url, device_id, DeviceAuth(device_id, settings.audience or settings.url, key))


def need_packages() -> None:
    """Raises UplinkError where the extra ``cloud`` is not installed."""
    try:
        import cryptography
        import httpx
        import jwt
    except ImportError as error:
        raise UplinkError(
            f"nothing can be sent to the cloud, since {error.name} is not installed: pip install 'howsitgoing[cloud]'"
        ) from error
    del cryptography, httpx, jwt


def _mention_what_waits(folder: Path) -> None:
    file = folder / FILE_NAME
    if not file.exists():
        return
    try:
        with closing(Store(file)) as store:
            found = contents(store)
    except StorageError as error:
        log.warning("%s", error)
        return
    if found.waiting + found.refused:
        count = samples(found.waiting + found.refused)
        log.info("still on this device for the cloud: %s; 'howsitgoing cloud erase-waiting' erases them", count)
