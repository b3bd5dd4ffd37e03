"""Which of two statements about one thing counts: the newer; of a release that ends, never one in doubt."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from nowrongdoor.model import Consent, Fact, Issue
from nowrongdoor.resources import agree, stated

OVERRULED = Issue(
    "contradiction",
    "it takes a release back, or gives one anew, and which of its statements is newer cannot be told",
    "the sender must state it again in a later extract",
)
UNLABELLED = Issue(
    "label-off",
    "an older statement of this was restricted, this newer one is less so, and it is the newer that counts",
    "ask the sender whether that is meant; if not, have it sent again with its label",
    severity="warning",
)
_OPEN = {"N", "L", "M", "U"}  # they restrict no more than the law does
_OVER = {"inactive", "rejected", "entered-in-error"}
_DAY = len("2026-01-31")


class Verdict(Enum):
    """What a new statement about a thing that was known before is."""

    COUNTS = 1
    OLDER = 2
    CLASHES = 3  # with itself: nothing is replaced
    OVERRULED = 4  # of a release: a person has to look


def verdict(now: Sequence[Fact], before: Sequence[Fact], zone: str, as_of: Callable[[int], str]) -> Verdict:
    """`now`: of one key, from the files of this run; `before`: what was known of it. `as_of`: of a file, by number."""
    if not before:
        return Verdict.COUNTS
    if not (agreed := agree(now) or [f for _, facts in stated.apart(now[0].key, now) for f in facts]):
        return Verdict.CLASHES
    new, old = agreed[0], max(before, key=_told)
    if earlier(new.as_of, old.as_of, zone):
        unseen = new.origin.file > old.origin.file  # else it is a file taken in once more, and was weighed then
        return Verdict.OVERRULED if unseen and _over(new) and not _over(old) else Verdict.OLDER
    first, second = old.origin.file, new.origin.file
    if earlier(old.as_of, new.as_of, zone) or (first < second and earlier(as_of(first), as_of(second), zone)):
        return Verdict.COUNTS
    if second < first:
        return Verdict.OLDER
    return Verdict.OVERRULED if first < second and _over(old) and not _over(new) else Verdict.COUNTS


def earlier(a: str, b: str, zone: str) -> bool:
    """Is the date or moment `a` before `b` for certain? A day is compared with the day of a moment, in `zone`."""
    if len(a) > _DAY and len(b) > _DAY:
        return datetime.fromisoformat(a) < datetime.fromisoformat(b)
    day_a, day_b = day(a, zone), day(b, zone)
    return day_a[: len(day_b)] < day_b[: len(day_a)]


def day(moment: str, zone: str) -> str:
    """The day of a moment in that zone; a day, month or year as it is."""
    if len(moment) <= _DAY:
        return moment
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date().isoformat()


def bared(now: Sequence[Fact], before: Sequence[Fact]) -> Fact | None:
    """One of `now` that counts, where the newest of these no longer carry a label that one of `before` did."""
    newest = max(f.as_of for f in now)
    latest = [f for f in now if f.as_of == newest]
    labels = _labels(latest)
    gone = _labels(before) - labels - _OPEN - ({"R"} if "V" in labels else set())
    return latest[0] if gone else None


def _labels(facts: Sequence[Fact]) -> set[str]:
    """Those written on their rows, and those of a Part 2 programme."""
    part2 = {"SUD", "42CFRPart2"} if any(f.part2 for f in facts) else set()
    return {*part2, *(label for f in facts for label in f.labels)}


def _told(fact: Fact) -> tuple[str, int]:
    return fact.as_of, fact.origin.file


def _over(fact: Fact) -> bool:
    """Does it say that a release holds no more, or never did?"""
    return isinstance(fact, Consent) and (not fact.permit or fact.status in _OVER)
