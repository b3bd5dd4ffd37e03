"""Documents of a source, read one by one: what each states, or the one refusal that stands for the whole of it."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from nowrongdoor import layouts
from nowrongdoor.errors import Stop
from nowrongdoor.files import Noise, documents, xml
from nowrongdoor.model import Issue, Key, Origin, Refusal, Resource, Row, Stated, Table, Told, value
from nowrongdoor.model.values import Bad
from nowrongdoor.resources import stated
from nowrongdoor.sources import Source

FEW = 400  # documents: of fewer, one process has read all by the time that others are ready and have caught up
_HAND = 8  # documents that a process is given at once
_REMEMBERED = 100  # documents, of which it is known without reading them again where their rows stood
_FAULT = "keep the document, take it out, and report this: the others are read without it"
_RECOVERED = Issue(
    "xml-recovered", "the document is damaged, and what could be read of it was kept (--recover)",
    "ask its sender for the whole document; until then all that it says counts as restricted", "", "warning",
)  # fmt: skip
_LINE = re.compile(r"line (\d+): ")  # as `xml` tells it
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
    warnings: Sequence[tuple[Row, Sequence[Issue]]] = ()  # the row's cells: XPath, and words


class Opened:
    """A document as the route's tables are: its rows are its entries, each known by its XPath alone."""

    header: tuple[str, ...] = ("XPATH",)
    new: tuple[str, ...] = ()
    table, sheet, header_line = TABLE.name, "", 0

    def __init__(self, place: documents.Place, number: int, source: Source, *, recover: bool) -> None:
        self.place, self.number, self.source, self._recover = place, number, source, recover
        self.read = 0  # entries, once they are known
        self.places: Mapping[str, int] = {}
        self._stood: Sequence[tuple[str, int]] = ()

    def document(self, as_of: str) -> Read:
        """All that it states. No exception gets past it: what is wrong with one document stops no other."""
        try:
            root, damaged = self._root()
            told = layouts.document(self.source.layout).statements(root, self.source, self.number, as_json)
            if self.number < _REMEMBERED:
                self._stood = _stood(told)
            mended = [(Row(self._at(1), ["/ClinicalDocument", ""]), (_RECOVERED,))] if damaged else []
            return Read(
                len(told.entries),
                [_entered(fact, as_of, damaged=damaged) for fact in told.facts],
                told.told,
                [_known(refusal) for refusal in told.refused],
                [*mended, *((row, (issue,)) for row, issue in told.warnings)],
            )
        except Bad as bad:
            issue = Issue(bad.rule, bad.cause, bad.cure)
        except Exception as fault:  # noqa: BLE001  # ours, in one document of thousands; told as what it is
            issue = Issue("fault", f"a fault of nwd ({type(fault).__name__})", _FAULT)
        return Read(1, refused=[Refusal(self._at(1), (issue,), [""])])

    def rows(self) -> Iterator[Row | Refusal | Noise]:
        """Its entries once more, for those that were refused: the trees of a run are not kept."""
        for row, (path, line) in enumerate(self._stood or self._again(), 1):
            yield Refusal(self._at(row, line), (), [path])

    def _again(self) -> Sequence[tuple[str, int]]:
        try:
            root, _ = self._root()
            return layouts.document(self.source.layout).rows(root)
        except Bad as bad:
            if found := _LINE.match(bad.cause):
                return [("", int(found[1]))]
        except Exception:  # noqa: BLE001, S110  # it was told the first time
            pass
        return [("", 1)]

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

    def _at(self, row: int, line: int = 1) -> Origin:
        return Origin(self.number, row, line, line, 0)


def _stood(told: layouts.Document) -> list[tuple[str, int]]:
    """XPath and line of each row, as the layout's `rows` gives them; the document itself is on line 1."""
    every = (*(f.origin for f in told.facts), *(t.origin for t in told.told), *(r.origin for r in told.refused))
    lines = {at.row: at.line for at in every if at.row > 1}
    return [(path, lines.get(row, 1)) for row, path in enumerate(told.entries, 1)]


def as_json(resource: Resource) -> str:
    """Ten times as fast as the standard library, which is all that a layout may know."""
    return orjson.dumps(resource).decode()


def _entered(fact: Stated, as_of: str, *, damaged: bool) -> Stated:
    """A fact under a key of its person, and with when it was said in a form that sorts."""
    fact.as_of = _sortable(fact.as_of or as_of)  # type: ignore[misc]  # frozen to all but the door they come in by
    fact.id = stated.known(fact.kind, fact.person, fact.id)  # type: ignore[misc]  # likewise
    return stated.recovered(fact) if damaged else fact


def _known(refusal: Refusal) -> Refusal:
    """A refused entry, about the key that it would have been known by: what states it anew closes it."""
    if refusal.about:
        kind, id_ = refusal.about
        refusal.about = Key(kind, stated.known(kind, refusal.person, id_))  # type: ignore[misc]  # likewise
    return refusal


@lru_cache(maxsize=64)  # all facts of a document say the same
def _sortable(moment: str) -> str:
    """A moment in UTC, so that texts sort as moments do; a day, month or year as it is."""
    if len(moment) <= _DAY:
        return moment
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat()


def gather(paths: Sequence[Path], passed: Callable[[str], object]) -> Iterator[tuple[documents.Place, str]]:
    """Every document that the paths lead to, with its digest; one that cannot be read has none.

    `passed` is told the names of files that are none.
    """
    for path in paths:
        for place in documents.gather(path, passed):
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
