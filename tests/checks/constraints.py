"""The single constraints of a JSON Schema: list them, and take one away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

Json = dict[str, Any]
Made = TypeVar("Made")
Steps = tuple[str | int, ...]

NOTES = {"title", "$comment", "targets", "invariant", "few", "definitions"}  # words that refuse nothing
NAMED = ("properties", "dependencies", "dependentSchemas", "dependentRequired")
LISTS = ("allOf", "anyOf", "oneOf")
_WITHIN = ("items", "contains", "if", "then", "else", "not", "propertyNames", "additionalProperties")
_WHOLE = ("contains", "not", "propertyNames", "anyOf", "oneOf")  # count themselves beside what they are made of


@dataclass(frozen=True)
class Constraint:
    """`word` in the schema at `at`; `entry`: which of its names or branches, where it has several."""

    at: Steps
    word: str
    entry: Any = None

    def __str__(self) -> str:
        entry = "" if self.entry is None else f" {self.entry}"
        return f"/{'/'.join(map(str, (*self.at, self.word)))}{entry}"


def constraints(schema: Json, at: Steps = ()) -> Iterator[Constraint]:  # noqa: C901  # a case for each keyword
    for word, told in schema.items():
        if word in NOTES:
            continue
        if word in NAMED:
            for name, inner in told.items():
                yield from _named(inner, Constraint(at, word, name))
        elif word in LISTS:
            for number, inner in enumerate(told):
                if word != "allOf":
                    yield Constraint(at, word, number)
                yield from constraints(inner, (*at, word, number))
        elif word in _WITHIN and isinstance(told, dict):
            yield from constraints(told, (*at, word))
        elif word == "required":
            yield from (Constraint(at, word, name) for name in told)
        if word in _WHOLE or word not in {*NAMED, *LISTS, *_WITHIN, "required"} or told is False:
            yield Constraint(at, word)


def in_turns(waiting: Sequence[Iterator[Made]], size: int = 8) -> Iterator[Made]:
    """Some of each: where one cannot show it, another may at once."""
    going = list(waiting)
    while going:
        for one in list(going):
            some = list(islice(one, size))
            yield from some
            if len(some) < size:
                going.remove(one)


def _named(inner: Any, whole: Constraint) -> Iterator[Constraint]:
    if inner is False:
        yield whole
    elif isinstance(inner, list):
        yield from (Constraint(whole.at, whole.word, (whole.entry, name)) for name in inner)
    elif isinstance(inner, dict):
        yield from constraints(inner, (*whole.at, whole.word, whole.entry))


def without(schema: Json, constraint: Constraint) -> Json:  # noqa: PLR0911  # a case for each keyword
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
    if word in LISTS:
        return {**schema, word: told[:entry] + told[entry + 1 :]} if len(told) > 1 else {**schema, "not": {}}
    if isinstance(entry, tuple):
        return {**schema, word: {**told, entry[0]: [name for name in told[entry[0]] if name != entry[1]]}}
    if isinstance(told, list):
        return {**schema, word: [name for name in told if name != entry]}
    return {**schema, word: {name: inner for name, inner in told.items() if name != entry}}
