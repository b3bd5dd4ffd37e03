"""HL7's validator as we run it refuses what is wrong and shows what it did not look at: else its yes proves nothing."""

import pytest

from servers.validator import Asked, validator

pytestmark = pytest.mark.live

PROFILE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
PATIENT = {"resourceType": "Patient", "name": [{"family": "Testperson"}], "gender": "unknown"}
COVERAGE = {
    "resourceType": "Coverage",
    "status": "active",
    "beneficiary": {"reference": "Patient/1"},
    "payor": [{"reference": "Organization/1"}],
}


def errors(judge, resource, against="us-core@6.1.0", profiles=()):
    (said,) = judge.check([Asked(resource, against, profiles)])
    return [s.location for s in said if s.error]


def test_what_is_valid_passes(judge):
    assert [] == errors(judge, PATIENT)
    assert [] == errors(judge, COVERAGE)


def test_what_is_not_r4_is_refused_at_its_place(judge):
    assert ["Patient.birthDate"] == errors(judge, PATIENT | {"birthDate": "1980-02-30"})


def test_a_profile_is_followed_whether_the_resource_or_the_caller_names_it(judge):
    assert ["Patient"] == errors(judge, PATIENT, profiles=[PROFILE])
    assert ["Patient"] == errors(judge, PATIENT | {"meta": {"profile": [PROFILE]}})


def test_a_profile_that_it_does_not_know_is_seen(judge):
    (said,) = judge.check([Asked(PATIENT | {"meta": {"profile": [f"{PROFILE}|9.0.0"]}}, "us-core@6.1.0")])
    assert any(s.unknown_profile for s in said)
    assert not any(s.unknown_profile for s in judge.check([Asked(PATIENT, "us-core@6.1.0")])[0])


def test_a_reference_to_a_type_that_is_not_allowed_is_refused(judge):
    found = errors(judge, COVERAGE | {"beneficiary": {"reference": "Binary/1"}})
    assert {"Coverage.beneficiary"} == set(found)


@pytest.mark.parametrize(
    ("text", "against"), [("no JSON", ""), ("{}", ""), ('{"resourceType": "Patient"}', "no such set")]
)
def test_what_it_cannot_look_at_is_fatal_and_the_next_is_looked_at(judge, text, against):
    first, second = judge.check([Asked(text, against), Asked(PATIENT)])
    assert "fatal" in {s.severity for s in first}
    assert [] == [s for s in second if s.error]


def test_answers_come_in_the_order_of_the_questions(judge):
    dates = [f"19{n:02d}-13-01" if n % 3 else f"19{n:02d}-12-01" for n in range(100)]
    said = judge.check(Asked(PATIENT | {"birthDate": date}) for date in dates)
    assert ["-13-" in date for date in dates] == [any(s.error for s in one) for one in said]


def test_definitions_that_cannot_be_read_are_fatal(tmp_path):
    with validator({"broken": [tmp_path / "is not there.tgz"]}) as judge:
        (said,) = judge.check([Asked(PATIENT, "broken")])
    assert ["fatal"] == [s.severity for s in said]
