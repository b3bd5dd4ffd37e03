"""Look at a file of any known kind as records: lines of cells, each with where it stood."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from nowrongdoor.errors import Usage
from nowrongdoor.files import repeated
from nowrongdoor.files.elements import Names, Reading, Wish, is_xml
from nowrongdoor.files.records import Record, split
from nowrongdoor.files.text import measure
from nowrongdoor.files.workbook import Sheet, is_workbook, sheets
from nowrongdoor.model import value

DELIMITERS = (",", ";", "\t", "|")


class Dialect(NamedTuple):
    """What a source declares of its files; "" = found out. `records`, `namespaces` (uri, prefix): of XML only.

    So are `person`, what names one in a message of any kind, and `ignored`, paths that hold nothing of interest.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    records: tuple[Wish, ...] = ()
    namespaces: tuple[tuple[str, str], ...] = ()
    person: str = ""
    ignored: tuple[str, ...] = ()


@value
class Grid:
    """One way to see a file: a sheet of it, or its text under one delimiter. `end`: lines by a count of its own.

    `records(skipped, width)` opens the file anew: records after so many lines, of a table so wide (0: not known yet).
    Of XML, the `elements` of one table ("" where none is declared) are a sheet, and `end` counts them.
    """

    sheet: str
    encoding: str
    delimiter: str
    end: int
    records: Callable[[int, int], Iterator[Record]]
    elements: "Elements | None" = None

    @property
    def table(self) -> str:
        return self.elements.wish.table if self.elements else ""


@value
class Elements:
    """Records of XML. `strays`: paths outside all records that hold something, told with the first sheet."""

    reading: Reading
    number: int
    line: int
    columns: tuple[str, ...]
    strays: tuple[str, ...] = ()

    @property
    def wish(self) -> Wish:
        return self.reading.wishes[self.number]

    def records(self, skipped: int, width: int) -> Iterator[Record]:  # noqa: ARG002 - one shape for all kinds
        """The names of the columns where the first record begins, then the records."""
        if not skipped:
            yield self.line, self.line, list(self.columns), ""
        yield from self.reading.rows(self.number, self.columns)


@value
class Unknown(Elements):
    """What is about a person and no record of any kind, by line and path: told with the last kind, and refused."""

    told: tuple[tuple[int, str], ...] = ()

    def records(self, skipped: int, width: int) -> Iterator[Record]:  # noqa: ARG002 - one shape for all kinds
        if not skipped:
            yield self.line, self.line, list(self.columns), ""
        for line, path in self.told:
            yield line, line, [path], "unknown-record"


def grids(path: Path, dialect: Dialect) -> list[Grid]:
    """The sheets of a workbook, the kinds of records of an XML file, or the ways to cut a text of which one is right.

    Of XML without declared records, what repeats. No grid where there is none of the declared ones.
    """
    if is_xml(path):
        return _of_xml(path, dialect)
    if is_workbook(path):
        found = sheets(path, dialect.sheet)
        return [Grid(sheet.name, "", "", sheet.end, partial(_sheet_records, sheet)) for sheet in found]
    delimiters = (dialect.delimiter,) if dialect.delimiter else DELIMITERS
    if any(len(one) != 1 or one in '"\r\n' for one in delimiters):
        raise Usage(f"delimiter {dialect.delimiter!r} is not one character", "declare one, such as ; or a tab")
    encoding, lines = measure(path, dialect.encoding)
    return [Grid("", encoding, one, lines, partial(_text_records, path, encoding, one)) for one in delimiters]


def _of_xml(path: Path, dialect: Dialect) -> list[Grid]:
    wishes = dialect.records or tuple(repeated.records(path, dialect.encoding))
    reading = Reading(path, dialect.encoding, wishes, Names(dict(dialect.namespaces)), dialect.person)
    seen, strays = reading.scan()
    ignored = tuple(f"{path}/" for path in dialect.ignored)
    unknown = tuple((at, told) for at, told in reading.unknown if not f"{told}/".startswith(ignored))
    paths = [wish.path for wish, told in zip(wishes, seen, strict=True) if told.count]
    made: list[Grid] = []
    for number, (wish, told) in enumerate(zip(wishes, seen, strict=True)):
        if told.count and (told.columns or wish.columns):
            sheet = wish.path if paths.count(wish.path) == 1 else f"{wish.path} ({wish.table})"
            elements = Elements(reading, number, told.line, told.columns, () if made else tuple(strays))
            made.append(Grid(sheet, reading.written_in, "XML", told.count, elements.records, elements))
    if unknown:
        others = Unknown(reading, len(wishes) - 1, unknown[0][0], (), () if made else tuple(strays), unknown)
        made.append(Grid("records of no known kind", reading.written_in, "XML", len(unknown), others.records, others))
    return made


def with_columns(grid: Grid, names: Sequence[str]) -> Grid:
    """XML leaves out what is empty: a column that must be there is there, if no record has it."""
    assert grid.elements
    columns = tuple(dict.fromkeys((*grid.elements.columns, *names)))
    elements = replace(grid.elements, columns=columns)
    return replace(grid, records=elements.records, elements=elements)


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
