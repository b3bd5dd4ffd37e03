"""Which codes a value set holds, where the packages that we have say all of it; None where they do not."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Codes = set[tuple[str, str]]

# Published by the CDC, named by US Core's value sets, in none of its packages: the minimum categories of OMB (1997)
# and the two reasons of HL7 v3 NullFlavor that US Core adds.
OMB = "urn:oid:2.16.840.1.113883.6.238"
NULL = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_PUBLISHED: dict[str, Codes] = {
    "http://hl7.org/fhir/us/core/ValueSet/omb-race-category": {
        *((OMB, code) for code in ("1002-5", "2028-9", "2054-5", "2076-8", "2106-3")),
        *((NULL, code) for code in ("UNK", "ASKU")),
    },
    "http://hl7.org/fhir/us/core/ValueSet/omb-ethnicity-category": {
        *((OMB, code) for code in ("2135-2", "2186-5")),
    },
}


def codes(terms: Mapping[str, Json], url: str) -> Codes | None:
    """(system, code) of a value set; None where it is open, unknown, or chosen by a rule that is not evaluated here."""
    url = url.partition("|")[0]
    if url in _PUBLISHED:
        return _PUBLISHED[url]
    compose = terms.get(url, {}).get("compose", {})
    found: Codes = set()
    for part in compose.get("include", ()):
        more = _included(terms, part)
        if not more:
            return None
        found |= more
    for part in compose.get("exclude", ()):
        less = _included(terms, part)
        if less is None:
            return None
        found -= less
    return found or None


def _included(terms: Mapping[str, Json], part: Json) -> Codes | None:
    """All conditions of one include hold together."""
    sets = [codes(terms, url) for url in part.get("valueSet", ())]
    if "system" in part:
        sets.append(_chosen(terms, part))
    known = [s for s in sets if s is not None]
    return set.intersection(*known) if known and len(known) == len(sets) else None


def _chosen(terms: Mapping[str, Json], part: Json) -> Codes | None:
    system = part["system"]
    if "concept" in part:
        return {(system, concept["code"]) for concept in part["concept"]}
    defined = terms.get(system, {})
    if defined.get("content") != "complete":
        return None
    chosen = {code for code, _ in below(defined)}
    for rule in part.get("filter", ()):
        if rule["property"] != "concept" or rule["op"] not in {"is-a", "descendent-of"}:
            return None
        chosen &= _descendants(defined, rule["value"], itself=rule["op"] == "is-a")
    return {(system, code) for code in chosen}


def _descendants(system: Json, root: str, *, itself: bool) -> set[str]:
    """By nesting, and by the property that v3 code systems use instead."""
    parents: dict[str, set[str]] = {}
    for code, concept in below(system):
        for child in concept.get("concept", ()):
            parents.setdefault(child["code"], set()).add(code)
        for told in concept.get("property", ()):
            if told["code"] in {"subsumedBy", "parent"}:
                parents.setdefault(code, set()).add(told.get("valueCode", ""))
    found = {root}
    while more := {code for code, above in parents.items() if above & found} - found:
        found |= more
    return found if itself else found - {root}


def below(concept: Json) -> Iterator[tuple[str, Json]]:
    for child in concept.get("concept", ()):
        yield child["code"], child
        yield from below(child)
