"""A person's graph reaches a server once, whatever happens on the way."""

import pytest

from nowrongdoor.sandbox import HONEST, Habits

PARTS = ("Organization", "Patient", "Goal", "ServiceRequest", "CarePlan", "Provenance")
every = dict.fromkeys


def test_first_push_creates_and_second_says_nothing(road, gate, each_server):
    """The whole graph goes in one transaction after one read; the same again costs no request at all."""
    way = road(each_server)

    assert every(PARTS, "created") == way.push(gate)
    assert (1, 1) == (len(way.wire.reads), len(way.wire.writes))

    assert every(PARTS, "unchanged") == way.push(gate)
    assert [] == way.wire.reads + way.wire.writes


def test_only_what_changed_is_sent(road, gate, each_server):
    """One PUT for one changed resource, with the ETag in the ledger; the ledger then holds the one the server has."""
    way = road(each_server)
    way.push(gate)
    gate["Goal"]["description"]["text"] = "walk weekly"

    assert every(PARTS, "unchanged") | {"Goal": "updated"} == way.push(gate)

    assert [] == way.wire.reads
    assert 1 == len(way.wire.writes)
    assert "walk weekly" == way.held(gate["Goal"])["description"]["text"]
    now = way.transport.get(f"Goal/{gate['Goal']['id']}").etag
    assert now == way.ledger.lines[gate["Goal"]["id"]].etag


def test_etags_of_a_transaction_serve_the_next_one(road, gate, each_server):
    """Several changes at once, twice: what the first transaction answered is accepted by the second as If-Match."""
    way = road(each_server)
    way.push(gate)
    for text in ("swim", "sing"):
        gate["Goal"]["description"]["text"] = gate["ServiceRequest"]["code"]["text"] = text

        assert every(PARTS, "unchanged") | {"Goal": "updated", "ServiceRequest": "updated"} == way.push(gate)
        assert (0, 1) == (len(way.wire.reads), len(way.wire.writes))


def test_lost_ledger_adopts_what_is_there(road, gate, each_server):
    """With an empty ledger, and the same content on the server, nothing is written."""
    way = road(each_server)
    way.push(gate)
    way.ledger.lines.clear()

    assert every(PARTS, "adopted") == way.push(gate)
    assert [] == way.wire.writes


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("answered", [True, False], ids=["after the server did it", "before it left"])
def test_a_kill_between_request_and_receipt(road, gate, each_server, answered):
    """What was in flight is read, then completed or left: one version of each, and the next push has nothing to do."""
    way = road(each_server)

    def die(*_):
        raise Killed

    if answered:
        way.wire.after = die
    else:
        way.wire.before = die
    with pytest.raises(Killed):
        way.push(gate)
    way.wire.after, way.wire.before = (lambda _, response: response), (lambda _: None)

    assert every(PARTS, "created") == way.push(gate)
    assert (0 if answered else 1) == len(way.wire.writes)
    assert every(PARTS, "unchanged") == way.push(gate)
    assert [1] * 6 == [way.versions(r) for r in gate.resources]


def test_written_down_before_it_leaves(road, gate):
    """The ledger knows what is in flight before the first byte of it is sent, and the outcome after."""
    way = road(sandbox=HONEST)
    seen = []
    way.wire.before = lambda _: seen.append([line.sending != "" for line in way.ledger.lines.values()])
    way.push(gate)

    assert [[True] * 6] == seen
    assert ["sending", "receipt"] == way.ledger.log


def test_a_server_that_chooses_ids(road, gate):
    """Found by identity or created under the server's id; references lead to the server's ids; once only."""
    way = road(sandbox=Habits(update_create=False))
    assert not way.server.habits.update_create

    assert every(PARTS, "created") == way.push(gate)

    plan, patient = way.held(gate["CarePlan"]), way.held(gate["Patient"])
    assert gate["Patient"]["id"] != patient["id"]
    assert f"Patient/{patient['id']}" == plan["subject"]["reference"]
    assert [f"Goal/{way.held(gate['Goal'])['id']}"] == [g["reference"] for g in plan["goal"]]
    assert f"CarePlan/{plan['id']}" == way.held(gate["Provenance"])["target"][0]["reference"]

    assert every(PARTS, "unchanged") == way.push(gate)
    assert [] == way.wire.reads + way.wire.writes
    way.ledger.lines.clear()
    assert every(PARTS, "adopted") == way.push(gate)
    assert [] == way.wire.writes


def test_a_new_part_of_a_graph_whose_ids_the_server_chose(road, gate):
    """What is created later points to what the ledger knows under the server's ids."""
    way = road(sandbox=Habits(update_create=False))
    whole = gate.resources
    gate.resources = [r for r in whole if r["resourceType"] in {"Organization", "Patient"}]
    way.push(gate)
    gate.resources = whole

    assert every(PARTS, "created") | {"Organization": "unchanged", "Patient": "unchanged"} == way.push(gate)
    assert f"Patient/{way.held(gate['Patient'])['id']}" == way.held(gate["Goal"])["subject"]["reference"]


