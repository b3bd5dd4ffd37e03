"""Brings one person's resources to one server: asks the gate, reads where an earlier try is in doubt, sends, notes.

Every step asks the gate afresh, so that nothing leaves on an old permission. What is about to leave is written down
first and what came of it afterwards; whatever lies between is read on the server, never repeated blindly.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import orjson
import stamina

from nowrongdoor.errors import Retry, Stop, Trouble
from nowrongdoor.model import Cleared, Issue, Receipt, Resource, State, Withheld
from nowrongdoor.sync.answers import Command, Reaction, classify, problem
from nowrongdoor.sync.exchange import Found, Server, current_etag, located, read, send
from nowrongdoor.sync.graph import Item, agrees, carries, ordered, renamed, same, targets
from nowrongdoor.sync.transport import Answer

PATIENCE: Final = 60.0  # seconds; a server that asks for more is left for the next run
_OUTAGE = {408, 423, 429, 502, 503, 504}  # the server, not this one graph

RULES: Final[Mapping[str, tuple[str, str]]] = {
    "update-created": (
        "the server made it anew though we updated what it had",
        "find out who emptied it, then reconcile",
    ),
    "gone-there": ("the server no longer has what we created there", "find out who deleted it, then reconcile"),
    "changed-there": (
        "somebody changed it on the server since we sent it",
        "compare the two by hand: put back there what we sent, or take over the change here",
    ),
    "strangers": ("a resource that is not ours answers to this identity", "compare the two by hand"),
    "duplicates": ("several resources on the server carry this identity", "remove all but one there"),
    "no-identity": ("it carries no identity of ours, and this server chooses ids itself", "send it to no such server"),
    "target-not-there": ("something it points to is not on the server", "it goes once that is there"),
    "follows": ("something it points to could not be sent", "mend that first"),
    "refused-there": ("the server refuses it", "mend the content: the same will be refused again"),
    "contested": ("it kept changing on the server while we sent it", "push again"),
    "not-delivered": ("the server did not take it", "push again when it answers"),
}


class Entry(Protocol):
    """What the ledger knows of one resource on this server. `sending`: hash of what may or may not have arrived.

    `base`: what the server acknowledged last, as JSON; empty where it never did.
    """

    @property
    def server_id(self) -> str: ...
    @property
    def etag(self) -> str: ...
    @property
    def sent_hash(self) -> str: ...
    @property
    def sending(self) -> str: ...
    @property
    def base(self) -> bytes: ...


class Book(Protocol):
    """The ledger, bound to one server; both writes are durable when they return."""

    def entries(self, ids: Sequence[str]) -> Mapping[str, Entry]: ...
    def sending(self, items: Sequence[tuple[str, str]]) -> None: ...
    def receipt(self, receipts: Sequence[Receipt]) -> None: ...


Clear: TypeAlias = Callable[[], Sequence[Cleared | Withheld]]  # the gate, asked afresh at each call


class Contested(Retry):
    """The server answers, but not to this: others are changing it, or it fails on it. Other graphs may go on."""


def push_graph(server: Server, clear: Clear, book: Book) -> list[Receipt | Withheld]:
    """What became of each resource that `clear` speaks of; one pusher per server, under the caller's lock.

    Raises Retry (the server is down) or Stop (a person must act) after writing down what waits.
    """
    run = _Run(server, clear, book)
    patiently = stamina.RetryingCaller(attempts=server.attempts, timeout=None, wait_initial=0.2, wait_max=20.0)
    try:
        while _stepped(run, patiently.on(_patience)):
            pass
    except Trouble:
        run.put_off(run.items, "waiting", "not-delivered")
        raise
    return [*run.done.values(), *(w for w in run.withheld if w.parcel.kept.resource["id"] not in run.done)]


def _stepped(run: "_Run", patiently: stamina.BoundRetryingCaller) -> bool:
    try:
        return patiently(run.step)
    except Contested:
        run.put_off(run.chunk, "waiting", "contested")
        return True


def _patience(error: Exception) -> bool | float:
    if not isinstance(error, Retry) or (error.after or 0) > PATIENCE:
        return False
    return True if error.after is None else max(error.after, 0.1)


class _Run:
    """One push of one graph. Each step settles something, halves what is sent at once, or raises: so it ends."""

    def __init__(self, server: Server, clear: Clear, book: Book) -> None:
        self.server, self.clear, self.book = server, clear, book
        self.done: dict[str, Receipt] = {}  # by our id
        self.withheld: list[Withheld] = []
        self.items: list[Item] = []  # cleared just now, dependencies first
        self.chunk: list[Item] = []
        self.known: Mapping[str, Entry] = {}
        self.names: dict[str, str] = {}  # our references as this server calls them
        self.most = max(1, server.habits.put_entries_max) if server.habits.transaction else 1
        self.size = self.most

    def step(self) -> bool:
        """One request's worth of work; False when nothing is left."""
        self._ask()
        self._settle([self._receipt(item, "unchanged") for item in self._due() if self._is_there(item)])
        self.chunk = self._due()[: self.size]
        found = read(self.server, [item for item in self.chunk if self._in_doubt(item)])
        # in order: what is held now holds what follows it
        self._settle([r for item in self.chunk if (r := self._judged(item, found.get(item.id)))])
        if ready := [item for item in self.chunk if item.id not in self.done]:
            self._send(ready)
        return bool(self.chunk)

    def put_off(self, items: Sequence[Item], state: State, rule: str, said: str = "") -> None:
        self._settle([self._put_off(item, state, rule, said) for item in items if item.id not in self.done])

    def _ask(self) -> None:
        answers = self.clear()
        self.withheld = [a for a in answers if isinstance(a, Withheld)]
        self.items = ordered(Item.of(a) for a in answers if isinstance(a, Cleared))
        needs = {need for item in self.items for need in item.needs}
        self.known = self.book.entries(
            sorted({item.id for item in self.items} | {need.split("/")[1] for need in needs})
        )
        for need in needs:
            if (entry := self.known.get(need.split("/")[1])) and entry.server_id:
                self.names[need] = f"{need.split('/')[0]}/{entry.server_id}"
        for item in self.items:
            entry = self.known.get(item.id)
            item.etag = entry.etag if entry else ""
            item.server_id = (entry.server_id if entry else "") or (item.id if self.server.habits.update_create else "")

    def _due(self) -> list[Item]:
        return [item for item in self.items if item.id not in self.done]

    def _is_there(self, item: Item) -> bool:
        entry = self.known.get(item.id)
        return entry is not None and not entry.sending and entry.sent_hash == item.hash

    def _in_doubt(self, item: Item) -> bool:
        entry = self.known.get(item.id)
        return entry is None or bool(entry.sending) or not entry.etag

    def _judged(self, item: Item, there: Found | None) -> Receipt | None:
        """A receipt where nothing need or may be sent. `there` is None for what the ledger is certain of."""
        if (blocked := self._blocked(item)) or there is None:
            return blocked
        updating = bool(item.etag)
        if there.resource is not None:
            item.server_id, item.etag = there.resource["id"], there.etag
            self.names[item.name] = f"{item.kind}/{item.server_id}"
        if rule := there.rule or self._objection(item, there.resource, updating):
            return self._put_off(item, "held", rule)
        return self._compared(item, there.resource, updating) if there.resource is not None else None

    def _compared(self, item: Item, there: Resource, updating: bool) -> Receipt | None:
        """A receipt where it says what we mean, or what others wrote; None where it is ours to write over."""
        if same(self._as_there(item), there):
            entry = self.known.get(item.id)
            ours = entry is not None and entry.sending == item.hash
            return self._receipt(item, "adopted" if not ours else "updated" if updating else "created")
        if not self._changed(item, there):
            return None
        self.book.sending([(item.id, "")])  # read, so no longer in doubt: a later try of ours meets it again
        return self._put_off(item, "held", "changed-there")

    def _as_there(self, item: Item) -> Resource:
        return renamed(item.cleared.resource, self.names)

    def _changed(self, item: Item, there: Resource) -> bool:
        """Is it neither what the server acknowledged, nor an earlier try of ours, unacknowledged, of other content?"""
        entry = self.known.get(item.id)
        if entry is None or not entry.base or entry.sending not in {"", item.hash}:
            return False
        base = orjson.loads(entry.base)
        gone = sorted(targets(base) - self.names.keys())  # what we pointed to then and do no more
        known = self.book.entries([ref.split("/")[1] for ref in gone])
        for kind, id_ in (ref.split("/") for ref in gone):
            if id_ in known and known[id_].server_id:
                self.names[f"{kind}/{id_}"] = f"{kind}/{known[id_].server_id}"
        return not same(renamed(base, self.names), there)

    def _objection(self, item: Item, there: Resource | None, updating: bool) -> str:
        """Why what was read may be neither created nor overwritten; "" where nothing speaks against it."""
        if there is None:
            return "gone-there" if updating else ""
        known = item.id in self.known or agrees(self._as_there(item), there)
        return "" if known and carries(there, self.server.gateway, item.id) else "strangers"

    def _blocked(self, item: Item) -> Receipt | None:
        here = {other.name for other in self.items}
        for need in item.needs:
            before, entry = self.done.get(need.split("/")[1]), self.known.get(need.split("/")[1])
            if before and before.state in {"held", "refused", "waiting"}:
                return self._put_off(item, "waiting" if before.state == "waiting" else "held", "follows")
            if not before and need not in here and not (entry and entry.sent_hash):
                return self._put_off(item, "waiting", "target-not-there")
        return None

    def _send(self, items: Sequence[Item]) -> None:
        self.book.sending([(item.id, item.hash) for item in items])
        answer, parts = send(self.server, items, self.names)
        if answer.ok:
            self._settle([self._outcome(item, part) for item, part in zip(items, parts, strict=True)])
        else:
            self._refused(items, answer)

    def _outcome(self, item: Item, part: Answer) -> Receipt:
        if not part.ok:
            return self._put_off(item, "refused", "refused-there", f"HTTP {part.status} {problem(part.body).said}")
        if item.etag and part.status == 201:
            return self._put_off(item, "held", "update-created")
        state: State = "updated" if item.etag else "created"
        item.server_id, item.etag = located(part).partition("/")[2], current_etag(self.server, part)
        return self._receipt(item, state)

    def _refused(self, items: Sequence[Item], answer: Answer) -> None:
        said = problem(answer.body)
        command: Command = "transaction" if len(items) > 1 else "update" if items[0].etag else "create"
        cause = f"HTTP {answer.status} {said.said}".rstrip()
        place = self.server.transport.base
        match classify(answer.status, self.server.habits.family, said.codes, said.hapi, command):
            case Reaction.STOP:
                raise Stop(f"{place} answers {cause}", "check the account, and what the server offers")
            case Reaction.QUARANTINE | Reaction.PARK | Reaction.SPLIT if len(items) > 1:
                self.size = len(items) // 2  # one of them is to blame: the halves will tell which
            case Reaction.PARK:
                self.put_off(items, "waiting", "target-not-there", cause)
                self.size = self.most
            case Reaction.QUARANTINE | Reaction.SPLIT:
                self.put_off(items, "refused", "refused-there", cause)
                self.size = self.most
            case _:
                trouble = Retry if answer.status in _OUTAGE else Contested
                raise trouble(f"{place} answers {cause}", after=answer.after(self.server.clock()))

    def _settle(self, receipts: Sequence[Receipt]) -> None:
        if receipts:
            self.book.receipt(receipts)

    def _receipt(self, item: Item, state: State) -> Receipt:
        self.names[item.name] = f"{item.kind}/{item.server_id}"
        self.done[item.id] = Receipt(item.cleared, state, item.server_id, item.etag, item.hash)
        return self.done[item.id]

    def _put_off(self, item: Item, state: State, rule: str, said: str = "") -> Receipt:
        cause, cure = RULES[rule]
        issue = Issue(rule, f"{cause}: {said}" if said else cause, cure)
        self.done[item.id] = Receipt(item.cleared, state, item.server_id, issue=issue)
        return self.done[item.id]
