"""What is fetched is kept whole, comes back after a restart, and gives way to the last good one."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from edge.update.conftest import Device
from support.publisher import Publisher

from howsitgoing_edge import networks
from howsitgoing_edge.errors import StorageError
from howsitgoing_edge.update.state import MOST_EXAMS, MOST_STARTS, State
from howsitgoing_edge.update.updater import Updater


class Never:
    """Pauses that nobody waits for."""

    def next(self) -> float:
        return 3600.0

    def reset(self) -> None:
        """Nothing to do."""


def started(device: Device) -> Updater:
    """As the agent makes it at its start; its thread does not run."""
    return networks.make_updater(
        device.settings, device.folder, pace=lambda: None, pauses=Never(), use=lambda _network: None, changed=lambda: None
    )


def install(publisher: Publisher, device: Device, name: str) -> Path:
    """Where it lies now; it has passed its trial."""
    publisher.publish(publisher.model(name))
    device.installer.install()
    device.store.change(State.passed)
    return device.store.path(name)


def test_a_restart_begins_with_the_network_that_was_fetched(publisher: Publisher, device: Device) -> None:
    """Switched off at night, it reads by the same one in the morning."""
    install(publisher, device, "second")
    assert started(device).network.id == "second"
    assert started(device).report is not None
    assert started(device).report.state == "current"


def test_nothing_fetched_is_the_network_that_came_with_the_program(device: Device) -> None:
    """And nothing is written for it: a memory card lives longer."""
    assert started(device).network.id == networks.load(device.settings, None).id
    assert not (device.folder / "models").exists()


@pytest.mark.parametrize("damage", ["model.tflite", "model.json", "folder"])
def test_a_damaged_network_gives_way_to_the_one_before(publisher: Publisher, device: Device, damage: str) -> None:
    """A worn card must not take away the wearer's aid; it is no fault of the network's, so it may be fetched again."""
    install(publisher, device, "second")
    place = install(publisher, device, "third")
    if damage == "folder":
        shutil.rmtree(place)
    else:
        (place / damage).write_bytes(b"half")
    assert started(device).network.id == "second"
    state = device.store.state
    assert (state.current, state.previous, state.refused) == ("second", None, {})
    assert device.installer.install() == "third"
    assert device.load(device.store.path("third")).id == "third"


def test_with_all_fetched_ones_damaged_the_program_has_its_own(publisher: Publisher, device: Device) -> None:
    """There is always one."""
    for name in ("second", "third"):
        install(publisher, device, name)
    for name in ("second", "third"):
        shutil.rmtree(device.store.path(name))
    assert started(device).network.id == networks.load(device.settings, None).id
    assert device.store.state.current is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"schema": 9}', b'{"schema": 1, "current": "../../x"}'])
def test_a_broken_state_is_put_aside(publisher: Publisher, device: Device, content: bytes) -> None:
    """Then the program's own network is used, and the next look begins anew."""
    install(publisher, device, "second")
    (device.store.folder / "state.json").write_bytes(content)
    assert started(device).network.id == networks.load(device.settings, None).id
    assert (device.store.folder / "state.json.broken").read_bytes() == content
    assert device.installer.install() == "second"


def test_a_network_that_ends_the_program_is_given_up(publisher: Publisher, device: Device) -> None:
    """A crash inside the runtime can't be caught; what is on trial gets so many starts and no more."""
    install(publisher, device, "second")
    publisher.publish(publisher.model("third"))
    device.installer.install()
    for _ in range(MOST_STARTS):
        assert started(device).network.id == "third"
    assert started(device).network.id == "second"
    assert "third" in device.store.state.refused
    assert started(device).newer is None


def test_a_self_test_that_ends_the_program_is_not_begun_again_and_again(publisher: Publisher, device: Device) -> None:
    """Else a device that updates by itself would crash at every start."""
    publisher.publish(publisher.model("second"))
    device.installer.look()
    for _ in range(MOST_EXAMS):
        device.store.change(lambda state: state.examined("second"))
        assert "second" not in device.store.state.refused
    started(device)
    assert "it ended the program in the self-test" in device.store.state.refused["second"]


