"""What is offered is believed only if the publisher signed it, now, for this device, to the byte."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina
from edge.update.conftest import Device
from support.publisher import Publisher, WebServer

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.ports import Classifier
from howsitgoing_edge.core.types import Pixels, Scores
from howsitgoing_edge.errors import EdgeError, ModelError, TransientError, UpdateRefused
from howsitgoing_edge.update import signing, source
from howsitgoing_edge.update.network import Network
from howsitgoing_edge.update.state import State
from howsitgoing_models.publishing import archive, keys
from howsitgoing_models.publishing.command import GOLDEN
from howsitgoing_models.publishing.publish import Terms, publish
from howsitgoing_models.publishing.signing import CHANNEL, MANIFEST, signed


def refused(device: Device) -> str:
    """Why nothing was installed; nothing is left of it."""
    with pytest.raises((UpdateRefused, ModelError)) as error:
        device.installer.install()
    assert device.store.state.current is None
    assert device.store.state.trouble == str(error.value), "'howsitgoing models status' tells it later"
    assert [path.name for path in device.store.folder.iterdir() if path.is_dir()] == []
    return str(error.value)


def test_a_newer_network_is_fetched_verified_and_put_on_trial(publisher: Publisher, device: Device) -> None:
    """The way it is meant, over a real connection."""
    publisher.publish(publisher.model("second"), notes="reads disgust better")
    assert device.installer.look().model == "second"
    assert device.store.state.newer == "second"
    assert device.store.state.notes == "reads disgust better"
    assert device.installer.install() == "second"
    state = device.store.state
    assert (state.current, state.previous, state.on_trial, state.newer) == ("second", None, True, None)
    assert device.load(device.store.path("second")).id == "second"
    assert device.installer.install() is None, "it is the newest"


def test_the_network_that_came_with_the_program_is_not_fetched(publisher: Publisher, device: Device) -> None:
    """After an upgrade of the program the channel may name the very one that came with it."""
    publisher.publish(publisher.model("shipped"))
    assert device.installer.install() is None
    assert device.store.state.newer is None


def test_somebody_elses_signature_is_refused(publisher: Publisher, device: Device, tmp_path: Path) -> None:
    """Whoever has the server, or the way to it, does not have the key."""
    publisher.publish(publisher.model("second"))
    device.key = keys.public(keys.make(tmp_path / "other.key"))
    assert "is not signed by model.public_key" in refused(device)


def test_a_changed_channel_is_refused(publisher: Publisher, device: Device) -> None:
    """One number, on the way."""
    publisher.publish(publisher.model("second"))
    file = publisher.folder / "latest.json"
    envelope = json.loads(file.read_text())
    payload = base64.b64decode(envelope["payload"]).replace(b'"sequence": 1', b'"sequence": 9')
    file.write_text(json.dumps({**envelope, "payload": base64.b64encode(payload).decode()}))
    assert "is not signed by model.public_key" in refused(device)
    assert device.store.state.sequence == 0


def test_a_signature_for_one_use_is_worth_nothing_for_another(publisher: Publisher, device: Device) -> None:
    """A manifest cannot stand in for a channel, although the same key signs both."""
    publisher.shelf.put("latest.json", signed(b"{}", MANIFEST, [publisher.key]))
    assert "is not signed by model.public_key" in refused(device)


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"<html>not found</html>", b"{}", b'{"payloadType": 1}', b"[]", b'"a"'])
def test_what_is_no_channel_is_refused(publisher: Publisher, device: Device, content: bytes) -> None:
    """A wrong address mostly shows a web page."""
    publisher.shelf.put("latest.json", content)
    assert "latest.json is not a signed file" in refused(device)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"schema": 2}, "schema"),
        ({"model": "../../etc"}, "model"),
        ({"bundle": {"file": "../x.zip", "size": 1, "sha256": "0" * 64}}, "bundle.file"),
        ({"bundle": {"file": "x.zip", "size": 1 << 40, "sha256": "0" * 64}}, "bundle.size"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"minimum_agent": "new"}, "minimum_agent"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_signed_channel_that_makes_no_sense_is_refused(
    publisher: Publisher, device: Device, said: dict[str, Any], reason: str
) -> None:
    """The key's owner, too, can be mistaken; a name must not lead out of the folder."""
    publisher.put(b"x", said)
    assert f"not what this version of the agent reads: {reason}" in refused(device)


def test_an_old_channel_put_back_is_refused(publisher: Publisher, device: Device) -> None:
    """Rollback: a network that was withdrawn for good reason stays withdrawn."""
    publisher.publish(publisher.model("second"))
    old = (publisher.folder / "latest.json").read_bytes()
    publisher.publish(publisher.model("third"))
    device.installer.look()
    publisher.shelf.put("latest.json", old)
    assert "number 1, but number 2 was here before" in refused(device)
    assert device.store.state.offered == "third"


