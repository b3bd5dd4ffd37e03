"""One export, form or document shape each; found by name."""

import pkgutil
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import cast

from nowrongdoor import shelf
from nowrongdoor.errors import Usage
from nowrongdoor.model import Layout
from nowrongdoor.sources import Source

_ENDS = "EXPIRES"  # the column that ends a release, in every layout that has one


def names() -> list[str]:
    """Every module here that has `TABLES` is a layout."""
    return sorted(
        m.name for m in pkgutil.iter_modules(__path__) if hasattr(import_module(f"{__name__}.{m.name}"), "TABLES")
    )


def layout(name: str) -> Layout:
    """The layout of that name; Usage where there is none."""
    if name not in names():
        raise Usage(f"there is no layout called {name!r}", f"layouts: {', '.join(names())}")
    return cast("Layout", import_module(f"{__name__}.{name}"))


def check(source: Source) -> None:
    """Names of tables and columns in a source are its layout's, and its releases can end. Raises Usage."""
    tables = layout(source.layout).TABLES
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
    for section, told in (("headers", own), ("absent", source.absent), ("keys", source.composed)):
        yield section, told, columns
        for table, names in told.items():
            yield f"{section}.{table}", names, columns[table]
    yield "date_formats", source.date_formats, every
    yield "widths", source.widths, every
