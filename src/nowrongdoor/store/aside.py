"""Room on disk for what does not fit in memory during one run: a folder of its owner only, gone when the run ends."""

import marshal
import struct
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self


def plain(value: Any) -> bytes:
    """Bytes that depend on the value alone: later versions of marshal also write who else refers to it."""
    return marshal.dumps(value, 2)


def write_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    with path.open("ab") as out:
        for chunk in chunks:
            out.write(struct.pack("<I", len(chunk)) + chunk)


def read_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while head := source.read(4):
            yield source.read(struct.unpack("<I", head)[0])


class Aside:
    """Makes its folder when first asked for a path in it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._disk: tempfile.TemporaryDirectory[str] | None = None

    def aside(self, name: int) -> Path:
        if self._disk is None:
            self._disk = tempfile.TemporaryDirectory(prefix="aside-", dir=self._folder)  # made 0700
        return Path(self._disk.name, str(name))

    @property
    def on_disk(self) -> bool:
        return self._disk is not None

    def close(self) -> None:
        if self._disk is not None:
            self._disk.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
