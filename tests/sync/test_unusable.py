"""Answers that are FHIR in name only, or never end: none is believed, none is a traceback, nothing is sent twice."""

import json
import socket
import threading
from contextlib import contextmanager

import httpx
import orjson
import pytest

from nowrongdoor.errors import Retry, Stop
from nowrongdoor.sandbox import HONEST, Habits
from nowrongdoor.sync import Transport, Unknown, probe

PARTS = ("Organization", "Patient", "Goal", "ServiceRequest", "CarePlan", "Provenance")
every = dict.fromkeys
CREATED = {"status": "201 Created", "location": "Goal/1/_history/1", "etag": 'W/"1"'}


def fhir(body, status=200):
    return httpx.Response(status, content=json.dumps(body))


def bundle(entry):
    return fhir({"resourceType": "Bundle", "entry": entry})


class Bent(httpx.BaseTransport):
    """Passes everything on, and bends the answers to reading requests."""

    def __init__(self, inner, bend):
        self.inner, self.bend = inner, bend

    def handle_request(self, request):
        return self.bend(request) or self.inner.handle_request(request)

    def close(self):
        self.inner.close()


@pytest.mark.parametrize(
    "bad",
    [
        {"software": "HAPI"},
        {"software": ["a"]},
        {"software": {"name": 5}},
        {"rest": [None]},
        {"rest": "x"},
        {"rest": {"a": 1}},
        {"rest": [{"interaction": ["transaction"]}]},
        {"rest": [{"interaction": [None]}]},
        {"rest": [{"interaction": [{"code": []}]}]},
        {"rest": [{"resource": ["Patient"]}]},
        {"fhirVersion": ["4.0.1"]},
    ],
)
def test_a_capability_statement_of_another_shape(bad):
    """Whatever else the server says of itself, one line tells a person that this is not FHIR R4."""
    said = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"} | bad
    with (
        httpx.Client(transport=httpx.MockTransport(lambda _: fhir(said))) as client,
        pytest.raises(Stop, match="not shaped as FHIR R4"),
    ):
        probe(Transport("https://fhir.example.test/r4", client=client), synthetic=False)


@pytest.mark.parametrize(
    "part",
    [
        None,
        "SECRET",
        {"response": "201"},
        {"response": {"status": ["SECRET"]}},
        {"response": {"status": "201", "location": 5}},
        {"response": {"status": "201", "location": "Goal/1", "etag": ["x"]}},
        {"response": {"status": "201", "location": "Goal/1", "etag": 'W/"\n"'}},
        {"response": CREATED, "resource": "SECRET"},
        {"response": CREATED, "resource": {"id": "1"}},
        {"response": CREATED, "resource": {"resourceType": "Goal", "id": ["1"]}},
        {"response": CREATED, "resource": {"resourceType": "Goal", "id": "1", "meta": []}},
        {"response": {"status": "400", "outcome": {"resourceType": "OperationOutcome", "issue": [None]}}},
    ],
)
def test_answers_to_a_transaction_of_another_shape(road, gate, part):
    """The push stops in one line that quotes nothing; all stays in doubt, and is found by reading the next time."""
    way = road(sandbox=HONEST)
    way.wire.after = lambda *_: bundle([part] * 6)

    with pytest.raises(Stop, match="a Bundle that is not shaped as FHIR R4") as told:
        way.push(gate)
    assert "SECRET" not in str(told.value)
    assert ["waiting"] * 6 == [r.state for r in way.ledger.receipts]
    assert all(way.ledger.lines[r["id"]].sending for r in gate.resources)

    way.wire.after = lambda _, response: response
    assert every(PARTS, "created") == way.push(gate)
    assert [] == way.wire.writes


@pytest.mark.parametrize(
    "entry",
    ["x", {"a": 1}, ["x", 5], [None], [{"resource": None}], [{"resource": "Goal"}], [{"resource": {"id": "1"}}]],
)
def test_search_results_of_another_shape(road, gate, entry):
    """Where ids are the server's own, nothing is created on a search that nobody can read."""
    way = road(sandbox=Habits(update_create=False))
    inner = way.wire.inner
    way.wire.inner = Bent(inner, lambda request: bundle(entry) if request.url.path.endswith("_search") else None)

    with pytest.raises(Stop, match="not shaped as FHIR R4"):
        way.push(gate)
    assert [] == way.wire.writes


def test_a_found_resource_without_an_id(road, gate):
    """What a search finds must say under which id it is kept."""
    way = road(sandbox=Habits(update_create=False))
    nameless = [{"resource": {k: v for k, v in gate["Organization"].items() if k != "id"}}]
    inner = way.wire.inner
    way.wire.inner = Bent(inner, lambda request: bundle(nameless) if request.url.path.endswith("_search") else None)

    with pytest.raises(Stop, match="not shaped as FHIR R4"):
        way.push(gate)


