"""An equal CIN makes two records possibly one person's; nothing else does yet."""

import json

import pytest

from nowrongdoor.identity import cins
from nowrongdoor.model import Broken, Origin, Person, Stated

AT = Origin(0, 1, 2, 2, 0)


def person(*ids):
    return Person("1", "1", AT, False, (), "", ids, "Doe", ("Ana",), "1980-01-01", "")


def document(kind, system, value):
    """What a clinical document states of somebody."""
    resource = json.dumps({"identifier": [{"value": "no system"}, {"system": system, "value": value}]})
    return Stated("1", "1", AT, False, (), "", kind, resource)


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ({"90000001A"}, [person(("county-client", "7"), ("cin", "90000001A"))]),
        ({"90000001A", "90000002A"}, [person(("cin", "90000001A")), person(("cin", "90000002A"))]),
        ({"90000003A"}, [Broken("1", "1", AT, True, (), "", "person", "clients row 1", "90000003A")]),
        (set(), [Broken("1", "1", AT, True, (), "", "person", "clients row 1")]),
        (set(), [person(("county-client", "90000001A"), ("plan-member", "90000001A"))]),
        (set(), [person(("cin", ""))]),
        ({"90000004A"}, [document("person", "https://w3id.org/nowrongdoor/id/cin", "90000004A")]),
        (set(), [document("person", "urn:oid:1.2.3", "90000004A")]),
        (set(), [document("person", "https://w3id.org/nowrongdoor/id/cin/other", "90000004A")]),
        (set(), [document("contact", "https://w3id.org/nowrongdoor/id/cin", "90000004A")]),
        (set(), []),
    ],
)
def test_only_a_cin_links(expected, facts):
    """Names, birth dates and local numbers do not; a row that is refused for its birth date does."""
    assert expected == cins(facts)
