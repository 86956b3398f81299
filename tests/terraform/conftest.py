"""What several of these tests use: a copy of a module, ready to run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import aws_server
import google_provider
import pytest
from running import ROOT, Module, Outcome, copied, plugins, terraform


@pytest.fixture(scope="session")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Module]:
    """``terraform/gcp``, with the provider's schema served to it."""
    terraform()
    with google_provider.serving() as environment:
        module = Module(copied("gcp", tmp_path_factory.mktemp("google")), environment)
        module.must("init")
        yield module


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Module:
    """``terraform/aws``, with the real provider."""
    terraform()
    module = Module(copied("aws", tmp_path_factory.mktemp("aws")))
    module.must("init", f"-plugin-dir={plugins()}")
    return module


@pytest.fixture(scope="session")
def google_tested(google: Module) -> Outcome:
    """``terraform test`` of ``terraform/gcp``."""
    return google.tested()


@pytest.fixture(scope="session")
def aws_tested(aws: Module) -> Outcome:
    """``terraform test`` of ``terraform/aws``."""
    return aws.tested()


@pytest.fixture
def aws_account(aws: Module) -> Iterator[Module]:
    """``terraform/aws``, and an AWS on the loopback to apply it to."""
    archive = aws.folder / "availability.zip"
    subprocess.run([sys.executable, ROOT / "scripts/availability_zip.py", "--to", archive], check=True, timeout=60)
    with aws_server.serving() as url:
        yield Module(
            aws.folder,
            {
                "TF_VAR_availability_zip": str(archive),
                "AWS_ENDPOINT_URL": url,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_MAX_ATTEMPTS": "1",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
        )
