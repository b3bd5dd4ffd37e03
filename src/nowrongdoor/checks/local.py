"""What a schema cannot see: contained resources, `#local` references, nulls that only keep a place in a list."""

from collections.abc import Iterator, Sequence
from typing import Any

from nowrongdoor.checks.wording import DANGLING, Finding
from nowrongdoor.model import Issue, Resource


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

    def rules(self, one: Resource, at: str) -> Iterator[Issue]:
        """dom-2 to dom-5 of R4 for one contained resource."""
        meta = one.get("meta") or {}
        said = [node.get("reference") for _, node in objects(self.root, "")]
        from_it = [node.get("reference") for _, node in objects(one, "")]
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


def objects(resource: Resource, at: str) -> list[tuple[str, Resource]]:
    """Every object with its place. No recursion: depth is the sender's choice. On the hot path: 5 to 10 µs."""
    found = [(at, resource)]
    for place, node in found:  # grows while it is read
        for key, child in node.items():
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
