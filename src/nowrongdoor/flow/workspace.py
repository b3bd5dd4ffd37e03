"""`intake`: one run into a workspace's store. What is newer replaces what was known; nothing is forgotten."""

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor.errors import Stop
from nowrongdoor.flow import settle
from nowrongdoor.flow.documents import Opened
from nowrongdoor.flow.newer import OVERRULED, UNLABELLED, Verdict, bared, earlier, verdict
from nowrongdoor.flow.owners import ANOTHERS
from nowrongdoor.flow.record import Record
from nowrongdoor.flow.refusals import digest
from nowrongdoor.flow.run import Input, Known, Mentioned, Run, open_all
from nowrongdoor.identity import cins
from nowrongdoor.model import (
    Broken,
    Draft,
    Fact,
    Issue,
    Kept,
    Key,
    Practitioner,
    Row,
    Stated,
    Tally,
)
from nowrongdoor.resources import CONTRADICTION, continued, stated
from nowrongdoor.settings import Settings
from nowrongdoor.store import FileRow, Store

FLAGS = "part2"  # beside the digests of a file's tables: which programmes were Part 2 when it was taken in
Mended = Mapping[tuple[int, int], tuple[int, Sequence[str]]]  # (file, row) → number of the refusal, cells as mended


def intake(paths: Sequence[Path], run: Run, store: Store) -> dict[str, Any]:
    """Files into the vault, their rows through the route, all of it in one transaction; returns the accounting."""
    inputs = _once(open_all(paths, run), run)
    for item in inputs:
        if not isinstance(item.found, Opened):
            store.vault.keep(item.path, item.sha256)
        elif item.sha256:  # else there is nothing to keep of it: it cannot be read
            store.vault.keep(item.found.place.read(), item.sha256)
    return take(inputs, run, store, Tally())


def _once(inputs: Sequence[Input], run: Run) -> list[Input]:
    """Each document once, however often it lies there: a workspace knows it by its bytes."""
    once: dict[str, Input] = {}
    run.repeated.clear()
    for item in inputs:
        known_by = (isinstance(item.found, Opened) and item.sha256) or str(item.number)
        if once.setdefault(known_by, item) is not item:
            run.repeated.append(item.name)
    return list(once.values())


def left(store: Store, source: str) -> dict[str, int]:
    """What waits for a person: open refusals of the source, and how many people they hold."""
    return {"refused": sum(1 for _ in store.refusals(source)), "held": store.holding(source)}


def take(inputs: Sequence[Input], run: Run, store: Store, tally: Tally, mended: Mended | None = None) -> dict[str, Any]:
    """The route over open tables, whole or not at all."""
    with ExitStack() as stack:
        with store.transaction():
            _sweep(run)
            out = stack.enter_context(closing(Workspace(store, run, mended)))
            settle(inputs, run, out, tally)
            accounting = out.finish(inputs, tally)
            if not accounting["balanced"]:
                raise Stop(
                    "rows were lost on the way: nothing of this intake was kept", "this is a fault of nwd: report it"
                )
        out.file_away(accounting)
    return accounting


def _sweep(run: Run) -> None:
    """An empty place to put things aside. We are the only writer: what lies there is of a run that was killed."""
    assert run.workspace is not None
    scratch = run.workspace / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)


