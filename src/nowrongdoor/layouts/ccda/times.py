"""Moments and spans as a clinical document writes them (20130801, 201308010500-0800), as FHIR writes them.

Precision is kept and nothing added to it: a time without a zone is cut to its day, with a warning; what is no date is
left out, with an issue. Sources: HL7 V3 data types R1 (TS, IVL_TS, PIVL_TS), HL7's C-CDA on FHIR guide (dates).
"""

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache

from nowrongdoor.layouts.ccda.tree import Element, Notes, kid, said
from nowrongdoor.model import Resource

_STAMP = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)"
    r"(?:(?P<second>\d\d)(?P<part>\.\d+)?)?)?)?)?)?(?P<zone>[+-]\d{1,4}|Z)?",
    re.ASCII,
)
_ZONE = re.compile(r"[+-](?:0\d|1[0-3])[0-5]\d|[+-]1400")
_NONE = {"1900", "190001", "19000101", "17530101", "000101"}  # the first days that computers and spreadsheets know
_UNITS = {"s": "s", "min": "min", "h": "h", "d": "d", "wk": "wk", "mo": "mo", "a": "a"}  # UCUM → FHIR's, the same
_DAYS = {"d": 1, "wk": 7}
_ASK = "ask the sender for the date"
_DAY = len("2026-01-31")


def ts(element: Element, notes: Notes) -> str:
    """A FHIR dateTime of the stamp in `value`, "" where there is none that can be read."""
    day, part = _read(element, notes)
    return _moment(day, part, element, notes) if part.get("hour") else day


def date(element: Element, notes: Notes) -> str:
    """A FHIR date: the day, month or year of the stamp, whatever the time beside it."""
    return _read(element, notes)[0]


def _stamp(element: Element, notes: Notes) -> str:
    stamp = said(element)
    if not stamp and (null := said(element, "nullFlavor"))[:1].isdigit():
        notes.note(element, "ccda-null-date", "a date stands where the reason for its absence goes", _ASK)
        return null
    return stamp


def _read(at: Element, notes: Notes) -> tuple[str, Mapping[str, str | None]]:
    """(day, its parts), or ("", {}) where there is none."""
    if not (stamp := _stamp(at, notes)):
        return "", {}
    day, part, wrong = _parted(stamp)
    if wrong:
        notes.note(at, *wrong, _ASK)
    return day, part


@lru_cache(maxsize=4096)  # a document tells the same few moments again and again
def _parted(stamp: str) -> tuple[str, Mapping[str, str | None], tuple[str, str] | None]:
    """(day, all its parts, what is wrong with it)"""
    found = _STAMP.fullmatch(stamp)
    part = found.groupdict() if found else {}
    if wrong := _wrong(part):
        return "", {}, wrong
    return "-".join(filter(None, (part["year"], part["month"], part["day"]))), part, None


def _wrong(part: Mapping[str, str | None]) -> tuple[str, str] | None:
    """Rule and cause, where the parts are no date."""
    if not part:
        return "ccda-date", "no date: not written YYYYMMDDHHMMSS and zone, or a part of it"
    if f"{part['year']}{part['month'] or ''}{part['day'] or ''}" in _NONE or part["year"] in {"0000", "0001", "9999"}:
        return "D39", "a placeholder, not a date"
    try:
        dt.date(int(part["year"] or 0), int(part["month"] or 1), int(part["day"] or 1))
    except ValueError:
        return "D32", "a day that does not exist"
    return None


def _moment(day: str, part: Mapping[str, str | None], at: Element, notes: Notes) -> str:
    """The day with its time, where that has minutes and a zone."""
    hour, minute, second = part["hour"] or "", part["minute"] or "", part["second"] or "00"
    if hour > "23" or minute > "59" or second > "59":
        notes.note(at, "D32", "a time that does not exist: the day is kept", _ASK)
        return day
    zone = part["zone"] or ""
    if minute and (zone == "Z" or _ZONE.fullmatch(zone)):
        offset = "Z" if zone in {"Z", "-0000"} else f"{zone[:3]}:{zone[3:]}"
        return f"{day}T{hour}:{minute}:{second}{part['part'] or ''}{offset}"
    if (hour + minute + second).strip("0"):  # midnight without a zone is how a day is padded: nothing is lost
        notes.note(at, "ccda-zone", "a time without minutes or without a zone: the day is kept", "export the zone")
    return day


def moment(element: Element, notes: Notes) -> str:
    """One dateTime of a TS or IVL_TS: its value, else where it begins (HL7's guide)."""
    return ts(element, notes) or ts(kid(element, "low"), notes)


def ivl(element: Element, notes: Notes) -> Resource:
    """A Period of an IVL_TS; empty where nothing can be read. A single value is no span: `moment` reads it."""
    if element is None or not len(element):
        return {}
    low, high, width = (kid(element, word) for word in ("low", "high", "width"))
    start = _edge(low, ts(low, notes), 1)
    end = _edge(high, ts(high, notes), -1) or _after(start, width)
    if kid(element, "center") is not None or (width is not None and not end):
        notes.note(element, "ccda-interval", "a span told by its centre or width", "export its low and high")
    if start and end and _before(end, start):
        notes.note(element, "per-1", "it ends before it begins: the end is left out", "correct the dates")
        end = ""
    same = min(len(start), len(end), _DAY)
    if len(start) != len(end) and same and start[:same] == end[:same]:  # which comes first cannot be told: per-1
        notes.note(element, "per-1", "one end is known more closely than the other: both are cut", "export both alike")
        start, end = start[:same], end[:same]
    return {word: told for word, told in (("start", start), ("end", end)) if told}


def _before(one: str, other: str) -> bool:
    if "T" in one and "T" in other:
        return dt.datetime.fromisoformat(one) < dt.datetime.fromisoformat(other)
    return one[: min(len(other), 10)] < other[: min(len(one), 10)]


def _edge(element: Element, told: str, step: int) -> str:
    """The bound itself, or the day beside it where it is not part of the span."""
    if told and said(element, "inclusive") == "false" and len(told) == 10:
        return (dt.date.fromisoformat(told) + dt.timedelta(days=step)).isoformat()
    return told


def _after(start: str, width: Element) -> str:
    days = _DAYS.get(said(width, "unit"), 0)
    if len(start) == 10 and start < "9000" and days and re.fullmatch("[0-9]{1,4}", count := said(width)):
        return (dt.date.fromisoformat(start) + dt.timedelta(days=days * int(count))).isoformat()
    return ""


def pivl(element: Element) -> Resource:
    """A Timing of a PIVL_TS with a period in one of FHIR's units: every 8 hours; empty for any other."""
    every = kid(element, "period")
    unit, count = _UNITS.get(said(every, "unit")), said(every)
    if unit is None or not re.fullmatch(r"[1-9][0-9]{0,5}(\.[0-9]{1,4})?", count):
        return {}
    return {"repeat": {"frequency": 1, "period": float(count) if "." in count else int(count), "periodUnit": unit}}
