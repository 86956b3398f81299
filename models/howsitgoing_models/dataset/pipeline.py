"""The export as an Apache Beam pipeline: gather -> duplicates -> groups -> shards. Crops never travel between machines.

Each step leaves its files where they belong, whole or not at all, and skips what is there; so the same pipeline, run again,
goes on where an interrupted one was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import apache_beam as beam
from apache_beam.metrics import Metrics

from howsitgoing_models.dataset import gather, shards
from howsitgoing_models.dataset.choose import Slim, same_print, shard_of, thinned
from howsitgoing_models.dataset.crops import Crops
from howsitgoing_models.dataset.firestore import Collection
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.request import Plan

COUNTERS: Final = "export"
PATIENCE_S: Final = 60.0
"""For one picture, while Storage is overloaded"""
_STAYS, _GOES = "stays", "goes"


class _Worker(beam.DoFn):  # type: ignore[misc]  # Beam carries no types
    """What a worker has open."""

    def __init__(self, plan: Plan, place: Place) -> None:
        super().__init__()
        self._plan, self._place = plan, place

    def setup(self) -> None:
        self._collection = Collection(self._plan.request.source, self._plan.read_time)
        self._crops: Crops | None = None

    def teardown(self) -> None:
        self._collection.close()
        if self._crops is not None:
            self._crops.close()


class Gather(_Worker):
    """A part of the collection -> its samples, slim."""

    def process(self, part: gather.Part) -> Iterator[Slim]:
        """See `gather.gather`."""
        if self._crops is None:
            self._crops = Crops(PATIENCE_S)
        yield from gather.gather(part, self._plan, self._place, self._collection, self._crops)


class Count(_Worker):
    """A part of the collection -> counters."""

    def process(self, part: gather.Part) -> None:
        """See `gather.count`."""
        gather.count(part, self._plan, self._collection, lambda name: Metrics.counter(COUNTERS, name).inc())


class _Write(beam.DoFn):  # type: ignore[misc]
    """One shard."""

    def __init__(self, place: Place, form: str) -> None:
        super().__init__()
        self._place, self._form = place, form

    def process(self, shard: tuple[tuple[str, int, int], Iterable[Slim]]) -> None:
        shards.write(self._place, self._form, shard[0], shard[1])


class _Choose(beam.DoFn):  # type: ignore[misc]
    """Samples of one key -> those that stay, and why the others don't."""

    def __init__(self, rule: Callable[[Iterable[Slim]], Iterable[Any]]) -> None:
        super().__init__()
        self._rule = rule

    def process(self, keyed: tuple[str, Iterable[Slim]]) -> Iterator[Any]:
        for sample, reason in self._rule(keyed[1]):
            if reason is None:
                yield beam.pvalue.TaggedOutput(_STAYS, sample)
            else:
                yield beam.pvalue.TaggedOutput(_GOES, reason.value)


def export(root: Any, plan: Plan, place: Place) -> None:  # noqa: ANN401
    """Add the whole export to the pipeline ``root``."""
    shape = plan.request.shape
    fresh = root | "parts" >> beam.Create(plan.parts()) | beam.Reshuffle() | "gather" >> beam.ParDo(Gather(plan, place))
    before = root | "indexes" >> beam.Create(list(plan.base_indexes)) | "read indexes" >> beam.FlatMap(_earlier)
    pictures = (fresh, before) | beam.Flatten() | "by picture" >> beam.Map(lambda sample: (sample.print, sample))
    first = _chosen(pictures, "same picture", same_print)
    people = first[_STAYS] | "by group" >> beam.Map(lambda sample: (sample.group, sample))
    second = _chosen(people, "same group", lambda samples: thinned(samples, shape.per_track))
    stays = second[_STAYS] | "new ones" >> beam.Filter(lambda sample: bool(sample.place[0]))
    sizes = stays | "splits" >> beam.Map(lambda sample: sample.split) | beam.combiners.Count.PerElement()
    (
        stays
        | "by shard" >> beam.Map(_sharded, beam.pvalue.AsDict(sizes), shape.shard_size)
        | "shards" >> beam.GroupByKey()
        | "write" >> beam.ParDo(_Write(place, shape.form))
    )
    (
        (first[_GOES], second[_GOES])
        | "left out" >> beam.Flatten()
        | "why" >> beam.combiners.Count.PerElement()
        | beam.combiners.ToList()
        | "note" >> beam.Map(lambda counts: place.put(shards.CHOICE, json.dumps(dict(counts)).encode()))
    )


def count(root: Any, plan: Plan, place: Place) -> None:  # noqa: ANN401
    """Add what only counts."""
    root | beam.Create(plan.parts()) | beam.Reshuffle() | beam.ParDo(Count(plan, place))


def _chosen(keyed: Any, name: str, rule: Callable[[Iterable[Slim]], Iterable[Any]]) -> Any:  # noqa: ANN401
    return keyed | f"{name}: together" >> beam.GroupByKey() | name >> beam.ParDo(_Choose(rule)).with_outputs(_STAYS, _GOES)


def _earlier(index: str) -> Iterator[Slim]:
    folder, name = index.rsplit("/", 1)
    return map(shards.slim_of, shards.get_index(Place(folder), name))


def _sharded(sample: Slim, sizes: Mapping[str, int], shard_size: int) -> tuple[tuple[str, int, int], Slim]:
    number = max(1, -(-sizes[sample.split] // shard_size))
    return (sample.split, shard_of(sample.id, number), number), sample
