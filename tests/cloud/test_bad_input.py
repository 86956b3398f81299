"""What is wrong is refused with an answer that says why, and leaves nothing behind: the real function over HTTP."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image
from support.emulators import Emulators
from support.senders import BOUNDARY, Sender, body, jpeg, sample

from howsitgoing_cloud.local.processes import Server

MEGABYTE = 1_000_000


@pytest.fixture(autouse=True)
def nothing_is_stored(cloud: Emulators) -> Any:  # noqa: ANN401  a fixture's generator
    """After each of these tests."""
    yield
    assert list(cloud.firestore.collection("samples").list_documents()) == []
    assert [blob.name for blob in cloud.bucket.list_blobs()] == []


def _refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:howsitgoing:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


# --- tokens ---


def _unsigned(hat: Sender, raw: bytes) -> str:
    return jwt.encode(hat.claims(raw), None, algorithm="none", headers={"kid": hat.device_id})


def _by_public_key(hat: Sender, raw: bytes) -> str:
    """The old trick: the public key is public, so sign with it as if it were a shared secret."""
    pem = hat.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    secret = hashlib.sha256(pem).digest()
    return jwt.encode(hat.claims(raw), secret, algorithm="HS256", headers={"kid": hat.device_id})


def _by_another_key(hat: Sender, raw: bytes) -> str:
    return Sender(hat.device_id, key=Ed25519PrivateKey.generate()).token(raw)


def _of_another_device(hat: Sender, raw: bytes) -> str:
    return jwt.encode(hat.claims(raw, iss="hat-2"), hat.key, algorithm="EdDSA", headers={"kid": hat.device_id})


def _with_kid(kid: object) -> Callable[[Sender, bytes], str]:
    return lambda hat, raw: jwt.encode(hat.claims(raw), hat.key, algorithm="EdDSA", headers={"kid": kid})  # type: ignore[dict-item]


def _kid_of_another_kind(hat: Sender, raw: bytes) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "EdDSA", "kid": ["hat-1"]}).encode()).rstrip(b"=").decode()
    return ".".join([header, *hat.token(raw).split(".")[1:]])


def _but(**but: Any) -> Callable[[Sender, bytes], str]:  # noqa: ANN401  claims
    return lambda hat, raw: hat.token(raw, **but)


def _at(seconds: float, life: float = 300) -> Callable[[Sender, bytes], str]:
    return lambda hat, raw: hat.token(raw, iat=int(time.time() + seconds), exp=int(time.time() + seconds + life))


TOKENS = {
    "unsigned": (_unsigned, "token_broken"),
    "signed with the public key": (_by_public_key, "token_broken"),
    "signed by another key": (_by_another_key, "signature"),
    "issued by another device": (_of_another_device, "token_broken"),
    "an unknown device": (lambda _, raw: Sender("nobody").token(raw), "unknown_device"),
    "kid is a path": (_with_kid("../devices/hat-1"), "token_broken"),
    "kid is a path of documents": (_with_kid("hat-1/samples/x"), "token_broken"),
    "kid is empty": (_with_kid(""), "token_broken"),
    "kid is a list": (_kid_of_another_kind, "token_broken"),
    "another audience": (_but(aud="https://other.example"), "audience"),
    "several audiences": (_but(aud=["https://cloud.example/ingest", "https://other.example"]), "audience"),
    "no audience": (_but(aud=None), "token_broken"),
    "no jti": (_but(jti=None), "token_broken"),
    "jti is a path": (_but(jti="../../devices/hat-1"), "token_broken"),
    "no body": (_but(body=None), "token_broken"),
    "of another body": (_but(body="ab" * 32), "body"),
    "body is a number": (_but(body=1), "body"),
    "expired": (_at(-400), "expired"),
    "from the future": (_at(+400), "clock"),
    "lives too long": (_at(0, 86_400), "token_broken"),
    "ends before it begins": (_at(0, -10), "token_broken"),
    "time is infinite": (_but(exp=1e300), "token_broken"),
    "time is text": (_but(iat="now"), "token_broken"),
    "no token at all": (lambda _hat, _raw: "", "token_missing"),
    "not a token": (lambda _hat, _raw: "a.b.c", "token_broken"),
    "huge": (lambda hat, raw: hat.token(raw, more="x" * 5000), "token_broken"),
}


@pytest.mark.parametrize(("forge", "code"), TOKENS.values(), ids=TOKENS)
def test_a_wrong_token_is_refused(ingest_url: str, hat: Sender, forge: Callable[[Sender, bytes], str], code: str) -> None:
    """The address is open to the internet: this is all that stands between it and other people's data."""
    event = json.dumps(sample()).encode()
    problem = _refused(hat.post(ingest_url, event, token=forge(hat, body(event, None))), 401, code)
    server_time = datetime.fromisoformat(problem["server_time"])
    assert abs((server_time - datetime.now(UTC)).total_seconds()) < 30, "a device whose clock is off learns by how much"


