"""Moments and partial dates as text that sorts: always UTC, always milliseconds."""

import re
from datetime import UTC, datetime, timedelta

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?")


def now() -> datetime:
    return datetime.now(UTC)


def instant(moment: datetime) -> str:
    """2026-01-02T03:04:05.678Z"""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(text: str) -> tuple[str, str]:
    """First instant of a FHIR date or dateTime and the first after it; no zone is UTC. ValueError: it is neither."""
    parts = _PARTIAL.fullmatch(text)
    if not parts:
        raise ValueError("not a date")
    year, month, day, time, seconds, fraction = parts.groups()
    if time:
        low = datetime.fromisoformat(text)
        low = low if low.tzinfo else low.replace(tzinfo=UTC)
        width = timedelta(milliseconds=1) if fraction else timedelta(seconds=1) if seconds else timedelta(minutes=1)
        return instant(low), instant(low + width)
    low = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    days = 1 if day else 31 if month else 366
    high = low + timedelta(days=days)
    if not day:
        high = high.replace(day=1)
    if not month:
        high = high.replace(month=1)
    return instant(low), instant(high)
