"""Say in a clerk's words what the schema found, and never repeat the value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from jsonschema_rs import ValidationError

from nowrongdoor.model import Issue, value

_FEW = 16  # so many codes are still worth reading in a cure
_CURES = {
    "fhir-binding": "use a code of this value set",
    "fhir-date": "write a day of the calendar; a time needs seconds and a zone",
    "fhir-reference": "point at an allowed type, as Type/id",
}
_CAUSES = {
    "additionalProperties": "R4 has no such element here",
    "anyOf": "must be there",
    "contains": "must not be empty",
    "minItems": "must not be empty",
    "minProperties": "must not be empty: an id alone says nothing",
    "required": "must be there",
}
_TYPES = {"array": "must be a list", "object": "must be an object"}
_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")


@value
class Finding:
    """What the schema says of one place. `allowed`: what a reference may point at; `names`: elements meant below it."""

    rule: str
    cause: str
    cure: str
    allowed: Sequence[str] = ()
    names: Sequence[str] = ("",)
    severity: Literal["error", "warning"] = "error"

    def issues(self, root: str, path: Sequence[str | int]) -> Iterator[Issue]:
        at = root + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        for name in self.names:
            shown = "" if not name else f".{name}" if _NAME.fullmatch(name) else ".?"
            yield Issue(self.rule, self.cause, self.cure, at + shown, self.severity)


DANGLING = Finding("ref-1", "must point at a contained resource", "contain it, or point elsewhere")
ELSEWHERE = Finding("not-checked", "a URL that names no type of R4", "check it elsewhere", severity="warning")


def read(definitions: Mapping[str, Any], error: ValidationError) -> Finding:
    """The `title` nearest to the error in the schema, and the `$comment` (our rule); else words for its keyword."""
    rule, cause, keyword, invariant = "fhir-structure", "", str(error.schema_path[-1]), False
    node: Any = {"definitions": definitions}
    for step in error.schema_path:
        node, owner = node[step], node
        if isinstance(node, dict):
            rule, invariant = node.get("$comment", rule), invariant or "invariant" in node
            cause = node["title"] if isinstance(node.get("title"), str) else cause
    cure = _CURES.get(rule, "correct this element")
    if keyword == "enum" and len(node) <= _FEW:
        cure = "use one of: " + ", ".join(node)
    return Finding(
        rule,
        cause or (_TYPES.get(node, "") if keyword == "type" else _CAUSES.get(keyword, "")) or "is not valid here",
        cure,
        owner.get("targets", ()) if keyword == "pattern" else (),
        [""] if invariant or rule == "fhir-binding" else _names(error, keyword, node),
    )


def _names(error: ValidationError, keyword: str, node: Any) -> Sequence[str]:
    """Elements that are missing or too many; their place is the object that should, or should not, have them."""
    found: object = getattr(error.kind, "unexpected", None) or getattr(error.kind, "property", None)
    if keyword == "anyOf" and all(list(option) == ["required"] for option in node):
        found = node[0]["required"]
    return found if isinstance(found, list) else [found] if isinstance(found, str) else [""]
