"""Say what can be said of a file that nobody knows yet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from nowrongdoor.files.grid import Dialect, Grid, grids, steadiness
from nowrongdoor.files.records import Record
from nowrongdoor.model import value


@value
class Sniffed:
    """A file's kind and spelling. `grids`: its sheets, or its text under the likeliest delimiter."""

    kind: Literal["delimited", "workbook", "xml"]
    grids: tuple[Grid, ...]

    @property
    def encoding(self) -> str:
        return self.grids[0].encoding

    @property
    def delimiter(self) -> str:
        return self.grids[0].delimiter

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(grid.sheet for grid in self.grids if grid.sheet)

    def records(self, sheet: str = "") -> Iterator[Record]:
        """Every record as read, titles and header too, of the sheet named or the first."""
        return next(grid for grid in self.grids if sheet in {"", grid.sheet}).records(0, 0)


def sniff(path: Path, dialect: Dialect) -> Sniffed:
    """What is declared, and for the rest the likeliest; the delimiter is that under which the rows are most alike."""
    ways = grids(path, dialect)
    if not ways or ways[0].sheet:
        return Sniffed("workbook" if ways and not ways[0].elements else "xml", tuple(ways))
    return Sniffed("delimited", (max(ways, key=steadiness),))
