"""A network camera that is switched off and on, or goes away and comes back, with a face in front of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from support.demo import DemoCamera
from support.mjpeg import MjpegCamera
from support.waiting import until

if TYPE_CHECKING:
    from e2e.conftest import StartAgent
    from support.agents import RunningAgent
    from support.mosquitto import Mosquitto
    from support.subscriber import Heard, Subscriber


@pytest.fixture
def camera() -> Iterator[MjpegCamera]:
    """Sees the demo's person."""
    with MjpegCamera(fps=15, picture=DemoCamera()) as switched_on:
        yield switched_on


def test_recognition_off_closes_the_camera_and_on_opens_it_again(
    camera: MjpegCamera, broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """Off means that nothing is seen: the camera's own server has nobody watching, and the last mood does not stay."""
    agent = _watching(camera, broker, listener, start)
    off = _command(listener, "false")
    blind = listener.wait_for(lambda heard: [m for m in _since(heard, "mood", off) if m.json["emotion"] == "none"])[0].at
    listener.wait_for(lambda heard: [m for m in _since(heard, "health", off) if m.json["camera"] == "off"])
    until(lambda: camera.viewers == 0)
    on = _command(listener, "true")
    listener.wait_for(lambda heard: [m for m in _since(heard, "mood", on) if m.json["faces"]], 20)
    assert camera.viewers == 1
    assert not [m for m in _since(listener.heard, "mood", blind) if m.json["faces"] and m.at < on]
    assert agent.end() == 0, agent.log
    until(lambda: camera.viewers == 0)


def test_a_camera_that_goes_away_is_told_and_taken_up_again_when_it_comes_back(
    camera: MjpegCamera, broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """Its cable was pulled; nobody has to restart anything."""
    agent = _watching(camera, broker, listener, start)
    listener.wait_for(lambda heard: _since(heard, "event", 0), 20)
    gone = time.monotonic()
    camera.switch_off()
    lost = listener.wait_for(lambda heard: [m for m in _since(heard, "health", gone) if m.json["camera"] == "lost"], 20)
    assert lost[0].json["problems"]
    listener.wait_for(lambda heard: [m for m in _since(heard, "mood", gone) if m.json["emotion"] == "none"])
    back = time.monotonic()
    camera.switch_on()
    listener.wait_for(lambda heard: [m for m in _since(heard, "health", back) if m.json["camera"] == "ok"], 20)
    listener.wait_for(lambda heard: _since(heard, "event", back), 30)
    assert not [m for m in _since(listener.heard, "event", gone) if m.at < back]
    assert agent.end() == 0, agent.log
    assert "Traceback" not in agent.log


def _watching(camera: MjpegCamera, broker: Mosquitto, listener: Subscriber, start: StartAgent) -> RunningAgent:
    agent = start("--source", camera.address, "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}")
    listener.wait_for(lambda heard: [m for m in _since(heard, "mood", 0) if m.json["faces"]], 30)
    return agent


def _command(listener: Subscriber, recognition: str) -> float:
    """Switch it, and wait until the device has obeyed; when the command was sent."""
    before = time.monotonic()
    listener.publish("howsitgoing/e2e/set/recognition", recognition)
    listener.wait_for(lambda heard: _since(heard, "settings", before))
    return before


def _since(heard: list[Heard], topic: str, moment: float) -> list[Heard]:
    return [message for message in heard if message.at >= moment and message.topic.endswith(f"/{topic}")]
