"""Benchmark: how long from a change published to the state in Home Assistant, with many devices; ``make bench-homeassistant``.

A real Home Assistant and a real mosquitto on this machine. Each device publishes a mood and an event each second, spread
evenly; all of its entities follow. The time is from before the publish call to the state machine's own time of the new state.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

import aiohttp
import paho.mqtt.client as paho
import psutil
from custom_components.howsitgoing._contract import DELIVERY, Settings, Topic, topic
from paho.mqtt.enums import CallbackAPIVersion
from support.hass import HomeAssistantProcess
from support.home_assistant import HEALTH, INFO, change, mood
from support.mosquitto import Mosquitto
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

WARM_UP_SECONDS: Final = 20
"""Not counted: the recorder is still busy with the set-up of hundreds of devices."""
TARGET_SECONDS: Final = 0.1
FACES: Final = ("happy", "sad")
RECORDERS: Final = {
    "moods": """
recorder:
  exclude:
    entity_globs: [event.*_mood_change, sensor.*_positivity, sensor.*_confidence]
    event_types: [howsitgoing_mood_change]
""",
    "everything": "",
}
"""What is recorded: moods alone, as docs/home-assistant.md shows for hundreds of devices (it takes the place of the empty
``recorder:`` above it), or everything, as Home Assistant does by itself"""


@dataclass(frozen=True)
class Figures:
    """What came of it; times in seconds."""

    published: int
    arrived: int
    times: tuple[float, ...]
    """In the order of arrival"""
    processor: float
    """Share of one core that Home Assistant took"""

    @property
    def p95(self) -> float:
        """95 of 100 changes were there within this time."""
        return quantiles(self.times, n=20)[-1]

    @property
    def keeps_up(self) -> bool:
        """Everything arrived, and the last third not later than the first."""
        third = len(self.times) // 3
        return self.arrived == self.published and median(self.times[-third:]) < 2 * median(self.times[:third]) + 0.02

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"{self.arrived} of {self.published} changes; published -> state: median {1000 * median(self.times):.1f} ms, "
            f"p95 {1000 * self.p95:.1f} ms, longest {1000 * max(self.times):.0f} ms; "
            f"Home Assistant: {100 * self.processor:.0f} % of a core; {'keeps up' if self.keeps_up else 'FALLS BEHIND'}"
        )


def set_up(house: HomeAssistantProcess, client: paho.Client, devices: int) -> None:
    """Announce the devices, and set them up as discovered."""
    names = [f"load-{number}" for number in range(devices)]
    for name in names:
        info = replace(INFO, device_id=name, name=name)
        for kind, payload in (
            (Topic.INFO, info.to_json()),
            (Topic.SETTINGS, Settings().to_json()),
            (Topic.HEALTH, HEALTH.to_json()),
            (Topic.AVAILABILITY, "online"),
        ):
            client.publish(topic(name, kind), payload, DELIVERY[kind].qos, DELIVERY[kind].retain).wait_for_publish(10)

    def cards() -> list[str]:
        flows = [flow for flow in house.discovered() if flow["context"]["unique_id"] in names]
        return [flow["flow_id"] for flow in flows] if len(flows) == devices else []

    for card in until(cards, 120, 0.5):
        assert house.confirm(card)["type"] == "create_entry"
    until(lambda: list(house.states("sensor.load_").values()).count("ok") == 2 * devices, 60, 0.5)  # camera and speaker


def schedule(devices: int, seconds: int) -> Iterator[tuple[float, int, int]]:
    """(second, device, how often before): each device once a second, spread evenly."""
    for step in range(devices * seconds):
        yield step / devices, step % devices, step // devices


async def measure(
    house: HomeAssistantProcess, client: paho.Client, devices: int, seconds: int, warm_up: int = WARM_UP_SECONDS
) -> Figures:
    """Publish and listen at the same time."""
    sent: dict[tuple[str, int], float] = {}
    seen: list[float] = []
    entities = [f"sensor.load_{number}_mood" for number in range(devices)]
    rounds = warm_up + seconds
    process = psutil.Process(house.pid)

    async with aiohttp.ClientSession() as session, session.ws_connect(f"{house.url}/api/websocket", max_msg_size=0) as socket:
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": house.token})
        await socket.receive_json()
        await socket.send_json({"id": 1, "type": "subscribe_entities", "entity_ids": entities})
        while "a" not in (await socket.receive_json(timeout=20)).get("event", {}):
            pass  # first comes that it was understood, then how all of them are now
        counts = dict.fromkeys(entities, 0)

        async def listen() -> None:
            while len(seen) < devices * seconds:
                message = await socket.receive_json(timeout=20)
                for one in message if isinstance(message, list) else [message]:
                    for entity, difference in one.get("event", {}).get("c", {}).items():
                        new = difference["+"]
                        if "s" not in new:
                            continue
                        number, counts[entity] = counts[entity], counts[entity] + 1
                        if number >= warm_up:
                            seen.append(new.get("lc", 0) - sent[entity, number])

        listening = asyncio.create_task(listen())
        started = time.monotonic()
        used = 0.0
        for at, device, number in schedule(devices, rounds):
            if number == warm_up and device == 0:
                used = sum(process.cpu_times()[:2])
                began = time.monotonic()
            await asyncio.sleep(max(0, started + at - time.monotonic()))
            name, face = f"load-{device}", FACES[number % 2]
            sent[f"sensor.load_{device}_mood", number] = time.time()
            client.publish(topic(name, Topic.MOOD), mood(face, since=time.time()).to_json(), 1, retain=True)
            client.publish(topic(name, Topic.EVENT), change(face, at=time.time()).to_json(), 1)
        spent = (sum(process.cpu_times()[:2]) - used) / (time.monotonic() - began)
        with suppress(TimeoutError):  # what is missing shows in the figures
            await listening
    return Figures(devices * seconds, len(seen), tuple(seen), spent)


def run(devices: int, seconds: int, folder: Path, configuration: str = "", warm_up: int = WARM_UP_SECONDS) -> Figures:
    """All of it, from nothing."""
    with Mosquitto(folder / "mosquitto") as broker, HomeAssistantProcess(folder / "hass", configuration=configuration) as house:
        house.onboard()
        house.add_mqtt(broker.port)
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.max_inflight_messages_set(1000)
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        try:
            set_up(house, client, devices)
            return asyncio.run(measure(house, client, devices, seconds, warm_up))
        finally:
            client.disconnect()
            client.loop_stop()


def main() -> int:
    """0: the target was reached each time; 1: it was not, or this machine was too busy with other things."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--recorder", choices=RECORDERS, action="append", help="what is recorded; default: one after the other")
    given = parser.parse_args()
    good = True
    for recorded in given.recorder or RECORDERS:
        with tempfile.TemporaryDirectory() as folder:
            figures = run(given.devices, given.seconds, Path(folder), RECORDERS[recorded])
        print(f"{given.devices} devices, one change a second each, {given.seconds} s, recorded: {recorded}: {figures}")  # noqa: T201
        good &= figures.keeps_up and figures.p95 <= TARGET_SECONDS
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