def test_small_differences_of_clocks_are_tolerated(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """A Pi without a network clock is a few seconds off for a while."""
    for ahead in (50, -340):
        answer = httpx.get(f"{ingest_url}/v1/device", headers={"Authorization": f"Bearer {_at(ahead)(hat, b'')}"})
        assert answer.status_code == 200, answer.text
    assert cloud


def test_a_token_is_good_once(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """Who listens in cannot send the same again, not even after what it stored was erased."""
    event = sample()
    raw = body(json.dumps(event).encode(), None)
    token = hat.token(raw)
    assert hat.post(ingest_url, event, token=token).status_code == 201
    _refused(hat.post(ingest_url, event, token=token), 401, "replayed")
    cloud.firestore.document(f"samples/{event['id']}").delete()
    _refused(hat.post(ingest_url, event, token=token), 401, "replayed")
    asking = hat.token()
    answers = [httpx.get(f"{ingest_url}/v1/device", headers={"Authorization": f"Bearer {asking}"}) for _ in range(2)]
    assert answers[0].status_code == 200
    _refused(answers[1], 401, "replayed")


# --- who may send what ---

CONSENTS: dict[str, tuple[dict[str, Any], str]] = {
    "revoked": ({"revoked_at": datetime(2026, 1, 31, tzinfo=UTC)}, "revoked"),
    "no consent": ({"consent": None}, "consent"),
    "moods only": ({"consent": {"scope": "moods", "references": None}}, "consent"),
    "another reference": ({"consent": {"scope": "faces", "references": ["C-1"]}}, "consent"),
    "no reference left": ({"consent": {"scope": "faces", "references": []}}, "consent"),
}


@pytest.mark.parametrize(("but", "code"), CONSENTS.values(), ids=CONSENTS)
def test_what_nobody_agreed_to_is_refused(
    ingest_url: str, cloud: Emulators, hat: Sender, but: dict[str, Any], code: str
) -> None:
    """The device says what was agreed; only the register counts."""
    cloud.firestore.document("devices/hat-1").update(but)
    face = jpeg()
    _refused(hat.post(ingest_url, sample(face), face), 403, code)


def test_a_device_document_that_somebody_broke_is_no_way_in(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """An operator's slip in the console must not open the door; it is the cloud's fault, and the device keeps its samples."""
    for broken in ({"public_key": "?"}, {"consent": {"scope": "everything"}}, {"consent": "faces"}, {"blynk": {}}):
        cloud.firestore.document("devices/hat-1").set(hat.document() | broken)
        answer = hat.post(ingest_url, sample())
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")


# --- the event ---

EVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "id is a path": ({"id": "../../devices/hat-1"}, "bad_event"),
    "id has a slash": ({"id": "019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d4/x"}, "bad_event"),
    "id is of another kind": ({"id": "9f86d081-884c-4d65-9a2f-eaa0c55ad015"}, "bad_event"),
    "of 1970": ({"noticed_at": "1970-01-01T00:00:00Z"}, "bad_time"),
    "changed in 1970": ({"changed_at": "1970-01-01T00:00:00Z"}, "bad_time"),
    "of 2100": ({"noticed_at": "2100-01-01T00:00:00Z", "changed_at": "2100-01-01T00:00:00Z"}, "bad_time"),
    "a future schema": ({"schema": 2}, "bad_event"),
    "no reason": ({"reason": None}, "bad_event"),
    "consent with a path": ({"consent": {"scope": "faces", "reference": "../x"}}, "bad_event"),
    "huge numbers": ({"track": 10**400}, "bad_event"),
    "a number beyond 64 bits": ({"track": 2**70}, "bad_event"),
}


@pytest.mark.parametrize(("but", "code"), EVENTS.values(), ids=EVENTS)
def test_an_event_that_cannot_be_is_refused(ingest_url: str, hat: Sender, but: dict[str, Any], code: str) -> None:
    """What is stored is what exports and dashboards have to live with."""
    _refused(hat.post(ingest_url, sample(**but)), 400, code)


@pytest.mark.parametrize("event", [b"", b"{", b"[]", b"\xff", b'{"a":' * 3000, b'"' + b"x" * 20_000 + b'"'], ids=repr)
def test_what_is_no_event_is_refused(ingest_url: str, hat: Sender, event: bytes) -> None:
    """The answer says so; it is not a fault of the function."""
    _refused(hat.post(ingest_url, event), 400, "bad_event")


# --- the face ---


def _with(data: bytes, part: bytes) -> bytes:
    return data[:2] + part + data[2:]


def _bomb() -> bytes:
    """65,500 x 65,500 pixels, 12 GB when decoded, in a few bytes: the size in the header is a lie."""
    data = bytearray(jpeg())
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = (65_500).to_bytes(2) * 2
    return bytes(data)


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (112, 112)).save(buffer, "PNG")
    return buffer.getvalue()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "Jane Doe in her kitchen"
    return jpeg(exif=exif)


def _cmyk() -> bytes:
    buffer = io.BytesIO()
    Image.new("CMYK", (112, 112)).save(buffer, "JPEG")
    return buffer.getvalue()


FACES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "not a JPEG": lambda: b"hello",
    "a PNG": _png,
    "a decompression bomb": _bomb,
    "cut off": lambda: jpeg()[:-300],
    "only headers": lambda: jpeg()[:200],
    "another size": lambda: jpeg(64, 64),
    "with EXIF": _exif,
    "with a comment": lambda: jpeg(comment="Jane Doe"),
    "with a thumbnail": lambda: _with(jpeg(), b"\xff\xe0\x00\x0aJFXX\x00\x10ab"),
    "with something behind it": lambda: jpeg() + b"PK\x03\x04",
    "two pictures": lambda: jpeg() + jpeg(),
    "in CMYK": _cmyk,
    "too large": lambda: jpeg() + b"\0" * MEGABYTE,
}


