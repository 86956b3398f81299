"""The device's key: one alone, for its owner alone, and never half a key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from howsitgoing_edge.cloud.identity import FILE_NAME, load_key, make_key, public_key
from howsitgoing_edge.errors import IdentityError, StorageError


def test_of_many_that_make_it_at_once_all_get_the_same(tmp_path: Path) -> None:
    """The agent and a person may both be first; two keys would mean one that nobody knows."""
    with ThreadPoolExecutor(8) as pool:
        keys = {public_key(key) for key in pool.map(lambda _: make_key(tmp_path / "state"), range(16))}
    assert len(keys) == 1
    assert [file.name for file in (tmp_path / "state").iterdir()] == [FILE_NAME]


def test_there_is_none_before_somebody_wants_one(tmp_path: Path) -> None:
    """A device that shares nothing has nothing to hide."""
    assert load_key(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def _rsa() -> bytes:
    return rsa.generate_private_key(65_537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff" * 200, _rsa()], ids=["empty", "text", "bytes", "rsa"])
def test_what_is_no_such_key_is_told_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    """It may be somebody's; and the cloud would not know a new one."""
    file = tmp_path / FILE_NAME
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(IdentityError, match="move it away"):
        make_key(tmp_path)
    assert file.read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_could_read_is_not_used(tmp_path: Path, mode: int) -> None:
    """It may be known already; whoever set that should hear of it."""
    make_key(tmp_path)
    (tmp_path / FILE_NAME).chmod(mode)
    with pytest.raises(IdentityError, match="chmod 600"):
        load_key(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """In a shared folder somebody could put their own key under ours."""
    make_key(tmp_path / "theirs")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / FILE_NAME).symlink_to(tmp_path / "theirs" / FILE_NAME)
    with pytest.raises(IdentityError, match="cannot be read"):
        make_key(tmp_path / "ours")


def test_where_it_cannot_be_kept_there_is_none(tmp_path: Path) -> None:
    """A key that is forgotten at the next start would be registered in vain."""
    (tmp_path / "state").write_text("a file")
    with pytest.raises((StorageError, IdentityError)):
        make_key(tmp_path / "state")
