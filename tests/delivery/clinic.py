"""An invented clinic whose documents state a little of all that documents can, and how it calls itself as a source."""

from pathlib import Path

from delivery.county import Gateway, word
from layouts.ccda.writing import ASSERTION, LOINC, code, hangs, id_, on, section, statement, status

SOURCE = """\
title = "An invented clinic"
layout = "ccda"
timezone = "America/Los_Angeles"
delivery = "delta"
revokes = "status"
synthetic = true
part2 = {part2}
[organization]
name = "Fir Clinic"
[codes]
systems = "oids.csv"
{ids}
"""
PERSON = "<assignedPerson><name><given>{0}</given><family>{1}</family></name></assignedPerson>"
HEAD = """<?xml version="1.0"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id root="1.2.3.1" extension="{document}"/><templateId root="2.16.840.1.113883.10.20.22.1.15" extension="2015-08-01"/>
<code code="52521-2" codeSystem="2.16.840.1.113883.6.1"/><title>Care plan</title><effectiveTime value="{when}"/>
{label}<setId root="1.2.3.2" extension="{person}"/><versionNumber value="{version}"/>
<recordTarget><patientRole><id root="1.2.3.4" extension="{person}"/>{ids}<patient><name use="L"><given>Wanda</given>
<family>{family}</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
<birthTime value="19800102"/></patient></patientRole></recordTarget>
<author><time value="20260101"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="{npi}"/>
<assignedPerson><name><given>Ada</given><family>Rowan</family></name></assignedPerson>
<representedOrganization><id root="1.2.3.9" extension="O-1"/><name>Fir Clinic</name></representedOrganization>
</assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.3.9" extension="O-1"/>
<name>Fir Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>
{consent}<documentationOf><serviceEvent classCode="PCPR"><effectiveTime><low value="20260101"/></effectiveTime>
<performer typeCode="PRF"><functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88"
 displayName="Primary care provider"/>{who}</performer></serviceEvent></documentationOf>
<componentOf><encompassingEncounter><id root="1.2.9" extension="VISIT"/><code code="AMB"
 codeSystem="2.16.840.1.113883.5.4"/><effectiveTime><low value="20260102"/><high value="20260102"/></effectiveTime>
</encompassingEncounter></componentOf><component><structuredBody>"""
CONSENT = """<authorization><consent><id root="1.2.9" extension="CONSENT"/><code code="59284-0"
 codeSystem="2.16.840.1.113883.6.1" displayName="Consent"/><statusCode code="completed"/></consent></authorization>"""
CLINICIAN = (
    '<assignedEntity><id root="2.16.840.1.113883.4.6" extension="{npi}"/>' + PERSON.format("Ada", "Rowan")
) + "</assignedEntity>"
USUAL = {"document": "D-1", "version": "1", "when": "20260105120000-0800", "label": "", "consent": ""}
NPI = "1999999984"
TYPES = {
    "CarePlan": 1, "CareTeam": 1, "Condition": 1, "DeviceRequest": 1, "DocumentReference": 1, "Encounter": 1, "Goal": 1,
    "MedicationRequest": 1, "Observation": 2, "Patient": 1, "Procedure": 1, "Provenance": 1, "ServiceRequest": 1,
}  # fmt: skip  # what one document makes, of one person


class Clinic:
    """A client of the clinic and their document, as it is now: change `head`, `due`, `planned`, then `written`."""

    def __init__(self) -> None:
        self.person, self.family, self.head = word("p-"), word("Wrap"), dict(USUAL)
        self.due, self.planned, self.ids = "20260301", [DEVICE], ""

    @property
    def text(self) -> str:
        who = CLINICIAN.format(npi=NPI)
        head = HEAD.format(**self.head, ids=self.ids, person=self.person, family=self.family, npi=NPI, who=who)
        body = "".join(f"<component>{s}</component>" for s in self._sections())
        return f"{head}{body}</structuredBody></component></ClinicalDocument>"

    def _sections(self) -> list[str]:
        goal = statement("observation", "GOL", id_("GOAL"), code("1", "Sleep pattern"), status("active"),
                         on(self.due), template="121")  # fmt: skip
        problem = statement("observation", "EVN", id_("PROBLEM"), ASSERTION, status("completed"),
                            code("2", "Insomnia", "value"), template="4")  # fmt: skip
        return [
            section("61146-7", goal, text="<paragraph>Sleep through the night</paragraph>", title="Goals"),
            section("11450-4", problem, text="<paragraph>Insomnia</paragraph>", title="Problems"),
            section("18776-5", COUNSELLING, MEDICINE, *self.planned, title="Plan", text=WORDS),
            section("10190-7", SCORE, title="Mental status"),
            section("47420-5", WALKS, title="Functional status"),
        ]

    def written(self, folder: Path, name: str = "care-plan.xml") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(self.text, encoding="utf-8")
        return folder / name


WORDS = "<paragraph>Counselling each week</paragraph>"
AUTHOR = f'<author><time value="20260102"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="{NPI}"/></assignedAuthor></author>'  # noqa: E501 - one line of XML
DONE = statement("procedure", "EVN", id_("DONE"), code("3", "Sleep hygiene taught"), status("completed"),
                 on("20260102"), template="14")  # fmt: skip
COUNSELLING = statement("procedure", "INT", id_("PLANNED"), code("4", "Counselling"), status("active"), AUTHOR,
                        hangs("COMP", DONE), template="41")  # fmt: skip
MEDICINE = statement(
    "substanceAdministration", "INT", id_("MEDICINE"), status("active"), on("20260102"),
    "<consumable><manufacturedProduct><manufacturedMaterial><name>Valerian tea</name></manufacturedMaterial>"
    "</manufacturedProduct></consumable>", AUTHOR, template="42",
)  # fmt: skip
DEVICE = statement(
    "supply", "RQO", id_("DEVICE"), status("active"), AUTHOR,
    f'<participant typeCode="PRD"><participantRole classCode="MANU"><playingDevice>{code("5", "Weighted blanket")}'
    "</playingDevice></participantRole></participant>", template="43",
)  # fmt: skip
SCORE = statement("observation", "EVN", id_("SCORE"), code("44261-6", "PHQ-9 total score", system=LOINC),
                  status("completed"), on("20260102"), '<value xsi:type="INT" value="11"/>', template="69")  # fmt: skip
WALKS = statement("observation", "EVN", id_("WALKS"), code("6", "Walking"), status("completed"), on("20260102"),
                  code("7", "Walks without help", "value"), template="67")  # fmt: skip


def source(gateway: Gateway, name: str = "fir-clinic", part2: str = "false") -> str:
    """The clinic among the gateway's sources; its name. It says whose ids are which, where there is a table of them."""
    ids = 'identifiers = "fir_ids.csv"' if (gateway.folder / "profiles" / "codes" / "fir_ids.csv").exists() else ""
    path = gateway.folder / "profiles" / "sources" / f"{name}.toml"
    path.write_text(SOURCE.format(part2=part2, ids=ids), encoding="utf-8")
    return name
