"""Invariants that no schema says, evaluated as FHIRPath, for `nwd check`: slow, and never on a route.

The expressions stand in the tables as HL7 stated them. What cannot be evaluated is told as not checked, never passed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from nowrongdoor.checks.keywords import LITERAL
from nowrongdoor.checks.tables import Profile, Tables
from nowrongdoor.model import Issue, Resource

Json = dict[str, Any]

_MOST = 10_000  # objects of one resource that are looked at


class Rules:
    """All that is left to say of a resource whose structure is sound."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._of = cache(tables.rules)
        self._definition = cache(lambda name: tables.definitions([name]))

    def issues(
        self, called: tuple[str, str], resource: Resource, followed: Sequence[Profile], *, sound: bool
    ) -> Iterator[Issue]:
        """`called`: its type and its place. `sound`: its structure holds; of a broken one an invariant says nothing."""
        if not sound:
            return
        kind, place = called
        for number, (at, name, node) in enumerate(self.typed(kind, resource, place)):
            if number == _MOST:
                yield Issue("not-checked", f"more than {_MOST} elements", "check a part of it", at, "warning")
                return
            base = re.split("[.,]", name)[0]
            for rule in self._of(base):
                owner, _, element = rule["path"].rpartition(".")
                if rule["path"] == name.partition(",")[0]:
                    yield from _broken(rule, at, [node], name, resource)
                elif owner == name and element in node:
                    inner = node[element] if isinstance(node[element], list) else [node[element]]
                    plain = [one for one in inner if not isinstance(one, dict)]  # objects come by themselves
                    yield from _broken(rule, f"{at}.{element}", plain, rule["path"], resource)
        for profile in dict.fromkeys(above for p in followed for above in self._tables.lineage(p)):
            for rule in self._of(profile.name):
                for at, node in _places(rule["path"], place, resource):
                    yield from _broken(rule, at, [node], rule["path"], resource)

    def typed(self, kind: str, resource: Resource, place: str) -> Iterator[tuple[str, str, Json]]:
        """(place, type, object) of the resource and of every object in it, as the schema types them."""
        todo: list[tuple[str, str, Any]] = [(place, kind, resource)]
        while todo:
            at, name, node = todo.pop()
            if not isinstance(node, dict):
                continue
            yield at, name, node
            properties = self._definition(kind).get(name, {}).get("properties", {})
            for key, child in node.items():
                below = _type_of(properties.get(key))
                if below and key != "contained":
                    listed = child if isinstance(child, list) else [child]
                    shown = f"{at}.{key}[{{}}]" if isinstance(child, list) else f"{at}.{key}"
                    todo += [(shown.format(n), below, one) for n, one in enumerate(listed)]


def _type_of(told: Any) -> str:
    """`told` is `True` where an invariant says all: of a value, which is no object."""
    told = told.get("items", told) if isinstance(told, dict) else told
    for part in (told, *told.get("allOf", ())) if isinstance(told, dict) else ():
        if "$ref" in part:
            return str(part["$ref"]).removeprefix("#/definitions/")
    return ""


def _places(path: str, place: str, resource: Resource) -> Iterator[tuple[str, Any]]:
    """Every value at this path of a profile; `value[x]` stands for each of its types."""
    found: list[tuple[str, Any]] = [(place, resource)]
    for step in path.split(".")[1:]:
        stem = step.removesuffix("[x]")
        below: list[tuple[str, Any]] = []
        for at, node in found:
            for key, child in node.items() if isinstance(node, dict) else ():
                if key == step or (stem != step and re.fullmatch(f"{stem}[A-Z].*", key)):
                    listed = enumerate(child) if isinstance(child, list) else [(None, child)]
                    below += [(f"{at}.{key}" + ("" if n is None else f"[{n}]"), one) for n, one in listed]
        found = below
    yield from found


def _broken(rule: Mapping[str, str], at: str, nodes: Sequence[Any], base: str, resource: Resource) -> Iterator[Issue]:
    for node in nodes:
        if not rule["expression"]:
            yield Issue("not-checked", rule["human"], "look it up where it is published", at, "warning")
            continue
        held = _holds(rule["expression"], node, base, resource)
        if held is None:
            yield Issue("not-checked", f"{rule['key']} could not be evaluated", "check it elsewhere", at, "warning")
        elif not held:
            yield Issue(rule["key"], rule["human"], "correct this element", at)


def _holds(expression: str, node: Any, base: str, resource: Resource) -> bool | None:
    """None where this engine cannot say: its exceptions are of every kind, and may quote the value."""
    from fhirpathpy.engine.nodes import ResourceNode
    from fhirpathpy.models import models

    root = "" if "." not in base and base == resource.get("resourceType") else base
    try:
        start = ResourceNode.create_node(node, root) if root else node
        told = _compiled(expression, models["r4"])(start, {"resource": resource, "rootResource": resource})
    except Exception:  # noqa: BLE001  # the engine's are of every kind; the caller tells "not-checked"
        return None
    return told[0] is True if len(told) == 1 and isinstance(told[0], bool) else None if told else True


@cache
def _parsed(expression: str) -> Any:
    from fhirpathpy.parser import parse

    return parse(expression)


def _compiled(expression: str, model: Any) -> Any:
    from fhirpathpy import apply_parsed_path

    options = {
        "userInvocationTable": {
            "resolve": {"fn": _resolve, "arity": {0: []}},
            "hasValue": {"fn": lambda nodes: len(nodes) == 1, "arity": {0: []}},
        },
        "traceFn": lambda *_: None,
    }
    parsed = _parsed(expression)
    return lambda start, context: apply_parsed_path(start, parsed, context, model, options)


def _resolve(nodes: Sequence[Any]) -> list[Json]:
    """As much of the target as the reference says: its type."""
    found = []
    for node in nodes:
        data = getattr(node, "data", node)
        target = data.get("reference") if isinstance(data, dict) else data
        if isinstance(target, str) and (named := LITERAL.search(target)):
            found.append({"resourceType": named[1]})
    return found
