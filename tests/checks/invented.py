"""Invented values that instances are made of: one of each type, and what must or must not stand together."""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

HERE = "https://w3id.org/nowrongdoor/test"
_TEXT = b"Synthetic, not about anybody"
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_RACE = "urn:oid:2.16.840.1.113883.6.238"
_UCUM = "http://unitsofmeasure.org"

PRIMITIVES: Json = {
    "base64Binary": base64.b64encode(_TEXT).decode(),
    "boolean": True,
    "canonical": f"{HERE}/canonical",
    "code": "invented",
    "date": "2024-03-05",
    "dateTime": "2024-03-05T09:30:00-08:00",
    "decimal": 1.5,
    "id": "x1",
    "instant": "2024-03-05T09:30:00Z",
    "integer": 7,
    "markdown": "*Synthetic*",
    "oid": "urn:oid:2.999.1",
    "positiveInt": 1,
    "string": "Synthetic",
    "time": "09:30:00",
    "unsignedInt": 2,
    "uri": f"{HERE}/uri",
    "url": f"{HERE}/url",
    "uuid": "urn:uuid:3a5b9e2c-6c1f-4d0e-9b7a-0c1d2e3f4a5b",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Synthetic</p></div>',
}

# by the element's path in its own type: what an invariant, or its meaning, asks of the value
VALUES: Json = {
    "Address.state": "CA",
    "Address.use": "work",
    "Age.code": "a",
    "Age.system": _UCUM,
    "Age.unit": "a",
    "Attachment.contentType": "text/plain",
    "Attachment.hash": base64.b64encode(hashlib.sha1(_TEXT).digest()).decode(),
    "Attachment.size": len(_TEXT),
    "ContactPoint.use": "work",
    "ContactPoint.value": "555-0100",
    "Count.code": "1",
    "Count.system": _UCUM,
    "Count.unit": "1",
    "Count.value": 3,
    "Distance.code": "km",
    "Distance.system": _UCUM,
    "Distance.unit": "km",
    "Duration.code": "h",
    "Duration.system": _UCUM,
    "Duration.unit": "h",
    "Period.end": "2024-12-31",
    "Period.start": "2024-01-01",
    "Quantity.code": "mg",
    "Quantity.system": _UCUM,
    "Quantity.unit": "mg",
    "SampledData.data": "1 2 3",
}
CODING = {"system": f"{HERE}/codes", "version": "1", "code": "invented", "display": "Invented"}

# points back at what contains it, as dom-3 wants of one that nothing else points at
CONTAINED: Json = {
    "resourceType": "Basic",
    "id": "x2",
    "code": {"text": "Synthetic"},
    "subject": {"reference": "#"},
}

# value sets that no package lists, or of which not every code will do; of several codes each resource has the next
CODES: dict[str, Json | Sequence[Json]] = {
    "http://cts.nlm.nih.gov/fhir/ValueSet/2.16.840.1.113762.1.4.1240.3": {
        "system": "http://snomed.info/sct", "code": "248152002"},
    "http://hl7.org/fhir/ValueSet/all-languages": {"system": "urn:ietf:bcp:47", "code": "en"},
    "http://hl7.org/fhir/ValueSet/condition-clinical": {"system": f"{_TERMS}condition-clinical", "code": "resolved"},
    "http://hl7.org/fhir/ValueSet/currencies": {"system": "urn:iso:std:iso:4217", "code": "USD"},
    "http://hl7.org/fhir/ValueSet/languages": {"system": "urn:ietf:bcp:47", "code": "en"},
    "http://hl7.org/fhir/ValueSet/mimetypes": {"system": "urn:ietf:bcp:13", "code": "text/plain"},
    "http://hl7.org/fhir/us/core/ValueSet/birthsex": {"system": f"{_TERMS}v3-AdministrativeGender", "code": "F"},
    "http://hl7.org/fhir/us/core/ValueSet/detailed-ethnicity": {"system": _RACE, "code": "2148-5"},
    "http://hl7.org/fhir/us/core/ValueSet/detailed-race": {"system": _RACE, "code": "1586-7"},
    "http://hl7.org/fhir/us/core/ValueSet/omb-ethnicity-category": {"system": _RACE, "code": "2135-2"},
    "http://hl7.org/fhir/us/core/ValueSet/omb-race-category": (
        {"system": _RACE, "code": "2106-3"}, {"system": f"{_TERMS}v3-NullFlavor", "code": "UNK"}),
}  # fmt: skip

# identifiers whose values have a form, by system
IDENTIFIERS = {
    "http://hl7.org/fhir/sid/us-npi": "1234567893",
    "https://w3id.org/nowrongdoor/id/cin": "90000001A",
    "urn:oid:2.16.840.1.113883.4.7": "05D1234567",
    "urn:oid:2.16.840.1.113883.6.300": "12345",
}

# what must be there because an invariant says so: the first of these that the element has
MUST: dict[str, Sequence[Sequence[str]]] = {
    "age-1": [("code",), ("system",)],
    "att-1": [("contentType",)],
    "cnt-3": [("code",), ("system",)],
    "con-1": [("summary",)],
    "con-2": [("code",)],
    "con-4": [("clinicalStatus",)],
    "cpt-2": [("system",)],
    "dis-1": [("code",), ("system",)],
    "exp-1": [("expression",)],
    "ext-1": [("value[x]", "extension")],
    "org-1": [("name",)],
    "pat-1": [("name",)],
    "pd-1": [("telecom",)],
    "ppc-1": [("policyRule",)],
    "prr-1": [("code",)],
    "provenance-1": [("onBehalfOf",)],
    "rat-1": [("numerator",), ("denominator",)],
    "us-core-6": [("family", "url")],
    "us-core-13": [("practitioner",)],
    "us-core-14": [("relationship",)],
    "us-core-15": [("subscriberId",)],
}

# of these groups one at a time
EXCLUSIVE: dict[str, Sequence[Sequence[str]]] = {
    "cpl-3": [("reference",), ("detail",)],
    "drq-1": [("path",), ("searchParam",)],
    "drq-2": [("path",), ("searchParam",)],
    "ext-1": [("value[x]",), ("extension",)],
    "tim-10": [("timeOfDay",), ("when", "offset")],
    "trd-1": [("timing[x]",), ("data", "condition")],
}
