"""A camera on the network: HTTP (MJPEG and what else ffmpeg knows) or RTSP, by OpenCV's ffmpeg."""

from __future__ import annotations

import http.client
import socket
import ssl
from base64 import b64encode
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import cv2

from howsitgoing_edge.camera.opencv import OpenCvCamera
from howsitgoing_edge.errors import CameraError, SourceError
from howsitgoing_edge.settings import CameraSettings

PORTS: Final = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
"""Schemes that are understood, and their usual ports."""
OPEN_WITHIN: Final = 5.0
"""Seconds."""
_REFUSED: Final = (401, 403)


def shown(address: str) -> str:
    """``address`` as it may be printed: without user, password, query or fragment, any of which may hold a secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def check_address(address: str) -> None:
    """Raises SourceError if ``address`` can never be that of a camera."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not close
        usable = False
    if not usable:
        raise SourceError(f"the camera's address is not one of {', '.join(PORTS)}://host:port/path")


def open_network_camera(address: str, settings: CameraSettings) -> OpenCvCamera:
    """The camera at ``address``, giving frames.

    Raises:
        CameraError: it cannot be reached or gives no pictures just now.
        SourceError: it refuses us, or the address is wrong.
    """
    check_address(address)
    wishes = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(1000 * OPEN_WITHIN)]
    wishes += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(1000 * settings.silent_after)]
    wishes += [cv2.CAP_PROP_N_THREADS, 1]  # each more holds back a frame of H.264, which then arrives late
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, wishes)
    if not capture.isOpened():
        raise _why_not(urlsplit(address), f"network camera {shown(address)}")
    return OpenCvCamera(capture, f"network camera {shown(address)}", settings.rotate)


def _why_not(address: SplitResult, name: str) -> CameraError | SourceError:
    """What a person should know; ffmpeg only says that it cannot open."""
    host, port = address.hostname or "", address.port or PORTS[address.scheme]
    try:
        with socket.create_connection((host, port), OPEN_WITHIN):
            pass
        status, challenge = _answer(address, host, port) if address.scheme in {"http", "https"} else (0, "")
    except socket.gaierror:
        return CameraError(f"{name}: no such host is known; check the address, or use the camera's number address")
    except ConnectionRefusedError:
        return CameraError(f"{name} refuses connections; is it switched on, and port {port} the right one?")
    except (OSError, http.client.HTTPException):
        return CameraError(f"{name} does not answer; is it switched on and in the same network?")
    if status in _REFUSED:
        # A digest challenge may have been met by ffmpeg, so something else may be wrong, and pass.
        unsure = address.username is not None and challenge.lower().startswith("digest")
        problem = f"{name} wants a user name and password, or another one: http://USER:PASSWORD@host/path"
        return CameraError(problem) if unsure else SourceError(problem)
    if status == http.HTTPStatus.NOT_FOUND:
        return CameraError(f"{name}: nothing at this path; look up the stream's address in the camera's manual")
    return CameraError(f"{name} answers, but gives no pictures; check path, user name and password")


def _answer(address: SplitResult, host: str, port: int) -> tuple[int, str]:
    """HTTP status of the stream, and what it asks for if it asks."""
    connection: http.client.HTTPConnection
    if address.scheme == "https":
        trusting = ssl.create_default_context()  # as ffmpeg by itself: cameras sign their own certificates
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=OPEN_WITHIN, context=trusting)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=OPEN_WITHIN)
    headers = {}
    if address.username is not None:
        secret = f"{unquote(address.username)}:{unquote(address.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
    try:
        connection.request("GET", f"{address.path or '/'}?{address.query}", headers=headers)
        response = connection.getresponse()
        return response.status, response.headers.get("WWW-Authenticate", "")
    finally:
        connection.close()
