"""A gateway whose server stands behind a counting proxy, and a county that sends it a little of everything."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from delivery.county import FATES, SUD, County, Gateway
from delivery.there import There
from servers.proxy import Proxy, proxied


class Road:
    """One gateway, the proxy that it speaks through, and the server behind."""

    def __init__(self, folder: Path, proxy: Proxy, server: str) -> None:
        self.proxy, self.server, self.there = proxy, server, There(server)
        self.gateway = Gateway(folder / "workspace", proxy.base)

    def push(self, *expected: int) -> tuple[dict[str, int], int]:
        """What the push counted, and how many requests it wrote with."""
        self.proxy.reset()
        said = self.gateway.push(*expected)
        return {fate: n for fate, n in said.items() if fate in FATES and n}, self.proxy.writing


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Callable[[str], Road]]:
    """`road(server)`: a fresh gateway on that server."""
    with ExitStack() as open_:

        def to(server: str) -> Road:
            way = Road(tmp_path, open_.enter_context(proxied(server)), server)
            open_.callback(way.there.close)
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
