"""Properties of the contract's reader and writer that single examples don't cover."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import string
from typing import Any

import pytest
from support.golden import accepted

from howsitgoing_edge import contract
from howsitgoing_edge.contract import ContractError, Settings

NUMBERS = (0, 1, -1, 1.5, 1e308, 10**400)
JUNK = (None, True, False, *NUMBERS, "", "x" * 600, "\x00", "\ud800", "NaN", [], [None], [[]], {}, {"": None}, {"a": {}})
TEXTS = string.ascii_letters + string.digits + ' \n"\\/{}[]é😀\u2028\x7f'


def test_random_messages_survive_writing_and_reading() -> None:
    """Whatever the device writes, every reader gets the same back."""
    dice = random.Random(1)  # noqa: S311  the same cases every time
    for cls in contract.MESSAGES.values():
        described = contract.json_schema()["$defs"][next(k for k, v in contract.MESSAGES.items() if v is cls).value]
        for _ in range(60):
            content = {name: invented(part, dice) for name, part in described["properties"].items()}
            message = cls.from_dict(content)
            assert cls.from_json(message.to_json().encode()) == message


def invented(part: dict[str, Any], dice: random.Random) -> Any:  # noqa: ANN401, PLR0911  one return for each kind of value
    """A random value that fits a part of the schema."""
    if "anyOf" in part:
        return None if dice.random() < 0.3 else invented(part["anyOf"][0], dice)
    if "const" in part:
        return part["const"]
    if "enum" in part:
        return dice.choice(part["enum"])
    if "pattern" in part:
        known = ("hat-1", "pt", "de-AT", "019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d4")
        return next(text for text in known if re.fullmatch(part["pattern"].strip("^$"), text))
    if part.get("format") == "date-time":
        return contract.to_rfc3339(dice.uniform(0, 4e9))
    kind = part["type"]
    if kind == "object":
        inner = part.get("additionalProperties")
        names = part.get("properties", dict.fromkeys(("a", "b.c", "é"), inner))
        return {name: invented(value, dice) for name, value in names.items()}
    if kind == "array":
        return [invented(part["items"], dice) for _ in range(dice.randrange(4))]
    if kind == "string":
        return "".join(dice.choices(TEXTS, k=dice.randrange(40)))
    low, high = part.get("minimum", -1e6), part.get("maximum", 1e6)
    if kind == "boolean":
        return dice.random() < 0.5
    return dice.randint(int(low), int(high)) if kind == "integer" else dice.uniform(low, high)


def test_damaged_payloads_are_read_or_refused_and_nothing_else() -> None:
    """A reader sits on an open topic: only ContractError may come out of it, or one hostile message ends a thread."""
    dice = random.Random(2)  # noqa: S311  the same cases every time
    read = refused = 0
    for golden in accepted() * 60:
        content = json.loads(golden.payload)
        damaged = damage(content, dice)
        raw = json.dumps(damaged).encode()
        if dice.random() < 0.3:
            place = dice.randrange(len(raw))
            raw = raw[:place] + bytes([dice.randrange(256)]) + raw[place + 1 :]
        try:
            message = contract.MESSAGES[contract.Topic(golden.topic)].from_json(raw)
        except ContractError:
            refused += 1
        else:
            read += 1
            message.to_json().encode()
    assert read > 50
    assert refused > 200


def damage(content: Any, dice: random.Random) -> Any:  # noqa: ANN401  any JSON value
    """The same with one value, somewhere in it, replaced by junk."""
    if isinstance(content, dict) and content and dice.random() < 0.8:
        name = dice.choice(list(content))
        return {**content, name: damage(content[name], dice)}
    return dice.choice(JUNK)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recognition", False),
        ("speech_mode", "tones"),
        ("language", "de-AT"),
        ("volume", 0),
        ("volume", 100.0),
    ],
)
def test_a_setting_is_changed_and_the_others_stay(name: str, value: object) -> None:
    """The new settings are what is in force: nothing else may move."""
    before = Settings(volume=33, face_image=True)
    after = contract.with_setting(before, name, value)
    assert getattr(after, name) == value
    others = [n for n in vars(before) if n != name]
    assert [getattr(after, n) for n in others] == [getattr(before, n) for n in others]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("volume", 101, "above 100"),
        ("volume", True, "expected a whole number, got true or false"),
        ("volume", None, "got null"),
        ("volume", 10**4000, "above 100"),
        ("speech_mode", "loud", "changes, alerts, on_request, tones, off"),
        ("language", "de\n", "does not have the form"),
        ("schema", 1, "unknown setting 'schema': known are recognition"),
        ("__class__", 1, "unknown setting '__class__'"),
        ("a" * 5000, 1, "known are"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_what_is_allowed(name: str, value: object, reason: str) -> None:
    """The reason goes back to whoever sent it."""
    with pytest.raises(ContractError, match=reason.replace("(", r"\(")) as caught:
        contract.with_setting(Settings(), name, value)
    assert len(str(caught.value)) < 300


def test_bytes_that_are_not_utf8_are_refused() -> None:
    """Python's json would take UTF-16 and UTF-32; readers in other languages would not."""
    for encoding in ("utf-16", "utf-32", "latin-1"):
        with pytest.raises(ContractError, match="not valid JSON"):
            contract.Say.from_json('{"text": "é"}'.encode(encoding))


def test_a_number_that_json_does_not_have_is_never_written() -> None:
    """One NaN from a sensor must be an error here, not invalid JSON at every reader."""
    health = contract.Health.from_json(next(g.payload for g in accepted() if g.case == "health"))
    broken = dataclasses.replace(health, temperature_c=float("nan"))
    with pytest.raises(ContractError, match="Health: a number is not finite"):
        broken.to_json()


@pytest.mark.parametrize("bad", ["", "-a", "_a", "A", "a b", "a/b", "a+", "#", "é", "a" * 33, "a\n"])
def test_a_device_id_that_could_change_the_topic_is_refused(bad: str) -> None:
    """It becomes a part of every topic."""
    with pytest.raises(ContractError, match="must be 1 to 32"):
        contract.topic(bad, contract.Topic.MOOD)


def test_topics_are_as_written_down() -> None:
    """Broker access rules and automations name them."""
    assert contract.topic("hat-1", contract.Topic.MOOD) == "howsitgoing/hat-1/mood"
    assert contract.topic("hat-1", contract.Topic.SET, "volume") == "howsitgoing/hat-1/set/volume"
    assert {kind: (how.qos, how.retain) for kind, how in contract.DELIVERY.items()} == {
        "availability": (1, True),
        "info": (1, True),
        "mood": (1, True),
        "event": (1, False),
        "settings": (1, True),
        "set": (1, False),
        "say": (1, False),
        "update": (1, False),
        "health": (0, True),
        "face": (0, False),
        "error": (1, False),
    }


def test_times_are_written_in_utc_and_read_from_any_offset() -> None:
    """Devices, brokers and people live in different time zones."""
    assert contract.to_rfc3339(1769860800.25) == "2026-01-31T12:00:00.250Z"
    moment = contract.from_rfc3339("2026-01-31T13:30:00.123456789+01:30")
    assert contract.to_rfc3339(moment.timestamp()) == "2026-01-31T12:00:00.123Z"


def test_positivity_is_a_weighted_sum() -> None:
    """It is shown on dashboards: -1 to 1."""
    assert contract.positivity({"happy": 1.0}) == 1.0
    assert contract.positivity({"angry": 1.0}) == -1.0
    assert contract.positivity({"happy": 0.5, "sad": 0.5}) == 0.1
    assert contract.positivity({}) == 0
