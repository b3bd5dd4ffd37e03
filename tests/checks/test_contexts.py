"""An extension stands only where its definition lets it."""

import pytest

from nowrongdoor.checks import Checker
from nowrongdoor.checks.contexts import fits
from nowrongdoor.checks.tables import Profile


@pytest.fixture(scope="module")
def errors(tables):
    thorough = Checker(tables, thorough=True)
    return lambda resource: [(i.rule, i.column) for i in thorough.issues(resource) if i.severity == "error"]


HL7 = "http://hl7.org/fhir/StructureDefinition/"
NAME = {"family": "Testperson"}
BIRTHSEX = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}
MAIDEN = {"url": f"{HL7}patient-mothersMaidenName", "valueString": "Testperson"}
ABSENT = {"url": f"{HL7}data-absent-reason", "valueCode": "unknown"}
OWN_PREFIX = {"url": f"{HL7}humanname-own-prefix", "valueString": "van"}
BORN = {"url": f"{HL7}patient-birthTime", "valueDateTime": "2001-01-01T00:00:00Z"}
PRECISE = [{"url": f"{HL7}quantity-precision", "valueInteger": 2}]
PRECISELY = {"value": 1, "_value": {"extension": PRECISE}}
UNSURE = {"url": f"{HL7}iso21090-uncertainty", "valueDecimal": 0.5}
AREA = {"url": f"{HL7}contactpoint-area", "valueString": "831"}
GOAL = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk"},
        "subject": {"reference": "Patient/1"}}  # fmt: skip
HELD = {"resourceType": "Patient", "id": "p", "extension": [BIRTHSEX], "name": [NAME | {"extension": [BIRTHSEX]}]}


@pytest.mark.parametrize(
    ("resource", "wrong"),
    [
        ({"resourceType": "Patient", "extension": [BIRTHSEX, MAIDEN]}, []),
        ({"resourceType": "Patient", "name": [NAME | {"extension": [BIRTHSEX]}]}, ["Patient.name[0].extension[0]"]),
        (GOAL | {"extension": [BIRTHSEX, MAIDEN, ABSENT]}, ["Goal.extension[0]", "Goal.extension[1]"]),
        ({"resourceType": "Patient", "birthDate": "2001-01-01", "_birthDate": {"extension": [ABSENT, BORN]}}, []),
        ({"resourceType": "Patient", "extension": [BORN]}, ["Patient.extension[0]"]),
        ({"resourceType": "Patient", "name": [NAME | {"_family": {"extension": [OWN_PREFIX]}}]}, []),
        ({"resourceType": "Patient", "name": [NAME | {"text": "T", "_text": {"extension": [OWN_PREFIX]}}]},
         ["Patient.name[0]._text.extension[0]"]),
        (GOAL | {"target": [{"measure": {"text": "m"}, "detailQuantity": PRECISELY}]}, []),
        ({"resourceType": "Patient", "telecom": [{"system": "phone", "extension": [AREA]}], "extension": [AREA]},
         ["Patient.extension[0]"]),
        (GOAL | {"target": [{"measure": {"text": "m"}, "detailQuantity": {"value": 1, "extension": PRECISE}}]},
         ["Goal.target[0].detailQuantity.extension[0]"]),
        (GOAL | {"target": [{"dueDuration": {"extension": [UNSURE]}}], "extension": [UNSURE]}, ["Goal.extension[0]"]),
        (GOAL | {"contained": [HELD], "subject": {"reference": "#p"}}, ["Goal.contained[0].name[0].extension[0]"]),
    ],
)  # fmt: skip
def test_an_extension_stands_where_its_definition_lets_it(errors, resource, wrong):
    assert [("extension-context", place) for place in wrong] == errors(resource)


ORDER = {"resourceType": "NutritionOrder", "status": "active", "intent": "order", "dateTime": "2026-01-01",
         "patient": {"reference": "Patient/1"}, "oralDiet": {"instruction": "soft"}}  # fmt: skip
NOT_TO_DO = {"url": f"{HL7}request-doNotPerform", "valueBoolean": True}


@pytest.mark.parametrize(
    ("resource", "wrong"),
    [
        ({"resourceType": "Patient", "modifierExtension": [MAIDEN]}, ["Patient.modifierExtension[0]"]),
        ({"resourceType": "Patient", "extension": [MAIDEN]}, []),
        (ORDER | {"modifierExtension": [NOT_TO_DO]}, []),
        (ORDER | {"extension": [NOT_TO_DO]}, ["NutritionOrder.extension[0]"]),
    ],
)  # fmt: skip
def test_an_extension_that_changes_meanings_stands_among_such(errors, resource, wrong):
    assert [("extension-modifier", place) for place in wrong] == errors(resource)


@pytest.mark.parametrize(
    ("context", "right"),
    [
        ("Patient.managingOrganization.identifier", True),
        ("Reference.identifier", True),
        ("Identifier", True),
        ("Patient.managing[x].identifier", False),
        ("Patient.identifier", False),
        ("Organization", False),
        ("Element", True),
    ],
)
def test_a_path_may_begin_at_the_resource_or_at_any_type_between(context, right):
    types = {"Patient": "Patient", "Patient.managingOrganization": "Reference",
             "Patient.managingOrganization.identifier": "Identifier"}  # fmt: skip
    extension = Profile("", "", "Extension", "", "", "", (context,))
    assert right == fits(extension, "Patient.managingOrganization.identifier", types)


def test_a_choice_of_types_stands_for_each():
    extension = Profile("", "", "Extension", "", "", "", ("Observation.value[x]",))
    types = {
        "Observation": "Observation",
        "Observation.valueQuantity": "Quantity",
        "Observation.code": "CodeableConcept",
    }
    assert [True, False] == [fits(extension, f"Observation.{at}", types) for at in ("valueQuantity", "code")]
