"""Everything a FHIR server holds, as one text: a test that looks for a leak looks here and finds no second place.

Over HTTP: each type by search, each history. Behind it: the whole database, deleted resources and indexes included.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urljoin

import httpx

from nowrongdoor.model import TYPE_OF
from servers import Server

TYPES = tuple(sorted(set(TYPE_OF.values())))
PAGE = 200  # HAPI gives no more, whatever is asked


def everything(server: Server, *more_types: str) -> str:
    """All text that the server shows or keeps of our types, and of `more_types`."""
    return over_http(server, *more_types) + database(server)


def over_http(base: str, *more_types: str) -> str:
    """Every current resource of the types and every version, as the server answers them.

    Raises httpx.HTTPStatusError where a search is refused: a dump with a hole proves nothing.
    """
    with httpx.Client(timeout=60, headers={"Cache-Control": "no-cache", "Accept": "application/fhir+json"}) as client:
        pages = [page for kind in (*TYPES, *more_types) for page in of_type(client, base, kind)]
        pages += history(client, f"{base}/_history")
    return "\n".join(page.text for page in pages)


def of_type(client: httpx.Client, base: str, kind: str) -> Iterator[httpx.Response]:
    """The type's search pages; its history, or where a server has none for types, that of each resource found."""
    found = list(pages(client, f"{base}/{kind}"))
    yield from found
    whole = list(history(client, f"{base}/{kind}/_history"))
    yield from whole
    if not whole:
        ids = [entry["resource"]["id"] for page in found for entry in page.json().get("entry", ())]
        for one in ids:
            yield from history(client, f"{base}/{kind}/{one}/_history")


def pages(client: httpx.Client, url: str) -> Iterator[httpx.Response]:
    """A search to its end: by `next` links, and by offset where a full page came without any link (Medplum)."""
    seen = 0
    here = f"{url}?_count={PAGE}"
    while here:
        page = client.get(here).raise_for_status()
        yield page
        size = len(page.json().get("entry", ()))
        seen += size
        unsaid = size == PAGE and not page.json().get("link")
        here = following(page) or (f"{url}?_count={PAGE}&_offset={seen}" if unsaid else "")


def history(client: httpx.Client, url: str) -> Iterator[httpx.Response]:
    """Pages of a history; nothing where the server does not keep this one (404, or a search result in its place).

    HAPI 8.8 shows, for a minute, no more entries than when it was last asked, whatever Cache-Control says (measured);
    not where an offset is named.
    """
    here = f"{url}?_count={PAGE}&_offset=0"
    if client.get(here).status_code == 400:
        here = f"{url}?_count={PAGE}"  # whoever knows no offset counts afresh
    while here:
        page = client.get(here)
        if page.status_code == 404 or page.raise_for_status().json().get("type") != "history":
            return
        yield page
        here = following(page)


def following(page: httpx.Response) -> str:
    links = page.json().get("link", ())
    return next((urljoin(str(page.url), link["url"]) for link in links if link["relation"] == "next"), "")


def database(server: Server) -> str:
    """What lies behind HTTP: the cells of the database (HAPI, sandbox), or the memory (Medplum)."""
    if server.database is None:
        return httpx.post(urljoin(server, "/dump"), timeout=120).raise_for_status().text
    with closing(sqlite3.connect(f"{server.database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        tables = [
            name.decode() for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        rows = [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    return "\n".join(text(cell) for row in rows for cell in row)


def text(cell: object) -> str:
    return cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell)
