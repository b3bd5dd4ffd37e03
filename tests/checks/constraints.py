"""The single constraints of a JSON Schema: list them, take one away, and make values that turn on exactly that one.

`trials` goes to the constraint's place from the top: it sees to it that what guards the place is open (`if` holds, the
other branches of a choice do not), then spoils, or fulfils, what stands there. What comes out is only worth trying: whoever
asks compares the verdicts of the schema with and without the constraint.
"""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any, Protocol

Json = dict[str, Any]
Steps = tuple[str | int, ...]

NOTES = {"title", "$comment", "targets", "invariant", "definitions"}
_NAMED = ("properties", "dependencies", "dependentSchemas", "dependentRequired")
_LISTS = ("allOf", "anyOf", "oneOf")
_WITHIN = ("items", "contains", "if", "then", "else", "not", "propertyNames", "additionalProperties")
_WHOLE = ("contains", "not", "propertyNames", "anyOf", "oneOf")  # count themselves beside what they are made of
_ODD: Sequence[Any] = ("nobody", 7, 1.5, True, [], {}, ["nobody"], {"nobody": 1})
_TEXTS = (
    "nobody", "", " ", "no body", " nobody", "nobody ", "two  spaces", "a\nb", "\u0000", "2023-02-29", "24:00:00", "@@@",
    "Nobody/x1", "urn:oid:9", "urn:uuid:X", "<p>Synthetic</p>", "<div><p> </p></div>", "<div><script>1</script></div>", "0",
    "x" * 65,
)  # fmt: skip


@dataclass(frozen=True)
class Constraint:
    """`word` in the schema at `at`; `entry`: which of its names or branches, where it has several."""

    at: Steps
    word: str
    entry: Any = None

    def __str__(self) -> str:
        entry = "" if self.entry is None else f" {self.entry}"
        return f"/{'/'.join(map(str, (*self.at, self.word)))}{entry}"


def constraints(schema: Json, at: Steps = ()) -> Iterator[Constraint]:
    for word, told in schema.items():
        if word in NOTES:
            continue
        if word in _NAMED:
            for name, inner in told.items():
                yield from _named(inner, Constraint(at, word, name))
        elif word in _LISTS:
            for number, inner in enumerate(told):
                if word != "allOf":
                    yield Constraint(at, word, number)
                yield from constraints(inner, (*at, word, number))
        elif word in _WITHIN and isinstance(told, dict):
            yield from constraints(told, (*at, word))
        elif word == "required":
            yield from (Constraint(at, word, name) for name in told)
        if word in _WHOLE or word not in {*_NAMED, *_LISTS, *_WITHIN, "required"} or told is False:
            yield Constraint(at, word)


def _named(inner: Any, whole: Constraint) -> Iterator[Constraint]:
    if inner is False:
        yield whole
    elif isinstance(inner, list):
        yield from (Constraint(whole.at, whole.word, (whole.entry, name)) for name in inner)
    elif isinstance(inner, dict):
        yield from constraints(inner, (*whole.at, whole.word, whole.entry))


def without(schema: Json, constraint: Constraint) -> Json:
    """A copy that lacks it; what is not on its way is shared."""
    if constraint.at:
        step, *rest = constraint.at
        inner = without(schema[step], Constraint(tuple(rest), constraint.word, constraint.entry))
        if isinstance(schema, list):
            return [*schema[:step], inner, *schema[step + 1 :]]
        return {**schema, step: inner}
    word, entry, told = constraint.word, constraint.entry, schema[constraint.word]
    if entry is None:
        gone = {word, "minContains", "maxContains"} if word == "contains" else {word}
        return {key: value for key, value in schema.items() if key not in gone}
    if word in _LISTS:
        return {**schema, word: told[:entry] + told[entry + 1 :]} if len(told) > 1 else {**schema, "not": {}}
    if isinstance(entry, tuple):
        return {**schema, word: {**told, entry[0]: [name for name in told[entry[0]] if name != entry[1]]}}
    if isinstance(told, list):
        return {**schema, word: [name for name in told if name != entry]}
    return {**schema, word: {name: inner for name, inner in told.items() if name != entry}}


