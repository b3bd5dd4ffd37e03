"""What this server says that it can do, and nothing that it cannot."""

from functools import cache
from typing import Any

import orjson

from nowrongdoor import __version__
from nowrongdoor.sandbox.habits import Habits
from nowrongdoor.sandbox.vocabulary import TYPES, parameters

READING = ("read", "vread", "history-instance", "history-type", "search-type")
WRITING = ("create", "update", "delete")
_ABOUT = (
    "Keeps what it is given: of a resource it checks that it is a JSON object, that resourceType is an R4 type and the"
    " id a FHIR id, and that literal references within this server lead somewhere; nothing else, no profile, no code,"
    " no date, no element name. Decimals are kept as IEEE doubles. If-None-Match is not looked at. A search link"
    " holds for an hour and shows what was found when it was asked. For demonstrations and tests with invented people."
)


@cache
def statement(habits: Habits, base: str) -> bytes:
    """The CapabilityStatement, as JSON."""
    return orjson.dumps(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-11-24",
            "kind": "instance",
            "software": {"name": "nowrongdoor sandbox", "version": __version__},
            "implementation": {"description": "Sandbox FHIR server with invented people", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["json", "application/fhir+json"],
            "rest": [
                {
                    "mode": "server",
                    "documentation": _ABOUT,
                    "resource": [_resource(type_, habits) for type_ in sorted(TYPES)],
                    "interaction": [{"code": code} for code in ("transaction", "batch", "history-system")],
                }
            ],
        }
    )


def _resource(type_: str, habits: Habits) -> dict[str, Any]:
    return {
        "type": type_,
        "interaction": [{"code": code} for code in (*READING, *WRITING)],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": habits.update_create,
        "conditionalCreate": True,
        "conditionalRead": "not-supported",
        "conditionalUpdate": True,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "local", "enforced"],
        "searchParam": [{"name": name, "type": kind} for name, kind in sorted(parameters(type_).items())],
    }
