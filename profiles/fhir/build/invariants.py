"""Invariants that HL7 states in FHIRPath, written as JSON Schema: one fragment by key, for the object that it is about.

What is not here is evaluated as FHIRPath by `nwd check` (it stands in the tables as it was stated), never in a route.
"""

from typing import Any

Json = dict[str, Any]


def rule(key: str, title: str, fragment: Json) -> Json:
    return {"$comment": key, "title": title, "invariant": True, **fragment}


def has(*names: str, siblings: bool = True) -> Json:
    """One of them is there; by default `_name` counts, for a primitive may carry extensions only."""
    known = [k for n in names for k in ((n, f"_{n}") if siblings else (n,))]
    return {"anyOf": [{"required": [k]} for k in known]}


def _needs(**pairs: str) -> Json:
    return {"dependencies": {name: has(*wanted.split()) for name, wanted in pairs.items()}}


def _not_both(one: str, other: str) -> Json:
    return {"dependencies": {one: {"properties": {other: False}}}}


def _coding(system: str, *codes: str) -> Json:
    """With one of these codes; one alone is written as `like` in fragments writes it."""
    code = {"const": codes[0]} if len(codes) == 1 else {"enum": list(codes)}
    return {"required": ["code", "system"], "properties": {"code": code, "system": {"const": system}}}


def _coded(system: str, *codes: str) -> Json:
    """A CodeableConcept with one of these codes."""
    return {"required": ["coding"], "properties": {"coding": {"contains": _coding(system, *codes)}}}


def _not_without(wanted: str, name: str, is_so: Json) -> Json:
    return {"anyOf": [*has(wanted)["anyOf"], {"properties": {name: {"not": is_so}}}]}


def _if_type(kind: Json, then: Json) -> Json:
    return {"if": {"required": ["type"], "properties": {"type": kind}}, "then": then}


def _where(name: str, codes: tuple[str, ...], then: Json) -> Json:
    return {"if": {"required": [name], "properties": {name: {"enum": list(codes)}}}, "then": then}


def _each(name: str, fragment: Json) -> Json:
    return {"properties": {name: {"items": fragment}}}


TIMINGS = ("timingTiming", "timingReference", "timingDate", "timingDateTime")
_NO_TIMING = dict.fromkeys([*TIMINGS, "_timingDate", "_timingDateTime"], False)
_UCUM = {"properties": {"system": {"const": "http://unitsofmeasure.org"}}}
_NO_PARAM = {"properties": dict.fromkeys(("searchParam", "_searchParam"), False)}
_ONE_WAY = {**has("path", "searchParam"), "dependencies": dict.fromkeys(("path", "_path"), _NO_PARAM)}
_QUANTITY = {"qty-3": _needs(code="system")}
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_NOT_AT_HOME = {"properties": {"use": {"not": {"const": "home"}}}}
_ABATED = ("abatementDateTime", "abatementAge", "abatementPeriod", "abatementRange", "abatementString")
_OVER = {"properties": _coded(f"{_TERMS}condition-clinical", "resolved", "remission", "inactive")["properties"]}
_NO_ERROR = {"coding": {"items": {"not": _coding(f"{_TERMS}condition-ver-status", "entered-in-error")}}}

_PRIMITIVES = {"String", "Boolean", "Integer", "Time", "DateTime"}


def _choice(stem: str, *kinds: str) -> tuple[str, ...]:
    """The names that one of these may stand under; of a primitive also the one that holds only its extensions."""
    return tuple(at for kind in kinds for at in (f"{stem}{kind}", f"_{stem}{kind}")[: 1 + (kind in _PRIMITIVES)])


_VALUES = _choice("value", "Quantity", "CodeableConcept", "String", "Boolean", "Integer", "Range", "Ratio",
                  "SampledData", "Time", "DateTime", "Period")  # fmt: skip
_NO_VALUE = {"properties": dict.fromkeys(_VALUES, False)}
_DONE = _choice("performed", "DateTime", "Period", "String", "Age", "Range")
_ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")

