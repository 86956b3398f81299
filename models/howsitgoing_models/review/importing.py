"""Votes out of files into Firestore: first all of a file is understood, then it is applied, as often as one likes."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from howsitgoing_models.dataset.request import Source
from howsitgoing_models.errors import DataError, ParameterError
from howsitgoing_models.progress import progress
from howsitgoing_models.review.labelstudio import Annotated, annotated
from howsitgoing_models.review.names import check_label, check_pseudonym, check_sample
from howsitgoing_models.review.votes import Outcome, Vote
from howsitgoing_models.review.writing import Writer

_AT_ONCE: Final = 8
_WANTED: Final = ("id", "label")
_KNOWN: Final = ("id", "label", "by", "at")


@dataclass(frozen=True)
class Reviewers:
    """Who said what a file does not name, or names otherwise."""

    by: str | None = None
    """For rows of a table without one"""
    renamed: Mapping[str, str] | None = None
    """Number of a user in Label Studio -> pseudonym"""


def votes_in(file: Path, reviewers: Reviewers, now: datetime | None = None) -> Annotated:
    """All votes of a file: Label Studio's export (.json), or a table (.csv) of ``id,label[,by[,at]]``.

    Args:
        file: to read.
        reviewers: names.
        now: time of rows that have none; default: now.

    Raises:
        DataError: it cannot be read, or anything in it is wrong: then nothing of it counts.
    """
    try:
        return _read(file, reviewers, now or datetime.now(UTC))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise DataError(f"{file}: cannot be read: {error}") from error
    except (DataError, ParameterError) as error:
        raise DataError(f"{file}: {error}; nothing of it was used") from error


def apply(votes: Iterable[Vote], source: Source) -> Counter[Outcome]:
    """Write votes, and the labels that follow from them; the same votes again change nothing.

    Raises:
        UnreachableError: Firestore went away; what was written stays, and the same again goes on.
        DataError: this account may not.
    """
    of_sample: dict[str, list[Vote]] = {}
    for vote in votes:
        of_sample.setdefault(vote.sample, []).append(vote)
    counts: Counter[Outcome] = Counter()
    writer = Writer(source)
    try:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="votes") as threads:
            under_way = [threads.submit(writer.apply, sample, said) for sample, said in of_sample.items()]
            try:
                for done in progress(under_way, "votes"):
                    counts.update(done.result().outcomes)
            except DataError:
                threads.shutdown(cancel_futures=True)
                raise
    finally:
        writer.close()
    return counts


def _read(file: Path, reviewers: Reviewers, now: datetime) -> Annotated:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return Annotated(tuple(_table(csv.DictReader(lines), reviewers.by, now)), 0)
    content = json.loads(file.read_text("utf-8"))
    if not isinstance(content, list):
        raise DataError("it is no list of tasks: export it from Label Studio as JSON")
    return annotated(content, reviewers.renamed or {})


def _table(rows: csv.DictReader[str], by: str | None, now: datetime) -> Iterator[Vote]:
    names = rows.fieldnames or []
    if not set(_WANTED) <= set(names) <= set(_KNOWN):
        raise DataError(f"its columns are {', '.join(names) or 'none'}; wanted are id, label, and if need be by, at")
    for number, row in enumerate(rows, 2):
        try:
            yield _vote(row, by, now)
        except (DataError, ParameterError) as error:
            raise DataError(f"line {number}: {error}") from error


def _vote(row: dict[str, str], by: str | None, now: datetime) -> Vote:
    sample, who, at = row["id"] or "", row.get("by") or by, row.get("at")
    if not who:
        raise DataError("nobody is named: a column by, or --by")
    return Vote(check_sample(sample), check_pseudonym(who), check_label(row["label"] or ""), _time(at) if at else now)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{text[:40]} is no time such as 2026-01-31T12:00:00Z") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
