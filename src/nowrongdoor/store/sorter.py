"""Lines of output by type, sorted by id: the same file whatever the order in which they came, in flat memory."""

import heapq
import marshal
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from nowrongdoor.store.aside import Aside, plain, read_chunks, write_chunks

Line: TypeAlias = tuple[str, bytes]  # id, the line with its end

_BATCH = 32  # lines read at once of each run
_FAN = 64  # runs merged at once: open files are few on some systems
_WEIGHT = 200  # bytes that a line costs beside its own


class Sorted(Aside):
    """Runs of about `room` bytes are sorted in memory, put aside, and merged at the end."""

    def __init__(self, folder: Path | None = None, *, room: int = 48 << 20) -> None:
        super().__init__(folder)
        self._room, self._size, self._made = room, 0, 0
        self._fresh: defaultdict[str, list[Line]] = defaultdict(list)
        self._runs: defaultdict[str, list[Path]] = defaultdict(list)

    def put(self, type_: str, id_: str, line: bytes) -> None:
        """`line` without its end."""
        self._fresh[type_].append((id_, line + b"\n"))  # a copy: orjson's own hold up to 4 KiB more than they say
        self._size += len(line) + _WEIGHT
        if self._size > self._room:
            self._spill()

    @property
    def types(self) -> list[str]:
        return sorted(self._fresh.keys() | self._runs.keys())

    def lines(self, type_: str) -> Iterator[Line]:
        """(id, line with its end), sorted."""
        fresh, runs = sorted(self._fresh[type_]), self._runs[type_]
        return heapq.merge(fresh, *map(_lines, runs)) if runs else iter(fresh)

    def write(self, type_: str, path: Path, *, keyed: bool = False) -> int:
        """All lines of a type by id; returns how many. `keyed`: the id and a tab before each."""
        count = 0
        with path.open("wb") as out:
            lines = self.lines(type_)
            while some := list(islice(lines, _BATCH)):
                out.write(b"".join([id_.encode() + b"\t" + line if keyed else line for id_, line in some]))
                count += len(some)
        return count

    def _spill(self) -> None:
        for type_, lines in self._fresh.items():
            runs = self._runs[type_]
            runs.append(self._run(iter(sorted(lines))))
            if len(runs) >= _FAN:
                merged = self._run(heapq.merge(*map(_lines, runs)))
                for run in runs:
                    run.unlink()
                runs[:] = [merged]
        self._fresh.clear()
        self._size = 0

    def _run(self, lines: Iterator[Line]) -> Path:
        self._made += 1
        path = self.aside(self._made)
        write_chunks(path, _batches(lines))
        return path


def _batches(lines: Iterator[Line]) -> Iterator[bytes]:
    batch: list[Line] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            yield plain(batch)
            batch = []
    yield plain(batch)


def _lines(path: Path) -> Iterator[Line]:
    for chunk in read_chunks(path):
        yield from marshal.loads(chunk)  # noqa: S302  # our own file, in a folder that only we may write
