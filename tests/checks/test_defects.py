"""What is right passes; each single defect is named by place and rule. `...` stands for an element taken away."""

import pytest
from fhir.resources.R4B import get_fhir_model_class

LONG = "a" * 65


def test_valid_resources_pass(checker, one):
    assert () == checker.issues(one)


def test_the_second_opinion_accepts_the_valid_ones_too(one):
    assert get_fhir_model_class(one["resourceType"]).model_validate(one)


STRUCTURE = [
    ("Consent", "status", ..., "Consent.status"),
    ("Consent", "scope", ..., "Consent.scope"),
    ("Consent", "category", ..., "Consent.category"),
    ("Consent", "provision.actor.0.role", ..., "Consent.provision.actor[0].role"),
    ("Consent", "provision.data.0.meaning", ..., "Consent.provision.data[0].meaning"),
    ("CarePlan", "status", ..., "CarePlan.status"),
    ("CarePlan", "intent", ..., "CarePlan.intent"),
    ("CarePlan", "subject", ..., "CarePlan.subject"),
    ("CarePlan", "text.div", ..., "CarePlan.text.div"),
    ("CarePlan", "note.0.text", ..., "CarePlan.note[0].text"),
    ("ServiceRequest", "status", ..., "ServiceRequest.status"),
    ("ServiceRequest", "intent", ..., "ServiceRequest.intent"),
    ("ServiceRequest", "subject", ..., "ServiceRequest.subject"),
    ("Coverage", "status", ..., "Coverage.status"),
    ("Coverage", "beneficiary", ..., "Coverage.beneficiary"),
    ("Coverage", "payor", ..., "Coverage.payor"),
    ("Goal", "lifecycleStatus", ..., "Goal.lifecycleStatus"),
    ("Goal", "description", ..., "Goal.description"),
    ("Condition", "subject", ..., "Condition.subject"),
    ("Task", "intent", ..., "Task.intent"),
    ("Task", "output.0.type", ..., "Task.output[0].type"),
    ("DocumentReference", "content", ..., "DocumentReference.content"),
    ("Provenance", "target", ..., "Provenance.target"),
    ("Provenance", "recorded", ..., "Provenance.recorded"),
    ("Provenance", "agent.0.who", ..., "Provenance.agent[0].who"),
    ("RelatedPerson", "patient", ..., "RelatedPerson.patient"),
    ("Patient", "link.0.other", ..., "Patient.link[0].other"),
    ("Patient", "extension.0.url", ..., "Patient.extension[0].url"),
    ("Patient", "frobnicate", "x", "Patient.frobnicate"),
    ("Patient", "name.0.middle", "x", "Patient.name[0].middle"),
    ("Patient", "birthDateTime", "1980-01-01", "Patient.birthDateTime"),
    ("CarePlan", "custodian", {"reference": "Organization/1"}, "CarePlan.custodian"),
    ("Patient", "not a name 90000001A", 1, "Patient.?"),
    ("Condition", "onsetBoolean", True, "Condition.onsetBoolean"),
    ("Patient", "deceasedDateTime", "2020-01-01", "Patient.deceasedDateTime"),
    ("Task", "output.0.valueString", "x", "Task.output[0]"),
    ("Patient", "name.0.family", ["Testperson"], "Patient.name[0].family"),
    ("Patient", "name", {"family": "Testperson"}, "Patient.name"),
    ("Patient", "name.0.given", [], "Patient.name[0].given"),
    ("Patient", "name.1", {}, "Patient.name[1]"),
    ("Patient", "name.1", {"id": "a"}, "Patient.name[1]"),
    ("Patient", "name.0.family", "", "Patient.name[0].family"),
    ("Patient", "name.0.family", "  ", "Patient.name[0].family"),
    ("Patient", "name.0.family", "a\x07b", "Patient.name[0].family"),
    ("Patient", "name.0.family", None, "Patient.name[0].family"),
    ("Patient", "name.0.given.1", None, "Patient.name[0].given[1]"),
    ("Patient", "active", "true", "Patient.active"),
    ("Patient", "active", 1, "Patient.active"),
    ("Patient", "multipleBirthInteger", "1", "Patient.multipleBirthInteger"),
    ("Patient", "telecom.0.rank", 0, "Patient.telecom[0].rank"),
    ("Patient", "id", "a_b", "Patient.id"),
    ("Patient", "id", LONG, "Patient.id"),
    ("Patient", "identifier.0.system", "https://example.org/a b", "Patient.identifier[0].system"),
    ("Patient", "communication.0.language.coding.0.code", " es", "Patient.communication[0].language.coding[0].code"),
    ("DocumentReference", "content.0.attachment.data", "@@@", "DocumentReference.content[0].attachment.data"),
    ("ServiceRequest", "quantityQuantity.value", "2.5", "ServiceRequest.quantityQuantity.value"),
    ("Patient", "_birthDate", {}, "Patient._birthDate"),
]  # fmt: skip
DATES = [
    ("Patient", "birthDate", "02/03/1980"),
    ("Patient", "birthDate", "1980-01-01T00:00:00Z"),
    ("Patient", "birthDate", "1980-02-30"),
    ("Patient", "birthDate", "1900-02-29"),
    ("Patient", "birthDate", "1980-04-31"),
    ("Patient", "birthDate", "1980-13"),
    ("Patient", "birthDate", "0000"),
    ("Patient", "birthDate", "1980-01-01\n"),
    ("Patient", "birthDate", "١٩٨٠"),
    ("Provenance", "recorded", "2024-01-02"),
    ("Provenance", "recorded", "2023-02-29T10:00:00Z"),
    ("CarePlan", "created", "2024-01-02T10:00Z"),
    ("CarePlan", "created", "2024-01-02T10:00:00"),
    ("CarePlan", "created", "2024-01-02T24:00:00Z"),
    ("CarePlan", "created", "2023-02-29T10:00:00Z"),
    ("PractitionerRole", "availableTime.0.availableStartTime", "8:30"),
]
CODES = [
    ("Patient", "gender", "F", "Patient.gender"),
    ("Patient", "contact.0.gender", "F", "Patient.contact[0].gender"),
    ("Patient", "identifier.0.use", "primary", "Patient.identifier[0].use"),
    ("Patient", "name.0.use", "legal", "Patient.name[0].use"),
    ("Patient", "telecom.0.system", "mobile", "Patient.telecom[0].system"),
    ("ServiceRequest", "status", "sent", "ServiceRequest.status"),
    ("ServiceRequest", "priority", "high", "ServiceRequest.priority"),
    ("ServiceRequest", "quantityQuantity.comparator", "=", "ServiceRequest.quantityQuantity.comparator"),
    ("Consent", "status", "signed", "Consent.status"),
    ("Consent", "provision.type", "allow", "Consent.provision.type"),
    ("CarePlan", "intent", "goal", "CarePlan.intent"),
    ("Goal", "lifecycleStatus", "open", "Goal.lifecycleStatus"),
    ("Coverage", "status", "enrolled", "Coverage.status"),
    ("Task", "status", "open", "Task.status"),
    ("Condition", "clinicalStatus", {"text": "resolved"}, "Condition.clinicalStatus"),
    ("Condition", "clinicalStatus.coding.0.code", "over", "Condition.clinicalStatus.coding"),
    ("PractitionerRole", "availableTime.0.daysOfWeek.0", "monday", "PractitionerRole.availableTime[0].daysOfWeek[0]"),
    ("DocumentReference", "docStatus", "signed", "DocumentReference.docStatus"),
    ("Provenance", "entity.0.role", "origin", "Provenance.entity[0].role"),
    ("CarePlan", "text.status", "empty!", "CarePlan.text.status"),
]
REFERENCES = [
    ("CarePlan", "subject.reference", "Practitioner/1"),
    ("CarePlan", "subject.reference", "patient/1"),
    ("CarePlan", "subject.reference", "Patient/"),
    ("CarePlan", "subject.reference", "Patient/a_b"),
    ("CarePlan", "subject.reference", "https://example.org/fhir/Organization/1"),
    ("CarePlan", "goal.0.reference", "Task/1"),
    ("Consent", "provision.data.0.reference.reference", "NoSuchType/1"),
    ("Patient", "managingOrganization.reference", "Practitioner/1"),
]
INVARIANTS = [
    ("Patient", "contact.0", {"gender": "male"}, "pat-1", "Patient.contact[0]"),
    ("Patient", "identifier.1.period", {"start": "2024-02-01", "end": "2024-01-31"}, "per-1",
     "Patient.identifier[1].period"),
    ("CarePlan", "period", {"start": "2025", "end": "2024-12-31"}, "per-1", "CarePlan.period"),
    ("Consent", "provision.period", {"start": "2024-01-02T10:00:00-08:00", "end": "2024-01-02T17:59:59Z"}, "per-1",
     "Consent.provision.period"),
    ("Task", "lastModified", "2024-01-01T08:00:00Z", "inv-1", "Task"),
    ("CarePlan", "activity.0.detail", {"status": "not-started"}, "cpl-3", "CarePlan.activity[0].reference"),
    ("Patient", "telecom.0", {"value": "530-555-0101"}, "cpt-2", "Patient.telecom[0]"),
    ("ServiceRequest", "quantityQuantity.system", ..., "qty-3", "ServiceRequest.quantityQuantity"),
    ("Patient", "extension.0", {"url": "https://example.org/x"}, "ext-1", "Patient.extension[0]"),
    ("Patient", "extension.0", {"url": "https://example.org/x", "id": "a"}, "ext-1", "Patient.extension[0]"),
    ("DocumentReference", "content.0.attachment.contentType", ..., "att-1", "DocumentReference.content[0].attachment"),
    ("Condition", "clinicalStatus.coding.0.code", "active", "con-4", "Condition.clinicalStatus.coding"),
    ("Condition", "verificationStatus.coding.0.code", "entered-in-error", "con-5", "Condition.clinicalStatus"),
    ("Organization", "address.0.use", "home", "org-2", "Organization.address[0].use"),
    ("Organization", "telecom.0.use", "home", "org-3", "Organization.telecom[0].use"),
    ("Goal", "target.0.detailString", "8 hours", "gol-1", "Goal.target[0]"),
    ("CarePlan", "subject.type", "Group", "fhir-reference", "CarePlan.subject"),
    ("CarePlan", "subject.type", "Practitioner", "fhir-reference", "CarePlan.subject.type"),
    ("CarePlan", "text.div", "<p>Plan</p>", "txt-1", "CarePlan.text.div"),
    ("CarePlan", "text.div", "<div>  </div>", "txt-1", "CarePlan.text.div"),
    ("CarePlan", "text.div", "<div>a<script>b</script></div>", "txt-1", "CarePlan.text.div"),
    ("CarePlan", "text.div", '<div onclick="x()">a</div>', "txt-1", "CarePlan.text.div"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "path", "value", "place"), STRUCTURE)
