"""A real Home Assistant and a real broker, for all tests of this folder; each test has a device of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_socket
from homeassistant.util import slugify
from support.hass import HomeAssistantProcess
from support.hat import Hat
from support.mosquitto import Mosquitto
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AUTOMATIONS = """
- id: happy_light
  alias: The lamp goes on when somebody comes to look happy
  triggers:
    - trigger: state
      entity_id: [event.lamp_hat_mood_change, event.real_agent_mood_change]
      not_from: unavailable
  conditions:
    - "{{ trigger.to_state.attributes.event_type == 'happy' }}"
  actions:
    - action: light.turn_on
      target: {entity_id: light.lamp}
"""

CONFIGURATION = """
zone:
  - {name: School, latitude: 48.2, longitude: 11.5, radius: 100}
person:
  - {id: anna, name: Anna, device_trackers: [device_tracker.anna_s_phone]}
  - {id: gran, name: Gran, device_trackers: [device_tracker.gran_s_phone]}
"""
GARBAGE = "garbage"
"""In the name of each device that says what it should not: only of those does the log complain."""


@pytest.fixture(autouse=True)
def component() -> None:
    """Nothing runs inside the test's own process here."""


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """The plug-in forbids them; these tests talk to real servers on the loopback."""


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A real mosquitto."""
    pytest_socket.enable_socket()
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture(scope="session")
def house(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistantProcess]:
    """A real Home Assistant, onboarded, with MQTT set up."""
    pytest_socket.enable_socket()
    with HomeAssistantProcess(tmp_path_factory.mktemp("hass"), AUTOMATIONS, CONFIGURATION) as house:
        house.onboard()
        house.add_mqtt(broker.port)
        yield house
    assert [
        line for line in house.complaints() if GARBAGE not in line
    ] == []  # no warning, deprecation or blocking call in all of it


@pytest.fixture
def hat(broker: Mosquitto, house: HomeAssistantProcess) -> Iterator[Callable[[str], Hat]]:
    """Makes devices that are online and set up in Home Assistant, by discovery."""
    hats: list[Hat] = []

    def make(name: str) -> Hat:
        hat = Hat(broker.port, slugify(name, separator="-"), name)
        hat.connect()
        hats.append(hat)
        if house.state(hat.slug("switch", "recognition")) is None:
            adopt(house, hat.info.device_id)
        house.wait_for_state(hat.slug("switch", "recognition"), "on")
        return hat

    yield make
    for hat in hats:
        hat.stop()


def adopt(house: HomeAssistantProcess, device_id: str) -> None:
    """Set up a device that Home Assistant has discovered: "Add", "Submit"."""

    def cards() -> list[str]:
        return [flow["flow_id"] for flow in house.discovered() if flow["context"]["unique_id"] == device_id]

    (card,) = until(cards, 20, 0.1)
    assert house.confirm(card)["type"] == "create_entry"
