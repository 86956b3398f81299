"""The whole cloud side on one machine, as docs/cloud.md walks through it: serve, devices, samples, dashboard, erase."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from support.blynk.server import BlynkStandIn
from support.senders import Sender, jpeg, now_rfc3339, sample
from support.serving import Cloud, run_cloud, serving
from support.waiting import until
from typer.main import get_command

from howsitgoing_cloud.cli import app

NO_CLOUD = dict.fromkeys(("HOWSITGOING_CLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"))


@pytest.fixture
def blynk() -> Iterator[BlynkStandIn]:
    with BlynkStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def cloud(blynk: BlynkStandIn, own_home: Path) -> Iterator[Cloud]:
    assert own_home
    with serving("--blynk-server", blynk.web_address) as running:
        yield running


def _add(hat: Sender, *more: str) -> subprocess.CompletedProcess[str]:
    return run_cloud("devices", "add", hat.device_id, "--key", hat.public_key, *more, "--local")


def test_from_nothing_to_the_carers_dashboard_and_back_to_nothing(cloud: Cloud, blynk: BlynkStandIn) -> None:
    """Every step of the page, by the commands that it names; and nothing is left running afterwards."""
    secret = Path(cloud.environment["HOWSITGOING_CLOUD_SECRETS_FOLDER"]) / "blynk-hat-1"
    secret.touch(mode=0o600)
    secret.write_text(blynk.token)
    hat = Sender(audience=cloud.url)
    added = _add(hat, "--consent", "faces", "--reference", "C-2026-014", "--blynk-secret", "blynk-hat-1")
    assert (added.returncode, added.stdout) == (0, "hat-1 is registered, and may send faces (C-2026-014).\n"), added.stderr
    face = jpeg()
    assert hat.post(cloud.url, sample(face), face).status_code == 201
    blynk.wait_for(lambda: blynk.values.get("V2") == "looks happy")
    assert blynk.values["V1"] == 3
    old = sample(emotion="sad", noticed_at=now_rfc3339(60), changed_at=now_rfc3339(60))
    newer = sample(emotion="surprise")
    assert [hat.post(cloud.url, one).status_code for one in (old, newer)] == [201, 201]
    blynk.wait_for(lambda: blynk.values.get("V2") == "looks surprised")
    erased = run_cloud("erase", "--device", "hat-1", "--yes", "--json", "--local")
    assert erased.returncode == 0, erased.stderr
    assert json.loads(erased.stdout) | {"until": ""} == {
        "kind": "device",
        "value": "hat-1",
        "until": "",
        "samples": 3,
        "crops": 1,
        "done": True,
    }
    assert run_cloud("devices", "revoke", "hat-1", "--local").returncode == 0
    assert hat.post(cloud.url, sample()).json()["code"] == "revoked"
    listed = json.loads(run_cloud("devices", "list", "--json", "--local").stdout)
    assert [(one["device_id"], one["revoked_at"] is not None) for one in listed] == [("hat-1", True)]
    logs = "".join(path.read_text() for path in secret.parent.parent.glob("*.log"))
    assert blynk.token not in logs
    assert "looks happy" not in logs


def test_a_crop_goes_with_its_sample(cloud: Cloud) -> None:
    """The emulator sends no events: serve delivers them."""
    hat = Sender(audience=cloud.url)
    _add(hat, "--consent", "faces")
    face = jpeg()
    event = sample(face)
    assert hat.post(cloud.url, event, face).status_code == 201
    storage = f"{cloud.environment['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud.environment['HOWSITGOING_CLOUD_BUCKET']}/o"
    assert len(httpx.get(storage).json()["items"]) == 1
    project = cloud.environment["HOWSITGOING_CLOUD_PROJECT"]
    documents = f"http://{cloud.environment['FIRESTORE_EMULATOR_HOST']}/v1/projects/{project}/databases/(default)/documents"
    gone = httpx.delete(f"{documents}/samples/{event['id']}", headers={"Authorization": "Bearer owner"})
    assert gone.status_code == 200
    until(lambda: not httpx.get(storage).json().get("items"), within=30)


def test_ending_it_ends_all_of_it(cloud: Cloud) -> None:
    """A forgotten emulator holds 200 MB."""
    family = psutil.Process(cloud.process.pid).children(recursive=True)
    assert len(family) >= 5
    cloud.process.send_signal(signal.SIGINT)
    assert cloud.process.wait(30) == 0
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    assert run_cloud("devices", "list", "--local").returncode == 2


def test_a_part_that_dies_ends_it_with_a_line(cloud: Cloud) -> None:
    """Half a cloud would look as if it worked."""
    family = psutil.Process(cloud.process.pid).children()
    java = next(child for child in family if "java" in child.name())
    java.kill()
    assert cloud.process.wait(30) == 1
    assert cloud.process.stderr
    assert "the Firestore emulator has ended" in cloud.process.stderr.read()


def test_a_taken_port_is_one_line(own_home: Path) -> None:
    """Most of all by another serve."""
    assert own_home
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = run_cloud("serve", "--port", str(other.getsockname()[1]))
    assert done.returncode == 2
    assert "something else listens at port" in done.stderr
    assert len(done.stderr.splitlines()) == 1


WRONG = {
    "no cloud named": (["devices", "list"], "HOWSITGOING_CLOUD_PROJECT"),
    "nothing runs": (["devices", "list", "--local"], "start 'howsitgoing-cloud serve'"),
    "erase nothing": (["erase", "--yes", "--local"], "either --device ID or --consent NUMBER"),
    "erase both": (["erase", "--device", "a", "--consent", "b", "--local"], "either --device ID or --consent NUMBER"),
    "a person's name": (
        ["devices", "add", "hat-1", "--key", "x", "--reference", "Jane Doe", "--local"],
        "never a person's name",
    ),
    "a token as name": (["devices", "add", "hat-1", "--key", "x", "--blynk-secret", "a b", "--local"], "not the token"),
    "a path as device": (["devices", "revoke", "../x", "--local"], "must be 1 to 32"),
}


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_one_line_and_two(own_home: Path, words: list[str], says: str) -> None:
    """It says what to do, before anything is done."""
    assert own_home
    done = run_cloud(*words, environment=NO_CLOUD)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.startswith("howsitgoing-cloud: ")
    assert len(done.stderr.splitlines()) == 1


def test_keys_and_names_are_looked_at(cloud: Cloud) -> None:
    """A key that was cut off while copying would lock the device out without a word."""
    hat = Sender(audience=cloud.url)
    private = run_cloud("devices", "add", "hat-1", "--key", "-----BEGIN PRIVATE KEY-----", "--local")
    assert "never leaves the device" in private.stderr
    cut = run_cloud("devices", "add", "hat-1", "--key", hat.public_key[:-5], "--local")
    assert (cut.returncode, "is not an Ed25519 public key" in cut.stderr) == (2, True)
    assert _add(hat).stdout == "hat-1 is registered, and may send nothing yet.\n"
    again = _add(hat)
    assert (again.returncode, "--replace" in again.stderr) == (1, True)
    assert _add(Sender(), "--replace", "--consent", "moods").returncode == 0
    assert "hat-1" in run_cloud("devices", "list", "--local").stdout
    assert run_cloud("devices", "revoke", "nobody", "--local").returncode == 2
    assert run_cloud("erase", "--device", "hat-1", "--local").returncode == 2, "it asks, and there is nobody to answer"
    assert json.loads(run_cloud("sweep", "--json", "--local").stdout) == {"crops_seen": 0, "orphans": 0, "expired": 0}


def _commands(command: Any, path: str = "howsitgoing-cloud") -> Iterator[tuple[str, Any]]:  # noqa: ANN401  click's
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{path} {name}")


@pytest.mark.parametrize(
    ("path", "command"), list(_commands(get_command(app))), ids=lambda given: given if isinstance(given, str) else ""
)
def test_help_explains_every_command_and_option(path: str, command: Any) -> None:  # noqa: ANN401
    """It is what people read first."""
    assert command.help, path
    for parameter in command.params:
        assert len(parameter.help or "") >= 8, f"{path}: {parameter.name}"


def test_help_is_shown() -> None:
    """By the installed command itself, and of the order of a second."""
    done = run_cloud("erase", "--help")
    assert done.returncode == 0
    assert "a consent that was erased never counts again" in " ".join(done.stdout.split())
