"""The error tree of this package."""

from __future__ import annotations


class ModelsError(Exception):
    """Root: something a person can act on; the message says what."""


class DataError(ModelsError):
    """A data set or a file in it cannot be used."""


class UnreachableError(DataError):
    """Firestore or Storage cannot just now; later it may."""


class ParameterError(ModelsError):
    """The parameter file is wrong."""


class BundleError(ModelsError):
    """A model bundle is broken or does not pass the gate."""


class PublishError(ModelsError):
    """A model cannot be put where devices look, or not safely."""