class Workspace(Record):
    """An `Out` over a store."""

    def __init__(self, store: Store, run: Run, mended: Mended | None = None) -> None:
        super().__init__(run)
        self.store, self.mended = store, mended
        self._bared: dict[str, list[Fact]] = {}  # by person: what counts now and is less restricted than it was
        self._custodian = run.context.id("organization", run.source.name)

    def start(self, inputs: Sequence[Input]) -> None:
        for item in inputs if self.mended is None else ():
            if item.as_of_from == "intake" and not isinstance(item.found, Opened):  # a document tells its own day
                self._in_order(item)
            number = self.store.file(self._row(item, 0), stated=item.as_of_from != "intake")
            item.renumber(number, self.store.file_of(number).as_of)
            self.store.forget_refusals_of(item.number)
        super().start(inputs)
        self._as_of = {f.number: f.as_of for f in self.store.files(self.run.source.name)}
        self._open = self._refused_before({i.number for i in inputs})

    def _in_order(self, item: Input) -> None:
        """Stop where these bytes came before and others since, and nobody says of which day they are this time."""
        same = [
            f
            for f in self.store.files(self.run.source.name)
            if (f.table, f.sheet) == (item.table.name, item.found.sheet)
        ]
        known = [f for f in same if f.sha256 == item.sha256]
        if known and any(f.name == item.name and f.number > known[-1].number for f in same):
            raise Stop(
                f"{item.name} says, byte for byte, what it said on {known[-1].as_of[:10]}, and another came since",
                "if it is a new extract, say --as-of; if it is the old one, leave it out",
            )

    def _refused_before(self, now: set[int]) -> dict[str, list[tuple[int, set[int]]]]:
        """Open refusals of other files by the key they are about, with the files too old to say anything of them.

        Whatever another file states of that key closes them.
        """
        found: dict[str, list[tuple[int, set[int]]]] = {}
        as_of = self._as_of
        for r in self.store.refusals(self.run.source.name):
            if r.file not in now if self.mended is None else (r.file, r.row) not in self.mended:
                silent = {n for n in now if self._earlier(as_of[n], as_of[r.file])}
                for about in r.line["about"]:
                    found.setdefault(about, []).append((r.number, silent))
        return found

    def _close(self, abouts: Iterable[tuple[str, int]], how: str) -> None:
        """`abouts`: keys, and the file that says something of each."""
        for about, file in abouts if self._open else ():
            for number, silent in self._open.get(about, ()):
                if file not in silent and self.store.is_open(number):
                    self.store.mend(number, how)

    def _close_torn(self) -> None:
        """Rows that name nothing close where a newer whole list of their kind comes: it has them again, or not at all.

        Not those of a consent table: whether what could not be read was a no is for a person to say.
        """
        if self.run.source.delivery != "full" or self.mended is not None:
            return
        lists = [(i, _kind(i.name, i.table.name, i.found.sheet)) for i in self._inputs.values() if not i.table.consent]
        files = {f.number: f for f in self.store.files(self.run.source.name)}
        for r in self.store.refusals(self.run.source.name) if lists else ():
            old = files[r.file]
            kind = _kind(old.name, old.table, old.sheet)
            newer = [i for i, k in lists if k == kind and i.number > r.file and not self._earlier(i.as_of, old.as_of)]
            if newer and not r.line["about"] and r.file not in self._inputs:
                self.store.mend(r.number, "a newer list came without it")

    def _earlier(self, a: str, b: str) -> bool:
        return earlier(a, b, self.run.source.timezone)

    def _row(self, item: Input, read: int) -> FileRow:
        source = self.run.source.name
        flags = orjson.dumps(self.run.source.flags(), option=orjson.OPT_SORT_KEYS).decode()
        tables = {**self.run.source.digests(), FLAGS: flags}
        sha256 = item.sha256 or f"not read: {item.name}"
        return FileRow(sha256, source, item.name, item.table.name, item.found.sheet, item.as_of, read, tables)

    def mentioned(self, facts: Sequence[Mentioned]) -> list[Mentioned]:
        """Everybody ever mentioned, each spelling once."""
        before = self.store.facts(self.run.source.name, "")
        told: dict[tuple[object, ...], Mentioned] = {}
        for f in (*facts, *before):
            if isinstance(f, Practitioner):
                told[f.id, f.name, f.title, f.part2] = f
            elif isinstance(f, Stated):
                stated.mention(told, f)
        every = list(told.values())
        self.store.put_facts(self.run.source.name, "", every)
        return every

    def known(self, person: str, facts: Sequence[Fact]) -> Known:
        """A newer statement replaces an older; one that clashes with itself replaces nothing."""
        before = self._before(person, facts)
        now: dict[Key, list[Fact]] = {}
        for f in facts:
            if not isinstance(f, Broken):
                now.setdefault(f.key, []).append(f)
        counted: list[Fact] = [f for f in facts if isinstance(f, Broken)]
        older: list[Fact] = []
        wrong: list[tuple[Sequence[Fact], Issue]] = []
        for key, group in now.items():
            old = before.get(key, ())
            if not old and self.store.owner(self.run.source.name, key) not in {"", person}:
                wrong.append((group, ANOTHERS))
                continue
            match verdict(group, old, self.run.source.timezone, self._as_of.__getitem__):
                case Verdict.COUNTS:
                    if bare := bared(group, old):
                        self._bared.setdefault(person, []).append(bare)
                    counted += continued(group, old)
                    before.pop(key, None)
                case Verdict.OLDER:
                    older += group
                case Verdict.CLASHES:
                    wrong.append((group, CONTRADICTION))
                case Verdict.OVERRULED:
                    wrong.append((group, OVERRULED))
        return Known([*counted, *(f for group in before.values() for f in group)], older, wrong)

    def _before(self, person: str, facts: Sequence[Fact]) -> dict[Key, list[Fact]]:
        """A document that is read anew, under other settings, no longer says what it said under other keys."""
        said = {(f.broken, f.id) if isinstance(f, Broken) else f.key for f in facts}
        before: dict[Key, list[Fact]] = {}
        for f in self.store.facts(self.run.source.name, person):
            if not isinstance(f, Stated) or f.key in said or f.origin.file not in self._inputs:
                before.setdefault(f.key, []).append(f)
        return before

    def keep(self, draft: Draft, person: str) -> bool:
        source = self.run.context.owner(draft.key)
        kept = Kept(source, draft.key, person, self._custodian, draft.resource, self.run.context.synthetic)
        self.count(draft, person)
        return self.store.keep(kept, sha256(orjson.dumps(draft.resource)).digest()) != "same"

    def revision(self, person: str) -> int:
        return self.store.provenances(self.run.source.name, person)

    def settle(self, person: str, known: Known, standing: set[Key], refused: set[Key]) -> None:
        super().settle(person, known, standing, refused)
        for bare in self._bared.pop(person, ()):
            if bare.key not in refused:
                self.warn(Row(bare.origin, ["", ""]), (UNLABELLED,))
        source = self.run.source.name
        before = {f.key: f for f in self.store.facts(source, person)}
        facts = [f for f in known.facts if not isinstance(f, Broken) and f.key not in refused]
        self.store.put_facts(source, person, [*facts, *(f for key, f in before.items() if key in refused)])
        self._link(person, known, facts)
        told = [f for f in (*facts, *known.older) if f.origin.file in self._inputs]
        self._close((("/".join(f.key), f.origin.file) for f in told), "stated anew")
        for kept in self.store.graph(source, person):
            gone = kept.key not in standing and _about(kept.key) not in refused
            if gone and kept.key.kind != "provenance":
                self.store.drop(source, kept.key)

    def _link(self, person: str, known: Known, standing: Sequence[Fact]) -> None:
        """Links of before go only where a registration that stands says so, and no other row of theirs is in doubt."""
        wrong = [f for group, _ in known.wrong for f in group]
        doubtful = any(isinstance(f, Broken) for f in known.facts) or any(_is_person(f) for f in wrong)
        stated = any(_is_person(f) and f.origin.file in self._inputs for f in standing)
        linked = cins([*known.facts, *wrong])
        self.store.link(self.run.source.name, person, linked, anew=stated and not doubtful)

    def finish(self, inputs: Sequence[Input], tally: Tally) -> dict[str, Any]:
        self._close_torn()
        still = set()
        for item, row, line in self.refused.lines(inputs):
            line["header"] = list(item.found.header)
            self._close([(a, item.number) for a in line["about"]], "refused anew in a newer file")
            self.store.refuse(row.origin, line, line["holds"], digest(line["raw"]))
            still.add((item.number, row.origin.row))
        for place, (number, cells) in (self.mended or {}).items():
            if place not in still:
                self.store.mend(number, orjson.dumps(cells).decode())
        for item in inputs if self.mended is None else ():
            self.store.file(self._row(item, tally.read(item.number)))
        return self.account(tally)

    def file_away(self, accounting: dict[str, Any]) -> None:
        """What a person may want to read again: one folder an intake, in the order of intakes."""
        assert self.run.workspace is not None
        every = self.run.workspace / "intakes"
        every.mkdir(mode=0o700, exist_ok=True)
        folder = every / f"{sum(1 for _ in every.iterdir()) + 1:06d}-{self.run.source.name}"
        folder.mkdir(mode=0o700)
        self.write_warnings(folder / "warnings.ndjson")
        (folder / "accounting.json").write_bytes(orjson.dumps(accounting, option=orjson.OPT_INDENT_2) + b"\n")


