"""The agent, a cloud side of its own and a stand-in for Blynk, all on this machine: ``make run CLOUD=1``.

What follows is handed to ``howsitgoing run``. Nothing leaves the machine, and nothing of it is left afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

HOME: Final = Path(__file__).resolve().parent.parent
EDGE: Final = [sys.executable, "-m", "howsitgoing_edge.cli"]
CLOUD: Final = [sys.executable, "-m", "howsitgoing_cloud.cli"]
BLYNK: Final = [sys.executable, "-m", "support.blynk"]
DEVICE: Final = "demo-hat"
TOKEN: Final = "a-token-of-the-stand-in-for-blynk"  # noqa: S105  opens nothing but the stand-in
SECRET: Final = "blynk-demo-hat"  # noqa: S105  its name
_END_SECONDS: Final = 30


@contextmanager
def running(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """In a session of its own, so that Ctrl-C ends the agent first."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_END_SECONDS)


def first_lines(process: subprocess.Popen[str], count: int) -> list[str]:
    """What a server says once it is ready; exits where it does not start: it has said why."""
    lines = [] if process.stdout is None else [process.stdout.readline().strip() for _ in range(count)]
    if not lines[-1]:
        sys.exit(process.wait() or 1)
    return lines


def main() -> int:
    """Start it all, run the agent to its end, and end the rest."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="howsitgoing-"))
        mine = {**os.environ, "XDG_STATE_HOME": folder, "PYTHONPATH": str(HOME / "tests")}
        blynk = stack.enter_context(running([*BLYNK, "--token", TOKEN], mine))
        told = dict(line.split(" ", 1) for line in first_lines(blynk, 4))
        serve = [*CLOUD, "serve", "--json", "--port", "0", "--blynk-server", told["dashboard"].rstrip("/")]
        serving = json.loads(first_lines(stack.enter_context(running(serve, mine)), 1)[0])
        url, secret = serving["url"], Path(serving["environment"]["HOWSITGOING_CLOUD_SECRETS_FOLDER"]) / SECRET
        secret.touch(mode=0o600)
        secret.write_text(TOKEN, "utf-8")
        device = {
            **mine,
            "HOWSITGOING_DEVICE__ID": DEVICE,
            "HOWSITGOING_CLOUD__SHARE": "moods",
            "HOWSITGOING_CLOUD__URL": url,
            "HOWSITGOING_CLOUD__AUDIENCE": url,
            "HOWSITGOING_BLYNK__TOKEN": TOKEN,
            "HOWSITGOING_BLYNK__SERVER": told["mqtt"],
            "HOWSITGOING_BLYNK__TLS": "false",
            "HOWSITGOING_BLYNK__FEED": "false",
        }
        key = subprocess.run([*EDGE, "cloud", "key"], env=device, capture_output=True, text=True, check=True).stdout.strip()
        add = [*CLOUD, "devices", "add", DEVICE, "--key", key, "--consent", "moods", "--blynk-secret", SECRET, "--local"]
        subprocess.run(add, env=mine, check=True, stdout=subprocess.DEVNULL)
        print(f"The carer's dashboard: {told['dashboard']}", flush=True)
        signal.signal(signal.SIGINT, lambda *_: None)  # the agent's; once it has ended, so does this
        agent = subprocess.Popen([*EDGE, "run", *sys.argv[1:]], env=device)
        signal.signal(signal.SIGTERM, lambda *_: agent.terminate())
        return agent.wait()


if __name__ == "__main__":
    sys.exit(main())
