"""The broker is tried as the agent would use it, and each way of failing has its own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from support.mosquitto import Mosquitto, free_port, password_file

from howsitgoing_edge.doctor.broker import broker
from howsitgoing_edge.doctor.findings import Check, Finding, State, examine
from howsitgoing_edge.settings import MqttSettings


def _looked_at(settings: MqttSettings) -> Finding:
    (found,) = examine([Check("broker", lambda: broker(settings, "hat-1"))])
    return found


def test_a_broker_that_lets_us_in_works(tmp_path: Path) -> None:
    """With its version of MQTT, since features hang on it."""
    with Mosquitto(tmp_path) as server:
        found = _looked_at(MqttSettings(transport="paho", host=server.host, port=server.port))
    assert (found.state, found.what) == (State.WORKS, f"127.0.0.1:{server.port} lets us in (MQTT 5, not encrypted)")


def test_looking_does_not_push_the_running_agent_out(tmp_path: Path) -> None:
    """A broker ends a client when another of the same name comes: hence the doctor has a name of its own."""
    with Mosquitto(tmp_path) as server:
        _looked_at(MqttSettings(transport="paho", host=server.host, port=server.port))
        assert "howsitgoing-hat-1-doctor" in server.log
        assert not re.search(r"howsitgoing-hat-1(?!-doctor)", server.log)
        assert "Sending Will" not in server.log


def test_a_wrong_password_is_told_from_a_broker_that_is_not_there(tmp_path: Path) -> None:
    """They are mended in different places."""
    users = password_file(tmp_path / "users", anna="right")
    with Mosquitto(tmp_path / "broker", f"allow_anonymous false\npassword_file {users}") as server:
        wrong = MqttSettings(transport="paho", host=server.host, port=server.port, username="anna", password=SecretStr("wrong"))
        found = _looked_at(wrong)
    assert found.state is State.FAILS
    assert "does not let user 'anna' in" in found.what
    assert "check name, password" in found.advice
    gone = _looked_at(MqttSettings(transport="paho", host="127.0.0.1", port=free_port()))
    assert gone.state is State.FAILS
    assert "nothing listens" in gone.what


@pytest.mark.parametrize(("transport", "state"), [("own", State.WORKS), ("off", State.UNUSED)], ids=["own", "off"])
def test_without_a_broker_elsewhere_there_is_nothing_to_reach(transport: str, state: State) -> None:
    """Then nothing is at fault either."""
    assert _looked_at(MqttSettings.model_validate({"transport": transport})).state is state
