"""The review page in a real browser: the keyboard is enough, everybody can use it, and nothing leaves the machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from support import reviewing
from support.collected import Collected, firestore_of
from support.emulators import Emulators
from support.parts import need
from support.waiting import until

Fill = Callable[[Iterable[Collected]], str]
PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
TEN = {
    "h": "happy",
    "s": "sad",
    "a": "angry",
    "d": "disgust",
    "f": "fear",
    "n": "neutral",
    "u": "surprise",
    "x": "unreadable",
    "4": "happy",
    "8": "unreadable",
}
"""Key -> label"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """A page at that address; requests to anywhere else, and complaints in its console, fail the test."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    complaints: list[str] = []

    def opens(url: str, **how: Any) -> Page:  # noqa: ANN401  playwright's options
        context = chromium.new_context(viewport={"width": 1100, "height": 820}, **how)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(url)
        return page

    yield opens
    for context in contexts:
        context.close()
    assert [address for address in asked if not address.removeprefix("blob:").startswith("http://127.0.0.1:")] == []
    assert complaints == []


def judged(cloud: Emulators, project: str, by: str) -> dict[str, str]:
    """Sample -> what they say, as Firestore has it."""
    found = {one.id: one.to_dict() for one in firestore_of(cloud, project).collection("samples").stream()}
    return {name: content["votes"][by]["value"] for name, content in found.items() if by in (content.get("votes") or {})}


def introduce(page: Page, name: str) -> None:
    """By the keyboard, once the page asks."""
    expect(page.get_by_label("Pseudonym")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def there(page: Page) -> None:
    """The face can be seen and judged."""
    expect(page.locator("#skip")).to_be_visible()
    expect(page.locator("#skip")).to_be_enabled()


def press(page: Page, key: str) -> None:
    """Once the face is there to be judged."""
    there(page)
    page.keyboard.press(key)


def test_ten_faces_by_the_keyboard_alone(fill: Fill, cloud: Emulators, opened: Callable[..., Page]) -> None:
    """A pseudonym, ten keys, ten labels with source, who and when; then a second reviewer, and how far both agree."""
    project = fill(reviewing.averages(10))
    with reviewing.command(project) as server:
        page = opened(server.url)
        introduce(page, "blue-owl")
        for number, key in enumerate(TEN):
            expect(page.locator("#progress")).to_contain_text(f"{number} of 10")
            press(page, key)
        expect(page.locator("#nothing-title")).to_have_text("Nothing is left for you")
        second = opened(server.url)
        introduce(second, "r2")
        for key in list(TEN)[:9]:
            press(second, key)
        press(second, "1")
        expect(second.locator("#agreement-words")).to_contain_text("on 10 faces")
        until(lambda: len(judged(cloud, project, "r2")) == 10)
    assert sorted(judged(cloud, project, "blue-owl").values()) == sorted(TEN.values())
    documents = [one.to_dict() for one in firestore_of(cloud, project).collection("samples").stream()]
    labels = [content["label"] for content in documents]
    agreed = [label for label in labels if label["source"] == "reviewer"]
    assert len(agreed) == 9
    assert {label["by"] for label in agreed} == {"r2"}
    assert all(label["at"] is not None for label in agreed)
    assert [label for label in labels if label["source"] == "none"] == [reviewing.UNLABELLED]
    assert {vote["saw_prediction"] for content in documents for vote in content["votes"].values()} == {False}


def test_the_guess_is_hidden_until_asked_for_then_accepted_and_undone(
    fill: Fill, cloud: Emulators, opened: Callable[..., Page]
) -> None:
    """Enter shows, Enter accepts; a vote after that says that the guess was seen. Left takes it back, Right skips."""
    project = fill(reviewing.averages(3))
    with reviewing.page(project, reviewer="r1") as server:
        page = opened(server.url)
        expect(page.locator("#asked")).to_be_visible()
        expect(page.locator("#told")).to_be_hidden()
        press(page, "Enter")
        expect(page.locator("#guess")).to_contain_text("The network: looks")
        assert judged(cloud, project, "r1") == {}
        page.keyboard.press("Enter")
        until(lambda: len(judged(cloud, project, "r1")) == 1)
        (name,) = judged(cloud, project, "r1")
        content = firestore_of(cloud, project).collection("samples").document(name).get().to_dict()
        assert content["label"]["value"] == content["event"]["emotion"]
        assert content["votes"]["r1"]["saw_prediction"] is True
        press(page, "ArrowLeft")
        expect(page.locator("#told")).to_be_visible()
        until(lambda: judged(cloud, project, "r1") == {})
        press(page, "ArrowRight")
        expect(page.locator("#progress")).to_contain_text("1 skipped")
        assert judged(cloud, project, "r1") == {}


def test_a_key_that_is_held_down_judges_one_face(fill: Fill, cloud: Emulators, opened: Callable[..., Page]) -> None:
    """A cat on the keyboard is no reviewer of thirty faces; nor is a key for a face that was not there to be seen yet."""
    project = fill(reviewing.averages(5))
    with reviewing.page(project, reviewer="r1") as server:
        page = opened(server.url)
        there(page)
        for _ in range(5):
            page.keyboard.down("h")
        page.keyboard.up("h")
        expect(page.locator("#progress")).to_contain_text("1 of 5")
        page.get_by_label("Keys choose: letters, or 1 to 8").uncheck()
        page.keyboard.press("s")
        page.get_by_role("button", name="Neutral").click()
        expect(page.locator("#progress")).to_contain_text("2 of 5")
        until(lambda: sorted(judged(cloud, project, "r1").values()) == ["happy", "neutral"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(fill: Fill, opened: Callable[..., Page], tmp_path: Path, scheme: str) -> None:
    """Axe finds nothing: contrast, names, roles, focus order; on the dialog, the face, its guess and the end."""
    project = fill(reviewing.averages(10))
    with reviewing.page(project) as server:
        page = opened(server.url, color_scheme=scheme, device_scale_factor=1.5, reduced_motion="reduce")
        fine(page)
        page.get_by_label("Pseudonym").fill("Dr. Smith")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Pseudonym")).to_be_focused()
        page.get_by_label("Pseudonym").fill("blue-owl")
        page.keyboard.press("Enter")
        press(page, "n")
        press(page, "h")
        press(page, "Enter")
        expect(page.locator("#guess")).to_be_visible()
        expect(page.locator("#last")).to_be_visible()
        fine(page)
        picture = (PICTURES if os.environ.get("PICTURES") and scheme == "light" else tmp_path) / "review.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size > 20_000
        page.set_viewport_size({"width": 380, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
        for _ in range(8):
            press(page, "x")
        expect(page.locator("#nothing")).to_be_focused()
        fine(page)


def fine(page: Page) -> None:
    """Nothing that axe, the checker of accessibility, knows to be wrong."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
