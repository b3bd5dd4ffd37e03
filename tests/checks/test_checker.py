"""Reasons in the place of values, what is contained, US Core, and every place of every resource spoiled in turn."""

from copy import deepcopy
from pathlib import Path

import pytest

from nowrongdoor.checks import Checker
from nowrongdoor.errors import Stop, Usage

TABLES = Path(__file__).parents[2] / "profiles" / "fhir" / "tables"

# elements that say why there is no value -----------------------------------

WHY = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


@pytest.mark.parametrize("name", ["birthDate", "gender"])
def test_a_reason_may_stand_in_the_place_of_a_value(checker, valid, name):
    del valid["Patient"][name]
    valid["Patient"][f"_{name}"] = WHY
    assert () == checker.issues(valid["Patient"])


def test_a_required_primitive_may_be_absent_with_a_reason_but_an_id_needs_the_value(told, checker, valid):
    consent = valid["Consent"]
    del consent["status"]
    consent["_status"] = deepcopy(WHY)
    assert () == checker.issues(consent)
    consent["status"], consent["_status"] = "active", {"id": "a"}
    assert () == checker.issues(consent)
    del consent["status"]
    assert [("fhir-structure", "Consent")] == told(consent)


@pytest.mark.parametrize(
    ("given", "beside", "right"),
    [
        (["Ada", None], [None, WHY], True),
        (["Ada", None], [WHY, None], False),
        (["Ada"], [None, WHY], False),
        ([None], [None], False),
        (..., [WHY], True),
        (..., [None], False),
    ],
)
def test_lists_of_values_and_of_reasons_keep_step(told, valid, given, beside, right):
    name = valid["Patient"]["name"][0]
    name["given"], name["_given"] = given, beside
    if given is ...:
        del name["given"]
    assert right == (not told(valid["Patient"]))


# contained ---------------------------------------------------------------


@pytest.fixture
def holding(valid):
    """A plan whose author is contained."""
    plan = valid["CarePlan"]
    plan["contained"] = [{"resourceType": "Practitioner", "id": "p", "name": [{"text": "Kim Testclinician"}]}]
    plan["author"] = {"reference": "#p"}
    return plan


def test_a_local_reference_resolves_among_the_contained(checker, holding):
    assert () == checker.issues(holding)


@pytest.mark.parametrize(
    ("path", "value", "rule", "place"),
    [
        ("author.reference", "#q", "ref-1", "CarePlan.author.reference"),
        ("goal.0.reference", "#p", "fhir-reference", "CarePlan.goal[0].reference"),
        ("author.reference", "Practitioner/1", "dom-3", "CarePlan.contained[0]"),
        ("contained.0.contained", [{"resourceType": "Patient"}], "dom-2", "CarePlan.contained[0]"),
        ("contained.0.meta", {"versionId": "1"}, "dom-4", "CarePlan.contained[0]"),
        ("contained.0.meta", {"security": [{"system": "https://example.org", "code": "R"}]}, "dom-5",
         "CarePlan.contained[0]"),
        ("contained.0.gender", "F", "fhir-binding", "CarePlan.contained[0].gender"),
        ("contained.0.resourceType", "Nobody", "fhir-structure", "CarePlan.contained[0].resourceType"),
        ("contained.0", "text", "fhir-structure", "CarePlan.contained[0]"),
    ],
)  # fmt: skip
def test_what_is_contained_is_checked_in_its_place(told, spoil, holding, path, value, rule, place):
    spoil(holding, path, value)
    assert (rule, place) in told(holding)


def test_a_dangling_local_reference_is_found_without_contained(told, valid):
    valid["CarePlan"]["author"] = {"reference": "#p"}
    assert [("ref-1", "CarePlan.author.reference")] == told(valid["CarePlan"])


def test_a_contained_resource_of_any_type_of_r4_is_checked(told, holding):
    holding["contained"].append({"resourceType": "Location", "id": "l", "status": "shut"})
    holding["addresses"] = [{"reference": "#l"}]
    assert ("fhir-binding", "CarePlan.contained[1].status") in told(holding)


# profiles ----------------------------------------------------------------

MUST_HAVES = [
    ("Patient", "identifier", ..., "Patient.identifier"),
    ("Patient", "identifier.0.system", ..., "Patient.identifier[0].system"),
    ("Patient", "name", ..., "Patient.name"),
    ("Patient", "name.0", {"text": "Ada"}, "Patient.name[0]"),
    ("Patient", "gender", ..., "Patient.gender"),
    ("CarePlan", "category", ..., "CarePlan.category"),
    ("CarePlan", "category.0.coding.0.code", "other", "CarePlan.category"),
    ("Coverage", "relationship", ..., "Coverage.relationship"),
    ("Coverage", "payor.1", {"reference": "Organization/3"}, "Coverage.payor"),
    ("Condition", "category.0.coding.0.code", "other", "Condition.category"),
    ("Condition", "code", ..., "Condition.code"),
    ("Organization", "active", ..., "Organization.active"),
    ("Organization", "name", ..., "Organization.name"),
    ("Practitioner", "identifier", ..., "Practitioner.identifier"),
    ("Practitioner", "name.0.family", ..., "Practitioner.name[0].family"),
    ("PractitionerRole", "telecom", [{"system": "phone"}], "PractitionerRole.telecom[0].value"),
    ("RelatedPerson", "active", ..., "RelatedPerson.active"),
    ("DocumentReference", "category", ..., "DocumentReference.category"),
]


