"""A push that is killed at any moment does no harm: the next one finishes its work, and nothing is there twice."""

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from delivery.there import cleared, content
from nowrongdoor.sandbox import Habits, running

PEOPLE = 5  # of the fixture `five`: each goes in one request


@pytest.fixture(params=["counting", pytest.param("hapi", marks=pytest.mark.live)])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def counting():
    """As most servers: whatever is put makes a new version, also what was there already."""
    with running(habits=Habits(noop_keeps_version=False)) as base:
        yield base


@pytest.fixture(scope="module")
def choosing():
    """A server that takes no ids of ours: there, a request sent twice makes two."""
    with running(habits=Habits(update_create=False)) as base:
        yield base


@contextmanager
def pushing(way) -> Iterator["subprocess.Popen[bytes]"]:
    command = way.gateway.command("push", "there")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as push:
        try:
            yield push
        finally:
            push.kill()


def begun(way, county, *, change):
    """Files taken in; where something is to change, pushed once, changed, and taken in again."""
    way.gateway.take(county)
    if change:
        way.push()
        for n in range(PEOPLE):
            county.row("plans", f"client{n}", ROW_TYPE="goal")["DESCRIPTION"] += " again"
        way.gateway.take(county)


def held_there(way, resources):
    """By our id: everything that answers to it, and how many versions of it there were; both servers number them."""
    found = {id_: way.there.named(resource["resourceType"], id_) for id_, resource in resources.items()}
    return {id_: [(one, int(one["meta"]["versionId"])) for one in ones] for id_, ones in found.items()}


def killed(way, nth, when, *, arrives):
    """A push that dies at its nth writing request, before it reached the server or before its answer came back."""
    hold = way.proxy.hold(nth, when)
    with pushing(way):
        hold.wait()
    if arrives:
        hold.go_on()  # as a network does: whoever sent it is dead, it comes all the same, while the next push asks
    else:
        hold.cut()


def finished(way, resources, before, *, late=0):
    """The next push ends well, the one after writes nothing; one resource an identity, and no version but those due.

    `late`: versions more that a request may have made which came after the next push had read.
    """
    way.push()
    assert 0 == way.push()[1]
    after = held_there(way, resources)
    assert [1] * len(resources) == [len(found) for found in after.values()]
    for id_, [(found, count)] in after.items():
        was, versions = before[id_][0] if before[id_] else ({}, 0)
        assert content(resources[id_]) == content(found)
        assert 0 <= count - versions - (content(was) != content(found)) <= late


@pytest.mark.parametrize("seed", range(15))
def test_killed_between_a_request_and_its_receipt(road, server, five, seed):
    """Never arrived; arrives late; arrived, and nobody heard of it: of first requests (even seeds) and of changes."""
    chance, way = random.Random(seed), road(server)
    begun(way, five, change=seed % 2)
    due = cleared(way.gateway)
    before = held_there(way, due)
    when, arrives = [("before", False), ("before", True), ("after", False)][seed % 3]

    killed(way, chance.randint(1, PEOPLE), when, arrives=arrives)

    finished(way, due, before, late=when == "before" and arrives)


@pytest.mark.parametrize("seed", range(15, 20))
def test_killed_at_any_moment(road, server, five, seed):
    chance, way = random.Random(seed), road(server)
    begun(way, five, change=seed % 2)
    due = cleared(way.gateway)
    before = held_there(way, due)

    with pushing(way):
        time.sleep(chance.uniform(0.1, 1.5))

    finished(way, due, before)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_where_the_server_chooses_ids(road, choosing, five, when):
    """What arrived is found by its identity, and not made again."""
    way = road(choosing)
    begun(way, five, change=False)

    killed(way, 2, when, arrives=False)
    way.push()

    assert 0 == way.push()[1]
    found = held_there(way, cleared(way.gateway))
    assert [(1, 1)] * len(found) == [(len(ones), ones[0][1]) for ones in found.values()]


def test_one_pusher_at_a_time(road, sandbox, five):
    """A second one is told so in one line; and one that was killed is in nobody's way."""
    way = road(sandbox)
    way.gateway.take(five)
    hold = way.proxy.hold(1, "before")
    with pushing(way) as first:
        hold.wait()
        second = way.gateway.ask("push", "there")
        assert (1, 1) == (second.returncode, len(second.stderr.splitlines()))
        assert "another nwd is pushing to there" in second.stderr
        hold.go_on()
        assert 0 == first.wait(60)
    assert 0 == way.push()[1]
