"""Names of states as the two letters of the Postal Service."""

from types import SimpleNamespace

import pytest

from nowrongdoor.layouts import read
from nowrongdoor.layouts.demographics import home
from nowrongdoor.layouts.states import _CODES, usps
from nowrongdoor.model.values import Warned


@pytest.mark.parametrize(
    ("told", "code"),
    [("California", "CA"), ("OREGON", "OR"), ("ca", "CA"), ("CA", "CA"), ("new york", "NY"), ("Puerto Rico", "PR"),
     ("district of columbia", "DC"), ("West Virginia", "WV"), ("Baja California", ""), ("", ""),
     (" New  Mexico ", "NM"), ("D.C.", "DC"), ("American Samoa", "AS"), ("AP", "AP"), ("Calif", "")],
)  # fmt: skip
def test_a_state(told, code):
    """By its name or code in any case; nothing for what is none."""
    assert code == usps(told)


def test_there_are_fifty_and_twelve_more():
    """The states, the District, eight islands, and three for the armed forces, each by its name and its code."""
    assert 62 == len(set(_CODES.values()))
    assert 124 == len(_CODES)


def test_a_cell_is_the_code_of_its_state_and_any_other_word_is_told_of():
    assert ["CA", "CA"] == [read._state(cell) for cell in ("California", "ca")]
    with pytest.raises(Warned) as told:
        read._state("Jalisco")
    assert ("state", "Jalisco") == (told.value.rule, told.value.value)
    with pytest.raises(Warned) as told:
        read._state("ditto")
    assert ("D19", "") == (told.value.rule, told.value.value)


@pytest.mark.parametrize(
    ("state", "expected"),
    [("CA", ("", "CA")), ("", ("", "")), (("asked-declined",), ("", ("asked-declined",))),
     ("Jalisco", ("12 Calle Sol, Ocotlán, Jalisco, 47800", ""))],
)  # fmt: skip
def test_a_state_that_us_core_does_not_know_stands_in_the_text_of_the_address(state, expected):
    """Written as a state, US Core 6.1.0 and 7.0.0 refuse it."""
    lives = SimpleNamespace(street=read.Street(("12 Calle Sol",)), street2=("unknown",), city="Ocotlán", zip="47800",
                            state=state, county="", phone="", email="")  # fmt: skip
    made = home(lives)
    assert expected == (made["address_text"], made["state"])
    assert ("Ocotlán", "47800") == (made["city"], made["zip"])
