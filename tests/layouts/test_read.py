"""The words cells are read with: what each takes, warns of and refuses, as the source spells it."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.layouts import read
from nowrongdoor.layouts.read import Bad, Name, Street, Warned


@dataclass
class Spelled:
    """What a source says of its spelling."""

    dates: tuple = ("MM/DD/YYYY",)
    pivot: int | None = None
    timezone: str = "America/Los_Angeles"
    absent_words: dict = field(default_factory=dict)
    widths: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)

    def dates_of(self, _):
        return self.dates

    def has_code(self, table):
        return table in self.codes

    def code(self, table):
        return self.codes[table]

    def code_file(self, table):
        return f"{table}.csv"


def told(reader, cell, **spelling):
    return read.fit(reader, Spelled(**spelling), "COLUMN")(cell)


def refused(reader, cell, **spelling):
    """The rule of the refusal."""
    with pytest.raises(Bad) as caught:
        told(reader, cell, **spelling)
    assert not isinstance(caught.value, Warned)
    return caught.value.rule


def warned(reader, cell, **spelling):
    """The rule of the warning, and what was read."""
    with pytest.raises(Warned) as caught:
        told(reader, cell, **spelling)
    return caught.value.rule, caught.value.value


# text --------------------------------------------------------------------


def test_d04_width_less_characters_and_no_break_spaces_go():
    assert "9000 Main" == told(read.line, "\ufeff9000\u00a0Main\u200b ")
    assert "C0012" == told(read.key, "\u00a0C0012\u200b")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("NuÃ±ez", "Nuñez"), ("Oâ€™Neil", "O’Neil"), ("Ã\u0081lvarez", "Álvarez"), ("VoilÃ\u00a0", "Voilà")],
)
def test_d03_text_decoded_twice_is_undone_by_one_step_and_told(cell, expected):
    assert ("D03", expected) == warned(read.line, cell)
    assert ("D03", expected) == warned(read.name_part, cell)


@pytest.mark.parametrize("name", ["JOÃO", "Nuñez", "Đặng", "Åse", "SÃO PAULO"])
def test_d03_names_that_only_look_damaged_stay(name):
    assert name == told(read.name_part, name)


def test_d03_lost_characters_are_told():
    assert ("D03", "Nu\ufffdez") == warned(read.name_part, "Nu\ufffdez")


def test_d62_a_spreadsheet_error_is_no_value():
    assert "D62" == refused(read.line, "#REF!")
    assert "D62" == refused(read.birth_date, "########")
    assert "Apt #4" == told(read.line, "Apt #4")


def test_d62_a_formula_is_kept_with_a_warning():
    assert ("D62", "=VLOOKUP(A1,B:B,1)") == warned(read.line, "=VLOOKUP(A1,B:B,1)")


@pytest.mark.parametrize("reader", [read.text, read.key, read.date, read.moment, read.birth_date])
@pytest.mark.parametrize("cell", ["", "  ", "\u00a0"])
def test_an_empty_cell_refuses_where_it_must_be_filled(reader, cell):
    assert "empty" == refused(reader, cell)


@pytest.mark.parametrize(
    ("reader", "blank"),
    [
        (read.line, ""), (read.cin, ""), (read.npi, ""), (read.date_or_blank, ""), (read.end_date, ""),
        (read.name_part, ""), (read.surname, ("", "")), (read.full_name, Name("", (), "", "")), (read.who, ("", "")),
        (read.street, Street()), (read.place, ""), (read.zip_code, ""), (read.county, ""), (read.phone, ""),
        (read.email, ""), (read.yes_no, ""), (read.initialled, ""), (read.labels, ()), (read.diagnosis, None),
        (read.optional(read.date), None), (read.split(";", read.line), ()),
    ],
)  # fmt: skip
def test_an_empty_cell_has_a_value_everywhere_else(reader, blank):
    assert blank == told(reader, " ")


# absence -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("UNK", "unknown"), ("see file", "unknown"), ("?", "unknown"), ("-", "unknown"), (".", "unknown"),
        ("Refused", "asked-declined"), ("declined", "asked-declined"), ("N/A", "not-applicable"),
        ("unable to answer", "asked-unknown"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reader", [read.name_part, read.phone, read.zip_code, read.birth_date, read.county])
def test_d30_words_for_missing_become_reasons(reader, word, reason):
    assert (reason,) == told(reader, f" {word} ")


def test_d30_a_sources_own_words_replace_the_usual_ones():
    own = {"nobody knows": "unknown"}

    assert ("unknown",) == told(read.place, "Nobody Knows", absent_words=own)
    assert "UNK" == told(read.place, "UNK", absent_words=own)


@pytest.mark.parametrize("name", ["Na", "Null", "Do"])
def test_d30_names_of_people_are_no_words_for_missing(name):
    assert name == told(read.name_part, name)


def test_d30_optional_and_blank_forms_take_the_words():
    assert None is told(read.optional(read.date), "unknown")
    assert "" == told(read.cin, "UNK")
    assert "" == told(read.date_or_blank, "n/a")


@pytest.mark.parametrize(
    ("reader", "cell", "reason"),
    [
        (read.zip_code, "00000", "not-applicable"), (read.zip_code, "XXXXX", "asked-declined"),
        (read.zip_code, "ZZZZZ", "asked-unknown"), (read.name_part, "99900", "asked-declined"),
        (read.surname, "99904", "asked-unknown"),
    ],
)  # fmt: skip
def test_d29_sentinels_are_decoded(reader, cell, reason):
    assert (reason,) == told(reader, cell)


# keys --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("UNK", "D30", id="D30-word-for-missing"),
        pytest.param("0", "D30", id="D30-zero"),
        pytest.param("6.45722E+12", "D25", id="D25-scientific"),
        pytest.param("12345.0", "D25", id="D25-float"),
        pytest.param("123-45-6789", "D28", id="D28-ssn"),
        pytest.param("１２３", "D05", id="D05-full-width"),
        pytest.param("NuÃ±ez1", "D05", id="D03-a-damaged-key-is-not-mended-silently"),
        pytest.param("#REF!", "D62", id="D62"),
    ],
)
def test_keys_refuse(cell, expected):
    with pytest.raises(Bad) as caught:
        told(read.key, cell)

    assert expected == caught.value.rule


@pytest.mark.parametrize("cell", ["006132463", "C-0012", "A0001034", "1E5", "12.x"])
def test_keys_stay_as_written(cell):
    assert cell == told(read.key, cell)


def test_d26_zeros_come_back_only_to_the_declared_width():
    assert "006132463" == told(read.key, "6132463", widths={"COLUMN": 9})
    assert "6132463" == told(read.key, "6132463")
    assert "02134" == told(read.zip_code, "2134", widths={"COLUMN": 5})
    assert ("D54", "2134") == warned(read.zip_code, "2134")


def test_cin_is_split_from_its_card_and_refuses_damage():
    assert "90000001A" == told(read.cin, "90000001a2 9180")
    assert ("cin-shape", "80000001A") == warned(read.cin, "80000001A")
    assert "D25" == refused(read.cin, "9.12E+07")


def test_d55_county_numbers_are_fips_only_where_declared():
    assert "San Diego" == told(read.county, "37")
    assert "Los Angeles" == told(read.county, "037", options={"county": "fips"})


# dates -------------------------------------------------------------------


def test_date_is_the_day_as_written_and_moment_keeps_the_time():
    forms = ("MM/DD/YYYY HH:mm", "YYYY-MM-DDTHH:mm:ssZ")

    assert "2024-03-05" == told(read.date, "03/05/2024 00:00", dates=forms)
    assert "1985-03-05" == told(read.birth_date, "1985-03-05T00:00:00Z", dates=forms)
    assert "2024-03-05T14:30:00-08:00" == told(read.moment, "03/05/2024 14:30", dates=forms)
    assert ("clock-change", "2024-03-10") == warned(read.date, "03/10/2024 02:30", dates=forms)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("02/30/1984", "D32", id="D32"),
        pytest.param("01/01/1900", "D39", id="D39"),
        pytest.param("47", "D36", id="D36"),
        pytest.param("07/04/1776", "D40", id="D40-too-old"),
        pytest.param("19?2", "D35", id="unsure"),
    ],
)
def test_birth_dates_refuse(cell, expected):
    assert expected == refused(read.birth_date, cell)


def test_d40_a_birth_date_is_judged_by_the_day_its_file_speaks_of():
    as_of = {"as-of": "2026-03-01"}

    assert "2026-03-01" == told(read.birth_date, "03/01/2026", options=as_of)
    assert "D40" == refused(read.birth_date, "03/02/2026", options=as_of)
    assert "1896-03-01" == told(read.birth_date, "03/01/1896", options=as_of)
    assert "D40" == refused(read.birth_date, "02/28/1896", options=as_of)
    assert "2026" == told(read.birth_date, "2026", options=as_of, dates=("YYYY",))
    assert "1896" == told(read.birth_date, "1896", options=as_of, dates=("YYYY",))


def test_d39_an_end_date_is_open_only_where_the_source_says_so():
    """A release must not become endless because its end is unknown or a filler."""
    assert "" == told(read.end_date, "12/31/9999")
    assert "" == told(read.end_date, "N/A")
    assert "D39" == refused(read.end_date, "01/01/1900")
    assert "D35" == refused(read.end_date, "unknown")


def test_d39_a_date_that_need_not_be_known_is_blank_for_a_placeholder():
    assert "" == told(read.date_or_blank, "01/01/1900")
    assert "D32" == refused(read.date_or_blank, "02/30/2001")


# people and places -------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("Smith Jr", ("Smith", "Jr"), id="D42-suffix"),
        pytest.param("Smith, Jr.", ("Smith", "Jr."), id="D42-suffix-after-comma"),
        pytest.param("Lee RN", ("Lee", ""), id="D42-credential"),
        pytest.param("de la Cruz III", ("de la Cruz", "III"), id="D43-particle"),
        pytest.param("McDonald", ("McDonald", ""), id="D43-case-as-written"),
        pytest.param("O'Neil", ("O'Neil", ""), id="D43-apostrophe"),
        pytest.param("Garcia-Lopez", ("Garcia-Lopez", ""), id="D43-hyphen"),
        pytest.param("Do", ("Do", ""), id="D42-a-surname-is-no-credential"),
    ],
)
def test_surname(cell, expected):
    assert expected == told(read.surname, cell)


def test_d41_a_whole_name_in_a_part_of_a_name_is_told():
    assert ("D41", "Doe, Jane") == warned(read.name_part, "Doe, Jane")
    assert ("D41", ("Doe, Jane", "")) == warned(read.surname, "Doe, Jane")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Doe, Jane", ("Doe", ("Jane",), "")),
        ("de la Cruz, José Luis Jr", ("de la Cruz", ("José", "Luis"), "Jr")),
        ("Smith Jr, John Q", ("Smith", ("John", "Q"), "Jr")),
        ("Smith, John, Jr", ("Smith", ("John",), "Jr")),
    ],
)
def test_d41_the_comma_says_which_part_is_which(cell, expected):
    assert Name(*expected, cell) == told(read.full_name, cell)


@pytest.mark.parametrize("cell", ["Jane Doe", "Lee", "Doe,"])
def test_d41_without_a_comma_a_name_is_only_text(cell):
    assert ("D41", Name("", (), "", cell)) == warned(read.full_name, cell)


def test_a_clinician_is_an_npi_or_a_name():
    assert ("1234567893", "") == told(read.who, "1234567893")
    assert ("", "Lee RN") == told(read.who, "Lee RN")


@pytest.mark.parametrize("cell", ["Homeless", "transient", "GD"])
def test_d53_words_that_are_no_address_leave_no_line(cell):
    assert Street((), cell) == told(read.street, cell)


def test_street_lines_are_kept_apart():
    assert Street(("12 Main St", "Apt 4")) == told(read.street, "12 Main St\n Apt 4")
    assert Street(("PO Box 7",)) == told(read.street, "PO Box 7")


# answers -----------------------------------------------------------------


@pytest.mark.parametrize("cell", ["X", "x", "✓", "☑", "Y", "yes", "1", "TRUE", "on", " x\u200b"])
def test_d45_yes(cell):
    assert "yes" == told(read.yes_no, cell)
    assert "yes" == told(read.initialled, cell)


@pytest.mark.parametrize("cell", ["N", "NO", "0", "FALSE", "off"])
def test_d45_no(cell):
    assert "no" == told(read.yes_no, cell)
    assert "no" == told(read.initialled, cell)


@pytest.mark.parametrize("cell", ["circled", "JD", "?", "[illegible]", "Y N", "１", "UNK", "N/A", "refused", "2"])
def test_d45_anything_unknown_in_a_box_refuses(cell):
    assert "D45" == refused(read.yes_no, cell)


@pytest.mark.parametrize("cell", ["JD", "J.D.", "J. Q. D.", "MGL"])
def test_d45_initials_are_yes_where_the_form_asks_for_them(cell):
    assert "yes" == told(read.initialled, cell)


@pytest.mark.parametrize("cell", ["NA", "UNK", "DEC", "NOT", "jd", "JDXQ", "J", "J?"])
def test_d45_what_only_looks_like_initials_refuses(cell):
    assert "D45" == refused(read.initialled, cell)


# codes and lists ---------------------------------------------------------


def test_labels_are_codes_of_hl7_however_they_are_written():
    assert ("R", "SUD") == told(read.labels, "r; sud")
    assert ("42CFRPart2",) == told(read.labels, "42cfrPART2")


@pytest.mark.parametrize("cell", ["42-CFR!", "MR", "R; MR", "restricted"])
def test_a_label_that_nobody_understands_refuses(cell):
    assert "label" == refused(read.labels, cell)


def test_labels_of_the_source_are_mapped_by_its_table():
    own = {"confidentiality": {"MR": ("V", "very restricted", "")}}
    assert ("V", "R") == told(read.labels, "mr, R", codes=own)
    assert "label" == refused(read.labels, "XX", codes=own)


def test_d44_several_values_are_split_only_where_declared():
    assert ("Jane Doe LCSW", "John Roe MD") == told(read.split(";", read.line), "Jane Doe LCSW; John Roe MD;")
    assert ("a, b",) == told(read.split(";", read.line), "a, b")


def test_d44_a_warning_of_one_value_keeps_all():
    assert ("D51", ("559-555-0111", "none at work")) == warned(read.split("/", read.phone), "559-555-0111/none at work")


def test_d49_a_diagnosis_is_a_code_or_its_text():
    assert ("F33.1", "MDD", "http://hl7.org/fhir/sid/icd-10-cm") == told(read.diagnosis, "F331 MDD")
    assert ("D49", ("", "296.32", "")) == warned(read.diagnosis, "296.32")


READERS = [
    read.key, read.cin, read.npi, read.moment, read.birth_date, read.end_date, read.date_or_blank, read.name_part,
    read.surname, read.full_name, read.who, read.street, read.zip_code, read.county, read.phone, read.email,
    read.yes_no, read.initialled, read.labels, read.diagnosis, read.line, read.text,
    read.split(";", read.diagnosis), read.optional(read.date),
]  # fmt: skip


@given(st.sampled_from(READERS), st.text())
def test_no_cell_is_more_than_bad_and_no_issue_text_holds_it(reader, cell):
    """Whatever stands in a cell, a reader returns, warns or refuses; it does not fail."""
    bad = trouble(reader, cell)

    by_chance = len(cell) < 5 or (cell.isascii() and cell.replace(" ", "").isalpha())  # a word of the issue's own
    assert bad is None or by_chance or cell not in f"{bad} {bad.cause} {bad.cure} {bad.args}"


def trouble(reader, cell):
    try:
        told(reader, cell, widths={"COLUMN": 9})
    except Bad as bad:
        return bad
    return None
