"""Label Studio's own SDK as the judge of our files; run by the Python of .venv-label-studio, which has nothing of ours.

    python label_studio.py FOLDER ANSWERS

Checks labelling.xml and tasks.json of FOLDER as Label Studio does when they are imported, and writes two files into it:
``project.json``, an export as Label Studio makes it, in which users 1 and 2 have answered; and ``min/result.json``, the same
through Label Studio's converter. ANSWERS is JSON, sample -> {user: label}; a label of null is a cancelled annotation. Prints
what it saw as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from label_studio_sdk.converter import Converter  # type: ignore[import-not-found]
from label_studio_sdk.label_interface import LabelInterface  # type: ignore[import-not-found]
from label_studio_sdk.label_interface.objects import TaskValue  # type: ignore[import-not-found]


def main(folder: Path, answers: dict[str, dict[str, str | None]]) -> dict[str, Any]:
    """Raises AssertionError or what the SDK raises: Label Studio would not take it."""
    config = (folder / "labelling.xml").read_text("utf-8")
    tasks = json.loads((folder / "tasks.json").read_text("utf-8"))
    interface = LabelInterface(config)
    interface.validate()
    predictions = [prediction for task in tasks for prediction in task.get("predictions", ())]
    errors = [interface.validate_prediction(prediction, return_errors=True) for prediction in predictions]
    assert not any(errors), errors
    assert all(interface.validate_task({"data": TaskValue(**task).data}) for task in tasks)
    project = [_answered(interface, number, task, answers) for number, task in enumerate(tasks, 1)]
    (folder / "project.json").write_text(json.dumps(project))
    Converter(config, str(folder)).convert_to_json_min(str(folder / "project.json"), str(folder / "min"), is_dir=False)
    control = interface.get_control()
    return {"tasks": len(tasks), "predictions": len(predictions), "labels": list(control.labels), "control": control.name}


def _answered(
    interface: LabelInterface, number: int, task: dict[str, Any], answers: dict[str, dict[str, str | None]]
) -> dict[str, Any]:
    annotations = []
    for user, label in answers.get(task["data"]["sample"], {}).items():
        result = [] if label is None else [region._dict() for region in interface.create_regions({"looks": label})]
        made = {
            "id": 100 * number + int(user),
            "completed_by": {"id": int(user), "email": f"user{user}@example.org", "first_name": "", "last_name": ""},
            "result": result,
            "was_cancelled": label is None,
            "ground_truth": False,
            "created_at": "2026-02-03T10:00:00.123456Z",
            "updated_at": f"2026-02-03T1{user}:00:00.123456Z",
            "lead_time": 2.5,
        }
        assert interface.validate_annotation(made)
        annotations.append(made)
    return {"id": number, "inner_id": number, "project": 1, **task, "annotations": annotations}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), json.loads(sys.argv[2]))))  # noqa: T201
