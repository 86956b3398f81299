"""OpenCV and ffmpeg chat on stderr; our errors say what matters, once and in plain words, so theirs are switched off."""

from __future__ import annotations

import os

import cv2


def quieten() -> None:
    """Silence both, unless the environment asks for their messages. Call before anything is opened; both read it then."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    # A webcam that stops sending holds its reader for this many seconds a frame; OpenCV's own 10 are long for a switch-off.
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
