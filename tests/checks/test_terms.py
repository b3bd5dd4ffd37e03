"""A code must be one of its system's, wherever it stands; systems that are not shipped are said to be unchecked."""

import pytest

from nowrongdoor.checks import Checker


@pytest.fixture(scope="module")
def thorough(tables):
    return Checker(tables, thorough=True)


def told(checker, resource):
    return [(i.rule, i.column, i.severity) for i in checker.issues(resource)]


ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def test_a_code_of_hl7_that_there_is_not_is_an_error(thorough, valid):
    goal = valid["Goal"]
    goal["meta"]["security"].append({"system": ACT, "code": "SUD"})
    assert [] == [one for one in told(thorough, goal) if one[2] == "error"]
    goal["meta"]["security"].append({"system": ACT, "code": "MR"})
    assert ("code", "Goal.meta.security[2].code", "error") in told(thorough, goal)


@pytest.mark.parametrize(
    "system", ["http://loinc.org", "http://snomed.info/sct", "http://www.ama-assn.org/go/cpt", "urn:oid:1.2.3"]
)
def test_a_code_of_a_system_that_is_not_shipped_is_unchecked_never_passed(thorough, valid, system):
    valid["Task"]["code"] = {"coding": [{"system": system, "code": "12345"}]}
    assert ("not-checked", "Task.code.coding[0].code", "warning") in told(thorough, valid["Task"])


def test_ours_and_those_of_us_core_are_shipped(checker):
    systems = checker.tables.systems
    assert "assess-plan" in systems["http://hl7.org/fhir/us/core/CodeSystem/careplan-category"]
    assert systems["https://w3id.org/nowrongdoor/fhir/CodeSystem/referral-status"]
    assert [] == [url for url in systems if "loinc" in url or "snomed" in url or "ama-assn" in url]


@pytest.mark.parametrize(("claimed", "place"), [(True, ["Patient.address[0].state"]), (False, [])])
def test_a_state_is_not_looked_up_and_that_is_said_where_us_core_asks_for_it(thorough, valid, claimed, place):
    patient = valid["Patient"] | {"address": [{"state": "Jalisco"}]}
    if not claimed:
        patient["meta"] = {}
    found = [i for i in thorough.issues(patient) if i.cause == "a code of US states"]
    assert [("not-checked", "warning", at) for at in place] == [(i.rule, i.severity, i.column) for i in found]
