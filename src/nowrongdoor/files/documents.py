"""Find the documents in a folder, in a zip archive, or the one that was named, and read each when its turn comes.

Nothing is unpacked to disk, and a name inside an archive is shown but never used as a path. An archive inside another
is not opened.
"""

import re
import zlib
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import xml
from nowrongdoor.model import value
from nowrongdoor.model.values import Bad

SUFFIXES = frozenset({".xml", ".ccd", ".ccda", ".cda", ".zip"})  # an archive inside is taken, to be refused by name
MOST_MEMBERS = 100_000
MOST_BYTES = 16 << 30  # of all members together: more than a county's documents of a year
MOST_RATIO = 200  # bytes out for one byte in; documents pack 1 to 30
_SMALL = 1 << 20  # a member that is no larger may be packed as tightly as it likes
_HEAD = 4096
_ROOT = re.compile(rb"<(?:[\w.-]+:)?ClinicalDocument[\s>]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DAMAGED = (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError)  # as zipfile says it
_AGAIN = "ask the sender for the archive again, or unpack it and name the folder"


@value
class Place:
    """One document. `name`: where it lies below what was named, "/" between; `member`: which of an archive's, or -1."""

    name: str
    path: Path
    member: int = -1

    def read(self) -> bytes:
        """Its bytes. Raises `Bad` where it is too large, or cannot be read."""
        try:
            return xml.read(self.path) if self.member < 0 else _unpacked(self.path, self.member)
        except OSError as error:
            raise Bad(
                "unreadable", f"it cannot be read: {error.strerror}", "make it a file that you may read"
            ) from None


def gather(path: Path, passed: Callable[[str], object] = str) -> list[Place]:
    """Every document of a folder and all below it, of a zip archive, or the file itself; by name.

    Documents are told by their endings, else by what they begin with; links are not followed. `passed` is told the
    names of the other files. Raises `Usage` where there is nothing, `Stop` for an archive that is damaged, or that
    unpacks to more than it may.
    """
    if path.is_dir():
        found = sorted((p.relative_to(path).as_posix(), p) for p in path.rglob("*") if p.is_file())
        files = [(Place(shown(n), p), not p.is_symlink() and _is_document(n, partial(p.open, "rb"))) for n, p in found]
    elif not path.is_file():
        raise Usage(f"{path} is not there", "name a folder of documents, a zip archive, or documents")
    else:
        files = _members(path) if is_zipfile(path) else [(Place(shown(path.name), path), True)]
    for place, is_document in files:
        if not is_document:
            passed(place.name)
    return [place for place, is_document in files if is_document]


def are_documents(path: Path) -> bool:
    """A folder, an archive, or a file that begins as a clinical document does; not a workbook, which is packed too."""
    if path.is_dir():
        return True
    if not path.is_file():
        return False
    with path.open("rb") as opened:
        head = opened.read(_HEAD)
    packed = head.startswith(b"PK") and path.suffix.lower() == ".zip"
    return packed or bool(_ROOT.search(head.replace(b"\0", b"")))


def shown(name: str) -> str:
    """A name as it may stand in a report: no way up, no drive, nothing that a terminal or reader would obey."""
    parts = [p for p in _UNPRINTABLE.sub("_", name).replace("\\", "/").split("/") if p not in {"", ".", ".."}]
    return "/".join(parts).replace(":", "_")[-240:]


def _is_document(name: str, begin: Callable[[], Any]) -> bool:
    if Path(name).suffix.lower() in SUFFIXES:
        return True
    try:
        with begin() as opened:
            return bool(_ROOT.search(opened.read(_HEAD).replace(b"\0", b"")))
    except (*_DAMAGED, OSError):
        return False


def _members(path: Path) -> list[tuple[Place, bool]]:
    """All files of an archive, and which are documents."""
    _open.cache_clear()  # another may lie there by now
    archive = _open(path)
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise Stop(f"{path.name} holds {len(infos)} files", f"send no more than {MOST_MEMBERS} at once")
    if sum(i.file_size for i in infos) > MOST_BYTES or any(
        i.file_size > _SMALL and i.file_size > MOST_RATIO * i.compress_size for i in infos
    ):
        raise Stop(f"{path.name} unpacks to far more than it is", _AGAIN)
    numbered = sorted((i.filename, n, i) for n, i in enumerate(infos) if not i.is_dir())
    return [(Place(shown(name), path, n), _is_document(name, partial(archive.open, i))) for name, n, i in numbered]


@lru_cache(maxsize=1)
def _open(path: Path) -> ZipFile:
    """One archive stays open: to find its way in it anew for each document would take longer than to read them."""
    try:
        return ZipFile(path)
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        raise Stop(f"{path.name} is damaged", _AGAIN) from None


def _unpacked(path: Path, member: int) -> bytes:
    """At most one byte more than a document may have, whatever the archive says of itself."""
    archive = _open(path)
    info = archive.infolist()[member]
    if info.flag_bits & 1:
        raise Bad("zip-locked", "it is encrypted", "unpack the archive with its password and name the folder")
    try:
        with archive.open(info) as opened:
            return opened.read(xml.LIMIT + 1)
    except _DAMAGED:
        raise Bad("zip-damaged", "it cannot be unpacked", _AGAIN) from None
