"""``model.json``: how a released network is fed and read, and that it fits the contract."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError, model_validator

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.errors import ModelError

SCHEMA: Final = 1
UNREADABLE: Final = "unreadable"
"""Eighth label of the crowd output: no face, or one that nobody could read."""
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Seven = Annotated[tuple[float, ...], Field(min_length=len(EMOTIONS), max_length=len(EMOTIONS))]


def _by_emotion(content: object) -> object:
    if not isinstance(content, dict) or set(content) != set(EMOTIONS):
        raise ValueError(f"must be an object with a share for each of {', '.join(EMOTIONS)}")
    return tuple(content[name] for name in EMOTIONS)


class _Part(BaseModel):
    """Unknown keys are ignored: a newer release may say more, as long as the schema is the same."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Normalisation(_Part):
    """What a pixel of 0 to 255 becomes: ``pixel * scale + offset``. Integer inputs are then quantised as the file says."""

    scale: float = 1.0
    offset: float = 0.0


class Input(_Part):
    """The one input tensor, (1, height, width, channels)."""

    width: Literal[48]
    height: Literal[48]
    channels: Literal[1]
    dtype: Literal["uint8", "int8", "float32"]
    normalisation: Normalisation = Normalisation()


class Output(_Part):
    """Logits over the seven emotions, in the contract's order."""

    index: int = Field(ge=0)
    """Place among the file's outputs"""
    meaning: str = ""
    temperature: Positive = 1.0
    """The logits are divided by it"""


class CrowdOutput(Output):
    """Logits over the seven emotions and "unreadable", as many people would have voted. What the edge reads."""

    labels: tuple[str, ...] = (*EMOTIONS, UNREADABLE)
    log_prior_shift: Seven = (0.0,) * len(EMOTIONS)
    """Added to the seven logits after the temperature: the operating point, from the training data's shares of the emotions"""
    thresholds: Annotated[tuple[Share, ...], BeforeValidator(_by_emotion)] = (0.5,) * len(EMOTIONS)
    """Share below which the first choice is "unsure", for each emotion in the contract's order; in the file an object"""
    readable_threshold: Share = 0.5

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        _same("outputs.crowd.labels", self.labels, (*EMOTIONS, UNREADABLE))
        return self


class Outputs(_Part):
    """The file's outputs by name."""

    crowd: CrowdOutput
    fer2013: Output | None = None
    """Read by the measurements against FER2013's own labels only"""


class Description(_Part):
    """``model.json``."""

    schema_: Literal[1] = Field(alias="schema")
    id: str = Field(min_length=1, max_length=80)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    labels: tuple[str, ...]
    input: Input
    outputs: Outputs
    figures: dict[str, JsonValue] = {}
    provenance: dict[str, JsonValue] = {}

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        _same("labels", self.labels, EMOTIONS)
        return self


def read_description(text: bytes, where: str) -> Description:
    """The content of a model.json.

    Raises:
        ModelError: it does not fit; the message names ``where`` and the first thing that is wrong.
    """
    try:
        return Description.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(f"{where}: {_in_words(error)}; take another release") from error


def _same(where: str, found: tuple[str, ...], expected: tuple[str, ...]) -> None:
    if found != expected:
        raise ValueError(f"{where} are {', '.join(found)}, but must be {', '.join(expected)}, in this order")


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=True)[0]
    where = ".".join(map(str, first["loc"]))
    if where == "schema" and first["type"] == "literal_error":
        return f"schema {first['input']!r} is not the {SCHEMA} that this version reads"
    return f"{where}: {first['msg']}".removeprefix(": ").replace("Value error, ", "")
