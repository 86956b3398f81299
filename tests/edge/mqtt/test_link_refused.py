"""Brokers that refuse: by password, by access rules, by certificate. Said once, in words that say what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.certificates import Authority, Issued
from support.links import Links, MakeLink, aws_settings
from support.mosquitto import Mosquitto, free_port, password_file
from support.subscriber import Subscriber
from support.waiting import until

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.doctor.broker import broker as look_at_broker
from howsitgoing_edge.doctor.findings import State

SOCKETS_OF_PAHO = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""paho leaves the socket of a failed handshake to the garbage collector, which closes it at once, and warns."""
PASSWORD = "open sesame"  # noqa: S105  opens nothing but the brokers of these tests
BASE = "howsitgoing/hat-1"
RULES = """
user hat
topic readwrite howsitgoing/hat-1/#

user narrow
topic write howsitgoing/hat-1/availability
topic write howsitgoing/hat-1/mood
topic read howsitgoing/hat-1/say
topic read howsitgoing/hat-1/update

user house
topic readwrite #
"""


@pytest.fixture
def guarded(tmp_path: Path) -> Mosquitto:
    """A broker with users and access rules; not yet started."""
    users = password_file(tmp_path / "users", hat=PASSWORD, narrow=PASSWORD, house="house")
    rules = tmp_path / "rules"
    rules.write_text(RULES)
    rules.chmod(0o600)
    return Mosquitto(tmp_path / "guarded", f"allow_anonymous false\npassword_file {users}\nacl_file {rules}")


def test_the_right_password_from_a_file_lets_in(guarded: Mosquitto, make_link: MakeLink, tmp_path: Path) -> None:
    """As it is meant: a 0600 file with the password alone in it."""
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    with guarded, Subscriber(guarded.port, user=("house", "house")) as listener:
        link = make_link(port=guarded.port, username="hat", password_file=secret)
        link.publish(Topic.EVENT, "news")
        listener.wait_for_text("event", "news")
        listener.publish(f"{BASE}/say")
        assert link.problems == ()
        link.close()


@pytest.mark.parametrize(
    ("settings", "who"),
    [
        ({"username": "hat", "password": "wrong"}, "user 'hat'"),
        ({"username": "nobody", "password": PASSWORD}, "user 'nobody'"),
        ({}, "a client without mqtt.username"),
    ],
    ids=["wrong password", "unknown user", "no user"],
)
def test_a_refused_password_is_said_once_and_never_shown(
    guarded: Mosquitto, make_link: MakeLink, caplog: pytest.LogCaptureFixture, settings: dict[str, str], who: str
) -> None:
    """A person must change something, so the person must be told what; the log is read by others too."""
    with guarded, caplog.at_level("DEBUG"):
        link = make_link(port=guarded.port, **settings)
        until(lambda: guarded.log.count("not authorised") >= 3)
        (problem,) = link.problems
        assert problem.startswith(f"the broker at 127.0.0.1:{guarded.port} does not let {who} in (Not authorized); check name,")
        link.close()
    until(lambda: caplog.text.count("does not let") == 1)
    assert "sesame" not in caplog.text + repr(link.__dict__)
    assert "wrong" not in caplog.text


def test_a_password_put_right_at_the_broker_is_noticed(guarded: Mosquitto, make_link: MakeLink, tmp_path: Path) -> None:
    """Nobody wants to walk to the device and restart it."""
    with guarded:
        link = make_link(port=guarded.port, username="hat", password="new " + PASSWORD)
        until(lambda: link.problems)
        guarded.stop()
        password_file(tmp_path / "users", hat="new " + PASSWORD)
        guarded.start()
        until(lambda: link.connected)
        assert link.problems == ()
        link.close()


