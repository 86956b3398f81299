"""One connection to a broker, whatever library makes it: opened once, used, closed. Nothing of it outlives it."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Condition
from typing import Final

from howsitgoing_edge.contract import DELIVERY, MAX_PAYLOAD_BYTES, Topic, topic
from howsitgoing_edge.errors import EdgeError
from howsitgoing_edge.mqtt import failures
from howsitgoing_edge.mqtt.access import Access
from howsitgoing_edge.mqtt.failures import Reason
from howsitgoing_edge.mqtt.waiting import Letter

OnCommand = Callable[[str, bytes, bool], None]
"""Called by the network's thread with the topic below the device (``set/volume``), the payload, and whether it is an old one
that the broker had retained. Must be quick."""

CONNECT_SECONDS = 5.0
DROP_SECONDS = 1.0
LARGEST_PACKET: Final = 4 * MAX_PAYLOAD_BYTES
"""Bytes; larger ones an MQTT 5 broker keeps to itself, so nobody can fill our memory. Up to it we refuse, with words."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who we are to the broker."""

    device_id: str
    client_id: str
    """Unique on a broker"""

    def topic(self, kind: Topic) -> str:
        """Full name of a topic of ours."""
        return topic(self.device_id, kind)

    @property
    def subscriptions(self) -> Mapping[str, int]:
        """What to listen to, and by which QoS: commands; and what is said of us, as long as we are there to hear it."""
        commands = f"{self.topic(Topic.SET)}/#", self.topic(Topic.SAY), self.topic(Topic.UPDATE)
        return {**dict.fromkeys(commands, DELIVERY[Topic.SET].qos), self.topic(Topic.AVAILABILITY): 0}


class Connection(ABC):
    """Used by one thread; the library's own calls back. ``changed`` guards what both see, and is notified of every change."""

    spoken = "MQTTv5"
    """For people: the version of MQTT"""

    def __init__(self, access: Access, identity: Identity, on_command: OnCommand, changed: Condition) -> None:
        """Nothing happens before `open`."""
        self.access = access
        self.refusals: dict[str, str] = {}
        """Topic -> what the broker does not let us do there"""
        self._identity = identity
        self._on_command = on_command
        self._changed = changed
        self._accepted = False
        self._gave_up = False
        self._dropped = False
        self._end: EdgeError | None = None
        self._in_flight: dict[int, Topic] = {}
        self._subscribing: dict[int, str] = {}

    @property
    def end(self) -> EdgeError | None:
        """Why the connection is no more; None: it is up."""
        return self._end

    @property
    def in_flight(self) -> int:
        """Messages sent and not yet confirmed by the broker."""
        return len(self._in_flight)

    @property
    def figures(self) -> Mapping[str, int]:
        """What is under way, for ``health``: messages, and where the library tells, bytes."""
        return {"unacked": self.in_flight}

    @abstractmethod
    def open(self) -> None:
        """Connect and subscribe. Blocks for at most about 10 s, the look-up of the host's name aside.

        Raises:
            NotSpokenError: try an older version of MQTT.
            BrokerError: not now.
            BrokerRefused: not before a person changes something.
        """

    @abstractmethod
    def send(self, letter: Letter) -> None:
        """Hand one message over. It goes out now or, if the connection breaks, never.

        Raises:
            BrokerError: the connection is gone.
        """

    @abstractmethod
    def drop(self) -> None:
        """Disconnect at once. Whatever still comes in is ignored. May be called twice."""

    def close(self, seconds: float) -> None:
        """Wait until everything is confirmed, for at most ``seconds``, and part in peace: without the last will."""
        self.settle(seconds)
        self.drop()

    def settle(self, seconds: float) -> None:
        """Wait until the broker has answered everything, for at most ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._in_flight or self._subscribing) or self._end, seconds)

    # --- for the adapters; called by the library's thread ---

    def _accept(self) -> None:
        with self._changed:
            self._accepted = True
            self._changed.notify_all()

    def _give_up(self) -> None:
        """There will be no answer, and the library cannot say why."""
        with self._changed:
            self._gave_up = True
            self._changed.notify_all()

    def _finish(self, why: EdgeError) -> None:
        with self._changed:
            self._end = self._end or why
            self._changed.notify_all()

    def _wait_for_answer(self) -> bool:
        """Whether the broker lets us in; else `end` says why not, or there was no answer."""
        with self._changed:
            self._changed.wait_for(lambda: self._accepted or self._end or self._gave_up, CONNECT_SECONDS)
            return self._accepted

    def _note_subscribed(self, number: int, reason: Reason | None) -> None:
        """``reason``: why not; None: we are."""
        with self._changed:
            wanted = self._subscribing.pop(number, "")
            if reason is not None and wanted != self._identity.topic(Topic.AVAILABILITY):  # without it nothing is amiss
                self.refusals[wanted] = failures.refused_topic("subscribe to", wanted, reason, self.access)
            self._changed.notify_all()

    def _note_confirmed(self, kind: Topic, reason: Reason | None) -> None:
        """``reason``: why the broker did not take it. The caller holds ``changed``."""
        name = self._identity.topic(kind)
        if reason is not None:
            self.refusals[name] = failures.refused_topic("publish", name, reason, self.access)
        else:
            self.refusals.pop(name, None)

    def _receive(self, name: str, payload: bytes, *, retained: bool) -> None:
        if self._dropped:
            return
        try:
            path = name.removeprefix(self._identity.topic(Topic.SET).removesuffix(Topic.SET))
            self._on_command(path, payload, retained)
        except Exception:  # a mistake in what a command sets off must not take the connection down
            log.exception("a command could not be carried out")
