"""Facts put aside in any order and given back person by person, in memory that does not grow with the file.

They go to 64 partitions by the first bits of the person's checksum; a partition too large to read at once is parted
again by the next bits. Small inputs never touch the disk. Nothing here outlives the run.
"""

import marshal
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self, TypeAlias
from zlib import crc32

from nowrongdoor.model import FACTS, Fact, Stated, pack, unpack
from nowrongdoor.store.aside import Aside, plain, read_chunks, write_chunks

ROOM = 4 << 20  # bytes kept in memory before they are written out
_BATCH = 1024  # facts marshalled together
_BITS = 6
_WEIGHT = 128  # bytes of a packed fact, beside a document's text
_RANK = {cls: n for n, cls in enumerate(FACTS)}

Packed: TypeAlias = tuple[Any, ...]


def _checksum(person: str) -> int:
    return crc32(person.encode())


class _Partition:
    """Chunks of packed facts: in memory until `spill`, then in one file."""

    def __init__(self) -> None:
        self.size = 0  # bytes, on disk or not
        self._chunks: list[bytes] = []
        self._path: Path | None = None

    def add(self, packed: list[Packed]) -> int:
        self._chunks.append(marshal.dumps(packed))
        self.size += len(self._chunks[-1])
        return len(self._chunks[-1])

    def spill(self, path: Path) -> None:
        if self._chunks:
            write_chunks(path, self._chunks)
            self._chunks, self._path = [], path

    def __iter__(self) -> Iterator[Packed]:
        if self._path is not None:
            for chunk in read_chunks(self._path):
                yield from marshal.loads(chunk)  # noqa: S302  # our own file, in a folder that only we may write
        for chunk in self._chunks:
            yield from marshal.loads(chunk)  # noqa: S302  # our own bytes


class _Level(Aside):
    """64 partitions by six bits of the checksum, from bit `shift` up."""

    def __init__(self, folder: Path | None, room: int, shift: int = 32 - _BITS) -> None:
        super().__init__(folder)
        self._room, self._shift, self._size = room, shift, 0
        self._parts = [_Partition() for _ in range(1 << _BITS)]
        self._fresh: list[Packed] = []

    def add(self, packed: Packed) -> None:
        self._fresh.append(packed)
        if len(self._fresh) >= _BATCH:
            self._deal()

    def _deal(self) -> None:
        hands: defaultdict[int, list[Packed]] = defaultdict(list)
        shift, mask = self._shift, (1 << _BITS) - 1
        for packed in self._fresh:
            hands[_checksum(packed[2]) >> shift & mask].append(packed)
        self._fresh = []
        self._size += sum(self._parts[number].add(hand) for number, hand in hands.items())
        if self._size > self._room:
            self._spill()

    def _spill(self) -> None:
        for number, part in enumerate(self._parts):
            part.spill(self.aside(number))
        self._size = 0

    def groups(self) -> Iterator[tuple[str, list[Packed]]]:
        self._deal()
        if self.on_disk:
            self._spill()  # the next level needs the room
        for part in self._parts:
            small = part.size <= self._room // 8 or self._shift < _BITS
            yield from _gathered(part) if small else self._parted(part)

    def _parted(self, part: _Partition) -> Iterator[tuple[str, list[Packed]]]:
        with _Level(self._folder, self._room, self._shift - _BITS) as finer:
            for packed in part:
                finer.add(packed)
            yield from finer.groups()


def _gathered(part: _Partition) -> Iterator[tuple[str, list[Packed]]]:
    """By checksum, then person: the same order however finely the facts were parted."""
    people: defaultdict[str, list[Packed]] = defaultdict(list)
    for packed in part:
        people[packed[2]].append(packed)
    for person in _people(people):
        yield person, people.pop(person)


def _people(told: Iterable[str]) -> list[str]:
    return sorted(told, key=lambda person: (_checksum(person), person))


def _sort(group: list[Packed]) -> None:
    """Kind, key, what it says, and only then where it stood: rows in another order give facts in the same one."""
    if len({packed[:2] for packed in group}) == len(group):
        group.sort()  # decided by kind and key: no need to write down what each says
    else:
        group.sort(key=lambda packed: (*packed[:2], plain(packed[8:]), packed[3:8]))


def _in_order(facts: list[Fact]) -> list[Fact]:
    """As `_sort` would have them."""
    told = {(_RANK[type(f)], f.id): f for f in facts}
    if len(told) == len(facts):
        return [told[key] for key in sorted(told)]
    packed = [pack(f) for f in facts]
    _sort(packed)
    return [unpack(p) for p in packed]


class Spool:
    """`folder`: where partitions go once they outgrow `room` bytes (the system's temporary folder unless told).

    What would fit into that room packed is held as it came: to pack and unpack a fact costs as much as to read its row.
    """

    def __init__(self, folder: Path | None = None, *, room: int = ROOM) -> None:
        self._level = _Level(folder, room)
        self.close = self._level.close
        self._held: defaultdict[str, list[Fact]] = defaultdict(list)
        self._left = room

    def put(self, fact: Fact) -> None:
        if self._left > 0:
            self._left -= _WEIGHT + len(fact.resource) if isinstance(fact, Stated) else _WEIGHT
            self._held[fact.person].append(fact)
            return
        for held in self._held.values():
            for one in held:
                self._level.add(pack(one))
        self._held.clear()
        self._level.add(pack(fact))

    def groups(self) -> Iterator[tuple[str, list[Fact]]]:
        """(person, their facts): one order for one set of facts, whatever the order they were put in."""
        for person in _people(self._held):
            yield person, _in_order(self._held.pop(person))
        for person, group in self._level.groups():
            _sort(group)
            yield person, [unpack(packed) for packed in group]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
