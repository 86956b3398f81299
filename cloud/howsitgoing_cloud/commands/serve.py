"""``howsitgoing-cloud serve``: the whole cloud side on this machine."""

from __future__ import annotations

import json
import signal
import threading
from dataclasses import asdict
from typing import Annotated

import typer

from howsitgoing_cloud.commands.options import Json
from howsitgoing_cloud.local import state


def serve(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where devices on this machine find it; 0 = any.")] = 8088,
    blynk_server: Annotated[
        str | None, typer.Option(metavar="URL", help="Another Blynk server, e.g. a stand-in; by default Blynk's own.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the whole cloud side on this machine, for development: nothing leaves it, and nothing is kept when it ends.

    Google's Firestore emulator (it needs Java), a Storage emulator, and the functions, each in a process of its own. Only
    programs on this machine can reach it.
    """
    from howsitgoing_cloud.local.everything import everything

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with everything(state.folder(), state.secrets_folder(), port, blynk_server) as running:
        state.write(running.serving)
        try:
            _tell(running.serving, as_json=as_json)
            running.wait(ended.is_set)
        finally:
            state.remove()


def _tell(serving: state.Serving, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(serving)), flush=True)  # noqa: T201  a program waits for this line
        return
    typer.echo(f"""\
The cloud side runs at {serving.url}; Ctrl-C ends it, and all that it holds goes with it.

1. Let a device on this machine join:
     howsitgoing cloud join {serving.url}
   (or --share faces --consent NUMBER), and register it by the line that it prints, with --local behind it.
2. Start the agent: howsitgoing run
3. Look, and erase: howsitgoing-cloud devices list --local
                    howsitgoing-cloud erase --device ID --local

A Blynk token goes into a file (chmod 600) in {state.secrets_folder()}, whose name
'devices add … --blynk-secret NAME' gives. Logs: {state.folder()}""")
