"""``howsitgoing-models review``: options in, one call out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from howsitgoing_models.dataset.request import Filters, Source
from howsitgoing_models.errors import DataError, ParameterError
from howsitgoing_models.times import time_option

if TYPE_CHECKING:
    from howsitgoing_models.review.reading import Reading

app = typer.Typer(
    no_args_is_help=True,
    help="""People look at faces and say how they look.

    On a page of our own (page), in Label Studio (tasks, then import), or from
    a table (import). Each reviewer has one vote on a face, under a pseudonym;
    the label is what most say. What the network said is never a label.

    Then: howsitgoing-models export --label-source reviewer
    """,
)

_Project = Annotated[str, typer.Option(help="Google Cloud project of the samples")]
_Database = Annotated[str, typer.Option(help="Firestore database")]
_Since = Annotated[str | None, typer.Option(help="faces received at this time or later, RFC 3339 or a date")]
_Until = Annotated[str | None, typer.Option(help="faces received before")]
_Device = Annotated[list[str] | None, typer.Option(help="of this device; may be given again")]
_Model = Annotated[list[str] | None, typer.Option(help="read by the model of this id; may be given again")]
_Readable = Annotated[float, typer.Option(min=0, max=1, help="at least so readable, as the device judged")]
_Votes = Annotated[int, typer.Option(min=1, help="reviewers for each face; where they disagree, one more")]
_PerTrack = Annotated[int, typer.Option(min=1, help="at most so many of one face's appearance")]
_Json = Annotated[bool, typer.Option("--json", help="print JSON")]

_ALL: Final = 1_000_000_000
_SHOWN: Final = ("after", "always", "never")


@app.command()
def page(
    *,
    project: _Project,
    reviewer: Annotated[str, typer.Option("--as", help="your pseudonym; without it, the page asks")] = "",
    prediction: Annotated[str, typer.Option(help="show what the network says after your choice, always, or never")] = "after",
    votes: _Votes = 2,
    since: _Since = None,
    until: _Until = None,
    device: _Device = None,
    model: _Model = None,
    readable: _Readable = 0.0,
    per_track: _PerTrack = 5,
    database: _Database = "(default)",
    port: Annotated[int, typer.Option(min=0, max=65535, help="on the loopback; 0: any that is free")] = 0,
    open_browser: Annotated[bool, typer.Option("--open", help="open the page in the browser")] = False,
    as_json: _Json = False,
) -> None:
    """Serve the review page on this machine, until Ctrl-C.

    Keys: A angry, D disgusted, F afraid, H happy, N neutral, S sad,
    U surprised, X no face, or unclear; or 1 to 8. Enter shows what the network
    says, and Enter again accepts it. Right skips, Left takes back.

    Several reviewers: each under a pseudonym of their own, at this page or at
    their own machines.

    Faces come from Firestore and Storage into the browser's memory, and go
    nowhere else. While Firestore is away, labels wait in a file and are sent
    later, at the latest by the next 'review page'.
    """
    _known("--prediction", prediction, _SHOWN)
    source = Source(project, database)
    filters = _filters(since, until, device, model, readable)
    from howsitgoing_models.review.names import check_pseudonym
    from howsitgoing_models.review.rules import Rules, Shown
    from howsitgoing_models.review.serving import serve

    if reviewer:
        check_pseudonym(reviewer)

    def told(url: str) -> None:
        if as_json:
            typer.echo(json.dumps({"url": url}))
        else:
            typer.echo(f"Open {url}\nThe address is the key: it works on this machine alone, and until Ctrl-C.")
        if open_browser:
            typer.launch(url)

    left = serve(source, filters, Rules(votes, per_track, Shown(prediction)), reviewer=reviewer, port=port, told=told)
    if left:
        raise DataError(
            f"{left.votes} labels have not reached Firestore; they wait in {left.file}: 'review page' again sends them"
        )


@app.command()
def tasks(
    *,
    project: _Project,
    out: Annotated[Path, typer.Option(help="folder to make")],
    limit: Annotated[int, typer.Option(min=1, help="at most so many faces")] = 500,
    prediction: Annotated[bool, typer.Option(help="with what the network says, as Label Studio's predictions")] = True,
    votes: _Votes = 2,
    since: _Since = None,
    until: _Until = None,
    device: _Device = None,
    model: _Model = None,
    readable: _Readable = 0.0,
    per_track: _PerTrack = 5,
    database: _Database = "(default)",
    as_json: _Json = False,
) -> None:
    """Make a folder for Label Studio: faces that wait for reviewers, with predictions.

    In Label Studio: Create Project; Labeling Setup, Custom template, Code:
    paste labelling.xml; Data Import: tasks.json. Set 'annotations per task' to
    the number of reviewers. When done: Export, JSON, and then 'review import'.

    Label Studio ticks what the network says beforehand, which leads people:
    --no-prediction leaves it out.

    The pictures are inside tasks.json. Delete it when it is imported: an
    erasure in the cloud does not reach it.
    """
    filters = _filters(since, until, device, model, readable)
    from howsitgoing_models.review import tasks as making

    reading = _reading(Source(project, database), filters, per_track)
    try:
        made = making.write(out, making.waiting(reading, votes), limit, with_predictions=prediction)
    finally:
        reading.close()
    _answer({"out": str(out), **asdict(made)}, as_json=as_json)


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="Label Studio's export as JSON, or a .csv of id,label,by,at")],
    *,
    project: _Project,
    by: Annotated[str | None, typer.Option(help="pseudonym for rows of a .csv that name nobody")] = None,
    reviewer: Annotated[
        list[str] | None, typer.Option(help="user's number in Label Studio = pseudonym, as in 1=blue-owl; may be given again")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check the file, and write nothing")] = False,
    database: _Database = "(default)",
    as_json: _Json = False,
) -> None:
    """Put votes of a file into Firestore, and the labels that follow from them.

    Labels: angry, disgust, fear, happy, neutral, sad, surprise, unreadable.
    A .csv needs the columns id and label; by (a pseudonym) and at (a time) may
    be missing.

    If anything in the file is wrong, nothing of it is used. The same file
    again changes nothing; of each reviewer the latest vote on a face counts.
    Faces that were erased meanwhile are counted as gone, and stay so.
    """
    from howsitgoing_models.review.importing import Reviewers, apply, votes_in
    from howsitgoing_models.review.names import check_pseudonym
    from howsitgoing_models.review.votes import Outcome

    if by is not None:
        check_pseudonym(by)
    found = votes_in(file, Reviewers(by, _renamed(reviewer)))
    counts = {} if dry_run else apply(found.votes, Source(project, database))
    outcomes = {} if dry_run else {str(outcome): counts.get(outcome, 0) for outcome in Outcome}
    _answer({"votes": len(found.votes), "skipped": found.skipped, **outcomes}, as_json=as_json)


@app.command()
def agreement(
    *,
    project: _Project,
    votes: _Votes = 2,
    since: _Since = None,
    until: _Until = None,
    device: _Device = None,
    model: _Model = None,
    readable: _Readable = 0.0,
    database: _Database = "(default)",
    as_json: _Json = False,
) -> None:
    """Count what is reviewed and what waits, and how far reviewers agree.

    Fleiss' kappa of all, and Cohen's of each two. 1: always the same; 0: as by
    chance. Reads every document of the time asked for.
    """
    filters = _filters(since, until, device, model, readable)
    from howsitgoing_models.review.counting import count

    reading = _reading(Source(project, database), filters, _ALL)
    try:
        counted = count(reading, votes)
    finally:
        reading.close()
    if as_json:
        _answer(asdict(counted), as_json=True)
        return
    said = counted.agreement
    _answer(
        {
            "faces": counted.faces,
            "waiting": counted.waiting,
            "disputed": counted.disputed,
            "labels": _listed(counted.labels),
            "votes": _listed(counted.reviewers),
            "judged by two": said.faces,
            "Fleiss' kappa": _kappa(said.kappa),
            **{f"{pair.first}, {pair.second}": f"{_kappa(pair.kappa)} on {pair.faces:,}" for pair in said.pairs},
        },
        as_json=False,
    )


def _reading(source: Source, filters: Filters, per_track: int) -> Reading:
    from howsitgoing_models.review.reading import Reading

    return Reading(source, filters, per_track)


def _filters(
    since: str | None, until: str | None, device: list[str] | None, model: list[str] | None, readable: float
) -> Filters:
    return Filters(
        time_option("--since", since),
        time_option("--until", until),
        devices=tuple(device or ()),
        models=tuple(model or ()),
        readable=readable,
    )


def _renamed(pairs: list[str] | None) -> dict[str, str]:
    from howsitgoing_models.review.names import check_pseudonym

    named: dict[str, str] = {}
    for pair in pairs or ():
        number, _, name = pair.partition("=")
        if not number.isdecimal():
            raise ParameterError(f"--reviewer {pair[:60]}: as in 1=blue-owl, by the user's number in Label Studio")
        named[number] = check_pseudonym(name)
    return named


def _known(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ParameterError(f"{option} {given[:40]}: known are {', '.join(known)}")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(counts.items())) or "none"


def _kappa(value: float | None) -> str:
    return "none yet" if value is None else f"{value:.3f}"


def _answer(content: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(content, indent=1))
        return
    for key, value in content.items():
        typer.echo(f"{key.replace('_', ' '):18} {f'{value:,}' if isinstance(value, int) else value}")