INVARIANTS: dict[str, dict[str, Json]] = {
    "Age": {**_QUANTITY, "age-1": {**_needs(value="code"), "properties": {
        "system": {"const": "http://unitsofmeasure.org"}, "value": {"exclusiveMinimum": 0}}}},
    "Attachment": {"att-1": _needs(data="contentType")},
    "CareTeam.participant": {"ctm-1": {"dependencies": {"onBehalfOf": {"properties": {"member": {"properties": {
        "reference": {"pattern": "(^|/)Practitioner/[^/]+(/_history/[^/]+)?$"}}}}}}}},
    "CarePlan.activity": {"cpl-3": _not_both("detail", "reference")},
    "Condition": {
        "con-4": {
            "if": has(*_ABATED),
            "then": {"required": ["clinicalStatus"], "properties": {"clinicalStatus": _OVER}},
        },
        "con-5": {
            "if": {"properties": {"verificationStatus": {"properties": _NO_ERROR}}},
            "else": {"properties": {"clinicalStatus": False}},
        },
    },
    "Condition.evidence": {"con-2": has("code", "detail")},
    "Condition.stage": {"con-1": has("summary", "assessment")},
    "Consent": {
        "ppc-1": has("policy", "policyRule"),
        **{f"ppc-{n}": _not_without("patient", "scope", _coded("something", scope))
           for n, scope in enumerate(("patient-privacy", "research", "adr", "treatment"), 2)},
    },
    "ContactPoint": {"cpt-2": _needs(value="system")},
    "Count": {**_QUANTITY, "cnt-3": {**_needs(value="code"), "properties": {
        "system": {"const": "http://unitsofmeasure.org"}, "code": {"const": "1"}, "value": {"multipleOf": 1}}}},
    "DataRequirement.codeFilter": {"drq-1": _ONE_WAY},
    "DataRequirement.dateFilter": {"drq-2": _ONE_WAY},
    "Distance": {**_QUANTITY, "dis-1": {**_needs(value="code"), **_UCUM}},
    "Duration": {"drt-1": {"dependencies": {"code": {
        "required": ["system", "value"], **_UCUM}}}},
    "Expression": {"exp-1": has("expression", "reference")},
    # with an id there must be a third property, without one a second
    "Extension": {"ext-1": {"minProperties": 2, "dependencies": {"id": {"minProperties": 3}}}},
    "Goal.target": {"gol-1": {"if": has("detailQuantity", "detailRange", "detailCodeableConcept", "detailString",
                                        "detailBoolean", "detailInteger", "detailRatio"), "then": has("measure")}},
    "Observation": {
        "obs-6": {"dependencies": {"dataAbsentReason": _NO_VALUE}},
        "obs-7": {"dependencies": {"component": {"anyOf": [_NO_VALUE, {"unlike": "component"}]}}},
    },
    "Observation.referenceRange": {"obs-3": has("low", "high", "text")},
    "Organization": {
        "org-1": has("name", "identifier"),
        "org-2": _each("address", _NOT_AT_HOME),
        "org-3": _each("telecom", _NOT_AT_HOME),
    },
    "Patient.contact": {"pat-1": has("name", "telecom", "address", "organization")},
    "Period": {"per-1": {"dependencies": {"end": {"ordered": ["start", "end"]}}}},
    "Quantity": _QUANTITY,
    "Range": {"rng-2": {"dependencies": {"high": {"ordered": ["low", "high"]}}}},
    "Ratio": {"rat-1": {"anyOf": [{"required": ["numerator", "denominator"]},
                                  {"properties": {"numerator": False, "denominator": False}}]}},
    "ServiceRequest": {"prr-1": _needs(orderDetail="code")},
    "Task": {"inv-1": {"dependencies": {"lastModified": {"ordered": ["authoredOn", "lastModified"]}}}},
    "Timing.repeat": {
        "tim-1": _needs(duration="durationUnit"),
        "tim-2": _needs(period="periodUnit"),
        "tim-4": {"properties": {"duration": {"minimum": 0}}},
        "tim-5": {"properties": {"period": {"minimum": 0}}},
        "tim-6": _needs(periodMax="period"),
        "tim-7": _needs(durationMax="duration"),
        "tim-8": _needs(countMax="count"),
        "tim-9": {"dependencies": {"offset": {"required": ["when"], "properties": {
            "when": {"items": {"not": {"enum": ["C", "CM", "CD", "CV"]}}}}}}},
        "tim-10": _not_both("timeOfDay", "when"),
    },
    "TriggerDefinition": {
        "trd-1": {"dependencies": {"data": {"properties": _NO_TIMING}}},
        "trd-2": _needs(condition="data"),
        "trd-3": {"allOf": [
            _if_type({"const": "named-event"}, has("name")),
            _if_type({"const": "periodic"}, has(*TIMINGS)),
            _if_type({"pattern": "^data-"}, has("data")),
        ]},
    },
}  # fmt: skip

