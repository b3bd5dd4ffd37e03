"""Which layout a source follows and what it spells differently: one TOML file a sender, closed keys, no expressions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nowrongdoor import codes, shelf
from nowrongdoor.errors import Usage
from nowrongdoor.model import value
from nowrongdoor.model.values import Bad, npi

Part2 = bool | str  # true | false | "unknown"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
_PATH = re.compile(r"(?:[\w.-]+:)?[\w.-]+(?:/(?:[\w.-]+:)?[\w.-]+)*")
_WORDS = {
    "delivery": ("full", "delta"),
    "revokes": ("status", "end-date"),
    "status": ("from-end-date",),
    "county": ("dhcs", "fips"),
    "ids": ("stable", "content"),  # of documents' entries; content: each export gives them new ones, so what they say
    "ssn": ("never", "written"),  # whether a document's Social Security numbers may be
}
_OPTIONS = ("status", "county", "ids", "ssn", "revokes", "delivery")
_TEXTS = ("title", "layout", "timezone", "encoding", "delimiter", "sheet", *_WORDS)
_TABLES = (
    "organization",
    "records",
    "namespaces",
    "headers",
    "codes",
    "programmes",
    "date_formats",
    "widths",
    "words",
    "absent",
    "keys",
    "as_of",
)
_KEYS = (*_TEXTS, *_TABLES, "part2", "synthetic", "dates", "pivot", "ignored")
_NEEDED = ("title", "layout", "timezone", "delivery", "revokes", "part2", "organization")
_ORGANIZATION = ("name", "npi", "phone")


def _text(told: object) -> bool:
    return isinstance(told, str) and bool(told)


def _texts(told: object) -> bool:
    return _text(told) or (isinstance(told, list) and all(map(_text, told)))


def _spelled(told: object) -> bool:
    return _text(told) or (isinstance(told, dict) and all(map(_text, told.values())))


def _paths(told: object) -> bool:
    return _texts(told) and all(_PATH.fullmatch(path) for path in ([told] if isinstance(told, str) else told))  # type: ignore[attr-defined]  # _texts has seen that it is a list


def _width(told: object) -> bool:
    return type(told) is int and 0 < told < 100


# table → (what each of its values must be, how to write it)
_INSIDE: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "organization": (_text, "write it in quotes"),
    "records": (_paths, 'the last steps of the path of an element, or a list of such: "Clients/Client"'),
    "namespaces": (_text, 'the namespace that a prefix stands for: p = "urn:..."'),
    "headers": (_spelled, "write the header in quotes"),
    "codes": (lambda told: bool(told) and _texts(told), 'name a file of profiles/codes, or a list of them: "sex.csv"'),
    "date_formats": (_texts, 'for example ["MM/DD/YYYY"]'),
    "widths": (_width, "how many digits: for example 9"),
    "words": (lambda told: isinstance(told, str), 'a reason such as "unknown", or "" for an ordinary value'),
    "absent": (_texts, 'a list of columns: ["EMAIL"]'),
    "keys": (_texts, 'a list of columns: ["CLIENT_ID", "START"]'),
    "as_of": (_text, 'for example file_name = "YYYYMMDD"'),
}


@value
class Source:
    """A sender as its TOML describes it; also the `Spelling` that its layout's tables are bound with."""

    name: str
    digest: str
    title: str
    layout: str
    timezone: str
    delivery: str
    revokes: str
    unnamed_part2: Part2
    organization: Mapping[str, str]
    synthetic: bool = False
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    dates: tuple[str, ...] = ()
    pivot: int | None = None
    as_of_format: str = ""
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of XML: by table
    namespaces: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    named_programmes: Mapping[str, Part2] = field(default_factory=dict)
    date_formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    widths: Mapping[str, int] = field(default_factory=dict)
    absent_words: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, codes.CodeTable] = field(default_factory=dict)

    @property
    def part2(self) -> bool:
        """Of rows that name no programme; unknown counts as Part 2."""
        return self.unnamed_part2 is not False

    @property
    def programmes(self) -> Mapping[str, bool]:
        return {code: flag is not False for code, flag in self.named_programmes.items()}

    def header(self, table: str, column: str) -> str:
        """How this source spells a layout's column in one of its tables."""
        own = self.headers.get(table)
        spelled = own.get(column) if isinstance(own, dict) else None
        return str(spelled or self.headers.get(column, column))

    def dates_of(self, column: str) -> Sequence[str]:
        return self.date_formats.get(column, self.dates)

    def code(self, table: str) -> Mapping[str, tuple[str, str, str]]:
        return self._table(table).rows

    def code_file(self, table: str) -> str:
        return self._table(table).file

    def has_code(self, table: str) -> bool:
        return table in self.tables

    def keys(self, table: str) -> Sequence[str]:
        return self.composed.get(table, ())

    def digests(self) -> dict[str, str]:
        """Digest of the TOML and of each code table, for the accounting."""
        tables = {f: d for t in self.tables.values() for f, d in {t.file: t.digest, **t.more}.items()}
        return {f"sources/{self.name}.toml": self.digest, **{f"codes/{file}": d for file, d in tables.items()}}

    def flags(self) -> dict[str, bool]:
        """By programme, "" for rows that name none: is such a row Part 2?"""
        return {"": self.part2, **self.programmes}

    def _table(self, name: str) -> codes.CodeTable:
        if name not in self.tables:
            called = f"source {self.name}" if self.name else "this source"
            raise Usage(f"{called}: [codes] does not say which file {name} codes are in", f'add {name} = "….csv"')
        return self.tables[name]


