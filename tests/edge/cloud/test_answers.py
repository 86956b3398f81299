"""What each answer of the cloud means, and what people are told."""

from __future__ import annotations

import json
from email.utils import formatdate

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from howsitgoing_edge.cloud.answers import LONGEST_PAUSE, Answer, Verdict, judge

NOW = 1_800_000_000.0
URL = "https://cloud.example/ingest"


def _judge(status: int, code: str = "", body: bytes | None = None, **headers: str) -> Answer:
    content = json.dumps({"title": "No", "detail": "because", "code": code}).encode() if body is None else body
    named = httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return judge(status, named, content, url=URL, device_id="hat-1", now=NOW)


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (200, "", Verdict.STORED),
        (201, "", Verdict.STORED),
        (204, "", Verdict.HELD),
        (301, "", Verdict.HELD),
        (400, "bad_event", Verdict.REFUSED),
        (401, "unknown_device", Verdict.HELD),
        (401, "replayed", Verdict.LATER),
        (403, "revoked", Verdict.HELD),
        (403, "consent", Verdict.REFUSED),
        (404, "not_found", Verdict.HELD),
        (409, "conflict", Verdict.REFUSED),
        (413, "too_large", Verdict.REFUSED),
        (415, "media_type", Verdict.REFUSED),
        (418, "", Verdict.HELD),
        (429, "slower", Verdict.LATER),
        (500, "internal", Verdict.LATER),
        (503, "later", Verdict.LATER),
        (599, "", Verdict.LATER),
    ],
)
def test_an_answer_says_whose_fault_it_is(status: int, code: str, verdict: Verdict) -> None:
    """The sample's, the device's, or nobody's: that decides whether it is kept, and who is told."""
    assert _judge(status, code).verdict is verdict


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), ("0", 0), ("999999", LONGEST_PAUSE), ("soon", 0), ("-5", 0), ("", 0), (formatdate(NOW + 90, usegmt=True), 90)],
)
def test_patience_is_read_as_seconds_or_as_a_date(text: str, seconds: float) -> None:
    """Both are in the standard; more than an hour is not believed."""
    assert _judge(503, retry_after=text).pause == seconds


def test_a_date_to_come_again_is_by_the_servers_clock() -> None:
    """Ours may be the one that is wrong."""
    late = {"retry_after": formatdate(NOW + 3690, usegmt=True), "date": formatdate(NOW + 3600, usegmt=True)}
    assert _judge(503, **late).pause == 90


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (7200, "2 hours slow"),
        (-7200, "2 hours fast"),
        (300, "5 minutes slow"),
        (130, "2 minutes slow"),
        (1e9, "11574 days slow"),
    ],
)
def test_a_wrong_clock_is_told_with_the_amount_and_the_remedy(skew: float, words: str) -> None:
    """'401' would send people after keys and passwords."""
    sentence = _judge(401, "expired", date=formatdate(NOW + skew, usegmt=True)).sentence
    assert words in sentence
    assert "timedatectl" in sentence


def test_a_right_clock_is_not_blamed() -> None:
    """A token can have expired on the way."""
    assert "clock" not in _judge(401, "expired", date=formatdate(NOW + 3, usegmt=True)).sentence


@given(
    some.integers(200, 599),
    some.binary(max_size=300)
    | some.sampled_from([b"[" * 20_000, b'{"code": 7, "detail": null}', b'"text"', b'{"detail": "a\\nb"}']),
    some.text(max_size=40),
)
def test_whatever_is_answered_there_is_one_line_and_no_accident(status: int, body: bytes, header: str) -> None:
    """Between the device and its cloud are hotels, proxies and people with ideas."""
    answer = judge(status, {"retry-after": header, "date": header}, body, url=URL, device_id="hat-1", now=NOW)
    assert "\n" not in answer.sentence
    assert 0 <= answer.pause <= LONGEST_PAUSE
    assert (answer.sentence == "") == (answer.verdict is Verdict.STORED)
