"""CARD.md: the model card (Mitchell et al., FAT* 2019), written from model.json and report.json alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any, Final

from howsitgoing_models.errors import BundleError
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.measure.robustness import DISTURBANCES
from howsitgoing_models.release import bundle

REPORT_FILE: Final = "report.json"
_TEMPLATE: Final = Path(__file__).parent / "card.md"


def write(folder: Path) -> None:
    """Write CARD.md and its pictures into ``folder``.

    Raises:
        BundleError: the folder holds no bundle or no report.
    """
    description, _ = bundle.load(folder)
    try:
        report = json.loads((folder / REPORT_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{folder / REPORT_FILE} cannot be read ({error}): 'release' writes it") from error
    from howsitgoing_models.release.pictures import draw  # matplotlib: a second of import, and only the extra 'train' has it

    draw(report, folder)
    (folder / "CARD.md").write_text(text(description, report), encoding="utf-8")


def text(description: bundle.Description, report: Mapping[str, Any]) -> str:
    """The card in Markdown."""
    point, plain, readable = report["operating_point"], report["plain"], report["readable"]
    head, origin = description.outputs.crowd, description.provenance
    data = origin.get("data", {})
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        id=description.id,
        sha256=description.sha256,
        date=origin.get("date", "unknown"),
        revision=origin.get("revision") or "unknown",
        packages=", ".join(f"{name} {version}" for name, version in origin.get("packages", {}).items()),
        size=f"{report['size_bytes']:,}",
        learnt=f"{data.get('images_learnt_from', 0):,}",
        choices=f"{data.get('images_for_choices', 0):,}",
        twins=f"{data.get('twins_dropped', 0):,}",
        near_twins=_near_twins(origin),
        sources=_sources(data.get("sources", [])),
        images=f"{report['images']['all']:,}",
        majority=f"{report['images']['majority']:,}",
        ferplus=_percent(report["ferplus_accuracy"]),
        fer2013=_percent(report["fer2013_accuracy"]),
        plain_recall=_percent(plain["macro_recall"]),
        point_accuracy=_percent(point["accuracy"]),
        point_recall=_percent(point["macro_recall"]),
        macro_f1=_percent(point["macro_f1"]),
        ece=_percent(report["ece"]),
        point_ece=_percent(point["ece"]),
        strength=f"{head.shift_strength:.2f}",
        temperature=f"{head.temperature:.2f}",
        unsure=_percent(point["unsure_share"]),
        selective=_percent(point["selective_accuracy"]),
        latency=", ".join(f"{ms:.2f} ms ({name})" for name, ms in report["ms_per_face_by_runtime"].items()),
        int8=_int8(report["int8"]),
        classes=_classes(point["per_class_recall"], plain["per_class_recall"], head.thresholds),
        robustness=_robustness(report),
        mouth=_mouth(report["opened_mouth"]),
        kept=_percent(readable["faces_kept"]),
        refused=_percent(readable["no_face_refused"]),
        voted_refused=_percent(readable["voted_unreadable_refused"]),
        voted=readable["voted_unreadable_images"],
        groups=_groups(report["groups"]),
    )


def _sources(sources: Sequence[Mapping[str, str | None]]) -> str:
    return "; ".join(f"`{source['name']}`, sha256 `{source['sha256'] or 'of no one file: a folder'}`" for source in sources)


def _near_twins(origin: Mapping[str, Any]) -> str:
    if not origin.get("parameters", {}).get("data", {}).get("drop_near_twins"):
        return "Nearly identical ones were not looked for in this run, so its figures may flatter a little."
    return f"So were {origin['data']['near_twins_dropped']:,} with nearly the same picture."


def _percent(share: float | None) -> str:
    return "not measured" if share is None else f"{100 * share:.1f} %"


def _classes(point: Mapping[str, float], plain: Mapping[str, float], thresholds: Mapping[str, float]) -> str:
    rows = (f"| {name} | {_percent(point[name])} | {_percent(plain[name])} | {thresholds[name]:.2f} |" for name in EMOTIONS)
    return "\n".join(rows)


def _robustness(report: Mapping[str, Any]) -> str:
    def row(caption: str, got: Mapping[str, float]) -> str:
        lost = 100 * (report["ferplus_accuracy"] - got["ferplus_accuracy"])
        return f"| {caption} | {_percent(got['ferplus_accuracy'])} | {lost:+.1f} | {_percent(got['fer2013_accuracy'])} |"

    return "\n".join(row(d.caption, report["robustness"][d.name]) for d in DISTURBANCES)


def _mouth(opened: Mapping[str, Any] | None) -> str:
    if opened is None:
        return "Not measured."
    recalls = {float(amount): recall for amount, recall in opened["neutral_recall_by_opening"].items()}
    parts = [f"{_percent(recall)} opened by {amount:.2f} of its width" for amount, recall in recalls.items() if amount]
    return f"{opened['images']:,} neutral faces stay neutral: {_percent(recalls[0.0])} as they are, {', '.join(parts)}."


def _int8(comparison: Mapping[str, float] | None) -> str:
    if comparison is None:
        return "not compared"
    crowd, fer2013 = (100 * comparison[f"{head}_accuracy_loss"] for head in ("ferplus", "fer2013"))
    alike = _percent(comparison["agreement"])
    return f"the float network chooses alike on {alike}; int8 loses {crowd:+.2f} points (crowd) and {fer2013:+.2f} (fer2013)"


def _groups(groups: Mapping[str, Mapping[str, float]] | None) -> str:
    if not groups:
        return "This data set does not say who is in the pictures, so no figure per group of people can be given here."
    rows = (
        f"| {name} | {g['images']} | {_percent(g['accuracy'])} | {_percent(g['macro_recall'])} |" for name, g in groups.items()
    )
    return "\n".join(("| Group | Images | Accuracy | Macro recall |", "|---|---|---|---|", *rows))
