"""One schema for a quick yes: all that is said of a place in one pass, and stricter where exactness costs every object.

What it takes, the careful schemas take; what it refuses, they look at again. So an element with an id of its own,
a `_x` without an extension, a Reference with a type, a value of which only the reason is told, or an identifier before
our own is no quick yes.
Conditions (`if`, `not`, `oneOf`, `contains`) stay as they were written: stricter there would be laxer elsewhere.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from primitives import ABSOLUTE

Json = dict[str, Any]
_WORDS = {"title", "$comment", "invariant", "targets"}  # say something, ask nothing
_LEAST = ("minItems", "minProperties")
_ALWAYS = {"system", "value", "code"}  # a slice asks for these under a condition; here every element has them
_WORD: Json = {"type": "string", "minLength": 1, "pattern": r"^\S*$"}
_DAY: Json = {"type": "string", "format": "date", "not": {"pattern": "^0000"}}  # RFC 3339 knows a year 0
_MOMENT: Json = {**_DAY, "format": "date-time", "maxLength": 20, "allOf": [{"not": {"pattern": "[tz]"}}]}  # UTC
_PARAGRAPHS = r'^<div xmlns="http://www\.w3\.org/1999/xhtml">(<p>[^<&\s][^<&]*</p>)+</div>$'
_URIS = {"uri", "url", "canonical", "absolute"}
_WEB: Json = {**_WORD, "anyOf": [{"pattern": "^https://"}, {"pattern": "^http://"}]}
# Looked at before the pattern, which reads every letter through tables of its own: a beginning, no blanks and formats
# the engine knows by itself.
_CHEAP: Mapping[str, Sequence[Json]] = {
    "id": [{"type": "string", "format": "uuid"}],
    "date": [_DAY],
    "dateTime": [_DAY, _MOMENT],
    "instant": [_MOMENT],
    "code": [_WORD],
    "xhtml": [{"type": "string", "pattern": _PARAGRAPHS}],
    **{name: [_WEB] for name in _URIS},
}
_GATEWAY: Json = {
    "properties": {"system": {"const": "https://w3id.org/nowrongdoor/id/gateway"}},
    "required": ["system"],
}
_IDENTIFIER = "#/definitions/Identifier"
_PLAIN = {"properties": {"contained": False}}
_TARGET: Json = {"type": "string", "maxLength": 64, "pattern": "^[A-Za-z]+/[A-Za-z0-9.-]+$"}
_FEW = 4  # beginnings that cost less than a pattern of their own


def quick(careful: Json, ours: Mapping[str, Sequence[str]], urls: Iterable[str]) -> Json:
    """One schema of all types, for {type: resources, type.meta: their metas}: the type and our profile of it.

    Resources share their meta: one object for hundreds of them is looked at once. `ours`: definitions by type.
    """
    made = Quick(careful, {*urls, *constants(careful, "const")}, ours)
    kinds = {kind: made.merged(_PLAIN, *({"$ref": f"#/definitions/{name}"} for name in names))
             for kind, names in ours.items()}  # fmt: skip
    metas = {f"{kind}.meta": told["properties"]["meta"] for kind, told in kinds.items()}
    for told in kinds.values():
        told["properties"]["meta"] = True
    lists = {name: {"type": "array", "items": told} for name, told in (kinds | metas).items()}
    return {"type": "object", "properties": lists, "additionalProperties": False, "definitions": made.definitions}


def constants(node: Any, *names: str) -> Iterator[str]:
    """Texts under these names that look like URIs: code systems, extensions, identifier systems."""
    for name, told in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name in names and isinstance(told, str) and ":" in told:
            yield told
        else:
            yield from constants(told, *names)


class Quick:
    """`definitions`: the quick ones, as far as they were asked for.

    `known`: URIs, and `kinds`: types that references point at, which need no second look.
    """

    def __init__(self, careful: Mapping[str, Any], known: Iterable[str], kinds: Iterable[str]) -> None:
        self.careful = {**careful, "absolute": {"pattern": ABSOLUTE}}
        self.known, self.kinds = sorted(known), set(kinds)
        self.definitions: Json = {}

    def merged(self, *parts: Any) -> Any:
        """One schema for what all these say of the same place."""
        parts = tuple(_opened(parts))
        names = set(filter(None, map(_alone, parts)))
        if len(parts) == 1 and names:
            return self._named(*names)
        if names and names <= _URIS:
            return self._uri(names, [part for part in parts if not _alone(part)])
        if any(isinstance(part, dict) and "targets" in part for part in parts):
            return self._target([set(part["targets"]) for part in parts if "targets" in part])
        return self._together(parts)

    def _together(self, parts: Sequence[Any]) -> Any:
        flat = list(self._flat(parts))
        if False in flat:
            return False
        if name := next(filter(None, map(_decided, flat)), ""):
            return self._cases(name, flat)
        place = _Place(self)
        for part in flat:
            place.add(part)
        return place.schema()

    def _cases(self, name: str, flat: Sequence[Json]) -> Any:
        """For each value of the one property that decides, all that holds then; without asking, where it is known."""
        plain: list[Json] = [{"required": [name]}]
        cases: dict[str, list[Any]] = {}
        for part in flat:
            if _decided(part) == name:
                cases.setdefault(part["if"]["properties"][name]["const"], []).append(part["then"])
            else:
                plain.append(part)
        for part in plain:
            if "const" in (known := part.get("properties", {}).get(name) or {}):
                return self.merged(*plain, *cases.get(known["const"], ()))
        tree = self.merged(*plain)
        for word, then in reversed(cases.items()):
            test = {"properties": {name: {"const": word}}}
            tree = {"if": test, "then": self.merged(*plain, test, *then), "else": tree}
        return tree

    def _named(self, *names: str) -> Json:
        name = ",".join(names)
        if name not in self.definitions:
            self.definitions[name] = {}  # it may name itself
            made = self._together([self.careful[one] for one in names])
            if name == "Element":
                made = {**made, "required": ["extension"]}
            if cheap := _CHEAP.get(names[0]):
                known = [{"enum": self.known}] if names[0] in _URIS else []
                made = {"anyOf": [*known, *cheap, made]}
            self.definitions[name] = made
        return {"$ref": f"#/definitions/{name}"}

    def _uri(self, names: set[str], more: Sequence[Any]) -> Any:
        made = self.merged(*more) if more else {}
        right = made is False or ("const" in made and ("absolute" not in names or made["const"] in self.known))
        return made if right else {**made, **self._named(*sorted(names))}

    def _target(self, allowed: Sequence[set[str]]) -> Json:
        """A reference to one of our types, as Type/id."""
        kinds = set.intersection(*allowed)
        kinds = kinds & self.kinds or kinds
        if len(kinds) > _FEW:
            return {**_TARGET, "pattern": _TARGET["pattern"].replace("[A-Za-z]+", f"({'|'.join(sorted(kinds))})")}
        return {**_TARGET, "anyOf": [{"pattern": f"^{kind}/"} for kind in sorted(kinds)]}

    def _flat(self, parts: Iterable[Any]) -> Iterator[Any]:
        """Without `allOf` and `$ref`: each part says all that it says by itself."""
        for part in parts:
            if part is False:
                yield False
            elif isinstance(part, dict):
                own = {k: v for k, v in part.items() if k not in {"$ref", "allOf", *_WORDS}}
                yield from self._flat([self.careful[_name(part)]] if "$ref" in part else ())
                yield from self._flat(part.get("allOf", ()))
                if own.keys() == {"if", "then"}:
                    then = self.merged(own["then"])
                    if isinstance(then, dict) and then.keys() == {"required"} and _ALWAYS.issuperset(then["required"]):
                        own = then
                if own:
                    yield own


class _Place:
    """What was said of one place, by keyword."""

    def __init__(self, quick: Quick) -> None:
        self.quick = quick
        self.made: Json = {}
        self.properties: dict[str, list[Any]] = {}
        self.closed: list[set[str]] = []  # the elements that each part without others knows
        self.items: list[Any] = []
        self.required: set[str] = set()
        self.barred: list[str] = []  # patterns of names that may not be
        self.depends: Json = {}
        self.contains: dict[str, Json] = {}
        self.rest: list[Json] = []

    def add(self, part: Json) -> None:
        if "few" in part:  # and of more there is no quick yes
            self.made["maxProperties"] = part["few"]
            return
        part = dict(part)
        self._object(part)
        if "items" in part:
            self.items.append(part.pop("items"))
        for word in _LEAST:
            if word in part:
                self.made[word] = max(part.pop(word), self.made.get(word, 0))
        if part.get("type") is not None and self.made.setdefault("type", part["type"]) == part["type"]:
            del part["type"]
        if part.keys() == {"if", "then"}:
            part["then"] = self.quick.merged(part["then"])
        if not self._slice(part) and part:
            self.rest.append(part)

    def _object(self, part: Json) -> None:
        """What is said of its names."""
        own = part.pop("properties", {})
        for name, told in own.items():
            self.properties.setdefault(name, []).append(told)
        if part.pop("additionalProperties", True) is False:
            self.closed.append(set(own))
        self.required.update(part.pop("required", ()))
        if _or_why(part.get("anyOf")):
            self.required.add(part.pop("anyOf")[0]["required"][0])
        if list(part.get("propertyNames", {}).get("not", ())) == ["pattern"]:
            self.barred.append(part.pop("propertyNames")["not"]["pattern"])
        self._depend(part.pop("dependencies", {}))

    def _depend(self, told: Json) -> None:
        for name, then in told.items():
            if "few" in then:
                self.add(then)
            elif name in {"id", "type"}:
                self.properties.setdefault(name, []).append(False)
            elif not name.startswith("_") or "aligned" in then:  # any other `_x`: our Element wants an extension
                before = self.depends.get(name)
                self.depends[name] = {"allOf": [before, then]} if before else then

    def _slice(self, part: Json) -> bool:
        """How many of a slice there may be: at least and at most in one count."""
        if "contains" not in part or part.keys() - {"contains", "minContains", "maxContains"}:
            return False
        told = self.contains.setdefault(_same(part["contains"]), {"contains": part["contains"], "minContains": 0})
        told["minContains"] = max(told["minContains"], part.get("minContains", 1))
        if "maxContains" in part:
            told["maxContains"] = min(part["maxContains"], told.get("maxContains", part["maxContains"]))
        return True

    def schema(self) -> Json:
        made = self.made
        if self.barred and not self.closed:
            self.rest += [{"propertyNames": {"not": {"pattern": barred}}} for barred in self.barred]
        if self.properties:
            known = {name: self._property(name, told) for name, told in self.properties.items()}
            made["properties"] = {n: told for n, told in known.items() if told is not False or not self.closed}
        if self.closed:
            made["additionalProperties"] = False
        if self.items:
            self._lead()
            made["items"] = self.quick.merged(*self.items)
        if self.required:
            made["required"] = sorted(self.required)
        if self.depends:
            made["dependencies"] = self.depends
        for part in (*self.rest, *self._counts()):
            if made.keys().isdisjoint(part):
                made |= part
            else:
                made["allOf"] = [*made.get("allOf", ()), part]
        return made

    def _lead(self) -> None:
        """Our own identifier, of which each has one, comes first: no other need be looked at to find it."""
        told = self.contains.get(_same(_GATEWAY), {})
        if told.get("minContains") == 1 == told.get("maxContains") and {"$ref": _IDENTIFIER} in self.items:
            del self.contains[_same(_GATEWAY)]
            first = self.quick.merged(*self.items, _GATEWAY, {"properties": {"type": False}})
            self.made |= {"prefixItems": [first], "minItems": 1}
            self.items.append({"properties": {"system": {"not": _GATEWAY["properties"]["system"]}}})

    def _counts(self) -> Iterator[Json]:
        """At least one is always counted; at most so many, where there are more than that beside our own."""
        yield from (told for told in self.contains.values() if told["minContains"])
        if most := [told for told in self.contains.values() if not told["minContains"]]:
            other = all({"type", "system"} & set(told["contains"].get("required", ())) for told in most)
            enough = min(told["maxContains"] for told in most) + ("prefixItems" in self.made and other)
            yield {"if": {"minItems": enough + 1}, "then": {"allOf": most}}

    def _property(self, name: str, told: list[Any]) -> Any:
        if any(name not in known for known in self.closed) or any(re.search(barred, name) for barred in self.barred):
            return False
        return self.quick.merged(*told)


def _same(part: Json) -> str:
    """One text for what says the same, in whatever order."""
    return json.dumps(part, sort_keys=True)


def _name(part: Json) -> str:
    return str(part["$ref"]).rpartition("/")[2]


def _opened(parts: Iterable[Any]) -> Iterator[Any]:
    """Without an `allOf` that is all that a part says."""
    for part in parts:
        if isinstance(part, dict) and part.keys() - _WORDS == {"allOf"}:
            yield from _opened(part["allOf"])
        else:
            yield part


def _alone(part: Any) -> str:
    """The definition that is all that the part asks."""
    told = {word: asked for word, asked in part.items() if word not in _WORDS} if isinstance(part, dict) else {}
    return "absolute" if told == {"pattern": ABSOLUTE} else _name(told) if list(told) == ["$ref"] else ""


def _or_why(told: Any) -> bool:
    """`x`, or the reason in `_x` why there is none."""
    if not isinstance(told, list) or len(told) != 2 or any(t.keys() != {"required"} for t in told):
        return False
    (first, why) = (t["required"] for t in told)
    return len(first) == len(why) == 1 and why[0] == f"_{first[0]}"


def _decided(part: Json) -> str:
    return _decides(part["if"]) if part.keys() == {"if", "then"} else ""


def _decides(test: Any) -> str:
    """The one property that the condition compares with a constant; "" where it asks for more."""
    if test.keys() <= {"properties", "required"} and len(test.get("properties", ())) == 1:
        ((name, told),) = test["properties"].items()
        if told.keys() == {"const"} and isinstance(told["const"], str) and test.get("required", [name]) == [name]:
            return str(name)
    return ""