def test_a_defect_of_structure_is_named(told, spoil, valid, kind, path, value, place):
    spoil(valid[kind], path, value)
    assert ("fhir-structure", place) in told(valid[kind])


@pytest.mark.parametrize(("kind", "path", "value"), DATES)
def test_a_date_is_one_of_the_calendar_in_the_form_its_type_asks_for(told, spoil, valid, kind, path, value):
    spoil(valid[kind], path, value)
    assert ["fhir-date"] == [rule for rule, place in told(valid[kind])]


@pytest.mark.parametrize("day", ["2000-02-29", "2024-02-29", "1980", "1980-02", "2024-12-31", "1899-11-30"])
def test_real_days_and_partial_dates_pass(checker, valid, day):
    valid["Patient"]["birthDate"] = day
    assert () == checker.issues(valid["Patient"])


@pytest.mark.parametrize(("kind", "path", "value", "place"), CODES)
def test_a_code_outside_a_required_value_set_is_refused(told, spoil, valid, kind, path, value, place):
    spoil(valid[kind], path, value)
    assert ("fhir-binding", place) in told(valid[kind])


@pytest.mark.parametrize(("kind", "path", "value"), REFERENCES)
def test_a_reference_names_an_allowed_type_and_an_id(told, spoil, valid, kind, path, value):
    spoil(valid[kind], path, value)
    assert ["fhir-reference"] == [rule for rule, place in told(valid[kind])]