@pytest.mark.parametrize(("kind", "path", "value", "place"), MUST_HAVES)
def test_what_us_core_asks_is_an_error_where_it_is_claimed(told, spoil, valid, kind, path, value, place):
    """The rule is the profile's own name; an element that an invariant speaks of may be told twice."""
    spoil(valid[kind], path, value)
    profile = valid[kind]["meta"]["profile"][0].rpartition("/")[2]
    assert (profile, place) in told(valid[kind]) or ("us-core-6", place) in told(valid[kind])


@pytest.mark.parametrize(
    ("kind", "path", "value", "rule", "place"),
    [
        ("Coverage", "identifier", ..., "us-core-15", "Coverage"),
        ("CarePlan", "text.status", "extensions", "fhir-binding", "CarePlan.text.status"),
        ("DocumentReference", "content.0.attachment", {"title": "x"}, "us-core-6",
         "DocumentReference.content[0].attachment"),
        ("Practitioner", "identifier.0.value", "1234567890", "us-core-17", "Practitioner.identifier[0].value"),
        ("Patient", "extension.0.extension.1.valueString", ..., "us-core-race",
         "Patient.extension[0].extension[1]"),
    ],
)  # fmt: skip
def test_an_invariant_or_a_code_list_of_us_core_is_named(told, spoil, valid, kind, path, value, rule, place):
    spoil(valid[kind], path, value)
    assert any((rule, place) == (found, at[: len(place)]) for found, at in told(valid[kind]))


def test_without_the_claim_only_r4_is_asked(checker, valid):
    del valid["Patient"]["gender"], valid["Patient"]["meta"]["profile"]
    assert () == checker.issues(valid["Patient"])


def test_a_claimed_version_is_the_one_that_is_asked(checker, valid):
    """US Core 8.0.0 no longer wants a gender; 6.1.0 does, and so does the canonical without a version."""
    patient = valid["Patient"]
    del patient["gender"]
    base = patient["meta"]["profile"][0]
    for claim, wanted in (("", True), ("|6.1.0", True), ("|7.0.0", True), ("|8.0.0", False)):
        patient["meta"]["profile"] = [base + claim]
        found = [(i.rule, i.column) for i in checker.issues(patient)]
        assert wanted == (("us-core-patient", "Patient.gender") in found), claim


@pytest.mark.parametrize("claim", ["|9.9.9", "x", "https://example.org/StructureDefinition/unknown"])
def test_a_profile_that_is_not_here_is_said_to_be_unchecked(checker, valid, claim):
    profiles = valid["Patient"]["meta"]["profile"]
    profiles[0] = claim if claim.startswith("https:") else profiles[0] + claim
    assert [("not-checked", "Patient.meta.profile[0]", "warning")] == [
        (i.rule, i.column, i.severity) for i in checker.issues(valid["Patient"])
    ]


def test_a_profile_of_another_type_is_an_error(told, valid):
    valid["Patient"]["meta"]["profile"] = valid["CarePlan"]["meta"]["profile"]
    assert [("profile", "Patient.meta.profile[0]")] == told(valid["Patient"])


def test_against_holds_every_resource_of_the_type_to_the_package(valid):
    """Where a package has several profiles of a type, the resource must say which, else that is not checked."""
    del valid["Patient"]["gender"]
    for one in valid.values():
        one.get("meta", {}).pop("profile", None)
    seven, eight = Checker(TABLES, against=["us-core@7.0.0"]), Checker(TABLES, against=["us-core@8.0.0"])
    assert [("us-core-patient", "Patient.gender")] == [(i.rule, i.column) for i in seven.issues(valid["Patient"])]
    assert () == eight.issues(valid["Patient"])
    assert ["not-checked"] == [i.rule for i in seven.issues(valid["Condition"])]
    assert () == seven.issues(valid["Consent"])


def test_against_a_name_that_there_is_not_is_the_askers_mistake():
    with pytest.raises(Usage, match="us-core@5"):
        Checker(TABLES, against=["us-core@5.0.1"])


# every place of every resource -------------------------------------------


def places(node, path=()):
    yield path, node
    for step, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(child, (*path, step))


def shown(kind, path):
    return kind + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


