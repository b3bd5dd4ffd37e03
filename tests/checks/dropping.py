"""Is each constraint of the shipped schemas there for a reason: does something change when it is taken away?

    python -m tests.checks.dropping R4_CORE US_CORE [NAME...]

R4_CORE: the wheel or folder of the R4 package; US_CORE: the package of 6.1.0. Each constraint of each definition that the
types we write can reach is dropped in turn. It is killed when a resource, made from a valid one by one change, is refused
because of it and of nothing else, and passes without it; or, where it guards others (in `if` and `not`, a branch of a
choice), is right, and refused without it. Survivors are printed with their place.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from jsonschema_rs import Draft202012Validator, RegexOptions

from checks.constraints import Constraint, Json, Steps, Trials, constraints, without
from nowrongdoor.checks.keywords import KEYWORDS

_MOST = 2500  # trials before a constraint counts as a survivor
_USES = 12  # values of one definition that are tried, and those that it takes to reach all of it
_LENT = {"id": "x1", "extension": [{"url": "https://w3id.org/nowrongdoor/test/extension", "valueString": "Synthetic"}]}


class Whole(NamedTuple):
    """A resource, the definitions that it is held to, and its size."""

    value: Json
    names: tuple[str, ...]
    size: int


class Use(NamedTuple):
    """A part of a resource that a definition speaks of, and the places in the definition that it reaches."""

    whole: Whole
    path: Steps
    value: Any
    reached: frozenset[Steps]


def compiled(schema: Json, definitions: Mapping[str, Json]) -> Draft202012Validator:
    return Draft202012Validator(
        {**schema, "definitions": definitions}, keywords=KEYWORDS, offline=True, pattern_options=RegexOptions()
    )


class Dropping:
    """`definitions`: all of them. `resources`: valid ones, with the names of the definitions that they are held to."""

    def __init__(self, definitions: Mapping[str, Json], resources: Sequence[tuple[Json, tuple[str, ...]]]) -> None:
        self.definitions = definitions
        self._alone: dict[int, tuple[Json, Draft202012Validator]] = {}
        self._validators: dict[tuple[str, ...], Draft202012Validator] = {}
        self.wholes = sorted(self._wholes(resources), key=lambda whole: whole.size)

    def survivors(self, name: str) -> Iterator[Constraint]:
        """Constraints of one definition without which no verdict is another."""
        schema, uses = self.definitions[name], self._uses[name]
        trials = Trials(schema, _Lender(self, uses))
        for one in constraints(schema):
            beside = self._beside(name, one)
            intact, dropped = compiled(schema, beside), compiled(without(schema, one), beside)
            tried = islice(self._tried(trials, one, uses), _MOST)
            if not quick(schema, one) and not any(
                intact.is_valid(made) != dropped.is_valid(made) and self._decides(name, one, use, made)
                for use, made in tried
            ):
                yield one

    def _tried(self, trials: Trials, one: Constraint, uses: Sequence[Use]) -> Iterator[tuple[Use, Any]]:
        """First with values that reach the very place."""
        place = (*one.at, one.word, one.entry)
        for use in sorted(uses, key=lambda use: (place not in use.reached, one.at not in use.reached)):
            yield from ((use, made) for made in trials.of(one, use.value))

    def _decides(self, name: str, one: Constraint, use: Use, made: Any) -> bool:
        """In the whole resource: nothing but the constraint refuses it, or all is well with it."""
        steps = (name, *one.at, one.word)
        steps = steps[: steps.index("if")] if "if" in steps else steps  # `then` speaks for it
        target = at(self.definitions[name], one.at)["$ref"] if one.word == "$ref" else ""
        for error in self._validator(use.whole.names).iter_errors(_put(use.whole.value, use.path, made)):
            told = [*error.schema_path][1:]
            if tuple(error.instance_path[: len(use.path)]) != use.path:
                return False
            if told[0] != target.rpartition("/")[2] and any(a != b for a, b in zip(told, steps, strict=False)):
                return False
        return True

    # schemas -----------------------------------------------------------------

    def _validator(self, names: tuple[str, ...]) -> Draft202012Validator:
        if names not in self._validators:
            every = {"allOf": [{"$ref": f"#/definitions/{name}"} for name in names]}
            self._validators[names] = compiled(every, self.definitions)
        return self._validators[names]

    def _beside(self, name: str, one: Constraint) -> dict[str, Json]:
        """Of what the definition refers to, enough to know a value of quite another kind; of the one at stake, all."""
        schema = self.definitions[name]
        beside = {ref: self._kind(ref) for ref in {name, *_refs(schema)}}
        if one.word == "$ref":
            ref = at(schema, one.at)["$ref"].rpartition("/")[2]
            beside[ref] = _cut(self.definitions[ref])
        return beside

    def _kind(self, name: str) -> Json:
        known = self.definitions[name]
        kind = {word: known[word] for word in ("type", "enum") if word in known}
        return kind or _cut(known)

    def holds(self, schema: Json, value: Any) -> bool:
        if id(schema) not in self._alone:
            self._alone[id(schema)] = schema, compiled(_cut(schema), {})  # kept, else its id could be another's
        return self._alone[id(schema)][1].is_valid(value)

    # where definitions are used ----------------------------------------------

    def _wholes(self, resources: Sequence[tuple[Json, tuple[str, ...]]]) -> Iterator[Whole]:
        for resource, names in resources:
            yield Whole(resource, names, len(json.dumps(resource)))
            must = {name for held in names for name in self.definitions[held].get("required", ())}
            for thin in thinner(resource, must):
                if self._validator(names).is_valid(thin):
                    yield Whole(thin, names, len(json.dumps(thin)))

    @cached_property
    def _uses(self) -> Mapping[str, Sequence[Use]]:
        found: dict[str, dict[Any, Use]] = defaultdict(dict)
        for whole in self.wholes:
            todo: list[tuple[str, Any, Steps]] = [(name, whole.value, ()) for name in whole.names]
            for name, value, path in todo:  # grows while it is read
                reached: set[Steps] = set()
                for ref, inner, below in self._inside(self.definitions[name], value, (), (), reached):
                    todo.append((ref, inner, (*path, *below)))
                use = Use(whole, path, value, frozenset(reached))
                found[name].setdefault((use.reached, path[-2:]), use)
        return defaultdict(list, {name: _few(list(uses.values())) for name, uses in found.items()})

    def _inside(self, schema: Any, value: Any, at: Steps, path: Steps, reached: set[Steps]) -> Iterator[tuple[str, Any, Steps]]:
        """The definitions that parts of the value are held to."""
        if not isinstance(schema, dict):
            return
        reached.add(at)
        for word, told in schema.items():
            if word == "$ref":
                yield told.rpartition("/")[2], value, path
            elif word in {"properties", "dependencies"} and isinstance(value, dict):
                for name in value.keys() & told.keys():
                    deeper = (value[name], (*at, word, name), (*path, name))
                    yield from self._inside(told[name], *(deeper if word == "properties" else (value, (*at, word, name), path)), reached)
            elif word in {"items", "contains"} and isinstance(value, list):
                for number, item in enumerate(value):
                    yield from self._inside(told, item, (*at, word), (*path, number), reached)
            elif word in {"allOf", "anyOf", "oneOf"}:
                for number, inner in enumerate(told):
                    if word == "allOf" or self.holds(inner, value):
                        yield from self._inside(inner, value, (*at, word, number), path, reached)
            elif word in {"if", "not", "propertyNames"} or (word == "then" and self.holds(schema["if"], value)):
                yield from self._inside(told, value, (*at, word), path, reached)

    @cached_property
    def anywhere(self) -> Mapping[str, list[Any]]:
        return _by_name(whole.value for whole in self.wholes)

    @cached_property
    def codes(self) -> Mapping[str, list[str]]:
        """Lists of codes that have each code."""
        found: dict[str, list[str]] = defaultdict(list)
        todo: list[Any] = [self.definitions]
        for node in todo:  # grows while it is read
            if isinstance(node, dict | list):
                todo += node.values() if isinstance(node, dict) else node
            if isinstance(node, dict) and isinstance(enum := node.get("enum"), list):
                for code in enum:
                    found[code] += enum if len(found[code]) < 40 else []
        return found


class _Lender:
    def __init__(self, dropping: Dropping, uses: Sequence[Use]) -> None:
        self._dropping = dropping
        self._own = _by_name(use.value for use in uses)
        self.holds = dropping.holds

    def donor(self, name: str) -> Sequence[Any]:
        return self._own.get(name) or self._dropping.anywhere.get(name) or ([_LENT] if name.startswith("_") else [])

    def others(self, code: str) -> Sequence[str]:
        return [other for other in self._dropping.codes.get(code, ()) if other != code][:10]

    def target(self, ref: str) -> Json:
        return self._dropping.definitions[ref.rpartition("/")[2]]


def quick(schema: Json, one: Constraint) -> bool:
    """A first branch that only answers the usual case at once: by design no verdict is another without it."""
    return one.word == "anyOf" and one.entry == 0 and at(schema, one.at)["anyOf"][0].keys() == {"maxProperties"}


def thinner(resource: Json, must: Set[str]) -> Iterator[Json]:
    """It with what it must have and one element more; of a list one item."""
    needed = {name: value for name, value in resource.items() if name.lstrip("_") in must}
    yield needed
    for name, value in resource.items():
        if name not in needed and not name.startswith("_"):
            beside = {f"_{name}": resource[f"_{name}"]} if f"_{name}" in resource else {}
            single = isinstance(value, list) and not beside
            yield from ({**needed, name: some, **beside} for some in ([[one] for one in value] if single else [value]))


def _few(uses: Sequence[Use]) -> list[Use]:
    """Small ones that together reach all that is reached, then some in other surroundings."""
    kept: list[Use] = []
    known: set[Steps] = set()
    around: set[Steps] = set()
    for use in uses:
        if not kept or not use.reached <= known:
            kept.append(use)
            known |= use.reached
    for use in uses:
        if len(kept) < _USES and use.path[-2:] not in around and use not in kept:
            kept.append(use)
            around.add(use.path[-2:])
    return kept


def _by_name(values: Iterator[Any]) -> dict[str, list[Any]]:
    """Up to three values that stand under each name, at any depth."""
    found: dict[str, list[Any]] = defaultdict(list)
    todo = list(values)
    for node in todo:  # grows while it is read
        if isinstance(node, dict):
            for name, value in node.items():
                if len(found[name]) < 3 and value not in found[name]:
                    found[name].append(value)
        todo += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return found


def _refs(schema: Any) -> Iterator[str]:
    todo = [schema]
    for node in todo:  # grows while it is read
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        todo += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def _cut(schema: Any) -> Any:
    """Without what it refers to."""
    if isinstance(schema, dict):
        return {word: _cut(told) for word, told in schema.items() if not (word == "$ref" and isinstance(told, str))}
    return [_cut(one) for one in schema] if isinstance(schema, list) else schema


def at(schema: Any, steps: Steps) -> Any:
    for step in steps:
        schema = schema[step]
    return schema


def _put(value: Any, path: Steps, made: Any) -> Any:
    if not path:
        return made
    inner = _put(value[path[0]], path[1:], made)
    if isinstance(value, list):
        return [*value[: path[0]], inner, *value[path[0] + 1 :]]
    return {**value, path[0]: inner}
