"""One file with all that belongs to a network: the same bytes for the same network and key, whenever they are made."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from howsitgoing_models.errors import PublishError
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.measure.runtime import Network
from howsitgoing_models.publishing.signing import MANIFEST, signed
from howsitgoing_models.release import bundle

MANIFEST_FILE: Final = "manifest.json"
GOLDEN_FILE: Final = "golden.json"
TOLERANCE: Final = 0.05
"""How far a share may be off on a device: other processors round an int8 network otherwise"""
_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)
_SIDE: Final = 48


def content(model: Path, golden: Path) -> tuple[bundle.Description, dict[str, bytes]]:
    """What a device gets of the model in the folder ``model``, with the pictures in ``golden`` and what it reads in them.

    Raises:
        BundleError: the model is broken.
        PublishError: a golden picture is missing or none.
    """
    description, network = bundle.load(model)
    pictures = {f"{name}.png": _read(golden / f"{name}.png") for name in EMOTIONS}
    return description, {
        bundle.MODEL_FILE: network,
        bundle.DESCRIPTION_FILE: (model / bundle.DESCRIPTION_FILE).read_bytes(),
        GOLDEN_FILE: _json(_answers(description, network, pictures)),
        **pictures,
    }


def pack(model: str, files: Mapping[str, bytes], minimum_agent: str, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The archive: ``files``, and a signed manifest that lists them to the byte. Nothing is compressed: nothing can swell."""
    listed = {name: {"size": len(files[name]), "sha256": bundle.sha256(files[name])} for name in sorted(files)}
    manifest = {"schema": 1, "model": model, "minimum_agent": minimum_agent, "files": listed}
    written = {MANIFEST_FILE: signed(_json(manifest), MANIFEST, keys), **{name: files[name] for name in sorted(files)}}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in written.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_DATE), data)
    return made.getvalue()


def differs(archive: bytes, files: Mapping[str, bytes]) -> bool:
    """Whether an earlier archive holds anything else than ``files``, signatures aside."""
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return {name: found.read(name) for name in found.namelist() if name != MANIFEST_FILE} != files


def _answers(description: bundle.Description, network: bytes, pictures: Mapping[str, bytes]) -> dict[str, Any]:
    crops = np.stack([_crop(name, png) for name, png in pictures.items()])
    scores, readable = description.outputs.crowd.read(Network(network, batch=1).logits(crops)[0])
    answers = [
        {"file": name, "scores": [round(float(share), 5) for share in row], "readable": round(float(seen), 5)}
        for name, row, seen in zip(pictures, scores, readable, strict=True)
    ]
    return {"schema": 1, "tolerance": TOLERANCE, "crops": answers}


def _crop(name: str, png: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE) if png else None
    if image is None or image.shape != (_SIDE, _SIDE):
        raise PublishError(
            f"the golden picture {name} is none of {_SIDE}x{_SIDE} pixels: 'howsitgoing-models golden' makes them"
        )
    return np.asarray(image, np.uint8)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PublishError(f"{path}: {error.strerror}; 'howsitgoing-models golden' makes the golden pictures") from error


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=1).encode() + b"\n"
