"""A running agent gets another network: told over MQTT, used from one frame to the next, and taken back if it does worse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.commands import howsitgoing
from support.publisher import Publisher, WebServer

from howsitgoing_edge.contract import Info, ModelUpdate, Refusal
from howsitgoing_edge.vision.bundle import load_bundle

if TYPE_CHECKING:
    from e2e.conftest import DEVICE, StartAgent
    from support.agents import RunningAgent
    from support.mosquitto import Mosquitto
    from support.subscriber import Subscriber
else:
    from e2e.conftest import DEVICE


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    """Has published nothing yet."""
    return Publisher(tmp_path / "publisher")


@pytest.fixture
def web(publisher: Publisher) -> Iterator[WebServer]:
    """Shows what is published."""
    with WebServer(publisher.folder) as server:
        yield server


@pytest.fixture
def settings(publisher: Publisher, web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """For agents and commands alike: report newer networks, look every few seconds."""
    for name, value in {
        "DEVICE__STATE_FOLDER": str(tmp_path / "state"),
        "MODEL__UPDATES": "report",
        "MODEL__URL": web.url,
        "MODEL__PUBLIC_KEY": publisher.public_key,
        "MODEL__EVERY": "0.001",
    }.items():
        monkeypatch.setenv(f"HOWSITGOING_{name}", value)
    return monkeypatch


def infos(listener: Subscriber) -> list[Info]:
    """All that was said of the device, in order."""
    return [Info.from_json(message.payload) for message in listener.on("info")]


def wait_for_info(listener: Subscriber, model: str, state: str, seconds: float = 30) -> Info:
    """The first that names this network in this state."""

    def so(info: Info) -> bool:
        return info.model.id == model and info.model_update is not None and info.model_update.state == state

    listener.wait_for(lambda _heard: any(map(so, infos(listener))), seconds)
    return next(filter(so, infos(listener)))


def begin(start: StartAgent, broker: Mosquitto) -> RunningAgent:
    return start("--source", "demo", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}")


def test_a_running_agent_changes_its_network_without_a_restart(
    publisher: Publisher, settings: pytest.MonkeyPatch, broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """It tells that there is a newer one, fetches it when told to, and its next news are that one's; nothing else happens."""
    assert settings
    shipped = load_bundle().id
    # the released network under another name and with other thresholds, so that the demo's news stay what they are
    released = publisher.model("better", lambda described: described.update(notes="x"))
    real = load_bundle()
    (released / "model.tflite").write_bytes(real.network)
    (released / "model.json").write_text((real.folder / "model.json").read_text().replace(shipped, "better"))
    publisher.publish(released, notes="Reads disgust better")
    agent = begin(start, broker)
    info = wait_for_info(listener, shipped, "available")
    assert info.model_available == "better"
    assert info.model_update == ModelUpdate("available", "Reads disgust better")
    assert "model_update" in info.features
    listener.publish(f"howsitgoing/{DEVICE}/update", '{"model": "best"}')
    listener.wait_for(lambda _heard: listener.on("error"))
    assert Refusal.from_json(listener.on("error")[0].payload).reason == "best is not offered; better is"
    listener.publish(f"howsitgoing/{DEVICE}/update")
    wait_for_info(listener, shipped, "installing")
    assert wait_for_info(listener, "better", "current").model_available is None
    before = len(listener.on("event"))
    listener.wait_for(lambda _heard: len(listener.on("event")) > before, 60)
    assert listener.on("event")[-1].json["model"]["id"] == "better"
    agent.wait_for_log("the network better does well and stays", 60)
    assert [message.text for message in listener.on("availability")] == ["online"]
    assert agent.end() == 0, agent.log
    again = begin(start, broker)
    agent_infos = len(infos(listener))
    listener.wait_for(lambda _heard: len(infos(listener)) > agent_infos)
    assert infos(listener)[-1].model.id == "better", "a restart begins with it"
    assert again.end() == 0, again.log


def test_an_agent_that_updates_by_itself_obeys_the_command_line_too(
    publisher: Publisher, settings: pytest.MonkeyPatch, broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """It installs unasked; 'howsitgoing models rollback' beside it brings the one before back, and that one stays."""
    settings.setenv("HOWSITGOING_MODEL__UPDATES", "install")
    shipped = load_bundle().id
    agent = begin(start, broker)
    wait_for_info(listener, shipped, "failed")
    publisher.publish(publisher.model("second"))
    wait_for_info(listener, "second", "current", 60)
    back = howsitgoing("models", "rollback")
    assert back.returncode == 0, back.stderr
    assert "from second back to the one that came with this program" in back.stdout
    listener.wait_for(lambda _heard: infos(listener)[-1].model.id == shipped)
    refused = howsitgoing("models", "update")
    assert refused.returncode == 1
    assert "second is not tried again: somebody went back from it; 'howsitgoing models update --retry' does" in refused.stderr
    assert howsitgoing("models", "update", "--retry").returncode == 0
    listener.wait_for(lambda _heard: infos(listener)[-1].model.id == "second")
    status = howsitgoing("models", "status")
    assert status.stdout.splitlines()[0].split() == ["in", "use", "second"]
    assert agent.end() == 0, agent.log