@pytest.mark.parametrize("make", FACES.values(), ids=FACES)
def test_a_face_that_is_not_just_the_picture_described_is_refused(
    ingest_url: str, hat: Sender, make: Callable[[], bytes]
) -> None:
    """A picture may carry a name, a place, a virus, or gigabytes."""
    face = make()
    answer = hat.post(ingest_url, sample(face), face)
    _refused(answer, *((413, "too_large") if len(face) > MEGABYTE else (400, "bad_face")))


def test_a_face_with_another_hash_is_refused(ingest_url: str, hat: Sender) -> None:
    """A bit that fell over on the way, or another picture."""
    _refused(hat.post(ingest_url, sample(jpeg()), jpeg(shade=7)), 400, "bad_face")


def test_a_face_comes_if_and_only_if_the_event_says_so(ingest_url: str, hat: Sender) -> None:
    """Somebody who agreed to moods only must not have a picture sent by accident."""
    _refused(hat.post(ingest_url, sample(), jpeg()), 400, "bad_face")
    _refused(hat.post(ingest_url, sample(jpeg())), 400, "bad_face")


# --- the request ---


def _part(name: str, kind: str, data: bytes) -> bytes:
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + data
        + b"\r\n"
    )


END = f"--{BOUNDARY}--\r\n".encode()
EVENT = json.dumps(sample()).encode()
BODIES = {
    "empty": (b"", 400),
    "no parts": (END, 400),
    "no end": (_part("event", "application/json", EVENT), 400),
    "no event": (_part("face", "image/jpeg", b"x") + END, 400),
    "event twice": (_part("event", "application/json", EVENT) * 2 + END, 400),
    "another part": (_part("event", "application/json", EVENT) + _part("more", "text/plain", b"x") + END, 400),
    "many parts": (_part("event", "application/json", EVENT) * 5000 + END, 413),
    "event as text": (_part("event", "text/plain", EVENT) + END, 415),
    "face as PNG": (_part("event", "application/json", EVENT) + _part("face", "image/png", b"x") + END, 415),
    "part without headers": (f"--{BOUNDARY}\r\n\r\nx\r\n".encode() + END, 400),
    "headers that are no text": (f"--{BOUNDARY}\r\n".encode() + b"\xff\xfe: \xff\r\n\r\nx\r\n" + END, 400),
}


