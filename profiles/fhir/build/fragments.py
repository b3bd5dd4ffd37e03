"""Pieces of JSON Schema: what holds a code or a pattern, several as one, one without what another says."""

from collections.abc import Mapping
from typing import Any

from terms import codes

Json = dict[str, Any]

_COUNTS = ("contains", "minContains", "maxContains")
_MANY = float("inf")
_NOTES = {"title", "$comment", "invariant"}  # ask nothing


def coded(terms: Mapping[str, Json], kind: str, binding: Json) -> Json | None:
    """A value of this type with a code of the value set; None where the set is open or the type holds no code."""
    url = binding.get("valueSet", "").partition("|")[0]
    found = codes(terms, url)
    if not found:
        return None
    says = {"title": f"must be a code of {url}", "$comment": "fhir-binding"}
    if kind in {"code", "uri", "string", "url", "canonical", "markdown"}:
        return says | {"enum": sorted({code for _, code in found})}
    systems = sorted({system for system, _ in found})
    pairs = [
        {"properties": {"system": {"const": s}, "code": {"enum": sorted(c for t, c in found if t == s)}},
         "required": ["system", "code"]} for s in systems
    ]  # fmt: skip
    one: Json = pairs[0] if len(pairs) == 1 else {"anyOf": pairs}
    if kind in {"Coding", "Quantity"}:
        return says | one
    concept = {"required": ["coding"], "properties": {"coding": {"contains": one}}}
    return says | concept if kind == "CodeableConcept" else None


def like(pattern: Any) -> Json:
    """What holds at least this (ElementDefinition.pattern[x]): each item of a list is somewhere in the list."""
    if isinstance(pattern, dict):
        return {"required": sorted(pattern), "properties": {name: like(value) for name, value in pattern.items()}}
    if isinstance(pattern, list):
        each = [{"contains": like(item)} for item in pattern]
        return each[0] if len(each) == 1 else {"allOf": each}
    return {"const": pattern}


def together(parts: list[Json]) -> Json:
    """One schema of several; those that share no keyword are written as one."""
    parts = [part for part in parts if part]
    keys = [key for part in parts for key in part]
    if len(keys) == len(set(keys)):
        return {key: value for part in parts for key, value in part.items()}
    return {"allOf": parts}


def without(asked: Json, said: Json) -> Json:
    """What is asked beyond what was said."""
    there = set(said.get("required", ())) | {_wanted(part) for part in said.get("allOf", ())}
    left: Json = {}
    for word, told in asked.items():
        if word == "required":
            left[word] = [name for name in told if name not in there]
        elif word == "allOf":
            left[word] = [p for p in told if p not in said.get("allOf", ()) and (_wanted(p) or "-") not in there]
        elif word == "properties":
            before = said.get("properties", {})
            inner = {n: without(t, before.get(n, {})) if isinstance(t, dict) else t for n, t in told.items()}
            left[word] = {n: t for n, t in inner.items() if t != {}}
        elif not _counted(asked, said) if word in _COUNTS else said.get(word) != told:
            left[word] = told
    left = {word: told for word, told in left.items() if told not in ([], {})}
    return left if left.keys() - _NOTES else {}


def _counted(asked: Json, said: Json) -> bool:
    """Are these items counted already, as closely?"""
    least, most = asked.get("minContains", 1), asked.get("maxContains", _MANY)
    closely = said.get("minContains", 1) >= least and said.get("maxContains", _MANY) <= most
    return bool(said.get("contains") == asked["contains"] and closely)


def implied(part: Json, said: Json) -> bool:
    """Is the part a choice, one option of which what is said fulfils already?"""
    options = part["anyOf"] if part.keys() - _NOTES == {"anyOf"} else ()
    return any(not without(option, said) for option in options)


def _wanted(part: Json) -> str:
    """The element that must be there, where that is all that the part asks."""
    options = [o.get("required", [""])[0] for o in part.get("anyOf", ()) if list(o) == ["required"]]
    alone = options and len({o.removeprefix("_") for o in options}) == 1 and len(options) == len(part["anyOf"])
    return options[0] if alone else ""
