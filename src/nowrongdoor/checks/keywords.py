"""Compare two elements of one object: keywords of our own in the schema, called only where the object has both."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_SECONDS = 16  # up to here a dateTime has date, hours and minutes; what follows is seconds and zone


class Ordered:
    """The first is not later than the second (per-1, inv-1). Dates of unequal precision compare as far as both go."""

    def __init__(self, _parent: Mapping[str, Any], names: list[str], _path: list[str | int]) -> None:
        self.first, self.second = names

    def validate(self, node: Any) -> None:
        start, end = node.get(self.first), node.get(self.second)
        if isinstance(start, str) and isinstance(end, str) and _later(start, end):
            raise ValueError


class Agrees:
    """Reference.type is the type that Reference.reference names."""

    def __init__(self, _parent: Mapping[str, Any], _value: object, _path: list[str | int]) -> None: ...

    def validate(self, node: Any) -> None:
        target, kind = node.get("reference"), node.get("type")
        if isinstance(target, str) and not target.startswith(("#", "urn:")) and f"/{kind}/" not in f"/{target}":
            raise ValueError


class Aligned:
    """`_given` says as much as `given`: one entry for each value, no place empty in both."""

    def __init__(self, _parent: Mapping[str, Any], name: str, _path: list[str | int]) -> None:
        self.name = name

    def validate(self, node: Any) -> None:
        values, beside = node.get(self.name), node.get(f"_{self.name}")
        if not isinstance(values, list) or not isinstance(beside, list):
            return
        if len(values) != len(beside) or any(a is None and b is None for a, b in zip(values, beside, strict=True)):
            raise ValueError


KEYWORDS = {"ordered": Ordered, "agrees": Agrees, "aligned": Aligned}


def _later(start: str, end: str) -> bool:
    if len(start) > _SECONDS and len(end) > _SECONDS:
        try:
            return datetime.fromisoformat(start) > datetime.fromisoformat(end)
        except (ValueError, TypeError):
            return False  # not dates: the pattern says so
    shared = min(len(start), len(end), 10)
    return start[:shared] > end[:shared]
