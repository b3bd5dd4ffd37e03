"""What can be said of a file before anything is taken in: how it is written, whose it may be, and where it differs.

Nothing of a person comes out of here but through `rows`. Cells are shown of code columns only, and only what looks like
a code; headers only where the row that holds them is surely a header.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from nowrongdoor import files, layouts, sources
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.flow.likeness import Guess, guesses, reading, unknown_codes
from nowrongdoor.flow.run import dialect, expected
from nowrongdoor.layouts.services import TABLE as SERVICES
from nowrongdoor.model import Issue, Refusal, Row, Table
from nowrongdoor.sources import Source

_SHOWN = 20  # codes of one column
_SAMPLE = 40  # cells of one column are enough to know its shape
_CERTAIN = 2  # columns found by name: no row of data has so many
_VOCABULARY = 100  # words; no table of codes lacks so many
_WORD = re.compile(r"[^\W\d_]{3}|[A-Z][a-z]")  # "MH" is none, "Ng" is
_CPT = re.compile(r"[0-9]{4}[0-9TF]([-| ]?[A-Z0-9]{2})*")
PERSONAL = re.compile(r".*([0-9]{5}|[0-9]+[-/.][0-9]+[-/.][0-9]|@|\n).*", re.DOTALL)


class Sight:
    """One table of one file, seen as the source that comes nearest. `source.name` is "" where only a layout does."""

    def __init__(self, path: Path, grid: files.Grid, fit: files.Fit, source: Source) -> None:
        self.path, self.fit, self.source = path, fit, source
        self.encoding, self.delimiter = grid.encoding, grid.delimiter
        self.element = grid.elements.wish.path if grid.elements else ""  # of XML: which is a record
        self.found = files.Found(grid, fit, 0)
        self.table: Table[Any] = next(t for t in layouts.layout(source.layout).TABLES if t.name == fit.wanted.table)

    @property
    def sure(self) -> bool:
        """The header is one: not somebody's data."""
        return len(self.fit.places) >= _CERTAIN

    @property
    def name(self) -> str:
        """The file, and its sheet where it has several."""
        return f"{self.path.name} ({self.found.sheet})" if self.found.sheet else self.path.name

    @cached_property
    def where(self) -> dict[str, int]:
        """Position of each of the layout's columns; of one that the file lacks, the empty cell after the row."""
        spelled = {f.name: self.source.header(self.table.name, f.name) for f in self.table.fields}
        return {name: self.fit.places.get(header, len(self.found.header)) for name, header in spelled.items()}

    def rows(self) -> Iterator[list[str]]:
        """Cells of each data row that could be split, with one empty cell more."""
        for row in self.found.rows():
            if isinstance(row, Row):
                yield [*row.cells, ""]

    def samples(self, headers: Iterable[str], most: int = _SAMPLE) -> dict[str, list[str]]:
        """Some distinct cells that are not empty, of each of these headers."""
        places = {header: self.found.header.index(header) for header in headers}
        seen: dict[str, dict[str, None]] = {header: {} for header in places}
        for cells in islice(self.rows(), 20 * most):
            for header, at in places.items():
                if len(seen[header]) < most and cells[at].strip():
                    seen[header][cells[at].strip()] = None
        return {header: list(cells) for header, cells in seen.items()}

    def renamed(self) -> list[Guess]:
        """What columns that the source expects, and the file lacks, may be called here."""
        if not self.sure:
            return []
        column_of = {self.source.header(self.table.name, f.name): f.name for f in self.table.fields}
        spellings = {column_of[header]: (header, column_of[header]) for header in self.fit.missing}
        new = [header for header in self.fit.new if header.strip() not in self.source.ignored]
        return guesses(self.table, self.source, spellings, self.samples(new))


def known(workspace: Path | None) -> tuple[list[Source], list[str]]:
    """Every source of rows that can be read, then every layout by its own names; and of the other sources, why not."""
    found, unread = every(workspace)
    rows = (s for s in found if not layouts.is_document(s.layout))
    return [*rows, *map(plainly, layouts.names())], unread


def every(workspace: Path | None) -> tuple[list[Source], list[str]]:
    """Every source that can be read; and of the others, why not."""
    found, unread = [], []
    for name in sources.names(workspace):
        try:
            source = sources.load(name, workspace)
            if not layouts.is_document(source.layout):
                expected(source)
            found.append(source)
        except Usage as e:
            unread.append(str(e))
    return found, unread


def plainly(layout: str) -> Source:
    """A layout by its own names, as a source without a name."""
    return Source("", "", "", layout, "UTC", "full", "status", "unknown", {"name": ""})


def look(path: Path, candidates: Sequence[Source]) -> list[Sight]:
    """Each table in a file (each sheet of a workbook) as the candidate that comes nearest, of equals the first.

    Raises Usage where there is no such file, Stop where it cannot be opened, or holds no table at all.
    """
    if not path.is_file():
        raise Usage(f"{path} is not a file", "name a file of the export")
    best: dict[object, dict[str, Sight]] = {}  # of XML, by the records that a source looks for
    opened = {files.Dialect(): _open(path, files.Dialect(), needed=True)}
    for source in candidates:
        way = dialect(source)
        if way not in opened:
            opened[way] = _open(path, way)
        for grid in opened[way]:
            own = best.setdefault(way.records if grid.elements else (), {})
            tables = [w for w in expected(source) if grid.table in {"", w.table}]
            for fit in files.rank(grid.records(0, 0), tables)[:1]:
                sight = Sight(path, grid, fit, source)
                if grid.sheet not in own or _rank(sight) > _rank(own[grid.sheet]):
                    own[grid.sheet] = sight
    if not any(best.values()):
        raise Stop(f"{path.name} holds no rows", "look at it: it may be empty")
    columns = {group: sum(len(sight.fit.places) for sight in own.values()) for group, own in best.items()}
    return list(best[max(best, key=lambda group: (columns[group], bool(columns[group] and group)))].values())


