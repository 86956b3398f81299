"""An awscrt client made ready for one connection: certificate, last will, session, and the limits of AWS IoT Core."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from awscrt import io, mqtt5

from howsitgoing_edge.contract import DELIVERY, Availability, Topic
from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.mqtt import connection
from howsitgoing_edge.mqtt.access import Access
from howsitgoing_edge.mqtt.connection import LARGEST_PACKET, Identity

SESSION_SECONDS = 60
"""So long the broker keeps commands for a device in a tunnel. Later ones nobody expects any more: see ADR 0004."""
_NEVER_MS: Final = 3_600_000
"""The link tries again by itself, with a new client"""


def make_client(access: Access, identity: Identity, *, resume: bool, **callbacks: Any) -> mqtt5.Client:  # noqa: ANN401  awscrt is untyped
    """A client that connects when started.

    Args:
        access: where to, and what to show.
        identity: whose last will.
        resume: take the session up again in which the broker may have kept commands for us.
        callbacks: ``on_…_fn`` of awscrt's ClientOptions.

    Raises:
        ConfigError: OpenSSL takes our key, awscrt does not.
    """
    how = DELIVERY[Topic.AVAILABILITY]
    will = mqtt5.PublishPacket(
        topic=identity.topic(Topic.AVAILABILITY),
        payload=Availability.OFFLINE.encode(),
        qos=mqtt5.QoS(how.qos),
        retain=how.retain,
    )
    greeting = mqtt5.ConnectPacket(
        client_id=identity.client_id,
        keep_alive_interval_sec=access.keepalive,
        session_expiry_interval_sec=SESSION_SECONDS,
        maximum_packet_size=LARGEST_PACKET,
        will=will,
    )
    sessions = mqtt5.ClientSessionBehaviorType
    seconds = int(connection.CONNECT_SECONDS * 1000)
    options = mqtt5.ClientOptions(
        host_name=access.host,
        port=access.port,
        bootstrap=_bootstrap(),
        socket_options=_socket_options(seconds),
        tls_ctx=_tls(access),
        connect_options=greeting,
        session_behavior=sessions.REJOIN_ALWAYS if resume else sessions.CLEAN,
        extended_validation_and_flow_control_options=(
            mqtt5.ExtendedValidationAndFlowControlOptions.AWS_IOT_CORE_DEFAULTS  # its rates, and the depth of its topics
        ),
        offline_queue_behavior=mqtt5.ClientOperationQueueBehaviorType.FAIL_ALL_ON_DISCONNECT,
        min_reconnect_delay_ms=_NEVER_MS,
        max_reconnect_delay_ms=_NEVER_MS,
        connack_timeout_ms=seconds,
        ping_timeout_ms=min(30_000, access.keepalive * 500),
        disable_metrics=True,  # it is nobody's business which SDK we run
        **callbacks,
    )
    return mqtt5.Client(options)


@cache
def _bootstrap() -> io.ClientBootstrap:
    """One network thread for all connections of this process."""
    loop = io.EventLoopGroup(num_threads=1)
    return io.ClientBootstrap(loop, io.DefaultHostResolver(loop))


def _socket_options(milliseconds: int) -> io.SocketOptions:
    options = io.SocketOptions()
    options.connect_timeout_ms = milliseconds
    return options


def _tls(access: Access) -> io.ClientTlsContext:
    options = io.TlsContextOptions.create_client_with_mtls(access.certificate or b"", access.key or b"")
    if access.authority is not None:
        options.override_default_trust_store(access.authority)
    if access.alpn is not None:
        options.alpn_list = [access.alpn]
    try:
        return io.ClientTlsContext(options)
    except RuntimeError as error:  # so awscrt says it, without a reason
        raise ConfigError("mqtt.tls.key: awscrt takes ECDSA and RSA keys alone; 'howsitgoing aws join' makes one") from error
