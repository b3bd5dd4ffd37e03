"""Whoever reads all that a server shows and keeps finds nothing of what had to stay here."""

import pytest

from delivery.county import MH, SUD, County
from delivery.there import cleared, kept
from servers.dump import everything


@pytest.fixture
def other():
    """The county next door, which may know the same people."""
    return County("willow-county")


def found(words, text):
    """Which of the words stand in the text."""
    return {word for word in words if word in text}


def test_nothing_of_who_is_withheld_or_held(road, each_server, county):
    """Neither their own numbers, CIN and name, nor the ids that we made for them, nor what was written about them."""
    way = road(each_server)
    way.gateway.take(county, 3)
    way.push(3)
    shown = everything(each_server)

    for who in ("denies", "held"):
        assert set() == found(county.marks(who) | county.texts(who, MH), shown)
    for who in ("plain", "permits", "both"):
        assert county.marks(who) == found(county.marks(who), shown)


def test_nothing_of_part_2_without_a_permit(road, each_server, county):
    """Somebody's other data went: of the programme not a title, a problem, a goal, a number or a note did."""
    way = road(each_server)
    way.gateway.take(county, 3)
    way.push(3)
    shown = everything(each_server)

    for who in ("silent", "mental"):
        assert set() == found(county.texts(who, SUD), shown)
        assert county.texts(who, MH) == found(county.texts(who, MH), shown)
    for who in ("permits", "both"):
        assert county.texts(who, SUD) == found(county.texts(who, SUD), shown)


def test_no_id_of_anything_that_was_not_cleared(road, each_server, county):
    """Not as a resource, not as a reference, not in a list that the server keeps beside."""
    way = road(each_server)
    way.gateway.take(county, 3)
    way.push(3)
    shown = everything(each_server)
    going = cleared(way.gateway).keys()
    staying = kept(way.gateway).keys() - going

    assert (50, 30) == (len(going), len(staying))
    assert set() == found(staying, shown)
    assert set(going) == found(going, shown)


def test_what_goes_points_to_nothing_that_stays(road, each_server, one):
    """One goal of a plan is of a Part 2 programme: the plan goes, and knows nothing of it."""
    goal = one.row("plans", "plain", ROW_TYPE="goal")
    goal["PROGRAM"] = SUD
    way = road(each_server)
    way.gateway.take(one)
    way.push()
    shown = everything(each_server)
    (goal_id,) = [id_ for id_, resource in kept(way.gateway).items() if resource["resourceType"] == "Goal"]

    assert set() == found({goal_id, goal["DESCRIPTION"]}, shown)
    assert one.texts("plain", MH) == found(one.texts("plain", MH), shown)


# people whom two sources know by one CIN ------------------------------------------


def pushed(way, *counties):
    """All that the server has after these files and a push; in every county somebody is held or may be."""
    for county in counties:
        way.gateway.take(county, 0, 3)
    way.push(3)
    return everything(way.server)


def test_a_no_in_another_source_counts(road, sandbox, county, other):
    """Equal CIN is enough for a no to speak: nothing of either record goes."""
    other.client("denies", CIN=county.row("clients", "plain")["CIN"])
    other.release("denies", SHARE="N")
    shown = pushed(road(sandbox), county, other)

    assert set() == found(county.marks("plain") | county.texts("plain", MH), shown)
    assert set() == found(other.marks("denies") | other.texts("denies", MH), shown)
    assert county.marks("both") == found(county.marks("both"), shown)


def test_a_hold_in_another_source_counts(road, sandbox, county, other):
    other.client("held", CIN=county.row("clients", "plain")["CIN"])
    other.release("held", SHARE="perhaps")
    shown = pushed(road(sandbox), county, other)

    assert set() == found(county.marks("plain") | county.texts("plain", MH), shown)


def test_a_yes_in_another_source_does_not(road, sandbox, county, other):
    """The same person's permit elsewhere, even one that names us as discloser, opens nothing here."""
    other.client("permits", CIN=county.row("clients", "silent")["CIN"], plan=SUD)
    other.release("permits")
    other.release("permits", RELEASE_FROM="elder")
    shown = pushed(road(sandbox), county, other)

    assert set() == found(county.texts("silent", SUD), shown)
    assert county.texts("silent", MH) == found(county.texts("silent", MH), shown)
    assert other.texts("permits", SUD) == found(other.texts("permits", SUD), shown)


def test_a_no_that_comes_later_stops_what_comes_after(road, sandbox, county, other):
    """What went before the other source spoke stays there; nothing more follows, and nothing is deleted."""
    way = road(sandbox)
    pushed(way, county)
    goal = county.row("plans", "plain", ROW_TYPE="goal")
    before, goal["DESCRIPTION"] = goal["DESCRIPTION"], "Aftershock"
    other.client("denies", CIN=county.row("clients", "plain")["CIN"])
    other.release("denies", SHARE="N")
    shown = pushed(way, county, other)

    assert {before} == found({before, "Aftershock"}, shown)
    assert county.marks("plain") == found(county.marks("plain"), shown)