def test_only_what_could_come_back_stays_on_the_disk(publisher: Publisher, device: Device) -> None:
    """Small cards fill up."""
    (device.store.folder / ".new-left").mkdir(parents=True)
    for name in ("second", "third", "fourth"):
        install(publisher, device, name)
    device.store.tidy()
    assert sorted(path.name for path in device.store.folder.iterdir() if path.is_dir()) == ["fourth", "third"]


def no_room(number: int) -> Callable[[int], None]:
    """What stands in for fsync: it is there that a full disk shows at last."""

    def fail(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_full_disk_changes_nothing(publisher: Publisher, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, the network in use stays, and with room again it goes on."""
    publisher.publish(publisher.model("second"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room(errno.ENOSPC))
        with pytest.raises(StorageError, match=r"No space left on device.*look at the disk"):
            device.installer.install()
    assert device.store.state == State()
    assert [path.name for path in device.store.folder.iterdir()] == [".lock"]
    assert device.installer.install() == "second"


def test_a_trial_that_cannot_be_counted_is_not_begun(
    publisher: Publisher, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that turned read-only: the network that did well before is used."""
    install(publisher, device, "second")
    publisher.publish(publisher.model("third"))
    device.installer.install()
    monkeypatch.setattr(os, "fsync", no_room(errno.EROFS))
    assert started(device).network.id == "second"


_KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from howsitgoing_edge import networks
from howsitgoing_edge.settings import EdgeSettings, ModelSettings
from howsitgoing_edge.update.store import ModelStore

url, key, before, cuts = sys.argv[1:]

def cut_before(number):
    left = [number]
    for name in ("fsync", "rename", "replace", "mkdir", "unlink"):
        def work(*arguments, real=getattr(os, name), **named):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)
        setattr(os, name, work)

for number in range(100):
    folder = shutil.copytree(before, f"{cuts}/{number}")
    child = os.fork()
    if not child:
        cut_before(number)
        settings = EdgeSettings(model=ModelSettings(updates="install", url=url, public_key=key))
        networks.make_installer(settings, ModelStore(Path(folder))).install()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(code, flush=True)
    if code != -signal.SIGKILL:
        break
"""


def test_a_power_cut_at_any_step_leaves_a_device_that_reads(publisher: Publisher, device: Device, tmp_path: Path) -> None:
    """Killed before each operation on the disk in turn: it has the old network or the new one, whole, and goes on."""
    install(publisher, device, "second")
    publisher.publish(publisher.model("third"))
    words = [sys.executable, "-c", _KILLED, device.url, device.key, str(device.folder), str(tmp_path / "cuts")]
    *killed, last = subprocess.run(words, capture_output=True, text=True, timeout=100, check=True).stdout.split()
    assert set(killed) == {str(-signal.SIGKILL)}
    assert last == "0"
    assert len(killed) > 10
    seen = set()
    for number in range(len(killed)):
        after = replace(device, folder=tmp_path / "cuts" / str(number))
        in_use = started(after).network.id
        seen.add(in_use)
        assert in_use == after.store.state.current
        if in_use == "second":
            assert after.installer.install() == "third"
        after.store.tidy()
        assert sorted(path.name for path in after.store.folder.iterdir() if path.is_dir()) == ["second", "third"]
    assert seen == {"second", "third"}


def test_a_device_that_is_switched_off_as_it_should_be_tries_on(publisher: Publisher, device: Device) -> None:
    """Days on which nobody comes by are no fault of the network's."""
    install(publisher, device, "second")
    publisher.publish(publisher.model("third"))
    device.installer.install()
    for _ in range(2 * MOST_STARTS):
        running = started(device)
        assert running.network.id == "third"
        running.close()
    assert device.store.state.on_trial
