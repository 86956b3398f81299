"""What an export can be written as; one file each, and all that they share is the row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from howsitgoing_models.dataset.forms import fer2013, imagefolder, parquet, tfrecord, webdataset
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.row import Row
from howsitgoing_models.errors import ParameterError


@dataclass(frozen=True)
class Form:
    """One way to write rows down."""

    about: str
    """For people"""
    path: Callable[[str, int, int], str]
    """(split, number, how many) -> the shard's file, which is complete when it is there"""
    fits: Callable[[Row], bool]
    """Whether the form can say what the row says"""
    write: Callable[[Place, str, Sequence[Row]], None]
    """Write rows, in their order, as the shard at a path; the same rows give the same bytes"""
    read: Callable[[Place, str], Iterator[Row]]
    """Read a shard back; raises DataError where it is broken"""
    without: Callable[[Place, str, Collection[str]], Iterator[Row]]
    """Take samples out of a shard by their ids; the rows that stay. May be done twice"""


def _form(module: ModuleType) -> Form:
    def without(place: Place, path: str, ids: Collection[str]) -> Iterator[Row]:
        staying = [row for row in module.read(place, path) if row["id"] not in ids]
        if staying:
            module.write(place, path, staying)
        return iter(staying)

    fits, without = getattr(module, "fits", _always), getattr(module, "without", without)
    return Form(module.ABOUT, module.path, fits, module.write, module.read, without)


def _always(_: Row) -> bool:
    return True


FORMS: Final[Mapping[str, Form]] = {
    "parquet": _form(parquet),
    "imagefolder": _form(imagefolder),
    "webdataset": _form(webdataset),
    "tfrecord": _form(tfrecord),
    "fer2013": _form(fer2013),
}


def named(name: str) -> Form:
    """The form called ``name``. Raises ParameterError: there is none."""
    if name not in FORMS:
        raise ParameterError(f"--form {name}: known are {', '.join(FORMS)}")
    return FORMS[name]
