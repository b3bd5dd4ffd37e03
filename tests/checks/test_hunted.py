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


def test_what_only_looks_like_a_resource_inside_parameters_is_told(errors):
    inner = {"contained": [{"id": "x", "subject": {"reference": "#"}}]}
    outer = {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": inner}]}
    assert ("fhir-structure", "Parameters.parameter[0].resource.resourceType") in errors(outer)


def test_what_is_contained_is_held_to_its_invariants_and_profiles(errors, thorough):
    seen = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "mood"}, "valueString": "low",
            "dataAbsentReason": {"text": "not asked"}, "meta": {"profile": ["http://example.org/none"]}}  # fmt: skip
    goal = {"resourceType": "Goal", "contained": [seen], "lifecycleStatus": "active", "description": {"text": "Walk"},
            "subject": {"reference": "Patient/1"}, "addresses": [{"reference": "#o"}]}  # fmt: skip
    assert [("obs-6", "Goal.contained[0]")] == [(rule, place[:17]) for rule, place in errors(goal)]
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


def test_an_age_is_looked_at(errors, valid):
    """Its system is fixed by an invariant: the schema says nothing more of it, not even a type."""
    condition = valid["Condition"] | {"onsetAge": {"value": 5, "system": "http://unitsofmeasure.org", "code": "a"}}
    del condition["onsetDateTime"]
    assert [] == errors(condition)
    condition["onsetAge"]["system"] = "https://example.org"
    assert [("age-1", "Condition.onsetAge.system")] == errors(condition)


def test_a_canonical_may_point_at_what_is_contained(errors):
    answers = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "#q",
               "contained": [{"resourceType": "Questionnaire", "id": "q", "status": "active"}]}  # fmt: skip
    assert [] == errors(answers)


def test_type_agrees_with_what_is_contained(errors, valid):
    plan = valid["CarePlan"]
    plan["contained"] = [{"resourceType": "Practitioner", "id": "p", "name": [{"text": "Kim Testclinician"}]}]
    plan["author"] = {"reference": "#p", "type": "Organization"}
    assert ("fhir-reference", "CarePlan.author") in errors(plan)


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


# many errors ---------------------------------------------------------------


def test_that_more_is_wrong_than_is_told_is_said(checker, valid):
    patient = valid["Patient"]
    patient["identifier"] += [{"value": ""} for _ in range(600)]
    found = checker.issues(patient)
    assert [("not-checked", "warning")] == [(i.rule, i.severity) for i in found if i.severity == "warning"]
    assert 500 < len(found) < 1100


def test_nulls_that_only_keep_a_place_use_up_no_errors(errors, valid):
    """A thousand of them come before the one that is wrong."""
    patient, why = valid["Patient"], {"extension": [{"url": "http://example.org/x", "valueCode": "unknown"}]}
    patient["name"][0] |= {"given": [None] * 1000 + [""], "_given": [why] * 1000 + [None]}
    assert [("fhir-structure", "Patient.name[0].given[1000]")] == errors(patient)


# references ----------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["https://example.org/people/7", "https://example.org/x", "ftp://example.org/Patient/1", "mailto:a@example.org",
     "urn:example:7", "https://example.org/fhir/Patient/1/x"],
)  # fmt: skip
def test_an_absolute_reference_need_not_be_of_a_fhir_server_but_nobody_looked_at_it(checker, valid, target):
    """FHIR R4, references: "Absolute URLs do not need to point to a FHIR RESTful server"."""
    goal = valid["Goal"] | {"subject": {"reference": target, "type": "Patient"}}
    assert [("not-checked", "Goal.subject.reference", "warning")] == [
        (i.rule, i.column, i.severity) for i in checker.issues(goal)
    ]


@pytest.mark.parametrize("server", ["", "https://example.org/fhir/", "ftp://example.org/"])
@pytest.mark.parametrize("version", ["", "/_history/3"])
def test_a_reference_that_names_a_wrong_type_is_wrong_wherever_it_is(told, valid, server, version):
    goal = valid["Goal"] | {"subject": {"reference": f"{server}Practitioner/1{version}"}}
    assert ("fhir-reference", "Goal.subject.reference") in told(goal)


@pytest.mark.parametrize("target", ["nonsense", "Patient", "Patient/1/x", "/Patient/1", "Patient/a b"])
def test_a_relative_reference_is_a_type_and_an_id(told, valid, target):
    assert ("fhir-reference", "Goal.subject.reference") in told(valid["Goal"] | {"subject": {"reference": target}})


