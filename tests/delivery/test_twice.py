"""What may go stands on the server as it was cleared; the second time, there is nothing to say."""

from delivery.there import cleared, content

# A person is a Patient and a Provenance; a programme is a Condition, Goal, ServiceRequest, CarePlan, and an order with
# its Task. The Provenance of somebody with Part 2 data names that data, and stays with it.
SENT = {
    "plain": 2 + 6,
    "permits": 2 + 6 + 1,
    "both": 2 + 6 + 6 + 1,
    "silent": 1 + 6,
    "mental": 1 + 6,
    "organizations": 2,
}
WITHHELD = {"silent": 1 + 6, "mental": 1 + 6 + 1, "denies": 2 + 6 + 1}
HELD = {"held": 2 + 6}


def test_everything_due_ends_somewhere(road, each_server, county):
    way = road(each_server)
    way.gateway.take(county, 3)
    stays = {"withheld": sum(WITHHELD.values()), "held": sum(HELD.values())}

    counts, writes = way.push(3)
    assert {"sent": sum(SENT.values())} | stays == counts
    assert writes > 0
    assert ({"unchanged": sum(SENT.values())} | stays, 0) == way.push(3)


def test_what_stands_there_is_what_was_cleared(road, each_server, county):
    way = road(each_server)
    way.gateway.take(county, 3)
    way.push(3)

    going = cleared(way.gateway)

    assert sum(SENT.values()) == len(going)
    for id_, resource in going.items():
        assert content(resource) == content(way.there.get(resource["resourceType"], id_))


def test_a_strict_server_takes_all_of_it(road, hapi_validating, county):
    """It refuses what is not valid R4; and nothing is refused."""
    way = road(hapi_validating)
    way.gateway.take(county, 3)

    counts, _ = way.push(3)
    assert (sum(SENT.values()), None) == (counts["sent"], counts.get("refused"))
