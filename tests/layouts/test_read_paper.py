"""What a keyer could not read ends as a reason for absence, a partial date or a refusal; never as a guess."""

from types import SimpleNamespace

import pytest

from nowrongdoor.layouts import paper, read
from nowrongdoor.layouts.read import Bad, Warned

FORM = SimpleNamespace(
    pivot=None, timezone="America/Los_Angeles", absent_words={}, widths={}, options={},
    dates_of=lambda _: ("MM/DD/YYYY", "MM/YYYY", "YYYY"),
)  # fmt: skip


def told(reader, cell):
    return read.fit(reader, FORM, "BOX")(cell)


def refused(reader, cell):
    with pytest.raises(Bad) as caught:
        told(reader, cell)
    assert not isinstance(caught.value, Warned)
    return caught.value.rule


def warned(reader, cell):
    with pytest.raises(Warned) as caught:
        told(reader, cell)
    return caught.value.rule, caught.value.value


NAME = paper.written(read.name_part, str.strip)
PHONE = paper.soft(read.phone)
KEY = paper.sure(read.key)
BOX = paper.sure(read.initialled)


@pytest.mark.parametrize("cell", ["[illegible]", "[Illeg]", "[illeg.]", "??", "?"])
def test_d31_illegible_is_absent_with_a_warning(cell):
    assert ("D31", ("unknown",)) == warned(NAME, cell)
    assert ("D31", ("unknown",)) == warned(PHONE, cell)
    assert ("D31", "") == warned(paper.date_or_blank, cell)


@pytest.mark.parametrize("reader", [KEY, BOX, paper.birth_date], ids=["key", "consent-box", "birth-date"])
@pytest.mark.parametrize("cell", ["[illegible]", "[illeg]", "??", "19?2", "19?2-0l-1[illegible]", "[torn]"])
def test_d31_illegible_refuses_where_it_matters(reader, cell):
    assert "D31" == refused(reader, cell)


def test_d31_a_name_with_one_unsure_letter_keeps_its_text():
    assert ("D31", "Gon?alez") == warned(NAME, "Gon?alez ")
    assert ("D31", ("Gon?alez", "")) == warned(paper.written(read.surname, lambda t: (t.strip(), "")), "Gon?alez")


def test_d31_a_date_with_one_unsure_digit_is_never_guessed():
    assert ("D31", "") == warned(paper.date_or_blank, "03/0?/2024")
    assert ("D31", ("unknown",)) == warned(PHONE, "559-555-01?1")


def test_d38_partial_dates_stay_partial():
    assert "1982-05" == told(paper.birth_date, "05/1982")
    assert "1982" == told(paper.birth_date, "1982")


def test_d38_approximate_dates_keep_the_precision_of_the_form_with_a_warning():
    assert ("D38", "1980") == warned(paper.birth_date, "~1980")
    assert ("D38", "1980-05") == warned(paper.date_or_blank, "~05/1980")


def test_d38_a_day_cannot_be_approximate():
    assert "D38" == refused(paper.birth_date, "~03/05/1980")


@pytest.mark.parametrize(
    ("cell", "reason"), [("[blank]", "unknown"), ("[declined]", "asked-declined"), ("[Refused]", "asked-declined")]
)
def test_marks_of_an_empty_box_become_reasons(cell, reason):
    assert (reason,) == told(NAME, cell)
    assert (reason,) == told(PHONE, cell)
    assert (reason,) == told(paper.birth_date, cell)


def test_an_empty_cell_was_not_keyed():
    assert ("not-keyed", "") == warned(NAME, "")
    assert ("not-keyed", "") == warned(BOX, " ")
    assert "empty" == refused(KEY, "")
    assert "empty" == refused(paper.birth_date, "")


def test_a_box_empty_on_the_form_grants_nothing_and_a_key_must_be_there():
    assert "" == told(BOX, "[blank]")
    assert "empty" == refused(KEY, "[blank]")


@pytest.mark.parametrize(("cell", "expected"), [("[declined]", "D31"), ("[refused]", "D31"), ("circled", "D45")])
def test_d45_a_consent_box_with_anything_else_refuses(cell, expected):
    assert expected == refused(BOX, cell)


def test_d19_ditto_marks_are_not_resolved():
    assert "D19" == refused(KEY, '"')
    assert ("D19", ("unknown",)) == warned(NAME, "same as above")
    assert "Do" == told(NAME, "Do")


def test_what_is_legible_is_read_as_everywhere():
    assert "yes" == told(BOX, "JD")
    assert "P-0012" == told(KEY, "P-0012")
    assert "559-555-0111" == told(PHONE, "(559) 555-0111")
    assert "1982-03-05" == told(paper.birth_date, "03/05/1982")
    assert "2024-03-05" == told(paper.date_or_blank, "03/05/2024")
