"""Terraform's names are the code's: entry points, environment, bounds, topics. Neither side can see the other."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from running import ROOT, Outcome

Made = Mapping[str, dict[str, Any]]


def functions(made: Made) -> list[dict[str, Any]]:
    """What is deployed."""
    return [values for address, values in made.items() if address.startswith("google_cloudfunctions2_function.")]


def settings() -> dict[str, str]:
    """Name of each setting of the cloud side, and how it is written down."""
    tree = ast.parse((ROOT / "cloud/howsitgoing_cloud/settings.py").read_text("utf-8"))
    (cls,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "CloudSettings"]
    return {
        node.target.id: ast.unparse(node.annotation)
        for node in cls.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def contract() -> ModuleType:
    """The contract; it needs the standard library alone."""
    path = ROOT / "edge/howsitgoing_edge/contract.py"
    spec = importlib.util.spec_from_file_location("contract_of_terraform", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_entry_point_is_deployed_and_no_other(google_tested: Outcome) -> None:
    """And what Firestore calls is called by an event, what others call by HTTP."""
    tree = ast.parse((ROOT / "cloud/main.py").read_text("utf-8"))
    kinds = {
        node.name: ast.unparse(node.decorator_list[0]).removeprefix("functions_framework.")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    }
    deployed = {
        made["build_config"][0]["entry_point"]: "cloud_event" if made["event_trigger"] else "http"
        for made in functions(google_tested.made)
    }
    assert deployed == kinds


def test_the_environment_is_what_the_settings_read(google_tested: Outcome) -> None:
    """A variable that nobody reads is a setting that silently isn't made."""
    for made in functions(google_tested.made):
        given = made["service_config"][0]["environment_variables"]
        names = {name.removeprefix("HOWSITGOING_CLOUD_").lower() for name in given}
        assert names == settings().keys() - {"secrets_folder"}  # which is for files
        assert given["HOWSITGOING_CLOUD_RETENTION_DAYS"] == "365"


def test_bounds_are_those_of_the_settings() -> None:
    """Terraform must not let through what the function then refuses at its start."""
    written, variables = settings(), (ROOT / "terraform/gcp/variables.tf").read_text("utf-8")
    days = re.search(r"ge=(\d+), le=(\d+)", written["retention_days"])
    assert days is not None
    assert f"var.retention_days >= {days[1]} && var.retention_days <= {days[2]}" in variables
    often = re.search(r"ge=(\d+), le=([\d_]+)", written["device_per_minute"])
    assert often is not None
    most = often[2].replace("_", "")
    assert f"var.device_per_minute >= {often[1]} && var.device_per_minute <= {most} &&" in variables
    for name, least in (("distress_minutes", "gt=(?P<least>0)"), ("distress_pause_minutes", r"ge=(?P<least>\d+)")):
        bounds = re.search(rf"{least}, le=(?P<most>\d+)", written[name])
        assert bounds is not None
        assert re.search(rf"var.blynk.{name} >=? {bounds['least']} && var.blynk.{name} <= {bounds['most']}\n", variables)
    for name, variable in (("log_level", "log_level"), ("blynk_events", "blynk.events")):
        values = re.search(r"Literal\[([^\]]*)\]", written[name])
        assert values is not None
        assert f"contains([{values[1].replace(chr(39), chr(34))}], var.{variable})" in variables


def test_device_ids_are_those_of_the_contract() -> None:
    """In both clouds."""
    pattern = contract()._DEVICE_ID.pattern
    assert f'regex("^{pattern}$", device)' in (ROOT / "terraform/gcp/variables.tf").read_text("utf-8")
    assert f'regex("^devices/{pattern}\\\\.csr$", file)' in (ROOT / "terraform/aws/variables.tf").read_text("utf-8")


