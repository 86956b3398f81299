"""From the demo's face to the carer's dashboard, and from the carer's switch to the camera, by the agent as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest
from support import demo
from support.blynk.cloud import BlynkCloud
from support.blynk.panels import LINKS, at
from support.blynk.server import TOKEN, BlynkStandIn
from support.certificates import Authority

from howsitgoing_edge.cloud.blynk.streams import words
from howsitgoing_edge.contract import EMOTIONS, Health, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.conftest import StartAgent
    from support.agents import RunningAgent
    from support.mosquitto import Mosquitto
    from support.subscriber import Subscriber

DEMO = ("--source", "demo", "--speech", "off")


@pytest.fixture
def blynk(tmp_path: Path) -> Iterator[BlynkStandIn]:
    """Blynk's servers, over TLS."""
    with BlynkStandIn(cloud=BlynkCloud(TOKEN), authority=Authority(tmp_path / "authority")) as running:
        yield running


@pytest.mark.parametrize("link", LINKS)
def test_the_carer_sees_each_look_of_the_demos_face(blynk: BlynkStandIn, start: StartAgent, tmp_path: Path, link: str) -> None:
    """Emoticon and words of the demo's expressions in their order, and at the end that the device was switched off."""
    agent = start(*DEMO, "--mqtt", "off", environment=_environment(blynk, link, tmp_path, feed=True))
    wanted = [(EMOTIONS.index(emotion), words(emotion, "en")) for emotion in demo.shown()[:4]]
    blynk.wait_for(lambda: _in_order(wanted, _shown(blynk)), 60)
    blynk.wait_for(lambda: blynk.values.get("V6") == "online")
    cmdline = psutil.Process(agent.process.pid).cmdline()
    assert agent.end() == 0, agent.log
    blynk.wait_for(lambda: blynk.values["V6"] == "stopped")
    assert TOKEN not in agent.log + " ".join(cmdline)


@pytest.mark.parametrize("link", LINKS)
def test_the_carers_switch_closes_the_camera(
    blynk: BlynkStandIn, broker: Mosquitto, listener: Subscriber, start: StartAgent, tmp_path: Path, link: str
) -> None:
    """The household sees it at its own broker, the dashboard shows nobody, and it is still off after a restart."""
    words_of_start = (*DEMO, "--mqtt", f"127.0.0.1:{broker.port}")
    environment = {**_environment(blynk, link, tmp_path, feed=True), "HOWSITGOING_HEALTH__EVERY": "1"}
    agent = start(*words_of_start, environment=environment)
    blynk.wait_for(lambda: blynk.values.get("V0") == 1, 30)
    blynk.wait_for(lambda: blynk.values.get("V1") in range(7), 30)
    blynk.flip(on=False)
    _wait_for_recognition(listener, on=False)
    _wait_for_camera(listener, "off")
    blynk.wait_for(lambda: blynk.values["V1"] == 7)
    assert agent.end() == 0
    again = start(*words_of_start, environment=environment)
    again.wait_for_log("connected to Blynk")
    _wait_for_recognition(listener, on=False)
    blynk.flip(on=True)
    _wait_for_recognition(listener, on=True)
    _wait_for_camera(listener, "ok")
    _stays_up(again)


def test_what_the_household_switches_the_carer_sees(
    blynk: BlynkStandIn, broker: Mosquitto, listener: Subscriber, start: StartAgent, tmp_path: Path
) -> None:
    """Home Assistant's switch and the carer's are one."""
    start(*DEMO, "--mqtt", f"127.0.0.1:{broker.port}", environment=_environment(blynk, "mqtt", tmp_path, feed=False))
    blynk.wait_for(lambda: blynk.values.get("V0") == 1, 30)
    listener.publish("howsitgoing/e2e/set/recognition", "false")
    blynk.wait_for(lambda: blynk.values["V0"] == 0)
    listener.publish("howsitgoing/e2e/set/recognition", "true")
    blynk.wait_for(lambda: blynk.values["V0"] == 1)


def test_a_refused_token_is_a_sentence_in_health_and_the_aid_goes_on(
    blynk: BlynkStandIn, broker: Mosquitto, listener: Subscriber, start: StartAgent, tmp_path: Path
) -> None:
    """Whoever looks after the device sees it; the wearer notices nothing."""
    environment = _environment(blynk, "mqtt", tmp_path, feed=True) | {"HOWSITGOING_HEALTH__EVERY": "1"}
    blynk.cloud.remove(TOKEN)
    agent = start(*DEMO, "--mqtt", f"127.0.0.1:{broker.port}", environment=environment)
    listener.wait_for(lambda heard: "refuses the token" in "".join(m.text for m in heard if m.topic.endswith("/health")), 30)
    listener.wait_for(lambda heard: any(m.topic.endswith("/event") for m in heard), 30)
    _stays_up(agent)


def test_a_token_file_that_everybody_can_read_is_a_sentence_and_the_aid_goes_on(
    blynk: BlynkStandIn, start: StartAgent, tmp_path: Path
) -> None:
    """Not a reason to take the wearer's aid away."""
    environment = _environment(blynk, "mqtt", tmp_path, feed=True)
    (tmp_path / "token").chmod(0o644)
    agent = start(*DEMO, "--mqtt", "off", environment=environment)
    agent.wait_for_log("chmod 600")
    _stays_up(agent)


def _environment(blynk: BlynkStandIn, link: str, folder: Path, *, feed: bool) -> dict[str, str | None]:
    where = at(blynk, link)
    file = folder / "token"
    file.touch(0o600)
    file.write_text(f"{TOKEN}\n")
    return {
        "HOWSITGOING_BLYNK__LINK": link,
        "HOWSITGOING_BLYNK__SERVER": str(where["server"]),
        "HOWSITGOING_BLYNK__CA_FILE": str(where["ca_file"]),
        "HOWSITGOING_BLYNK__TOKEN_FILE": str(file),
        "HOWSITGOING_BLYNK__FEED": str(feed).lower(),
    }


def _shown(blynk: BlynkStandIn) -> list[tuple[object, object]]:
    """Emoticon and words after each message."""
    seen: list[tuple[object, object]] = []
    values: dict[str, object] = {}
    for written in blynk.device.written:
        values |= written.values
        if "V1" in values and "V2" in values and _belong_together(values):
            seen.append((values["V1"], values["V2"]))
    return seen


def _belong_together(values: dict[str, object]) -> bool:
    """By the library emoticon and words are two messages: between them they differ."""
    index = values["V1"]
    assert isinstance(index, int)
    return index < len(EMOTIONS) and values["V2"] == words(EMOTIONS[index], "en")


def _in_order(wanted: list[tuple[int, str]], shown: list[tuple[object, object]]) -> bool:
    rest = iter(shown)
    return all(one in rest for one in wanted)


def _wait_for_recognition(listener: Subscriber, *, on: bool) -> None:
    def last_settings() -> bool:
        told = listener.on("settings")
        return bool(told) and Settings.from_json(told[-1].payload).recognition is on

    listener.wait_for(lambda _heard: last_settings(), 20)


def _wait_for_camera(listener: Subscriber, state: str) -> None:
    listener.wait_for(
        lambda heard: (
            [m for m in heard if m.topic.endswith("/health")][-1:]
            and Health.from_json([m for m in heard if m.topic.endswith("/health")][-1].payload).camera == state
        ),
        20,
    )


def _stays_up(agent: RunningAgent) -> None:
    assert agent.process.poll() is None, agent.log
    assert "Traceback" not in agent.log
    assert TOKEN not in agent.log
    assert agent.end() == 0
