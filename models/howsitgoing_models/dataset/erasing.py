"""Brings an export up to date: what was erased in the cloud, or has expired, goes from its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from howsitgoing_models.dataset import card, shards
from howsitgoing_models.dataset import manifest as manifests
from howsitgoing_models.dataset.choose import erased
from howsitgoing_models.dataset.documents import moment
from howsitgoing_models.dataset.firestore import Collection
from howsitgoing_models.dataset.forms import FORMS, Form
from howsitgoing_models.dataset.manifest import UNDER_WAY, Manifest
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.reasons import Reason
from howsitgoing_models.dataset.request import Source

Gone = Callable[[Mapping[str, Any]], Reason | None]


@dataclass(frozen=True)
class Erased:
    """What went."""

    samples: int
    files: int


def bring_up_to_date(place: Place) -> Erased:
    """Ask Firestore what was erased, and erase it here, and what has expired; an interrupted run is taken up again.

    Raises:
        DataError: this is no export, a file of it is broken, or Firestore cannot be asked.
    """
    content = manifests.read(place, UNDER_WAY if place.exists(UNDER_WAY) else manifests.FILE)
    place.tidy()
    source = Source(**{key: content["source"][key] for key in ("project", "database", "collection", "erasures")})
    collection = Collection(source, None)
    try:
        devices, consents = collection.tombstones()
    finally:
        collection.close()
    now = moment(collection.read_time)

    def gone(row: Mapping[str, Any]) -> Reason | None:
        if erased(row, devices, consents):
            return Reason.ERASED
        return Reason.EXPIRED if moment(row["expires_at"]) <= now else None

    return erase(place, content, gone, collection.read_time)


def erase(place: Place, content: Manifest, gone: Gone, at: str) -> Erased:
    """Take all samples out for which ``gone`` gives a reason.

    Args:
        place: of the export.
        content: its manifest.
        gone: sees the rows of the indexes.
        at: when this was asked for; it is noted in the manifest.
    """
    form, interrupted = FORMS[content["form"]], place.exists(UNDER_WAY)
    leaving = {file["path"]: _leaving(place, file, gone) for file in content["files"]}
    touched = [file for file in content["files"] if interrupted or leaving[file["path"]]]
    if not touched:
        place.remove(UNDER_WAY)
        return Erased(0, 0)
    manifests.write(place, content, UNDER_WAY)
    place.remove(manifests.FILE)
    fresh = {file["path"]: _rewritten(place, form, file, leaving[file["path"]]) for file in touched}
    files = [fresh.get(file["path"], file) for file in content["files"]]
    whole = [file for file in files if file is not None]
    removed = content["samples"] - sum(file["samples"] for file in whole)
    expired = sum(reason is Reason.EXPIRED for reasons in leaving.values() for reason in reasons.values())
    left_out: Counter[str] = Counter(content["left_out"])
    left_out.update({Reason.ERASED.value: removed - expired, Reason.EXPIRED.value: expired})
    updated: Manifest = {
        **content,
        "samples": content["samples"] - removed,
        "left_out": {name: count for name, count in sorted(left_out.items()) if count},
        "summary": manifests.merged(file["summary"] for file in whole),
        "files": whole,
        "erasures": [*content["erasures"], {"at": at, "samples": removed}],
    }
    card.write(place, updated)
    manifests.write(place, updated)
    place.remove(UNDER_WAY)
    return Erased(removed, len(touched))


def _leaving(place: Place, file: Mapping[str, Any], gone: Gone) -> dict[str, Reason]:
    """Id -> why, of the samples of one shard that go; none where an interrupted run has already taken all."""
    if not place.exists(file["index"]["path"]):
        return {}
    rows = shards.get_index(place, file["index"]["path"])
    return {row["id"]: reason for row in rows if (reason := gone(row))}


def _rewritten(place: Place, form: Form, file: Mapping[str, Any], ids: Mapping[str, Reason]) -> dict[str, Any] | None:
    """The shard's new entry; None: nothing is left of it. The index goes last: an id in it is still looked for."""
    path, index = file["path"], file["index"]["path"]
    rows = list(form.without(place, path, ids.keys())) if place.exists(path) else []
    staying = [row for row in shards.get_index(place, index) if row["id"] not in ids] if place.exists(index) else []
    if not staying:
        place.remove(path)
        place.remove(index)
        return None
    shards.put_index(place, index, staying)
    return shards.described(place, path, index, file["split"], rows)
