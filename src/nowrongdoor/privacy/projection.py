"""What a recipient sees of a resource: a copy that points at nothing it does not get.

A reference to what stays behind is left out where the table below says that the rest stands without it; anywhere else
the resource stays behind as well. What may be left out is a pointer beside the statement (why, with what, who wrote
it down); never whom it is about, what it acts on or who does it. Once something was left out, the narrative may still
speak of it, so the narrative goes too, and a plan's notes with it. A CarePlan must have a narrative (US Core 6.1), and
gets one that says nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from nowrongdoor.model import Resource

# By type: paths of references that are left out alone …
ALONE: Mapping[str, frozenset[str]] = {
    "Patient": frozenset({"generalPractitioner", "managingOrganization"}),
    "Coverage": frozenset({"policyHolder", "subscriber"}),
    "DocumentReference": frozenset({"author", "authenticator", "context.related", "context.encounter"}),
    "Condition": frozenset({"recorder", "asserter", "encounter", "evidence.detail"}),
    "Goal": frozenset({"addresses", "expressedBy", "outcomeReference"}),
    "ServiceRequest": frozenset({"reasonReference", "supportingInfo", "insurance", "encounter"}),
    "MedicationRequest": frozenset({"reasonReference", "insurance", "encounter"}),
    "DeviceRequest": frozenset({"reasonReference", "insurance", "encounter"}),
    "Observation": frozenset({"encounter"}),
    "Task": frozenset({"reasonReference", "insurance", "encounter"}),
    "CarePlan": frozenset(
        {"goal", "addresses", "careTeam", "supportingInfo", "contributor", "encounter", "activity.outcomeReference"}
    ),
    "Provenance": frozenset({"target", "agent.onBehalfOf"}),
}
# … or with the element that holds them: an activity's progress speaks of the activity
WITH_HOLDER: Mapping[str, frozenset[str]] = {
    "CareTeam": frozenset({"participant.member"}),
    "Encounter": frozenset({"diagnosis.condition"}),
    "Patient": frozenset({"link.other"}),
    "DocumentReference": frozenset({"relatesTo.target"}),
    "Task": frozenset({"input.valueReference", "output.valueReference"}),
    "CarePlan": frozenset({"activity.reference"}),
    "Provenance": frozenset({"entity.what"}),
}
NEEDED = {("Provenance", "target"), ("CareTeam", "participant")}  # one of them has to remain
# A Consent that is over goes to whoever holds it, with or without its paper and signers.
NARROWED = frozenset({"performer", "organization", "sourceReference"})

_RELATIVE = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(/_history/[A-Za-z0-9.-]{1,64})?")
_EXTENSION = re.compile(r"^(?!.*modifierExtension).*\bextension\.valueReference$")
_GONE: Final = object()
_WITH_HOLDER: Final = object()
_MAY_TELL: Final = {"CarePlan": ("text", "note", "description")}  # words that may speak of what was left out
_SAYS_NOTHING = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Care plan</div>'}


def references(node: Any) -> Iterator[str]:
    """Each target as "Type/id", a version left off; "other" for one not written so; contained ones left out."""
    if isinstance(node, dict):
        if isinstance(to := node.get("reference"), str) and not to.startswith("#"):
            yield target(to)
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def target(reference: str) -> str:
    """The "Type/id" that a relative reference names, or "other"."""
    return match[1] if (match := _RELATIVE.fullmatch(reference)) else "other"


class _View:
    def __init__(self, kind: str, known: Callable[[str], bool], alone: frozenset[str]) -> None:
        self.kind, self.known, self.alone = kind, known, alone
        self.with_holder = WITH_HOLDER.get(kind, frozenset())
        self.missing = ""  # type of the first target that the resource cannot stand without
        self.cut = False

    def of(self, node: Any, path: str) -> Any:
        if isinstance(node, dict):
            return self._dict(node, path)
        if isinstance(node, list):
            return self._list(node, path)
        return node

    def _dict(self, node: Resource, path: str) -> Any:
        to = node.get("reference")
        if isinstance(to, str) and not to.startswith("#") and not self.known(target(to)):
            return self._dangling(target(to), path)
        copy: Resource = {}
        for name, inner in node.items():
            seen = self.of(inner, f"{path}.{name}" if path else name)
            if seen is _WITH_HOLDER:
                return _GONE
            if seen is not _GONE:
                copy[name] = seen
        return copy or _GONE

    def _list(self, node: list[Any], path: str) -> Any:
        left = [seen for inner in node if (seen := self.of(inner, path)) is not _GONE]
        if node and not left and (self.kind, path) in NEEDED:
            self.missing = self.missing or path
        return left or _GONE

    def _dangling(self, to: str, path: str) -> object:
        if path in self.alone:
            self.cut = True
            return _GONE
        if path in self.with_holder or _EXTENSION.search(path):
            self.cut = True
            return _WITH_HOLDER
        self.missing = self.missing or to.split("/", maxsplit=1)[0]
        return _GONE


def project(resource: Resource, known: Callable[[str], bool], *, narrowed: bool = False) -> tuple[Resource, str]:
    """A deep copy of `resource` without what may be left out, and the type of a target that it cannot stand without.

    `known`: does the recipient get (or, `narrowed`, have) this "Type/id"? The second is "" where the copy may go.
    """
    kind = resource["resourceType"]
    view = _View(kind, known, NARROWED if narrowed else ALONE.get(kind, frozenset()))
    copy: Resource = view.of(resource, "")
    if view.cut:
        for told in _MAY_TELL.get(kind, ("text",)):
            copy.pop(told, None)
        if kind == "CarePlan" and "text" in resource:
            copy["text"] = dict(_SAYS_NOTHING)
    return copy, view.missing
