"""Runs the agent on the demo clip for some seconds, on a terminal, and draws what stands there: docs/pictures/terminal.svg."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "terminal.svg"
COMMAND = [sys.executable, "-m", "howsitgoing_edge.cli", "run", "--source", "demo"]
SECONDS = 18
WIDTH, HEIGHT = 100, 40


def painted() -> str:
    """All that the agent writes to its terminal, colours and all."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "HOWSITGOING_DEVICE__ID": "kitchen-hat"}
    process = subprocess.Popen(COMMAND, stdin=its, stdout=its, stderr=its, env=environment)  # noqa: S603  ourselves
    os.close(its)
    content, end = b"", time.monotonic() + SECONDS
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.1)[0]:
            content += os.read(ours, 65536)
    process.send_signal(signal.SIGINT)
    os.close(ours)
    process.wait(10)
    return content.decode(errors="replace").replace("\r\n", "\n")


def main() -> None:
    """Log lines, then the live view as it was last painted; nothing is drawn by hand."""
    content = painted()
    log = content[: content.index("╭")].rpartition("\n")[0]
    panels = re.findall(r"[^\n]*╭.*?╯[^\n]*?(?=\x1b\[2K|\r|\n|$)", content, re.DOTALL)
    paper = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False, force_terminal=True)
    paper.print(Text("$ make run", style="bold"))
    paper.print(Text.from_ansi(log))
    paper.print(Text.from_ansi(panels[-2][panels[-2].rindex("╭") :]))
    PICTURE.parent.mkdir(exist_ok=True)
    svg = paper.export_svg(title="make run", theme=MONOKAI)
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL), "utf-8")
    print(f"wrote docs/pictures/{PICTURE.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
