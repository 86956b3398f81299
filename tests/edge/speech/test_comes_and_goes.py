"""Loudspeakers and sound servers that are missing, vanish, hang and come back: said, survived, and mended without a hand."""

from __future__ import annotations

import logging
import shutil
import time

import pytest
from support.sound import SoundServer, until
from support.speaking import Speakers, Spoken, mood, news, wake

from howsitgoing_edge.contract import Say, Settings
from howsitgoing_edge.speech.voices import VoicePack


def quickly_closed(speakers: Speakers, **speech: object) -> None:
    """Make a speaker that wants to speak, and close it at once."""
    speaker = speakers(**speech)
    speaker.say(Say())
    begin = time.monotonic()
    speaker.close()
    assert time.monotonic() - begin < 1


def test_a_loudspeaker_that_vanishes_is_missed_and_speaks_again_on_its_return(
    server: SoundServer, speakers: Speakers, english: VoicePack
) -> None:
    """A Bluetooth speaker goes out of reach and comes back: nobody presses anything."""
    speaker = speakers(min_gap=0)
    wake(speaker)
    server.unplug("jbl")
    until(lambda: speaker.state == "lost", "the loss is noticed", 5)
    assert speaker.problems == ("speech: no loudspeaker is connected",)
    server.plug_in("jbl")
    until(lambda: speaker.state == "ok", "it is found again", 10)
    assert speaker.problems == ()
    with server.listening("jbl") as ear:
        speaker.change(news("happy"))
        ear.wait_for(english.phrase("happy"))


def test_news_during_the_loss_is_told_on_return_if_it_still_holds(
    server: SoundServer, speakers: Speakers, spoken: Spoken
) -> None:
    """Old news must not come out of a loudspeaker that is back; what the face still shows must."""
    speaker = speakers(min_gap=0, stale_after=0.5)
    wake(speaker)
    server.unplug("jbl")
    until(lambda: speaker.state == "lost", "the loss is noticed", 5)
    speaker.change(news("happy"))
    until(lambda: speaker.dropped["speech_stale"] == 1, "old news is dropped", 5)
    sad = news("sad")
    speaker.change(sad)
    speaker.mood(mood("sad"))
    server.plug_in("jbl")
    while speaker.state != "ok" and time.monotonic() < sad.noticed + 10:
        speaker.mood(mood("sad"))
        time.sleep(0.05)
    until(lambda: spoken, "the news is told", 5)
    assert [cue.key for cue, _ in spoken] == ["sad"]


def test_a_phrase_that_was_cut_by_the_loss_is_told_again(server: SoundServer, speakers: Speakers, spoken: Spoken) -> None:
    """The wearer heard half a word."""
    speaker = speakers(min_gap=0, stale_after=15)
    wake(speaker)
    speaker.change(news("surprise"))
    until(lambda: spoken, "it begins")
    server.unplug("jbl")
    until(lambda: speaker.state == "lost", "the loss is noticed", 5)
    assert speaker.dropped["speech_unheard"] == 1
    server.plug_in("jbl")
    until(lambda: len(spoken) == 2, "it is told again", 10)
    assert [cue.key for cue, _ in spoken] == ["surprise", "surprise"]


def test_without_a_sound_server_everything_else_goes_on_and_it_is_found_when_it_starts(
    server: SoundServer, speakers: Speakers, english: VoicePack, caplog: pytest.LogCaptureFixture
) -> None:
    """At boot the agent may be up before the sound; a restart of the sound server needs no restart of ours."""
    server.stop()
    speaker = speakers()
    speaker.present(True)
    until(lambda: speaker.state == "lost", "the lack is noticed", 5)
    assert speaker.problems
    assert "\n" not in speaker.problems[0]
    assert speaker.say(Say()) is None
    server.start()
    server.plug_in("jbl")
    until(lambda: speaker.state == "ok", "the server is found", 15)
    with server.listening("jbl") as ear:
        speaker.change(news("happy"))
        ear.wait_for(english.phrase("happy"))
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_sound_server_that_dies_in_mid_run_is_survived(server: SoundServer, speakers: Speakers, english: VoicePack) -> None:
    """Sound servers crash; the wearer must not have to restart the aid."""
    speaker = speakers(min_gap=0)
    wake(speaker)
    server.stop()
    until(lambda: speaker.state == "lost", "the loss is noticed", 5)
    server.start()
    server.plug_in("jbl")
    until(lambda: speaker.state == "ok", "it is back", 15)
    with server.listening("jbl") as ear:
        speaker.change(news("sad"))
        ear.wait_for(english.phrase("sad"))


