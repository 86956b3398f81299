"""The best detector that is there is used, and which one that is gets said."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.shared import shared

from howsitgoing_edge.core.ports import Detector
from howsitgoing_edge.core.types import Box, Pixels
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision import align
from howsitgoing_edge.vision.crop import take_crop
from howsitgoing_edge.vision.detectors import choose_detector
from howsitgoing_edge.vision.files import where
from howsitgoing_edge.vision.haar import Haar
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.yunet import YuNet


@pytest.fixture
def yunet(yunet_file: Path) -> YuNet:
    return YuNet(read(YUNET, yunet_file))


def picture(name: str) -> Pixels:
    """A real photograph; skips where they are not."""
    image = cv2.imread(str(shared("data/media") / name))
    assert image is not None
    return np.asarray(image, np.uint8)


def test_without_yunet_haar_works_and_says_how_to_get_the_better_one() -> None:
    """Offline on the first day the aid must work all the same."""
    chosen = choose_detector(VisionSettings())
    assert chosen.detector.name == "haar"
    assert chosen.notice is not None
    assert "howsitgoing models pull yunet" in chosen.notice
    assert "\n" not in chosen.notice


def test_haar_chosen_by_name_needs_no_notice() -> None:
    """Who asked for it knows."""
    assert choose_detector(VisionSettings(detector="haar")).notice is None


def test_yunet_asked_for_by_name_is_not_replaced_in_silence() -> None:
    """A setting that cannot be followed is an error, not a hint."""
    with pytest.raises(ModelError, match=r"YuNet is not here.*howsitgoing models pull yunet"):
        choose_detector(VisionSettings(detector="yunet"))


@pytest.mark.shared_data
def test_yunet_is_used_where_its_file_was_fetched_to(yunet_file: Path) -> None:
    """The way of everybody who ran 'models pull'."""
    place = where(YUNET)
    place.parent.mkdir(parents=True)
    yunet_file.rename(place)
    chosen = choose_detector(VisionSettings())
    assert chosen.detector.name == "yunet"
    assert chosen.notice is None


def damage(path: Path, kind: str) -> None:
    content = bytearray(path.read_bytes())
    if kind == "flipped":
        content[100_000] ^= 0x10
    path.write_bytes(bytes({"flipped": content, "truncated": content[:150_000], "empty": b"", "longer": content + b"!"}[kind]))


@pytest.mark.shared_data
@pytest.mark.parametrize("kind", ["flipped", "truncated", "empty", "longer"])
def test_a_damaged_yunet_file_is_noticed_and_haar_steps_in(yunet_file: Path, kind: str) -> None:
    """OpenCV would run flipped weights without a word, and see faces in the wallpaper."""
    damage(yunet_file, kind)
    chosen = choose_detector(VisionSettings(yunet_file=yunet_file))
    assert chosen.detector.name == "haar"
    assert chosen.notice is not None
    assert str(yunet_file) in chosen.notice
    assert "if vision.yunet_file is left out" in chosen.notice
    with pytest.raises(ModelError, match="models pull yunet"):
        choose_detector(VisionSettings(detector="yunet", yunet_file=yunet_file))


def test_an_opencv_without_cascades_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV 5 dropped them; the message must not be an AttributeError."""
    monkeypatch.delattr(cv2, "CascadeClassifier")
    with pytest.raises(ModelError, match="has no Haar cascade: run 'howsitgoing models pull yunet'"):
        Haar()


def check_demo(detector: Detector, demo: list[Pixels]) -> None:
    for frame in demo:
        faces = detector.detect(frame)
        assert len(faces) == 1
        assert faces[0].box.overlap(Box(241, 112, 159, 216)) > 0.6
        assert take_crop(frame, faces[0], VisionSettings()).quality.unfit is None


def test_haar_finds_the_demos_face_in_every_frame(demo: list[Pixels]) -> None:
    """The first thing a stranger sees must work with what is shipped."""
    check_demo(Haar(), demo)


@pytest.mark.shared_data
def test_yunet_finds_the_demos_face_in_every_frame(demo: list[Pixels], yunet: YuNet) -> None:
    """And with the better detector."""
    check_demo(yunet, demo)


