"""The file opens safely, and what is written is written whole."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime

import pytest

from nowrongdoor.errors import Stop
from nowrongdoor.model import FACTS
from nowrongdoor.store import Store
from nowrongdoor.store.database import VERSION, instant


def test_a_failed_transaction_leaves_nothing(store, person):
    def break_off():
        with store.transaction():
            store.put_facts("elder", "C1", [person()])
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert [] == store.facts("elder", "C1")


def test_a_transaction_is_seen_by_others_only_when_it_is_whole(store, person, tmp_path):
    with Store(tmp_path / "workspace") as other:
        with store.transaction():
            store.put_facts("elder", "C1", [person()])
            assert [] == other.facts("elder", "C1")
        assert [person()] == other.facts("elder", "C1")


def test_a_transaction_within_another_is_an_error(store):
    with store.transaction(), pytest.raises(RuntimeError, match="within"), store.transaction():
        pass


def test_one_may_open_and_read_while_another_writes_but_a_second_writer_stops(store, person, tmp_path):
    store.put_facts("elder", "C1", [person()])
    with store.transaction(), Store(tmp_path / "workspace", wait=0.05) as other:
        assert [person()] == other.facts("elder", "C1")
        with pytest.raises(Stop, match="another nwd is writing"):
            other.put_facts("elder", "C2", [person("C2")])


def test_a_schema_of_another_version_stops(tmp_path):
    with Store(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "nwd.db", isolation_level=None)) as raw:
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(Stop, match=f"schema version {VERSION + 1}"):
        Store(tmp_path)


def test_what_is_no_database_stops(tmp_path):
    (tmp_path / "nwd.db").write_text("CLIENT_ID,DOB\n" * 100, encoding="utf-8")
    with pytest.raises(Stop, match="not a database"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_stops(tmp_path):
    (tmp_path / "workspace").write_text("a file", encoding="utf-8")
    with pytest.raises(Stop, match="cannot be opened"):
        Store(tmp_path / "workspace")


def test_power_cuts_and_dangling_rows_are_guarded_against(store):
    """WAL, a flush at every commit, and foreign keys."""
    pragmas = {name: store._one(f"PRAGMA {name}")[0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1} == pragmas


@pytest.mark.skipif(os.name == "nt", reason="rights are kept otherwise on Windows")
def test_only_the_owner_may_read_it(store, person, tmp_path):
    store.put_facts("elder", "C1", [person()])
    folder = tmp_path / "workspace"
    assert 0o700 == folder.stat().st_mode & 0o777
    assert {"nwd.db": 0o600, "nwd.db-wal": 0o600, "nwd.db-shm": 0o600} == {
        path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()
    }


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 1, 2))  # noqa: DTZ001  # what is refused


def test_the_order_of_facts_is_stored():
    """Facts are stored by their place in FACTS: append, or raise the schema version and carry the old rows over."""
    expected = "Person Contact Coverage Condition Goal Service Plan Consent Document Practitioner Broken Stated"
    assert expected == " ".join(cls.__name__ for cls in FACTS)
