"""The forms in which people really have these data sets, written small, read back, and broken on purpose."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.golden_faces import golden_faces

from howsitgoing_models.data.dataset import joined
from howsitgoing_models.data.sources import load
from howsitgoing_models.data.twins import near_twins
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.parameters import Data

RNG = np.random.default_rng(4)
VOTES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")


def crop(seed: int = 0) -> np.ndarray:
    """(48, 48) with structure, so that fingerprints differ."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6)).astype(np.uint8)
    return cv2.resize(noise, (48, 48), interpolation=cv2.INTER_CUBIC)


def picture(path: Path, image: np.ndarray | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), crop(len(str(path))) if image is None else image)


def write_csv(folder: Path, lines: list[tuple[int, str, str]], votes: list[list[int]] | None = None) -> Path:
    """fer2013.csv, and fer2013new.csv where there are votes."""
    path = folder / "fer2013.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("emotion", "pixels", "Usage"), *lines])
    if votes is not None:
        with (folder / "fer2013new.csv").open("w", newline="") as file:
            csv.writer(file).writerows(
                [("Usage", "Image name", *VOTES), *(("Training", f"fer{n}.png", *row) for n, row in enumerate(votes))]
            )
    return path


def pixels(seed: int = 0) -> str:
    return " ".join(map(str, crop(seed).ravel()))


def test_kaggles_csv_with_the_votes_beside_it(tmp_path: Path) -> None:
    """Emotion 4 is sad in FER2013's numbering; the votes say neutral; both are kept apart."""
    path = write_csv(
        tmp_path,
        [(4, pixels(1), "Training"), (3, pixels(2), "PublicTest")],
        [[8, 0, 0, 2, 0, 0, 0, 0, 0, 0], [0, 10, 0, 0, 0, 0, 0, 0, 0, 0]],
    )
    data = load([path])
    assert [EMOTIONS[n] for n in data.faces.targets.fer2013] == ["sad", "happy"]
    assert [EMOTIONS[n] for n in data.faces.targets.majority] == ["neutral", "happy"]
    assert data.split.tolist() == [0, 1]
    assert np.array_equal(data.faces.images[0], crop(1))


def test_kaggles_csv_without_votes_has_labels_alone(tmp_path: Path) -> None:
    """A label of FER2013 must not pose as what people see."""
    data = load([write_csv(tmp_path, [(0, pixels(), "Training")])])
    assert data.faces.targets.majority.tolist() == [-1]
    assert not data.faces.targets.crowd.any()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ((3, "1 2 3", "Training"), "line 2: 'pixels'"),
        ((9, pixels(), "Training"), "line 2: emotion '9'"),
        ((3, pixels(), "Sometimes"), "'Sometimes' is no split"),
    ],
    ids=["few pixels", "unknown emotion", "unknown split"],
)
def test_a_broken_line_is_named(tmp_path: Path, line: tuple[int, str, str], words: str) -> None:
    """Among 35,000 lines, "invalid value" helps nobody."""
    with pytest.raises(DataError, match=words):
        load([write_csv(tmp_path, [line])])


def test_votes_for_another_number_of_images_are_refused(tmp_path: Path) -> None:
    """They belong together line by line: one missing line would shift every label after it."""
    path = write_csv(tmp_path, [(0, pixels(), "Training")], [[10] + [0] * 9] * 2)
    with pytest.raises(DataError, match="2 lines of votes for 1 images"):
        load([path])


def test_kaggles_reupload_in_folders(tmp_path: Path) -> None:
    """train/ and test/, an emotion a folder, under any of the usual names."""
    picture(tmp_path / "train" / "happy" / "a.png")
    picture(tmp_path / "train" / "sadness" / "b.jpg")
    picture(tmp_path / "test" / "fearful" / "c.png")
    data = load([tmp_path])
    found = {(EMOTIONS[label], int(split)) for label, split in zip(data.faces.targets.fer2013, data.split, strict=True)}
    assert found == {("happy", 0), ("sad", 0), ("fear", 1)}
    assert (data.faces.targets.majority == -1).all()


def test_ckplus_itself(tmp_path: Path) -> None:
    """A sequence goes from neutral to its peak; contempt has no class here; the same person is on one side alone."""
    for subject, sequence, number in (("S005", "001", 3), ("S005", "002", 2), ("S010", "001", 7)):
        label = tmp_path / "Emotion" / subject / sequence / f"{subject}_{sequence}_00000006_emotion.txt"
        label.parent.mkdir(parents=True)
        label.write_text(f"   {number}.0000000e+00\n")
        for frame in range(1, 7):
            picture(tmp_path / "cohn-kanade-images" / subject / sequence / f"{subject}_{sequence}_{frame:08}.png")
    data = load([tmp_path])
    counts = {name: int((data.faces.targets.majority == place).sum()) for place, name in enumerate(EMOTIONS)}
    assert counts == {"angry": 0, "disgust": 3, "fear": 0, "happy": 0, "neutral": 3, "sad": 0, "surprise": 3}
    assert len(set(data.split[:5])) == 1


