"""See an XML file as tables: each element of some name is a record, and what lies in it or around it are its cells.

A source names its records by the last steps of their paths ("Clients/Client"), and a cell by its path in the record:
"Name/Last", "@id", "." for the record's own text, "*" for its own name; "../@id" is of the element around it. The
second of two children of one name is "Alias[2]". `xsi:nil` is an empty cell. Names are without namespaces but for those
that the source names; SOAP's Envelope and Body are no steps of any path.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import xml
from nowrongdoor.files.records import LONGEST_CELL, Record
from nowrongdoor.files.xml import Element
from nowrongdoor.model import value
from nowrongdoor.model.values import Bad

Cells: TypeAlias = dict[str, str]

UP = "../"
MOST_COLUMNS = 2000
MOST_HELD = 200_000  # elements of a record, with all that lies in it, that are in memory at once
MOST_STRAYS = 5000  # paths outside records
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TYPE = f"{_XSI}type"
_SILENT = frozenset({f"{_XSI}nil", f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"})
_SOAP = ("{http://schemas.xmlsoap.org/soap/envelope/}", "{http://www.w3.org/2003/05/soap-envelope}")
_WRAPPERS = frozenset(soap + part for soap in _SOAP for part in ("Envelope", "Body"))
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Wish(NamedTuple):
    """Records of one table that are looked for. `path`: their last steps; `columns`: all that the source spells."""

    table: str
    path: str
    columns: tuple[str, ...] = ()


@value
class Seen:
    """What a file holds of a wish: how many records, the line of the first, their columns as they come."""

    count: int
    line: int
    columns: tuple[str, ...]


def is_xml(path: Path) -> bool:
    """By how it begins, in UTF-8 or UTF-16, with a mark or without."""
    with path.open("rb") as file:
        head = file.read(256)
    for mark in _MARKS:
        head = head.removeprefix(mark)
    head = head.replace(b"\0", b"").lstrip()
    return head.startswith((b"<?xml", b"<!--", b"<!DOCTYPE")) or (head[:1] == b"<" and head[1:2].isalpha())


class Names:
    """What elements and attributes are called. `named`: namespace → prefix, of those that the source names."""

    def __init__(self, named: Mapping[str, str]) -> None:
        self._named = named
        self._steps: dict[str, str] = {}

    def step(self, tag: str) -> str:
        """The element's step in a path, "" where it is none."""
        if tag not in self._steps:
            uri, _, local = tag[1:].rpartition("}") if tag[:1] == "{" else ("", "", tag)
            prefix = self._named.get(uri, "")
            self._steps[tag] = "" if tag in _WRAPPERS else f"{prefix}:{local}" if prefix else local
        return self._steps[tag]

    def attributes(self, element: Element) -> Iterator[tuple[str, str]]:
        """("@name", text) of all that say something; a type without its prefix, which means nothing elsewhere."""
        for name, text in element.items():
            if name == _TYPE:
                yield "@xsi:type", text.rpartition(":")[2]
            elif name not in _SILENT:
                yield f"@{self.step(name)}", text


