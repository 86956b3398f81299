"""A model file is fetched whole and verified, or not at all, and never keeps anybody waiting."""

from __future__ import annotations

import hashlib
import http.server
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from support.certificates import Authority
from support.shared import shared

from howsitgoing_edge.errors import ModelError, StorageError, TransientError
from howsitgoing_edge.vision import files, known_files, store
from howsitgoing_edge.vision.fetch import download
from howsitgoing_edge.vision.known_files import YUNET

CONTENT = bytes(range(256)) * 2000
FILE = replace(YUNET, name="sample", filename="sample.onnx", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of our own stands in for YuNet, so that its right content is always at hand."""
    monkeypatch.setitem(known_files.MODEL_FILES, FILE.name, FILE)


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A web server on the loopback that answers every GET by ``answer``; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is part of the tests
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sends(content: bytes, status: int = 200) -> Answer:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def mirror(monkeypatch: pytest.MonkeyPatch, where: str | Path) -> None:
    monkeypatch.setenv(files.MIRROR, str(where))


def left_behind() -> list[str]:
    """Names in the store, marks of tries aside."""
    folder = store.folders()[0]
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".tried")) if folder.exists() else []


# --- where it comes from ---


@pytest.mark.parametrize("form", ["folder", "home", "address"])
def test_a_mirror_folder_stands_in_for_the_publisher(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """For workshops without a network, and for our own tests."""
    folder = own_home / "mirror" if form == "home" else tmp_path
    folder.mkdir(exist_ok=True)
    (folder / FILE.filename).write_bytes(CONTENT)
    mirror(monkeypatch, {"folder": str(folder), "home": "~/mirror", "address": folder.as_uri()}[form])
    path = files.pull("sample")
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(own_home)
    assert files.verify("sample").state == "ok"
    assert left_behind() == [FILE.filename]


def test_a_mirror_on_the_network_is_asked_for_the_files_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the progress is told, to the last byte."""
    asked, told = [], []

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        sends(CONTENT)(request)

    with serving(answer) as address:
        mirror(monkeypatch, address + "/models/")
        assert files.pull("sample", 10, lambda done, whole: told.append((done, whole))).read_bytes() == CONTENT
    assert asked == ["/models/sample.onnx"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)


def test_a_file_that_is_there_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """'make run' pulls at every start."""
    (tmp_path / FILE.filename).write_bytes(CONTENT)
    mirror(monkeypatch, tmp_path)
    first = files.pull("sample")
    mirror(monkeypatch, tmp_path / "gone")
    assert files.pull("sample") == first


def test_a_broken_file_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The advice that the log gives must work."""
    (tmp_path / FILE.filename).write_bytes(CONTENT)
    mirror(monkeypatch, tmp_path)
    path = files.pull("sample")
    path.write_bytes(CONTENT[:-1] + b"!")
    assert files.verify("sample").state == "broken"
    assert files.pull("sample") == path
    assert files.verify("sample").state == "ok"


@pytest.mark.shared_data
def test_the_real_yunet_comes_from_its_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash and size in the code are those of the published file."""
    mirror(monkeypatch, shared("models"))
    files.pull("yunet")
    assert {status.file.name: status.state for status in files.list_models()} == {"yunet": "ok", "sample": "missing"}


# --- what is refused ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONTENT[:-1] + b"!", "is damaged or not sample.onnx"),
        (CONTENT[:-100], "cut short, or not sample.onnx"),
        (b"<html>Sign in to the hotel's network</html>", "cut short, or not sample.onnx"),
        (CONTENT + b"!", "is longer than the .* bytes expected"),
    ],
    ids=["flipped", "truncated", "a page instead", "longer"],
)
@pytest.mark.parametrize("by", ["folder", "network"])
def test_other_content_is_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, content: bytes, message: str
) -> None:
    """What runs in the agent is what was published, whoever sent it."""
    (tmp_path / FILE.filename).write_bytes(content)
    with serving(sends(content)) as address:
        mirror(monkeypatch, tmp_path if by == "folder" else address)
        with pytest.raises(ModelError, match=message):
            files.pull("sample", 10)
    assert left_behind() == []


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong server must not fill the card."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(bytes(1 << 16))

    with serving(answer) as address:
        mirror(monkeypatch, address)
        with pytest.raises(ModelError, match="longer than"):
            files.pull("sample", 30)


def test_a_file_that_is_gone_is_no_network_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying again would not help."""
    with serving(sends(b"", 404)) as address:
        mirror(monkeypatch, address)
        with pytest.raises(ModelError, match="is not there any more"):
            files.pull("sample", 10)


def test_an_unknown_name_lists_the_known_ones() -> None:
    """People type 'yunnet'."""
    for act in (files.pull, files.verify):
        with pytest.raises(ModelError, match="no model file is called 'yunnet'; there is yunet"):
            act("yunnet")


def test_the_publisher_is_asked_by_https_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address is in the code; the rule keeps whoever edits it honest."""
    monkeypatch.setitem(known_files.MODEL_FILES, "sample", replace(FILE, url="http://127.0.0.1:9/sample.onnx"))
    with pytest.raises(ModelError, match="only https is used"):
        files.pull("sample", 10)


