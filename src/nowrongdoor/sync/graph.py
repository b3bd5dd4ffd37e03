"""Resources of one person as a graph: in which order they can go, under which names, and whether two are the same.

Pure functions over JSON values; nothing here talks to a server.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from nowrongdoor.model import Cleared, Resource

# what is pointed to goes before what points to it
ORDER: Final = (
    "Organization", "Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Coverage", "CareTeam",
    "Condition", "Encounter", "DocumentReference", "Consent", "Observation", "Procedure", "Goal", "ServiceRequest",
    "MedicationRequest", "DeviceRequest", "Task", "CarePlan", "Provenance",
)  # fmt: skip
_RANK = {kind: rank for rank, kind in enumerate(ORDER)}
_LITERAL = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")


@dataclass(slots=True)
class Item:
    """One resource on its way. `server_id` "": the server will choose; `etag` "": it is not there yet."""

    cleared: Cleared
    kind: str
    id: str
    hash: str
    needs: tuple[str, ...]  # "Type/our-id" of everything it points to
    server_id: str = ""
    etag: str = ""

    @classmethod
    def of(cls, cleared: Cleared) -> "Item":
        resource = cleared.resource
        name = f"{resource['resourceType']}/{resource['id']}"
        needs = tuple(sorted(targets(resource) - {name}))
        return cls(cleared, resource["resourceType"], resource["id"], digest(resource), needs)

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.id}"


def targets(resource: Resource) -> set[str]:
    """All that it points to, each as "Type/id"."""
    return {r for r in _references(resource) if _LITERAL.fullmatch(r)}


def digest(resource: Resource) -> str:
    """SHA-256 over canonical JSON: equal content, equal digest, whatever the order of keys."""
    return hashlib.sha256(orjson.dumps(resource, option=orjson.OPT_SORT_KEYS)).hexdigest()


def ordered(items: Iterable[Item]) -> list[Item]:
    """Each after everything it points to (but for circles, which no order satisfies); else by type and id."""
    ranked = sorted(items, key=lambda item: (_RANK.get(item.kind, len(ORDER) - 1), item.kind, item.id))
    by_name = {item.name: item for item in ranked}
    placed: dict[str, Item] = {}
    seen: set[str] = set()

    def place(item: Item) -> None:
        if item.name in seen:
            return
        seen.add(item.name)
        for need in item.needs:
            if need in by_name:
                place(by_name[need])
        placed[item.name] = item

    for item in ranked:
        place(item)
    return list(placed.values())


def renamed(resource: Resource, names: Mapping[str, str]) -> Resource:
    """A copy whose literal references read as `names` says; strings that are no references stay as they are."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                k: names.get(v, v) if k == "reference" and isinstance(v, str) else walk(v) for k, v in value.items()
            }
        return [walk(v) for v in value] if isinstance(value, list) else value

    return {k: walk(v) for k, v in resource.items()}


def same(intended: Resource, found: Resource) -> bool:
    """Is what the server holds what we mean to send? Numbers compare by value: some servers rewrite 1.50 as 1.5."""
    return _content(intended) == _content(found)


def identity(resource: Resource, system: str) -> str:
    """The search parameter under which this resource carries our own identity; "" where it carries none."""
    if (system, resource["id"]) in _pairs(resource.get("identifier"), "value"):
        return "identifier"
    if (system, resource["id"]) in _pairs(resource.get("meta", {}).get("tag"), "code"):
        return "_tag"
    return ""


def carries(found: Resource, system: str, our_id: str) -> bool:
    """Does a resource on a server say that it is the one we know as `our_id`?"""
    found = {**found, "id": our_id}
    return bool(identity(found, system))


def agrees(intended: Resource, found: Resource) -> bool:
    """May a resource be ours that we do not remember creating? Only of the same subject, or name and birth date."""
    if intended["resourceType"] != "Patient":
        return all(
            _target(intended, role) == _target(found, role) for role in ("subject", "patient", "beneficiary", "for")
        )
    families = [{n.get("family") for n in r.get("name", ())} - {None} for r in (intended, found)]
    return intended.get("birthDate") == found.get("birthDate") and (
        families[0] == families[1] or bool(families[0] & families[1])
    )


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("reference"), str):
            yield reference
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _target(resource: Resource, role: str) -> list[str]:
    reference = resource.get(role)
    return str(reference.get("reference")).rsplit("/", 2)[-2:] if isinstance(reference, dict) else []


def _pairs(values: Any, key: str) -> set[tuple[Any, Any]]:
    return (
        {(v.get("system"), v.get(key)) for v in values or () if isinstance(v, dict)}
        if isinstance(values, list)
        else set()
    )


def _content(resource: Resource) -> Resource:
    """Without what servers add of themselves; labels as sets, for no server promises their order."""
    kept = {k: v for k, v in resource.items() if k not in {"id", "meta"}}
    if resource.get("text", {}).get("status") == "generated":
        del kept["text"]
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in {"versionId", "lastUpdated", "source"}}
    for label in {"tag", "security"} & meta.keys():
        meta[label] = _pairs(meta[label], "code")
    if "profile" in meta:
        meta["profile"] = set(meta["profile"])
    return {**_bare(kept), "meta": {k: v for k, v in meta.items() if v}}


def _bare(value: Any) -> Any:
    """Without lists of nothing but nulls: they keep places for what stands beside them, and some servers omit them."""
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if not (isinstance(v, list) and v and v.count(None) == len(v))}
    return [_bare(v) for v in value] if isinstance(value, list) else value
