"""No key, state or setting of somebody's own gets into the repository."""

from __future__ import annotations

import re
import subprocess

import pytest
from running import ROOT

OURS = ("terraform/gcp/", "terraform/aws/")
KEY = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}|AKIA[0-9A-Z]{16}|\"private_key_id\": \"[0-9a-f]{40}\""
)


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In the checkout."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("folder", [*OURS, "", "cloud/", "edge/"])
@pytest.mark.parametrize(
    "name",
    [
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "errored.tfstate",
        "next.tfplan",
        "terraform.tfvars",
        "home.auto.tfvars",
        "terraform.tfvars.json",
        ".terraform/providers/x",
        ".terraform.lock.hcl",
        ".terraformrc",
        "crash.log",
        "device.key",
        "device.pem",
        "device.crt",
        "id_ed25519",
        "my-service-account.json",
        "service_account_key.json",
        ".env",
        ".env.local",
    ],
)
def test_git_takes_no_state_key_or_setting(folder: str, name: str) -> None:
    """One 'git add .' in a hurry is enough."""
    assert git("check-ignore", "--quiet", f"{folder}{name}").returncode == 0


def test_git_takes_no_request_of_a_device_but_those_of_the_tests() -> None:
    """It is no secret, but it names somebody's device."""
    assert git("check-ignore", "--quiet", "terraform/aws/csr/devices/hat-1.csr").returncode == 0
    assert git("check-ignore", "--quiet", "terraform/aws/tests/csr/devices/hat-1.csr").returncode == 1


def test_nothing_that_is_ignored_is_committed_and_no_key_is_in_any_file() -> None:
    """Whoever forces it in is found here."""
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard").stdout == ""
    committed = git("ls-files", "-z").stdout.split("\0")[:-1]
    assert len(committed) > 100
    files = [ROOT / name for name in committed if (ROOT / name).is_file()]
    assert [str(file) for file in files if KEY.search(file.read_bytes())] == []


def test_no_secret_s_value_is_in_terraform() -> None:
    """It would stand in the state, in plain text: a secret's version is added by hand."""
    text = "\n".join(file.read_text("utf-8") for folder in OURS for file in (ROOT / folder).glob("*.tf"))
    forbidden = ("secret_manager_secret_version", "secret_data", "service_account_key", "tls_private_key", "aws_iam_access_key")
    assert [word for word in forbidden if word in text] == []
    assert re.search(r"csr\s+= file", text)  # without a request AWS would make the key, and Terraform keep it
