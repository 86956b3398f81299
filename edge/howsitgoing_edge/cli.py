"""The command ``howsitgoing``: only names are here, each command's own file does the work."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from howsitgoing_edge import __version__
from howsitgoing_edge.commands import aws, bench, bridge, cloud, config, doctor, models, run, service, setup
from howsitgoing_edge.errors import ConfigError, EdgeError

WRONG_USAGE = 2

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # main() has the last word on errors
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Reads the expression of the face in front of the camera and says how it looks.",
)
app.command()(run.run)
app.command()(doctor.doctor)
app.command()(setup.setup)
app.add_typer(config.app, name="config")
app.add_typer(models.app, name="models")
app.add_typer(cloud.app, name="cloud")
app.add_typer(aws.app, name="aws")
app.add_typer(bridge.app, name="bridge")
app.command()(bench.bench)
app.add_typer(service.app, name="service")


def _show_version(wanted: bool) -> None:  # noqa: FBT001  how typer hands a flag to its callback
    if wanted:
        typer.echo(f"howsitgoing {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it and end.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="On an error, show where in the program it arose.")] = False,
) -> None:
    del version, debug  # handled by the callback, and by main()


def main() -> int:
    """Run the command line. Exit codes: 0 done, 2 wrong usage or configuration, 1 anything else."""
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        return _explained(error)
    return 0


def _explained(error: Exception) -> int:
    if isinstance(error, EdgeError):
        for line in str(error).splitlines():
            typer.echo(f"howsitgoing: {line}", err=True)
        return WRONG_USAGE if isinstance(error, ConfigError) else 1
    cause = f"{type(error).__name__}: {error}".splitlines()[0]
    typer.echo(f"howsitgoing: a fault of the program itself ({cause}); 'howsitgoing --debug …' shows where", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
