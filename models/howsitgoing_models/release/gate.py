"""What a new model must not lose against the one in place, and the bounds that hold for any. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

from howsitgoing_models.parameters import Gate

Headline = Mapping[str, float | None]


@dataclass(frozen=True)
class Guard:
    """One figure that is compared with the model in place."""

    key: str
    tolerance: str
    """The field of `Gate`"""
    higher_is_better: bool = True


GUARDS: Final = (
    Guard("ferplus_accuracy", "ferplus_accuracy"),
    Guard("ferplus_macro_recall", "ferplus_macro_recall"),
    Guard("operating_accuracy", "ferplus_accuracy"),
    Guard("fer2013_accuracy", "fer2013_accuracy"),
    Guard("macro_f1", "macro_f1"),
    Guard("ece", "ece", higher_is_better=False),
    Guard("weakest_recall", "weakest_recall"),
    Guard("half_size_accuracy", "robustness"),
    Guard("blur_accuracy", "robustness"),
    Guard("shifted_box_accuracy", "robustness"),
    Guard("talking_neutral_recall", "talking"),
    Guard("no_face_refused", "talking"),
)


def headline(report: Mapping[str, Any]) -> dict[str, float | None]:
    """The figures of a report that go into model.json and through the gate."""
    opened = report["opened_mouth"]
    int8 = report["int8"]
    per_class = [recall for recall in report["per_class_recall"].values() if recall is not None]
    return {
        **{
            key: _known(report[key])
            for key in (
                "ferplus_accuracy",
                "ferplus_macro_recall",
                "fer2013_accuracy",
                "macro_f1",
                "ece",
                "size_bytes",
                "ms_per_face",
            )
        },
        "operating_accuracy": report["operating_point"]["accuracy"],
        "selective_accuracy": report["operating_point"]["selective_accuracy"],
        "weakest_recall": min(per_class),
        **{f"{key}_accuracy": report["robustness"][key]["ferplus_accuracy"] for key in ("half_size", "blur", "shifted_box")},
        "talking_neutral_recall": None if opened is None else opened["neutral_recall_by_opening"]["0.3"],
        "no_face_refused": report["readable"]["no_face_refused"],
        "int8_loss": None
        if int8 is None
        else max(_known(int8[f"{head}_accuracy_loss"]) or 0.0 for head in ("ferplus", "fer2013")),
    }


def _known(value: float) -> float | None:
    """None for a figure of labels that the data set does not have."""
    return None if isnan(value) else value


def refusals(new: Headline, in_place: Headline | None, settings: Gate) -> list[str]:
    """Why ``new`` may not be released: one line a reason; none = it may.

    A figure that the model in place does not have, is not compared; one that only the new model lacks, is a reason.
    """
    reasons = []
    size, loss = new["size_bytes"], new["int8_loss"]
    if size is None or size > settings.max_size_bytes:
        reasons.append(f"size_bytes {size}: more than {settings.max_size_bytes}")
    if loss is not None and loss > settings.max_int8_loss:
        reasons.append(f"int8 loses {loss:.4f} of accuracy: more than {settings.max_int8_loss}")
    for guard in GUARDS if in_place else ():
        reasons += _compare(guard, new.get(guard.key), (in_place or {}).get(guard.key), getattr(settings, guard.tolerance))
    slow, known = new["ms_per_face"], (in_place or {}).get("ms_per_face")
    if slow and known and slow > known * settings.ms_per_face_ratio:
        reasons.append(f"ms_per_face {slow}: more than {settings.ms_per_face_ratio} times the {known} of the model in place")
    return reasons


def export_refusals(compared: Mapping[str, Any], settings: Gate) -> list[str]:
    """Why a model may not be released by what `compare` found on exports: one line a reason; none = it may.

    Too few faces decide nothing, in all or in a group.
    """
    if compared["images"] < settings.export_images:
        return []
    reasons = []
    for key, tolerance in (("accuracy", settings.export_accuracy), ("macro_recall", settings.export_macro_recall)):
        reasons += _compare(Guard(f"export_{key}", ""), compared[f"new_{key}"], compared[f"old_{key}"], tolerance)
    for name, group in (compared["groups"] or {}).items():
        if group["images"] >= settings.export_images:
            guard = Guard(f"accuracy of {name}", "")
            reasons += _compare(guard, group["new_accuracy"], group["old_accuracy"], settings.export_group)
    return reasons


def _compare(guard: Guard, new: float | None, old: float | None, tolerance: float) -> list[str]:
    if old is None:
        return []
    if new is None:
        return [f"{guard.key} was not measured, and the model in place has it ({old:.4f})"]
    loss = old - new if guard.higher_is_better else new - old
    if loss <= tolerance:
        return []
    return [f"{guard.key} {new:.4f}: worse than the {old:.4f} of the model in place by more than {tolerance}"]
