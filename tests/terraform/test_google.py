"""terraform/gcp by the real Terraform, against the schema of the real provider; applied to nothing."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import google_provider
import pytest
from running import Module, Outcome, copied

SCHEMA = google_provider.SCHEMA["provider_schemas"][google_provider.PROVIDER]


def test_it_is_valid_by_the_provider_s_own_schema(google: Module) -> None:
    """Every resource type, argument, reference and listed value."""
    told = json.loads(google.must("validate", "-json"))
    assert (told["valid"], told["diagnostics"]) == (True, [])


def test_it_is_formatted(google: Module) -> None:
    """As everybody's is."""
    assert google.must("fmt", "-check", "-recursive", "-diff") == ""


def test_plans_are_as_intended_and_variables_refuse_what_cannot_be(google: Module, google_tested: Outcome) -> None:
    """terraform/gcp/tests, with mocked values."""
    runs = sum(len(re.findall(r'^run "', file.read_text("utf-8"), re.MULTILINE)) for file in google.folder.glob("tests/*.hcl"))
    assert (google_tested.passed, google_tested.failed) == (runs, 0)


def test_every_variable_that_can_refuse_is_tested_to_refuse(google: Module) -> None:
    """A condition that is never false is no check."""
    variables = (google.folder / "variables.tf").read_text("utf-8").split('variable "')[1:]
    checked = {text.split('"')[0] for text in variables if "validation {" in text}
    refused = re.findall(r"expect_failures = \[var\.(\w+)\]", (google.folder / "tests/refused.tftest.hcl").read_text("utf-8"))
    assert checked == set(refused)


@pytest.mark.parametrize(
    ("file", "right", "wrong", "complaint"),
    [
        ("bucket.tf", "uniform_bucket_level_access", "uniform_bucket_access", "Unsupported argument"),
        ("bucket.tf", "soft_delete_policy {", "soft_deletion {", "Unsupported block type"),
        (
            "bucket.tf",
            'resource "google_storage_bucket" "source"',
            'resource "google_bucket" "source"',
            "Invalid resource type",
        ),
        ("functions.tf", "service_config[0].uri", "service_config[0].address", "Unsupported attribute"),
        ("firestore.tf", "  type        = ", "  # type        = ", "Missing required argument"),
        ("budget.tf", "length(var.alert_emails) > 0", '["yes"]', "Incorrect attribute value type"),
        ("firestore.tf", '"FIRESTORE_NATIVE"', '"NATIVE"', "'NATIVE' is not one of FIRESTORE_NATIVE, DATASTORE_MODE"),
        ("functions.tf", '"KEEP"', '"RETAIN"', "'RETAIN' is not one of DELETE, KEEP"),
        ("monitoring.tf", "local.channels", "local.chanels", "Reference to undeclared local value"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, google: Module, file: str, right: str, wrong: str, complaint: str) -> None:
    """Whether the check above can fail at all."""
    module = Module(copied("gcp", tmp_path), google.environment)
    text = (module.folder / file).read_text("utf-8")
    assert right in text
    (module.folder / file).write_text(text.replace(right, wrong), "utf-8")
    done = module.run("init")
    if done.returncode == 0:
        done = module.run("validate")
    assert done.returncode == 1
    assert complaint in " ".join(done.stderr.replace("│", " ").split())


def test_the_schema_holds_the_types_that_are_used_and_says_where_it_is_from(google: Module) -> None:
    """After a new resource: scripts/google_schema.py."""
    text = "\n".join(file.read_text("utf-8") for file in google.folder.glob("*.tf"))
    for kind, section in (("resource", "resource_schemas"), ("data", "data_source_schemas")):
        assert set(re.findall(rf'^{kind} "(google_\w+)"', text, re.MULTILINE)) == set(SCHEMA[section])
    assert "hashicorp/google 6.50.0" in google_provider.SCHEMA["provenance"]["provider"]
    assert 'version = "~> 6.50"' in (google.folder / "versions.tf").read_text("utf-8")


def test_another_schema_makes_it_invalid(tmp_path: Path) -> None:
    """It is the schema that judges, and not a provider that happens to be here."""
    schema = copy.deepcopy(google_provider.SCHEMA)
    attributes = schema["provider_schemas"][google_provider.PROVIDER]["resource_schemas"]["google_storage_bucket"]["block"]
    del attributes["attributes"]["public_access_prevention"]
    with google_provider.serving(schema) as environment:
        module = Module(copied("gcp", tmp_path), environment)
        module.must("init")
        done = module.run("validate")
    assert done.returncode == 1
    assert 'named "public_access_prevention" is not expected here' in " ".join(done.stderr.replace("│", " ").split())
