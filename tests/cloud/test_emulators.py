"""The emulators that all tests of the cloud stand on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
from support.emulators import emulators

from howsitgoing_cloud.local.processes import free_port


def test_both_emulators_keep_and_forget_and_end(tmp_path: Path) -> None:
    """A server left behind would hold its port and 200 MB for the rest of the day."""
    with emulators(tmp_path) as cloud:
        cloud.firestore.collection("samples").document("one").set({"a": 1})
        cloud.bucket.blob("faces/one.jpg").upload_from_string(b"x")
        assert cloud.firestore.collection("samples").document("one").get().to_dict() == {"a": 1}
        assert [blob.name for blob in cloud.bucket.list_blobs()] == ["faces/one.jpg"]
        cloud.empty()
        assert not cloud.firestore.collection("samples").document("one").get().exists
        assert list(cloud.bucket.list_blobs()) == []
        pids = [cloud.firestore_server.pid, cloud.storage_server.pid]
    assert all(pid is not None and not Path(f"/proc/{pid}").exists() for pid in pids)
    assert os.getpgid(0) not in pids


def test_a_server_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    """A test run that is killed leaves nobody who would end them."""
    program = (
        "import sys, os, pathlib; from howsitgoing_cloud.local.processes import Server\n"
        "command = [sys.executable, '-m', 'http.server', sys.argv[1], '--bind', '127.0.0.1']\n"
        "server = Server('http', command, int(sys.argv[1]), pathlib.Path(sys.argv[2]), os.environ)\n"
        "server.start(); print(server.pid, flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", program, str(free_port()), str(tmp_path / "log")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        server = psutil.Process(int(parent.stdout.readline()))
        assert server.is_running()
        parent.kill()
        parent.wait(10)
        server.wait(10)
