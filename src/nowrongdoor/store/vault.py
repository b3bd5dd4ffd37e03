"""Every file that was taken in, kept as it came, so that any cell can be shown again years later."""

import hashlib
import io
import os
import tempfile
from pathlib import Path

from nowrongdoor.errors import Stop


class Vault:
    """Files under their SHA-256 (hex): written aside, flushed, then renamed; readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def keep(self, came: Path | bytes, sha256: str) -> Path:
        """Copy a file, or its bytes, in once. Stop where it no longer has that digest: it changed while it was read."""
        kept = self.path(sha256)
        if kept.exists():
            return kept
        for folder in (self._folder, kept.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=kept.parent, suffix=".part")  # made 0600
        aside = Path(name)
        try:
            source = io.BytesIO(came) if isinstance(came, bytes) else came.open("rb")
            with source, os.fdopen(handle, "wb") as copy:
                digest = hashlib.sha256()
                while block := source.read(1 << 20):
                    digest.update(block)
                    copy.write(block)
                copy.flush()
                os.fsync(copy.fileno())
            if digest.hexdigest() != sha256:
                raise Stop("the file changed while it was read", "take it in again when nothing writes to it")
            aside.replace(kept)
        finally:
            aside.unlink(missing_ok=True)
        _settle(kept.parent)
        return kept


def _settle(folder: Path) -> None:
    """Make the new name itself survive a power cut. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