class Lender(Protocol):
    """What is known beside the schema at hand."""

    def donor(self, name: str) -> Sequence[Any]:
        """Values that stand under this name elsewhere."""

    def others(self, code: str) -> Sequence[str]:
        """Other codes of the lists that have this one."""

    def holds(self, schema: Json, value: Any) -> bool:
        """Whatever the definitions say that the schema refers to."""

    def target(self, ref: str) -> Json: ...


class Trials:
    """`schema`: a definition; its properties are the names that its objects may have."""

    def __init__(self, schema: Json, lender: Lender) -> None:
        self.schema, self.lender = schema, lender
        self.properties: Json = schema.get("properties", {})

    def of(self, constraint: Constraint, value: Any) -> Iterator[Any]:
        """Values like `value`, each once changed so that the constraint may decide."""
        for start in (value, *_alone(self.schema, value)):
            yield from self._reach(self.schema, constraint, constraint.at, deepcopy(start))

    def _lent(self, name: str) -> Sequence[Any]:
        codes = self.properties.get(name, {}).get("enum", ())
        return [codes[0]] if codes else self.lender.donor(name)

    def _reach(self, schema: Any, constraint: Constraint, steps: Steps, value: Any) -> Iterator[Any]:
        if not steps:
            yield from self._turn(schema, constraint, value)
            return
        word, rest = steps[0], steps[1:]
        if word == "properties":
            yield from self._property(schema, constraint, steps, value)
        elif word in _NAMED:
            for given in self._given(value, str(rest[0])):
                yield from self._reach(schema[word][rest[0]], constraint, rest[1:], given)
        elif word in _LISTS:
            inner = schema[word][rest[0]]
            for ready in self._ready(schema[word], int(rest[0]), value) if word != "allOf" else [value]:
                yield from self._reach(inner, constraint, rest[1:], ready)
        elif word in {"items", "contains"}:
            yield from self._item(schema, constraint, steps, value)
        elif word == "propertyNames":
            yield from self._renamed(value)
        else:
            for ready in self._guarded(schema, word, value):
                yield from self._reach(schema[word], constraint, rest, ready)

    def _property(self, schema: Json, constraint: Constraint, steps: Steps, value: Any) -> Iterator[Any]:
        if not isinstance(value, dict):
            return
        name, rest = steps[1], steps[2:]
        for inner in [value[name]] if name in value else self._lent(str(name)):
            for made in self._reach(schema["properties"][name], constraint, rest, deepcopy(inner)):
                yield {**value, name: made}

    def _given(self, value: Any, name: str) -> Iterator[Any]:
        if isinstance(value, dict) and name not in value:
            yield from ({**value, name: deepcopy(lent)} for lent in self._lent(name))
        else:
            yield value

    def _item(self, schema: Json, constraint: Constraint, steps: Steps, value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            return
        inner = schema[steps[0]]
        for number, item in enumerate(value[:4]):
            ready = self.fulfilled(inner, item) if steps[0] == "contains" else item
            others = [self._unlike(inner, one) for one in value] if steps[0] == "contains" else []
            for made in self._reach(inner, constraint, steps[1:], deepcopy(ready)):
                if others:
                    yield [*others, made]
                yield [*value[:number], made, *value[number + 1 :]]
                yield [made]
                yield [*value, made]

    def _ready(self, branches: Sequence[Json], number: int, value: Any) -> Iterator[Any]:
        """With this branch the one that decides: the others do not hold."""
        others = [branch for n, branch in enumerate(branches) if n != number]
        yield self._all_broken(others, value)
        yield self._all_broken(others, self.fulfilled(branches[number], value))
        yield self.fulfilled(branches[number], self._all_broken(others, value))
        yield self.fulfilled(branches[number], value)
        yield value

    def _guarded(self, schema: Json, word: str | int, value: Any) -> Iterator[Any]:
        if word == "then":
            yield self.fulfilled(schema["if"], value)
        elif word == "if":
            held = self.fulfilled(schema["if"], value)
            yield from islice(self.broken(schema.get("then", {}), held), 6)
            yield held
        elif word == "not":
            yield self.fulfilled(schema["not"], value)
        yield value

    # at the place ------------------------------------------------------------

    def _turn(self, schema: Json, constraint: Constraint, value: Any) -> Iterator[Any]:
        """Spoil what the constraint asks for; of a branch, leave it the only one that holds."""
        told, entry = schema[constraint.word], constraint.entry
        if constraint.word in {"anyOf", "oneOf"}:
            if entry is not None:
                yield from self._ready(told, entry, value)
                yield self._all_fulfilled(told, value)
            else:
                yield self._all_broken(told, value)
                yield from (self._all_broken(told, odd) for odd in self._varied(value))
                yield self._all_fulfilled(told, value)
        elif constraint.word == "not":
            yield self.fulfilled(told, value)
        elif constraint.word == "$ref":
            yield from self._varied(value)
            yield from islice(self.broken(self.lender.target(told), value), 300)
        elif constraint.word in _NAMED and not isinstance(entry, tuple):
            yield from self._given(value, entry)
        else:
            yield from self.spoiled(constraint.word, told, entry, value)

    def spoiled(self, word: str, told: Any, entry: Any, value: Any) -> Iterator[Any]:
        """By keyword."""
        if word == "required" or isinstance(entry, tuple):
            yield from _lacking(value, entry[1] if isinstance(entry, tuple) else entry)
        elif word == "additionalProperties" and isinstance(value, dict):
            yield {**value, "nobody": 1}
        elif word == "propertyNames":
            yield from self._renamed(value)
        elif word in {"minProperties", "maxProperties"} and isinstance(value, dict):
            yield from self._sized(word, told, value)
        elif word in {"minItems", "maxItems", "contains", "minContains", "maxContains"}:
            yield from self._counted(word, told, value)
        elif word in {"minimum", "exclusiveMinimum"}:
            yield from (told - 1, told)
        elif word == "maximum":
            yield told + 1
        else:
            yield from self._varied(value)
            yield from self._swapped(value)

    def _sized(self, word: str, told: int, value: Json) -> Iterator[Json]:
        if word == "maxProperties":
            for name in self.properties:
                if name not in value:
                    for lent in self._lent(name)[:1]:
                        yield {**value, name: deepcopy(lent)}
            return
        names = sorted(value, key=lambda name: name != "id")
        for few in islice(combinations(names, told - 1), 40):
            yield {name: value[name] for name in few}
        yield from ({name: deepcopy(lent)} for name in self.properties if told == 2 for lent in self._lent(name)[:1])

    def _counted(self, word: str, told: Any, value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            return
        if word == "contains":
            odds = [list(islice(self.broken(told, item), 8)) for item in value]
            yield from (list(some) for some in zip(*odds, strict=False))
            yield from ([odd] for odd in (*self._varied(value[0] if value else {}), None))
        yield from (value[:size] for size in range(len(value)))
        yield from ([*value[:n], *value[n + 1 :]] for n in range(len(value)))
        if isinstance(told, int):
            yield from ([*value, *[deepcopy(item)] * times] for item in value for times in range(1, told + 1))

    def _renamed(self, value: Any) -> Iterator[Any]:
        """With more names, or others."""
        if not isinstance(value, dict):
            return
        lent = {name: self._lent(name)[:1] for name in self.properties if name not in value}
        yield from ({**value, name: deepcopy(one)} for name, some in lent.items() for one in some)
        for gone in value:
            kept = {name: inner for name, inner in value.items() if name != gone}
            yield from ({**kept, name: deepcopy(one)} for name, some in lent.items() for one in some)

    def _swapped(self, value: Any) -> Iterator[Any]:
        """For keywords that compare two parts of an object: each part changed, or exchanged with another."""
        if not isinstance(value, dict):
            return
        for name, inner in value.items():
            yield from ({**value, name: odd} for odd in self._varied(inner))
        for one, two in combinations(value, 2):
            yield {**value, one: value[two], two: value[one]}

    def _varied(self, value: Any) -> Iterator[Any]:
        """Other values in its place: of other kinds, and texts a little off."""
        if isinstance(value, str):
            yield from self.lender.others(value)
            yield from (text for text in (*_TEXTS, value + " ", " " + value, value[:-1], value + "x", value.upper()))
            yield from (re.sub(r"\d", digit, value, count=4) for digit in "09")
            yield from (value.replace("/x1", "/x 1"), value.replace("</p>", ""))
        yield from (deepcopy(odd) for odd in _ODD)
        if isinstance(value, list):
            yield from ([*value, None], [None, *value], [*value, *value], value[:1], value[0] if value else None)
        elif isinstance(value, bool):
            yield not value
        elif isinstance(value, dict):
            yield from ({**value, name: inner + by} for name, inner in value.items() if isinstance(inner, float) for by in (9, -9))
        elif isinstance(value, int | float):
            yield from (-value, value + 0.5, 0, -1, str(value), value / 1000)
        else:
            yield [value]
        yield None

    # whole schemas -----------------------------------------------------------

    def broken(self, schema: Any, value: Any) -> Iterator[Any]:
        """Values like it that the schema refuses, perhaps."""
        if isinstance(schema, dict):
            for constraint in constraints(schema):
                yield from islice(self._reach(schema, constraint, constraint.at, deepcopy(value)), 8)

    def _all_broken(self, branches: Sequence[Json], value: Any) -> Any:
        for branch in branches:
            value = self._unlike(branch, value)
        return value

    def _unlike(self, branch: Json, value: Any) -> Any:
        if not self.lender.holds(branch, value):
            return value
        tried = (*_lack(branch, value), *islice(self.broken(branch, value), 40))
        return next((one for one in tried if not self.lender.holds(branch, one)), value)

    def _all_fulfilled(self, branches: Sequence[Json], value: Any) -> Any:
        for branch in branches:
            value = self.fulfilled(branch, value)
        return value

    def fulfilled(self, schema: Any, value: Any) -> Any:
        """Changed as little as it takes, as far as that can be read off the schema."""
        if not isinstance(schema, dict) or self.lender.holds(schema, value):
            return value
        for word, told in schema.items():
            value = self._fulfil(word, told, value)
        return value

    def _fulfil(self, word: str, told: Any, value: Any) -> Any:
        match word:
            case "const":
                return told
            case "enum":
                return value if value in told else told[0]
            case "required" if isinstance(value, dict):
                lent = {name: next(iter(self._lent(name)), "nobody") for name in told if name not in value}
                return {**value, **deepcopy(lent)}
            case "properties" if isinstance(value, dict):
                return {n: self.fulfilled(told.get(n), v) for n, v in value.items() if told.get(n) is not False}
            case "contains" if isinstance(value, list):
                return [self.fulfilled(told, value[0] if value else {}), *value[1:]]
            case "items" if isinstance(value, list):
                return [self.fulfilled(told, item) for item in value]
            case "allOf":
                return self._all_fulfilled(told, value)
            case "anyOf" | "oneOf" if not any(self.lender.holds(branch, value) for branch in told):
                return self.fulfilled(told[0], value)
            case "not":
                return self._unlike(told, value)
            case "propertyNames" if isinstance(value, dict) and "enum" in told:
                return {n: v for n, v in value.items() if n in told["enum"]}
            case "type":
                return {"null": None, "object": value or {}}.get(told, value) if isinstance(told, str) else value
        return value


def _alone(schema: Json, value: Any) -> Iterator[Json]:
    """What an object must have, by itself and with each of the rest: few other constraints can speak there."""
    if isinstance(value, dict):
        must = {name: value[name] for name in schema.get("required", ()) if name in value}
        yield must
        yield from ({**must, name: value[name]} for name in value.keys() - must.keys())


def _lack(branch: Any, value: Any) -> Iterator[Any]:
    """Without any of the names that the branch requires: one of `anyOf` required names breaks with all of them gone."""
    if isinstance(branch, dict) and isinstance(value, dict) and branch.get("required"):
        yield {name: inner for name, inner in value.items() if name not in branch["required"]}


def _lacking(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        for gone in ({name}, {name, f"_{name}"}, {name, name.lstrip("_")}):
            yield {key: inner for key, inner in value.items() if key not in gone}
