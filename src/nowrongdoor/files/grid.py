"""Look at a file of any known kind as records: lines of cells, each with where it stood."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from nowrongdoor.errors import Usage
from nowrongdoor.files.records import Record, split
from nowrongdoor.files.text import measure
from nowrongdoor.files.workbook import Sheet, is_workbook, sheets
from nowrongdoor.model import value

DELIMITERS = (",", ";", "\t", "|")


@value
class Dialect:
    """What a source declares of its files; "" = found out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@value
class Grid:
    """One way to see a file: a sheet of it, or its text under one delimiter. `end`: lines by a count of its own.

    `records(skipped, width)` opens the file anew: records after so many lines, of a table so wide (0: not known yet).
    """

    sheet: str
    encoding: str
    delimiter: str
    end: int
    records: Callable[[int, int], Iterator[Record]]


def grids(path: Path, dialect: Dialect) -> list[Grid]:
    """The sheets of a workbook, or the ways to cut a text of which one is right."""
    if is_workbook(path):
        found = sheets(path, dialect.sheet)
        return [Grid(sheet.name, "", "", sheet.end, partial(_sheet_records, sheet)) for sheet in found]
    delimiters = (dialect.delimiter,) if dialect.delimiter else DELIMITERS
    if any(len(one) != 1 or one in '"\r\n' for one in delimiters):
        raise Usage(f"delimiter {dialect.delimiter!r} is not one character", "declare one, such as ; or a tab")
    encoding, lines = measure(path, dialect.encoding)
    return [Grid("", encoding, one, lines, partial(_text_records, path, encoding, one)) for one in delimiters]


def _text_records(path: Path, encoding: str, delimiter: str, skipped: int, width: int) -> Iterator[Record]:
    with path.open(encoding=encoding, newline="") as text:
        first = next(islice(text, skipped, None), "")
        if not skipped:
            first = first.removeprefix("\ufeff")  # a mark that a declared codec left standing
        yield from split(chain((first,), text), delimiter, skipped, width)


def _sheet_records(sheet: Sheet, skipped: int, width: int) -> Iterator[Record]:  # noqa: ARG001 - one shape for both kinds
    for n, cells in islice(enumerate(sheet.rows(), 1), skipped, None):
        yield n, n, cells, ""


def steadiness(grid: Grid) -> tuple[int, int]:
    """How many of the first records are of one width, two cells or more, and that width."""
    widths = Counter(len(cells) for _, _, cells, rule in islice(grid.records(0, 0), 200) if not rule)
    return max(((count, width) for width, count in widths.items() if width > 1), default=(0, 1))
