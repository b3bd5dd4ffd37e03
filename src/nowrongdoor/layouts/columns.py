"""Typed columns: a layout names each column once, with the word it is read by, and mypy sees a wrong one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import getitem, itemgetter
from typing import Any, ClassVar, Protocol, TypeVar, cast

from nowrongdoor.errors import Usage
from nowrongdoor.layouts.cells import called, unknown_code
from nowrongdoor.layouts.read import AnyReader, Bad, Bound, Warned, clean, key
from nowrongdoor.model import Code, Fact, Field, Issue, Key, Kind, Origin, Refusal, Row, Spelling, Table

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
L = TypeVar("L", bound="Line")
Cells = tuple[str, ...]
_DIFFERENT = 512


class BoundGroup(Protocol[T_co]):
    """A reader of several cells at once that must know its source."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], T_co]: ...


class _Column:
    """What the class body of a line holds until it is bound; `instead` gives the value that a warning leaves."""

    def __init__(self, fields: Sequence[Field], reader: Any, instead: Callable[[str], Any] | None = None) -> None:
        self.fields, self.reader, self.instead = tuple(fields), reader, instead

    def bind(self, spelling: Spelling) -> Callable[[Any], Any]:
        names = [f.name for f in self.fields]
        if not hasattr(self.reader, "bind"):
            return cast("Callable[[Any], Any]", self.reader)
        return cast("Callable[[Any], Any]", self.reader.bind(spelling, names[0] if len(names) == 1 else names))

    def place(self, spelling: Spelling, where: Mapping[str, int | None]) -> "_Column":  # noqa: ARG002 - others need both
        """The column as this source has it."""
        return self

    def blank(self, spelling: Spelling) -> Any:
        """What a column says that the source declares absent: what an empty cell would; no code table is needed."""
        if isinstance(self.reader, Coded | _Concept | _Meaning):
            return self.reader.absent(spelling, self.fields[0].name)
        try:
            return self.bind(spelling)("" if len(self.fields) == 1 else ("",) * len(self.fields))
        except Warned as told:  # an empty cell of a form is warned of; a column that no form has is not
            return told.value
        except Bad:
            names = "+".join(f.name for f in self.fields)
            raise Usage(f"{called(spelling)}: nothing can stand for {names}", "take it out of [absent]") from None


def column(name: str, reader: AnyReader[T], *, optional: bool = False) -> T:
    """A cell that refuses its row where it is not understood."""
    return cast("T", _Column((Field(name, optional),), reader))


def kept(name: str, reader: AnyReader[T], instead: Callable[[str], T], *, optional: bool = True) -> T:
    """A cell that only warns: `instead` says what stays of the text."""
    return cast("T", _Column((Field(name, optional, refuses=False),), reader, instead))


def as_written(cell: str) -> str:
    """What stays of a cell that only warns: its text."""
    return clean(cell)


def nothing(cell: str) -> str:  # noqa: ARG001 - a reader takes a cell
    """What stays of a cell that only warns where the element holds no text: nothing; the warning has the text."""
    return ""


def group(names: Sequence[str], reader: BoundGroup[T], *, optional: Sequence[str] = (), table: str = "") -> T:
    """Several cells that mean something only together; they refuse. `optional`: which of them a file may lack."""
    return cast("T", _Column([Field(n, n in optional, table if n == names[0] else "") for n in names], reader))


def keyed(name: str, table: str) -> str:
    """The key of a row: its own column, or the columns that the source declares for it under [keys]."""
    return cast("str", _Keyed(name, table))


def coded(name: str, table: str, among: Sequence[str], *, blank: str | None = None, optional: bool = False) -> str:
    """A cell looked up in a code table of the source; `blank` is what an empty cell means, None: it refuses."""
    return coded_by(name, Coded(table, tuple(among), blank), optional=optional)


def coded_by(name: str, reader: "Coded", *, optional: bool = False) -> str:
    """The same, by a reader of a layout's own."""
    return cast("str", _Column((Field(name, optional, reader.table, reader.among),), reader))


