"""From the demo's face over a cloud of one's own to the dashboard; the carer's switch goes straight to the device."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import demo
from support.blynk.server import TOKEN, BlynkStandIn
from support.senders import Sender
from support.serving import run_cloud, serving

from howsitgoing_edge.cloud.blynk.streams import words
from howsitgoing_edge.cloud.identity import make_key

if TYPE_CHECKING:
    from e2e.conftest import StartAgent


@pytest.mark.timeout(240)  # emulators take their time
def test_the_mood_takes_the_way_over_the_cloud_and_the_switch_the_short_one(start: StartAgent, own_home: Path) -> None:
    """As docs/blynk.md, 3b, has it: both at one dashboard, and each datastream has one writer."""
    hat = Sender("e2e", key=make_key(own_home / ".local/state/howsitgoing"))
    with BlynkStandIn() as blynk, serving("--blynk-server", blynk.web_address) as cloud:
        secret = Path(cloud.environment["HOWSITGOING_CLOUD_SECRETS_FOLDER"]) / "blynk-e2e"
        secret.touch(mode=0o600)
        secret.write_text(TOKEN)
        registered = ("devices", "add", "e2e", "--key", hat.public_key, "--consent", "moods", "--blynk-secret", "blynk-e2e")
        assert run_cloud(*registered, "--local").returncode == 0
        agent = start("--source", "demo", "--speech", "off", "--mqtt", "off", environment=_environment(cloud.url, blynk))
        looks = words(demo.changes()[0][1], "en")
        blynk.wait_for(lambda: blynk.values.get("V2") == looks and blynk.values.get("V6") == "online", 90)
        writers = {pin: written.by for written in blynk.device.written for pin in written.values}
        assert writers == {"V0": "mqtt", "V6": "mqtt", **dict.fromkeys(("V1", "V2", "V3", "V4", "V5"), "https")}
        blynk.flip(on=False)
        agent.wait_for_log("the carer switches recognition off")
        assert agent.end() == 0, agent.log
        assert TOKEN not in agent.log


def _environment(url: str, blynk: BlynkStandIn) -> dict[str, str | None]:
    return {
        "HOWSITGOING_CLOUD__SHARE": "moods",
        "HOWSITGOING_CLOUD__URL": url,
        "HOWSITGOING_CLOUD__AUDIENCE": url,
        "HOWSITGOING_BLYNK__TOKEN": TOKEN,
        "HOWSITGOING_BLYNK__SERVER": f"{blynk.host}:{blynk.mqtt_port}",
        "HOWSITGOING_BLYNK__TLS": "false",
    }