@pytest.mark.parametrize(
    ("target", "kind", "right"),
    [
        ("https://example.org/fhir/Patient/1", "Patient", True),
        ("https://example.org/fhir/Patient/1/_history/2", "Patient", True),
        ("https://example.org/fhir/Patient/1", "Group", False),
        ("https://example.org/Group/fhir/Patient/1", "Group", False),
        ("https://example.org/Patient/Group/1", "Patient", False),
        ("Patient/1", "Group", False),
        ("Patient/Group", "Group", False),
        ("Patient?identifier=1", "Patient", True),
        ("Patient?identifier=1", "Group", False),
        ("urn:uuid:5b1d0f3e-0000-4000-8000-000000000001", "Group", True),
    ],
)
def test_type_agrees_with_the_type_that_the_reference_names(told, valid, target, kind, right):
    goal = valid["Goal"] | {"meta": {"versionId": "1"}, "subject": {"reference": target, "type": kind}}
    assert ([] if right else [("fhir-reference", "Goal.subject")]) == told(goal)


@pytest.mark.parametrize(
    ("held", "right"),
    [
        ({"resourceType": "Practitioner", "id": "p", "name": [{"text": "Kim Testclinician"}]}, False),
        ({"resourceType": "Organization", "id": "p", "name": "Test Clinic"}, True),
    ],
)
def test_an_invariant_about_the_target_sees_what_is_contained(told, valid, held, right):
    """provenance-1 of US Core: a person who acts does so on behalf of an organization."""
    provenance = valid["Provenance"] | {"contained": [held]}
    provenance["agent"][0] |= {"who": {"reference": "#p"}}
    provenance["agent"][0].pop("onBehalfOf", None)
    assert right == ("provenance-1" not in [rule for rule, _ in told(provenance)])


# ids -----------------------------------------------------------------------


def test_an_id_stands_once_in_a_resource(errors, valid):
    """What is contained has ids of its own, and the resource's id is none of an element."""
    patient = valid["Patient"] | {"id": "a", "contained": [{"resourceType": "Organization", "id": "o", "name": "T"}]}
    patient["managingOrganization"] = {"reference": "#o"}
    patient["contained"][0]["telecom"] = [{"id": "a", "system": "phone", "value": "555-0101"}]
    patient["name"][0]["id"] = "a"
    assert [] == errors(patient)
    patient["identifier"][0]["id"] = "a"
    assert [("fhir-structure", "Patient.name[0].id")] == errors(patient) or [
        ("fhir-structure", "Patient.identifier[0].id")
    ] == errors(patient)


def test_a_definition_says_everything_twice(errors, tables):
    """Snapshot and differential have one id for one element; and R4 itself extends a type where the code is named."""
    ours = orjson.loads((tables.parent / "generated/StructureDefinition-nwd-goal.json").read_bytes())
    assert [] == errors(ours)
    ours["snapshot"]["element"][1]["id"] = ours["snapshot"]["element"][2]["id"]
    assert [("fhir-structure", "StructureDefinition.snapshot.element[2].id")] == [
        told for told in errors(ours) if told[0] == "fhir-structure"
    ]


def test_two_contained_resources_of_one_id_are_not_told_apart(told, valid):
    held = [{"resourceType": "Organization", "id": "o", "name": name} for name in "TU"]
    patient = valid["Patient"] | {"contained": held, "managingOrganization": {"reference": "#o"}}
    assert [("fhir-structure", f"Patient.contained[{n}].id") for n in (0, 1)] == told(patient)


@pytest.mark.parametrize("odd", [5, "x", [], {"versionId": "1"}, None])
def test_what_is_contained_may_be_odd_in_every_way(told, odd):
    held = [{"resourceType": "Organization", "id": odd, "name": "T", "meta": odd}] * 2
    assert told({"resourceType": "Patient", "contained": held, "managingOrganization": {"reference": "#x"}})


# values --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "right"),
    [
        ("urn:oid:2.16.840.1.113883.4.6", True),
        ("urn:uuid:5b1d0f3e-0000-4000-8000-000000000001", True),
        ("urn:example:1", True),
        ("urn:oid:abc", False),
        ("urn:oid:3.1.2.3", False),
        ("urn:oid:1.2.03", False),
        ("urn:oid:", False),
        ("urn:uuid:zzz", False),
        ("urn:uuid:5B1D0F3E-0000-4000-8000-000000000001", False),
    ],
)
def test_a_uri_that_says_it_is_an_oid_or_a_uuid_is_one(told, valid, uri, right):
    patient = valid["Patient"]
    patient["identifier"].append({"system": uri, "value": "1"})
    patient["meta"]["source"] = uri
    wanted = [("fhir-structure", f"Patient.{at}") for at in ("identifier[2].system", "meta.source")]
    assert (set() if right else set(wanted)) == set(told(patient))


@pytest.mark.parametrize(
    ("data", "right"),
    [("YQ==", True), ("YWI=", True), ("YWJj", True), (" YWJj\nYQ==\n", True), ("====", False), ("a===", False),
     ("YQ==YQ==", False), ("YQ=", False), ("Y=Q=", False), ("=", False)],
)  # fmt: skip
def test_base64_ends_as_it_should(told, valid, data, right):
    document = valid["DocumentReference"]
    document["content"][0]["attachment"]["data"] = data
    assert right == ([] == told(document))
