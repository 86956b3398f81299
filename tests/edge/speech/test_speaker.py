"""The speaker on a real sound server: what is meant to be heard comes out of the loudspeaker, in time and in full."""

from __future__ import annotations

import datetime as dt
import statistics
import time

import numpy as np
import pytest
from support.parts import need
from support.sound import RATE, SoundServer, until
from support.speaking import Speakers, Spoken, mood, news, wake

from howsitgoing_edge.contract import LANGUAGES, Say, Settings
from howsitgoing_edge.core.cues import Cue, Form
from howsitgoing_edge.core.phrases import KEYS, Sentence
from howsitgoing_edge.settings import SpeechSettings
from howsitgoing_edge.speech import players, sound, talker
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.speaker import Speaker
from howsitgoing_edge.speech.tones import tone
from howsitgoing_edge.speech.voices import VoicePack

FIRST_SYLLABLE = RATE // 5
IN_EARNEST = players.BUFFER_MS


def test_a_change_is_heard_in_full(server: SoundServer, speakers: Speakers, spoken: Spoken, english: VoicePack) -> None:
    """The phrase that sounds is the one meant and no other, from its first syllable on."""
    speaker = speakers()
    wake(speaker)
    with server.listening("jbl") as ear:
        change = news("happy")
        speaker.change(change)
        at = ear.wait_for(english.phrase("happy"))
        assert ear.find(english.phrase("happy")[:FIRST_SYLLABLE])[1] == pytest.approx(at, abs=0.005)
        likeness = {key: ear.find(english.phrase(key))[0] for key in KEYS}
    assert max(likeness, key=lambda key: likeness[key]) == "happy"
    assert [cue.change for cue, _ in spoken] == [change]


