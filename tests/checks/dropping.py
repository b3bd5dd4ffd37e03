"""Is each constraint of the shipped schemas there for a reason: does something change when it is taken away?

    python -m tests.checks.dropping R4_CORE [US_CORE_6.1.0]

Each constraint of each definition that our types can reach is dropped in turn. It is killed when a resource, made from a
valid one by one change, is refused because of it and of nothing else, and passes without it; or, where the constraint only
guards others, is right and refused without it. Survivors are printed with their place.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from checks import ...`

from jsonschema_rs import Draft202012Validator, RegexOptions

from checks.constraints import Constraint, Json, Steps, Trials, constraints, without
from nowrongdoor.checks.keywords import KEYWORDS

_MOST = 1500  # trials before a constraint counts as a survivor
_USES = 12  # values of one definition that are tried


def compiled(schema: Json, definitions: Mapping[str, Json]) -> Draft202012Validator:
    return Draft202012Validator(
        {**schema, "definitions": definitions}, keywords=KEYWORDS, offline=True, pattern_options=RegexOptions()
    )


@dataclass
class Whole:
    """A valid resource, and the definitions that it is held to."""

    value: Json
    names: tuple[str, ...]

    @cached_property
    def size(self) -> int:
        return len(json.dumps(self.value))


@dataclass(frozen=True)
class Use:
    """A part of a resource that a definition speaks of, and the places in the definition that it reaches."""

    whole: Whole
    path: Steps
    value: Any
    reached: frozenset[Steps]


@dataclass
class Dropping:
    """`definitions`: all of them; `wholes`: valid resources."""

    definitions: Mapping[str, Json]
    wholes: Sequence[Whole]
    _whole: dict[tuple[str, ...], Draft202012Validator] = field(default_factory=dict)
    _ifs: dict[int, Draft202012Validator] = field(default_factory=dict)

    def survivors(self, names: Sequence[str]) -> Iterator[tuple[str, Constraint]]:
        for name in names:
            yield from ((name, one) for one in self._surviving(name))

    def _surviving(self, name: str) -> Iterator[Constraint]:
        schema = self.definitions[name]
        uses = self.uses[name]
        shallow = {ref: self._shallow(ref) for ref in {name, *_refs(schema)}}
        trials = Trials(self._donor(schema, uses), sorted(schema.get("properties", ())))
        intact = compiled(schema, shallow)
        for one in constraints(schema):
            dropped = compiled(without(schema, one), shallow)
            if not any(
                intact.is_valid(made) != dropped.is_valid(made) and self._decides(name, one, use, made)
                for use, made in islice(self._made(trials, schema, one, uses), _MOST)
            ):
                yield one

    def _made(self, trials: Trials, schema: Json, one: Constraint, uses: Sequence[Use]) -> Iterator[tuple[Use, Any]]:
        near = [use for use in uses if one.at in use.reached]
        for use in (*near, *(use for use in uses if use not in near)):
            yield from ((use, made) for made in trials.of(schema, one, use.value))

    def _decides(self, name: str, one: Constraint, use: Use, made: Any) -> bool:
        """In the whole resource: nothing but the constraint refuses it, or all is well with it."""
        whole = _put(use.whole.value, use.path, made)
        place = [name, *one.at, one.word]
        for error in self._validator(use.whole.names).iter_errors(whole):
            at = [*error.schema_path][1:]
            within = list(error.instance_path[: len(use.path)]) == list(use.path)
            if one.word == "$ref" and within and at[0] == _refs({"$ref": self._told(name, one)})[0]:
                continue
            shared = min(len(at), len(place))
            if not within or at[:shared] != place[:shared]:
                return False
        return True

    def _told(self, name: str, one: Constraint) -> str:
        schema: Any = self.definitions[name]
        for step in one.at:
            schema = schema[step]
        return schema["$ref"]

    def _validator(self, names: tuple[str, ...]) -> Draft202012Validator:
        if names not in self._whole:
            every = {"allOf": [{"$ref": f"#/definitions/{name}"} for name in names]}
            self._whole[names] = compiled(every, self.definitions)
        return self._whole[names]

    def _shallow(self, name: str) -> Json:
        """Enough of a definition to tell a value of quite another kind."""
        known = self.definitions[name]
        if "type" in known or "enum" in known:
            return {word: known[word] for word in ("type", "enum") if word in known}
        return _cut(known)

    # where definitions are used --------------------------------------------

    @cached_property
    def uses(self) -> Mapping[str, Sequence[Use]]:
        found: dict[str, dict[frozenset[Steps], Use]] = defaultdict(dict)
        for whole in sorted(self.wholes, key=lambda one: one.size):
            todo = [(name, whole.value, ()) for name in whole.names]
            for name, value, path in todo:  # grows while it is read
                reached: set[Steps] = set()
                for ref, inner, below in self._inside(self.definitions[name], value, (), (), reached):
                    todo.append((ref, inner, (*path, *below)))
                found[name].setdefault(frozenset(reached), Use(whole, path, value, frozenset(reached)))
        return defaultdict(list, {name: _few(list(uses.values())) for name, uses in found.items()})

    def _inside(self, schema: Any, value: Any, at: Steps, path: Steps, reached: set[Steps]) -> Iterator[tuple[str, Any, Steps]]:
        """The definitions that parts of the value are held to."""
        if not isinstance(schema, dict):
            return
        reached.add(at)
        for word, told in schema.items():
            if word == "$ref":
                yield told.rpartition("/")[2], value, path
            elif word == "properties" and isinstance(value, dict):
                for name in value.keys() & told.keys():
                    yield from self._inside(told[name], value[name], (*at, word, name), (*path, name), reached)
            elif word in {"items", "contains"} and isinstance(value, list):
                for number, item in enumerate(value):
                    yield from self._inside(told, item, (*at, word), (*path, number), reached)
            elif word in {"allOf", "anyOf", "oneOf"}:
                for number, inner in enumerate(told):
                    yield from self._inside(inner, value, (*at, word, number), path, reached)
            elif word == "dependencies" and isinstance(value, dict):
                for name in value.keys() & told.keys():
                    yield from self._inside(told[name], value, (*at, word, name), path, reached)
            elif word in {"if", "not", "propertyNames"} or (word == "then" and self._holds(schema["if"], value)):
                yield from self._inside(told, value, (*at, word), path, reached)

    def _holds(self, schema: Json, value: Any) -> bool:
        if id(schema) not in self._ifs:
            self._ifs[id(schema)] = compiled(_cut(schema), {})
        return self._ifs[id(schema)].is_valid(value)

    def _donor(self, schema: Json, uses: Sequence[Use]) -> Any:
        own: dict[str, list[Any]] = defaultdict(list)
        for use in uses:
            for name, value in _members(use.value):
                if len(own[name]) < 3:
                    own[name].append(value)
        anywhere = self._anywhere

        def lend(name: str) -> Sequence[Any]:
            return own.get(name) or anywhere.get(name) or _lent(name)

        return lend

    @cached_property
    def _anywhere(self) -> Mapping[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for whole in self.wholes:
            for name, value in _members(whole.value, deep=True):
                if len(found[name]) < 3:
                    found[name].append(value)
        return found


def _few(uses: list[Use]) -> list[Use]:
    """Small ones that together reach all that is reached."""
    kept, known = [], set()
    for use in uses:
        if len(kept) < _USES and (not kept or not use.reached <= known):
            kept.append(use)
            known |= use.reached
    return kept


def _members(value: Any, *, deep: bool = False) -> Iterator[tuple[str, Any]]:
    todo = [(value, 0)]
    for node, depth in todo:  # grows while it is read
        if isinstance(node, dict):
            yield from node.items()
        if deep or depth < 3:
            todo += [(inner, depth + 1) for inner in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())]


def _lent(name: str) -> Sequence[Any]:
    return [{"extension": [{"url": "https://w3id.org/nowrongdoor/test/extension", "valueString": "Synthetic"}]}] if name.startswith("_") else []


def _refs(schema: Any) -> list[str]:
    found, todo = [], [schema]
    for node in todo:  # grows while it is read
        if isinstance(node, dict):
            found += [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    return found


def _cut(schema: Any) -> Any:
    """Without what it refers to."""
    if isinstance(schema, dict):
        return {word: _cut(told) for word, told in schema.items() if word != "$ref"}
    return [_cut(one) for one in schema] if isinstance(schema, list) else schema


def _put(value: Any, path: Steps, made: Any) -> Any:
    if not path:
        return made
    step, *rest = path
    inner = _put(value[step], tuple(rest), made)
    if isinstance(value, list):
        return [*value[:step], inner, *value[step + 1 :]]
    return {**value, step: inner}
