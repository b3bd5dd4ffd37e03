"""Which column a strange header may be: by its name, and by whether that column's own reader takes its cells.

No shape is described here a second time: a layout's readers are asked, with any code table that they want being there.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from nowrongdoor.codes import CodeTable
from nowrongdoor.layouts.read import ABSENT_WORDS, clean
from nowrongdoor.model import Issue, Origin, Refusal, Row, Table, value
from nowrongdoor.model.dates import Placeholder, parser
from nowrongdoor.model.values import Bad, Warned
from nowrongdoor.sources import Source

Cells = Sequence[str]
Read = Callable[[Cells], list[Issue]]

_NOWHERE = Origin(0, 1, 1, 1, 0)
_UNKNOWN_CODE = re.compile(r"(.+) holds a code that is not in codes/(.+), or whose target is still TODO")


class Tables(dict[str, CodeTable]):
    """Code tables among which any kind asked for is there: empty where nobody filled it, its kind for a file name."""

    def __contains__(self, kind: object) -> bool:
        return True

    def __missing__(self, kind: str) -> CodeTable:
        return self.setdefault(kind, CodeTable(kind, "", {}))


def reading(table: Table[Any], source: Source, where: Mapping[str, int | None]) -> Read:
    """Cells of one row → what the layout's own readers say of them; code tables that the source lacks are empty."""
    read = table.bind(replace(source, tables=Tables(source.tables)), where)

    def issues(cells: Cells) -> list[Issue]:
        told: list[Issue] = []
        line = read(Row(_NOWHERE, cells), told)
        return [*(line.issues if isinstance(line, Refusal) else ()), *told]

    return issues


def unknown_codes(
    issues: Iterable[Issue], cells: Cells, where: Mapping[str, int | None]
) -> Iterator[tuple[str, str, str]]:
    """(code table's file, columns, code) of each code that the readers did not find, once where several miss it."""
    for cause in dict.fromkeys(issue.cause for issue in issues if issue.rule == "code"):
        if told := _UNKNOWN_CODE.fullmatch(cause):
            places = [where[column] for column in told[1].split("+")]
            parts = [clean(cells[at]) for at in places if at is not None]
            yield told[2], told[1], "|".join(filter(None, parts))


def decisive(table: Table[Any], layout: Source) -> set[str]:
    """Columns that decide what may leave, so that nobody but a person says that an export has none of them.

    All that refuse in a table of consents; everywhere the programme, the confidentiality labels, and STATUS.
    """
    where = {f.name: n for n, f in enumerate(table.fields)}
    told = [i for i in reading(table, layout, where)(["\u00bf\u00a1"] * len(where)) if i.severity == "error"]
    found = {c for i in told if table.consent or i.rule in {"programme", "label"} for c in i.column.split("+")}
    return (found | {"STATUS"}) & where.keys()


def complains(table: Table[Any], source: Source, text: str) -> dict[str, str]:
    """Column → rule by which its reader complains of that text, of the columns that are read one by one."""
    where = {f.name: n for n, f in enumerate(table.fields)}
    return _by_column(reading(table, source, where)([text] * len(where)))


def _by_column(issues: Iterable[Issue]) -> dict[str, str]:
    return {i.column: i.rule for i in issues if "+" not in i.column}


# dates -------------------------------------------------------------------

_DAYS = (
    "YYYY-MM-DD", "MM/DD/YYYY", "M/D/YYYY", "DD/MM/YYYY", "D/M/YYYY", "YYYY/MM/DD", "MM-DD-YYYY", "DD.MM.YYYY",
    "YYYY.MM.DD", "DD-MON-YYYY", "D-MON-YYYY",
)  # fmt: skip
_TIMES = (" HH:mm", " HH:mm:ss", "THH:mm:ss", "THH:mm:ssZ")
FORMATS = (
    *_DAYS, "YYYYMMDD", "MMDDYYYY", "DD-MON-YY", "D MON YYYY", "MON D, YYYY",
    "MM/DD/YY", "M/D/YY", "DD/MM/YY", "D/M/YY", *(day + time for day in _DAYS for time in _TIMES),
    "excel", "YYYY-MM", "MM/YYYY", "M/YYYY", "YYYY",
)  # fmt: skip
PIVOT = 30


