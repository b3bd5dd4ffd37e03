"""What a schema cannot see: contained resources, `#local` references, nulls that only keep a place in a list."""

from collections.abc import Iterator, Sequence
from typing import Any

from nowrongdoor.checks.wording import DANGLING, Finding
from nowrongdoor.model import Issue, Resource

_LONG = 64  # letters of an element's name


class Local:
    """What a resource contains, by id: `#id` points at it."""

    def __init__(self, root: Resource) -> None:
        self.root = root
        inside = root.get("contained")
        inside = [c for c in inside if isinstance(c, dict)] if isinstance(inside, list) else []
        self.types = {f"#{c['id']}": c.get("resourceType") for c in inside if isinstance(c.get("id"), str)}
        if inside:
            self.types["#"] = root["resourceType"]

    def weigh(self, finding: Finding, resource: Resource, path: Sequence[str | int]) -> Finding | None:
        """The schema knows no `#id` and no null: here they are seen in their surroundings. None: nothing is wrong."""
        found = _at(resource, path)
        if finding.allowed and isinstance(found, str) and found.startswith("#"):
            kind = self.types.get(found)
            return None if kind in finding.allowed else finding if kind else DANGLING
        if found is None and path and isinstance(path[-1], int):
            beside = _at(resource, path[:-2]).get(f"_{path[-2]}")  # null keeps a place: `_given` says why
            held = isinstance(beside, list) and path[-1] < len(beside) and isinstance(beside[path[-1]], dict)
            return None if held else finding
        return finding

    def pointers(self, one: Resource, at: str) -> Iterator[Issue]:
        """Reference.type is that of the contained resource that `#id` points at."""
        for place, node in objects(one, at) if self.types else ():
            told, target = node.get("type"), node.get("reference")
            if isinstance(told, str) and isinstance(target, str) and self.types.get(target, told) != told:
                cure = "name the type of what is contained"
                yield Issue("fhir-reference", "type and reference must agree", cure, f"{place}.type")

    def rules(self, one: Resource, at: str) -> Iterator[Issue]:
        """dom-2 to dom-5 of R4 for one contained resource."""
        meta = one.get("meta") or {}
        said, from_it = _pointers(self.root), _pointers(one)
        broken = {
            ("dom-2", "must not contain resources itself"): "contained" in one,
            ("dom-3", "must have an id that something refers to"): f"#{one.get('id')}" not in said
            and "#" not in from_it,
            ("dom-4", "must have no versionId and no lastUpdated"): "versionId" in meta or "lastUpdated" in meta,
            ("dom-5", "must have no security label of its own"): "security" in meta,
        }
        for (rule, cause), fails in broken.items():
            if fails:
                yield Issue(rule, cause, "correct the contained resource", at)


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
            key = name if name.isascii() and name.lstrip("_").isalnum() and len(name) <= _LONG else "?"
            if child.__class__ is dict:
                found.append((f"{place}.{key}", child))
            elif child.__class__ is list:
                for number, item in enumerate(child):
                    if item.__class__ is dict:
                        found.append((f"{place}.{key}[{number}]", item))
    return found


def _at(node: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        node = node[step]
    return node
