"""The blueprints, as automations of a running Home Assistant."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from custom_components.howsitgoing import examples
from custom_components.howsitgoing._contract import Topic
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.automation.helpers import async_get_blueprints as async_get_automation_blueprints
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.tts import TextToSpeechEntity
from homeassistant.components.tts.const import DATA_COMPONENT as TTS
from homeassistant.const import STATE_HOME, STATE_NOT_HOME, STATE_OFF, STATE_ON
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import async_fire_time_changed, async_mock_service
from support.home_assistant import change, come_online, deliver, mood, send

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant, ServiceCall
    from pytest_homeassistant_custom_component.common import MockConfigEntry

MOOD = "sensor.anna_s_hat_mood"
EVENT = "event.anna_s_hat_mood_change"
RECOGNITION = "switch.anna_s_hat_recognition"
FILES = sorted((Path(examples.__file__).parent / "blueprints" / "automation").glob("*.yaml"))


async def automate(hass: HomeAssistant, blueprint: str, **inputs: object) -> None:
    """Make an automation of a blueprint, as a person does in the frontend."""
    use = {"path": f"howsitgoing/{blueprint}.yaml", "input": inputs}
    assert await async_setup_component(hass, "automation", {"automation": {"alias": "Ours", "use_blueprint": use}})
    await hass.async_block_till_done()
    assert hass.states.get("automation.ours").state == STATE_ON


async def settle() -> None:
    """Let run what is ready; an automation that waits is not, so waiting for all to be done would not end."""
    for _ in range(100):
        await asyncio.sleep(0)


async def tell(hass: HomeAssistant, kind: Topic, message: object) -> None:
    """A device publishes while an automation may be waiting."""
    deliver(hass, kind, message)
    await settle()


async def later(hass: HomeAssistant, freezer: FrozenDateTimeFactory, **time: float) -> None:
    """Time passes."""
    freezer.tick(timedelta(**time))
    async_fire_time_changed(hass)
    await settle()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_blueprint_is_one(file: Path) -> None:
    """By Home Assistant's own measure: schema, inputs used and inputs declared."""
    blueprint = Blueprint(load_yaml_dict(str(file)), expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA)
    assert blueprint.validate() is None


@pytest.mark.usefixtures("device")
async def test_blueprints_are_there_without_copying_anything(hass: HomeAssistant) -> None:
    """A newcomer finds them under Settings > Automations > Blueprints."""
    assert await async_setup_component(hass, "automation", {})
    found = await async_get_automation_blueprints(hass).async_get_blueprints()
    assert sorted(found) == [f"howsitgoing/{file.name}" for file in FILES]


async def test_a_person_s_own_versions_are_left_alone(hass: HomeAssistant, tmp_path: Path) -> None:
    """Deleted is deleted, changed is changed."""
    folder = tmp_path / "blueprints/automation/howsitgoing"
    folder.mkdir(parents=True)
    await examples.async_offer_blueprints(hass)
    assert not any(folder.iterdir())