def dated(cells: Iterable[str]) -> list[str]:
    """Those cells that a date column might mean as dates: not empty, no word for absence, no keyer's mark."""
    told = (clean(cell).removeprefix("~") for cell in cells)
    return [t for t in told if t and t.casefold() not in ABSENT_WORDS and "[" not in t and "?" not in t]


def formats(cells: Sequence[str]) -> dict[str, int]:
    """Date format → how many of the cells it reads as a day of our times; of two that read the same, the narrower."""
    counts = {text: n for text in FORMATS if (n := sum(is_day(text, cell) for cell in cells))}
    for text in list(counts):
        narrow = re.sub(r"(?<![MD])([MD])(?![MDO])", r"\1\1", text)
        if narrow != text and counts.get(narrow) == counts[text]:
            del counts[text]
    return dict(sorted(counts.items(), key=lambda told: -told[1]))


@lru_cache(maxsize=1 << 16)  # the same cells are tried for each column of each table
def is_day(text: str, cell: str) -> bool:
    try:
        day = parser((text,), PIVOT, "UTC")(cell)
    except Placeholder:
        return True
    except Warned as warned:
        day = str(warned.value)
    except Bad:
        return False
    return "1850" < day < "2100"


# names -------------------------------------------------------------------

_ALIKE, _CLEAR, MOST = 0.72, 0.02, 0.9  # from when on a name, a lead, a share of cells says something
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|#")
_SAME = {
    word: says.split()
    for says, words in {
        "client": "patient member person consumer clients", "id": "no num nbr number identifier key #",
        "first": "given", "last": "family surname", "middle": "mid", "preferred": "pref", "sex": "gender",
        "birth date": "dob birthdate", "death date": "dod deceased", "date": "dt on", "start": "begin from",
        "end": "stop finish", "phone": "telephone tel", "street": "address addr", "zip": "postal", "county": "cnty",
        "language": "lang", "code": "cd", "modifier": "mod", "description": "desc", "status": "stat",
        "program": "programme prog pgm", "provider": "prov staff", "referral": "ref", "release": "roi",
        "authorization": "auth", "service": "svc",
    }.items()
    for word in words.split()
}  # fmt: skip
_GENERIC = {"id", "date", "code", "name", "status", "type", "client", "description", "county", "plan", "note"}


@lru_cache(maxsize=1 << 16)
def similar(header: str, name: str) -> float:
    """0 to 1: how much two names of a column say the same. A number in one must be in the other."""
    one, two = _words(header), _words(name)
    if not one or not two or [w for w in one if w.isdigit()] != [w for w in two if w.isdigit()]:
        return 0.0
    if sorted(one) == sorted(two):
        return 1.0
    shared = {found[0] for word in one if (found := get_close_matches(word, two, 1, 0.8 if len(word) > 4 else 1.0))}
    if not shared - _GENERIC:
        return _ALIKE if shared == set(two) else 0.0  # "Row Status" is STATUS, if nothing else is
    return 0.6 * len(shared) / min(len(set(one)), len(set(two))) + 0.4 * 2 * len(shared) / (len(one) + len(two))


@lru_cache(maxsize=1 << 12)
def _words(name: str) -> list[str]:
    told = (word.casefold() for word in _WORD.findall(normalize("NFKC", name)))
    return list(dict.fromkeys(same for word in told if word not in {"of", "the"} for same in _SAME.get(word, [word])))


def mentions(text: str, name: str) -> bool:
    """A title or a file's name holds a word of a table's name."""
    return any(get_close_matches(word, _words(text), 1, 0.8) for word in _words(name))


@value
class Guess:
    """A header that may be a column. `named`: the names say so; `shaped`: the cells do; `shared`: other files do."""

    column: str
    header: str
    named: bool
    shaped: bool
    shared: bool = False

    @property
    def why(self) -> str:
        whys = (
            ("like name", self.named),
            ("same shape of values", self.shaped),
            ("same values in other files", self.shared),
        )
        return ", ".join(text for text, is_so in whys if is_so)


