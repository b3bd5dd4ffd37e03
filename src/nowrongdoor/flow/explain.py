"""Which elements does a column become? Found by changing that column alone and running the route: it cannot lie.

A column's cells change places with one another; where nothing moves, its codes are swapped for others of their table;
where still nothing moves, its cells are emptied. What then differs among the resources is what the column says.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from nowrongdoor import shelf
from nowrongdoor.codes import CodeTable
from nowrongdoor.files import Noise
from nowrongdoor.flow import settle
from nowrongdoor.flow.likeness import reading, unknown_codes
from nowrongdoor.flow.run import Input, Known, Mentioned, Opened, Run, open_all, where
from nowrongdoor.model import Draft, Fact, Issue, Key, Refusal, Resource, Row, Tally, Told
from nowrongdoor.resources import CONVENTIONS

_NO_ROW = (-1, -1)  # of what many rows state together
_ROWS = 300  # of each table: enough to see a column at work
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

Change = Callable[[str], str]
Moved = tuple[set[str], int]  # elements, and how many rows more are refused
Spot = tuple[int, int]  # file, row


def explain(run: Run, paths: Sequence[Path] = ()) -> dict[str, Any]:
    """Columns of each table with the elements that they move; on the source's own fixture where no files are named.

    Raises Usage where there is no fixture, Stop where a file is not the source's.
    """
    if not paths:
        folder = shelf.find(f"fixtures/{run.source.name}/in", run.workspace)
        paths = sorted(p for p in folder.iterdir() if p.is_file())
    inputs = open_all(paths, run)
    for item in inputs:
        item.found = _Altered(item.found)  # type: ignore[misc]  # ours alone: read in part, and changed below
    trial = _Trial(run, inputs)
    tables: dict[str, list[Input]] = defaultdict(list)
    for item in inputs:
        tables[item.table.name].append(item)
    return {
        "source": run.source.name, "layout": run.source.layout,
        "tables": [
            {"table": name, "files": [i.name for i in items], "columns": list(_columns(trial, items))}
            for name, items in tables.items()
        ],
        "conventions": [convention._asdict() for convention in CONVENTIONS],
    }  # fmt: skip


def _columns(trial: "_Trial", items: Sequence[Input]) -> Iterator[dict[str, Any]]:
    """Each column of a table's files, then those that the source declares absent."""
    source, found = trial.run.source, [_altered(i) for i in items]
    headers = dict.fromkeys(header for f in found for header in f.header)
    named = {i.found.header[at]: column for i in items for column, at in where(i).items() if at is not None}
    kinds = _code_tables(trial.run, items)
    for header in headers:
        column = named.get(header, "")
        elements, refused = trial.effect(found, header, kinds.get(column, ()))
        told = _effect(elements, refused, filled=any(cell.strip() for f in found for cell in f.cells(header)))
        yield {
            "column": column, "header": header, "elements": sorted(elements),
            "codes": [source.code_file(kind) for kind in kinds.get(column, ())],
            "effect": "every row is refused" if told == "no effect" and trial.sees_nothing_of(found) else told,
            "declared": "ignored" if header.strip() in source.ignored else "" if column else "not known",
        }  # fmt: skip
    for column in (f.name for f in items[0].table.fields if f.name not in named.values()):
        yield {"column": column, "header": "", "elements": [], "codes": [], "effect": "", "declared": "absent"}


def _effect(elements: set[str], refused: int, *, filled: bool) -> str:
    if elements:
        return "moves"
    return "refuses when blank" if refused else "no effect" if filled else "empty here"


def _altered(item: Input) -> "_Altered":
    assert isinstance(item.found, _Altered)
    return item.found


def _code_tables(run: Run, items: Sequence[Input]) -> dict[str, list[str]]:
    """Column → kinds of code tables that its cells are looked up in: each is emptied, to see who misses it."""
    found: dict[str, list[str]] = defaultdict(list)
    for field in items[0].table.fields:
        if field.table in run.source.tables:
            found[field.name].append(field.table)
    for kind in run.source.tables:
        without = replace(run.source, tables={**run.source.tables, kind: CodeTable(kind, "", {})})
        missed: set[str] = set()
        for item in items:
            at = where(item)
            read = reading(item.table, without, at)
            cells = (row.cells for row in item.found.rows() if isinstance(row, Row))
            missed |= {
                names for told in cells for file, names, _ in unknown_codes(read(told), told, at) if file == kind
            }
        for column in {column for names in missed for column in names.split("+")}:
            if kind not in found[column]:
                found[column].append(kind)
    return found


class _Trial:
    """The route over the same open files again and again, one column changed at a time."""

    def __init__(self, run: Run, inputs: Sequence[Input]) -> None:
        self.run, self.inputs = run, inputs
        self.before = self._run()

    def effect(self, tables: Sequence["_Altered"], header: str, kinds: Sequence[str]) -> Moved:
        """What moves when the cells under that header change."""
        moved: Moved = (set(), 0)
        cells = list(dict.fromkeys(cell for found in tables for cell in found.cells(header) if cell.strip()))
        for change in (_turned(cells), _swapped(self.run, kinds), lambda _: ""):
            if all(change(cell) == cell for cell in cells):
                continue
            for found in tables:
                found.changed, found.change = header, change
            moved = self.before.differs(self._run())
            for found in tables:
                found.changed = ""
            if moved[0]:
                break
        return moved

    def sees_nothing_of(self, tables: Sequence["_Altered"]) -> bool:
        """No row came through, so that none can show what its columns do: its people may be in a file not given."""
        return all((r.origin.file, r.origin.row) in self.before.refused for found in tables for r in found.told)

    def _run(self) -> "Memory":
        out = Memory({id_: Key("organization", name) for id_, name in self.run.organizations.items()})
        settle(self.inputs, self.run, out, Tally())
        return out