def test_two_of_one_identity_are_held(road, gate):
    """Where a server holds our identity twice, nobody picks one; what points to it waits for a person too."""
    way = road(sandbox=Habits(update_create=False))
    twin = {k: v for k, v in gate["Goal"].items() if k not in {"id", "subject"}}
    for _ in range(2):
        way.transport.post("Goal", body=twin)

    states = way.push(gate)

    assert {"Goal", "CarePlan", "Provenance"} == {kind for kind, state in states.items() if state == "held"}


@pytest.mark.parametrize("habits", [{"transaction": False}, {"transaction": False, "batch": False}, {"batch": False}])
def test_servers_that_take_no_bundles(road, gate, sandbox, habits):
    """One by one, dependencies first; the end is the same."""
    way = road(sandbox, **habits)

    assert every(PARTS, "created") == way.push(gate)
    if not habits.get("transaction", True):
        assert PARTS == tuple(w.split("/")[2] for w in way.wire.writes)
    assert every(PARTS, "unchanged") == way.push(gate)


def test_a_limit_on_entries_cuts_the_graph_in_order(road, gate):
    """Never a reference to a later bundle: a server that checks references takes all three."""
    way = road(sandbox=HONEST, put_entries_max=2)

    assert every(PARTS, "created") == way.push(gate)
    assert 3 == len(way.wire.writes)
    assert 4 == gate.asked  # once before each request, and once to see that nothing is left


def test_a_limit_nobody_announced(road, gate):
    """A bundle that is too big is halved until it fits."""
    way = road(sandbox=Habits(max_put_entries=2), put_entries_max=50)

    assert every(PARTS, "created") == way.push(gate)
    assert every(PARTS, "unchanged") == way.push(gate)


@pytest.mark.parametrize("etag", ["weak", "bare", "none"])
def test_whatever_a_transaction_says_of_versions(road, gate, etag):
    """Version in any form, or in none: what the ledger holds afterwards is accepted as If-Match."""
    way = road(sandbox=Habits(entry_etag=etag))
    way.push(gate)
    gate["Goal"]["description"]["text"] = "swim"

    assert "updated" == way.push(gate)["Goal"]


def test_what_it_points_to_must_be_there(road, gate, rule):
    """A reference out of the graph that the server does not hold makes its bearer wait, and what follows it."""
    way = road(sandbox=HONEST)
    gate.resources = [r for r in gate.resources if r["resourceType"] != "Organization"]

    assert {"Patient", "Goal", "ServiceRequest", "CarePlan", "Provenance"} == {
        kind for kind, state in way.push(gate).items() if state == "waiting"
    }
    assert [] == way.wire.writes
    assert ["target-not-there", "follows"] == [rule(way.ledger, kind) for kind in ("Patient", "Goal")]


def test_what_it_points_to_may_have_gone_before(road, gate):
    """A reference out of the graph to what the ledger knows on that server is fine."""
    way = road(sandbox=HONEST)
    whole = gate.resources
    gate.resources = whole[-1:]
    way.push(gate)
    gate.resources = whole[:-1]

    assert every(PARTS[1:], "created") == way.push(gate)


@pytest.mark.parametrize("change", [{"birthDate": "1980-02-04"}, {"name": [{"family": "Other"}]}])
def test_a_stranger_under_our_identity_is_held(road, gate, change, rule):
    """Without a record of having created it, a Patient with another name or birth date is not overwritten."""
    way = road(sandbox=HONEST)
    way.push(gate)
    way.ledger.lines.clear()
    before = way.transport.get(f"Patient/{gate['Patient']['id']}").etag
    gate["Patient"].update(change)

    states = way.push(gate)

    assert every(PARTS, "held") | {"Organization": "adopted"} == states
    assert ["strangers", "follows"] == [rule(way.ledger, kind) for kind in ("Patient", "CarePlan")]
    assert before == way.transport.get(f"Patient/{gate['Patient']['id']}").etag


def test_our_own_may_change_its_name(road, gate):
    """What the ledger says we created is ours, even when the name is mended while the outcome is in doubt."""
    way = road(sandbox=HONEST)
    way.push(gate)
    way.ledger.lines[gate["Patient"]["id"]].sending = "lost"
    gate["Patient"]["name"] = [{"family": "Mended"}]

    assert "updated" == way.push(gate)["Patient"]


def test_unmarked_resource_under_our_id_is_held(road, gate, rule):
    """A resource that does not carry our identity is a stranger's, even under our id."""
    way = road(sandbox=HONEST)
    goal = {k: v for k, v in gate["Goal"].items() if k not in {"identifier", "subject"}}
    way.transport.put(f"Goal/{goal['id']}", body=goal)

    assert "held" == way.push(gate)["Goal"]
    assert "strangers" == rule(way.ledger, "Goal")
