"""What a run is: one source, one moment, one deployment; and the files that it was handed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from nowrongdoor import files, layouts, shelf, sources
from nowrongdoor.checks import Checker
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files.documents import Place
from nowrongdoor.flow import documents
from nowrongdoor.flow.likeness import decisive
from nowrongdoor.flow.newer import day
from nowrongdoor.model import Draft, Fact, Issue, Key, Practitioner, Refusal, Row, Stated, Table, Told, value
from nowrongdoor.model.dates import parser
from nowrongdoor.model.values import Bad
from nowrongdoor.resources import Context, Partner
from nowrongdoor.settings import Settings
from nowrongdoor.sources import Source


def _quiet(*_: int) -> None: ...


Mentioned: TypeAlias = Practitioner | Stated  # who or what belongs to no person


@value
class Run:
    """One source taken in at one moment. `as_of`: what the caller says of all its files, "" where they must say it.

    `organizations`: id of the Organization resource → its key among the context's partners. `recover`: a person says
    that what can be read of a damaged document is to be kept.
    """

    source: Source
    context: Context
    check: Checker
    moment: datetime
    organizations: Mapping[str, str]
    demo: bool
    workspace: Path | None
    as_of: str = ""
    recover: bool = False
    workers: int = 1  # processes that read documents
    progress: Callable[[int, int], None] = _quiet  # how many documents are read, of how many
    passed: list[str] = field(default_factory=list)  # names of files among them that are no documents
    repeated: list[str] = field(default_factory=list)  # of documents that are another, byte for byte

    @property
    def scratch(self) -> Path | None:
        """Where a run may put things aside; the system's folder for that where None."""
        return self.workspace / "scratch" if self.workspace and (self.workspace / "scratch").is_dir() else None


class Opened(Protocol):
    """A table of a file, open: `files.Found`, the mended rows of one, or a document."""

    number: int
    table: str
    sheet: str
    header: tuple[str, ...]
    header_line: int
    new: tuple[str, ...]

    @property
    def places(self) -> Mapping[str, int]: ...
    @property
    def read(self) -> int: ...
    def rows(self) -> Iterator[Row | Refusal | files.Noise]: ...


@value
class Input:
    """One table of one file, or one document. `number`: Origin.file of its rows; `as_of_from` says who said so."""

    number: int
    path: Path
    sha256: str
    found: Opened
    table: Table[Any]
    as_of: str
    as_of_from: str
    spelled: Mapping[str, str]  # the layout's column → how the source spells it
    called: str = ""  # a document's name: where it lay below the folder, or in the archive, that was named

    @property
    def name(self) -> str:
        return self.called or self.path.name

    def renumber(self, number: int, as_of: str) -> None:
        """A store's number, before the first row is read; a file that it knows is as old as it was the first time."""
        self.number = self.found.number = number  # type: ignore[misc]  # numbered once, by whoever keeps the files
        if as_of != self.as_of:
            self.as_of, self.as_of_from = as_of, "first intake"  # type: ignore[misc]  # likewise


class Out(Protocol):
    """Where drafts, refusals and warnings go: a folder, or a workspace's store."""

    def start(self, inputs: Sequence[Input]) -> None:
        """Number the files for good."""

    def mentioned(self, facts: Sequence[Mentioned]) -> list[Mentioned]:
        """These and whoever was mentioned before."""

    def known(self, person: str, facts: Sequence[Fact]) -> "Known":
        """What was known of this person, with what these facts say now."""

    def keep(self, draft: Draft, person: str) -> bool:
        """False where it says what it said before: then nothing happened, and there is no Provenance."""

    def revision(self, person: str) -> int:
        """How many Provenances this person had before."""

    def settle(self, person: str, known: "Known", standing: set[Key], refused: set[Key]) -> None:
        """Of this person these stand now; what was refused stays as it was known before."""

    def refuse(self, refusal: Refusal) -> None: ...

    def warn(self, row: Row, issues: Sequence[Issue]) -> None: ...

    def told(self, entry: Told) -> None:
        """An entry of a document that is no fact of its own."""


