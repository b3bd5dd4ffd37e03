"""Cut the lines of a delimited file into records, and never let one stray quote swallow its neighbours."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Record: TypeAlias = tuple[int, int, list[str], str]  # first line, last line, cells, rule that it breaks ("" = none)

LONGEST_CELL = 131_072
_LINES, _CHARACTERS = 200, 1 << 20  # how far an open quote may reach
_ENDS = re.compile(r"\r\n|\r|\n")
_LETTERS, _DIGITS = re.compile(r"[A-Za-z]+"), re.compile(r"[0-9]+")


def split(lines: Iterable[str], delimiter: str, skipped: int = 0, width: int = 0) -> Iterator[Record]:
    r"""Records by RFC 4180, strictly; `lines` keep their ends (\r\n, \n or \r) and follow `skipped` earlier ones.

    Where a quote is not closed, or stands where it may not, the record ends with its first physical line and comes as
    that line in one cell with rule D15; reading resumes on the next line. So does a record over several lines that has
    not the `width` of its table (0: not known yet), or that seems to have swallowed a row. NULs and endless cells: D17.
    """
    source = iter(lines)
    ahead: deque[str] = deque()  # lines looked at in search of a closing quote, not yet read
    n = 0
    while line := ahead.popleft() if ahead else next(source, ""):
        n += 1
        more = 0
        if '"' not in line:
            cells = line.rstrip("\r\n").split(delimiter)
        else:
            if line.count('"') % 2:
                line, more = _reach(line, source, ahead)
            cells = _cells(line.rstrip("\r\n"), delimiter)
            if not cells or (more and not _is_one(cells, line, delimiter, width)):
                yield skipped + n, skipped + n, [_ENDS.split(line, maxsplit=1)[0]], "D15"
                continue
            for _ in range(more):
                ahead.popleft()
        endless = len(line) > LONGEST_CELL and any(len(cell) > LONGEST_CELL for cell in cells)
        yield skipped + n, skipped + n + more, cells, "D17" if endless or "\0" in line else ""
        n += more


def _cells(body: str, delimiter: str) -> list[str]:
    """The cells of a record that holds quotes; none where it breaks RFC 4180, which `csv.reader` lets pass."""
    if body[0] == '"' == body[-1] and len(body) > 1:
        plain = body[1:-1].split(f'"{delimiter}"')
        if body.count('"') == 2 * len(plain):
            return plain  # every cell quoted, no quote in any: common, and the slowest below
    cells: list[str] = []
    at = 0
    while (opening := body.find('"', at)) >= 0:
        if opening > at:
            if body[opening - 1] != delimiter:
                return []
            cells += body[at : opening - 1].split(delimiter)
        closing = body.find('"', opening + 1)
        while closing >= 0 and body.startswith('"', closing + 1):
            closing = body.find('"', closing + 2)
        at = closing + 1
        if closing < 0 or (at < len(body) and body[at] != delimiter):
            return []
        cells.append(body[opening + 1 : closing].replace('""', '"'))
        if at == len(body):
            return cells
        at += 1
    return cells + body[at:].split(delimiter)


def _reach(line: str, source: Iterator[str], ahead: deque[str]) -> tuple[str, int]:
    """The line with those that its open quote reaches over, and how many; the line alone if it is never closed."""
    text = [line]
    for n in range(_LINES):
        if n == len(ahead):
            ahead.append(next(source, ""))
        text.append(ahead[n])
        if ahead[n].count('"') % 2:
            return "".join(text), n + 1
        if not ahead[n] or sum(map(len, text)) > _CHARACTERS:
            break
    return line, 0


def _is_one(cells: list[str], text: str, delimiter: str, width: int) -> bool:
    """Whether several lines are one record: as wide as its table, with no line in it that looks like the next row.

    Two faults can make one well-formed record of many rows: an unclosed quote, and a stray one in the same column
    further down. It shows where a line inside has as many cells as the table and begins with the same kind of key.
    """
    if not width:
        return True
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return False
    key = _shape(cells[0])
    inner = (line.split(delimiter) for line in _ENDS.split(text.rstrip("\r\n"))[1:])
    return "0" not in key or not any(len(line) == width and _shape(line[0]) == key for line in inner)


def _shape(key: str) -> str:
    return _DIGITS.sub("0", _LETTERS.sub("a", key.strip('" ')))
