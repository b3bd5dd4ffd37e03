"""Which cell did an element come from? Its person's rows are taken from the vault, and one cell a time is changed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from nowrongdoor import files, layouts
from nowrongdoor.errors import Usage
from nowrongdoor.files import Noise, xml
from nowrongdoor.flow import settle
from nowrongdoor.flow.explain import Memory
from nowrongdoor.flow.run import Input, Run, dialect, expected, prepare
from nowrongdoor.model import Kept, Key, Refusal, Resource, Row, Tally
from nowrongdoor.settings import Settings
from nowrongdoor.sources import Source
from nowrongdoor.store import Store

_LOOK = 300  # rows of the file among which another value for a cell is sought


def trace(reference: str, store: Store, settings: Settings, moment: datetime) -> dict[str, Any]:
    """Elements of one kept resource (`Type/id`) with the cells that they follow. Raises Usage where there is none."""
    kept = store.kept(reference.rpartition("/")[2])
    if kept is None or kept.resource["resourceType"] != reference.partition("/")[0]:
        raise Usage(
            f"no {reference} is kept here", "nwd status tells what was taken in; an id is that of nwd's own resources"
        )
    if not kept.person:
        raise Usage(f"{reference} belongs to no person", "many rows state it: see nwd explain SOURCE")
    source = settings.source(kept.source)
    if layouts.is_document(source.layout):
        return {"resource": reference, "source": kept.source, "entries": list(_entries(kept, source, store))}
    run = prepare(source, settings, moment)
    replayed = [_replayed(number, rows, run, store) for number, rows in sorted(_rows(store, kept).items())]
    before = _resource(run, replayed, kept)
    if before is None:
        raise Usage(
            f"{reference} cannot be made again from its rows",
            "its source or code tables were changed since: take the files in again",
        )
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in replayed:
        assert isinstance(item.found, _Replayed)
        for row, header in item.found.cells():
            for path in _moved(run, replayed, kept, before, item.found):
                told[path].append({"file": item.name, "sheet": item.found.sheet, "row": row, "column": header})
    return {"resource": reference, "source": kept.source, "elements": {p: told[p] for p in sorted(told)}}


def _entries(kept: Kept, source: Source, store: Store) -> Iterator[dict[str, Any]]:
    """The entries of documents that state it, by reading these once more; row 1 is the document as a whole."""
    tree = layouts.document(source.layout)
    for f in store.facts(kept.source, kept.person):
        if f.key == kept.key:
            file = store.file_of(f.origin.file)
            rows = tree.rows(xml.parse(store.vault.path(file.sha256).read_bytes()))
            place = {"file": file.name, "sha256": file.sha256, "row": f.origin.row}
            yield {**place, "path": rows[f.origin.row - 1][0]}


def _rows(store: Store, kept: Kept) -> dict[int, set[int]]:
    """The rows that speak of this person, by file: what one row says of a resource may depend on another."""
    rows: dict[int, set[int]] = defaultdict(set)
    for f in store.facts(kept.source, kept.person):
        rows[f.origin.file].add(f.origin.row)
    return rows


def _replayed(number: int, rows: set[int], run: Run, store: Store) -> Input:
    file = store.file_of(number)
    table = next(t for t in layouts.layout(run.source.layout).TABLES if t.name == file.table)
    path = store.vault.path(file.sha256)
    every = files.find(path, 0, expected(run.source), dialect(run.source))
    found = next(f for f in every if (f.table, f.sheet) == (file.table, file.sheet))
    found.number = number
    spelled = {f.name: run.source.header(table.name, f.name) for f in table.fields}
    corrected = {row: cells for row in rows if (cells := store.corrected(number, row))}
    item = Input(number, path, file.sha256, _Replayed(found, rows, corrected), table, file.as_of, "intake", spelled)
    item.path = path.with_name(file.name)  # type: ignore[misc]  # shown by the name that it came with
    return item


def _resource(run: Run, replayed: Sequence[Input], kept: Kept) -> dict[str, list[str]] | None:
    out = Memory({id_: Key("organization", name) for id_, name in run.organizations.items()})
    settle(replayed, run, out, Tally())
    found = [r for (_, key), r in out.kept.items() if key == kept.key]
    return _flat(found[0]) if found else None


def _moved(
    run: Run, replayed: Sequence[Input], kept: Kept, before: dict[str, list[str]], found: "_Replayed"
) -> set[str]:
    """Elements that follow the cell which `found` changes: tried with other cells of its column, then emptied."""
    for other in found.others():
        found.put(other)
        after = _resource(run, replayed, kept)
        found.put(None)
        moved = (
            {"(the whole resource)"}
            if after is None
            else {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}
        )
        if moved:
            return moved
    return set()


def _flat(resource: Resource) -> dict[str, list[str]]:
    """Element path → values, in order; without ids, which follow keys."""
    found: dict[str, list[str]] = defaultdict(list)

    def walk(at: str, node: object) -> None:
        if isinstance(node, dict):
            for name, child in node.items():
                walk(f"{at}.{name}", child)
        elif isinstance(node, list):
            for child in node:
                walk(at, child)
        else:
            found[at].append(str(node))

    walk(resource["resourceType"], {k: v for k, v in resource.items() if k not in {"resourceType", "id"}})
    return dict(found)


class _Replayed:
    """Some rows of a vaulted file, one cell of them changed at a time; mended rows as they were mended."""

    def __init__(self, found: files.Found, rows: set[int], corrected: dict[int, list[str]]) -> None:
        self.number, self.table, self.sheet, self.new = found.number, found.table, found.sheet, found.new
        self.header, self.header_line, self.places, self.read = found.header, found.header_line, found.places, 0
        self._look = [r.cells for r in islice(found.rows(), _LOOK) if isinstance(r, Row)]
        seen = (r for r in found.rows() if r.origin.row in rows and not isinstance(r, Noise))
        self._rows = {r.origin.row: Row(r.origin, corrected.get(r.origin.row) or getattr(r, "cells", [])) for r in seen}
        self._at: tuple[int, int] = (0, 0)
        self._cell: str | None = None

    def cells(self) -> Iterator[tuple[int, str]]:
        """Each (row, header) in turn: the one that `put` changes."""
        for row in sorted(self._rows):
            for at, header in enumerate(self.header):
                self._at = (row, at)
                yield row, header

    def others(self) -> Iterator[str]:
        """A few other cells of this column, then an empty one."""
        row, at = self._at
        mine = self._rows[row].cells[at]
        yield from list(dict.fromkeys(c[at] for c in self._look if c[at] not in (mine, "")))[:3]
        if mine:
            yield ""

    def put(self, cell: str | None) -> None:
        self._cell = cell

    def rows(self) -> Iterator[Row | Refusal | Noise]:
        for number, row in sorted(self._rows.items()):
            if self._cell is None or number != self._at[0]:
                yield row
            else:
                cells = list(row.cells)
                cells[self._at[1]] = self._cell
                yield Row(row.origin, cells)
