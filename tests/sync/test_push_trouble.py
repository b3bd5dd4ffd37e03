"""When servers refuse, vanish, or say nothing, the push reads before it repeats and tells what waits."""

import logging

import httpx
import orjson
import pytest

from nowrongdoor.errors import Retry, Stop
from nowrongdoor.model import Withheld
from nowrongdoor.sandbox import HONEST, Habits

PARTS = ("Organization", "Patient", "Goal", "ServiceRequest", "CarePlan", "Provenance")
every = dict.fromkeys


def once(act):
    """Does `act` to the first writing request only."""
    left = [act]
    return lambda *request: left.pop()(*request) if left else (request[1] if len(request) > 1 else None)


def cut(*_):
    raise httpx.ReadError("cut")


def test_a_lost_answer_is_read_not_repeated(road, gate):
    """The server did it, the answer never came: the next step reads, finds it, and sends nothing twice."""
    way = road(sandbox=HONEST)
    way.wire.after = once(cut)

    assert every(PARTS, "created") == way.push(gate)
    assert 1 == len(way.wire.writes)
    assert [1] * 6 == [way.versions(r) for r in gate.resources]


def test_a_lost_request_is_sent_again(road, gate):
    """The connection broke before the server saw it: the next step reads, finds nothing, and sends."""
    way = road(sandbox=HONEST)
    way.wire.before = once(cut)

    assert every(PARTS, "created") == way.push(gate)
    assert [1] * 6 == [way.versions(r) for r in gate.resources]


def test_a_server_that_is_down(road, gate):
    """Four tries, the gate asked at each; then everything waits in the ledger and the caller is told."""
    way = road(sandbox=HONEST)

    def refuse(_):
        raise httpx.ConnectError("refused")

    way.wire.before = refuse
    with pytest.raises(Retry, match="does not answer"):
        way.push(gate)

    assert 4 == len(way.wire.writes)
    assert 4 == gate.asked
    assert ["waiting"] * 6 == [r.state for r in way.ledger.receipts]


def test_a_server_that_asks_for_patience(road, gate, respond):
    """503 with a short Retry-After is tried again; one that asks for an hour is left at once, and says so."""
    way = road(sandbox=HONEST)
    way.wire.before = once(lambda _: respond(503, "transient", retry_after="1"))
    assert every(PARTS, "created") == way.push(gate)

    gate["Goal"]["description"]["text"] = "swim"
    way.wire.before = lambda _: respond(429, "throttled", retry_after="3600")
    with pytest.raises(Retry) as told:
        way.push(gate)
    assert 3600 == told.value.after
    assert 1 == len(way.wire.writes)


def test_permission_withdrawn_between_two_tries(road, gate, respond):
    """The gate is asked again before a retry: what it no longer clears does not leave."""
    way = road(sandbox=HONEST)

    permitted = [True]

    def withdraw(_):
        permitted.clear()
        return respond(503, "transient")

    def law():
        return gate() if permitted else [Withheld(cleared.parcel, "no-consent") for cleared in gate()]

    way.wire.before = once(withdraw)

    assert {} == way.push(law)
    assert 1 == len(way.wire.writes)
    assert 404 == way.transport.get(f"Patient/{gate['Patient']['id']}").status


@pytest.mark.parametrize("status", [412, 409])
def test_somebody_else_changed_it(road, gate, rule, status):
    """A stale ETag is answered by reading the current version, and that one is not ours to overwrite."""
    way = road(sandbox=Habits(stale_status=status))
    way.push(gate)
    theirs = way.held(gate["Goal"]) | {"priority": {"text": "high"}}
    way.transport.put(f"Goal/{theirs['id']}", body=theirs)
    gate["Goal"]["description"]["text"] = gate["ServiceRequest"]["code"]["text"] = "swim"

    for wanted in ("updated", "unchanged"):
        assert every(PARTS, "unchanged") | {"Goal": "held", "ServiceRequest": wanted} == way.push(gate)
        assert "changed-there" == rule(way.ledger, "Goal")
        assert "high" == way.held(gate["Goal"])["priority"]["text"]


def test_somebody_else_stored_it_anew(road, gate):
    """A version that says what the server acknowledged is ours to follow, whoever wrote it."""
    way = road(sandbox=HONEST)
    way.push(gate)
    way.transport.put(f"Goal/{gate['Goal']['id']}", body=way.held(gate["Goal"]) | {"priority": {"text": "high"}})
    way.transport.put(f"Goal/{gate['Goal']['id']}", body=dict(gate["Goal"]))
    gate["Goal"]["description"]["text"] = "swim"

    assert every(PARTS, "unchanged") | {"Goal": "updated"} == way.push(gate)


