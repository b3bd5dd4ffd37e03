"""What is asked of many resources at once: searches, histories, and their later pages, which never move."""

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson

from nowrongdoor.sandbox.interactions import Answer, Ask, Turn
from nowrongdoor.sandbox.moments import instant, span
from nowrongdoor.sandbox.problem import Problem
from nowrongdoor.sandbox.search import counted, understood
from nowrongdoor.sandbox.store import Snapshot, Version

SNAPSHOT_LIFE = timedelta(hours=1)


def search(turn: Turn, ask: Ask) -> Answer:
    query = understood(ask.path[0], ask.query, ask.base, lenient="handling=lenient" in ask.prefer)
    url = f"{ask.base}/{ask.path[0]}" + (f"?{query.text}" if query.text else "")
    hit = turn.recent.get(url)
    if hit and hit[0] > turn.moment and not ask.fresh:
        seqs, headers = hit[1], {"X-Cache": "HIT"}
    else:
        seqs, headers = turn.store.find(query), {}
        if turn.habits.search_cache_seconds and not ask.fresh:
            _remember(turn, url, seqs)
    count = 0 if query.total_only else query.size
    return Answer(200, _first_page(turn, ask, ("searchset", url, count), seqs), None, headers)


def _remember(turn: Turn, url: str, seqs: list[int]) -> None:
    for old in [old for old, (until, _) in turn.recent.items() if until <= turn.moment]:
        del turn.recent[old]
    turn.recent[url] = turn.moment + timedelta(seconds=turn.habits.search_cache_seconds), seqs


def history(turn: Turn, ask: Ask) -> Answer:
    """Of one resource, a type, or everything; newest first."""
    given = dict(ask.query)
    if set(given) - {"_since", "_count"} and "handling=lenient" not in ask.prefer:
        raise Problem(400, "not-supported", "A history knows _since and _count.")
    try:
        since = span(given["_since"].replace(" ", "+"))[0] if "_since" in given else ""
    except (ValueError, OverflowError):
        raise Problem(400, "value", "_since is not an instant.") from None
    *named, _ = ask.path
    type_, id_ = [*named, "", ""][:2]
    seqs = turn.store.history(type_, id_, since)
    if id_ and not turn.store.latest(type_, id_):
        raise Problem(404, "not-found", "There is no such resource.")
    kept = urlencode([pair for pair in ask.query if pair[0] in {"_since", "_count"}])
    url = "/".join((ask.base, *ask.path)) + (f"?{kept}" if kept else "")
    return Answer(200, _first_page(turn, ask, ("history", url, counted(given.get("_count"))), seqs))


def page(turn: Turn, ask: Ask) -> Answer:
    """A later page of what a search or history found when it was asked, whatever was written since."""
    given = dict(ask.query)
    offset = given.get("_offset", "")
    if set(given) != {"_page", "_offset"} or not re.fullmatch(r"[0-9]{1,9}", offset):
        raise Problem(400, "not-supported", "A search names its resource type.")
    snapshot = turn.store.snapshot(given["_page"])
    if snapshot is None or snapshot.stamp < instant(turn.moment - SNAPSHOT_LIFE):
        raise Problem(410, "not-found", "This page link is not known or has expired; ask again from the start.")
    return Answer(200, _page(turn, ask, snapshot, int(offset), ""))


def _first_page(turn: Turn, ask: Ask, asked: tuple[str, str, int], seqs: Sequence[int]) -> bytes:
    kind, url, count = asked
    snapshot = Snapshot(uuid.uuid4().hex, turn.stamp, kind, count, orjson.dumps(seqs).decode())
    if 0 < count < len(seqs):
        turn.store.keep(snapshot, instant(turn.moment - SNAPSHOT_LIFE))
    return _page(turn, ask, snapshot, 0, url)


def _page(turn: Turn, ask: Ask, snapshot: Snapshot, offset: int, url: str) -> bytes:
    seqs, end = orjson.loads(snapshot.seqs), offset + snapshot.size
    link = f"{ask.base}?_page={snapshot.token}&_offset="
    links = [{"relation": "self", "url": url or f"{link}{offset}"}]
    if snapshot.size and end < len(seqs):
        links.append({"relation": "next", "url": f"{link}{end}"})
    versions = turn.store.versions(seqs[offset:end])
    bundle = {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "meta": {"lastUpdated": snapshot.stamp},
        "type": snapshot.kind,
        "total": len(seqs),
        "link": links,
    }
    entries = [{"fullUrl": f"{ask.base}/{v.type}/{v.id}", **dict(_entry(v, snapshot.kind))} for v in versions]
    return orjson.dumps({**bundle, "entry": entries} if entries else bundle)


def _entry(version: Version, kind: str) -> Iterator[tuple[str, Any]]:
    if version.body is not None:
        yield "resource", orjson.Fragment(version.body)
    if kind == "searchset":
        yield "search", {"mode": "match"}
        return
    url = version.type if version.method == "POST" else f"{version.type}/{version.id}"
    yield "request", {"method": version.method, "url": url}
    status = 204 if version.body is None else 201 if version.number == 1 else 200
    yield "response", {"status": phrase(status), "etag": f'W/"{version.number}"', "lastModified": version.stamp}


def phrase(status: int) -> str:
    """201 Created"""
    return f"{status} {HTTPStatus(status).phrase}"
