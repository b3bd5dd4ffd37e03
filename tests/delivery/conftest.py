"""A gateway whose server stands behind a counting proxy, and a county that sends it a little of everything."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from delivery.county import FATES, SUD, County, Gateway
from delivery.there import There
from servers import proxy
from servers.proxy import Proxy, proxied

Said = tuple[int, list[tuple[str, str]], bytes]  # status, headers, body
Play = Callable[[Callable[[], Said]], Said]


class Entry(NamedTuple):
    """One resource on its way. `name`: as the request calls it, "Type/id" or "Type"."""

    method: str
    name: str
    if_match: str


class Wire:
    """What the proxy carries to the server, and what it says in the server's stead where a test wants trouble.

    `sent`: entries of each writing request. `plays`: what happens to the nth of them (1 = first), or to any other (0);
    it is handed what asks the server.
    """

    def __init__(self, base: str) -> None:
        self.base, self.ask = base, proxy.ask
        self.forget()

    def forget(self) -> None:
        self.sent: list[list[Entry]] = []
        self.plays: dict[int, Play] = {}

    def carry(self, netloc: str, method: str, path: str, body: bytes, headers: Any) -> Said:
        def go() -> Said:
            return self.ask(netloc, method, path, body, headers)

        below = path.removeprefix(self.base).strip("/")
        if not proxy.writing(method, below, body):
            return go()
        self.sent.append(list(entries(method, below, body, headers)))
        return self.plays.get(len(self.sent), self.plays.get(0, lambda go: go()))(go)


def entries(method: str, path: str, body: bytes, headers: Any) -> Iterator[Entry]:
    if path:
        yield Entry(method, path, headers.get("If-Match", ""))
        return
    for entry in json.loads(body)["entry"]:
        request = entry["request"]
        yield Entry(request["method"], request["url"], request.get("ifMatch", ""))


class Road:
    """One gateway, the proxy that it speaks through, and the server behind."""

    def __init__(self, folder: Path, between: Proxy, server: str) -> None:
        self.proxy, self.server, self.there = between, server, There(server)
        self.wire = Wire(between.upstream.path)
        self.gateway = Gateway(folder / "workspace", between.base)
        self.gateway.push()  # of nothing: the server is probed, and all that is written from now on is delivery

    def push(self, *expected: int) -> tuple[dict[str, int], int]:
        """What the push counted, and how many requests it wrote with."""
        self.proxy.reset()
        said = self.gateway.push(*expected)
        return {fate: n for fate, n in said.items() if fate in FATES and n}, self.proxy.writing


@pytest.fixture
def road(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Road]]:
    """`road(server)`: a fresh gateway on that server."""
    with ExitStack() as open_:

        def to(server: str) -> Road:
            way = Road(tmp_path, open_.enter_context(proxied(server)), server)
            open_.callback(way.there.close)
            monkeypatch.setattr(proxy, "ask", way.wire.carry)
            return way

        yield to


@pytest.fixture
def county() -> County:
    """Seven people: three from whom everything may go, and one of each kind from whom less or nothing may."""
    made = County()
    made.client("plain")
    made.client("permits", plan=SUD, PROGRAM=SUD)
    made.release("permits")
    made.client("both")
    made.plan("both", SUD)
    made.release("both")
    made.client("silent")
    made.plan("silent", SUD)
    made.client("mental")
    made.plan("mental", SUD)
    made.release("mental", SUD="N")
    made.client("denies")
    made.release("denies", SHARE="N")
    made.client("held")
    made.release("held", SHARE="perhaps")
    return made


@pytest.fixture
def five() -> County:
    """Five people, whose Part 2 data may go: five requests, after the first of which 2 organizations are there."""
    made = County()
    for n in range(5):
        made.client(f"client{n}", plan=SUD)
        made.release(f"client{n}")
    return made


@pytest.fixture
def one() -> County:
    """One person, from whom everything may go."""
    made = County()
    made.client("plain")
    return made
