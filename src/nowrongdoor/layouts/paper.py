"""What a keyer writes where a form cannot be read: `[illegible]`, `19?2`, `~1980`, `[blank]`, `[declined]`.

Each wraps an ordinary reader and ends as a reason for absence, a partial date or a refusal, never as a guess:
`sure` for keys and consent boxes, `soft` for what may be missing, `written` for text worth keeping half read.
A `[blank]` box was empty on the form; an empty cell was not keyed, which is told.
"""

from collections.abc import Callable

from nowrongdoor.layouts import read
from nowrongdoor.layouts.cells import AnyReader, Bound, Reader, T, clean, fit, then
from nowrongdoor.model import Absent, Code, Spelling
from nowrongdoor.model.values import Bad, Warned

_UNKNOWN: Absent = ("unknown",)
_REASONS = {"[blank]": "unknown", "[declined]": "asked-declined", "[refused]": "asked-declined"}


def _unsure(told: str) -> Bad | None:
    """Why the keyer could not be sure of a cell, None where they were (D31, D19)."""
    if told.casefold() in read.DITTO:
        return Bad("D19", "a ditto mark instead of a value", "write the value out")
    if "?" in told or "[illeg" in told.casefold() or (told[:1] == "[" and told[-1:] == "]"):
        return Bad("D31", "not, or not wholly, legible on the form", "compare with the form, or ask the person")
    return None


def filled(cell: str) -> str:
    """The cell; "" where the keyer says that the box was empty."""
    return "" if clean(cell).casefold() == "[blank]" else cell


def _not_keyed(value: object) -> Warned:
    return Warned(
        "not-keyed", "an empty cell: the box was not keyed", "key it, or [blank] if the form's is empty", value
    )


def sure(reader: AnyReader[T]) -> Bound[T]:
    """For keys and consent boxes: what is not surely read refuses; `[blank]` is an empty cell to `reader`."""

    def bind(spelling: Spelling, column: str) -> Reader[T]:
        read_sure = fit(reader, spelling, column)

        def read_cell(cell: str) -> T:
            told = clean(cell)
            if not told:
                raise _not_keyed(read_sure(""))
            if told.casefold() == "[blank]":
                return read_sure("")
            if unsure := _unsure(told):
                raise unsure
            return read_sure(cell)

        return read_cell

    return Bound(bind)


def _on_paper(reader: AnyReader[T], doubt: Callable[[Bad, str], Bad]) -> Bound[T | Absent]:
    def bind(spelling: Spelling, column: str) -> Reader[T | Absent]:
        read_told = fit(reader, spelling, column)

        def read_cell(cell: str) -> T | Absent:
            told = clean(cell)
            if not told:
                raise _not_keyed(read_told(""))
            if reason := _REASONS.get(told.casefold()):
                return (reason,)
            if unsure := _unsure(told):
                raise doubt(unsure, told)
            return read_told(cell)

        return read_cell

    return Bound(bind)


def _absent(bad: Bad, _: str) -> Bad:
    return Warned(bad.rule, bad.cause, bad.cure, _UNKNOWN)


def soft(reader: AnyReader[T]) -> Bound[T | Absent]:
    """For what may be missing: what is not surely read is absent, with a warning."""
    return _on_paper(reader, _absent)


def written(reader: AnyReader[T], keep: Callable[[str], T]) -> Bound[T | Absent]:
    """For names: `Gon?alez` stays as `keep` makes of it, with a warning that ends its use for matching."""

    def doubt(bad: Bad, told: str) -> Bad:
        legible = bad.rule == "D31" and told[0] != "[" and any(letter.isalnum() for letter in told)
        return Warned(bad.rule, bad.cause, bad.cure, keep(told) if legible else _UNKNOWN)

    return _on_paper(reader, doubt)


def code(reader: AnyReader[Code | None]) -> Bound[Code | None]:
    """For codes that may be missing: what the form does not say, or nobody can read, is none."""

    def told(found: Code | Absent | None) -> Code | None:
        return found if found and len(found) == 3 else None

    return then(soft(reader), told)


def approximate(reader: AnyReader[T]) -> Bound[T]:
    """A date that `~` says is about right: a month or a year, with a warning; a day cannot be about right (D38)."""

    def bind(spelling: Spelling, column: str) -> Reader[T]:
        read_date = fit(reader, spelling, column)

        def read_about(cell: str) -> T:
            told = clean(cell)
            if not told.startswith("~"):
                return read_date(cell)
            value = read_date(told[1:])
            if isinstance(value, str) and len(value) < len("1980-01-01"):
                raise Warned("D38", "an approximate date, as the form says", "ask the person for the date", value)
            raise Bad("D38", "an approximate date that is not a month or a year", "write the month or the year")

        return read_about

    return Bound(bind)


def _or_blank(told: str | Absent) -> str:
    return told if isinstance(told, str) else ""


birth_date: Bound[str | Absent] = _on_paper(approximate(read.birth_date), lambda unsure, _: unsure)
date_or_blank = then(soft(approximate(read.date_or_blank)), _or_blank)
line = then(written(read.line, clean), _or_blank)  # words of a form, "" where it has none


@Bound
def initials(spelling: Spelling, column: str) -> Reader[str]:
    """Who checked a form; "" where nobody did. Whatever else stands there is nobody, with a warning."""
    signed = fit(read.initials, spelling, column)

    def read_initials(cell: str) -> str:
        found = signed(cell)
        if not found and clean(cell).casefold() not in {"", "[blank]"}:
            cure = "write two or three capitals; until then the form counts as keyed once"
            raise Warned("initials", "not the initials of a person", cure, "")
        return found

    return read_initials
