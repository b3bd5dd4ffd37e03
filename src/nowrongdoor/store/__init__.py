"""What must survive a power cut: raw files, facts, drafts, refusals, and what each server has of ours.

One SQLite file and one folder of raw files in a workspace, readable by their owner only. What a second reader needs
after a crash is on disk before the request that it speaks of leaves. The spool and the sorter need not survive.
"""

from pathlib import Path

from nowrongdoor.store.known import FileRow, Known, RefusalRow
from nowrongdoor.store.ledger import Disclosure, Entry, Ledger, OutboxRow
from nowrongdoor.store.sorter import Sorted
from nowrongdoor.store.spool import Spool
from nowrongdoor.store.vault import Vault

__all__ = ["Disclosure", "Entry", "FileRow", "OutboxRow", "RefusalRow", "Sorted", "Spool", "Store", "Vault"]


class Store(Known, Ledger):
    """A workspace's memory. Writing verbs join the caller's `transaction`, or are whole by themselves.

    Stop where the folder or the database cannot be used, is of another version, or another writer does not let go.
    """

    def __init__(self, folder: Path, *, wait: float = 10) -> None:
        super().__init__(folder, wait=wait)
        self.vault = Vault(folder / "vault")