def test_access_rules_that_forbid_a_topic_are_named(
    guarded: Mosquitto, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything looks connected, and yet no event ever arrives: only the broker's answer tells."""
    with guarded:
        link = make_link(port=guarded.port, username="narrow", password=PASSWORD)
        link.publish(Topic.MOOD, "allowed")
        link.publish(Topic.EVENT, "1")
        link.publish(Topic.EVENT, "2")
        until(lambda: link.problems)
        (problem,) = link.problems
        assert f"does not let user 'narrow' publish {BASE}/event (Not authorized); allow it in the broker's" in problem
        assert link.connected
        until(lambda: caplog.text.count("publish howsitgoing/hat-1/event") == 1)
        with Subscriber(guarded.port, user=("house", "house")) as listener:
            listener.wait_for_text("mood", "allowed")
            assert listener.on("event") == []
        link.close()


@pytest.mark.parametrize("transport", ["paho", "aws"])
def test_commands_that_the_broker_keeps_from_us_are_named(
    tmp_path: Path, transport: str, house_authority: Authority, server_certificate: Issued, device_certificate: Issued
) -> None:
    """The device would look alive and obey nobody."""
    plugin = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
    if plugin is None:
        pytest.skip("mosquitto's own access plug-in is not here: sudo apt install mosquitto")
    rules = tmp_path / "rules.json"
    allowed = {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True}
    rules.write_text(json.dumps({"defaultACLAccess": allowed}))
    files = f"cafile {house_authority.file}\ncertfile {server_certificate.certificate}\nkeyfile {server_certificate.key}"
    config = f"{files}\nallow_anonymous true\nplugin {plugin}\nplugin_opt_config_file {rules}\nrequire_certificate true"
    with (
        Mosquitto(tmp_path / "deaf", config) as broker,
        Links(**{**aws_settings(house_authority, device_certificate), "transport": transport}) as links,
    ):
        link = links.make(port=broker.port)
        until(lambda: len(link.problems) == 3)
        assert [text.partition(" let ")[2].partition(" (")[0] for text in link.problems] == [
            f"this device subscribe to {BASE}/set/#",
            f"this device subscribe to {BASE}/say",
            f"this device subscribe to {BASE}/update",
        ]
        assert link.connected
        link.close()
        found = look_at_broker(links.settings(port=broker.port), "hat-1")
        assert found.state is State.LIMITED
        assert f"does not let this device subscribe to {BASE}/set/#" in found.what


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs the broker and its clients."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def client_certificate(authority: Authority) -> Issued:
    """Of the device."""
    return authority.issue("hat-1")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority, whom our broker does not know."""
    return Authority(tmp_path_factory.mktemp("stranger"), "Stranger")


@pytest.fixture(scope="module")
def encrypted(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Mosquitto:
    """A broker that knows its clients by certificate; the rules go by the certificate's name. Not yet started."""
    folder = tmp_path_factory.mktemp("encrypted")
    server = authority.issue("broker", server=True)
    rules = folder / "rules"
    rules.write_text("pattern readwrite howsitgoing/%u/#\nuser house\ntopic readwrite #\n")
    rules.chmod(0o600)
    files = f"cafile {authority.file}\ncertfile {server.certificate}\nkeyfile {server.key}\nacl_file {rules}"
    return Mosquitto(folder, f"{files}\nrequire_certificate true\nuse_identity_as_username true")


def tls(ca: Authority, client: Issued | None) -> dict[str, object]:
    shown = {} if client is None else {"certificate": client.certificate, "key": client.key}
    return {"ca_file": ca.file, **shown}


def test_a_client_certificate_lets_in(
    encrypted: Mosquitto, authority: Authority, client_certificate: Issued, make_link: MakeLink
) -> None:
    """The device's name comes from its certificate, and the rules allow it its own topics."""
    house = authority.context(authority.issue("house"))
    with encrypted, Subscriber(encrypted.port, tls=house) as listener:
        link = make_link(port=encrypted.port, tls=tls(authority, client_certificate))
        link.publish(Topic.EVENT, "secret news")
        listener.wait_for_text("event", "secret news")
        listener.wait_for_text("availability", "online")
        assert link.problems == ()
        link.close()
        listener.wait_for_text("availability", "stopped")
    encrypted.wait_for_log("u'hat-1'")


@SOCKETS_OF_PAHO
def test_certificates_that_do_not_fit_are_said_in_plain_words(
    encrypted: Mosquitto,
    authority: Authority,
    client_certificate: Issued,
    stranger: Authority,
    make_link: MakeLink,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each is an endless silent reconnect otherwise."""
    cases = [
        (tls(authority, None), r"wants a client certificate .*mqtt.tls.certificate"),
        (tls(authority, stranger.issue("hat-1")), r"does not accept our certificate .*mqtt.tls.certificate"),
        (tls(stranger, client_certificate), r"shows a certificate that cannot be trusted: .*mqtt.tls.ca_file"),
        (None, r"leaves our greeting without an answer; it may want TLS: see mqtt.tls"),
    ]
    with encrypted:
        for settings, expected in cases:
            caplog.clear()
            link = make_link(port=encrypted.port, tls=settings)
            text = until(lambda link=link: link.problems)[0]
            link.close()
            assert re.search(expected, text), text
            assert caplog.text.count(text) == 1


@SOCKETS_OF_PAHO
def test_a_certificate_of_another_host_is_not_trusted(tmp_path: Path, authority: Authority, make_link: MakeLink) -> None:
    """Somebody else in the house may have a certificate of the same authority."""
    other = authority.issue("elsewhere", server=True, host="DNS:elsewhere.example")
    files = f"cafile {authority.file}\ncertfile {other.certificate}\nkeyfile {other.key}"
    with Mosquitto(tmp_path / "elsewhere", f"{files}\nallow_anonymous true") as broker:
        link = make_link(port=broker.port, tls=tls(authority, None))
        text = until(lambda: link.problems)[0]
        assert "cannot be trusted: IP address mismatch" in text
        link.close()


@SOCKETS_OF_PAHO
def test_a_plain_port_taken_for_the_encrypted_one_is_named(tmp_path: Path, authority: Authority, make_link: MakeLink) -> None:
    """1883 and 8883 are mixed up every day."""
    with Mosquitto(tmp_path / "plain") as plain:
        link = make_link(port=plain.port, tls=tls(authority, None))
        text = until(lambda: link.problems)[0]
        assert f"the broker at 127.0.0.1:{plain.port} does not speak TLS with us" in text
        assert "is mqtt.port its encrypted port?" in text
        link.close()


def test_an_unknown_host_is_named(make_link: MakeLink) -> None:
    """The most common mistake of all: a typing error, or no network yet."""
    link = make_link(host="broker.invalid", port=free_port())
    text = until(lambda: link.problems, 30)[0]
    assert text.startswith("the broker at broker.invalid:")
    assert "no address is known for this name" in text
