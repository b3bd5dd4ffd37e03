"""What a fresh pair of eyes found passing, or refused, wrongly: each stays mended."""

from copy import deepcopy

import orjson
import pytest

from nowrongdoor.checks import Checker
from nowrongdoor.checks.rules import _broken


@pytest.fixture(scope="module")
def thorough(tables):
    return Checker(tables, thorough=True)


@pytest.fixture(scope="module")
def errors(thorough):
    return lambda resource: [(i.rule, i.column) for i in thorough.issues(resource) if i.severity == "error"]


def test_a_resource_inside_parameters_is_looked_at(errors):
    inner = {"resourceType": "Patient", "gender": "F"}
    outer = {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": inner}]}
    assert ("fhir-binding", "Parameters.parameter[0].resource.gender") in errors(outer)


def test_what_is_contained_is_held_to_its_invariants_and_profiles(errors, thorough):
    seen = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "mood"}, "valueString": "low",
            "dataAbsentReason": {"text": "not asked"}, "meta": {"profile": ["http://example.org/none"]}}  # fmt: skip
    goal = {"resourceType": "Goal", "contained": [seen], "lifecycleStatus": "active", "description": {"text": "Walk"},
            "subject": {"reference": "Patient/1"}, "addresses": [{"reference": "#o"}]}  # fmt: skip
    assert [("obs-6", "Goal.contained[0]")] == errors(goal)
    assert "Goal.contained[0].meta.profile[0]" in [i.column for i in thorough.issues(goal) if i.rule == "not-checked"]


@pytest.mark.parametrize(
    "extension",
    [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "nonsense"},
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueString": "unknown"},
        {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "valueString": "white"},
    ],
)
def test_a_known_extension_is_held_to_its_own_profile_wherever_it_stands(errors, extension):
    assert errors({"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk"},
                   "subject": {"reference": "Patient/1"}, "extension": [extension]})  # fmt: skip


def test_a_required_list_that_is_not_here_is_unchecked_never_passed(thorough, valid):
    told = [i.column for i in thorough.issues(valid["DocumentReference"]) if i.rule == "not-checked"]
    assert "DocumentReference.content[0].attachment.contentType" in told


DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize(
    ("div", "right"),
    [
        (DIV.format("a &lt; b &#160;"), True),
        (DIV.format("<!-- a > b -->words"), True),
        ("<div>no namespace</div>", False),
        ('<div xmlns="http://www.w3.org/2000/svg">a</div>', False),
        (DIV.format("a &nbsp; b"), False),
        (DIV.format('<a href="javascript:x()">a</a>'), False),
        (DIV.format("<p>a"), False),
    ],
)
def test_narrative_is_plain_xhtml(errors, valid, div, right):
    plan = valid["CarePlan"] | {"text": {"status": "generated", "div": div}}
    assert right == (("txt-1", "CarePlan.text.div") not in errors(plan))


@pytest.mark.parametrize("number", ["1.0", "1e0"])
def test_a_whole_number_has_no_point_and_no_exponent(errors, valid, number):
    patient = orjson.loads(orjson.dumps(valid["Patient"])[:-1] + b',"multipleBirthInteger":' + number.encode() + b"}")
    assert ("fhir-structure", "Patient.multipleBirthInteger") in errors(patient)


def test_a_canonical_may_point_at_what_is_contained(errors):
    answers = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "#q",
               "contained": [{"resourceType": "Questionnaire", "id": "q", "status": "active"}]}  # fmt: skip
    assert [] == errors(answers)


def test_type_agrees_with_what_is_contained(errors, valid):
    plan = valid["CarePlan"]
    plan["contained"] = [{"resourceType": "Practitioner", "id": "p", "name": [{"text": "Kim Testclinician"}]}]
    plan["author"] = {"reference": "#p", "type": "Organization"}
    assert ("fhir-reference", "CarePlan.author.type") in errors(plan)


def test_what_is_wide_and_deep_costs_little(errors):
    """Each step of the place would be told for each of the 20 000: gigabytes, once."""
    node = [{} for _ in range(20_000)]
    for _ in range(200):
        node = [{"url": "http://example.org/x", "extension": node}]
    patient = {"resourceType": "Patient", "extension": node}
    assert [("fhir-structure", "Patient")] == errors(patient)
    shallow = {"resourceType": "Patient", "extension": [{} for _ in range(20_000)]}
    assert 1000 > len(errors(shallow))


def test_no_text_of_an_issue_holds_a_strange_name(thorough):
    name = "Jane Doe 555-0101\nINJECTED"
    told = {"resourceType": "Patient", name: {"system": "http://hl7.org/fhir/administrative-gender", "code": "zz"}}
    assert not any("Jane" in f"{i.column} {i.cause}" for i in thorough.issues(deepcopy(told)))


@pytest.mark.parametrize("expression", ["status", "no.such(", "1 + 'a'", "'a' | 'b'"])
def test_an_invariant_that_gives_no_yes_or_no_is_unchecked_never_passed(expression):
    resource = {"resourceType": "Observation", "status": "final"}
    rule = {"key": "x-1", "human": "something", "expression": expression}
    assert ["not-checked"] == [i.rule for i in _broken(rule, "Observation", [resource], "Observation", resource)]
