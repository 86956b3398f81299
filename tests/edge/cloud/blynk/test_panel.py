"""What the carer sees, and what the carer's switch does, by both links, at servers that come and go."""

from __future__ import annotations

import itertools
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from support.blynk.panels import PanelDevice, at, change
from support.blynk.server import BlynkStandIn
from support.certificates import Authority
from support.waiting import until

from howsitgoing_edge.cloud.blynk.pauses import Pauses

if TYPE_CHECKING:
    from edge.cloud.blynk.conftest import MakeDevice


def test_the_dashboard_shows_the_mood(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """All of it: emoticon, words, confidence, positivity, since when, and that the device is there."""
    device = make_device()
    device.show("happy", 0.87)
    blynk.wait_for(lambda: blynk.values.get("V1") == 3)
    blynk.wait_for(lambda: len(blynk.values) == 7)
    assert blynk.values == {
        "V0": 1,
        "V1": 3,
        "V2": "looks happy",
        "V3": 87,
        "V4": 100,
        "V5": "2026-09-21T14:13:20.000Z",
        "V6": "online",
    }


def test_the_words_are_in_the_wearers_language(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """A family in Austria reads German."""
    device = make_device()
    device.set("language", "de-AT")
    device.show("sad")
    blynk.wait_for(lambda: blynk.values.get("V2") == "wirkt traurig")


def test_without_feed_the_mood_stays_at_home(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """Cloud functions, or nobody, may show it; the switch works all the same."""
    device = make_device(feed=False)
    _settled(blynk)
    device.show("sad")
    blynk.flip(on=False)
    until(lambda: not device.settings.recognition)
    assert not {"V1", "V2", "V3", "V4", "V5"} & blynk.values.keys()


def test_the_carer_switches_recognition_off_and_on(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """And it is not written back: each flip is one message, the carer's own."""
    device = make_device()
    _settled(blynk)
    for wanted in (False, True, False):
        blynk.flip(wanted)
        _until_recognition_is(wanted, device)
    device.show("happy")
    blynk.wait_for(lambda: blynk.values.get("V1") == 3)
    assert [by for by, value in _switched(blynk) if by == "app"] == ["app"] * 3
    assert _switched(blynk)[-1] == ("app", 0)


def test_the_wearer_switches_recognition_off_and_the_carer_sees_it(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """By voice, button, MQTT: whoever does it, both sides agree."""
    device = make_device()
    _settled(blynk)
    device.set("recognition", False)
    blynk.wait_for(lambda: blynk.values["V0"] == 0)
    device.set("recognition", True)
    blynk.wait_for(lambda: blynk.values["V0"] == 1)


def test_a_carer_who_switched_while_the_device_was_away_wins(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """Also after a restart of the device."""
    device = make_device()
    _settled(blynk)
    device.panel.close()
    blynk.wait_for(lambda: not blynk.device.connections)
    blynk.flip(on=False)
    device = make_device()
    until(lambda: not device.settings.recognition)
    assert blynk.values["V0"] == 0


def test_a_wearer_who_switched_while_blynk_was_away_wins(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """What was changed last counts, whichever side it was changed on."""
    device = make_device()
    _settled(blynk)
    blynk.stop()
    until(lambda: not device.panel.connected)
    device.set("recognition", False)
    blynk.start()
    blynk.wait_for(lambda: blynk.values["V0"] == 0)
    assert not device.settings.recognition


def test_a_device_that_blynk_has_never_seen_reports_its_own_setting(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """A value left over at the server, by whatever was there before, must not open a camera."""
    blynk.flip(on=True)
    device = make_device(recognition=False)
    blynk.wait_for(lambda: blynk.values["V0"] == 0)
    assert not device.settings.recognition


def test_only_the_newest_mood_is_shown_after_an_outage(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """An hour of changes is not replayed: one message has it all."""
    device = make_device()
    device.show("happy")
    blynk.wait_for(lambda: blynk.values.get("V1") == 3)
    blynk.stop()
    until(lambda: not device.panel.connected)
    shown = len(blynk.device.written)
    for number, emotion in zip(range(1000), itertools.cycle(("sad", "happy", "angry", "neutral")), strict=False):
        device.show(emotion, since=1_790_000_000 + number)
    blynk.start()
    blynk.wait_for(lambda: blynk.values["V1"] == 4)
    later = [written.values["V1"] for written in blynk.device.written[shown:] if "V1" in written.values]
    assert later == [4]


def test_moods_that_change_quickly_are_sent_once_a_second_at_most(
    blynk: BlynkStandIn, make_device: MakeDevice, link: str
) -> None:
    """Blynk counts messages, and drops devices that flood it."""
    device = make_device(pauses=Pauses())
    deadline = time.monotonic() + 2.5
    for emotion in itertools.cycle(("sad", "happy")):
        device.show(emotion)
        if time.monotonic() > deadline:
            break
        time.sleep(0.005)  # a camera's pace, ten times over
    device.show("neutral")
    blynk.wait_for(lambda: blynk.values.get("V1") == 4)
    times = [written.at for written in blynk.device.written if "V1" in written.values]
    assert 2 <= len(times) <= 5
    assert min(after - before for before, after in itertools.pairwise(times)) > 0.9, link


def test_it_comes_back_by_itself_however_often_the_server_restarts(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """Nobody restarts a hat."""
    device = make_device()
    for emotion, index in (("happy", 3), ("sad", 5), ("neutral", 4)):
        device.show(emotion)
        _wait_for_emoticon(index, blynk)
        blynk.stop()
        until(lambda: device.panel.problems)
        assert "127.0.0.1" in device.panel.problems[0]
        blynk.start()
        until(lambda: not device.panel.problems)
    blynk.doors.cut()
    device.show("fear")
    blynk.wait_for(lambda: blynk.values.get("V1") == 2)


def test_pings_of_the_server_are_answered(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """The library alone would die of the first one."""
    device = make_device()
    _settled(blynk)
    for _ in range(3):
        _ping_and_wait(blynk)
    device.show("happy")
    blynk.wait_for(lambda: blynk.values.get("V1") == 3)
    assert blynk.doors.came == 1


def test_it_goes_where_blynk_sends_it(authority: Authority, blynk: BlynkStandIn, link: str, tmp_path: Path) -> None:
    """Blynk's name leads to the nearest server, which may not be the one that has the account."""
    target = at(blynk, link)["server"]
    assert isinstance(target, str)
    host, _, port = target.partition(":")
    with (
        BlynkStandIn(cloud=blynk.cloud, authority=authority, redirect=(host, int(port))) as first,
        PanelDevice(first, tmp_path, link) as device,
    ):
        device.show("happy")
        blynk.wait_for(lambda: blynk.values.get("V1") == 3)
        until(lambda: len(blynk.doors.lines) == 1 and not first.doors.lines)


def test_servers_that_send_it_in_circles_do_not_wear_it_out(authority: Authority, link: str, tmp_path: Path) -> None:
    """Three times, then a pause and a sentence."""
    with BlynkStandIn(authority=authority) as blynk:
        target = str(at(blynk, link)["server"])
        blynk.doors.redirect = ("127.0.0.1", int(target.rpartition(":")[2]))
        with PanelDevice(blynk, tmp_path, link) as device:
            until(lambda: "in circles" in "".join(device.panel.problems))


@pytest.mark.parametrize("link", ["library", "mqtt"])
def test_a_refused_token_is_one_clear_error_and_no_hammering(
    blynk: BlynkStandIn, tmp_path: Path, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The carer deleted the device; nothing here can mend that."""
    wrong = "wrong-token-of-thirty-two-letter"
    with PanelDevice(blynk, tmp_path, link, token=wrong) as device:
        until(lambda: device.panel.problems)
        for _ in range(5):
            device.show("happy")
            device.show("sad")
        time.sleep(0.5)  # long enough for ten tries after a passing failure
    assert "refuses the token" in device.panel.problems[0]
    assert blynk.cloud.refused_tokens == 1
    assert [record.levelname for record in caplog.records if "refuses the token" in record.getMessage()] == ["WARNING"]
    assert wrong not in caplog.text


def test_a_server_that_nobody_vouches_for_never_sees_the_token(blynk: BlynkStandIn, tmp_path: Path, link: str) -> None:
    """A stranger in the network may call himself blynk.cloud."""
    stranger = Authority(tmp_path / "stranger")
    with PanelDevice(blynk, tmp_path, link, ca_file=stranger.file) as device:
        until(lambda: device.panel.problems)
    assert "certificate that cannot be trusted" in device.panel.problems[0]
    assert not blynk.device.told
    assert not blynk.values


def test_a_certificate_of_another_name_is_refused(authority: Authority, tmp_path: Path, link: str) -> None:
    """Valid, but somebody else's."""
    with (
        BlynkStandIn(authority=authority, certified_for="DNS:elsewhere.example") as blynk,
        PanelDevice(blynk, tmp_path, link) as device,
    ):
        until(lambda: device.panel.problems)
        assert "certificate that cannot be trusted" in device.panel.problems[0]
        assert not blynk.values


def test_the_token_is_in_no_log_and_not_in_the_process_list(
    blynk: BlynkStandIn, make_device: MakeDevice, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """At the most talkative level, through a life with all that happens."""
    caplog.set_level(logging.DEBUG)
    device = make_device(events="all")
    _settled(blynk)
    device.show("happy")
    blynk.wait_for(lambda: blynk.values.get("V1") == 3)
    blynk.flip(on=False)
    until(lambda: not device.settings.recognition)
    blynk.stop()
    until(lambda: device.panel.problems)
    blynk.start()
    until(lambda: not device.panel.problems)
    blynk.cloud.remove(blynk.token)
    blynk.doors.cut()
    until(lambda: "refuses the token" in "".join(device.panel.problems))
    said = capfd.readouterr()
    seen = (caplog.text, said.out, said.err, repr(vars(device.panel)), *psutil.Process().cmdline())
    assert not [text for text in seen if blynk.token in text]
    assert said.out == "", "standard output belongs to events"


@pytest.mark.parametrize(
    "nonsense", [b"\xff" * 64, bytes(5), b"\x14\x00\x07\x00\x02\xff\xfe", b"\x14\x00\x07\x00\x03vw\x00", b"GET /"]
)
def test_nonsense_from_the_server_only_costs_the_connection(
    blynk: BlynkStandIn, make_device: MakeDevice, nonsense: bytes
) -> None:
    """Whatever comes, the next mood arrives."""
    device = make_device()
    _settled(blynk)
    blynk.doors.do(lambda line: line.send_raw(nonsense))
    device.show("happy")
    blynk.wait_for(lambda: blynk.values.get("V1") == 3)
    device.show("sad")
    blynk.wait_for(lambda: blynk.values.get("V1") == 5)


def test_a_template_that_does_not_fit_is_a_sentence_until_it_does(
    blynk: BlynkStandIn, make_device: MakeDevice, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody forgot a datastream; the page says how it should be. After the next connect everything is tried again."""
    whole = blynk.device.template
    blynk.device.template = {pin: stream for pin, stream in whole.items() if pin != "V4"}
    device = make_device()
    _settled(blynk)
    for emotion in ("happy", "sad", "neutral"):
        device.show(emotion)
        until(lambda: "docs/blynk.md" in "".join(device.panel.problems))
    blynk.device.template = whole
    blynk.doors.cut()
    _wait_for_emoticon(4, blynk)
    blynk.wait_for(lambda: blynk.values.get("V4") == 0)
    until(lambda: not device.panel.problems)
    assert len([record for record in caplog.records if "docs/blynk.md" in record.getMessage()]) == 1


def test_a_connection_that_comes_and_goes_is_logged_once(
    blynk: BlynkStandIn, make_device: MakeDevice, caplog: pytest.LogCaptureFixture
) -> None:
    """A weak radio must not fill the journal of a memory card."""
    caplog.set_level(logging.INFO)
    device = make_device()
    for index, emotion in ((3, "happy"), (5, "sad"), (3, "happy"), (5, "sad"), (3, "happy")):
        _settled(blynk)
        blynk.doors.cut()
        device.show(emotion)
        _wait_for_emoticon(index, blynk)
    assert len([record for record in caplog.records if "connected to Blynk" in record.getMessage()]) == 1
    assert len([record for record in caplog.records if "was lost" in record.getMessage()]) <= 3, "by its causes"


def test_a_farewell_is_said_within_a_second(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """The carer sees the difference between switched off and lost."""
    device = make_device()
    blynk.wait_for(lambda: blynk.values.get("V6") == "online")
    begun = time.monotonic()
    device.panel.close()
    assert time.monotonic() - begun < 1
    blynk.wait_for(lambda: blynk.values["V6"] == "stopped")
    blynk.wait_for(lambda: not blynk.device.connections)


def test_a_lost_device_is_offline_by_the_last_will(blynk: BlynkStandIn, make_device: MakeDevice, link: str) -> None:
    """By MQTT the server says so itself; the library's protocol has no last will, there Blynk's own sign must do."""
    device = make_device()
    blynk.wait_for(lambda: blynk.values.get("V6") == "online")
    blynk.doors.cut()
    if link == "mqtt":
        blynk.wait_for(lambda: any(written.by == "will" for written in blynk.device.written))
    blynk.wait_for(lambda: blynk.device.connections)
    device.show("happy")
    blynk.wait_for(lambda: blynk.values.get("V6") == "online" and blynk.values.get("V1") == 3)


def test_distress_that_lasts_is_told_once(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """By the template's event, without any further frame of the camera's."""
    device = make_device(distress_after=0.005)
    _settled(blynk)
    device.show("sad")
    blynk.wait_for(lambda: blynk.device.events)
    device.show("angry")
    blynk.wait_for(lambda: blynk.values["V1"] == 0)
    assert blynk.device.events == [("distress", "looks sad (0 min)")]


def test_changes_are_told_to_the_carer_on_request(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """Each becomes an event; the same settings without it tell nothing."""
    device = make_device(events="all")
    _settled(blynk)
    until(lambda: device.panel.connected)
    device.panel.offer(change("neutral", "happy"))
    blynk.wait_for(lambda: blynk.device.events == [("mood_change", "looks happy")])


def test_offering_never_waits(blynk: BlynkStandIn, make_device: MakeDevice) -> None:
    """Vision calls it; Blynk may be as slow as it likes."""
    device = make_device()
    _settled(blynk)
    blynk.doors.deaf = True
    begun = time.perf_counter()
    for _ in range(1000):
        device.show("happy")
    assert time.perf_counter() - begun < 1


def _settled(blynk: BlynkStandIn) -> None:
    blynk.wait_for(lambda: blynk.values.get("V0") is not None and blynk.values.get("V6") == "online")


def _switched(blynk: BlynkStandIn) -> list[tuple[str, object]]:
    return [(written.by, written.values["V0"]) for written in blynk.device.written if "V0" in written.values]


def _until_recognition_is(wanted: bool, device: PanelDevice) -> None:  # noqa: FBT001  a switch
    until(lambda: device.settings.recognition is wanted)


def _wait_for_emoticon(index: int, blynk: BlynkStandIn) -> None:
    blynk.wait_for(lambda: blynk.values.get("V1") == index)


def _ping_and_wait(blynk: BlynkStandIn) -> None:
    ((line, number),) = blynk.doors.ping()
    until(lambda: line.answered.get(number) == 200)