# invariants of profiles, by key; by place and key where US Core gave one key to two ---------------

_ABSENT = {"contains": {"properties": {"url": {"const": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}}}}
_NAMED, _WHY = has("family", "given"), {"required": ["extension"], "properties": {"extension": _ABSENT}}

_CATEGORY = {"properties": {"url": {"const": "ombCategory"}}}
_NO_REASON = {"properties": {"valueCoding": {"properties": {"code": {"not": {"enum": ["ASKU", "UNK"]}}}}}}

BY_KEY: dict[str, Json] = {
    "pd-1": has("telecom", "endpoint", siblings=False),
    "Patient.name us-core-6": {"oneOf": [_NAMED, _WHY]},
    "DocumentReference.content.attachment us-core-6": has("url", "data"),
    "nwd-cin": {"properties": {"value": {"pattern": "^[0-9]{8}[ACDEFGHMNTUVWXYZ]$"}}},
    "provenance-1": {
        "if": {"properties": {"who": {"required": ["reference"], "properties": {
            "reference": {"pattern": "(^|/)(Practitioner|Device)/[^/]+(/_history/[^/]+)?$"}}}}},
        "then": {"required": ["onBehalfOf"]},
    },
    "us-core-1": {"pattern": "^.{10}"},
    "us-core-2": has("component", "hasMember", "dataAbsentReason", *_VALUES, siblings=False),
    "Observation us-core-3": {"properties": {"valueQuantity": _UCUM}},
    "us-core-7": _where("status", ("completed", "in-progress"), has(*_DONE, siblings=False)),
    "us-core-13": has("practitioner", "organization", "healthcareService", "location", siblings=False),
    "us-core-14": has("relationship", "name", siblings=False),
    "us-core-15": {"anyOf": [{"required": ["subscriberId"]}, {"required": ["identifier"], "properties": {"identifier": {
        "contains": {"required": ["type"], "properties": {"type": _coded(f"{_TERMS}v2-0203", "MB")}}}}}]},
    "us-core-16": {"properties": {"value": {"pattern": "^[0-9]{10}$"}}},
    "us-core-17": {"properties": {"value": {"luhn": "80840"}}},
    "us-core-18": {"properties": {"value": {"pattern": "^[0-9]{2}D[0-9]{7}$"}}},
    "us-core-19": {"properties": {"value": {"pattern": "^[0-9]{5}$"}}},
    "us-core-21": _where("intent", _ORDERS, has("requester", siblings=False)),
    "us-core-23": {
        "if": _each("extension", {"if": _CATEGORY, "then": _NO_REASON}),
        "else": {"properties": {"extension": {"contains": _CATEGORY, "maxContains": 1}}},
    },
}  # fmt: skip
ONE_KIND = {"us-core-1": "dateTime"}  # of a choice, the one type that it speaks of
