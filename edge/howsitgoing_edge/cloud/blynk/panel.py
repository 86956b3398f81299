"""The device's place at the carer's dashboard: shows the newest, obeys the switch, and never keeps anybody waiting."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread
from typing import Final

from howsitgoing_edge.cloud.blynk.alerts import Alert, AlertRules, Alerts
from howsitgoing_edge.cloud.blynk.carer import Carer
from howsitgoing_edge.cloud.blynk.line import Heard, Line, OpenLine, RedirectedError, Waker
from howsitgoing_edge.cloud.blynk.newest import Newest
from howsitgoing_edge.cloud.blynk.pauses import Pauses
from howsitgoing_edge.cloud.blynk.streams import Pin, of_mood
from howsitgoing_edge.cloud.blynk.way import Way
from howsitgoing_edge.contract import Availability, ContractError, Health, Mood, MoodChange, Settings
from howsitgoing_edge.errors import EdgeError
from howsitgoing_edge.settings import BlynkSettings

IDLE_SECONDS: Final = 10.0
FAREWELL_SECONDS: Final = 0.8

log = logging.getLogger(__name__)


class Panel:
    """All methods may be called from any thread and return at once (`close` within a second)."""

    name = "blynk"

    def __init__(
        self,
        settings: BlynkSettings,
        folder: Path,
        current: Settings,
        *,
        on_set: Callable[[str, object], object],
        open_line: OpenLine,
        pauses: Pauses | None = None,
    ) -> None:
        """Reads the files that ``settings`` name, so that a mistake shows at the start; connects not before `start`.

        Args:
            settings: which link, and how.
            folder: where the state of the switch is kept.
            current: the device's settings in force.
            on_set: puts a setting in force: name and value.
            open_line: opens a connection of the link that is wanted.
            pauses: between tries, and between messages.

        Raises:
            ConfigError: a file, the token or the address cannot be used.
        """
        pauses = pauses or Pauses()
        self._way = Way(settings, pauses)
        self._carer = Carer(folder, self._way.fingerprint, pauses, device=current.recognition)
        self._newest = Newest(pauses.between)
        rules = AlertRules(settings.distress_after * 60, settings.distress_pause * 60, changes=settings.events == "all")
        self._alerts = Alerts(rules)
        self._feeds, self._alarms = settings.feed, settings.feed and settings.events != "none"
        self._on_set = on_set
        self._open_line = open_line
        self._language = current.language
        self._news: list[Alert] = []
        self._complaint: str | None = None
        self.connected = False
        self._closing = False
        self._changed = Condition()
        self._waker = Waker()
        self._thread = Thread(target=self._run, name="blynk", daemon=True)

    @property
    def waiting(self) -> int:
        """Datastreams that are not up to date, and alerts not yet told."""
        with self._changed:
            return len(self._newest.pending) + len(self._news)

    @property
    def dropped(self) -> int:
        """Alerts never told. A mood that is replaced by a newer one is no loss."""
        return self._alerts.dropped

    @property
    def problems(self) -> tuple[str, ...]:
        """For people: why the dashboard is not up to date."""
        return tuple(text for text in (self._way.problem, self._complaint) if text)

    def start(self) -> None:
        """Connect, and stay connected, until `close`."""
        self._thread.start()

    def offer(self, message: Mood | MoodChange | Settings | Health) -> None:
        """Show it, if it is for the dashboard."""
        now = time.monotonic()
        with self._changed:
            if isinstance(message, Settings):
                self._carer.device_has(message.recognition)
                self._language = message.language
            elif not self._feeds or isinstance(message, Health):
                return
            elif isinstance(message, Mood):
                self._newest.want(of_mood(message, self._language))
                self._alerts.mood(message.emotion, now)
            elif self.connected:  # later it is no news any more
                self._tell(self._alerts.change(message.emotion, self._language, now))
        self._waker.touch()

    def close(self) -> None:
        """Say farewell and part."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._waker.touch()
        if self._thread.is_alive():
            self._thread.join(1)
        else:
            self._waker.close()

    # --- the panel's own thread ---

    def _run(self) -> None:
        while not self._closing:
            pause, begun = 0.0, time.monotonic()
            try:
                self._serve()
            except RedirectedError as error:
                pause = self._way.redirected(error.access, time.monotonic() - begun)
            except EdgeError as error:
                pause = self._way.failed(error, time.monotonic() - begun)
            with self._changed:
                self.connected = False
                self._changed.wait_for(lambda: self._closing, pause)
        self._waker.close()

    def _serve(self) -> None:
        access = self._way.access()
        line = self._open_line(access, self._waker)
        try:
            line.ask(Pin.RECOGNITION)
            with self._changed:
                self._carer.asked(time.monotonic())
                self._newest.forget()
                self._newest.want({Pin.AVAILABILITY: Availability.ONLINE.value})
                self.connected = True
            self._way.arrived(access)
            while not self._closing:
                for heard in line.listen(self._nap()):
                    self._hear(heard)
                self._work(line)
            self._part(line)
        finally:
            line.close()

    def _nap(self) -> float:
        """Seconds until there is something to do, if nothing happens."""
        now = time.monotonic()
        with self._changed:
            waits = [IDLE_SECONDS, self._newest.due(now), self._carer.due(now)]
            if self._alarms:
                waits.append(self._alerts.due(now))
            if self._news:
                waits.append(0.0)
        return min(wait for wait in waits if wait is not None)

    def _hear(self, heard: Heard) -> None:
        if heard.pin != Pin.RECOGNITION:
            return
        with self._changed:
            value, wanted = self._carer.heard(heard.text)
            self._newest.has(Pin.RECOGNITION, int(value))
        self._carer.remember()
        if wanted is None:
            return
        log.info("the carer switches recognition %s", "on" if wanted else "off")
        try:
            self._on_set("recognition", wanted)
        except (ContractError, EdgeError) as error:
            log.warning("%s", error)

    def _work(self, line: Line) -> None:
        now = time.monotonic()
        self._complaint = line.complaint
        if self._complaint:
            self._way.say(self._complaint)
        with self._changed:
            tell = self._carer.to_tell(now, settled=line.settled)
            if tell is not None:
                self._newest.want({Pin.RECOGNITION: int(tell)})
            values = self._newest.take(now)
            if self._alarms:
                self._tell(self._alerts.distress(self._language, now))
            news, self._news = self._news, []
            if Pin.RECOGNITION in values:
                self._carer.telling(bool(values[Pin.RECOGNITION]))
        if values:
            line.write(values)
        for alert in news:
            line.event(alert)
        self._note_settled(line)

    def _note_settled(self, line: Line) -> None:
        if line.settled:
            with self._changed:
                self._carer.settled()
            self._carer.remember()

    def _part(self, line: Line) -> None:
        line.write({Pin.AVAILABILITY: Availability.STOPPED.value})
        deadline = time.monotonic() + FAREWELL_SECONDS
        while not line.settled and (left := deadline - time.monotonic()) > 0:
            line.listen(left)
        self._note_settled(line)

    def _tell(self, alert: Alert | None) -> None:
        if alert is not None:
            self._news.append(alert)