def test_collections_and_paths_are_those_of_the_code(google_tested: Outcome) -> None:
    """A TTL policy on a misspelt collection deletes nothing, for ever."""
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "cloud/howsitgoing_cloud").glob("*.py"))
    names = dict(re.findall(r'^([A-Z]+): Final = "([a-z/]+)"$', code, re.MULTILINE))
    with_ttl = {
        (made["collection"], made["field"])
        for address, made in google_tested.made.items()
        if address.startswith("google_firestore_field.") and made["ttl_config"]
    }
    assert with_ttl == {(names["SAMPLES"], "expires_at"), (names["SEEN"], "expires_at")}
    faces = google_tested.made["google_storage_bucket.faces"]["lifecycle_rule"]
    assert [one["matches_prefix"] for rule in faces for one in rule["condition"] if one["matches_prefix"]] == [[names["FACES"]]]
    watched = {
        (one["value"], one["operator"])
        for made in functions(google_tested.made)
        for trigger in made["event_trigger"]
        for one in trigger["event_filters"]
        if one["attribute"] == "document"
    }
    assert watched == {(f"{names['SAMPLES']}/{{id}}", "match-path-pattern")}


def test_what_has_no_index_is_not_asked_for(google_tested: Outcome) -> None:
    """Firestore refuses such a query, in the cloud alone: the emulator makes every index by itself."""
    bare = {
        made["field"]
        for address, made in google_tested.made.items()
        if address.startswith("google_firestore_field.") and not made["ttl_config"]
    }
    code = [file for folder in ("cloud", "models") for file in (ROOT / folder).rglob("*.py")]
    asked = {
        field for file in code for field in re.findall(r'(?:FieldFilter|order_by)\(\s*"([\w.]+)"', file.read_text("utf-8"))
    }
    assert {"expires_at", "pushed.consent"} <= asked
    assert [(field, name) for field in asked for name in bare if f"{field}.".startswith(f"{name}.")] == []


def policy(made: Made, name: str) -> list[dict[str, Any]]:
    """The statements of an IoT policy."""
    statements: list[dict[str, Any]] = json.loads(made[f"aws_iot_policy.{name}"]["policy"])["Statement"]
    return statements


def allowed(statements: list[dict[str, Any]], action: str) -> set[str]:
    """On what this may be done: the last part of each ARN."""
    found: set[str] = set()
    for statement in statements:
        actions, resources = statement["Action"], statement["Resource"]
        if f"iot:{action}" in ([actions] if isinstance(actions, str) else actions):
            found |= {one.split(":", 5)[5] for one in ([resources] if isinstance(resources, str) else resources)}
    return found


def test_a_device_may_do_on_aws_what_the_contract_asks_of_it_and_nothing_else(aws_tested: Outcome) -> None:
    """Above all it can't command itself or another, nor speak in another's name."""
    rules, statements = contract(), policy(aws_tested.made, "device")
    own = "howsitgoing/${iot:Connection.Thing.ThingName}"
    heard = {rules.Topic.SET, rules.Topic.SAY, rules.Topic.UPDATE}
    told = {kind: how for kind, how in rules.DELIVERY.items() if kind not in heard}
    assert allowed(statements, "Publish") == {f"topic/{own}/{kind}" for kind in told}
    assert allowed(statements, "RetainPublish") == {f"topic/{own}/{kind}" for kind, how in told.items() if how.retain}
    assert allowed(statements, "Subscribe") == {
        f"topicfilter/{own}/{kind}" for kind in ("set/#", "say", "update", "availability")
    }
    assert allowed(statements, "Receive") == {f"topic/{own}/*"}
    assert allowed(statements, "Connect") == {"client/${iot:Connection.Thing.ThingName}"}
    assert statements[0]["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    assert {statement["Effect"] for statement in statements} == {"Allow"}


def test_a_bridge_hears_all_and_speaks_only_commands(aws_tested: Outcome) -> None:
    """A home's broker can't make up what a device saw."""
    statements = policy(aws_tested.made, "bridge")
    assert allowed(statements, "Publish") == {f"topic/howsitgoing/*/{kind}" for kind in ("set/*", "say", "update")}
    assert allowed(statements, "RetainPublish") == set()
    assert allowed(statements, "Subscribe") == {"topicfilter/howsitgoing/*"}
    assert allowed(statements, "Receive") == {"topic/howsitgoing/*"}