def test_the_publisher_cannot_lead_from_https_to_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect is where encryption is lost unnoticed."""
    authority = Authority(tmp_path / "tls")
    issued = authority.issue("publisher", server=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(issued.certificate, issued.key)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        if request.path == "/good":
            sends(CONTENT)(request)
            return
        request.send_response(302)
        request.send_header("Location", plain if request.path == "/down" else "/good")
        request.send_header("Content-Length", "0")
        request.end_headers()

    with serving(sends(CONTENT)) as plain, serving(answer, tls) as address:
        assert download(f"{address}/round", most=len(CONTENT), timeout=10, progress=lambda *_: None) == CONTENT
        with pytest.raises(ModelError, match="which is refused: only https is used"):
            download(f"{address}/down", most=len(CONTENT), timeout=10, progress=lambda *_: None)
    monkeypatch.delenv("SSL_CERT_FILE")


# --- time and trouble ---


def test_offline_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start goes on without it."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        mirror(monkeypatch, f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(TransientError, match=r"127\.0\.0\.1 cannot be reached .*is this machine online") as caught:
            files.pull("sample", 10)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["silent", "trickling"])
def test_a_server_that_is_too_slow_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """'make run' waits five seconds, not five minutes; a byte now and then does not buy more."""
    over = threading.Event()

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        if kind == "silent":
            over.wait(20)
            return
        request.send_response(200)
        request.end_headers()
        while not over.wait(0.05):
            request.wfile.write(b"x" * 100)
            request.wfile.flush()

    with serving(answer) as address:
        mirror(monkeypatch, address)
        begun = time.monotonic()
        with pytest.raises(TransientError, match=r"did not answer within|cannot be reached"):
            files.pull("sample", 0.5)
        took = time.monotonic() - begun
        over.set()
    assert took < 3
    assert left_behind() == []


def test_a_connection_that_breaks_off_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transient, unlike a wrong file."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(CONTENT)))
        request.end_headers()
        request.wfile.write(CONTENT[:1000])

    with serving(answer) as address:
        mirror(monkeypatch, address)
        with pytest.raises(TransientError, match="the connection broke off"):
            files.pull("sample", 10)
    assert left_behind() == []


def test_once_tries_once_a_day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A hat without a network must not wait at each start."""
    mirror(monkeypatch, tmp_path)
    noon = 1_800_000_000.0
    with pytest.raises(ModelError):
        files.pull_once("sample", 5, now=noon)
    assert files.pull_once("sample", 5, now=noon + 3600) is None
    with pytest.raises(ModelError):
        files.pull_once("sample", 5, now=noon + 90_000)
    (tmp_path / FILE.filename).write_bytes(CONTENT)
    assert files.pull_once("sample", 5, now=noon + 90_100) is None
    path = files.pull_once("sample", 5, now=noon + 200_000)
    assert path is not None
    assert files.pull_once("sample", 5, now=noon + 200_001) == path


def test_once_is_not_put_off_by_a_clock_that_was_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Pi has no clock of its own: a mark from the future says nothing."""
    mirror(monkeypatch, tmp_path)
    with pytest.raises(ModelError):
        files.pull_once("sample", 5, now=4_000_000_000)
    with pytest.raises(ModelError):
        files.pull_once("sample", 5, now=1_800_000_000)


# --- where it is kept ---


def test_without_home_it_is_kept_all_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Services often have none, nor an entry in the user database."""
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda _uid: (_ for _ in ()).throw(KeyError("uid not found")))
    monkeypatch.setattr(store, "SYSTEM", tmp_path / "system" / "models")
    (tmp_path / FILE.filename).write_bytes(CONTENT)
    mirror(monkeypatch, tmp_path)
    assert files.pull("sample") == tmp_path / "system" / "models" / FILE.filename
    assert files.verify("sample").state == "ok"


def test_what_an_administrator_fetched_is_found_by_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fetched once as root, used by the service."""
    monkeypatch.setattr(store, "SYSTEM", tmp_path)
    (tmp_path / FILE.filename).write_bytes(CONTENT)
    status = files.verify("sample")
    assert (status.state, status.path) == ("ok", tmp_path / FILE.filename)


def test_folders_that_cannot_be_written_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A read-only card or a full disk."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    (tmp_path / FILE.filename).write_bytes(CONTENT)
    mirror(monkeypatch, tmp_path)
    monkeypatch.setattr(store, "folders", lambda: [blocked / "models"])
    monkeypatch.setattr(files, "folders", lambda: [blocked / "models"])
    with pytest.raises(StorageError, match=r"kept nowhere: .*blocked/models \(Not a directory\)"):
        files.pull("sample")


def test_a_full_disk_leaves_the_old_file_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Half a file must never stand where a file stood."""
    (tmp_path / FILE.filename).write_bytes(CONTENT)
    mirror(monkeypatch, tmp_path)
    path = store.folder_to_write() / FILE.filename
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"sample\.onnx cannot be written \(No space left on device\)"):
        files.pull("sample")
    assert path.read_bytes() == b"old"
    assert left_behind() == [FILE.filename]
