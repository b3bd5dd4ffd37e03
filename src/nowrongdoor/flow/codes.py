"""Which codes did files hold that no table knows, whose are they, and which line of which table is missing?

Files are read again by today's tables, those of a workspace from its vault, so that what was mended since is not told.
Only what looks like a code is shown or drafted: what may be a name is counted, with the first rows that hold it.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unicodedata import normalize

import orjson

from nowrongdoor import codes, files, layouts, shelf
from nowrongdoor.checks.tables import Tables
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.flow.ask import codes_in
from nowrongdoor.flow.drafting import normal as one_key
from nowrongdoor.flow.likeness import Read, reading, unknown_codes
from nowrongdoor.flow.run import dialect, expected
from nowrongdoor.layouts.services import TABLE as SERVICES
from nowrongdoor.model import Refusal, Row, value
from nowrongdoor.sources import Source
from nowrongdoor.store import Store

_GENERATED = "profiles/fhir/generated"
_TABLES = "profiles/codes"
Where = Mapping[str, int | None]
Seen = dict[str, list[int]]  # file → how many rows, and the first
Met = Mapping[str, Seen]  # by code
_PLACES = 3  # of what is not shown


@value
class Opened:
    """A table of a file by the name it came with. `mended`: row → its cells, where a person gave it others."""

    name: str
    found: files.Found
    mended: Callable[[int], Sequence[str] | None] = lambda _: None


def loose(paths: Sequence[Path], source: Source) -> Iterator[Opened]:
    """Files that nobody has taken in. Raises Usage where there is no such file, Stop where it is not the source's."""
    for path in paths:
        if not path.is_file():
            raise Usage(f"{path} is not a file", "name the files of one export")
        for found in _open(path, path.name, source):
            yield Opened(path.name, found)


def taken_in(store: Store, source: Source) -> Iterator[Opened]:
    """All that a workspace has of the source, each file once however often it came. Stop where it cannot be read."""
    once = {(f.sha256, f.table, f.sheet): f for f in store.files(source.name)}
    for file in once.values():
        for found in _open(store.vault.path(file.sha256), file.name, source):
            if (found.table, found.sheet) == (file.table, file.sheet):
                yield Opened(file.name, found, partial(store.corrected, file.number))


def _open(path: Path, name: str, source: Source) -> list[files.Found]:
    try:
        return files.find(path, 0, expected(source), dialect(source))
    except Stop as e:
        kind = Usage if isinstance(e, Usage) else Stop
        raise kind(f"{name}: {e.cause}", e.cure) from None


def unmapped(
    source: Source, opened: Iterable[Opened], workspace: Path | None, *, values: bool = False
) -> list[dict[str, Any]]:
    """By code table and column: codes that stood there and have no line, with the rows of each file they stood in.

    `values`: show also what does not look like a code.
    """
    tables = {t.name: t for t in layouts.layout(source.layout).TABLES}
    kinds = {source.code_file(kind): kind for kind in source.tables}
    met: dict[tuple[str, str, str], dict[str, Seen]] = defaultdict(lambda: defaultdict(dict))
    for one in opened:
        table = tables[one.found.table]
        where = {f.name: one.found.places.get(source.header(table.name, f.name)) for f in table.fields}
        table.bind(source, where)  # Usage where the source does not say which file such codes are in
        read = reading(table, source, where)
        for row in one.found.rows():
            if isinstance(row, Row | Refusal):
                for file, columns, code in _unknown(row, one, read, where):
                    seen = met[file, table.name, columns][one_key(kinds[file], code)]
                    seen.setdefault(one.name, [0, row.origin.row])[0] += 1
    said = []
    for (file, name, columns), told in sorted(met.items()):
        needed = {f.name: f.refuses for f in tables[name].fields}
        place = {
            "source": source.name, "table": name, "columns": columns,
            "headers": [source.header(name, column) for column in columns.split("+")],
            "row_is": "refused" if any(needed[c] for c in columns.split("+")) else "kept, with the code as text",
            "kind": kinds[file], "file": file, "path": shelf.find(f"{_TABLES}/{file}", workspace).as_posix(),
        }  # fmt: skip
        said.append(place | _shown(told, kinds[file], values=values))
    return said


def _unknown(row: Row | Refusal, of: Opened, read: Read, where: Where) -> list[tuple[str, str, str]]:
    told = list(unknown_codes(read(row.cells), row.cells, where)) if isinstance(row, Row) else []
    if (told or isinstance(row, Refusal)) and (cells := of.mended(row.origin.row)):
        return list(unknown_codes(read(cells), cells, where))
    return told


