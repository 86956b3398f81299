"""The event contract, version 1: what every part of the system says to every other.

Standard library only. This file is the original; the copies in the cloud functions and in the Home Assistant component are
written by ``make contract`` and never edited. Readers ignore unknown fields; writers send all of them.
"""

from __future__ import annotations

import json
import math
import re
import types
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Final, Self, Union, get_args, get_origin, get_type_hints

SCHEMA: Final = 1
PREFIX: Final = "howsitgoing"
MAX_PAYLOAD_BYTES: Final = 16_384
"""No JSON payload of the contract is longer; a longer one is refused unread."""
MAX_SAY_CHARACTERS: Final = 500
MAX_NOTE_CHARACTERS: Final = 255

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The seven emotions, in the order used everywhere; the place in it is also Blynk's index 0 to 6."""
NOBODY: Final = "none"
"""State: nobody in front. Blynk's index 7."""
UNSURE: Final = "unsure"
"""State: a face, but what it shows is not clear. Blynk's index 8."""
STATES: Final = (*EMOTIONS, NOBODY, UNSURE)
POSITIVE: Final = {"angry": -1.0, "disgust": -0.8, "fear": -0.8, "happy": 1.0, "neutral": 0.0, "sad": -0.8, "surprise": 0.2}
"""Weight of each emotion in ``positivity``: a summary for dashboards, -1 to 1, not a measurement of feeling."""

LANGUAGES: Final = ("en", "de", "fr", "es", "nl")
SPEECH_MODES: Final = ("changes", "alerts", "on_request", "tones", "off")
CONSENT_SCOPES: Final = ("moods", "faces")
"""What somebody agreed to have stored in the cloud; ``faces`` includes moods, and names the consent that was given."""
UPDATE_STATES: Final = ("current", "available", "installing", "failed")
"""How it stands with newer networks; ``available`` and ``failed`` until somebody, or the next look, changes it."""
SAMPLE_REASONS: Final = ("change", "random", "unsure", "lasting")
"""Why a reading was sent: a dataset of changes alone would be biased."""

_DEVICE_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_LANGUAGE: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?"
_UUID7: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_SHA256: Final = r"[0-9a-f]{64}"
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class ContractError(ValueError):
    """A payload, topic or id that does not fit the contract; the message says where and why."""


class Availability(StrEnum):
    """Plain text on the ``availability`` topic."""

    ONLINE = "online"
    STOPPED = "stopped"
    OFFLINE = "offline"


class Topic(StrEnum):
    """Last part of each topic below ``howsitgoing/<device_id>/``."""

    AVAILABILITY = "availability"
    INFO = "info"
    MOOD = "mood"
    EVENT = "event"
    SETTINGS = "settings"
    SET = "set"
    SAY = "say"
    UPDATE = "update"
    HEALTH = "health"
    FACE = "face"
    ERROR = "error"


@dataclass(frozen=True)
class Delivery:
    """How a topic is published."""

    qos: int
    retain: bool


DELIVERY: Final = {
    Topic.AVAILABILITY: Delivery(1, retain=True),
    Topic.INFO: Delivery(1, retain=True),
    Topic.MOOD: Delivery(1, retain=True),
    Topic.EVENT: Delivery(1, retain=False),
    Topic.SETTINGS: Delivery(1, retain=True),
    Topic.SET: Delivery(1, retain=False),
    Topic.SAY: Delivery(1, retain=False),
    Topic.UPDATE: Delivery(1, retain=False),
    Topic.HEALTH: Delivery(0, retain=True),
    Topic.FACE: Delivery(0, retain=False),
    Topic.ERROR: Delivery(1, retain=False),
}


def check_device_id(device_id: str) -> str:
    """``device_id`` itself.

    Raises:
        ContractError: it is not 1 to 32 of a-z, 0-9, ``_`` and ``-``, or starts with ``_`` or ``-``.
    """
    if not _DEVICE_ID.fullmatch(device_id):
        raise ContractError(f"device id {device_id[:40]!r}: must be 1 to 32 of a-z, 0-9, _ and -, first a letter or digit")
    return device_id


