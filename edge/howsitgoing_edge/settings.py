"""What can be configured: defaults < TOML file < environment (``HOWSITGOING_…``) < flags. Every field says what it is for."""

from __future__ import annotations

import base64
import binascii
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError("'~' stands for nothing here, since there is no HOME: write the whole path") from error


def _cloud_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be like https://…/ingest, without a password or a query")
    if parts.scheme == "http" and not _on_loopback(parts.hostname):
        raise ValueError("must begin with https://, since others on the way could read it; http only on this machine itself")
    return address.rstrip("/")


def _on_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


_ED25519_BYTES = 32


def _models_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return address.rstrip("/")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be like https://…/models or file:///…/models, without a password or a query")
    return address.rstrip("/")


def _ed25519_key(text: str) -> str:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if len(content) != _ED25519_BYTES:
        raise ValueError("must be a public key as 'howsitgoing-models key' shows it, 44 characters")
    return text


DeviceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$"), Field(examples=["kitchen-hat"])]
Share = Annotated[float, Field(ge=0, le=1)]
File = Annotated[Path, AfterValidator(_at_home)]
"""A path; ``~`` is the home folder."""


class Section(BaseModel):
    """Base of all sections: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeviceSettings(Section):
    """Who this device is."""

    id: DeviceId | None = Field(None, description="name in topics, a-z 0-9 _ -; none: made from the host name, and kept")
    name: str = Field("How's it going?", max_length=60, description="name shown to people")
    state_folder: File | None = Field(None, description="where preferences and history are kept; none: the user's state folder")


class CameraSettings(Section):
    """Where frames come from."""

    source: str = Field(
        "auto",
        min_length=1,
        description="auto, demo, picamera, a webcam's number or device file, a video, GIF, picture or folder, or an address "
        "(http, https, rtsp)",
    )
    width: int = Field(640, ge=160, le=4096, description="pixels asked of the camera")
    height: int = Field(480, ge=120, le=4096, description="pixels asked of the camera")
    rotate: Literal[0, 90, 180, 270] = Field(0, description="degrees clockwise, for a camera mounted on its side")
    fps: float = Field(10, ge=1, le=60, description="frames a second while somebody is there")
    idle_fps: float = Field(2.5, ge=0.5, le=60, description="frames a second while nobody is there")
    silent_after: float = Field(4, ge=1, le=60, description="seconds without a new frame until the camera counts as lost")
    frozen_after: float = Field(20, ge=2, le=600, description="seconds of the very same picture until it counts as frozen")


class VisionSettings(Section):
    """Which faces are read, and by what."""

    detector: Literal["auto", "yunet", "haar"] = Field("auto", description="auto: YuNet where its file is, else Haar")
    yunet_file: File | None = Field(None, description="none: where 'howsitgoing models pull yunet' puts it")
    model: File | None = Field(None, description="folder with model.tflite and model.json; none: the released one")
    threads: int = Field(1, ge=1, le=8, description="threads of the network and the detector")
    min_face: int = Field(36, ge=16, le=400, description="pixels: smaller faces are counted, not read")
    min_sharpness: float = Field(0.02, ge=0, description="see core.types.Quality.sharpness")
    max_turned: Share = Field(0.6, description="0 frontal, 1 profile; more than this is not read")


class MoodSettings(Section):
    """When a face counts as looking different."""

    hold: float = Field(2.0, ge=0.2, le=60, description="seconds that an expression lasts on average, as the filter expects it")
    settle: float = Field(0.08, ge=0, le=5, description="seconds that a new expression must last before it is news")
    sure: Share = Field(0.6, description="belief needed to name an expression; below it the state is 'unsure'")
    nobody_after: float = Field(2.0, ge=0.2, le=60, description="seconds without a face until the state is 'none'")


class TlsSettings(Section):
    """Encryption to the broker."""

    ca_file: File | None = Field(None, description="certificate authority; none: the system's")
    certificate: File | None = Field(None, description="client certificate, with key")
    key: File | None = Field(None, description="private key of the client certificate")

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: name both or neither")
        return self


AWS_KEEPALIVE = 30
"""Seconds; AWS IoT Core takes a shorter one for this"""


class MqttSettings(Section):
    """The broker that hears of it."""

    transport: Literal["own", "paho", "aws", "off"] = Field(
        "own",
        description="own: a broker of our own on the loopback; paho: the one at 'host'; aws: AWS IoT Core at 'host'; off: none",
    )
    host: str = Field(
        "127.0.0.1", min_length=1, description="broker's address; naming one sets transport to paho, unless it is aws"
    )
    port: int | None = Field(None, ge=1, le=65535, description="none: 1883, or 8883 with tls; aws: 8883 or 443")
    username: str | None = Field(None, description="none: the broker lets anybody in")
    password: SecretStr | None = Field(None, description="better by HOWSITGOING_MQTT__PASSWORD or password_file")
    password_file: File | None = Field(None, description="a file of mode 0600 with the password alone in it")
    tls: TlsSettings | None = Field(None, description="a table, even an empty one, switches encryption on")
    keepalive: int = Field(30, ge=5, le=1200, description="seconds; the last will is published after 1.5 times that")

    @model_validator(mode="before")
    @classmethod
    def _a_named_host_is_meant(cls, values: Any) -> Any:  # noqa: ANN401  what stands in the file, not yet checked
        if isinstance(values, dict) and "host" in values and "transport" not in values:
            return {**values, "transport": "paho"}
        return values

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file are both set: keep one")
        return self

    @model_validator(mode="after")
    def _complete_for_aws(self) -> Self:
        if self.transport != "aws":
            return self
        if "host" not in self.model_fields_set:
            raise ValueError('transport = "aws" needs host, the endpoint, like abc123-ats.iot.eu-west-1.amazonaws.com')
        if self.tls is None or self.tls.certificate is None:
            raise ValueError("transport = \"aws\" needs tls.certificate and tls.key: 'howsitgoing aws join' makes them")
        if self.username is not None or self.password is not None or self.password_file is not None:
            raise ValueError('transport = "aws" goes by certificate alone: take username and password out')
        if self.keepalive < AWS_KEEPALIVE:
            raise ValueError(f'transport = "aws" needs a keepalive of {AWS_KEEPALIVE} to 1200 seconds')
        return self


class QuietHours(Section):
    """Nothing is spoken unasked between these times, local time; may go past midnight."""

    start: time = Field(description="when the quiet begins", examples=["22:00:00"])
    end: time = Field(description="when it ends", examples=["07:30:00"])


class SpeechSettings(Section):
    """What is heard. Mode, language and volume are where a new device starts; later changes are kept on the device."""

    mode: Literal["changes", "alerts", "on_request", "tones", "off"] = Field(
        "changes",
        description="changes: each; alerts: distress alone; on_request: when asked; tones: short sounds for words; off",
    )
    language: str = Field(
        "en",
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$",
        description="en, de, fr, es, nl; others by espeak-ng",
        examples=["en", "pt-BR"],
    )
    volume: int = Field(80, ge=0, le=100, description="percent")
    output: str = Field("auto", description="auto, off, or a part of the sound device's name")
    voice_folder: File | None = Field(None, description="own recordings: happy.wav, sad.wav, ... as in speech/recordings")
    min_gap: float = Field(3.0, ge=0, le=60, description="seconds between two spoken changes")
    stale_after: float = Field(2.0, ge=0.2, le=30, description="seconds after which a cue is dropped unspoken")
    quiet: QuietHours | None = Field(None, description="hours in which nothing is spoken unasked")


class CloudSettings(Section):
    """What is sent to the cloud: nothing, unless people agreed to it."""

    share: Literal["nothing", "moods", "faces"] = Field(
        "nothing", description="moods: words and numbers; faces: also a small picture of the face, which needs 'consent'"
    )
    url: Annotated[str, AfterValidator(_cloud_address)] | None = Field(
        None, description="address of the cloud's functions; 'howsitgoing cloud join' sets it", examples=["https://…/ingest"]
    )
    audience: str | None = Field(None, min_length=1, description="what the cloud calls itself; none: url")
    consent: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="number of the consent that was given to share faces, never a person's name",
        examples=["C-2026-014"],
    )
    random_per_hour: float = Field(4, ge=0, le=60, description="readings at random moments, an hour with a face in front")
    unsure_per_hour: float = Field(4, ge=0, le=60, description="readings that were not clear, an hour with a face, at most")
    lasting_per_hour: float = Field(
        60, ge=0, le=60, description="readings of distress that lasts, an hour of it, without a picture; for the carer's alert"
    )
    outbox_mb: float = Field(100, ge=1, le=10_000, description="megabytes that may wait on the device; pictures go first")
    keep_days: float = Field(30, ge=0.01, le=365, description="days after which what could not be sent is erased")
    keep_faces_days: float = Field(7, ge=0.01, le=365, description="days after which a picture that could not be sent is")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.share != "nothing" and self.url is None:
            raise ValueError("share needs url: 'howsitgoing cloud join' sets both")
        if self.share == "faces" and self.consent is None:
            raise ValueError('share = "faces" needs consent, the number of the consent that was given')
        return self


class BlynkSettings(Section):
    """The carer's Blynk dashboard, by the device itself; see docs/blynk.md."""

    link: Literal["off", "library", "mqtt"] = Field(
        "off", description="mqtt: Blynk's MQTT API; library: Blynk's Python library; naming a token sets mqtt"
    )
    feed: bool = Field(False, description="the device itself shows the mood there; off: the switch and availability alone")
    token: SecretStr | None = Field(None, description="better by HOWSITGOING_BLYNK__TOKEN or token_file")
    token_file: File | None = Field(None, description="a file of mode 0600 with the device's token alone in it")
    server: str = Field(
        "blynk.cloud",
        min_length=1,
        description="name, or name:port; best the region's own, as shown in Blynk's console",
        examples=["fra1.blynk.cloud"],
    )
    tls: bool = Field(True, description="encrypted; off for a server in the house alone")
    ca_file: File | None = Field(None, description="certificate authority of a server of your own; none: the system's")
    events: Literal["none", "distress", "all"] = Field(
        "distress", description="what the carer's phone is alerted to, with feed; all: each change, too"
    )
    distress_after: float = Field(5, gt=0, le=120, description="minutes of sad, angry or afraid until that is an alert")
    distress_pause: float = Field(30, ge=1, le=1440, description="minutes until the next such alert")

    @model_validator(mode="before")
    @classmethod
    def _a_named_token_is_meant(cls, values: Any) -> Any:  # noqa: ANN401  what stands in the file, not yet checked
        if isinstance(values, dict) and {"token", "token_file"} & values.keys() and "link" not in values:
            return {**values, "link": "mqtt"}
        return values

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.token is not None and self.token_file is not None:
            raise ValueError("token and token_file are both set: keep one")
        return self


