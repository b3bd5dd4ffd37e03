"""Make values that turn on exactly one constraint of a schema.

The way goes to the constraint's place from the top: what guards the place is opened (`if` is made to hold, the other
branches of a choice are made not to), then what stands there is spoiled, or made to fit. What comes out is only worth
trying: whoever asks compares the verdicts of the schema with and without the constraint.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, product
from typing import Any, Protocol

import orjson

from checks.constraints import LISTS, NAMED, Constraint, Json, Steps, constraints, in_turns
from checks.invented import HERE

COUNTS = ("minContains", "maxContains")
ABSENT = {"id": "x1", "extension": [{"url": f"{HERE}/extension", "valueString": "Synthetic"}]}
_ODD: Sequence[Any] = ("nobody", 7, 1.5, True, [], {}, ["nobody"], {"nobody": 1})
_TEXTS = (
    f"{HERE}/other", "nobody", "", " ", "no body", " nobody", "nobody ", "two  spaces", "a\nb", "\u0000", "2023-02-29",
    "24:00:00", "@@@", "Nobody/x1", "urn:oid:9", "urn:uuid:X", "<p>Synthetic</p>", "<div><p> </p></div>",
    "<div><script>1</script></div>", "0", "x" * 65,
)  # fmt: skip


class Lender(Protocol):
    """What is known beside the schema at hand."""

    def donor(self, name: str) -> Sequence[Any]:
        """Values that stand under this name elsewhere."""

    def others(self, code: str) -> Sequence[str]:
        """Other codes of the lists that have this one."""

    def holds(self, schema: Json, value: Any) -> bool:
        """Whatever the definitions say that the schema refers to."""

    def names(self, value: Json) -> Sequence[str]:
        """That an object which has these may have as well."""

    def trials(self, ref: str) -> "Trials": ...


class Trials:
    """`schema`: a definition; `properties`: of all definitions that its values are held to."""

    def __init__(self, schema: Json, properties: Json, lender: Lender) -> None:
        self.schema, self.properties, self.lender = schema, properties, lender

    def of(self, constraint: Constraint, value: Any) -> Iterator[Any]:
        """Values like `value`, each once changed so that the constraint may decide."""
        yield value
        starts = (value, *_alone(self.schema, value))
        yield from in_turns([self._reach(self.schema, constraint, constraint.at, copied(one)) for one in starts])

    def _lent(self, name: str) -> Sequence[Any]:
        told = self.properties.get(name)
        return told["enum"][:1] if isinstance(told, dict) and "enum" in told else self.lender.donor(name)

    def _reach(self, schema: Any, constraint: Constraint, steps: Steps, value: Any) -> Iterator[Any]:
        if not steps:
            yield from self._turn(schema, constraint, value)
            return
        word, rest = steps[0], steps[1:]
        if word == "properties":
            yield from self._property(schema, constraint, steps, value)
        elif word in NAMED:
            for given in self._given(value, str(rest[0])):
                yield from self._reach(schema[word][rest[0]], constraint, rest[1:], given)
        elif word in LISTS:
            inner = schema[word][rest[0]]
            ready = self._ready(schema[word], int(rest[0]), value) if word != "allOf" else [value]
            yield from in_turns([self._reach(inner, constraint, rest[1:], one) for one in ready])
        elif word in {"items", "contains"}:
            yield from self._item(schema, constraint, steps, value)
        elif word == "propertyNames":
            yield value
            yield from self.renamed(value)
        else:
            guarded = self._guarded(schema, word, value)
            yield from in_turns([self._reach(schema[word], constraint, rest, ready) for ready in guarded])

    def _property(self, schema: Json, constraint: Constraint, steps: Steps, value: Any) -> Iterator[Any]:
        if not isinstance(value, dict):
            return
        name, rest = steps[1], steps[2:]
        for inner in [value[name]] if name in value else self._lent(str(name)):
            for made in self._reach(schema["properties"][name], constraint, rest, copied(inner)):
                yield {**value, name: made}
                if schema is not self.schema:
                    yield {key: value[key] for key in schema.get("required", ()) if key in value} | {name: made}

    def _given(self, value: Any, name: str) -> Iterator[Any]:
        if isinstance(value, dict) and name not in value:
            yield from ({**value, name: copied(lent)} for lent in self._lent(name))
        else:
            yield value

    def _item(self, schema: Json, constraint: Constraint, steps: Steps, value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            return
        inner = schema[steps[0]]
        guard = inner.get("if", inner) if isinstance(inner, dict) else inner
        for number in sorted(range(len(value)), key=lambda n: not self.lender.holds(guard, value[n]))[:4]:
            item = value[number]
            ready = self.fulfilled(inner, item) if steps[0] == "contains" else item
            others = list(islice(self._refusing(inner, ready, 40), 40)) if steps[0] == "contains" else []
            for count, made in enumerate(self._reach(inner, constraint, steps[1:], copied(ready))):
                yield [*value[:number], made, *value[number + 1 :]]
                yield [made]
                yield [*value, made]
                if most := schema.get("maxContains"):
                    yield [copied(made)] * (most + 1)
                    yield [*value, *[copied(made)] * (most + 1)]
                beside = others if count < 2 else others[count % 7 : count % 7 + 1]
                yield from ([other, made] for other in beside)

    def _ready(self, branches: Sequence[Json], number: int, value: Any) -> Iterator[Any]:
        """With this branch the one that decides: the others do not hold."""
        others = [branch for n, branch in enumerate(branches) if n != number]
        yield self.fulfilled(branches[number], self._all_broken(others, value))
        yield self._all_broken(others, value)
        yield self._all_broken(others, self.fulfilled(branches[number], value))
        yield self.fulfilled(branches[number], value)
        yield value

    def _guarded(self, schema: Json, word: str | int, value: Any) -> Iterator[Any]:
        if word == "then":
            yield self.fulfilled(schema["if"], value)
        elif word == "else":
            yield from self._refusing(schema["if"], value)
        elif word == "if":
            held = self.fulfilled(schema["if"], value)
            yield from islice(self.broken(schema.get("then", {}), held, 4), 80)
            yield held
        elif word == "not":
            yield self.fulfilled(schema["not"], value)
        yield value

    def _refused(self, ref: str, value: Any) -> Iterator[Any]:
        """By the definition that is referred to."""
        trials = self.lender.trials(ref)
        for constraint in constraints(trials.schema):
            yield from islice(trials.of(constraint, value), 1, 20)

    # at the place ------------------------------------------------------------

    def _turn(self, schema: Json, constraint: Constraint, value: Any) -> Iterator[Any]:
        """Spoil what the constraint asks for; of a branch, leave it the only one that holds."""
        told, entry = schema[constraint.word], constraint.entry
        if constraint.word in {"anyOf", "oneOf"}:
            if entry is not None:
                yield from self._ready(told, entry, value)
                yield self._all_fulfilled(told, value)
            else:
                lost = self._all_broken(told, value)
                yield lost
                yield self._all_fulfilled(told, value)
                odds = (self._all_broken(told, odd) for odd in self._varied(value))
                yield from in_turns([_elsewhere(lost), odds, self.renamed(lost, value)])
        elif constraint.word == "not":
            yield self.fulfilled(told, value)
        elif constraint.word == "$ref":
            yield from islice(self._refused(told, value), 300)
            yield from self._varied(value)
        elif constraint.word in NAMED and not isinstance(entry, tuple):
            yield from self._given(value, entry)
        else:
            more = self.spoiled("contains", schema["contains"], None, value) if constraint.word in COUNTS else iter(())
            yield from in_turns([self.spoiled(constraint.word, told, entry, value), more])

    def spoiled(self, word: str, told: Any, entry: Any, value: Any) -> Iterator[Any]:
        """By keyword."""
        if word == "required" or isinstance(entry, tuple):
            lost = list(_lacking(value, entry[1] if isinstance(entry, tuple) else entry))
            yield from lost
            yield from (moved for one in lost for moved in _elsewhere(one))
            yield from self.renamed(lost[0] if lost else None)
        elif word == "additionalProperties" and isinstance(value, dict):
            yield {**value, "nobody": 1}
        elif word == "propertyNames":
            yield from self.renamed(value)
        elif word in {"minProperties", "maxProperties"} and isinstance(value, dict):
            yield from self._sized(word, told, value)
        elif word in {"minItems", "maxItems", "contains", "minContains", "maxContains"}:
            yield from self._counted(word, told, value)
        elif word == "unlike" and isinstance(value, dict):
            yield {**value, told: [{"code": copied(value.get("code"))}]}
        elif word in {"minimum", "exclusiveMinimum"}:
            yield from (told - 1, told)
        elif word == "maximum":
            yield told + 1
        else:
            yield from self._varied(value)
            if isinstance(told, list) and isinstance(value, dict):  # names of two that are compared
                value = self.fulfilled({"required": told}, value)
            yield from self._swapped(value)

    def _sized(self, word: str, told: int, value: Json) -> Iterator[Json]:
        if word == "maxProperties":
            for name in self.properties:
                if name not in value:
                    for lent in self._lent(name)[:1]:
                        yield {**value, name: copied(lent)}
            return
        names = sorted(value, key=lambda name: name != "id")
        for few in islice(combinations(names, told - 1), 40):
            yield {name: value[name] for name in few}
        yield from ({name: copied(lent)} for name in self.properties if told == 2 for lent in self._lent(name)[:1])

    def _counted(self, word: str, told: Any, value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            return
        sizes: list[Iterator[Any]] = [
            (value[:size] for size in range(len(value))),
            ([*value[:n], *value[n + 1 :]] for n in range(len(value))),
        ]
        if isinstance(told, dict):
            sizes = [*self._contained(told, value), *sizes]
        elif word.startswith("max"):
            sizes = [([*value, *[item] * times] for item in reversed(value) for times in range(1, told + 1))]
        yield from in_turns(sizes, 1)

    def _contained(self, told: Json, value: list[Any]) -> Iterator[Iterator[Any]]:
        """None that fits, or more that do."""
        odds = [list(islice(self._refusing(told, item, 40), 40)) for item in value]
        yield (list(some) for some in zip(*odds, strict=False))
        yield ([odd] for odd in (*(odds[0] if odds else ()), *self._varied(value[0] if value else {}), None))
        for item in ({}, *value[:6]):
            yield iter([[*value, *[self.fulfilled(told, item)] * times] for times in (1, 2, 6)])

    def renamed(self, value: Any, before: Any = None) -> Iterator[Any]:
        """With more names, or others: those of the same choice, too, in turns with all."""
        if not isinstance(value, dict):
            return
        names = sorted({*self.properties, *self.lender.names(before or value)} - value.keys())
        pairs = list(product(("", *value), names))
        for gone, name in in_turns([iter(pairs), (two for two in pairs if _alike(*two))], 1):
            kept = {key: inner for key, inner in value.items() if key not in {gone, f"_{gone}"}}
            yield from ({**kept, name: copied(one)} for one in self._lent(name)[:3])

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
            yield from (f"{other}/x1" for other in self.lender.others(value.partition("/")[0]) if value.endswith("/x1"))
            yield from self.lender.others(value)
            yield from (text for text in (*_TEXTS, value + " ", " " + value, value[:-1], value + "x", value.upper()))
            yield from (re.sub(r"\d", digit, value, count=4) for digit in "09")
            yield from (value.replace("/x1", "/x 1"), value.replace("</p>", ""))
            yield from (value.replace("Synthetic", text) for text in (" ", "<a href='javascript:1'>Synthetic</a>"))
        yield from (copied(odd) for odd in _ODD)
        if isinstance(value, list):
            yield from ([*value, None], [None, *value], [*value, *value], value[:1], value[0] if value else None)
        elif isinstance(value, bool):
            yield not value
        elif isinstance(value, dict):
            yield from (
                {**value, name: inner + by}
                for name, inner in value.items()
                if isinstance(inner, float)
                for by in (9, -9)
            )
        elif isinstance(value, int | float):
            yield from (float(value), -value, value + 0.5, 0, -1, str(value), value / 1000)
        else:
            yield [value]
        yield None

    # whole schemas -----------------------------------------------------------

    def broken(self, schema: Any, value: Any, each: int = 8) -> Iterator[Any]:
        """Values like it that the schema refuses, perhaps."""
        if isinstance(schema, dict):
            for constraint in constraints(schema):
                yield from islice(self._reach(schema, constraint, constraint.at, copied(value)), each)

    def _all_broken(self, branches: Sequence[Json], value: Any) -> Any:
        for branch in branches:
            value = self._unlike(branch, value)
        return value

    def _unlike(self, branch: Json, value: Any) -> Any:
        if not self.lender.holds(branch, value):
            return value
        lost = next(_lack(branch, value), value)
        return next(self._refusing(branch, value), value) if self.lender.holds(branch, lost) else lost

    def _refusing(self, branch: Json, value: Any, each: int = 8) -> Iterator[Any]:
        tried = islice(self.broken(branch, value, each), 300)
        return (one for one in tried if not self.lender.holds(branch, one))

    def _all_fulfilled(self, branches: Sequence[Json], value: Any) -> Any:
        for branch in branches:
            value = self.fulfilled(branch, value)
        return value

    def fulfilled(self, schema: Any, value: Any) -> Any:
        """Changed as little as it takes, as far as that can be read off the schema."""
        if not isinstance(schema, dict) or self.lender.holds(schema, value):
            return value
        for word, told in sorted(schema.items(), key=lambda item: item[0] != "required"):
            value = self._fulfil(word, told, value)
        return value

    def _fulfil(self, word: str, told: Any, value: Any) -> Any:  # noqa: C901, PLR0911  # a case for each keyword
        match word:
            case "const":
                return told
            case "enum":
                return value if value in told else told[0]
            case "pattern":
                return next((text for text in self._varied(value) if self.lender.holds({"pattern": told}, text)), value)
            case "required" if isinstance(value, dict):
                lent = {name: next(iter(self._lent(name)), "nobody") for name in told if name not in value}
                return {**value, **copied(lent)}
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


def copied(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value)) if isinstance(value, dict | list) else value


def _alike(one: str, other: str) -> bool:
    """They begin like two of a choice."""
    return one.lstrip("_")[:3] == other.lstrip("_")[:3]


def _alone(schema: Json, value: Any) -> Iterator[Json]:
    """What an object must have, by itself and with each of the rest: few other constraints can speak there."""
    if isinstance(value, dict):
        must = {name: value[name] for name in schema.get("required", ()) if name in value}
        yield must
        yield from ({**must, name: inner} for name, inner in value.items() if name not in must)


def _elsewhere(value: Any) -> Iterator[Any]:
    """With one of its values only in `_name`, as a reason for its absence."""
    if isinstance(value, dict):
        for gone in value:
            kept = {name: inner for name, inner in value.items() if name != gone}
            yield {**kept, f"_{gone}": copied(ABSENT)}


def _lack(branch: Any, value: Any) -> Iterator[Any]:
    """Without any of the names that the branch requires: one of `anyOf` required names breaks with all of them gone."""
    if isinstance(branch, dict) and isinstance(value, dict) and branch.get("required"):
        yield {name: inner for name, inner in value.items() if name not in branch["required"]}


def _lacking(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        for gone in ({name}, {name, f"_{name}"}, {name, name.lstrip("_")}):
            yield {key: inner for key, inner in value.items() if key not in gone}
