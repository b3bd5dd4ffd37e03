"""What can be done to one resource, by the R4 REST page (https://hl7.org/fhir/R4/http.html)."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from nowrongdoor.model.core import Resource
from nowrongdoor.sandbox.habits import Habits
from nowrongdoor.sandbox.moments import instant
from nowrongdoor.sandbox.problem import Problem
from nowrongdoor.sandbox.search import condition, words
from nowrongdoor.sandbox.store import Store, Version

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Ask:
    """One interaction, from an HTTP request or from an entry of a bundle. `path`: segments below `base`."""

    method: str
    path: tuple[str, ...]
    base: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    if_match: str = ""
    if_none_exist: str | None = None
    prefer: str = ""
    fresh: bool = False  # Cache-Control: no-cache


class Answer(NamedTuple):
    """`body`: JSON. `version`: what a write left, or a read found."""

    status: int
    body: bytes | None = None
    version: Version | None = None
    headers: Mapping[str, str] = {}


@dataclass(slots=True)
class Turn:
    """One request: one moment, one SQL transaction. `written` is checked for references at its end."""

    store: Store
    habits: Habits
    moment: datetime
    recent: dict[str, tuple[datetime, list[int]]]  # searches answered lately, for servers that answer them again
    written: list[Version] = field(default_factory=list)

    @property
    def stamp(self) -> str:
        return instant(self.moment)


class Place(NamedTuple):
    """Where a write will land, known before references are rewritten, since others may point to it."""

    type: str
    id: str
    found: Version | None  # what its id, or its condition, found; a deleted one too


# read --------------------------------------------------------------------


def read(turn: Turn, ask: Ask) -> Answer:
    return _shown(turn.store.latest(*ask.path[:2]))


def vread(turn: Turn, ask: Ask) -> Answer:
    return _shown(turn.store.version(ask.path[0], ask.path[1], ask.path[3]))


def _shown(version: Version | None) -> Answer:
    if version is None:
        raise Problem(404, "not-found", "There is no such resource or version.")
    if version.body is None:
        raise Problem(410, "deleted", "The resource was deleted.")
    return Answer(200, version.body, version)


# write -------------------------------------------------------------------


def write(turn: Turn, ask: Ask) -> Answer:
    """A create or update, conditional or not."""
    return save(turn, ask, place(turn, ask))


def delete(turn: Turn, ask: Ask) -> Answer:
    """204 also where there is nothing to delete."""
    before = turn.store.latest(*ask.path[:2])
    if before is None or before.body is None:
        return Answer(204)
    _matched(turn, ask, before)
    gone = before._replace(number=before.number + 1, stamp=turn.stamp, method="DELETE", body=None)
    turn.written.append(turn.store.add(gone, ()))
    return Answer(204, None, turn.written[-1])


def place(turn: Turn, ask: Ask) -> Place:
    """Where a POST or PUT lands. Problem 400: the body is not of this type or id; 412: its condition found several."""
    type_, *named = ask.path
    own_id = _checked(ask.body, type_).get("id")
    if named:
        if own_id != named[0] or not _ID.fullmatch(named[0]):
            raise Problem(400, "invalid", "The body's id is not the id of the URL, or not a FHIR id.")
        return Place(type_, named[0], turn.store.latest(type_, named[0]))
    found = _only(turn, ask)
    if ask.method == "POST":
        return Place(type_, found.id if found else str(uuid.uuid4()), found)
    id_ = own_id or (found.id if found else str(uuid.uuid4()))
    if not isinstance(id_, str) or not _ID.fullmatch(id_) or (found and found.id != id_):
        raise Problem(400, "invalid", "The body's id is not the id that the condition found, or not a FHIR id.")
    return Place(type_, id_, found or turn.store.latest(type_, id_))


def _checked(body: Any, type_: str) -> Resource:
    if not isinstance(body, dict) or body.get("resourceType") != type_:
        raise Problem(400, "invalid", f"The body is not a JSON object with resourceType {type_}.")
    if not isinstance(body.get("meta", {}), dict):
        raise Problem(400, "structure", "meta is not an object.")
    return body


def matches(turn: Turn, ask: Ask) -> list[int] | None:
    """What the condition of a write finds now; None where it has none."""
    pairs = ask.query
    if ask.method == "POST":
        if ask.if_none_exist is None:
            return None
        pairs = tuple(parse_qsl(ask.if_none_exist.partition("?")[2] or ask.if_none_exist, keep_blank_values=True))
    elif len(ask.path) > 1:
        return None
    return turn.store.find(condition(ask.path[0], pairs, ask.base))


def _only(turn: Turn, ask: Ask) -> Version | None:
    found = matches(turn, ask) or []
    if len(found) > 1:
        raise Problem(412, "multiple-matches", f"The condition finds {len(found)} resources.")
    return turn.store.versions(found)[0] if found else None


def save(turn: Turn, ask: Ask, at: Place) -> Answer:
    """A POST or PUT carried out. Problem 404, 405, 409, 412: what it relied on does not hold."""
    before = at.found
    if ask.method == "POST" and before:
        return Answer(200, before.body, before)
    if ask.method == "PUT":
        _matched(turn, ask, before)
        if before is None and "id" in ask.body and not turn.habits.update_create:
            raise Problem(405, "not-supported", "A PUT does not create here.", {"Allow": "GET"})
    if before and before.body and turn.habits.noop_keeps_version and _same(before.body, ask.body):
        return Answer(200, before.body, before)
    after = _written(turn, ask, at)
    if before and before.body:
        return Answer(200, after.body, after)
    return Answer(turn.habits.put_create_status if len(ask.path) > 1 else 201, after.body, after)


def _matched(turn: Turn, ask: Ask, before: Version | None) -> None:
    """If-Match: a stale one stops, and one on what never was stops too, since it must not create."""
    if not ask.if_match:
        return
    if before is None:
        if turn.habits.create_on_if_match:
            return
        raise Problem(404, "not-found", "If-Match names a version of what does not exist.")
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in ask.if_match.split(",")]
    if before.body is None or not {"*", str(before.number)} & set(tags):
        raise Problem(turn.habits.stale_status, "conflict", "If-Match names another version than the current one.")


def _written(turn: Turn, ask: Ask, at: Place) -> Version:
    number = at.found.number + 1 if at.found else 1
    content = {key: value for key, value in ask.body.items() if key not in {"resourceType", "id", "meta"}}
    meta = {**ask.body.get("meta", {}), "versionId": str(number), "lastUpdated": turn.stamp}
    resource = {"resourceType": at.type, "id": at.id, "meta": meta, **content}
    try:
        body = orjson.dumps(resource)
    except TypeError:
        raise Problem(400, "structure", "The body is nested too deeply.") from None
    after = Version(0, at.type, at.id, number, turn.stamp, ask.method, body)
    turn.written.append(turn.store.add(after, words(resource, ask.base)))
    return turn.written[-1]


def _same(stored: bytes, body: Resource) -> bool:
    def bare(resource: Resource) -> bytes:
        meta = {k: v for k, v in resource.get("meta", {}).items() if k not in {"versionId", "lastUpdated"}}
        return orjson.dumps({**resource, "meta": meta}, option=orjson.OPT_SORT_KEYS)

    return bare(orjson.loads(stored)) == bare(body)


def settle(turn: Turn) -> None:
    """References hold once all is written. Problem 400: one to nothing; 409: one to what was deleted."""
    for version in turn.written:
        if version.body is None and turn.store.pointed_at(version.type, version.id):
            raise Problem(409, "conflict", f"A {version.type} cannot be deleted while others refer to it.")
        missing = turn.store.dangling(version.seq)
        if missing:
            raise Problem(400, "not-found", f"A {version.type} refers to a {missing} that is not here.")
    turn.written.clear()
