"""How any cell is read: what is trimmed and mended, what counts as empty, and which words mean "there is none".

A reader takes a cell as it stands in the file and returns its value, or raises `Bad` (not understood) or `Warned`
(read, with a warning; its `value` is what was read). A reader that must know its source is a `Bound`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Generic, NoReturn, TypeAlias, TypeVar
from unicodedata import category, normalize

from nowrongdoor.codes import TODO
from nowrongdoor.model import Absent, Spelling
from nowrongdoor.model.values import Bad, Warned

T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)
Reader: TypeAlias = Callable[[str], T]

# word, casefolded → code of data-absent-reason; used where a source declares no words of its own.
# "na" and "null" are not here: they are also people's names.
ABSENT_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("unk", "unknown", "not known", "?", "-", "--", ".", "see file", "tbd", "0"), "unknown"),
    **dict.fromkeys(("refused", "declined", "declined to state", "declined to answer"), "asked-declined"),
    **dict.fromkeys(("n/a", "not applicable", "none"), "not-applicable"),
    "not asked": "not-asked",
    "unable to answer": "asked-unknown",
}
_MANGLED = ("Ã", "Â", "â€")  # what UTF-8 looks like to a program that takes it for cp1252 (D03)
_ERROR_CELL = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|#+)")


class Bound(Generic[T_co]):
    """A reader that must know its source: `bind(spelling, column)` gives the plain one."""

    def __init__(self, bind: Callable[[Spelling, str], Callable[[str], T_co]]) -> None:
        self.bind = bind


AnyReader: TypeAlias = Callable[[str], T] | Bound[T]


def fit(reader: AnyReader[T], spelling: Spelling, column: str) -> Reader[T]:
    """The plain reader of a column of this source."""
    return reader.bind(spelling, column) if isinstance(reader, Bound) else reader


def called(spelling: Spelling) -> str:
    """The source in a sentence; a layout by its own names is none."""
    return f"source {spelling.name}" if spelling.name else "this source"


def words_of(spelling: Spelling) -> Mapping[str, str]:
    """Word → reason; one that the source declares with "" is an ordinary value there."""
    return {word: reason for word, reason in spelling.absent_words.items() if reason} or ABSENT_WORDS


def refuse() -> NoReturn:
    """What an empty cell means where it must be filled."""
    raise Bad("empty", "the cell is empty", "fill the cell in")


def clean(cell: str) -> str:
    """The cell without spaces around it, no-break spaces and characters that have no width (D04); accents composed."""
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    return normalize("NFC", "".join(" " if c == "\u00a0" else c for c in cell if not _is_nothing(c))).strip()


def _is_nothing(c: str) -> bool:
    """It has no width, or steers some device; FHIR takes neither in a text."""
    return category(c) == "Cf" or _is_control(c)


def _is_control(c: str) -> bool:
    return category(c) == "Cc" and c not in "\t\n\r"


def over(parse: Reader[T], blank: Callable[[], T] = refuse) -> Reader[T]:
    """`parse` over the cell's cleaned text, `blank()` where there is none.

    Spreadsheet errors refuse (D62); damaged characters are undone by one step where that comes out, and told (D03).
    """

    def read(cell: str) -> T:
        if not (cell.isascii() and cell.isprintable()):
            return mended(cell)
        text = cell.strip()
        if text[:1] == "#" and _ERROR_CELL.fullmatch(text):
            raise Bad("D62", "a spreadsheet error, not a value", "correct the formula and export again")
        return parse(text) if text else blank()

    def mended(cell: str) -> T:
        repaired = _repaired(cell)
        text = clean(cell if repaired is None else repaired)
        value = parse(text) if text else blank()
        if repaired is not None:
            raise Warned("D03", "characters decoded twice; one step was undone", "export the file as UTF-8", value)
        if any(map(_is_control, cell)):
            raise Warned("D17", "control characters, left out", "correct the cell at its source", value)
        if "\ufffd" in text:
            raise Warned("D03", "characters that were lost before the export", "correct the cell at its source", value)
        return value

    return read


def _repaired(cell: str) -> str | None:
    """The cell decoded as it should have been, None where it is no UTF-8 in disguise (`JOÃO` is not)."""
    if any(mark in cell for mark in _MANGLED):
        for codec in ("cp1252", "latin-1"):
            try:
                return cell.encode(codec).decode("utf-8")
            except UnicodeError:
                continue
    return None


def then(reader: AnyReader[T], parse: Callable[[T], U]) -> Bound[U]:
    """What `parse` makes of what `reader` read; a warning goes with it."""

    def bind(spelling: Spelling, column: str) -> Reader[U]:
        read = fit(reader, spelling, column)

        def read_then(cell: str) -> U:
            try:
                return parse(read(cell))
            except Warned as warned:
                raise warned.about(parse(warned.value)) from None

        return read_then

    return Bound(bind)


def absent(reader: AnyReader[T], own: Mapping[str, str] | None = None) -> Bound[T | Absent]:
    """What `reader` reads, or the reason why there is none where the cell holds a word for that (D30).

    `own`: words that mean absence in such a cell, unless the source itself says what they mean.
    """

    def bind(spelling: Spelling, column: str) -> Reader[T | Absent]:
        read, declared = fit(reader, spelling, column), spelling.absent_words
        words = {**words_of(spelling), **{w: why for w, why in (own or {}).items() if w not in declared}}

        def read_or_absent(cell: str) -> T | Absent:
            reason = words.get(clean(cell).casefold())
            return (reason,) if reason else read(cell)

        return read_or_absent

    return Bound(bind)


def or_blank(reader: AnyReader[T], blank: U) -> Bound[T | U]:
    """What `reader` reads; `blank` where the cell is empty or holds a word for absence."""

    def bind(spelling: Spelling, column: str) -> Reader[T | U]:
        read, words = fit(reader, spelling, column), {"", *words_of(spelling)}
        return lambda cell: blank if clean(cell).casefold() in words else read(cell)

    return Bound(bind)


def optional(reader: AnyReader[T]) -> Bound[T | None]:
    return or_blank(reader, None)


def split(separators: str, reader: AnyReader[T]) -> Bound[tuple[T, ...]]:
    """Several values in a cell, split only where one of the declared characters stands (D44)."""
    pattern = re.compile(f"[{re.escape(separators)}]")

    def bind(spelling: Spelling, column: str) -> Reader[tuple[T, ...]]:
        read = fit(reader, spelling, column)

        def read_all(cell: str) -> tuple[T, ...]:
            values, first = list[T](), None
            for part in filter(clean, pattern.split(cell)):
                try:
                    values.append(read(part))
                except Warned as warned:
                    values.append(warned.value)
                    first = first or warned
            if first:
                raise first.about(tuple(values))
            return tuple(values)

        return read_all

    return Bound(bind)


def unknown_code(file: str, column: str) -> Bad:
    """The one sentence for a code that no table knows."""
    return Bad(
        "code",
        f"{column} holds a code that is not in codes/{file}, or whose target is still {TODO}",
        f"add a line to codes/{file}",
    )