def coded_on_paper(name: str, table: str, among: Sequence[str], wrap: Callable[[AnyReader[str]], AnyReader[T]]) -> T:
    """The same, where the keyer may say that the form cannot be read; `wrap` says what becomes of that."""
    reader = wrap(Bound(Coded(table, tuple(among), "").bind))
    return cast("T", _OnPaper((Field(name, True, table, tuple(among)),), reader))


def concept_on_paper(
    name: str, table: str, wrap: Callable[[AnyReader[Code | None]], Bound[Code | None]]
) -> Code | None:
    """A code that only warns where it is unknown, or where the form cannot be read."""
    reader, instead = wrap(Bound(_Concept(table).bind)), lambda raw: ("", raw.strip(), "")
    return cast("Code | None", _OnPaper((Field(name, True, table, refuses=False),), reader, instead))


def whole_row() -> str:
    """The row as text, a line a cell: what a keyed form says where there is no scan of it."""
    return cast("str", _WholeRow((), None))


def concept(name: str, table: str, *, optional: bool = True) -> Code | None:
    """A code that only warns where it is unknown: its text is kept. None where the cell is empty."""
    return cast(
        "Code | None",
        _Column((Field(name, optional, table, refuses=False),), _Concept(table), lambda raw: ("", raw.strip(), "")),
    )


def meaning(name: str, table: str) -> str:
    """What the code table calls a cell's code, "" where it does not know it: for a cell that another column reads."""
    return cast("str", _Column((Field(name, True, table, refuses=False),), _Meaning(table)))


def programme(name: str, *, optional: bool = True) -> tuple[str, bool]:
    """(programme code, is it Part 2) as the source's TOML says; an unknown code refuses, empty is its default."""
    return cast("tuple[str, bool]", _Column((Field(name, optional),), _Programme()))


class _OnPaper(_Column):
    def blank(self, spelling: Spelling) -> Any:  # noqa: ARG002 - one signature
        """As of any code: its table is not asked for."""
        return None if self.instead else ""


class _Keyed(_Column):
    def __init__(self, name: str, table: str) -> None:
        super().__init__((Field(name, optional=True),), key)
        self.table = table

    def place(self, spelling: Spelling, where: Mapping[str, int | None]) -> _Column:
        """The column as this source has it. Raises Usage where it has neither the column nor a declared key."""
        names = spelling.keys(self.table)
        if not names and where.get(self.fields[0].name) is None:
            cure = f'declare which columns make a row unique: [keys] {self.table} = ["…", "…"]'
            raise Usage(f"{called(spelling)}: table {self.table} has no {self.fields[0].name} column", cure)
        if not names:
            return self
        if missing := [n for n in names if where.get(n) is None]:
            raise Usage(
                f"{called(spelling)}: [keys] {self.table} names {missing[0]}, which the file lacks",
                "use column names of the layout",
            )
        return _Column([Field(n) for n in names], _Joined())


class _WholeRow(_Column):
    def place(self, spelling: Spelling, where: Mapping[str, int | None]) -> _Column:  # noqa: ARG002 - one signature
        names = [n for n, at in where.items() if at is not None]
        return _Column(
            [Field(n) for n in names],
            lambda cells: "\n".join(f"{n}: {c}" for n, c in zip(names, cells, strict=True) if c),
        )


class _Joined:
    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Any], str]:
        parts = [key.bind(spelling, c) for c in ([columns] if isinstance(columns, str) else columns)]

        def read(cells: Any) -> str:
            return "/".join(
                part(c) for part, c in zip(parts, [cells] if isinstance(cells, str) else cells, strict=True)
            )

        return read


