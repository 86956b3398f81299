"""Setting up without typing, by hand, and replacing the hardware."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing._contract import Info, Topic
from custom_components.howsitgoing.config_flow import HowsItGoingConfigFlow
from custom_components.howsitgoing.const import CONF_DEVICE_ID, DOMAIN
from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_MQTT, SOURCE_USER, ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message
from support.home_assistant import DEVICE, INFO, NAME, come_online, config_entry, mood, send

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.device_registry import DeviceRegistry

NEW = replace(INFO, device_id="hat-2", name="Spare hat")


def announcement(payload: str | bytes | bytearray, device: str = DEVICE) -> MqttServiceInfo:
    """What the MQTT integration hands over."""
    return MqttServiceInfo(
        topic=f"howsitgoing/{device}/info",
        payload=payload,
        qos=0,
        retain=True,
        subscribed_topic="howsitgoing/+/info",
        timestamp=0,
    )


async def discover(hass: HomeAssistant, info: MqttServiceInfo) -> ConfigFlowResult:
    """A device announces itself."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_MQTT}, data=info)


def choices(form: ConfigFlowResult) -> dict[str, str]:
    """What the form offers: id -> label."""
    schema = form["data_schema"]
    assert schema is not None
    return {option["value"]: option["label"] for option in schema.schema[CONF_DEVICE_ID].config["options"]}


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> dict[str, Info]:
    """What the broker keeps; the stand-in for its client keeps nothing. The search itself is tested in test_find."""
    kept: dict[str, Info] = {}

    async def find(_hass: HomeAssistant) -> dict[str, Info]:
        return dict(kept)

    monkeypatch.setattr("custom_components.howsitgoing.config_flow.async_find_devices", find)
    return kept


@pytest.mark.usefixtures("mqtt_mock")
async def test_a_device_that_announces_itself_is_set_up_by_one_click(hass: HomeAssistant) -> None:
    """Nothing to type: the whole way from the broker."""
    async_fire_mqtt_message(hass, f"howsitgoing/{DEVICE}/info", INFO.to_json(), retain=True)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["step_id"] == "confirm"
    assert flow["context"]["title_placeholders"] == {"name": NAME}
    done = await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["title"] == NAME
    assert done["data"][CONF_DEVICE_ID] == done["result"].unique_id == DEVICE
    assert Info.from_dict(done["data"]["info"]) == INFO


@pytest.mark.usefixtures("mqtt_mock")
async def test_a_payload_as_bytes_is_a_payload(hass: HomeAssistant) -> None:
    """The MQTT integration promises text, or bytes."""
    result = await discover(hass, announcement(bytearray(INFO.to_json(), "utf-8")))
    assert result["type"] is FlowResultType.FORM


@pytest.mark.usefixtures("entry")
async def test_a_device_that_comes_back_is_the_same_device(hass: HomeAssistant) -> None:
    """No second one, however often it announces itself."""
    result = await discover(hass, announcement(replace(INFO, name="Ben's hat", sw_version="9").to_json()))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.usefixtures("mqtt_mock")
async def test_a_device_that_was_ignored_stays_ignored(hass: HomeAssistant) -> None:
    """A neighbour's device on a shared broker is refused once."""
    MockConfigEntry(domain=DOMAIN, unique_id=DEVICE, source=SOURCE_IGNORE).add_to_hass(hass)
    result = await discover(hass, announcement(INFO.to_json()))
    assert result["reason"] == "already_configured"


@pytest.mark.usefixtures("mqtt_mock")
@pytest.mark.parametrize(
    ("payload", "reason", "lines"),
    [
        pytest.param("", "invalid_discovery_info", 0, id="taken-back"),
        pytest.param("{broken", "invalid_discovery_info", 1, id="not-json"),
        pytest.param(INFO.to_json().replace(DEVICE, "hat-3"), "invalid_discovery_info", 1, id="another-device"),
        pytest.param(INFO.to_json().replace('"schema":1', '"schema":2'), "incompatible", 1, id="a-later-version"),
    ],
)
async def test_what_is_no_device_is_not_offered(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, payload: str, reason: str, lines: int
) -> None:
    """Garbage on the topic is one line in the log, never a card on the dashboard."""
    result = await discover(hass, announcement(payload))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    assert len([record for record in caplog.records if record.name.startswith("custom_components")]) == lines


