"""Which network is in force, which one was before, and which ones are not wanted any more. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, Self

from pydantic import AwareDatetime, Field

from howsitgoing_edge.update.channel import Channel, ModelId, Part, Sha256

MOST_STARTS: Final = 3
"""So often a program with a network on trial may end in another way than it should"""
MOST_EXAMS: Final = 2
"""Self-tests that a network may leave unfinished: each time, program or machine ended in the middle of it"""
_MOST_REFUSED: Final = 20
_BY_HAND: Final = "somebody went back from it"


class State(Part):
    """What is remembered over restarts. ``None`` as a network: the one that came with this installation."""

    schema_: Literal[1] = Field(1, alias="schema")
    current: ModelId | None = None
    previous: ModelId | None = None
    """The last one that did well before ``current``"""
    starts: int | None = Field(None, ge=0)
    """Starts that the network on trial has seen, those aside that came to a good end; None: ``current`` has passed"""
    examining: ModelId | None = None
    """The network whose self-test runs now, or was cut off"""
    exams: int = Field(0, ge=0)
    """Self-tests of it that have begun"""
    refused: dict[ModelId, str] = Field(default_factory=dict)
    """Networks that are not tried again, and why"""
    source: str = ""
    """Address and key of what follows: another publisher counts anew"""
    sequence: int = Field(0, ge=0)
    """The highest number of ``latest.json`` that was believed ..."""
    bundle: Sha256 | None = None
    """... and its archive"""
    offered: ModelId | None = None
    """The network that it named"""
    shipped: ModelId | None = None
    """The network that came with this installation, when it was believed"""
    notes: str = ""
    """What it said of it"""
    looked_at: AwareDatetime | None = None
    """When it was last fetched and believed"""
    trouble: str = ""
    """What was wrong at the last look, or with the last network; empty: nothing"""

    @property
    def on_trial(self) -> bool:
        """Whether ``current`` has still to show that it does well."""
        return self.starts is not None

    @property
    def newer(self) -> str | None:
        """The network that could be fetched now."""
        return None if self.offered in {None, self.in_force, *self.refused} else self.offered

    @property
    def in_force(self) -> str | None:
        """Id of the network that reads; None: the one that came with this installation, whose name nobody has told."""
        return self.current or self.shipped

    def of(self, source: str) -> Self:
        """What is known of this source; of another one nothing is."""
        return self if source == self.source else self._with(source=source, sequence=0, bundle=None, offered=None, notes="")

    def looked(self, channel: Channel, now: datetime, source: str, shipped: str) -> Self:
        """``channel`` was fetched and is believed."""
        return self._with(
            sequence=channel.sequence,
            bundle=channel.bundle.sha256,
            offered=channel.model,
            source=source,
            shipped=shipped,
            notes=channel.notes,
            looked_at=now,
            trouble="" if (why := self.refused.get(channel.model, "")) == _BY_HAND else why,
        )

    def troubled(self, trouble: str) -> Self:
        """A look, or an installation, came to nothing."""
        return self._with(trouble=trouble)

    def examined(self, model: str) -> Self:
        """The self-test of ``model`` begins."""
        return self._with(examining=model, exams=self.exams + 1 if model == self.examining else 1)

    def tried(self, model: str) -> Self:
        """``model`` is in force from now on, on trial; what did well last stays behind it."""
        left = {name: why for name, why in self.refused.items() if name != model}
        before = self.previous if self.on_trial else self.current
        return self._with(current=model, previous=before, starts=0, refused=left, trouble="", examining=None, exams=0)

    def started(self) -> Self:
        """The program has started once more: what ended it may have been a network on trial, or in its self-test."""
        after = self
        if self.examining is not None and self.exams >= MOST_EXAMS:
            after = after.shunned(self.examining, "it ended the program in the self-test")
        if after.starts is not None and after.starts >= MOST_STARTS:
            return after.back(f"it was on trial at {after.starts} starts, and never came to its end", refuse=True)
        return after if after.starts is None else after.model_copy(update={"starts": after.starts + 1})

    def stopped(self) -> Self:
        """The program ends as it should: nobody has seen the network on trial do any harm."""
        return self._with(starts=self.starts - 1) if self.starts else self

    def passed(self) -> Self:
        """The network on trial does well."""
        return self._with(starts=None)

    def back(self, why: str, *, refuse: bool) -> Self:
        """The one before is in force again. ``refuse``: this one is not tried any more."""
        refused = dict(self.refused)
        if refuse and self.current is not None:
            refused[self.current] = why
        kept = dict(list(refused.items())[-_MOST_REFUSED:])
        return self._with(current=self.previous, previous=None, starts=None, refused=kept, trouble=why)

    def back_by_hand(self, *, shipped: bool) -> Self:
        """Somebody wants the one before, or the one that came with this installation; that is no trouble."""
        after = self.back(_BY_HAND, refuse=True)
        return after.model_copy(update={"trouble": "", **({"current": None} if shipped else {})})

    def shunned(self, model: str, why: str) -> Self:
        """``model`` was looked at, and is not to be tried again."""
        kept = dict(list({**self.refused, model: why}.items())[-_MOST_REFUSED:])
        return self._with(refused=kept, trouble=why, examining=None, exams=0)

    def _with(self, **changed: object) -> Self:
        return self.model_copy(update=changed)
