"""Label Studio's files, judged by Label Studio's own SDK, and tables: all of a file or nothing, as often as one likes."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from support import reviewing
from support.collected import Collected, firestore_of
from support.emulators import Emulators
from typer.testing import CliRunner

from howsitgoing_models.dataset.row import LABELS
from howsitgoing_models.errors import DataError, ParameterError
from howsitgoing_models.review.command import app
from howsitgoing_models.review.importing import Reviewers, votes_in

Fill = Callable[[Iterable[Collected]], str]
ROOT = Path(__file__).parents[3]
JUDGE = ROOT / "tests" / "support" / "label_studio.py"
AT = "2026-02-03T12:00:00Z"


def label_studio(folder: Path, answers: dict[str, dict[str, str | None]]) -> dict[str, Any]:
    """What Label Studio's SDK says of the folder; it leaves the export of a project there."""
    python = ROOT / ".venv-label-studio" / "bin" / "python"
    if not python.exists():
        pytest.skip("Label Studio's SDK is not installed: scripts/environment .venv-label-studio label-studio")
    words = [str(python), str(JUDGE), str(folder), json.dumps(answers)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def labels_of(cloud: Emulators, project: str) -> dict[str, dict[str, Any]]:
    """Sample -> document."""
    return {one.id: one.to_dict() for one in firestore_of(cloud, project).collection("samples").stream()}


def test_the_round_trip_with_label_studio(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """Out with predictions, which it takes as such; in with annotations, which become votes; nothing about person or device."""
    samples = [reviewing.unlabelled(number) for number in range(5)]
    samples[4] = samples[4].but(event__emotion="unsure")
    project = fill(samples)
    out = tmp_path / "to-label"
    told = reviewing.review("tasks", "--project", project, "--out", out, "--json")
    assert json.loads(told) == {"out": str(out), "tasks": 5, "left_out": 0}
    text = (out / "tasks.json").read_text()
    assert [one.content["device_id"] for one in samples if one.content["device_id"] in text] == []
    tasks = {task["data"]["sample"]: task for task in json.loads(text)}
    assert base64.b64decode(tasks[samples[0].name]["data"]["image"].partition("base64,")[2]) == samples[0].jpeg
    assert (out / "tasks.json").stat().st_mode & 0o777 == 0o600
    answers: dict[str, dict[str, str | None]] = {
        samples[0].name: {"1": "happy", "2": "happy"},
        samples[1].name: {"1": "sad", "2": "unreadable"},
        samples[2].name: {"1": None, "2": "fear"},
    }
    judged = label_studio(out, answers)
    assert judged == {"tasks": 5, "predictions": 4, "labels": list(LABELS), "control": "looks"}
    converted = {row["sample"]: row.get("looks") for row in json.loads((out / "min" / "result.json").read_text())}
    assert converted[samples[0].name] == "happy"
    words = ("import", out / "project.json", "--project", project, "--reviewer", "1=blue-owl", "--json")
    first = json.loads(reviewing.review(*words))
    assert first == {"votes": 5, "skipped": 1, "written": 5, "unchanged": 0, "older": 0, "gone": 0, "broken": 0}
    assert json.loads(reviewing.review(*words))["unchanged"] == 5
    documents = labels_of(cloud, project)
    label = documents[samples[0].name]["label"]
    assert (label["value"], label["source"], label["by"]) == ("happy", "reviewer", "ls-2")
    assert label["at"].isoformat() == "2026-02-03T12:00:00.123456+00:00"
    assert documents[samples[1].name]["label"] == reviewing.UNLABELLED
    assert {by: vote["value"] for by, vote in documents[samples[1].name]["votes"].items()} == {
        "blue-owl": "sad",
        "ls-2": "unreadable",
    }
    assert documents[samples[2].name]["label"]["value"] == "fear"
    assert [documents[one.name]["label"] for one in samples[3:]] == [reviewing.UNLABELLED] * 2
    assert "example.org" not in json.dumps(documents, default=str)


def test_without_predictions_nobody_is_led(fill: Fill, tmp_path: Path) -> None:
    """--no-prediction; the folder is there once, and nothing half made is left."""
    project = fill([reviewing.unlabelled(number) for number in range(3)])
    words = ("tasks", "--project", project, "--out", tmp_path / "out", "--no-prediction", "--limit", "2", "--json")
    assert json.loads(reviewing.review(*words))["tasks"] == 2
    assert label_studio(tmp_path / "out", {})["predictions"] == 0
    with pytest.raises(DataError, match="exists; choose another name"):
        reviewing.review(*words)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_table_is_enough(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """For a program, or a person with a spreadsheet."""
    samples = [reviewing.unlabelled(number) for number in range(3)]
    project = fill(samples)
    lines = [f"{one.name},{value}" for one, value in zip(samples, ("happy", "sad", "unreadable"), strict=True)]
    (tmp_path / "votes.csv").write_text("\n".join(["id,label", *lines]))
    words = ("import", tmp_path / "votes.csv", "--project", project, "--by", "r1", "--json")
    assert json.loads(reviewing.review(*words, "--dry-run")) == {"votes": 3, "skipped": 0}
    assert all(content["label"]["value"] is None for content in labels_of(cloud, project).values())
    assert json.loads(reviewing.review(*words))["written"] == 3
    found = labels_of(cloud, project)
    assert [found[one.name]["label"]["value"] for one in samples] == ["happy", "sad", "unreadable"]
    second = [f"{samples[0].name},sad,r2,{AT}", f"{samples[1].name},sad,r2,{AT}"]
    (tmp_path / "more.csv").write_text("\n".join(["id,label,by,at", *second]))
    assert json.loads(reviewing.review("import", tmp_path / "more.csv", "--project", project, "--json"))["written"] == 2
    counted = json.loads(reviewing.review("agreement", "--project", project, "--json"))
    assert {key: counted[key] for key in ("faces", "waiting", "disputed", "labels", "reviewers")} == {
        "faces": 3,
        "waiting": 2,
        "disputed": 1,
        "labels": {"sad": 1, "unreadable": 1},
        "reviewers": {"r1": 3, "r2": 2},
    }
    assert counted["agreement"]["faces"] == 2
    assert (counted["agreement"]["same"], counted["agreement"]["pairs"][0]["kappa"]) == (0.5, 0)
    told = reviewing.review("agreement", "--project", project)
    assert "r1, r2             0.000 on 2" in told


NAME = reviewing.unlabelled(0).name
TASK = {"data": {"sample": NAME}, "annotations": []}


def annotation(**changed: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """One that is in order, but for this."""
    choice = {"from_name": "looks", "to_name": "face", "type": "choices", "value": {"choices": ["happy"]}}
    made = {"completed_by": 1, "result": [choice], "was_cancelled": False, "updated_at": AT, **changed}
    return {**TASK, "annotations": [made]}


def choices(*names: str) -> dict[str, Any]:
    """An annotation with these."""
    return annotation(result=[{"from_name": "looks", "value": {"choices": list(names)}}])


BAD = {
    "label outside the list": ("a.csv", f"id,label,by\n{NAME},happy,r1\n{NAME},bored,r1", "line 3: 'bored' is no label"),
    "a row of nobody": ("a.csv", f"id,label,by\n{NAME},happy,", "line 2: nobody is named"),
    "a name": ("a.csv", f"id,label,by\n{NAME},happy,Dr. Smith", "line 2: 'Dr. Smith' cannot be a reviewer's pseudonym"),
    "a path": ("a.csv", "id,label,by\n../devices/hat-1,happy,r1", "is no sample's id"),
    "a time that is none": ("a.csv", f"id,label,by,at\n{NAME},happy,r1,yesterday", "yesterday is no time such as"),
    "other columns": ("a.csv", "sample,emotion\n1,happy", "its columns are sample, emotion; wanted are id, label"),
    "empty": ("a.csv", "", "its columns are none"),
    "no text": ("a.csv", "\udcff", "cannot be read"),
    "a choice outside the list": ("a.json", json.dumps([TASK, choices("bored")]), "task 2 is none that 'review tasks' made"),
    "two choices": ("a.json", json.dumps([choices("happy", "sad")]), "2 labels for one face"),
    "a task of another project": ("a.json", json.dumps([{"data": {"text": "x"}, "annotations": []}]), "'sample' is missing"),
    "somebody who is no user": ("a.json", json.dumps([annotation(completed_by=None)]), "task 1 is none"),
    "a time without offset": ("a.json", json.dumps([annotation(updated_at="2026-02-03T12:00:00")]), "has no offset"),
    "no list": ("a.json", "{}", "export it from Label Studio as JSON"),
    "cut off": ("a.json", json.dumps([choices("happy")])[:-9], "cannot be read"),
    "not there": ("b.json", None, "cannot be read"),
}


@pytest.mark.parametrize(("name", "content", "words"), BAD.values(), ids=BAD)
def test_of_a_file_with_something_wrong_nothing_is_used(tmp_path: Path, name: str, content: str | None, words: str) -> None:
    """Half a file's labels would be the worst of both; the line says which one it is."""
    if content is not None:
        (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError) as caught:
        votes_in(tmp_path / name, Reviewers())
    assert words in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)


WRONG = {
    "no project": (("page",), "--project"),
    "pseudonym": (("page", "--project", "p", "--as", "Dr. Smith"), "cannot be a reviewer's pseudonym"),
    "prediction": (("page", "--project", "p", "--prediction", "maybe"), "--prediction maybe: known are after, always, never"),
    "time": (("agreement", "--project", "p", "--since", "yesterday"), "--since yesterday: a time such as"),
    "reviewer": (("import", "x.csv", "--project", "p", "--reviewer", "blue-owl"), "--reviewer blue-owl: as in 1=blue-owl"),
    "by": (("import", "x.csv", "--project", "p", "--by", "model"), "'model' cannot be a reviewer's pseudonym"),
}


@pytest.mark.parametrize(("words", "line"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_said(words: tuple[str, ...], line: str) -> None:
    """Before anything is read or written; `main` makes it one line and exit code 2."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 2 or isinstance(done.exception, ParameterError)
    assert line in done.output + str(done.exception)


def test_what_is_missing_is_one_line_and_code_1(tmp_path: Path) -> None:
    """As people type it."""
    words = [*reviewing.COMMAND, "import", str(tmp_path / "votes.csv"), "--project", "p"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert "votes.csv: cannot be read" in done.stderr


def test_help_teaches() -> None:
    """It is where people look first."""
    assert all(word in reviewing.review("--help") for word in ("page", "tasks", "import", "agreement", "pseudonym"))
    assert "Ctrl-C" in reviewing.review("page", "--help")
