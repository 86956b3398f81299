"""From labelled faces to a released model. Each command reads files, calls one stage and writes files."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from howsitgoing_models.dataset.command import export
from howsitgoing_models.errors import ModelsError, ParameterError
from howsitgoing_models.publishing.command import RELEASED, key, publish
from howsitgoing_models.review.command import app as review

_OF_EXPORT: Final = frozenset({"apache_beam", "flask", "google", "pyarrow", "PIL"})
"""Packages of the extra 'export'; those of 'train' are named otherwise"""

# Heavy imports stand inside the commands, so that --help and a wrong option answer at once.
app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

_Data = Annotated[list[Path], typer.Option("--data", help=".npz, .csv or a folder of pictures; may be given again")]
_RunFolder = Annotated[Path, typer.Option("--run", help="folder of the run: checkpoints, converted files, reports")]
_ParameterFile = Annotated[Path | None, typer.Option("--parameters", help="TOML; default: the run's own, or the packaged one")]
_Yunet = Annotated[Path | None, typer.Option("--yunet", help="face_detection_yunet_2023mar.onnx, for landmarks")]
_OtherPython = Annotated[Path | None, typer.Option("--other-python", help="one with tflite-runtime, to be timed there too")]
_Json = Annotated[bool, typer.Option("--json", help="print JSON")]


app.command()(export)
app.add_typer(review, name="review")
app.command()(key)
app.command()(publish)


@app.command()
def train(
    *,
    data: _Data,
    run: _RunFolder,
    yunet: _Yunet = None,
    parameters: _ParameterFile = None,
    start: Annotated[Path | None, typer.Option(help="begin with a run's net.keras, or a released weights.npz")] = None,
    teacher: Annotated[Path | None, typer.Option(help="lessons of larger networks, written by 'teach'")] = None,
) -> None:
    """Train; the same command again takes up an interrupted run."""
    _before_tensorflow()
    from howsitgoing_models.data.landmarks import find
    from howsitgoing_models.data.sources import load
    from howsitgoing_models.release.stages import Run
    from howsitgoing_models.training.distil import load as lessons
    from howsitgoing_models.training.train import train as fit

    settings = _parameters(parameters, run)
    loaded = load(data, yunet)
    run.mkdir(parents=True, exist_ok=True)
    _keep(parameters, run)
    points = find(loaded.faces.images, yunet, run / "landmarks.npz")
    splits = loaded.splits(settings.data)
    exported, share = int(loaded.exported[splits.train].sum()), settings.data.export_share
    drawn = f" ({exported} of exports{f', drawn {share:.0%} of the time' if share else ''})" if exported else ""
    _say(
        f"{len(splits.train)} images to learn from{drawn}, {len(splits.choose)} to choose by, {splits.dropped_twins} twins and "
        f"{splits.dropped_near_twins} near-twins left out"
    )
    net = fit(
        settings,
        loaded.faces.take(splits.train),
        loaded.faces.take(splits.choose),
        points[splits.train],
        run,
        start=start,
        exported=loaded.exported[splits.train],
        lessons=None if teacher is None else lessons(teacher, loaded.faces.images).take(splits.train),
        verbose=1 if sys.stdout.isatty() else 2,
    )
    net.save(Run(run).net)


@app.command()
def teach(
    *,
    data: _Data,
    net: Annotated[list[Path], typer.Option(help="a trained network; may be given again: an ensemble")],
    to: Annotated[Path, typer.Option(help="file for the lessons, .npz")],
    parameters: _ParameterFile = None,
) -> None:
    """Write down what trained networks say of every image, for a smaller one to learn from."""
    _before_tensorflow()
    from howsitgoing_models.data.sources import load
    from howsitgoing_models.parameters import DEFAULT, read
    from howsitgoing_models.training.distil import save
    from howsitgoing_models.training.teachers import ask

    images = load(data).faces.images
    save(to, ask(net, images, read(parameters or DEFAULT).distil), images)


@app.command()
def convert(
    *,
    data: _Data,
    run: _RunFolder,
    net: Annotated[Path | None, typer.Option(help="trained network; default: the run's")] = None,
    parameters: _ParameterFile = None,
    as_json: _Json = False,
) -> None:
    """Keras -> int8 TFLite, compared with float on the images held out for choices."""
    _before_tensorflow()
    from howsitgoing_models.data.sources import load
    from howsitgoing_models.release import stages

    place = stages.Run(run)
    _answer(stages.convert(place, net or place.net, load(data), _parameters(parameters, run)), as_json=as_json)


@app.command()
def calibrate(*, data: _Data, run: _RunFolder, parameters: _ParameterFile = None, as_json: _Json = False) -> None:
    """Choose temperature, shift by the prior, and thresholds; writes model.json."""
    from howsitgoing_models.data.sources import load
    from howsitgoing_models.release import stages

    description = stages.calibrated(stages.Run(run), data, load(data), _parameters(parameters, run))
    _answer({"id": description.id, **description.outputs.model_dump()}, as_json=as_json)


@app.command()
def evaluate(
    *,
    data: _Data,
    model: Annotated[Path, typer.Option(help="folder with model.tflite and model.json")] = RELEASED,
    split: Annotated[str, typer.Option(help="train, choose, all, or a published split's number")] = "1",
    against: Annotated[
        Path | None, typer.Option(help="folder of another model, read on the same faces, group by group")
    ] = None,
    float_model: Annotated[Path | None, typer.Option("--float", help="the float .tflite that int8 is compared with")] = None,
    yunet: _Yunet = None,
    other_python: _OtherPython = None,
    parameters: _ParameterFile = None,
    as_json: _Json = False,
) -> None:
    """Measure a model: accuracy, calibration, robustness, speed; and beside another one (--against).

    Of an export only its own test split is measured (--split 1), and only what reviewers labelled.
    """
    from howsitgoing_models.release import measuring
    from howsitgoing_models.release.gate import headline

    settings = _parameters(parameters, model.parent)
    faces = measuring.faces_of(data, split, settings, yunet)
    report = measuring.measured(model, faces, settings, float_model=float_model, other_python=other_python)
    if against is not None:
        report["compared"] = measuring.compared(model, against, faces)
    if as_json:
        _answer(report, as_json=True)
        return
    _answer(headline(report), as_json=False)
    if against is not None:
        _tell_comparison(report["compared"])


@app.command()
def release(
    *,
    data: _Data,
    run: _RunFolder,
    to: Annotated[Path, typer.Option(help="folder of the released model")] = RELEASED,
    split: Annotated[str, typer.Option(help="what the gate measures on")] = "1",
    yunet: _Yunet = None,
    other_python: _OtherPython = None,
    parameters: _ParameterFile = None,
    as_json: _Json = False,
) -> None:
    """Measure the run's bundle and put it in place of the released one, unless it is worse.

    Published sets are compared by the figures that the released model came with; on exports both models read the same faces,
    and the new one may be worse neither in all nor in a group (parameters: [gate]).
    """
    from howsitgoing_models.release import measuring, stages

    place, settings = stages.Run(run), _parameters(parameters, run)
    faces = measuring.faces_of(data, split, settings, yunet)
    report, in_place = measuring.for_the_gate(place, to, faces, settings, other_python)
    description = stages.released(place.bundle, report, to, settings, in_place=in_place)
    card(to)
    if report["export"] is not None and not as_json:
        _tell_comparison(report["export"])
    _answer({"id": description.id, **description.figures}, as_json=as_json)


@app.command()
def card(model: Annotated[Path, typer.Option(help="folder of a released model")] = RELEASED) -> None:
    """Write CARD.md and its pictures anew from model.json and report.json."""
    from howsitgoing_models.release.card import write

    write(model)


@app.command()
def golden(
    *,
    data: _Data,
    yunet: Annotated[Path, typer.Option(help="face_detection_yunet_2023mar.onnx")],
    to: Annotated[Path, typer.Option(help="folder for the pictures")],
    parameters: _ParameterFile = None,
) -> None:
    """Make one face per emotion, the average of many, for the tests."""
    from howsitgoing_models.data.landmarks import find
    from howsitgoing_models.data.sources import load
    from howsitgoing_models.parameters import DEFAULT, read
    from howsitgoing_models.release import golden as averages

    loaded = load(data, yunet)
    faces = loaded.faces.take(loaded.rows("train", read(parameters or DEFAULT).data))
    averages.write(to, averages.golden(faces, find(faces.images, yunet, None)))


def main() -> None:
    """Run a command; what a person can act on is one line, without a traceback."""
    try:
        app()
    except ParameterError as error:
        _say(f"howsitgoing-models: {error}")
        sys.exit(2)
    except ModelsError as error:
        _say(f"howsitgoing-models: {error}")
        sys.exit(1)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        extra = "update" if missing == "cryptography" else "export" if missing in _OF_EXPORT else "train"
        get = f"pip install 'howsitgoing[{extra}]', or 'make test-{extra}' in a clone"
        _say(f"howsitgoing-models: this needs {error.name}: {get}")
        sys.exit(1)


def _tell_comparison(compared: dict[str, Any]) -> None:
    """One row in all, one for each group."""
    typer.echo(f"{compared['old']} -> {compared['new']}: right of faces that the other gets wrong:", nl=False)
    typer.echo(f" {compared['only_old_right']} -> {compared['only_new_right']}")
    for name, row in {"all": compared, **(compared["groups"] or {})}.items():
        accuracy = f"{row['old_accuracy']:.4f} -> {row['new_accuracy']:.4f}"
        typer.echo(
            f"{name:28} {row['images']:6} faces  accuracy {accuracy}  macro recall {row['old_macro_recall']:.4f} ->"
            f" {row['new_macro_recall']:.4f}"
        )


def _before_tensorflow() -> None:
    """What it reads when it is first imported.

    It leaves oneDNN's kernels out by itself on processors without AVX-512 VNNI; with them a training step takes 0.56 to 0.72
    of the time there (AMD EPYC, float32, two networks).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def _parameters(file: Path | None, run: Path) -> Any:  # noqa: ANN401  Parameters, whose import would cost every --help
    from howsitgoing_models.parameters import DEFAULT, read

    own = run / "parameters.toml"
    return read(file or (own if own.exists() else DEFAULT))


def _keep(file: Path | None, run: Path) -> None:
    """Leave the parameters beside the run, so that later stages use the same."""
    from howsitgoing_models.parameters import DEFAULT

    own = run / "parameters.toml"
    if file is not None or not own.exists():
        shutil.copyfile(file or DEFAULT, own)


def _answer(content: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(content, indent=1))
        return
    for name, value in content.items():
        typer.echo(f"{name:28} {value:.4f}" if isinstance(value, float) else f"{name:28} {value}")


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    main()
