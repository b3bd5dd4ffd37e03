"""What became of a row, a draft, a parcel; and the count of everything."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Generic, Literal, NoReturn, Protocol, TypeVar, final

from nowrongdoor.model.core import Key, Origin, Resource, value
from nowrongdoor.model.facts import Fact

L = TypeVar("L")


@value
class Issue:
    """One thing not understood. `rule`: D-number of the dirty-data list, or a word of ours; no text holds the value."""

    rule: str
    cause: str
    cure: str
    column: str = ""
    severity: Literal["error", "warning"] = "error"


@value
class Row:
    """One record as read: every cell text. `header` positions are the file's own."""

    origin: Origin
    cells: Sequence[str]


@value
class Refusal:
    """A row set aside with its issues.

    `holds`: people whose data waits until it is mended; id "*" = all of the source. `person`, `about`: whom and which
    thing (kind and key) the row could still name, so that what depends on it can say so; `cin` likewise.
    """

    origin: Origin
    issues: tuple[Issue, ...]
    raw: Sequence[str]
    holds: tuple[Key, ...] = ()
    person: str = ""
    about: Key | None = None
    cin: str = ""


@value
class Draft:
    """A resource not yet allowed out, with the facts that made it and the keys it may not stand without."""

    key: Key
    resource: Resource
    facts: tuple[Fact, ...]
    needs: tuple[Key, ...] = ()


@value
class Refused:
    """Facts that read well but do not stand together."""

    facts: tuple[Fact, ...]
    issues: tuple[Issue, ...]


class Fate(IntEnum):
    """What became of a row, or of a document's entry: the worst of what befell its facts.

    Only an entry is `NARRATIVE`: it says nothing that its section's text does not say. `OUT_OF_SCOPE` is an entry, or a
    row, of a kind that nothing is made of.
    """

    LOST = 0
    NOISE = 1
    OUT_OF_SCOPE = 2
    NARRATIVE = 3
    MERGED = 4
    WRITTEN = 5
    REFUSED = 6


@value
class Told:
    """An entry of a document that states no fact: narrative, or out of scope. `template`: what it is counted by."""

    origin: Origin
    fate: Fate
    template: str = ""


class Tally:
    """One byte a row, the worst fate wins: flat memory, any order."""

    def __init__(self) -> None:
        self._fates: dict[int, bytearray] = {}
        self.spooled = self.settled = 0  # facts put aside, facts accounted for

    def expect(self, file: int, rows: int) -> None:
        """`rows` were in the file, by the file's own count: those nobody speaks of again are lost."""
        fates = self._fates.setdefault(file, bytearray())
        fates.extend(bytes(max(0, rows - len(fates))))

    def met(self, at: Origin, fate: Fate) -> None:
        row = at.row
        fates = self._fates.get(at.file)
        if fates is None or len(fates) < row:
            self.expect(at.file, row)
            fates = self._fates[at.file]
        if fates[row - 1] < fate:  # noqa: PLR1730  # `max` would be asked once a row
            fates[row - 1] = fate

    def read(self, file: int) -> int:
        return len(self._fates.get(file, b""))

    def count(self, file: int, fate: Fate) -> int:
        return self._fates.get(file, bytearray()).count(fate)

    def fates(self, file: int) -> list[Fate]:
        """Of each data row, in order."""
        return [Fate(b) for b in self._fates.get(file, b"")]

    @property
    def balanced(self) -> bool:
        """Every row has a fate and every fact was accounted for."""
        return self.spooled == self.settled and not any(fates.count(Fate.LOST) for fates in self._fates.values())


# a layout's tables -------------------------------------------------------


class Spelling(Protocol):
    """What a layout may know of its source: a view of the source's TOML, made by `sources`."""

    @property
    def name(self) -> str: ...
    @property
    def part2(self) -> bool: ...
    @property
    def programmes(self) -> Mapping[str, bool]: ...
    @property
    def dates(self) -> Sequence[str]: ...
    @property
    def pivot(self) -> int | None: ...
    @property
    def timezone(self) -> str: ...
    @property
    def absent_words(self) -> Mapping[str, str]: ...
    @property
    def widths(self) -> Mapping[str, int]: ...
    @property
    def options(self) -> Mapping[str, str]: ...
    def dates_of(self, column: str) -> Sequence[str]: ...
    def code(self, table: str) -> Mapping[str, tuple[str, str, str]]: ...
    def code_file(self, table: str) -> str: ...
    def has_code(self, table: str) -> bool: ...
    def keys(self, table: str) -> Sequence[str]: ...


@value
class Field:
    """One column of a table, as `inspect`, `explain` and the header match see it."""

    name: str
    optional: bool = False  # the source may declare it absent
    table: str = ""  # the code table that its cells are looked up in
    targets: tuple[str, ...] = ()  # what that table may map to; empty: anything
    refuses: bool = True  # a cell not understood refuses the row


@value
class Table(Generic[L]):
    """One file or sheet of a layout: its columns, how a source reads them, and the facts that a row states.

    `bind(spelling, where)`: `where` gives each column's position in the file, None where the file lacks it; the result
    reads a row and appends what it only warns of to the list. `consent`: a refused row holds whom it may speak of.
    """

    name: str
    fields: tuple[Field, ...]
    bind: Callable[[Spelling, Mapping[str, int | None]], Callable[[Row, list[Issue]], "L | Refusal"]]
    facts: Callable[[L], Iterable[Fact]]
    consent: bool = False


class Layout(Protocol):
    """A module that describes one export."""

    TABLES: tuple[Table, ...]  # type: ignore[type-arg]  # each table has a line type of its own


# what may leave ----------------------------------------------------------


@value
class Kept:
    """A draft as the store holds it: what the gate and the push look at."""

    source: str
    key: Key
    person: str  # the source's key of whom it speaks; "": an Organization or Practitioner, sent only with who needs it
    custodian: str  # id of the Organization resource of the source that stated it
    resource: Resource
    synthetic: bool


@value
class Parcel:
    """A kept draft due to one server entry: to its whole audience, for all its purposes. Never itself a permission."""

    kept: Kept
    server: str


@value
class Withheld:
    """Not allowed out, or (held) waiting for a person."""

    parcel: Parcel
    rule: str
    held: bool = False


@final
class Cleared:
    """Allowed, this moment, as `resource`. Only `privacy` mints one; it is never stored."""

    __slots__ = ("parcel", "resource", "rule")
    parcel: Parcel
    resource: Resource
    rule: str

    def __init__(self) -> None:
        raise TypeError("only privacy clears")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a clearance is of the moment and cannot be stored")

    @classmethod
    def _mint(cls, parcel: Parcel, resource: Resource, rule: str) -> "Cleared":
        self = object.__new__(cls)
        self.parcel, self.resource, self.rule = parcel, resource, rule
        return self


State = Literal["created", "updated", "adopted", "unchanged", "held", "refused", "waiting"]


@value
class Receipt:
    """What the server answered. `etag` exactly as received; `sent_hash`: SHA-256 of what we sent."""

    cleared: Cleared
    state: State
    server_id: str = ""
    etag: str = ""
    sent_hash: str = ""
    issue: Issue | None = None