def names(workspace: Path | None = None) -> list[str]:
    return shelf.names("profiles/sources", ".toml", workspace)


def load(name: str, workspace: Path | None = None, stricter: Mapping[str, Any] | None = None) -> Source:
    """Read a source and its code tables. `stricter`: programme flags of the workspace, which may only add to Part 2;
    of "" for rows that name no programme.

    Raises Usage that names the file, the key and the cure.
    """
    known = names(workspace)
    if name not in known or not _NAME.fullmatch(name):
        raise Usage(f"there is no source called {name!r}", shelf.nearest(name, known, f"there are: {', '.join(known)}"))
    path = shelf.find(f"profiles/sources/{name}.toml", workspace)
    raw, told = shelf.toml(path, f"sources/{name}.toml")
    _Reading(name, told).check()
    stricter = stricter or {}
    for code in sorted(stricter.keys() - {""} - told.get("programmes", {}).keys()):
        raise Usage(
            f"settings: sources.{name}.programmes: sources/{name}.toml declares no programme {code!r}",
            shelf.nearest(code, told.get("programmes", {}), f"declare it under [programmes] of sources/{name}.toml"),
        )
    return _source(name, sha256(raw).hexdigest(), told, workspace, stricter)


def _source(
    name: str, digest: str, told: dict[str, Any], workspace: Path | None, stricter: Mapping[str, Any]
) -> Source:
    tables = {k: codes.load_all(_tuple(v), workspace, k) for k, v in told.get("codes", {}).items()}
    flags = {"": told["part2"], **told.get("programmes", {}), **{k: v for k, v in stricter.items() if v is not False}}
    return Source(
        name=name,
        digest=digest,
        unnamed_part2=flags.pop(""),
        named_programmes=flags,
        as_of_format=told.get("as_of", {}).get("file_name", ""),
        dates=_tuple(told.get("dates", ())),
        records={k: _tuple(v) for k, v in told.get("records", {}).items()},
        date_formats={k: _tuple(v) for k, v in told.get("date_formats", {}).items()},
        absent_words={k.casefold(): v for k, v in told.get("words", {}).items()},
        absent={k: _tuple(v) for k, v in told.get("absent", {}).items()},
        composed={k: _tuple(v) for k, v in told.get("keys", {}).items()},
        ignored=_tuple(told.get("ignored", ())),
        options={k: told[k] for k in _OPTIONS if k in told},
        tables=tables,
        **{k: told[k] for k in ("title", "layout", "timezone", "delivery", "revokes", "organization")},
        **{
            k: told[k]
            for k in ("synthetic", "encoding", "delimiter", "sheet", "pivot", "namespaces", "headers", "widths")
            if k in told
        },
    )


