"""The runtime's own announcements do not end among ours."""

from __future__ import annotations

import subprocess
import sys

LOAD = """
import os, sys
from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.litert import LiteRtClassifier
if sys.argv[1] == "closed":
    os.close(2)
LiteRtClassifier(load_bundle(), 1)
if sys.argv[1] == "open":
    print("said afterwards", file=sys.stderr)
print("loaded")
"""


def _loaded(standard_error: str) -> tuple[str, str]:
    done = subprocess.run([sys.executable, "-c", LOAD, standard_error], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout, done.stderr


def test_loading_a_network_says_nothing_and_what_we_say_afterwards_is_heard() -> None:
    """A line from C++ in the middle of the live view tears it apart."""
    assert _loaded("open") == ("loaded\n", "said afterwards\n")


def test_a_service_without_standard_error_loads_it_all_the_same() -> None:
    """Some managers close it."""
    assert _loaded("closed")[0] == "loaded\n"
