"""What follows when a sample comes or goes: the CloudEvents of ``samples/{id}``, delivered at least once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from howsitgoing_cloud import documents
from howsitgoing_cloud.errors import PermanentError
from howsitgoing_cloud.logs import trace_of, traced
from howsitgoing_cloud.push import Push, sample_in
from howsitgoing_cloud.records import Crops
from howsitgoing_cloud.samples import event_of_crop

log = logging.getLogger(__name__)

TRACEPARENT: Final = "traceparent"


class Event(Protocol):
    """A CloudEvent."""

    @property
    def data(self) -> object:
        """As it came."""

    def get_attributes(self) -> Mapping[str, Any]:
        """Of the event, by their names without ``ce-``."""


def push_created(event: Event, push: Push) -> None:
    """A sample came: show it.

    Raises:
        TransientError: deliver it again.
    """

    def follow() -> dict[str, Any]:
        device_id, sample = sample_in(documents.created(event.data).content)
        return {"device_id": device_id, "event": sample.id, "shown": push(device_id, sample)}

    _handled(event, "push", follow)


def delete_crop(event: Event, crops: Crops) -> None:
    """A sample went: delete its crop.

    Raises:
        TransientError: deliver it again.
    """

    def follow() -> dict[str, Any]:
        change = documents.deleted(event.data)
        path = str((change.content.get("image") or {}).get("path", ""))
        ours = event_of_crop(path) == change.name
        return {"event": change.name, "deleted": ours and crops.delete(path)}

    _handled(event, "crop", follow)


def _handled(event: Event, what: str, follow: Callable[[], dict[str, Any]]) -> None:
    with traced(trace_of({TRACEPARENT: str(event.get_attributes().get(TRACEPARENT, ""))})):
        try:
            log.info(what, extra={"fields": follow()})
        except PermanentError as error:
            log.error(what, extra={"fields": {"cause": str(error)}})  # noqa: TRY400  to deliver it again would change nothing
