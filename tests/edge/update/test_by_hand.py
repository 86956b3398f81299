"""``howsitgoing models update``, ``rollback``, ``status`` and a line of ``doctor``: the same steps, told to people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from edge.update.conftest import Device
from support.publisher import Publisher, WebServer
from typer.testing import CliRunner

from howsitgoing_edge.commands.models import app
from howsitgoing_edge.doctor.findings import State
from howsitgoing_edge.doctor.updates import updates
from howsitgoing_edge.errors import ConfigError, EdgeError
from howsitgoing_edge.settings import EdgeSettings
from howsitgoing_edge.vision.bundle import load_bundle

Type = Callable[..., str]


@pytest.fixture
def models(device: Device, monkeypatch: pytest.MonkeyPatch) -> Type:
    """``howsitgoing models …`` on that device; its answer, or with ``fails`` its complaint of that kind."""
    monkeypatch.setenv("HOWSITGOING_DEVICE__STATE_FOLDER", str(device.folder))
    monkeypatch.setenv("HOWSITGOING_MODEL__URL", device.url)
    monkeypatch.setenv("HOWSITGOING_MODEL__PUBLIC_KEY", device.key)

    def type_(*words: str, fails: type[EdgeError] | None = None) -> str:
        done = CliRunner().invoke(app, words)
        if fails is None:
            assert done.exit_code == 0, done.output
            return done.stdout
        assert type(done.exception) is fails
        return str(done.exception)

    return type_


def test_a_person_can_fetch_and_go_back(publisher: Publisher, device: Device, models: Type) -> None:
    """Even where updates are off: off means that nobody looks unasked."""
    shipped = load_bundle().id
    publisher.publish(publisher.model("second"), notes="better")
    assert models("update", "--check") == "second is newer (better)\n"
    assert models("update") == "second is in use from now on; it is on trial until it has read 50 faces\n"
    assert models("update") == "second is in use, and is the newest\n"
    told = json.loads(models("status", "--json"))
    assert (told["in use"], told["on trial"], told["updates"]) == ("second", True, "off")
    assert told["before it"] == "the one that came with this program"
    assert "tiny" not in models("list")
    assert str(device.store.path("second")) in models("list")
    assert models("rollback") == "from second back to the one that came with this program\n"
    assert json.loads(models("status", "--json"))["in use"] == shipped
    assert models("update", "--check") == "second is not tried again: somebody went back from it (better)\n"
    assert "there is nothing to go back from" in models("rollback", fails=ConfigError)


def test_going_back_to_the_shipped_one_leaps_over_the_one_before(publisher: Publisher, models: Type) -> None:
    """The way out when nothing of what was fetched is wanted."""
    for name in ("second", "third"):
        publisher.publish(publisher.model(name))
        models("update")
    assert models("rollback", "--shipped") == "from third back to the one that came with this program\n"


def test_what_is_missing_is_named(models: Type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Wrong usage, which is exit code 2."""
    monkeypatch.setenv("HOWSITGOING_VISION__MODEL", str(tmp_path))
    assert "vision.model names the network" in models("update", fails=ConfigError)
    monkeypatch.delenv("HOWSITGOING_VISION__MODEL")
    monkeypatch.delenv("HOWSITGOING_MODEL__URL")
    assert "[model] url and public_key are not set" in models("update", fails=ConfigError)


def test_doctor_tells_whether_the_publisher_can_be_believed(publisher: Publisher, device: Device, web: WebServer) -> None:
    """It looks, and installs nothing."""
    assert updates(EdgeSettings(), device.folder).state is State.UNUSED
    publisher.publish(publisher.model("second"))
    found = updates(device.settings, device.folder)
    assert (found.state, found.advice) == (State.WORKS, "'howsitgoing models update' puts it in use")
    assert found.what.startswith("second is newer; believed until 20")
    device.installer.install()
    assert "second is the newest, and in use" in updates(device.settings, device.folder).what
    device.store.change(lambda state: state.back("it is too slow here", refuse=True))
    found = updates(device.settings, device.folder)
    assert (found.state, found.what) == (State.LIMITED, "second: it is too slow here")
    web.breaks = "latest.json"
    with pytest.raises(EdgeError, match="cannot be reached"):
        updates(device.settings, device.folder)
