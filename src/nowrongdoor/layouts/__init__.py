"""One export, form or document shape each; found by name."""

import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from nowrongdoor import shelf
from nowrongdoor.errors import Usage
from nowrongdoor.model import Issue, Layout, Refusal, Resource, Row, Spelling, Stated, Told
from nowrongdoor.sources import Source

_ENDS = "EXPIRES"  # the column that ends a release, in every layout that has one


class Document(Protocol):
    """What one document states. `entries[n - 1]`: XPath of row n, its place in a tally; row 1 is the document.

    `warnings`: each with a row of two cells, the XPath and the words of what it is about.
    """

    person: str
    facts: Sequence[Stated]
    told: Sequence[Told]
    refused: Sequence[Refusal]
    entries: Sequence[str]
    warnings: Sequence[tuple[Row, Issue]]


class Sort(Protocol):
    """A kind of section: what it is called, and what its entries become; nothing where only its words are kept."""

    @property
    def name(self) -> str: ...
    @property
    def becomes(self) -> Sequence[str]: ...


class Outline(Protocol):
    """How a document is built, without a word of whom it is about.

    `sections`: code, and has it words; `rows[n]`: of row n + 2 its section's number, element, mood, template.
    """

    document: str
    software: Sequence[str]
    confidentiality: str
    sections: Sequence[tuple[str, bool]]
    rows: Sequence[tuple[int, str, str, str]]


class Tree(Protocol):
    """A module that describes a kind of document: both raise `Bad` where it is none, or of nobody.

    `write`: a resource as JSON text. `rows`: XPath and line of each, for those of which nothing else is asked.
    """

    DOCUMENT: bool
    HEADER: Mapping[str, Sequence[str]]  # part of the header → resources that it becomes
    STATED: Mapping[str, Sort]  # by code of a section

    @staticmethod
    def statements(root: Any, spelling: Spelling, file: int, write: Callable[[Resource], str] = ..., /) -> Document: ...
    @staticmethod
    def rows(root: Any, /) -> Sequence[tuple[str, int]]: ...
    @staticmethod
    def outline(root: Any, /) -> Outline: ...


def names() -> list[str]:
    """Every module here that has `TABLES` is a layout of rows."""
    return _with("TABLES")


def documents() -> list[str]:
    """Every module or package here that describes documents."""
    return _with("DOCUMENT")


def layout(name: str) -> Layout:
    """The layout of that name; Usage where there is none, or where it is one of documents."""
    if name in documents():
        raise Usage(f"{name} is of documents, which have no columns", f"layouts with columns: {', '.join(names())}")
    if name not in names():
        raise Usage(f"there is no layout called {name!r}", f"layouts: {', '.join([*names(), *documents()])}")
    return cast("Layout", import_module(f"{__name__}.{name}"))


def is_document(name: str) -> bool:
    """Its files are documents, each a tree, not tables of rows."""
    return name in documents()


def document(name: str) -> Tree:
    """The document layout of that name: for which `is_document` holds."""
    return cast("Tree", import_module(f"{__name__}.{name}"))


@cache
def _with(what: str) -> list[str]:
    return sorted(
        m.name for m in pkgutil.iter_modules(__path__) if hasattr(import_module(f"{__name__}.{m.name}"), what)
    )


def check(source: Source) -> None:
    """Names of tables and columns in a source are its layout's, and its releases can end. Raises Usage."""
    tables = () if is_document(source.layout) else layout(source.layout).TABLES
    columns = {t.name: [f.name for f in t.fields] for t in tables}
    for section, names, among in _named(source, columns):
        for name in names:
            if name not in among and name != "*":
                raise Usage(
                    f"source {source.name}: [{section}] {name} is not in layout {source.layout}",
                    shelf.nearest(name, among, f"there are: {', '.join(among)}"),
                )
    for t in tables:
        if t.consent and source.revokes == "end-date" and _ENDS in source.absent.get(t.name, ()):
            raise Usage(
                f'source {source.name}: no release would end: revokes = "end-date", and [absent] {t.name} has {_ENDS}',
                'take it out of [absent], or say revokes = "status"',
            )


def _named(
    source: Source, columns: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, Collection[str], Collection[str]]]:
    """(section of the TOML, names that stand in it, names that may)."""
    every = list(dict.fromkeys(c for names in columns.values() for c in names))
    own = {table: told for table, told in source.headers.items() if isinstance(told, dict)}
    yield "headers", source.headers.keys() - own.keys(), every
    yield "records", source.records, columns
    for section, told in (("headers", own), ("absent", source.absent), ("keys", source.composed)):
        yield section, told, columns
        for table, names in told.items():
            yield f"{section}.{table}", names, columns[table]
    yield "date_formats", source.date_formats, every
    yield "widths", source.widths, every