@pytest.mark.parametrize(("raw", "status"), BODIES.values(), ids=BODIES)
def test_a_body_of_another_form_is_refused(ingest_url: str, hat: Sender, raw: bytes, status: int) -> None:
    """Each of these has been a way to confuse some server."""
    answer = hat.post(ingest_url, b"", raw=raw)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("kind", ["application/json", "multipart/mixed; boundary=x", "", "multipart/form-data"])
def test_another_content_type_is_refused(ingest_url: str, hat: Sender, kind: str) -> None:
    """Whoever sends plain JSON learns what to send."""
    headers = {"Authorization": f"Bearer {hat.token(EVENT)}", "Content-Type": kind}
    answer = httpx.post(f"{ingest_url}/v1/samples", content=EVENT, headers=headers)
    assert answer.status_code == (400 if kind == "multipart/form-data" else 415)


def test_compressed_bodies_are_refused(ingest_url: str, hat: Sender) -> None:
    """They would be another kind of bomb."""
    raw = body(EVENT, None)
    headers = {
        "Authorization": f"Bearer {hat.token(raw)}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Encoding": "gzip",
    }
    _refused(httpx.post(f"{ingest_url}/v1/samples", content=raw, headers=headers), 415, "media_type")


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_thirty_megabytes_are_refused_without_being_kept(
    ingest_url: str, running_ingest: Server, hat: Sender, *, chunked: bool
) -> None:
    """Eight of them at once would be the instance's memory."""
    chunk = b"x" * 100_000
    headers = {"Authorization": f"Bearer {hat.token()}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    if not chunked:
        headers["Content-Length"] = str(300 * len(chunk))
    assert httpx.get(f"{ingest_url}/v1/health").status_code == 200
    parent = psutil.Process(running_ingest.pid)
    workers = [parent, *parent.children(recursive=True)]
    before = sum(worker.memory_info().rss for worker in workers)
    highest = 0

    def content() -> Any:  # noqa: ANN401  a generator of bytes
        nonlocal highest
        for _ in range(300):
            yield chunk
            highest = max(highest, sum(worker.memory_info().rss for worker in workers))

    answer = httpx.post(f"{ingest_url}/v1/samples", content=content(), headers=headers, timeout=60)
    _refused(answer, 413, "too_large")
    assert highest - before < 15 * MEGABYTE


def test_a_body_that_breaks_off_does_not_hurt(ingest_url: str, hat: Sender) -> None:
    """Mobile networks do that."""
    host, port = ingest_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = (
            f"POST /v1/samples HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hat.token()}\r\nContent-Length: 5000\r\n\r\n--half"
        )
        connection.sendall(head.encode())
    assert httpx.get(f"{ingest_url}/v1/health").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/v1/samples/", 404),
        ("POST", "/v1/../v1/samples", 404),
        ("GET", "/v1/%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET", "/v2/samples", 404),
        ("GET", "/v1/samples", 405),
        ("DELETE", "/v1/samples", 405),
        ("PUT", "/v1/device", 405),
    ],
)
def test_other_addresses_and_methods_are_refused(ingest_url: str, method: str, path: str, status: int) -> None:
    """In the same form as everything else that is refused."""
    host, port = ingest_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:  # httpx would tidy the path up
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "application/problem+json" in answer
    assert ("\r\nAllow: " in answer) == (status == 405)
