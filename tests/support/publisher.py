"""Somebody who publishes networks, and a web server that shows them to devices and can misbehave.

publisher = Publisher(tmp_path)
publisher.publish(publisher.model("first"))
with WebServer(publisher.folder) as server: ... server.url ... server.gone = True
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from howsitgoing_models.publishing import archive, keys
from howsitgoing_models.publishing import publish as publishing
from howsitgoing_models.publishing.command import GOLDEN
from howsitgoing_models.publishing.shelf import FolderShelf
from howsitgoing_models.publishing.signing import CHANNEL, signed
from howsitgoing_models.release.bundle import sha256

TINY = Path(__file__).parents[1] / "edge" / "vision" / "tiny" / "uint8"


class Publisher:
    """With a key and a folder of their own, and tiny networks to publish."""

    def __init__(self, place: Path) -> None:
        """All of it below ``place``."""
        self.place = place
        self.folder = place / "published"
        self.shelf = FolderShelf(self.folder)
        self.key = keys.make(place / "publisher.key")
        self.public_key = keys.public(self.key)

    def model(self, name: str, change: Callable[[dict[str, Any]], object] = lambda _described: None) -> Path:
        """A folder with the tiny network under this id, and whatever else its description is to say."""
        folder = shutil.copytree(TINY, self.place / "models" / name, dirs_exist_ok=True)
        described = json.loads((folder / "model.json").read_text())
        described["id"] = name
        change(described)
        (folder / "model.json").write_text(json.dumps(described))
        return Path(folder)

    def publish(
        self, model: Path, *, minimum_agent: str = "0.1.0", days: float = 30, notes: str = "", now: datetime | None = None
    ) -> dict[str, Any]:
        """As ``howsitgoing-models publish`` does."""
        terms = publishing.Terms(minimum_agent, timedelta(days=days), notes)
        return publishing.publish(self.shelf, model, GOLDEN, [self.key], terms, now=now)

    def publish_files(self, name: str, change: Callable[[dict[str, bytes]], object], **said: Any) -> None:  # noqa: ANN401
        """A properly signed archive and channel, but what is in them was made by a bungler: ``change`` and ``said``."""
        _, files = archive.content(self.model(name), GOLDEN)
        change(files)
        self.put(archive.pack(name, files, "0.1.0", [self.key]), {"model": name, **said})

    def put(self, packed: bytes, said: Mapping[str, Any], sequence: int = 1) -> None:
        """Any archive, and a properly signed channel that points to it."""
        now = datetime.now(UTC)
        channel = {
            "schema": 1,
            "sequence": sequence,
            "published_at": now.isoformat(),
            "expires_at": (now + timedelta(days=1)).isoformat(),
            "model": "any",
            "bundle": {"file": "any.zip", "size": len(packed), "sha256": sha256(packed)},
            "minimum_agent": "0.1.0",
            **said,
        }
        self.shelf.put("any.zip", packed)
        self.say(channel)

    def say(self, channel: Mapping[str, Any]) -> None:
        """Sign this channel, whatever it says."""
        self.shelf.put("latest.json", signed(json.dumps(channel).encode(), CHANNEL, [self.key]))


class WebServer:
    """Shows a folder on the loopback; begins when entered."""

    def __init__(self, folder: Path) -> None:
        """``folder`` may fill later."""
        self.endless: str = ""
        """End of a path that never stops coming"""
        self.stalls: str = ""
        """End of a path that says nothing"""
        self.breaks: str = ""
        """End of a path whose connection breaks off in the middle"""
        self.asked: list[str] = []
        self._going_on = threading.Event()
        handler = partial(_Handler, self, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="web server", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._going_on.set()
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Until the test is over."""
        self._going_on.wait(30)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, server: WebServer, *args: Any, **settings: Any) -> None:  # noqa: ANN401  the library's
        self.knobs = server
        super().__init__(*args, **settings)

    def do_GET(self) -> None:
        knobs = self.knobs
        knobs.asked.append(self.path)
        if knobs.stalls and self.path.endswith(knobs.stalls):
            knobs.wait()
        elif knobs.endless and self.path.endswith(knobs.endless):
            self.send_response(200)
            self.end_headers()
            self._write_on()
        elif knobs.breaks and self.path.endswith(knobs.breaks):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
        else:
            super().do_GET()

    def _write_on(self) -> None:
        try:
            while not self.knobs._going_on.is_set():
                self.wfile.write(bytes(65536))
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Not a word."""
