"""One schema for a quick yes: all that is said of a place in one pass, and stricter where exactness costs every object.

What it takes, the careful schemas take; what it refuses, they look at again. So an element with an id of its own,
a `_x` without an extension, a Reference with a type, or a value of which only the reason is told is no quick yes.
Conditions (`if`, `not`, `oneOf`, `contains`) stay as they were written: stricter there would be laxer elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
_WORDS = {"title", "$comment", "invariant", "targets"}  # say something, ask nothing
_LEAST = ("minItems", "minProperties")
_ALWAYS = {"system", "value", "code"}  # a slice asks for these under a condition; here every element has them
_WORD: Json = {"type": "string", "minLength": 1, "pattern": r"^\S*$"}
_DAY: Json = {"type": "string", "format": "date", "not": {"pattern": "^0000"}}  # RFC 3339 knows a year 0
_MOMENT: Json = {**_DAY, "format": "date-time", "maxLength": 20, "allOf": [{"not": {"pattern": "[tz]"}}]}  # UTC
_PARAGRAPHS = r'^<div xmlns="http://www\.w3\.org/1999/xhtml">(<p>[^<&\s][^<&]*</p>)+</div>$'
_URIS = {"uri", "url", "canonical", "absolute"}
# Looked at before the pattern: each regular expression, seldom run, costs a microsecond of cold tables; what the engine
# knows by itself (a beginning, no blanks, formats) and what all share costs a tenth.
_CHEAP: Mapping[str, Sequence[Json]] = {
    "id": [{"type": "string", "format": "uuid"}],
    "date": [_DAY],
    "dateTime": [_DAY, _MOMENT],
    "instant": [_MOMENT],
    "code": [_WORD],
    "xhtml": [{"type": "string", "pattern": _PARAGRAPHS}],
    **dict.fromkeys(_URIS, [{**_WORD, "allOf": [{"pattern": "^https://"}]}]),
}
_TARGET = {"type": "string", "maxLength": 64, "pattern": "^[A-Za-z]+/[A-Za-z0-9.-]+$"}


def quick(careful: Json, ours: Mapping[str, Sequence[str]], urls: Iterable[str]) -> Json:
    """One schema of all types: by `resourceType`, the type and our profile of it. `ours`: definitions by type."""
    made = Quick(careful, {*urls, *_uris(careful)}, ours)
    tree: Any = False
    for kind, names in sorted(ours.items()):
        then = made.merged(*({"$ref": f"#/definitions/{name}"} for name in names))
        tree = {"if": {"properties": {"resourceType": {"const": kind}}}, "then": then, "else": tree}
    return {**tree, "definitions": made.definitions}


def _uris(node: Any) -> Iterator[str]:
    """Constants that look like URIs: code systems, extensions, identifier systems."""
    for name, told in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name == "const" and isinstance(told, str) and ":" in told:
            yield told
        else:
            yield from _uris(told)


class Quick:
    """`definitions`: the quick ones, as far as they were asked for. `known`: URIs, and `kinds`: types that references
    point at, which need no second look."""

    def __init__(self, careful: Mapping[str, Any], known: Iterable[str], kinds: Iterable[str]) -> None:
        self.careful, self.known, self.kinds = careful, sorted(known), set(kinds)
        self.definitions: Json = {}

    def merged(self, *parts: Any) -> Any:
        """One schema for what all these say of the same place."""
        if all(isinstance(part, dict) and part.keys() - _WORDS == {"$ref"} for part in parts):
            names = {_name(part) for part in parts}
            if len(names) == 1 or names < _URIS:
                return self._named(*sorted(names))
        if any(isinstance(part, dict) and "targets" in part for part in parts):
            return self._target([set(part["targets"]) for part in parts if "targets" in part])
        place = _Place(self)
        for part in self._flat(parts):
            if part is False:
                return False
            place.add({k: v for k, v in part.items() if k not in _WORDS})
        return place.schema()

    def _named(self, *names: str) -> Json:
        name = ",".join(names)
        if name not in self.definitions:
            self.definitions[name] = {}  # it may name itself
            made = self.merged(*(self.careful[one] for one in names))
            if name == "Element":
                made = {**made, "required": ["extension"]}
            if cheap := _CHEAP.get(names[0]):
                known = [{"enum": self.known}] if names[0] in _URIS else []
                made = {"anyOf": [*known, *cheap, made]}
            self.definitions[name] = made
        return {"$ref": f"#/definitions/{name}"}

    def _target(self, allowed: Sequence[set[str]]) -> Json:
        """A reference to one of our types, as Type/id."""
        kinds = set.intersection(*allowed)
        begins = [{"pattern": f"^{kind}/"} for kind in sorted(kinds & self.kinds or kinds)]
        return {**_TARGET, "anyOf": begins}

    def _flat(self, parts: Iterable[Any]) -> Iterator[Any]:
        """Without `allOf` and `$ref`: each part says all that it says by itself."""
        for part in parts:
            if part is False:
                yield False
            elif isinstance(part, dict):
                own = {k: v for k, v in part.items() if k not in {"$ref", "allOf"}}
                yield from self._flat([self.careful[_name(part)]] if "$ref" in part else ())
                yield from self._flat(part.get("allOf", ()))
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
        self.depends: Json = {}
        self.chains: dict[str, dict[str, list[Any]]] = {}  # property → its value → what holds then
        self.contains: dict[str, Json] = {}
        self.rest: list[Json] = []

    def add(self, part: Json) -> None:
        if "few" in part:  # and of more there is no quick yes
            self.made["maxProperties"] = part["few"]
            return
        own = part.pop("properties", {})
        for name, told in own.items():
            self.properties.setdefault(name, []).append(told)
        if part.pop("additionalProperties", True) is False:
            self.closed.append(set(own))
        if "items" in part:
            self.items.append(part.pop("items"))
        self.required.update(part.pop("required", ()))
        for word in _LEAST:
            if word in part:
                self.made[word] = max(part.pop(word), self.made.get(word, 0))
        if part.get("type") is not None and self.made.setdefault("type", part["type"]) == part["type"]:
            del part["type"]
        self._depend(part.pop("dependencies", {}))
        if _or_why(part.get("anyOf")):
            self.required.add(part.pop("anyOf")[0]["required"][0])
        if not self._condition(part) and not self._slice(part) and part:
            self.rest.append(part)

    def _depend(self, told: Json) -> None:
        for name, then in told.items():
            if "few" in then:
                self.add(then)
            elif name in {"id", "type"}:
                self.properties.setdefault(name, []).append(False)
            elif not name.startswith("_") or "aligned" in then:  # any other `_x`: our Element wants an extension
                before = self.depends.get(name)
                self.depends[name] = {"allOf": [before, then]} if before else then

    def _condition(self, part: Json) -> bool:
        """Taken where it asks for what is always there, or is one of a chain: the value of one property decides."""
        if part.keys() != {"if", "then"}:
            return False
        then = self.quick.merged(part["then"])
        if isinstance(then, dict) and then.keys() == {"required"} and _ALWAYS.issuperset(then["required"]):
            self.required.update(then["required"])
        elif name := _decides(part["if"]):
            self.required.add(name)
            self.chains.setdefault(name, {}).setdefault(part["if"]["properties"][name]["const"], []).append(then)
        else:
            self.rest.append({"if": part["if"], "then": then})
        return True

    def _slice(self, part: Json) -> bool:
        """How many of a slice there may be: at least and at most in one count."""
        if "contains" not in part or part.keys() - {"contains", "minContains", "maxContains"}:
            return False
        told = self.contains.setdefault(repr(part["contains"]), {"contains": part["contains"], "minContains": 0})
        told["minContains"] = max(told["minContains"], part.get("minContains", 1))
        if "maxContains" in part:
            told["maxContains"] = min(part["maxContains"], told.get("maxContains", part["maxContains"]))
        return True

    def schema(self) -> Json:
        made = self.made
        if self.properties:
            made["properties"] = {name: self._property(name, told) for name, told in self.properties.items()}
        if self.closed:
            made["additionalProperties"] = False
        if self.items:
            made["items"] = self.quick.merged(*self.items)
        if self.required:
            made["required"] = sorted(self.required)
        if self.depends:
            made["dependencies"] = self.depends
        for part in (*self.rest, *self.contains.values(), *map(_chain, self.chains, self.chains.values())):
            if made.keys().isdisjoint(part):
                made |= part
            else:
                made["allOf"] = [*made.get("allOf", ()), part]
        return made

    def _property(self, name: str, told: list[Any]) -> Any:
        if any(name not in known for known in self.closed):
            return False
        return self.quick.merged(*told)


def _name(part: Json) -> str:
    return str(part["$ref"]).rpartition("/")[2]


def _or_why(told: Any) -> bool:
    """`x`, or the reason in `_x` why there is none."""
    if not isinstance(told, list) or len(told) != 2 or any(t.keys() != {"required"} for t in told):
        return False
    (first, why) = (t["required"] for t in told)
    return len(first) == len(why) == 1 and why[0] == f"_{first[0]}"


def _decides(test: Any) -> str:
    """The one property that the condition compares with a constant; "" where it asks for more."""
    if test.keys() <= {"properties", "required"} and len(test.get("properties", ())) == 1:
        ((name, told),) = test["properties"].items()
        if told.keys() == {"const"} and isinstance(told["const"], str) and test.get("required", [name]) == [name]:
            return str(name)
    return ""


def _chain(name: str, cases: Mapping[str, Sequence[Any]]) -> Json:
    tree: Any = True
    for word, then in reversed(list(cases.items())):
        test = {"properties": {name: {"const": word}}}
        tree = {"if": test, "then": then[0] if len(then) == 1 else {"allOf": list(then)}, "else": tree}
    return dict(tree)
