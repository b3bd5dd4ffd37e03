"""What stays of a code whose table gives it no words."""

from datetime import UTC, datetime

from nowrongdoor.flow import prepare
from nowrongdoor.model import Origin, Person
from nowrongdoor.resources.people import patient
from nowrongdoor.settings import Settings

CONTEXT = prepare(Settings().source("alder-county"), Settings(), datetime(2026, 11, 10, tzinfo=UTC)).context
ORIGIN = Origin(0, 1, 2, 2, 0)


def race_of(code):
    person = Person(
        "1", "1", ORIGIN, False, (), "", ids=(("county-client", "1"),), family="Ito", given=("Ren",), born="1984-03-12",
        gender="", race=code,
    )  # fmt: skip
    (extension,) = patient(CONTEXT, person)["extension"]
    return {part["url"]: part.get("valueCoding") or part["valueString"] for part in extension["extension"]}


def test_a_race_without_a_display():
    """FHIR takes no empty text: the display is left out, and the text, which must be there, is the code."""
    system = "urn:oid:2.16.840.1.113883.6.238"
    assert {"ombCategory": {"system": system, "code": "2106-3"}, "text": "2106-3"} == race_of(("2106-3", "", ""))
    assert "White" == race_of(("2106-3", "White", ""))["ombCategory"]["display"]
