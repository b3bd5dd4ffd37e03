"""What a server may do differently from an honest one: each switch is a habit that a known server really has."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Habits:
    """All off by default: then the server does what the R4 REST page says."""

    update_create: bool = True  # False: a PUT on an id that nobody has is refused (405)
    stale_status: int = 412  # HAPI: 409
    create_on_if_match: bool = False  # HAPI: a PUT with If-Match on an id that nobody has creates it
    put_create_status: int = 201  # Medplum: 200
    noop_keeps_version: bool = True  # False, as most: an identical PUT makes a new version
    entry_etag: Literal["weak", "bare", "none"] = "weak"  # response.etag of a transaction; HAPI: bare, Medplum: none
    max_put_entries: int = 0  # Medplum: 50 in a transaction; 0: any number
    search_cache_seconds: float = 0  # HAPI: 60, unless the request says Cache-Control: no-cache


HONEST = Habits()
