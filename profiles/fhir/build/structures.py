"""A base type of FHIR R4 as JSON Schema, from its StructureDefinition: a definition for it and each backbone element.

A `title` in the schema says what was expected; the `$comment` beside it is the rule that an issue names, `targets` what
a reference may point at, `invariant` that it is about the object as a whole, `few` that no object with at most so many
properties breaks it. The keywords `ordered`, `agrees`, `aligned`, `nested`, `unlike` and `luhn` are our own; the
checker knows them.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from fragments import coded, together
from invariants import INVARIANTS, has, rule
from overlays import Overlays, unlisted
from packages import Package
from primitives import ABSOLUTE, PRIMITIVES, reference_pattern

Json = dict[str, Any]

WIDE = 10  # of more types than this, not each says which may not stand beside it
SPECIAL = {
    "DomainResource",
    "Element",
    "BackboneElement",
}  # their invariants are the checker's, or stand in every object
DONE = {
    "ele-1",
    "ext-1",
    "ref-1",
    "txt-1",
    "txt-2",
    *(f"dom-{n}" for n in range(2, 7)),
    *(f"bdl-{n}" for n in range(1, 13)),
}


class Structures:
    """Adds a definition for each type as it is first met, so that only what is reachable is written."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.resources = package.types()
        self.definitions: Json = {"ResourceType": {"title": "must be a resource type of R4", "enum": self.resources}}
        self.overlays = Overlays(package)
        self.untold: dict[str, list[Json]] = {}  # invariants of a type without a fragment, as they were stated

    def ref(self, name: str) -> Json:
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = PRIMITIVES[name] if name in PRIMITIVES else self.type(name)
        return {"$ref": f"#/definitions/{name}"}

    def type(self, name: str) -> Json:
        elements = self.package.named(name.split(".", maxsplit=1)[0])["snapshot"]["element"]
        own = {c["key"]: c["human"] for e in elements for c in e.get("constraint", ())}
        below = [e for e in elements if e["path"].rpartition(".")[0] == name and e["max"] != "0"]
        nested = {e["path"].rpartition(".")[0] for e in elements}
        if "." not in name and name not in SPECIAL:
            self._keep_untold(name, elements)
        return self.object(name, below, nested, own)

    def _keep_untold(self, name: str, elements: list[Json]) -> None:
        native = {key for held, rules in INVARIANTS.items() if held.split(".")[0] == name for key in rules}
        native |= DONE | ({"qty-3"} if name == "Duration" else set())  # drt-1 says more
        for element in elements:
            for stated in element.get("constraint", ()):
                if stated["key"] not in native and stated["severity"] == "error":
                    told = {part: stated[part] for part in ("key", "human", "expression")}
                    self.untold.setdefault(name, []).append({"path": element["path"], **told})

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
        if name in self.resources:
            properties["resourceType"] = {"const": name}
            needed.append(["resourceType"])
        fragments = INVARIANTS.get(name, {})
        fixed = {at for f in fragments.values() for at, told in f.get("properties", {}).items() if "const" in told}
        properties |= dict.fromkeys(fixed, True)  # where an invariant fixes the value, its type says nothing more
        schema: Json = {"type": "object", "properties": properties, "additionalProperties": False, "allOf": []}
        schema["required"] = sorted(names[0] for names in needed if len(names) == 1)
        depends: dict[str, list[Json]] = {
            beside: [valued(beside, many="items" in sibling)]
            for beside, sibling in properties.items()
            if beside.startswith("_")
        }
        if not needed and not any(map(demands, fragments.values())):
            schema["minProperties"] = 1
            depends |= {"id": [{"minProperties": 2}]} if "id" in properties and name != "Element" else {}
        schema["allOf"] += [has(*names, siblings=False) for names in needed if len(names) > 1]
        for choice, names, must in choices:
            exclude(schema, depends, (f"only one {choice} may stand here", names, len(needed) + (not must)))
        schema["dependencies"] = {key: together(told) for key, told in depends.items()}
        schema["allOf"] += [rule(key, own[key], pruned(part, properties)) for key, part in fragments.items()]
        return {key: value for key, value in schema.items() if value not in ([], {})}

    def element(self, owner: str, element: Json, nested: set[str]) -> Json:
        """Property names and their schemas: one for each type of a choice, and its `_sibling` where it is primitive."""
        path, many = element["path"], element["max"] != "1"
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
            yield "", self.ref(element["contentReference"].rpartition("#")[2]), False
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
                first = element["base"]["path"]
                yield "", self.ref({"Resource.id": "id", "Element.id": first}.get(first, "uri")), False
            else:
                yield code, self.bound(code, element, kind), code in PRIMITIVES and code != "xhtml"

    def reference(self, profiles: Iterable[str]) -> Json:
        targets = sorted({p.rpartition("/")[2] for p in profiles})
        name = "Reference" if targets in ([], ["Resource"]) else "Reference," + ",".join(targets)
        if name not in self.definitions:
            self.definitions[name] = {}
            schema = self.type("Reference")
            targets = self.resources if name == "Reference" else targets
            shown = "any resource" if name == "Reference" else " or ".join(targets)
            says = {"title": f"must refer to {shown}, as Type/id", "$comment": "fhir-reference"}
            schema["properties"]["reference"] = says | {
                "type": "string", "pattern": reference_pattern(targets), "targets": targets}  # fmt: skip
            schema["properties"]["type"] = says | {"enum": targets}
            if len(targets) > 1:
                schema["dependencies"]["type"] = says | {"title": "type and reference must agree", "agrees": True}
            self.definitions[name] = schema
        return {"$ref": f"#/definitions/{name}"}

    def absolute(self) -> Json:
        """An extension that does not stand inside another one: its url says whose it is."""
        url = {"title": "must be an absolute URL", "pattern": ABSOLUTE}
        self.definitions.setdefault(
            "Extension,absolute", {"allOf": [self.ref("Extension"), {"properties": {"url": url}}]}
        )
        return {"$ref": "#/definitions/Extension,absolute"}

    def bound(self, code: str, element: Json, kind: Json) -> Json:
        """The type, its required codes, and the profile of the type that R4 itself names (SimpleQuantity)."""
        binding = element.get("binding", {})
        told = coded(self.package.terms, code, binding) if binding.get("strength") == "required" else None
        parts: list[Json] = []
        if binding.get("strength") == "required" and not told:
            self.untold.setdefault(element["path"].split(".")[0], []).append(unlisted(element))
        if told:
            url = binding["valueSet"].partition("|")[0]
            name = ("codes:" if code == "code" else f"codes:{code}:") + url.rpartition("/")[2]
            self.definitions.setdefault(name, told)
            parts.append({"$ref": f"#/definitions/{name}"})
        profiles = kind.get("profile", ()) if code != "Extension" else ()
        parts += [self.overlays.ref(url) for url in profiles if url in self.package.structures]
        if element["path"] == "Identifier.system":
            parts.append({"title": "must be an absolute URI", "pattern": ABSOLUTE})
        if code == "Extension" and element["path"] != "Extension.extension":
            return self.absolute()
        if told and code == "code":
            return parts[0]
        return {"allOf": [self.ref(code), *parts]} if parts else self.ref(code)


