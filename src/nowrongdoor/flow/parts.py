"""Which table of which layout are files that nobody knows, and which of its columns is each header?

Known spellings first, from all sources of a layout; then what is like one in name, if that column's reader takes it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nowrongdoor import layouts
from nowrongdoor.errors import Stop
from nowrongdoor.files import plain
from nowrongdoor.flow.ask import Sight, look
from nowrongdoor.flow.likeness import Guess, guesses
from nowrongdoor.layouts.cells import clean
from nowrongdoor.model import Table, value
from nowrongdoor.sources import Source

_NEAR = 1.01  # of 2: all that the table must have, or half of it and as much of the file


@value
class Part:
    """One table of one file, with the header that each column of the layout has there."""

    sight: Sight
    layout: str
    table: Table[Any]
    headers: Mapping[str, str]
    likely: Mapping[str, Guess]  # of the headers, those that are not a known spelling
    maybe: Mapping[str, Guess]  # columns without a header, that cells alone speak for

    @property
    def sheet(self) -> str:
        return self.sight.found.sheet

    @property
    def header(self) -> Sequence[str]:
        return self.sight.found.header

    @property
    def where(self) -> dict[str, int]:
        """Position of each column of the layout; of one that is not there, the empty cell after the row."""
        at = {column: self.header.index(name) for column, name in self.headers.items()}
        return {f.name: at.get(f.name, len(self.header)) for f in self.table.fields}

    @property
    def score(self) -> float:
        """How much of what the table must have is here, and of what is here is the table's; then of the rest."""
        needed = [f.name for f in self.table.fields if not f.optional]
        found = sum(name in self.headers for name in needed)
        rest = len(self.headers) / len(self.table.fields) / 100
        return found / max(1, len(needed)) + len(self.headers) / max(1, len(self.header)) + rest

    @property
    def absent(self) -> list[str]:
        """Columns that the file lacks and the layout can do without."""
        return [f.name for f in self.table.fields if f.optional and f.name not in self.headers]

    @property
    def lacking(self) -> list[str]:
        """Columns that must be there and have no header yet."""
        return [f.name for f in self.table.fields if not f.optional and f.name not in self.headers]

    @property
    def new(self) -> list[str]:
        return [h for h in self.header if plain(h) and h not in self.headers.values()]

    def cells(self, column: str) -> list[str]:
        at = self.where[column]
        return [told for cells in self.sight.rows() if (told := clean(cells[at]))]


def parts(paths: Sequence[Path], candidates: Sequence[Source]) -> list[Part]:
    """Every file as a table of one layout: the layout that they are most like."""
    sights = [sight for path in paths for sight in look(path, candidates)]
    best: list[Part] = []
    for layout in layouts.names():
        own = [s for s in candidates if s.layout == layout]
        fits = [max((_by_name(sight, t, own) for t in layouts.layout(layout).TABLES), key=_score) for sight in sights]
        best = max(best, fits, key=lambda told: sum(p.score for p in told))
    near = [_by_cells(p, [s for s in candidates if s.layout == p.layout]) for p in best if p.score > _NEAR]
    if not near:
        cure = "write `layout` and [headers.TABLE] into sources/NAME.toml and draft again; or they need a layout"
        raise Stop("no layout comes near these files by the names of their columns", cure)
    return near


def _score(part: Part) -> float:
    return part.score


def _spellings(table: Table[Any], own: Sequence[Source]) -> dict[str, list[str]]:
    """Column → what the layout and each source of it call it; STATUS of the referrals may be called referral status."""
    one = table.name.removesuffix("s")
    return {
        f.name: list(dict.fromkeys([*(s.header(table.name, f.name) for s in own), f"{one}_{f.name}"]))
        for f in table.fields
    }


def _by_name(sight: Sight, table: Table[Any], own: Sequence[Source]) -> Part:
    """Headers that are known spellings, then those that are like one."""
    names, headers = _spellings(table, own), {plain(h): h for h in sight.found.header if plain(h)}
    found: dict[str, str] = {}
    for depth in range(max(len(spelled) for spelled in names.values())):
        for column, spelled in names.items():
            header = headers.get(plain(spelled[depth])) if column not in found and depth < len(spelled) else None
            if header and header not in found.values():
                found[column] = header
    left = {c: n for c, n in names.items() if c not in found}
    likely = {
        g.column: g for g in guesses(table, own[0], left, {h: [] for h in headers.values() if h not in found.values()})
    }
    return Part(sight, own[0].layout, table, {**found, **{c: g.header for c, g in likely.items()}}, likely, {})


def _by_cells(part: Part, own: Sequence[Source]) -> Part:
    """Names alone have chosen the table; now its readers look at the cells of what is only like a name."""
    sure = {c: h for c, h in part.headers.items() if c not in part.likely}
    left = {c: n for c, n in _spellings(part.table, own).items() if c not in sure}
    rest = [h for h in part.header if plain(h) and h not in sure.values()]
    found = guesses(part.table, own[0], left, part.sight.samples(rest))
    likely, maybe = ({g.column: g for g in found if g.named is named} for named in (True, False))
    headers = {**sure, **{c: g.header for c, g in likely.items()}}
    return Part(part.sight, part.layout, part.table, headers, likely, maybe)
