"""The real agent on the demo clip, a real broker, a real Home Assistant."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from custom_components.howsitgoing._contract import EMOTIONS
from support.agents import RunningAgent
from support.hass import HomeAssistantProcess
from support.mosquitto import Mosquitto
from support.waiting import until

from .conftest import adopt

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / ".venv" / "bin" / "howsitgoing"
MOOD = "sensor.real_agent_mood"
EVENT = "event.real_agent_mood_change"
RECOGNITION = "switch.real_agent_recognition"
CAMERA = "sensor.real_agent_camera"
NAMED = {"HOWSITGOING_DEVICE__ID": "real-agent", "HOWSITGOING_DEVICE__NAME": "Real agent"}
NEWCOMER_SECONDS = 300
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the agent keeps over its restarts."""
    return tmp_path_factory.mktemp("agent")


def start(broker: Mosquitto, state: Path, **device: str) -> RunningAgent:
    """The agent as a person starts it; it tells of its health each second."""
    if not PROGRAM.exists():
        pytest.skip("the agent is not installed beside the tests: make environment-run")
    settings = {
        **device,
        "HOWSITGOING_DEVICE__STATE_FOLDER": str(state),
        "HOWSITGOING_HEALTH__EVERY": "1",
        "VIRTUAL_ENV": None,
        "PYTHONPATH": None,
    }
    words = ("--source", "demo", "--mqtt", f"127.0.0.1:{broker.port}", "--speech", "on_request")
    return RunningAgent(*words, environment=settings, command=[str(PROGRAM)])


@pytest.fixture
def agent(broker: Mosquitto, house: HomeAssistantProcess, state: Path) -> Iterator[RunningAgent]:
    """Running, and set up in Home Assistant."""
    with start(broker, state, **NAMED) as agent:
        if house.state(MOOD) is None:
            adopt(house, "real-agent")
        until(lambda: house.state(MOOD) not in (None, "unavailable"), 30, 0.1)
        yield agent


def told(house: HomeAssistantProcess) -> str | None:
    """When Home Assistant heard the last event, if it ever did."""
    at = house.state(EVENT)
    return None if at in (None, "unknown", "unavailable") else at


@pytest.mark.usefixtures("agent")
def test_a_face_that_changes_puts_the_light_on(house: HomeAssistantProcess) -> None:
    """From pixels to a lamp, through every real part."""
    house.call("light.turn_off", entity_id="light.lamp")
    until(lambda: house.state(MOOD) in EMOTIONS, 30, 0.1)
    house.wait_for_state("light.lamp", "on", 60)
    event = house.entity(EVENT)
    assert event is not None
    assert event["attributes"]["event_type"] in EMOTIONS
    assert house.state("binary_sensor.real_agent_face_present") == "on"
    assert float(house.state("sensor.real_agent_frame_rate") or 0) > 0
    assert house.state(CAMERA) == "ok"


def test_recognition_switched_off_in_home_assistant_closes_the_camera(house: HomeAssistantProcess, agent: RunningAgent) -> None:
    """The household decides; and what was seen before is not shown as if it were seen now."""

    def watching() -> bool:
        return any(Path(file.path).name == "demo.mp4" for file in psutil.Process(agent.process.pid).open_files())

    until(lambda: house.state(MOOD) in EMOTIONS, 30, 0.1)
    assert watching()
    house.call("switch.turn_off", entity_id=RECOGNITION)
    assert house.state(RECOGNITION) == "off"
    house.wait_for_state(CAMERA, "off", 20)
    assert not watching()
    until(lambda: house.state(MOOD) not in EMOTIONS, 20, 0.1)
    house.call("switch.turn_on", entity_id=RECOGNITION)
    house.wait_for_state(CAMERA, "ok", 20)
    assert watching()
    until(lambda: house.state(MOOD) in EMOTIONS, 30, 0.1)


def test_a_broker_that_restarts_is_weathered_by_both(
    house: HomeAssistantProcess, agent: RunningAgent, broker: Mosquitto
) -> None:
    """Nobody has to press anything, and new changes arrive."""
    until(lambda: house.state(MOOD) in EMOTIONS, 30, 0.1)
    broker.stop()
    broker.start()
    until(lambda: house.state(MOOD) in EMOTIONS, 60, 0.1)
    before = told(house)
    until(lambda: told(house) not in (None, before), 60, 0.1)
    assert agent.process.poll() is None


def test_an_agent_that_dies_is_unavailable_and_the_same_device_when_it_is_back(
    house: HomeAssistantProcess, agent: RunningAgent, broker: Mosquitto, state: Path
) -> None:
    """By its last will, with nothing to clean up."""
    agent.end(signal.SIGKILL)
    house.wait_for_state(MOOD, "unavailable", 60)
    known = set(house.states("real_agent"))
    with start(broker, state, **NAMED) as again:
        until(lambda: house.state(MOOD) not in (None, "unavailable"), 30, 0.1)
        assert [flow for flow in house.discovered() if flow["context"]["unique_id"] == "real-agent"] == []
        assert set(house.states("real_agent")) == known
        assert again.end() == 0
    house.wait_for_state(MOOD, "unavailable", 10)


@pytest.mark.usefixtures("agent")
def test_the_agent_answers_when_asked(house: HomeAssistantProcess) -> None:
    """How's it going?"""
    until(lambda: house.state(MOOD) in EMOTIONS, 30, 0.1)
    registry = house.ask("config/device_registry/list")
    (device_id,) = [found["id"] for found in registry if found["name"] == "Real agent"]
    answer = house.post("/api/services/howsitgoing/ask?return_response", {"device_id": device_id})["service_response"]
    assert answer["emotion"] in (*EMOTIONS, "unsure", "none")
    assert set(answer["scores"]) in (set(EMOTIONS), set())


def test_a_newcomer_with_the_release_archive_has_all_entities_within_five_minutes(tmp_path: Path) -> None:
    """Step by step as docs/home-assistant.md says it, with a fresh Home Assistant and a device that nobody has given a name."""
    began = time.monotonic()
    archive, component = tmp_path / "howsitgoing.zip", tmp_path / "house" / "custom_components" / "howsitgoing"
    subprocess.run([sys.executable, ROOT / "scripts" / "release_zip.py", "--to", archive], check=True, capture_output=True)
    zipfile.ZipFile(archive).extractall(component)
    with (
        Mosquitto(tmp_path / "mosquitto") as broker,
        HomeAssistantProcess(tmp_path / "house") as house,
        start(broker, tmp_path / "state"),
    ):
        house.onboard()
        house.add_mqtt(broker.port)
        (card,) = until(house.discovered, 60, 0.1)
        done = house.confirm(card["flow_id"])
        assert (done["type"], done["title"]) == ("create_entry", "How's it going?")
        until(lambda: house.state("sensor.how_s_it_going_mood") in EMOTIONS, 60, 0.1)
        shown = house.states("how_s_it_going_")
        assert len(shown) > 15
        assert "unavailable" not in shown.values()
        assert house.complaints() == []
    assert time.monotonic() - began < NEWCOMER_SECONDS
