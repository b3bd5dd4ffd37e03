"""Facts come back whole, person by person, in one order and in flat memory."""

import tracemalloc
from collections import defaultdict
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.model import FACTS, Goal, Origin, Person, pack, unpack
from nowrongdoor.model.facts import fields
from nowrongdoor.store import Spool, Store

NUMBERS = st.integers(0, 2**32 - 1)
ORIGINS = st.builds(Origin, st.integers(0, 9), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
TINY = 2000  # bytes of room: a few dozen facts go to disk and are parted again


def any_of(cls):
    hints = get_type_hints(cls)
    named = {field.name: st.from_type(hints[field.name]) for field in fields(cls)}
    few = st.sampled_from(["", "a", "b", "é"])
    return st.builds(cls, **named | {"origin": ORIGINS, "person": few, "id": few})


ANY_FACTS = st.lists(st.one_of(*map(any_of, FACTS)), max_size=8)


def people(count):
    """One Person and, under the same key, one that says something else: the worst case of the sort."""
    for number in range(count):
        at = Origin(1, number + 1, number + 2, number + 2, number)
        client = f"C{number // 2:07d}"
        ids = (("cin", f"9000{number % 10000:04d}A"),)
        yield Person(client, client, at, False, ("N",), "", ids, f"Family {number}", ("Ana",), "1980-02-03", "female")


def spooled(facts, **room):
    with Spool(**room) as spool:
        for fact in facts:
            spool.put(fact)
        return list(spool.groups())


@given(ANY_FACTS)
def test_every_fact_class_packs_and_unpacks(facts):
    assert facts == [unpack(pack(fact)) for fact in facts]


@given(st.data())
def test_groups_do_not_depend_on_the_order_of_puts(data):
    facts = data.draw(ANY_FACTS)
    assert spooled(facts) == spooled(data.draw(st.permutations(facts)))


@settings(max_examples=20)
@given(st.randoms(use_true_random=False), st.integers(100, 400))
def test_groups_do_not_depend_on_what_went_to_disk(random, count):
    """Kept in memory, parted once or parted many times: the same groups in the same order."""
    facts = list(people(count))
    expected = spooled(facts)
    random.shuffle(facts)
    assert expected == spooled(facts, room=TINY)
    assert expected == spooled(facts, room=count * 50)


@pytest.mark.parametrize("room", [TINY, 4 << 20])
def test_every_fact_comes_back_once_with_its_person(room):
    facts = list(people(1000))
    expected = defaultdict(list)
    for fact in facts:
        expected[fact.person].append(fact)
    groups = spooled(facts, room=room)
    assert len(expected) == len(groups)
    for person, group in groups:
        assert sorted(expected[person], key=pack) == sorted(group, key=pack)


@pytest.mark.parametrize("rows", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_facts_of_one_key_are_ordered_by_what_they_say_then_by_where_they_stood(person, rows):
    """Which of two that contradict each other comes first does not depend on their rows."""
    abara, zulus, again = (
        person(family=name, row=row) for name, row in zip(("Abara", "Zulus", "Abara"), rows, strict=True)
    )
    expected = [*sorted([abara, again], key=lambda fact: fact.origin.row), zulus]
    assert [("C1", expected)] == spooled([zulus, abara, again])


def test_one_person_too_large_for_the_room_still_comes_back(person):
    facts = [person(row=row, id_=f"{row:04d}") for row in range(1, 301)]
    assert [("C1", facts)] == spooled(reversed(facts), room=TINY)


def test_nothing_is_on_disk_while_it_fits_nor_after_it_is_closed(tmp_path):
    with Spool(tmp_path) as small:
        for fact in people(100):
            small.put(fact)
        assert 100 == sum(len(group) for _, group in small.groups())
        assert [] == list(tmp_path.iterdir())
    with Spool(tmp_path, room=TINY) as large:
        for fact in people(3000):
            large.put(fact)
        assert [] != list(tmp_path.iterdir())
        assert 3000 == sum(len(group) for _, group in large.groups())
    assert [] == list(tmp_path.iterdir())


def test_memory_stays_flat():
    """Ten times the facts, both too many for the room, take less than 1.3 times the memory."""

    def peak(count):
        tracemalloc.start()
        try:
            with Spool(room=1 << 20) as spool:
                for row in range(count):
                    at = Origin(1, row + 1, row + 2, row + 2, row)
                    spool.put(Goal(f"G{row}", f"C{row // 3}", at, False, (), "", "P", f"find a home {row}", "active"))
                assert count == sum(len(group) for _, group in spool.groups())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert 1.3 > peak(200_000) / peak(20_000)


@given(ANY_FACTS)
@settings(max_examples=25)
def test_the_store_gives_facts_back_as_they_were(tmp_path_factory, facts):
    with Store(tmp_path_factory.mktemp("store")) as store:
        store.put_facts("elder", "a", facts)
        assert facts == store.facts("elder", "a")
