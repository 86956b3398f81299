"""Without discovery, and with new hardware, by the forms of a real Home Assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from custom_components.howsitgoing._contract import Topic
from support.hat import Hat
from support.home_assistant import mood
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.hass import HomeAssistantProcess
    from support.mosquitto import Mosquitto

FLOWS = "/api/config/config_entries/flow"


@pytest.fixture
def hats(broker: Mosquitto) -> Iterator[tuple[Hat, Hat]]:
    """The device of a household, and the one that it buys when that has broken."""
    with Hat(broker.port, "old-hat", "Old hat") as old, Hat(broker.port, "spare-hat", "Spare hat") as spare:
        yield old, spare


def offered(form: dict[str, Any]) -> set[str]:
    """The ids in the list."""
    (field,) = form["data_schema"]
    return {option["value"] for option in field["selector"]["select"]["options"]}


def cards(house: HomeAssistantProcess) -> set[str]:
    """Who stands under "Discovered"."""
    return {str(flow["context"]["unique_id"]) for flow in house.discovered() if flow["context"]["source"] == "mqtt"}


def test_a_device_is_set_up_by_hand_and_later_replaced(house: HomeAssistantProcess, hats: tuple[Hat, Hat]) -> None:
    """The entities, and so history and automations, are those of before; nothing is offered twice."""
    old, spare = hats
    until(lambda: {"old-hat", "spare-hat"} <= cards(house))
    form = house.post(FLOWS, {"handler": "howsitgoing"})
    assert {"old-hat", "spare-hat"} <= offered(form)
    form = house.post(f"{FLOWS}/{form['flow_id']}", {"device_id": "nobody"})
    assert form["errors"] == {"device_id": "not_found"}
    done = house.post(f"{FLOWS}/{form['flow_id']}", {"device_id": "old-hat"})
    assert (done["type"], done["title"]) == ("create_entry", "Old hat")
    old.publish(Topic.MOOD, mood("happy"))
    house.wait_for_state("sensor.old_hat_mood", "happy")
    assert "old-hat" not in cards(house)
    known = set(house.states("old_hat"))

    old.stop()
    form = house.post(FLOWS, {"handler": "howsitgoing", "entry_id": done["result"]["entry_id"]})
    assert "spare-hat" in offered(form)
    assert "old-hat" not in offered(form)
    done = house.post(f"{FLOWS}/{form['flow_id']}", {"device_id": "spare-hat"})
    assert (done["type"], done["reason"]) == ("abort", "reconfigure_successful")
    spare.publish(Topic.MOOD, mood("sad"))
    house.wait_for_state("sensor.old_hat_mood", "sad")
    assert set(house.states("old_hat")) == known
    assert house.states("spare_hat") == {}
    assert "spare-hat" not in cards(house)
