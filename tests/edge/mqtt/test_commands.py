"""Commands, honest and hostile: obeyed, or refused with the reason."""

from __future__ import annotations

import pytest

from howsitgoing_edge.contract import Refusal, Say, Settings, with_setting
from howsitgoing_edge.errors import StorageError
from howsitgoing_edge.mqtt.commands import Commands


class Device:
    """Something that can be commanded, with a clock that stands still unless turned."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.said: list[Say] = []
        self.answers: list[Refusal] = []
        self.now = 0.0
        self.commands = Commands(self.set, self.said.append, self.answers.append, clock=lambda: self.now)

    def set(self, name: str, value: object) -> None:
        self.settings = with_setting(self.settings, name, value)

    def gets(self, path: str, payload: bytes, *, retained: bool = False) -> list[str]:
        """The reasons it answers with."""
        before = len(self.answers)
        self.commands.handle(path, payload, retained)
        return [answer.reason for answer in self.answers[before:]]


@pytest.fixture
def device() -> Device:
    """With the settings of a new one."""
    return Device()


@pytest.mark.parametrize(
    ("path", "payload", "expected"),
    [
        ("set/volume", b"30", Settings(volume=30)),
        ("set/volume", b" 30.0\n", Settings(volume=30)),
        ("set/speech", b"false", Settings(speech=False)),
        ("set/speech_mode", b'"tones"', Settings(speech_mode="tones")),
        ("set/language", b'"de"', Settings(language="de")),
    ],
)
def test_a_setting_is_set_by_its_bare_value(device: Device, path: str, payload: bytes, expected: Settings) -> None:
    """As short as it can be typed."""
    assert device.gets(path, payload) == []
    assert device.settings == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", Say()),
        (b"{}", Say()),
        (b'{"text": "Hello"}', Say(text="Hello")),
        (b'{"schema": 1, "text": "Hallo", "language": "de", "volume": 3}', Say(text="Hallo", language="de")),
    ],
)
def test_say_speaks_or_asks_how_it_is_going(device: Device, payload: bytes, expected: Say) -> None:
    """The empty message is the button that somebody presses."""
    assert device.gets("say", payload) == []
    assert device.said == [expected]


@pytest.mark.parametrize(
    ("path", "payload", "reason"),
    [
        ("set/volume", b"130", "volume: 130 is above 100"),
        ("set/volume", b"loud", "not valid JSON"),
        ("set/volume", b"\xff\xfe", "not valid JSON"),
        ("set/volume", b"9" * 20_000, "20000 bytes: at most 16384 are read"),
        ("set/volume", b"[" * 16_000, "not valid JSON"),
        ("set/volume", b"1e999", "expected a whole number, got a number"),
        ("set/volume", b"NaN", "NaN is not JSON"),
        ("set/speech", b"0", "expected true or false, got a whole number"),
        ("set/language", b"de", "not valid JSON"),
        ("set/language", b'"../../x"', "does not have the form"),
        ("set/speech_mode", b'"shout"', "is not one of changes, alerts, on_request, tones, off"),
        ("set/colour", b"1", "unknown setting 'colour': known are recognition, speech"),
        ("set/volume/extra", b"1", "unknown setting 'volume/extra'"),
        ("set", b"1", "unknown command: known are say, update and set/<setting>"),
        ("set/", b"1", "unknown command: known are say, update and set/<setting>"),
        ("say/loudly", b"{}", "unknown command: known are say, update and set/<setting>"),
        ("reboot", b"1", "unknown command: known are say, update and set/<setting>"),
        ("say", b"Hello", "not valid JSON"),
        ("say", b'{"schema": 2, "text": "Hello"}', "schema 2: this reader knows 1"),
        ("say", b'{"text": 7}', "text: expected a string, got a whole number"),
        ("say", b'{"text": "' + b"a" * 600 + b'"}', "text: longer than 500 characters"),
        ("say", b'{"text": "\\ud800"}', "text: has a NUL or half a character in it"),
        ("update", b'{"model": 7}', "model: expected a string, got a whole number"),
        ("update", b"{}", "this device looks for no newer networks"),
    ],
    ids=lambda part: str(part)[:30],
)
def test_what_does_not_fit_is_refused_with_the_reason(device: Device, path: str, payload: bytes, reason: str) -> None:
    """Silence would look like a broken device."""
    (answer,) = device.gets(path, payload)
    assert reason in answer
    assert device.answers[0].command == path
    assert Refusal.from_json(device.answers[0].to_json()) == device.answers[0]
    assert device.settings == Settings()
    assert device.said == []


def test_a_retained_command_is_refused(device: Device) -> None:
    """It would turn the volume back at every connect, and nobody would know who did."""
    for path, payload in (("set/volume", b"30"), ("say", b"{}")):
        (reason,) = device.gets(path, payload, retained=True)
        assert "send it without retain" in reason
    assert device.settings == Settings()
    assert device.said == []


def test_clearing_a_retained_command_is_none_itself(device: Device) -> None:
    """An empty retained message is how it is done; those who are connected get it as an empty one."""
    assert device.gets("set/volume", b"") == []
    assert device.settings == Settings()


def test_what_is_in_force_but_could_not_be_kept_is_said(device: Device) -> None:
    """The sender should know that the next start forgets it."""

    def full(*_: object) -> None:
        raise StorageError("in force, but forgotten at the next start: no room")

    device.commands = Commands(full, device.said.append, device.answers.append, clock=lambda: 0.0)
    assert device.gets("set/volume", b"30") == ["in force, but forgotten at the next start: no room"]


def test_a_flood_of_refusals_fills_neither_the_log_nor_the_broker(device: Device, caplog: pytest.LogCaptureFixture) -> None:
    """Anybody who may publish could otherwise fill a memory card."""
    for number in range(10_000):
        device.now = number / 10_000
        device.gets(f"set/{number}", b"x" * 100)
    assert len(device.answers) <= 11
    assert len(caplog.records) <= 11
    device.now = 5
    (reason,) = device.gets("set/volume", b"130")
    assert "above 100" in reason
    assert "(9989 more were refused without an answer)" in reason or "(9990 more were refused without an answer)" in reason


def test_a_flood_of_good_commands_is_slowed_down(device: Device) -> None:
    """Each is written to the memory card; a hand on a slider still gets through."""
    for number in range(1000):
        device.now = number / 1000
        device.gets("set/volume", str(number % 100).encode())
    assert any("too many commands at once" in answer.reason for answer in device.answers)
    device.now = 10
    assert device.gets("set/volume", b"77") == []
    assert device.settings.volume == 77


def test_a_long_topic_is_cut_short_in_the_answer(device: Device, caplog: pytest.LogCaptureFixture) -> None:
    """A topic may have 65 535 bytes, and line breaks in it."""
    device.gets("set/" + "\n" * 60_000, b"1")
    assert len(device.answers[0].to_json()) < 500
    assert all(len(record.getMessage()) < 500 and "\n" not in record.getMessage() for record in caplog.records)
