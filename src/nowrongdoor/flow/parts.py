"""Which table of which layout are files that nobody knows, and which of its columns is each header?

Known spellings first, from all sources of a layout; then what is like one in name, if that column's reader takes it;
then what can be no other column by its cells. Where a person has named the layout, cells also tell tables apart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nowrongdoor import layouts
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import plain
from nowrongdoor.flow.ask import PERSONAL, Sight, look
from nowrongdoor.flow.likeness import MOST, Guess, are_dates, guesses, mentions, shares, vague
from nowrongdoor.layouts.cells import clean
from nowrongdoor.layouts.services import TABLE as SERVICES
from nowrongdoor.model import Table, value
from nowrongdoor.sources import Source

_NEAR = 1.01  # of 2: all that the table must have, or half of it and as much of the file
_LEAD, _NAMED = 0.3, 0.5  # a clear lead: more than one telling column; what the name of a file weighs
_TELLING, _TAKEN = 4, 0.7  # so many telling columns weigh 1; exports are dirty, so a reader need not take all cells
_KEYS, _FEW = 5000, 10  # so many keys of a column show whether other files have them; fewer may be codes
_KEY = re.compile(r"[^\s]*[0-9][^\s]*")
_HCPCS = re.compile(r"[A-Z][0-9]{4}(?:[ -]?[A-Z0-9]{2})*")


@value
class Part:
    """One table of one file, with the header that each column of the layout has there."""

    sight: Sight
    layout: str
    table: Table[Any]
    headers: Mapping[str, str]
    likely: Mapping[str, Guess]  # of the headers, those that are not a known spelling
    unfit: Mapping[str, set[str]]  # header → columns whose readers refuse its cells

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

    def may_be(self, column: str) -> list[str]:
        """Headers that nobody claimed, and whose cells that column's reader does not refuse."""
        return [h for h in self.new if column not in self.unfit.get(h, ())]

    @property
    def new(self) -> list[str]:
        return [h for h in dict.fromkeys(self.header) if plain(h) and h not in self.headers.values()]

    def cells(self, column: str) -> list[str]:
        at = self.where[column]
        return [told for cells in self.sight.rows() if (told := clean(cells[at]))]


@value
class Asked:
    """What a person says by hand: the layout, "" if they do not; and of which table a file is, by its name."""

    layout: str
    tables: Mapping[str, str]


def parts(paths: Sequence[Path], candidates: Sequence[Source], asked: Asked) -> tuple[list[Part], dict[str, list[str]]]:
    """Each file as a table of one layout, by hand, by its headers or by its cells; and which tables the others may be.

    Raises Usage where there is no such layout, table or file; Stop where no layout or no table comes near.
    """
    if asked.layout:
        layouts.layout(asked.layout)  # Usage where there is none
        candidates = [s for s in candidates if s.layout == asked.layout]
    sights = [sight for path in paths for sight in look(path, candidates)]
    layout = asked.layout or _nearest(sights, candidates)
    own = [s for s in candidates if s.layout == layout]
    tables = {t.name: t for t in layouts.layout(layout).TABLES}
    names = {name for s in sights for name in (s.name, s.path.name)}
    if not (names >= asked.tables.keys() and tables.keys() >= {*asked.tables.values()}):
        raise Usage("--table names no such file, or no such table", f"tables of {layout}: {', '.join(tables)}")
    found, unsure = [], {}
    for sight in sights:
        fits = {name: _by_name(sight, t, own) for name, t in tables.items()}
        by_hand = asked.tables.get(sight.name) or asked.tables.get(sight.path.name)
        likely = [by_hand] if by_hand else _likely(fits, own[0])
        if len(likely) == 1:
            found.append(_by_cells(_not_data(fits[likely[0]]), own))
        else:
            unsure[sight.name] = likely
    if not found:
        raise Stop("it cannot be told which tables these are", f"say --table FILE=TABLE, of {', '.join(tables)}")
    taken = {p.table.name for p in found}
    return _with_keys(found), {name: sorted(told, key=taken.__contains__) for name, told in unsure.items()}


def _nearest(sights: Sequence[Sight], candidates: Sequence[Source]) -> str:
    """The layout that the files are most like by the names of their columns."""
    scores = {}
    for layout in layouts.names():
        own = [s for s in candidates if s.layout == layout]
        scores[layout] = [max(_by_name(s, t, own).score for t in layouts.layout(layout).TABLES) for s in sights]
    best = max(scores, key=lambda layout: sum(scores[layout]))
    if max(scores[best]) <= _NEAR:
        cure = f"name the layout: --layout {' | '.join(layouts.names())}"
        raise Stop("no layout comes near these files by the names of their columns", cure)
    return best


