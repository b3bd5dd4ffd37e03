"""A Bundle by itself: its own rules, its entries one by one, and what they point at among each other."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from nowrongdoor.checks.local import objects
from nowrongdoor.model import Issue, Resource

Found: TypeAlias = tuple[str, Resource | None, tuple[Issue, ...]]  # where, what, and what is wrong with it there
_MUST = ("bdl-3", "request", {"batch", "transaction", "history"}), (
    "bdl-4", "response", {"batch-response", "transaction-response", "history"},
)  # fmt: skip
_CURE = "correct the Bundle"
_LOST = Issue("no-target", "points at an entry that this Bundle does not have", "add that entry, or correct it")


def opened(where: str, resource: Resource) -> Iterator[Found]:
    """The resource; a Bundle with the types alone of what it holds, then its entries, their references joined."""
    if resource.get("resourceType") != "Bundle":
        yield where, resource, ()
        return
    held = resource.get("entry")
    entries = [e if isinstance(e, dict) else {} for e in held] if isinstance(held, list) else []
    lost = _join(entries)
    yield where, _shell(resource), tuple(_rules(resource, entries))
    for number, entry in enumerate(entries):
        if isinstance(inside := entry.get("resource"), dict):
            for at, found, issues in opened(f"{where} entry[{number}]", inside):
                yield at, found, (*issues, *(lost.get(number, ()) if found is inside else ()))


def _shell(bundle: Resource) -> Resource:
    held = bundle.get("entry")
    if not isinstance(held, list):
        return bundle
    entries = [
        {**e, "resource": {"resourceType": r.get("resourceType")}}
        if isinstance(e, dict) and isinstance(r := e.get("resource"), dict)
        else e
        for e in held
    ]
    return {**bundle, "entry": entries}


def _rules(bundle: Resource, entries: Sequence[Resource]) -> Iterator[Issue]:
    """bdl-1 to bdl-12 of R4 (4.0.1), each at its place."""
    kind, told = str(bundle.get("type")), bundle.get("identifier")
    named = isinstance(told, dict) and {"system", "value"} <= told.keys()
    first = _type(entries[0].get("resource")) if entries else ""
    broken = {
        ("bdl-1", "has a total, which only a search or a history has", "total"): "total" in bundle
        and kind not in {"searchset", "history"},
        ("bdl-9", "a document must have an identifier with system and value", ""): kind == "document" and not named,
        ("bdl-10", "a document must have a date", ""): kind == "document" and "timestamp" not in bundle,
        ("bdl-11", "a document must begin with its Composition", ""): kind == "document" and first != "Composition",
        ("bdl-12", "a message must begin with its MessageHeader", ""): kind == "message" and first != "MessageHeader",
    }
    for (rule, cause, at), fails in broken.items():
        if fails:
            yield Issue(rule, cause, _CURE, f"Bundle.{at}".rstrip("."))
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(entries):
        for rule, cause in _entry(entry, kind, seen):
            yield Issue(rule, cause, _CURE, f"Bundle.entry[{number}]")


def _entry(entry: Resource, kind: str, seen: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if "search" in entry and kind != "searchset":
        yield "bdl-2", "has a search element, which only a search has"
    for rule, name, kinds in _MUST:
        if (name in entry) != (kind in kinds):
            yield rule, f"must {'not ' if name in entry else ''}have a {name} in a Bundle of this type"
    if entry.keys().isdisjoint({"resource", "request", "response"}):
        yield "bdl-5", "must hold a resource, a request or a response"
    url = entry.get("fullUrl")
    if not isinstance(url, str):
        return
    if "/_history/" in url:
        yield "bdl-8", "its fullUrl must not name a version"
    meta = entry["resource"].get("meta") if isinstance(entry.get("resource"), dict) else None
    one = (url, str(meta.get("versionId")) if isinstance(meta, dict) else "")
    if kind != "history" and one in seen:
        yield "bdl-7", "another entry has the same fullUrl"
    seen.add(one)


def _join(entries: Sequence[Resource]) -> Mapping[int, list[Issue]]:
    """References to entries by their fullUrl become Type/id in place, so that each is checked by its real target.

    An entry without an id gets one. Issues, by entry, of each urn that is no fullUrl here: it can be nowhere else.
    """
    held = [(n, e.get("fullUrl"), e["resource"]) for n, e in enumerate(entries) if _type(e.get("resource"))]
    named = {
        url: f"{_type(resource)}/{resource.setdefault('id', f'entry-{number}')}"
        for number, url, resource in held
        if isinstance(url, str)
    }
    lost: defaultdict[int, list[Issue]] = defaultdict(list)
    for number, _, resource in held:
        for at, node in objects(resource, _type(resource)):
            target = node.get("reference")
            if not isinstance(target, str):
                continue
            if found := named.get(target.partition("/_history/")[0]):
                node["reference"] = found
            elif target.startswith("urn:"):
                lost[number].append(Issue(_LOST.rule, _LOST.cause, _LOST.cure, f"{at}.reference"))
    return lost


def _type(resource: object) -> str:
    kind = resource.get("resourceType") if isinstance(resource, dict) else ""
    return kind if isinstance(kind, str) else ""