_NEUTRAL = {"code", "programme"}  # a code that no table knows says nothing against its column
_VAGUE = {*_NEUTRAL, "D45", "initials", "label"}  # of readers that take what other columns may hold too: ticks, letters
_DIGITS = {"D51", "D54", "D55"}  # and of those that take numbers, such as keys are


def guesses(
    table: Table[Any],
    source: Source,
    names: Mapping[str, Sequence[str]],
    samples: Mapping[str, Sequence[str]],
) -> list[Guess]:
    """What `samples` (header → some of its cells) may be among the columns of `names` (column → its known spellings).

    A name alone is enough unless the cells refuse it; cells alone are where just one column and one header go together.
    """
    taken = {header: shares(table, source, cells) for header, cells in samples.items()}
    alike = {(c, h): max(similar(h, name) for name in spelled) for c, spelled in names.items() for h in samples}
    open_pairs = [pair for pair in alike if taken[pair[1]].get(pair[0], 1.0) > 0.5]
    weight = {(c, h): alike[c, h] + taken[h].get(c, 0.0) / 4 for c, h in open_pairs if alike[c, h] >= _ALIKE}
    found: dict[str, Guess] = {}
    for pair in sorted(weight, key=lambda pair: -weight[pair]):
        column, header = pair
        gone = {g.header for g in found.values()}
        rivals = [p for p in weight if (p[0] == column) != (p[1] == header) and p[0] not in found and p[1] not in gone]
        clear = all(weight[pair] - weight[p] > _CLEAR for p in rivals)
        if clear and column not in found and header not in gone:
            found[column] = Guess(column, header, True, taken[header].get(column, 0.0) >= MOST)
    left = [(c, h) for c, h in open_pairs if c not in found and h not in {g.header for g in found.values()}]
    shaped = [(c, h) for c, h in left if taken[h].get(c, 0.0) >= MOST]
    columns, headers = Counter(c for c, _ in shaped), Counter(h for _, h in shaped)
    alone = [Guess(c, h, False, True) for c, h in shaped if columns[c] == headers[h] == 1]
    return [*found.values(), *alone]


def shares(table: Table[Any], source: Source, cells: Sequence[str]) -> dict[str, float]:
    """Column → share of the cells that its reader takes, where it does not take just any text; dates are no texts."""
    if not cells:
        return {}
    days = [text for text, n in formats(dated(cells)).items() if n * 2 > len(cells)]
    own = replace(source, dates=tuple(days[:1]) or ("YYYY-MM-DD",), date_formats={}, pivot=PIVOT)
    where = {f.name: n for n, f in enumerate(table.fields)}
    read = reading(table, own, where)
    told = read(["zz zz"] * len(where))
    choosy = _by_column(told)
    missed = Counter(column for cell in cells for column in _by_column(read([cell] * len(where))))
    taken = {column: 1 - missed[column] / len(cells) for column in choosy}
    for_dates = {column for i in told if i.rule == "D35" for column in i.column.split("+")}
    unfit = {c: 0.0 for c in where if c not in for_dates} if are_dates(cells) else {}
    keys = 2 * sum(map(str.isdigit, cells)) > len(cells)
    mute = {
        c
        for c, n in taken.items()
        if (n >= MOST and keys and choosy[c] in _DIGITS) or (n < MOST and choosy[c] in _NEUTRAL) or choosy[c] == "label"
    }
    return {c: n for c, n in taken.items() if c not in mute} | unfit


def vague(table: Table[Any], source: Source) -> set[str]:
    """Columns of which cells alone prove nothing."""
    return {c for c, rule in complains(table, source, "zz zz").items() if rule in _VAGUE}


def are_dates(cells: Sequence[str]) -> bool:
    """Nearly all are days in one format, and not of digits only, as keys are."""
    return any(n >= MOST * len(cells) and not text.isalpha() for text, n in formats(dated(cells)).items())
