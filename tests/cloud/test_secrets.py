"""Where the Blynk tokens lie: in files of one's own, or in Secret Manager, here a server that answers as documented."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession

from howsitgoing_cloud.errors import PermanentError, QuotaError, TransientError
from howsitgoing_cloud.secret_files import FileSecrets
from howsitgoing_cloud.secret_manager import SecretManager


def _file(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    path = folder / name
    path.touch(mode)
    path.chmod(mode)
    path.write_text(text)


def test_a_file_that_is_ones_own_is_read(tmp_path: Path) -> None:
    """Editors end a file with a newline; the token has none."""
    _file(tmp_path, "blynk-hat-1", "abc\n")
    assert FileSecrets(tmp_path).get("blynk-hat-1") == "abc"


def test_files_that_are_not_secret_are_not_read(tmp_path: Path) -> None:
    """The line says what to do, and never holds the token."""
    _file(tmp_path, "open", "abc", 0o644)
    _file(tmp_path, "empty", "\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "binary").chmod(0o600)
    for name, says in {
        "open": "chmod 600",
        "empty": "is empty",
        "binary": "cannot be read",
        "missing": "write the token",
    }.items():
        with pytest.raises(PermanentError, match=says) as caught:
            FileSecrets(tmp_path).get(name)
        assert "abc" not in str(caught.value)


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".", "x" * 300, "a b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """It comes from a document."""
    for secrets in (FileSecrets(tmp_path), SecretManager("p", AuthorizedSession(AnonymousCredentials()))):
        with pytest.raises(PermanentError, match="no name of a secret"):
            secrets.get(name)


ANSWERS = {
    "good": (200, {"payload": {"data": base64.b64encode(b"abc\n").decode()}}),
    "denied": (403, {"error": {"code": 403, "status": "PERMISSION_DENIED"}}),
    "missing": (404, {"error": {"code": 404, "status": "NOT_FOUND"}}),
    "busy": (429, {"error": {"code": 429}}),
    "down": (503, {"error": {"code": 503}}),
    "strange": (200, {"payload": {}}),
    "binary": (200, {"payload": {"data": base64.b64encode(b"\xff").decode()}}),
}


class _Manager(BaseHTTPRequestHandler):
    """https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access."""

    def do_GET(self) -> None:
        name = self.path.split("/")[5]
        assert self.path == f"/v1/projects/p/secrets/{name}/versions/latest:access"
        status, content = ANSWERS[name]
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def manager() -> Iterator[SecretManager]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Manager) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        session = AuthorizedSession(AnonymousCredentials())
        yield SecretManager("p", session, f"http://127.0.0.1:{server.server_port}")
        session.close()
        server.shutdown()
        thread.join(10)


def test_secret_manager_hands_out_the_newest_version(manager: SecretManager) -> None:
    """A token that was exchanged there holds from the next push on."""
    assert manager.get("good") == "abc"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("denied", PermanentError),
        ("missing", PermanentError),
        ("strange", PermanentError),
        ("binary", PermanentError),
        ("busy", QuotaError),
        ("down", TransientError),
    ],
)
def test_what_it_refuses_is_told_apart_by_type(manager: SecretManager, name: str, kind: type[Exception]) -> None:
    """Transient: the event is delivered again. Permanent: a person must act, and reads it in the device's document."""
    with pytest.raises(kind, match=name if kind is PermanentError else "Secret Manager"):
        manager.get(name)


def test_a_manager_that_cannot_be_reached_is_transient() -> None:
    """As every network is, now and then."""
    with pytest.raises(TransientError), AuthorizedSession(AnonymousCredentials()) as session:
        SecretManager("p", session, "http://127.0.0.1:9").get("good")
