"""Names of states as the two letters of the Postal Service."""

import pytest

from nowrongdoor.layouts.states import _CODES, usps


@pytest.mark.parametrize(
    ("told", "code"),
    [("California", "CA"), ("OREGON", "OR"), ("ca", "CA"), ("CA", "CA"), ("new york", "NY"), ("Puerto Rico", "PR"),
     ("district of columbia", "DC"), ("West Virginia", "WV"), ("Baja California", "Baja California"), ("", "")],
)  # fmt: skip
def test_a_state(told, code):
    """By its name or code in any case; what is no state stays as it is."""
    assert code == usps(told)


def test_there_are_fifty_and_three_more():
    """The states, the District, Puerto Rico and Guam, each by its name and its code."""
    assert 53 == len(set(_CODES.values()))
    assert 106 == len(_CODES)
