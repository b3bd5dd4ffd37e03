"""A document's statements as drafts: ids, labels, whom they speak of, and references to what stands.

A statement comes as the resource that it is. What only the run knows is added here; what it refers to goes before it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Any, cast

import orjson

from nowrongdoor.model import TYPE_OF, Draft, Fact, Key, Kind, Resource, Stated
from nowrongdoor.resources.care import DIAGNOSIS
from nowrongdoor.resources.context import PROFILES, Context, claims

Stands = Callable[[Key], bool]
Found = Mapping[Key, Resource | None]  # targets → the literal reference; None of what does not stand

_APART = frozenset({"person", "organization", "practitioner", "role"})  # known by their own ids, whoever speaks of them
_REFERENCE = re.compile(r'"reference": ?("(?:[^"\\]|\\.)*")')
RECOVERED = "recovered"  # code of the tag on what a damaged document says
_SUBJECT: Mapping[Kind, str] = {"coverage": "beneficiary", "contact": "patient", "consent": "patient", "task": "for"}
_WORDS = {
    "text",
    "display",
    "identifier",
}  # an item of a list that has one of these says something without its reference

# What a document may fail to state of what a profile asks for; "a.b": each `a` has a `b`.
_MUSTS: Mapping[Kind, tuple[str, ...]] = {
    "person": ("name", "gender"),
    "organization": ("active", "name"),
    "practitioner": ("name.family",),
    "role": ("practitioner", "organization", "telecom"),
    "contact": ("relationship", "name"),
    "coverage": ("relationship", "payor", "subscriberId"),
    "condition": ("code", "category"),
    "goal": ("description.text",),
    "service": ("code",),
    "plan": ("text", "category"),
    "document": ("type", "category"),
    "team": ("participant.role", "participant.member"),
    "encounter": ("class", "type"),
    "observation": ("category",),
    "procedure": ("code",),
}
_CLAIMS: Mapping[Kind, Sequence[str]] = {  # ours of the others are of rows: those of US Core alone
    kind: every if kind in {"team", "encounter", "observation", "procedure", "medication", "device"} else every[1:]
    for kind, every in PROFILES.items()
}
SCREENING = claims("screening", "us-core-observation-screening-assessment")
_WHERE_STATED = ("identifier.system", "identifier.value", "telecom.system", "telecom.value")


def recovered(fact: Stated) -> Stated:
    """Of a damaged document: what it lost may be the word that it is restricted, so it counts as that; and a tag."""
    labels = fact.labels if "V" in fact.labels else tuple(sorted({*fact.labels, "R"} - {"U", "L", "M", "N"}))
    return replace(fact, labels=labels, resource=f'{{"meta":{{"tag":["{RECOVERED}"]}},{fact.resource[1:]}')


def known(kind: Kind, person: str, id_: str) -> str:
    """The key under which a statement is known: with its person's, for two people's documents may use one id."""
    return id_ if kind in _APART else f"{person}\x1f{id_}"


def drafts(
    context: Context, same: Mapping[Key, Sequence[Fact]], stands: Stands, variants: Mapping[tuple[int, Key], Key]
) -> Iterator[Draft]:
    """Drafts of statements by key, each after what it refers to (but for circles, which no order satisfies).

    `variants`: what a key means in a file, where one file means another thing by it than another.
    """
    names = {key: _Names(facts[0], variants) for key, facts in same.items()}
    targets = {key: set(filter(None, map(names[key].of, _references(facts[0])))) for key, facts in same.items()}
    for key in _ordered(targets):
        fact = cast("Stated", same[key][0])
        found = {target: context.ref(*target) if stands(target) else None for target in targets[key]}
        if all(found.values()):
            text = _REFERENCE.sub(partial(_literal, names[key], found), fact.resource) if found else fact.resource
            made = orjson.loads(text)
        else:
            made = _resolved(orjson.loads(fact.resource), names[key], found)
        needs = tuple(names[key].known(*need) for need in fact.needs)
        yield _draft(context, Draft(key, made, tuple(same[key]), needs))


def _references(fact: Fact) -> list[str]:
    text = cast("Stated", fact).resource
    return [orjson.loads(told) for told in _REFERENCE.findall(text)] if '"reference"' in text else []


def _literal(names: "_Names", found: Found, told: re.Match[str]) -> str:
    """In the text of a resource: where all stand, nothing else changes."""
    key = names.of(orjson.loads(told[1]))
    target = found[key] if key else None
    return f'"reference":"{target["reference"]}"' if target else told[0]


class _Names:
    """What the references of one statement mean: "goal:KEY" is of its person, and as its file means it."""

    def __init__(self, fact: Fact, variants: Mapping[tuple[int, Key], Key]) -> None:
        self._person, self._file, self._variants = fact.person, fact.origin.file, variants

    def known(self, kind: Kind, id_: str) -> Key:
        key = Key(kind, known(kind, self._person, id_))
        return self._variants.get((self._file, key), key) if self._variants else key

    def of(self, told: object) -> Key | None:
        """The statement that a reference names; None where it is none, or names something else."""
        kind, _, id_ = told.partition(":") if isinstance(told, str) else ("", "", "")
        return self.known(cast("Kind", kind), id_) if kind in TYPE_OF else None


def _ordered(targets: Mapping[Key, set[Key]]) -> Iterator[Key]:
    """Each key after its targets; the person first, for all else speaks of them."""
    begun: set[Key] = set()
    done: set[Key] = set()
    open_ = sorted(targets, key=lambda key: (key.kind != "person", key), reverse=True)
    while open_:
        key = open_[-1]
        if key not in begun:
            begun.add(key)
            open_ += sorted((t for t in targets[key] if t in targets and t not in begun), reverse=True)
            continue
        open_.pop()
        if key not in done:
            done.add(key)
            yield key


def _draft(context: Context, read: Draft) -> Draft:
    """`read`: with the resource as the document states it, which is used up."""
    key, made, fact, needs = read.key, read.resource, read.facts[0], read.needs
    start = context.start(key.kind, key.id, fact)
    tags = [{"system": context.ids + "reading", "code": code} for code in made.pop("meta", {}).get("tag", ())]
    start["identifier"] = [context.gateway(start["id"]), *made.pop("identifier", ())]
    if fact.person and key.kind != "person":
        needs = (Key("person", fact.person), *needs)
        start[_SUBJECT.get(key.kind, "subject")] = context.ref("person", fact.person)
    start |= made
    meta = {**start["meta"], "profile": _claims(key.kind, start), "tag": [*start["meta"].get("tag", ()), *tags]}
    start["meta"] = {name: told for name, told in meta.items() if told}
    if not start["meta"]:
        del start["meta"]
    return Draft(key, start, read.facts, needs)


def _resolved(node: Any, names: _Names, found: Found) -> Any:
    """With literal references to what stands; a reference to what does not is only its display, or nothing."""
    if isinstance(node, list):
        return [told for child in node if (told := _item(child, names, found)) is not None or child is None]
    if not isinstance(node, dict):
        return node
    if key := names.of(node.get("reference")):
        node = {**(found[key] or {}), **{name: child for name, child in node.items() if name != "reference"}}
        return node or None
    made = {name: _resolved(child, names, found) for name, child in node.items()}
    return {name: told for name, told in made.items() if told not in (None, [], {})}


def _item(child: Any, names: _Names, found: Found) -> Any:
    """An item of a list; one that has lost a reference, and has no words of its own, goes with it."""
    told = _resolved(child, names, found)
    if isinstance(child, dict) and isinstance(told, dict):
        lost = any(isinstance(child[name], dict) for name in child.keys() - told.keys())
        return None if not told or (lost and not _WORDS & told.keys()) else told
    return told


def _claims(kind: Kind, made: Resource) -> list[str]:
    """The profiles of its kind, where it has all that they ask for."""
    if not all(_has(made, must) for must in _MUSTS.get(kind, ())):
        return []
    if not all(_has(made, path) for path in _WHERE_STATED if path.partition(".")[0] in made):
        return []
    return [*_told_apart(kind, made)]


def _told_apart(kind: Kind, made: Resource) -> Sequence[str]:
    """Of several profiles of one kind, the one that its codes name; none where they fit none."""
    if kind == "condition" and _coded(made["category"], "code", "encounter-diagnosis"):
        return DIAGNOSIS[1:]
    if kind == "observation" and _coded(made["category"], "code", "survey"):
        return SCREENING
    if kind == "medication" and made["intent"] == "order" and "requester" not in made:
        return ()  # us-core-21
    if kind == "document" and not _coded([made["type"]], "system", "http://loinc.org"):
        return ()
    return _CLAIMS.get(kind, ())


def unclaimed(resource: Resource) -> Resource:
    """The resource itself, from now on without a claim: it may be valid for all that."""
    meta = resource.get("meta", {})
    meta.pop("profile", None)
    if not meta:
        resource.pop("meta", None)
    return resource


def _coded(concepts: Iterable[Resource], part: str, told: str) -> bool:
    return any(coding.get(part) == told for concept in concepts for coding in concept.get("coding", ()))


def _has(node: Any, path: str) -> bool:
    first, _, rest = path.partition(".")
    if isinstance(node, list):
        return all(_has(child, path) for child in node)
    if not isinstance(node, dict) or (first not in node and f"_{first}" not in node):
        return False
    return not rest or _has(node.get(first), rest)


# what several documents say of one thing -----------------------------------


def mention(told: dict[tuple[object, ...], Any], fact: Stated) -> None:
    """Into `told`, by key, what belongs to no person: the newest of what documents say of it.

    Where two say different things at one moment, all of it: who is known under two names has two.
    """
    before = told.get(fact.key)
    if before is None or before.as_of < fact.as_of:
        told[fact.key] = fact
    elif before.as_of == fact.as_of:
        told[fact.key] = _united([before, fact])


def apart(key: Key, group: Sequence[Fact]) -> list[tuple[Key, tuple[Stated, ...]]]:
    """What stands for statements of one key that differ at one moment: one, if each only says more than the others.

    Else an id was used twice, and each is a thing of its own; but not a person, who is one: nothing stands then.
    """
    every = [f for f in group if isinstance(f, Stated)]
    newest = max((f.as_of for f in every), default="")
    same: dict[str, list[Stated]] = {}
    for f in every:
        if f.as_of == newest:
            same.setdefault(f.resource, []).append(f)
    older = [f for f in every if f.as_of != newest]
    if every and _agree([orjson.loads(text) for text in same]):
        first, *rest = (f for facts in same.values() for f in facts)
        return [(key, (_as(first, _united([first, *rest])), *rest, *older))]
    if not every or key.kind == "person":
        return []
    made = [[_as(facts[0], _united(facts)), *facts[1:]] for _, facts in sorted(same.items())]
    made[0] += older
    return [(Key(key.kind, f"{key.id}~{_digest(facts[0])}"), tuple(facts)) for facts in made]


def _agree(resources: Sequence[Resource]) -> bool:
    """Only lists differ, or one says what the others do not speak of."""
    names = {name for r in resources for name in r}
    told = ([r[name] for r in resources if name in r] for name in names)
    return all(isinstance(each[0], list) or all(t == each[0] for t in each) for each in told)


def _united(facts: Sequence[Stated]) -> Stated:
    """One fact with the lists and labels of all; where they differ in more, what sorts first: in any order the same."""
    first = min(facts, key=lambda f: f.origin)
    if any(f.resource != first.resource for f in facts):
        made: Resource = {}
        for name, told in (pair for f in facts for pair in orjson.loads(f.resource).items()):
            if isinstance(told, list):
                made[name] = sorted({orjson.dumps(t): t for t in (*made.get(name, ()), *told)}.items())
                made[name] = [t for _, t in made[name]]
            else:
                made[name] = min(made.get(name, told), told, key=orjson.dumps)
        first = replace(first, resource=orjson.dumps(made, option=orjson.OPT_SORT_KEYS).decode())
    labels = tuple(sorted({label for f in facts for label in f.labels}))
    return replace(first, labels=labels, part2=any(f.part2 for f in facts))


def _as(fact: Stated, told: Stated) -> Stated:
    """The fact itself, which is accounted for, with what it stands for."""
    fact.resource, fact.labels, fact.part2 = told.resource, told.labels, told.part2  # type: ignore[misc]  # likewise
    return fact


def _digest(fact: Stated) -> str:
    return blake2b(fact.resource.encode(), digest_size=8).hexdigest()
