"""Every file by another parser than Terraform's own: python-hcl2, in the fork that checkov reads them with."""

from __future__ import annotations

import re
from pathlib import Path

import hcl2
import pytest
from lark.exceptions import LarkError
from running import ROOT

FILES = sorted(ROOT.glob("terraform/*/*.tf")) + sorted(ROOT.glob("terraform/*/tests/*.hcl"))
BLOCK = re.compile(r'^(resource|data|variable|output|run) "([^"]+)"(?: "([^"]+)")? \{', re.MULTILINE)


def blocks(content: dict[str, list[dict[str, object]]]) -> set[tuple[str, ...]]:
    """Kind and names of the blocks that are in it."""
    found: set[tuple[str, ...]] = set()
    for kind in ("resource", "data", "variable", "output", "run"):
        for block in content.get(kind, []):
            for first, inner in block.items():
                if kind in {"resource", "data"} and isinstance(inner, dict):
                    found |= {(kind, first, second) for second in inner}
                else:
                    found.add((kind, first))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT / "terraform")))
def test_a_file_is_read_and_nothing_in_it_is_passed_over(file: Path) -> None:
    """What the policy check below does not see it cannot judge."""
    text = file.read_text("utf-8")
    assert blocks(hcl2.loads(text)) == {tuple(filter(None, match)) for match in BLOCK.findall(text)}


@pytest.mark.parametrize("right", ["}\n", " = ", '"google_storage_bucket"'])
def test_a_broken_file_is_refused(right: str) -> None:
    """Whether the test above can fail at all."""
    text = (ROOT / "terraform/gcp/bucket.tf").read_text("utf-8")
    assert right in text
    with pytest.raises(LarkError):
        hcl2.loads(text.replace(right, " { ", 1))
