"""What waits to be sent outlives whatever happens to a device: a kill, a full disk, a damaged card, weeks without network."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.samples import jpeg, sample

from howsitgoing_edge.cloud import contents
from howsitgoing_edge.cloud.limits import DAY, Limits
from howsitgoing_edge.cloud.outbox import FILE_NAME, Outbox, Parcel
from howsitgoing_edge.contract import Sample
from howsitgoing_edge.errors import StorageError

NOW = 1_800_000_000.0


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@contextmanager
def _opened(folder: Path, size: int = 10_000_000, clock: Clock | None = None) -> Iterator[Outbox]:
    outbox = Outbox(folder, Limits(size), clock or Clock())
    try:
        yield outbox
    finally:
        outbox.close()


def _all(outbox: Outbox) -> list[Parcel]:
    """In order."""
    parcels, after = [], 0
    while (parcel := outbox.next(after)) is not None and parcel.seq > after:
        parcels.append(parcel)
        after = parcel.seq
    return parcels


def _fill(outbox: Outbox, count: int) -> None:
    for number in range(1, count):
        outbox.put(sample(number, jpeg(number)), jpeg(number))


def test_what_is_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    """Word for word, and the picture byte for byte."""
    kept = sample(1, jpeg())
    with _opened(tmp_path) as outbox:
        outbox.put(kept, jpeg())
    with _opened(tmp_path) as outbox:
        (parcel,) = _all(outbox)
        assert (Sample.from_json(parcel.event), parcel.face, parcel.thinned) == (kept, jpeg(), False)


def test_it_is_written_through_to_the_disk(tmp_path: Path) -> None:
    """WAL with synchronous=FULL: what `put` has returned from survives a power cut. The connection itself is asked."""
    with _opened(tmp_path) as outbox:
        outbox.put(sample(), None)
        db = outbox.store._open
        assert db is not None
        asked = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")}
        assert asked == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1


def test_others_on_the_machine_cannot_read_it(tmp_path: Path) -> None:
    """There are faces in it, also in the files that SQLite puts beside it."""
    with _opened(tmp_path / "new") as outbox:
        outbox.put(sample(), jpeg())
        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()}
    assert set(modes) == {FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"}
    assert set(modes.values()) == {0o600}


def test_the_same_sample_is_kept_once(tmp_path: Path) -> None:
    """However often somebody hands it over."""
    with _opened(tmp_path) as outbox:
        one = sample()
        outbox.put(one, None)
        outbox.put(one, None)
        assert outbox.contents().waiting == 1


def test_pictures_go_first_and_the_oldest_first(tmp_path: Path) -> None:
    """Words are small and tell most; the newest are worth most."""
    size = len(jpeg(0)) + len(sample(0, jpeg(0)).to_json())
    with _opened(tmp_path, size=5 * size + size // 2) as outbox:
        for number in range(8):
            outbox.put(sample(number, jpeg(0)), jpeg(0))
        parcels = _all(outbox)
        assert [Sample.from_json(parcel.event).track for parcel in parcels] == list(range(8))
        assert [parcel.face is None for parcel in parcels] == [True] * 3 + [False] * 5
        assert (outbox.shed.samples, outbox.shed.pictures) == (0, 3)
        assert outbox.contents().size <= 5 * size + size // 2
        assert [parcel.thinned for parcel in parcels[:4]] == [True, True, True, False]


def test_without_pictures_left_the_oldest_words_go(tmp_path: Path) -> None:
    """A device that is offline for a year must not fill its card."""
    size = len(sample(0).to_json())
    with _opened(tmp_path, size=10 * size + size // 2) as outbox:
        for number in range(30):
            outbox.put(sample(number), None)
        tracks = [Sample.from_json(parcel.event).track for parcel in _all(outbox)]
        assert tracks == list(range(30 - len(tracks), 30))
        assert len(tracks) in {9, 10, 11}  # a track of two digits is a byte longer
        assert outbox.shed.samples == 30 - len(tracks)


def test_after_a_week_the_picture_goes_and_after_a_month_the_words(tmp_path: Path) -> None:
    """Nobody expects a face of the spring to be sent in autumn."""
    clock = Clock()
    with _opened(tmp_path, clock=clock) as outbox:
        outbox.put(sample(0, jpeg()), jpeg())
        clock.now += 8 * DAY
        outbox.put(sample(1, jpeg()), jpeg())
        outbox.tidy()
        assert [parcel.face is None for parcel in _all(outbox)] == [True, False]
        clock.now += 23 * DAY
        outbox.tidy()
        assert [Sample.from_json(parcel.event).track for parcel in _all(outbox)] == [1]
        assert (outbox.shed.samples, outbox.shed.pictures) == (1, 2)


def test_what_was_refused_does_not_wait_and_does_not_stay_for_ever(tmp_path: Path) -> None:
    """It is kept to be looked at, under the same limits."""
    clock = Clock()
    with _opened(tmp_path, clock=clock) as outbox:
        outbox.put(sample(), jpeg())
        (parcel,) = _all(outbox)
        outbox.refuse(parcel, "no")
        assert (outbox.next(), outbox.contents().refused) == (None, 1)
        clock.now += 31 * DAY
        outbox.tidy()
        assert outbox.contents().refused == 0


def test_a_picture_that_nobody_agreed_to_is_not_kept_with_what_was_refused(tmp_path: Path) -> None:
    """The cloud says that there is no such consent: then nobody's face has any business here either."""
    with _opened(tmp_path) as outbox:
        outbox.put(sample(0, jpeg()), jpeg())
        (parcel,) = _all(outbox)
        outbox.refuse(parcel, "no consent", keep_picture=False)
        assert (outbox.contents().refused, outbox.contents().pictures) == (1, 0)
        assert contents.try_again(outbox.store) == 1
        assert outbox.contents().size == len(sample(0, jpeg()).to_json())


