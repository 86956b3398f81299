"""What is broken, full or missing: one clear line, the right exit code, nothing lost, no traceback."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import demo
from support.commands import howsitgoing

from howsitgoing_edge.camera.demo import DEMO_CLIP
from howsitgoing_edge.contract import Health, MoodChange, Settings
from howsitgoing_edge.vision.bundle import load_bundle, released_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.conftest import StartAgent
    from support.mosquitto import Mosquitto
    from support.subscriber import Heard, Subscriber

QUIET = ("--mqtt", "off", "--speech", "off")
EVENTS = ("--fast", "--until-end", "--events", "-", *QUIET)


@dataclass(frozen=True)
class Broken:
    """Something that keeps the agent from starting."""

    words: tuple[str, ...] = ()
    """After ``howsitgoing run``; FOLDER stands for the test's own"""
    environment: dict[str, str] = field(default_factory=dict)
    make: Callable[[Path], object] = lambda _folder: None
    code: int = 1
    says: str = ""


def _film(folder: Path) -> None:
    (folder / "film.mp4").write_bytes(DEMO_CLIP.read_bytes()[:3000])  # the table of frames stands at the end


BROKEN = {
    "a film cut off": Broken(
        ("--source", "FOLDER/film.mp4"), make=_film, says="FOLDER/film.mp4 is damaged, cut off, or no film"
    ),
    "an empty picture": Broken(
        ("--source", "FOLDER/face.jpg"), make=lambda folder: (folder / "face.jpg").touch(), says="FOLDER/face.jpg is empty"
    ),
    "an impossible address": Broken(("--source", "rtsp://"), says="rtsps://host:port/path"),
    "an unknown setting": Broken(
        ("--config", "FOLDER/c.toml"),
        make=lambda folder: (folder / "c.toml").write_text("[camera]\nsurce = 0\n"),
        code=2,
        says="[camera] has no setting 'surce'; did you mean 'source'?",
    ),
    "an impossible value": Broken(environment={"HOWSITGOING_SPEECH__VOLUME": "200"}, code=2, says="HOWSITGOING_SPEECH__VOLUME"),
    "a file for events that cannot be": Broken(
        ("--events", "FOLDER/none/events.jsonl"), code=2, says="No such file or directory"
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_keeps_it_from_starting_is_said_in_one_line(name: str, tmp_path: Path) -> None:
    """Exit code 2 where the command or the configuration is wrong, 1 otherwise; a service manager tells them apart."""
    broken, folder = BROKEN[name], str(tmp_path)
    broken.make(tmp_path)
    words = [word.replace("FOLDER", folder) for word in broken.words]
    environment = {key: value.replace("FOLDER", folder) for key, value in broken.environment.items()}
    done = howsitgoing("run", *(words or ["--source", "demo"]), *QUIET, environment=environment)
    assert done.returncode == broken.code, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("howsitgoing: ")]
    assert len(errors) == 1, done.stderr
    assert broken.says.replace("FOLDER", folder) in errors[0]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_network_with_a_flipped_bit_gives_way_to_the_released_one(film: Path, tmp_path: Path) -> None:
    """An own model, copied badly, must not take the aid away; which one is at work is said, and stands in each event."""
    folder = tmp_path / "model"
    shutil.copytree(released_folder(), folder)
    content = bytearray((folder / "model.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.tflite").write_bytes(content)
    done = howsitgoing("run", "--source", str(film), *EVENTS, environment={"HOWSITGOING_VISION__MODEL": str(folder)})
    assert done.returncode == 0
    assert f"{folder / 'model.tflite'} is damaged" in done.stderr
    assert "Traceback" not in done.stderr
    used = {MoodChange.from_json(line).model.sha256 for line in done.stdout.splitlines()}
    assert used == {load_bundle().sha256}


def test_whoever_reads_only_the_first_event_hears_no_complaint(film: Path, start: StartAgent) -> None:
    """``howsitgoing run --events - | head -1``."""
    agent = start("--source", str(film), *EVENTS, stdout=subprocess.PIPE)
    assert agent.process.stdout is not None
    first = MoodChange.from_json(agent.process.stdout.readline())
    agent.process.stdout.close()
    assert (first.previous, first.emotion) == demo.FIRST[0]
    assert agent.wait(60) == 0
    assert agent.log.count("Broken pipe") <= 1, agent.log
    assert "Traceback" not in agent.log
    assert "Exception" not in agent.log


def test_a_full_disk_under_the_events_stops_nothing_else(
    film: Path, broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """It is said once, and the broker hears all of it."""
    words = ("--events", "/dev/full", "--mqtt", f"127.0.0.1:{broker.port}")
    agent = start("--source", str(film), "--fast", "--until-end", "--speech", "off", *words)
    assert agent.wait(60) == 0
    assert agent.log.count("No space left on device") == 1, agent.log
    listener.wait_for_text("availability", "stopped")
    assert len(listener.on("event")) == len(demo.FIRST)


def test_a_disk_that_fills_up_lets_settings_change_and_says_that_they_will_be_forgotten(
    broker: Mosquitto, listener: Subscriber, start: StartAgent, own_home: Path
) -> None:
    """What was kept before stays whole."""
    agent = start("--source", "demo", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}")
    listener.wait_for(lambda heard: [m for m in _of(heard, "mood") if m.json["faces"]], 30)
    _set_volume(listener, 41)
    soft, hard = resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE)
    assert soft == resource.RLIM_INFINITY
    resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, (0, hard))  # no file may grow any more
    _set_volume(listener, 17)
    refusal = listener.wait_for(lambda heard: _of(heard, "error"))[0].json
    assert refusal["command"] == "set/volume"
    assert "forgotten at the next start" in refusal["reason"]
    assert agent.end() == 0
    assert "Traceback" not in agent.log
    kept = own_home / ".local" / "state" / "howsitgoing" / "preferences.json"
    assert json.loads(kept.read_text())["volume"] == 41


def test_without_a_home_and_without_sound_it_sees_and_tells(
    broker: Mosquitto, listener: Subscriber, start: StartAgent, tmp_path: Path
) -> None:
    """A bare service account on a machine without a sound server: the voice is lost, nothing else is, and health says so."""
    environment = {"HOME": None, "TMPDIR": str(tmp_path), "HOWSITGOING_HEALTH__EVERY": "1"}
    agent = start("--source", "demo", "--mqtt", f"127.0.0.1:{broker.port}", environment=environment)
    listener.wait_for(lambda heard: _of(heard, "event"), 30)
    told = listener.wait_for(lambda heard: [m for m in _of(heard, "health") if m.json["speaker"] == "lost"], 20)
    health = Health.from_json(told[-1].payload)
    assert health.camera == "ok"
    assert any(problem.startswith("speech: ") for problem in health.problems)
    assert agent.end() == 0
    assert "Traceback" not in agent.log


def _set_volume(listener: Subscriber, percent: int) -> None:
    listener.publish("howsitgoing/e2e/set/volume", str(percent))
    listener.wait_for(lambda heard: [m for m in _of(heard, "settings") if Settings.from_json(m.payload).volume == percent])


def _of(heard: list[Heard], topic: str) -> list[Heard]:
    return [message for message in heard if message.topic.endswith(f"/{topic}")]
