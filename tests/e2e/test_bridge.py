"""A device away from home, heard at home: device -> broker in the cloud -> bridge -> broker at home, and commands back down.

A mosquitto with client certificates and access rules like those of terraform/aws stands in for AWS IoT Core. The bridge's key,
request and configuration are those that ``howsitgoing bridge`` makes.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.certificates import Authority, Issued
from support.commands import howsitgoing
from support.links import DEVICE_PROGRAM, Links, aws_settings
from support.mosquitto import Mosquitto
from support.subscriber import Heard, Subscriber
from support.waiting import until

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.mqtt.bridge import STATE_TOPIC

DEVICE = "howsitgoing/hat-1"
RULES = """
pattern readwrite howsitgoing/%u/availability
pattern write howsitgoing/%u/info
pattern write howsitgoing/%u/mood
pattern write howsitgoing/%u/settings
pattern write howsitgoing/%u/health
pattern write howsitgoing/%u/event
pattern write howsitgoing/%u/error
pattern write howsitgoing/%u/face
pattern read howsitgoing/%u/set/#
pattern read howsitgoing/%u/say
pattern read howsitgoing/%u/update

user home
topic read howsitgoing/#
topic write howsitgoing/+/set/#
topic write howsitgoing/+/say
topic write howsitgoing/+/update
"""
"""As the policies in terraform/aws"""


@dataclass(frozen=True)
class Places:
    """Both brokers, and what it takes to be let in by the one in the cloud."""

    cloud: Mosquitto
    home: Mosquitto
    authority: Authority
    device: Issued

    def links(self) -> Links:
        """Of the device ``hat-1``, over awscrt."""
        return Links("hat-1", **aws_settings(self.authority, self.device), port=self.cloud.secure_port)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Both brokers run, and are bridged."""
    folder = tmp_path_factory.mktemp("bridge")
    authority = Authority(folder / "authority")
    server = authority.issue("cloud", server=True)
    (folder / "rules").write_text(RULES)
    (folder / "rules").chmod(0o600)
    secured = (
        f"cafile {authority.file}\ncertfile {server.certificate}\nkeyfile {server.key}\nacl_file {folder / 'rules'}\n"
        "require_certificate true\nuse_identity_as_username true"
    )
    with Mosquitto(folder / "cloud", secured=secured) as cloud:
        certificates = folder / "certificates"
        asked = howsitgoing("bridge", "request", "home", "--folder", str(certificates))
        assert asked.returncode == 0, asked.stderr
        (certificates / "home.pem").write_text(authority.sign(asked.stdout))
        trusted = ("--ca-file", str(authority.file), "--folder", str(certificates))
        written = howsitgoing("bridge", "config", "home", f"127.0.0.1:{cloud.secure_port}", *trusted)
        assert written.returncode == 0, written.stderr
        with Mosquitto(folder / "home", f"allow_anonymous true\n{written.stdout}") as home:
            yield Places(cloud, home, authority, authority.issue("hat-1"))


@pytest.fixture
def at_home(places: Places) -> Iterator[Subscriber]:
    """As Home Assistant: hears all at the broker at home, while the bridge is up."""
    with Subscriber(places.home.port, "#") as listener:
        listener.wait_for(lambda heard: _last(heard, STATE_TOPIC) == "1", 20)
        yield listener


def _last(heard: list[Heard], topic: str) -> str | None:
    return next((message.text for message in reversed(heard) if message.topic == topic), None)


def _texts(heard: list[Heard], topic: str) -> list[str]:
    return [message.text for message in heard if message.topic == topic]


def test_home_assistant_hears_state_and_news_and_finds_the_newest_state_later(places: Places, at_home: Subscriber) -> None:
    """It may be restarted at any time: what is retained in the cloud must be so at home, not only when the bridge connects."""
    with places.links() as links:
        link = links.make()
        for kind in (Topic.INFO, Topic.MOOD, Topic.SETTINGS, Topic.HEALTH):
            link.publish(kind, f"first {kind}")
        at_home.wait_for_text(f"{DEVICE}/availability", "online")
        link.publish(Topic.MOOD, "second mood")
        link.publish(Topic.EVENT, "news")
        at_home.wait_for_text(f"{DEVICE}/event", "news")
        at_home.wait_for_text(f"{DEVICE}/mood", "second mood")
        with Subscriber(places.home.port) as later:
            later.wait_for_text(f"{DEVICE}/mood", "second mood")
            found = later.wait_for(lambda heard: heard if len(heard) >= 5 else None) or []
        assert {message.topic.rpartition("/")[2]: message.text for message in found} == {
            "availability": "online",
            "info": "first info",
            "mood": "second mood",
            "settings": "first settings",
            "health": "first health",
        }
        assert all(message.retained for message in found)
    at_home.wait_for_text(f"{DEVICE}/availability", "stopped")


