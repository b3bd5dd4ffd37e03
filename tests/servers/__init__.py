"""Real FHIR servers for tests: started once a session, read whole, and watched by a counting proxy."""

from pathlib import Path
from typing import Self


class Server(str):
    """A base URL that knows where its server keeps things.

    `database`: the SQLite file behind it; None where the server itself shows what it holds (POST /dump).
    """

    __slots__ = ("database",)

    database: Path | None

    def __new__(cls, base: str, database: Path | None = None) -> Self:
        self = super().__new__(cls, base)
        self.database = database
        return self
