"""Dates are read as declared, or refused; never tried."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.errors import Usage
from nowrongdoor.model.dates import Placeholder, parser
from nowrongdoor.model.values import Bad, Warned

PACIFIC = "America/Los_Angeles"


def read(text, *formats, pivot=None):
    return parser(formats, pivot, PACIFIC)(text)


def rule(text, *formats, pivot=None):
    with pytest.raises(Bad) as caught:
        read(text, *formats, pivot=pivot)
    return caught.value.rule


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("03/05/1982", "MM/DD/YYYY", "1982-03-05"),
        ("3/5/1982", "M/D/YYYY", "1982-03-05"),
        ("03/05/1982", "M/D/YYYY", "1982-03-05"),
        ("05.03.1982", "DD.MM.YYYY", "1982-03-05"),
        ("1982-03-05", "YYYY-MM-DD", "1982-03-05"),
        ("19820305", "YYYYMMDD", "1982-03-05"),
        ("05-MAR-1982", "DD-MON-YYYY", "1982-03-05"),
        ("5-Mar-1982", "D-MON-YYYY", "1982-03-05"),
        ("Mar 5, 1982", "MON D, YYYY", "1982-03-05"),
        ("02/29/2024", "MM/DD/YYYY", "2024-02-29"),
        pytest.param("05/1982", "MM/YYYY", "1982-05", id="D38-month"),
        pytest.param("MAY 1982", "MON YYYY", "1982-05", id="D38-month-by-name"),
        pytest.param("1982", "YYYY", "1982", id="D38-year"),
        pytest.param("20121", "excel", "1955-02-01", id="D34-serial"),
        pytest.param("45292", "excel", "2024-01-01", id="D34-serial-2024"),
        pytest.param("45292.0", "excel", "2024-01-01", id="D34-serial-as-float"),
        pytest.param("45292.5", "excel", "2024-01-01T12:00:00-08:00", id="D34-serial-with-time"),
        ("03/05/2024 14:30", "MM/DD/YYYY HH:mm", "2024-03-05T14:30:00-08:00"),
        ("07/05/2024 14:30:09", "MM/DD/YYYY HH:mm:ss", "2024-07-05T14:30:09-07:00"),
        ("2024-07-05T14:30:09", "YYYY-MM-DDTHH:mm:ss", "2024-07-05T14:30:09-07:00"),
        ("2024-07-05T02:30:09Z", "YYYY-MM-DDTHH:mm:ssZ", "2024-07-05T02:30:09Z"),
    ],
)
def test_a_declared_format_is_read(text, form, expected):
    assert expected == read(text, form)


SPELLED = {"MM/DD/YYYY": "%m/%d/%Y", "DD.MM.YYYY": "%d.%m.%Y", "YYYYMMDD": "%Y%m%d", "DD-MON-YYYY": "%d-%b-%Y"}


@given(st.dates(date(1900, 1, 2), date(2100, 12, 31)), st.sampled_from(sorted(SPELLED)))
def test_every_day_of_two_centuries_comes_back(day, form):
    assert day.isoformat() == read(day.strftime(SPELLED[form]), form)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 - a local time as an export writes it
def test_a_local_time_is_the_same_moment_with_its_offset_or_only_its_day(local):
    local = local.replace(microsecond=0)
    text = local.strftime("%m/%d/%Y %H:%M:%S")

    told, warned = read_warned(text, "MM/DD/YYYY HH:mm:ss")

    assert warned or local == datetime.fromisoformat(told).astimezone(ZoneInfo(PACIFIC)).replace(tzinfo=None)
    assert not warned or f"{local:%Y-%m-%d}" == told


def read_warned(text, form):
    """The text read, and whether with a warning."""
    try:
        return read(text, form), False
    except Warned as warned:
        return warned.value, True


@pytest.mark.parametrize("text", ["03/10/2024 02:30", "11/03/2024 01:30"])
def test_a_time_that_the_clock_change_skips_or_repeats_keeps_its_day(text):
    with pytest.raises(Warned) as caught:
        read(text, "MM/DD/YYYY HH:mm")

    assert "clock-change" == caught.value.rule
    assert f"2024-{text[:2]}-{text[3:5]}" == caught.value.value


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        pytest.param("02/30/2001", ["MM/DD/YYYY"], "D32", id="D32-30-february"),
        pytest.param("13/45/1990", ["MM/DD/YYYY"], "D32", id="D32-month-13"),
        pytest.param("02/29/2023", ["MM/DD/YYYY"], "D32", id="D32-no-leap-year"),
        pytest.param("03/05/2024 25:00", ["MM/DD/YYYY HH:mm"], "D32", id="D32-hour-25"),
        pytest.param("05-XYZ-1982", ["DD-MON-YYYY"], "D32", id="D32-month-name"),
        pytest.param("01/02/45", ["MM/DD/YYYY"], "D33", id="D33-two-digit-year-undeclared"),
        pytest.param("45292", ["MM/DD/YYYY"], "D34", id="D34-serial-undeclared"),
        pytest.param("19999", ["excel"], "D34", id="D34-serial-too-small"),
        pytest.param("90001", ["excel"], "D34", id="D34-serial-too-large"),
        pytest.param("3/4/1980", ["M/D/YYYY", "D/M/YYYY"], "D35", id="D35-two-formats-two-days"),
        pytest.param("3/4/1980", ["MM/DD/YYYY"], "D35", id="D35-one-digit-where-two-are-declared"),
        pytest.param("Apr 13, 2020", ["MM/DD/YYYY"], "D35", id="D35-other-format"),
        pytest.param("04132020", ["MM/DD/YYYY"], "D35", id="D35-no-separators"),
        pytest.param("47", ["MM/DD/YYYY"], "D36", id="D36-age"),
        pytest.param("Adult", ["MM/DD/YYYY"], "D36", id="D36-age-group"),
        pytest.param("1982", ["MM/DD/YYYY"], "D38", id="D38-year-undeclared"),
        pytest.param("05/1982", ["MM/DD/YYYY"], "D38", id="D38-month-undeclared"),
        pytest.param("summer 2019", ["YYYY"], "D35", id="D38-season-is-no-format"),
        pytest.param("０3/05/1982", ["MM/DD/YYYY"], "D05", id="D05-full-width-digit"),
        pytest.param("٠٣/٠٥/١٩٨٢", ["MM/DD/YYYY"], "D05", id="D05-arabic-digits"),
    ],
)
def test_what_is_not_a_date_as_declared_refuses(text, formats, expected):
    assert expected == rule(text, *formats)


@pytest.mark.parametrize(("text", "expected"), [("4/4/1980", "1980-04-04"), ("13/4/1980", "1980-04-13")])
def test_d35_two_formats_that_do_not_disagree_are_no_trouble(text, expected):
    assert expected == read(text, "M/D/YYYY", "D/M/YYYY")


@pytest.mark.parametrize(
    ("text", "expected"), [("01/02/45", "1945"), ("01/02/30", "2030"), ("01/02/31", "1931"), ("01/02/00", "2000")]
)
def test_d33_two_digit_years_follow_the_declared_pivot(text, expected):
    assert f"{expected}-01-02" == read(text, "MM/DD/YY", pivot=30)


@pytest.mark.parametrize(
    ("text", "open_end"),
    [("01/01/1900", False), ("000101", False), ("00/00/0000", False), ("12/31/9999", True)],
)
def test_d39_placeholders_say_which_end_they_stand_for(text, open_end):
    with pytest.raises(Placeholder) as caught:
        read(text, "MM/DD/YYYY")

    assert "D39" == caught.value.rule
    assert open_end is caught.value.open_end


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("MM/DD/YY", "pivot"),
        ("YYYY-MM-MM", "twice"),
        ("MM/DD", "not understood"),
        ("DD YYYY", "not understood"),
        ("YYYY HH:mm", "not understood"),
        ("%m/%d/%Y", "not understood"),
        ("", "not understood"),
    ],
)
def test_a_wrong_format_is_told_before_a_row_is_read(form, told):
    with pytest.raises(Usage, match=told):
        parser((form,), None, PACIFIC)


def test_an_unknown_timezone_is_told_before_a_row_is_read():
    with pytest.raises(Usage, match="timezone"):
        parser(("YYYY",), None, "Pacific Time")


@given(st.text(min_size=4).map(lambda text: f"{text}\u2603"))
def test_any_text_is_a_date_or_bad_and_no_issue_text_holds_it(text):
    """The snowman keeps the text from being, by chance, a word of the issue itself."""
    told = trouble(text, "MM/DD/YYYY", "excel", "YYYY-MM-DDTHH:mm:ssZ", "MM/YYYY")

    assert told is None or text not in f"{told} {told.cause} {told.cure} {told.args}"


def trouble(text, *formats):
    try:
        read(text, *formats)
    except Bad as bad:
        return bad
    return None
