"""A network that is loaded, and what the rest of the agent has to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from howsitgoing_edge.core.mood import MoodRules
from howsitgoing_edge.core.ports import Classifier


@dataclass(frozen=True, eq=False)
class Network:
    """Ready to read."""

    id: str
    sha256: str
    classifier: Classifier
    rules: MoodRules
    """The mood filter's, with this network's thresholds"""

    def read_by(self, classifier: Classifier) -> Self:
        """The same, with somebody watching over it."""
        return replace(self, classifier=classifier)


Load = Callable[[Path | None], Network]
"""Loads the network in a folder, or the one that came with this installation. Raises ModelError: it cannot be used."""
