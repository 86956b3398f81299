"""From file, environment and flags to settings: where each value comes from, and plain words for what is wrong."""

from __future__ import annotations

from howsitgoing_edge.configuration.edit import change_file
from howsitgoing_edge.configuration.files import missing_files
from howsitgoing_edge.configuration.layers import user_file
from howsitgoing_edge.configuration.load import Flag, Loaded, load
from howsitgoing_edge.configuration.show import as_toml, plain

__all__ = ["Flag", "Loaded", "as_toml", "change_file", "load", "missing_files", "plain", "user_file"]
