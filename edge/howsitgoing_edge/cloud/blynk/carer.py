"""The carer's end of the switch: asked after each connect, obeyed, told, and remembered over restarts."""

from __future__ import annotations

from pathlib import Path

from howsitgoing_edge.cloud.blynk.memory import Memory
from howsitgoing_edge.cloud.blynk.pauses import Pauses
from howsitgoing_edge.cloud.blynk.switch import Switch

_ON = {"1", "1.0", "true", "on"}


class Carer:
    """Not thread-safe: its owner locks, but for `remember`. Times are seconds of one steady clock."""

    def __init__(self, folder: Path, fingerprint: str, pauses: Pauses, *, device: bool) -> None:
        """``device``: the setting in force here; ``fingerprint``: of the token that the memory in ``folder`` belongs to."""
        self._memory = Memory(folder)
        self._fingerprint = fingerprint
        self._pauses = pauses
        self._switch = Switch(device=device, agreed=self._memory.recall(fingerprint))
        self._answer_by = 0.0
        self._writing: bool | None = None
        self._kept = self._switch.agreed

    def device_has(self, value: bool) -> None:  # noqa: FBT001  a switch
        """This is in force here."""
        self._switch.device = value

    def asked(self, now: float) -> None:
        """A new connection, over which the server was just asked."""
        self._switch.connected()
        self._writing = None
        self._answer_by = now + self._pauses.answer

    def heard(self, text: str) -> tuple[bool, bool | None]:
        """The server's value; and what is to be put in force here, if anything."""
        value = text.strip().lower() in _ON
        return value, self._switch.heard(value)

    def due(self, now: float) -> float | None:
        """In how many seconds waiting for the answer is over; None: nobody waits."""
        return max(0.0, self._answer_by - now) if self._switch.asking else None

    def to_tell(self, now: float, *, settled: bool) -> bool | None:
        """What the server should be told; None: nothing. ``settled``: it has received all that was sent."""
        if self._switch.asking:
            if settled:  # it has our question, so its answer, if there is one, is on its way
                self._answer_by = min(self._answer_by, now + self._pauses.on_its_way)
            if now >= self._answer_by:
                self._switch.unanswered()
        return self._switch.to_report

    def telling(self, value: bool) -> None:  # noqa: FBT001  a switch
        """This was just sent."""
        self._writing = value

    def settled(self) -> None:
        """The server has received all that was sent."""
        if self._writing is not None:
            value, self._writing = self._writing, None
            self._switch.reported(value)

    def remember(self) -> None:
        """Keep what both sides agreed on, if it is new. Writes to the disk: without the lock, by the thread of the others."""
        agreed = self._switch.agreed
        if agreed is not None and agreed != self._kept:
            self._memory.keep(self._fingerprint, agreed)
            self._kept = agreed
