"""The mood change: when it is an event, and when it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing._contract import Topic
from custom_components.howsitgoing.const import EVENT_MOOD_CHANGE
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import State
from pytest_homeassistant_custom_component.common import async_capture_events, mock_restore_cache_with_extra_data
from support.home_assistant import NOON, change, come_online, config_entry, mood, send

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

EVENT = "event.anna_s_hat_mood_change"


@pytest.mark.usefixtures("device")
async def test_an_event_says_what_was_before_and_when_the_face_changed(hass: HomeAssistant) -> None:
    """Its own time is when Home Assistant heard of it; the face changed earlier."""
    await send(hass, Topic.EVENT, change("happy", "sad", 0.87, at=NOON))
    state = hass.states.get(EVENT)
    assert state.state not in (STATE_UNKNOWN, STATE_UNAVAILABLE)
    assert {name: state.attributes[name] for name in ("event_type", "previous", "confidence", "changed_at")} == {
        "event_type": "happy",
        "previous": "sad",
        "confidence": 0.87,
        "changed_at": "2026-01-31T12:00:00+00:00",
    }


@pytest.mark.usefixtures("device")
async def test_the_same_emotion_twice_is_two_events(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A state would hide the second one: that is why this is an event."""
    fired = async_capture_events(hass, EVENT_MOOD_CHANGE)
    await send(hass, Topic.EVENT, change("happy", at=NOON))
    first = hass.states.get(EVENT)
    freezer.tick(9)
    await send(hass, Topic.EVENT, change("happy", at=NOON + 9))
    second = hass.states.get(EVENT)
    assert first.last_changed < second.last_changed
    assert len(fired) == 2


@pytest.mark.usefixtures("device")
async def test_a_message_delivered_twice_is_one_event(hass: HomeAssistant) -> None:
    """QoS 1 promises at least once."""
    fired = async_capture_events(hass, EVENT_MOOD_CHANGE)
    news = change("happy")
    await send(hass, Topic.EVENT, news)
    await send(hass, Topic.EVENT, change("sad"))
    await send(hass, Topic.EVENT, news)
    assert [event.data["emotion"] for event in fired] == ["happy", "sad"]


@pytest.mark.usefixtures("device")
async def test_a_device_that_reconnects_fires_nothing(hass: HomeAssistant) -> None:
    """All that it says again is state."""
    await send(hass, Topic.EVENT, change("happy"))
    fired = async_capture_events(hass, EVENT_MOOD_CHANGE)
    before = hass.states.get(EVENT)
    await send(hass, Topic.AVAILABILITY, "offline")
    await come_online(hass)
    await send(hass, Topic.MOOD, mood("happy"))
    assert not fired
    assert hass.states.get(EVENT).state == before.state


@pytest.mark.usefixtures("device")
async def test_an_event_that_a_broker_kept_is_none(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody published with retain: after each restart it would come again."""
    fired = async_capture_events(hass, EVENT_MOOD_CHANGE)
    await send(hass, Topic.EVENT, change("happy"), retain=True)
    assert not fired
    assert hass.states.get(EVENT).state == STATE_UNKNOWN
    assert "kept by the broker" in caplog.text


@pytest.mark.usefixtures("device")
async def test_a_change_of_state_alone_is_no_event(hass: HomeAssistant) -> None:
    """A first reading after start is a bearing, not news; the device decides what is."""
    await send(hass, Topic.MOOD, mood("happy"))
    await send(hass, Topic.MOOD, mood("sad"))
    assert hass.states.get(EVENT).state == STATE_UNKNOWN


@pytest.mark.usefixtures("mqtt_mock")
async def test_after_a_restart_the_last_event_is_remembered_and_not_fired(hass: HomeAssistant) -> None:
    """Otherwise the lights would change each time Home Assistant starts."""
    when = "2026-01-31T12:00:00.300+00:00"
    extra = {"last_event_type": "sad", "last_event_attributes": {"previous": "happy", "confidence": 0.8}}
    mock_restore_cache_with_extra_data(hass, [(State(EVENT, when), extra)])
    fired = async_capture_events(hass, EVENT_MOOD_CHANGE)
    entry = config_entry()
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await come_online(hass)
    state = hass.states.get(EVENT)
    assert (state.state, state.attributes["event_type"], state.attributes["previous"]) == (when, "sad", "happy")
    assert not fired


async def test_a_later_version_of_the_contract_repeats_no_event(hass: HomeAssistant, device: MockConfigEntry) -> None:
    """What cannot be read is nothing, not the last thing that could."""
    await send(hass, Topic.EVENT, change("happy"))
    fired = async_capture_events(hass, EVENT_MOOD_CHANGE)
    await send(hass, Topic.EVENT, change("sad").to_json().replace('"schema":1', '"schema":2'))
    assert not fired
    assert Topic.EVENT in device.runtime_data.incompatible


@pytest.mark.usefixtures("device")
async def test_a_device_s_events_reach_only_its_own_entity(hass: HomeAssistant) -> None:
    """Two ids that begin alike are two devices."""
    await send(hass, Topic.EVENT, change("happy"), "hat-11")
    assert hass.states.get(EVENT).state == STATE_UNKNOWN