def _likely(fits: Mapping[str, Part], own: Source) -> list[str]:
    """Tables that the file may be, best first: one, where it leads clearly or is near by its headers."""
    first = max(fits, key=lambda name: fits[name].score)
    if fits[first].score > _NEAR:
        return [first]
    sight = fits[first].sight
    cells = [c for c in sight.samples(filter(plain, sight.found.header)).values() if len(c) > 2]
    takers = [{name for name, p in fits.items() if _takes(p.table, own, c)} for c in cells]
    weight = {
        name: p.score
        + min(1.0, sum(name in takes and len(takes) < len(fits) for takes in takers) / _TELLING)
        + _NAMED * mentions(f"{sight.path.stem} {sight.found.sheet}", name)
        for name, p in fits.items()
    }
    first, *others = sorted(weight, key=lambda name: -weight[name])
    return [first, *(name for name in others if weight[first] - weight[name] < _LEAD)]


def _not_data(part: Part) -> Part:
    """Nobody's data is taken for headers, as these are written into the draft."""
    if part.score <= _NEAR and any(PERSONAL.fullmatch(h.replace("\n", " ")) for h in part.header):
        cause = f"{part.sight.name}: line {part.sight.fit.line} is no header: it holds numbers or dates"
        raise Stop(cause, "add a line with the names of the columns")
    return part


def _takes(table: Table[Any], own: Source, cells: Sequence[str]) -> bool:
    """A column of the table is made for such cells: by its reader, or as it is one of service codes."""
    asks = any(f.table == SERVICES for f in table.fields) and sum(map(bool, map(_HCPCS.fullmatch, cells))) * 3
    shaped = (c for c, share in shares(table, own, cells).items() if share >= _TAKEN)
    return asks > len(cells) or bool({*shaped} - vague(table, own))


def _with_keys(found: list[Part]) -> list[Part]:
    """The one column that every table must have says whom a row is of: its keys stand in several files."""
    needed = [{f.name for f in t.fields if not f.optional} for t in layouts.layout(found[0].layout).TABLES]
    for column in common if len(common := set.intersection(*needed)) == 1 else ():
        keys = {p.sight.name: _keys(p, [p.headers[column]] if column in p.headers else p.new) for p in found}
        found = [p if column in p.headers else _shared(p, column, keys) for p in found]
    return found


def _shared(part: Part, column: str, keys: Mapping[str, Mapping[str, set[str]]]) -> Part:
    """The part with the header whose keys most of the other files have, if there is just one."""
    others = [set().union(*told.values()) for name, told in keys.items() if name != part.sight.name]
    own = keys[part.sight.name]
    met = {h: sum(len(own[h] & other) * 2 > min(len(own[h]), len(other)) for other in others) for h in own}
    best = [h for h in met if met[h] == max(met.values()) > 0]
    if len(best) != 1:
        return part
    guess = Guess(column, best[0], named=False, shaped=False, shared=True)
    return replace(part, headers={**part.headers, column: best[0]}, likely={**part.likely, column: guess})


def _keys(part: Part, headers: Sequence[str]) -> dict[str, set[str]]:
    """Distinct cells of those headers whose cells may be keys: many, of one word with a digit in it, no dates."""
    cells = part.sight.samples(headers, _KEYS)
    own = {h: {c for c in told if _KEY.fullmatch(c)} for h, told in cells.items() if not are_dates(told[:40])}
    return {h: keys for h, keys in own.items() if len(keys) >= max(_FEW, MOST * len(cells[h]))}


def _spellings(table: Table[Any], own: Sequence[Source]) -> dict[str, list[str]]:
    """Column → what the layout and each source of it call it; STATUS of the referrals may be called referral status.

    What a draft of before, the source without a name, declares absent is not looked for.
    """
    one, gone = table.name.removesuffix("s"), own[0].absent.get(table.name, ()) if not own[0].name else ()
    return {
        f.name: list(dict.fromkeys([*(s.header(table.name, f.name) for s in own), f"{one}_{f.name}"]))
        for f in table.fields
        if f.name not in gone
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
    samples, unclear = part.sight.samples(rest), vague(part.table, own[0])
    told = guesses(part.table, own[0], left, samples)
    likely = {g.column: g for g in told if g.named or g.column not in unclear}
    unfit = {h: {c for c, n in shares(part.table, own[0], cells).items() if n <= 0.5} for h, cells in samples.items()}
    headers = {**sure, **{c: g.header for c, g in likely.items()}}
    return Part(part.sight, part.layout, part.table, headers, likely, unfit)
