"""A bundle that does not fit is refused before it runs, with words that help."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision import bundle as bundle_module
from howsitgoing_edge.vision.bundle import load_bundle, released_folder

Content = dict[str, Any]


def edit(folder: Path, change: Callable[[Content], object]) -> None:
    path = folder / "model.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_good_bundle_says_how_it_is_run(tiny: Path) -> None:
    """All that the agent needs stands in the file."""
    bundle = load_bundle(tiny)
    assert bundle.id == f"tiny-{bundle.description.input.dtype}"
    assert bundle.sha256 == hashlib.sha256(bundle.network).hexdigest()
    assert bundle.crowd.temperature == 1.25
    assert bundle.crowd.thresholds == tuple(0.4 + i / 100 for i in range(7))
    assert len(bundle.crowd.log_prior_shift) == len(EMOTIONS)


def test_the_released_network_is_found_and_fits() -> None:
    """What is shipped must load; the package that trains it is not imported for it."""
    bundle = load_bundle()
    assert bundle.folder == released_folder()
    assert bundle.description.labels == EMOTIONS


def test_keys_of_a_newer_release_are_ignored(bundle_folder: Path) -> None:
    """The data team may add to the description without breaking devices in the field."""
    edit(bundle_folder, lambda c: c.update(colour="blue") or c["outputs"]["crowd"].update(shift_strength=0.3))
    assert load_bundle(bundle_folder).id == "tiny-uint8"


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_a_single_flipped_bit_is_noticed(bundle_folder: Path, place: int) -> None:
    """A worn SD card must not become a face that is always happy, nor a crash inside the runtime."""
    path = bundle_folder / "model.tflite"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.tflite is damaged.*copy the bundle again"):
        load_bundle(bundle_folder)


BROKEN: dict[str, tuple[Callable[[Content], object], str]] = {
    "labels in another order": (lambda c: c.update(labels=c["labels"][::-1]), r"labels are surprise.*must be angry"),
    "a label too few": (lambda c: c["labels"].pop(), r"labels are .*in this order"),
    "crowd without unreadable": (lambda c: c["outputs"]["crowd"]["labels"].pop(), r"outputs\.crowd.*unreadable, in this order"),
    "a newer schema": (lambda c: c.update(schema=2), r"schema 2 is not the 1 that this version reads"),
    "no schema": (lambda c: c.pop("schema"), r"schema: Field required"),
    "another size": (lambda c: c["input"].update(width=64), r"input\.width.*48"),
    "colour": (lambda c: c["input"].update(channels=3), r"input\.channels.*1"),
    "an unknown type": (lambda c: c["input"].update(dtype="float16"), r"input\.dtype"),
    "a shift too short": (lambda c: c["outputs"]["crowd"].update(log_prior_shift=[0.0]), r"log_prior_shift.*7"),
    "no temperature": (lambda c: c["outputs"]["crowd"].update(temperature=0), r"temperature.*greater than 0"),
    "a threshold missing": (lambda c: c["outputs"]["crowd"]["thresholds"].pop("sad"), r"thresholds.*share for each of"),
    "no crowd output": (lambda c: c["outputs"].pop("crowd"), r"outputs\.crowd: Field required"),
    "a hash that is none": (lambda c: c.update(sha256="abc"), r"sha256"),
    "another file's hash": (lambda c: c.update(sha256="0" * 64), r"damaged or belongs to another model\.json"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_description_that_does_not_fit_is_refused_by_name(bundle_folder: Path, name: str) -> None:
    """Whoever copied the wrong file must see which line is to blame."""
    change, message = BROKEN[name]
    edit(bundle_folder, change)
    with pytest.raises(ModelError, match=message) as caught:
        load_bundle(bundle_folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"schema": NaN}'], ids=repr)
def test_a_description_that_is_no_json_is_refused_in_one_line(bundle_folder: Path, text: bytes) -> None:
    """No traceback of a parser for the household."""
    (bundle_folder / "model.json").write_bytes(text)
    with pytest.raises(ModelError, match=r"model\.json: .*take another release") as caught:
        load_bundle(bundle_folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["model.json", "model.tflite"])
def test_a_missing_file_is_named(bundle_folder: Path, name: str) -> None:
    """Half a copy is the most frequent mistake."""
    (bundle_folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}: No such file.*a folder with model\.tflite and model\.json"):
        load_bundle(bundle_folder)


def test_a_file_of_absurd_size_is_refused_unread(bundle_folder: Path) -> None:
    """A Pi has little memory to give to a mistake."""
    with (bundle_folder / "model.tflite").open("r+b") as file:
        file.truncate(1 << 34)
    with pytest.raises(ModelError, match="is it the right file"):
        load_bundle(bundle_folder)


def test_an_installation_without_a_network_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel brings one; a distribution that splits packages may not."""
    monkeypatch.setattr(bundle_module, "find_spec", lambda _name: None)
    with pytest.raises(ModelError, match=r"install it anew, or set vision\.model"):
        released_folder()
