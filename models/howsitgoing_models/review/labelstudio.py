"""Label Studio's files: tasks with predictions out, annotations in. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from xml.etree import ElementTree as ET  # written here, never read

from howsitgoing_models.dataset.row import LABELS
from howsitgoing_models.errors import DataError, ParameterError
from howsitgoing_models.labels import EMOTIONS, UNREADABLE
from howsitgoing_models.review.names import check_pseudonym, check_sample
from howsitgoing_models.review.reading import Face
from howsitgoing_models.review.votes import Vote

FIELD: Final = "sample"
"""Of a task's data: the sample's id"""
_IMAGE, _CONTROL = "face", "looks"
_HINTS: Final = {UNREADABLE: "no face, or unclear"}


@dataclass(frozen=True)
class Annotated:
    """What an export of Label Studio says."""

    votes: tuple[Vote, ...]
    skipped: int
    """Annotations that were cancelled, or say nothing"""


def labelling() -> str:
    """The labelling interface that the tasks are made for: Settings, Labeling Interface, Code."""
    view = ET.Element("View")
    ET.SubElement(view, "Header", value="This face looks …")
    ET.SubElement(view, "Image", name=_IMAGE, value="$image", maxWidth="336px", zoomControl="false", rotateControl="false")
    choices = ET.SubElement(view, "Choices", name=_CONTROL, toName=_IMAGE, choice="single", required="true", showInLine="true")
    for place, label in enumerate(LABELS, 1):
        choice = ET.SubElement(choices, "Choice", value=label, hotkey=str(place))
        if label in _HINTS:
            choice.set("hint", _HINTS[label])
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def task(face: Face, jpeg: bytes, *, with_prediction: bool) -> dict[str, Any]:
    """One task: the picture inside it, the sample's id, and nothing about device or person.

    A prediction that is no emotion (``none``, ``unsure``) is left out: Label Studio could only offer it as an answer.
    """
    image = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    made: dict[str, Any] = {"data": {"image": image, FIELD: face.id}}
    said = face.prediction
    if with_prediction and said.emotion in EMOTIONS:
        choice = {"from_name": _CONTROL, "to_name": _IMAGE, "type": "choices", "value": {"choices": [said.emotion]}}
        made["predictions"] = [{"model_version": said.model, "score": said.confidence, "result": [choice]}]
    return made


def annotated(tasks: Iterable[Any], reviewers: Mapping[str, str]) -> Annotated:
    """The votes in an export, in Label Studio's format JSON.

    Predictions in it count for nothing: only what somebody submitted does.

    Args:
        tasks: the file's content.
        reviewers: number of a user there -> pseudonym here; others become ``ls-<number>``.

    Raises:
        DataError: a task is none of ours, or a label is outside the list. Then nothing of the file may be used.
    """
    votes: list[Vote] = []
    skipped = 0
    for place, made in enumerate(tasks, 1):
        try:
            sample = check_sample(str(made["data"][FIELD]))
            for annotation in made["annotations"]:
                value = None if annotation.get("was_cancelled") else _choice(annotation["result"])
                if value is None:
                    skipped += 1
                    continue
                votes.append(Vote(sample, _by(annotation["completed_by"], reviewers), value, _at(annotation)))
        except (KeyError, TypeError, ValueError, AttributeError, ParameterError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise DataError(f"task {place} is none that 'review tasks' made, exported as JSON: {what[:120]}") from error
    return Annotated(tuple(votes), skipped)


def _choice(result: list[Any]) -> str | None:
    chosen = [choice for one in result if one["from_name"] == _CONTROL for choice in one["value"]["choices"]]
    if not chosen:
        return None
    if len(chosen) > 1:
        raise ValueError(f"{len(chosen)} labels for one face")
    if chosen[0] not in LABELS:
        raise ValueError(f"{chosen[0]!r:.40} is no label: known are {', '.join(LABELS)}")
    return str(chosen[0])


def _by(user: Any, reviewers: Mapping[str, str]) -> str:  # noqa: ANN401  a number, or a map with a person's name and address
    number = str(user["id"] if isinstance(user, Mapping) else int(user))
    return check_pseudonym(reviewers.get(number, f"ls-{number}"))


def _at(annotation: Mapping[str, Any]) -> datetime:
    time = datetime.fromisoformat(annotation.get("updated_at") or annotation["created_at"])
    if time.tzinfo is None:
        raise ValueError(f"time {time} has no offset")
    return time
