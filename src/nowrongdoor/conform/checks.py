"""What this gateway needs of a FHIR server, one question each.

A check passes by returning; it fails with `Failed`; `Skipped` says why the server cannot be asked at all.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias
from uuid import uuid4

from nowrongdoor.conform.visit import RUN, Failed, Skipped, Visit, expect
from nowrongdoor.model import Resource, value
from nowrongdoor.sync import GATEWAY, HTEST, Answer
from nowrongdoor.sync.exchange import located, version
from nowrongdoor.sync.graph import same

Question: TypeAlias = Callable[[Visit], None]


@value
class Check:
    """`needs`: what is asked for and why; `required`: the gateway cannot do without it."""

    name: str
    needs: str
    required: bool
    ask: Question


CHECKS: Final[list[Check]] = []


def check(name: str, needs: str, *, required: bool = False) -> Callable[[Question], Question]:
    def listed(ask: Question) -> Question:
        CHECKS.append(Check(name, needs, required, ask))
        return ask

    return listed


def _name(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _etag(visit: Visit, resource: Resource) -> str:
    etag = version(visit.get(_name(resource)))
    if not etag:
        raise Skipped("the server names no version")
    return etag


def _stated(resource: Resource, key: str) -> str:
    if not (stated := resource.get("meta", {}).get(key, "")):
        raise Skipped(f"the server states no {key}")
    return str(stated)


def _entry(method: str, url: str, resource: Resource | None = None, **request: str) -> Resource:
    made: Resource = {"request": {"method": method, "url": url, **request}}
    return made | {"resource": resource, "fullUrl": f"urn:uuid:{uuid4()}"} if resource else made


def _transacted(answer: Answer) -> Answer:
    if answer.status in {404, 405, 501}:
        raise Skipped("the server takes no transactions")
    return answer


def _subject(organization: Resource) -> Resource:
    return {"resourceType": "Patient", "meta": organization["meta"], "name": [{"family": "Invented"}]}


@check("metadata", "says what it is, so that its family's habits are known", required=True)
def _(visit: Visit) -> None:
    answer = visit.get("metadata")
    expect(answer.ok and answer.body, f"HTTP {answer.status}")


@check("r4", "speaks FHIR R4, the only release sent", required=True)
def _(visit: Visit) -> None:
    stated = (visit.get("metadata").body or {}).get("fhirVersion", "")
    expect(stated.startswith("4.0."), "another FHIR release")


@check("create-read", "keeps what it is given and gives it back", required=True)
def _(visit: Visit) -> None:
    intended = visit.organization()
    answer = visit.post(intended)
    expect(answer.status == 201 and located(answer), f"create answers HTTP {answer.status}")
    found = visit.get(located(answer))
    expect(found.body and same(intended, found.body), "reads back otherwise than written")


@check("if-match", "takes an update with the ETag it gave", required=True)
def _(visit: Visit) -> None:
    held = visit.created()
    answer = visit.put(held | {"name": "nwd second"}, {"If-Match": _etag(visit, held)})
    expect(answer.status == 200, f"HTTP {answer.status}")
    expect((visit.get(_name(held)).body or {}).get("name") == "nwd second", "the update did not take")


@check("if-match-stale", "refuses an update with an old ETag, else changes of others are overwritten", required=True)
def _(visit: Visit) -> None:
    held = visit.created()
    etag = _etag(visit, held)
    visit.put(held | {"name": "nwd second"}, {"If-Match": etag})
    answer = visit.put(held | {"name": "nwd third"}, {"If-Match": etag})
    expect(answer.status in {409, 412}, f"HTTP {answer.status}")
    expect((visit.get(_name(held)).body or {}).get("name") == "nwd second", "refused, but written all the same")


@check("if-match-missing", "makes nothing when an update names what is not there: a lost database shows at once")
def _(visit: Visit) -> None:
    answer = visit.put(visit.organization(), {"If-Match": 'W/"1"'})
    expect(not answer.ok, f"HTTP {answer.status}: an update created")


@check("put-creates", "takes ids of ours, so that a repeated create makes nothing twice (else identities are searched)")
def _(visit: Visit) -> None:
    made = visit.organization()
    answer = visit.put(made)
    expect(answer.ok, f"HTTP {answer.status}")
    expect((visit.get(_name(made)).body or {}).get("id") == made["id"], "kept under another id")


@check("two-creators", "makes one resource of two creates of one id at once", required=True)
def _(visit: Visit) -> None:
    made = visit.organization()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(visit.put, [made, made | {"name": "nwd second"}]))
    if not any(answer.ok for answer in answers):
        raise Skipped("no ids of ours are taken")
    expect(len(visit.search("Organization", identifier=f"{GATEWAY}|{made['id']}")) == 1, "made it twice")


@check("search-identity", "finds a resource by its identity, and no other, right after it was written", required=True)
def _(visit: Visit) -> None:
    made = visit.organization()
    question = f"{GATEWAY}|{made['id']}"
    expect(not visit.search("Organization", identifier=question), "finds what was never written")
    answer = visit.post(made)
    expect(answer.ok, f"create answers HTTP {answer.status}")
    found = [_name(r) for r in visit.search("Organization", identifier=question)]
    expect(found == [located(answer)], f"{len(found)} found where 1 was written")


@check("search-tag", "finds by tag: Provenance has no identifier, and a test run is removed by its tag")
def _(visit: Visit) -> None:
    made = visit.created()
    found = [r["id"] for r in visit.search("Organization", _tag=f"{RUN}|{visit.run}")]
    expect(made["id"] in found, "not found by its tag")
    expect(not visit.search("Organization", _tag=f"{RUN}|never-used"), "finds by a tag that nothing carries")


@check("search-unknown", "refuses a search parameter it does not know, rather than answer another question")
def _(visit: Visit) -> None:
    answer = visit.get("Organization", params={"nwd-unknown": "x"})
    expect(not answer.ok, f"HTTP {answer.status}")


@check("last-updated", "finds what changed since a moment: the way back depends on it")
def _(visit: Visit) -> None:
    shared = [{"system": GATEWAY, "value": str(uuid4())}]
    since = f"ge{_stated(visit.created(identifier=shared), 'lastUpdated')}"
    found = visit.search("Organization", _lastUpdated=since, identifier=f"{GATEWAY}|{shared[0]['value']}")
    expect(len(found) == 1, f"{len(found)} found where 1 was written")


@check("paging", "gives long results whole, in pages")
def _(visit: Visit) -> None:
    shared = [{"system": GATEWAY, "value": str(uuid4())}]
    made = {visit.created(identifier=shared)["id"] for _ in range(5)}
    answer = visit.get("Organization", params={"identifier": f"{GATEWAY}|{shared[0]['value']}", "_count": "2"})
    seen = set[str]()
    for _ in range(5):
        seen |= {r.get("id", "") for r in answer.found}
        links = (answer.body or {}).get("link", ())
        if not (following := next((k.get("url", "") for k in links if k.get("relation") == "next"), "")):
            break
        answer = visit.get(following)
    expect(seen == made, f"{len(seen & made)} of 5 came")


@check("vread", "gives back an earlier version")
def _(visit: Visit) -> None:
    held = visit.created()
    visit.put(held | {"name": "nwd second"})
    old = visit.get(f"{_name(held)}/_history/{_stated(held, 'versionId')}")
    expect((old.body or {}).get("name") == "nwd test", f"HTTP {old.status}")


@check("history", "lists the versions of a resource")
def _(visit: Visit) -> None:
    held = visit.created()
    visit.put(held | {"name": "nwd second"})
    answer = visit.get(f"{_name(held)}/_history")
    expect(answer.ok, f"HTTP {answer.status}")
    count = len(answer.parts)
    expect(count == 2, f"{count} versions where there are 2")


@check("transaction", "takes a person's graph in one request and ties its references (else one by one)")
def _(visit: Visit) -> None:
    organization = visit.organization()
    first = _entry("POST", "Organization", {k: v for k, v in organization.items() if k != "id"})
    patient = _subject(organization) | {"managingOrganization": {"reference": first["fullUrl"]}}
    answer = _transacted(visit.bundle("transaction", _entry("POST", "Patient", patient), first))
    expect(answer.ok, f"HTTP {answer.status}")
    places = [located(part) for part in answer.parts]
    expect(len(places) == 2, f"{len(places)} answers to 2 requests")
    patient_at, organization_at = places
    expect(patient_at.startswith("Patient/"), "answers about another resource")
    found = (visit.get(patient_at).body or {}).get("managingOrganization", {}).get("reference")
    expect(found == organization_at, "a reference within the transaction does not lead to its target")


def _refused_together(visit: Visit) -> tuple[Answer, Resource, Resource]:
    """A good new resource and a stale update in one transaction: its answer, the good one, the one it would update."""
    held, good = visit.created(), visit.organization()
    etag = _etag(visit, held)
    visit.put(held | {"name": "nwd second"}, {"If-Match": etag})
    stale = _entry("PUT", _name(held), held | {"name": "nwd third"}, ifMatch=etag)
    body = {k: v for k, v in good.items() if k != "id"}
    return _transacted(visit.bundle("transaction", _entry("POST", "Organization", body), stale)), good, held


@check("transaction-stale", "refuses an old ETag in a transaction too", required=True)
def _(visit: Visit) -> None:
    answer, _, held = _refused_together(visit)
    expect(not answer.ok, f"HTTP {answer.status}")
    expect((visit.get(_name(held)).body or {}).get("name") == "nwd second", "refused, but written all the same")


@check("rollback", "leaves nothing of a transaction that it refuses (else everything is read again)")
def _(visit: Visit) -> None:
    answer, good, _ = _refused_together(visit)
    if answer.ok:
        raise Skipped("it refused nothing")
    expect(not visit.search("Organization", identifier=f"{GATEWAY}|{good['id']}"), "the good half stayed")


@check("batch-reads", "answers many reads in one request (else one by one)")
def _(visit: Visit) -> None:
    held = visit.created()
    answer = visit.bundle("batch", _entry("GET", _name(held)), _entry("GET", f"Organization/{uuid4()}"))
    expect(answer.ok, f"HTTP {answer.status}")
    said = [str(part.status) for part in answer.parts]
    expect(said in (["200", "404"], ["200", "410"]), f"entries answer {', '.join(said) or 'nothing'}")


@check("conditional-create", "makes nothing twice when a create names its identity")
def _(visit: Visit) -> None:
    made = visit.organization()
    condition = {"If-None-Exist": f"identifier={GATEWAY}%7C{made['id']}"}
    answers = [visit.post(made, condition) for _ in range(2)]
    expect(all(answer.ok for answer in answers), "refused")
    expect(len(visit.search("Organization", identifier=f"{GATEWAY}|{made['id']}")) == 1, "made it twice")


@check("no-op", "keeps the version when nothing changes (we compare before sending anyway)")
def _(visit: Visit) -> None:
    held = visit.created()
    before = _etag(visit, held)
    visit.put(held, {"If-Match": before})
    expect(_etag(visit, held) == before, "a new version without a change")


@check("labels", "keeps confidentiality labels and tags: they travel with the data", required=True)
def _(visit: Visit) -> None:
    very = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    intended = visit.organization()
    intended["meta"]["security"] = [*intended["meta"]["security"], very]
    found = visit.created(meta=intended["meta"])
    codes = {label.get("code") for label in found.get("meta", {}).get("security", ())}
    expect(codes == {"HTEST", "V"}, "labels lost or added")


@check("label-removal", "drops a label that a new version no longer carries")
def _(visit: Visit) -> None:
    held = visit.created()
    visit.put(held | {"meta": {"security": [HTEST]}}, {"If-Match": _etag(visit, held)})
    expect(not (visit.get(_name(held)).body or {}).get("meta", {}).get("tag"), "the label is still there")


@check("round-trip", "keeps extensions and decimals it does not know", required=True)
def _(visit: Visit) -> None:
    more = [{"url": f"{GATEWAY}/unknown", "valueDecimal": 1234.5678}]
    name = {"extension": [{"url": f"{GATEWAY}/unknown", "valueCode": "x"}]}
    found = visit.created(extension=more, _name=name)
    expect(found.get("extension") == more and found.get("_name") == name, "lost or changed")


@check("missing-target", "refuses a reference to what is not there (we check before sending anyway)")
def _(visit: Visit) -> None:
    answer = visit.post(visit.organization(partOf={"reference": f"Organization/{uuid4()}"}))
    expect(not answer.ok, f"HTTP {answer.status}")


@check("delete", "lets test data go, and says that it is gone")
def _(visit: Visit) -> None:
    held = visit.created()
    answer = visit.delete(_name(held))
    if answer.status in {403, 405, 501}:
        raise Skipped("it deletes nothing")
    expect(answer.ok, f"HTTP {answer.status}")
    found = visit.get(_name(held))
    if found.status not in {404, 410}:
        raise Failed(f"still answers HTTP {found.status}")