@value
class Known:
    """Facts of one person: all that count now, and of the new ones those that do not.

    Something newer replaces the `older`; the `wrong` are to be refused, each group for its reason.
    """

    facts: Sequence[Fact]
    older: Sequence[Fact] = ()
    wrong: Sequence[tuple[Sequence[Fact], Issue]] = ()


def prepare(source: Source, settings: Settings, moment: datetime, as_of: str = "") -> Run:
    """A run of that source under these settings."""
    partners = _organizations(source, settings)
    context = Context(
        source=source.name,
        secret=settings.secret,
        partners=partners,
        recorded=moment.isoformat(timespec="seconds"),
        run=settings.namespace,
        synthetic=source.synthetic,
        current=source.delivery == "full",
    )
    check = _checker(shelf.find("profiles/fhir/tables", settings.workspace))
    organizations = {context.id("organization", k): k for k in partners}
    return Run(source, context, check, moment, organizations, settings.demo, settings.workspace, as_of)


@cache
def _checker(tables: Path) -> Checker:
    """Once a process: compiling its schemas takes as long as a thousand rows."""
    return Checker(tables)


def _organizations(source: Source, settings: Settings) -> dict[str, Partner]:
    """By key: named by settings if these know it, else by its own source, else by the code table that mentions it."""
    told = source.code("organizations").values() if source.has_code("organizations") else ()
    partners = {key: Partner(display or key) for key, display, _ in told}
    for name in partners.keys() & set(sources.names(settings.workspace)) | {source.name}:
        own = source if name == source.name else sources.load(name, settings.workspace)
        partners[name] = Partner(
            own.organization["name"], own.organization.get("npi", ""), own.organization.get("phone", "")
        )
    return partners | {key: Partner(p.name, p.npi) for key, p in settings.partners.items()}


def open_all(paths: Sequence[Path], run: Run) -> list[Input]:
    """Every table of every file; a file that is not what its source says stops all before a single row is read.

    Of a source of documents, every document: what is wrong with one is told when it is read, and stops nothing.
    """
    if layouts.is_document(run.source.layout):
        return _documents(paths, run)
    inputs: list[Input] = []
    seen: dict[str, str] = {}
    tables = {t.name: t for t in layouts.layout(run.source.layout).TABLES}
    wanted, way = expected(run.source), dialect(run.source)
    for path in paths:
        if not path.is_file():
            raise Usage(f"{path} is not a file", "name the files of one export")
        sha256 = files.digest(path)
        if sha256 in seen:
            raise Usage(f"{path.name} and {seen[sha256]} are the same file", "name it once")
        seen[sha256] = path.name
        as_of, said = _as_of(run, path)
        try:
            found = files.find(path, len(inputs), wanted, way)
            for f in found if run.source.records else ():
                _check_renamed(run.source, f, tables[f.table])
        except Stop as e:
            kind = Usage if isinstance(e, Usage) else Stop
            raise kind(f"{path.name}: {e.cause}", e.cure) from None
        for f in found:
            spelled = {c.name: run.source.header(f.table, c.name) for c in tables[f.table].fields}
            inputs.append(Input(f.number, path, sha256, f, tables[f.table], as_of, said, spelled))
    return inputs


def _documents(paths: Sequence[Path], run: Run) -> list[Input]:
    layouts.check(run.source)
    inputs: list[Input] = []
    run.passed.clear()
    for place, sha256 in documents.gather(paths, run.passed.append):
        inputs.append(document(run, place, sha256, len(inputs), _as_of(run, Path(place.name))))
    return inputs


def document(run: Run, place: Place, sha256: str, number: int, dated: tuple[str, str]) -> Input:
    """One document as an input. `dated`: the day of a document that tells none, and who says so."""
    as_of, said = dated
    days = {"as-of": day(as_of, run.source.timezone), "today": day(run.moment.isoformat(), run.source.timezone)}
    told = replace(run.source, options={**run.source.options, **days})
    found = documents.Opened(place, number, told, recover=run.recover)
    return Input(number, place.path, sha256, found, documents.TABLE, as_of, said, {}, place.name)


