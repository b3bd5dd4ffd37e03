"""What a server may do differently from an honest one: each switch is a habit that a known server really has."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Literal

from nowrongdoor.errors import Usage


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


def habits_of(words: Iterable[str]) -> Habits:
    """`stale_status=409 update_create=false …` → Habits. Usage lists the names and what they are by default."""
    told: dict[str, object] = {}
    known = {f.name: getattr(HONEST, f.name) for f in fields(Habits)}
    for word in words:
        name, _, text = word.partition("=")
        if name not in known:
            raise Usage(
                f"there is no habit {name!r}", f"habits: {', '.join(f'{n}={v}'.lower() for n, v in known.items())}"
            )
        try:
            told[name] = _value(type(known[name]), text)
        except ValueError:
            raise Usage(f"habit {name} cannot be {text!r}", f"by default it is {str(known[name]).lower()}") from None
    return replace(HONEST, **told)  # type: ignore[arg-type]  # each of the type of its default


def _value(type_: type, text: str) -> object:
    if type_ is bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError(text)
        return text.lower() == "true"
    return type_(text)
