"""The field's own values: what is taken, in which normal form, and which rule says why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.model import values
from nowrongdoor.model.values import Bad, Warned

LETTERS = "ACDEFGHMNTUVWXYZ"


def rule(parse, text, *more):
    """The rule that refuses the text, or warns of it."""
    with pytest.raises(Bad) as caught:
        parse(text, *more)
    return ("warned " if isinstance(caught.value, Warned) else "") + caught.value.rule


def kept(parse, text, *more):
    with pytest.raises(Warned) as caught:
        parse(text, *more)
    return caught.value.value


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("90000001A", ("90000001A", ""), id="as-it-is"),
        pytest.param("9000-0001 a", ("90000001A", ""), id="D20-lower-case-spaces-dashes"),
        pytest.param("90000001A2", ("90000001A", "2"), id="D21-with-check-digit"),
        pytest.param("90000001A2 9180", ("90000001A", "29180"), id="D21-whole-card-number"),
        pytest.param("90000001E2", ("90000001E", "2"), id="D21-letter-E-is-no-exponent"),
    ],
)
def test_cin_is_taken(cell, expected):
    assert expected == values.cin(cell)


@given(st.integers(0, 9999), st.sampled_from(LETTERS))
def test_every_letter_of_the_alphabet_of_cins_is_taken(number, letter):
    cin = f"9000{number:04d}{letter}"

    assert (cin, "") == values.cin(cin)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("90OOO001A", "D22", id="D22-O-for-zero"),
        pytest.param("9I00S0Z1A", "D22", id="D22-I-S-Z"),
        pytest.param("900000010", "D23", id="D23-digit-for-letter"),
        pytest.param("90000001O", "D24", id="D24-letter-O"),
        pytest.param("90000001B", "D24", id="D24-letter-B"),
        pytest.param("9.12E+07", "D25", id="D25-scientific"),
        pytest.param("9.00000E+09", "D25", id="D25-scientific-long"),
        pytest.param("90000001.0", "D25", id="D25-float"),
        pytest.param("9000000100", "D25", id="D25-exponent-worked-out"),
        pytest.param("inf", "D25", id="D25-card-number-became-infinity"),
        pytest.param("123-45-6789", "D28", id="D28-ssn"),
        pytest.param("123456789", "D28", id="D28-nine-digits"),
        pytest.param("９0000001A", "cin-shape", id="D05-full-width-digit"),
        pytest.param("9000001A", "cin-shape", id="too-short"),
        pytest.param("80000001A", "warned cin-shape", id="loose-shape-warns"),
    ],
)
def test_cin_is_not_taken_or_warned_of(cell, expected):
    assert expected == rule(values.cin, cell)


def test_a_cin_that_does_not_start_with_9_is_kept():
    assert ("80000001A", "") == kept(values.cin, "80000001a")


def test_misreads_are_named_in_the_cure_and_never_corrected():
    """D22: the cure says how letters are misread; the value that would come out is not in it."""
    with pytest.raises(Bad) as caught:
        values.cin("90OOO001A")

    assert "O as 0" in caught.value.cure
    assert "90000001A" not in caught.value.cure + caught.value.cause


def test_npi_passes_luhn_with_its_prefix():
    """The worked example of the CMS specification of the check digit."""
    assert "1234567893" == values.npi("1234567893")


@given(st.integers(0, 9), st.integers(1, 9))
def test_every_wrong_digit_of_an_npi_is_caught(place, by):
    good = "1234567893"
    wrong = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]

    assert "npi-check" == rule(values.npi, wrong)


@pytest.mark.parametrize("cell", ["123456789", "12345678930", "１２３４５６７８９３", "1234567893.0"])
def test_npi_is_ten_ascii_digits(cell):
    assert "npi-check" == rule(values.npi, cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("5595550111", "559-555-0111"),
        ("(559) 555-0111", "559-555-0111"),
        ("1-559-555-0111", "559-555-0111"),
        ("+1 559.555.0111", "559-555-0111"),
        ("559.555.0111 x12", "559-555-0111 ext. 12"),
        ("559 555 0111 Ext. 7", "559-555-0111 ext. 7"),
    ],
)
def test_d51_phone_has_one_normal_form(cell, expected):
    assert expected == values.phone(cell)


@pytest.mark.parametrize(
    "cell", ["(555)555-555-1234", "555-0111", "9999999999", "ask@example.org", "559-555-0111/559-555-0112"]
)
def test_d51_phone_junk_is_kept_with_a_warning(cell):
    assert "warned D51" == rule(values.phone, cell)
    assert cell == kept(values.phone, cell)


def test_d51_email_is_kept_either_way():
    assert "ana@example.org" == values.email("ana@example.org")
    assert "559-555-0111" == kept(values.email, "559-555-0111")


@pytest.mark.parametrize(
    ("cell", "width", "expected"),
    [
        pytest.param("93901", 0, "93901", id="five"),
        pytest.param("939011234", 0, "93901-1234", id="D54-nine"),
        pytest.param("93901-1234", 0, "93901-1234", id="D54-plus-four"),
        pytest.param("2134", 5, "02134", id="D26-padded-to-declared-width"),
    ],
)
def test_zip_is_taken(cell, width, expected):
    assert expected == values.zip_code(cell, width)


@pytest.mark.parametrize("cell", ["2134", "Salinas", "9390１", "9390123"])
def test_d54_zip_is_not_padded_undeclared_but_kept_with_a_warning(cell):
    assert "warned D54" == rule(values.zip_code, cell)
    assert cell == kept(values.zip_code, cell)


@pytest.mark.parametrize(
    ("cell", "numbers", "expected"),
    [
        ("Los Angeles", "dhcs", "Los Angeles"),
        ("LOS ANGELES COUNTY", "dhcs", "Los Angeles"),
        ("County of San Diego", "fips", "San Diego"),
        ("37", "dhcs", "San Diego"),
        ("037", "fips", "Los Angeles"),
        ("06037", "fips", "Los Angeles"),
        ("58", "dhcs", "Yuba"),
        ("115", "fips", "Yuba"),
    ],
)
def test_d55_county_by_name_or_declared_number(cell, numbers, expected):
    assert expected == values.county(cell, numbers)


@pytest.mark.parametrize(
    ("cell", "numbers"), [("037", "dhcs"), ("37", "fips"), ("59", "dhcs"), ("002", "fips"), ("Reno", "dhcs")]
)
def test_d55_an_undeclared_number_is_kept_with_a_warning(cell, numbers):
    assert "warned D55" == rule(values.county, cell, numbers)
    assert cell == kept(values.county, cell, numbers)


def test_there_are_58_counties_in_the_order_of_their_numbers():
    """DHCS numbers the counties alphabetically; spot checks from its aid-code-by-county list."""
    assert 58 == len(set(values.COUNTIES))
    assert sorted(values.COUNTIES) == list(values.COUNTIES)
    assert ("Lassen", "Monterey", "San Benito", "Tuolumne") == tuple(values.county(n) for n in ("18", "27", "35", "55"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("F33.1", ("F33.1", "")),
        ("f331", ("F33.1", "")),
        ("F33.1 MDD recurrent", ("F33.1", "MDD recurrent")),
        ("F33.1 - MDD, recurrent", ("F33.1", "MDD, recurrent")),
        ("Z59", ("Z59", "")),
        ("F32.A", ("F32.A", "")),
        ("O9A.211", ("O9A.211", "")),
        ("S72001A", ("S72.001A", "")),
    ],
)
def test_d49_icd10_gets_its_dot_and_leaves_its_text(cell, expected):
    assert expected == values.icd10(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("296.32", "warned D49", id="D49-icd9"),
        pytest.param("V62.84", "warned D49", id="D49-icd9-V-code"),
        pytest.param("depression", "warned D49", id="D49-words"),
        pytest.param("F331MDD", "warned D49", id="D49-words-glued-to-the-code"),
        pytest.param("F32.1; F10.20", "warned D44", id="D44-several-codes-undeclared"),
    ],
)
def test_what_is_no_single_icd10_code_stays_text(cell, expected):
    assert expected == rule(values.icd10, cell)
    assert ("", cell) == kept(values.icd10, cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("H0043", ("H0043", ())),
        ("H0043U6", ("H0043", ("U6",))),
        ("h0043-u6", ("H0043", ("U6",))),
        ("H0043 U6", ("H0043", ("U6",))),
        ("T1016U8GQ", ("T1016", ("U8", "GQ"))),
        ("T1016|U8|GQ", ("T1016", ("U8", "GQ"))),
        ("99213-25", ("99213", ("25",))),
    ],
)
def test_d50_service_code_and_modifiers(cell, expected):
    assert expected == values.hcpcs(cell)


@pytest.mark.parametrize("cell", ["T42041", "H004", "H0043U", "H0043-U6X", "housing", "H0043U6U6U6U6U6U6"])
def test_d50_what_is_no_service_code_refuses(cell):
    assert "D50" == rule(values.hcpcs, cell)


PARSERS = (
    values.cin,
    values.npi,
    values.phone,
    values.email,
    values.zip_code,
    values.county,
    values.icd10,
    values.hcpcs,
)


@given(st.sampled_from(PARSERS), st.text(st.characters(categories=["L", "N", "P", "S", "Z"]), min_size=5))
def test_any_text_is_taken_or_bad_and_no_issue_text_holds_it(parse, text):
    told = trouble(parse, text)

    assert told is None or (told.rule and told.cure)
    assert told is None or _is_a_word(text) or text not in f"{told} {told.cause} {told.cure} {told.args}"


def _is_a_word(text):
    """It may stand in an issue by chance."""
    return text.isascii() and text.replace(" ", "").isalpha()


def trouble(parse, text):
    try:
        parse(text)
    except Bad as bad:
        return bad
    return None
