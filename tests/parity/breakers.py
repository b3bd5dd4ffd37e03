"""One breaker for each invariant: what to change in an object so that just this rule no longer holds.

Each takes the object that the invariant is about and returns a patch (property: value, `...` takes away), or None where
this object does not lend itself to it.
"""

import re
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Patch = dict[str, Any]

URL = "http://example.org/StructureDefinition/elsewhere"
HL7 = "http://terminology.hl7.org/CodeSystem/"
UCUM = "http://unitsofmeasure.org"
TEXT = {"text": "something"}
ELSE = {"url": URL, "valueString": "something"}
CONTAINED = {"resourceType": "Basic", "id": "c1", "code": TEXT}
OMB = {"url": "ombCategory", "valueCoding": {"system": HL7 + "v3-NullFlavor", "code": "UNK"}}
POINTS = {"url": URL, "valueReference": {"reference": "#c1"}}


def sets(**patch: Any) -> Callable[[Json], Patch | None]:
    return lambda _: patch


def where(*present: str, **patch: Any) -> Callable[[Json], Patch | None]:
    """Only in an object that has all of `present`."""
    return lambda held: patch if all(name in held for name in present) else None


def without(*names: str, keep: Patch | None = None) -> Callable[[Json], Patch | None]:
    """Takes away every property of these names (`value` stands for any value[x]), if there is one; sets `keep`."""
    wanted = re.compile("|".join(rf"_?{name}([A-Z]\w*)?" for name in names))

    def patch(held: Json) -> Patch | None:
        gone = {name: ... for name in held if wanted.fullmatch(name)}
        return gone | (keep or {}) if gone else None

    return patch


def contains(**more: Any) -> Callable[[Json], Patch | None]:
    return lambda held: {"contained": [CONTAINED | more], "extension": [*held.get("extension", ()), POINTS]}


def both(held: Json) -> Patch | None:
    """ext-1: a value and extensions in one extension, or neither."""
    if any(name.startswith("value") for name in held):
        return {"extension": [ELSE]}
    return {"valueString": "something"} if "extension" in held else None


def coded(system: str, code: str) -> Json:
    return {"coding": [{"system": HL7 + system, "code": code}]}


def script(held: Json) -> Patch | None:
    return (
        {"div": held["div"].replace("</div>", "<script>1</script></div>", 1)}
        if "</div>" in held.get("div", "")
        else None
    )


def empty(held: Json) -> Patch | None:
    return {"div": '<div xmlns="http://www.w3.org/1999/xhtml"> </div>'} if "div" in held else None


def repeated_code(held: Json) -> Patch | None:
    component = {"code": held.get("code"), "valueString": "something"}
    return {"component": [component]} if any(n.startswith("value") for n in held) and "coding" in held["code"] else None


def nested(held: Json) -> Patch | None:
    """qrs-1: an item with answers has items of its own."""
    item = next((i for i in held.get("item", ()) if "answer" in i), None)
    return {"item": [item | {"item": [{"linkId": "more", "text": "more"}]}]} if item else None


def wrong_number(value: str) -> Callable[[Json], Patch | None]:
    return lambda held: {"value": value} if "value" in held else None


