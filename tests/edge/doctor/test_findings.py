"""A check that hangs, breaks or fails spoils no other, and is itself a finding."""

from __future__ import annotations

import threading
import time

from howsitgoing_edge.doctor.findings import Check, Finding, State, examine
from howsitgoing_edge.errors import CameraError


def _fine() -> Finding:
    return Finding("fine", State.WORKS, "all is well")


def _failing() -> Finding:
    raise CameraError("no camera at /dev/video0; plug one in")


def _breaking() -> Finding:
    raise ZeroDivisionError("division by zero")


def _fine_once(allowed: threading.Event) -> Finding:
    allowed.wait(30)
    return _fine()


def test_what_the_agents_own_parts_say_becomes_the_finding_and_the_advice() -> None:
    """They know best, and say the same when the agent runs."""
    (found,) = examine([Check("camera", _failing)])
    assert (found.name, found.state, found.what, found.advice) == (
        "camera",
        State.FAILS,
        "no camera at /dev/video0",
        "plug one in",
    )


def test_a_check_that_breaks_or_hangs_leaves_the_others_standing() -> None:
    """A camera's driver may hang for ever; the broker still wants to be looked at."""
    forever = threading.Event()
    begun = time.monotonic()
    found = list(
        examine(
            [
                Check("broken", _breaking),
                Check("hanging", lambda: _fine_once(forever), seconds=0.2),
                Check("fine", _fine),
            ]
        )
    )
    forever.set()
    assert time.monotonic() - begun < 5
    assert [finding.state for finding in found] == [State.FAILS, State.FAILS, State.WORKS]
    assert found[0].what == "the check itself broke: ZeroDivisionError: division by zero"
    assert found[1].what == "gave no answer within 0.2 s"


def test_findings_come_one_by_one() -> None:
    """Ten seconds of nothing look like a hang."""
    release = threading.Event()
    findings = examine([Check("fine", _fine), Check("later", lambda: _fine_once(release))])
    assert next(findings).name == "fine"
    release.set()
    assert next(findings).state is State.WORKS
