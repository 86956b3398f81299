"""The on/off switch that the device and the carer share: who wins, and that nothing goes round in circles. Pure.

A switch has two states. So if we know which state both sides last agreed on, whoever differs from it has changed it, and if
both differ they want the same: there is no conflict to decide.
"""

from __future__ import annotations


class Switch:
    """Not thread-safe: its owner locks."""

    def __init__(self, *, device: bool, agreed: bool | None) -> None:
        """``device``: in force here. ``agreed``: what the server had when we last knew, maybe before a restart; None: never."""
        self.device = device
        self.agreed = agreed
        self._asking = True

    def connected(self) -> None:
        """There is a connection, and the server is being asked."""
        self._asking = True

    def unanswered(self) -> None:
        """The server has no value, or keeps it to itself."""
        self._asking = False

    def heard(self, value: bool) -> bool | None:  # noqa: FBT001  a switch
        """The server has ``value``: as the answer to our question, or since the carer has just switched.

        Returns:
            What to put in force here; None: nothing.
        """
        before, asked = self.agreed, self._asking
        self.agreed, self._asking = value, False
        if asked and before in (None, value):
            return None  # nobody touched it there: ours counts
        return None if value == self.device else value

    def reported(self, value: bool) -> None:  # noqa: FBT001  a switch
        """The server has taken over what we wrote."""
        self.agreed = value

    @property
    def asking(self) -> bool:
        """The server's answer is still awaited."""
        return self._asking

    @property
    def to_report(self) -> bool | None:
        """What the server should be told; None: it knows."""
        return None if self._asking or self.device == self.agreed else self.device
