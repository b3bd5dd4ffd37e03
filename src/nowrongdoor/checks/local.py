"""What a schema cannot see: contained resources, `#local` references, nulls that only keep a place in a list."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from typing import Any

from nowrongdoor.checks.keywords import LITERAL
from nowrongdoor.checks.wording import DANGLING, ELSEWHERE, Finding
from nowrongdoor.model import Issue, Resource

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+$")
_LONG = 64  # letters of an element's name
_VIEWS = ("StructureDefinition.snapshot", "StructureDefinition.differential")  # two views of the same elements
_TWICE = "something else in this resource has the same id"


class Local:
    """What a resource contains, by id: `#id` points at it."""

    def __init__(self, root: Resource) -> None:
        self.root = root
        inside = root.get("contained")
        held = enumerate(inside) if isinstance(inside, list) else ()
        self.inside = [(number, one) for number, one in held if isinstance(one, dict)]
        named = [one for _, one in self.inside if isinstance(one.get("id"), str)]
        self.ids = Counter(one["id"] for one in named)
        self.types = {f"#{one['id']}": str(one.get("resourceType")) for one in named}
        if self.inside:
            self.types["#"] = str(root.get("resourceType"))

    def resolved(self) -> Resource:
        """The resource; `#id` of what it contains is Type/id there, so that all is checked by its real target."""
        if not self.types:
            return self.root
        copy = deepcopy(self.root)
        for _, node in objects(copy, ""):
            target = node.get("reference")
            if isinstance(target, str) and target in self.types:
                node["reference"] = f"{self.types[target]}/inside"
        return copy

    def rules(self, at: str) -> Iterator[Issue]:
        """dom-2 to dom-5 of R4 for each contained resource, and that no two have one id."""
        said = _pointers(self.root)
        for number, one in self.inside:
            meta, id_, place = one.get("meta"), one.get("id"), f"{at}.contained[{number}]"
            meta = meta if isinstance(meta, dict) else {}
            broken = {
                ("dom-2", "must not contain resources itself"): "contained" in one,
                ("dom-3", "must have an id that something refers to"): f"#{id_}" not in said
                and "#" not in _pointers(one),
                ("dom-4", "must have no versionId and no lastUpdated"): "versionId" in meta or "lastUpdated" in meta,
                ("dom-5", "must have no security label of its own"): "security" in meta,
            }
            for (rule, cause), fails in broken.items():
                if fails:
                    yield Issue(rule, cause, "correct the contained resource", place)
            if isinstance(id_, str) and self.ids[id_] > 1:
                yield Issue("fhir-structure", _TWICE, "give it another id", f"{place}.id")


def weigh(finding: Finding, resource: Resource, path: Sequence[str | int], types: Collection[str]) -> Finding | None:
    """The schema knows no `#id`, no null and no URL of elsewhere: they are seen as they stand. None: nothing is wrong.

    `types`: the resource types of R4. A URL that ends in one and an id is taken for a FHIR server's, as R4 does.
    """
    found = _at(resource, path)
    if finding.allowed and isinstance(found, str):
        named = LITERAL.search(found)
        elsewhere = _ABSOLUTE.match(found) and not (named and named[1] in {*types} - {*finding.allowed})
        return DANGLING if found.startswith("#") else ELSEWHERE if elsewhere else finding
    if found is None and path and isinstance(path[-1], int):
        beside = _at(resource, path[:-2]).get(f"_{path[-2]}")  # null keeps a place: `_given` says why
        held = isinstance(beside, list) and path[-1] < len(beside) and isinstance(beside[path[-1]], dict)
        return None if held else finding
    return finding


def twice(resource: Resource, kind: str) -> Iterator[Issue]:
    """Elements whose id another element has (R4, element: unique within the resource); one contained has its own."""
    within: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for place, node in objects(resource, kind):
        apart = "resourceType" in node or place.endswith(_VIEWS)
        scope = place if apart else within[place.rpartition(".")[0]]
        within[place] = scope
        id_ = node.get("id")
        if isinstance(id_, str) and place != scope:
            if (scope, id_) in seen:
                yield Issue("fhir-structure", _TWICE, "give it another id", f"{place}.id")
            seen.add((scope, id_))


def _pointers(resource: Resource) -> set[str]:
    """Every text that points inside: references, canonicals, URIs and URLs (dom-3)."""
    texts = (text for _, node in objects(resource, "") for child in node.values()
             for text in (child if isinstance(child, list) else [child]))  # fmt: skip
    return {text for text in texts if isinstance(text, str) and text.startswith("#")}


def deep(resource: Resource, most: int) -> bool:
    """Are more than `most` objects and lists inside one another?"""
    level: list[Any] = [resource]
    for _ in range(most):
        level = [
            c
            for node in level
            for c in (node.values() if isinstance(node, dict) else node)
            if isinstance(c, dict | list)
        ]
        if not level:
            return False
    return True


def objects(resource: Resource, at: str) -> list[tuple[str, Resource]]:
    """Every object with its place; an odd name is not told. No recursion: depth is the sender's choice."""
    found = [(at, resource)]
    for place, node in found:  # grows while it is read
        for name, child in node.items():
            if child.__class__ is dict:
                found.append((f"{place}.{plain(name)}", child))
            elif child.__class__ is list:
                for number, item in enumerate(child):
                    if item.__class__ is dict:
                        found.append((f"{place}.{plain(name)}[{number}]", item))
    return found


def plain(name: str) -> str:
    """An element's name; "?" for what cannot be one, and may be a person's."""
    return name if name.isascii() and name.lstrip("_").isalnum() and len(name) <= _LONG else "?"


def _at(node: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        node = node[step]
    return node
