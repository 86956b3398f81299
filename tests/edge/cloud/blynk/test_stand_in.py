"""The stand-in for Blynk's servers: with the library as it comes (and why that needs an adapter), as a program, as a page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.blynk.cloud import BlynkCloud
from support.blynk.panels import PanelDevice
from support.blynk.server import TOKEN, BlynkStandIn
from support.waiting import until

TESTS = Path(__file__).parents[3]
ALONE = """
import BlynkLib, sys, time
blynk = BlynkLib.Blynk(sys.argv[1], server="127.0.0.1", port=int(sys.argv[2]))
blynk.on("connected", lambda **_: (blynk.virtual_write(2, "by the library alone"), blynk.sync_virtual(0)))
blynk.on("V0", lambda values: blynk.virtual_write(0, values[0]) or blynk.virtual_write(6, "heard " + values[0]))
end = time.monotonic() + 20
while time.monotonic() < end:
    blynk.run()
"""


@pytest.fixture
def plain() -> Iterator[BlynkStandIn]:
    """Without TLS: the library alone has none."""
    with BlynkStandIn(cloud=BlynkCloud(TOKEN)) as running:
        yield running


def test_the_library_as_it_comes_is_understood_and_dies_of_a_servers_ping(plain: BlynkStandIn) -> None:
    """That the stand-in speaks as Blynk does, and why the library needs an adapter."""
    plain.flip(on=True)
    library = subprocess.Popen([sys.executable, "-c", ALONE, TOKEN, str(plain.device_port)], stderr=subprocess.PIPE, text=True)
    try:
        plain.wait_for(lambda: plain.values.get("V2") == "by the library alone")
        plain.wait_for(lambda: plain.values.get("V6") == "heard 1")
        assert plain.device.told["ver"] == "0.2.0"
        plain.doors.ping()
        _, said = library.communicate(timeout=10)
    finally:
        library.kill()
    assert "AttributeError" in said


@pytest.mark.parametrize("link", ["library", "mqtt"])
def test_a_server_on_this_machine_may_do_without_tls(
    plain: BlynkStandIn, tmp_path: Path, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    """For one elsewhere in the house that works as well, and is warned of."""
    with PanelDevice(plain, tmp_path, link) as device:
        device.show("happy")
        plain.wait_for(lambda: plain.values.get("V1") == 3)
    assert "unencrypted" not in caplog.text
    PanelDevice(plain, tmp_path, link, server="192.168.1.5").panel.close()
    assert "the token crosses the network to 192.168.1.5" in caplog.text


def test_a_servers_silence_is_noticed_and_ended(plain: BlynkStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A radio out of reach breaks no connection; a ping without an answer shows it."""
    monkeypatch.setattr("howsitgoing_edge.cloud.blynk.blynk_lib.HEARTBEAT", 1)
    with PanelDevice(plain, tmp_path, "library") as device:
        plain.wait_for(lambda: plain.values.get("V6") == "online")
        plain.doors.deaf = True
        until(lambda: "was lost" in "".join(device.panel.problems), 10)
        plain.doors.deaf = False
        until(lambda: device.panel.connected, 10)


def test_it_runs_as_a_program_with_a_page_that_shows_the_dashboard_and_flips_its_switch() -> None:
    """For demos: ``howsitgoing-cloud serve`` beside it, or the agent alone."""
    with subprocess.Popen(
        [sys.executable, "-m", "support.blynk", "--token", "first", "--token", "second"],
        cwd=TESTS,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        told = dict(program.stdout.readline().split() for _ in range(4))
        try:
            assert "<title>Blynk stand-in</title>" in httpx.get(told["dashboard"]).text
            httpx.get(
                told["dashboard"] + "external/api/update", params={"token": "second", "V2": "looks happy"}
            ).raise_for_status()
            assert httpx.post(told["dashboard"] + "flip", content="1 0").status_code == 204
            first, second = httpx.get(told["state"]).json()
        finally:
            program.terminate()
    assert (second["values"]["V0"], second["values"]["V2"], first["values"]["V2"]) == (0, "looks happy", None)
    assert "second" not in str(second)


def test_a_page_that_is_not_there_is_404(plain: BlynkStandIn) -> None:
    """Also below the API's address."""
    for path in ("/nothing", "/external/api/nothing", "/update"):
        assert httpx.get(plain.web_address + path).status_code == 404


def test_a_day_has_a_hundred_events_and_then_another_day_begins() -> None:
    """By whichever door they come."""
    now = [0.0]
    cloud = BlynkCloud(TOKEN, clock=lambda: now[0])
    with BlynkStandIn(cloud=cloud) as blynk, httpx.Client(base_url=blynk.web_address) as client:

        def log() -> httpx.Response:
            return client.get("/external/api/logEvent", params={"token": TOKEN, "code": "distress"})

        answers = [log() for _ in range(101)]
        assert [answer.status_code for answer in answers] == [200] * 100 + [400]
        assert "limit" in answers[-1].text
        now[0] += 86_400
        assert log().status_code == 200
