"""A key that rows of several people state is nobody's, however many keys there are."""

import random

import pytest

from nowrongdoor.flow import owners
from nowrongdoor.model import Goal, Key, Origin, Person, Stated


def goal(key, person):
    return Goal(key, person, Origin(0, 1, 2, 2, 0), False, (), "", plan="", text="Go for walks", status="active")


@pytest.mark.parametrize("few", [0, 1000])
def test_what_documents_state_of_two_things_under_one_key_is_each_its_own(monkeypatch, tmp_path, few):
    monkeypatch.setattr(owners, "_FEW", few)
    told = [("goal", "p1"), ("procedure", "p2"), ("procedure", "p2"), ("service", "p1"), ("service", "p2")]
    with owners.Owners(tmp_path) as said:
        for kind, person in told:
            said.say(Stated("k", person, Origin(0, 1, 2, 2, 0), False, (), "", kind, "{}"))
        assert {Key("service", "k")} == said.contested()


@pytest.mark.parametrize("few", [0, 1, 7, 1000])
def test_keys_of_several_people_in_memory_and_on_disk(monkeypatch, tmp_path, few):
    monkeypatch.setattr(owners, "_FEW", few)
    chance = random.Random(few)
    told = [(f"g{chance.randrange(60)}", f"p{chance.randrange(4)}") for _ in range(80)]
    with owners.Owners(tmp_path) as said:
        for key, person in told:
            said.say(goal(key, person))
        found = said.contested()
    people = {key: {p for k, p in told if k == key} for key, _ in told}
    expected = {Key("goal", key) for key, told_of in people.items() if len(told_of) > 1}
    assert len(people) > len(expected) > 10
    assert expected == found


def test_who_a_person_is_is_never_anothers():
    with owners.Owners(None) as said:
        said.say(Person("p1", "p1", Origin(0, 1, 2, 2, 0), False, (), "", (), "Rose", ("Ann",), "1990-01-01", "female"))
        assert said.contested() == set()
