"""The composition root: the only file that names concrete parts and joins them."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2

from howsitgoing_edge import __version__, contract, reports
from howsitgoing_edge.camera.sources import Pace, SourceOpener
from howsitgoing_edge.cloud.assembly import make_uplink
from howsitgoing_edge.cloud.blynk.links import make_panel
from howsitgoing_edge.cloud.blynk.panel import Panel
from howsitgoing_edge.cloud.drafts import Sight
from howsitgoing_edge.cloud.uplink import Hands, Uplink
from howsitgoing_edge.control import Control
from howsitgoing_edge.core.cues import Cue
from howsitgoing_edge.core.mood import MoodFilter
from howsitgoing_edge.core.news import News
from howsitgoing_edge.core.phrases import Sentence
from howsitgoing_edge.core.ports import Detector, FrameSource
from howsitgoing_edge.core.types import Frame, Mood
from howsitgoing_edge.device.folders import state_folder
from howsitgoing_edge.device.health import health
from howsitgoing_edge.device.identity import device_id
from howsitgoing_edge.device.preferences import Preferences
from howsitgoing_edge.errors import EdgeError
from howsitgoing_edge.mqtt.station import Station
from howsitgoing_edge.networks import load_configured, make_updater
from howsitgoing_edge.pipeline import Pipeline, Step
from howsitgoing_edge.run_options import RunOptions
from howsitgoing_edge.runtime.agent import Agent
from howsitgoing_edge.runtime.backoff import Backoff
from howsitgoing_edge.runtime.capture import Capture
from howsitgoing_edge.runtime.checkup import Checkup
from howsitgoing_edge.runtime.outlets import Listener, Outlet, Outlets
from howsitgoing_edge.runtime.slot import LatestSlot
from howsitgoing_edge.runtime.timing import Figures, WallClock
from howsitgoing_edge.runtime.worker import SinkWorker
from howsitgoing_edge.settings import EdgeSettings
from howsitgoing_edge.speech.speaker import Speaker
from howsitgoing_edge.status import Status, facts
from howsitgoing_edge.update.network import Network
from howsitgoing_edge.update.updater import Updater
from howsitgoing_edge.view.events import EventLines, open_events
from howsitgoing_edge.view.live import LiveView
from howsitgoing_edge.view.terminal import terminal
from howsitgoing_edge.vision.crop import take_crop
from howsitgoing_edge.vision.detectors import choose_detector
from howsitgoing_edge.vision.follow import Follow
from howsitgoing_edge.vision.mouth import MouthMotion
from howsitgoing_edge.vision.picture import cut_face, face_jpeg, sample_jpeg

_PICTURE_EVERY = 1.0
"""Seconds between two pictures of the face in front"""
_UPLINK_QUEUE = 32
"""Samples, with pictures, that wait for the disk"""
_UPLINK_PAUSES, _UPLINK_HELD = (1.0, 300.0), (60.0, 900.0)
"""Seconds between tries, first and longest: while the cloud is away, and while a person must act"""
_UPDATE_PAUSES = (60.0, 3600.0)
"""Seconds after looks for a newer network that fail, first and longest"""
log = logging.getLogger(__name__)


def run(settings: EdgeSettings, options: RunOptions) -> int:
    """Run the agent until the clip ends, or SIGINT or SIGTERM comes; the exit code.

    Raises:
        EdgeError: it cannot start, or its source can never give frames.
    """
    app = App(settings, options)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.stop())
    app.run()
    return 0


class App:
    """All parts of one agent, joined. `run` works until the end of the clip, or until `stop`."""

    def __init__(
        self,
        settings: EdgeSettings,
        options: RunOptions,
        *,
        opener: Callable[[], FrameSource] | None = None,
        on_spoken: Callable[[Cue, float], None] = lambda _cue, _handed: None,
    ) -> None:
        """Makes the parts; the camera is opened by `run`.

        Args:
            settings: what is configured.
            options: what is different in this run.
            opener: opens the camera; None: the configured one.
            on_spoken: told when a cue has been handed to the loudspeaker.

        Raises:
            EdgeError: a part cannot be made without which the agent makes no sense.
        """
        cv2.setNumThreads(settings.vision.threads)
        self._started = time.monotonic()
        self._failure: EdgeError | None = None
        fast = options.pace == "fast"
        kept = state_folder(settings.device)
        if kept.notice:
            log.warning("%s", kept.notice)
        self._folder = kept.path
        self.device_id = device_id(settings.device, kept.path)
        self._preferences = Preferences(kept.path, _first_preferences(settings), insisted=options.insisted)

        figures, self._slot = Figures(), LatestSlot[Frame]()
        self._updater = self._make_updater(settings, figures)
        network, problem = (self._updater.network, None) if self._updater else _configured(settings)
        detector = _detector(settings)
        self._pipeline = _pipeline(settings, detector, network, figures)

        self.speaker = Speaker(settings.speech, self._preferences.current, on_spoken=on_spoken)
        self._control = Control(self._preferences, self.speaker, self._preferences.current, on_blind=self._lose_sight)
        self._station = Station(
            settings.mqtt, self.device_id, on_set=self._control.set, on_say=self._control.say, on_update=self._update
        )
        self._events = SinkWorker(open_events(options.events), 1000, EventLines.wants) if options.events else None

        wall = WallClock(0.0 if fast else None)
        self._uplink, unlinked = _uplink(settings, kept.path, self.device_id, wall, lambda: self._info.model)
        self._panel, not_shown = _panel(settings, kept.path, self._preferences.current, self._control.set)
        self._view = LiveView(settings.device.name, self._facts, terminal()) if options.live else None
        # A clip that runs ahead of the clock cannot be spoken along with.
        listeners: list[Listener] = [part for part in (None if fast else self.speaker, self._view) if part is not None]
        outlets: list[Outlet] = [part for part in (self._station, self._events, self._uplink, self._panel) if part is not None]
        self._begun = 0.0 if fast else time.monotonic()
        self._info = _info(settings, self.device_id, network, uplink=self._uplink is not None, updater=self._updater)
        self._outlets = Outlets(listeners, outlets, wall=wall.at, model=lambda: self._info.model)
        camera = settings.camera
        self._capture = Capture(
            opener or SourceOpener(camera, Pace.FAST if fast else Pace.REALTIME, repeat=not options.until_end),
            self._slot,
            fps=camera.fps,
            silent_after=camera.silent_after,
            frozen_after=camera.frozen_after,
            on_state=self._camera_is,
            on_end=self._end,
        )
        rates = {"fps": camera.fps, "idle_fps": camera.idle_fps}
        self._agent = Agent(self._slot, self._capture, self._pipeline, self._outlets, figures, **rates, on_step=self._seen)
        self._pictured = float("-inf")
        self._status = Status(
            figures=figures,
            outlets=self._outlets,
            slot=self._slot,
            camera=self._control.watch,
            speaker=self.speaker,
            station=self._station,
            uplink=self._uplink,
            panel=self._panel,
            updater=self._updater,
            detector=detector.name,
            lasting=tuple(problem for problem in (problem, unlinked, not_shown) if problem),
        )
        self._checkup = Checkup(settings.health.every, self._check)
        self._preferences.subscribe(self._settings_are)

    def run(self) -> None:
        """Work, on the calling thread.

        Raises:
            EdgeError: the source can never give frames.
        """
        try:
            if self._view is not None:
                self._view.start()
            self._station.start()
            if self._uplink is not None:
                self._uplink.start()
            if self._panel is not None:
                self._panel.start()
            if self._updater is not None:
                self._updater.start()
            self._station.offer(self._info)
            self._station.offer(self._preferences.current)
            self._outlets.mood(_nobody(self._begun))  # the broker may still hold the last run's mood
            self._control.take_over(self._capture)
            self._capture.start()
            self._checkup.start()
            self.speaker.announce(Sentence.READY)
            self._agent.run()
        finally:
            self._close()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End soon; from any thread or a signal handler."""
        self._agent.stop()

    def _close(self) -> None:
        """All at once, so that a hanging camera or loudspeaker does not delay the farewell to the broker."""
        optional = [
            part.close for part in (self._events, self._view, self._uplink, self._panel, self._updater) if part is not None
        ]
        parts = (self._capture.stop, self._checkup.close, self.speaker.close, self._station.close, *optional)
        with ThreadPoolExecutor(len(parts), thread_name_prefix="closing") as pool:
            for closing in [pool.submit(part) for part in parts]:
                closing.result()

    # --- called by the parts ---

    def _end(self, error: EdgeError | None) -> None:
        self._failure = error
        self._slot.close()

    def _facts(self) -> Mapping[str, str]:
        return facts(self._control.watch, self._station, self._uplink, self.device_id)

    def _lose_sight(self) -> None:
        self._agent.lose_sight()

    def _camera_is(self, state: str, sentence: str) -> None:
        self._control.camera_is(state, sentence)
        self._checkup.now()

    def _settings_are(self, settings: contract.Settings) -> None:
        self._control.settings_are(settings)
        self._station.offer(settings)
        if self._panel is not None:
            self._panel.offer(settings)

    def _update(self, wanted: contract.Update) -> None:
        if self._updater is None:
            raise contract.ContractError("this device reads by vision.model, and by nothing else")
        self._updater.ask(wanted)

    def _network_is(self, network: Network) -> None:
        self._pipeline.exchange(network.classifier, network.rules)

    def _updates_are(self) -> None:
        """Another network, or other news of one."""
        if self._updater is not None:
            self._info = _about_networks(self._info, self._updater)
            self._station.offer(self._info)
            self._checkup.now()

    def _make_updater(self, settings: EdgeSettings, figures: Figures) -> Updater | None:
        """None: the network is the configured one."""
        if settings.vision.model is not None:
            return None
        return make_updater(
            settings,
            self._folder,
            pace=lambda: figures.stages_ms().get("classify"),
            pauses=Backoff(*_UPDATE_PAUSES),
            use=self._network_is,
            changed=self._updates_are,
        )

    def _seen(self, frame: Frame, step: Step) -> None:
        if self._uplink is not None:
            readable = None if step.scores is None else step.scores.readable
            self._uplink.look(Sight(frame.image, step.mood, None if step.crop is None else step.front, readable))
        wanted = self._preferences.current.face_image and frame.time - self._pictured >= _PICTURE_EVERY
        if wanted and step.front is not None:
            self._pictured = frame.time
            self._station.picture(face_jpeg(frame.image, step.front.box))

    def _check(self) -> None:
        report = health(self._status.gauges(), started=self._started, folder=self._folder)
        self._outlets.health(report)
        if self._view is not None:
            self._view.health(report)


