"""Real FHIR servers for tests: started once a session, read whole, and watched by a counting proxy."""

import time
from collections.abc import Callable
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


def soon(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Does it come to hold within `seconds`?"""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return held