BREAKERS: dict[str, Callable[[Json], Patch | None]] = {
    "ext-1": both,
    "dom-2": contains(contained=[{"resourceType": "Basic", "id": "c2", "code": TEXT}]),
    "dom-3": sets(contained=[CONTAINED]),
    "dom-4": contains(meta={"versionId": "1"}),
    "dom-5": contains(meta={"security": [{"system": HL7 + "v3-Confidentiality", "code": "R"}]}),
    "ref-1": sets(reference="#nowhere"),
    "per-1": sets(start="2026-02-02", end="2026-02-01"),
    "rng-2": sets(low={"value": 2}, high={"value": 1}),
    "rat-1": without("denominator"),
    "att-1": sets(data="AAAA", contentType=..., _contentType=...),
    "cpt-2": where("value", system=..., _system=...),
    "qty-3": where("value", code="mg", system=...),
    "drt-1": sets(code="d", system=..., value=1),
    "age-1": sets(value=-1, code="a", system=UCUM),
    "txt-1": script,
    "txt-2": empty,
    "tim-1": sets(duration=1, durationUnit=...),
    "tim-2": sets(period=1, periodUnit=...),
    "tim-4": sets(duration=-1, durationUnit="d"),
    "tim-5": sets(period=-1, periodUnit="d"),
    "tim-6": sets(periodMax=2, period=..., periodUnit=...),
    "tim-7": sets(durationMax=2, duration=..., durationUnit=...),
    "tim-8": sets(countMax=2, count=...),
    "tim-9": sets(offset=1, when=["CM"], timeOfDay=...),
    "tim-10": sets(timeOfDay=["10:00:00"], when=["CM"]),
    "pat-1": without("name", "telecom", "address", "organization", keep={"gender": "unknown"}),
    "ppc-1": without("policy", "policyRule"),
    "cpl-3": sets(reference={"display": "something"}, detail={"status": "scheduled"}),
    "prr-1": where("code", code=..., orderDetail=[TEXT]),
    "con-1": sets(type=TEXT, summary=..., assessment=...),
    "con-2": sets(id="e1", code=..., detail=..., extension=[ELSE]),
    "con-4": sets(
        abatementString="something", clinicalStatus=coded("condition-clinical", "active"), abatementDateTime=...
    ),
    "con-5": sets(
        verificationStatus=coded("condition-ver-status", "entered-in-error"),
        clinicalStatus=coded("condition-clinical", "active"),
    ),
    "gol-1": sets(detailString="something", measure=..., detailQuantity=..., detailCodeableConcept=...),
    "org-1": without("identifier", "name"),
    "org-2": sets(address=[{"city": "Somewhere", "use": "home"}]),
    "org-3": sets(telecom=[{"system": "phone", "value": "555-0100", "use": "home"}]),
    "sev-1": sets(name="something", query="AAAA"),
    "ait-1": without("clinicalStatus"),
    "ait-2": sets(
        verificationStatus=coded("allergyintolerance-verification", "entered-in-error"),
        clinicalStatus=coded("allergyintolerance-clinical", "active"),
    ),
    "obs-6": lambda held: (
        {"dataAbsentReason": coded("data-absent-reason", "unknown"), "valueString": "x"}
        if not any(name.startswith(("value", "dataAbsent")) for name in held)
        else {"dataAbsentReason": coded("data-absent-reason", "unknown")}
        if "dataAbsentReason" not in held
        else None
    ),
    "obs-7": repeated_code,
    "obs-3": sets(low=..., high=..., text=..., type=TEXT),
    "grp-1": sets(actual=False, member=[{"entity": {"reference": "Patient/1"}}]),
    "imm-1": sets(documentType=..., reference=..., publicationDate="2026-01-01"),
    "qrs-1": nested,
    "us-core-1": lambda held: {"effectiveDateTime": "2026-01"} if "effectiveDateTime" in held else None,
    "us-core-2": without("value", "dataAbsentReason", "component", "hasMember"),
    "vs-2": without("value", "dataAbsentReason", "component", "hasMember"),
    "us-core-3": lambda held: (
        {"valueQuantity": held["valueQuantity"] | {"system": "http://example.org/units"}}
        if "valueQuantity" in held
        else None
    ),
    "us-core-6": without("url", "data"),
    "us-core-7": without("performed"),
    "us-core-8": without("effective"),
    "us-core-9": without("issued"),
    "us-core-10": without("effective"),
    "us-core-13": without("practitioner", "organization", "healthcareService", "location"),
    "us-core-14": without("name", "relationship"),
    "us-core-15": without("identifier", "subscriberId"),
    "us-core-16": wrong_number("12345"),
    "us-core-17": wrong_number("1234567890"),
    "us-core-18": wrong_number("99X9999999"),
    "us-core-19": wrong_number("1234"),
    "us-core-20": without("whenHandedOver"),
    "us-core-21": without("requester"),
    "us-core-22": where("low", low={"value": 1, "system": "http://example.org/units", "code": "x"}),
    "us-core-23": lambda held: {"extension": [*held["extension"], OMB]} if "extension" in held else None,
    "us-core-26": without("value", "dataAbsentReason"),
    "vs-1": lambda held: {"effectiveDateTime": "2026"} if "effectiveDateTime" in held else None,
    "vs-3": without("value", "dataAbsentReason"),
    "nwd-cin": wrong_number("90000001B"),
    "pd-1": without("telecom", "endpoint"),
}
