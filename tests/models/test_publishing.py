"""What is put where devices look: signed, whole, and never over what somebody else put there."""

from __future__ import annotations

import base64
import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.emulators import BUCKET, Emulators, emulators
from support.publisher import Publisher
from support.strict_storage import StrictStorage, strict_storage

from howsitgoing_models.errors import PublishError
from howsitgoing_models.publishing import archive, keys
from howsitgoing_models.publishing import publish as publishing
from howsitgoing_models.publishing.command import GOLDEN, RELEASED
from howsitgoing_models.publishing.shelf import BucketShelf, FolderShelf, shelf

TERMS = publishing.Terms("0.1.0", timedelta(days=90))


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    """Has published nothing yet."""
    return Publisher(tmp_path / "publisher")


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """``howsitgoing-models`` as people type it."""
    program = [sys.executable, "-m", "howsitgoing_models.cli"]
    return subprocess.run([*program, *words], capture_output=True, text=True, timeout=60, check=False)


def said(content: bytes | None) -> dict[str, Any]:
    """What a signed file says, whoever signed it."""
    assert content is not None
    told: dict[str, Any] = json.loads(base64.b64decode(json.loads(content)["payload"]))
    return told


def test_a_key_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    """Whoever has it decides what every device runs."""
    made = command("key", tmp_path / "keys" / "publish.key", "--json")
    assert made.returncode == 0, made.stderr
    file = tmp_path / "keys" / "publish.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    public = json.loads(made.stdout)["public_key"]
    assert len(base64.b64decode(public)) == 32
    assert "PRIVATE" not in made.stdout
    again = command("key", file)
    assert f'public_key = "{public}"' in again.stdout, "it is shown again, not made again"
    with pytest.raises(PublishError, match="is there already"):
        keys.make(file)


def test_a_key_is_not_made_where_it_could_be_committed(tmp_path: Path) -> None:
    """One 'git add .' too many, and it has to be replaced on every device."""
    (tmp_path / "checkout" / ".git").mkdir(parents=True)
    refused = command("key", tmp_path / "checkout" / "deep" / "publish.key")
    assert refused.returncode == 1
    assert "keep the key outside, so that it is never committed" in refused.stderr
    assert not (tmp_path / "checkout" / "deep").exists()


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (None, 0o600, "'howsitgoing-models key"),
        (b"no key", 0o600, "holds no key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, "holds no key"),
        (b"", 0o644, "others on this machine can read"),
    ],
    ids=["missing", "text", "broken", "readable"],
)
def test_a_key_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, mode: int, reason: str) -> None:
    """One line, with what to do."""
    file = tmp_path / "publish.key"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    refused = command("publish", "--to", tmp_path / "web", "--key", file)
    assert refused.returncode == 1
    assert reason in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_the_released_model_is_published_with_one_command(tmp_path: Path) -> None:
    """Archive and channel; the golden faces are read as what they show."""
    key, web = tmp_path / "publish.key", tmp_path / "web"
    assert command("key", key).returncode == 0
    done = command("publish", "--to", web, "--key", key, "--notes", "reads disgust better", "--json")
    assert done.returncode == 0, done.stderr
    channel = json.loads(done.stdout)
    released = json.loads((RELEASED / "model.json").read_text())
    assert (channel["model"], channel["sequence"], channel["notes"]) == (released["id"], 1, "reads disgust better")
    assert sorted(path.name for path in web.iterdir()) == sorted([channel["bundle"]["file"], "latest.json"])
    with zipfile.ZipFile(web / channel["bundle"]["file"]) as packed:
        answers = json.loads(packed.read("golden.json"))["crops"]
        listed = said(packed.read("manifest.json"))["files"]
        assert sorted(listed) == sorted(name for name in packed.namelist() if name != "manifest.json")
    for answer in answers:
        best = max(range(7), key=answer["scores"].__getitem__)
        assert answer["file"] == f"{released['labels'][best]}.png"


def test_the_same_network_is_the_same_archive_whenever_it_is_made(publisher: Publisher) -> None:
    """So that publishing twice is no news for who has it."""
    first = publisher.publish(publisher.model("second"), now=datetime(2026, 2, 1, tzinfo=UTC))
    before = publisher.shelf.get(first["bundle"]["file"])
    second = publisher.publish(publisher.model("second"), now=datetime(2026, 3, 1, tzinfo=UTC))
    assert second["bundle"] == first["bundle"]
    assert publisher.shelf.get(second["bundle"]["file"]) == before
    assert (first["sequence"], second["sequence"]) == (1, 2)


def test_another_network_of_the_same_name_is_refused(publisher: Publisher) -> None:
    """Devices know networks by their ids: who has the first would never fetch the second."""
    publisher.publish(publisher.model("second"))
    changed = publisher.model("second", lambda described: described["outputs"]["crowd"].update(temperature=2.0))
    with pytest.raises(PublishError, match="second is published already, with another content"):
        publisher.publish(changed)
    assert said(publisher.shelf.get("latest.json"))["sequence"] == 1


