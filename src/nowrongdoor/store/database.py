"""The one database file of a workspace: opened with care, written whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from nowrongdoor.errors import Stop

VERSION = 2  # of schema.sql and of the order of model.FACTS and their fields, which are stored by place

_PLAIN = {
    sqlite3.SQLITE_BUSY: ("another nwd is writing in this workspace", "wait until it is done, then run again"),
    sqlite3.SQLITE_LOCKED: ("another nwd is writing in this workspace", "wait until it is done, then run again"),
    sqlite3.SQLITE_FULL: ("the disk is full", "make room, then run again: nothing was half written"),
    sqlite3.SQLITE_IOERR: ("the workspace's disk does not answer", "check the disk, then run again"),
    sqlite3.SQLITE_READONLY: ("the workspace may not be written", "check the owner and the rights of nwd.db"),
    sqlite3.SQLITE_PERM: ("the workspace may not be written", "check the owner and the rights of nwd.db"),
    sqlite3.SQLITE_CANTOPEN: ("the workspace cannot be opened", "check the folder, its owner and its rights"),
    sqlite3.SQLITE_CORRUPT: ("nwd.db is damaged", "put back the last backup of the workspace"),
    sqlite3.SQLITE_NOTADB: ("nwd.db is not a database of nwd", "name another folder, or put back the last backup"),
}


@contextmanager
def _plainly() -> Iterator[None]:
    """What a person must mend becomes a Stop; a mistake of ours in SQL stays what it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte of an extended code is its family
        if code not in _PLAIN:
            raise
        raise Stop(*_PLAIN[code]) from error


def instant(moment: datetime) -> str:
    """UTC text of one width, so that text order is time order."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Database:
    """One connection, of one thread. Many may read at once; a second writer waits `wait` seconds, then stops."""

    def __init__(self, folder: Path, *, wait: float = 10) -> None:
        self.folder, path = folder, folder / "nwd.db"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)  # before SQLite makes it: -wal and -shm take the rights of their database
        except OSError as error:
            raise Stop(*_PLAIN[sqlite3.SQLITE_CANTOPEN]) from error
        with _plainly():
            self._db = sqlite3.connect(path, timeout=wait, isolation_level=None)
        try:
            self._open()
        except BaseException:
            self._db.close()
            raise

    def _open(self) -> None:
        with _plainly():
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                self._db.execute(f"PRAGMA {pragma}")
        if not self._version():  # asked twice: whoever only reads waits for no writer
            with self.transaction():
                if not self._version():
                    self._create()
        if self._version() != VERSION:
            raise Stop(
                f"nwd.db has the schema version {self._version()}; this nwd knows {VERSION}",
                "use the nwd that wrote it, or a newer one",
            )

    def _version(self) -> int:
        return int(self._one("PRAGMA user_version")[0])

    def _create(self) -> None:
        statement = ""
        for line in files(__package__).joinpath("schema.sql").read_text(encoding="utf-8").splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):  # executescript would commit half way
                self._db.execute(statement)
                statement = ""
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside stays, or none of it. Not within another."""
        if self._db.in_transaction:
            raise RuntimeError("a transaction within a transaction")
        with _plainly():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._undo()
                raise

    def _undo(self) -> None:
        if self._db.in_transaction:  # a full disk has undone it already
            self._db.execute("ROLLBACK")

    def _whole(self) -> AbstractContextManager[None]:
        """The caller's transaction where there is one, else one of its own."""
        return nullcontext() if self._db.in_transaction else self.transaction()

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with _plainly():
            return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> Any:
        rows = self._all(sql, *values)
        return rows[0] if rows else None

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
