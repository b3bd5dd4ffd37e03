"""Find the row that names the columns, and say what is missing or new where a file is not what its source says."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from unicodedata import category, normalize

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files.records import Record
from nowrongdoor.model import value

DEPTH = 50  # records among which the header must stand
_SHOWN = 12
_CURE = (
    "spell the missing columns under [headers] of the source as the file does, name those it never has under [absent],"
    " or ask its sender for the right file"
)


@value
class Wanted:
    """A table by its columns as this source spells them: those it must have, and those that may be there."""

    table: str
    headers: tuple[str, ...]
    optional: tuple[str, ...] = ()


@value
class Fit:
    """How well one row does as the header of one wanted table. `near`: missing column → header that may be it."""

    wanted: Wanted
    line: int
    last: int
    header: tuple[str, ...]
    places: Mapping[str, int]  # wanted column → position
    missing: tuple[str, ...]
    twice: tuple[str, ...]
    near: Mapping[str, str]

    @property
    def new(self) -> tuple[str, ...]:
        """Headers that nobody asked for."""
        known = set(self.places.values())
        return tuple(text for at, text in enumerate(self.header) if at not in known and plain(text))

    @property
    def score(self) -> float:
        """Share of the required columns found, 0 to 1; one that is only near counts half."""
        found = len(self.wanted.headers) - len(self.missing) + len(self.near) / 2
        return found / max(1, len(self.wanted.headers))


class Mismatch(Stop):
    """The file is not what its source says. `header`: the row that came nearest; it may be data where no header is."""

    def __init__(self, fit: Fit | None) -> None:
        self.closest = fit.wanted if fit else None
        self.header, self.line = (fit.header, fit.line) if fit else ((), 0)
        self.missing, self.new = (fit.missing, fit.new) if fit else ((), ())
        super().__init__(_difference(fit) if fit else f"no header in the first {DEPTH} rows", _CURE)


def _difference(fit: Fit) -> str:
    if fit.twice:
        return f"table {fit.wanted.table}, header in line {fit.line}: there twice: {_list(fit.twice)}"
    missing = (f"{name} (perhaps {fit.near[name]})" if name in fit.near else name for name in fit.missing)
    text = f"no table of this source; nearest is {fit.wanted.table}, line {fit.line}: missing {_list(missing)}"
    if len(fit.missing) * 2 > len(fit.wanted.headers):  # the row may be somebody's data: not shown
        return text
    return f"{text}; not known: {_list(fit.new)}" if fit.new else text


def _list(names: Iterable[str]) -> str:
    texts = [" ".join(name.split())[:80] for name in names]
    return ", ".join(texts[:_SHOWN]) + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header as it is compared: NFKC, casefolded, letters and digits only; one of mere signs ("#") keeps them."""
    folded = normalize("NFKC", header).casefold()
    return "".join(filter(str.isalnum, folded)) or "".join(c for c in folded if category(c) != "Cf").strip()


def check_wanted(wanted: Iterable[Wanted]) -> None:
    """`Usage` where two columns of a table cannot be told apart, or one has no name."""
    for table in wanted:
        seen: dict[str, str] = {}
        if not table.headers:
            raise Usage(f"table {table.table} has no column that must be there", "make one required")
        for header in (*table.headers, *table.optional):
            if not plain(header):
                raise Usage(f"table {table.table}: a column is spelled {header!r}, which is no name", "name it")
            if other := seen.get(plain(header)):
                raise Usage(f"table {table.table}: {other!r} and {header!r} read alike", "spell one differently")
            seen[plain(header)] = header


def header_of(records: Iterable[Record], wanted: Sequence[Wanted]) -> Fit | None:
    """The first row that holds all required columns of a table, for the table with most columns in it.

    Two tables that fit equally well are a `Stop`; a wanted column that is there twice is a `Mismatch`.
    """
    for record in islice(records, DEPTH):
        there = set(map(plain, record[2]))
        whole = [table for table in wanted if all(plain(name) in there for name in table.headers)]
        fits = [fit for fit in fit_all(record, whole) if not fit.missing] if whole else []
        if fits:
            return _best(fits)
    return None


def _best(fits: Sequence[Fit]) -> Fit:
    clear = sorted((fit for fit in fits if not fit.twice), key=lambda fit: -len(fit.places))
    if not clear:
        raise Mismatch(fits[0])
    if len(clear) > 1 and len(clear[0].places) == len(clear[1].places):
        names = f"{clear[0].wanted.table} and {clear[1].wanted.table}"
        raise Stop(
            f"line {clear[0].line} fits tables {names} equally well",
            "declare in the source which files (or which sheet) hold which table",
        )
    return clear[0]


def fit_all(record: Record, wanted: Iterable[Wanted], *, near: bool = False) -> list[Fit]:
    """How well a row does as the header of each table; `near` also looks for misspelt columns, which takes time."""
    line, last, cells, rule = record
    header = tuple(cells)
    while header and not plain(header[-1]):
        header = header[:-1]
    at: dict[str, list[int]] = {}
    for place, text in enumerate(() if rule else header):
        at.setdefault(plain(text), []).append(place)
    fits = []
    for table in wanted:
        every = {name: _places(name, at, header) for name in (*table.headers, *table.optional)}
        places = {name: found[0] for name, found in every.items() if found}
        missing = tuple(name for name in table.headers if name not in places)
        twice = tuple(name for name, found in every.items() if len(found) > 1)
        new = {plain(text): text for place, text in enumerate(header) if place not in places.values()} if near else {}
        fits.append(Fit(table, line, last, header, places, missing, twice, _near(missing, new)))
    return fits


def _places(name: str, at: Mapping[str, list[int]], header: Sequence[str]) -> list[int]:
    """Where a column is; of headers that only read alike ("Phone", "Phone #") the one spelled just so."""
    found = at.get(plain(name), [])
    exact = [place for place in found if header[place].strip() == name]
    return exact if len(exact) == 1 else found


def _near(missing: Iterable[str], new: Mapping[str, str]) -> dict[str, str]:
    close = {name: get_close_matches(plain(name), new, n=1, cutoff=0.75) for name in missing}
    return {name: new[found[0]] for name, found in close.items() if found}


def rank(records: Iterable[Record], wanted: Sequence[Wanted]) -> list[Fit]:
    """Every table against the row that looks most like a header, best first; for files that nobody knows yet.

    That row is the one with most columns of any table or, where none has any, the first of the widest rows.
    """
    best = max(islice(records, DEPTH), key=lambda record: _promise(record, wanted), default=None)
    fits = fit_all(best, wanted, near=True) if best else []
    return sorted(fits, key=lambda fit: (-fit.score, -len(fit.places)))


def _promise(record: Record, wanted: Sequence[Wanted]) -> tuple[int, int]:
    found = max((len(fit.places) for fit in fit_all(record, wanted)), default=0)
    return found, sum(1 for cell in record[2] if cell.strip())
