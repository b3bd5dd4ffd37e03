"""Walk a resource along the snapshot of its StructureDefinition: every place where an element is, or could be."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checks.structures import BASE, Json

FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"


class Structure:
    """One StructureDefinition, its elements by id and by the id of what holds them."""

    def __init__(self, definition: Json) -> None:
        self.url, self.name, self.type = definition["url"], definition["id"], definition["type"]
        self.kind: str = definition["kind"]
        self.profile = definition.get("derivation") == "constraint"
        self.elements = {element["id"]: element for element in definition["snapshot"]["element"]}
        self.own = {element["id"] for element in definition.get("differential", {}).get("element", ())}
        self.below: dict[str, list[Json]] = defaultdict(list)
        for element in definition["snapshot"]["element"][1:]:
            self.below[element["id"].rpartition(".")[0]].append(element)

    @property
    def root(self) -> Json:
        return self.elements[self.type]


class Definitions:
    """StructureDefinitions with snapshots, of R4 and of what lies upon it, by canonical URL."""

    def __init__(self, published: Iterable[Json]) -> None:
        found = (d for d in published if d["resourceType"] == "StructureDefinition" and d.get("snapshot"))
        self.structures = {d["url"]: Structure(d) for d in found}

    def type(self, name: str) -> Structure:
        return self.structures[BASE + name]

    @cached_property
    def choices(self) -> re.Pattern[str]:
        """Matches `valueCodeableConcept`: the name of a choice, then a type."""
        types = {s.type for s in self.structures.values() if not s.profile and s.kind != "resource"}
        names = {name(e)[:-3] for s in self.structures.values() for e in s.elements.values() if name(e).endswith("[x]")}
        ends = sorted((t[0].upper() + t[1:] for t in types), key=len, reverse=True)
        return re.compile(f"({'|'.join(sorted(names))})({'|'.join(ends)})")


def name(element: Json) -> str:
    return element["path"].rpartition(".")[2]


def types(element: Json) -> list[str]:
    """FHIR's name of each type: `string` where the snapshot writes a FHIRPath System.String."""
    if element["path"] == "Resource.id" or (
        name(element) == "id" and element.get("base", {}).get("path") == "Resource.id"
    ):
        return ["id"]
    found = []
    for one in element.get("type", ()):
        told = {e["url"]: e for e in one.get("extension", ())}
        found.append(told[FHIR_TYPE]["valueUrl"] if FHIR_TYPE in told else one["code"])
    return found


@dataclass(frozen=True, slots=True)
class Site:
    """`element` of `structure` in the object at `at` of a resource; `path` is its FHIRPath.

    `values`: property, place in a list (-1: no list) and value of what is there now; for a slice only its own.
    """

    structure: Structure
    element: Json
    holder: Json
    at: tuple[str | int, ...]
    path: str
    values: tuple[tuple[str, int, Any], ...]

    @property
    def listed(self) -> bool:
        return self.element.get("base", self.element)["max"] not in {"0", "1"}

    @property
    def properties(self) -> list[str]:
        """Of the element in JSON, `_birthDate` too."""
        held = {prop for prop, _, _ in self.values}
        return [p for p in self.holder if p.removeprefix("_") in held]


