"""``howsitgoing cloud``: in a few words to a shared dataset, in fewer words out of it again."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import COMMAND, howsitgoing
from support.receiver import Receiver
from support.samples import jpeg, sample
from support.waiting import until

from howsitgoing_edge.cloud.limits import Limits
from howsitgoing_edge.cloud.outbox import Outbox

DEVICE = "hat-1"


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device's name."""
    monkeypatch.setenv("HOWSITGOING_DEVICE__ID", DEVICE)


@pytest.fixture
def key() -> str:
    """Of this device, as it tells it."""
    return howsitgoing("cloud", "key").stdout.strip()


@pytest.fixture
def cloud(key: str) -> Iterator[Receiver]:
    """Knows this device."""
    with Receiver(DEVICE, key) as receiver:
        yield receiver


@pytest.fixture
def state(own_home: Path) -> Path:
    """Where the device keeps things."""
    return own_home / ".local/state/howsitgoing"


@pytest.fixture
def settings_file(own_home: Path) -> Path:
    """The user's."""
    return own_home / ".config/howsitgoing/config.toml"


def _fill(state: Path, count: int) -> None:
    outbox = Outbox(state, Limits(10_000_000))
    for number in range(count):
        outbox.put(sample(number, jpeg(number)), jpeg(number))
    outbox.close()


def test_joining_writes_what_the_agent_needs(cloud: Receiver, settings_file: Path) -> None:
    """And prints what the operator runs, word for word."""
    done = howsitgoing("cloud", "join", cloud.url, "--share", "faces", "--consent", "C-7")
    assert done.returncode == 0, done.stderr
    assert f"howsitgoing-cloud devices add hat-1 --key {cloud.keys[DEVICE]} --consent faces --reference C-7" in done.stdout
    assert tomllib.loads(settings_file.read_text())["cloud"] == {"share": "faces", "url": cloud.url, "consent": "C-7"}
    assert howsitgoing("config", "check").returncode == 0