def _tuple(v: str | Sequence[str]) -> tuple[str, ...]:
    return (v,) if isinstance(v, str) else tuple(v)


class _Reading:
    """The closed keys of one TOML; every complaint names the file and the key."""

    def __init__(self, name: str, told: dict[str, Any]) -> None:
        self.name, self.told = name, told

    def check(self) -> None:
        self._closed(self.told, _KEYS, "")
        for key in _NEEDED:
            if key not in self.told:
                raise self._wrong(key, "is missing", "see the README, “Your first county”")
        for key in _TEXTS:
            self._is(key, str)
        for key in _TABLES:
            self._is(key, dict)
        self._is("synthetic", bool)
        for key in ("dates", "ignored"):
            self._each("", {key: self.told.get(key, [])}, _texts, 'write a list of texts: ["MM/DD/YYYY"]')
        for key, (fits, cure) in _INSIDE.items():
            self._each(f"{key}.", self.told.get(key, {}), fits, cure)
        self._blanks(self.told, "")
        if type(pivot := self.told.get("pivot", 0)) is not int or not 0 <= pivot < 100:
            raise self._wrong("pivot", "is not a year of two digits", "the last one that means 20..: for example 26")
        for key, words in _WORDS.items():
            if key in self.told and self.told[key] not in words:
                raise self._wrong(key, "is not a word it may be", f"one of: {', '.join(words)}")
        self._closed(self.told.get("as_of", {}), ("file_name",), "as_of.")
        self._absent()
        self._organization()
        self._flags()
        self._zone()

    def _wrong(self, key: str, what: str, cure: str) -> Usage:
        return Usage(f"sources/{self.name}.toml: {key} {what}", cure)

    def _closed(self, told: Mapping[str, Any], keys: Sequence[str], inside: str) -> None:
        for key in told:
            if key not in keys:
                raise self._wrong(
                    inside + key, "is no key of a source", shelf.nearest(key, keys, f"keys: {', '.join(keys)}")
                )

    def _is(self, key: str, type_: type) -> None:
        if key in self.told and not isinstance(self.told[key], type_):
            raise self._wrong(key, f"is not a {type_.__name__}", "see the README, “Your first county”")

    def _blanks(self, told: Mapping[str, Any], inside: str) -> None:
        for key, v in told.items():
            if isinstance(v, dict):
                self._blanks(v, f"{inside}{key}.")
            elif codes.TODO in (v if isinstance(v, list) else [v]):
                raise self._wrong(inside + key, "is still TODO", "fill in the blank")

    def _each(self, table: str, told: Mapping[str, Any], fits: Callable[[object], bool], cure: str) -> None:
        for key, said in told.items():
            if not fits(said):
                raise self._wrong(f"{table}{key}", "is not what belongs there", cure)

    def _absent(self) -> None:
        """A column with a header in [headers.TABLE] that [absent] names too would be left unread in silence."""
        for table, told in self.told.get("absent", {}).items():
            own = self.told.get("headers", {}).get(table, {})
            if isinstance(own, dict) and (both := own if "*" in told else [c for c in own if c in _tuple(told)]):
                raise self._wrong(
                    f"absent.{table}", f"names {next(iter(both))}, which has a header", "keep one of the two"
                )

    def _organization(self) -> None:
        told = self.told["organization"]
        self._closed(told, _ORGANIZATION, "organization.")
        if not told.get("name"):
            raise self._wrong("organization.name", "is missing", "the legal name of who holds these records")
        try:
            if "npi" in told:
                npi(told["npi"])
        except Bad as bad:
            raise self._wrong("organization.npi", f"is {bad.cause}", bad.cure) from None

    def _flags(self) -> None:
        for key, flag in {"part2": self.told["part2"], **self.told.get("programmes", {})}.items():
            if not isinstance(flag, bool) and flag != "unknown":
                raise self._wrong(
                    key, "is not true, false or “unknown”", "is this programme a 42 CFR Part 2 programme?"
                )

    def _zone(self) -> None:
        try:
            ZoneInfo(self.told["timezone"])
        except (ZoneInfoNotFoundError, ValueError):
            raise self._wrong("timezone", "is no time zone", 'for example "America/Los_Angeles"') from None
