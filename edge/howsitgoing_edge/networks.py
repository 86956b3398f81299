"""Which network reads the faces: the configured one, one that was fetched, or the one that came with this installation.

Joins vision and update for all who need both: the agent, ``doctor``, and ``howsitgoing models``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from howsitgoing_edge import __version__
from howsitgoing_edge.core.mood import MoodRules
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.settings import EdgeSettings
from howsitgoing_edge.update.network import Network
from howsitgoing_edge.update.store import ModelStore
from howsitgoing_edge.update.updater import Pauses, Updater
from howsitgoing_edge.update.watch import Watch
from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.fetch import copy, download
from howsitgoing_edge.vision.litert import LiteRtClassifier

if TYPE_CHECKING:
    from howsitgoing_edge.update.installer import Installer
    from howsitgoing_edge.update.source import Progress

_READABLE: Final = 0.7
_CLEAR: Final = 0.45
"""The model's own thresholds are for single pictures. The filter gathers many, and then this much is enough."""


def load(settings: EdgeSettings, folder: Path | None) -> Network:
    """The network in ``folder``, or the one that came with this installation.

    Raises:
        ModelError: it is missing, broken, or does not fit its description.
    """
    bundle = load_bundle(folder)
    crowd = bundle.crowd
    rules = MoodRules(
        hold=settings.mood.hold,
        sure=settings.mood.sure,
        nobody_after=settings.mood.nobody_after,
        readable=min(crowd.readable_threshold, _READABLE),
        thresholds=tuple(min(threshold, _CLEAR) for threshold in crowd.thresholds),
    )
    return Network(bundle.id, bundle.sha256, LiteRtClassifier(bundle, settings.vision.threads), rules)


def folder_in_use(settings: EdgeSettings, state_folder: Path) -> Path | None:
    """Where the network lies that the agent would begin with; None: it is the one that came with this installation."""
    if settings.vision.model is not None:
        return settings.vision.model
    store = ModelStore(state_folder)
    current = store.state.current
    return None if current is None else store.path(current)


def load_configured(settings: EdgeSettings) -> tuple[Network, str | None]:
    """The network that ``vision.model`` names; if that is unusable the one that came with this installation, and why.

    Raises:
        ModelError: not even that one can be used.
    """
    released = load(settings, None)
    try:
        return load(settings, settings.vision.model), None
    except ModelError as error:
        return released, f"the released network is used instead of vision.model: {error}"


def make_updater(
    settings: EdgeSettings,
    state_folder: Path,
    *,
    pace: Callable[[], float | None],
    pauses: Pauses,
    use: Callable[[Network], None],
    changed: Callable[[], None],
) -> Updater:
    """What chooses among the fetched networks and the released one, and looks for newer ones. See `Updater` and `Watch`.

    Raises:
        ModelError: no network at all can be used.
    """
    store, model = ModelStore(state_folder), settings.model
    return Updater(
        store,
        partial(load, settings),
        Watch(store, model.slower, pace),
        make_installer(settings, store) if model.updates != "off" else None,
        automatic=model.updates == "install",
        every=3600 * model.every,
        pauses=pauses,
        use=use,
        changed=changed,
    )


def make_installer(settings: EdgeSettings, store: ModelStore) -> Installer | None:
    """What fetches newer networks; None: nobody has said from where, or whom to believe.

    Raises:
        ModelError: this installation came without a network.
    """
    model = settings.model
    if model.url is None or model.public_key is None:
        return None
    from howsitgoing_edge.update.installer import Installer, Wanted  # most devices look for none
    from howsitgoing_edge.update.source import Source

    wanted = Wanted(model.public_key, __version__, model.slower, load_bundle().id)
    return Installer(store, Source(model.url, _get), partial(load, settings), wanted)


def _get(url: str, *, most: int, timeout: float, progress: Progress) -> bytes:
    """Over HTTP too, since nothing is believed unsigned. See `Get`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return copy(Path(url2pathname(parts.path)), most)
    return download(url, most=most, timeout=timeout, progress=progress, secure=parts.scheme == "https")