def dialect(source: Source) -> files.Dialect:
    """How its files are written, as far as it says so."""
    tables = {w.table: (*w.headers, *w.optional) for w in expected(source)}
    wishes = (files.Wish(t, path, tables[t]) for t, paths in source.records.items() for path in paths if t in tables)
    spaces = tuple((uri, prefix) for prefix, uri in source.namespaces.items())
    around, _, person = source.header("", "CLIENT_ID").rpartition("/")  # of messages, each around its records
    return files.Dialect(
        source.encoding, source.delimiter, source.sheet, tuple(wishes), spaces, person if around else "", source.ignored
    )


def _check_renamed(source: Source, found: files.Found, table: Table[Any]) -> None:
    """XML leaves out what is empty, also a column that decides what may leave; but beside a stranger it may be that."""
    strangers = [h for h in found.new if h.strip() not in source.ignored]
    label = source.header(table.name, "CONFIDENTIALITY").rpartition("/")[2].casefold()
    if outside := next((h for h in strangers if h[:1] == "/" and h.rpartition("/")[2].casefold() == label), ""):
        cause = f"{outside} may restrict what lies in it, and no record reads it"
        raise Stop(cause, "under [headers], spell CONFIDENTIALITY as its path from the record")
    new = [h for h in strangers if h in found.header]
    decides = decisive(table, source) - {*source.absent.get(table.name, ())} if new else ()
    if gone := {spelled for c in decides if (spelled := source.header(table.name, c)) not in found.places}:
        cause = f"no record of {table.name} says {min(gone)}, and there is {new[0]}, which nobody knows"
        raise Stop(cause, f"map it under [headers.{table.name}], or add it to ignored")


def expected(source: Source) -> list[files.Wanted]:
    """The tables of a source, as it spells them: every column that it does not declare absent must be there.

    But for tables of XML, which leaves out what is empty: there, only what their rows cannot do without.
    """
    tables = layouts.layout(source.layout).TABLES
    layouts.check(source)
    wanted = []
    for t in tables:
        absent = set(source.absent.get(t.name, ()))
        if needed := [f.name for f in t.fields if f.name in absent and not f.optional]:
            raise Usage(
                f"source {source.name}: table {t.name} cannot do without {needed[0]}", "take it out of [absent]"
            )
        if absent == {"*"}:
            continue
        loose = {f.name for f in t.fields if f.optional and t.name in source.records} - {*source.keys(t.name)}
        spelled = {f.name: source.header(t.name, f.name) for f in t.fields if f.name not in absent}
        must = tuple(header for column, header in spelled.items() if column not in loose)
        may = tuple(header for column, header in spelled.items() if column in loose)
        wanted.append(files.Wanted(t.name, must, may))
    return wanted


def spelling(run: Run, item: Input) -> Source:
    """The source as one file sees it: its readers know the day that the file speaks of."""
    return replace(run.source, options={**run.source.options, "as-of": day(item.as_of, run.source.timezone)})


def where(item: Input) -> dict[str, int | None]:
    """Position of each of the layout's columns in this file; None where the source declares it absent."""
    return {column: item.found.places.get(spelled) for column, spelled in item.spelled.items()}


def _as_of(run: Run, path: Path) -> tuple[str, str]:
    if run.source.as_of_format:
        if told := _day_in(path.name, run.source):
            if told > day(run.moment.isoformat(), run.source.timezone):
                raise Stop(f"{path.name}: the day in its name is yet to come", "rename the file, or wait until then")
            return told, "file name"
        raise Stop(f"{path.name}: its name holds no date like {run.source.as_of_format}", "rename the file")
    if run.as_of:
        return run.as_of, "--as-of"
    return run.moment.isoformat(timespec="seconds"), "intake"


def _day_in(name: str, source: Source) -> str:
    """The one day that a file's name holds in the declared format; "" where there is none, or more than one."""
    pattern = re.sub("[YMD]", "[0-9]", re.escape(source.as_of_format))
    days = set()
    for text in re.findall(f"(?<![0-9]){pattern}(?![0-9])", name):
        try:
            days.add(parser((source.as_of_format,), source.pivot, source.timezone)(text))
        except Bad:
            continue
    return days.pop() if len(days) == 1 else ""
