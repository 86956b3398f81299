"""The whole loop of the data team, in small: what devices sent becomes labels, then a network, and that reaches a device."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from support.agents import RunningAgent
from support.collected import Collected, put, sample
from support.emulators import Emulators
from support.exports import rows
from support.golden_faces import golden_faces, write_npz
from support.many_objects import emulators_for_many
from support.mosquitto import Mosquitto
from support.publisher import WebServer
from support.subscriber import Subscriber

from howsitgoing_edge.contract import Info
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.parameters import Augment
from howsitgoing_models.publishing.command import RELEASED
from howsitgoing_models.training.augment import vary

SAMPLES, PEOPLE, PROJECT = 300, 40, "demo-loop"
ROOT = Path(__file__).parents[2]
PARAMETERS = """
[data]
choose_share = 0.2
drop_near_twins = false  # they are all variations of seven pictures
export_share = 0.5
[augment]
rotate_degrees = 4
scale = 0.05
shift = 0.02
erase_chance = 0
[net]
widths = [8, 16, 24, 32]
blocks = [0, 0, 0, 0]
dropout = 0.0
norm_momentum = 0.8
[train]
epochs = 5
batch = 32
precision = "float32"
warmup_epochs = 1
[convert]
representative = 50
[evaluate]
latency_runs = 10
[gate]
export_images = 5
max_int8_loss = 0.2
"""
pytestmark = pytest.mark.timeout(300)


def command(environment: str, *words: str | Path, also: Mapping[str, str] | None = None, expect: int = 0) -> str:
    """What ``howsitgoing-models`` of one of the environments answers, as people type it."""
    program = ROOT / environment / "bin" / "howsitgoing-models"
    if not program.exists():
        pytest.skip(f"there is no {environment}: make test-loop")
    done = subprocess.run(
        [program, *words], capture_output=True, text=True, timeout=200, check=False, env={**os.environ, **(also or {})}
    )
    assert done.returncode == expect, f"{words[0]}: {done.stderr[-2000:]}"
    return done.stdout if expect == 0 else done.stderr


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """Firestore and Storage, as far as Google's emulators are them."""
    with emulators_for_many(tmp_path_factory.mktemp("cloud")) as both:
        yield both


def looks(number: int) -> str:
    """What the face of that sample looks like to people; the device said something else of most."""
    return EMOTIONS[number // PEOPLE % len(EMOTIONS)]


def collected(number: int) -> Collected:
    """A sample as a device sent it: a face, a prediction, and no label."""
    face = golden_faces()[EMOTIONS.index(looks(number))]
    varied = vary(face, Augment(rotate_degrees=8, scale=0.1, erase_chance=0, shrink_chance=0), np.random.default_rng(number))
    large = cv2.resize(varied, (112, 112), interpolation=cv2.INTER_CUBIC)
    jpeg = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    return sample(number, jpeg=jpeg).but(label={"value": None, "source": "none", "by": None, "at": None}, votes={})


def review(exported: Path, names: Mapping[str, int], file: Path) -> None:
    """Two reviewers look at every face; the second sees something else in one of ten, and then there is no label."""
    with file.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "label", "by"])
        for name in sorted(rows(exported)):
            said = looks(names[name])
            table.writerow([name, said, "blue-owl"])
            table.writerow([name, "unreadable" if names[name] % 10 == 0 else said, "red-fox"])


def last_info(listener: Subscriber) -> Info:
    """What the device says of itself now."""
    return Info.from_json(listener.on("info")[-1].payload)


def test_what_devices_sent_becomes_a_network_that_a_device_runs(cloud: Emulators, tmp_path: Path) -> None:
    """300 samples -> export -> review -> export -> train -> gate -> publish -> the agent changes its network, running."""
    samples = [collected(number) for number in range(SAMPLES)]
    put(cloud, samples, PROJECT)
    names = {one.name: number for number, one in enumerate(samples)}
    here = Path(sys.prefix).name
    first, second, run = tmp_path / "first", tmp_path / "second", tmp_path / "run"

    command(here, "export", "--project", PROJECT, "--out", first, "--test-share", "0.25", also=cloud.environment)
    assert len(rows(first)) > SAMPLES * 0.8
    review(first, names, tmp_path / "votes.csv")
    command(here, "review", "import", tmp_path / "votes.csv", "--project", PROJECT, also=cloud.environment)
    wanted = ["--label-source", "reviewer", "--test-share", "0.25"]
    command(here, "export", "--project", PROJECT, "--out", second, *wanted, also=cloud.environment)
    labelled = rows(second)
    assert 0 < len(labelled) < len(rows(first)), "what the two did not agree on has no label"
    assert {row["label"] for row in labelled.values()} == set(EMOTIONS)
    assert all(row["label"] == looks(names[name]) for name, row in labelled.items())

    published = write_npz(tmp_path / "fer2013.npz", 40, test_per_emotion=6)
    parameters = tmp_path / "mine.toml"
    parameters.write_text(PARAMETERS)
    data = ["--data", second, "--data", published, "--run", run]
    command(".venv-train", "train", *data, "--parameters", parameters)
    for stage in ("convert", "calibrate"):
        command(".venv-train", stage, *data)
    better = shutil.copytree(RELEASED, tmp_path / "released")
    assert "not released: " in command(".venv-train", "release", *data, "--to", better, expect=1), "it is far too small"
    described = json.loads(command(".venv-train", "release", *data, "--to", tmp_path / "first-of-its-kind", "--json"))
    origin = json.loads((tmp_path / "first-of-its-kind" / "model.json").read_text())["provenance"]["data"]
    assert [source["name"] for source in origin["sources"]] == ["second", "fer2013.npz"]

    with (
        Mosquitto(tmp_path / "mosquitto") as broker,
        Subscriber(broker.port) as listener,
        WebServer(tmp_path / "web") as web,
        RunningAgent(*_agent(broker), environment=_settings(tmp_path, web), command=_program()) as agent,
    ):
        listener.wait_for(lambda _heard: bool(listener.on("info")), 30)
        before = last_info(listener).model
        command(here, "publish", "--model", tmp_path / "first-of-its-kind", "--to", tmp_path / "web", "--key", tmp_path / "key")
        listener.wait_for(lambda _heard: last_info(listener).model.id == described["id"], 60)
        assert before.id != described["id"]
        agent.wait_for_log(f"the network {described['id']} is fetched and verified")
        assert [message.text for message in listener.on("availability")] == ["online"], "it never was away"
        assert agent.end() == 0, agent.log


def _agent(broker: Mosquitto) -> tuple[str, ...]:
    return "--source", "demo", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}"


def _settings(place: Path, web: WebServer) -> dict[str, str | None]:
    key: dict[str, Any] = json.loads(command(Path(sys.prefix).name, "key", place / "key", "--json"))
    settings = {
        "DEVICE__ID": "loop",
        "DEVICE__STATE_FOLDER": str(place / "state"),
        "MODEL__UPDATES": "install",
        "MODEL__URL": web.url,
        "MODEL__PUBLIC_KEY": key["public_key"],
        "MODEL__EVERY": "0.001",
    }
    return {f"HOWSITGOING_{name}": value for name, value in settings.items()}


def _program() -> list[str]:
    return [str(ROOT / Path(sys.prefix).name / "bin" / "howsitgoing")]
