"""What is wrong in the cloud, on the disk or in between: counted, named, and never the end of everything else."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import cv2
import numpy as np
import pytest
import urllib3
from support.collected import BEGIN, Collected, crop, firestore_of, put, sample, uuid7
from support.emulators import Emulators
from support.exports import COMMAND, make, rows

from howsitgoing_models.dataset.manifest import read
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.errors import DataError

Fill = Callable[[Iterable[Collected]], str]
HUGE = cv2.imencode(".jpg", np.zeros((1500, 1500), np.uint8))[1].tobytes()

BROKEN = {
    "of the schema before": ({"event__schema": 0}, "unknown_schema"),
    "of a schema to come": ({"event__schema": 2}, "unknown_schema"),
    "no event at all": ({"event": None}, "broken_document"),
    "label outside the list": ({"label__value": "bored", "label__source": "reviewer"}, "unknown_label"),
    "label of a source unknown": ({"label__value": "sad", "label__source": "model"}, "unknown_label"),
    "label without a source": ({"label__value": "sad"}, "unknown_label"),
    "vote outside the list": ({"votes": {"r1": {"value": "bored", "at": BEGIN}}}, "unknown_label"),
    "a share above one": ({"event__confidence": 1.5}, "broken_document"),
    "a time without offset": ({"event__noticed_at": "2026-01-05T09:00:00"}, "broken_document"),
    "received never": ({"received_at": None}, "broken_document"),
    "an id that is a path": ({"event__id": "../../etc/passwd"}, "id_differs"),
    "a picture that is not there": ({"image__path": "faces/nowhere.jpg"}, "crop_missing"),
    "another picture": ({"image__sha256": "0" * 64}, "crop_differs"),
    "a picture's hash in capitals": ({"image__sha256": "A" * 64}, "broken_document"),
}


@pytest.fixture(scope="module")
def bad(cloud: Emulators) -> dict[str, Collected]:
    """One document of each kind, in a project with one good one."""
    samples = {what: sample(2 + 4 * place).but(**changed) for place, (what, (changed, _)) in enumerate(BROKEN.items())}
    samples["a picture that is not there"] = replace(samples["a picture that is not there"], jpeg=None)
    put(cloud, [sample(100), *samples.values()], "demo-bad")
    return samples


def left_out(folder: Path) -> dict[str, str]:
    """Document -> reason, of left-out.csv."""
    return {row["document"]: row["reason"] for row in csv.DictReader(io.StringIO((folder / "left-out.csv").read_text()))}


def test_what_is_wrong_is_counted_and_named_and_the_rest_comes_out(bad: dict[str, Collected], tmp_path: Path) -> None:
    """One bad document among a million must neither stop the export nor disappear in silence."""
    manifest = make(tmp_path / "out", "demo-bad")
    assert list(rows(tmp_path / "out")) == [sample(100).name]
    assert left_out(tmp_path / "out") == {bad[what].name: reason for what, (_, reason) in BROKEN.items()}
    assert sum(manifest["left_out"].values()) == len(BROKEN)
    assert manifest["documents"] == len(BROKEN) + 1


PICTURES = {
    "empty": b"",
    "text": b"not a picture",
    "cut": crop(5)[:40],
    "png": cv2.imencode(".png", np.zeros((64, 64), np.uint8))[1].tobytes(),
    "a bomb": HUGE,
}


def test_crops_that_are_no_usable_jpegs_are_left_out(fill: Fill, tmp_path: Path) -> None:
    """Storage keeps whatever bytes somebody put there; the hash fits, and it is still no face."""
    samples = [
        sample(place * 4 + 2, jpeg=content or None).but(image__sha256=hashlib.sha256(content).hexdigest())
        for place, content in enumerate(PICTURES.values())
        if content
    ]
    make(tmp_path / "out", fill([sample(100), *samples]))
    assert left_out(tmp_path / "out") == {one.name: "crop_broken" for one in samples}


def test_a_copy_under_another_name_is_no_second_sample(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """Somebody restores a backup beside the original: the same id twice."""
    project = fill([sample(1), sample(2)])
    firestore_of(cloud, project).document(f"samples/{uuid7(7)}").set(sample(1).content)
    firestore_of(cloud, project).document(f"archive/old/samples/{sample(2).name}").set(sample(2).content)
    make(tmp_path / "out", project)
    assert set(rows(tmp_path / "out")) == {sample(1).name, sample(2).name}
    assert left_out(tmp_path / "out") == {uuid7(7): "id_differs"}


def test_samples_without_a_picture_are_counted(fill: Fill, tmp_path: Path) -> None:
    """Who shared moods alone is in the cloud, but not in a dataset of faces."""
    manifest = make(tmp_path / "out", fill([sample(1), sample(2, moods_only=True)]))
    assert (manifest["samples"], manifest["left_out"]) == (1, {"no_picture": 1})


def test_a_clock_that_jumped_is_counted_and_filters_go_by_the_clouds(fill: Fill, tmp_path: Path) -> None:
    """A hat without a battery for its clock begins in the past; its pictures are as good as others."""
    late = (BEGIN + timedelta(days=400)).isoformat()
    jumped = sample(2).but(event__noticed_at=late), sample(6).but(event__changed_at="1999-01-01T00:00:00Z")
    manifest = make(tmp_path / "out", fill([*jumped, sample(10)]))
    assert (manifest["samples"], manifest["warnings"]) == (3, {"clock_jumped": 2})


def test_no_documents_at_all_are_an_empty_export(tmp_path: Path) -> None:
    """A new project, or a mistyped one: both are told by the numbers."""
    manifest = make(tmp_path / "out", "demo-nothing")
    assert (manifest["documents"], manifest["samples"], manifest["files"]) == (0, 0, [])
    assert read(Place(str(tmp_path / "out"))) == manifest


def test_a_folder_that_holds_an_export_is_left_alone(filled: str, fill: Fill, tmp_path: Path) -> None:
    """The older one may be the only copy."""
    make(tmp_path / "out", filled)
    before = (tmp_path / "out/manifest.json").read_bytes()
    with pytest.raises(DataError, match="is there already: name another folder, or --since-last"):
        make(tmp_path / "out", fill([sample(1)]))
    assert (tmp_path / "out/manifest.json").read_bytes() == before
    (tmp_path / "other.incomplete").mkdir()
    (tmp_path / "other.incomplete/thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="holds something else"):
        make(tmp_path / "other", filled)


def test_an_interrupted_export_of_other_settings_is_not_mixed_with_this(filled: str, tmp_path: Path) -> None:
    """Half of one filter and half of another would look whole."""
    from howsitgoing_models.dataset.export import PLAN, How, _made
    from howsitgoing_models.dataset.request import Request, Source

    plan = _made(Request(Source("demo-other")), How(), None)
    Place(str(tmp_path / "out.incomplete")).put(PLAN, plan.to_json().encode())
    with pytest.raises(DataError, match="an interrupted export of other settings"):
        make(tmp_path / "out", filled)


def test_a_full_disk_is_one_line_and_leaves_nothing_that_looks_whole(filled: str, tmp_path: Path) -> None:
    """A file system of 700 kB: there is room for half of the crops."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = [*COMMAND, "--project", filled, "--out", str(disk / "out"), "--per-track", "1000"]
    look = 'ls "$0"; find "$0" -name manifest.json -o -name "*.part"'
    script = f'mount -t tmpfs -o size=700k none "$0" && "$@"; code=$?; {look}; exit $code'
    inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, str(disk), *words]
    try:
        subprocess.run([*inside[:3], "true"], check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no user namespaces here: sysctl kernel.unprivileged_userns_clone=1 (as root)")
    done = subprocess.run(inside, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1
    assert "is full: make room, then give the same command again" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout.split() == ["out.incomplete"]


class _Moody(BaseHTTPRequestHandler):
    """Storage on a bad day: each object's first requests fail; in front of the emulator."""

    behind: ClassVar[str]
    status: ClassVar[int]
    times: ClassVar[int]
    seen: ClassVar[dict[str, int]]

    def do_GET(self) -> None:
        """As the JSON API answers."""
        self.seen[self.path] = self.seen.get(self.path, 0) + 1
        failing = self.seen[self.path] <= self.times
        answer = urllib3.request("GET", self.behind + self.path)
        content = b"" if failing else answer.data
        self.send_response(self.status if failing else answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def moody(cloud: Emulators, status: int = 503, times: int = 2) -> Iterator[str]:
    """Its address."""
    fields = {"behind": cloud.storage_server.url, "status": status, "times": times, "seen": {}}
    handler = type("Handler", (_Moody,), fields)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_storage_on_a_bad_day_costs_time_and_no_sample(
    fill: Fill, cloud: Emulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 503 is no missing crop: among a million there are always some."""
    project = fill(sample(number) for number in range(6))
    with moody(cloud) as address:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        manifest = make(tmp_path / "out", project)
    assert (manifest["samples"], manifest["left_out"]) == (6, {})


@pytest.mark.parametrize("status", [400, 401, 403])
def test_storage_that_refuses_stops_the_export_and_says_so(
    fill: Fill, cloud: Emulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """A missing role is no missing crop."""
    project = fill([sample(1)])
    with moody(cloud, status, times=1000) as address:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        with pytest.raises(DataError, match=r"^Storage refuses bucket .*: may this account read it\?"):
            make(tmp_path / "out", project)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("path", "faces//a.jpg"),
        ("path", "/faces/a.jpg"),
        ("path", "faces/a.jpg/"),
        ("path", "faces/a?b#c%2F.jpg"),
        ("bucket", "gs://faces"),
        ("bucket", "nobodys"),
    ],
)
def test_a_name_that_no_crop_has_is_a_missing_crop(fill: Fill, tmp_path: Path, field: str, name: str) -> None:
    """One such document must not stop all others."""
    strange = replace(sample(1).but(**{f"image__{field}": name}), jpeg=None)
    manifest = make(tmp_path / "out", fill([strange, sample(2)]))
    assert (manifest["samples"], manifest["left_out"]) == (1, {"crop_missing": 1})


def test_storage_out_of_reach_stops_the_export_and_says_so(fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise an outage would be an export without pictures."""
    from howsitgoing_models.dataset import pipeline

    monkeypatch.setattr(pipeline, "PATIENCE_S", 1)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    with pytest.raises(DataError, match=r"^Storage cannot be reached: .*Could not connect.*; the same command again goes on$"):
        make(tmp_path / "out", fill([sample(1)]))
    assert not (tmp_path / "out").exists()