@pytest.mark.parametrize("value", [None, 17.5, {}, [], {"nonsense": 1}, ["", 2]], ids=str)
def test_no_place_takes_a_value_of_the_wrong_kind(told, spoil, one, value):
    """The issue names the place itself, or one at or below it."""
    for path, was in places(one):
        if path and path != ("resourceType",) and type(was) is not type(value):
            copy = deepcopy(one)
            spoil(copy, ".".join(map(str, path)), value)
            found = [place for _, place in told(copy)]
            assert any(place.startswith(shown(one["resourceType"], path)) for place in found), path


def test_no_text_of_an_issue_holds_the_value(checker, spoil, one):
    """A mark is put in the place of every value, plain, in an object and as a key: no text repeats it."""
    mark = "Zq-90000001A 555-0101"
    seen = 0
    for path, _ in places(one):
        for value in (mark, {mark: mark}, [mark], {"reference": mark, "url": mark}) if path else ():
            copy = deepcopy(one)
            spoil(copy, ".".join(map(str, path)), value)
            for found in checker.issues(copy):
                seen += 1
                assert mark not in f"{found.rule} {found.cause} {found.cure} {found.column}"
    assert seen


# the rest of the door ----------------------------------------------------


@pytest.mark.parametrize("kind", [None, 5, ["Patient"], "Pateint", ""])
def test_what_is_no_type_of_r4_is_an_error(told, kind):
    assert [("fhir-structure", "resourceType")] == told({"resourceType": kind})


def test_every_type_of_r4_is_checked(told):
    assert [("fhir-structure", "Observation.code"), ("fhir-binding", "Observation.status")] == told(
        {"resourceType": "Observation", "status": "done"}
    )


def test_invariants_without_a_fragment_are_evaluated_when_asked(checker):
    """lst-1 of R4: a list is empty for a reason, or has entries, never both."""
    both = {"resourceType": "List", "status": "current", "mode": "working", "emptyReason": {"text": "not asked"},
            "entry": [{"item": {"reference": "Goal/1"}}]}  # fmt: skip
    thorough = Checker(TABLES, thorough=True)
    assert [("lst-1", "List")] == [(i.rule, i.column) for i in thorough.issues(both)]
    assert () == checker.issues(both)
    del both["emptyReason"]
    assert () == thorough.issues(both)


def test_for_the_types_that_we_write_nothing_is_left_to_fhirpath(checker):
    """So a route, which does not evaluate it, misses no invariant."""
    tables = checker.tables
    ours = {p for p in tables.profiles.values() if p.package == "nowrongdoor"}
    reached = tables.definitions({p.type for p in ours} | {p.name for p in ours})
    above = {a.name for p in ours for a in tables.lineage(p)}
    left = [(name, rule["path"]) for name in (*reached, *above) for rule in tables.rules(name) if rule["expression"]]
    assert [] == left
    assert tables.rules("List")


def test_what_the_engine_cannot_walk_is_an_issue_too(told, checker, valid):
    deep = {"url": "https://example.org/x", "valueString": "y"}
    for _ in range(900):
        deep = {"url": "https://example.org/x", "extension": [deep]}
    valid["Goal"]["extension"] = [deep]
    assert () == checker.issues(valid["Goal"])
    deep["unknown"] = "y"
    assert [("fhir-structure", "Goal")] == told(valid["Goal"])
    valid["Task"]["businessStatus"] = {"text": "half a surrogate \ud800"}
    assert [("fhir-structure", "Task")] == told(valid["Task"])


def test_references_are_told_with_their_places(checker, valid):
    task = valid["Task"] | {
        "basedOn": [{"reference": "#a"}, {"reference": "urn:uuid:5b1d0f3e-0000-4000-8000-000000000001"}],
        "partOf": [{"reference": "https://example.org/fhir/Task/9"}, {"reference": "Task/8/_history/2"}],
    }
    assert {
        ("Task.focus.reference", "ServiceRequest/servicerequest-1"),
        ("Task.for.reference", "Patient/patient-1"),
        ("Task.requester.reference", "Organization/organization-1"),
        ("Task.owner.reference", "Organization/organization-2"),
        ("Task.basedOn[1].reference", "urn:uuid:5b1d0f3e-0000-4000-8000-000000000001"),
        ("Task.partOf[0].reference", "https://example.org/fhir/Task/9"),
        ("Task.partOf[1].reference", "Task/8"),
    } == set(checker.references(task))


@pytest.mark.parametrize("content", [None, b"", b"not a zip", b"PK\x05\x06"])
def test_a_table_that_cannot_be_read_stops_with_a_cure(tmp_path, content):
    if content is not None:
        (tmp_path / "r4.zip").write_bytes(content)
    with pytest.raises(Stop) as stopped:
        Checker(tmp_path).issues({"resourceType": "Patient"})
    assert stopped.value.cure