DAMAGE = {
    "cut-short": lambda content: content[: len(content) // 2],
    "overwritten": lambda content: content[:4096] + os.urandom(12_288) + content[16_384:],
    "something-else": lambda content: b"Dear diary, " * (len(content) // 12),
    "emptied-header": lambda content: bytes(100) + content[100:],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_put_aside_and_a_new_one_begun(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    """A worn memory card must not end the sending for good, and what is left may still be saved by somebody."""
    with _opened(tmp_path) as outbox:
        for number in range(20):
            outbox.put(sample(number, jpeg(number)), jpeg(number))
    file = tmp_path / FILE_NAME
    broken = DAMAGE[damage](file.read_bytes())
    file.write_bytes(broken)
    with _opened(tmp_path) as outbox:
        outbox.put(sample(77), None)
        assert [Sample.from_json(parcel.event).track for parcel in _all(outbox)] == [77]
    assert (tmp_path / f"{FILE_NAME}.broken").read_bytes()[100:] == broken[100:]
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("the outbox was unusable (")
    assert f"{FILE_NAME}.broken" in line


def test_damage_that_shows_only_while_it_runs_is_treated_alike(tmp_path: Path) -> None:
    """Cards fail on a Tuesday, not at the start."""
    with _opened(tmp_path) as outbox:
        for number in range(20):
            outbox.put(sample(number, jpeg(number)), jpeg(number))
        db = outbox.store._open
        assert db is not None
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with (tmp_path / FILE_NAME).open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom((tmp_path / FILE_NAME).stat().st_size - 4096))
        db.execute("PRAGMA shrink_memory")
        for number in range(100, 110):
            outbox.put(sample(number, jpeg(1)), jpeg(1))
        tracks = [Sample.from_json(parcel.event).track for parcel in _all(outbox)]
        assert tracks == list(range(100, 110))


def test_a_damaged_file_with_faces_does_not_stay_for_ever(tmp_path: Path) -> None:
    """It is as private as the one that works."""
    aside = tmp_path / f"{FILE_NAME}.broken"
    aside.write_bytes(jpeg())
    os.utime(aside, (NOW - 6 * DAY, NOW - 6 * DAY))
    clock = Clock()
    with _opened(tmp_path, clock=clock) as outbox:
        outbox.tidy()
        assert aside.exists()
        clock.now += 2 * DAY
        outbox.tidy()
        assert not aside.exists()


def test_the_outbox_of_a_newer_version_is_put_aside_too(tmp_path: Path) -> None:
    """After a step back to an older version nothing is misread, and nothing thrown away."""
    with _opened(tmp_path) as outbox:
        outbox.put(sample(), None)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()
    with _opened(tmp_path) as outbox:
        outbox.put(sample(), None)
        assert outbox.contents().waiting == 1
    assert (tmp_path / f"{FILE_NAME}.broken").exists()


@contextmanager
def _full_disk(room: int) -> Iterator[None]:
    """No file of this process may grow beyond ``room`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_the_newest_alone_and_is_told(tmp_path: Path) -> None:
    """What was kept before is still there and can be sent; once there is room it goes on by itself."""
    with _opened(tmp_path) as outbox:
        outbox.put(sample(0), None)
        with _full_disk(150_000):
            with pytest.raises(StorageError, match="look at the disk"):
                _fill(outbox, 100)
            kept = outbox.contents().waiting - 1
            assert 0 < kept < 99
            first = outbox.next()
            assert first is not None
        outbox.done(first)
        outbox.put(sample(200), None)
        tracks = [Sample.from_json(parcel.event).track for parcel in _all(outbox)]
        assert tracks == [*range(1, kept + 1), 200]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """With the reason, for whoever set up the disk."""
    (tmp_path / "state").write_text("a file, not a folder")
    with _opened(tmp_path / "state") as outbox, pytest.raises(StorageError, match=os.strerror(errno.EEXIST)):
        outbox.put(sample(), None)


def test_what_is_done_is_that_sample_and_no_later_one(tmp_path: Path) -> None:
    """Somebody erases everything while a sample is on its way, and the next one takes its place in the file."""
    with _opened(tmp_path) as outbox:
        outbox.put(sample(1), None)
        (on_its_way,) = _all(outbox)
        assert contents.erase_all(outbox.store) == 1
        outbox.put(sample(2), None)
        outbox.done(on_its_way)
        outbox.refuse(on_its_way, "no")
        (left,) = _all(outbox)
        assert (Sample.from_json(left.event).track, left.seq) == (2, on_its_way.seq)


def test_two_processes_may_use_it_at_once(tmp_path: Path) -> None:
    """The agent sends while somebody looks at the status or erases."""
    with _opened(tmp_path) as agents, _opened(tmp_path) as peoples:
        agents.put(sample(), jpeg())
        assert peoples.contents().waiting == 1
        assert contents.erase_all(peoples.store) == 1
        assert agents.next() is None
        agents.put(sample(1), None)
        assert peoples.contents().waiting == 1


def test_of_what_was_sent_no_picture_is_left_on_the_disk(tmp_path: Path) -> None:
    """Neither in unused parts of the file nor in what SQLite keeps beside it: a card is sold, lost, or thrown away."""
    with _opened(tmp_path) as outbox:
        _fill(outbox, 9)
        for parcel in _all(outbox):
            outbox.done(parcel)
        outbox.tidy()
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert [number for number in range(1, 9) if jpeg(number)[200:260] in left] == []


def test_an_emptied_outbox_gives_its_space_back(tmp_path: Path) -> None:
    """After a long time offline the card is needed for other things."""
    with _opened(tmp_path) as outbox:
        for number in range(200):
            outbox.put(sample(number, jpeg(number % 9)), jpeg(number % 9))
        largest = (tmp_path / FILE_NAME).stat().st_size
        for parcel in _all(outbox):
            outbox.done(parcel)
        outbox.tidy()
    assert (tmp_path / FILE_NAME).stat().st_size < largest / 4
