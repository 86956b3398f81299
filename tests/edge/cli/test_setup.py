"""A few questions make a configuration file that is right."""

from __future__ import annotations

import tomllib
from pathlib import Path

from support.commands import howsitgoing


def _answers(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_pressing_enter_throughout_gives_a_file_that_works(own_home: Path) -> None:
    """Who does not know better gets what fits most."""
    done = howsitgoing("setup", "--no-search", stdin=_answers(*[""] * 9))
    file = own_home / ".config/howsitgoing/config.toml"
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(file.read_text())["camera"] == {"source": "auto"}
    assert howsitgoing("config", "check").stdout == f"{file}: all right\n"


def test_the_answers_stand_in_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    """It may hold the broker's password."""
    file = tmp_path / "new" / "config.toml"
    typed = _answers("Anna's hat", "rtsp://cam/1", "hub.local", "anna", 'pass"word', "de", "tones")
    done = howsitgoing("setup", "--no-search", "--config", str(file), stdin=typed)
    assert done.returncode == 0, done.stderr
    content = tomllib.loads(file.read_text())
    assert content == {
        "device": {"name": "Anna's hat"},
        "camera": {"source": "rtsp://cam/1"},
        "mqtt": {"host": "hub.local", "username": "anna", "password": 'pass"word'},
        "speech": {"language": "de", "mode": "tones"},
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert 'pass"word' not in done.stdout


def test_a_number_out_of_range_is_asked_again(tmp_path: Path) -> None:
    """And not taken for the name of a camera."""
    done = howsitgoing("setup", "--no-search", "--config", str(tmp_path / "c.toml"), stdin=_answers("", "99", "1", *[""] * 6))
    assert done.returncode == 0
    assert "please" in done.stdout


def test_an_impossible_answer_changes_nothing(tmp_path: Path) -> None:
    """The old file is worth more than a broken new one."""
    file = tmp_path / "config.toml"
    file.write_text("[camera]\nfps = 5\n")
    done = howsitgoing("setup", "--no-search", "--config", str(file), stdin=_answers("y", "x" * 99, *[""] * 6))
    assert done.returncode == 2
    assert "must be a text of at most 60 characters" in done.stderr
    assert file.read_text() == "[camera]\nfps = 5\n"
    assert list(tmp_path.iterdir()) == [file]


def test_an_existing_file_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    """Somebody may have spent an evening on it."""
    file = tmp_path / "config.toml"
    file.write_text("[camera]\nfps = 5\n")
    assert howsitgoing("setup", "--no-search", "--config", str(file), stdin=_answers("y", *[""] * 7)).returncode == 0
    assert (tmp_path / "config.toml.old").read_text() == "[camera]\nfps = 5\n"


def test_without_anybody_to_answer_nothing_is_written(own_home: Path) -> None:
    """In a script, standard input is empty."""
    done = howsitgoing("setup", "--no-search")
    assert done.returncode == 1
    assert not list(own_home.rglob("*.toml*"))


def test_without_a_home_a_file_must_be_named() -> None:
    """There is no place it could go."""
    done = howsitgoing("setup", "--no-search", environment={"HOME": None})
    assert (done.returncode, done.stderr) == (
        1,
        "howsitgoing: there is no HOME to put a configuration file in: name one with --config\n",
    )
