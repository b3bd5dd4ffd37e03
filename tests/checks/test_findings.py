"""Invariants of findings, visits' teams and requests: each told where it is broken, and nowhere else."""

from pathlib import Path

import pytest

from nowrongdoor.checks import Checker

CHECK = Checker(Path(__file__).resolve().parents[2] / "profiles" / "fhir" / "tables")
US = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
PATIENT = {"reference": "Patient/1"}


def code(*words):
    return {"code": {"coding": [{"system": "http://loinc.org", "code": word} for word in words]}}


def claim(name):
    return {"meta": {"profile": [US + name]}, "subject": PATIENT}


FOUND = {"resourceType": "Observation", "status": "final", **code("44261-6")}
SURVEY = {"category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                    "code": "survey"}]}]}  # fmt: skip
SCORE = FOUND | SURVEY | claim("observation-screening-assessment") | {"valueInteger": 4}
MONEY = {"valueQuantity": {"value": 4, "unit": "points", "system": "urn:points", "code": "p"}}
WHY = {"dataAbsentReason": {"text": "asked"}}
DONE = {"resourceType": "Procedure", "status": "completed", **code("1-8"), **claim("procedure")}
ASKED = {"resourceType": "MedicationRequest", "status": "active", "intent": "order",
         "medicationCodeableConcept": {"text": "Salve"}, **claim("medicationrequest")}  # fmt: skip
TEAM = {"resourceType": "CareTeam", "participant": [{"onBehalfOf": {"reference": "Organization/1"}}]}


def member(**parts):
    return TEAM | {"participant": [{**TEAM["participant"][0], "member": parts}]}


@pytest.mark.parametrize(
    ("resource", "rules"),
    [
        (FOUND | {"valueInteger": 4}, set()),
        (FOUND | WHY, set()),
        (FOUND | WHY | {"valueInteger": 4}, {"obs-6"}),
        (FOUND | WHY | {"_valueString": {"extension": [{"url": "urn:x", "valueCode": "unknown"}]}}, {"obs-6"}),
        (FOUND | {"valueInteger": 4, "component": [code("44250-9")]}, set()),
        (FOUND | {"valueInteger": 4, "component": [code("44250-9", "44261-6")]}, {"obs-7"}),
        (FOUND | {"component": [code("44261-6")]}, set()),
        (FOUND | {"referenceRange": [{"text": "0 to 27"}]}, set()),
        (FOUND | {"referenceRange": [{"type": {"text": "normal"}}]}, {"obs-3"}),
        (SCORE, set()),
        (SCORE | {"effectiveDateTime": "2026-04"}, {"us-core-1"}),
        (SCORE | {"effectiveDateTime": "2026-04-06"}, set()),
        (SCORE | {"effectivePeriod": {"start": "2026"}}, set()),
        ({k: v for k, v in SCORE.items() if k != "valueInteger"}, {"us-core-2"}),
        ({k: v for k, v in SCORE.items() if k != "valueInteger"} | {"component": [code("44250-9")]}, set()),
        ({k: v for k, v in SCORE.items() if k != "valueInteger"} | MONEY, {"us-core-3"}),
        (DONE, {"us-core-7"}),
        (DONE | {"performedPeriod": {"start": "2026"}}, set()),
        (DONE | {"status": "unknown"}, set()),
        (ASKED, {"us-core-21"}),
        (ASKED | {"intent": "plan"}, set()),
        (ASKED | {"requester": {"display": "Ada Rowan"}}, set()),
        (member(reference="Organization/2"), {"ctm-1"}),
        (member(reference="Practitioner/2"), set()),
        (member(display="Ada Rowan"), set()),
    ],
)
def test_an_invariant(resource, rules):
    """By HL7's own keys."""
    assert rules == {issue.rule for issue in CHECK.issues(resource)}
