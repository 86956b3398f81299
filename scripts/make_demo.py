"""Makes the demo clip and its timeline: a face that nobody has, showing one expression after the other.

Needs fer2013.npz (FER2013, Goodfellow et al. 2013, with the FER+ votes of Barsoum et al. 2016, MIT), YuNet's file, and ffmpeg:

    python scripts/make_demo.py --faces fer2013.npz --yunet face_detection_yunet_2023mar.onnx

Each expression is the average of the 50 training images most alike among those that at least eight of ten people read alike
and that look straight into the camera. They are aligned by the eyes, then by optical flow towards their own average, which is
what makes it sharp; so the face is nobody's in particular, and no single image of the data is in the clip.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the painter of scenes is shared with the benchmarks

from support.scene import CHEEKS_TO_CHIN, EYES, FACE, Portrait, Segment, align, make_clip, timeline  # noqa: E402  after the path

from howsitgoing_models.data.faces import TRAINING, load_npz  # noqa: E402
from howsitgoing_models.data.landmarks import find  # noqa: E402
from howsitgoing_models.labels import EMOTIONS  # noqa: E402

FPS: Final = 15
SEGMENTS: Final = tuple(
    Segment(emotion, seconds)
    for emotion, seconds in [
        ("neutral", 3.6),
        ("happy", 3.6),
        ("neutral", 3.2),
        ("surprise", 3.2),
        ("sad", 3.6),
        ("angry", 3.6),
        ("happy", 3.2),
        ("neutral", 2.0),
    ]
)
VOTES: Final = {"neutral": 10, "happy": 10, "surprise": 9, "sad": 8, "angry": 8}
"""People of ten who must agree; fewer agree on the rarer ones."""
TOGETHER: Final = 50
"""Images in each average."""
MADE_OF: Final = (
    f"Averages of {TOGETHER} FER2013 training images each (Goodfellow et al. 2013), chosen by the FER+ votes (Barsoum et al. "
    "2016, MIT) and aligned by optical flow; nobody in particular. Painted person and room. See scripts/make_demo.py."
)
MIN_EYES, LOWEST_MOUTH = 16.5, 37
"""Pixels of the 48: least distance between the eyes, lowest corner of the mouth."""

Stack = npt.NDArray[np.float32]


def straight(points: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which faces (N, 5, 2) look into the camera, upright, neither tiny nor cut off at the chin."""
    right, left, nose = points[:, 0], points[:, 1], points[:, 2]
    across = left - right
    width = np.linalg.norm(across, axis=1, keepdims=True)
    along, middle = across / width, (right + left) / 2
    aside = [np.abs(((point - middle) * along).sum(1)) / width[:, 0] for point in (nose, points[:, 3:].mean(1))]
    upright = np.abs(along[:, 1]) < np.sin(np.radians(8))
    whole = (width[:, 0] > MIN_EYES) & (points[:, 3:, 1].max(1) < LOWEST_MOUTH)
    return np.asarray((aside[0] < 0.06) & (aside[1] < 0.06) & upright & whole, np.bool_)  # noqa: PLR2004  of the eyes' distance


def blended(stack: Stack) -> Stack:
    """One sharp (FACE, FACE) face out of many aligned ones (N, FACE, FACE)."""
    mean = stack.mean(0)
    x, y, a, b = CHEEKS_TO_CHIN
    face = np.s_[y - b : y + b, x - a : x + a]
    for _ in range(3):  # those most alike
        likeness = ((stack[:, *face] - 142) * (mean[face] - 142)).mean((1, 2))
        chosen = stack[np.argsort(-likeness)[:TOGETHER]]
        mean = chosen.mean(0)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow.setFinestScale(2)
    rows, columns = np.mgrid[0:FACE, 0:FACE].astype(np.float32)
    grid = np.dstack([columns, rows])
    for last in (False, False, True):
        target = np.clip(mean, 0, 255).astype(np.uint8)
        ways = [cv2.GaussianBlur(flow.calc(target, np.clip(one, 0, 255).astype(np.uint8), None), (0, 0), 6) for one in chosen]
        drift = np.mean(ways, axis=0)
        moved = [
            cv2.remap(one, grid + way - drift, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            for one, way in zip(chosen, ways, strict=True)
        ]
        mean = np.mean(moved, axis=0, dtype=np.float32)
        mean = mean if last else mean + 0.8 * (mean - cv2.GaussianBlur(mean, (0, 0), 3))
    fine = mean - cv2.GaussianBlur(mean, (0, 0), 2.2)
    coarse = mean - cv2.GaussianBlur(mean, (0, 0), 6)
    return np.asarray(mean + 0.9 * fine + 0.4 * coarse, np.float32)


def averages(faces: Path, yunet: Path) -> dict[str, list[Portrait]]:
    """One portrait of nobody for each expression in `VOTES`."""
    everyone, split, _ = load_npz(faces)
    with np.load(faces) as archive:
        votes = archive["votes"]
    columns = dict(zip(EMOTIONS, (4, 5, 6, 1, 0, 3, 2), strict=True))  # of FER+
    portraits = {}
    for emotion, needed in VOTES.items():
        rows = np.flatnonzero((split == TRAINING) & (votes[:, columns[emotion]] >= needed))
        points = find(everyone.images[rows], yunet, None)
        usable = np.flatnonzero(straight(points))
        stack = np.stack([align(Portrait(everyone.images[rows[row]], points[row])) for row in usable])
        print(
            f"{emotion}: {len(rows)} images agreed on by {needed} of 10, {len(usable)} look straight; the {TOGETHER} most alike"
        )
        portraits[emotion] = [Portrait(blended(stack), np.array(EYES))]
    return portraits


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Makes the demo clip and its timeline.")
    parser.add_argument("--faces", type=Path, required=True, help="fer2013.npz")
    parser.add_argument("--yunet", type=Path, required=True, help="face_detection_yunet_2023mar.onnx")
    parser.add_argument("--to", type=Path, default=ROOT / "edge/howsitgoing_edge/camera/demo.mp4")
    arguments = parser.parse_args()
    ffmpeg = shutil.which("ffmpeg") or sys.exit("ffmpeg is not installed: sudo apt install ffmpeg")
    cv2.setNumThreads(1)
    portraits = averages(arguments.faces, arguments.yunet)
    raw = [
        ffmpeg,
        "-y",
        "-loglevel",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "bgr24",
        "-s",
        "640x480",
        "-r",
        str(FPS),
        "-i",
        "-",
    ]
    film = ["-c:v", "libx264", "-preset", "veryslow", "-crf", "21", "-g", "999", "-pix_fmt", "yuv420p", "-threads", "1"]
    clean = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart"]
    with subprocess.Popen([*raw, *film, *clean, str(arguments.to)], stdin=subprocess.PIPE) as encoder:  # noqa: S603  ours
        assert encoder.stdin is not None  # noqa: S101  asked for above
        for frame in make_clip(SEGMENTS, portraits, fps=FPS):
            encoder.stdin.write(frame.tobytes())
    if encoder.returncode:
        sys.exit("ffmpeg failed")
    truth = {"made_of": MADE_OF, "fps": FPS, "segments": timeline(SEGMENTS)}
    arguments.to.with_suffix(".json").write_text(json.dumps(truth, indent=2) + "\n")
    print(f"{arguments.to}: {arguments.to.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
