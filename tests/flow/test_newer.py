"""What counts when one thing is stated twice: days against moments, files taken in again, releases taken back."""

import pytest

from nowrongdoor.flow.newer import Verdict, bared, day, earlier, verdict
from nowrongdoor.model import Consent, Origin

ZONE = "America/Los_Angeles"


def release(as_of, file, status="active", permit=True, form=""):
    return Consent("R1", "C1", Origin(file, 1, 2, 2, ""), False, (), as_of, status, permit, (), (), "", "", form=form)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("2026-01-07", "2026-01-08"),
        ("2026-01-07", "2026-01-08T12:00:00-08:00"),
        ("2026-01-07T12:00:00-08:00", "2026-01-08"),
        ("2026-01-07T23:30:00+00:00", "2026-01-07T16:00:00-08:00"),
        ("2026-11-01T01:59:00-07:00", "2026-11-01T01:01:00-08:00"),
        ("2025", "2026-01-01"),
    ],
    ids=["days", "day, moment", "moment, day", "two zones", "the hour that comes twice", "a year"],
)
def test_what_is_earlier(a, b):
    assert (True, False) == (earlier(a, b, ZONE), earlier(b, a, ZONE))


@pytest.mark.parametrize(
    ("a", "b"),
    [("2026-01-07", "2026-01-07T00:30:00-08:00"), ("2026-01-07", "2026-01-08T03:00:00+00:00"), ("2026", "2026-01-08")],
    ids=["of that day", "of that day where the source is", "of that year"],
)
def test_what_cannot_be_told_apart(a, b):
    assert (False, False) == (earlier(a, b, ZONE), earlier(b, a, ZONE))


def test_the_day_of_a_moment_is_the_sources():
    assert ("2026-01-07", "2026-01-08") == (day("2026-01-08T03:00:00+00:00", ZONE), day("2026-01-08T03:00:00Z", "UTC"))


FIRST, DAY_LATER, DAY_BEFORE = "2026-01-07", "2026-01-08", "2026-01-06"
ENDED = {"status": "inactive"}
NO = {"permit": False}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, (FIRST, 2), Verdict.COUNTS),
        ((FIRST, 1), (DAY_LATER, 2, ENDED), Verdict.COUNTS),
        ((FIRST, 1, ENDED), (DAY_LATER, 2), Verdict.COUNTS),
        ((FIRST, 1), (FIRST, 2, ENDED), Verdict.COUNTS),
        ((FIRST, 2, ENDED), (FIRST, 1), Verdict.OLDER),
        ((FIRST, 1), (DAY_BEFORE, 2, {"form": "B"}), Verdict.OLDER),
        ((FIRST, 1), (DAY_BEFORE, 2, ENDED), Verdict.OVERRULED),
        ((FIRST, 1), (DAY_BEFORE, 2, NO), Verdict.OVERRULED),
        ((FIRST, 1, ENDED), (DAY_BEFORE, 2, NO), Verdict.OLDER),
        ((FIRST, 1, ENDED), (FIRST, 2), Verdict.OVERRULED),
        ((FIRST, 1, NO), (FIRST, 2), Verdict.OVERRULED),
        ((FIRST, 1, ENDED), (FIRST, 1), Verdict.COUNTS),
        ((FIRST, 2), (DAY_BEFORE, 1, ENDED), Verdict.OLDER),
    ],
    ids=[
        "new", "taken back later", "given anew later", "taken back on that day", "an earlier file again",
        "an older form", "an older end", "an older no", "an older no, and over anyway", "given anew on that day",
        "a yes on the day of a no", "its own file mended",
        "an older end that was weighed before",
    ],
)  # fmt: skip
def test_the_verdict(before, now, expected):
    """Nothing that ends a release goes by unseen, and nothing undoes an end of which it is not certainly the later."""

    def made(told):
        as_of, file, *more = told
        return release(as_of, file, **(more[0] if more else {}))

    assert expected == verdict([made(now)], [made(before)] if before else [], ZONE, lambda _: FIRST)


def test_what_clashes_with_itself():
    now = [release(FIRST, 2), release(FIRST, 2, form="B")]
    assert Verdict.CLASHES == verdict(now, [release(DAY_BEFORE, 1)], ZONE, lambda _: FIRST)


def test_of_two_of_one_day_the_later_file_says_more():
    """Rows that say since when they are true may be of one day, and their files of two."""
    said = ([release(FIRST, 2)], [release(FIRST, 1, **ENDED)], ZONE)
    assert Verdict.COUNTS == verdict(*said, {1: FIRST, 2: DAY_LATER}.__getitem__)
    assert Verdict.OVERRULED == verdict(*said, {1: FIRST, 2: FIRST}.__getitem__)


def labelled(*labels, part2=False, as_of=FIRST):
    return Consent("R1", "C1", Origin(1, 1, 2, 2, ""), part2, labels, as_of, "active", True, (), (), "", "", form="")


@pytest.mark.parametrize(
    ("before", "now", "off"),
    [
        ([labelled("R")], [labelled()], True),
        ([labelled("R")], [labelled("N")], True),
        ([labelled("R")], [labelled("V")], False),
        ([labelled("V")], [labelled("R")], True),
        ([labelled("N")], [labelled()], False),
        ([labelled("R", "HIV")], [labelled("R")], True),
        ([labelled("SUD")], [labelled(part2=True)], False),
        ([labelled(part2=True)], [labelled("SUD")], True),
        ([labelled(part2=True)], [labelled("SUD", "42CFRPart2")], False),
        ([labelled("R")], [labelled("R"), labelled()], False),
        ([labelled("R")], [labelled("R"), labelled(as_of=DAY_LATER)], True),
        ([labelled()], [labelled("R")], False),
    ],
)
def test_whether_a_newer_statement_takes_a_label_off(before, now, off):
    """What is written carries the labels of the newest statements, of all of them that are equally new."""
    assert off == bool(bared(now, before))
