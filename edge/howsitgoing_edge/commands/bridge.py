"""``howsitgoing bridge``: a mosquitto at home hears devices that are away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from howsitgoing_edge.contract import ContractError, check_device_id
from howsitgoing_edge.errors import ConfigError, StorageError

app = typer.Typer(no_args_is_help=True, help="Let the broker at home hear devices that are away.")
CERTIFICATES = Path("/etc/mosquitto/certs")
_TLS_PORT = 8883

Name = Annotated[str, typer.Argument(help="The bridge's name at the broker far away; no device's.")]
Folder = Annotated[Path, typer.Option(help="Where NAME.key and NAME.pem lie, or are to lie, on the machine of the broker.")]


@app.command()
def config(
    name: Name,
    endpoint: Annotated[str, typer.Argument(help="Address of the broker far away: HOST or HOST:PORT.")],
    *,
    folder: Folder = CERTIFICATES,
    certificate: Annotated[Path | None, typer.Option(help="Client certificate, if not FOLDER/NAME.pem.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key, if not FOLDER/NAME.key.")] = None,
    ca_file: Annotated[Path | None, typer.Option(help="Authority of the broker far away; none: the system's.")] = None,
    device: Annotated[list[str] | None, typer.Option(help="Only this device; can be given more than once.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write it there instead of printing it.")] = None,
) -> None:
    """Write the configuration that makes a mosquitto at home a bridge to the devices' broker."""
    from howsitgoing_edge.mqtt.bridge import Bridge, bridge_config

    host, port = _address(endpoint)
    text = bridge_config(
        Bridge(
            endpoint=host,
            port=port,
            name=_checked(name),
            certificate=(certificate or folder / f"{name}.pem").absolute(),
            key=(key or folder / f"{name}.key").absolute(),
            authority=ca_file.absolute() if ca_file else None,
            devices=tuple(_checked(one) for one in device or ()),
        )
    )
    if output is None:
        typer.echo(text, nl=False)
    else:
        try:
            output.write_text(text, "utf-8")
        except OSError as error:
            raise StorageError(f"{output} cannot be written: {error.strerror}") from error
    typer.echo(
        "It belongs into /etc/mosquitto/conf.d/howsitgoing-bridge.conf on the machine of the broker at home (for the add-on of "
        "Home Assistant: /share/mosquitto/, with 'customize' active). The user mosquitto must be able to read certificate and "
        "key. Then restart mosquitto.",
        err=True,
    )


@app.command()
def request(name: Name, *, folder: Folder = CERTIFICATES) -> None:
    """Make the bridge's private key, which stays here, and print the request for its certificate."""
    from howsitgoing_edge.mqtt import keys

    keys.need_packages()
    key = folder / f"{_checked(name)}.key"
    wanted = keys.request(keys.make_key(key), name)
    keys.write_public(folder / f"{name}.csr", wanted)
    typer.echo(wanted, nl=False)
    typer.echo(
        f"\nThe operator saves this as terraform/aws/csr/bridges/{name}.csr and gives back a certificate: it belongs into "
        f"{folder / name}.pem. So that mosquitto can read its key: chown mosquitto {key}",
        err=True,
    )


def _checked(name: str) -> str:
    try:
        return check_device_id(name)
    except ContractError as error:
        raise ConfigError(f"{name!r}: {error}") from error


def _address(endpoint: str) -> tuple[str, int]:
    host, colon, port = endpoint.rpartition(":") if endpoint.count(":") == 1 else (endpoint, "", "")
    if "/" in endpoint or not host or (colon and not (port.isdecimal() and 0 < int(port) < 1 << 16)):
        raise ConfigError(f"{endpoint}: must be like abc123-ats.iot.eu-central-1.amazonaws.com, or HOST:PORT")
    return host, int(port) if colon else _TLS_PORT