@pytest.mark.parametrize(("kind", "path", "value", "rule", "place"), INVARIANTS)
def test_an_invariant_is_named_by_its_key(told, spoil, valid, kind, path, value, rule, place):
    spoil(valid[kind], path, value)
    assert (rule, place) in told(valid[kind])


def test_a_consent_without_policy_or_rule_breaks_ppc_1(told, valid):
    del valid["Consent"]["policy"], valid["Consent"]["policyRule"]
    assert [("ppc-1", "Consent")] == told(valid["Consent"])


def test_an_order_detail_needs_a_code(told, valid):
    del valid["ServiceRequest"]["code"]
    assert ("prr-1", "ServiceRequest") in told(valid["ServiceRequest"])


@pytest.mark.parametrize(
    "period",
    [
        {"start": "2024-01-02", "end": "2024-01-02"},
        {"start": "2024-06-30", "end": "2024"},
        {"start": "2024-01-02T10:00:00-08:00", "end": "2024-01-02T18:00:00Z"},
        {"start": "2024-01-02T10:00:00.1Z", "end": "2024-01-02T10:00:00.25Z"},
        {"end": "2024-01-02"},
    ],
)
def test_periods_in_order_pass_whatever_their_precision_and_zone(checker, valid, period):
    valid["CarePlan"]["period"] = period
    assert () == checker.issues(valid["CarePlan"])
