"""What each form holds, read back by the readers that people really use for it."""

from __future__ import annotations

import csv
import gc
import hashlib
import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from support.collected import crop, sample
from support.emulators import Emulators
from support.exports import MANY, make, rows

from howsitgoing_models.data.csv_file import load as load_fer2013
from howsitgoing_models.dataset.forms import FORMS
from howsitgoing_models.labels import EMOTIONS

leaky = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
"""Other people's readers leave files open"""
ROOT = Path(__file__).parents[2]
EXPECTED = {one.name: one for one in map(sample, range(MANY))}
READ_TENSORFLOW = """
import glob, hashlib, json, sys
import tensorflow as tf
found = {}
for record in tf.data.TFRecordDataset(sorted(glob.glob(sys.argv[1] + "/data/*.tfrecord-*"))):
    features = tf.train.Example.FromString(record.numpy()).features.feature
    picture = features["image/encoded"].bytes_list.value[0]
    label = features["label"].bytes_list.value[0].decode() if "label" in features else None
    shape = tf.io.decode_jpeg(picture).shape.as_list()
    votes = features["votes_neutral"].int64_list.value[0]
    found[features["id"].bytes_list.value[0].decode()] = [hashlib.sha256(picture).hexdigest(), label, shape, votes]
print(json.dumps(found))
"""


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Hugging Face's libraries stay on this machine; what they leave open is closed before the next test."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    yield
    gc.collect()


def label_of(name: str) -> str | None:
    label: str | None = EXPECTED[name].content["label"]["value"]
    return label


def check(found: dict[str, tuple[bytes | str, str | None]]) -> None:
    """(picture or its SHA-256, label) of each id are what the cloud holds."""
    assert found.keys() == EXPECTED.keys()
    for name, (picture, label) in found.items():
        digest = picture if isinstance(picture, str) else hashlib.sha256(picture).hexdigest()
        assert digest == EXPECTED[name].content["image"]["sha256"]
        assert (label or None) == label_of(name)


def test_parquet_is_read_by_pyarrow_with_its_picture_embedded(filled: str, tmp_path: Path) -> None:
    """Whatever reads Parquet finds picture and fields; what is not known is null, not an empty word."""
    from pyarrow import parquet

    make(tmp_path / "out", filled)
    table = [row for path in sorted((tmp_path / "out/data").iterdir()) for row in parquet.read_table(path).to_pylist()]
    check({row["id"]: (row["image"]["bytes"], row["label"]) for row in table})
    assert {row["label"] for row in table if row["label_source"] == "none"} == {None}
    one = next(row for row in table if row["label_source"] == "reviewer" and row["label"] != "neutral")
    assert (one["votes_neutral"], one[f"votes_{one['label']}"], one["label_by"]) == (1, 1, "r1")
    assert one["image"]["path"] == f"{one['id']}.jpg"


@leaky
def test_hugging_faces_datasets_shows_the_pictures_of_parquet(filled: str, tmp_path: Path) -> None:
    """The Image feature stands in the file's own metadata; without it, people see bytes."""
    import datasets

    make(tmp_path / "out", filled)
    files = {split: str(tmp_path / f"out/data/{split}-*.parquet") for split in ("train", "validation", "test")}
    loaded: Any = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))
    assert sum(part.num_rows for part in loaded.values()) == MANY
    assert loaded["train"][0]["image"].size == (112, 112)
    assert set(loaded["test"]["split"]) == {"test"}


@leaky
def test_hugging_faces_imagefolder_finds_pictures_fields_and_splits(filled: str, tmp_path: Path) -> None:
    """It joins metadata.csv and files by name, and takes the splits from the folders."""
    import datasets

    make(tmp_path / "out", filled, form="imagefolder")
    loaded: Any = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "out/data"), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == {"train", "validation", "test"}
    found = {}
    for split, part in loaded.items():
        for row in part.cast_column("image", datasets.Image(decode=False)):
            assert row["split"] == split
            found[row["id"]] = (row["image"]["bytes"] or Path(row["image"]["path"]).read_bytes(), row["label"])
    check(found)