def _detector(settings: EdgeSettings) -> Detector:
    chosen = choose_detector(settings.vision)
    if chosen.notice:
        log.info("%s", chosen.notice)
    return chosen.detector


def _configured(settings: EdgeSettings) -> tuple[Network, str | None]:
    network, problem = load_configured(settings)
    if problem is not None:
        log.error("%s", problem)
    return network, problem


def _uplink(
    settings: EdgeSettings, folder: Path, device: str, wall: WallClock, model: Callable[[], contract.Model]
) -> tuple[Uplink | None, str | None]:
    """None: nothing is sent, and why if that is not what is wanted; the wearer's aid goes on without it."""
    hands = Hands(
        queue=lambda collector: SinkWorker(collector, _UPLINK_QUEUE),
        cut=cut_face,
        encode=sample_jpeg,
        quick=Backoff(*_UPLINK_PAUSES),
        slow=Backoff(*_UPLINK_HELD),
        as_message=partial(reports.mood, wall=wall.at),
        model=model,
    )
    try:
        return make_uplink(settings.cloud, folder, device, hands), None
    except EdgeError as error:
        log.error("%s", error)  # noqa: TRY400  where it arose helps nobody
        return None, str(error)


def _panel(
    settings: EdgeSettings, folder: Path, current: contract.Settings, on_set: Callable[[str, object], object]
) -> tuple[Panel | None, str | None]:
    """None: there is no dashboard, and why if that is not what is wanted; the wearer's aid goes on without it."""
    try:
        return make_panel(settings.blynk, folder, current, on_set), None
    except EdgeError as error:
        log.error("%s", error)  # noqa: TRY400  where it arose helps nobody
        return None, str(error)


