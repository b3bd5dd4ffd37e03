"""Which profiles a document's statement claims: those of its kind that it can pass, and none that it cannot."""

import json
from pathlib import Path

import pytest

from nowrongdoor.checks import Checker
from nowrongdoor.model import Key, Origin, Stated
from nowrongdoor.resources import Context, stated

ROOT = Path(__file__).resolve().parents[2]
CHECK = Checker(ROOT / "profiles" / "fhir" / "tables")
THO = "http://terminology.hl7.org/CodeSystem/"
AMBULATORY = {"system": f"{THO}v3-ActCode", "code": "AMB"}
VISIT = {"resourceType": "Encounter", "status": "finished", "class": AMBULATORY, "type": [{"text": "Visit"}]}
MEDICINE = {"resourceType": "MedicationRequest", "status": "active", "medicationCodeableConcept": {"text": "Salve"}}
DEVICE = {"resourceType": "DeviceRequest", "status": "active", "intent": "order", "codeCodeableConcept": {"text": "W"}}
TEAM = {"resourceType": "CareTeam", "participant": [{"role": [{"text": "Nurse"}], "member": {"display": "Ida"}}]}
DONE = {"resourceType": "Procedure", "status": "completed", "code": {"text": "Counselling"}}
SCORE = {"resourceType": "Observation", "status": "final", "code": {"text": "Score"}, "valueInteger": 4}
PAPER = {"resourceType": "DocumentReference", "status": "current", "category": [{"text": "Note"}],
         "content": [{"attachment": {"contentType": "text/plain", "data": "YQ=="}}]}  # fmt: skip


def category(code):
    return {"category": [{"coding": [{"system": f"{THO}observation-category", "code": code}]}]}


def typed(system, code):
    return {"type": {"coding": [{"system": system, "code": code}]}}


def draft(kind, resource):
    me = Stated("P-1", "P-1", Origin(0, 1, 1, 1, 0), False, (), "", "person", '{"resourceType":"Patient"}')
    fact = Stated("K", "P-1", Origin(0, 2, 1, 1, 0), False, (), "", kind, json.dumps(resource))
    context = Context("here", b"s" * 32, {}, "2026-01-07T12:00:00Z", "test", synthetic=False, current=False)
    key = Key(kind, "K")
    drafts = stated.drafts(context, {me.key: (me,), key: (fact,)}, {me.key}.__contains__, {})
    return next(d.resource for d in drafts if d.key == key)


@pytest.mark.parametrize(
    ("kind", "resource", "claims"),
    [
        ("team", TEAM, ["nwd-care-team", "us-core-careteam"]),
        ("team", TEAM | {"participant": [{"member": {"display": "Ida"}}]}, []),
        ("encounter", VISIT, ["nwd-encounter", "us-core-encounter"]),
        ("observation", SCORE | category("social-history"), ["nwd-observation", "us-core-simple-observation"]),
        ("observation", SCORE | category("survey"), ["nwd-screening", "us-core-observation-screening-assessment"]),
        ("observation", SCORE, []),
        ("procedure", DONE | {"performedDateTime": "2026-01"}, ["nwd-procedure", "us-core-procedure"]),
        ("medication", MEDICINE | {"intent": "plan"}, ["nwd-medication-request", "us-core-medicationrequest"]),
        ("medication", MEDICINE | {"intent": "order"}, []),
        ("medication", MEDICINE | {"intent": "order", "requester": {"display": "Ida"}},
         ["nwd-medication-request", "us-core-medicationrequest"]),
        ("device", DEVICE, ["nwd-device-request"]),
        ("goal", {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Sing"}},
         ["us-core-goal"]),
        ("document", PAPER | typed("http://loinc.org", "34133-9"), ["us-core-documentreference"]),
        ("document", PAPER | typed("http://snomed.info/sct", "304251008"), []),
        ("task", {"resourceType": "Task", "status": "requested", "intent": "order"}, []),
    ],
)  # fmt: skip
def test_it_claims_what_it_passes(kind, resource, claims):
    """By the last part of each URL; our own of rows are not claimed, for they ask for what only rows have."""
    made = draft(kind, resource)
    assert claims == [url.rpartition("/")[2] for url in made.get("meta", {}).get("profile", ())]
    assert [] == [issue for issue in CHECK.issues(made) if issue.severity == "error"]


def test_what_is_done_without_a_date_is_refused_under_its_claim_alone():
    """us-core-7: the desk takes the claim away, and what is left is valid."""
    made = draft("procedure", DONE)
    assert {"us-core-7"} == {issue.rule for issue in CHECK.issues(made)}
    assert [] == list(CHECK.issues(stated.unclaimed(made)))
