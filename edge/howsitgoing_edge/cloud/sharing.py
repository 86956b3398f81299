"""What may be sent now: as configured, unless somebody has switched it off meanwhile, which holds at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from howsitgoing_edge.contract import Consent, Sample
from howsitgoing_edge.errors import StorageError
from howsitgoing_edge.settings import CloudSettings

FILE_NAME: Final = "cloud-stopped"


@dataclass(frozen=True)
class Sharing:
    """What people agreed to."""

    consent: Consent
    stopped: Path
    """Once this file is there nothing is kept for the cloud or sent, until an agent starts with what is configured then"""

    @property
    def allowed(self) -> bool:
        """At this moment."""
        return not self.stopped.exists()

    @property
    def faces(self) -> bool:
        """Pictures, too."""
        return self.consent.scope == "faces"

    def fitting(self, sample: Sample, face: bytes | None) -> Sample:
        """``sample`` as it may be sent now, with ``face`` or without."""
        if not self.faces and sample.consent.scope == "faces":
            return replace(sample, face=None, consent=self.consent)
        return sample if face is not None or sample.face is None else replace(sample, face=None)


def sharing(settings: CloudSettings, folder: Path) -> Sharing | None:
    """What ``settings`` allow; None: nothing."""
    if settings.share == "nothing":
        return None
    reference = settings.consent if settings.share == "faces" else None
    return Sharing(Consent(settings.share, reference), folder / FILE_NAME)


def stop(folder: Path) -> None:
    """Nothing is sent from now on by an agent that runs. Raises StorageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / FILE_NAME).touch(0o600)
    except OSError as error:
        raise StorageError(f"{folder / FILE_NAME} cannot be written ({error.strerror}): stop the agent instead") from error


def go_on(folder: Path) -> None:
    """An agent starts: what is configured holds. Raises StorageError."""
    try:
        (folder / FILE_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{folder / FILE_NAME} cannot be removed ({error.strerror})") from error
