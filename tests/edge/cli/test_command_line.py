"""What every command promises: quick help, exit codes, one line for a mistake, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import COMMAND, howsitgoing

HEAVY = (
    "cv2",
    "numpy",
    "paho",
    "pydantic",
    "pydantic_settings",
    "amqtt",
    "ai_edge_litert",
    "tflite_runtime",
    "psutil",
    "asyncio",
    "awscrt",
    "httpx",
    "jwt",
    "cryptography",
    "sqlite3",
)


def test_help_loads_nothing_heavy() -> None:
    """On a Pi each of these costs up to a second, and completion in the shell asks at each press of Tab."""
    code = (
        "import sys; sys.argv = ['howsitgoing', '--help']\n"
        "from howsitgoing_edge.cli import main\n"
        "try: main()\n"
        f"finally: print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["run"],
        ["doctor"],
        ["setup"],
        ["bench"],
        ["config", "show"],
        ["models", "pull"],
        ["service", "install"],
        ["aws", "join"],
        ["bridge", "config"],
        ["cloud"],
        ["cloud", "join"],
    ],
    ids=lambda words: "-".join(words) or "all",
)
def test_every_command_explains_itself(words: list[str]) -> None:
    """The help is the manual that is at hand."""
    done = howsitgoing(*words, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert done.stderr == ""


def test_the_version_is_told() -> None:
    """The first thing anybody asks who is to help."""
    done = howsitgoing("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "howsitgoing")


MISTAKES = {
    "no-such-command": (["fly"], "No such command"),
    "no-such-flag": (["run", "--sauce", "0"], "No such option"),
    "flag-without-value": (["run", "--source"], "requires an argument"),
    "no-such-level": (["run", "--log-level", "loud"], "is not one of"),
    "no-such-mode": (["run", "--speech", "loud"], "--speech 'loud': must be one of changes, alerts, on_request, tones, off"),
    "no-such-config": (["run", "--config", "/nonexistent.toml"], "/nonexistent.toml: there is no such file"),
    "password-in-address": (["run", "--mqtt", "mqtt://me:pw@hub"], "set HOWSITGOING_MQTT__PASSWORD instead"),
    "no-broker-address": (["run", "--mqtt", "http://hub"], "must be like broker.local"),
    "impossible-port": (["run", "--mqtt", "hub:99999"], "--mqtt hub:99999:"),
    "no-such-user": (["service", "install", "--system", "--as", "no-such-user"], "there is no such user"),
}


@pytest.mark.parametrize(("words", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_wrong_usage_is_exit_code_2_with_a_line_that_helps(words: list[str], line: str) -> None:
    """A service manager must not start again what cannot work (RestartPreventExitStatus=2)."""
    done = howsitgoing(*words)
    assert done.returncode == 2
    assert line in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_configuration_is_exit_code_2_with_a_line_each(tmp_path: Path) -> None:
    """Without the word traceback, whatever stands in the file."""
    file = tmp_path / "config.toml"
    file.write_text("[camera]\nfps = 0\n[mqtt]\nport = 'x'\n")
    done = howsitgoing("config", "check", "--config", str(file))
    assert done.returncode == 2
    assert [line.split("] ")[1].split(" ")[0] for line in done.stderr.splitlines()] == ["fps", "port"]


def test_debug_shows_where_a_mistake_arose(tmp_path: Path) -> None:
    """For those who mend the program."""
    done = howsitgoing("--debug", "config", "show", "--config", str(tmp_path / "absent"))
    assert "Traceback" in done.stderr
    assert done.returncode == 1


def test_a_reader_that_leaves_early_is_no_error() -> None:
    """``howsitgoing config show --all | head -1``."""
    pipe = f"{' '.join(COMMAND)} config show --all | head -1"
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "# Who this device is.\n"
    assert done.stderr == ""


def test_config_show_works_without_a_home() -> None:
    """Under a service manager there may be none."""
    done = howsitgoing("config", "show", environment={"HOME": None})
    assert done.returncode == 0
    assert "[camera]" in done.stdout


def test_config_check_reads_the_files_for_the_broker(tmp_path: Path) -> None:
    """Found here rather than at night."""
    file = tmp_path / "config.toml"
    file.write_text("[mqtt]\nhost = 'hub'\n[mqtt.tls]\nca_file = '/nonexistent.pem'\n")
    done = howsitgoing("config", "check", "--config", str(file))
    assert done.returncode == 2
    assert "mqtt.tls.ca_file /nonexistent.pem: cannot be read" in done.stderr


def test_config_check_says_which_file_is_right(tmp_path: Path) -> None:
    """There are several places a file could be in."""
    file = tmp_path / "config.toml"
    file.write_text("[camera]\nfps = 5\n")
    done = howsitgoing("config", "check", "--config", str(file))
    assert (done.returncode, done.stdout) == (0, f"{file}: all right\n")
