"""Every version of every resource, and the words that the current ones are found by, in one SQLite database."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from nowrongdoor.sandbox.search import POINTS_TO, Query, Word

_SCHEMA = """
CREATE TABLE IF NOT EXISTS version (
  seq INTEGER PRIMARY KEY,   -- the order of history
  type TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, stamp TEXT NOT NULL,
  method TEXT NOT NULL, body BLOB,   -- no body: deleted
  current INTEGER NOT NULL DEFAULT 1,
  UNIQUE (type, id, number));
CREATE UNIQUE INDEX IF NOT EXISTS latest ON version (type, id) WHERE current;
CREATE TABLE IF NOT EXISTS word (
  seq INTEGER NOT NULL, type TEXT NOT NULL, parameter TEXT NOT NULL, value TEXT NOT NULL, system TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS word_found ON word (parameter, value, system, type);
CREATE INDEX IF NOT EXISTS word_of ON word (seq);
CREATE TABLE IF NOT EXISTS snapshot (   -- what the later pages of a search or history hold
  token TEXT PRIMARY KEY, stamp TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, seqs TEXT NOT NULL);
"""
_COLUMNS = "seq, type, id, number, stamp, method, body"


class Version(NamedTuple):
    """One version of a resource; `body` is its JSON, None where it says that the resource was deleted."""

    seq: int
    type: str
    id: str
    number: int
    stamp: str
    method: str
    body: bytes | None


class Snapshot(NamedTuple):
    """The whole result of a search or history, for its later pages. `seqs`: JSON list."""

    token: str
    stamp: str
    kind: str
    size: int
    seqs: str


class Store:
    """All verbs but `close` and `transaction` are to be called inside `transaction`."""

    def __init__(self, database: str) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # what was answered survives a power cut
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One at a time; committed on the way out, undone if an exception comes by."""
        with self._lock, self._undone("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"):
            yield

    @contextmanager
    def part(self) -> Iterator[None]:
        """Undone alone, if an exception comes by."""
        with self._undone("SAVEPOINT part", "RELEASE part", "ROLLBACK TO part; RELEASE part"):
            yield

    @contextmanager
    def _undone(self, begin: str, done: str, undo: str) -> Iterator[None]:
        self._db.execute(begin)
        try:
            yield
        except BaseException:
            for statement in undo.split(";"):
                self._db.execute(statement)
            raise
        self._db.execute(done)

    def newest_stamp(self) -> str:
        row = self._db.execute("SELECT stamp FROM version ORDER BY seq DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def latest(self, type_: str, id_: str) -> Version | None:
        return self._one("type = ? AND id = ? AND current", type_, id_)

    def version(self, type_: str, id_: str, number: str) -> Version | None:
        return self._one("type = ? AND id = ? AND CAST(number AS TEXT) = ?", type_, id_, number)

    def _one(self, where: str, *args: str) -> Version | None:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM version WHERE {where}", args).fetchone()  # noqa: S608  # own text
        return Version(*row) if row else None

    def versions(self, seqs: Sequence[int]) -> list[Version]:
        """In the order asked."""
        text = f"SELECT {_COLUMNS} FROM version WHERE seq = ?"  # noqa: S608  # own text
        return [Version(*self._db.execute(text, (seq,)).fetchone()) for seq in seqs]

    def find(self, query: Query) -> list[int]:
        return [seq for (seq,) in self._db.execute(*query.sql)]

    def history(self, type_: str, id_: str, since: str) -> list[int]:
        """Newest first; "" is any."""
        where = "(?1 = '' OR type = ?1) AND (?2 = '' OR id = ?2) AND stamp >= ?3"
        text = f"SELECT seq FROM version WHERE {where} ORDER BY seq DESC"  # noqa: S608  # own text
        return [seq for (seq,) in self._db.execute(text, (type_, id_, since))]

    def add(self, version: Version, found_by: Iterable[Word]) -> Version:
        """The version that is current from now on; its `seq` is given here."""
        old = self._db.execute("SELECT seq FROM version WHERE type = ? AND id = ? AND current", version[1:3]).fetchone()
        if old:
            self._db.execute("UPDATE version SET current = 0 WHERE seq = ?", old)
            self._db.execute("DELETE FROM word WHERE seq = ?", old)
        text = "INSERT INTO version (type, id, number, stamp, method, body) VALUES (?, ?, ?, ?, ?, ?)"
        seq = self._db.execute(text, version[1:]).lastrowid
        assert seq is not None
        rows = [(seq, version.type, *word) for word in sorted(found_by)]
        self._db.executemany("INSERT INTO word (seq, type, parameter, value, system) VALUES (?, ?, ?, ?, ?)", rows)
        return version._replace(seq=seq)

    def dangling(self, seq: int) -> str | None:
        """The type of something that a version points to and that is not here."""
        row = self._db.execute(
            "SELECT system FROM word WHERE seq = ? AND parameter = ? AND NOT EXISTS (SELECT 1 FROM version"
            " WHERE version.type = word.system AND id = word.value AND current AND body IS NOT NULL) LIMIT 1",
            (seq, POINTS_TO),
        ).fetchone()
        return row and str(row[0])

    def pointed_at(self, type_: str, id_: str) -> bool:
        text = "SELECT 1 FROM word WHERE parameter = ? AND value = ? AND system = ? LIMIT 1"
        return self._db.execute(text, (POINTS_TO, id_, type_)).fetchone() is not None

    def keep(self, snapshot: Snapshot, expired: str) -> None:
        """Keep it, and drop those older than `expired`."""
        self._db.execute("DELETE FROM snapshot WHERE stamp < ?", (expired,))
        self._db.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)", snapshot)

    def snapshot(self, token: str) -> Snapshot | None:
        row = self._db.execute("SELECT * FROM snapshot WHERE token = ?", (token,)).fetchone()
        return Snapshot(*row) if row else None