@pytest.mark.parametrize(
    "more",
    [
        {"meta": "x"},
        {"meta": {"tag": [None]}},
        {"meta": {"security": [{"system": [], "code": {}}]}},
        {"meta": {"profile": [{}]}},
        {"identifier": ["x"]},
        {"text": "x"},
        {"name": [{"family": ["Invented"]}]},
        {"extension": orjson.loads("[" * 900 + "]" * 900)},
    ],
)
def test_a_held_resource_of_another_shape(road, gate, more):
    """What cannot be compared is neither adopted nor overwritten."""
    way = road(sandbox=HONEST, batch=False)
    patient = gate["Patient"]
    bent = patient | more
    inner = way.wire.inner
    way.wire.inner = Bent(inner, lambda r: fhir(bent) if r.url.path.endswith(f"Patient/{patient['id']}") else None)

    with pytest.raises(Stop, match="a Patient that is not shaped as FHIR R4"):
        way.push(gate)
    assert [] == way.wire.writes


@pytest.mark.parametrize("issue", ["x", [None], [{"code": ["a"]}], [{"severity": {}, "code": {"a": 1}}]])
def test_a_refusal_of_another_shape(road, gate, issue):
    """The status decides where the outcome cannot be read; where even that needs FHIR (404), the push stops."""
    way = road(sandbox=HONEST)
    outcome = {"resourceType": "OperationOutcome", "issue": issue}
    way.wire.before = lambda _: fhir(outcome, 400)
    assert "refused" == way.push(gate)["Organization"]

    way.ledger.receipts.clear()
    way.wire.before = lambda _: fhir(outcome, 404)
    gate["Organization"]["name"] = "Renamed County"
    with pytest.raises(Stop, match="HTTP 404"):
        way.push(gate)


def same_id(entries):
    return [{"response": CREATED | {"location": f"{e['resource']['resourceType']}/s0/_history/1"}} for e in entries]


def other_type(entries):
    return [{"response": CREATED | {"location": f"Basic/s{n}/_history/1"}} for n, _ in enumerate(entries)]


def two_names(entries):
    return [{"response": CREATED, "resource": e["resource"] | {"id": f"s{n}"}} for n, e in enumerate(entries)]


def answered(places):
    def answer(request):
        return bundle(places(orjson.loads(request.content)["entry"]))

    return answer


@pytest.mark.parametrize("places", [same_id, other_type, two_names])
def test_creates_that_cannot_all_be_true(road, gate, places):
    """Two goals under one id, or an answer about another type, is no delivery: it is read, sent anew, never counted."""
    way = road(sandbox=Habits(update_create=False))
    second = gate["Goal"] | {"id": "second", "identifier": [gate["Goal"]["identifier"][0] | {"value": "second"}]}
    gate.resources.append(second)
    way.wire.before = answered(places)

    with pytest.raises(Unknown, match="another resource"):
        way.push(gate)
    assert {"waiting"} == {r.state for r in way.ledger.receipts}

    way.wire.before = lambda _: None
    assert every(PARTS, "created") == way.push(gate)


def test_creates_one_by_one_that_share_an_id(road, gate):
    """Across requests too: an id that stands for one resource is not believed of the next."""
    way = road(sandbox=Habits(update_create=False), transaction=False)
    second = gate["Goal"] | {"id": "second", "identifier": [gate["Goal"]["identifier"][0] | {"value": "second"}]}
    gate.resources = [gate["Goal"] | {"subject": {"display": "x"}}, second | {"subject": {"display": "x"}}]
    way.wire.before = lambda _: httpx.Response(201, headers={"Location": "Goal/1/_history/1", "ETag": 'W/"1"'})

    with pytest.raises(Unknown, match="another resource"):
        way.push(gate)
    assert ["created", "waiting"] == [r.state for r in way.ledger.receipts]


def test_a_create_that_is_not_there(road, gate):
    """Where the version has to be asked for, and the answer is that there is no such resource, nothing was created."""
    way = road(sandbox=Habits(update_create=False), transaction=False)
    way.wire.before = lambda _: httpx.Response(201, headers={"Location": "Organization/nowhere"})

    with pytest.raises(Unknown):
        way.push(gate)
    assert {"waiting"} == {r.state for r in way.ledger.receipts}


@contextmanager
def server(opening, pieces):
    """Answers with `opening`, then with `piece` after `piece` every few milliseconds, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve():
            with listening.accept()[0] as line:
                line.recv(65536)
                try:
                    line.sendall(opening)
                    while not over.wait(0.02):
                        line.sendall(pieces)
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/fhir"
        finally:
            over.set()
            thread.join(5)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"


@pytest.mark.parametrize(
    ("opening", "pieces"),
    [
        (b"", b""),
        (HEAD + b"X: ", b"x"),
        (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0", b"x"),
    ],
    ids=["mute", "headers", "body", "compressed"],
)
def test_an_answer_that_never_ends(opening, pieces):
    """However little comes how often, the time for one request is limited: Retry, and for a write Unknown."""
    for trouble, ask in (
        (Retry, lambda t: t.get("Goal/1")),
        (Unknown, lambda t: t.put("Goal/1", body={"resourceType": "Goal", "id": "1"})),
    ):
        with server(opening, pieces) as base, Transport(base, deadline=0.3) as transport:
            with pytest.raises(Retry, match=r"no whole answer within 0\.3 seconds|timed out") as told:
                ask(transport)
            assert trouble is type(told.value)
