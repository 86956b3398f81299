"""The error tree of the cloud side: transient (deliver again) and permanent (a person must act) are told apart by type."""

from __future__ import annotations


class CloudError(Exception):
    """Root. The message says in one line what is wrong and what to do; it never holds a token, a key or a score."""


class TransientError(CloudError):
    """May be gone at the next try: a service that is busy or out of reach."""

    def __init__(self, message: str, retry_after_s: int | None = None) -> None:
        """With ``retry_after_s`` where the other side said when to come again."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QuotaError(TransientError):
    """Too much at once; slower will do."""


class PermanentError(CloudError):
    """Stays until a person changes something: a wrong token, a missing secret, a broken document."""


class ConfigError(PermanentError):
    """A setting or an argument is unknown, missing or impossible. Exit code 2."""


class ConflictError(PermanentError):
    """Something of that name is already there, and it is not the same."""
