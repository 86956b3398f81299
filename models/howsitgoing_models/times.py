"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

from howsitgoing_models.errors import ParameterError


def time_option(option: str, text: str | None) -> str | None:
    """RFC 3339, UTC. Raises ParameterError: it is no time."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError) as error:
        raise ParameterError(f"{option} {text[:40]}: a time such as 2026-01-31 or 2026-01-31T12:00:00Z") from error