def topic(device_id: str, kind: Topic, setting: str | None = None) -> str:
    """The full topic name, e.g. ``howsitgoing/hat-1/mood``; ``setting`` only with `Topic.SET`."""
    name = f"{PREFIX}/{check_device_id(device_id)}/{kind}"
    return name if setting is None else f"{name}/{setting}"


def to_rfc3339(seconds: float) -> str:
    """Unix time in seconds -> RFC 3339, UTC, milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_rfc3339(text: str) -> datetime:
    """RFC 3339 -> an aware datetime in UTC.

    Raises:
        ContractError: it is no such time, e.g. because the offset is missing.
    """
    # Python alone reads far more than RFC 3339 (weeks, spaces, no colons), and not the same in every version.
    if not _RFC3339.fullmatch(text):
        raise ContractError(f"{text[:40]!r} is not an RFC 3339 time such as 2026-01-31T12:00:00.000Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ContractError(f"{text[:40]!r} is not a time that exists") from error


def positivity(scores: dict[str, float]) -> float:
    """Weighted sum of ``scores`` (shares of the seven emotions), -1 to 1."""
    return round(sum(POSITIVE[name] * share for name, share in scores.items()), 3)


class _Message:
    """JSON reading and writing for the frozen dataclasses below."""

    _by_hand: ClassVar[bool] = False
    """People type this one: it may come without ``schema``."""

    def to_json(self) -> str:
        """The payload, ``schema`` first.

        Raises:
            ContractError: a number is not finite; JSON has no such thing.
        """
        try:
            return json.dumps({"schema": SCHEMA, **_plain(self)}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        except ValueError as error:
            raise ContractError(f"{type(self).__name__}: a number is not finite") from error

    @classmethod
    def from_json(cls, payload: bytes | str) -> Self:
        """The message in ``payload``; unknown fields are ignored.

        Raises:
            ContractError: not JSON, too long, another schema version, a field missing or of a wrong type or value.
        """
        content = decode(payload)
        version = content.get("schema", SCHEMA if cls._by_hand else None)
        if version != SCHEMA or isinstance(version, bool):
            raise ContractError(f"schema {str(version)[:40]}: this reader knows {SCHEMA}")
        return cls.from_dict(content)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """The message with the fields in ``content``.

        Raises:
            ContractError: as `from_json`.
        """
        try:
            message: Self = _build(cls, content)
        except _MisfitError as error:
            raise ContractError(str(error)) from None
        return message


@dataclass(frozen=True)
class Model(_Message):
    """Which network spoke."""

    id: str
    sha256: str


@dataclass(frozen=True)
class ModelUpdate(_Message):
    """How it stands with newer networks."""

    state: str = field(metadata={"enum": UPDATE_STATES})
    note: str = field(default="", metadata={"maxLength": MAX_NOTE_CHARACTERS})
    """For people: what the newer one is said to bring, or why the last one is not in use"""


@dataclass(frozen=True)
class Info(_Message):
    """Topic ``info``: what the device is; Home Assistant discovers it by this."""

    device_id: str = field(metadata={"pattern": _DEVICE_ID.pattern})
    name: str
    sw_version: str
    model: Model
    emotions: tuple[str, ...] = EMOTIONS
    languages: tuple[str, ...] = LANGUAGES
    features: tuple[str, ...] = ()
    """Any of ``speech``, ``face_image``, ``uplink``, ``model_update``."""
    configuration_url: str | None = None
    model_available: str | None = None
    """Id of a newer model that the device could fetch, if it looks for one."""
    model_update: ModelUpdate | None = None
    """None: the device does not look for newer models."""

    def __post_init__(self) -> None:
        """Raises ContractError for an id that does not fit."""
        check_device_id(self.device_id)


@dataclass(frozen=True)
class Mood(_Message):
    """Topic ``mood``: how the face in front looks now."""

    emotion: str = field(metadata={"enum": STATES})
    confidence: float = field(metadata={"minimum": 0, "maximum": 1})
    scores: dict[str, float] = field(metadata={"keys": EMOTIONS, "minimum": 0, "maximum": 1})
    """Share of each of the seven emotions, adding up to 1; empty for ``none``."""
    positivity: float = field(metadata={"minimum": -1, "maximum": 1})
    faces: int = field(metadata={"minimum": 0})
    since: str = field(metadata={"format": "date-time"})
    """When the state began."""
    updated_at: str = field(metadata={"format": "date-time"})


@dataclass(frozen=True)
class MoodChange(_Message):
    """Topic ``event``: the face in front now looks different."""

    id: str = field(metadata={"pattern": _UUID7})
    """UUIDv7"""
    previous: str = field(metadata={"enum": STATES})
    emotion: str = field(metadata={"enum": EMOTIONS})
    confidence: float = field(metadata={"minimum": 0, "maximum": 1})
    scores: dict[str, float] = field(metadata={"keys": EMOTIONS, "minimum": 0, "maximum": 1})
    changed_at: str = field(metadata={"format": "date-time"})
    """When the face changed"""
    noticed_at: str = field(metadata={"format": "date-time"})
    """When the device was sure of it"""
    track: int = field(metadata={"minimum": 0})
    """Number of the short-lived track of the face; says nothing about who it is"""
    model: Model = field(metadata={})


@dataclass(frozen=True)
class Settings(_Message):
    """Topic ``settings``: what is in force; each is changed by ``set/<name>`` with the bare JSON value as payload."""

    recognition: bool = True
    """Off closes the camera."""
    speech: bool = True
    speech_mode: str = field(default="changes", metadata={"enum": SPEECH_MODES})
    language: str = field(default="en", metadata={"pattern": _LANGUAGE})
    volume: int = field(default=80, metadata={"minimum": 0, "maximum": 100})
    """Percent"""
    face_image: bool = False
    """Publish a picture of the face in front on the topic ``face``"""


@dataclass(frozen=True)
class Health(_Message):
    """Topic ``health``: how the device itself is doing; ``None`` = not known on this device."""

    at: str = field(metadata={"format": "date-time"})
    uptime_s: float = field(metadata={"minimum": 0})
    fps: float = field(metadata={"minimum": 0})
    stages_ms: dict[str, float]
    """Median milliseconds of each stage of the last frames"""
    latency_p50_ms: float | None
    """Frame taken to change handed on"""
    latency_p95_ms: float | None
    queues: dict[str, int]
    """Messages waiting for each sink"""
    dropped: dict[str, int]
    """Messages and frames left out since the start"""
    camera: str = field(metadata={"enum": ("ok", "off", "lost", "frozen", "opening")})
    speaker: str = field(metadata={"enum": ("ok", "off", "lost", "asleep")})
    uplink: str = field(metadata={"enum": ("off", "ok", "waiting", "refused")})
    detector: str = field(metadata={})
    temperature_c: float | None
    throttled: bool | None
    disk_free_mb: float | None
    memory_mb: float | None
    problems: tuple[str, ...] = ()
    """Plain sentences for people, most important first"""
    link: dict[str, int] = field(default_factory=dict)
    """What the MQTT library has under way: ``unacked`` messages; with awscrt ``incomplete`` ones, too, and the bytes of both"""


@dataclass(frozen=True)
class Say(_Message):
    """Topic ``say``: speak now; without text, how's it going."""

    _by_hand: ClassVar[bool] = True

    text: str | None = field(default=None, metadata={"maxLength": MAX_SAY_CHARACTERS})
    language: str | None = field(default=None, metadata={"pattern": _LANGUAGE})


