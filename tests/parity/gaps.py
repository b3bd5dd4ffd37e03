"""What the US Core packages point at and do not bring: value sets at VSAC, races and ethnicities of the CDC.

The two OMB lists are whole (OMB directive 15 of 1997: five races, two ethnicities; US Core 6.1.0 adds "asked but
unknown" and "unknown"); of the detailed ones there are only the codes that HL7's examples, public documents
and ours use.
"""

import json
from pathlib import Path

from checks.structures import Json

CDC = "urn:oid:2.16.840.1.113883.6.238"
FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
GENDER = "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender"
VSAC = "http://cts.nlm.nih.gov/fhir/ValueSet/"
RACES = {
    "1002-5": "American Indian or Alaska Native",
    "2028-9": "Asian",
    "2054-5": "Black or African American",
    "2076-8": "Native Hawaiian or Other Pacific Islander",
    "2106-3": "White",
}
ETHNICITIES = {"2135-2": "Hispanic or Latino", "2186-5": "Not Hispanic or Latino"}
DETAILED_RACES = {
    "1966-1": "Aleut",
    "2114-7": "Italian",
    "1586-7": "Shoshone",
    "2034-7": "Chinese",
    "2036-2": "Filipino",
    "2037-0": "Hmong",
    "2047-9": "Vietnamese",
    "2131-1": "Other Race",
}
DETAILED_ETHNICITIES = {"2148-5": "Mexican", "2184-0": "Dominican"}
SETS = {
    "2.16.840.1.114222.4.11.836": (CDC, [*RACES]),
    "2.16.840.1.114222.4.11.837": (CDC, [*ETHNICITIES]),
    "2.16.840.1.113883.1.11.14914": (CDC, [*RACES, *DETAILED_RACES]),
    "2.16.840.1.114222.4.11.877": (CDC, [*ETHNICITIES, *DETAILED_ETHNICITIES]),
    "2.16.840.1.113883.3.2074.1.1.3": (CDC, [*RACES]),
    "2.16.840.1.113762.1.4.1": (GENDER, ["M", "F"]),
    "2.16.840.1.113762.1.4.1021.102": (FLAVOR, ["ASKU", "UNK"]),
    "2.16.840.1.113762.1.4.1021.103": (FLAVOR, ["UNK"]),
}


def write(folder: Path) -> Path:
    """As FHIR definitions, for the validator."""
    codes = RACES | ETHNICITIES | DETAILED_RACES | DETAILED_ETHNICITIES
    concepts = [{"code": code, "display": display} for code, display in codes.items()]
    found: list[Json] = [{"resourceType": "CodeSystem", "url": CDC, "content": "complete", "concept": concepts}]
    for oid, (system, held) in SETS.items():
        include = [{"system": system, "concept": [{"code": code} for code in held]}]
        found.append({"resourceType": "ValueSet", "url": VSAC + oid, "compose": {"include": include}})
    for number, one in enumerate(found):
        told = json.dumps({**one, "id": f"gap-{number}", "status": "active"})
        (folder / f"{number}.json").write_text(told, encoding="utf-8")
    return folder
