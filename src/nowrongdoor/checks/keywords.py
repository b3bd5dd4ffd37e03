"""Compare two elements of one object: keywords of our own in the schema, called only where the object has both."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

# of a literal reference, the type that it names: Type/id with or without a version, or a search
LITERAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)(?:/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?$|\?)")
_TAG = re.compile(r"""<(?:!--(?:[^-]|-[^-])*--|(/)?([A-Za-z][A-Za-z0-9]*)(?:[^"'<>/]|"[^"]*"|'[^']*'|/(?!>))*(/)?)>""")
_SECONDS = 16  # up to here a dateTime has date, hours and minutes; what follows is seconds and zone


class Ordered:
    """The first is not more than the second (per-1, inv-1, rng-2).

    Dates of unequal precision compare as far as both go; quantities where they have the same unit.
    """

    def __init__(self, _parent: Mapping[str, Any], names: list[str], _path: list[str | int]) -> None:
        self.first, self.second = names

    def validate(self, node: Any) -> None:
        start, end = node.get(self.first), node.get(self.second)
        if isinstance(start, str) and isinstance(end, str) and _later(start, end):
            raise ValueError
        if isinstance(start, dict) and isinstance(end, dict) and _more(start, end):
            raise ValueError


class Agrees:
    """Reference.type is the type that Reference.reference names; a URL need not name one."""

    def __init__(self, _parent: Mapping[str, Any], _value: object, _path: list[str | int]) -> None: ...

    def validate(self, node: Any) -> None:
        target, kind = node.get("reference"), node.get("type")
        named = LITERAL.search(target) if isinstance(target, str) else None
        if named and named[1] != kind:
            raise ValueError


class Aligned:
    """`_given` says as much as `given`: one entry for each value, no place empty in both."""

    def __init__(self, _parent: Mapping[str, Any], name: str, _path: list[str | int]) -> None:
        self.name = name

    def validate(self, node: Any) -> None:
        values, beside = node.get(self.name), node.get(f"_{self.name}")
        if not isinstance(values, list) or not isinstance(beside, list):
            return
        if len(values) != len(beside) or any(a is None and not _why(b) for a, b in zip(values, beside, strict=True)):
            raise ValueError


class Whole:
    """An integer is written without a point or an exponent."""

    def __init__(self, _parent: Mapping[str, Any], _value: object, _path: list[str | int]) -> None: ...

    def validate(self, node: Any) -> None:
        if isinstance(node, float):
            raise ValueError  # noqa: TRY004  # what the engine takes for a no


class Nested:
    """Each element of the narrative ends where it should (txt-1); which there may be, the pattern says."""

    def __init__(self, _parent: Mapping[str, Any], _value: object, _path: list[str | int]) -> None: ...

    def validate(self, node: Any) -> None:
        open_: list[str] = []
        for ends, name, alone in _TAG.findall(node) if isinstance(node, str) else ():
            if not name:
                continue  # a comment
            if ends and (not open_ or open_.pop() != name):
                raise ValueError
            if not ends and not alone:
                open_.append(name)
        if open_:
            raise ValueError


class Unlike:
    """No part of that list has a coding of the whole (obs-7)."""

    def __init__(self, _parent: Mapping[str, Any], name: str, _path: list[str | int]) -> None:
        self.name = name

    def validate(self, node: Any) -> None:
        own, parts = _codings(node), node.get(self.name)
        if any(coding in own for part in (parts if isinstance(parts, list) else ()) for coding in _codings(part)):
            raise ValueError


class Luhn:
    """The last digit checks the others, with the issuer's prefix before them (80840 for an NPI: us-core-17)."""

    def __init__(self, _parent: Mapping[str, Any], prefix: str, _path: list[str | int]) -> None:
        self.prefix = prefix

    def validate(self, node: Any) -> None:
        if isinstance(node, str) and node.isascii() and node.isdigit() and not luhn(self.prefix + node):
            raise ValueError


KEYWORDS = {
    "ordered": Ordered, "agrees": Agrees, "aligned": Aligned, "nested": Nested, "luhn": Luhn, "whole": Whole,
    "unlike": Unlike,
}  # fmt: skip


def _codings(node: Any) -> list[Any]:
    code = node.get("code") if isinstance(node, dict) else None
    found = code.get("coding") if isinstance(code, dict) else None
    return found if isinstance(found, list) else []


def _why(beside: Any) -> bool:
    return isinstance(beside, dict) and "extension" in beside


def luhn(digits: str) -> bool:
    """Does the number pass (ISO/IEC 7812-1)?"""
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _later(start: str, end: str) -> bool:
    if len(start) > _SECONDS and len(end) > _SECONDS:
        try:
            return datetime.fromisoformat(start) > datetime.fromisoformat(end)
        except (ValueError, TypeError):
            return False  # not dates: the pattern says so
    shared = min(len(start), len(end), 10)
    return start[:shared] > end[:shared]


def _more(low: Mapping[str, Any], high: Mapping[str, Any]) -> bool:
    values = low.get("value"), high.get("value")
    if any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        return False
    same = all(low.get(unit) == high.get(unit) for unit in ("system", "code", "unit"))
    return same and bool(values[0] > values[1])  # type: ignore[operator]  # numbers: seen above
