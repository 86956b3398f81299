"""What the household sees of the device at the broker, whatever becomes of either."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

from support import demo
from support.mosquitto import Mosquitto
from support.parts import need

from howsitgoing_edge.contract import Availability, Info, Mood, MoodChange, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.conftest import StartAgent
    from support.agents import RunningAgent
    from support.subscriber import Heard, Subscriber

DEMO = ("--source", "demo", "--speech", "off")


def test_anybody_on_the_machine_can_listen_to_the_own_broker(start: StartAgent) -> None:
    """As the log says, with mosquitto's own tool, and nothing else configured."""
    agent = start(*DEMO)
    words = ["-p", str(agent.own_port()), "-t", "howsitgoing/e2e/mood", "-t", "howsitgoing/e2e/info", "-C", "2", "-W", "20"]
    heard = subprocess.run([need("mosquitto_sub"), *words], capture_output=True, timeout=30, check=False)
    assert heard.returncode == 0, heard.stderr
    payloads = heard.stdout.splitlines()
    assert {type(_info_or_mood(payload)) for payload in payloads} == {Info, Mood}


def test_sigterm_says_stopped_and_ends_within_two_seconds(broker: Mosquitto, listener: Subscriber, start: StartAgent) -> None:
    """In peace: no last will, and whoever looks later finds ``stopped`` retained."""
    agent = _watching(broker, listener, start)
    begun = time.monotonic()
    assert agent.end(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 2
    listener.wait_for_text("availability", "stopped")
    assert _availability(listener) == [Availability.ONLINE, Availability.STOPPED]


def test_an_agent_that_is_killed_is_offline(broker: Mosquitto, listener: Subscriber, start: StartAgent) -> None:
    """The broker publishes its last will, so nobody believes a mood of long ago."""
    agent = _watching(broker, listener, start)
    agent.end(signal.SIGKILL)
    listener.wait_for_text("availability", "offline", 20)
    assert _availability(listener) == [Availability.ONLINE, Availability.OFFLINE]


def test_a_broker_that_restarts_misses_no_state_and_hears_no_news_twice(
    broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """A router update in the middle of the day is nobody's business."""
    agent = _watching(broker, listener, start)
    listener.wait_for(lambda heard: _of(heard, "event"), 20)
    broker.kill()
    agent.wait_for_log("was lost")
    broker.start()
    listener.wait_until_subscribed()
    back = time.monotonic()
    listener.wait_for(lambda heard: [m for m in _of(heard, "availability") if m.at > back and m.payload == b"online"], 20)
    listener.wait_for(lambda heard: [m for m in _of(heard, "event") if m.at > back], 30)
    again = [message for message in listener.heard if message.at > back]
    assert {"info", "settings", "mood", "availability"} <= {message.topic.rpartition("/")[2] for message in again}
    ids = [MoodChange.from_json(message.payload).id for message in listener.on("event")]
    assert len(set(ids)) == len(ids)


def test_a_command_is_answered_kept_and_in_force_after_a_restart(
    broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """The wearer's volume is the wearer's; a wrong command changes nothing and is told why."""
    agent = _watching(broker, listener, start)
    listener.publish("howsitgoing/e2e/set/volume", "35")
    listener.wait_for(lambda heard: [m for m in _of(heard, "settings") if Settings.from_json(m.payload).volume == 35])
    for topic, payload in (("set/volume", "350"), ("set/colour", '"red"'), ("set/volume", b"\xff" * 70_000), ("say", "{")):
        listener.publish(f"howsitgoing/e2e/{topic}", payload)
    refused = listener.wait_for(lambda heard: len(_of(heard, "error")) >= 3 and _of(heard, "error"))
    assert {message.json["command"] for message in refused or ()} == {"set/volume", "set/colour", "say"}
    assert agent.end() == 0
    listener.wait_for_text("availability", "stopped")
    begun = time.monotonic()
    start(*DEMO, "--mqtt", f"127.0.0.1:{broker.port}")
    told = listener.wait_for(lambda heard: [m for m in _of(heard, "settings") if m.at > begun], 30)
    assert [Settings.from_json(message.payload).volume for message in told] == [35]


def test_a_broker_that_refuses_leaves_everything_else_running(film: Path, tmp_path: Path, start: StartAgent) -> None:
    """A missing password is said in a line; news still goes wherever else it can go."""
    with Mosquitto(tmp_path / "strict", "allow_anonymous false") as broker:
        words = ("--fast", "--until-end", "--events", "-", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}")
        agent = start("--source", str(film), *words, stdout=subprocess.PIPE)
        output, _ = agent.process.communicate(timeout=60)
    assert len(output.splitlines()) == len(demo.FIRST)
    assert agent.process.returncode == 0
    assert "password" in agent.log, agent.log
    assert "Traceback" not in agent.log


def _watching(broker: Mosquitto, listener: Subscriber, start: StartAgent) -> RunningAgent:
    """An agent that has seen the demo's face, in real time."""
    agent = start(*DEMO, "--mqtt", f"127.0.0.1:{broker.port}")
    listener.wait_for(lambda heard: [m for m in _of(heard, "mood") if m.json["faces"]], 30)
    return agent


def _of(heard: list[Heard], topic: str) -> list[Heard]:
    return [message for message in heard if message.topic.endswith(f"/{topic}")]


def _availability(listener: Subscriber) -> list[str]:
    return [message.text for message in listener.on("availability")]


def _info_or_mood(payload: bytes) -> Info | Mood:
    return Info.from_json(payload) if b"sw_version" in payload else Mood.from_json(payload)