def _kind(name: str, table: str, sheet: str) -> tuple[str, str, str]:
    """The list that a file is an issue of: its name without whatever number or day stands in it."""
    return re.sub(r"[0-9]+", "", name), table, sheet


def _is_person(fact: Fact) -> bool:
    return not isinstance(fact, Broken) and fact.key.kind == "person"


def _about(key: Key) -> Key:
    """A Task is stated by the row of its ServiceRequest."""
    return Key("service", key.id) if key.kind == "task" else key


def open_store(settings: Settings) -> Store:
    """The workspace's memory. Stop where its ids were made with another secret: everything would be new and doubled."""
    assert settings.workspace is not None
    store = Store(settings.workspace)
    if not store.belongs(sha256(b"nwd deployment" + settings.secret).hexdigest()):
        store.close()
        raise Stop(
            "the secret is not the one that made the ids here", "put back secret.key, or NWD_SECRET_FILE, as it was"
        )
    return store


def status(store: Store, settings: Settings) -> dict[str, Any]:
    """Counts by source and by server; no person in it."""
    told: dict[str, Any] = {"sources": {}, "servers": {}}
    for file in store.files():
        s = told["sources"].setdefault(file.source, {"files": 0, "rows": 0, "people": 0, "refused": 0})
        s["files"] += 1
        s["rows"] += file.read
    for name, s in told["sources"].items():
        s["people"] = sum(1 for _, person in store.persons(name) if person)
        s["refused"] = sum(1 for _ in store.refusals(name))
    for name, entry in settings.servers.items():
        outbox = Counter(row.state for row in store.outbox(entry.key))
        told["servers"][name] = {"base": entry.base, "holds": len(store.sent_to(entry.key)), "outbox": dict(outbox)}
    return told