@pytest.mark.usefixtures("entry")
async def test_garbage_of_a_device_that_is_set_up_is_told_of_by_that_device(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Not twice."""
    assert (await discover(hass, announcement("{broken")))["reason"] == "invalid_discovery_info"
    assert "Ignored a device" not in caplog.text


@pytest.mark.usefixtures("mqtt_mock")
async def test_an_id_that_cannot_be_is_refused(hass: HomeAssistant) -> None:
    """Topics may be anything; ids may not."""
    result = await discover(hass, announcement(INFO.to_json(), device="Not An Id"))
    assert result["reason"] == "invalid_discovery_info"


@pytest.mark.usefixtures("mqtt_mock")
async def test_by_hand_one_picks_among_the_devices_that_are_there(hass: HomeAssistant, announced: dict[str, Info]) -> None:
    """Discovery may be switched off in the MQTT integration."""
    announced.update({"hat-2": NEW, DEVICE: INFO})
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (form["type"], form["errors"]) == (FlowResultType.FORM, {})
    assert choices(form) == {DEVICE: "Anna's hat (hat-1)", "hat-2": "Spare hat (hat-2)"}
    done = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: "hat-2"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert (done["title"], done["result"].unique_id) == ("Spare hat", "hat-2")


@pytest.mark.usefixtures("mqtt_mock")
async def test_a_device_that_is_switched_on_only_now_may_be_typed(hass: HomeAssistant, announced: dict[str, Info]) -> None:
    """The list was made when the form was opened; a wrong id is told, and may be mended."""
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert choices(form) == {}
    again = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: DEVICE})
    assert (again["type"], again["errors"]) == (FlowResultType.FORM, {CONF_DEVICE_ID: "not_found"})
    announced[DEVICE] = INFO
    done = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: f" {DEVICE} "})
    assert done["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("entry")
async def test_a_device_is_not_set_up_twice(hass: HomeAssistant, announced: dict[str, Info]) -> None:
    """One that is set up is not offered, and refused where it is typed."""
    announced[DEVICE] = INFO
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert choices(form) == {}
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: DEVICE})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_without_mqtt_there_is_nothing_to_set_up(hass: HomeAssistant) -> None:
    """Told at once, not after filling in a form."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_mqtt")


async def test_new_hardware_takes_the_place_of_the_old(
    hass: HomeAssistant, device: MockConfigEntry, announced: dict[str, Info], device_registry: DeviceRegistry
) -> None:
    """A broken card must cost no automation and no history: entities keep their names, whatever the device's id."""
    announced.update({"hat-2": NEW, DEVICE: INFO})
    before = {state.entity_id for state in hass.states.async_all()}
    known = device_registry.async_get_device({(DOMAIN, DEVICE)})
    form = await device.start_reconfigure_flow(hass)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "reconfigure")
    done = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: "hat-2"})
    await hass.async_block_till_done()
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert device.unique_id == "hat-2"
    await come_online(hass, NEW)
    await send(hass, Topic.MOOD, mood("happy"), "hat-2")
    assert hass.states.get("sensor.anna_s_hat_mood").state == "happy"
    assert {state.entity_id for state in hass.states.async_all()} == before
    found = device_registry.async_get_device({(DOMAIN, "hat-2")})
    assert known is not None
    assert found is not None
    assert (found.id, found.serial_number) == (known.id, "hat-2")
    assert device_registry.async_get_device({(DOMAIN, DEVICE)}) is None


async def test_hardware_that_took_a_place_is_not_offered_any_more(
    hass: HomeAssistant, device: MockConfigEntry, announced: dict[str, Info]
) -> None:
    """Its card would set it up a second time, in place of the first; another device's card stays."""
    other = replace(INFO, device_id="hat-3")
    announced["hat-2"] = NEW
    await discover(hass, announcement(NEW.to_json(), "hat-2"))
    await discover(hass, announcement(other.to_json(), "hat-3"))
    form = await device.start_reconfigure_flow(hass)
    await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: "hat-2"})
    await hass.async_block_till_done()
    assert [flow["context"]["unique_id"] for flow in hass.config_entries.flow.async_progress()] == ["hat-3"]


async def test_reconfiguring_to_the_same_device_changes_nothing(
    hass: HomeAssistant, device: MockConfigEntry, announced: dict[str, Info]
) -> None:
    """Pressing through the form is harmless."""
    announced[DEVICE] = INFO
    form = await device.start_reconfigure_flow(hass)
    done = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: DEVICE})
    await hass.async_block_till_done()
    assert done["reason"] == "reconfigure_successful"
    assert device.unique_id == DEVICE


async def test_a_device_that_is_set_up_already_cannot_take_another_s_place(
    hass: HomeAssistant, device: MockConfigEntry, announced: dict[str, Info]
) -> None:
    """Two entries for one device would be a clash."""
    config_entry(NEW).add_to_hass(hass)
    announced.update({"hat-2": NEW, DEVICE: INFO})
    form = await device.start_reconfigure_flow(hass)
    done = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_DEVICE_ID: "hat-2"})
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert device.unique_id == DEVICE


def test_the_flow_is_what_the_manifest_promises() -> None:
    """The manifest's ``mqtt`` key needs this step."""
    assert hasattr(HowsItGoingConfigFlow, "async_step_mqtt")