def test_ckplus_of_kaggles_reupload(tmp_path: Path) -> None:
    """Crops in folders named by emotion; the person stands in the file's name."""
    for number in (11, 12, 13):
        picture(tmp_path / "anger" / f"S010_004_000000{number}.png")
    picture(tmp_path / "contempt" / "S138_008_00000007.png")
    data = load([tmp_path])
    assert [EMOTIONS[n] for n in data.faces.targets.majority] == ["angry"] * 3
    assert len(set(data.split)) == 1


def test_kdef(tmp_path: Path) -> None:
    """AF01ANS: session A, female, person 1, angry, straight. Full profiles are left out; the sex is a group, never a label."""
    for name in ("AF01ANS.JPG", "BM02HAHL.JPG", "AM03SAFR.JPG"):
        picture(tmp_path / name[:4] / name)
    data = load([tmp_path])
    assert {EMOTIONS[n] for n in data.faces.targets.majority} == {"angry", "happy"}
    assert data.groups is not None
    assert sorted(data.groups) == ["men", "women"]


def test_the_face_is_found_in_a_large_picture(tmp_path: Path) -> None:
    """KDEF and CK+ come as portraits, not as crops: the crop must be the face and not the wall beside it."""
    face = golden_faces()[EMOTIONS.index("neutral")]
    wall = np.full((480, 640), 120, np.uint8)
    wall[120:360, 60:300] = cv2.resize(face, (240, 240), interpolation=cv2.INTER_CUBIC)
    picture(tmp_path / "AF01NES.JPG", wall)
    (found,) = load([tmp_path]).faces.images
    alike = [np.corrcoef(found.ravel(), other.ravel())[0, 1] for other in (face, wall[:48, -48:] + crop() // 8)]
    assert alike[0] > 0.5 > alike[1]


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n broken"], ids=["empty", "cut"])
def test_a_broken_picture_is_named(tmp_path: Path, content: bytes) -> None:
    """One bad file among thousands has to be found."""
    picture(tmp_path / "train" / "happy" / "good.png")
    (tmp_path / "train" / "happy" / "bad.png").write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.png is no readable picture"):
        load([tmp_path])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"not an archive"], ids=["empty", "cut", "other"])
def test_a_broken_npz_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    """Numpy raises five different errors for it."""
    path = tmp_path / "fer2013.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"not a usable fer2013\.npz"):
        load([path])


def test_an_npz_whose_arrays_do_not_fit_is_refused(tmp_path: Path) -> None:
    """One label fewer than images would shift nothing visibly and teach nonsense."""
    path = tmp_path / "fer2013.npz"
    np.savez(
        path,
        images=np.zeros((3, 48, 48), np.uint8),
        labels=np.zeros(2, np.uint8),
        split=np.zeros(3, np.uint8),
        votes=np.zeros((3, 10), np.uint8),
        dup_group=np.full(3, -1),
    )
    with pytest.raises(DataError, match="do not fit"):
        load([path])


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """The most frequent mistake is a wrong path."""
    with pytest.raises(DataError, match="does not exist"):
        load([tmp_path / "nothing.npz"])
    with pytest.raises(DataError, match="holds no pictures"):
        load([tmp_path])


def test_a_picture_brightened_or_saved_again_is_a_near_twin() -> None:
    """Exact comparison finds 280 leaked images of FER2013's public test; a brighter copy leaks as much."""
    images = np.stack([crop(n) for n in range(40)])
    brighter = cv2.convertScaleAbs(images[0], alpha=0.8, beta=20)
    _, saved = cv2.imencode(".jpg", images[1], [cv2.IMWRITE_JPEG_QUALITY, 60])
    everything = np.concatenate([images, [brighter], [cv2.imdecode(saved, cv2.IMREAD_GRAYSCALE)]])
    found = near_twins(everything, np.arange(40), np.array([40, 41]))
    assert np.flatnonzero(found).tolist() == [0, 1]


def test_near_twins_of_held_out_images_are_not_learnt_from(tmp_path: Path) -> None:
    """They are dropped from training, counted, and can be kept by a parameter."""
    lines = [(3, pixels(n), "Training") for n in range(30)] + [(3, pixels(7), "PublicTest")]
    data = load([write_csv(tmp_path, lines)])
    splits = data.splits(Data(choose_share=0.1))
    assert splits.dropped_near_twins == int(7 not in splits.choose)
    assert 7 not in splits.train
    assert data.splits(Data(choose_share=0.1, drop_near_twins=False)).dropped_near_twins == 0


def test_data_sets_join(tmp_path: Path) -> None:
    """Labels of one, votes of the other: each image keeps what is known of it, and twins stay apart."""
    (tmp_path / "a").mkdir()
    first = load([write_csv(tmp_path / "a", [(3, pixels(1), "Training")])])
    picture(tmp_path / "b" / "AF01ANS.JPG", crop(2))
    both = joined([first, load([tmp_path / "b"])])
    assert len(both.faces) == 2
    assert both.faces.targets.fer2013.tolist() == [EMOTIONS.index("happy"), -1]
    assert both.groups is not None
    assert both.groups.tolist() == ["unknown", "women"]
    assert both.rows("all", Data()).tolist() == [0, 1]
