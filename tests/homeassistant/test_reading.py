"""Bad input: ignored with one line in the log, never an exception, never a wrong state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing._contract import MESSAGES, ContractError, Topic
from custom_components.howsitgoing.reading import IncompatibleError, read, read_availability, read_info
from homeassistant.const import STATE_UNKNOWN
from support.golden import Golden, accepted, refused
from support.home_assistant import HEALTH, INFO, SETTINGS, change, mood, send

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

MOOD = "sensor.anna_s_hat_mood"
HEARD = {kind for kind in MESSAGES if kind not in {Topic.SAY, Topic.UPDATE}}


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the component wrote to the log."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("custom_components")]


@pytest.mark.parametrize("golden", [g for g in accepted() if g.topic in HEARD], ids=lambda g: g.case)
def test_every_golden_payload_is_read(golden: Golden) -> None:
    """What the device sends is what Home Assistant takes."""
    assert read(MESSAGES[Topic(golden.topic)], golden.payload)  # type: ignore[type-var]


@pytest.mark.parametrize("golden", [g for g in refused() if g.topic in HEARD], ids=lambda g: g.case)
def test_every_golden_refusal_is_refused(golden: Golden) -> None:
    """For the same reason as everywhere else."""
    with pytest.raises(ContractError) as error:
        read(MESSAGES[Topic(golden.topic)], golden.payload)  # type: ignore[type-var]
    assert golden.error in str(error.value)


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("golden", [g for g in refused() if g.topic in HEARD], ids=lambda g: g.case)
async def test_a_refused_payload_is_one_line_and_changes_nothing(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, golden: Golden
) -> None:
    """However often it comes: a broken sender must not fill the disk with its complaints."""
    await send(hass, Topic.MOOD, mood("happy"))
    before = {state.entity_id: (state.state, state.attributes) for state in hass.states.async_all()}
    newer = "schema 2" in golden.error
    caplog.clear()
    for _ in range(3):
        await send(hass, Topic(golden.topic), golden.payload)
    assert len(lines(caplog)) == 1
    assert f"howsitgoing/hat-1/{golden.topic}" in lines(caplog)[0]
    after = {state.entity_id: (state.state, state.attributes) for state in hass.states.async_all()}
    assert newer or after == before


@pytest.mark.usefixtures("device")
async def test_after_a_good_message_the_next_bad_one_is_told_again(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """One line each time something breaks anew."""
    for payload in ("{broken", "{broken", mood("happy"), "{broken"):
        await send(hass, Topic.MOOD, payload)
    assert len(lines(caplog)) == 2
    assert hass.states.get(MOOD).state == "happy"


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        pytest.param(Topic.AVAILABILITY, "maybe", id="availability-unknown"),
        pytest.param(Topic.AVAILABILITY, "", id="availability-empty"),
        pytest.param(Topic.AVAILABILITY, "online" * 10_000, id="availability-huge"),
        pytest.param(Topic.AVAILABILITY, b"\xff\xfe", id="availability-not-text"),
        pytest.param(Topic.MOOD, b"\xff\xfe\x00", id="mood-not-text"),
        pytest.param(Topic.MOOD, mood("happy").to_json().replace('"happy",', '"bored",', 1), id="mood-unknown-emotion"),
        pytest.param(Topic.MOOD, mood("happy").to_json() + " " * 20_000, id="mood-oversized"),
        pytest.param(Topic.INFO, INFO.to_json().replace("hat-1", "hat-9"), id="info-of-another-device"),
        pytest.param(Topic.SETTINGS, SETTINGS.to_json().replace("80", "800"), id="settings-impossible"),
        pytest.param(Topic.HEALTH, HEALTH.to_json().replace('"camera":"ok"', '"camera":"broken"'), id="health-unknown-word"),
        pytest.param(Topic.ERROR, "[]", id="error-a-list"),
        pytest.param(
            Topic.EVENT, change("happy").to_json().replace('"emotion":"happy"', '"emotion":"none"'), id="event-nobody"
        ),
    ],
)
async def test_garbage_changes_nothing(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, kind: Topic, payload: str | bytes
) -> None:
    """Whatever a stray program publishes below our topics."""
    await send(hass, Topic.MOOD, mood("sad"))
    before = {state.entity_id: (state.state, state.attributes) for state in hass.states.async_all()}
    caplog.clear()
    await send(hass, kind, payload)
    assert {state.entity_id: (state.state, state.attributes) for state in hass.states.async_all()} == before
    assert len(lines(caplog)) == 1
    assert len(lines(caplog)[0]) < 300


async def test_a_later_version_of_the_contract_makes_its_state_unknown(hass: HomeAssistant, device: MockConfigEntry) -> None:
    """The last mood that could be read is not the mood: the device has been updated since, and goes on talking."""
    await send(hass, Topic.MOOD, mood("happy"))
    for kind, message in ((Topic.MOOD, mood("sad")), (Topic.SETTINGS, SETTINGS), (Topic.HEALTH, HEALTH), (Topic.INFO, INFO)):
        await send(hass, kind, message.to_json().replace('"schema":1', '"schema":2'))
    unknown = (MOOD, "switch.anna_s_hat_recognition", "sensor.anna_s_hat_frame_rate", "binary_sensor.anna_s_hat_problem")
    assert {hass.states.get(entity).state for entity in unknown} == {STATE_UNKNOWN}
    assert device.runtime_data.info == INFO
    await send(hass, Topic.MOOD, mood("sad"))
    assert hass.states.get(MOOD).state == "sad"
    assert device.runtime_data.incompatible == {Topic.SETTINGS, Topic.HEALTH, Topic.INFO}


@pytest.mark.parametrize(
    ("payload", "later"),
    [
        pytest.param('{"schema": 2}', True, id="2"),
        pytest.param('{"schema": 99999999999}', True, id="large"),
        pytest.param('{"schema": 0}', False, id="0"),
        pytest.param('{"schema": "2"}', False, id="text"),
        pytest.param('{"schema": true}', False, id="true"),
        pytest.param("{}", False, id="missing"),
        pytest.param("{", False, id="broken"),
    ],
)
def test_only_a_higher_number_is_a_later_version(payload: str, later: bool) -> None:  # noqa: FBT001
    """The rest is garbage: a person cannot mend it by an update."""
    with pytest.raises(ContractError) as error:
        read_info("howsitgoing/hat-1/info", payload)
    assert isinstance(error.value, IncompatibleError) is later


def test_availability_is_three_words() -> None:
    """Exactly."""
    assert [read_availability(word) for word in (b"online", b"stopped", b"offline")] == ["online", "stopped", "offline"]
    for other in (b"Online", b" online", b"", b"unknown"):
        with pytest.raises(ContractError):
            read_availability(other)
