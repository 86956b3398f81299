"""``howsitgoing-cloud``: only names are here, each command's own file does the work."""

from __future__ import annotations

import importlib.util
import logging
import sys
from typing import Annotated

import typer

from howsitgoing_cloud.commands import blynk, devices, erase, serve, sweep
from howsitgoing_cloud.errors import CloudError, ConfigError, TransientError

WRONG_USAGE = 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # main() has the last word on errors
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve.serve)
app.add_typer(devices.app, name="devices")
app.command()(erase.erase)
app.command()(sweep.sweep)
app.add_typer(blynk.app, name="blynk")


@app.callback()
def _cloud(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="On an error, show where in the program it arose.")] = False,
) -> None:
    """Run the cloud side on one machine, and look after its devices and what they sent.

    Which cloud: that of HOWSITGOING_CLOUD_PROJECT and HOWSITGOING_CLOUD_BUCKET, as whoever 'gcloud auth application-default
    login' let in; or, with --local, the 'serve' on this machine.
    """
    del debug  # handled by main()
    logging.getLogger("google").setLevel(logging.ERROR)


def main() -> int:
    """Run the command line. Exit codes: 0 done, 2 wrong usage or configuration, 1 anything else."""
    if importlib.util.find_spec("firebase_admin") is None:
        typer.echo("howsitgoing-cloud: its packages are missing: pip install 'howsitgoing[functions]'", err=True)
        return 1
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        return _explained(error)
    return 0


def _explained(error: Exception) -> int:
    if isinstance(error, CloudError):
        again = "; the same command goes on where it stopped" if isinstance(error, TransientError) else ""
        typer.echo(f"howsitgoing-cloud: {error}{again}", err=True)
        return WRONG_USAGE if isinstance(error, ConfigError) else 1
    cause = f"{type(error).__name__}: {error}".splitlines()[0]
    typer.echo(
        f"howsitgoing-cloud: a fault of the program itself ({cause}); 'howsitgoing-cloud --debug …' shows where", err=True
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
