"""Write the TOML and the code tables of a source that nobody has described yet, as far as its files tell.

What is sure is filled in; what is not is TODO, and a source with a TODO does not load. Nothing is guessed in silence: a
column taken by the likeness of its name says so beside it; one that decides what may leave is never declared absent; a
code has a target only where it is no mere letter or two, and several tables of its kind agree with none against them.
"""

import csv
import io
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nowrongdoor import layouts
from nowrongdoor.codes import COLUMNS, TODO, CodeTable, load
from nowrongdoor.errors import Usage
from nowrongdoor.flow.ask import looks_like_a_code, plainly
from nowrongdoor.flow.likeness import (
    Tables,
    are_dates,
    complains,
    dated,
    decisive,
    formats,
    is_day,
    reading,
    unknown_codes,
)
from nowrongdoor.flow.parts import Asked, Part, parts
from nowrongdoor.layouts.services import TABLE as SERVICES
from nowrongdoor.model.values import Bad, hcpcs
from nowrongdoor.sources import Source

Meaning = tuple[str, str, str]

NOTHING = Asked("", {})
_TEXTS = 10  # so many texts of several words, met once each, are no codes
_LETTERS, _VOICES = 3, 2  # a code so long, of which so many tables say the same, means the same here: M may be "mujer"
_FEW = 6  # so many meanings of a code are tried, to see which other codes come after it
_PART2 = '# a 42 CFR Part 2 programme? true, false or "unknown"'
_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")


def draft(
    name: str, paths: Sequence[Path], home: Path, candidates: Sequence[Source], asked: Asked = NOTHING
) -> dict[str, Any]:
    """Write profiles/sources/NAME.toml and profiles/codes/NAME_*.csv in `home`; returns them with the blanks of each.

    Where that TOML is there already it stays, but for sections and code tables that it does not name; its layout and
    headers count; and code tables get a line for each code that has none. `candidates`: as `ask.known` gives them;
    `asked`: what is known by hand. Raises Usage where the name is none, Stop without a layout.
    """
    toml = home / "profiles" / "sources" / f"{name}.toml"
    again = toml.is_file()
    if not _NAME.fullmatch(name) or (not again and any(c.name == name for c in candidates)):
        raise Usage(f"{name!r} cannot be the name of a new source", "small letters, digits and -, of no other source")
    others = [c for c in candidates if c.name != name]
    begun = _begun(toml)
    asked = replace(asked, layout=begun[0].layout) if again else asked
    made = _Draft(name, parts(paths, [*begun, *others], asked), others, home)
    files = {f"codes/{made.file(kind)}": text for kind in sorted(made.met) if (text := made.table(kind))}
    there = toml.read_text(encoding="utf-8-sig") if again else ""
    if (text := made.toml(there)).rstrip() != there.rstrip():
        files = {f"sources/{name}.toml": text, **files}
    for file, text in files.items():
        path = home / "profiles" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return {
        "layout": made.layout,
        "folder": (home / "profiles").as_posix(),
        "files": {file: len(re.findall(rf'"{TODO}"|,{TODO},', text)) for file, text in files.items()},
        "kept": [] if f"sources/{name}.toml" in files else [f"sources/{name}.toml"],
        "tables": [{"file": p.sight.path.name, "sheet": p.sheet, "table": p.table.name} for p in made.parts],
        "unsure": made.unsure,
        "not_drafted": made.unlike_codes,
    }


def _begun(toml: Path) -> list[Source]:
    """What a draft of before says of layout and headers; it need not be finished."""
    if not toml.is_file():
        return []
    try:
        told = tomllib.loads(toml.read_text(encoding="utf-8-sig"))
        absent = {table: columns for table, columns in told.get("absent", {}).items() if TODO not in columns}
        records = {t: (p,) if isinstance(p, str) else tuple(p) for t, p in told.get("records", {}).items()}
        return [replace(plainly(told["layout"]), headers=told.get("headers", {}), absent=absent, records=records)]
    except (tomllib.TOMLDecodeError, KeyError) as e:
        raise Usage(f"sources/{toml.name} is not a source: {e}", "correct it, or remove it to draft anew") from None


