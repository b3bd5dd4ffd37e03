"""Which words of caution a resource carries: substance use, HIV, "restricted", or none.

`meta.security` says so, on the resource and on everything contained in it. No label at all means normal (N), and
HTEST, which marks invented data, is not a word of caution. A coding that cannot be read is one that nobody may
ignore.

The codes are HL7's v3-ActCode, v3-Confidentiality and v3-ActReason (hl7.terminology 7.0.1). ETH and SUD are not
parent and child of each other there, yet people use either for one thing: data of a substance use programme under 42
CFR Part 2.
"""

from collections.abc import Iterator
from typing import Any

from nowrongdoor.model import Resource

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

PART2 = frozenset({"42CFRPart2", "SUD", "ETH", "ETHUD", "OPIOIDUD"})
UNREADABLE = "?"  # a coding without a known system and a code
HARMLESS = {(CONFIDENTIALITY, "N"), (ACT_REASON, "HTEST")}
KNOWN = {ACT_CODE, CONFIDENTIALITY, ACT_REASON}


def labels(resource: Resource) -> frozenset[str]:
    """The codes that call for caution; empty for normal data."""
    codings = set(_codings(resource)) - HARMLESS
    return frozenset(code if system in KNOWN and code else UNREADABLE for system, code in codings)


def is_test(resource: Resource) -> bool:
    """Invented data says so itself."""
    return (ACT_REASON, "HTEST") in _codings({"meta": resource.get("meta")})


def act_codes(codings: list[Resource]) -> frozenset[str]:
    """The v3-ActCode codes of a provision's security labels; any other coding is `UNREADABLE`."""
    return frozenset(_word(c) if c.get("system") == ACT_CODE else UNREADABLE for c in codings)


def _codings(resource: Resource) -> Iterator[tuple[str, str]]:
    security: list[dict[str, Any]] = (resource.get("meta") or {}).get("security") or []
    for coding in security:
        yield str(coding.get("system") or ""), str(coding.get("code") or "")
    for inner in resource.get("contained") or ():
        yield from _codings(inner)


def _word(coding: Resource) -> str:
    return str(coding.get("code") or UNREADABLE)
