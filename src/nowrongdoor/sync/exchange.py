"""Reads and writes a few resources of one graph on one server, singly or in one bundle, whatever the server's habits.

Answers inside a bundle are brought into the shape of single answers, so that nobody else needs to know which it was.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from nowrongdoor.errors import Retry, Stop
from nowrongdoor.model import Resource
from nowrongdoor.sync.answers import Command, Reaction, classify, problem
from nowrongdoor.sync.graph import Item, carries, identity, renamed
from nowrongdoor.sync.probe import Habits
from nowrongdoor.sync.transport import Answer, Transport, Unknown

GATEWAY: Final = "https://w3id.org/nowrongdoor/id/gateway"
_LOCATION = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/([A-Za-z0-9.-]{1,64}))?$")


@dataclass(frozen=True, slots=True)
class Server:
    """A server as the push sees it. `gateway`: the identifier system under which resources carry our own ids."""

    transport: Transport
    habits: Habits
    clock: Callable[[], datetime]
    gateway: str = GATEWAY
    attempts: int = 4


class Found(NamedTuple):
    """What a server holds under our identity; `rule`: why nobody can tell."""

    resource: Resource | None = None
    etag: str = ""
    rule: str = ""


def read(server: Server, items: Sequence[Item]) -> dict[str, Found]:
    """By our id: what is there now. Items without a `server_id` are searched for by their identity."""
    known = [item for item in items if item.server_id]
    found = {item.id: _search(server, item) for item in items if not item.server_id}
    if server.habits.batch and len(known) > 1:
        return found | _read_batch(server, known)
    return found | {item.id: _found(server, _get(server, item)) for item in known}


def send(server: Server, items: Sequence[Item], names: Mapping[str, str]) -> tuple[Answer, list[Answer]]:
    """One request for all of them, in one transaction where there are several; with it one answer for each.

    `names`: our references as this server calls them. Raises Unknown where the answers do not match the requests.
    """
    taken = {there for name, there in names.items() if name not in {item.name for item in items}}
    names = {**names, **{item.name: f"urn:uuid:{item.id}" for item in items if not item.server_id}}
    entries = [_entry(server, item, names) for item in items]
    if len(entries) == 1:
        answer = _send_single(server, entries[0])
        parts = [answer]
    else:
        answer = server.transport.post("", body={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        parts = _parts(server, answer, len(items)) if answer.ok else []
    for item, part in zip(items, parts if answer.ok else (), strict=False):
        kind, _, id_ = (place := located(part)).partition("/")
        if kind != item.kind or item.server_id not in {"", id_} or place in taken:
            raise Unknown(f"{server.transport.base} answers about another resource than the one sent")
        taken.add(place)
    return answer, parts


def located(answer: Answer) -> str:
    """Where the server keeps what it speaks of, as "Type/id"; "" where it says nothing, or two things."""
    match = _LOCATION.search(answer.headers.get("location", ""))
    places = {f"{match[1]}/{match[2]}"} if match else set()
    if answer.body and "id" in answer.body and answer.kind != "OperationOutcome":
        places.add(f"{answer.kind}/{answer.body['id']}")
    return places.pop() if len(places) == 1 else ""


def version(answer: Answer) -> str:
    """What to say in If-Match next time: the ETag as received, else one made of the version the answer names."""
    if answer.etag:
        return answer.etag
    if answer.body and answer.kind != "OperationOutcome" and (named := answer.body.get("meta", {}).get("versionId")):
        return f'W/"{named}"'
    match = _LOCATION.search(answer.headers.get("location", ""))
    return f'W/"{match[3]}"' if match and match[3] else ""


def current_etag(server: Server, answer: Answer) -> str:
    """The ETag of what was just written; asked for where the answer does not name it. Unknown where it is not there."""
    if etag := version(answer):
        return etag
    there = _found(server, server.transport.get(located(answer)))
    if there.resource is None:
        raise Unknown(f"{server.transport.base} does not have what it says it took")
    return there.etag


def _get(server: Server, item: Item) -> Answer:
    return server.transport.get(f"{item.kind}/{item.server_id}")


def _found(server: Server, answer: Answer) -> Found:
    if answer.ok and answer.body:
        return Found(answer.body, version(answer))
    if answer.status in {404, 410}:
        return Found()
    raise refusal(server, answer, "read")


def refusal(server: Server, answer: Answer, command: Command) -> Retry | Stop:
    """The exception for an answer that tells nothing about any one resource."""
    said = problem(answer.body)
    cause = f"{server.transport.base} answers HTTP {answer.status} {said.said}".rstrip()
    if classify(answer.status, server.habits.family, said.codes, said.hapi, command) in {
        Reaction.STOP,
        Reaction.QUARANTINE,
    }:
        return Stop(cause, "check what our account may do there")
    return Retry(cause, after=answer.after(server.clock()))


def _read_batch(server: Server, items: Sequence[Item]) -> dict[str, Found]:
    wanted = [f"{item.kind}/{item.server_id}" for item in items]
    entries = [{"request": {"method": "GET", "url": url}} for url in wanted]
    answer = server.transport.post("", body={"resourceType": "Bundle", "type": "batch", "entry": entries})
    if not answer.ok:
        raise refusal(server, answer, "read")
    found = [_found(server, part) for part in _parts(server, answer, len(items))]
    for url, there in zip(wanted, found, strict=True):
        if there.resource is not None and f"{there.resource['resourceType']}/{there.resource.get('id')}" != url:
            raise Stop(f"{server.transport.base} answers a batch out of order", "switch batch off for this server")
    return {item.id: there for item, there in zip(items, found, strict=True)}


def _search(server: Server, item: Item) -> Found:
    parameter = identity(item.cleared.resource, server.gateway)
    if not parameter:
        return Found(rule="no-identity")
    answer = server.transport.search(item.kind, {parameter: f"{server.gateway}|{item.id}"})
    if not answer.ok or answer.body is None:
        raise refusal(server, answer, "search")
    hits = [resource for resource in answer.found if resource["resourceType"] == item.kind]
    if not all(carries(hit, server.gateway, item.id) for hit in hits):
        raise Stop(f"{server.transport.base} ignores {parameter} in a search", "identities cannot be looked up there")
    if len(hits) > 1:
        return Found(rule="duplicates")
    return _found(server, server.transport.get(f"{item.kind}/{hits[0]['id']}")) if hits else Found()


def _entry(server: Server, item: Item, names: Mapping[str, str]) -> Resource:
    resource = renamed(item.cleared.resource, names)
    if not item.server_id:
        del resource["id"]  # some servers honour it, and replace what they had
        return {"fullUrl": f"urn:uuid:{item.id}", "resource": resource, "request": {"method": "POST", "url": item.kind}}
    url = f"{item.kind}/{item.server_id}"
    request = {"method": "PUT", "url": url, **({"ifMatch": item.etag} if item.etag else {})}
    resource["id"] = item.server_id
    return {"fullUrl": f"{server.transport.base}/{url}", "resource": resource, "request": request}


def _send_single(server: Server, entry: Resource) -> Answer:
    request = entry["request"]
    if request["method"] == "POST":
        return server.transport.post(request["url"], body=entry["resource"])
    headers = {"If-Match": request["ifMatch"]} if "ifMatch" in request else {}
    return server.transport.put(request["url"], body=entry["resource"], headers=headers)


def _parts(server: Server, answer: Answer, count: int) -> list[Answer]:
    """The answers inside a bundle; none can be trusted where HAPI merged two requests for one identity into one."""
    parts = answer.parts
    if len(parts) != count:
        raise Unknown(f"{server.transport.base} gave {len(parts)} answers to {count} requests")
    return parts