def test_what_we_point_to_no_more_is_known_by_its_name_there(road, gate):
    """On a server that chooses ids, what it acknowledged is read with its own names: put back, it is no change."""
    way = road(sandbox=Habits(update_create=False))
    way.push(gate)
    plan = way.ledger.lines[gate["CarePlan"]["id"]].server_id
    there = way.transport.get(f"CarePlan/{plan}").body
    for title in ("Theirs", None):
        way.transport.put(f"CarePlan/{plan}", body={**there, **({"title": title} if title else {})})
    gate.resources = [r for r in gate.resources if r["resourceType"] != "Goal"]
    del gate["CarePlan"]["goal"]

    assert "updated" == way.push(gate)["CarePlan"]


def test_an_update_that_creates_is_an_alarm(road, gate, rule):
    """On a server that lost its data and makes anew what an update names, the receipt says held, not updated."""
    first, second = road(sandbox=HONEST), road(sandbox=Habits(create_on_if_match=True))
    first.push(gate)
    second.ledger = first.ledger
    gate["Organization"]["name"] = "Renamed County"

    assert "held" == second.push(gate)["Organization"]
    assert "update-created" == rule(second.ledger, "Organization")


def test_what_vanished_is_not_made_again(road, gate, rule):
    """What we created and somebody deleted is held for a person, with what points to it."""
    first, second = road(sandbox=HONEST), road(sandbox=HONEST)
    first.push(gate)
    second.ledger = first.ledger
    gate["Organization"]["name"] = "Renamed County"
    gate["Patient"]["active"] = True

    assert every(PARTS, "unchanged") | {"Organization": "held", "Patient": "held"} == second.push(gate)
    assert ["gone-there", "follows"] == [rule(second.ledger, kind) for kind in ("Organization", "Patient")]


def test_one_bad_resource_does_not_stop_the_others(road, gate, respond):
    """The culprit is found by halving, refused with a reason that names no value; what needs it is held."""
    way = road(sandbox=HONEST)

    def picky(request):
        if b'"Goal"' in request.content:
            return respond(422, "invariant", "Goal.description: 'walk daily' of Invented is not allowed")
        return None

    way.wire.before = picky
    states = way.push(gate)

    created = {"Organization": "created", "Patient": "created", "ServiceRequest": "created"}
    assert created | {"Goal": "refused", "CarePlan": "held", "Provenance": "held"} == states
    told = next(r.issue.cause for r in way.ledger.receipts if r.state == "refused")
    assert "the server refuses it: HTTP 422 invariant Goal.description" == told


def test_answers_that_do_not_match_requests(road, gate):
    """A response with an entry missing proves nothing: what happened is read."""
    way = road(sandbox=HONEST)

    def lose_one(_, response):
        body = orjson.loads(response.content)
        return httpx.Response(200, content=orjson.dumps(body | {"entry": body["entry"][1:]}))

    way.wire.after = once(lose_one)

    assert every(PARTS, "created") == way.push(gate)
    assert 1 == len(way.wire.writes)


def test_answers_about_another_resource(road, gate):
    """Right number, wrong order: no ETag is put to the wrong name."""
    way = road(sandbox=HONEST)

    def turn(_, response):
        body = orjson.loads(response.content)
        return httpx.Response(200, content=orjson.dumps(body | {"entry": body["entry"][::-1]}))

    way.wire.after = once(turn)

    assert every(PARTS, "created") == way.push(gate)
    assert 1 == len(way.wire.writes)
    for r in gate.resources:
        assert way.ledger.lines[r["id"]].etag == way.transport.get(f"{r['resourceType']}/{r['id']}").etag


def test_a_token_that_ran_out(road, gate, respond):
    """401 stops: nobody tries again, everything waits."""
    way = road(sandbox=HONEST)
    way.wire.before = lambda _: respond(401, "login")

    with pytest.raises(Stop, match="HTTP 401"):
        way.push(gate)
    assert 1 == len(way.wire.writes)
    assert ["waiting"] * 6 == [r.state for r in way.ledger.receipts]


def test_a_graph_that_never_settles(road, gate, respond, rule):
    """A conflict that comes back at every try leaves this graph waiting and lets the caller go on with the next."""
    way = road(sandbox=HONEST)
    way.wire.before = lambda _: respond(409, "conflict", "HAPI-0550: HAPI-0823: somebody was faster")

    assert every(PARTS, "waiting") == way.push(gate)
    assert "contested" == rule(way.ledger, "Goal")


def test_nothing_of_a_person_in_logs_or_texts(road, gate, caplog, respond):
    """Names and ids' contents reach neither the log nor an exception, however much the server chatters."""
    caplog.set_level(logging.DEBUG)
    way = road(sandbox=HONEST)
    way.wire.before = lambda _: respond(500, "exception", "insert into HFJ_RES values ('Invented', '1980-02-03')")
    way.push(gate)
    way.wire.before = lambda _: respond(503, "transient", "patient Invented born 1980-02-03 is locked")
    with pytest.raises(Retry) as told:
        way.push(gate)

    for text in (caplog.text, str(told.value), *(str(r.issue) for r in way.ledger.receipts)):
        assert "1980-02-03" not in text
        assert "Invented" not in text
