"""An equal CIN makes two records possibly one person's; nothing else does yet."""

import pytest

from nowrongdoor.identity import possibly_same
from nowrongdoor.model import Origin, Person


def person(*ids):
    return Person("1", "1", Origin(0, 1, 2, 2, 0), False, (), "", ids, "Doe", ("Ana",), "1980-01-01", "")


@pytest.mark.parametrize(
    ("same", "a", "b"),
    [
        (True, [("cin", "90000001A")], [("county-client", "7"), ("cin", "90000001A")]),
        (False, [("cin", "90000001A")], [("cin", "90000002A")]),
        (False, [("county-client", "7")], [("county-client", "7")]),
        (False, [("cin", "")], [("cin", "")]),
        (False, [("cin", "90000001A")], [("plan-member", "90000001A")]),
        (False, [], []),
    ],
)
def test_only_an_equal_cin_counts(same, a, b):
    """Names, birth dates and local numbers do not."""
    assert same is possibly_same(person(*a), person(*b))