def test_a_change_is_handed_over_within_fifty_milliseconds_and_heard_soon_after(
    server: SoundServer, speakers: Speakers, spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the loudspeaker awake, the way from the decision to the ear is short: of all the latency, the part that is ours."""
    monkeypatch.setattr(players, "BUFFER_MS", IN_EARNEST)
    speaker = speakers(Settings(speech_mode="tones"), min_gap=0)
    wake(speaker)
    with server.listening("jbl") as ear:
        for count, emotion in enumerate(("happy", "sad") * 5, 1):
            speaker.change(news(emotion))
            until(lambda count=count: len(spoken) == count, "it is handed over")  # type: ignore[misc]
        until(lambda: ear.seconds > 1, "some time to listen to what was before")
        before = ear.seconds
        speaker.change(news("fear"))
        assert ear.wait_for(tone("fear")) - before < 0.5, "seconds from the decision to the sound"
    delays = [handed - cue.since for cue, handed in spoken]
    assert statistics.median(delays) < 0.05


def test_it_speaks_every_shipped_language(server: SoundServer, speakers: Speakers) -> None:
    """A change of language holds from the next phrase on."""
    speaker = speakers(min_gap=0)
    wake(speaker)
    with server.listening("jbl") as ear:
        for language, emotion in zip(LANGUAGES, ("happy", "sad", "angry", "surprise", "fear"), strict=True):
            speaker.apply(Settings(language=language))
            speaker.change(news(emotion))
            ear.wait_for(VoicePack(language, None, Espeak()).phrase(emotion))


def test_the_stream_is_never_true_silence_while_a_face_is_there(server: SoundServer, speakers: Speakers) -> None:
    """Bluetooth speakers switch off on digital silence; noise of one least significant bit keeps them up unheard."""
    wake(speakers())
    with server.listening("jbl") as ear:
        until(lambda: ear.seconds > 1, "a second of it")
        steps = np.rint(ear.samples[-RATE // 2 :] * 32768)
    assert np.abs(steps).max() == 1
    assert 0.1 < np.mean(steps != 0) < 0.5


def test_a_loudspeaker_that_slept_is_warmed_up_before_the_first_word(
    server: SoundServer, speakers: Speakers, spoken: Spoken, english: VoicePack
) -> None:
    """What a Bluetooth speaker swallows while it wakes is near-silence, not the first half second of the answer."""
    speaker = speakers()
    with server.listening("jbl") as ear:
        speaker.say(Say())
        at = ear.wait_for(english.phrase("now-unsure"))
        before = np.rint(ear.samples[round((at - 0.45) * RATE) : round(at * RATE)] * 32768)
    assert np.mean(before != 0) > 0.1, "the stream was running already"
    assert spoken[0][1] - spoken[0][0].since < 3


def test_the_loudspeaker_may_sleep_when_nobody_is_there(
    server: SoundServer, speakers: Speakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open stream drains the batteries of speaker and phone; it goes some seconds after the face, and comes back with it."""
    monkeypatch.setattr(talker, "LINGER", 0.5)
    speaker = speakers()
    assert server.voices() == 0
    wake(speaker)
    assert server.voices() == 1
    speaker.present(False)
    until(lambda: speaker.state == "asleep", "the stream is closed")
    until(lambda: server.voices() == 0, "nothing plays on the server")
    wake(speaker)


def test_half_the_loudness_is_ten_decibels_less(server: SoundServer, speakers: Speakers, english: VoicePack) -> None:
    """Volume is percent of perceived loudness (Stevens); from 100 to 50 the amplitude falls to 0.315."""
    phrase = english.phrase("happy")
    length = len(phrase) / RATE
    speaker = speakers(Settings(volume=100), min_gap=0)
    wake(speaker)
    with server.listening("jbl") as ear:
        speaker.change(news("happy"))
        first = ear.wait_for(phrase, score=0.95)
        speaker.apply(Settings(volume=50))
        speaker.change(news("sad"))
        ear.wait_for(english.phrase("sad"))
        speaker.change(news("happy"))
        second = ear.wait_for(phrase, after=first + length, score=0.95)
        ratio = ear.loudness(second, second + length) / ear.loudness(first, first + length)
    assert ratio == pytest.approx(10 ** (-10 / 20), rel=0.02)


def test_a_newer_change_cuts_the_older_one_off(
    server: SoundServer, speakers: Speakers, spoken: Spoken, english: VoicePack
) -> None:
    """What no longer holds need not be said to its end."""
    speaker = speakers(min_gap=0)
    wake(speaker)
    with server.listening("jbl") as ear:
        speaker.change(news("surprise"))
        until(lambda: len(spoken) == 1, "the first begins")
        speaker.change(news("sad"))
        ear.wait_for(english.phrase("sad"))
        assert ear.find(english.phrase("surprise"))[0] < 0.7, "it was not heard to its end"
    assert spoken[1][1] - spoken[1][0].since < 0.5, "the older one lasts for more than a second"


def test_news_waits_until_a_text_has_been_heard(
    server: SoundServer, speakers: Speakers, spoken: Spoken, english: VoicePack
) -> None:
    """The carer's words are not cut off by a smile."""
    need("espeak-ng")
    speaker = speakers(stale_after=10)
    wake(speaker)
    text = sound.levelled(sound.trimmed(Espeak().speak("dinner is ready", "en")))
    with server.listening("jbl") as ear:
        assert speaker.say(Say("dinner is ready")) is None
        until(lambda: len(spoken) == 1, "the text begins")
        speaker.change(news("happy"))
        began = ear.wait_for(text)
        assert ear.wait_for(english.phrase("happy")) >= began + len(text) / RATE - 0.05
    assert [cue.form for cue, _ in spoken] == [Form.TEXT, Form.PHRASE]


def test_a_text_in_another_language_is_spoken_in_it(server: SoundServer, speakers: Speakers) -> None:
    """The house may speak German to somebody whose aid speaks English."""
    need("espeak-ng")
    speaker = speakers()
    wake(speaker)
    with server.listening("jbl") as ear:
        speaker.say(Say("Das Essen ist fertig", "de"))
        ear.wait_for(sound.levelled(sound.trimmed(Espeak().speak("Das Essen ist fertig", "de"))))


def test_tones_sound_instead_of_words(server: SoundServer, speakers: Speakers) -> None:
    """Mode ``tones``: the figure of the emotion, and no phrase."""
    speaker = speakers(Settings(speech_mode="tones"), min_gap=0)
    wake(speaker)
    with server.listening("jbl") as ear:
        for emotion in ("happy", "sad"):
            speaker.change(news(emotion))
            ear.wait_for(tone(emotion), score=0.95)


def test_the_answer_is_the_mood_of_this_moment(server: SoundServer, speakers: Speakers, spoken: Spoken) -> None:
    """How's it going? What the newest frame showed; a mood alone also keeps the loudspeaker awake."""
    speaker = speakers()
    speaker.mood(mood("sad"))
    until(lambda: speaker.state == "ok", "a mood is enough to wake the loudspeaker")
    with server.listening("jbl") as ear:
        speaker.mood(mood("happy"))
        speaker.say(Say())
        ear.wait_for(VoicePack("en", None, Espeak()).phrase("now-happy"))
    assert [cue.key for cue, _ in spoken] == ["now-happy"]


def test_sentences_about_the_device_are_spoken(server: SoundServer, speakers: Speakers, english: VoicePack) -> None:
    """A wearer who sees no screen must hear that the camera is gone."""
    speaker = speakers()
    with server.listening("jbl") as ear:
        speaker.announce(Sentence.CAMERA_LOST)
        ear.wait_for(english.phrase("camera-lost"))


@pytest.mark.usefixtures("server")
def test_in_quiet_hours_nothing_is_volunteered_and_the_loudspeaker_sleeps(speakers: Speakers, spoken: Spoken) -> None:
    """Somebody sleeps; who asks gets an answer all the same."""
    now = dt.datetime.now().astimezone()
    hours = {"start": (now - dt.timedelta(hours=1)).time(), "end": (now + dt.timedelta(hours=1)).time()}
    speaker = speakers(quiet=hours)
    speaker.present(True)
    speaker.mood(mood("sad"))
    speaker.change(news("sad"))
    speaker.announce(Sentence.READY)
    speaker.say(Say())
    until(lambda: spoken, "the answer")
    assert [cue.key for cue, _ in spoken] == ["now-sad"]


def test_switched_off_means_silence_at_once(server: SoundServer, speakers: Speakers, spoken: Spoken) -> None:
    """Also in the middle of a phrase, and the one who wants something said is told."""
    speaker = speakers()
    wake(speaker)
    with server.listening("jbl") as ear:
        speaker.change(news("surprise"))
        until(lambda: spoken, "it begins")
        speaker.apply(Settings(speech=False))
        until(lambda: speaker.state == "off", "it is off")
        until(lambda: server.voices() == 0, "nothing plays on the server")
        assert ear.find(VoicePack("en", None, Espeak()).phrase("surprise"))[0] < 0.8
    assert speaker.say(Say("hello")) == "speech is switched off"
    assert speaker.problems == ()


@pytest.mark.usefixtures("server")
def test_it_never_holds_up_the_one_who_calls(speakers: Speakers) -> None:
    """Vision calls these between two frames: hundreds of calls take less than one frame's time."""
    speaker = speakers()
    wake(speaker)
    begin = time.perf_counter()
    for _ in range(200):
        speaker.mood(mood("happy"))
        speaker.change(news("happy"))
        speaker.announce(Sentence.CAMERA_LOST)
    assert time.perf_counter() - begin < 1
    begin = time.perf_counter()
    speaker.close()
    assert time.perf_counter() - begin < 1


def test_own_recordings_are_heard(server: SoundServer, speakers: Speakers, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A familiar voice is understood more easily than any machine's."""
    import soundfile

    folder = tmp_path_factory.mktemp("voice")
    wobble = np.sin(2 * np.pi * np.cumsum(np.linspace(300, 900, 22050)) / 44100) * np.hanning(22050)
    soundfile.write(folder / "happy.wav", np.stack([wobble, wobble], axis=1), 44100)
    speaker = speakers(voice_folder=folder)
    wake(speaker)
    with server.listening("jbl") as ear:
        speaker.change(news("happy"))
        ear.wait_for(sound.levelled(sound.trimmed(sound.converted(wobble.astype(np.float32), 44100))), score=0.95)
    assert speaker.problems == ()


@pytest.mark.usefixtures("server")
def test_a_text_that_cannot_be_spoken_is_a_problem_and_the_next_one_is_heard(speakers: Speakers, spoken: Spoken) -> None:
    """A wrong language in an automation must not end speech, and must be found by who looks at the device's health."""
    need("espeak-ng")
    speaker = speakers()
    wake(speaker)
    speaker.say(Say("hello", "xx"))
    until(lambda: speaker.problems, "the problem is told")
    assert speaker.problems == ("speech: espeak-ng cannot speak 'xx': Error: The specified espeak-ng voice does not exist.",)
    assert speaker.dropped["speech_unheard"] == 1
    speaker.say(Say("🙂\n"))
    speaker.say(Say("hello", "en"))
    until(lambda: spoken and spoken[-1][0].text == "hello", "the next text is spoken")
    assert speaker.problems == ()
    assert speaker.state == "ok"


@pytest.mark.usefixtures("server")
def test_an_error_of_our_own_is_logged_and_told_and_calls_still_return(caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in the program must not end in silence that nobody notices, nor take the rest along."""

    def mistaken(_cue: Cue, _handed: float) -> None:
        raise ZeroDivisionError

    speaker = Speaker(SpeechSettings(), Settings(), on_spoken=mistaken)
    speaker.say(Say())
    until(lambda: speaker.problems, "the problem is told")
    assert "see the log" in speaker.problems[0]
    assert speaker.state == "lost"
    assert "ZeroDivisionError" in caplog.text
    speaker.change(news("happy"))
    speaker.close()
