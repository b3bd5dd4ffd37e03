"""Write rows that a person will open in Excel and send back: nothing in them runs, nothing in them changes."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from nowrongdoor.errors import Stop, Usage

_RISKY = re.compile(r"'*[=+\-@\t\r\n]")
_BORN = datetime(1980, 1, 1, tzinfo=UTC)  # same rows, same bytes


def escape(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula, with an apostrophe before it; any other cell as it is."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def unescape(cell: str) -> str:
    """The inverse of `escape`, for every cell: one that began with an apostrophe and a sign was given one more."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def write_delimited(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """CSV in UTF-8 with a byte order mark: without it Excel takes the file for cp1252 and breaks every accent."""
    _own(path)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(escape, header))
        writer.writerows(map(escape, row) for row in rows)


def write_workbook(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """One sheet, every cell text and of the format Text, so that an id stays one when somebody edits it."""
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise Usage("no workbook can be written", "pip install 'nowrongdoor[xlsx]'") from None
    _own(path)
    with Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": _BORN})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet()
        sheet.set_column(0, max(0, len(header) - 1), None, text)
        for line, row in enumerate(chain((header,), rows)):
            for column, cell in enumerate(row):
                if sheet.write_string(line, column, escape(cell), text):
                    raise Stop("a cell or the table is larger than a workbook can hold", "write it as CSV")


def _own(path: Path) -> None:
    """Its owner's alone before a row is in it, also where it was there already: rows are of persons."""
    path.touch(mode=0o600)
    path.chmod(0o600)
