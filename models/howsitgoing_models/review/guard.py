"""Who may speak to the page's server: the page that it served itself, on this machine, and nobody else's."""

from __future__ import annotations

import hmac
from typing import Final

from flask import Flask, Response, abort, request

HOSTS: Final = ["127.0.0.1", "localhost"]
"""Another name that leads here (DNS rebinding) is refused"""
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""The page can load nothing from elsewhere and send nothing there, and faces stay out of the browser's cache on disk"""


def guard(app: Flask, token: str) -> None:
    """Let only requests pass that name this machine as their host, come from no other site, and, below /api/, carry the token.

    The token is no cookie: a browser adds it to nothing by itself.
    """
    app.config["TRUSTED_HOSTS"] = HOSTS
    app.before_request(lambda: _check(token))
    app.after_request(_seal)


def _check(token: str) -> None:
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    if origin not in (None, f"http://{request.host}"):
        abort(403, "this comes from another site")
    if not request.path.startswith("/api/"):
        return
    if site not in ("same-origin", "none"):
        abort(403, "this comes from another site")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        abort(401, "the token is missing or wrong: open the address that the command printed")


def _seal(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