def test_renewing_says_the_same_for_longer(publisher: Publisher) -> None:
    """Devices stop believing what nobody renews."""
    first = publisher.publish(publisher.model("second"), now=datetime(2026, 2, 1, tzinfo=UTC), days=30)
    later = datetime(2026, 2, 20, tzinfo=UTC)
    renewed = publishing.renew(publisher.shelf, [publisher.key], timedelta(days=30), now=later)
    changed = {name for name in first if first[name] != renewed[name]}
    assert changed == {"sequence", "published_at", "expires_at"}
    assert renewed["expires_at"] == "2026-03-22T00:00:00Z"


def test_nothing_is_renewed_where_nothing_is(publisher: Publisher) -> None:
    """A mistyped folder."""
    with pytest.raises(PublishError, match="publish a model first"):
        publishing.renew(publisher.shelf, [publisher.key], timedelta(days=30))


def test_somebody_elses_channel_is_left_alone(publisher: Publisher, tmp_path: Path) -> None:
    """Their devices would stop believing it."""
    publisher.publish(publisher.model("second"))
    before = publisher.shelf.get("latest.json")
    with pytest.raises(PublishError, match="was signed by another key"):
        publishing.publish(publisher.shelf, RELEASED, GOLDEN, [keys.make(tmp_path / "other.key")], TERMS)
    publisher.shelf.put("latest.json", b"<html></html>")
    with pytest.raises(PublishError, match="is no file of 'howsitgoing-models publish'"):
        publishing.publish(publisher.shelf, RELEASED, GOLDEN, [publisher.key], TERMS)
    assert before is not None


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (publishing.Terms("newest", timedelta(days=1)), "a version such as 0.1.0"),
        (publishing.Terms("0.1", timedelta(days=1), "x" * 256), "at most 255 are shown"),
    ],
    ids=["version", "notes"],
)
def test_terms_that_devices_would_not_read_are_refused(publisher: Publisher, terms: publishing.Terms, reason: str) -> None:
    """Here, rather than on every device."""
    with pytest.raises(PublishError, match=reason):
        publishing.publish(publisher.shelf, RELEASED, GOLDEN, [publisher.key], terms)
    assert publisher.shelf.get("latest.json") is None


@pytest.mark.parametrize("name", ["../evil", "a/b", "", " "])
def test_an_id_that_is_no_file_name_is_refused(publisher: Publisher, name: str) -> None:
    """It becomes a folder on devices."""
    model = publisher.model("second", lambda described: described.update(id=name))
    with pytest.raises(Exception, match=r"cannot be a file's name|holds no usable model"):
        publisher.publish(model)


def test_a_missing_golden_face_is_named(publisher: Publisher, tmp_path: Path) -> None:
    """And with it the command that makes them."""
    with pytest.raises(PublishError, match="'howsitgoing-models golden' makes the golden pictures"):
        publishing.publish(publisher.shelf, RELEASED, tmp_path, [publisher.key], TERMS)


def test_a_folder_that_cannot_be_written_is_named(publisher: Publisher, tmp_path: Path) -> None:
    """A full disk likewise; then nothing points to what is not there."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PublishError, match="file"):
        publishing.publish(FolderShelf(tmp_path / "file" / "web"), RELEASED, GOLDEN, [publisher.key], TERMS)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """Storage, as far as its emulator is it."""
    with emulators(tmp_path_factory.mktemp("cloud")) as both:
        yield both


@pytest.fixture
def strict(cloud: Emulators, monkeypatch: pytest.MonkeyPatch) -> Iterator[StrictStorage]:
    """The emulator, with the preconditions that it leaves out."""
    with strict_storage(cloud.storage_server.url) as server:
        monkeypatch.setitem(os.environ, "STORAGE_EMULATOR_HOST", server.url)
        yield server


@pytest.mark.usefixtures("strict")
def test_a_bucket_holds_the_same_as_a_folder(publisher: Publisher) -> None:
    """Twice, and each time whole."""
    bucket = shelf(f"gs://{BUCKET}/models/hat")
    assert isinstance(bucket, BucketShelf)
    publisher.publish(publisher.model("first"))
    publishing.publish(bucket, publisher.model("first"), GOLDEN, [publisher.key], TERMS)
    done = publishing.publish(bucket, publisher.model("second"), GOLDEN, [publisher.key], TERMS)
    assert done["sequence"] == 2
    assert said(bucket.get("latest.json")) == done
    packed = bucket.get(done["bundle"]["file"])
    assert packed is not None
    with zipfile.ZipFile(io.BytesIO(packed)) as found:
        assert archive.MANIFEST_FILE in found.namelist()


@pytest.mark.usefixtures("strict")
def test_of_two_publishers_at_once_one_is_told(publisher: Publisher) -> None:
    """The channel that the second one read is not the one that is there by now."""
    address = f"gs://{BUCKET}/at-once"
    slow = BucketShelf(address)
    assert slow.get("latest.json") is None
    publishing.publish(BucketShelf(address), publisher.model("first"), GOLDEN, [publisher.key], TERMS)
    with pytest.raises(PublishError, match=r"somebody else has just published latest\.json"):
        slow.put("latest.json", b"mine")
    assert said(BucketShelf(address).get("latest.json"))["model"] == "first"
