"""Moments as the people of a time zone read them.

Belongs here: from seconds since the epoch and a zone's name to a moment. Does not belong here: when
something is due (`healer.watch.schedule`).
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo


def to_local(seconds: float, timezone: str) -> datetime:
    """The moment in this zone; in UTC where no such zone is known, or none is named."""
    zone: tzinfo = UTC
    if timezone:
        try:
            zone = ZoneInfo(timezone)
        except (LookupError, ValueError, OSError):
            zone = UTC
    return datetime.fromtimestamp(seconds, zone)


def format_local(seconds: float, timezone: str) -> str:
    """`14 Nov 23:13 CET`, without the year, as tables have it."""
    return f"{to_local(seconds, timezone):%d %b %H:%M %Z}"
