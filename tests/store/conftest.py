"""Invented people and the smallest resources that tell one from another."""

from datetime import UTC, datetime

import pytest

from nowrongdoor.model import Cleared, Issue, Kept, Key, Origin, Parcel, Person, Receipt
from nowrongdoor.store import FileRow, Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def now():
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def file_row():
    def make(sha256="ab" * 32, source="elder", table="clients", **more):
        said = {"name": "clients.csv", "sheet": "", "as_of": "2026-01-01", "read": 0, "tables": {"toml": "cd"}} | more
        return FileRow(sha256=sha256, source=source, table=table, **said)

    return make


@pytest.fixture
def person():
    def make(client="C1", cin="90000001A", row=1, family="Rivera", id_=""):
        at = Origin(1, row, row + 1, row + 1, 7)
        ids = (("cin", cin), ("county-client", client)) if cin else (("county-client", client),)
        return Person(id_ or client, client, at, False, (), "", ids, family, ("Ana",), "1980-02-03", "female")

    return make


@pytest.fixture
def kept():
    def make(id_="C1", kind="person", person="C1", source="elder", **content):
        resource = {"resourceType": "Patient", "id": f"{source}-{kind}-{id_}", **content}
        return Kept(source, Key(kind, id_), person, "elder-organization", resource, synthetic=True)

    return make


@pytest.fixture
def receipt(kept):
    """What a server answered; `_mint` is for the gate alone, and for tests of what comes after it."""

    def make(id_="C1", state="created", rule="permit", issue: Issue | None = None, **more):
        draft = kept(id_)
        cleared = Cleared._mint(Parcel(draft, "plan-server"), draft.resource, rule)
        said = {"server_id": f"s-{id_}", "etag": 'W/"1"', "sent_hash": "h1"} | more
        return Receipt(cleared, state, issue=issue, **said)

    return make
