"""Whatever comes over the wire, the function answers, and never with a fault of its own."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support.senders import BOUNDARY, Sender, body, jpeg, sample

from howsitgoing_cloud._contract import FacePicture
from howsitgoing_cloud.jpeg import check_face
from howsitgoing_cloud.problems import Refused

OURS = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,  # the same everywhere; a finding becomes a case of test_bad_input
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # nothing here depends on what is stored
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*sample(jpeg()), "consent.scope", "consent.reference", "face.sha256", "face.width", "scores.happy"])


def _changed(event: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    outer, _, inner = path.partition(".")
    if not inner:
        return event | {outer: value}
    return event | {outer: {**event[outer], inner: value}}


def _answered(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and "json" in answer.headers["content-type"]:  # gunicorn refuses some headers by itself
        assert answer.json()["status"] == answer.status_code


@OURS
@given(changes=st.lists(st.tuples(FIELDS, VALUES), min_size=1, max_size=3))
def test_events_with_anything_in_them(ingest_url: str, hat: Sender, changes: list[tuple[str, object]]) -> None:
    """Every field is the attacker's."""
    face = jpeg()
    event = sample(face)
    for path, value in changes:
        event = _changed(sample(face) if "." in path else event, path, value)
    _answered(hat.post(ingest_url, json.dumps(event).encode("utf-8", "surrogatepass"), face))


@OURS
@given(place=st.integers(0, 10**6), cut=st.integers(0, 40), put=st.binary(max_size=40))
def test_bodies_with_anything_in_them(ingest_url: str, hat: Sender, place: int, cut: int, put: bytes) -> None:
    """A token can be right and the body nonsense: by a broken client, or a stolen key."""
    face = jpeg()
    raw = body(json.dumps(sample(face)).encode(), face)
    at = place % len(raw)
    _answered(hat.post(ingest_url, b"", raw=raw[:at] + put + raw[at + cut :]))


@OURS
@given(token=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300), kind=st.text(max_size=60))
def test_headers_with_anything_in_them(ingest_url: str, token: str, kind: str) -> None:
    """The first thing that a scanner of the internet sends."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind.encode("ascii", "ignore").decode()}
    with contextlib.suppress(httpx.LocalProtocolError):  # no header can hold that
        _answered(httpx.post(f"{ingest_url}/v1/samples", content=b"x", headers=headers))


@OURS
@given(claims=st.dictionaries(st.sampled_from(["iss", "aud", "iat", "exp", "jti", "body"]), VALUES, min_size=1))
def test_tokens_with_anything_in_them(ingest_url: str, hat: Sender, claims: dict[str, Any]) -> None:
    """Signed by the device's own key: a device that was taken over."""
    raw = body(json.dumps(sample()).encode(), None)
    answer = hat.post(ingest_url, b"", raw=raw, token=hat.token(raw, **claims))
    _answered(answer)


@settings(OURS, max_examples=600)
@given(place=st.integers(0, 10**6), cut=st.integers(0, 30), put=st.binary(max_size=30))
def test_pictures_with_anything_in_them(place: int, cut: int, put: bytes) -> None:
    """A decoder written in C must not be what fails first, and what is taken really is of the size that was said."""
    whole = jpeg()
    at = place % len(whole)
    data = whole[:at] + put + whole[at + cut :]
    try:
        check_face(data, FacePicture(hashlib.sha256(data).hexdigest(), 112, 112))
    except Refused:
        return

    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.size == (112, 112)
        assert not image.getexif()


def test_the_boundary_may_be_anything_that_rfc_2046_allows(ingest_url: str, hat: Sender) -> None:
    """It goes into a regular expression."""
    for boundary in ("a", "'()+_,-./:=?", "x" * 70):
        raw = body(json.dumps(sample()).encode(), None).replace(BOUNDARY.encode(), boundary.encode())
        headers = {"Authorization": f"Bearer {hat.token(raw)}", "Content-Type": f'multipart/form-data; boundary="{boundary}"'}
        assert httpx.post(f"{ingest_url}/v1/samples", content=raw, headers=headers).status_code == 201
