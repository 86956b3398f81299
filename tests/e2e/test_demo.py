"""From the demo's face to the ear, to the broker and to a pipe: the promise of ``make run``."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from support import demo
from support.commands import howsitgoing
from support.scene import write_clip
from support.shared import shared

from howsitgoing_edge.contract import Health, Mood, MoodChange, from_rfc3339
from howsitgoing_edge.core.phrases import change_key
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.voices import VoicePack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.conftest import StartAgent
    from support.mosquitto import Mosquitto
    from support.sound import SoundServer
    from support.subscriber import Subscriber

    from howsitgoing_edge.core.types import Pixels

FAST = ("run", "--fast", "--until-end", "--events", "-", "--mqtt", "off", "--speech", "off")
PASSING = {"id", "changed_at", "noticed_at"}
"""Fields of an event that no two runs share"""


def test_each_change_of_the_face_is_published_and_spoken(
    sound: SoundServer, broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """Everything real but the person: the very phrase comes out of the loudspeaker, once its event is there."""
    with sound.listening("jbl") as ear:
        agent = start("--source", "demo", "--mqtt", f"127.0.0.1:{broker.port}")
        wanted = len(demo.changes())
        listener.wait_for(lambda heard: len([m for m in heard if m.topic.endswith("/event")]) == wanted, 60)
        events = [MoodChange.from_json(message.payload) for message in listener.on("event")]
        assert [(event.previous, event.emotion) for event in events] == demo.changes()
        phrases, said_at = VoicePack("en", None, Espeak()), 0.0
        for event in events:
            said_at = ear.wait_for(phrases.phrase(change_key(event.emotion)), after=said_at)
    assert agent.end() == 0, agent.log
    moods = [Mood.from_json(message.payload) for message in listener.on("mood")]
    assert moods[0].emotion == "none", "before anybody is seen"
    assert all(mood.faces <= 1 for mood in moods)


def test_a_fast_run_gives_nothing_but_events_and_always_the_same_ones(film: Path, tmp_path: Path) -> None:
    """Other programs read it line by line; and a bug can be shown again only if a run can be repeated."""
    no_yunet = {"XDG_DATA_HOME": str(tmp_path)}
    done = [howsitgoing(*FAST, "--source", str(film), environment=no_yunet) for _ in range(2)]
    runs = [_events(run.stdout) for run in done]
    assert [(one["previous"], one["emotion"]) for one in runs[0]] == demo.FIRST
    assert [_lasting(one) for one in runs[0]] == [_lasting(one) for one in runs[1]]
    assert _spacing(runs[0]) == pytest.approx(_spacing(runs[1]), abs=0.0021), "a clip's own time does not depend on the machine"
    assert "Haar" in done[0].stderr
    assert "howsitgoing models pull yunet" in done[0].stderr, "who has only the coarser detector learns how to get the better"


@pytest.mark.shared_data
def test_yunet_is_used_as_soon_as_it_is_there(broker: Mosquitto, listener: Subscriber, start: StartAgent) -> None:
    """``make run`` pulls it; the same clip, the same news, by the better detector."""
    pulled = howsitgoing("models", "pull", "yunet", environment={"HOWSITGOING_MODEL_MIRROR": str(shared("models"))})
    assert pulled.returncode == 0, pulled.stderr
    agent = start("--source", "demo", "--fast", "--until-end", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}")
    assert agent.wait() == 0, agent.log
    listener.wait_for_text("availability", "stopped")
    assert Health.from_json(listener.on("health")[-1].payload).detector == "yunet"
    assert "haar" not in agent.log.lower()
    assert [(event["previous"], event["emotion"]) for event in map(_json, listener.on("event"))] == demo.changes()


def test_of_two_faces_the_nearer_one_is_told_of(
    tmp_path: Path, broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """Somebody in the background who smiles at the wrong moment is counted, not spoken of."""
    film = write_clip(tmp_path / "two.avi", _two_people(), demo.FPS)
    agent = start("--source", str(film), "--fast", "--until-end", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}")
    assert agent.wait() == 0, agent.log
    listener.wait_for_text("availability", "stopped")
    events = [MoodChange.from_json(message.payload) for message in listener.on("event")]
    assert [(event.previous, event.emotion) for event in events] == demo.changes()
    assert len({event.track for event in events}) == 1
    assert max(Mood.from_json(message.payload).faces for message in listener.on("mood")) == 2


def _two_people() -> Iterator[Pixels]:
    """The demo's person on the left, and far behind on the right the same one, half a clip ahead."""
    pictures = demo.frames()
    for number, image in enumerate(pictures):
        far = cv2.resize(pictures[(number + len(pictures) // 2) % len(pictures)], None, fx=0.5, fy=0.5)
        height, width = image.shape[:2]
        seen = np.roll(image, -width // 6, axis=1)
        seen[height // 3 : height // 3 + far.shape[0], width - far.shape[1] * 7 // 10 :] = far[:, far.shape[1] * 3 // 10 :]
        yield seen


def _events(output: str) -> list[dict[str, Any]]:
    lines = output.splitlines()
    for line in lines:
        MoodChange.from_json(line)
    return [json.loads(line) for line in lines]


def _json(message: Any) -> dict[str, Any]:  # noqa: ANN401  a Heard
    content: dict[str, Any] = message.json
    return content


def _lasting(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in PASSING}


def _spacing(events: list[dict[str, Any]]) -> list[float]:
    """Seconds between the changes, and from each change to its being noticed."""
    changed, noticed = ([from_rfc3339(event[name]).timestamp() for event in events] for name in ("changed_at", "noticed_at"))
    between = [later - earlier for earlier, later in pairwise(changed)]
    return between + [late - early for early, late in zip(changed, noticed, strict=True)]
