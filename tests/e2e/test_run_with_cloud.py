"""``make run CLOUD=1``: one command from the demo's face to the carer's dashboard, and nothing of it left."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from support import demo
from support.emulators import emulators
from support.waiting import until

from howsitgoing_edge.cloud.blynk.streams import words

SCRIPT = Path(__file__).parents[2] / "scripts/run_with_cloud.py"


@pytest.mark.timeout(240)  # emulators take their time
def test_one_command_shows_the_way_from_the_face_to_the_dashboard(tmp_path: Path, own_home: Path) -> None:
    """What somebody tries first must not take three terminals."""
    with emulators(tmp_path / "there"):  # skips where they are not installed
        pass
    command = [sys.executable, SCRIPT, "--source", "demo", "--mqtt", "off", "--speech", "off", "--no-live"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("The carer's dashboard: ").strip()
        looks = {words(emotion, "en") for _, emotion in demo.changes()}
        until(lambda: httpx.get(f"{address}state.json").json()[0]["values"].get("V2") in looks, 60)
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate(timeout=30)
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in family), 30)
    assert not (own_home / ".local/state").exists()
