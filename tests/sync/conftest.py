"""One invented person's graph, a ledger in memory, a gate that clears it, and a wire that can be cut."""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

import httpx
import orjson
import pytest
import stamina

from nowrongdoor.model import Cleared, Kept, Key, Parcel, Receipt, Resource, Withheld
from nowrongdoor.sandbox import running
from nowrongdoor.sync import GATEWAY, HTEST, Server, Transport, probe, push_graph

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass
class Line:
    server_id: str = ""
    etag: str = ""
    sent_hash: str = ""
    sending: str = ""
    base: bytes = b""


@dataclass
class Ledger:
    """Book in memory; `log` tells in which order it was written."""

    lines: dict[str, Line] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def entries(self, ids: Sequence[str]) -> Mapping[str, Line]:
        return {i: self.lines[i] for i in ids if i in self.lines and (self.lines[i].sending or self.lines[i].sent_hash)}

    def sending(self, items: Sequence[tuple[str, str]]) -> None:
        self.log.append("sending")
        for id_, hash_ in items:
            self.lines.setdefault(id_, Line()).sending = hash_

    def receipt(self, receipts: Sequence[Receipt]) -> None:
        self.log.append("receipt")
        self.receipts += receipts
        for r in receipts:
            if r.state not in {"held", "refused", "waiting"}:
                self.lines[r.cleared.resource["id"]] = Line(
                    r.server_id, r.etag, r.sent_hash, base=json.dumps(r.cleared.resource).encode()
                )


class Gate:
    """Clears whatever stands in `resources` at the moment it is asked, and counts how often it was."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources = list(resources)
        self.asked = 0

    def __call__(self) -> list[Cleared]:
        self.asked += 1
        return [cleared(r) for r in self.resources]

    def __getitem__(self, kind: str) -> Resource:
        return next(r for r in self.resources if r["resourceType"] == kind)


def cleared(resource: Resource) -> Cleared:
    """As if the gate had said yes; tests of the push need no law."""
    kept = Kept("test", Key("person", "1"), "1", "", resource, synthetic=True)
    return Cleared._mint(Parcel(kept, "test"), resource, "test")


def person_graph(seed: str) -> list[Resource]:
    """Organization, Patient, Goal, ServiceRequest, CarePlan, Provenance; wholes before their parts on purpose."""
    kinds = ("Organization", "Patient", "Goal", "ServiceRequest", "CarePlan", "Provenance")
    ids = {kind: str(uuid5(NAMESPACE_URL, seed + kind)) for kind in kinds}
    ref = {kind: {"reference": f"{kind}/{id_}"} for kind, id_ in ids.items()}

    def head(kind: str) -> Resource:
        made: Resource = {"resourceType": kind, "id": ids[kind], "meta": {"security": [HTEST]}}
        if kind == "Provenance":
            made["meta"]["tag"] = [{"system": GATEWAY, "code": ids[kind]}]
        else:
            made["identifier"] = [{"system": GATEWAY, "value": ids[kind]}]
        return made

    plan = {"status": "active", "intent": "plan", "subject": ref["Patient"], "goal": [ref["Goal"]]}
    wish = {"lifecycleStatus": "active", "description": {"text": "walk daily"}, "subject": ref["Patient"]}
    asked = {"status": "active", "intent": "order", "subject": ref["Patient"], "code": {"text": "housing"}}
    made_by = {"target": [ref["CarePlan"]], "recorded": "2026-01-05T09:00:00Z", "agent": [{"who": ref["Organization"]}]}
    return [
        head("Provenance") | made_by,
        head("CarePlan") | plan | {"activity": [{"reference": ref["ServiceRequest"]}]},
        head("ServiceRequest") | asked,
        head("Goal") | wish,
        head("Patient")
        | {"name": [{"family": "Invented"}], "birthDate": "1980-02-03", "managingOrganization": ref["Organization"]},
        head("Organization") | {"name": "Invented County"},
    ]


class Wire(httpx.BaseTransport):
    """Carries requests to the real server, counts them, and does what `trouble` says to the n-th writing one.

    `before(request)` may answer in the server's stead, or raise; `after(request, response)` sees what really came back.
    """

    def __init__(self) -> None:
        self.inner = httpx.HTTPTransport()
        self.reads: list[str] = []
        self.writes: list[str] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self.after: Callable[[httpx.Request, httpx.Response], httpx.Response] = lambda _, response: response

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        reading = request.method == "GET" or request.url.path.endswith("_search") or b'"type":"batch"' in content
        (self.reads if reading else self.writes).append(f"{request.method} {request.url.path}")
        if reading:
            return self.inner.handle_request(request)
        if (answer := self.before(request)) is not None:
            return answer
        response = self.inner.handle_request(request)
        response.read()
        return self.after(request, response)

    def close(self) -> None:
        self.inner.close()


class Road:
    """One server, the ledger that goes with it, and a push with everything settled."""

    def __init__(self, base: str, **habits: object) -> None:
        self.wire = Wire()
        self.client = httpx.Client(transport=self.wire, timeout=60)
        self.transport = Transport(base, client=self.client)
        self.server = Server(
            self.transport, replace(probe(self.transport, synthetic=True), **habits), clock=lambda: NOW
        )
        self.ledger = Ledger()
        self.forget()

    def forget(self) -> None:
        self.wire.reads, self.wire.writes = [], []

    def push(self, gate: Callable[[], Sequence[Cleared | Withheld]]) -> dict[str, str]:
        """Resource type -> state, of a graph with one resource a type; counts requests from here on."""
        self.forget()
        results = push_graph(self.server, gate, self.ledger)
        return {r.cleared.resource["resourceType"]: r.state for r in results if isinstance(r, Receipt)}

    def held(self, resource: Resource) -> Resource:
        """What the server has of it, under whichever id."""
        line = self.ledger.lines.get(resource["id"], Line())
        return self.transport.get(f"{resource['resourceType']}/{line.server_id or resource['id']}").body or {}

    def versions(self, resource: Resource) -> int:
        line = self.ledger.lines.get(resource["id"], Line())
        answer = self.transport.get(f"{resource['resourceType']}/{line.server_id or resource['id']}/_history")
        return len((answer.body or {}).get("entry", ()))


@pytest.fixture
def road():
    """Opens roads to servers, or to a sandbox with habits of its own; closes all at the end."""
    with contextlib.ExitStack() as stack:

        def to(base: str = "", *, sandbox: object = None, **habits: object) -> Road:
            made = Road(base or stack.enter_context(running(habits=sandbox)), **habits)
            stack.callback(made.client.close)
            return made

        yield to


def issue_of(ledger: Ledger, kind: str) -> str:
    """The rule in the last receipt for that type."""
    found = [r for r in ledger.receipts if r.cleared.resource["resourceType"] == kind and r.issue]
    return found[-1].issue.rule if found else ""


@pytest.fixture
def rule():
    return issue_of


@pytest.fixture
def gate(request):
    return Gate(person_graph(request.node.nodeid))


@pytest.fixture
def respond():
    """An OperationOutcome as a server would answer it."""

    def outcome(status: int, code: str = "processing", diagnostics: str = "", **headers: str) -> httpx.Response:
        body = {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": code, "diagnostics": diagnostics}],
        }
        return httpx.Response(
            status, content=orjson.dumps(body), headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    return outcome


@pytest.fixture(autouse=True)
def no_waiting():
    """Four attempts as in earnest, without the pauses between them."""
    with stamina.set_testing(True, attempts=4):
        yield