def test_a_command_at_home_reaches_the_device_and_its_answer_comes_back_once(places: Places, at_home: Subscriber) -> None:
    """And nothing goes round between the brokers, where it would be obeyed again and again."""
    got: list[tuple[str, bytes, bool]] = []
    with places.links() as links, Subscriber(places.cloud.port) as in_cloud:
        link = links.make(on_command=lambda *command: got.append(command))
        at_home.wait_for_text(f"{DEVICE}/availability", "online")
        at_home.publish(f"{DEVICE}/set/volume", "40")
        at_home.publish(f"{DEVICE}/say")
        until(lambda: len(got) == 2)
        assert got == [("set/volume", b"40", False), ("say", b"", False)]
        link.publish(Topic.SETTINGS, '{"volume":40}')
        link.publish(Topic.EVENT, "after")
        at_home.wait_for_text(f"{DEVICE}/event", "after")
        at_home.publish(f"{DEVICE}/set/marker", "1")  # whatever went round has arrived by then
        in_cloud.wait_for_text(f"{DEVICE}/set/marker", "1")
        for listener in (at_home, in_cloud):
            assert [_texts(listener.heard, f"{DEVICE}/{topic}") for topic in ("set/volume", "say", "event")] == [
                ["40"],
                [""],
                ["after"],
            ]
        assert got[:2] == [("set/volume", b"40", False), ("say", b"", False)]


def test_a_device_that_dies_is_offline_at_home(places: Places, at_home: Subscriber) -> None:
    """The last will is published in the cloud; whoever relies on the device is at home."""
    with places.links() as links:
        settings = links.settings().model_dump_json(exclude_unset=True)
    begun = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", DEVICE_PROGRAM, settings], stdin=subprocess.PIPE) as agent:
        at_home.wait_for(lambda heard: [m for m in heard if m.at > begun and m.text == "online"], 20)
        agent.send_signal(signal.SIGKILL)
        agent.wait(10)
    at_home.wait_for_text(f"{DEVICE}/availability", "offline")
    with Subscriber(places.home.port) as later:
        assert later.wait_for_text(f"{DEVICE}/availability", "offline").retained


def test_after_an_outage_of_the_cloud_state_is_right_and_nothing_old_is_obeyed(places: Places, at_home: Subscriber) -> None:
    """At home the bridge's own topic says meanwhile that nothing can be heard."""
    got: list[str] = []
    with places.links() as links:
        link = links.make(on_command=lambda path, *_: got.append(path))
        link.publish(Topic.EVENT, "before")
        at_home.wait_for_text(f"{DEVICE}/event", "before")
        places.cloud.kill()
        at_home.wait_for(lambda heard: _last(heard, STATE_TOPIC) == "0", 20)
        at_home.publish(f"{DEVICE}/say", "too late")
        link.publish(Topic.MOOD, "changed meanwhile")
        places.cloud.start()
        at_home.wait_for_text(f"{DEVICE}/mood", "changed meanwhile", 40)
        at_home.wait_for(lambda heard: _last(heard, STATE_TOPIC) == "1")
        link.publish(Topic.EVENT, "after")
        at_home.wait_for_text(f"{DEVICE}/event", "after")
        at_home.publish(f"{DEVICE}/set/volume", "1")
        until(lambda: got)
        assert got == ["set/volume"]
        assert _texts(at_home.heard, f"{DEVICE}/event") == ["before", "after"]


def test_a_broker_at_home_that_lost_its_memory_gets_all_state_again(places: Places, at_home: Subscriber) -> None:
    """A power cut, and the device, far away, does not even notice."""
    with places.links() as links:
        link = links.make()
        link.publish(Topic.MOOD, "kept in the cloud")
        at_home.wait_for_text(f"{DEVICE}/mood", "kept in the cloud")
        places.home.kill()
        (Path(places.home._folder) / "mosquitto.db").unlink(missing_ok=True)
        places.home.start()
        with Subscriber(places.home.port) as later:
            assert later.wait_for_text(f"{DEVICE}/mood", "kept in the cloud", 30)
            assert later.wait_for_text(f"{DEVICE}/availability", "online")
        assert link.connected
        assert link.problems == ()
