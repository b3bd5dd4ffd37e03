"""`push`: what is kept goes to one server, person by person, as far as consent allows at the moment of sending."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime

from nowrongdoor.errors import Retry, Stop
from nowrongdoor.flow.workspace import FLAGS
from nowrongdoor.model import DEPLOYMENT, Cleared, Kept, Key, Parcel, Receipt, Withheld
from nowrongdoor.privacy import Graph, Terms, clear, reason
from nowrongdoor.resources import id_of
from nowrongdoor.settings import ServerEntry, Settings
from nowrongdoor.store import Store
from nowrongdoor.sync import RULES, Entry, Habits, Server, Transport, digest, probe, push_graph

FATES = ("sent", "unchanged", "withheld", "held", "waiting", "refused")
_SENT = {"created", "updated", "adopted"}


@dataclass(slots=True)
class Delivery:
    """due = sent + unchanged + withheld + held + waiting + refused. `why`: rules of what stayed; `down`: its cause.

    `sent_before`: of what is withheld or held now, how much the server has all the same.
    """

    fates: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    down: Retry | None = None
    sent_before: int = 0

    @property
    def due(self) -> int:
        return sum(self.fates[f] for f in FATES)

    def reasons(self) -> list[tuple[int, str]]:
        return [(n, RULES[rule][0] if rule in RULES else reason(rule)) for rule, n in self.why.most_common()]


Progress = Callable[[int, Delivery], None]


def deliver(
    entry: ServerEntry, settings: Settings, store: Store, clock: Callable[[], datetime], progress: Progress
) -> Delivery:
    """Push everything due to one server. Stop where a person must act; with a server that is down, parcels wait."""
    if not entry.synthetic:
        raise Stop(
            f"servers.{entry.name} is not marked synthetic",
            "nothing goes to any other server until consent policy can decide it",
        )
    _as_flagged(settings, store)
    with store.alone(entry.key) as alone:
        if not alone:
            raise Stop(f"another nwd is pushing to {entry.name}", "wait until it is done")
        try:
            return _Push(entry, settings, store, clock).run(progress)
        except Stop:
            store.learn(entry.key, {})  # it may do otherwise than it did: ask it afresh
            raise


def _as_flagged(settings: Settings, store: Store) -> None:
    """Stop where a programme is Part 2 now and was not when its rows were taken in, or the other way round."""
    for name in sorted({f.source for f in store.files()}):
        flags = settings.source(name).flags()
        other = {f.number: f for f in store.files(name) if _differ(json.loads(f.tables[FLAGS]), flags)}
        if old := [other[n] for n in sorted(store.speaking(name) & other.keys())] if other else []:
            latest = {f.name: f.number for f in store.files(name)}
            each = [f.name if latest[f.name] == f.number else f"{f.name} of {f.as_of[:10]}" for f in old]
            raise Stop(
                f"what is Part 2 in {name} was told otherwise when its files were taken in",
                f"take in again, with --as-of where they were: {', '.join(each)}",
            )


def _differ(then: Mapping[str, bool], now: Mapping[str, bool]) -> bool:
    return any(then[code] != now[code] for code in then.keys() & now.keys())


class _Push:
    def __init__(self, entry: ServerEntry, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self.entry, self.settings, self.store, self.clock = entry, settings, store, clock
        self.shared = store.shared()
        self.roles = {r: k for k in self.shared.values() if k.key.kind == "role" for r in _references(k.resource)}
        self.refused = {row.id: row.issue for row in store.outbox(entry.key) if row.state == "refused"}
        self.there: frozenset[str] = frozenset()  # ids of the person at hand that the server has
        self.ends: dict[str, str] = {}  # of what several people share: its best end so far
        self.delivery = Delivery()

    def run(self, progress: Progress) -> Delivery:
        people = [(s, p) for s, p in self.store.persons() if p]
        with closing(Transport(self.entry.base, bearer=self.entry.bearer)) as transport:
            server = self._server(transport)
            for n, (source, person) in enumerate(people, 1):
                self._person(server if self.delivery.down is None else None, source, person)
                progress(n * 100 // len(people), self.delivery)
        for end in self.ends.values():
            self._count(end)
        return self.delivery

    def _server(self, transport: Transport) -> Server | None:
        told = self.store.habits(self.entry.key)
        known = Habits(**told | {"left": tuple(told["left"])}) if told else None
        try:
            habits = probe(transport, synthetic=self.entry.synthetic, known=known)
        except Retry as e:
            self.delivery.down = e
            return None
        self.store.learn(self.entry.key, asdict(habits))
        return Server(transport, habits, self.clock)

    def _person(self, server: Server | None, source: str, person: str) -> None:
        book = _Book(self.store, self.entry, self.clock)
        if server is None:
            self._wait(source, person, book)
            return
        again: dict[str, Kept] = {}  # what the server refused before is not offered again until it says something else
        try:
            for end in push_graph(server, lambda: self._offered(source, person, book, again), book):
                self._end(end)
            for id_, kept in again.items():
                self._told(kept, "refused", issue.rule if (issue := self.refused[id_]) else "")
        except Retry as e:
            self.delivery.down = e
            self._wait(source, person, book)

    def _offered(self, source: str, person: str, book: "_Book", again: dict[str, Kept]) -> Sequence[Cleared | Withheld]:
        answers = self.clear(source, person)
        known = [a for a in answers if isinstance(a, Cleared) and a.parcel.kept.resource["id"] in self.refused]
        entries = book.entries([a.parcel.kept.resource["id"] for a in known]) if known else {}
        for a in known:
            id_ = a.parcel.kept.resource["id"]
            if id_ in entries and entries[id_].sending == digest(a.resource):
                again[id_] = a.parcel.kept
        return [a for a in answers if a.parcel.kept.resource["id"] not in again]

    def clear(self, source: str, person: str) -> Sequence[Cleared | Withheld]:
        """The gate, asked afresh: about this person's record as it stands now, and what was said about sharing it."""
        graph = self.store.graph(source, person)
        parcels = [Parcel(kept, self.entry.name) for kept in (*graph, *self._pointed_at(graph))]
        peers = [p for p in self.store.cin_peers(source, person) if p[0] != source or p[1] != person]
        held = next((h for s, p in [(source, person), *peers] if (h := self.store.held(s, p))), "")
        ids = [p.kept.resource["id"] for p in parcels]
        self.there = frozenset(i for i, e in self.store.entries(self.entry.key, ids).items() if e.sent_hash)
        said = Graph(
            parcels=tuple(parcels),
            consents=tuple(k.resource for k in graph if k.key.kind == "consent"),
            peers=tuple(k.resource for s, p in peers for k in self.store.graph(s, p) if k.key.kind == "consent"),
            held=held,
            holds=self.there,
        )
        return clear(said, self._terms())

    def _pointed_at(self, graph: Sequence[Kept]) -> list[Kept]:
        """Organizations and practitioners that a graph points to, and the roles of those practitioners."""
        names = {r for kept in graph for r in _references(kept.resource)}
        roles = [self.roles[n] for n in sorted(names) if n.startswith("Practitioner/") and n in self.roles]
        names |= {r for role in roles for r in _references(role.resource)}
        ids = sorted(n.partition("/")[2] for n in names)
        return [*(self.shared[i] for i in ids if i in self.shared), *roles]

    def _terms(self) -> Terms:
        recipients = {id_of(self.settings.secret, DEPLOYMENT, Key("organization", k)): k for k in self.entry.audience}
        return Terms(recipients, self.entry.purposes, self.clock(), self.settings.timezone, self.entry.synthetic)

    def _wait(self, source: str, person: str, book: "_Book") -> None:
        """The server is down: what consent lets go and is not there yet waits; nobody asks the server about it."""
        for answer in self.clear(source, person):
            if isinstance(answer, Withheld):
                self._end(answer)
            else:
                kept = answer.parcel.kept
                self._told(kept, "unchanged" if book.has(answer) else "waiting", "")

    def _end(self, end: Receipt | Withheld) -> None:
        if isinstance(end, Withheld):
            kept = end.parcel.kept
            self.delivery.sent_before += bool(kept.person) and kept.resource["id"] in self.there
            self._told(end.parcel.kept, "held" if end.held else "withheld", end.rule)
            return
        fate = "sent" if end.state in _SENT else end.state
        self.delivery.states[end.state] += 1
        self._told(end.cleared.parcel.kept, fate, end.issue.rule if end.issue else "")

    def _told(self, kept: Kept, fate: str, rule: str) -> None:
        """Count a person's own once; what several people share ends as the best that befell it in any graph."""
        if kept.person:
            self._count(f"{fate} {rule}")
            return
        id_, end = kept.resource["id"], f"{fate} {rule}"
        old = self.ends.get(id_)
        if old is None or FATES.index(fate) < FATES.index(old.split()[0]):
            self.ends[id_] = end

    def _count(self, end: str) -> None:
        fate, _, rule = end.partition(" ")
        self.delivery.fates[fate] += 1
        if fate in {"withheld", "held", "refused"} and rule:
            self.delivery.why[rule] += 1


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for name, v in node.items():
            if name == "reference" and isinstance(v, str):
                yield v
            else:
                yield from _references(v)
    elif isinstance(node, list):
        for v in node:
            yield from _references(v)


class _Book:
    """The store's ledger, bound to one server and its audience."""

    def __init__(self, store: Store, entry: ServerEntry, clock: Callable[[], datetime]) -> None:
        self._store, self._entry, self._clock = store, entry, clock

    def entries(self, ids: Sequence[str]) -> Mapping[str, Entry]:
        return self._store.entries(self._entry.key, ids)

    def sending(self, items: Sequence[tuple[str, str]]) -> None:
        self._store.sending(self._entry.key, items)

    def receipt(self, receipts: Sequence[Receipt]) -> None:
        self._store.receipt(self._entry.key, receipts, self._entry.audience, self._clock())

    def has(self, cleared: Cleared) -> bool:
        id_ = cleared.parcel.kept.resource["id"]
        entry = self.entries([id_]).get(id_)
        return entry is not None and not entry.sending and bool(entry.sent_hash)
