"""A filled cloud that all tests of the export share, and projects of their own for those that change something."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from support.collected import Collected, put, sample
from support.emulators import Emulators
from support.exports import MANY
from support.many_objects import emulators_for_many

_NUMBERS, _FILLED = itertools.count(), "demo-filled"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Beam and what it stands on warn of their own futures."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"))


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """Both emulators."""
    with emulators_for_many(tmp_path_factory.mktemp("cloud")) as both:
        yield both


@pytest.fixture(autouse=True)
def leads_there(cloud: Emulators, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's clients find the emulators."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def filled(cloud: Emulators) -> str:
    """A project with `MANY` good samples; nobody changes it."""
    put(cloud, _many(), _FILLED)
    return _FILLED


@pytest.fixture
def fill(cloud: Emulators) -> Iterator[Callable[[Iterable[Collected]], str]]:
    """A project of one's own with these samples.

    The bucket is everybody's, and a crop's place in it follows from the sample's id: what lay there is put back afterwards.
    """
    mine: list[Collected] = []

    def made(samples: Iterable[Collected]) -> str:
        project, these = f"demo-own-{next(_NUMBERS)}", list(samples)
        mine.extend(these)
        put(cloud, these, project)
        return project

    yield made
    originals = {one.name: one for one in _many()}
    put(cloud, [originals[one.name] for one in mine if one.name in originals and one.jpeg != originals[one.name].jpeg], _FILLED)


@cache
def _many() -> tuple[Collected, ...]:
    return tuple(sample(number) for number in range(MANY))
