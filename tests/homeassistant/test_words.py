"""Translations and icons: complete, alike in every language, and there in the frontend."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import custom_components.howsitgoing as component
import hass_frontend
import pytest
import yaml
from custom_components.howsitgoing import PLATFORMS, binary_sensor, event, image, issues, number, select, sensor, switch, update
from custom_components.howsitgoing._contract import EMOTIONS, LANGUAGES, SPEECH_MODES, STATES

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(component.__file__).parent
ENGLISH = json.loads((HERE / "translations" / "en.json").read_text())
ICONS = json.loads((HERE / "icons.json").read_text())
ROWS = {
    "binary_sensor": (binary_sensor.FACE_PRESENT, binary_sensor.PROBLEM),
    "event": (event.MOOD_CHANGE,),
    "image": (image.FACE,),
    "number": (number.VOLUME,),
    "select": select.SELECTS,
    "sensor": (*sensor.MOOD_SENSORS, *sensor.HEALTH_SENSORS),
    "switch": switch.SWITCHES,
    "update": (update.MODEL,),
}


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """All texts with where they stand."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def placeholders(text: str) -> set[str]:
    """What is filled in."""
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_placeholders(language: str) -> None:
    """A missing one would show in English, a wrong one as an error in the log."""
    here = dict(leaves(json.loads((HERE / "translations" / f"{language}.json").read_text())))
    there = dict(leaves(ENGLISH))
    assert here.keys() == there.keys()
    assert {path for path in here if placeholders(here[path]) != placeholders(there[path])} == set()
    assert all(text.strip() == text != "" for text in here.values())


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_sentence_was_left_in_english(language: str) -> None:
    """Single words may be the same."""
    here = dict(leaves(json.loads((HERE / "translations" / f"{language}.json").read_text())))
    assert [path for path, text in leaves(ENGLISH) if " " in text and here[path] == text and text != "How's it going?"] == []


def test_every_entity_has_a_name_and_an_icon() -> None:
    """Unless Home Assistant has one for its device class."""
    assert set(ROWS) == {str(platform) for platform in PLATFORMS}
    for platform, rows in ROWS.items():
        for row in rows:
            by_class = row.device_class is not None and row.translation_key is None
            assert by_class or ENGLISH["entity"][platform][row.translation_key]["name"]
            enum_like = getattr(row, "options", None) is not None
            has_icon = row.translation_key in ICONS["entity"].get(platform, {})
            assert has_icon or (row.device_class is not None and not enum_like)


def test_every_state_has_a_word() -> None:
    """In the contract's own words."""
    assert set(ENGLISH["entity"]["sensor"]["mood"]["state"]) == set(STATES) == set(ICONS["entity"]["sensor"]["mood"]["state"])
    attributes = ENGLISH["entity"]["event"]["mood_change"]["state_attributes"]
    assert set(attributes["event_type"]["state"]) == set(EMOTIONS)
    assert set(attributes["previous"]["state"]) == set(STATES)
    shown = ICONS["entity"]["event"]["mood_change"]["state_attributes"]["event_type"]["state"]
    assert set(shown) == set(EMOTIONS)
    assert set(ENGLISH["entity"]["select"]["speech_mode"]["state"]) == set(SPEECH_MODES)
    assert set(ENGLISH["entity"]["select"]["language"]["state"]) == set(LANGUAGES)
    for row in sensor.HEALTH_SENSORS:
        if row.options is not None:
            assert set(ENGLISH["entity"]["sensor"][row.translation_key]["state"]) == set(row.options)
    assert {f"looks_{emotion}" for emotion in EMOTIONS} == set(ENGLISH["common"])


def test_every_issue_error_and_action_has_words() -> None:
    """And no words are left of what is gone."""
    assert set(ENGLISH["issues"]) == {row.key for row in issues.ISSUES}
    source = "".join(file.read_text() for file in HERE.glob("*.py"))
    used = set(re.findall(r'(?:translation_key=|_invalid\(|_failure\(coordinator, )"(\w+)"', source))
    entity_keys = {row.translation_key for rows in ROWS.values() for row in rows}
    assert used - entity_keys == set(ENGLISH["exceptions"])
    actions = yaml.safe_load((HERE / "services.yaml").read_text())
    assert {name: set(action["fields"]) for name, action in actions.items()} == {
        name: set(words["fields"]) for name, words in ENGLISH["services"].items()
    }
    assert set(ICONS["services"]) == set(actions)


def test_every_icon_is_one_that_the_frontend_has() -> None:
    """A wrong name shows as nothing at all."""
    known = "".join(file.read_text() for file in (Path(hass_frontend.where()) / "static" / "mdi").glob("*.json"))
    used = {text.removeprefix("mdi:") for _, text in leaves(ICONS)}
    assert {icon for icon in used if f'"{icon}"' not in known} == set()
