"""Write the TOML and the code tables of a source that nobody has described yet, as far as its files tell.

What is sure is filled in; what is not is TODO, and a source with a TODO does not load. Nothing is guessed in silence: a
column taken by the likeness of its name says so beside it, and a code has a target only where all shipped tables of its
kind agree.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nowrongdoor import layouts
from nowrongdoor.codes import COLUMNS, TODO, CodeTable
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import plain
from nowrongdoor.flow.ask import Sight, look, looks_like_a_code, plainly
from nowrongdoor.flow.likeness import PIVOT, Guess, Tables, complains, dated, formats, guesses, reading, unknown_codes
from nowrongdoor.layouts.services import TABLE as SERVICES
from nowrongdoor.model import Table, value
from nowrongdoor.model.values import Bad, hcpcs
from nowrongdoor.sources import Source

Meaning = tuple[str, str, str]

_FEW = 6  # so many meanings of a code are tried, to see which other codes come after it
_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")


@value
class Part:
    """One table of one file, with the header that each column of the layout has there."""

    sight: Sight
    table: Table[Any]
    headers: Mapping[str, str]
    likely: Mapping[str, Guess]  # of the headers, those that are not a known spelling
    maybe: Mapping[str, Guess]  # columns without a header, that cells alone speak for

    @property
    def where(self) -> dict[str, int]:
        header = self.sight.found.header
        at = {column: header.index(name) for column, name in self.headers.items()}
        return {f.name: at.get(f.name, len(header)) for f in self.table.fields}

    @property
    def score(self) -> float:
        """How much of what the table must have is here, and how much of what is here is the table's."""
        needed = [f.name for f in self.table.fields if not f.optional]
        found = sum(name in self.headers for name in needed)
        return found / max(1, len(needed)) + len(self.headers) / max(1, len(self.sight.found.header))

    def cells(self, column: str) -> Iterator[str]:
        at = self.where[column]
        return (cells[at].strip() for cells in self.sight.rows() if cells[at].strip())


def draft(name: str, paths: Sequence[Path], folder: Path, candidates: Sequence[Source]) -> dict[str, Any]:
    """Write `folder`/sources/NAME.toml and codes/NAME_*.csv; returns their names and the number of blanks in each.

    `candidates`: as `ask.known` gives them. Raises Usage where the name is none, or a file is there already, Stop where
    no layout comes near.
    """
    if not _NAME.fullmatch(name) or any(c.name == name for c in candidates):
        raise Usage(f"{name!r} cannot be the name of a new source", "small letters, digits and -, of no other source")
    made = _Draft(name, _parts(paths, candidates), candidates)
    files = {f"sources/{name}.toml": made.toml(), **{f"codes/{made.file(k)}": made.table(k) for k in sorted(made.met)}}
    if there := [file for file in files if (folder / file).exists()]:
        raise Usage(f"{folder / there[0]} is there already", "choose another name, or remove what was drafted before")
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return {
        "folder": folder.as_posix(), "files": {file: len(re.findall(rf'"{TODO}"|,{TODO},', text)) for file, text in files.items()},
        "tables": [{"file": p.sight.path.name, "sheet": p.sight.found.sheet, "table": p.table.name} for p in made.parts],
        "not_drafted": made.unlike_codes,
    }  # fmt: skip


# which columns -----------------------------------------------------------


def _parts(paths: Sequence[Path], candidates: Sequence[Source]) -> list[Part]:
    """Every file as a table of one layout: the layout that most of them are like."""
    sights = [sight for path in paths for sight in look(path, candidates)]
    best: list[Part] = []
    for layout in layouts.names():
        own = [s for s in candidates if s.layout == layout]
        parts = [max((_by_name(sight, t, own) for t in layouts.layout(layout).TABLES), key=_score) for sight in sights]
        best = max(best, parts, key=lambda all_: sum(p.score for p in all_))
    parts = [_by_cells(p, [s for s in candidates if s.layout == p.sight.source.layout]) for p in best if p.score > 1]
    if not parts:
        raise Stop("no layout comes near these files", "they may need a layout of their own, which is Python")
    return parts


def _score(part: Part) -> float:
    return part.score


def _spellings(table: Table[Any], own: Sequence[Source]) -> dict[str, list[str]]:
    """Column → what the layout and each source of it call it."""
    return {f.name: list(dict.fromkeys([f.name, *(s.header(table.name, f.name) for s in own)])) for f in table.fields}


def _by_name(sight: Sight, table: Table[Any], own: Sequence[Source]) -> Part:
    """Headers that are known spellings, then those that are like one."""
    names, headers = _spellings(table, own), {plain(h): h for h in sight.found.header if plain(h)}
    found: dict[str, str] = {}
    for depth in range(max(len(spelled) for spelled in names.values())):
        for column, spelled in names.items():
            header = headers.get(plain(spelled[depth])) if column not in found and depth < len(spelled) else None
            if header and header not in found.values():
                found[column] = header
    rest: dict[str, list[str]] = {h: [] for h in headers.values() if h not in found.values()}
    like = guesses(table, own[-1], {c: n for c, n in names.items() if c not in found}, rest)
    likely = {g.column: g for g in like}
    seen = _as(sight, own[-1].layout)
    return Part(seen, table, {**found, **{c: g.header for c, g in likely.items()}}, likely, {})


def _as(sight: Sight, layout: str) -> Sight:
    """The same file as that layout's: what is read of it does not depend on which source came nearest."""
    seen = object.__new__(Sight)
    seen.__dict__.update(sight.__dict__)
    seen.source = sight.source if sight.source.layout == layout else plainly(layout)
    return seen


def _by_cells(part: Part, own: Sequence[Source]) -> Part:
    """Names alone have chosen the table; now its readers look at the cells of what is only like."""
    names = _spellings(part.table, own)
    sure = {c: h for c, h in part.headers.items() if c not in part.likely}
    rest = [h for h in part.sight.found.header if plain(h) and h not in sure.values()]
    open_ = {c: n for c, n in names.items() if c not in sure}
    found = guesses(part.table, part.sight.source, open_, part.sight.samples(rest))
    likely = {g.column: g for g in found if g.named}
    maybe = {g.column: g for g in found if not g.named}
    return Part(part.sight, part.table, {**sure, **{c: g.header for c, g in likely.items()}}, likely, maybe)
