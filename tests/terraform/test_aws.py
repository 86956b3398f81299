"""terraform/aws by the real Terraform and the real provider, applied to moto on the loopback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from running import Module, Outcome


def request(folder: Path, kind: str, name: str) -> str:
    """What a device does: make a key that it keeps, and ask for a certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    (folder / kind).mkdir(parents=True, exist_ok=True)
    text = csr.public_bytes(Encoding.PEM).decode()
    (folder / kind / f"{name}.csr").write_text(text, "utf-8")
    return text


def changes(module: Module, *arguments: str) -> list[str]:
    """What Terraform would do, without what is to stay."""
    module.must("plan", "-out=next.tfplan", *arguments)
    planned = json.loads(module.must("show", "-json", "next.tfplan"))
    return [
        f"{change['address']}: {' '.join(change['change']['actions'])}"
        for change in planned["resource_changes"]
        if change["change"]["actions"] not in (["no-op"], ["read"])
    ]


def client(module: Module, service: str) -> Any:  # noqa: ANN401
    """AWS as its own library sees it."""
    return boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url=module.environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106
    )


def test_it_is_valid(aws: Module) -> None:
    """By the provider itself."""
    told = json.loads(aws.must("validate", "-json"))
    assert (told["valid"], told["diagnostics"]) == (True, [])


def test_it_is_formatted(aws: Module) -> None:
    """As everybody's is."""
    assert aws.must("fmt", "-check", "-recursive", "-diff") == ""


def test_plans_are_as_intended_and_variables_refuse_what_cannot_be(aws: Module, aws_tested: Outcome) -> None:
    """terraform/aws/tests, with mocked values."""
    runs = sum(len(re.findall(r'^run "', file.read_text("utf-8"), re.MULTILINE)) for file in aws.folder.glob("tests/*.hcl"))
    assert (aws_tested.passed, aws_tested.failed) == (runs, 0)


def test_every_variable_that_can_refuse_is_tested_to_refuse(aws: Module) -> None:
    """A condition that is never false is no check."""
    variables = (aws.folder / "variables.tf").read_text("utf-8").split('variable "')[1:]
    checked = {text.split('"')[0] for text in variables if "validation {" in text}
    refused = re.findall(r"expect_failures = \[var\.(\w+)\]", (aws.folder / "tests/refused.tftest.hcl").read_text("utf-8"))
    assert checked == set(refused)


def test_a_device_s_life_from_its_request_to_its_end(aws_account: Module) -> None:
    """Apply, nothing left to do, another device, one revoked, and everything gone again."""
    csr = aws_account.folder / "csr"
    requests = {"hat-1": request(csr, "devices", "hat-1"), "home": request(csr, "bridges", "home")}
    aws_account.must("apply", "-auto-approve")
    assert changes(aws_account) == []

    made = aws_account.output()
    assert re.fullmatch(r"[\w-]+-ats\.iot\.eu-central-1\.amazonaws\.com", made["endpoint"])
    assert (made["devices"], made["bridges"]) == (["hat-1"], ["home"])
    iot = client(aws_account, "iot")
    for name, asked in requests.items():
        (principal,) = iot.list_thing_principals(thingName=name)["principals"]
        (policy,) = iot.list_attached_policies(target=principal)["policies"]
        assert policy["policyName"] == ("howsitgoing-device" if name == "hat-1" else "howsitgoing-bridge")
        assert status(iot, principal) == "ACTIVE"
        assert made["certificates"][name].startswith("-----BEGIN CERTIFICATE-----")  # moto's own, not made of the request
        assert in_state(aws_account, f'aws_iot_certificate.client["{name}"]')["csr"] == asked
    assert "PRIVATE KEY" not in (aws_account.folder / "terraform.tfstate").read_text("utf-8")

    deployed = client(aws_account, "lambda").get_function(FunctionName="howsitgoing-availability")["Configuration"]
    assert deployed["Environment"]["Variables"] == {"IOT_ENDPOINT": f"https://{made['endpoint']}"}
    rule = iot.get_topic_rule(ruleName="howsitgoing_gone")["rule"]
    assert [action["lambda"]["functionArn"] for action in rule["actions"]] == [deployed["FunctionArn"]]

    request(csr, "devices", "hat-2")
    assert sorted(changes(aws_account, '-var=revoked=["hat-1"]')) == [
        "aws_cloudwatch_metric_alarm.connects: update",
        'aws_iot_certificate.client["hat-1"]: update',
        'aws_iot_certificate.client["hat-2"]: create',
        'aws_iot_policy_attachment.client["hat-2"]: create',
        'aws_iot_thing.client["hat-2"]: create',
        'aws_iot_thing_principal_attachment.client["hat-2"]: create',
    ]
    aws_account.must("apply", "next.tfplan")
    (principal,) = iot.list_thing_principals(thingName="hat-1")["principals"]
    assert status(iot, principal) == "INACTIVE"

    aws_account.must("destroy", "-auto-approve")
    assert iot.list_things()["things"] == iot.list_certificates()["certificates"] == iot.list_policies()["policies"] == []


def in_state(module: Module, address: str) -> dict[str, Any]:
    """A resource as Terraform keeps it."""
    state = json.loads(module.must("show", "-json"))
    (found,) = [one["values"] for one in state["values"]["root_module"]["resources"] if one["address"] == address]
    values: dict[str, Any] = found
    return values


def status(iot: Any, principal: str) -> str:  # noqa: ANN401
    """Of a certificate."""
    return str(iot.describe_certificate(certificateId=principal.rpartition("/")[2])["certificateDescription"]["status"])
