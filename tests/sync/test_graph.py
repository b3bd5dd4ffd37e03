"""Order, names and sameness of resources, without a server."""

import itertools

import pytest

from nowrongdoor.sync.graph import Item, agrees, digest, ordered, renamed, same

PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"family": "A"}], "birthDate": "1980-02-03"}


def item(name, *needs):
    kind, id_ = name.split("/")
    return Item(None, kind, id_, "", needs)


def test_whatever_is_pointed_to_goes_first():
    """In every order of arrival; also against the usual order of types, and between two of one type."""
    graph = [item("Goal/1", "CarePlan/1"), item("CarePlan/1", "Patient/1"), item("Patient/1"), item("Goal/2", "Goal/1")]
    for arrival in itertools.permutations(graph):
        assert ["Patient/1", "CarePlan/1", "Goal/1", "Goal/2"] == [i.name for i in ordered(arrival)]


def test_circles_do_not_hang():
    """Two that point to each other both go, in either order."""
    assert {"Patient/1", "Patient/2"} == {
        i.name for i in ordered([item("Patient/1", "Patient/2"), item("Patient/2", "Patient/1")])
    }


def test_only_references_are_renamed():
    """The same words in a text stay, and the original is untouched."""
    made = {"resourceType": "Goal", "subject": {"reference": "Patient/1"}, "description": {"text": "Patient/1"}}
    assert {
        "subject": {"reference": "Patient/x"},
        "description": {"text": "Patient/1"},
        "resourceType": "Goal",
    } == renamed(made, {"Patient/1": "Patient/x"})
    assert "Patient/1" == made["subject"]["reference"]


def test_digest_sees_content_not_key_order():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": [1, 2]}) != digest({"a": [2, 1]})


LABELS = [{"system": "s", "code": "1"}, {"system": "s", "code": "2"}]


@pytest.mark.parametrize(
    ("there", "equal"),
    [
        ({"id": "other"}, True),
        ({"meta": {"versionId": "7", "lastUpdated": "2026-01-01T00:00:00Z", "source": "#x"}}, True),
        ({"text": {"status": "generated", "div": "<div/>"}}, True),
        ({"text": {"status": "additional", "div": "<div/>"}}, False),
        ({"meta": {"tag": [LABELS[0]]}}, False),
        ({"birthDate": "1980-02-04"}, False),
        ({"multipleBirthInteger": 1}, False),
    ],
)
def test_what_servers_add_is_no_difference(there, equal):
    assert equal == same(PATIENT, PATIENT | there)


def test_labels_are_sets_and_numbers_are_values():
    """Another order of labels is the same; 1.50 that came back as 1.5 is the same; a lost label is not."""
    one = PATIENT | {"meta": {"security": LABELS, "profile": ["a", "b"]}, "x": 100}
    other = PATIENT | {"meta": {"security": LABELS[::-1], "profile": ["b", "a"]}, "x": 100.0}
    assert same(one, other)
    assert not same(one, PATIENT | {"meta": {"security": LABELS[:1], "profile": ["a", "b"]}, "x": 100})


@pytest.mark.parametrize(
    ("found", "ours"),
    [
        ({}, True),
        ({"name": [{"family": "A"}, {"family": "B"}]}, True),
        ({"name": [{"family": "B"}]}, False),
        ({"birthDate": "1980-02"}, False),
        ({"name": []}, False),
    ],
)
def test_a_patient_is_ours_by_name_and_birth_date(found, ours):
    assert ours == agrees(PATIENT, PATIENT | found)


def test_anything_else_is_ours_by_its_subject():
    """Relative and absolute references to one Patient are one; another Patient is another's."""
    goal = {"resourceType": "Goal", "subject": {"reference": "Patient/1"}}
    assert agrees(goal, {"subject": {"reference": "https://fhir.example.test/Patient/1"}})
    assert not agrees(goal, {"subject": {"reference": "Patient/2"}})
    assert not agrees(goal, {})


@pytest.mark.parametrize(
    ("expected", "given"), [(True, {}), (True, {"given": [None]}), (False, {"given": [None, "Ana"]})]
)
def test_a_list_of_nulls_says_nothing(expected, given):
    """Servers differ in whether they keep it: what counts stands beside it."""
    beside = {"_given": [{"extension": [{"url": "urn:example:why", "valueCode": "unknown"}]}]}
    ours, theirs = ({"resourceType": "Patient", "id": "1", "name": [beside | n]} for n in ({"given": [None]}, given))
    assert expected == same(ours, theirs)
