"""The error tree of this package."""

from __future__ import annotations


class ModelsError(Exception):
    """Root: something a person can act on; the message says what."""


class DataError(ModelsError):
    """A data set or a file in it cannot be used."""


class ParameterError(ModelsError):
    """The parameter file is wrong."""


class BundleError(ModelsError):
    """A model bundle is broken or does not pass the gate."""
