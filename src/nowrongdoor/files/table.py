"""Open a file as the tables that its source promises: rows with their origins, what is no row, what cannot be read."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

from nowrongdoor.errors import Stop
from nowrongdoor.files.grid import Dialect, Grid, grids, steadiness, with_columns
from nowrongdoor.files.headers import Fit, Mismatch, Wanted, check_wanted, header_of, plain, rank
from nowrongdoor.files.records import LONGEST_CELL
from nowrongdoor.model import Issue, Origin, Refusal, Row, value

_EMPTY = " \t\r\n\xa0\u200b\ufeff\x1a"  # what a cell may hold and be blank; \x1a ended a file under DOS
_THINGS = r"(?:records?|rows?|lines?|clients?|members?|patients?|people|persons|referrals?|authorizations?|items?)"
_TOTAL = re.compile(
    rf"(?:(?:grand|sub|page|report)?[ -]?totals?(?: {_THINGS})?|(?:{_THINGS} )?count|number of {_THINGS}"
    rf"|end of (?:the )?(?:report|file|data|list|extract|export)|[0-9,]+ {_THINGS}(?: \w+)?)[ :=]*[0-9,]*"
    r"|fin (?:del? )?(?:reporte|informe|archivo|lista|listado)",
    re.IGNORECASE,
)
_TOTAL_OF = re.compile(r"(?:gran )?totals?\b[^0-9]{0,40}[0-9][0-9,.]*[^0-9]{0,40}", re.IGNORECASE)  # in any language
_ISSUES = {
    "D12": Issue(
        "D12",
        "the row has more or fewer cells than the header",
        "look for a lost cell, or a delimiter inside a cell without quotes, and export the row again",
    ),
    "D15": Issue(
        "D15",
        "a quote is not closed, or stands inside a cell that is not quoted",
        "quote the whole cell and double each quote inside it; keep a note that looks like rows on one line",
    ),
    "D17": Issue(
        "D17",
        f"the row holds a NUL character, or a cell of more than {LONGEST_CELL} characters",
        "export the row again: it is damaged, or holds a file",
    ),
    "unknown-record": Issue(
        "unknown-record",
        "it is about a person, and no record of any kind that the source knows: it may cancel what an older one said",
        "name its path under [records] of the source, or under ignored where nothing is to be made of it",
    ),
}


@value
class Noise:
    """A row that states nothing: blank, the header again, or a total."""

    origin: Origin
    why: str  # blank | repeated header | total line


class Found:
    """One table found in one file or sheet. `places`: each wanted column that is there → its position.

    `number` is the file of its rows' origins; of several tables in one workbook each has its own, counting on.
    """

    def __init__(self, grid: Grid, fit: Fit, number: int) -> None:
        self._grid, self._fit, self.number = grid, fit, number
        self.table, self.header, self.header_line = fit.wanted.table, fit.header, fit.line
        self.places, self.new = fit.places, (*fit.new, *(grid.elements.strays if grid.elements else ()))
        self.sheet, self.encoding, self.delimiter = grid.sheet, grid.encoding, grid.delimiter
        self._plain = [plain(text) for text in fit.header]
        self._read = grid.end - (0 if grid.elements else fit.last)

    @property
    def read(self) -> int:
        """Data rows by the file's own count: rows handed over, and each line besides that no row has accounted for."""
        return self._read

    def rows(self) -> Iterator[Row | Refusal | Noise]:
        """Everything after the header, in order, numbered from 1; opens the file anew each time."""
        width, number = len(self.header), self.number
        unusual = {"", self.header[0].strip(_EMPTY)}
        row = untold = 0
        seen = self._fit.last
        self._read = self._grid.end - (0 if self._grid.elements else seen)
        try:
            for line, last, cells, rule in self._grid.records(seen, width):
                row += 1
                mark = crc32("\x1f".join(cells).encode("utf-8", "surrogatepass"))
                origin = Origin(number, row, line, last, mark)
                untold += abs(line - seen - 1)  # spans must tile the lines; a gap, or an overlap, is a row gone astray
                seen = last
                if rule or len(cells) != width or cells.count("") > width - 3 or cells[0].strip(_EMPTY) in unusual:
                    yield self._judged(origin, cells, rule)
                else:
                    yield Row(origin, cells)
        finally:
            gone = abs(self._grid.end - row) if self._grid.elements else untold + abs(self._grid.end - seen)
            self._read = row + gone

    def _judged(self, origin: Origin, cells: list[str], rule: str) -> Row | Refusal | Noise:
        if rule:
            return Refusal(origin, (_ISSUES[rule],), cells)
        width = len(self.header)
        filled = [cell for text in cells if (cell := text.strip(_EMPTY))]
        if not filled:
            return Noise(origin, "blank")
        if _is_total(filled, cells, width):
            return Noise(origin, "total line")
        if any(cell.strip(_EMPTY) for cell in cells[width:]) or len(cells) < width:
            return Refusal(origin, (_ISSUES["D12"],), cells)
        if plain(cells[0]) == self._plain[0] and [plain(cell) for cell in cells[:width]] == self._plain:
            return Noise(origin, "repeated header")
        return Row(origin, cells[:width])


def _is_total(filled: Sequence[str], cells: Sequence[str], width: int) -> bool:
    """A word of totals, at most a number beside it, and cells left empty: never what could be a record."""
    if len(filled) > 2 or (len(filled) == len(cells) == width):
        return False
    if _TOTAL_OF.fullmatch(" ".join(filled)):
        return True
    return bool(_TOTAL.fullmatch(filled[0].strip("*-=#. "))) and not any(map(str.isalpha, "".join(filled[1:])))


def find(path: Path, number: int, wanted: Sequence[Wanted], dialect: Dialect) -> list[Found]:
    """The tables of a source in a file: one in a text, one a sheet in a workbook, in XML one for each kind of record.

    Raises `Mismatch`, or another Stop, if there is none.
    """
    ways = grids(path, dialect)
    if not ways or ways[0].elements:
        return [Found(grid, fit, number + n) for n, (grid, fit) in enumerate(_of_xml(ways, wanted))]
    check_wanted(wanted)
    hits = [(grid, fit) for grid in ways if (fit := header_of(grid.records(0, 0), wanted))]
    if not hits:
        nearest = [(fits[0], steadiness(way)) for way in ways if (fits := rank(way.records(0, 0), wanted))]
        raise Mismatch(max(nearest, key=lambda near: (near[0].score, near[1]))[0] if nearest else None)
    if not ways[0].sheet:
        hits = [max(hits, key=lambda hit: (len(hit[1].places), len(hit[1].header)))]
    return [Found(grid, fit, number + n) for n, (grid, fit) in enumerate(hits)]


def _of_xml(ways: Sequence[Grid], wanted: Sequence[Wanted]) -> Iterator[tuple[Grid, Fit]]:
    """Which record is of which table is declared, not found out."""
    tables = {w.table: w for w in wanted}
    if not ways or not ways[0].table:
        cure = "say under [records] of the source which elements are one: nwd inspect FILE shows what there is"
        raise Stop("it is XML, and no element in it is a record of this source", cure)
    for grid in ways:
        table = tables[grid.table]
        whole = with_columns(grid, table.headers)
        line, last, header, _ = next(whole.records(0, 0))
        at = {name: n for n, name in enumerate(header)}
        places = {name: at[name] for name in (*table.headers, *table.optional) if name in at}
        yield whole, Fit(table, line, last, tuple(header), places, (), (), {})
