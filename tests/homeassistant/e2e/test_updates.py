"""A press on the update's button, in a real Home Assistant, gives the running agent another network."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.waiting import until

from .conftest import adopt
from .test_agent import PROGRAM, ROOT, start

if TYPE_CHECKING:
    from support.hass import HomeAssistantProcess
    from support.mosquitto import Mosquitto

MODEL = "update.updated_agent_expression_model"
pytestmark = pytest.mark.timeout(240)


def published(folder: Path) -> dict[str, str]:
    """What somebody publishes with the commands of the data team; the settings that lead a device there."""
    command = str(PROGRAM.with_name("howsitgoing-models"))
    key = subprocess.run([command, "key", folder / "key", "--json"], capture_output=True, text=True, check=True)
    model = shutil.copytree(ROOT / "tests" / "edge" / "vision" / "tiny" / "uint8", folder / "model")
    words = ["--to", folder / "web", "--key", folder / "key", "--model", model, "--notes", "Small and quick"]
    subprocess.run([command, "publish", *words], capture_output=True, text=True, check=True)
    return {
        "HOWSITGOING_MODEL__UPDATES": "report",
        "HOWSITGOING_MODEL__URL": (folder / "web").as_uri(),
        "HOWSITGOING_MODEL__PUBLIC_KEY": json.loads(key.stdout)["public_key"],
    }


def attributes(house: HomeAssistantProcess) -> dict[str, Any]:
    """What the entity shows."""
    found = house.entity(MODEL)
    assert found is not None
    return dict(found["attributes"])


def test_the_button_installs_what_the_device_offers(broker: Mosquitto, house: HomeAssistantProcess, tmp_path: Path) -> None:
    """Offered, pressed, in use: all of it told by the device."""
    if not PROGRAM.exists():
        pytest.skip("the agent is not installed beside the tests: make environment-run")
    named = {"HOWSITGOING_DEVICE__ID": "updated-agent", "HOWSITGOING_DEVICE__NAME": "Updated agent"}
    with start(broker, tmp_path / "state", **named, **published(tmp_path)) as agent:
        adopt(house, "updated-agent")
        until(lambda: house.state(MODEL) == "on", 60, 0.1)
        offered = attributes(house)
        assert (offered["latest_version"], offered["release_summary"]) == ("tiny-uint8", "Small and quick")
        house.call("update.install", entity_id=MODEL)
        until(lambda: house.state(MODEL) == "off", 30, 0.1)
        assert attributes(house)["installed_version"] == "tiny-uint8"
        assert agent.end() == 0, agent.log
