"""The dashboard that we ship, in a real Home Assistant, seen by a real browser."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from custom_components.howsitgoing._contract import Topic
from homeassistant.util.yaml import load_yaml_dict
from playwright.sync_api import Page, sync_playwright
from support.home_assistant import change, mood
from support.parts import need
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from support.hass import HomeAssistantProcess
    from support.hat import Hat

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "homeassistant" / "dashboards" / "howsitgoing.yaml"
HERE = "dashboard-howsitgoing"


def past(house: HomeAssistantProcess, hat: Hat, hours: float = 5.5) -> None:
    """Write an afternoon into the recorder's file, while Home Assistant is not running: nobody waits hours for a picture."""
    chance = random.Random(7)  # noqa: S311  the same picture each time
    moods, now = ["neutral", "happy", "neutral", "surprise", "happy", "neutral", "sad", "neutral", "none"], time.time()
    with sqlite3.connect(house.folder / "home-assistant_v2.db") as db:

        def metadata(entity: str) -> int:
            (found,) = db.execute("SELECT metadata_id FROM states_meta WHERE entity_id = ?", (entity,)).fetchone()
            return int(found)

        def add(entity: str, state: str, at: float) -> None:
            row = "SELECT attributes_id FROM states WHERE metadata_id = ? AND attributes_id IS NOT NULL ORDER BY state_id DESC"
            attributes = db.execute(row, (metadata(entity),)).fetchone()
            insert = (
                "INSERT INTO states (state, metadata_id, attributes_id, last_updated_ts, last_changed_ts, origin_idx)"
                " VALUES (?, ?, ?, ?, NULL, 0)"
            )
            db.execute(insert, (state, metadata(entity), attributes[0], at))

        at = now - 3600 * hours
        while at < now - 60:
            emotion = chance.choice(moods)
            value = {"happy": 0.85, "neutral": 0.05, "sad": -0.6, "surprise": 0.2}.get(emotion, 0) + chance.uniform(-0.15, 0.15)
            add(hat.slug("sensor", "mood"), emotion, at)
            add(hat.slug("sensor", "positivity"), "unknown" if emotion == "none" else f"{value:.3f}", at)
            add(hat.slug("binary_sensor", "face_present"), "off" if emotion == "none" else "on", at)
            at += chance.uniform(120, 1500)


@contextmanager
def browser(house: HomeAssistantProcess) -> Iterator[Page]:
    """Chromium, signed in."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=need("chromium"), args=["--no-sandbox"])
        page = chromium.new_context(viewport={"width": 1400, "height": 1000}, timezone_id="Europe/Berlin").new_page()
        tokens = {**house.tokens, "hassUrl": house.url, "clientId": house.url, "expires": int(1000 * (time.time() + 1700))}
        page.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(tokens))})")
        yield page
        chromium.close()


def texts(page: Page) -> str:
    """All that stands on the page, through the shadows that the frontend is made of."""
    script = """() => { const all = []; const walk = node => {
        if (node.shadowRoot) walk(node.shadowRoot);
        for (const child of node.childNodes) {
            if (child.nodeType === 3 && !['STYLE', 'SCRIPT'].includes(node.nodeName)) all.push(child.textContent.trim());
            walk(child);
        }
    }; walk(document.body); return all.filter(text => text).join('\\n'); }"""
    found: str = page.evaluate(script)
    return found


def missing(page: Page, wanted: Iterable[str]) -> list[str]:
    """Those that do not stand there."""
    shown = texts(page)
    return [text for text in wanted if text not in shown]


def entities(tree: Any) -> set[str]:  # noqa: ANN401  YAML
    """Every entity that the dashboard names."""
    if isinstance(tree, dict):
        own = {value for key, value in tree.items() if key in ("entity", "entity_id") and isinstance(value, str)}
        return own.union(*(entities(value) for value in tree.values()))
    return set().union(*(entities(value) for value in tree)) if isinstance(tree, list) else set()


@pytest.mark.timeout(240)
def test_the_dashboard_shows_the_mood_and_its_history(
    house: HomeAssistantProcess, hat: Callable[[str], Hat], tmp_path: Path
) -> None:
    """No card that complains, no entity that is not there, and the words that a person looks for."""
    device = hat("How's it going?")
    for emotion in ("neutral", "happy"):
        device.publish(Topic.MOOD, mood(emotion, 0.87, since=time.time() - 180))
        device.publish(Topic.EVENT, change(emotion, "neutral", at=time.time()))
    house.wait_for_state(device.slug("sensor", "mood"), "happy")
    config = load_yaml_dict(str(DASHBOARD))
    assert {entity for entity in entities(config) if house.state(entity) is None} == set()
    house.ask("lovelace/dashboards/create", url_path=HERE, mode="storage", title="How's it going?", icon="mdi:emoticon-outline")
    house.ask("lovelace/config/save", url_path=HERE, config=config)
    (device_id,) = [found["id"] for found in house.ask("config/device_registry/list") if found["name"] == "How's it going?"]
    house.stop()
    past(house, device)
    house.start()
    house.wait_until_running()
    house.wait_for_state(device.slug("sensor", "mood"), "happy", 30)
    for emotion in ("surprise", "happy"):
        device.publish(Topic.EVENT, change(emotion, "neutral", at=time.time()))

    wanted = ("Now", "Happy", "87 % sure", "Positivity", "Recognition", "Volume", "Health", "9.8 fps", "changed to Happy")
    with browser(house) as page:
        page.goto(f"{house.url}/{HERE}/mood")
        until(lambda: not missing(page, wanted), 60, 0.5)
        page.wait_for_timeout(1500)  # until the charts have drawn themselves: nothing on the page says so
        picture, shown = page.screenshot(full_page=True), texts(page)
        page.set_viewport_size({"width": 1400, "height": 1350})
        page.goto(f"{house.url}/config/devices/device/{device_id}")
        until(lambda: not missing(page, ("Expression reader", "Mood", "Recognition", "Diagnostic")), 60, 0.5)
        page.wait_for_timeout(500)  # until it has drawn itself: nothing on the page says so
        device_page = page.screenshot()
    for complaint in ("Entity not found", "Configuration error", "Error:", "undefined"):
        assert complaint not in shown
    folder = ROOT / "docs" / "pictures" if os.environ.get("PICTURES") else tmp_path
    (folder / "ha-dashboard.png").write_bytes(picture)
    (folder / "ha-device.png").write_bytes(device_page)
    assert len(picture) > 50_000