def test_a_sound_server_that_hangs_holds_nothing_up(server: SoundServer, speakers: Speakers) -> None:
    """A Bluetooth stack may stop fetching sound without an error: noticed in seconds, and calls still return at once."""
    speaker = speakers()
    wake(speaker)
    server.hang()
    try:
        until(lambda: speaker.state == "lost", "the hang is noticed", 10)
        begin = time.monotonic()
        speaker.change(news("happy"))
        speaker.say(Say())
        assert time.monotonic() - begin < 0.5
        assert "takes no sound" in speaker.problems[0]
    finally:
        server.go_on()
    until(lambda: speaker.state == "ok", "it is back", 20)


def test_closing_is_quick_in_every_state(server: SoundServer, speakers: Speakers) -> None:
    """Two seconds is all that a service gets to end."""
    quickly_closed(speakers)
    quickly_closed(speakers, output="off")
    quickly_closed(speakers, output="nothing of this name")
    server.hang()
    try:
        quickly_closed(speakers)
    finally:
        server.go_on()


def test_a_named_loudspeaker_is_waited_for_and_no_other_one_used(
    server: SoundServer, speakers: Speakers, english: VoicePack
) -> None:
    """What the wearer's ear is meant to hear must not come out of the television."""
    speaker = speakers(output="bose", min_gap=0)
    speaker.present(True)
    until(lambda: speaker.state == "lost", "it isn't there", 5)
    assert speaker.problems == ("speech: no loudspeaker has 'bose' in its name; there are: JBL Flip",)
    server.plug_in("bt_42", "Bose SoundLink")
    until(lambda: speaker.state == "ok", "it has come", 10)
    with server.listening("bt_42") as bose, server.listening("jbl") as jbl:
        speaker.change(news("happy"))
        bose.wait_for(english.phrase("happy"))
        server.unplug("bt_42")
        until(lambda: speaker.state == "lost", "it has gone", 5)
        speaker.change(news("sad"))
        heard = jbl.seconds
        until(lambda: jbl.seconds > heard + 1.5, "time for it to come out of the wrong one")
        assert jbl.loudness(0, jbl.seconds) == 0
    server.plug_in("bt_42", "Bose SoundLink")
    until(lambda: speaker.state == "ok", "it is back", 10)


def test_with_no_player_installed_the_problem_says_what_to_install(speakers: Speakers, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a bare system: one sentence, no traceback, and the rest of the agent runs."""
    monkeypatch.setattr(shutil, "which", lambda *_args, **_more: None)
    speaker = speakers()
    speaker.present(True)
    until(lambda: speaker.state == "lost", "the lack is noticed", 5)
    assert "sudo apt install pulseaudio-utils" in speaker.problems[0]
    assert speaker.say(Say("hello")) == "free text needs espeak-ng (sudo apt install espeak-ng)"


def test_output_off_starts_nothing(speakers: Speakers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that shall only publish has no loudspeaker to lose."""
    monkeypatch.setenv("PATH", "")
    speaker = speakers(Settings(), output="off")
    speaker.present(True)
    until(lambda: speaker.state == "off", "it is off")
    assert speaker.say(Say("hello")) == "speech is switched off"
    assert speaker.problems == ()
