"""Who shares nothing pays nothing, and needs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.commands import howsitgoing

HEAVY = ("httpx", "httpcore", "jwt", "cryptography")
AGENT = """
import sys
{before}
from howsitgoing_edge.app import App
from howsitgoing_edge.run_options import RunOptions
from howsitgoing_edge.settings import EdgeSettings
app = App(EdgeSettings.model_validate({settings!r}), RunOptions(pace="fast"))
app._check()
print(*[name for name in {heavy!r} if name in sys.modules])
print(app._status.gauges().uplink, *app._status.gauges().problems, sep="|")
"""
WITHOUT = """
import importlib.abc
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "jwt":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


def _agent(cloud: dict[str, object], before: str = "") -> list[str]:
    settings = {"camera": {"source": "demo"}, "mqtt": {"transport": "off"}, "speech": {"output": "off"}, "cloud": cloud}
    code = AGENT.format(settings=settings, heavy=HEAVY, before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def test_an_agent_that_shares_nothing_loads_nothing_for_it() -> None:
    """Each of these costs a Pi seconds and megabytes."""
    assert _agent({}) == ["", "off"]


def test_without_the_packages_the_aid_goes_on_and_says_what_to_install() -> None:
    """The wearer's aid is more important than anybody's dataset."""
    shared = {"share": "moods", "url": "https://cloud.example"}
    _, said = _agent(shared, before=WITHOUT)
    assert said == "off|nothing can be sent to the cloud, since jwt is not installed: pip install 'howsitgoing[cloud]'"


def test_without_a_key_the_aid_goes_on_and_says_how_to_get_one() -> None:
    """As after a new memory card."""
    _, said = _agent({"share": "moods", "url": "https://cloud.example"})
    assert said.startswith("off|there is no key of this device in ")
    assert "howsitgoing cloud join" in said


def test_the_clouds_own_variables_are_nothing_to_the_device(tmp_path: Path) -> None:
    """Both run on one machine while somebody tries it out; a slip in one of ours is still found."""
    done = howsitgoing("config", "check", environment={"HOWSITGOING_CLOUD_PROJECT": "p", "HOME": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    done = howsitgoing("config", "check", environment={"HOWSITGOING_CLOUD__SHAR": "moods", "HOME": str(tmp_path)})
    assert (done.returncode, "HOWSITGOING_CLOUD__SHARE" in done.stderr) == (2, True)
