"""``howsitgoing-models export``: options in, one request out."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any

import typer

from howsitgoing_models.dataset.reasons import CAPTIONS, Reason
from howsitgoing_models.dataset.request import Filters, Request, Shape, Source
from howsitgoing_models.errors import ParameterError
from howsitgoing_models.times import time_option

_FORMS = "parquet, imagefolder, webdataset, tfrecord or fer2013"
_SCOPES = ("moods", "faces")


def export(
    *,
    project: Annotated[str | None, typer.Option(help="Google Cloud project of the samples")] = None,
    out: Annotated[str | None, typer.Option(help="folder to make, or gs://… where the runner's workers reach it")] = None,
    form: Annotated[str, typer.Option(help=_FORMS)] = "parquet",
    since: Annotated[str | None, typer.Option(help="received at this time or later, RFC 3339 or a date")] = None,
    until: Annotated[str | None, typer.Option(help="received before")] = None,
    device: Annotated[list[str] | None, typer.Option(help="of this device; may be given again")] = None,
    consent: Annotated[list[str] | None, typer.Option(help="by a consent of this scope: moods or faces")] = None,
    label_source: Annotated[list[str] | None, typer.Option(help="labelled by wearer, reviewer or none")] = None,
    model: Annotated[list[str] | None, typer.Option(help="read by the model of this id")] = None,
    readable: Annotated[float, typer.Option(min=0, max=1, help="at least so readable, as the device judged")] = 0.0,
    per_track: Annotated[int, typer.Option(min=1, help="at most so many of one face's appearance")] = 20,
    shard_size: Annotated[int, typer.Option(min=1, help="samples in a file, about")] = 5000,
    validation_share: Annotated[float, typer.Option(min=0, max=0.5, help="of the people")] = 0.1,
    test_share: Annotated[float, typer.Option(min=0, max=0.5, help="of the people")] = 0.1,
    seed: Annotated[str, typer.Option(help="another one makes other splits")] = "",
    since_last: Annotated[str | None, typer.Option(help="an earlier export: only what is new or changed since")] = None,
    apply_erasures: Annotated[str | None, typer.Option(help="an earlier export: take out what was erased since")] = None,
    read_time: Annotated[str | None, typer.Option(help="the snapshot; default: now")] = None,
    database: Annotated[str, typer.Option(help="Firestore database")] = "(default)",
    parts: Annotated[int | None, typer.Option(min=1, help="to cut the collection into; default: 8 here, else 64")] = None,
    runner: Annotated[str, typer.Option(help="here, DataflowRunner, SparkRunner, FlinkRunner, …")] = "here",
    beam: Annotated[list[str] | None, typer.Option(help="an option of Beam's, as name=value; may be given again")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count, and write nothing")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Make a dataset of what the cloud collected, or bring an earlier one up to date (--apply-erasures)."""
    if apply_erasures is not None:
        _erase(apply_erasures, as_json=as_json)
        return
    if project is None:
        raise ParameterError("--project is missing: the Google Cloud project that holds the samples")
    from howsitgoing_models.dataset.row import SOURCES

    _known("--consent", consent, _SCOPES)
    _known("--label-source", label_source, SOURCES)
    _hush()
    from howsitgoing_models.dataset import export as exporting
    from howsitgoing_models.dataset.forms import named
    from howsitgoing_models.dataset.running import HERE, PARTS, PARTS_HERE

    named(form)
    request = Request(
        Source(project, database),
        Filters(
            time_option("--since", since),
            time_option("--until", until),
            tuple(device or ()),
            tuple(consent or ()),
            tuple(label_source or ()),
            tuple(model or ()),
            readable,
        ),
        Shape(form, shard_size, per_track, validation_share, test_share, seed),
    )
    request = exporting.with_base(request, since_last)
    how = exporting.How(runner, tuple(beam or ()), parts or (PARTS_HERE if runner == HERE else PARTS))
    at = time_option("--read-time", read_time)
    if dry_run:
        _answer(exporting.dry_run(request, how, at), as_json=as_json)
        return
    if out is None:
        raise ParameterError("--out is missing: the folder to make")
    _answer({"out": out, **exporting.told(exporting.export(request, out, how, at))}, as_json=as_json)


def _hush() -> None:
    """Beam speaks of its own inner life; what a person can act on reaches them as an error."""
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger().setLevel(logging.ERROR)


def _erase(folder: str, *, as_json: bool) -> None:
    _hush()
    from howsitgoing_models.dataset.erasing import bring_up_to_date
    from howsitgoing_models.dataset.places import Place

    done = bring_up_to_date(Place(folder.rstrip("/")))
    _answer({"out": folder, "samples_erased": done.samples, "files_written_anew": done.files}, as_json=as_json)


def _known(option: str, given: list[str] | None, known: tuple[str, ...]) -> None:
    for value in given or ():
        if value not in known:
            raise ParameterError(f"{option} {value[:40]}: known are {', '.join(known)}")


def _answer(content: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(content, indent=1))
        return
    for key, value in content.items():
        if key == "left_out":
            for name, count in value.items():
                typer.echo(f"{'left out':18} {count:>9,}  {CAPTIONS[Reason(name)]}")
        elif isinstance(value, dict):
            typer.echo(f"{key:18} {', '.join(f'{name} {count:,}' for name, count in value.items()) or 'none'}")
        else:
            shown = f"{value:>9,}" if isinstance(value, int) else value
            typer.echo(f"{key.replace('_', ' '):18} {shown}")