def test_joining_waits_for_the_operator(cloud: Receiver, settings_file: Path) -> None:
    """Two people, two places: the one need not call the other to try again."""
    known, cloud.keys = cloud.keys, {}
    joining = subprocess.Popen(
        [*COMMAND, "cloud", "join", cloud.url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    until(lambda: cloud.answers[401] >= 1, 30)
    assert not settings_file.exists()
    cloud.keys = known
    said, _ = joining.communicate(timeout=30)
    assert joining.returncode == 0
    assert said.count("waiting: the cloud does not know hat-1 yet") == 1, "once, not at each try"
    assert tomllib.loads(settings_file.read_text())["cloud"]["share"] == "moods"


REFUSALS = {
    "audience": "set cloud.audience",
    "revoked": "has revoked hat-1",
    "key": "knows another key of hat-1",
    "consent": "but not the consent C-7 to share faces",
    "nobody-there": "cannot be reached",
    "unknown": "does not know hat-1 yet",
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refused_join_says_why_and_changes_nothing(cloud: Receiver, settings_file: Path, case: str) -> None:
    """The clock, the address, the key and the consent go wrong in different hands."""
    url = cloud.url
    if case == "audience":
        cloud.audience = "https://elsewhere"
    elif case == "revoked":
        cloud.revoked.add(DEVICE)
    elif case == "key":
        cloud.keys[DEVICE] = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
    elif case == "consent":
        cloud.consent = {"scope": "faces", "references": ["C-1"]}
    elif case == "nobody-there":
        url = "http://127.0.0.1:1"
    else:
        cloud.keys.clear()
    done = howsitgoing("cloud", "join", url, "--share", "faces", "--consent", "C-7", "--minutes", "0")
    assert (done.returncode, REFUSALS[case] in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr
    assert not settings_file.exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["join", "http://cloud.example"], "must begin with https://"),
        (["join", "https://me:secret@cloud.example"], "without a password"),
        (["join", "https://cloud.example", "--share", "faces"], "needs consent"),
        (["join", "https://cloud.example", "--share", "faces", "--consent", "Jane Doe"], "never a person's name"),
        (["share", "moods"], "share needs url"),
    ],
    ids=["unencrypted", "password", "no-consent", "a-name", "no-url"],
)
def test_what_cannot_be_is_refused_at_once(words: list[str], line: str, settings_file: Path) -> None:
    """Before a key is made or anybody is asked."""
    done = howsitgoing("cloud", *words)
    assert (done.returncode, line in done.stderr) == (2, True), done.stderr
    assert "secret" not in done.stderr
    assert not settings_file.exists()


def test_the_key_is_made_once_and_for_its_owner_alone(key: str, state: Path) -> None:
    """It is the device's only proof of who it is; a copy of it would be as good."""
    assert key.startswith("MCowBQYDK2VwAyEA")
    assert howsitgoing("cloud", "key").stdout.strip() == key
    (file,) = state.glob("device_key.pem*")
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    done = howsitgoing("cloud", "key")
    assert (done.returncode, f"chmod 600 {file}" in done.stderr) == (1, True)


def test_sharing_nothing_stops_and_says_what_is_left(cloud: Receiver, settings_file: Path, state: Path) -> None:
    """Taking it back is one command, and nobody is left to believe that all is gone."""
    assert howsitgoing("cloud", "join", cloud.url, "--share", "faces", "--consent", "C-7").returncode == 0
    _fill(state, 3)
    done = howsitgoing("cloud", "share", "nothing")
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(settings_file.read_text())["cloud"]["share"] == "nothing"
    assert (state / "cloud-stopped").exists()
    assert "Still on this device: 3 samples; 'howsitgoing cloud erase-waiting'" in done.stdout
    assert "howsitgoing-cloud erase --device hat-1" in done.stdout
    assert "howsitgoing-cloud erase --consent C-7" in done.stdout
    erased = howsitgoing("cloud", "erase-waiting", "--yes")
    assert "Erased from this device: 3 samples." in erased.stdout
    left = b"".join(file.read_bytes() for file in state.glob("outbox*"))
    assert jpeg(1)[100:140] not in left, "not even in the unused parts of the file"


def test_nothing_is_erased_without_a_yes(state: Path) -> None:
    """A slip of the finger must not cost a day's samples."""
    _fill(state, 1)
    assert howsitgoing("cloud", "erase-waiting", stdin="n\n").returncode == 1
    assert "1 sample," in howsitgoing("cloud", "status", "--offline").stdout


def test_status_shows_what_waits_what_was_refused_and_the_connection(cloud: Receiver, state: Path) -> None:
    """Where nothing arrives, this is what people send to whoever helps them."""
    assert howsitgoing("cloud", "join", cloud.url, "--share", "faces", "--consent", "C-7").returncode == 0
    _fill(state, 2)
    outbox = Outbox(state, Limits(10_000_000))
    parcel = outbox.next()
    assert parcel is not None
    outbox.refuse(parcel, "Too large: at most 1 MB")
    outbox.close()
    done = howsitgoing("cloud", "status")
    assert done.returncode == 0, done.stderr
    for words in ("faces, by consent C-7", cloud.url, "lets this device in", "1 x Too large: at most 1 MB"):
        assert words in done.stdout
    shown = json.loads(howsitgoing("cloud", "status", "--json", "--offline").stdout)
    assert (shown["contents"]["waiting"], shown["contents"]["refused"], shown["contents"]["pictures"]) == (1, 1, 2)
    assert "To be sent again: 1 sample;" in howsitgoing("cloud", "retry").stdout
    cloud.keys.clear()
    asked = howsitgoing("cloud", "status")
    assert (asked.returncode, "howsitgoing-cloud devices add hat-1" in asked.stdout) == (1, True)


def test_a_setting_that_stands_elsewhere_is_named(cloud: Receiver, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    """Else somebody believes that nothing is shared, and at the next start it is again."""
    monkeypatch.setenv("HOWSITGOING_CLOUD__SHARE", "moods")
    monkeypatch.setenv("HOWSITGOING_CLOUD__URL", cloud.url)
    done = howsitgoing("cloud", "share", "nothing")
    assert (done.returncode, "HOWSITGOING_CLOUD__SHARE says otherwise" in done.stderr) == (2, True), done.stderr
    assert (state / "cloud-stopped").exists(), "until then it is stopped all the same"


def test_the_rest_of_the_file_stays_as_somebody_wrote_it(cloud: Receiver, settings_file: Path) -> None:
    """Comments are an evening's work."""
    settings_file.parent.mkdir(parents=True)
    before = "# mine\n[camera]\nfps = 5 # slow\n\n[cloud] # later\nshare = 'nothing'\noutbox_mb = 7\n[mqtt]\nhost = 'hub'\n"
    settings_file.write_text(before)
    assert howsitgoing("cloud", "join", cloud.url).returncode == 0
    assert settings_file.read_text() == before.replace("share = 'nothing'\n", f'share = "moods"\nurl = "{cloud.url}"\n')


def test_a_file_written_in_another_way_is_left_alone(cloud: Receiver, settings_file: Path) -> None:
    """Rather a line to put in by hand than a broken configuration."""
    settings_file.parent.mkdir(parents=True)
    settings_file.write_text("cloud = { outbox_mb = 7 }\n")
    done = howsitgoing("cloud", "join", cloud.url)
    assert (done.returncode, 'share = "moods"' in done.stderr) == (2, True), done.stderr
    assert settings_file.read_text() == "cloud = { outbox_mb = 7 }\n"


def test_a_file_that_may_not_be_written_is_told_with_the_lines_for_it(cloud: Receiver, settings_file: Path) -> None:
    """A service's settings belong to root, its key to the service's own user."""
    settings_file.parent.mkdir(parents=True)
    (settings_file.parent / "config.toml.new").mkdir()  # also root cannot write there
    done = howsitgoing("cloud", "join", cloud.url)
    assert (done.returncode, "cannot be written" in done.stderr, 'share = "moods"' in done.stderr) == (1, True, True), (
        done.stderr
    )
    assert not settings_file.exists()