class Reading:
    """One file under some wishes; each of its methods reads the file anew. All of them raise Stop, as `scan` does.

    `person`: what an element, or "@" an attribute, is called that names a person; "" where none is looked for.
    """

    def __init__(self, path: Path, encoding: str, wishes: Sequence[Wish], names: Names, person: str = "") -> None:
        self.path, self.encoding, self.wishes, self._names = path, encoding, tuple(wishes), names
        self.written_in = ""  # the encoding, once the file was read
        self.unknown: list[tuple[int, str]] = []  # line and path of what is about a person, and no record
        self._person = person
        self._wishes: dict[str, list[tuple[int, tuple[str, ...]]]] = {}  # by their last step
        for n, wish in enumerate(wishes):
            steps = tuple(wish.path.split("/"))
            self._wishes.setdefault(steps[-1], []).append((n, steps))
        self._tags = [f"{{*}}{last.rpartition(':')[2]}" for last in self._wishes]
        self._outside = [[c for c in wish.columns if c.startswith(UP) or c == "*"] for wish in wishes]
        self._whole = [_holder(wish) for wish in wishes]
        self._read: set[str] = set()  # cells that records read of the elements around them
        self._inside: set[Element] = set()  # records of the unit that is read
        self._strays: dict[tuple[str, ...], None] = {}
        self._above: set[tuple[str, ...]] = set()  # paths that records lie below

    def scan(self) -> tuple[list[Seen], list[str]]:
        """What there is of each wish, and the paths outside all records that hold something.

        Raises Stop where the file is damaged (line and cause), or is more than may be held at once.
        """
        counts, lines = [0] * len(self.wishes), [0] * len(self.wishes)
        columns: list[dict[str, None]] = [{} for _ in self.wishes]
        for element, hits, cells in self._records():
            for n in hits:
                counts[n] += 1
                lines[n] = lines[n] or xml.line(element)
                others = {c for m in hits if m != n for c in self.wishes[m].columns} - {*self.wishes[n].columns}
                columns[n] |= dict.fromkeys(c for c in cells if c not in others)
                if len(columns[n]) > MOST_COLUMNS:
                    cause = f"more than {MOST_COLUMNS} columns in records of {self.wishes[n].path}"
                    raise Stop(cause, "name what repeats inside them as records of their own, under [records]")
        seen = [Seen(c, at, tuple(told)) for c, at, told in zip(counts, lines, columns, strict=True)]
        return seen, self._left_over()

    def rows(self, wish: int, columns: Sequence[str]) -> Iterator[Record]:
        """Records of one wish in the order of the file; their lines need not adjoin."""
        for element, _, cells in self._records(wish):
            row, last = [cells.get(column, "") for column in columns], element
            while len(last):
                last = last[-1]
            endless = max(map(len, row), default=0) > LONGEST_CELL
            yield xml.line(element), xml.line(last), row, "D17" if endless else ""

    # what is read at once

    def _records(self, only: int | None = None) -> Iterator[tuple[Element, list[int], Cells]]:
        """(element, the wishes that it is a record of, its cells), one after the other; `only`: of one wish."""
        for unit in self._units():
            found = [(e, hits) for e in unit.iter(*self._tags) if (hits := self._hits(e))]
            self._inside = inside = {e for e, _ in found}
            known: dict[Element, Cells] = {}
            for element, hits in found if only is None else [told for told in found if only in told[1]]:
                cells = self._cells(element, inside)
                for column in dict.fromkeys(c for n in hits for c in self._outside[n]):
                    told = self._outer(element, column, known) if column != "*" else self._step(element)
                    if told is not None:
                        cells[column] = told
                yield element, hits, cells

    def _units(self) -> Iterator[Element]:
        """Outermost records, and elements whose children records read; each whole, and forgotten afterwards."""
        unit, held = None, 0
        above: list[str] = []
        self.unknown = []
        for event, element in self._events():
            if unit is not None:
                held += 1
                if held > 2 * MOST_HELD:
                    cause = f"line {xml.line(unit)}: a record of {above[-1]} with more than {MOST_HELD} elements in it"
                    raise Stop(cause, "under [records], name the elements inside it; read only attributes around them")
                if event == "start" or element is not unit:
                    continue
                yield unit
                self._leave(unit, above, self._inside)
                unit = None
            elif event == "start":
                self.written_in = self.written_in or element.getroottree().docinfo.encoding or "UTF-8"
                above.append(self._step(element))
                if any(self._ends(element, steps) for steps in self._whole):
                    unit, held = element, 0
            else:
                self._leave(element, above)

    def _events(self) -> Iterator[tuple[str, Element]]:
        try:
            yield from xml.stream(self.path, self.encoding)
        except Bad as bad:
            raise Stop(bad.cause, bad.cure) from None

    def _step(self, element: Element) -> str:
        return self._names.step(element.tag)

    def _hits(self, element: Element) -> list[int]:
        asked = self._wishes.get(self._step(element))
        return [n for n, steps in asked if self._ends(element, steps)] if asked else []

    def _ends(self, element: Element, steps: Sequence[str]) -> bool:
        at: Element | None = element
        for step in reversed(steps):
            if at is None or self._step(at) != step:
                return False
            at = self._parent(at)
        return True

    def _parent(self, element: Element) -> Element | None:
        parent = element.getparent()
        while parent is not None and not self._step(parent):
            parent = parent.getparent()
        return parent

    def _cells(self, element: Element, apart: Collection[Element]) -> Cells:
        """All that lies in an element but for the records among it, which have cells of their own."""
        cells: Cells = {}
        self._add(element, "", cells, apart)
        return cells

    def _add(self, element: Element, at: str, cells: Cells, apart: Collection[Element]) -> None:
        """`at`: the element's path in the record, with a slash behind it."""
        before = len(cells)
        for name, text in self._names.attributes(element):
            cells[at + name] = text
        own, seen = [element.text or ""], dict[str, int]()
        for child in element:
            own.append(child.tail or "")
            if child in apart:
                continue
            step = self._names.step(child.tag) or child.tag.rpartition("}")[2]  # a wrapper inside is as any other
            seen[step] = count = seen.get(step, 0) + 1
            path = f"{at}{step}" if count == 1 else f"{at}{step}[{count}]"
            if len(child) or child.items():
                self._add(child, f"{path}/", cells, apart)
            else:
                cells[path] = child.text or ""
        text = "".join(own)
        if text.strip() or (at and not len(element) and len(cells) == before):
            cells[at[:-1] or "."] = text

    def _outer(self, element: Element, column: str, known: dict[Element, Cells]) -> str | None:
        """A cell of an element around the record; above the unit, one of its attributes."""
        holder, rest = element, column
        while rest.startswith(UP):
            holder, rest = self._parent(holder), rest.removeprefix(UP)
            if holder is None:
                return None
        self._read.add(f"{self._step(holder)}/{rest}")
        if rest.startswith("@"):
            return dict(self._names.attributes(holder)).get(rest)
        if holder not in known:
            known[holder] = self._cells(holder, ())
        return known[holder].get(rest or ".")

    # what lies outside records

    def _leave(self, element: Element, above: list[str], records: Collection[Element] = ()) -> None:
        """The element ends, with its path `above`: what it holds besides `records` is remembered by path alone."""
        path = tuple(filter(None, above))
        if records:
            self._above.update(path[:n] for n in range(len(path)))
        if element not in records:
            if records:
                self._above.add(path)
            for key, text in self._cells(element, records).items():
                if text.strip() and not any(f"/{above[-1]}/{key}".endswith(f"/{read}") for read in self._read):
                    stray = path if key == "." else (*path, *key.split("/"))
                    self._strays[stray] = None
                    if self._person and stray[-1:] == (self._person,) and not records:
                        self.unknown.append((xml.line(element), "/" + "/".join(stray[:-1])))
        above.pop()
        if xml.forget(element):
            self._strays[tuple(filter(None, above))] = None
        if len(self._strays) > MOST_STRAYS:
            raise Stop("the file holds far more besides its records", "name its records under [records] of the source")

    def _left_over(self) -> list[str]:
        """The topmost path of each part that no record lies in; of what records lie in, its own text and attributes."""
        found: dict[str, None] = {}
        for path in self._strays:
            tops = (path[:n] for n in range(1, len(path)) if path[:n] not in self._above)
            found["/" + "/".join(next(tops, path))] = None
        return list(found)


def _holder(wish: Wish) -> tuple[str, ...]:
    """Last steps of the outermost element of which a record reads children: these may come after it. Else, its own."""
    steps = tuple(wish.path.split("/"))
    up = max(
        (c.count(UP) for c in wish.columns if c.startswith(UP) and not c.rpartition(UP)[2].startswith("@")), default=0
    )
    if up >= len(steps):
        column = max(wish.columns, key=lambda c: c.count(UP))
        raise Usage(
            f"[records] {wish.table}: {column} is of an element that the path does not name", "write more of it"
        )
    return steps[: len(steps) - up]
