"""Is what a server answers shaped as FHIR R4 says, as far as anybody here looks into it?

Asked once, where a body enters: whoever reads it afterwards finds objects, lists and texts where they belong, or
nothing. Only what is read is described; all else may be as it likes.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from nowrongdoor.model import Resource

# a type or pattern: such a value; a list: of such; a mapping: where a key is there, such a value under it
_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")
_NAME: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")
_HEADER: Final = re.compile(r"[\x20-\x7e]+")  # goes back as If-Match
_CODING: Final = {"system": str, "code": str}
_DEEPEST: Final = 100  # levels; no resource comes near, and comparing walks them all

_META: Final = {
    "versionId": _ID, "lastUpdated": str, "tag": [_CODING], "security": [_CODING], "profile": [str],
}  # fmt: skip
_HELD: Final = {"id": _ID, "meta": _META, "identifier": [{"system": str, "value": str}], "text": {"status": str}}
_RESPONSE: Final = {"status": str, "location": str, "etag": _HEADER, "outcome": dict}
_NAMELESS: Final = {"Bundle", "CapabilityStatement", "OperationOutcome"}  # need no id
_SHAPES: Final[Mapping[str, Any]] = {
    "CapabilityStatement": {
        "fhirVersion": str,
        "software": {"name": str, "version": str},
        "rest": [{"interaction": [{"code": str}], "resource": [{"updateCreate": bool}]}],
    },
    "OperationOutcome": {"issue": [{"severity": str, "code": str, "diagnostics": str, "expression": [str]}]},
    "Bundle": {
        "meta": _META,
        "entry": [{"resource": dict, "response": _RESPONSE}],
        "link": [{"relation": str, "url": str}],
    },
    "Patient": {**_HELD, "name": [{"family": str}], "managingOrganization": {"reference": str}},
}


def well_formed(body: Any) -> TypeGuard[Resource]:
    """A resource whose parts are what they must be; in a bundle, every resource and outcome too."""
    if not _single(body) or body["resourceType"] != "Bundle":
        return _single(body)
    entries = body.get("entry", [])
    parts = [entry["resource"] for entry in entries if "resource" in entry]
    outcomes = [e["response"]["outcome"] for e in entries if "outcome" in e.get("response", {})]
    return all(_single(part) for part in parts + outcomes)


def kind_of(body: Any) -> str:
    """What it calls itself; "" where it is no resource at all."""
    return body["resourceType"] if isinstance(body, dict) and _fits(body.get("resourceType"), _NAME) else ""


def _single(body: Any) -> bool:
    kind = kind_of(body)
    named = kind in _NAMELESS or (kind and "id" in body and _shallow(body))
    return bool(named) and _fits(body, _SHAPES.get(kind, _HELD))


def _fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(_fits(value[k], inner) for k, inner in shape.items() if k in value)
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(v, shape[0]) for v in value)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    return isinstance(value, shape)


def _shallow(value: Any, left: int = _DEEPEST) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(_shallow(v, left - 1) for v in inner)
