"""Log lines go to standard error, in the form that whoever reads them wants."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
import logging, sys
from howsitgoing_edge.view.logs import set_up
set_up(sys.argv[1], live=sys.argv[2] == "live")
logging.getLogger("howsitgoing_edge.camera").debug("details")
logging.getLogger("howsitgoing_edge.camera").warning("the camera is [gone] é")
logging.getLogger("amqtt.broker").warning("chatter")
"""


def _logged(level: str, view: str = "plain", **environment: str) -> str:
    words = [sys.executable, "-c", CODE, level, view]
    kept = {name: value for name, value in os.environ.items() if name != "JOURNAL_STREAM"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, env={**kept, **environment})
    assert done.stdout == "", "standard output is for events"
    return done.stderr


def test_in_a_pipe_a_line_has_time_and_level_and_no_colour() -> None:
    """For grep."""
    line = _logged("info")
    assert line.endswith(" WARNING the camera is [gone] é\n")
    assert line[:4].isdecimal()
    assert "\x1b" not in line


def test_under_systemd_the_level_stands_in_front_and_the_time_is_left_to_it() -> None:
    """``journalctl -p warning`` works by it."""
    assert _logged("info", JOURNAL_STREAM="8:1") == "<4>the camera is [gone] é\n"


@pytest.mark.parametrize(("level", "details"), [("info", False), ("debug", True)], ids=["info", "debug"])
def test_details_and_libraries_are_heard_when_asked_for(level: str, *, details: bool) -> None:
    """A broker of our own tells of every packet."""
    logged = _logged(level)
    assert ("details" in logged) == details
    assert ("chatter" in logged) == details


def test_with_the_live_view_lines_are_not_markup() -> None:
    """A device called [red] is called so."""
    assert "the camera is [gone] é" in _logged("info", "live")
