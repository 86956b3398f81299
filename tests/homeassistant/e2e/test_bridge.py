"""A device away from home in a real Home Assistant: device -> broker in the cloud -> bridge -> broker at home -> entities.

A mosquitto that wants certificates stands in for AWS IoT Core; the bridge's key, request and configuration are those that
``howsitgoing bridge`` makes.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_socket
from custom_components.howsitgoing._contract import EMOTIONS, Topic
from support.agents import RunningAgent
from support.certificates import Authority, Issued
from support.hass import HomeAssistantProcess
from support.hat import Hat
from support.home_assistant import change, mood
from support.mosquitto import Mosquitto
from support.waiting import until

from .conftest import adopt

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).parents[3] / ".venv" / "bin" / "howsitgoing"
pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Away:
    """What a device away from home needs, and what is at home."""

    cloud: Mosquitto
    authority: Authority
    certificate: Issued
    house: HomeAssistantProcess

    def hat(self) -> Hat:
        """The device; not connected yet."""
        return Hat(self.cloud.secure_port, "away-hat", "Away hat", self.authority.context(self.certificate))


def bridge(*words: str) -> str:
    """What ``howsitgoing bridge`` prints."""
    if not PROGRAM.exists():
        pytest.skip("the agent is not installed beside the tests: make environment-run")
    done = subprocess.run([PROGRAM, "bridge", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    """Both brokers, the bridge between them, and a Home Assistant at the one at home."""
    pytest_socket.enable_socket()
    folder = tmp_path_factory.mktemp("away")
    authority = Authority(folder / "authority")
    server, certificates = authority.issue("cloud", server=True), folder / "certificates"
    files = f"cafile {authority.file}\ncertfile {server.certificate}\nkeyfile {server.key}"
    with Mosquitto(folder / "cloud", secured=f"{files}\nrequire_certificate true\nuse_identity_as_username true") as cloud:
        request = bridge("request", "home", "--folder", str(certificates))
        (certificates / "home.pem").write_text(authority.sign(request))
        trusted = ("--ca-file", str(authority.file), "--folder", str(certificates))
        written = bridge("config", "home", f"127.0.0.1:{cloud.secure_port}", *trusted)
        with (
            Mosquitto(folder / "home", f"allow_anonymous true\n{written}") as home,
            HomeAssistantProcess(folder / "hass") as house,
        ):
            house.onboard()
            house.add_mqtt(home.port)
            yield Away(cloud, authority, authority.issue("away-hat"), house)
        assert house.complaints() == []


def test_a_device_away_from_home_is_discovered_shown_and_obeys(away: Away) -> None:
    """As if it were in the next room: nothing at home knows about the bridge."""
    house = away.house
    with away.hat() as hat:
        adopt(house, "away-hat")
        hat.publish(Topic.MOOD, mood("sad", 0.8))
        house.wait_for_state("sensor.away_hat_mood", "sad", 30)
        hat.publish(Topic.EVENT, change("happy", "sad"))
        event = "event.away_hat_mood_change"
        until(lambda: (house.entity(event) or {"attributes": {}})["attributes"].get("event_type") == "happy", 30)
        house.call("number.set_value", entity_id="number.away_hat_volume", value=30)
        assert hat.settings.volume == 30
        house.wait_for_state("number.away_hat_volume", "30", 30)
    house.wait_for_state("sensor.away_hat_mood", "unavailable", 30)


def test_home_assistant_finds_the_newest_state_after_its_own_restart(away: Away) -> None:
    """The mood changed after the bridge connected: what counts is what the broker at home has kept."""
    house = away.house
    with away.hat() as hat:
        hat.publish(Topic.MOOD, mood("happy", 0.8))
        house.wait_for_state("sensor.away_hat_mood", "happy", 30)
        hat.publish(Topic.MOOD, mood("surprise", 0.7))
        house.wait_for_state("sensor.away_hat_mood", "surprise", 30)
        house.stop()
        house.start()
        house.wait_until_running()
        house.wait_for_state("sensor.away_hat_mood", "surprise", 30)


def test_an_agent_that_dies_far_away_is_unavailable_at_home(away: Away, tmp_path: Path) -> None:
    """The real agent, over awscrt. Its last will is published in the cloud, and passes the bridge; so does its return."""
    house, certificate = away.house, away.authority.issue("real-agent")
    environment = {
        "HOWSITGOING_DEVICE__ID": "real-agent",
        "HOWSITGOING_DEVICE__NAME": "Real agent",
        "HOWSITGOING_DEVICE__STATE_FOLDER": str(tmp_path),
        "HOWSITGOING_MQTT__TRANSPORT": "aws",
        "HOWSITGOING_MQTT__HOST": "127.0.0.1",
        "HOWSITGOING_MQTT__PORT": str(away.cloud.secure_port),
        "HOWSITGOING_MQTT__TLS__CA_FILE": str(away.authority.file),
        "HOWSITGOING_MQTT__TLS__CERTIFICATE": str(certificate.certificate),
        "HOWSITGOING_MQTT__TLS__KEY": str(certificate.key),
        "VIRTUAL_ENV": None,
        "PYTHONPATH": None,
    }
    words = ("--source", "demo", "--speech", "off")
    with RunningAgent(*words, environment=environment, command=[str(PROGRAM)]) as agent:
        adopt(house, "real-agent")
        until(lambda: house.state("sensor.real_agent_mood") in EMOTIONS, 60, 0.1)
        agent.process.kill()
        house.wait_for_state("sensor.real_agent_mood", "unavailable", 30)
    with RunningAgent(*words, environment=environment, command=[str(PROGRAM)]) as agent:
        until(lambda: house.state("sensor.real_agent_mood") in EMOTIONS, 60, 0.1)
        assert agent.end() == 0
        house.wait_for_state("sensor.real_agent_mood", "unavailable", 30)
