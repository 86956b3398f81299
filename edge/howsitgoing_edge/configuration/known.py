"""Which settings there are, and in plain words what each may be: read off the models, so that nothing is said twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from howsitgoing_edge.settings import EdgeSettings

ENVIRONMENT_PREFIX = "HOWSITGOING_"
OTHER_VARIABLES = {
    "HOWSITGOING_MODEL_MIRROR": "address that 'howsitgoing models pull' fetches from instead of the original one",
}
"""Environment variables of ours that are no settings of the agent."""


@dataclass(frozen=True)
class Known:
    """One setting, or one table of them."""

    path: str
    """Dotted, such as ``mqtt.tls.ca_file``"""
    about: str
    """Its description"""
    allowed: str
    """Finishes the sentence "must be …" """
    table: bool
    secret: bool
    default: object

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return ENVIRONMENT_PREFIX + self.path.upper().replace(".", "__")

    @property
    def key(self) -> str:
        """Its name within its table."""
        return self.path.rpartition(".")[2]

    @property
    def within(self) -> str:
        """Path of its table; empty for the tables of the first level."""
        return self.path.rpartition(".")[0]


@cache
def known() -> dict[str, Known]:
    """All settings and tables by path, in the order of the models."""
    schema = EdgeSettings.model_json_schema()
    return {entry.path: entry for entry in _walk(schema, schema["$defs"], "")}


def _walk(table: dict[str, Any], definitions: dict[str, Any], prefix: str) -> list[Known]:
    plain: list[Known] = []
    tables: list[Known] = []  # last, as TOML wants it
    for name, described in table["properties"].items():
        path = prefix + name
        kinds = [kind for kind in described.get("anyOf", [described]) if kind.get("type") != "null"]
        rules = {**described, **kinds[0]}
        target = rules.get("$ref")
        inner = definitions[target.rpartition("/")[2]] if target else None
        about = described.get("description") or (inner or {}).get("description", "")
        secret = rules.get("writeOnly", False)
        allowed = f"a table of its own, as in [{path}]" if inner else _in_words(rules)
        entry = Known(path, about, allowed, inner is not None, secret, described.get("default"))
        if inner:
            tables += [entry, *_walk(inner, definitions, f"{path}.")]
        else:
            plain.append(entry)
    return plain + tables


def _in_words(rules: dict[str, Any]) -> str:
    if "enum" in rules:
        return "one of " + ", ".join(map(str, rules["enum"]))
    if "examples" in rules:
        return "like " + " or ".join(map(str, rules["examples"]))
    kind = _FORMATS.get(rules.get("format", "")) or _TYPES[rules["type"]]
    low, high = rules.get("minimum"), rules.get("maximum")
    if low is not None:
        kind += f" from {low:g} to {high:g}" if high is not None else f", {low:g} or more"
    if rules.get("minLength"):
        kind += " that is not empty"
    if "maxLength" in rules:
        kind += f" of at most {rules['maxLength']} characters"
    return kind


_FORMATS = {"path": "a path", "password": "a text"}
_TYPES = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "a text"}
