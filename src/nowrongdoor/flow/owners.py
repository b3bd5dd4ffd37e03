"""Whose is it? One key under two people is a contradiction that no person's own facts can show."""

from itertools import pairwise
from pathlib import Path
from typing import Self, cast

from nowrongdoor.model import Fact, Issue, Key, Kind
from nowrongdoor.store import Sorted

ANOTHERS = Issue("contradiction", "the same key stands for another person too", "the sender must say whose it is")
_FEW = 1 << 15  # keys whose people are kept in memory; of the others, on disk
_OWN = {"person", "contact", "coverage"}  # mostly keyed by their person


class Owners:
    """Keys and people of one run, beside the spool and on disk like it where they are many."""

    def __init__(self, folder: Path | None) -> None:
        self._first: dict[Key, str] = {}
        self._contested: set[Key] = set()
        self._said = Sorted(folder, room=4 << 20)

    def say(self, fact: Fact) -> None:
        if fact.id == fact.person and fact.KIND in _OWN:
            return
        first, key = self._first, fact.key
        if key not in first and len(first) >= _FEW:
            self._said.put("", "\x1f".join(key), fact.person.encode())
        elif first.setdefault(key, fact.person) != fact.person:
            self._contested.add(key)

    def contested(self) -> set[Key]:
        """Keys that rows of several people state: nobody can tell whose they are."""
        lines = pairwise(self._said.lines(""))
        told = {what for (what, one), (same, other) in lines if what == same and one != other}
        named = (what.partition("\x1f") for what in told)
        return self._contested | {Key(cast("Kind", kind), id_) for kind, _, id_ in named}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._said.close()