def _rank(sight: Sight) -> tuple[float, int, int]:
    """Where nothing of a source is found, its delimiter is as good as the header is wide."""
    fit = sight.fit
    return fit.score, len(fit.places), 0 if fit.places else len(fit.header)


def _open(path: Path, dialect: files.Dialect, *, needed: bool = False) -> Sequence[files.Grid]:
    """The file as that dialect has it; nothing where it cannot be that."""
    try:
        return files.sniff(path, dialect).grids
    except Stop as e:
        if needed:
            raise type(e)(f"{path.name}: {e.cause}", e.cure) from None
        return ()


# inspect -----------------------------------------------------------------


def told(sight: Sight) -> dict[str, Any]:
    """What `inspect` says of one table, as JSON values: how it is written, its rows, drift, codes without a line."""
    fit, found, source = sight.fit, sight.found, sight.source
    counts, codes = _count(sight)
    renamed = sight.renamed()
    headers = {g.header for g in renamed}
    columns = {g.column for g in renamed}
    spelled = {source.header(sight.table.name, f.name): f for f in sight.table.fields}
    new = [h for h in found.new if h.strip() not in source.ignored and h not in headers]
    return {
        "file": sight.path.name, "sheet": found.sheet, "encoding": sight.encoding, "delimiter": sight.delimiter,
        "header_line": fit.line, "header_sure": sight.sure, "rows": counts["rows"], "refused": counts["refused"],
        "totals": counts["total line"], "blank": counts["blank"], "repeated_headers": counts["repeated header"],
        "source": source.name, "layout": source.layout, "table": sight.table.name,
        "columns": len(fit.header), "found": len(fit.wanted.headers) - len(fit.missing),
        "wanted": len(fit.wanted.headers),
        "renamed": [{"header": g.header, "column": g.column, "why": g.why} for g in renamed],
        "missing": [h for h in fit.missing if spelled[h].name not in columns],
        "new": new if sight.sure else [],
        "codes": codes if source.name else [],
    }  # fmt: skip


def _count(sight: Sight) -> tuple[Counter[str], list[dict[str, Any]]]:
    """Rows by what they are, and the codes that the source's tables lack: one reading of the whole file."""
    counts: Counter[str] = Counter()
    codes: dict[tuple[str, str], Counter[str]] = {}
    read = reading(sight.table, sight.source, sight.where)
    for row in sight.found.rows():
        kind = "rows" if isinstance(row, Row) else "refused" if isinstance(row, Refusal) else row.why
        counts[kind] += 1
        if isinstance(row, Row) and sight.sure:
            cells = [*row.cells, ""]
            for file, columns, code in unknown_codes(read(cells), cells, sight.where):
                codes.setdefault((columns, file), Counter())[code] += 1
    services = sight.source.code_file(SERVICES) if sight.source.has_code(SERVICES) else SERVICES
    return counts, [
        _lacking(columns, file, met, SERVICES if file == services else "") for (columns, file), met in codes.items()
    ]


def _lacking(columns: str, file: str, met: Counter[str], kind: str) -> dict[str, Any]:
    fit = codes_in(met, kind)
    shown = dict([(code, n) for code, n in met.most_common() if code in fit][:_SHOWN])
    return {
        "columns": columns, "file": file, "codes": shown,
        "not_shown": {"codes": len(met) - len(shown), "rows": met.total() - sum(shown.values())},
    }  # fmt: skip


def codes_in(met: Mapping[str, int], kind: str = "") -> set[str]:
    """Of texts that stood in a column of codes, with the rows of each: those that may be shown.

    Where most words stand once, or there are very many, the column holds names: none of its words is shown.
    """
    words = {text for text in met if _WORD.search(text)}
    names = len(words) > _VOCABULARY or 2 * sum(met[word] == 1 for word in words) > len(words)
    return {text for text, rows in met.items() if looks_like_a_code(text, rows, kind)} - (words if names else set())


def looks_like_a_code(text: str, rows: int, kind: str = "") -> bool:
    """Short, without a number, date or address of a person in it; a word, which may be a name, is met more than once.

    Five digits may be somebody's number or ZIP code; where service codes stand, they are CPT.
    """
    if kind == SERVICES and _CPT.fullmatch(text):
        return True
    alone = len(text.split()) == 1 and not _WORD.search(text)
    return len(text) <= 40 and not PERSONAL.fullmatch(text) and (rows > 1 or alone)


# rows --------------------------------------------------------------------


def rows(sight: Sight) -> Iterator[dict[str, Any]]:
    """Every row exactly as read, under the header that comes nearest: cells, or why they cannot be told apart."""
    place = {"file": sight.path.name, "sheet": sight.found.sheet}
    for row in sight.found.rows():
        at = {**place, "row": row.origin.row, "first": row.origin.line, "last": row.origin.last}
        if isinstance(row, Row):
            yield {**at, "cells": row.cells}
        elif isinstance(row, Refusal):
            yield {**at, "refused": [_issue(i) for i in row.issues], "cells": row.raw}
        else:
            yield {**at, "noise": row.why}


def _issue(issue: Issue) -> dict[str, str]:
    return {"rule": issue.rule, "cause": issue.cause, "cure": issue.cure}
