"""Find out in which alphabet a file was saved, and how many lines it has, before anyone reads a word of it."""

import codecs
import re
from collections.abc import Iterator
from hashlib import file_digest
from io import BytesIO, TextIOWrapper
from itertools import chain
from pathlib import Path

from nowrongdoor.errors import Stop, Usage

_CHUNK = 1 << 20
_LONGEST_LINE = 16 * _CHUNK
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ASCII = bytes(range(128))
_DECLARE = "declare the right `encoding` for this source, or have the file exported again"


class _Undecodable(Exception):  # noqa: N818 - never leaves this module; not an error but a "no" of the ladder
    def __init__(self, offset: int, byte: int) -> None:
        self.offset, self.byte = offset, byte


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes in hex, streamed."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def measure(path: Path, declared: str = "") -> tuple[str, int]:
    """Encoding and number of physical lines, by the whole file and by another way than the reader's own.

    Declared first; else byte order mark, UTF-16 by its NULs, strict UTF-8, cp1252. A file that fits none is a `Stop`,
    an encoding that does not exist a `Usage`. Never latin-1, which accepts anything.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if declared:
        _check_declared(declared, marked)
    try:
        encoding = declared or marked or _unmarked_utf16(head) or "utf-8"
        return encoding, _count_lines(path, encoding)
    except _Undecodable as no:
        if declared or encoding != "utf-8":
            raise _wrong(encoding, no) from None
        return _not_utf8(path, no)


def _check_declared(declared: str, marked: str) -> None:
    try:
        TextIOWrapper(BytesIO(), encoding=declared)
    except LookupError:
        raise Usage(f"encoding {declared!r} is not known", "declare one such as cp1252 or mac_roman") from None
    if marked and not codecs.lookup(declared).name.startswith(marked.removesuffix("-sig")):
        raise Stop(f"the file begins with the mark of {marked}, the source declares {declared}", _DECLARE)


def _unmarked_utf16(head: bytes) -> str:
    """Latin text in UTF-16 has a NUL in nearly every pair, always on the same side; a few stray NULs are not that."""
    pairs = len(head) // 2
    high, low = head[0::2].count(0), head[1::2].count(0)
    if pairs and max(high, low) > 0.7 * pairs and min(high, low) < 0.05 * pairs:
        return "utf-16-le" if low > high else "utf-16-be"
    return ""


def _not_utf8(path: Path, no: _Undecodable) -> tuple[str, int]:
    """cp1252, unless the file is UTF-8 with faults: read as cp1252, all its accents would turn to rubbish unseen."""
    whole = stray = 0
    for chunk in _chunks(path):
        found = _SEQUENCE.findall(chunk)
        whole += len(found)
        stray += len(chunk.translate(None, _ASCII)) - sum(map(len, found))
    if whole and whole * 10 >= stray:  # accents in true cp1252 hardly ever look like UTF-8, and never one in ten
        raise Stop(f"the file is UTF-8, but broken: byte {no.byte:#04x} at offset {no.offset}", _DECLARE)
    try:
        return "cp1252", _count_lines(path, "cp1252")
    except _Undecodable as neither:
        raise _wrong("cp1252", neither) from None


def _wrong(encoding: str, no: _Undecodable) -> Stop:
    return Stop(f"the file is not {encoding}: byte {no.byte:#04x} at offset {no.offset}", _DECLARE)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _count_lines(path: Path, encoding: str) -> int:
    r"""Physical lines of the decoded text, ended by \r\n, \n or \r; the last may lack its end."""
    ends = since = 0
    last = ""
    for text in _decoded(path, encoding):
        here = text.count("\n") + text.count("\r") - text.count("\r\n")
        since = 0 if here else since + len(text)
        if since > _LONGEST_LINE:
            raise Stop("the file has a line of millions of characters", "this is no delimited text: ask its sender")
        ends += here - (last == "\r" and text.startswith("\n"))
        last = text[-1:] or last
    return ends + (last not in {"", "\r", "\n"})


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    at = 0
    for chunk in chain(_chunks(path), (b"",)):
        kept = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as no:
            raise _Undecodable(at - kept + no.start, no.object[no.start]) from None
        except UnicodeError:  # "utf-16" declared, and the byte order is not
            raise _Undecodable(at, chunk[0]) from None
        at += len(chunk)
        yield text