def test_another_publisher_counts_anew(publisher: Publisher, device: Device, tmp_path: Path) -> None:
    """Who moves to another folder or key must not wait until its numbers are as high."""
    for name in ("second", "third"):
        publisher.publish(publisher.model(name))
    device.installer.look()
    other = Publisher(tmp_path / "other")
    other.publish(other.model("theirs"))
    there, here = (other.folder.as_uri(), other.public_key), (device.url, device.key)
    device.url, device.key = there
    assert device.installer.look().sequence == 1
    assert device.store.state.newer == "theirs"
    device.url, device.key = here
    assert device.installer.look().sequence == 2


def test_another_channel_of_the_same_number_is_refused(publisher: Publisher, device: Device) -> None:
    """Two truths: one of them is not meant for us."""
    publisher.put(b"one", {})
    device.installer.look()
    publisher.put(b"two", {})
    assert "two different latest.json of number 1" in refused(device)


def test_a_channel_past_its_time_is_refused_until_it_is_renewed(publisher: Publisher, device: Device) -> None:
    """Freeze: who keeps newer ones from us can't do so for ever."""
    publisher.publish(publisher.model("second"), days=30)
    device.now = lambda: datetime.now(UTC) + timedelta(days=31)
    assert "its publisher has to renew it, or this device's clock is wrong" in refused(device)


def test_a_network_for_a_newer_program_is_refused(publisher: Publisher, device: Device) -> None:
    """It may need what this version cannot do."""
    publisher.publish(publisher.model("second"), minimum_agent="0.10")
    device.agent = "0.9.3"
    assert "second needs version 0.10 of this program, and this is 0.9.3" in refused(device)
    device.agent = "0.10.0.dev3"
    assert device.installer.install() == "second"


def test_the_channels_archive_alone_will_do(publisher: Publisher, device: Device) -> None:
    """Mix and match: two archives, each properly signed, swapped at the server."""
    first = publisher.publish(publisher.model("first"))["bundle"]["file"]
    second = publisher.publish(publisher.model("second"))["bundle"]["file"]
    publisher.shelf.put(second, publisher.shelf.get(first) or b"")
    assert "is not the file that latest.json means" in refused(device)


def test_a_flipped_bit_in_the_archive_is_refused(publisher: Publisher, device: Device) -> None:
    """A proxy, a disk, a hand."""
    file = publisher.folder / publisher.publish(publisher.model("second"))["bundle"]["file"]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "is not the file that latest.json means: cut short, changed on the way" in refused(device)


def test_a_manifest_of_another_key_is_refused(publisher: Publisher, device: Device, tmp_path: Path) -> None:
    """Each signature is looked at, not the outer one alone."""
    other = keys.make(tmp_path / "other.key")
    _, files = archive.content(publisher.model("second"), GOLDEN)
    publisher.put(archive.pack("second", files, "0.1.0", [other]), {"model": "second"})
    assert "manifest.json is not signed by model.public_key" in refused(device)


def _compressed(packed: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return made.getvalue()


def _with(packed: bytes, name: str, content: bytes) -> bytes:
    made = io.BytesIO(packed)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive_:
        archive_.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("bungle", "reason"),
    [
        (lambda _packed: b"no archive", "not a whole archive"),
        (lambda packed: packed[: len(packed) // 2], "not a whole archive"),
        (_compressed, "is compressed or too long"),
        (lambda packed: _with(packed, "extra", b"x"), "holds other files than its manifest lists"),
        (lambda packed: _with(packed, "../../evil", b"x"), "holds other files than its manifest lists"),
    ],
    ids=["none", "half", "compressed", "more", "leads-out"],
)
def test_what_is_no_proper_archive_is_refused(
    publisher: Publisher, device: Device, bungle: Callable[[bytes], bytes], reason: str
) -> None:
    """Even if the channel that points to it is properly signed."""
    _, files = archive.content(publisher.model("second"), GOLDEN)
    publisher.put(bungle(archive.pack("second", files, "0.1.0", [publisher.key])), {"model": "second"})
    assert reason in refused(device)


def _describe(files: dict[str, bytes], change: Callable[[dict[str, Any]], object]) -> None:
    described = json.loads(files["model.json"])
    change(described)
    files["model.json"] = json.dumps(described).encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda f: _describe(f, lambda d: d["labels"].reverse()), "labels are"),
        (lambda f: _describe(f, lambda d: d.update(labels=[*EMOTIONS[:6], "calm"])), "calm"),
        (lambda f: _describe(f, lambda d: d["input"].update(width=64)), "input.width"),
        (lambda f: _describe(f, lambda d: d["outputs"]["crowd"].update(index=7)), "it has 2 outputs"),
        (lambda f: _describe(f, lambda d: d.update(sha256="0" * 64)), "damaged or belongs to another model.json"),
        (lambda f: _describe(f, lambda d: d.update(id="another")), "describes itself as another"),
        (lambda f: _describe(f, lambda d: d["outputs"]["crowd"].update(temperature=9.0)), "otherwise than at its publisher's"),
        (lambda f: f.update({"happy.png": f["sad.png"]}), "in the self-test it reads happy.png otherwise"),
        (lambda f: f.update({"happy.png": b"no picture"}), "golden crops cannot be read"),
        (lambda f: f.update({"golden.json": b"{}"}), "golden crops cannot be read"),
        (lambda f: f.pop("golden.json"), "lacks golden.json"),
        (lambda f: f.pop("model.tflite"), "lacks model.tflite"),
    ],
    ids=["order", "label", "input", "output", "hash", "id", "answers", "mixed", "picture", "golden", "no-golden", "no-network"],
)
def test_a_signed_network_that_does_not_fit_is_refused_and_not_tried_again(
    publisher: Publisher, device: Device, web: WebServer, change: Callable[[dict[str, bytes]], object], reason: str
) -> None:
    """Labels, shapes and answers are looked at on the device that is to use them."""
    publisher.publish_files("second", change)
    assert reason in refused(device)
    if reason.startswith("lacks"):
        return
    assert "second" in device.store.state.refused
    web.asked.clear()
    with pytest.raises(UpdateRefused, match="second is not tried again"):
        device.installer.install()
    assert web.asked == ["/latest.json"], "what is not wanted is not fetched either"


