"""What can be wrong at one place of a resource: for each constraint in its snapshot a patch that breaks just that.

A patch says what the properties of one object become; `...` takes one away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parity.breakers import BREAKERS, ELSE
from parity.snapshots import Definitions, Json, Site, covers, name, types

UNKNOWN = "no-such-code"
LONG = "a" * 65
# By type: what its format forbids, each under a name.
FORMATS: dict[str, dict[str, Any]] = {
    "boolean": {"text": "true", "number": 1},
    "integer": {"text": "1", "fraction": 1.5, "large": 2147483648},
    "positiveInt": {"zero": 0, "negative": -1},
    "unsignedInt": {"negative": -1},
    "decimal": {"text": "1.5"},
    "date": {"american": "02/03/1980", "calendar": "1980-02-30", "short": "1980-2-3", "time": "1980-02-03T10:00:00Z"},
    "dateTime": {
        "american": "02/03/1980",
        "calendar": "2026-02-30",
        "seconds": "2026-02-03T10:00Z",
        "zone": "2026-02-03T10:00:00",
        "blank": "2026-02-03 10:00:00Z",
    },
    "instant": {"day": "2026-02-03", "zone": "2026-02-03T10:00:00", "hour": "2026-02-03T25:00:00Z"},
    "time": {"hour": "25:00:00", "seconds": "10:00"},
    "uri": {"space": "urn:with space"},
    "url": {"space": "http://example.org/with space"},
    "canonical": {"space": "http://example.org/with space"},
    "oid": {"prefix": "1.2.840.1", "letters": "urn:oid:abc"},
    "uuid": {"short": "urn:uuid:12"},
    "id": {"underscore": "under_score", "long": LONG},
    "code": {"before": " leading", "after": "trailing ", "double": "two  spaces"},
    "base64Binary": {"letters": "@@@@", "length": "AAA"},
    "xhtml": {"text": "no markup", "element": '<p xmlns="http://www.w3.org/1999/xhtml">no div</p>',
              "open": '<div xmlns="http://www.w3.org/1999/xhtml"><p>open</div>',
              "script": '<div xmlns="http://www.w3.org/1999/xhtml">a<script>1</script></div>'},
}  # fmt: skip
GOOD: dict[str, Any] = {
    "boolean": True, "integer": 1, "positiveInt": 1, "unsignedInt": 1, "decimal": 1.5, "string": "something",
    "markdown": "something", "code": "something", "date": "2026-02-03", "dateTime": "2026-02-03", "id": "something",
    "instant": "2026-02-03T10:00:00Z", "time": "10:00:00", "uri": "urn:ietf:rfc:3986", "url": "http://example.org/x",
    "canonical": "http://example.org/x", "base64Binary": "AAAA", "oid": "urn:oid:1.2.3",
    "CodeableConcept": {"text": "something"}, "Coding": {"system": "http://example.org/x", "code": "x"},
    "Reference": {"display": "something"}, "Identifier": {"value": "something"}, "Period": {"start": "2026-02-03"},
    "Quantity": {"value": 1}, "SimpleQuantity": {"value": 1}, "Range": {"low": {"value": 1}}, "Money": {"value": 1},
    "Timing": {"code": {"text": "something"}}, "Annotation": {"text": "something"}, "Address": {"city": "Somewhere"},
    "Attachment": {"title": "something"}, "HumanName": {"family": "Testperson"}, "Dosage": {"text": "something"},
    "ContactPoint": {"system": "phone", "value": "555-0100"}, "Extension": ELSE,
}  # fmt: skip
WRONG_TARGETS = ("Binary/1", "Patient/1", "Substance/1")
TEXTS = {"string", "markdown", "code", "uri", "url", "canonical", "id"}


@dataclass(frozen=True, slots=True)
class Defect:
    kind: str
    at: tuple[str | int, ...]
    path: str
    patch: Json


class Defects:
    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions

    def of(self, site: Site) -> Iterator[Defect]:
        """All that can be made wrong here. Where a profile says nothing of its own, its base type is asked instead."""
        profile, element = site.structure.profile, site.element
        yield from self._invariants(site)
        if element is site.structure.root:
            if not profile:
                yield Defect("unknown", site.at, site.path, {"frobnicate": "x"})
            return
        if not profile or element["id"] in site.structure.own:
            sliced = ":" in element["id"].rpartition(".")[2]
            parts = (
                (self._slices,)
                if sliced
                else (self._cardinality, self._codes, self._targets, self._fixed, self._closed)
            )
            for part in parts:
                yield from self._told(site, part(site))
        if not profile:
            for more in (self._shape, self._empty, self._formats, self._choices):
                yield from self._told(site, more(site))

    def _told(self, site: Site, patches: Iterator[tuple[str, Json]]) -> Iterator[Defect]:
        """What stands beside a value (`_birthDate`) goes with it: an extension there would be another matter."""
        for kind, patch in patches:
            beside = {f"_{name}": ... for name in patch if f"_{name}" in site.holder}
            yield Defect(kind, site.at, site.path, beside | patch)

    # what profiles narrow, too ----------------------------------------------------------------------------------------

    def _invariants(self, site: Site) -> Iterator[Defect]:
        element, structure = site.element, site.structure
        root = element is structure.root
        for constraint in element.get("constraint", ()):
            key, said = constraint["key"], constraint.get("source", structure.url)
            if (
                constraint["severity"] != "error"
                or key not in BREAKERS
                or (structure.profile and said != structure.url)
            ):
                continue
            if not root and not structure.profile and key in {"ext-1", "ref-1"}:
                continue  # said again at each element of these types: their own root has it
            itself = root or name(element).endswith("[x]") or name(element) == "div"  # said of a part of the holder
            for prop, index, value in (("", 0, site.holder),) if itself else site.values:
                patch = BREAKERS[key](value) if isinstance(value, dict) else None
                if patch:
                    below = () if itself else (prop, *((index,) if index >= 0 else ()))
                    yield Defect(f"invariant:{key}", (*site.at, *below), site.path, patch)

    def _cardinality(self, site: Site) -> Iterator[tuple[str, Json]]:
        element, base = site.element, site.element.get("base", {})
        fresh = not site.structure.profile
        if element["min"] and site.values and (fresh or element["min"] != base.get("min")):
            yield "min", dict.fromkeys(site.properties, ...)
        if element["max"] == "0" and base.get("max") != "0" and (more := self._sample(site)):
            yield "prohibited", more
        elif element["max"] not in {"*", "0"} and site.listed and site.values:
            prop, _, value = site.values[0]
            yield "max", {prop: [value] * (int(element["max"]) + 1)}

    def _codes(self, site: Site) -> Iterator[tuple[str, Json]]:
        binding = site.element.get("binding", {})
        if binding.get("strength") != "required" or (site.structure.profile and not self._narrower(site, "binding")):
            return
        for kind, unknown in (("code", UNKNOWN), ("Coding", {"code": UNKNOWN}), ("CodeableConcept", None)):
            if kind in types(site.element):
                prop, held = self._held(site, kind)
                system = {"system": next(iter(strings(held, "system")), "http://example.org/codes")}
                coding = system | {"code": UNKNOWN}
                value = {"coding": [coding]} if kind == "CodeableConcept" else coding if kind == "Coding" else unknown
                yield "binding", self._put(site, prop, value)

    def _targets(self, site: Site) -> Iterator[tuple[str, Json]]:
        allowed = [
            p for t in site.element.get("type", ()) for p in t.get("targetProfile", ()) if t["code"] == "Reference"
        ]
        kinds = {self.definitions.structures[p].type for p in allowed if p in self.definitions.structures}
        if not kinds or "Resource" in kinds or len(kinds) != len(set(allowed) & set(self.definitions.structures)):
            return
        if site.structure.profile and not self._narrower(site, "type"):
            return
        wrong = next(t for t in WRONG_TARGETS if t.partition("/")[0] not in kinds)
        prop, _ = self._held(site, "Reference")
        yield "target", self._put(site, prop, {"reference": wrong})

    def _fixed(self, site: Site) -> Iterator[tuple[str, Json]]:
        for word, wanted in site.element.items():
            if word.startswith(("fixed", "pattern")) and site.values:
                prop, _, value = site.values[0]
                yield word[: 5 if word[0] == "f" else 7], self._put(site, prop, other(value, wanted))

    def _slices(self, site: Site) -> Iterator[tuple[str, Json]]:
        element, values = site.element, site.values
        if not values or values[0][1] < 0:
            return
        prop = values[0][0]
        if element["min"]:
            left = [v for i, v in enumerate(site.holder[prop]) if i not in {index for _, index, _ in values}]
            yield "slice-min", {prop: left or ...}
        if element["max"] not in {"*", "0"}:
            yield "slice-max", {prop: site.holder[prop] + [values[0][2]] * int(element["max"])}

    def _closed(self, site: Site) -> Iterator[tuple[str, Json]]:
        if site.element.get("slicing", {}).get("rules") == "closed" and site.values and site.values[0][1] >= 0:
            prop = site.values[0][0]
            stranger = GOOD.get(types(site.element)[0])
            if stranger:
                yield "slice-closed", {prop: [*site.holder[prop], stranger]}

    # what a base type says, and no profile may change ----------------------------------------------------------------

    def _shape(self, site: Site) -> Iterator[tuple[str, Json]]:
        if site.values:
            prop, _, value = site.values[0]
            yield ("one-for-list", {prop: value}) if site.listed else ("list-for-one", {prop: [value]})
        prop, _ = self._held(site, types(site.element)[0] if types(site.element) else "")
        if not name(site.element).endswith("[x]") and types(site.element) != ["xhtml"]:
            yield "json-type", self._put(site, prop, "text" if self._complex(site) else {"value": "x"})

    def _empty(self, site: Site) -> Iterator[tuple[str, Json]]:
        if name(site.element).endswith("[x]"):
            return
        prop = name(site.element)
        yield "null", {prop: None}
        if site.listed:
            yield "empty-list", {prop: []}
            yield "null-in-list", self._put(site, prop, None)
        if self._complex(site):
            yield "empty-object", self._put(site, prop, {})
            yield "only-id", self._put(site, prop, {"id": "a1"})
        elif set(types(site.element)) & TEXTS:
            yield "empty-text", self._put(site, prop, "")

    def _formats(self, site: Site) -> Iterator[tuple[str, Json]]:
        word = name(site.element)
        for kind in types(site.element):
            for label, value in FORMATS.get(kind, {}).items():
                prop = word[:-3] + kind[0].upper() + kind[1:] if word.endswith("[x]") else word
                gone = dict.fromkeys(site.properties, ...) if word.endswith("[x]") else {}
                yield f"format:{kind}-{label}", gone | self._put(site, prop, value)
            if kind in {"string", "code", "id", "uri", "markdown"} and not word.endswith("[x]"):
                yield "number-for-text", self._put(site, word, 5)

    def _choices(self, site: Site) -> Iterator[tuple[str, Json]]:
        word, allowed = name(site.element), types(site.element)
        if not word.endswith("[x]"):
            return
        held = {prop for prop, _, _ in site.values}
        for kind in ("boolean", "Range", "Annotation", "Dosage"):
            if kind not in allowed:
                yield (
                    "choice-type",
                    dict.fromkeys(site.properties, ...) | {word[:-3] + kind[0].upper() + kind[1:]: GOOD[kind]},
                )
                break
        for kind in allowed:
            prop = word[:-3] + kind[0].upper() + kind[1:]
            if held and prop not in held and kind in GOOD and not site.element.get("binding"):
                yield "two-choices", {prop: GOOD[kind]}
                break

    # parts -----------------------------------------------------------------------------------------------------------

    def _complex(self, site: Site) -> bool:
        codes = types(site.element)
        if not codes:
            return True
        held = self.definitions.structures.get(f"http://hl7.org/fhir/StructureDefinition/{codes[0]}")
        return held is not None and held.kind != "primitive-type"

    def _held(self, site: Site, kind: str) -> tuple[str, Any]:
        """The property for a value of this type, and what is there now."""
        word = name(site.element)
        prop = word[:-3] + kind[0].upper() + kind[1:] if word.endswith("[x]") else word
        return prop, next((v for p, _, v in site.values if p == prop), {})

    def _put(self, site: Site, prop: str, value: Any) -> Json:
        if not site.listed:
            return {prop: value}
        held = site.holder.get(prop)
        return {prop: [value, *held[1:]] if isinstance(held, list) else [value]}

    def _narrower(self, site: Site, word: str) -> bool:
        """Does the profile say other than the base type does?"""
        base = site.element.get("base", {}).get("path", "")
        owner = self.definitions.structures.get(f"http://hl7.org/fhir/StructureDefinition/{base.partition('.')[0]}")
        return owner is None or owner.elements.get(base, {}).get(word) != site.element.get(word)

    def _sample(self, site: Site) -> Json | None:
        """Something of this element, as little as is valid."""
        kind = types(site.element)[0] if types(site.element) else ""
        value = GOOD.get(kind)
        if kind == "BackboneElement":
            value = {"extension": [ELSE]}
        return self._put(site, self._held(site, kind)[0], value) if value is not None else None


def strings(value: Any, word: str) -> Iterator[str]:
    """Every text under this name, at any depth."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key == word and isinstance(held, str):
                yield held
            yield from strings(held, word)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one, word)


def other(value: Any, wanted: Any) -> Any:
    """`value` with the part that is fixed made something else."""
    if isinstance(wanted, dict) and isinstance(value, dict):
        return value | {key: other(value.get(key), part) for key, part in wanted.items()}
    if isinstance(wanted, list):
        return [other(one, wanted[0]) if covers(wanted[0], one) else one for one in value]
    if isinstance(wanted, bool):
        return not wanted
    return "other" if isinstance(wanted, str) else 2
