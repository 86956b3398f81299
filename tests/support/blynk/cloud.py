"""What Blynk's servers know: devices by token, their datastreams' values, their events, and who is connected.

Written from Blynk's documentation (docs.blynk.io: Device HTTPS API, Device MQTT API, Events, Limits). The doors to it are `web`
(HTTPS API), `device` (the binary protocol of the libraries) and `mqtt`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Condition
from typing import Final

EVENTS_A_DAY: Final = 100
LONGEST_DESCRIPTION: Final = 300
_DAY: Final = 86_400

Value = int | float | str
Downlink = Callable[[str, Value], None]
"""Hands a datastream's name and new value to a connected device; must not block"""


class AnswerError(Exception):
    """What Blynk answers instead of doing it: status 400 and this message."""


@dataclass(frozen=True)
class Datastream:
    """One row of a template's list of datastreams."""

    name: str
    kind: type[int | float | str]
    low: float = 0
    high: float = 0
    synced: bool = False
    """"Sync with latest server value" is switched on"""

    def read(self, text: object) -> Value:
        """``text`` as this datastream keeps it: numbers outside its bounds become the bound."""
        try:
            value = self.kind(str(text))
        except ValueError:
            raise AnswerError("Value doesn't match the Datastream data type.") from None
        if isinstance(value, str):
            return value
        return type(value)(min(max(value, self.low), self.high))


TEMPLATE: Final[Mapping[str, Datastream]] = {
    "V0": Datastream("recognition", int, 0, 1, synced=True),
    "V1": Datastream("emoticon", int, 0, 8),
    "V2": Datastream("words", str),
    "V3": Datastream("confidence", int, 0, 100),
    "V4": Datastream("positivity", int, -100, 100),
    "V5": Datastream("changed_at", str),
    "V6": Datastream("availability", str),
}
"""As docs/blynk.md has people set it up"""
EVENT_CODES: Final = ("mood_change", "distress")


@dataclass(frozen=True)
class Written:
    """One message that changed datastreams."""

    at: float
    """Seconds of time.monotonic"""
    by: str
    """``https``, ``device``, ``mqtt``, ``will`` or ``app``"""
    values: Mapping[str, Value]


@dataclass
class Device:
    """One device made from the template."""

    token: str
    template: Mapping[str, Datastream]
    codes: tuple[str, ...]
    values: dict[str, Value] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    """Code and description, those within the daily budget"""
    refused_events: int = 0
    told: dict[str, str] = field(default_factory=dict)
    """What the device says of itself: firmware version, heartbeat, ..."""
    connections: list[Downlink] = field(default_factory=list)
    _event_times: list[float] = field(default_factory=list)

    def pin_of(self, name: str) -> str:
        """The pin of a datastream's name."""
        for pin, stream in self.template.items():
            if stream.name == name:
                return pin
        raise AnswerError("No datastream setup for that pin.")

    def check_pin(self, text: str) -> str:
        """``v1`` or ``V1`` -> ``V1``."""
        pin = text.upper()
        if pin[:1] != "V" or not pin[1:].isdigit() or int(pin[1:]) > 255:
            raise AnswerError("Wrong pin format.")
        if pin not in self.template:
            raise AnswerError("No datastream setup for that pin.")
        return pin

    def log_event(self, code: str, description: str, now: float) -> None:
        """Unless today's are used up; Blynk's documentation names the limit, not the words of the refusal."""
        if not code:
            raise AnswerError("Event code is not provided.")
        if code not in self.codes:
            raise AnswerError("Can't find Event with this code in Product template")
        if len(description) > LONGEST_DESCRIPTION:
            raise AnswerError("Event description is too long.")
        self._event_times = [at for at in self._event_times if now - at < _DAY]
        if len(self._event_times) >= EVENTS_A_DAY:
            self.refused_events += 1
            raise AnswerError("Event limit per day is reached.")
        self._event_times.append(now)
        self.events.append((code, description))


class BlynkCloud:
    """All of it, for any thread. ``changed`` guards it, and is notified of every change."""

    def __init__(self, *tokens: str, clock: Callable[[], float] = time.time) -> None:
        """One device for each of ``tokens``, all of the documented template."""
        self.changed = Condition()
        self.clock = clock
        self.refused_tokens = 0
        """How often somebody came with a token that is none"""
        self._devices: dict[str, Device] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: str, *, template: Mapping[str, Datastream] = TEMPLATE, codes: tuple[str, ...] = EVENT_CODES) -> Device:
        """A new device."""
        device = self._devices[token] = Device(token, template, codes)
        return device

    def remove(self, token: str) -> None:
        """The carer deletes it in the console: its token is worth nothing any more."""
        with self.changed:
            self._devices.pop(token)

    @property
    def devices(self) -> list[Device]:
        """In the order they were added."""
        return list(self._devices.values())

    def device(self, token: str) -> Device:
        """The one with this token."""
        with self.changed:
            found = self._devices.get(token)
            if found is None:
                self.refused_tokens += 1
                self.changed.notify_all()
                raise AnswerError("Invalid token.")
            return found

    def write(self, token: str, values: Mapping[str, object], by: str, sender: Downlink | None = None) -> None:
        """All of ``values`` (pin -> value) or, if one of them does not fit, none. All connections but ``sender`` hear of it."""
        device = self.device(token)
        with self.changed:
            checked = {pin: device.template[pin].read(value) for pin, value in _checked(device, values).items()}
            device.values.update(checked)
            device.written.append(Written(time.monotonic(), by, checked))
            for downlink in device.connections:
                if downlink != sender:
                    for pin, value in checked.items():
                        downlink(device.template[pin].name, value)
            self.changed.notify_all()

    def flip(self, token: str, on: bool) -> None:  # noqa: FBT001  a switch
        """What the carer's app does with the switch of V0."""
        self.write(token, {"V0": int(on)}, "app")

    def log_event(self, token: str, code: str, description: str) -> None:
        """An event of a device."""
        device = self.device(token)
        with self.changed:
            device.log_event(code, description, self.clock())
            self.changed.notify_all()

    def connect(self, token: str, downlink: Downlink) -> Device:
        """A device is online, and hears what others write."""
        device = self.device(token)
        with self.changed:
            device.connections.append(downlink)
            self.changed.notify_all()
        return device

    def disconnect(self, device: Device, downlink: Downlink) -> None:
        """It is gone."""
        with self.changed:
            device.connections.remove(downlink)
            self.changed.notify_all()

    def wait_for(self, condition: Callable[[], object], within: float = 10) -> None:
        """Until ``condition`` holds; fails the test if it does not in time."""
        with self.changed:
            assert self.changed.wait_for(condition, within), f"still not so after {within:g} s: {self.dump()}"

    def dump(self) -> list[dict[str, object]]:
        """All that a carer could see, for people and for programs; tokens are not part of it."""
        with self.changed:
            return [
                {
                    "device": number,
                    "online": bool(device.connections),
                    "values": {pin: device.values.get(pin) for pin in device.template},
                    "names": {pin: stream.name for pin, stream in device.template.items()},
                    "events": [{"code": code, "description": text} for code, text in device.events],
                    "messages": len(device.written),
                }
                for number, device in enumerate(self._devices.values())
            ]


def _checked(device: Device, values: Mapping[str, object]) -> dict[str, object]:
    return {device.check_pin(pin): value for pin, value in values.items()}
