"""Serves the Google provider's schema to the real Terraform, which then judges ``terraform/gcp`` by it.

The provider itself is a program of 100 MB that need not be here: its schema, written by scripts/google_schema.py, is all that
``terraform validate`` needs, and all that ``terraform test`` needs for a plan with mocked values. Nothing of it reaches Google.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import msgpack

HERE = Path(__file__).parent
PROVIDER = "registry.terraform.io/hashicorp/google"
SCHEMA: dict[str, Any] = json.loads((HERE / "schema/google.json").read_text("utf-8"))
messages, services = grpc.protos_and_services("tfplugin5.proto")


def block(described: dict[str, Any]) -> Any:  # noqa: ANN401
    """A block in Terraform's own form."""
    made = messages.Schema.Block()
    for name, entry in described.get("attributes", {}).items():
        flags = {flag: entry.get(flag, False) for flag in ("required", "optional", "computed")}
        made.attributes.add(name=name, type=json.dumps(entry["type"]).encode(), **flags)
    for name, entry in described.get("block_types", {}).items():
        mode = messages.Schema.NestedBlock.NestingMode.Value(entry["nesting_mode"].upper())
        limits = {limit: entry[limit] for limit in ("min_items", "max_items") if limit in entry}
        made.block_types.add(type_name=name, block=block(entry["block"]), nesting=mode, **limits)
    return made


def impossible(described: dict[str, Any], value: dict[str, Any], where: str) -> Iterator[str]:
    """What the configuration sets to something that the provider's documentation doesn't list."""
    for name, entry in described.get("attributes", {}).items():
        given, listed = value.get(name), entry.get("description")
        if isinstance(given, str) and listed and given not in (known := json.loads(listed.partition(": ")[2])):
            yield f"{where}.{name}: {given!r} is not one of {', '.join(known)}"
    for name, entry in described.get("block_types", {}).items():
        inside = value.get(name)
        for one in inside if isinstance(inside, list) else [inside]:
            if isinstance(one, dict):
                yield from impossible(entry["block"], one, f"{where}.{name}")


class Provider(services.ProviderServicer):  # type: ignore[misc]
    """Answers from the schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """With ``schema`` in the form of ``terraform providers schema -json``."""
        self.schema = schema["provider_schemas"][PROVIDER]

    def GetSchema(self, *_: object) -> Any:  # noqa: N802, ANN401
        """All of it."""
        made = messages.Schemas()
        made.provider.block.CopyFrom(block(self.schema["provider"]["block"]))
        for kind in ("resource_schemas", "data_source_schemas"):
            for name, described in self.schema[kind].items():
                getattr(made, kind)[name].block.CopyFrom(block(described["block"]))
        return made

    def PrepareProviderConfig(self, request: Any, _: object) -> Any:  # noqa: N802, ANN401
        """Whatever it is."""
        return messages.PreparedConfig(prepared_config=request.config)

    def ValidateResourceTypeConfig(self, request: Any, _: object) -> Any:  # noqa: N802, ANN401
        """Terraform has checked names and types; here are the values that the documentation lists."""
        value = msgpack.unpackb(request.config.msgpack, ext_hook=lambda *_: None)
        answer = messages.Diagnostics()
        for text in impossible(self.schema["resource_schemas"][request.type_name]["block"], value, request.type_name):
            answer.diagnostics.add(severity=messages.Diagnostic.ERROR, summary=text)
        return answer

    def ValidateDataSourceConfig(self, *_: object) -> Any:  # noqa: N802, ANN401
        """There is nothing more to check."""
        return messages.Diagnostics()

    def Stop(self, *_: object) -> Any:  # noqa: N802, ANN401
        """There is nothing to stop."""
        return messages.Stopped()


@contextmanager
def serving(schema: dict[str, Any] = SCHEMA) -> Iterator[dict[str, str]]:
    """The environment in which Terraform asks this provider instead of one that it would have to fetch."""
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        services.add_ProviderServicer_to_server(Provider(schema), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
        running = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True, "Addr": address}
        try:
            yield {"TF_REATTACH_PROVIDERS": json.dumps({PROVIDER: running})}
        finally:
            server.stop(grace=0).wait(5)
