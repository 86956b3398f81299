"""How long a network on trial may take on this very device, and the trial that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from howsitgoing_edge.errors import UpdateRefused
from howsitgoing_edge.update.network import Network
from howsitgoing_edge.update.selftest import milliseconds, read_exam
from howsitgoing_edge.update.store import ModelStore
from howsitgoing_edge.update.trial import OnTrial, Verdict, allowed_ms


@dataclass(frozen=True)
class Watch:
    """Puts networks on trial."""

    store: ModelStore
    slower: float
    """See ``model.slower``"""
    pace: Callable[[], float | None]
    """Median milliseconds that a face has taken of late, with all else that goes on here; None: there was none"""

    def over(self, network: Network, old: Network, verdict: Verdict) -> Network:
        """``network``, with ``old`` behind it until it has shown that it does as well."""
        allowed = allowed_ms(max(self.pace() or 0.0, self._alone(network, old)), self.slower)
        return network.read_by(OnTrial(network.classifier, old.classifier, allowed_ms=allowed, verdict=verdict))

    def _alone(self, network: Network, old: Network) -> float:
        """Milliseconds that ``old`` takes with nobody in front."""
        try:
            exam = read_exam(self.store.path(network.id))
        except UpdateRefused:
            return 0.0
        return milliseconds(old.classifier, exam)