class Slow:
    """Reads as another network, but takes its time."""

    def __init__(self, inner: Classifier) -> None:
        self._inner = inner

    def score(self, crop: Pixels) -> Scores:
        time.sleep(0.02)
        return self._inner.score(crop)


def test_a_slow_network_is_refused_in_the_self_test(publisher: Publisher, device: Device) -> None:
    """It would leave fewer looks at a face; the network in use sets the measure."""
    load, in_use = device.load, publisher.model("in-use")

    def with_slow_ones(folder: Path | None) -> Network:
        network = load(folder or in_use)
        return network if folder is None else network.read_by(Slow(network.classifier))

    device.load = with_slow_ones
    publisher.publish(publisher.model("second"))
    assert "ms a face, and 5.0 are allowed here" in refused(device)
    assert "second" in device.store.state.refused


def test_an_endless_download_is_cut_off(publisher: Publisher, device: Device, web: WebServer) -> None:
    """Never more bytes than were announced, however many come."""
    publisher.publish(publisher.model("second"))
    web.endless = ".zip"
    assert "longer than the" in refused(device)
    web.endless = "latest.json"
    assert "longer than the 16384 bytes" in refused(device)


@pytest.mark.parametrize("fault", ["stalls", "breaks"])
@pytest.mark.parametrize("name", ["latest.json", ".zip"])
def test_a_server_that_fails_is_tried_again_another_time(
    publisher: Publisher, device: Device, web: WebServer, monkeypatch: pytest.MonkeyPatch, fault: str, name: str
) -> None:
    """What is no fault of the network's is not held against it."""
    monkeypatch.setattr(source, "CHANNEL_SECONDS", 0.3)
    monkeypatch.setattr(source, "BUNDLE_SECONDS", 0.3)
    publisher.publish(publisher.model("second"))
    setattr(web, fault, name)
    with pytest.raises(TransientError):
        device.installer.install()
    assert device.store.state.refused == {}
    setattr(web, fault, "")
    monkeypatch.undo()
    assert device.installer.install() == "second"
    assert device.store.state.trouble == ""


def test_a_server_that_is_gone_is_named(device: Device) -> None:
    """So that its owner knows where to look."""
    device.url = "http://127.0.0.1:9"
    with pytest.raises(EdgeError, match=r"127\.0\.0\.1 cannot be reached"):
        device.installer.look()
    assert "cannot be reached" in device.store.state.trouble


def test_a_short_outage_is_bridged(publisher: Publisher, device: Device, web: WebServer) -> None:
    """The second try comes by itself."""
    publisher.publish(publisher.model("second"))
    web.breaks = "latest.json"
    counted = iter([True])
    get = device.installer.source._get

    def once(url: str, **how: Any) -> bytes:  # noqa: ANN401
        try:
            return get(url, **how)
        finally:
            if next(counted, False):
                web.breaks = ""

    installer = device.installer
    installer.source._get = once
    with stamina.set_testing(True, attempts=2):
        assert installer.look().model == "second"
    assert web.asked == ["/latest.json", "/latest.json"]


def test_a_folder_of_this_machine_will_do(publisher: Publisher, device: Device) -> None:
    """A stick that somebody carries there is signed as well."""
    publisher.publish(publisher.model("second"))
    device.url = publisher.folder.as_uri()
    assert device.installer.install() == "second"


def test_a_key_can_be_changed_with_networks_signed_by_both(publisher: Publisher, device: Device, tmp_path: Path) -> None:
    """Devices that know the old one and devices that know the new one find the same."""
    new = keys.make(tmp_path / "new.key")
    publisher.publish(publisher.model("second"))
    publish(publisher.shelf, publisher.model("second"), GOLDEN, [publisher.key, new], Terms("0.1.0", timedelta(days=1)))
    for key in (publisher.public_key, keys.public(new)):
        device.key, device.folder = key, tmp_path / key[:4]
        assert device.installer.install() == "second"


def test_the_channel_is_what_it_says_it_is() -> None:
    """Both packages write the same words; they do not import each other."""
    assert (signing.CHANNEL, signing.MANIFEST) == (CHANNEL, MANIFEST)
    assert State().newer is None
