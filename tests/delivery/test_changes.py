"""What changed here is one update there; what others did there is seen before anything of it is touched."""

import json
from urllib.parse import urlsplit

import pytest

from delivery.county import MH, word
from delivery.there import There, cleared, content, kept
from nowrongdoor.sandbox import Habits, running

PERSON = 2 + 6 + 2  # Patient and Provenance, a programme, and two organizations


def known_as(way, kind, like):
    """Our id of the one resource of that type in which these words stand."""
    (found,) = [
        id_ for id_, one in kept(way.gateway).items() if one["resourceType"] == kind and like in json.dumps(one)
    ]
    return found


def pushed(way, county):
    """Everything of the one person stands there; the row and the id of a goal of theirs."""
    way.gateway.take(county)
    assert {"sent": PERSON} == way.push()[0]
    way.wire.forget()
    row = county.row("plans", "plain", ROW_TYPE="goal")
    return row, known_as(way, "Goal", row["DESCRIPTION"])


def changed(way, county, row):
    row["DESCRIPTION"] = word("Mhwords")
    way.gateway.take(county)


def updates(way):
    """Of each writing request: what it updates, with the version it expects there."""
    return [{entry.name: entry.if_match for entry in request if entry.if_match} for request in way.wire.sent]


def test_a_changed_row_is_one_update(road, each_server, one):
    """Of the version that the server named, with the Provenance of the change in the same request."""
    way = road(each_server)
    row, goal = pushed(way, one)
    before = way.there.etag("Goal", goal)
    changed(way, one, row)

    assert ({"sent": 2, "unchanged": PERSON - 1}, 1) == way.push()
    assert [{f"Goal/{goal}": before}] == updates(way)
    assert (row["DESCRIPTION"], 2) == (
        way.there.get("Goal", goal)["description"]["text"],
        way.there.versions("Goal", goal),
    )
    assert 0 == way.push()[1]


def test_a_strangers_change_is_never_overwritten(road, each_server, one):
    """Ours names the version that we knew and is refused; theirs is read, and stays until a person decides."""
    way = road(each_server)
    row, goal = pushed(way, one)
    there = way.there.get("Goal", goal)
    way.there.put(there | {"priority": {"text": "high"}})
    for n in (1, 2):  # whatever we learn later: with each change one more Provenance waits for it
        changed(way, one, row)
        assert {"held": 1 + n, "unchanged": PERSON - 1} == way.push(3)[0]
        assert "high" == way.there.get("Goal", goal)["priority"]["text"]
        assert 2 == way.there.versions("Goal", goal)

    way.there.put(there)  # as we knew it
    assert {"sent": 3, "unchanged": PERSON - 1} == way.push()[0]
    assert (row["DESCRIPTION"], 4) == (
        way.there.get("Goal", goal)["description"]["text"],
        way.there.versions("Goal", goal),
    )
    assert 0 == way.push()[1]


def test_a_strangers_change_alone_stays(road, sandbox, one):
    """Nothing of ours changed: theirs is not overwritten."""
    way = road(sandbox)
    _, goal = pushed(way, one)
    way.there.put(way.there.get("Goal", goal) | {"priority": {"text": "high"}})

    assert ({"unchanged": PERSON}, 0) == way.push()
    assert "high" == way.there.get("Goal", goal)["priority"]["text"]


def deleted(way, county):
    """The order's Task stands there no more, and nothing that points to it; here it has moved on."""
    pushed(way, county)
    row = county.row("referrals", "plain")
    task = known_as(way, "Task", row["REFERRAL_ID"])
    way.there.delete("Provenance", known_as(way, "Provenance", task))
    way.there.delete("Task", task)
    row["STATUS"] = "accepted"
    way.gateway.take(county)
    return task


def test_what_somebody_deleted_is_not_made_again(road, each_server, one):
    """It is held for a person, with the Provenance that speaks of it; and so it stays until somebody decides."""
    way = road(each_server)
    task = deleted(way, one)

    for _ in range(2):
        assert {"held": 2, "unchanged": PERSON - 1} == way.push(3)[0]
    assert [] == way.there.named("Task", task)


def alarmed(way, county, emptied):
    """In the server's place stands an empty one, which makes anew what an update names: the push says so, once."""
    pushed(way, county)
    way.proxy.upstream = urlsplit(emptied)
    way.gateway.source(county.name, "Renamed County")
    way.gateway.take(county)

    said = way.gateway.push(3)
    assert (1, {"update-created": 1}, PERSON - 1) == (said["held"], said["why"], said["unchanged"])
    there = There(emptied)
    (found,) = there.named("Organization", known_as(way, "Organization", "Renamed County"))
    there.close()
    assert "Renamed County Behavioral Health" == found["name"]
    assert 0 == way.push()[1]


@pytest.mark.live
def test_an_update_that_creates_is_an_alarm_on_hapi(road, sandbox, hapi, one):
    alarmed(road(sandbox), one, hapi)


def test_an_update_that_creates_is_an_alarm(road, sandbox, one):
    with running(habits=Habits(create_on_if_match=True, stale_status=409, entry_etag="bare")) as base:
        alarmed(road(sandbox), one, base)


# what a server may be like ---------------------------------------------------


@pytest.fixture
def choosing(road):
    """A server that takes no ids of ours."""
    with running(habits=Habits(update_create=False)) as base:
        yield road(base)


def test_where_the_server_chooses_ids(choosing, county):
    """Each identity is there once, under another id, and every reference leads to that id."""
    way = choosing
    way.gateway.take(county, 3)
    way.push(3)
    going = cleared(way.gateway)
    found = {id_: way.there.named(resource["resourceType"], id_) for id_, resource in going.items()}

    assert [1] * 50 == [len(ones) for ones in found.values()]
    names = {
        f'"{one["resourceType"]}/{ours}"': f'"{one["resourceType"]}/{one["id"]}"' for ours, (one,) in found.items()
    }
    assert set() == {ours for ours, theirs in names.items() if ours == theirs}
    for id_, resource in going.items():
        told = json.dumps(resource)
        for ours, theirs in names.items():
            told = told.replace(ours, theirs)
        assert content(json.loads(told)) == content(found[id_][0])
    assert 0 == way.push(3)[1]


def test_a_change_where_the_server_chooses_ids(choosing, one):
    row, goal = pushed(choosing, one)
    changed(choosing, one, row)

    assert ({"sent": 2, "unchanged": PERSON - 1}, 1) == choosing.push()
    ((found,),) = [choosing.there.named("Goal", goal)]
    assert (row["DESCRIPTION"], 2) == (found["description"]["text"], choosing.there.versions("Goal", found["id"]))


def with_goals(county, count):
    """Of one plan, more goals than a server takes at once."""
    first = county.row("plans", "plain", ROW_TYPE="goal")
    for n in range(2, count + 1):
        county.rows["plans"].append(first | {"ITEM_NO": str(n), "DESCRIPTION": word(f"{MH}words")})
    return county


def in_parts(way, county):
    """At most fifty at once; all of it arrives, and nothing twice."""
    way.gateway.take(with_goals(county, 60))
    assert {"sent": PERSON + 59} == way.push()[0]
    assert [50, 19] == [len(request) for request in way.wire.sent]
    assert ({"unchanged": PERSON + 59}, 0) == way.push()


@pytest.mark.live
def test_a_person_larger_than_medplum_takes_at_once(road, medplum, one):
    in_parts(road(medplum), one)


def test_a_person_larger_than_a_server_takes_at_once(road, one):
    with running(habits=Habits(max_put_entries=50, entry_etag="none", put_create_status=200)) as base:
        in_parts(road(base), one)