@pytest.mark.shared_data
@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 960), (600, 500), (333, 257)], ids=str)
def test_faces_are_given_in_the_frames_own_pixels(demo: list[Pixels], yunet: YuNet, size: tuple[int, int]) -> None:
    """The frame is shrunk for the detector only."""
    frame = np.asarray(cv2.resize(demo[0], size, interpolation=cv2.INTER_AREA), np.uint8)
    x, y = size[0] / 640, size[1] / 480
    for detector in (Haar(), yunet):
        (found,) = detector.detect(frame)
        assert found.box.overlap(Box(241 * x, 112 * y, 159 * x, 216 * y)) > 0.6
    assert found.landmarks is not None
    expected = np.array([(286, 194), (360, 194), (323, 237), (293, 271), (356, 268)]) * [x, y]
    assert np.abs(found.landmarks - expected).max() < 12 * max(x, y)


@pytest.mark.shared_data
def test_landmarks_come_in_the_documented_order(yunet: YuNet) -> None:
    """Right eye first, which is on the left of the picture; swapped eyes would turn every crop upside down."""
    (found,) = yunet.detect(picture("fr_biden.jpg"))
    points = found.landmarks
    assert points is not None
    assert points.shape == (5, 2)
    right_eye, left_eye, nose, right_mouth, left_mouth = points
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


@pytest.mark.shared_data
def test_yunet_finds_what_haar_misses(yunet: YuNet) -> None:
    """The reason why the log advises it: half a face at the picture's edge."""
    image = picture("fr_obama_partial_face.jpg")
    assert len(yunet.detect(image)) == 1
    assert not Haar().detect(image)


@pytest.mark.shared_data
def test_no_face_is_found_where_there_is_none(yunet: YuNet) -> None:
    """A wallpaper that looks surprised would be announced for ever."""
    for image in (picture("fer_no-faces.jpg"), np.zeros((480, 640, 3), np.uint8)):
        assert not yunet.detect(image)
        assert not Haar().detect(image)


@pytest.mark.shared_data
@pytest.mark.parametrize("size", [(1, 1), (2, 5000), (48, 4000), (4000, 48), (16, 16), (31, 320), (33, 33)], ids=str)
def test_pictures_of_absurd_shape_have_no_faces(yunet: YuNet, size: tuple[int, int]) -> None:
    """OpenCV gives faces of infinite size for them; a banner in a folder of pictures must not end the agent."""
    rng = np.random.default_rng(1)
    for image in (np.full((*size, 3), 255, np.uint8), rng.integers(0, 256, (*size, 3)).astype(np.uint8)):
        assert not yunet.detect(image)
        assert not Haar().detect(image)


@pytest.mark.shared_data
def test_several_faces_are_all_found(yunet: YuNet) -> None:
    """The others are counted, even if one is read."""
    image = picture("fr_two_people.jpg")
    assert len(yunet.detect(image)) == 2
    assert len(Haar().detect(image)) == 2


@pytest.mark.shared_data
def test_a_crop_by_haar_is_framed_like_one_by_yunet(demo: list[Pixels], yunet: YuNet) -> None:
    """The network was calibrated on one framing; its docstring states the measured figures."""
    sizes, shifts = [], []
    images = [picture(name) for name in ("fr_obama.jpg", "fr_biden.jpg", "fr_two_people.jpg")]
    for image in [*images, *demo]:
        for by_haar in Haar().detect(image):
            by_yunet = max(yunet.detect(image), key=lambda face: face.box.overlap(by_haar.box))
            a, b = align.from_face(by_yunet), align.from_face(by_haar)
            sizes.append(align.side_in_frame(b) / align.side_in_frame(a))
            middles = [np.linalg.inv(m[:, :2]) @ (np.array([23.5, 23.5]) - m[:, 2]) for m in (a, b)]
            shifts.append(np.hypot(*(middles[1] - middles[0])) / align.side_in_frame(a))
    assert 0.9 < np.median(sizes) < 1.1
    assert np.max(np.abs(np.log(sizes))) < 0.3
    assert np.median(shifts) < 0.06
