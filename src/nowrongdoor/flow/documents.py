"""Documents of a source, read one by one: what each states, or the one refusal that stands for the whole of it."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

from nowrongdoor import layouts
from nowrongdoor.errors import Stop
from nowrongdoor.files import Noise, documents, xml
from nowrongdoor.model import Issue, Origin, Refusal, Row, Stated, Table, Told, value
from nowrongdoor.model.values import Bad
from nowrongdoor.resources import stated
from nowrongdoor.sources import Source

FEW = 100  # documents that are read before a second process is ready
_HAND = 8  # documents that a process is given at once
_FAULT = "keep the document, take it out, and report this: the others are read without it"
_RECOVERED = Issue(
    "xml-recovered", "the document is damaged, and what could be read of it was kept (--recover)",
    "ask its sender for the whole document; until then all that it says counts as restricted", "", "warning",
)  # fmt: skip
_ARCHIVE = b"PK\x03\x04"
_DAY = len("2026-01-31")


def _none(*_: Any) -> Any:
    raise TypeError("a document has no columns")


TABLE: Table[Any] = Table("document", (), _none, _none)


@value
class Read:
    """What one document holds, without its tree. Of one that cannot be read, one entry, which is refused."""

    entries: int
    facts: Sequence[Stated] = ()
    told: Sequence[Told] = ()
    refused: Sequence[Refusal] = ()
    warnings: Sequence[tuple[Row, Sequence[Issue]]] = ()  # the row's one cell is its XPath


class Opened:
    """A document as the route's tables are: its rows are its entries, each known by its XPath alone."""

    header: tuple[str, ...] = ("XPATH",)
    new: tuple[str, ...] = ()
    table, sheet, header_line = TABLE.name, "", 0

    def __init__(self, place: documents.Place, number: int, source: Source, *, recover: bool) -> None:
        self.place, self.number, self.source, self._recover = place, number, source, recover
        self.read = 0  # entries, once they are known
        self.places: Mapping[str, int] = {}

    def document(self, as_of: str) -> Read:
        """All that it states. No exception gets past it: what is wrong with one document stops no other."""
        try:
            root, damaged = self._root()
            told = layouts.document(self.source.layout).statements(root, self.source, self.number)
            warnings = [*([(1, _RECOVERED)] if damaged else ()), *told.warnings]
            return Read(
                len(told.entries),
                [_entered(fact, as_of, damaged=damaged) for fact in told.facts],
                told.told,
                told.refused,
                list(self._warned(warnings, told.entries)),
            )
        except Bad as bad:
            issue = Issue(bad.rule, bad.cause, bad.cure)
        except Exception as fault:  # noqa: BLE001  # ours, in one document of thousands; told as what it is
            issue = Issue("fault", f"a fault of nwd ({type(fault).__name__})", _FAULT)
        return Read(1, refused=[Refusal(self._at(1), (issue,), [""])])

    def rows(self) -> Iterator[Row | Refusal | Noise]:
        """Its entries once more, for those that were refused: the trees of a run are not kept."""
        try:
            root, _ = self._root()
            entries = layouts.document(self.source.layout).statements(root, self.source, self.number).entries
        except Exception:  # noqa: BLE001  # it was told the first time
            entries = [""]
        for row, path in enumerate(entries, 1):
            yield Refusal(self._at(row), (), [path])

    def _root(self) -> tuple[xml.Element, bool]:
        content = self.place.read()
        if content.startswith(_ARCHIVE):
            raise Bad("zip-inside", "an archive, which is not opened here", "name it by itself, or unpack it first")
        try:
            return xml.parse(content), False
        except Bad as bad:
            if bad.rule != "xml" or not self._recover:
                raise
        return xml.parse(content, recover=True), True

    def _warned(self, told: Sequence[tuple[int, Issue]], entries: Sequence[str]) -> Iterator[tuple[Row, list[Issue]]]:
        by_row: dict[int, list[Issue]] = {}
        for row, issue in told:
            by_row.setdefault(row, []).append(issue)
        for row, issues in sorted(by_row.items()):
            yield Row(self._at(row), [entries[row - 1]]), issues

    def _at(self, row: int) -> Origin:
        return Origin(self.number, row, 1, 1, 0)


def _entered(fact: Stated, as_of: str, *, damaged: bool) -> Stated:
    """A fact under a key of its person, and with when it was said in a form that sorts."""
    fact.as_of = _sortable(fact.as_of or as_of)  # type: ignore[misc]  # frozen to all but the door they come in by
    fact.id = stated.own(fact)  # type: ignore[misc]  # likewise
    return stated.recovered(fact) if damaged else fact


def _sortable(moment: str) -> str:
    """A moment in UTC, so that texts sort as moments do; a day, month or year as it is."""
    if len(moment) <= _DAY:
        return moment
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat()


def gather(paths: Sequence[Path]) -> Iterator[tuple[documents.Place, str]]:
    """Every document that the paths lead to, with its digest; one that cannot be read has none."""
    for path in paths:
        for place in documents.gather(path):
            try:
                yield place, sha256(place.read()).hexdigest()
            except Bad:
                yield place, ""


# many at once --------------------------------------------------------------

Due: TypeAlias = tuple[Opened, str]  # a document, and the day that it speaks of where it does not say


def reading(due: Sequence[Due], workers: int, progress: Callable[[int, int], None]) -> Iterator[Read]:
    """Of each document in turn, however many processes read them; no more than a few wait to be asked for."""
    every = _at_once(due, workers) if workers > 1 and len(due) > FEW else (found.document(day) for found, day in due)
    for number, read in enumerate(every, 1):
        progress(number, len(due))
        yield read


def _at_once(due: Sequence[Due], workers: int) -> Iterator[Read]:
    hands = [due[n : n + _HAND] for n in range(0, len(due), _HAND)]
    waiting: deque[Future[list[Read]]] = deque()
    try:
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            for hand in hands:
                waiting.append(pool.submit(_read, hand))
                if len(waiting) > 2 * workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
    except BrokenProcessPool:
        raise Stop("a process that read documents was ended from outside", "try again with --workers 1") from None


def _read(hand: Sequence[Due]) -> list[Read]:
    return [found.document(day) for found, day in hand]
