"""The composition root: the only file that names concrete parts and joins them."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import cv2

from howsitgoing_edge import __version__, contract
from howsitgoing_edge.camera.sources import Pace, SourceOpener
from howsitgoing_edge.control import Control
from howsitgoing_edge.core.cues import Cue
from howsitgoing_edge.core.mood import MoodFilter, MoodRules
from howsitgoing_edge.core.news import News
from howsitgoing_edge.core.phrases import Sentence
from howsitgoing_edge.core.ports import Detector, FrameSource
from howsitgoing_edge.core.types import Frame, Mood
from howsitgoing_edge.device.folders import state_folder
from howsitgoing_edge.device.health import Gauges, health
from howsitgoing_edge.device.identity import device_id
from howsitgoing_edge.device.preferences import Preferences
from howsitgoing_edge.errors import BrokerError, EdgeError
from howsitgoing_edge.mqtt.commands import Commands
from howsitgoing_edge.mqtt.link import MqttLink
from howsitgoing_edge.mqtt.outlet import MqttOutlet
from howsitgoing_edge.mqtt.own_broker import OwnBroker
from howsitgoing_edge.pipeline import Pipeline, Step
from howsitgoing_edge.run_options import RunOptions
from howsitgoing_edge.runtime.agent import Agent
from howsitgoing_edge.runtime.capture import Capture
from howsitgoing_edge.runtime.checkup import Checkup
from howsitgoing_edge.runtime.outlets import Listener, Outlet, Outlets
from howsitgoing_edge.runtime.slot import LatestSlot
from howsitgoing_edge.runtime.timing import Figures, WallClock
from howsitgoing_edge.runtime.worker import SinkWorker
from howsitgoing_edge.settings import EdgeSettings, MoodSettings, MqttSettings
from howsitgoing_edge.speech.speaker import Speaker
from howsitgoing_edge.view.events import open_events
from howsitgoing_edge.view.live import LiveView
from howsitgoing_edge.view.terminal import terminal
from howsitgoing_edge.vision.bundle import Bundle, load_bundle
from howsitgoing_edge.vision.crop import take_crop
from howsitgoing_edge.vision.detectors import choose_detector
from howsitgoing_edge.vision.litert import LiteRtClassifier
from howsitgoing_edge.vision.mouth import MouthMotion
from howsitgoing_edge.vision.picture import face_jpeg

_PICTURE_EVERY = 1.0
"""Seconds between two pictures of the face in front"""
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
        """Makes the parts; nothing is opened yet.

        Args:
            settings: what is configured.
            options: what is different in this run.
            opener: opens the camera; None: the configured one.
            on_spoken: told when a cue has been handed to the loudspeaker.

        Raises:
            EdgeError: a part cannot be made without which the agent makes no sense.
        """
        cv2.setNumThreads(settings.vision.threads)
        self._settings, self._started = settings, time.monotonic()
        self._failure: EdgeError | None = None
        fast = options.pace == "fast"
        kept = state_folder(settings.device)
        if kept.notice:
            log.warning("%s", kept.notice)
        self._folder, self.device_id = kept.path, device_id(settings.device, kept.path)
        preferences = Preferences(kept.path, _first_preferences(settings))
        self._preferences = preferences

        bundle, detector = load_bundle(settings.vision.model), _detector(settings)
        self._bundle, self._detector_name = bundle, detector.name
        model = _model(bundle)
        self._figures = Figures()
        pipeline = _pipeline(settings, detector, bundle, self._figures)

        self.speaker = Speaker(settings.speech, preferences.current, on_spoken=on_spoken)
        self._control = Control(preferences, self.speaker, preferences.current, on_blind=lambda: self._agent.lose_sight())  # noqa: PLW0108  made further down
        commands = Commands(self._control.set, self._control.say, self._publish)
        self._broker, mqtt = _own_broker(settings.mqtt)
        self.link = MqttLink(mqtt, self.device_id, commands.handle) if mqtt is not None else None
        self._mqtt = MqttOutlet(self.link) if self.link is not None else None
        events = SinkWorker(open_events(options.events), capacity=1000) if options.events else None
        self._view = LiveView(settings.device.name, self._facts, terminal()) if options.live else None

        # A clip that runs ahead of the clock cannot be spoken along with.
        listeners: list[Listener] = [part for part in (None if fast else self.speaker, self._view) if part is not None]
        outlets: list[Outlet] = [part for part in (self._mqtt, events) if part is not None]
        self._outlets = Outlets(listeners, outlets, wall=WallClock(0.0 if fast else None).at, model=lambda: model)
        self._events = events
        slot: LatestSlot[Frame] = LatestSlot()
        self._slot = slot
        camera = settings.camera
        self._capture = Capture(
            opener or SourceOpener(camera, Pace.FAST if fast else Pace.REALTIME, repeat=not options.until_end),
            slot,
            fps=camera.fps,
            silent_after=camera.silent_after,
            frozen_after=camera.frozen_after,
            on_state=self._camera_is,
            on_end=self._end,
        )
        self._agent = Agent(
            slot,
            self._capture,
            pipeline,
            self._outlets,
            self._figures,
            fps=camera.fps,
            idle_fps=camera.idle_fps,
            on_step=self._picture,
        )
        self._pictured = float("-inf")
        self._checkup = Checkup(settings.health.every, self._check)
        preferences.subscribe(self._settings_are)

    def run(self) -> None:
        """Work, on the calling thread.

        Raises:
            EdgeError: the source can never give frames.
        """
        try:
            if self._view is not None:
                self._view.start()
            if self.link is not None:
                self.link.start()
            self._publish(_info(self._settings, self.device_id, self._bundle))
            self._publish(self._preferences.current)
            self._outlets.mood(_nobody_yet())  # the broker may still hold the last run's mood
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
        parts = (self._capture.stop, self._checkup.close, self.speaker.close, self.link.close if self.link else None)
        events = self._events.close if self._events else None
        view = self._view.close if self._view else None
        with ThreadPoolExecutor(thread_name_prefix="closing") as pool:
            for closing in [pool.submit(part) for part in (*parts, events, view) if part is not None]:
                closing.result()
        if self._broker is not None:
            self._broker.close()

    # --- called by the parts ---

    def _end(self, error: EdgeError | None) -> None:
        self._failure = error
        self._slot.close()

    def _camera_is(self, state: str, sentence: str) -> None:
        self._control.camera_is(state, sentence)
        self._checkup.now()

    def _settings_are(self, settings: contract.Settings) -> None:
        self._control.settings_are(settings)
        self._publish(settings)

    def _picture(self, frame: Frame, step: Step) -> None:
        wanted = self._preferences.current.face_image and step.front is not None and self.link is not None
        if wanted and frame.time - self._pictured >= _PICTURE_EVERY:
            assert step.front is not None and self.link is not None  # noqa: PT018, S101  just seen
            self._pictured = frame.time
            self.link.publish(contract.Topic.FACE, face_jpeg(frame.image, step.front.box))

    def _publish(self, message: contract.Info | contract.Settings | contract.Refusal) -> None:
        if self._mqtt is not None:
            self._mqtt.offer(message)

    def _check(self) -> None:
        report = health(self._gauges(), started=self._started, folder=self._folder)
        self._outlets.health(report)
        if self._view is not None:
            self._view.health(report)

    def _gauges(self) -> Gauges:
        camera = self._control.watch
        problems = [camera.problem, *self.speaker.problems, *(self.link.problems if self.link else ())]
        return Gauges(
            fps=self._figures.fps(),
            stages_ms=self._figures.stages_ms(),
            latency_ms=self._figures.latency_ms(),
            queues=self._outlets.queues(),
            dropped={"frames": self._slot.replaced, **self._outlets.dropped(), **self.speaker.dropped},
            camera=camera.state,
            speaker=self.speaker.state,
            detector=self._detector_name,
            problems=tuple(problem for problem in problems if problem),
        )

    def _facts(self) -> Mapping[str, str]:
        broker = "off" if self.link is None else "connected" if self.link.connected else "not connected"
        return {"camera": self._control.watch.sentence or "opening", "broker": broker, "device": self.device_id}


def mood_rules(settings: MoodSettings, bundle: Bundle) -> MoodRules:
    """The filter's constants: what people set, and the network's operating point."""
    crowd = bundle.crowd
    return MoodRules(
        hold=settings.hold,
        sure=settings.sure,
        nobody_after=settings.nobody_after,
        readable=crowd.readable_threshold,
        thresholds=crowd.thresholds,
    )


def _detector(settings: EdgeSettings) -> Detector:
    chosen = choose_detector(settings.vision)
    if chosen.notice:
        log.info("%s", chosen.notice)
    return chosen.detector


def _pipeline(settings: EdgeSettings, detector: Detector, bundle: Bundle, figures: Figures) -> Pipeline:
    return Pipeline(
        detector=detector,
        take_crop=partial(take_crop, settings=settings.vision),
        classifier=LiteRtClassifier(bundle, settings.vision.threads),
        mouth=MouthMotion(),
        mood=MoodFilter(mood_rules(settings.mood, bundle)),
        news=News(settings.mood.settle),
        timer=figures,
    )


def _own_broker(settings: MqttSettings) -> tuple[OwnBroker | None, MqttSettings | None]:
    """A broker of our own if one is wanted, and the settings that lead to the broker; none: nothing is published."""
    if settings.transport == "off":
        return None, None
    if settings.transport == "paho":
        return None, settings
    broker = OwnBroker()
    try:
        host, port = broker.start()
    except BrokerError as error:
        log.warning("nothing is published: %s", error)
        return None, None
    return broker, MqttSettings(transport="paho", host=host, port=port)


def _first_preferences(settings: EdgeSettings) -> contract.Settings:
    speech = settings.speech
    return contract.Settings(speech_mode=speech.mode, language=speech.language, volume=speech.volume)


def _info(settings: EdgeSettings, device: str, bundle: Bundle) -> contract.Info:
    return contract.Info(
        device_id=device,
        name=settings.device.name,
        sw_version=__version__,
        model=_model(bundle),
        features=("speech", "face_image"),
    )


def _nobody_yet() -> Mood:
    now = time.monotonic()
    return Mood(contract.NOBODY, 1.0, (), 0, now, now, None)


def _model(bundle: Bundle) -> contract.Model:
    return contract.Model(bundle.id, bundle.sha256)