@leaky
def test_webdataset_is_read_by_its_own_library(filled: str, tmp_path: Path) -> None:
    """Picture and fields of one sample have to come together."""
    import webdataset

    make(tmp_path / "out", filled, form="webdataset")
    shards = sorted(map(str, (tmp_path / "out/data").glob("*.tar")))
    read = [(one["__key__"], one["jpg"], json.loads(one["json"])) for one in webdataset.WebDataset(shards, shardshuffle=False)]
    check({key: (picture, fields["label"]) for key, picture, fields in read})
    assert all(key == fields["id"] for key, _, fields in read)


def test_tensorflow_reads_tfrecord(filled: str, tmp_path: Path) -> None:
    """Written without TensorFlow; it checks the framing's checksums and the messages itself."""
    python = ROOT / ".venv-train/bin/python"
    if not python.exists():
        pytest.skip("TensorFlow is not installed: make test-train")
    make(tmp_path / "out", filled, form="tfrecord")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    words = [str(python), "-c", READ_TENSORFLOW, str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=True, env=environment)
    found: dict[str, list[Any]] = json.loads(done.stdout)
    check({name: (values[0], values[1]) for name, values in found.items()})
    assert {tuple(values[2]) for values in found.values()} == {(112, 112, 1)}
    assert sum(values[3] for values in found.values()) == sum(
        vote["value"] == "neutral" for one in EXPECTED.values() for vote in one.content.get("votes", {}).values()
    )


def test_fer2013_csv_is_read_as_fer2013(filled: str, tmp_path: Path) -> None:
    """FER2013 numbers emotions in another order than the contract; what has no label has no line, and is counted."""
    manifest = make(tmp_path / "out", filled, form="fer2013", shard_size=10_000)
    labelled = {name for name in EXPECTED if label_of(name)}
    assert manifest["left_out"] == {"no_place_in_form": MANY - len(labelled)}
    for path in sorted((tmp_path / "out/data").glob("train-*.csv")):
        data = load_fer2013(path)
        lines = list(csv.DictReader(io.StringIO(path.read_text())))
        assert {line["id"] for line in lines} < labelled
        assert [EMOTIONS[number] for number in data.faces.targets.fer2013] == [label_of(line["id"]) for line in lines]
        first = PIL.Image.open(io.BytesIO(EXPECTED[lines[0]["id"]].jpeg or b"")).convert("L").resize((48, 48))
        assert np.corrcoef(np.asarray(first).ravel(), data.faces.images[0].ravel())[0, 1] > 0.95


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_back_what_was_put_in(filled: str, tmp_path: Path, form: str) -> None:
    """Erasing rewrites shards by reading them: a field that got lost on the way would be gone for good."""
    make(tmp_path / "out", filled, form=form)
    make(tmp_path / "parquet", filled)
    kept, expected = rows(tmp_path / "out"), rows(tmp_path / "parquet")
    for name, row in kept.items():
        for field, value in row.items():
            if field not in {"jpeg", "pixels"}:
                assert value == pytest.approx(expected[name][field], abs=1e-6), field


def test_the_card_and_its_pictures_say_what_is_in_it(filled: str, tmp_path: Path, cloud: Emulators) -> None:
    """Whoever finds the folder in a year has nothing but this."""
    manifest = make(tmp_path / "out", filled)
    text = (tmp_path / "out/DATASET.md").read_text()
    assert f"# Dataset: {MANY} faces" in text
    assert f"| none | {MANY // 2} |" in text
    for name in ("class-balance", "label-sources", "time-span", "sizes"):
        assert f"pictures/{name}.png" in text
        with PIL.Image.open(tmp_path / f"out/pictures/{name}.png") as picture:
            assert picture.size[0] >= 400
    assert manifest["summary"]["label_sources"] == {"none": MANY // 2, "reviewer": MANY // 4, "wearer": MANY // 4}
    assert cloud.firestore_server.host not in text
    assert str(tmp_path) not in (tmp_path / "out/manifest.json").read_text() + text


def test_crops_of_the_tests_are_of_the_size_that_devices_send() -> None:
    """Benchmarks and tests speak of 4 kB crops."""
    sizes = [len(crop(seed)) for seed in range(20)]
    assert 3500 < np.mean(sizes) < 5000