class _Draft:
    """The files of a source under way: what its parts tell of dates, programmes, keys and codes, and what to write."""

    def __init__(
        self, name: str, told: tuple[list[Part], dict[str, list[str]]], candidates: Sequence[Source], home: Path
    ) -> None:
        self.name, (self.parts, self.unsure), self.home = name, told, home
        self.layout = self.parts[0].layout
        self.blank = replace(plainly(self.layout), options={"revokes": "end-date"})  # so it can do without a status
        self.agreed, self.voices = _agreed(candidates)
        self.behind = {SERVICES: f"{SERVICES}.csv"}  # what HCPCS codes mean is the same everywhere
        self.keyless = [p.table.name for p in self.parts if self._keyless(p)]
        self.met, self.unlike_codes = self._codes()

    def file(self, kind: str) -> str:
        return f"{self.name.replace('-', '_')}_{kind}.csv"

    def _path(self, kind: str) -> Path:
        return self.home / "profiles" / "codes" / self.file(kind)

    def _source(self, tables: Tables) -> Source:
        keys = {p.table.name: (next(iter(p.headers)),) for p in self.parts if p.table.name in self.keyless}
        return replace(self.blank, tables=tables, composed=keys)

    def _keyless(self, part: Part) -> bool:
        """The table makes its key of a column that the file lacks: then the source must say of which."""
        try:
            part.table.bind(replace(self.blank, tables=Tables()), self._there(part))
        except Usage:
            return True
        return False

    def _there(self, part: Part) -> dict[str, int | None]:
        """Where each column is, None of those that the draft declares absent; a blank one may yet be found."""
        blank = self._undecided(part.table.name)
        return {c: at if c in blank or c not in part.absent else None for c, at in part.where.items()}

    def _codes(self) -> tuple[dict[str, Counter[str]], dict[str, int]]:
        """Code table's kind → codes met; and of each kind how many texts were left out that do not look like codes.

        Read again and again, as what a code means decides which codes come after it; where nobody knows what it means,
        each of its few meanings is tried.
        """
        tables, met = Tables(), {}
        for part in self.parts:  # the tables that a translation will ask for, even where no row has a code of them
            part.table.bind(self._source(tables), self._there(part))
        met = {kind: Counter[str]() for kind in tables}
        for kind in met:  # what a person has filled in since the first draft goes before what others mean
            if self._path(kind).is_file():
                filled = load(self.file(kind), self.home).rows
                self.agreed.setdefault(kind, {}).update({code: [meaning] for code, meaning in filled.items()})
        while self._gather(tables, met):
            for kind, codes in met.items():
                rows = {c: self.agreed[kind][c][0] for c in codes if len(self.agreed.get(kind, {}).get(c, ())) == 1}
                tables[kind] = CodeTable(kind, "", rows)
        for kind in list(met):
            self._try_meanings(kind, tables, met)
        return met, self._leave_out(met)

    def _gather(self, tables: Tables, met: dict[str, Counter[str]]) -> bool:
        """Codes that have no line yet, with the rows of each; whether any is new."""
        before, seen = sum(map(len, met.values())), {kind: Counter[str]() for kind in met}
        for part in self.parts:
            read, where = reading(part.table, self._source(tables), part.where), part.where
            for cells in part.sight.rows():
                for kind, _, code in unknown_codes(read(cells), cells, where):
                    seen[kind][normal(kind, code)] += 1
        for kind in met:
            met[kind] |= seen[kind]
        return sum(map(len, met.values())) > before

    def _try_meanings(self, kind: str, tables: Tables, met: dict[str, Counter[str]]) -> None:
        known = tables[kind]
        unknown = [code for code in met[kind] if code not in known.rows]
        meanings = {meaning for told in self.agreed.get(kind, {}).values() for meaning in told}
        if unknown and 1 < len({target for target, _, _ in meanings}) <= _FEW:
            for meaning in meanings:
                tables[kind] = CodeTable(kind, "", {**known.rows, **dict.fromkeys(unknown, meaning)})
                self._gather(tables, met)
            tables[kind] = known

    def _leave_out(self, met: dict[str, Counter[str]]) -> dict[str, int]:
        """A column of names that is taken for one of codes must not put names into a code table."""
        left = {}
        for kind, codes in met.items():
            known = self.agreed.get(kind, {})
            strange = [c for c, n in codes.items() if not looks_like_a_code(c, n, kind) and c not in known]
            unlike = strange if len(strange) > _TEXTS else [c for c in strange if not looks_like_a_code(c, 2, kind)]
            for code in unlike:
                del codes[code]
            if unlike:
                left[kind] = len(unlike)
        return left

    # what is written

    def table(self, kind: str) -> str:
        """A code table: what stands there, and a line for each other code met; "" where nothing is to be added.

        A target is filled in only where it is sure; what a shared table behind this one knows needs no line.
        """
        there = self._path(kind).read_text(encoding="utf-8-sig") if self._path(kind).is_file() else ""
        known = {cells[0] for cells in csv.reader(there.splitlines()) if cells}
        known |= {normal(kind, c) for c in load(self.behind[kind], self.home).rows} if kind in self.behind else set()
        new = [code for code in sorted(self.met[kind]) if code not in known]
        if there and not new:
            return ""
        out = io.StringIO(newline="")
        lines = csv.writer(out, lineterminator="\n")
        if not there:
            lines.writerow(COLUMNS)
        for code in new:
            lines.writerow((code, *(self.agreed[kind][code][0] if self._is_sure(kind, code) else (TODO, "", ""))))
        return there + ("\n" if there and not there.endswith("\n") else "") + out.getvalue()

    def _is_sure(self, kind: str, code: str) -> bool:
        one = len(self.agreed.get(kind, {}).get(code, ())) == 1
        return one and len(code) >= _LETTERS and self.voices[kind, code] >= _VOICES

    def toml(self, there: str) -> str:
        """The source; where there is one already, that with what it has no section, or no code table, for."""
        told = tomllib.loads(there)
        days, otherwise = self._dates(told.get("dates", ()))
        programmes = {c for p in self.parts for name in _reading_as(p, "programme") for c in p.cells(name)}
        shared = {kind: [file] for kind, file in self.behind.items()}
        codes = {k: f"{k} = {_text([self.file(k), *shared.get(k, ())])}" for k in sorted(self.met)}
        records: dict[str, list[str]] = {}
        for p in self.parts:
            if p.sight.element:
                records.setdefault(p.table.name, []).append(p.sight.element)
        sections = {
            "records": ["# which elements are one: TABLE = the last steps of their path", *map(_line, records.items())],
            "programmes": [_PART2, *(f'{_key(c)} = "TODO"' for c in sorted(programmes))],
            "date_formats": ["# a column may have several; delete a line to read it as `dates` says", *otherwise],
            "keys": ["# which columns make a row unique", *(f'{name} = ["TODO"]' for name in self.keyless)],
            "codes": ["", *codes.values()],
        }  # fmt: skip
        if there:
            new = [line for kind, line in codes.items() if kind not in told.get("codes", codes)]
            there = re.sub(r"(?m)^\[codes\].*$", lambda found: "\n".join([found[0], *new]), there.rstrip("\n"), count=1)
            sections = {name: lines for name, lines in sections.items() if name not in told}
        else:
            there = "\n".join(self._head(days))
            holder = {"organization": ["# the legal name of who holds these records", 'name = "TODO"']}
            headers = {f"headers.{p.table.name}": ["", *_headers(p, self._undecided(p.table.name))] for p in self.parts}
            sections = {**holder, **headers, **sections, "absent": ["", *self._absent()]}
        text = ["\n".join(filter(None, (f"[{n}]", *lines))) for n, lines in sections.items() if len(lines) > 1]
        return "\n\n".join([there, *text]) + "\n"

    def _head(self, days: Sequence[str]) -> Iterator[str]:
        yield "# drafted by nwd inspect: fill in each TODO, and look at every line with a remark"
        for file, tables in self.unsure.items():
            told = f"{', '.join(tables)}: remove this file, and draft with --table"
            yield f"# which table is {_text(file)}? {told} {_text(f'{file}=TABLE')}"
        yield f"title = {_text(self.name)}"
        yield f"layout = {_text(self.layout)}"
        yield 'timezone = "TODO"  # such as America/Los_Angeles'
        yield 'delivery = "TODO"  # full: each export holds everybody; delta: only what changed'
        yield 'revokes = "TODO"   # status: a release is over when its status says so; end-date: on its end date'
        yield 'part2 = "TODO"     # of rows that name no programme: true, false or "unknown"'
        if any("STATUS" in p.absent and not p.table.consent for p in self.parts):
            yield 'status = "TODO"    # no STATUS: from-end-date derives one; or delete this line'
        yield from days
        if new := list(dict.fromkeys(h.strip() for p in self.parts for h in p.new)):
            yield "ignored = [  # no column of the layout: nothing reads these unless you map them below"
            yield from (f"  {_text(header)}," for header in new)
            yield "]"

    def _lacked(self, table: str) -> list[str]:
        """Columns that the layout can do without, and no file of that table has."""
        own = [p for p in self.parts if p.table.name == table]
        return [c for c in own[0].absent if all(c in p.absent for p in own)]

    def _undecided(self, table: str) -> list[str]:
        """Those of them that decide what may leave."""
        part = next(p for p in self.parts if p.table.name == table)
        return [c for c in self._lacked(table) if c in decisive(part.table, plainly(self.layout))]

    def _absent(self) -> Iterator[str]:
        for name in (t.name for t in layouts.layout(self.layout).TABLES):
            own = [p for p in self.parts if p.table.name == name]
            absent = [c for c in self._lacked(name) if c not in self._undecided(name)] if own else ["*"]
            if own and absent and (new := dict.fromkeys(_text(h.strip()) for p in own for h in p.new)):
                yield f"# to take a column out, give it a header above; nobody claimed {', '.join(new)}"
            if files := [file for file, tables in self.unsure.items() if not own and name in tables]:
                yield f'{name} = ["TODO"]  # "*", if it is not {" or ".join(map(_text, files))}'
            elif absent:
                yield f"{name} = {_text(absent)}"

    def _dates(self, given: Sequence[str]) -> tuple[list[str], list[str]]:
        """The line `dates`, and those of columns that are written otherwise, or in no one format."""
        cells: dict[str, list[str]] = {}
        for part in self.parts:
            for column in _reading_as(part, "D32"):
                cells.setdefault(column, []).extend(dated(part.cells(column)))
        counts = {column: formats(told) for column, told in cells.items() if told}
        whole = {c: [text for text, n in fits.items() if n == len(cells[c])] for c, fits in counts.items()}
        unclaimed = (told for p in self.parts for told in p.sight.samples(p.new).values() if are_dates(told))
        votes = Counter([f[0] for f in whole.values() if len(f) == 1] or filter(None, map(_best, unclaimed)))
        usual = list(given) or [text for text, _ in votes.most_common(1)] or [TODO]
        lines = []
        for column, fits in whole.items():
            if any(text != TODO and all(is_day(text, cell) for cell in cells[column]) for text in usual):
                continue
            told = ", ".join(f"{text} fits {n} of {len(cells[column])}" for text, n in list(counts[column].items())[:3])
            one = fits[0] if len(fits) == 1 else TODO
            lines.append(f'{column} = "{one}"' + (f"  # {told or 'no known format fits'}" if one == TODO else ""))
        short = any(re.search(r"(?<!Y)YY(?!Y)", line) for line in [*usual, *lines])
        pivot = ["# pivot = 30  # where a year has two digits: 31 is then 1931"] if short else []
        return [f"dates = {_text(usual)}", *pivot], lines