class ModelSettings(Section):
    """Newer networks: none is looked for, unless somebody says where and whose."""

    updates: Literal["off", "report", "install"] = Field(
        "off",
        description="report: tell that there is a newer network; install: use it as well, without being asked; off: the one "
        "that was fetched last stays",
    )
    url: Annotated[str, AfterValidator(_models_address)] | None = Field(
        None, description="the folder that 'howsitgoing-models publish' fills", examples=["https://…/models"]
    )
    public_key: Annotated[str, AfterValidator(_ed25519_key)] | None = Field(
        None, description="whose networks may be used: what 'howsitgoing-models key' shows"
    )
    every: float = Field(12, ge=0.001, le=720, description="hours between two looks")
    slower: float = Field(
        3, ge=1, le=20, description="times the milliseconds a face of the network before; beyond it that one comes back"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.updates != "off" and (self.url is None or self.public_key is None):
            raise ValueError(f'updates = "{self.updates}" needs url and public_key: where to look, and whom to believe')
        return self


class HealthSettings(Section):
    """How the device tells of itself."""

    every: float = Field(10, ge=1, le=3600, description="seconds between two health messages")


class EdgeSettings(Section):
    """All of it. Made by ``configuration.load``; ``EdgeSettings()`` are the defaults."""

    device: DeviceSettings = DeviceSettings()
    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
    mood: MoodSettings = MoodSettings()
    mqtt: MqttSettings = MqttSettings()
    speech: SpeechSettings = SpeechSettings()
    cloud: CloudSettings = CloudSettings()
    blynk: BlynkSettings = BlynkSettings()
    model: ModelSettings = ModelSettings()
    health: HealthSettings = HealthSettings()

    @model_validator(mode="after")
    def _one_network(self) -> Self:
        if self.vision.model is not None and self.model.updates != "off":
            raise ValueError("vision.model and model.updates are both set, and only one can choose the network: keep one")
        return self