def _turned(cells: Sequence[str]) -> Change:
    """Each of these distinct cells becomes the next, the last the first."""
    following = dict(zip(cells, [*cells[1:], *cells[:1]], strict=True))
    return lambda cell: following.get(cell, cell)


def _swapped(run: Run, kinds: Sequence[str]) -> Change:
    """Each code becomes one that means something else."""
    other: dict[str, str] = {}
    for kind in kinds:
        rows = run.source.code(kind)
        for code, meaning in rows.items():
            other[code] = next((c for c, m in rows.items() if m != meaning), code)
    return lambda cell: other.get(cell.strip(), cell)


class _Altered:
    """The first rows of a table, with one column's cells changed."""

    def __init__(self, found: Opened) -> None:
        self.number, self.table, self.sheet, self.new = found.number, found.table, found.sheet, found.new
        self.header, self.header_line, self.places = found.header, found.header_line, found.places
        self._rows = list(islice(found.rows(), _ROWS))
        self.changed = ""  # header of the column that is changed
        self.change: Change = str

    @property
    def read(self) -> int:
        return len(self._rows)

    @property
    def told(self) -> list[Row]:
        return [row for row in self._rows if isinstance(row, Row)]

    def cells(self, header: str) -> list[str]:
        if header not in self.header:
            return []
        at = self.header.index(header)
        return [row.cells[at] for row in self.told]

    def rows(self) -> Iterator[Row | Refusal | Noise]:
        at = self.header.index(self.changed) if self.changed in self.header else -1
        for row in self._rows:
            if at < 0 or not isinstance(row, Row):
                yield row
            else:
                cells = list(row.cells)
                cells[at] = self.change(cells[at])
                yield Row(row.origin, cells)


class Memory:
    """An `Out` that keeps resources flat: element path → values, ids shown as the keys that they stand for."""

    def __init__(self, names: Mapping[str, Key]) -> None:
        self.names = dict(names)
        self.kept: dict[tuple[Spot, Key], Resource] = {}
        self.rows: dict[Key, Spot] = {}
        self.refused: set[Spot] = set()

    def start(self, inputs: Sequence[Input]) -> None: ...

    def mentioned(self, facts: Sequence[Mentioned]) -> list[Mentioned]:
        return list(facts)

    def known(self, person: str, facts: Sequence[Fact]) -> Known:  # noqa: ARG002 - an Out's verb
        return Known(facts)

    def keep(self, draft: Draft, person: str) -> bool:  # noqa: ARG002 - an Out's verb
        key = draft.key
        self.names[draft.resource["id"]] = key
        at = draft.facts[0].origin if draft.facts and key.kind not in {"practitioner", "role"} else None
        self.rows[key] = (at.file, at.row) if at else _NO_ROW
        self.kept[self.rows[key], key] = draft.resource
        return False  # nothing is news here: Provenance says only that something moved

    def revision(self, person: str) -> int:  # noqa: ARG002 - an Out's verb
        return 0

    def settle(self, person: str, known: Known, standing: set[Key], refused: set[Key]) -> None: ...

    def refuse(self, refusal: Refusal) -> None:
        self.refused.add((refusal.origin.file, refusal.origin.row))

    def warn(self, row: Row, issues: Sequence[Issue]) -> None: ...

    def told(self, entry: Told) -> None: ...

    def differs(self, after: "Memory") -> Moved:
        """Elements that are not what they were, of resources from the same row; the type alone where one came or went.

        Rows that only one of the runs refused say nothing of the column, nor does what points at them.
        """
        moved: set[str] = set()
        unsure = self.refused ^ after.refused
        left, come = self._by_row(after, unsure), after._by_row(self, unsure)  # noqa: SLF001 - another of us
        for row in left.keys() | come.keys():
            before, now = left.get(row, []), come.get(row, [])
            if len(before) == len(now) == 1:
                one, other = self._flat(before[0], unsure), after._flat(now[0], unsure)  # noqa: SLF001 - likewise
                moved |= {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
            elif not (before and now):
                moved |= {one["resourceType"] for one in [*before, *now]}
        return moved, len(after.refused - self.refused)

    def _by_row(self, other: "Memory", unsure: set[Spot]) -> dict[tuple[str, Spot, str], list[Resource]]:
        """Resources by kind and row; by their key too where the other run has it: what is left may have a new key."""
        found: dict[tuple[str, Spot, str], list[Resource]] = defaultdict(list)
        for (row, key), resource in self.kept.items():
            if row not in unsure and not (unsure and row == _NO_ROW):
                found[key.kind, row, key.id if (row, key) in other.kept else ""].append(resource)
        return found

    def _flat(self, resource: Resource, unsure: set[Spot]) -> dict[str, list[str]]:
        """Element path → values, ids shown as keys."""
        found: dict[str, list[str]] = defaultdict(list)
        open_ = [(str(resource.get("resourceType", "")), resource.items())]
        for at, pairs in open_:  # grows while it is read
            for name, child in pairs:
                for one in child if isinstance(child, list) else [child]:
                    if isinstance(one, dict):
                        open_.append((f"{at}.{name}", one.items()))
                    elif unsure.isdisjoint(self.rows.get(self.names[id_], _NO_ROW) for id_ in _ID.findall(str(one))):
                        found[f"{at}.{name}"].append(_ID.sub(self._named, str(one)))
        return {path: sorted(told) for path, told in found.items()}

    def _named(self, id_: re.Match[str]) -> str:
        return "/".join(self.names[id_[0]])
