# ruff: noqa: INP001  # two scripts, not a package
"""What HL7 says in words or FHIRPath only, written as JSON Schema: patterns, invariants, US Core must-haves.

Sources: FHIR R4 datatypes and invariants by their keys; US Core 6.1.0 profile tables.
"""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

# primitives --------------------------------------------------------------

_YEAR = "([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_LEAP = "([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = (
    f"({_YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_PART = f"{_YEAR}(-(0[1-9]|1[0-2]))?"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = "(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_TEXT = r"^[^\S\x0b\x0c]*[^\s\x00-\x1f][^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
_WORD = "[A-Za-z0-9.-]{1,64}"
_TAGS = (
    "a|abbr|acronym|b|big|blockquote|br|caption|cite|code|col|colgroup|dd|dfn|div|dl|dt|em|h[1-6]|hr|i|img|li|ol|p|pre|q|samp"
    "|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|ul|var"
)
_ATTRIBUTE = (
    r"\s+(xmlns|xml:lang|lang|dir|title|class|style|id|name|href|src|alt|width|height|border|align|valign|char|charoff"
    r"|abbr|axis|headers|scope|rowspan|colspan|span|summary|cellspacing|cellpadding|frame|rules|bgcolor|nowrap|start"
    r"|value|type|compact|rel|rev|hreflang|charset|longdesc|tabindex|accesskey|clear|cite)"
    r"""\s*=\s*("[^"<]*"|'[^'<]*')"""
)
_PIECE = rf"(<({_TAGS})({_ATTRIBUTE})*\s*/?>|</({_TAGS})\s*>|<!--[^>]*-->|[^<&]|&[#a-zA-Z0-9]+;)"


def _string(title: str, pattern: str, rule: str = "fhir-structure") -> Json:
    return {"title": title, "$comment": rule, "type": "string", "pattern": pattern}


PRIMITIVES: dict[str, Json] = {
    "base64Binary": _string("must be base64", r"^(\s*[0-9a-zA-Z+/=]{4}\s*)+$"),
    "boolean": {"title": "must be true or false", "type": "boolean"},
    "canonical": _string("must be a URL without spaces", r"^\S+$"),
    "code": _string("must be a code: no space before, after, or doubled", r"^\S+( \S+)*$"),
    "date": _string("must be a real date written YYYY, YYYY-MM or YYYY-MM-DD", f"^({_PART}|{_DAY})$", "fhir-date"),
    "dateTime": _string(
        "must be a real date, or one with time, seconds and zone", f"^({_PART}|{_DAY}(T{_CLOCK}{_ZONE})?)$", "fhir-date"
    ),
    "decimal": {"title": "must be a number", "type": "number"},
    "id": _string("must be an id of 1 to 64 letters, digits, - and .", f"^{_WORD}$"),
    "instant": _string("must be a real date with time, seconds and zone", f"^{_DAY}T{_CLOCK}{_ZONE}$", "fhir-date"),
    "integer": {
        "title": "must be a whole number of 32 bits",
        "type": "integer",
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
    },
    "markdown": _string("must be text that is not blank and has no control characters", _TEXT),
    "oid": _string("must be urn:oid: and an OID", r"^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$"),
    "positiveInt": {"title": "must be a whole number from 1", "type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "string": _string("must be text that is not blank and has no control characters", _TEXT),
    "time": _string("must be a time of day with seconds", f"^{_CLOCK}$", "fhir-date"),
    "unsignedInt": {"title": "must be a whole number from 0", "type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    "uri": _string("must be a URI without spaces", r"^\S+$"),
    "url": _string("must be a URL without spaces", r"^\S+$"),
    "uuid": _string(
        "must be urn:uuid: and a UUID in small letters", "^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    ),
    "xhtml": {
        "title": "must be one div of plain XHTML: basic formatting only, not blank",
        "$comment": "txt-1",
        "type": "string",
        "pattern": rf"^\s*<div({_ATTRIBUTE})*\s*>{_PIECE}*</div>\s*$",
        "allOf": [{"pattern": r">\s*[^\s<]|<img"}],
    },
}


def reference_pattern(types: Iterable[str]) -> str:
    """A literal reference to one of `types`; `#local` ones are left to the checker, which sees the whole resource."""
    return rf"^(urn:(uuid|oid):\S+|(https?://\S+/)?({'|'.join(types)})/{_WORD}(/_history/{_WORD})?)$"


# invariants --------------------------------------------------------------


def rule(key: str, title: str, fragment: Json) -> Json:
    return {"$comment": key, "title": title, **fragment}


def has(*names: str, siblings: bool = True) -> Json:
    """One of them is there; by default `_name` counts, for a primitive may carry extensions only."""
    known = [k for n in names for k in ((n, f"_{n}") if siblings else (n,))]
    return {"anyOf": [{"required": [k]} for k in known]}


def _needs(**pairs: str) -> Json:
    return {"dependencies": {name: has(*wanted.split()) for name, wanted in pairs.items()}}


def _not_both(one: str, other: str) -> Json:
    return {"not": {"required": [one, other]}}


def _coded(system: str, *codes: str) -> Json:
    """A CodeableConcept with one of these codes."""
    coding = {
        "properties": {"system": {"const": system}, "code": {"enum": list(codes)}},
        "required": ["system", "code"],
    }
    return {"properties": {"coding": {"contains": coding}}, "required": ["coding"]}


def _each(name: str, fragment: Json) -> Json:
    return {"properties": {name: {"items": fragment}}}


_UCUM = {"properties": {"system": {"const": "http://unitsofmeasure.org"}}}
_QUANTITY = {"qty-3": _needs(code="system")}
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_NOT_AT_HOME = {"not": {"properties": {"use": {"const": "home"}}, "required": ["use"]}}
_ABATED = ("abatementDateTime", "abatementAge", "abatementPeriod", "abatementRange", "abatementString")
_OVER = _coded(f"{_TERMS}condition-clinical", "resolved", "remission", "inactive")

INVARIANTS: dict[str, dict[str, Json]] = {
    "Age": {**_QUANTITY, "age-1": {**_needs(value="code"), **_UCUM}},
    "Attachment": {"att-1": _needs(data="contentType")},
    "CarePlan.activity": {"cpl-3": _not_both("detail", "reference")},
    "Condition": {
        "con-4": {
            "if": has(*_ABATED),
            "then": {"required": ["clinicalStatus"], "properties": {"clinicalStatus": _OVER}},
        },
        "con-5": {
            "if": {
                "required": ["verificationStatus"],
                "properties": {"verificationStatus": _coded(f"{_TERMS}condition-ver-status", "entered-in-error")},
            },
            "then": {"not": {"required": ["clinicalStatus"]}},
        },
    },
    "Condition.evidence": {"con-2": has("code", "detail")},
    "Condition.stage": {"con-1": has("summary", "assessment")},
    "Consent": {"ppc-1": has("policy", "policyRule")},
    "ContactPoint": {"cpt-2": _needs(value="system")},
    "Count": {**_QUANTITY, "cnt-3": {**_needs(value="code"), **_UCUM}},
    "Distance": {**_QUANTITY, "dis-1": {**_needs(value="code"), **_UCUM}},
    "Duration": {**_QUANTITY, "drt-1": {**_needs(code="system"), **_UCUM}},
    "Expression": {"exp-1": has("expression", "reference")},
    # with an id there must be a third property, without one a second
    "Extension": {"ext-1": {"minProperties": 2, "dependencies": {"id": {"minProperties": 3}}}},
    "Goal.target": {"gol-1": {"if": has("detailQuantity", "detailRange", "detailCodeableConcept", "detailString",
                                        "detailBoolean", "detailInteger", "detailRatio"), "then": has("measure")}},
    "Meta": {"label": _each("security", {"required": ["system", "code"]})},
    "Organization": {
        "org-1": has("name", "identifier"),
        "org-2": _each("address", _NOT_AT_HOME),
        "org-3": _each("telecom", _NOT_AT_HOME),
    },
    "Patient.contact": {"pat-1": has("name", "telecom", "address", "organization")},
    "Period": {"per-1": {"dependencies": {"end": {"ordered": ["start", "end"]}}}},
    "Quantity": _QUANTITY,
    "Ratio": {"rat-1": {"anyOf": [{"required": ["numerator", "denominator"]},
                                  {"required": ["extension"], "not": has("numerator", "denominator")}]}},
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
        "tim-10": _not_both("timeOfDay", "when"),
    },
}  # fmt: skip

OURS = {"label": "a security label needs system and code, else nobody can obey it"}

# US Core -----------------------------------------------------------------


def _must(title: str, *fragments: Json) -> Json:
    return rule("us-core", title, {"allOf": list(fragments)})


_MEMBER = {"required": ["type", "value"], "properties": {"type": _coded(f"{_TERMS}v2-0203", "MB")}}
_SYSTEM_AND_VALUE = _each("identifier", {"allOf": [has("system"), has("value")]})

US_CORE: dict[str, list[Json]] = {
    "CarePlan": [
        _must("US Core wants text, generated or additional",
              {"required": ["text"], "properties": {"text": {"properties": {
                  "status": {"enum": ["generated", "additional"]}}}}}),
        _must("US Core wants the category assess-plan",
              {"required": ["category"], "properties": {"category": {"contains": _coded(
                  "http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan")}}}),
    ],
    "Condition": [
        _must("US Core wants a code", has("code")),
        _must("US Core wants the category problem-list-item, health-concern or encounter-diagnosis",
              {"required": ["category"], "properties": {"category": {"contains": {"anyOf": [
                  _coded(f"{_TERMS}condition-category", "problem-list-item", "encounter-diagnosis"),
                  _coded("http://hl7.org/fhir/us/core/CodeSystem/condition-category", "health-concern")]}}}}),
    ],
    "Coverage": [
        _must("US Core wants a relationship", has("relationship")),
        _must("US Core wants exactly one payor", {"properties": {"payor": {"maxItems": 1}}}),
        _must("US Core wants a member id or a subscriberId (us-core-15)",
              {"anyOf": [{"required": ["subscriberId"]},
                         {"required": ["identifier"], "properties": {"identifier": {"contains": _MEMBER}}}]}),
    ],
    "DocumentReference": [
        _must("US Core wants type, category and subject", {"required": ["type", "category", "subject"]}),
        _must("US Core wants the document's url or data",
              _each("content", {"properties": {"attachment": has("url", "data")}})),
    ],
    "Organization": [_must("US Core wants active and name", has("active"), has("name"))],
    "Patient": [
        _must("US Core wants an identifier with system and value", {"required": ["identifier"]}, _SYSTEM_AND_VALUE),
        _must("US Core wants a name with family or given, or a reason why not (us-core-6)",
              {"required": ["name"]}, _each("name", has("family", "given", "extension"))),
        _must("US Core wants a gender", has("gender")),
    ],
    "Practitioner": [
        _must("US Core wants an identifier with system and value", {"required": ["identifier"]}, _SYSTEM_AND_VALUE),
        _must("US Core wants a name with family", {"required": ["name"]}, _each("name", has("family"))),
    ],
    "PractitionerRole": [
        _must("US Core wants a practitioner, an organization, a service or a location (us-core-13)",
              has("practitioner", "organization", "healthcareService", "location")),
        _must("US Core wants system and value in telecom", _each("telecom", {"allOf": [has("system"), has("value")]})),
    ],
    "RelatedPerson": [
        _must("US Core wants active", has("active")),
        _must("US Core wants a relationship or a name (us-core-14)", has("relationship", "name")),
    ],
    "ServiceRequest": [_must("US Core wants a code", has("code"))],
}  # fmt: skip
