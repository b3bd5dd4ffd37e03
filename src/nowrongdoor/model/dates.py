"""Reads a date as its source declares that it writes dates, and says what is wrong where it cannot.

A format is written with the tokens YYYY YY MM M DD D MON, a time with HH mm ss and a closing Z; "excel" is the serial
number of the 1900 system. Nothing is tried that is not declared, and two declared formats never vote (D35).
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from nowrongdoor.errors import Usage
from nowrongdoor.model.values import Bad, Warned

_TOKENS = {
    "YYYY": "(?P<year>[0-9]{4})", "YY": "(?P<short>[0-9]{2})", "MON": "(?P<name>[A-Za-z]{3})",
    "MM": "(?P<month>[0-9]{2})", "M": "(?P<month>[0-9]{1,2})", "DD": "(?P<day>[0-9]{2})", "D": "(?P<day>[0-9]{1,2})",
    "HH": "(?P<hour>[0-9]{2})", "mm": "(?P<minute>[0-9]{2})", "ss": "(?P<second>[0-9]{2})", "Z": "(?P<utc>Z)",
}  # fmt: skip
_TOKEN = re.compile("|".join(_TOKENS) + r"|[-/., :T]")
_EXCEL = "(?P<serial>[0-9]{5})(?:[.](?P<fraction>[0-9]+))?"
_EPOCH = date(1899, 12, 30)  # so that serials after the 1900 system's false leap day come out right
_MONTHS = {name: n for n, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), 1)}
_EMPTY = {"0001-01-01", "1753-01-01", "1900-01-01"}  # the first day that a runtime, a database or a spreadsheet knows
_ZEROS = re.compile(r"0[0/.-]{5,9}(?: [0:]+)?|000101")

# what a text is that no declared format fits, most telling first
_SHAPES = tuple(
    (re.compile(shape), rule, cause, cure)
    for shape, rule, cause, cure in (
        (r".*[^\x00-\x7f].*", "D05", "digits or signs outside ASCII", "write the date with the digits 0 to 9"),
        (r"[0-9]{1,3}|(?i:adult|child|youth|minor)", "D36", "an age, not a date", "write the date"),
        (r"[0-9]{4}|[0-9]{1,2}[/-][0-9]{4}|[0-9]{4}-[0-9]{2}", "D38", "a partial date, of no declared format",
         "write the whole date, or declare the partial format for this source"),
        (r"[0-9]{5}(?:\.[0-9]+)?", "D34", "a spreadsheet's serial number, and the source declares none",
         "format the column as a date, or declare excel for this source"),
        (r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}", "D33", "a two-digit year, and the source declares none",
         "write four digits, or declare the format and its pivot"),
        (r".*", "D35", "written in none of the source's date formats", "correct the cell, or declare the format"),
    )
)  # fmt: skip


class Placeholder(Bad):
    """D39: a date that stands for no date. `open_end`: it stands for "without end" (12/31/9999)."""

    def __init__(self, *, open_end: bool) -> None:
        super().__init__("D39", "a placeholder, not a date", "write the date, or leave the cell empty")
        self.open_end = open_end


@lru_cache(maxsize=256)
def parser(formats: tuple[str, ...], pivot: int | None, timezone: str) -> Callable[[str], str]:
    """Text → "YYYY-MM-DD", "YYYY-MM", "YYYY", or with a time "YYYY-MM-DDTHH:MM:SS" with offset or Z.

    `pivot`: a two-digit year up to it is of this century. The function raises `Bad`, `Placeholder`, or `Warned` (a
    local time that the clock change skips or repeats: the day is kept). Wrong formats raise `Usage` here and now.
    """
    shapes = [_compiled(text, pivot) for text in formats]
    zone = _zone(timezone)

    @lru_cache(maxsize=1 << 14)  # birth dates and service dates repeat
    def parse(text: str) -> str:
        fits = [found.groupdict() for shape in shapes if (found := shape.fullmatch(text))]
        days = {day: parts for parts in fits if (day := _day(parts, pivot))}
        if len(days) > 1:
            raise Bad("D35", "two declared formats fit and mean different days", "declare one format for this column")
        if _ZEROS.fullmatch(text) or _EMPTY.intersection(days):
            raise Placeholder(open_end=False)
        for day, parts in days.items():
            if day.startswith("9999"):
                raise Placeholder(open_end=True)
            return _moment(day, parts, zone)
        raise _unreadable(text, fits)

    return parse


def _unreadable(text: str, fits: list[dict[str, str | None]]) -> Bad:
    if any("serial" in parts for parts in fits):
        return Bad("D34", "a serial number outside 20000 to 90000", "write the date")
    if fits:
        return Bad("D32", "a day that does not exist", "correct the date")
    return next(Bad(*told) for shape, *told in _SHAPES if shape.fullmatch(text.replace("\n", " ")))


def _compiled(text: str, pivot: int | None) -> re.Pattern[str]:
    if text == "excel":
        return re.compile(_EXCEL)
    known = "write it with YYYY YY MM M DD D MON HH mm ss Z, each once, or as excel"
    tokens = _TOKEN.findall(text)
    try:
        shape = re.compile("".join(_TOKENS.get(token) or re.escape(token) for token in tokens))
    except re.error as cause:  # the same part twice
        raise Usage(f"date format {text!r} names a part twice", known) from cause
    names = set(shape.groupindex)
    whole = {"month", "name"} & names or not names & {"day", "hour"}
    if "".join(tokens) != text or not names & {"year", "short"} or not whole or ("hour" in names) > ("day" in names):
        raise Usage(f"date format {text!r} is not understood", known)
    if "short" in names and pivot is None:
        raise Usage(f"date format {text!r} has a two-digit year", "declare pivot, e.g. 30: 31 is then 1931")
    return shape


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as cause:
        raise Usage(f"timezone {name!r} is not known", "write it as in America/Los_Angeles") from cause


def _day(parts: Mapping[str, str | None], pivot: int | None) -> str:
    """The date as FHIR writes it, as precise as the format; "" where there is no such day."""
    if serial := parts.get("serial"):
        days = int(serial)
        return (_EPOCH + timedelta(days=days)).isoformat() if 20000 <= days <= 90000 else ""
    short = int(parts.get("short") or 0)
    year = int(parts.get("year") or (2000 if short <= (pivot or 0) else 1900) + short)
    name = parts.get("name")
    month = _MONTHS.get(name.lower(), 0) if name else int(parts.get("month") or 1)
    try:
        whole = date(year, month, int(parts.get("day") or 1)).isoformat()
    except ValueError:
        return ""
    return whole if "day" in parts else whole[:7] if name or "month" in parts else whole[:4]


def _moment(day: str, parts: Mapping[str, str | None], zone: ZoneInfo) -> str:
    """The day, with its time where one was written."""
    clock = _clock(parts)
    if clock is None:
        return day
    local = datetime.combine(date.fromisoformat(day), clock, UTC if parts.get("utc") else zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        cure = "write the time in UTC (Z); until then only the day is kept"
        raise Warned("clock-change", "a local time that the change of clocks skips or repeats", cure, day)
    return local.isoformat().replace("+00:00", "Z") if parts.get("utc") else local.isoformat()


def _clock(parts: Mapping[str, str | None]) -> time | None:
    if fraction := parts.get("fraction"):
        minutes, second = divmod(round(86400 * float(f"0.{fraction}")) % 86400, 60)
        return time(*divmod(minutes, 60), second) if minutes or second else None
    if "hour" not in parts:
        return None
    try:
        return time(int(parts["hour"] or 0), int(parts.get("minute") or 0), int(parts.get("second") or 0))
    except ValueError:
        raise Bad("D32", "a time that does not exist", "correct the time") from None
