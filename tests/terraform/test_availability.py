"""The function that AWS calls when a device goes: boto3 as AWS runs it, against a stand-in for AWS IoT's data endpoint.

moto keeps no retained messages, so the two calls are answered here, in the forms that botocore's own description gives them.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from botocore.exceptions import ClientError
from running import ROOT, Outcome

SOURCE = ROOT / "terraform/aws/lambda/availability.py"
TOPIC = "howsitgoing/hat-1/availability"
WENT = 1_763_700_000_000


@dataclass
class Retained:
    """What AWS IoT keeps."""

    messages: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    """Topic -> payload, and the millisecond in which it came"""
    published: list[tuple[str, bytes, dict[str, list[str]]]] = field(default_factory=list)
    busy: bool = False


@pytest.fixture
def broker() -> Iterator[tuple[Retained, str]]:
    """AWS IoT's data endpoint, and its address."""
    kept = Retained()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = kept.messages.get(unquote(self.path.removeprefix("/retainedMessage/")))
            if kept.busy:
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, {"message": "busy"}, "ServiceUnavailableException")
            elif found is None:
                self._answer(HTTPStatus.NOT_FOUND, {"message": "none"}, "ResourceNotFoundException")
            else:
                payload = base64.b64encode(found[0]).decode()
                self._answer(HTTPStatus.OK, {"topic": TOPIC, "payload": payload, "qos": 1, "lastModifiedTime": found[1]})

        def do_POST(self) -> None:
            asked = urlsplit(self.path)
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            kept.published.append((unquote(asked.path.removeprefix("/topics/")), payload, parse_qs(asked.query)))
            self._answer(HTTPStatus.OK, {"message": "OK"})

        def _answer(self, status: int, content: dict[str, object], error: str | None = None) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if error is not None:
                self.send_header("x-amzn-errortype", error)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield kept, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def function(broker: tuple[Retained, str], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """As AWS loads it."""
    monkeypatch.setenv("IOT_ENDPOINT", broker[1])
    for name, value in {"REGION": "eu-central-1", "ACCESS_KEY_ID": "testing", "SECRET_ACCESS_KEY": "testing"}.items():
        monkeypatch.setenv(f"AWS_{'DEFAULT_' if name == 'REGION' else ''}{name}", value)
    spec = importlib.util.spec_from_file_location("availability", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ((b"online", WENT - 60_000), True),
        ((b"online", WENT + 200), False),
        ((b"online", WENT), False),
        ((b"offline", WENT - 60_000), False),
        ((b"stopped", WENT - 10), False),
        (None, False),
    ],
    ids=["no will", "back again", "in the same moment", "by its will", "in peace", "a bridge"],
)
def test_offline_is_said_only_of_a_device_that_nobody_has_heard_of_since(
    broker: tuple[Retained, str], function: ModuleType, kept: tuple[bytes, int] | None, *, said: bool
) -> None:
    """Events come late and out of order: who has come back must not be taken for lost."""
    if kept is not None:
        broker[0].messages[TOPIC] = kept
    assert function.handler({"clientId": "hat-1", "timestamp": WENT}, None) is said
    expected = [(TOPIC, b"offline", {"qos": ["1"], "retain": ["true"]})] if said else []
    assert broker[0].published == expected


def test_where_aws_iot_is_busy_lambda_is_to_call_again(broker: tuple[Retained, str], function: ModuleType) -> None:
    """It does so by itself when the function fails."""
    broker[0].busy = True
    with pytest.raises(ClientError, match="busy"):
        function.handler({"clientId": "hat-1", "timestamp": WENT}, None)
    assert broker[0].published == []


def test_the_rule_hands_over_what_the_function_reads(aws_tested: Outcome) -> None:
    """And calls the function that is in the archive; neither sees the other."""
    rule = aws_tested.made["aws_iot_topic_rule.gone"]
    text = SOURCE.read_text("utf-8")
    read = set(re.findall(r'event\["(\w+)"\]', text))
    selected = re.match(r"SELECT (.+?) FROM '\$aws/events/presence/disconnected/\+' WHERE", rule["sql"])
    assert selected is not None
    assert set(selected[1].split(", ")) == read
    made = aws_tested.made["aws_lambda_function.availability"]
    assert made["handler"] == f"{SOURCE.stem}.handler"
    assert f'os.environ["{next(iter(made["environment"][0]["variables"]))}"]' in text


def test_the_topic_and_words_are_those_of_the_contract() -> None:
    """It can't import it."""
    contract = (ROOT / "edge/howsitgoing_edge/contract.py").read_text("utf-8")
    text = SOURCE.read_text("utf-8")
    for word in ("online", "offline"):
        assert f'{word.upper()} = "{word}"' in contract
    assert 'AVAILABILITY = "availability"' in contract
    assert 'f"howsitgoing/{device}/availability"' in text


def test_the_archive_is_the_function_alone_and_always_the_same(tmp_path: Path) -> None:
    """Otherwise each apply would deploy it anew."""
    for name in ("one.zip", "two.zip"):
        subprocess.run([sys.executable, ROOT / "scripts/availability_zip.py", "--to", tmp_path / name], check=True, timeout=60)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["availability.py"]
        assert archive.read("availability.py") == SOURCE.read_bytes()
