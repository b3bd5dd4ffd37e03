"""What a profile asks beyond its base type, as JSON Schema: only the difference, to stand beside the type's own schema.

A profile's snapshot is a tree: elements below elements, and slices beside each other. A slice is told from its siblings
by a discriminator (fixed or pattern value, required codes, type, url of an extension); `contains` with its counts says
how many of a slice there must be, `if` and `then` what one must look like.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fragments import coded, implied, like, together, without
from invariants import BY_KEY, ONE_KIND, has, rule
from packages import Package
from primitives import PRIMITIVES, reference_pattern

Json = dict[str, Any]

MANY = "*"
SAID = {"sqty-1"}  # a cardinality says the same


@dataclass
class Node:
    """One element of a snapshot with those below it, and its slices by name."""

    element: Json
    below: dict[str, "Node"] = field(default_factory=dict)
    slices: dict[str, "Node"] = field(default_factory=dict)


def grow(elements: list[Json]) -> Node:
    """The tree, by element ids (`Patient.identifier:cin.system`). A slice of a slice is left to its slice."""
    root = Node(elements[0])
    for element in elements[1:]:
        node = root
        *above, last = element["id"].split(".")[1:]
        for step in above:
            name, _, part = step.partition(":")
            node = node.below[name]
            node = node.slices[part] if part else node
        name, _, part = last.partition(":")
        if part:
            node.below[name].slices[part] = Node(element)
        else:
            node.below[name] = Node(element)
    return root


def unlisted(element: Json) -> Json:
    """A required value set whose codes nobody may ship, or that no package has: said, and not checked."""
    name = element["binding"].get("valueSet", "").rpartition("/")[2].partition("|")[0]
    told = {"path": element["path"], "id": element["id"], "key": "fhir-binding", "expression": ""}
    return told | {"human": f"a required value set that is not here ({name})"}


class Overlays:
    """Profiles of one package as overlays. `untold`: invariants without a fragment, by profile, as they were stated."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.untold: dict[str, list[Json]] = {}
        self.definitions: Json = {}
        self._id = self._name = ""
        self._base = {
            c["key"]
            for s in package.structures.values()
            if s.get("derivation") != "constraint"
            for e in s["snapshot"]["element"]
            for c in e.get("constraint", ())
        }

    def ref(self, url: str) -> Json:
        """The definition of a profile of this package or of one under it, written when it is first met."""
        structure = self.package.structures[url]
        name = f"{structure['id']}@{structure['version']}"
        if name not in self.definitions:
            self.definitions[name] = {}
            before = self._id, self._name
            self._id, self._name = structure["id"], name
            root = grow(structure["snapshot"]["element"])
            if structure["type"] == "Extension":
                root.below.pop("url", None)  # it is by its url that it was found
            body = self._object(root)
            self.definitions[name] = {"$comment": structure["id"], **body}
            self._id, self._name = before
        return {"$ref": f"#/definitions/{name}"}

    def _object(self, node: Node) -> Json:
        """Conditions on one object: of each element below it, then its own invariants."""
        parts: list[Json] = []
        inner, told = node.below.get("extension"), node.below.get("value[x]")
        least = (inner.element["min"], told.element["min"]) if inner and told else (0, 0)
        for name, child in node.below.items():
            if child.element["max"] == "0" and any(least) and child in {"e": inner, "v": told}.values():
                continue  # an extension has a value or extensions, never both
            parts += self._choice(name, child) if name.endswith("[x]") else self._child(name, child)
        return self._merged([*parts, *self._invariants(node.element)])

    def _merged(self, parts: list[Json]) -> Json:
        """`required` and `properties` of all in one place, the rest beside."""
        required = sorted({name for part in parts if list(part) == ["required"] for name in part["required"]})
        properties: dict[str, list[Json]] = {}
        rest: list[Json] = []
        for part in parts:
            if list(part) == ["properties"]:
                for name, schema in part["properties"].items():
                    properties.setdefault(name, []).append(schema)
            elif part and list(part) != ["required"]:
                rest.append(part)
        made: Json = {"required": required} if required else {}
        if properties:
            made["properties"] = {
                name: False if False in schemas else together(schemas) for name, schemas in properties.items()
            }
        rest = [part for part in rest if not implied(part, made)]
        return {**made, "allOf": rest} if rest else made

    def _child(self, name: str, node: Node) -> Iterator[Json]:
        kinds = [kind["code"] for kind in node.element.get("type", ())]
        kind = kinds[0] if kinds else ""
        if name in {"extension", "modifierExtension"}:
            yield from self._extensions(name, node)
            return
        yield from self._counted(name, node, primitive=kind in PRIMITIVES)
        if node.element["max"] == "0":
            return
        each = self._value(node, kind)
        many = node.element["base"]["max"] != "1"
        if each:
            yield {"properties": {name: {"items": each} if many else each}}
        if kind in PRIMITIVES and node.below:
            beside = self._object(node)
            if beside:
                yield {"properties": {f"_{name}": {"items": beside} if many else beside}}
        yield from self._sliced(name, node, kind)

    def _counted(self, name: str, node: Node, *, primitive: bool) -> Iterator[Json]:
        """How many, where it is more or fewer than the base type says."""
        least, most, base = node.element["min"], node.element["max"], node.element["base"]
        if most == "0":
            gone = {"title": f"{self._id} has no {name} here"}
            yield {"properties": {key: {"not": {}, **gone} for key in ((name, f"_{name}") if primitive else (name,))}}
            return
        if least and not base["min"]:
            yield {"title": f"{self._id} wants {name}", **has(name)} if primitive else {"required": [name]}
        if least > max(1, base["min"], sum(part.element["min"] for part in node.slices.values())):
            yield {"properties": {name: {"minItems": least}}}
        if base["max"] != "1" and most not in {MANY, base["max"]}:
            yield {"properties": {name: {"maxItems": int(most)}}}

    def _value(self, node: Node, kind: str, *, known: Node | None = None) -> Json:
        """Conditions on one value of this element. `known`: the part of it that chose its slice, said already."""
        element = node.element
        parts: list[Json] = []
        if node is not known:
            parts += self._fixed(element)
            if element.get("binding", {}).get("strength") == "required" and not self._same_binding(element):
                told = coded(self.package.terms, kind, element["binding"])
                parts.append(told or {})
                if not told and unlisted(element) not in self.untold.setdefault(self._name, []):
                    self.untold[self._name].append(unlisted(element))
        parts += self._typed(element, kind)
        if kind in PRIMITIVES:
            parts += self._invariants(element, kind)
        else:
            parts.append(self._object(Node(element, {n: c for n, c in node.below.items() if c is not known})))
        return together(parts)

    @staticmethod
    def _fixed(element: Json) -> Iterator[Json]:
        for key, value in element.items():
            if key.startswith("fixed"):
                yield {"title": f"must be the value that {element['path']} has in this profile", "const": value}
            elif key.startswith("pattern"):
                yield {"title": "must hold the codes or values that this profile wants", **like(value)}

    def _same_binding(self, element: Json) -> bool:
        """The base type asks for these codes already."""
        return (
            self._base_element(element).get("binding", {}).get("valueSet", "").partition("|")[0]
            == element["binding"]["valueSet"].partition("|")[0]
            and self._base_element(element)["binding"]["strength"] == "required"
        )

    def _base_element(self, element: Json) -> Json:
        path = element["base"]["path"]
        owner = self.package.structures.get(f"http://hl7.org/fhir/StructureDefinition/{path.split('.')[0]}", {})
        return next((e for e in owner.get("snapshot", {}).get("element", ()) if e["path"] == path), {})

    def _typed(self, element: Json, kind: str) -> Iterator[Json]:
        """Fewer targets of a reference than the base type allows; a profile of the data type."""
        for stated in element.get("type", ()):
            if stated["code"] != kind:
                continue
            if kind == "Reference" and (targets := self._targets(stated)):
                before = {t for s in self._base_element(element).get("type", ()) for t in self._targets(s)}
                if set(targets) != before:
                    says = {"title": f"must refer to {' or '.join(targets)}, as Type/id", "$comment": "fhir-reference"}
                    pointed = says | {"pattern": reference_pattern(targets), "targets": targets}
                    yield {"properties": {"reference": pointed, "type": says | {"enum": targets}}}
            for profile in stated.get("profile", ()) if kind not in {"Reference", "Extension"} else ():
                if profile in self.package.structures and profile not in self._base_profiles(element):
                    yield self.ref(profile)

    def _base_profiles(self, element: Json) -> set[str]:
        return {p for s in self._base_element(element).get("type", ()) for p in s.get("profile", ())}

    def _targets(self, stated: Json) -> list[str]:
        profiles = stated.get("targetProfile", ())
        known = [self.package.structures.get(profile, {}).get("type", "") for profile in profiles]
        return sorted(set(known)) if all(known) and "Resource" not in known else []

    def _invariants(self, element: Json, kind: str = "") -> Iterator[Json]:
        for stated in element.get("constraint", ()):
            if stated["key"] in self._base | SAID or stated["severity"] != "error":
                continue
            if ONE_KIND.get(stated["key"], kind) != kind:
                continue
            fragment = BY_KEY.get(stated["key"]) or BY_KEY.get(f"{element['path']} {stated['key']}")
            if fragment:
                yield rule(stated["key"], stated["human"], fragment)
            else:
                told = {"path": element["path"], "id": element["id"], "key": stated["key"], "human": stated["human"]}
                kept = self.untold.setdefault(self._name, [])
                if told | {"expression": stated["expression"]} not in kept:
                    kept.append(told | {"expression": stated["expression"]})

    # choices ---------------------------------------------------------------

    def _choice(self, name: str, node: Node) -> Iterator[Json]:
        """`value[x]`: which types are left, and what is asked of each. That there is one only, the base type says."""
        stem, element = name.removesuffix("[x]"), node.element
        left = [t["code"] for t in element.get("type", ())] if element["max"] != "0" else []
        names = {code: stem + code[:1].upper() + code[1:] for code in left}
        gone = [t["code"] for t in self._base_element(element).get("type", ()) if t["code"] not in left]
        one = [option for code, key in names.items() for option in has(key, siblings=code in PRIMITIVES)["anyOf"]]
        if element["min"] and (not element["base"]["min"] or gone):
            yield {"title": f"{self._id} wants {' or '.join(names.values())}", "anyOf": one}
        elif gone:
            other = "|".join(code[:1].upper() + code[1:] for code in gone)
            shown = f"allows here only {' or '.join(names.values())}" if names else f"has no {name} here"
            none = {"not": {"pattern": f"^_?{stem}({other})$"}}
            yield {"title": f"{self._id} {shown}", "propertyNames": none}
        for code, key in names.items():
            if asked := self._value(node, code):
                yield {"properties": {key: asked}}
        for part in node.slices.values():
            code = part.element["type"][0]["code"]
            if part.element["min"] and not element["min"]:
                yield {"title": f"{self._id} wants {names[code]}", **has(names[code], siblings=code in PRIMITIVES)}
            if asked := self._value(part, code):
                yield {"properties": {names[code]: asked}}

    # slices ----------------------------------------------------------------

    def _extensions(self, name: str, node: Node) -> Iterator[Json]:
        """Extensions by url: how many, and each as its own profile says."""
        if node.element["max"] == "0":
            yield {"properties": {name: {"title": f"{self._id} has no extensions here", "not": {}}}}
            return
        listed: list[Json] = []
        urls: list[str] = []
        for part in node.slices.values():
            profile = next(iter(part.element.get("type", [{}])[0].get("profile", ())), "")
            url = self._url(part, profile)
            if not url:
                continue
            match = {"properties": {"url": {"const": url}}}
            urls.append(url)
            if part.element["min"]:
                yield {"required": [name]}
            listed += self._many(match, part, node)
            known = profile in self.package.structures
            asked = self.ref(profile) if known else self._value(part, "Extension", known=part.below.get("url"))
            if asked:
                listed.append({"items": {"if": match, "then": asked}})
        if urls and node.element["path"] == "Extension.extension":
            says = {"title": f"{self._id} has no such extension inside it"}
            listed.append({"items": {"properties": {"url": says | {"anyOf": [{"enum": urls}, {"pattern": "[:/]"}]}}}})
        for one in listed:
            yield {"properties": {name: one}}

    def _url(self, part: Node, profile: str) -> str:
        if profile in self.package.structures:
            return profile
        told = part.below.get("url")
        return told.element.get("fixedUri", "") if told else profile

    def _many(self, match: Json, part: Node, whole: Node) -> Iterator[Json]:
        least, most, name = part.element["min"], part.element["max"], part.element["sliceName"]
        bound = most not in {MANY, whole.element["max"]}
        if not least and not bound:
            return
        count = {"minContains": least} if least != 1 else {}
        shown = f"at least {least}" if not bound else most if str(least) == most else f"{least} to {most}"
        yield {"title": f"{self._id} wants {shown} of {name} here", "contains": match,
               **count, **({"maxContains": int(most)} if bound else {})}  # fmt: skip

    def _sliced(self, name: str, node: Node, kind: str) -> Iterator[Json]:
        slicing, said = node.element.get("slicing", {}), self._value(node, kind)
        matches: list[Json] = []
        for part in node.slices.values():
            match, known = self._match(part, slicing.get("discriminator", ()), kind)
            matches.append(match)
            if not match:
                continue
            if part.element["min"] and not node.element["min"]:
                yield {"required": [name]}
            for counted in self._many(match, part, node):
                yield {"properties": {name: counted}}
            asked = without(without(self._value(part, kind, known=known), match), said)
            if asked:
                yield {"properties": {name: {"items": {"if": _guard(match, asked), "then": asked}}}}
        if slicing.get("rules") == "closed" and matches and all(matches):
            says = {"title": f"{self._id} allows only the kinds that it names here"}
            yield {"properties": {name: {"items": says | {"anyOf": matches}}}}

    def _match(self, part: Node, discriminators: Any, kind: str) -> tuple[Json, Node | None]:
        """What tells an item of this slice; nothing where that cannot be seen in the item itself."""
        found: list[Json] = []
        known: Node | None = None
        for how in discriminators:
            if how["type"] not in {"value", "pattern"} or "(" in how["path"]:
                return {}, None
            steps = [] if how["path"] == "$this" else how["path"].split(".")
            target = part
            for step in steps:
                target = target.below.get(step, Node({"id": "", "base": {}}))
            told = self._tells(target, steps[-1] if steps else kind)
            if not told:
                return self._told_by_pattern(part, steps), None
            known = target
            found.append(_at(part, steps, told))
        return together(found), known if len(found) == 1 else None

    def _tells(self, target: Node, kind: str) -> Json:
        element = target.element
        stated = [{k: v for k, v in told.items() if k != "title"} for told in self._fixed(element)]
        if not stated and element.get("binding", {}).get("strength") == "required":
            kind = element.get("type", [{"code": kind}])[0]["code"]
            told = coded(self.package.terms, kind, element["binding"]) or {}
            stated = [{k: v for k, v in told.items() if k not in {"title", "$comment"}}]
        inner = [_at(Node({}), [n], t) for n, c in target.below.items() if (t := self._tells(c, "")) and _one(c)]
        return together([*stated, *(inner if not stated else [])])

    def _told_by_pattern(self, part: Node, steps: list[str]) -> Json:
        """The value that tells stands in a pattern further up: `coding.code` in the slice's patternCodeableConcept."""
        for told in self._fixed(part.element):
            if all(step in str(told) for step in steps):
                return {k: v for k, v in told.items() if k != "title"}
        return {}


def _guard(match: Json, asked: Json) -> Json:
    """What tells an item of a slice. Of what lacks the mark, nothing is asked anyway where all is asked of the mark."""
    marks = list(asked["properties"]) if list(asked) == ["properties"] else []
    wanted = [name for name in match.get("required", ()) if marks != [name]]
    rest = {word: told for word, told in match.items() if word != "required"}
    return {**rest, "required": wanted} if wanted else rest


def _one(node: Node) -> bool:
    return node.element.get("base", {}).get("max") == "1"


def _at(part: Node, steps: list[str], told: Json) -> Json:
    """The condition, at this path below an item."""
    path = []
    node = part
    for step in steps:
        node = node.below.get(step, Node({"base": {"max": "1"}}))
        path.append((step, node.element.get("base", {})))
    for step, base in reversed(path):
        needed = {} if base.get("min") else {"required": [step]}  # else the base type asks for it
        told = {**needed, "properties": {step: {"contains": told} if base.get("max", "1") != "1" else told}}
    return told
