"""FHIR data types as plain dicts, with what the source did not say left out or marked absent."""

from functools import lru_cache
from html import escape
from typing import Any

from nowrongdoor.model import Absent, Code, Resource, Who
from nowrongdoor.resources.context import THO, Context

DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
V2_0203 = THO + "v2-0203"
NPI = "http://hl7.org/fhir/sid/us-npi"


def absent(reason: str) -> Resource:
    return {"extension": [{"url": DATA_ABSENT, "valueCode": reason}]}


def put(into: Resource, name: str, said: str | Absent) -> None:
    """A primitive where it is stated; its data-absent-reason where the source says why it is not; else nothing."""
    if isinstance(said, tuple):
        into["_" + name] = absent(said[0])
    elif said:
        into[name] = said


def puts(into: Resource, name: str, said: tuple[str | Absent, ...]) -> None:
    """The same for a list of primitives: absent ones are null, their reasons stand beside them.

    Also where all are absent: HAPI 8.8 drops the reasons without a word where no list of nulls stands beside them.
    """
    if said:
        into[name] = [None if isinstance(v, tuple) else v for v in said]
        if None in into[name]:
            into["_" + name] = [absent(v[0]) if isinstance(v, tuple) else None for v in said]


def fill(into: Resource, **elements: Any) -> Resource:
    """Add the elements that are not empty."""
    for name, v in elements.items():
        if v:
            into[name] = v
    return into


def concept(code: Code | None, system: str = "") -> Resource | None:
    """CodeableConcept; text only where no code is known. `system`: where the code table names none."""
    if code is None:
        return None
    word, display, own = code
    if not word:
        return {"text": display}
    coding = {"system": own or system, "code": word}
    if not coding["system"]:
        del coding["system"]
    if not display:
        return {"coding": [coding]}
    return {"coding": [{**coding, "display": display}], "text": display}


tabled = lru_cache(maxsize=4096)(concept)  # of a code table: one for all who ask, copied before anything is added


@lru_cache(maxsize=1024)
def coded(system: str, code: str, display: str = "") -> Resource:
    """CodeableConcept of a code of ours; one for all who ask: it is copied before anything is added."""
    coding = {"system": system, "code": code}
    return {"coding": [{**coding, "display": display} if display else coding]}


def period(start: str, end: str) -> Resource:
    made = {"start": start} if start else {}
    if end:
        made["end"] = end
    return made


def identifier(system: str, word: str, type_: str = "") -> Resource:
    if not type_:
        return {"system": system, "value": word}
    return {"type": coded(V2_0203, type_), "system": system, "value": word}


def phone(number: str | Absent) -> list[Resource]:
    made: Resource = {"system": "phone"}
    put(made, "value", number)
    return [made] if len(made) > 1 else []


def who(context: Context, said: Who) -> Resource | None:
    """A practitioner with an NPI is a resource; without one, or where that resource does not stand, a display."""
    npi, name = said
    if npi and npi not in context.strangers:
        ref = context.ref("practitioner", npi)
        return {**ref, "display": name} if name else ref
    return {"display": name} if name else None


def narrative(*lines: str) -> Resource:
    """Generated text of what the resource itself says; lines are escaped."""
    body = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}
