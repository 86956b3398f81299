"""The archive that carries a network: nothing in it is looked at before its signature and hashes are."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, ValidationError

from howsitgoing_edge.errors import UpdateRefused
from howsitgoing_edge.update.channel import MAX_BUNDLE_BYTES, Channel, ModelId, Part, Sha256, Version
from howsitgoing_edge.update.signing import MANIFEST, opened

MANIFEST_FILE: Final = "manifest.json"
NETWORK_FILE: Final = "model.tflite"
DESCRIPTION_FILE: Final = "model.json"
GOLDEN_FILE: Final = "golden.json"
NEEDED: Final = frozenset({NETWORK_FILE, DESCRIPTION_FILE, GOLDEN_FILE})
_MAX_MANIFEST_BYTES: Final = 65_536
_MOST_FILES: Final = 64
_BROKEN: Final = (zipfile.BadZipFile, OSError, EOFError, KeyError, ValueError, RuntimeError)
"""What zipfile and `_content` raise: KeyError for a missing file, RuntimeError for an encrypted one or one of a later format"""

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$")]


class Listed(Part):
    """One file, by its content."""

    size: int = Field(ge=0, le=MAX_BUNDLE_BYTES)
    sha256: Sha256


class Manifest(Part):
    """``manifest.json``, in its envelope: what belongs to the network, to the byte."""

    schema_: Literal[1] = Field(alias="schema")
    model: ModelId
    minimum_agent: Version
    files: dict[FileName, Listed] = Field(max_length=_MOST_FILES)


@dataclass(frozen=True, eq=False)
class Package:
    """A network with all that belongs to it, verified."""

    model: str
    files: Mapping[str, bytes]
    """By name, ``manifest.json`` as it came among them"""


def unpack(archive: bytes, channel: Channel, key: str) -> Package:
    """The content of ``archive``, which ``channel`` has named.

    Raises:
        UpdateRefused: not the archive that was meant, not signed by ``key``, or not to the byte what its manifest lists.
    """
    where = channel.bundle.file
    if len(archive) != channel.bundle.size or hashlib.sha256(archive).hexdigest() != channel.bundle.sha256:
        raise UpdateRefused(f"{where} is not the file that latest.json means: cut short, changed on the way, or another one")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as found:
            envelope = _content(found, MANIFEST_FILE, _MAX_MANIFEST_BYTES)
            manifest = _manifest(envelope, key, where)
            _same_names(found, manifest, where)
            files = {name: _content(found, name, listed.size) for name, listed in manifest.files.items()}
    except _BROKEN as error:
        raise UpdateRefused(f"{where} is not a whole archive of 'howsitgoing-models publish' ({error})") from error
    for name, listed in manifest.files.items():
        if len(files[name]) != listed.size or hashlib.sha256(files[name]).hexdigest() != listed.sha256:
            raise UpdateRefused(f"{where}: {name} is not the file that its manifest lists")
    if manifest.model != channel.model or manifest.minimum_agent != channel.minimum_agent:
        raise UpdateRefused(
            f"{where} holds {manifest.model}, and latest.json says {channel.model}: two that do not belong together"
        )
    return Package(manifest.model, {**files, MANIFEST_FILE: envelope})


def _manifest(envelope: bytes, key: str, where: str) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(opened(envelope, MANIFEST, key, f"{where}: {MANIFEST_FILE}"))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UpdateRefused(f"{where}: {MANIFEST_FILE} is not what this version reads ({first['msg']})") from error
    if lacking := NEEDED - manifest.files.keys():
        raise UpdateRefused(f"{where} lacks {', '.join(sorted(lacking))}")
    return manifest


def _same_names(found: zipfile.ZipFile, manifest: Manifest, where: str) -> None:
    if sorted(found.namelist()) != sorted([*manifest.files, MANIFEST_FILE]):
        raise UpdateRefused(f"{where} holds other files than its manifest lists")


def _content(found: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most ``most`` bytes and one more; only files that were stored as they are, so nothing can swell."""
    entry = found.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > most:
        raise ValueError(f"{name} is compressed or too long")
    with found.open(entry) as file:
        return file.read(most + 1)