async def test_a_folder_that_cannot_be_written_is_one_line_in_the_log(
    hass: HomeAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The component works without them."""
    (tmp_path / "blueprints").write_text("a file where a folder should be")
    await examples.async_offer_blueprints(hass)
    assert caplog.text.count("could not be copied") == 1


# --- light by mood ---


@pytest.fixture
def lit(hass: HomeAssistant) -> list[ServiceCall]:
    """What lights were told."""
    return async_mock_service(hass, "light", "turn_on")


@pytest.mark.usefixtures("device")
async def test_lights_take_the_colour_of_the_mood_once_it_lasts(
    hass: HomeAssistant, lit: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    """A passing smile is not a disco."""
    await send(hass, Topic.MOOD, mood("neutral"))
    await automate(hass, "mood_light", mood=MOOD, lights=["light.lamp"], hold=3)
    await send(hass, Topic.MOOD, mood("happy"))
    await later(hass, freezer, seconds=1)
    await send(hass, Topic.MOOD, mood("neutral"))
    await later(hass, freezer, seconds=1)
    await send(hass, Topic.MOOD, mood("sad"))
    await later(hass, freezer, seconds=2)
    assert lit == []
    await later(hass, freezer, seconds=2)
    (told,) = lit
    assert told.data["entity_id"] == ["light.lamp"]
    assert tuple(told.data["rgb_color"]) == (60, 120, 255)
    assert (told.data["brightness_pct"], told.data["transition"]) == (60, 2)


@pytest.mark.usefixtures("device")
async def test_a_scene_is_taken_instead_of_a_colour_also_when_nobody_is_there(
    hass: HomeAssistant, lit: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    """Who has scenes wants those."""
    scenes = async_mock_service(hass, "scene", "turn_on")
    await send(hass, Topic.MOOD, mood("neutral"))
    await automate(hass, "mood_light", mood=MOOD, lights=["light.lamp"], scene_happy="scene.sun", scene_none="scene.dark")
    for emotion in ("happy", "none", "angry", "unsure"):
        await send(hass, Topic.MOOD, mood(emotion))
        await later(hass, freezer, seconds=5)
    assert [call.data["entity_id"] for call in scenes] == [["scene.sun"], ["scene.dark"]]
    assert [tuple(call.data["rgb_color"]) for call in lit] == [(255, 60, 40)]


@pytest.mark.usefixtures("device")
async def test_a_first_reading_changes_no_light(
    hass: HomeAssistant, lit: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    """Neither after a restart nor when the device comes back."""
    await automate(hass, "mood_light", mood=MOOD, lights=["light.lamp"])
    await send(hass, Topic.MOOD, mood("happy"))
    await later(hass, freezer, seconds=5)
    await send(hass, Topic.AVAILABILITY, "offline")
    await later(hass, freezer, seconds=5)
    await send(hass, Topic.AVAILABILITY, "online")
    await later(hass, freezer, seconds=5)
    assert lit == []


# --- message when distress lasts ---

MESSAGE = [{"action": "notify.carer", "data": {"message": "{{ emotion }} for {{ minutes }} min"}}]


@pytest.fixture
def told(hass: HomeAssistant) -> list[ServiceCall]:
    """What the carer was told."""
    return async_mock_service(hass, "notify", "carer")


@pytest.mark.usefixtures("device")
async def test_a_carer_hears_of_distress_that_lasts_through_brief_looks_away(
    hass: HomeAssistant, told: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    """Real faces are not sad for minutes on end without a blink."""
    await automate(hass, "distress_message", mood=MOOD, message=MESSAGE, minutes=5, relief=30)
    for _ in range(5):
        await tell(hass, Topic.MOOD, mood("sad"))
        await later(hass, freezer, seconds=40)
        await tell(hass, Topic.MOOD, mood("unsure"))
        await later(hass, freezer, seconds=10)
        await tell(hass, Topic.MOOD, mood("angry"))
        await later(hass, freezer, seconds=9)
    assert told == []
    await later(hass, freezer, seconds=10)
    assert [call.data["message"] for call in told] == ["Angry for 5 min"]


@pytest.mark.usefixtures("device")
async def test_relief_ends_it(hass: HomeAssistant, told: list[ServiceCall], freezer: FrozenDateTimeFactory) -> None:
    """Half a minute of something else; then it starts anew."""
    await automate(hass, "distress_message", mood=MOOD, message=MESSAGE, minutes=5, relief=30)
    await tell(hass, Topic.MOOD, mood("sad"))
    await later(hass, freezer, minutes=4)
    await tell(hass, Topic.MOOD, mood("happy"))
    await later(hass, freezer, seconds=31)
    await tell(hass, Topic.MOOD, mood("sad"))
    await later(hass, freezer, minutes=4)
    assert told == []
    await later(hass, freezer, minutes=1, seconds=1)
    assert len(told) == 1


@pytest.mark.usefixtures("device")
async def test_a_glance_away_at_the_last_moment_neither_hides_distress_nor_misnames_it(
    hass: HomeAssistant, told: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    """Nobody is told "Unsure for 5 minutes"."""
    await automate(hass, "distress_message", mood=MOOD, message=MESSAGE, minutes=5, relief=30)
    await tell(hass, Topic.MOOD, mood("fear"))
    await later(hass, freezer, minutes=4, seconds=55)
    await tell(hass, Topic.MOOD, mood("unsure"))
    await later(hass, freezer, seconds=10)
    assert told == []
    await tell(hass, Topic.MOOD, mood("fear"))
    assert [call.data["message"] for call in told] == ["Afraid for 5 min"]


@pytest.mark.usefixtures("device")
async def test_after_a_message_there_is_silence_and_then_another_if_it_still_lasts(
    hass: HomeAssistant, told: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    """A carer who is flooded stops reading."""
    await automate(hass, "distress_message", mood=MOOD, message=MESSAGE, minutes=5, cooldown=60)
    await tell(hass, Topic.MOOD, mood("sad"))
    await later(hass, freezer, minutes=5, seconds=1)
    assert len(told) == 1
    for emotion in ("angry", "sad"):
        await tell(hass, Topic.MOOD, mood(emotion))
        await later(hass, freezer, minutes=29)
    assert len(told) == 1
    await later(hass, freezer, minutes=3)
    await later(hass, freezer, minutes=5, seconds=1)
    assert len(told) == 2


@pytest.mark.usefixtures("device")
async def test_a_device_that_is_switched_off_is_not_in_distress(
    hass: HomeAssistant, told: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    """The last mood of a device that is away says nothing."""
    await automate(hass, "distress_message", mood=MOOD, message=MESSAGE, minutes=5)
    await tell(hass, Topic.MOOD, mood("sad"))
    await later(hass, freezer, minutes=1)
    await tell(hass, Topic.AVAILABILITY, "stopped")
    await later(hass, freezer, minutes=10)
    assert told == []


# --- say it elsewhere ---


@pytest.mark.usefixtures("device")
async def test_changes_are_spoken_on_another_player_in_one_s_own_words(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """And only those that were chosen."""
    spoken = async_mock_service(hass, "tts", "speak")
    await automate(
        hass,
        "say_elsewhere",
        change=EVENT,
        player="media_player.kitchen",
        voice="tts.piper",
        emotions=["happy", "sad"],
        word_happy="sieht fröhlich aus",
    )
    for emotion in ("happy", "neutral", "sad"):
        await send(hass, Topic.EVENT, change(emotion))
        await later(hass, freezer, seconds=3)
    assert [call.data["message"] for call in spoken] == ["sieht fröhlich aus", "looks sad"]
    assert spoken[0].data["media_player_entity_id"] == "media_player.kitchen"
    assert spoken[0].data["entity_id"] == ["tts.piper"]


class Voice(TextToSpeechEntity):
    """A text-to-speech service of the house."""

    _attr_name = "Piper"
    _attr_default_language = "en"
    _attr_supported_languages: ClassVar[list[str]] = ["en"]


@pytest.mark.usefixtures("device")
async def test_home_assistant_s_own_text_to_speech_takes_what_the_blueprint_gives(hass: HomeAssistant) -> None:
    """Down to the media player, by its real action."""
    assert await async_setup_component(hass, "tts", {})
    await hass.data[TTS].async_add_entities([Voice()])
    played = async_mock_service(hass, "media_player", "play_media")
    await automate(hass, "say_elsewhere", change=EVENT, player="media_player.kitchen", voice="tts.piper")
    await send(hass, Topic.EVENT, change("sad"))
    (told,) = played
    assert told.data["entity_id"] == ["media_player.kitchen"]
    assert "looks+sad" in told.data["media_content_id"]


@pytest.mark.usefixtures("device")
async def test_a_device_that_comes_back_says_nothing_again(hass: HomeAssistant) -> None:
    """Its last event shows again; it does not happen again."""
    spoken = async_mock_service(hass, "tts", "speak")
    await automate(hass, "say_elsewhere", change=EVENT, player="media_player.kitchen", voice="tts.piper")
    await send(hass, Topic.EVENT, change("happy"))
    await send(hass, Topic.AVAILABILITY, "offline")
    await come_online(hass)
    assert len(spoken) == 1


# --- pause ---


@pytest.fixture
def switched(hass: HomeAssistant) -> list[str]:
    """What the recognition switch was told; the device does not answer here."""
    calls: list[str] = []

    async def note(call: ServiceCall) -> None:
        assert call.data["entity_id"] == [RECOGNITION]
        calls.append(call.service)

    for service in ("turn_off", "turn_on"):
        hass.services.async_register("switch", service, note)
    return calls


@pytest.mark.usefixtures("device")
async def test_recognition_is_paused_in_a_zone_and_resumed_outside(hass: HomeAssistant, switched: list[str]) -> None:
    """School is nobody's business."""
    hass.states.async_set("zone.school", "0", {"persons": [], "latitude": 1, "longitude": 1, "radius": 50})
    hass.states.async_set("person.anna", STATE_HOME)
    await automate(hass, "pause_recognition", recognition=RECOGNITION, wearer="person.anna", zones=["zone.school"])
    hass.states.async_set("zone.school", "1", {"persons": ["person.ben"]})
    await hass.async_block_till_done()
    assert switched == []
    hass.states.async_set("zone.school", "2", {"persons": ["person.ben", "person.anna"]})
    await hass.async_block_till_done()
    assert switched == ["turn_off"]
    hass.states.async_set("zone.school", "1", {"persons": ["person.ben"]})
    await hass.async_block_till_done()
    assert switched == ["turn_off", "turn_on"]


@pytest.mark.usefixtures("device")
async def test_recognition_is_paused_by_a_schedule_or_a_visitor_until_both_are_over(
    hass: HomeAssistant, switched: list[str]
) -> None:
    """One reason is enough; the last to go resumes."""
    hass.states.async_set("schedule.work", STATE_OFF)
    hass.states.async_set("person.gran", STATE_NOT_HOME)
    await automate(hass, "pause_recognition", recognition=RECOGNITION, times=["schedule.work"], visitors=["person.gran"])
    for entity, state in (
        ("schedule.work", STATE_ON),
        ("person.gran", STATE_HOME),
        ("schedule.work", STATE_OFF),
        ("person.gran", STATE_NOT_HOME),
    ):
        hass.states.async_set(entity, state)
        await hass.async_block_till_done()
    assert switched == ["turn_off", "turn_on"]


@pytest.mark.usefixtures("device")
async def test_a_device_that_comes_back_in_the_meantime_is_paused_at_once(hass: HomeAssistant, switched: list[str]) -> None:
    """It was off when school began, and is on again."""
    hass.states.async_set("schedule.work", STATE_OFF)
    await automate(hass, "pause_recognition", recognition=RECOGNITION, times=["schedule.work"])
    await send(hass, Topic.AVAILABILITY, "stopped")
    hass.states.async_set("schedule.work", STATE_ON)
    await hass.async_block_till_done()
    switched.clear()
    await send(hass, Topic.AVAILABILITY, "online")
    assert switched == ["turn_off"]


async def test_without_resume_a_person_switches_on_again(
    hass: HomeAssistant, device: MockConfigEntry, switched: list[str]
) -> None:
    """Some want to decide themselves."""
    assert device.runtime_data.available
    hass.states.async_set("schedule.work", STATE_ON)
    await automate(hass, "pause_recognition", recognition=RECOGNITION, times=["schedule.work"], resume=False)
    hass.states.async_set("schedule.work", STATE_OFF)
    await hass.async_block_till_done()
    hass.states.async_set("schedule.work", STATE_ON)
    await hass.async_block_till_done()
    assert switched == ["turn_off"]