def _pipeline(settings: EdgeSettings, detector: Detector, network: Network, figures: Figures) -> Pipeline:
    return Pipeline(
        finder=Follow(detector),
        take_crop=partial(take_crop, settings=settings.vision),
        classifier=network.classifier,
        mouth=MouthMotion(),
        mood=MoodFilter(network.rules),
        news=News(settings.mood.settle),
        timer=figures,
    )


def _first_preferences(settings: EdgeSettings) -> contract.Settings:
    speech = settings.speech
    return contract.Settings(speech_mode=speech.mode, language=speech.language, volume=speech.volume)


def _info(settings: EdgeSettings, device: str, network: Network, *, uplink: bool, updater: Updater | None) -> contract.Info:
    looks = updater is not None and updater.report is not None
    features = ("speech", "face_image", *(["uplink"] if uplink else []), *(["model_update"] if looks else []))
    info = contract.Info(
        device, settings.device.name, __version__, contract.Model(network.id, network.sha256), features=features
    )
    return info if updater is None else _about_networks(info, updater)


def _about_networks(info: contract.Info, updater: Updater) -> contract.Info:
    model = contract.Model(updater.network.id, updater.network.sha256)
    return replace(info, model=model, model_available=updater.newer, model_update=updater.report)


def _nobody(time: float) -> Mood:
    return Mood(contract.NOBODY, 1.0, (), 0, time, time, None)
