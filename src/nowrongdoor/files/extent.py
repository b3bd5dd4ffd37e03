"""Measure how far the sheets of a workbook reach, before anything makes room for every cell up to there."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from nowrongdoor.errors import Stop
from nowrongdoor.model import value

MOST_CELLS = 50_000_000  # blank ones too: the reader takes 32 bytes for each, so 1.6 GB
CHUNK = 1 << 20  # far more than a tag or the text of a cell may have (32 767 characters)

_TAG = rb"<(?:(?=[rc])|[\w.-]+:)(row|c)(?=[\s/>])"
_OTHER = rb"""(?:\s+(?!r\s*=)[^\s=>/"']+\s*=\s*(?:"[^"]*"|'[^']*'))*+"""
_REST = rb"""([^>"']*+(?:(?:"[^"]*"|'[^']*')[^>"']*+)*+)>"""
_START = re.compile(_TAG + _OTHER + rb"""(?:\s+r\s*=\s*["']([A-Za-z]{0,4000})([0-9]{0,4000})["'])?+""" + _REST)
_BEGUN = re.compile(_TAG)
_BINARY = "xl/workbook.bin"  # .xlsb: its sheets are no XML, so they could not be measured


@value
class Extent:
    """Rows and columns from A1 to the last that hold something."""

    part: str
    rows: int
    columns: int

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    @property
    def corner(self) -> str:
        """The last cell as Excel names it."""
        letters, n = "", self.columns
        while n:
            n, at = divmod(n - 1, 26)
            letters = chr(ord("A") + at) + letters
        return f"{letters}{self.rows}"


def check_extent(book: ZipFile) -> None:
    """`Stop` where its sheets span more than MOST_CELLS together. What a sheet says of its own dimension is not read.
    BadZipFile, and what else ZipFile says of a damaged one, are the caller's.

    A cell without a value (a formatted one) does not count: the reader passes over it.
    """
    if any(name.casefold() == _BINARY for name in book.namelist()):
        raise Stop("the workbook is a binary one (.xlsb)", "save it as .xlsx, or save its sheet as CSV")
    if any(part.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for part in book.infolist()):
        raise BadZipFile
    extents = [_measure(PurePosixPath(part.filename).stem, _opened(book.open(part))) for part in book.infolist()]
    if sum(extent.cells for extent in extents) > MOST_CELLS:
        far = max(extents, key=lambda extent: extent.cells)
        raise Stop(
            f"{far.part} of the workbook reaches to cell {far.corner}, {far.cells / 1e6:,.0f} million cells in all",
            "delete the stray cells, whole rows and columns, after its last record; or save the sheet as CSV",
        )


def _opened(part: IO[bytes]) -> Iterator[bytes]:
    with part:
        while chunk := part.read(CHUNK):
            yield chunk


def _measure(name: str, chunks: Iterable[bytes]) -> Extent:
    """As the reader counts: a row or cell without a reference is the one after the last."""
    row = column = bottom = right = 0
    columns: dict[bytes, int] = {}
    for kind, letters, digits, rest in _starts(chunks):
        if kind == b"row":
            row, column = int(digits) if digits else row + 1, 0
            continue
        at = int(digits) if digits else row
        column = (columns.get(letters) or columns.setdefault(letters, _number(letters))) if letters else column + 1
        if not rest.endswith(b"/"):
            bottom, right = max(bottom, at), max(right, column)
    return Extent(name, bottom, right)


def _starts(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """The start tags of rows and cells; what comes after the last < of a chunk is kept for the next."""
    kept = b""
    for chunk in chain(chunks, (b"<",)):
        text = kept + chunk
        at = max(0, text.rfind(b"<"))
        yield from _START.findall(text, 0, at)
        kept = text[at:]
        if len(kept) > 2 * CHUNK:
            if _BEGUN.match(kept):
                raise Stop("the workbook is damaged", "ask its sender for it again")
            kept = b""


def _number(letters: bytes) -> int:
    n = 0
    for letter in letters.upper():
        n = n * 26 + letter - 64
    return n
