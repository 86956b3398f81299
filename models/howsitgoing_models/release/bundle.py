"""model.json: everything that somebody who runs the network must know of it. The edge reads what is written here."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from howsitgoing_models.errors import BundleError
from howsitgoing_models.figures import Logits, Shares, softmax
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS

MODEL_FILE: Final = "model.tflite"
DESCRIPTION_FILE: Final = "model.json"
WEIGHTS_FILE: Final = "weights.npz"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Normalisation(_Part):
    """What the network wants of a gray pixel 0..255: ``pixel * scale + offset``."""

    scale: float = 1.0
    offset: float = 0.0


class Input(_Part):
    """The network's input (1, height, width, channels)."""

    width: int = 48
    height: int = 48
    channels: int = 1
    dtype: str = "uint8"
    normalisation: Normalisation = Normalisation()


class CrowdHead(_Part):
    """What people see in the face."""

    index: int = Field(ge=0, description="place among the interpreter's outputs")
    meaning: str = "logits over labels + unreadable"
    labels: tuple[str, ...] = CROWD_OUTPUTS
    temperature: float = Field(1.0, gt=0)
    log_prior_shift: tuple[float, ...] = (0.0,) * len(EMOTIONS)
    shift_strength: float = Field(0.0, ge=0, description="1: as if all emotions were equally frequent; already in the shift")
    thresholds: dict[str, float] = dict.fromkeys(EMOTIONS, 0.0)
    readable_threshold: float = Field(0.5, ge=0, le=1)
    scores: str = "softmax(logits[:7] / temperature + log_prior_shift)"
    readable: str = "1 - softmax(logits / temperature)[7]"

    def read(self, logits: Logits) -> tuple[Shares, Shares]:
        """(N, 8) logits -> scores (N, 7) that add up to 1, and readable (N,): the operating point of this file."""
        return (
            softmax(logits[:, : len(EMOTIONS)] / self.temperature + np.array(self.log_prior_shift)),
            1 - softmax(logits / self.temperature)[:, -1],
        )

    def sure(self, scores: Shares) -> npt.NDArray[np.bool_]:
        """(N, 7) scores -> (N,): the first choice reaches its threshold; where it does not, the answer is "unsure"."""
        limits = np.array([self.thresholds[name] for name in EMOTIONS])
        return np.asarray(scores.max(1) >= limits[scores.argmax(1)])


class Fer2013Head(_Part):
    """FER2013's own label, for comparison with the literature."""

    index: int = Field(ge=0)
    meaning: str = "logits over labels"
    labels: tuple[str, ...] = EMOTIONS
    temperature: float = Field(1.0, gt=0)


class Outputs(_Part):
    """The network's outputs."""

    crowd: CrowdHead
    fer2013: Fer2013Head


class Description(_Part):
    """The whole of model.json."""

    schema_: Literal[1] = Field(1, alias="schema")
    id: str = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    labels: tuple[str, ...] = EMOTIONS
    input: Input = Input()
    outputs: Outputs
    figures: dict[str, Any] = {}
    provenance: dict[str, Any] = {}

    def to_json(self) -> str:
        """The file's text."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def sha256(content: bytes) -> str:
    """Hexadecimal digest."""
    return hashlib.sha256(content).hexdigest()


def load(folder: Path) -> tuple[Description, bytes]:
    """The description and the network's bytes in ``folder``.

    Raises:
        BundleError: a file is missing or broken, or they do not belong together.
    """
    try:
        description = Description.model_validate_json((folder / DESCRIPTION_FILE).read_bytes())
        model = (folder / MODEL_FILE).read_bytes()
    except (OSError, ValidationError) as error:
        raise BundleError(f"{folder} holds no usable model: {error}") from error
    if sha256(model) != description.sha256:
        raise BundleError(f"{folder / MODEL_FILE} is not the file that {DESCRIPTION_FILE} describes (sha256 differs)")
    if description.labels != EMOTIONS or description.outputs.crowd.labels != CROWD_OUTPUTS:
        raise BundleError(f"{folder / DESCRIPTION_FILE}: the labels are not the contract's, in its order")
    return description, model


def save(folder: Path, description: Description, model: bytes) -> None:
    """Write both files; the description last, so that a reader never finds one without its network."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ((MODEL_FILE, model), (DESCRIPTION_FILE, description.to_json().encode())):
        fresh = folder / f".{name}.new"
        fresh.write_bytes(content)
        fresh.replace(folder / name)
