"""Read the sheets of an Excel workbook as text, so that no id ever passes for a number again."""

import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from zipfile import BadZipFile, ZipFile

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files.extent import check_extent
from nowrongdoor.model import value

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Cell: TypeAlias = int | float | str | bool | date | datetime | time | timedelta

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST, LARGEST_UNPACKED = 256 << 20, 2 << 30
_EXACT = 1e15  # Excel keeps 15 digits


@value
class Sheet:
    """A sheet as rows of text; `end`: its last row, by the workbook's own count."""

    name: str
    end: int
    source: "CalamineSheet"

    def rows(self) -> Iterator[list[str]]:
        for cells in self.source.iter_rows():
            yield [as_text(cell) for cell in cells]


def is_workbook(path: Path) -> bool:
    """By its first bytes: what a file is called says little."""
    with path.open("rb") as file:
        return file.read(8).startswith((_ZIP, _OLE))


def sheets(path: Path, only: str = "") -> list[Sheet]:
    """All sheets, or the declared one. What cannot be opened, or is too large to be what it claims, is a `Stop`.

    All are held in memory, each as a full rectangle: 200 000 rows of 20 short texts took 418 MB.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise Usage("this file is a workbook", "pip install 'nowrongdoor[xlsx]'") from None
    _check_size(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = [name for name in book.sheet_names if only in {"", name}]
            found = [book.get_sheet_by_name(name) for name in names]
    except CalamineError as error:
        raise Stop(
            f"the workbook cannot be opened ({type(error).__name__})",
            "save it anew as .xlsx, without a password; unpack it if it is a zip of other files",
        ) from None
    if not found:
        raise Stop("the workbook has no sheet of the declared name", "correct `sheet` in the source")
    return [Sheet(sheet.name, sheet.end[0] + 1 if sheet.end else 0, sheet) for sheet in found]


def _check_size(path: Path) -> None:
    unpacked = 0
    with path.open("rb") as file:
        zipped = file.read(4) == _ZIP
    if zipped:
        try:
            with ZipFile(path) as parts:
                unpacked = sum(part.file_size for part in parts.infolist())
                if path.stat().st_size <= LARGEST and unpacked <= LARGEST_UNPACKED:
                    check_extent(parts)
        except (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error):  # all that ZipFile says of one
            raise Stop("the workbook is damaged, or locked by a password", "ask its sender for it again") from None
    if path.stat().st_size > LARGEST or unpacked > LARGEST_UNPACKED:
        raise Stop("the workbook is too large to be opened", "save its sheet as CSV")


def as_text(cell: Cell) -> str:
    """A cell as text: dates ISO, booleans TRUE and FALSE, whole numbers without a point.

    A number of 16 digits or more has lost some in Excel; it keeps its exponent, so that the id's reader sees that.
    """
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            return _number(cell)
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def _number(number: float) -> str:
    if abs(number) >= _EXACT:
        return f"{number:.14E}"
    return str(int(number)) if number == int(number) else repr(number)