def _best(cells: Sequence[str]) -> str:
    """The date format, to the day, that reads most of them; "" if there are two."""
    (first, most), *others = formats(dated(cells)).items()
    return first if "D" in first and all(n < most for _, n in others) else ""


def _headers(part: Part, undecided: Sequence[str]) -> Iterator[str]:
    for field in part.table.fields:
        if header := part.headers.get(field.name):
            remark = f"  # {part.likely[field.name].why}" if field.name in part.likely else ""
            if header.strip() != field.name or remark:
                yield f"{field.name} = {_text(header.strip())}{remark}"
        elif field.name in part.lacking:
            told = ", ".join(map(_text, part.may_be(field.name))) or "the headers"
            yield f'{field.name} = "TODO"  # one of: {told}'
        elif field.name in undecided:
            told = ", ".join(map(_text, part.may_be(field.name)))
            offer = f"one of: {told}; if" if told else "no header may be it; if"
            yield f'{field.name} = "TODO"  # {offer} the export has none: under [absent] instead'


def _reading_as(part: Part, rule: str) -> list[str]:
    """Columns of this part whose reader complains of a day that does not exist by that rule."""
    return [
        c
        for c, said in complains(part.table, replace(plainly(part.layout), dates=("YYYY-MM-DD",)), "1999-02-30").items()
        if said == rule and c in part.headers
    ]


