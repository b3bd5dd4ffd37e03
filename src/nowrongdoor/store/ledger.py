"""What each server has of ours, what is still under way to it, and who was given what.

`server` is the server's normalised base, never its name in the settings: a name may change, and what the server holds
does not.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

import orjson

from nowrongdoor.model import Issue, Receipt, value
from nowrongdoor.store.database import Database, instant

_FIRST_WAIT, _LONGEST_WAIT = 60, 6 * 3600  # seconds until a waiting row is due again: doubled at each attempt


@value
class Entry:
    """What one server has of one resource. `etag` exactly as received; `base`: the resource as acknowledged, JSON."""

    server_id: str
    etag: str
    sent_hash: str
    base: bytes
    sending: str  # hash of what may or may not have arrived; "" where nothing is in doubt


@value
class OutboxRow:
    """Not delivered yet. `sending` after a crash: read before you write. `issue` is redacted."""

    id: str
    state: Literal["sending", "waiting", "held", "refused"]
    attempts: int
    next_at: datetime | None
    issue: Issue | None


@value
class Disclosure:
    """One resource, with this content, was given to these partners by this rule."""

    server: str
    id: str
    hash: str
    audience: tuple[str, ...]
    rule: str
    at: datetime


class Ledger(Database):
    """Verbs of the way out."""

    def entries(self, server: str, ids: Iterable[str]) -> dict[str, Entry]:
        """By our id; those never sent are not in it."""
        rows = self._all(
            "SELECT id, server_id, etag, sent_hash, base, sending FROM ledger WHERE server = ?"
            " AND id IN (SELECT value FROM json_each(?)) AND (sending <> '' OR acknowledged <> '')",
            *(server, orjson.dumps(list(ids)).decode()),
        )
        return {id_: Entry(*rest) for id_, *rest in rows}

    def sending(self, server: str, items: Iterable[tuple[str, str]]) -> None:
        """(our id, hash) of what is about to leave: on disk when this returns, so call it outside a transaction."""
        with self.transaction():
            self._db.executemany(
                "INSERT INTO ledger (server, id, sending, state) VALUES (?,?,?,'sending')"
                " ON CONFLICT (server, id) DO UPDATE SET sending = excluded.sending, state = 'sending'",
                [(server, id_, digest) for id_, digest in items],
            )

    def receipt(self, server: str, receipts: Sequence[Receipt], audience: Sequence[str], now: datetime) -> None:
        """What became of each, all of it or nothing; with every delivery who was given it."""
        with self._whole():
            for receipt in receipts:
                if receipt.state in {"held", "refused", "waiting"}:
                    self._put_off(server, receipt, now)
                else:
                    self._acknowledge(server, receipt, now)
                    self._disclose(server, receipt, audience, now)

    def _acknowledge(self, server: str, receipt: Receipt, now: datetime) -> None:
        # a server that names no id or ETag this time does not make us forget the one we have
        base = b"" if receipt.state == "unchanged" else orjson.dumps(receipt.cleared.resource)
        self._all(
            "INSERT INTO ledger (server, id, server_id, etag, sent_hash, base, acknowledged) VALUES (?,?,?,?,?,?,?)"
            " ON CONFLICT (server, id) DO UPDATE SET acknowledged = excluded.acknowledged, sending = '', state = '',"
            " attempts = 0, next_at = '', issue = NULL,"
            " server_id = coalesce(nullif(excluded.server_id, ''), server_id),"
            " etag = coalesce(nullif(excluded.etag, ''), etag),"
            " sent_hash = coalesce(nullif(excluded.sent_hash, ''), sent_hash),"
            " base = coalesce(nullif(excluded.base, X''), base)",
            *(server, _id(receipt), receipt.server_id, receipt.etag, receipt.sent_hash, base, instant(now)),
        )

    def _disclose(self, server: str, receipt: Receipt, audience: Sequence[str], now: datetime) -> None:
        """What was sent is always written down; what was there already, only if it never was for this audience."""
        (digest,) = self._one("SELECT sent_hash FROM ledger WHERE server = ? AND id = ?", server, _id(receipt))
        row = (server, _id(receipt), digest, orjson.dumps(sorted(audience)).decode())
        known = "SELECT 1 FROM disclosure WHERE server = ? AND id = ? AND hash = ? AND audience = ?"
        if receipt.state in {"created", "updated"} or not self._one(known, *row):
            self._all(
                "INSERT INTO disclosure (server, id, hash, audience, rule, at) VALUES (?,?,?,?,?,?)",
                *(*row, receipt.cleared.rule, instant(now)),
            )

    def _put_off(self, server: str, receipt: Receipt, now: datetime) -> None:
        """Nothing in doubt becomes certain here: a refused transaction may have left its first entry behind."""
        issue = orjson.dumps(asdict(receipt.issue)) if receipt.issue else None
        old = self._one("SELECT attempts FROM ledger WHERE server = ? AND id = ?", server, _id(receipt))
        attempts = 1 + (old[0] if old else 0)
        wait = min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)
        due = instant(now + timedelta(seconds=wait)) if receipt.state == "waiting" else ""
        self._all(
            "INSERT INTO ledger (server, id, state, attempts, next_at, issue) VALUES (?,?,?,?,?,?)"
            " ON CONFLICT (server, id) DO UPDATE SET state = excluded.state, attempts = excluded.attempts,"
            " next_at = excluded.next_at, issue = excluded.issue",
            *(server, _id(receipt), receipt.state, attempts, due, issue),
        )

    def outbox(self, server: str) -> list[OutboxRow]:
        sql = "SELECT id, state, attempts, next_at, issue FROM ledger WHERE server = ? AND state <> '' ORDER BY id"
        return [
            OutboxRow(
                id_,
                state,
                attempts,
                datetime.fromisoformat(due) if due else None,
                Issue(**orjson.loads(issue)) if issue else None,
            )
            for id_, state, attempts, due, issue in self._all(sql, server)
        ]

    def sent_to(self, server: str) -> set[str]:
        """Our ids of what this server is known to hold. What is in doubt is in `outbox`: read it there first."""
        return {id_ for (id_,) in self._all("SELECT id FROM ledger WHERE server = ? AND acknowledged <> ''", server)}

    def disclosures(self, fhir_id: str = "") -> list[Disclosure]:
        """In the order in which they happened."""
        sql = "SELECT server, id, hash, audience, rule, at FROM disclosure WHERE ?1 IN ('', id) ORDER BY number"
        return [
            Disclosure(server, id_, digest, tuple(orjson.loads(audience)), rule, datetime.fromisoformat(at))
            for server, id_, digest, audience, rule, at in self._all(sql, fhir_id)
        ]

    # servers -------------------------------------------------------------

    def habits(self, server: str) -> dict[str, Any]:
        """What it was found to do; empty where it was not asked, or is to be asked afresh."""
        row = self._one("SELECT habits FROM server WHERE server = ?", server)
        return dict(orjson.loads(row[0])) if row else {}

    def learn(self, server: str, habits: Mapping[str, Any]) -> None:
        with self._whole():
            self._all("INSERT OR REPLACE INTO server VALUES (?, ?)", server, orjson.dumps(dict(habits)))

    @contextmanager
    def alone(self, server: str) -> Iterator[bool]:
        """One pusher per server, for as long as the block lasts; False where another one is at it.

        The lock is the operating system's, on a file of its own: who dies, however suddenly, has let go of it.
        """
        path = self.folder / f"push-{sha256(server.encode()).hexdigest()[:16]}.lock"
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as lock:
            yield _locked(lock)


def _locked(lock: sqlite3.Connection) -> bool:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _id(receipt: Receipt) -> str:
    return str(receipt.cleared.parcel.kept.resource["id"])
