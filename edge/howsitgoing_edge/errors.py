"""The error tree of the agent: one root; transient (try again) and permanent (a person must act) are told apart by type."""

from __future__ import annotations


class EdgeError(Exception):
    """Root. The message says in one line what is wrong and what to do."""


class TransientError(EdgeError):
    """May be gone at the next try: a camera unplugged, a broker restarting, a speaker out of reach."""


class PermanentError(EdgeError):
    """Stays until a person changes something: a wrong setting, a broken file, a missing package."""


class ConfigError(PermanentError):
    """A setting is unknown or impossible. Exit code 2."""


class CameraError(TransientError):
    """The camera cannot be opened, or stopped giving frames."""


class SourceError(PermanentError):
    """The source of frames cannot ever work: no such file, not a picture, a missing package."""


class ModelError(PermanentError):
    """A model file is missing, broken, or does not fit its description."""


class BrokerError(TransientError):
    """The broker cannot be reached or has dropped us."""


class BrokerRefused(PermanentError):  # noqa: N818  named after what happened
    """The broker does not let us in: password, certificate, access rules."""


class SpeakerError(TransientError):
    """No sound can be put out just now."""


class VoiceError(PermanentError):
    """Words that cannot be spoken: no voice for the language, espeak-ng missing, a recording that cannot be read."""


class StorageError(TransientError):
    """Something could not be kept: a full disk, a read-only card. The message says what holds nevertheless."""


class IdentityError(PermanentError):
    """The device's key cannot be used, or there is none."""


class UplinkError(PermanentError):
    """Nothing can be sent to the cloud, until a person does what the message says."""


class BlynkError(TransientError):
    """Blynk cannot be reached, or has dropped us."""


class BlynkRefused(PermanentError):  # noqa: N818  named after what happened
    """Blynk does not let us in: token, certificate."""


class UpdateRefused(PermanentError):  # noqa: N818  named after what happened
    """A newer network is offered, but it, or the offer itself, is not what this device may use."""
