"""What others ask of the device: settings, to speak, to update. Checked here; what does not fit is refused with the reason."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from howsitgoing_edge.contract import ContractError, Refusal, Say, Topic, Update, decode_value, to_rfc3339
from howsitgoing_edge.errors import EdgeError
from howsitgoing_edge.mqtt.allowance import Allowance

log = logging.getLogger(__name__)


def no_updates(_wanted: Update) -> None:
    """Refuse every update.

    Raises:
        ContractError: always.
    """
    raise ContractError("this device looks for no newer networks")


class Commands:
    """Turns messages into calls. `handle` is a link's ``on_command``; used by one thread."""

    def __init__(
        self,
        on_set: Callable[[str, object], object],
        on_say: Callable[[Say], None],
        answer: Callable[[Refusal], None],
        clock: Callable[[], float] = time.monotonic,
        *,
        on_update: Callable[[Update], None] = no_updates,
    ) -> None:
        """Joins the commands to what carries them out.

        Args:
            on_set: takes a setting's name and its new value, not yet checked; raises ContractError for one it cannot have, and
                EdgeError where something went wrong although it is in force.
            on_say: takes what to speak, checked.
            answer: publishes a refusal on the topic ``error``.
            clock: seconds of a steady clock.
            on_update: takes which newer network is wanted, checked; raises ContractError if that cannot be.
        """
        self._on_set = on_set
        self._on_say = on_say
        self._on_update = on_update
        self._answer = answer
        self._clock = clock
        self._commands = Allowance(at_once=40, per_second=10)
        self._refusals = Allowance(at_once=10, per_second=1)
        self._unsaid = 0

    def handle(self, path: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001  called with these three by the link
        """Carry out or refuse one command. ``path``: the topic below the device, e.g. ``set/volume``."""
        try:
            self._obey(path, payload, retained=retained)
        except (ContractError, EdgeError) as error:
            self._refuse(path, str(error))

    def _obey(self, path: str, payload: bytes, *, retained: bool) -> None:
        kind, _, name = path.partition("/")
        if retained:
            raise ContractError(
                "is retained at the broker, so it would be obeyed again at every connect; send it without retain"
            )
        if not payload and kind == Topic.SET:
            return  # how a retained command is cleared
        if not self._commands.take(self._clock()):
            raise ContractError("too many commands at once")
        if path == Topic.SAY:
            self._on_say(Say.from_json(payload) if payload else Say())
        elif path == Topic.UPDATE:
            self._on_update(Update.from_json(payload) if payload else Update())
        elif kind == Topic.SET and name:
            self._on_set(name, decode_value(payload))
        else:
            raise ContractError("unknown command: known are say, update and set/<setting>")

    def _refuse(self, path: str, reason: str) -> None:
        if not self._refusals.take(self._clock()):
            self._unsaid += 1
            return
        if self._unsaid:
            reason += f" ({self._unsaid} more were refused without an answer)"
            self._unsaid = 0
        log.warning("refused the command %.80r: %s", path, reason)
        self._answer(Refusal(command=path[:80], reason=reason, at=to_rfc3339(time.time())))
