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
from threading import Thread
from typing import Any

import cv2
from support.collected import Collected, sample
from support.golden_faces import golden_faces
from typer.testing import CliRunner

from howsitgoing_models.dataset.request import Filters, Source
from howsitgoing_models.review.command import app
from howsitgoing_models.review.rules import Rules
from howsitgoing_models.review.serving import listening
from howsitgoing_models.review.session import Session

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


@dataclass(frozen=True)
class Command(Page):
    """``review page`` as a process of its own."""

    process: subprocess.Popen[str]

    def end(self) -> tuple[int, str]:
        """As Ctrl-C does; the exit code, and what it said on the error stream."""
        self.process.send_signal(signal.SIGINT)
        _, error = self.process.communicate(timeout=30)
        return self.process.returncode, error


@contextmanager
def page(project: str, rules: Rules = Rules(), reviewer: str = "") -> Iterator[Page]:  # noqa: B008  frozen
    """The page's server in this process."""
    with Session(Source(project), Filters(), rules) as session:
        server, address = listening(session, reviewer)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Page(address)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@contextmanager
def command(project: str, *words: str, environment: Mapping[str, str] | None = None) -> Iterator[Command]:
    """The page as people start it, ended afterwards."""
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
        yield Command(json.loads(line)["url"], process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            process.kill()
            process.stdout.close()
            process.stderr.close()


def review(*words: str | Path) -> str:
    """What a command of ``review`` prints; raises what it raises."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None:
        raise done.exception
    return done.stdout