class Coded:
    """A cell → the target of its code; a target may be compound (`CAREMGT|TREAT`)."""

    def __init__(self, table: str, among: tuple[str, ...], blank: str | None) -> None:
        self.table, self.among, self.blank = table, among, blank

    def empty(self, _: Spelling) -> str | None:
        """What an empty cell means; None: it refuses."""
        return self.blank

    def absent(self, spelling: Spelling, column: str) -> str:
        """What a column means that the source does not have. Usage where nothing may stand for it."""
        told = self.empty(spelling)
        if told is None:
            raise Usage(f"{called(spelling)}: nothing can stand for {column}", "take it out of [absent]")
        return told

    def bind(self, spelling: Spelling, column: str, /) -> Callable[[str], str]:
        file, blank = spelling.code_file(self.table), self.empty(spelling)
        known = {source: target for source, (target, _, _) in spelling.code(self.table).items()}
        for target in known.values():
            if self.among and not set(target.split("|")) <= set(self.among):
                raise Usage(f"codes/{file}: {target!r} is no target for {column}", f"one of: {', '.join(self.among)}")
        if blank is not None:
            known[""] = blank

        def read(cell: str) -> str:
            try:
                return known[cell]
            except KeyError:
                pass
            code = clean(cell)
            if code in known:
                return known[code]
            raise (
                unknown_code(file, column) if code else Bad("empty", "the cell is empty", "the sender must fill it in")
            )

        return read


class _Concept:
    def absent(self, _: Spelling, __: str) -> None:
        """Nothing is said."""

    def __init__(self, table: str) -> None:
        self.table = table

    def bind(self, spelling: Spelling, column: str, /) -> Callable[[str], Code | None]:
        file, known = spelling.code_file(self.table), spelling.code(self.table)

        def read(cell: str) -> Code | None:
            code = clean(cell)
            if not code:
                return None
            if code in known:
                return known[code]
            raise unknown_code(file, column)

        return read


class _Meaning:
    def absent(self, _: Spelling, __: str) -> str:
        return ""

    def __init__(self, table: str) -> None:
        self.table = table

    def bind(self, spelling: Spelling, _: str, /) -> Callable[[str], str]:
        called = {source: display for source, (_target, display, _system) in spelling.code(self.table).items()}
        return lambda cell: called.get(clean(cell), "")


class _Programme:
    def bind(self, spelling: Spelling, column: str, /) -> Callable[[str], tuple[str, bool]]:
        known, default = spelling.programmes, ("", spelling.part2)

        def read(cell: str) -> tuple[str, bool]:
            code = clean(cell)
            if not code:
                return default
            if code in known:
                return code, known[code]
            cure = (
                f'say under [programmes] in sources/{spelling.name}.toml whether it is Part 2: true, false or "unknown"'
            )
            raise Bad("programme", f"{column} names a programme that the source does not know", cure)

        return read


class Line:
    """One typed row. A layout's lines are subclasses; attribute names below have a meaning everywhere."""

    STATES: ClassVar[Kind]  # what such a row states, for what depends on it
    CONSENT: ClassVar[bool] = False
    PERSON: ClassVar[str] = "client"  # the attribute with the source's key of the person
    ID: ClassVar[str] = "id"  # the attribute with the key of the thing itself

    origin: Origin
    labels: tuple[str, ...] = ()
    updated: str = ""
    beyond: str = ""  # of a row that is known and states nothing: what it is counted by
    program: tuple[str, bool] = ("", True)

    def stamp(self) -> tuple[Origin, bool, tuple[str, ...], str]:
        """What every fact of this row carries: where it stood, whether Part 2, its labels, since when it is true."""
        return self.origin, self.program[1], self.labels, self.updated


def table(name: str, line: type[L], facts: Callable[[L], Iterable[Fact]]) -> Table[L]:
    """A layout's table: `line`'s columns in the order of its class body (base classes first)."""
    columns: dict[str, _Column] = {}
    for cls in reversed(line.__mro__):
        columns.update({k: v for k, v in vars(cls).items() if isinstance(v, _Column)})
    fields: dict[str, Field] = {}
    for f in (f for c in columns.values() for f in c.fields):
        fields[f.name] = _both(fields.get(f.name, f), f)

    def bind(spelling: Spelling, where: Mapping[str, int | None]) -> Callable[[Row, list[Issue]], L | Refusal]:
        return _reader(line, columns, spelling, where)

    return Table(name, tuple(fields.values()), bind, facts, line.CONSENT)