def _shown(met: Met, kind: str, *, values: bool) -> dict[str, Any]:
    """How often a text stands is counted in one file: the same note comes again in each night's extract."""
    most = {code: max(n for n, _ in seen.values()) for code, seen in met.items()}
    fit = set(met) if values else codes_in(most, SERVICES if kind == SERVICES else "")
    rows = {code: sum(n for n, _ in seen.values()) for code, seen in met.items()}
    told = sorted((c for c in met if c in fit and (values or _plain(c))), key=lambda code: (-rows[code], code))
    hidden = [code for code in met if code not in told]
    places = sorted((file, first) for code in hidden for file, (_, first) in met[code].items())
    return {
        "codes": [{"code": c, "rows": rows[c], "files": {f: n for f, (n, _) in sorted(met[c].items())}} for c in told],
        "not_shown": {
            "codes": len(hidden),
            "rows": sum(rows[code] for code in hidden),
            "places": [{"file": file, "row": first} for file, first in places[:_PLACES]],
        },
    }


def _plain(code: str) -> bool:
    """No spreadsheet takes it for a formula."""
    return files.escape(code) == code


# tables ------------------------------------------------------------------


def tables(source: Source, workspace: Path | None) -> list[dict[str, Any]]:
    """Each code table of a source: its lines, what they map to that is not in its system, and its ConceptMap's URL.

    `unknown`: codes whose target is not in a code system that we ship; `not_checked`: targets of other systems.
    """
    shipped = Tables(shelf.find("profiles/fhir/tables", workspace)).systems
    return [
        _table(codes.load(file, workspace, kind), kind, shipped, workspace) | {"source": source.name, "kind": kind}
        for kind, table in source.tables.items()
        for file in (table.file, *table.more)
    ]


def _table(
    table: codes.CodeTable, kind: str, shipped: Mapping[str, frozenset[str]], workspace: Path | None
) -> dict[str, Any]:
    unknown, elsewhere = [], Counter[str]()
    for code, (target, _, named) in table.rows.items():
        system = codes.system_of(kind, target, named)
        words = target.split("|")[: 1 if kind == SERVICES else None]
        if system not in shipped:
            elsewhere[system] += 1
        elif not shipped[system].issuperset(words):
            unknown.append({"code": code, "target": target, "system": system})
    return {
        "file": table.file, "path": shelf.find(f"{_TABLES}/{table.file}", workspace).as_posix(),
        "lines": len(table.rows), "maps_to_codes": kind in codes.SYSTEMS, "concept_map": _concept_map(table, workspace),
        "unknown": unknown, "not_checked": {system: n for system, n in sorted(elsewhere.items()) if system},
    }  # fmt: skip


def _concept_map(table: codes.CodeTable, workspace: Path | None) -> str:
    """Of the table as it is: one with a line more than the shipped one is not what the ConceptMap says."""
    try:
        path = shelf.find(f"{_GENERATED}/ConceptMap-{Path(table.file).stem.replace('_', '-')}.json", workspace)
    except Usage:
        return ""
    made = orjson.loads(path.read_bytes())
    return str(made["url"]) if table.digest.startswith(made["version"]) else ""


# what is missing ---------------------------------------------------------


def draft(said: Iterable[Mapping[str, Any]], home: Path, workspace: Path | None) -> list[dict[str, Any]]:
    """Tables in home/profiles/codes with a line for each code shown, its target TODO. What stands there stays.

    A table that `home` lacks begins as the one that is in use, for it stands in front of that from then on. `new`: it
    was not there; `lines`: added; `blanks`: codes of before and now whose target a person still has to fill in.
    """
    missing: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in said:
        missing[one["file"], one["kind"]] |= {told["code"] for told in one["codes"] if _plain(told["code"])}
    drafted = []
    for (file, kind), met in sorted(missing.items()):
        path = home / _TABLES / file
        new = not path.is_file()
        there = (shelf.find(f"{_TABLES}/{file}", workspace) if new else path).read_bytes()
        header, *lines = csv.reader(io.StringIO(there.decode("utf-8-sig"), newline=""))
        known = {one_key(kind, normalize("NFC", cells[0]).strip()): cells[1].strip() for cells in lines if any(cells)}
        if add := sorted(met - known.keys()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(there + _lines(there, [(code, codes.TODO, "", "")[: len(header)] for code in add]))
        blanks = len(add) + sum(target in {"", codes.TODO} for target in known.values())
        drafted.append({"file": file, "path": path.as_posix(), "new": new, "lines": len(add), "blanks": blanks})
    return [one for one in drafted if one["lines"] or one["blanks"]]


def _lines(there: bytes, rows: Iterable[Sequence[str]]) -> bytes:
    """As the file ends its own lines."""
    end, out = "\r\n" if b"\r\n" in there else "\n", io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows(rows)
    return (("" if there.endswith(b"\n") else end) + out.getvalue()).encode()
