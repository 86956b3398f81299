"""Listens to one device by Home Assistant's MQTT integration and remembers the last it said on each topic."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from homeassistant.components import mqtt
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from ._contract import Availability, ContractError, Health, Info, Mood, MoodChange, Refusal, Settings, Topic, topic
from .const import CONF_DEVICE_ID, CONF_INFO, LOGGER
from .device import as_stored, device_info, shape
from .reading import IncompatibleError, read, read_availability, read_face, read_info

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from homeassistant.components.mqtt import ReceiveMessage
    from homeassistant.config_entries import ConfigEntry

type HowsItGoingConfigEntry = ConfigEntry[HowsItGoingCoordinator]

_MOMENTS = (Topic.EVENT, Topic.FACE, Topic.ERROR)
"""They happen once: a broker that kept one all the same hands out something old."""


@dataclass(frozen=True)
class Face:
    """The last picture of the face in front; kept in memory only."""

    jpeg: bytes
    at: datetime


class HowsItGoingCoordinator:
    """One device, as far as it is known. Entities listen to the topics that concern them."""

    def __init__(self, hass: HomeAssistant, entry: HowsItGoingConfigEntry) -> None:
        """Nothing is known yet but what the device last said of itself."""
        self.hass = hass
        self.entry = entry
        self.device_id: str = entry.data[CONF_DEVICE_ID]
        self.info = Info.from_dict(entry.data[CONF_INFO])
        self.availability: Availability | None = None
        self.set_up_at = self.availability_since = self.last_heard = dt_util.utcnow()
        self.mood: Mood | None = None
        self.settings: Settings | None = None
        self.health: Health | None = None
        self.change: MoodChange | None = None
        self.face: Face | None = None
        self.refusal: Refusal | None = None
        self.awaited: Counter[str] = Counter()
        """Commands whose senders wait for the answer"""
        self.incompatible: set[Topic] = set()
        """Topics on which the device speaks a later version of the contract"""
        self._complained: set[Topic] = set()
        self._known_changes: deque[str] = deque(maxlen=64)
        self._listeners: defaultdict[Topic, list[CALLBACK_TYPE]] = defaultdict(list)
        self._take: dict[Topic, Callable[[ReceiveMessage, bytes], None]] = {
            Topic.INFO: self._take_info,
            Topic.MOOD: self._take_mood,
            Topic.EVENT: self._take_event,
            Topic.SETTINGS: self._take_settings,
            Topic.HEALTH: self._take_health,
            Topic.FACE: self._take_face,
            Topic.ERROR: self._take_refusal,
            Topic.AVAILABILITY: self._take_availability,  # last: whoever becomes available then has a state already
        }

    @property
    def available(self) -> bool:
        """The device says that it is there."""
        return self.availability is Availability.ONLINE

    async def async_start(self) -> None:
        """Listen until the config entry is unloaded; to pictures only once somebody wants them."""
        for kind in self._take:
            if kind is not Topic.FACE:
                self.entry.async_on_unload(await self.async_subscribe(kind))

    async def async_subscribe(self, kind: Topic) -> CALLBACK_TYPE:
        """Listen to one topic of the device; the answer ends it."""

        @callback
        def received(message: ReceiveMessage) -> None:
            self._receive(kind, message)

        # QoS 0: Home Assistant's sessions are clean, so nothing would be kept for it anyway; what is retained comes anew with
        # each connection, and a broker gives up far earlier on a slow receiver of messages that want an answer.
        return await mqtt.async_subscribe(self.hass, topic(self.device_id, kind), received, qos=0, encoding=None)

    @callback
    def async_listen(self, kind: Topic, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call ``listener`` whenever there is something new on a topic; the answer ends it."""
        self._listeners[kind].append(listener)
        return lambda: self._listeners[kind].remove(listener)

    def _tell(self, kind: Topic) -> None:
        for listener in tuple(self._listeners[kind]):
            listener()

    @callback
    def _receive(self, kind: Topic, message: ReceiveMessage) -> None:
        self.last_heard = dt_util.utcnow()
        was_incompatible = kind in self.incompatible
        self.incompatible.discard(kind)
        try:
            if kind in _MOMENTS and message.retain:
                raise ContractError("kept by the broker from an earlier time")  # noqa: TRY301  all refusals end below
            self._take[kind](message, cast("bytes", message.payload))
        except ContractError as error:
            self._complain(kind, message, error)
            if was_incompatible or isinstance(error, IncompatibleError):
                self.incompatible.add(kind)
                self._forget(kind)
        else:
            self._complained.discard(kind)

    def _complain(self, kind: Topic, message: ReceiveMessage, error: ContractError) -> None:
        """One line until the next good message on that topic."""
        if kind not in self._complained:
            self._complained.add(kind)
            LOGGER.warning("Ignored a message on %s: %s", message.topic, error)

    def _forget(self, kind: Topic) -> None:
        """A state that the device has since said something newer about no longer holds."""
        if kind is Topic.MOOD:
            self.mood = None
        elif kind is Topic.SETTINGS:
            self.settings = None
        elif kind is Topic.HEALTH:
            self.health = None
        if kind not in _MOMENTS:
            self._tell(kind)

    def _take_availability(self, _message: ReceiveMessage, payload: bytes) -> None:
        availability = read_availability(payload)
        if availability is self.availability:
            return
        if self.availability is not None or availability is not Availability.ONLINE:
            LOGGER.info("%s is %s", self.device_id, availability)
        self.availability = availability
        self.availability_since = self.last_heard
        self._tell(Topic.AVAILABILITY)

    def _take_info(self, message: ReceiveMessage, payload: bytes) -> None:
        info = read_info(message.topic, payload)
        if info == self.info:
            return
        looked_like, self.info = shape(self.info), info
        self.hass.config_entries.async_update_entry(self.entry, data={**self.entry.data, CONF_INFO: as_stored(info)})
        dr.async_get(self.hass).async_get_or_create(config_entry_id=self.entry.entry_id, **device_info(info))
        if shape(info) != looked_like:  # other entities than before
            self.hass.config_entries.async_schedule_reload(self.entry.entry_id)
        self._tell(Topic.INFO)

    def _take_mood(self, _message: ReceiveMessage, payload: bytes) -> None:
        self.mood = read(Mood, payload)
        self._tell(Topic.MOOD)

    def _take_event(self, _message: ReceiveMessage, payload: bytes) -> None:
        change = read(MoodChange, payload)
        if change.id in self._known_changes:  # "at least once" is what the broker promises
            return
        self._known_changes.append(change.id)
        self.change = change
        self._tell(Topic.EVENT)

    def _take_settings(self, _message: ReceiveMessage, payload: bytes) -> None:
        self.settings = read(Settings, payload)
        if not self.settings.face_image:
            self._drop_face()
        self._tell(Topic.SETTINGS)

    def _take_health(self, _message: ReceiveMessage, payload: bytes) -> None:
        self.health = read(Health, payload)
        self._tell(Topic.HEALTH)

    def _take_face(self, _message: ReceiveMessage, payload: bytes) -> None:
        self.face = Face(read_face(payload), self.last_heard)
        self._tell(Topic.FACE)

    def _drop_face(self) -> None:
        """The device shares no pictures any more: neither do we."""
        if self.face is not None:
            self.face = None
            self._tell(Topic.FACE)

    def _take_refusal(self, _message: ReceiveMessage, payload: bytes) -> None:
        self.refusal = read(Refusal, payload)
        if not self.awaited[self.refusal.command]:
            LOGGER.warning("%s refused %s: %s", self.device_id, self.refusal.command, self.refusal.reason)
        self._tell(Topic.ERROR)
