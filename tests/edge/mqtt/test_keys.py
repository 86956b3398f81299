"""A certificate that comes back is checked before anything rests on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.certificates import Authority

from howsitgoing_edge.errors import IdentityError, StorageError
from howsitgoing_edge.mqtt import keys


def test_a_certificate_is_taken_from_pem_and_from_terraforms_json(tmp_path: Path, house_authority: Authority) -> None:
    """The operator sends either; what mail and editors put around it does no harm."""
    key = keys.make_key(tmp_path / "key")
    pem = house_authority.sign(keys.request(key, "hat-1"))
    for text in (pem, f"\ufeffHello,\r\n\r\n{pem}\r\nBye", json.dumps({"hat-1": pem, "hat-2": "another"})):
        assert keys.fitting(text, "hat-1", key) == pem


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("another's", "the certificate belongs to another key: it must be made from this device's own request"),
        ("ended", "the certificate ended on 20"),
        ("nothing", "there is no certificate in it"),
        ("json without us", "there is no certificate for 'hat-1' in it, only for hat-2"),
        ("broken json", "this is neither PEM nor JSON"),
        ("damaged", "the certificate is damaged"),
        ("a private key", "this holds a private key: nobody may send one around"),
    ],
)
def test_a_certificate_that_cannot_be_right_is_refused(
    tmp_path: Path, house_authority: Authority, answer: str, reason: str
) -> None:
    """Each in words that say what to ask the operator for."""
    key = keys.make_key(tmp_path / "key")
    request = keys.request(key, "hat-1")
    good = house_authority.sign(request)
    answers = {
        "another's": house_authority.sign(keys.request(keys.make_key(tmp_path / "other"), "hat-1")),
        "ended": house_authority.sign(request, days=-1),
        "nothing": "Dear operator\n",
        "json without us": json.dumps({"hat-2": good}),
        "broken json": "{" + good,
        "damaged": good[:80] + good[90:],
        "a private key": (tmp_path / "key").read_text() + good,
    }
    with pytest.raises(IdentityError, match=reason):
        keys.fitting(answers[answer], "hat-1", key)


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"Dear diary", 0o600, "holds no private key: move it away, and a new one is made"),
        (b"", 0o600, "holds no private key"),
        (b"secret", 0o640, "others on this machine can read or change the key: chmod 600"),
    ],
    ids=["text", "empty", "open"],
)
def test_what_lies_in_the_keys_place_is_never_overwritten(tmp_path: Path, content: bytes, mode: int, reason: str) -> None:
    """It may be the key of something else."""
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(IdentityError, match=reason):
        keys.make_key(file)
    assert file.read_bytes() == content


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A card that is read-only, a path that is a file."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=f"the key {tmp_path}/file/key cannot be written: "):
        keys.make_key(tmp_path / "file" / "key")
