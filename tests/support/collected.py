"""What a cloud has collected, for tests of the export: documents as the functions write them, and crops, in the emulators."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import cv2
import numpy as np
import pytest
import urllib3
from support.emulators import BUCKET, PROJECT, Emulators

from howsitgoing_cloud._contract import EMOTIONS, Consent, FacePicture, Model, Sample
from howsitgoing_cloud.samples import document

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
RETENTION = timedelta(days=36500)
_BATCH = 400


def crop(seed: int, side: int = 112, quality: int = 92) -> bytes:
    """A JPEG of about 4 kB that looks like no other seed's."""
    noise = np.random.default_rng(seed).integers(0, 256, (9, 9)).astype(np.uint8)
    image = cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed + 1).integers(0, 14, (side, side)).astype(np.uint8)
    return cv2.imencode(".jpg", cv2.add(image, grain), [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def uuid7(number: int, kind: int = 0) -> str:
    """A UUIDv7 that follows from ``number``: one a second since `BEGIN`."""
    time = int(BEGIN.timestamp() * 1000) + number * 1000
    tail = hashlib.sha256(f"{kind}/{number}".encode()).hexdigest()
    return f"{time >> 16:08x}-{time & 0xFFFF:04x}-7{tail[:3]}-8{tail[3:6]}-{tail[6:18]}"


@dataclass(frozen=True)
class Collected:
    """One sample, as it lies in the cloud."""

    name: str
    content: dict[str, Any]
    jpeg: bytes | None

    def but(self, **changed: Any) -> Collected:  # noqa: ANN401  whatever a document holds
        """Another content; ``event__schema=2`` reaches into maps."""
        content = {name: dict(value) if isinstance(value, dict) else value for name, value in self.content.items()}
        for path, value in changed.items():
            *way, last = path.split("__")
            inner = content
            for step in way:
                inner = inner[step]
            inner[last] = value
        return replace(self, content=content)

    def without(self, name: str) -> Collected:
        """One field less."""
        return replace(self, content={key: value for key, value in self.content.items() if key != name})


def sample(number: int, *, jpeg: bytes | None = None, moods_only: bool = False) -> Collected:
    """The sample of that number: one of 40 people, in one of their sessions, five pictures a track, labelled now and then."""
    person, session = number % 40, number // 400
    picture = None if moods_only else jpeg or crop(number)
    noticed = BEGIN + timedelta(seconds=number)
    emotion = EMOTIONS[number % 7]
    face = None if picture is None else FacePicture(hashlib.sha256(picture).hexdigest(), 112, 112)
    event = Sample(
        id=uuid7(number),
        reason=("change", "random", "unsure")[number % 3],
        previous="neutral",
        emotion=emotion,
        confidence=0.7,
        scores={name: 0.7 if name == emotion else 0.05 for name in EMOTIONS},
        changed_at=_text(noticed - timedelta(milliseconds=300)),
        noticed_at=_text(noticed),
        track=number // 200,
        session=uuid7(session, person),
        model=Model("emotion-1" if number % 5 else "emotion-2", "9f" * 32),
        consent=Consent("moods" if moods_only else "faces", None if moods_only else f"C-{person:03}"),
        readable=0.5 + number % 50 / 100,
        face=face,
    )
    content = document(event, f"hat-{person % 8}", BUCKET, noticed + timedelta(seconds=2), RETENTION)
    if number % 4 == 0:
        content["label"] = {"value": emotion, "source": "reviewer", "by": "r1", "at": noticed + timedelta(days=1)}
        content["votes"] = {"r1": {"value": emotion, "at": noticed}, "r2": {"value": "neutral", "at": noticed}}
    elif number % 4 == 1:
        content["label"] = {"value": "sad", "source": "wearer", "by": "wearer", "at": noticed}
    return Collected(event.id, content, picture)


def put(cloud: Emulators, samples: Iterable[Collected], project: str = PROJECT) -> None:
    """Store documents and crops; projects of the emulator know nothing of each other, the bucket is the same."""
    everything, client = list(samples), firestore_of(cloud, project)
    for start in range(0, len(everything), _BATCH):
        batch = client.batch()
        for one in everything[start : start + _BATCH]:
            batch.set(client.collection("samples").document(one.name), one.content)
        batch.commit()
    pool = urllib3.PoolManager(maxsize=4)

    def upload(one: Collected) -> None:
        name = quote(one.content["image"]["path"], safe="")
        url = f"{cloud.storage_server.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={name}"
        answer = pool.request("POST", url, body=one.jpeg, headers={"content-type": "image/jpeg"})
        assert answer.status == 200, answer.data

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upload, [one for one in everything if one.jpeg is not None]))


def firestore_of(cloud: Emulators, project: str) -> Any:  # noqa: ANN401  google's clients carry no types
    """A client of one project of the emulator."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import firestore

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", cloud.firestore_server.host)
        return firestore.Client(project=project, credentials=AnonymousCredentials())


def bury(cloud: Emulators, tombstones: Mapping[str, Any], project: str = PROJECT) -> None:
    """Erasures as the functions write them: ``{"C-001": None}`` a consent, ``{"hat-1": until}`` a device."""
    for value, until in tombstones.items():
        kind = "consent" if until is None else "device"
        content = {"kind": kind, "value": value, "until": until or datetime.now(UTC)}
        firestore_of(cloud, project).collection("erasures").document(f"{kind}:{value}").set(content)


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