@dataclass(frozen=True)
class Update(_Message):
    """Topic ``update``: fetch the newer network and use it; the answer is ``info``, or a message on ``error``."""

    _by_hand: ClassVar[bool] = True

    model: str | None = None
    """Only this one; without it, the newest"""


@dataclass(frozen=True)
class Refusal(_Message):
    """Topic ``error``: a command that was not carried out."""

    command: str
    """The topic below the device, e.g. ``set/volume``"""
    reason: str
    at: str = field(metadata={"format": "date-time"})


@dataclass(frozen=True)
class Consent(_Message):
    """What the person in front agreed to."""

    scope: str = field(metadata={"enum": CONSENT_SCOPES})
    reference: str | None = field(default=None, metadata={"pattern": r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"})
    """Number of the consent that was given, never a person's name"""

    def __post_init__(self) -> None:
        """Raises ContractError for faces without a reference."""
        if self.scope == "faces" and self.reference is None:
            raise ContractError("consent.reference: needed where faces are shared")


@dataclass(frozen=True)
class FacePicture(_Message):
    """The JPEG in the request's part ``face``."""

    sha256: str = field(metadata={"pattern": _SHA256})
    width: int = field(metadata={"minimum": 16, "maximum": 1024})
    """Pixels"""
    height: int = field(metadata={"minimum": 16, "maximum": 1024})
    """Pixels"""


@dataclass(frozen=True)
class Sample(_Message):
    """Part ``event`` of ``POST /v1/samples``: a change, or another reading, that people agreed to have stored."""

    id: str = field(metadata={"pattern": _UUID7})
    """UUIDv7; for a change the event's own"""
    reason: str = field(metadata={"enum": SAMPLE_REASONS})
    previous: str = field(metadata={"enum": STATES})
    emotion: str = field(metadata={"enum": STATES})
    confidence: float = field(metadata={"minimum": 0, "maximum": 1})
    scores: dict[str, float] = field(metadata={"keys": EMOTIONS, "minimum": 0, "maximum": 1})
    changed_at: str = field(metadata={"format": "date-time"})
    """When the face changed"""
    noticed_at: str = field(metadata={"format": "date-time"})
    """When the device was sure of it"""
    track: int = field(metadata={"minimum": 0})
    """As in ``event``"""
    session: str = field(metadata={"pattern": _UUID7})
    """UUIDv7, made anew at each start of the device; with ``track`` it groups pictures of one face"""
    model: Model = field(metadata={})
    consent: Consent = field(metadata={})
    readable: float | None = field(default=None, metadata={"minimum": 0, "maximum": 1})
    """How readable the network found the face"""
    face: FacePicture | None = None

    def __post_init__(self) -> None:
        """Raises ContractError for a face that nobody agreed to share."""
        if self.face is not None and self.consent.scope != "faces":
            raise ContractError("face: the consent does not cover it")


MESSAGES: Final = {
    Topic.INFO: Info,
    Topic.MOOD: Mood,
    Topic.EVENT: MoodChange,
    Topic.SETTINGS: Settings,
    Topic.HEALTH: Health,
    Topic.SAY: Say,
    Topic.UPDATE: Update,
    Topic.ERROR: Refusal,
}
REQUESTS: Final = {"sample": Sample}
"""What is sent over HTTP"""


def decode(payload: bytes | str) -> dict[str, Any]:
    """The JSON object in ``payload``.

    Raises:
        ContractError: too long, not UTF-8, not JSON, nested too deeply, or not an object.
    """
    content = decode_value(payload)
    if not isinstance(content, dict):
        raise ContractError(f"expected a JSON object, got {_kind(content)}")
    return content


def decode_value(payload: bytes | str) -> Any:  # noqa: ANN401  any JSON value, checked by the caller
    """The JSON value in ``payload``.

    Raises:
        ContractError: too long, not UTF-8, not JSON (NaN and Infinity are not), or nested too deeply.
    """
    raw = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
    if len(raw) > MAX_PAYLOAD_BYTES:
        raise ContractError(f"{len(raw)} bytes: at most {MAX_PAYLOAD_BYTES} are read")
    try:  # decoded here, since json itself would take UTF-16 as well
        return _DECODER.decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise ContractError(f"not valid JSON ({str(error)[:80]})") from error


def with_setting(settings: Settings, name: str, value: object) -> Settings:
    """``settings`` with one value changed.

    Raises:
        ContractError: no such setting, or a value it cannot have; the message names what is allowed.
    """
    known = [f.name for f in fields(Settings)]
    if name not in known:
        raise ContractError(f"unknown setting {name[:40]!r}: known are {', '.join(known)}")
    try:
        return replace(settings, **{name: _read(_readers(Settings)[name], value, name)})
    except _MisfitError as error:
        raise ContractError(str(error)) from None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of messages, by topic, and requests; ``set/<name>`` takes property ``<name>`` of ``settings``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "How's it going? event contract",
        "version": SCHEMA,
        "$defs": {
            Topic.AVAILABILITY.value: {"enum": [a.value for a in Availability], "description": "Plain text, not JSON."},
            **{kind.value: _schema_of_message(cls) for kind, cls in MESSAGES.items()},
            **{name: _schema_of_message(cls) for name, cls in REQUESTS.items()},
        },
    }


# --- reading, writing and describing, by the fields of the dataclasses ---


def _plain(message: object) -> dict[str, Any]:
    values = {f.name: getattr(message, f.name) for f in fields(message)}  # type: ignore[arg-type]
    return {name: _plain(v) if is_dataclass(v) else list(v) if isinstance(v, tuple) else v for name, v in values.items()}


_Reader = Callable[[Any], Any]
"""Takes a value as JSON has it, gives it as the message has it; raises _MisfitError."""
_Check = Callable[[Any], None]


class _MisfitError(Exception):
    """A value that does not fit; learns on its way up where it stands."""

    def __init__(self, after: str, before: str = "", names: Sequence[str] = ("",)) -> None:
        """The message says ``before``, where ``names`` stand, and ``after``."""
        self.before, self.names, self.after = before, names, after

    def inside(self, name: str) -> Self:
        self.names = [f"{name}{'' if inner.startswith('[') or not inner else '.'}{inner}" for inner in self.names]
        return self

    def __str__(self) -> str:
        return f"{self.before}{', '.join(self.names)}{self.after}"


@cache
def _readers(cls: Any) -> dict[str, _Reader]:  # noqa: ANN401  to mypy a type is not hashable
    """By field. Made once: types and rules are looked at here, and only values for each message."""
    hints = get_type_hints(cls)
    return {f.name: _reader(hints[f.name], dict(f.metadata)) for f in fields(cls)}


@cache
def _required(cls: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(f.name for f in fields(cls) if _is_required(f))


def _build(cls: Any, content: dict[str, Any]) -> Any:  # noqa: ANN401
    missing = [name for name in _required(cls) if name not in content]
    if missing:
        raise _MisfitError("", f"{cls.__name__}: missing ", missing)
    return cls(**{name: _read(read, content[name], name) for name, read in _readers(cls).items() if name in content})


def _read(read: _Reader, value: Any, name: str) -> Any:  # noqa: ANN401
    try:
        return read(value)
    except _MisfitError as error:
        raise error.inside(name) from None


def _reader(kind: Any, rules: dict[str, Any]) -> _Reader:  # noqa: ANN401
    if get_origin(kind) in (Union, types.UnionType):
        inner = _reader(next(part for part in get_args(kind) if part is not type(None)), rules)
        return lambda value: None if value is None else inner(value)
    if is_dataclass(kind):
        return lambda value: _build(kind, _expected(value, dict))
    if get_origin(kind) is dict:
        return _shares_reader(_reader(get_args(kind)[1], _limits(rules)), rules.get("keys"))
    if get_origin(kind) is tuple:
        item = _reader(str, {})
        return lambda value: tuple(_read(item, one, f"[{i}]") for i, one in enumerate(_expected(value, list)))
    return _plain_reader(kind, _checks(kind, rules))


def _shares_reader(inner: _Reader, keys: tuple[str, ...] | None) -> _Reader:
    key = _reader(str, {})

    def read(value: Any) -> dict[str, Any]:  # noqa: ANN401
        shares = _expected(value, dict)
        return {key(k): _read(inner, v, k[:40]) for k, v in shares.items() if keys is None or k in keys}

    return read


def _plain_reader(kind: type[Any], checks: Sequence[_Check]) -> _Reader:
    def read(value: Any) -> Any:  # noqa: ANN401
        if type(value) is not kind:
            value = _expected(_as_number(kind, value), kind)
        for check in checks:
            check(value)
        return value

    return read


def _expected(value: Any, kind: type[Any]) -> Any:  # noqa: ANN401
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        what = "a list of strings" if kind is list else _NAMES[kind]
        raise _MisfitError(f": expected {what}, got {_kind(value)}")
    return value


def _as_number(kind: type[Any], value: Any) -> Any:  # noqa: ANN401
    """JSON knows one kind of number: 1 and 1.0 are the same to many writers."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise _MisfitError(": not a finite number") from None
    return int(value) if kind is int and isinstance(value, float) and value.is_integer() else value


def _limits(rules: dict[str, Any]) -> dict[str, Any]:
    return {name: rules[name] for name in ("minimum", "maximum") if name in rules}


def _checks(kind: type[Any], rules: dict[str, Any]) -> tuple[_Check, ...]:
    """In the order in which faults are told."""
    checks: list[_Check] = []
    if kind is float:
        checks.append(_unless(lambda value: not math.isfinite(value), lambda _: "not a finite number"))
    if kind is str:
        checks.append(_unless(_UNUSABLE.search, lambda _: "has a NUL or half a character in it"))
    if "enum" in rules:
        words, listed = rules["enum"], ", ".join(map(str, rules["enum"]))
        checks.append(_unless(lambda value: value not in words, lambda value: f"{value[:40]!r} is not one of {listed}"))
    if "minimum" in rules:
        least = rules["minimum"]
        checks.append(_unless(lambda value: value < least, lambda value: f"{str(value)[:40]} is below {least}"))
    if "maximum" in rules:
        most = rules["maximum"]
        checks.append(_unless(lambda value: value > most, lambda value: f"{str(value)[:40]} is above {most}"))
    if "maxLength" in rules:
        length = rules["maxLength"]
        checks.append(_unless(lambda value: len(value) > length, lambda _: f"longer than {length} characters"))
    if "pattern" in rules:
        pattern = rules["pattern"]
        form = re.compile(pattern)
        checks.append(
            _unless(lambda value: not form.fullmatch(value), lambda value: f"{value[:40]!r} does not have the form {pattern}")
        )
    if rules.get("format") == "date-time":
        checks.append(_check_time)
    return tuple(checks)


def _unless(fault: Callable[[Any], object], reason: Callable[[Any], str]) -> _Check:
    def check(value: Any) -> None:  # noqa: ANN401
        if fault(value):
            raise _MisfitError(f": {reason(value)}")

    return check


def _check_time(value: str) -> None:
    from_rfc3339(value)


def _schema_of_message(cls: type[_Message]) -> dict[str, Any]:
    described = _schema_of(cls, {})
    properties = {"schema": {"const": SCHEMA}, **described["properties"]}
    required = described["required"] if cls._by_hand else ["schema", *described["required"]]
    return {**described, "properties": properties, "required": required, "description": cls.__doc__ or ""}


def _schema_of(kind: Any, rules: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    if get_origin(kind) in (Union, types.UnionType):
        inner = next(part for part in get_args(kind) if part is not type(None))
        return {"anyOf": [_schema_of(inner, rules), {"type": "null"}]}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        needed = [f.name for f in fields(kind) if _is_required(f)]
        properties = {f.name: _schema_of(hints[f.name], dict(f.metadata)) for f in fields(kind)}
        return {"type": "object", "properties": properties, "required": needed}
    if get_origin(kind) is dict:
        inside = _schema_of(get_args(kind)[1], _limits(rules))
        keys = rules.get("keys")
        if keys is None:
            return {"type": "object", "additionalProperties": inside}
        return {"type": "object", "properties": dict.fromkeys(keys, inside)}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": {"type": "string"}}
    if "pattern" in rules:
        rules = {**rules, "pattern": f"^{rules['pattern']}$"}
    if "enum" in rules:
        rules = {**rules, "enum": list(rules["enum"])}
    return {"type": _SCHEMA_TYPES[kind], **rules}


def _is_required(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _kind(value: object) -> str:
    return "null" if value is None else _NAMES.get(type(value), type(value).__name__)


_UNUSABLE: Final = re.compile("[\0\ud800-\udfff]")
"""A NUL or half of a surrogate pair: valid in JSON, but neither can be handed to a program or written as UTF-8."""
_NAMES: Final[dict[Any, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}
_SCHEMA_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}