def _both(a: Field, b: Field) -> Field:
    """One column that two readers read."""
    table, targets = (a.table, a.targets) if a.table else (b.table, b.targets)
    return Field(a.name, a.optional and b.optional, table, targets, a.refuses or b.refuses)


def _reader(
    line: type[L], columns: Mapping[str, _Column], spelling: Spelling, where: Mapping[str, int | None]
) -> Callable[[Row, list[Issue]], L | Refusal]:
    placed = {a: c.place(spelling, where) for a, c in columns.items()}
    there = {a: c for a, c in placed.items() if any(where.get(f.name) is not None for f in c.fields)}
    cells = [(attr, c, c.bind(spelling), _cell(c, where)) for attr, c in there.items()]
    single = [(attr, _Seen(read), where[c.fields[0].name]) for attr, c, read, _ in cells if len(c.fields) == 1]
    groups = [(attr, _Seen(read), take) for attr, c, read, take in cells if len(c.fields) > 1]
    attrs, readers = [attr for attr, _, _ in single], [seen for _, seen, _ in single]
    pick = itemgetter(*(at for _, _, at in single), -1, -1)  # of one position it would be no tuple; `map` sees no more
    always = {a: c.blank(spelling) for a, c in placed.items() if a not in there}
    if "program" not in there:
        always["program"] = ("", spelling.part2)

    def read_row(row: Row, warnings: list[Issue]) -> L | Refusal:
        told = [*row.cells, ""]
        try:
            seen = dict(zip(attrs, map(getitem, readers, pick(told)), strict=True))
            for attr, reader, take in groups:
                seen[attr] = reader[take(told)]
        except Bad:
            slow = _slowly(cells, told, warnings)
            if isinstance(slow, tuple):
                return _refusal(line, row, *slow)
            seen = slow
        made = line()
        seen["origin"] = row.origin
        seen.update(always)
        made.__dict__ = seen
        return made

    return read_row


class _Seen(dict[Any, Any]):
    """What a column's reader made of its first few hundred different cells: most cells of an export repeat."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, cell: Any) -> Any:
        made = self.read(cell)
        if len(self) < _DIFFERENT:
            self[cell] = made
        return made


def _cell(c: _Column, where: Mapping[str, int | None]) -> Callable[[Sequence[str]], Any]:
    """The column's cell of a row, or cells of a group; the row has an empty one at its end for what the file lacks."""
    return itemgetter(*(-1 if at is None else at for at in (where.get(f.name) for f in c.fields)))


def _slowly(cells: Sequence[tuple[str, _Column, Any, Any]], told: Sequence[str], warnings: list[Issue]) -> Any:
    """Every cell by itself: all issues of the row are told, not the first. A dict of values, or (issues, values)."""
    seen: dict[str, Any] = {}
    issues: list[Issue] = []
    for attr, c, read, take in cells:
        raw = take(told)
        names = "+".join(f.name for f in c.fields)
        try:
            seen[attr] = read(raw)
        except Warned as e:
            seen[attr] = e.value
            warnings.append(Issue(e.rule, e.cause, e.cure, names, "warning"))
        except Bad as e:
            if c.instead is None:
                issues.append(Issue(e.rule, e.cause, e.cure, names))
            else:
                seen[attr] = c.instead(raw)
                warnings.append(Issue(e.rule, e.cause, e.cure, names, "warning"))
    return (tuple(issues), seen) if issues else seen


def _refusal(line: type[Line], row: Row, issues: tuple[Issue, ...], seen: Mapping[str, Any]) -> Refusal:
    person = str(seen.get(line.PERSON, ""))
    holds = (Key("person", person or "*"),) if line.CONSENT else ()
    about = Key(line.STATES, str(seen[line.ID])) if line.ID in seen else None
    cin = seen.get("cin")
    return Refusal(row.origin, issues, row.cells, holds, person, about, cin if isinstance(cin, str) else "")
