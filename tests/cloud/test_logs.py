"""What the functions log: JSON lines with the trace of the request, and nothing that says how somebody looked."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.emulators import Emulators
from support.functions import ingest
from support.senders import Sender, jpeg, sample
from support.waiting import until

from howsitgoing_cloud.local.processes import Server
from howsitgoing_cloud.logs import JsonLines, current_trace, trace_of, traced

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def server(running_emulators: Emulators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with ingest(running_emulators, tmp_path_factory.mktemp("logs")) as running:
        yield running


def _lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.read_text().splitlines()]


def test_a_request_is_one_line_that_names_neither_mood_nor_token(server: Server, cloud: Emulators, hat: Sender) -> None:
    """Logs are read by more people, and kept longer, than the data."""
    face = jpeg()
    event = sample(face, emotion="surprise", confidence=0.8765)
    before = len(_lines(server))
    assert hat.post(server.url, event, face).status_code == 201
    hat.post(server.url, event | {"emotion": "fear"}, face)
    hat.post(server.url, b'{"emotion": "disgust"', face)
    hat.post(server.url, event, face, token="not.a.token")  # noqa: S106  none
    httpx.get(f"{server.url}/v1/health")
    lines = until(lambda: _lines(server)[before:] if len(_lines(server)) >= before + 4 else None, within=20)
    assert [(line["status"], line.get("code")) for line in lines] == [
        (201, None),
        (409, "conflict"),
        (400, "bad_event"),
        (401, "token_broken"),
    ]
    assert lines[0]["event"] == event["id"]
    assert lines[0]["device_id"] == "hat-1"
    assert all(line["severity"] == "INFO" and line["ms"] >= 0 for line in lines)
    text = server.log.read_text()
    for secret in ("surprise", "fear", "disgust", "0.8765", "Bearer", "not.a.token", "C-2026-014", "eyJ"):
        assert secret not in text
    assert cloud


def test_the_trace_of_the_request_is_in_the_log_and_in_the_answer(server: Server) -> None:
    """Whoever looks after a device can tell the operator which line to look for."""
    for headers in (
        {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
        {"X-Cloud-Trace-Context": f"{TRACE}/123;o=1"},
    ):
        answer = httpx.get(f"{server.url}/v1/samples", headers=headers)
        assert answer.json()["trace"] == TRACE
    until(lambda: _lines(server)[-1].get("status") == 405, within=20)
    assert _lines(server)[-1]["logging.googleapis.com/trace"] == f"projects/demo-howsitgoing/traces/{TRACE}"


@pytest.mark.parametrize("header", ["", "x", f"00-{'0' * 32}-b7ad6b7169203331-01", "00-" + "g" * 32, "\n"], ids=repr)
def test_a_request_without_a_usable_trace_gets_one(header: str) -> None:
    """A trace is what joins the lines; and nothing else of the header gets into a log."""
    first, second = trace_of({"traceparent": header}), trace_of({"traceparent": header})
    assert len(first) == len(second) == 32
    assert first != second
    with traced(first):
        assert current_trace() == first
    assert current_trace() == ""


def test_a_fault_is_logged_by_its_place_without_what_came_in() -> None:
    """The message of an exception may quote a payload."""
    try:
        int("looks sad")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, __file__, 1, "a fault", (), exc_info=__import__("sys").exc_info()
        )
    line = json.loads(JsonLines("p").format(record))
    assert line["error"] == "ValueError"
    assert Path(__file__).name in line["stack"][-1]
    assert "looks sad" not in json.dumps(line)
    assert line["severity"] == "ERROR"
    assert abs(record.created - time.time()) < 60