class Walk:
    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions

    def resource(self, structure: Structure, resource: Json) -> Iterator[Site]:
        yield Site(structure, structure.root, resource, (), structure.type, ())
        yield from self._object(structure, structure.root, resource, (), structure.type)

    def _object(
        self, structure: Structure, owner: Json, holder: Json, at: tuple[str | int, ...], path: str
    ) -> Iterator[Site]:
        for element in structure.below[owner["id"]]:
            values = tuple(self._values(element, holder))
            if sliced := ":" in element["id"].rpartition(".")[2]:
                values = tuple(v for v in values if self.matches(structure, element, v[0], v[2]))
            place = f"{path}.{name(element).removesuffix('[x]')}"
            yield Site(structure, element, holder, at, place, values)
            for prop, index, value in values:
                if isinstance(value, dict) and (not sliced or self._says_more(structure, element)):
                    yield from self._below(
                        structure, element, value, (*at, prop, *([index] if index >= 0 else [])), place
                    )

    def _below(
        self, structure: Structure, element: Json, value: Json, at: tuple[str | int, ...], path: str
    ) -> Iterator[Site]:
        if "contentReference" in element:
            element = structure.elements[element["contentReference"].rpartition("#")[2]]
        if structure.below[element["id"]]:
            yield from self._object(structure, element, value, at, path)
            return
        held = self._type(element, at[-1] if isinstance(at[-1], str) else str(at[-2]))
        if held and held.kind == "complex-type":
            yield Site(held, held.root, value, at, path, ())
            yield from self._object(held, held.root, value, at, path)

    def _says_more(self, structure: Structure, element: Json) -> bool:
        return bool(structure.below[element["id"]] or any("profile" in t for t in element.get("type", ())))

    def _type(self, element: Json, prop: str) -> Structure | None:
        """The structure of the value: a profile of a data type where the element names one."""
        for one, code in zip(element.get("type", ()), types(element), strict=True):
            if len(element["type"]) == 1 or prop.endswith(code[0].upper() + code[1:]):
                url = one.get("profile", [BASE + code])[0]
                return self.definitions.structures.get(url)
        return None

    def _values(self, element: Json, holder: Mapping[str, Any]) -> Iterator[tuple[str, int, Any]]:
        word = name(element)
        props = [word]
        if word.endswith("[x]"):
            props = [p for p in holder if (m := self.definitions.choices.fullmatch(p)) and m[1] == word[:-3]]
        for prop in props:
            value = holder.get(prop)
            if isinstance(value, list):
                yield from ((prop, index, one) for index, one in enumerate(value))
            elif value is not None:
                yield prop, -1, value

    def matches(self, structure: Structure, element: Json, prop: str, value: Any) -> bool:
        """Does `value` belong to this slice?"""
        sliced = structure.elements.get(element["id"].rpartition(":")[0], {}).get("slicing", {})
        return all(self._tells(structure, element, d, prop, value) for d in sliced.get("discriminator", ()))

    def _tells(self, structure: Structure, element: Json, discriminator: Json, prop: str, value: Any) -> bool:
        if discriminator["type"] == "type":
            return any(prop.endswith(t[0].upper() + t[1:]) for t in types(element))
        where = discriminator["path"]
        if where == "url":
            return isinstance(value, dict) and value.get("url") == fixed_url(self.definitions, structure, element)
        found = [value] if where == "$this" else reached(value, where.split("."))
        held = structure.elements.get(element["id"] if where == "$this" else f"{element['id']}.{where}", {})
        wanted = next((v for k, v in held.items() if k.startswith(("fixed", "pattern"))), None)
        return wanted is not None and any(covers(wanted, one) for one in found)


def fixed_url(definitions: Definitions, structure: Structure, element: Json) -> str:
    """Of an extension's slice: what its profile, or its own `url`, fixes."""
    own = structure.elements.get(f"{element['id']}.url", {}).get("fixedUri")
    if own:
        return own
    profiles = [p for t in element.get("type", ()) for p in t.get("profile", ())]
    held = definitions.structures.get(profiles[0]) if profiles else None
    return held.elements["Extension.url"].get("fixedUri", held.url) if held else ""


def reached(value: Any, steps: list[str]) -> list[Any]:
    found = [value]
    for step in steps:
        held = [one.get(step) for one in found if isinstance(one, dict)]
        found = [one for v in held for one in (v if isinstance(v, list) else [v]) if one is not None]
    return found


def covers(pattern: Any, value: Any) -> bool:
    """pattern[x]: everything in the pattern is in the value."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(k in value and covers(v, value[k]) for k, v in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(covers(p, v) for v in value) for p in pattern)
    return bool(pattern == value)
