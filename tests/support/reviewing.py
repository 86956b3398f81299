"""The review for tests: faces of nobody in the cloud, and the page's server as people start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from support.collected import Collected, sample
from support.golden_faces import golden_faces

COMMAND = [sys.executable, "-m", "howsitgoing_models.cli", "review"]
UNLABELLED = {"value": None, "source": "none", "by": None, "at": None}


def unlabelled(number: int, jpeg: bytes | None = None) -> Collected:
    """The sample of that number as the cloud stores it, before anybody looked."""
    return sample(number, jpeg=jpeg).without("votes").but(label=dict(UNLABELLED))


def averages(number: int) -> list[Collected]:
    """Samples with faces that are averages of many, each a little different, so that no two are equal."""
    made, faces = [], golden_faces()
    for place in range(number):
        face = faces[place % 7]
        if place // 7 % 2:
            face = cv2.flip(face, 1)
        larger = cv2.resize(face, (112, 112), interpolation=cv2.INTER_CUBIC)
        shifted = cv2.convertScaleAbs(larger, alpha=1 - 0.04 * (place // 14), beta=3 * (place // 14))
        made.append(unlabelled(place, cv2.imencode(".jpg", shifted, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()))
    return made


@dataclass(frozen=True)
class Page:
    """The server of the review page."""

    url: str
    """With its token"""
    process: subprocess.Popen[str]

    @property
    def base(self) -> str:
        """Without."""
        return self.url.partition("/#")[0]

    @property
    def token(self) -> str:
        """What requests carry."""
        return self.url.partition("#")[2]

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:  # noqa: ANN401  JSON
        """Status and content of an answer; the token is there unless ``headers`` say otherwise."""
        given = {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            given.setdefault("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, data, given), timeout=30) as answer:  # noqa: S310
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                status, content = refused.code, refused.read()
        try:
            return status, json.loads(content)
        except ValueError:
            return status, content

    def end(self) -> tuple[int, str]:
        """As Ctrl-C does; the exit code, and what it said on the error stream."""
        self.process.send_signal(signal.SIGINT)
        _, error = self.process.communicate(timeout=30)
        return self.process.returncode, error


@contextmanager
def page(project: str, *words: str, environment: Mapping[str, str] | None = None) -> Iterator[Page]:
    """``review page``, ended afterwards."""
    process = subprocess.Popen(
        [*COMMAND, "page", "--project", project, "--json", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout
    assert process.stderr
    try:
        line = process.stdout.readline()  # it comes, or the pipe ends with the process
        assert line, process.stderr.read()
        yield Page(json.loads(line)["url"], process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=30)
        except ValueError:  # it was ended, and its pipes are closed
            pass
        finally:
            process.kill()


def review(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of ``review`` to its end."""
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=100, check=False)
