"""The whole route on one page: files → rows → facts → drafts → kept, and from there to a server.

- take_in: files of one source become kept drafts, refusals, and a tally that balances
- deliver: what is kept goes to one server, as far as consent allows
- replay: refused rows that a person mended go in again, in their old place
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nowrongdoor.files import Noise
from nowrongdoor.flow import documents
from nowrongdoor.flow.desk import Desk
from nowrongdoor.flow.owners import Owners
from nowrongdoor.flow.run import Input, Mentioned, Out, Run, open_all, prepare, spelling, where
from nowrongdoor.model import Broken, Fact, Fate, Issue, Key, Practitioner, Refusal, Row, Stated, Tally, Told
from nowrongdoor.resources import stated
from nowrongdoor.store import Spool

__all__ = ["Input", "Out", "Run", "prepare", "settle", "take_in"]

_MADE = 50_000  # objects that the collector lets come before it looks at them


def take_in(paths: Sequence[Path], run: Run, out: Out) -> tuple[list[Input], Tally]:
    """Files of one source → kept drafts; every row ends somewhere. A file that is not the source's stops all."""
    inputs, tally = open_all(paths, run), Tally()
    settle(inputs, run, out, tally)
    return inputs, tally


def settle(inputs: Sequence[Input], run: Run, out: Out, tally: Tally) -> None:
    """The route itself, over tables that are open."""
    with _seldom_collected():
        _settle(inputs, run, out, tally)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Facts and drafts hold no cycles: to walk all that live every 700 makes a run a twentieth slower for nothing."""
    usual = gc.get_threshold()
    if usual[0]:  # else it never looks
        gc.set_threshold(max(usual[0], _MADE), *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _settle(inputs: Sequence[Input], run: Run, out: Out, tally: Tally) -> None:
    out.start(inputs)
    due = [(i.found, i.as_of) for i in inputs if isinstance(i.found, documents.Opened)]
    reading = documents.reading(due, run.workers, run.progress)
    mentions: dict[tuple[object, ...], Mentioned] = {}
    with Spool(run.scratch) as spool, Owners(run.scratch) as owners:
        for item in inputs:
            tree = isinstance(item.found, documents.Opened)
            for fact in _document(item, next(reading), out, tally) if tree else _facts(item, run, out, tally):
                if isinstance(fact, Practitioner):
                    mentions.setdefault((fact.id, fact.name, fact.title, fact.part2), fact)
                    continue
                if not fact.person and isinstance(fact, Stated):
                    stated.mention(mentions, fact)
                    continue
                spool.put(fact)
                if not isinstance(fact, Broken):
                    tally.spooled += 1
                    owners.say(fact)
            tally.expect(item.number, item.found.read)
        desk = Desk(run, out, tally, {i.number: i.sha256 for i in inputs}, owners.contested())
        desk.mentioned(list(mentions.values()))
        desk.people(spool.groups())
        desk.organizations()


def _facts(item: Input, run: Run, out: Out, tally: Tally) -> Iterator[Fact]:
    """What the rows of one table state; a row that states nothing readable is refused, and says whom it was about."""
    read = item.table.bind(spelling(run, item), where(item))
    facts, as_of = item.table.facts, item.as_of
    warnings: list[Issue] = []
    for row in item.found.rows():
        if isinstance(row, Noise):
            tally.met(row.origin, Fate.NOISE)
            continue
        line = row if isinstance(row, Refusal) else read(row, warnings)
        if isinstance(line, Refusal):
            yield from _refused(item, line, out, tally)
        else:
            if line.beyond:
                tally.met(line.origin, Fate.OUT_OF_SCOPE)
                out.told(Told(line.origin, Fate.OUT_OF_SCOPE, line.beyond))
            for fact in facts(line):
                fact.as_of = fact.as_of or as_of  # type: ignore[misc]  # facts are frozen to everybody but the door they come in by
                yield fact
        if warnings:
            assert isinstance(row, Row)
            out.warn(row, tuple(warnings))
            warnings.clear()


def _document(item: Input, read: documents.Read, out: Out, tally: Tally) -> Iterator[Fact]:
    """What one document states; of its other entries, what became of them."""
    item.found.read = read.entries  # type: ignore[misc]  # known only now
    tally.expect(item.number, read.entries)
    for entry in read.told:
        tally.met(entry.origin, entry.fate)
        out.told(entry)
    for refusal in read.refused:
        yield from _refused(item, refusal, out, tally)
    for row, issues in read.warnings:
        out.warn(row, issues)
    yield from read.facts


def _refused(item: Input, refusal: Refusal, out: Out, tally: Tally) -> Iterator[Fact]:
    tally.met(refusal.origin, Fate.REFUSED)
    if item.table.consent and not refusal.holds:
        refusal.holds = (Key("person", "*"),)  # type: ignore[misc]  # the row could not even be split: whom it names is unknown
    out.refuse(refusal)
    if refusal.person and refusal.about:
        place = f"{item.table.name} row {refusal.origin.row}"
        yield Broken(
            refusal.about.id, refusal.person, refusal.origin, True, (), "", refusal.about.kind, place, refusal.cin
        )
