"""Say in a clerk's words what the schema found, and never repeat the value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema_rs import ValidationError

from nowrongdoor.model import Issue, value

_FEW = 16  # so many codes are still worth reading in a cure
_CURES = {
    "fhir-binding": "use a code of this value set",
    "fhir-date": "write a day of the calendar; a time needs seconds and a zone",
    "fhir-reference": "point at an allowed type, as Type/id",
    "label": "give the label its system and code",
    "us-core": "fill it, or do not claim a US Core profile",
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

    def issues(self, root: str, path: Sequence[str | int], *, claimed: bool) -> Iterator[Issue]:
        """`claimed`: the resource says that it is US Core, so a must-have that is missing is an error."""
        lenient = self.rule == "label" or (self.rule == "us-core" and not claimed)
        at = root + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        for name in self.names:
            shown = "" if not name else f".{name}" if _NAME.fullmatch(name) else ".?"
            yield Issue(self.rule, self.cause, self.cure, at + shown, "warning" if lenient else "error")


DANGLING = Finding("ref-1", "must point at a contained resource", "contain it, or point elsewhere")


def read(definitions: Mapping[str, Any], error: ValidationError) -> Finding:
    """The `title` and `$comment` (our rule) nearest to the error in the schema; else words for its keyword."""
    rule, cause, keyword = "fhir-structure", "", str(error.schema_path[-1])
    node: Any = {"definitions": definitions}
    for step in error.schema_path:
        node = node[step]
        if isinstance(node, dict) and isinstance(node.get("title"), str):
            cause, rule = node["title"], node.get("$comment", rule)
    cure = _CURES.get(rule, "correct this element")
    if keyword == "enum" and len(node) <= _FEW:
        cure = "use one of: " + ", ".join(node)
    owner = str(error.schema_path[1])
    pointed = owner.startswith("Reference") and keyword == "pattern" and rule == "fhir-reference"
    return Finding(
        rule,
        cause or (_TYPES.get(node, "") if keyword == "type" else _CAUSES.get(keyword, "")) or "is not valid here",
        cure,
        definitions[owner]["properties"]["type"]["enum"] if pointed else (),
        _names(error, keyword, node) if rule in {"fhir-structure", "us-core"} else [""],
    )


def _names(error: ValidationError, keyword: str, node: Any) -> Sequence[str]:
    """Elements that are missing or too many; their place is the object that should, or should not, have them."""
    found: object = getattr(error.kind, "unexpected", None) or getattr(error.kind, "property", None)
    if keyword == "anyOf" and all(list(option) == ["required"] for option in node):
        found = node[0]["required"]
    return found if isinstance(found, list) else [found] if isinstance(found, str) else [""]
