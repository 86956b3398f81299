"""DATASET.md: the dataset's card, written from the manifest alone, with its pictures."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final

from howsitgoing_models.dataset.manifest import Manifest
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.reasons import CAPTIONS, Reason
from howsitgoing_models.dataset.row import LABELS, SOURCES, SPLITS

FILE: Final = "DATASET.md"
_TEMPLATE: Final = Path(__file__).parent / "card.md"


def write(place: Place, manifest: Manifest) -> None:
    """Write DATASET.md and its pictures; where there is nothing to draw, none."""
    from howsitgoing_models.dataset.pictures import draw  # matplotlib: a second of import

    drawn = []
    for name, figure in draw(manifest["summary"]).items():
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=100, metadata={"Software": None})
        place.put(f"pictures/{name}.png", content.getvalue())
        drawn.append(name)
    place.put(FILE, text(manifest, drawn).encode())


def text(manifest: Manifest, pictures: list[str]) -> str:
    """The card in Markdown."""
    summary, filters, shape = manifest["summary"], manifest["filters"], manifest["shape"]
    days = sorted(summary.get("days", {}))
    base = manifest["base"]
    asked = ", ".join(f"{name} {value}" for name, value in filters.items() if value)
    erased = sum(entry["samples"] for entry in manifest["erasures"])
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        samples=f"{manifest['samples']:,}",
        documents=f"{manifest['documents']:,}",
        form=manifest["form"],
        project=manifest["source"]["project"],
        collection=manifest["source"]["collection"],
        read_time=manifest["source"]["read_time"],
        made_by=f"howsitgoing {manifest['made_by']['howsitgoing']}, revision {manifest['made_by']['revision'] or 'unknown'}",
        span=f"{days[0]} to {days[-1]}" if days else "no days",
        filters=asked or "none",
        base=f"what is new or changed since `{base['name']}`, read at {base['read_time']}" if base else "everything",
        per_track=shape["per_track"],
        erased=f"{erased:,}",
        classes=_classes(summary),
        sources=_rows(summary.get("label_sources", {}), SOURCES),
        splits=_rows(summary.get("splits", {}), SPLITS),
        left_out=_left_out(manifest),
        pictures="\n".join(f"![{name.replace('-', ' ')}](pictures/{name}.png)" for name in pictures) or "Nothing to draw.",
    )


def _classes(summary: Mapping[str, Mapping[str, int]]) -> str:
    labels, said = summary.get("labels", {}), summary.get("predictions", {})
    names = (*LABELS, "unsure", "none")
    return "\n".join(f"| {name} | {labels.get(name, 0):,} | {said.get(name, 0):,} |" for name in names)


def _rows(counts: Mapping[str, int], names: tuple[str, ...]) -> str:
    return "\n".join(f"| {name} | {counts.get(name, 0):,} |" for name in names)


def _left_out(manifest: Mapping[str, Any]) -> str:
    rows = [f"| {CAPTIONS[Reason(name)]} | {count:,} |" for name, count in manifest["left_out"].items()]
    clocks = manifest["warnings"].get("clock_jumped", 0)
    rows += [f"| (kept) the device's times cannot be right | {clocks:,} |"] if clocks else []
    return "\n".join(rows) or "| nothing | 0 |"