def _agreed(candidates: Iterable[Source]) -> tuple[dict[str, dict[str, list[Meaning]]], Counter[tuple[str, str]]]:
    """Code table's kind → code → what tables of that kind say it means; and how many say so, each file counted once."""
    told: dict[str, dict[str, list[Meaning]]] = {}
    heard: dict[tuple[str, str], set[str]] = {}
    voices = Counter[tuple[str, str]]()
    for kind, table in ((kind, table) for source in candidates for kind, table in source.tables.items()):
        for code, meaning in table.rows.items():
            at = kind, normal(kind, code)
            known = told.setdefault(kind, {}).setdefault(at[1], [])
            if all((target, system) != (meaning[0], meaning[2]) for target, _, system in known):
                known.append(meaning)
            files = {table.file, *table.more}
            voices[at] += heard.setdefault(at, set()).isdisjoint(files)
            heard[at] |= files
    return told, voices


def normal(kind: str, code: str) -> str:
    """A service code with its modifiers is one key however it is cut; other codes are as they are."""
    if kind != SERVICES:
        return code
    first, *rest = code.upper().split("|")
    try:
        head, glued = hcpcs(first)
    except Bad:
        return code
    return "|".join((head, *sorted({*glued, *rest})))


def _line(told: tuple[str, Sequence[str]]) -> str:
    return f"{told[0]} = {_text(told[1])}"


def _key(text: str) -> str:
    return text if re.fullmatch("[A-Za-z0-9_-]+", text) else _text(text)


def _text(told: str | Sequence[str]) -> str:
    """A string, or a list of them, as TOML writes it: as JSON does, for these."""
    return json.dumps(told, ensure_ascii=False)
