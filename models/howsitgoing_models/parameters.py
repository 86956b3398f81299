"""The one parameter file of a training run."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from howsitgoing_models.errors import ParameterError

DEFAULT = Path(__file__).parent / "parameters.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Section):
    """What is learnt from."""

    choose_share: float = Field(0.06, gt=0, lt=0.5, description="share of the training images held out for choices")
    seed: int = 20
    drop_near_twins: bool = Field(default=True, description="leave out training images that nearly equal a held-out one")
    balance: float = Field(0, ge=0, le=1, description="0: images as often as they come; 1: every emotion equally often")
    export_share: float = Field(
        0, ge=0, lt=1, description="of what each epoch draws, from exports; the rest from published sets. 0: as they come"
    )


class Augment(_Section):
    """How each image is varied, anew in every epoch."""

    rotate_degrees: float = Field(10, ge=0, le=45)
    scale: float = Field(0.12, ge=0, lt=0.5, description="standard deviation of the log scale")
    shift: float = Field(0.06, ge=0, lt=0.5, description="standard deviation, as a share of the side")
    contrast: float = Field(0.25, ge=0)
    brightness: float = Field(0.12, ge=0)
    blur_chance: float = Field(0.2, ge=0, le=1)
    shrink_chance: float = Field(0.2, ge=0, le=1)
    noise_chance: float = Field(0.2, ge=0, le=1)
    erase_chance: float = Field(0.25, ge=0, le=1)
    open_mouth_chance: float = Field(0.25, ge=0, le=1, description="of a neutral face: opened as in talking")
    negative_share: float = Field(0.06, ge=0, lt=0.5, description="parts without a face, as a share of the batch")


class Net(_Section):
    """A small residual network; 48x48 gray in, two heads out."""

    widths: tuple[int, ...] = (32, 48, 96, 144)
    blocks: tuple[int, ...] = (0, 1, 2, 1)
    dropout: float = Field(0.3, ge=0, lt=1)
    norm_momentum: float = Field(0.99, gt=0, lt=1, description="of the running mean and variance; short runs want less")


_Application = Literal[
    "",
    "EfficientNetB0",
    "EfficientNetV2B0",
    "InceptionV3",
    "MobileNetV2",
    "MobileNetV3Large",
    "MobileNetV3Small",
    "Xception",
]


class Backbone(_Section):
    """Transfer learning: a Keras application in place of our own network."""

    name: _Application = Field("", description="empty: our own network, from scratch")
    weights: str = Field("imagenet", description="imagenet (Keras's cache or the network), a file, or empty: random")
    side: int = Field(96, ge=32, le=320, description="pixels that the crop is enlarged to")
    frozen: bool = Field(default=True, description="train the heads alone; next with false, --start from that")
    dropout: float = Field(0.2, ge=0, lt=1)
    options: dict[str, float | bool] = Field({}, description="further arguments of the application, such as alpha")


class Distil(_Section):
    """Learning from larger networks beside the labels."""

    weight: float = Field(0.5, ge=0, le=1, description="of the lesson; the rest is the image's own labels")
    temperature: float = Field(1.5, gt=0, description="of the teachers' shares")


class Train(_Section):
    """The schedule."""

    epochs: int = Field(50, ge=1)
    batch: int = Field(128, ge=8)
    learning_rate: float = Field(0.1, gt=0)
    weight_decay: float = Field(5e-3, ge=0, description="decoupled (Loshchilov and Hutter, ICLR 2019)")
    clip_norm: float = Field(5.0, gt=0, description="of the whole gradient; a guard against a bad batch")
    warmup_epochs: float = Field(2, ge=0)
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    fer2013_weight: float = Field(0.7, ge=0)
    seed: int = 7
    precision: Literal["float32", "mixed_bfloat16"] = "mixed_bfloat16"

    @model_validator(mode="after")
    def _warms_up_before_the_end(self) -> Self:
        if self.warmup_epochs >= self.epochs:
            raise ValueError(f"warmup_epochs {self.warmup_epochs} must be less than epochs {self.epochs}")
        return self


class Convert(_Section):
    """From Keras to int8."""

    representative: int = Field(500, ge=1, description="training crops that the ranges of the activations are taken from")
    seed: int = 3
    mirror: bool = Field(default=False, description="look at each crop and its mirror image: surer, at twice the time")


class Calibrate(_Section):
    """The operating point, chosen on the images held out for choices."""

    min_accuracy: float = Field(0.835, gt=0, lt=1, description="of the crowd head, after the shift by the prior")
    max_loss: float = Field(
        0.015, ge=0, lt=1, description="accuracy that the shift may cost where min_accuracy is out of reach"
    )
    max_strength: float = Field(1.0, ge=0, description="of the logit adjustment (Menon et al., ICLR 2021)")
    selective_accuracy: float = Field(0.80, gt=0, lt=1, description="of each first choice that is not called unsure")
    prior_weight: float = Field(10, ge=0, description="images that the pooled accuracy counts for where a class has few")
    keep_readable: float = Field(0.99, gt=0, lt=1, description="share of the readable faces that must stay readable")


class Evaluate(_Section):
    """What is measured beside accuracy."""

    seed: int = 11
    latency_runs: int = Field(400, ge=10)


class Gate(_Section):
    """How much worse than the model in place a new one may be, and the bounds that hold for any."""

    ferplus_accuracy: float = Field(0.003, ge=0)
    ferplus_macro_recall: float = Field(0.01, ge=0)
    fer2013_accuracy: float = Field(0.003, ge=0)
    macro_f1: float = Field(0.01, ge=0)
    ece: float = Field(0.01, ge=0)
    weakest_recall: float = Field(0.05, ge=0)
    robustness: float = Field(0.01, ge=0, description="accuracy on small, blurred or shifted faces")
    talking: float = Field(0.03, ge=0, description="neutral faces with an opened mouth; crops without a face")
    ms_per_face_ratio: float = Field(1.5, ge=1, description="times the model in place; machines differ and are shared")
    export_accuracy: float = Field(0.01, ge=0, description="on the test split of exports, at the operating point")
    export_macro_recall: float = Field(0.02, ge=0, description="likewise")
    export_group: float = Field(0.05, ge=0, description="accuracy in any group of it")
    export_images: int = Field(50, ge=1, description="fewer faces, there or in a group, decide nothing")
    max_int8_loss: float = Field(0.003, ge=0)
    max_size_bytes: int = Field(1_000_000, ge=1)


class Parameters(_Section):
    """Everything that shapes a run."""

    data: Data = Data()
    augment: Augment = Augment()
    net: Net = Net()
    backbone: Backbone = Backbone()
    distil: Distil = Distil()
    train: Train = Train()
    convert: Convert = Convert()
    calibrate: Calibrate = Calibrate()
    evaluate: Evaluate = Evaluate()
    gate: Gate = Gate()


def read(path: Path = DEFAULT) -> Parameters:
    """The parameters in the TOML file at ``path``.

    Raises:
        ParameterError: it can't be read, or a key or value in it is wrong.
    """
    try:
        return Parameters.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ParameterError(f"{path}: {error}") from error
