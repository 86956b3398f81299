"""Writes ``tests/terraform/schema/google.json``: what the Google provider knows of the resources that ``terraform/gcp`` uses.

Taken from @cdktf/provider-google, which HashiCorp generated from the provider itself; in the form of
``terraform providers schema -json``. Only the types that are used are kept. Needs npm; nothing of the package is run.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
PACKAGE, VERSION = "@cdktf/provider-google", "16.12.1"
TARGET = HOME / "tests/terraform/schema/google.json"
PROVIDER = "registry.terraform.io/hashicorp/google"

USED = re.compile(r'^(resource|data) "google_(\w+)"', re.MULTILINE)
PROPERTY = re.compile(
    r"// (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n(.*?)(?=\n  // \w+ - computed|\Z)", re.DOTALL
)
IN_HCL = re.compile(r"(\w+): \{\n\s+value: (.+?),\n\s+isBlock: (\w+),\n\s+type: \"(\w+)\",\n\s+storageClassType: \"(\w+)\"")
CLASS = re.compile(r"^export class (\w+) extends cdktf\.(\w+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
TO_HCL = re.compile(r"^export function (\w+)ToHclTerraform\(.*?^\}", re.MULTILINE | re.DOTALL)
VALUES = re.compile(r"Possible values: (\[[^\]]*\])")
DOCUMENTED = re.compile(r"/\*\*((?:(?!\*/).)*?)\*/\s+readonly \w+\??: ", re.DOTALL)
SIMPLE = {"string": "string", "number": "number", "boolean": "bool"}
GETTERS = {
    "cdktf.Fn.tolist(this.getListAttribute": ["set", "string"],
    "getStringMapAttribute": ["map", "string"],
    "new cdktf.StringMap(": ["map", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getListAttribute": ["list", "string"],
    "getBooleanAttribute": "bool",
    "getNumberAttribute": "number",
    "getStringAttribute": "string",
}


class Source:
    """The TypeScript of one resource, as its source map carries it."""

    def __init__(self, compiled: str) -> None:
        """Unpack it."""
        packed = compiled.rpartition("sourceMappingURL=data:application/json;base64,")[2]
        text: str = json.loads(base64.b64decode(packed.strip()))["sourcesContent"][0]
        self.text = text
        self.classes = {name: (base, body) for name, base, body in CLASS.findall(text)}
        self.hcl = {match[1].lower(): match[0] for match in TO_HCL.finditer(text)}

    def block(self, name: str) -> dict[str, Any]:
        """Schema of the resource itself, or of a block in it."""
        resource = self.classes[name][0] in {"TerraformResource", "TerraformDataSource"}
        struct = name.removesuffix("OutputReference")
        written = self.classes[name][1] if resource else self.hcl.get(struct.lower(), "")
        given = {entry[0]: entry[1:] for entry in IN_HCL.findall(written)}
        found: dict[str, Any] = {"attributes": {}, "block_types": {}}
        for key, computed, optional, required, body in PROPERTY.findall(self.classes[name][1]):
            flags = {
                n: True for n, v in (("required", required), ("optional", optional), ("computed", computed)) if v == "true"
            }
            if key in given and given[key][1] == "true":
                found["block_types"][key] = self._nested(*given[key], needed=required == "true")
            else:
                kind = self._kind(given[key]) if key in given else self._computed(body)
                found["attributes"][key] = {"type": kind, **flags, **self._values(struct, key)}
        return {kind: entries for kind, entries in found.items() if entries}

    def _nested(self, value: str, _: str, nesting: str, storage: str, *, needed: bool) -> dict[str, Any]:
        block = self.block(f"{storage.removesuffix('List') if nesting != 'struct' else storage}OutputReference")
        if nesting == "struct":
            return {"nesting_mode": "single", "block": block}
        limits = {"min_items": 1} if needed else {}
        if not value.startswith("cdktf.listMapper"):
            limits["max_items"] = 1
        return {"nesting_mode": nesting, "block": block, **limits}

    def _kind(self, given: tuple[str, ...]) -> Any:  # noqa: ANN401
        _, _, nesting, storage = given
        if nesting == "simple":
            return SIMPLE[storage]
        for suffix in ("List", "Map"):
            if (inner := storage.removesuffix(suffix)) in SIMPLE:
                return [nesting, SIMPLE[inner]]
        return [nesting, self._object(f"{storage.removesuffix('List')}OutputReference")]

    def _computed(self, body: str) -> Any:  # noqa: ANN401
        for getter, kind in GETTERS.items():
            if getter in body:
                return kind
        if match := re.search(r'new (\w+?)(?:List|Map)\(this, "\w+", (true|false)\)', body):
            return ["set" if match[2] == "true" else "list", self._object(f"{match[1]}OutputReference")]
        raise SystemExit(f"no type in: {body}")

    def _object(self, name: str) -> Any:  # noqa: ANN401
        block = self.block(name)
        inner = {key: value["type"] for key, value in block.get("attributes", {}).items()}
        return [
            "object",
            inner | {key: ["list", self._object_of(value)] for key, value in block.get("block_types", {}).items()},
        ]

    def _object_of(self, nested: dict[str, Any]) -> Any:  # noqa: ANN401
        return ["object", {key: value["type"] for key, value in nested["block"].get("attributes", {}).items()}]

    def _values(self, struct: str, key: str) -> dict[str, str]:
        """The description, where it lists the values that are possible."""
        for match in DOCUMENTED.finditer(self.text):
            if (
                f"#{key} " in match[1]
                and f"interface {struct}" in self.text[: match.start()].rpartition("export ")[2].split("{")[0]
            ):
                values = VALUES.search(match[1])
                return {"description": f"Possible values: {values[1]}"} if values else {}
        return {}


def _read(archive: tarfile.TarFile, folder: str) -> Source:
    try:
        member = archive.extractfile(f"package/lib/{folder}/index.js")
    except KeyError:
        raise SystemExit(f"{PACKAGE} {VERSION} has no {folder}: is the resource's name right?") from None
    assert member is not None  # noqa: S101
    return Source(member.read().decode())


def _schema(source: Source) -> dict[str, Any]:
    name = next(n for n, (base, _) in source.classes.items() if base in {"TerraformResource", "TerraformDataSource"})
    return {"version": 0, "block": source.block(name)}


def _used() -> set[tuple[str, str]]:
    text = "\n".join(file.read_text("utf-8") for file in sorted((HOME / "terraform/gcp").rglob("*.tf")))
    return {(kind, name) for kind, name in USED.findall(text)}


def generate(package: Path) -> dict[str, Any]:
    """Everything that belongs into the file."""
    provider: dict[str, Any] = {"provider": {}, "resource_schemas": {}, "data_source_schemas": {}}
    with tarfile.open(package) as archive:
        provider_js = archive.extractfile("package/lib/provider/index.js")
        assert provider_js is not None  # noqa: S101
        compiled = provider_js.read().decode()
        version = re.search(r"providerVersion: '([\d.]+)'", compiled)
        assert version is not None  # noqa: S101
        full = Source(compiled)
        for kind, name in sorted(_used()):
            folder = ("data-google-" if kind == "data" else "") + name.replace("_", "-")
            provider["data_source_schemas" if kind == "data" else "resource_schemas"][f"google_{name}"] = _schema(
                _read(archive, folder)
            )
    provider["provider"] = {"version": 0, "block": _provider_block(full)}
    return {
        "format_version": "1.0",
        "provenance": {
            "provider": f"hashicorp/google {version[1]} (MPL-2.0)",
            "taken_from": f"npm {PACKAGE} {VERSION} (MPL-2.0), index.js of each resource",
            "by": "scripts/google_schema.py",
            "kept": "the types that terraform/gcp uses; descriptions only where they list the possible values",
        },
        "provider_schemas": {PROVIDER: provider},
    }


def _provider_block(source: Source) -> dict[str, Any]:
    """What terraform/gcp sets of the provider; the rest is endpoints by the hundred."""
    body = next(text for base, text in source.classes.values() if base == "TerraformProvider")
    names = set(re.findall(r"// (\w+) - computed", body))
    kept = {"project": "string", "region": "string", "billing_project": "string", "user_project_override": "bool"}
    missing = kept.keys() - names
    if missing:
        raise SystemExit(f"the provider has no {', '.join(sorted(missing))}")
    return {"attributes": {name: {"type": kind, "optional": True} for name, kind in kept.items()}}


def main() -> None:
    """Fetch the package if none is given, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, help=f"{PACKAGE} as npm packs it; fetched if not given")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        package = given.package
        if package is None:
            command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{PACKAGE}@{VERSION}"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
            package = next(Path(folder).glob("*.tgz"))
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(json.dumps(generate(package), indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{TARGET.relative_to(HOME)}: {len(_used())} types, {TARGET.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
