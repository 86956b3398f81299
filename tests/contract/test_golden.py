"""What other programs send and read: the golden payloads, by the real code and by the published schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from support.golden import Golden, accepted, accepted_requests, refused, refused_requests

from howsitgoing_edge import contract

BY_TOPIC = {kind.value: message for kind, message in contract.MESSAGES.items()} | contract.REQUESTS

formats = FormatChecker(formats=())
formats.checks("date-time", raises=contract.ContractError)(contract.from_rfc3339)


def validator(topic: str) -> Draft202012Validator:
    whole = contract.json_schema()
    return Draft202012Validator({**whole, "$ref": f"#/$defs/{topic}"}, format_checker=formats)


def test_the_published_schema_is_itself_valid() -> None:
    """A schema with a mistake in it accepts everything without a word."""
    Draft202012Validator.check_schema(contract.json_schema())


def test_every_message_of_the_contract_has_a_golden_payload() -> None:
    """A message without one could change its shape unnoticed."""
    assert {golden.topic for golden in accepted() + accepted_requests()} == set(BY_TOPIC)


@pytest.mark.parametrize("golden", accepted() + accepted_requests(), ids=lambda g: g.case)
def test_what_is_sent_today_yesterday_and_tomorrow_is_read(golden: Golden) -> None:
    """Old payloads lie retained in brokers, newer devices send more fields, people type commands by hand."""
    message = BY_TOPIC[golden.topic].from_json(golden.payload)
    validator(golden.topic).validate(json.loads(golden.payload))
    again = message.to_json()
    assert BY_TOPIC[golden.topic].from_json(again) == message
    assert json.loads(again)["schema"] == contract.SCHEMA


@pytest.mark.parametrize("case", ["info", "mood", "event", "settings", "health", "say", "error", "sample"])
def test_what_we_write_is_the_golden_payload_itself(case: str) -> None:
    """Not a field more or less, and in the same order: what was published before must come out again."""
    golden = next(g for g in accepted() + accepted_requests() if g.case == case)
    written = BY_TOPIC[golden.topic].from_json(golden.payload).to_json()
    assert list(json.loads(written).items()) == list(json.loads(golden.payload).items())


@pytest.mark.parametrize("golden", refused() + refused_requests(), ids=lambda g: g.case)
def test_what_does_not_fit_is_refused_with_the_reason(golden: Golden) -> None:
    """The reason is shown to people on the topic ``error``; an exception of another type would end a worker."""
    with pytest.raises(contract.ContractError) as caught:
        BY_TOPIC[golden.topic].from_json(golden.payload)
    assert golden.error is not None
    assert golden.error in str(caught.value)
    assert len(str(caught.value)) < 300


BEYOND_A_SCHEMA = {
    "more-digits-than-python-reads",
    "infinite-by-exponent",
    "larger-than-any-float",
    "too-long",
    "too-long-in-bytes-not-characters",
    "schema-true",  # true equals 1 to Python, so to jsonschema
    "say-half-a-character",
    "say-nul",
}


@pytest.mark.parametrize("golden", [g for g in refused() if g.case not in BEYOND_A_SCHEMA], ids=lambda g: g.case)
def test_the_published_schema_refuses_the_same(golden: Golden) -> None:
    """Writers in other languages check against the schema; it must not promise what readers then refuse."""
    try:
        content: Any = json.loads(golden.payload, parse_constant=_no_constants)
    except (ValueError, RecursionError):
        return
    with pytest.raises(jsonschema.ValidationError):
        validator(golden.topic).validate(content)


def _no_constants(name: str) -> None:
    raise ValueError(name)