def valued(beside: str, *, many: bool) -> Json:
    """`_name` stands beside its value, or says in extensions why there is none."""
    if many:
        return {"title": "must be as long as its list of values", "aligned": beside[1:]}
    reason = {"properties": {beside: {"required": ["extension"]}}}
    return {"title": "must have a value, or extensions", "anyOf": [{"required": [beside[1:]]}, reason]}


def exclude(schema: Json, depends: dict[str, list[Json]], choice: tuple[str, list[str], int]) -> None:
    """Only one of the choice's `names`; of an object with at most `few` properties, none missing, no two can be."""
    title, names, few = choice
    keys = [[k for k in (name, f"_{name}") if k in schema["properties"]] for name in names]
    if len(names) <= WIDE:
        for n, mine in enumerate(keys[:-1]):
            told = {"title": title, "properties": dict.fromkeys(chain(*keys[n + 1 :]), False)}
            for key in mine:
                depends.setdefault(key, []).append(told)
        return
    for bit in range((len(names) - 1).bit_length()):  # any two differ in one
        halves = [chain(*(k for n, k in enumerate(keys) if n >> bit & 1 == side)) for side in (0, 1)]
        neither = [{"propertyNames": {"not": {"enum": sorted(half)}}} for half in halves]
        schema["allOf"].append({"title": title, "few": few, "anyOf": neither})
    if "url" in schema["properties"]:  # an extension: a value, or extensions
        alone = {"propertyNames": {"not": {"enum": sorted(chain(*keys))}}}
        depends["extension"] = [{"title": title, "$comment": "ext-1", "invariant": True, "few": few, **alone}]


def demands(fragment: Json) -> bool:
    """Wants one of the elements, whatever else is there."""
    return all(option.keys() == {"required"} for option in fragment.get("anyOf", ({},)))


def _sibling(option: Json) -> str:
    """The `_x` that an option asks for; "" where it asks for anything else."""
    name = str(option["required"][0]) if list(option) == ["required"] else ""
    return name if name.startswith("_") else ""


def pruned(fragment: Any, properties: Json) -> Any:
    """Without `_x` of an element that is no primitive: there is no such property."""
    if isinstance(fragment, list):
        there = [f for f in fragment if not (isinstance(f, dict) and _sibling(f) not in {"", *properties})]
        return [pruned(f, properties) for f in there]
    if isinstance(fragment, dict):
        deeper = {"properties", "items", "contains"}
        return {k: v if k in deeper else {n: pruned(d, properties) for n, d in v.items()} if k == "dependencies"
                else pruned(v, properties) for k, v in fragment.items()}  # fmt: skip
    return fragment
