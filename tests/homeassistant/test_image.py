"""The last picture of the face in front."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing._contract import Topic
from homeassistant.const import STATE_UNKNOWN
from homeassistant.helpers.entity_registry import RegistryEntryDisabler
from support.home_assistant import JPEG, SETTINGS, send

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_registry import EntityRegistry
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, MqttMockHAClient

from pytest_homeassistant_custom_component.common import async_fire_time_changed

FACE = "image.anna_s_hat_last_face"
SHARING = replace(SETTINGS, face_image=True)


@pytest.fixture
async def shared(hass: HomeAssistant, device: MockConfigEntry, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """A device that shares pictures: the entity has been enabled, which reloads the entry after a while."""
    await send(hass, Topic.SETTINGS, SHARING)
    freezer.tick(31)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    await send(hass, Topic.SETTINGS, SHARING)
    await send(hass, Topic.AVAILABILITY, "online")
    return device


@pytest.mark.usefixtures("device")
async def test_pictures_are_off_until_the_device_shares_them(
    hass: HomeAssistant, entity_registry: EntityRegistry, mqtt_mock: MqttMockHAClient
) -> None:
    """Not even asked for: the topic is not subscribed to."""
    assert hass.states.get(FACE) is None
    assert entity_registry.async_get(FACE).disabled_by is RegistryEntryDisabler.INTEGRATION
    topics = [call.args[0] for call in mqtt_mock.async_subscribe.mock_calls if call.args]
    assert not [topic for topic in topics if topic.endswith("/face")]


@pytest.mark.usefixtures("shared")
async def test_a_device_that_shares_pictures_shows_the_last_one(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """It comes by itself; nobody has to look for a disabled entity."""
    assert hass.states.get(FACE).state == STATE_UNKNOWN
    await send(hass, Topic.FACE, JPEG)
    assert hass.states.get(FACE).state != STATE_UNKNOWN
    client = await hass_client()
    response = await client.get(f"/api/image_proxy/{FACE}")
    assert response.status == HTTPStatus.OK
    assert (response.content_type, await response.read()) == ("image/jpeg", JPEG)


@pytest.mark.usefixtures("shared")
async def test_when_sharing_ends_the_picture_is_gone(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> None:
    """Somebody changed their mind: what is in memory goes, too."""
    await send(hass, Topic.FACE, JPEG)
    await send(hass, Topic.SETTINGS, SETTINGS)
    assert hass.states.get(FACE).state == STATE_UNKNOWN
    client = await hass_client()
    response = await client.get(f"/api/image_proxy/{FACE}")
    assert response.status == HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    ("payload", "retain"),
    [
        pytest.param(b"GIF89a", False, id="not-a-jpeg"),
        pytest.param(b"", False, id="empty"),
        pytest.param(JPEG + bytes(1_100_000), False, id="too-large"),
        pytest.param(JPEG, True, id="kept-by-the-broker"),
    ],
)
async def test_what_is_no_picture_of_now_is_not_shown(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    payload: bytes,
    retain: bool,  # noqa: FBT001
) -> None:
    """One line in the log, the last good picture stays."""
    await send(hass, Topic.FACE, payload, retain=retain)
    assert hass.states.get(FACE).state == STATE_UNKNOWN
    assert caplog.text.count("Ignored a message on howsitgoing/hat-1/face") == 1


@pytest.mark.usefixtures("device")
async def test_a_person_who_disabled_the_picture_is_not_overruled(hass: HomeAssistant, entity_registry: EntityRegistry) -> None:
    """Only what the component disabled does it enable."""
    entity_registry.async_update_entity(FACE, disabled_by=RegistryEntryDisabler.USER)
    await send(hass, Topic.SETTINGS, SHARING)
    assert entity_registry.async_get(FACE).disabled_by is RegistryEntryDisabler.USER


@pytest.mark.usefixtures("device")
async def test_a_picture_that_was_removed_from_the_registry_is_no_error(
    hass: HomeAssistant, entity_registry: EntityRegistry
) -> None:
    """A person may tidy up while the device is running."""
    entity_registry.async_remove(FACE)
    await send(hass, Topic.SETTINGS, SHARING)
    assert entity_registry.async_get(FACE) is None
