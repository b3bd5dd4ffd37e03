"""Header of a document: who it is about and who stands in it, each once, and nobody who is not asked for."""

import json
import os
from functools import lru_cache
from pathlib import Path

import pytest

from nowrongdoor import shelf
from nowrongdoor.checks import Checker
from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda.header import Header
from nowrongdoor.layouts.ccda.tree import V3, Notes

NPI, SSN, RACE = "2.16.840.1.113883.4.6", "2.16.840.1.113883.4.1", "2.16.840.1.113883.6.238"
OWN_ID = '<id root="1.2.3" extension="MRN-7"/>'
NAME = '<name use="L"><given>Ana</given><family>Roe</family></name>'


class Spelling:
    name, part2, options = "ccda", True, {}


def document(patient="", *, ids=OWN_ID, role="", header="", body=""):
    return xml.parse(
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc">'
        '<effectiveTime value="202001020304-0800"/>'
        f"<recordTarget><patientRole>{ids}{role}<patient>{NAME}{patient}</patient></patientRole></recordTarget>"
        f"{header}<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>".encode()
    )


def assigned(ids, name="", more="", word="assignedAuthor"):
    person = f"<assignedPerson><name>{name}</name></assignedPerson>" if name else ""
    return f"<{word}>{ids}{more}{person}</{word}>"


def associated(kind, given, ids=""):
    inner = f"<associatedPerson><name>{person(given)}</name></associatedPerson>"
    return f"<associatedEntity classCode='{kind}'>{ids}{inner}</associatedEntity>"


def person(given, family="Poe"):
    return f"<given>{given}</given><family>{family}</family>"


def id_(extension, root="1.2.9"):
    return f'<id root="{root}" extension="{extension}"/>'


class Read:
    def __init__(self, root, *, ssn=False):
        self.notes = Notes(root, ssn=ssn)
        self.header = Header(root, 3, self.notes, Spelling())

    def facts(self, labels=()):
        return self.header.facts(labels, lambda _: labels)

    def made(self, kind):
        """{key: resource} of that kind."""
        return {fact.id: json.loads(fact.resource) for fact in self.facts() if fact.kind == kind}

    @property
    def patient(self):
        (one,) = self.made("person").values()
        return one

    @property
    def rules(self):
        return [issue.rule for _, issue in self.notes.issues]


@lru_cache
def checker():
    return Checker(shelf.find("profiles/fhir/tables"), against=["us-core@6.1.0"])


def valid(resource, **more):
    text = json.dumps({**resource, **more})
    for kind, name in (("organization", "Organization"), ("practitioner", "Practitioner"), ("person", "Patient")):
        text = text.replace(f'"reference": "{kind}:', f'"reference": "{name}/').replace("^", "-")
    return [(i.rule, i.column) for i in checker().issues(json.loads(text)) if i.severity == "error"]


GATEWAY = {"identifier": [{"system": "https://w3id.org/nowrongdoor/id/gateway", "value": "x"}]}

# the patient ---------------------------------------------------------------


def test_a_patient_with_everything():
    read = Read(
        document(
            '<administrativeGenderCode code="F"/><birthTime value="195403230900"/>'
            '<maritalStatusCode code="M" codeSystem="2.16.840.1.113883.5.2"/><sdtc:deceasedInd value="true"/>'
            '<sdtc:deceasedTime value="20200101"/>'
            "<languageCommunication><languageCode code='spa'/><preferenceInd value='true'/></languageCommunication>"
            "<languageCommunication><languageCode code='en-US'/></languageCommunication>",
            role='<addr use="HP"><city>Davis</city></addr><telecom value="tel:559-555-0111" use="MC"/>'
            f"<providerOrganization>{id_('P')}<name>Elm Clinic</name></providerOrganization>",
        )
    )
    assert {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:1.2.3", "value": "MRN-7"}],
        "name": [{"use": "usual", "family": "Roe", "given": ["Ana"]}],
        "telecom": [{"system": "phone", "value": "559-555-0111", "use": "mobile"}],
        "gender": "female",
        "birthDate": "1954-03-23",
        "deceasedDateTime": "2020-01-01",
        "address": [{"use": "home", "city": "Davis"}],
        "maritalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M"}]
        },
        "communication": [
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True},
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-US"}]}},
        ],
        "managingOrganization": {"reference": "organization:1.2.9^P", "display": "Elm Clinic"},
    } == read.patient
    assert ("1.2.3^MRN-7", "2020-01-02T03:04:00-08:00", []) == (read.header.person, read.header.as_of, read.rules)
    assert [] == valid(read.patient)


def test_each_fact_says_where_it_stands_and_what_it_carries():
    root = document(header=f"<author>{assigned(id_('A'), person('Cy'))}</author>")
    facts = {fact.kind: fact for fact in Read(root).facts(("R",))}
    assert {"person": "1.2.3^MRN-7", "practitioner": ""} == {kind: fact.person for kind, fact in facts.items()}
    assert {(3, 1, ("R",), True)} == {(f.origin.file, f.origin.row, f.labels, f.part2) for f in facts.values()}


@pytest.mark.parametrize(
    ("code", "expected", "why"),
    [
        ('code="M"', "male", None),
        ('code="UN"', "other", None),
        ('nullFlavor="OTH"', "other", None),
        ('nullFlavor="UNK"', "unknown", None),
        ('nullFlavor="ASKU"', "unknown", "asked-unknown"),
        ('nullFlavor="MSK"', "unknown", "masked"),
    ],
)
def test_gender_by_hl7s_table(code, expected, why):
    made = Read(document(f"<administrativeGenderCode {code}/>")).patient
    reason = made["_gender"]["extension"][0]["valueCode"] if "_gender" in made else None
    assert (expected, why) == (made["gender"], reason)


def test_a_strange_gender_is_unknown_and_told():
    read = Read(document('<administrativeGenderCode code="X1"/>'))
    assert ("unknown", ["ccda-gender"]) == (read.patient["gender"], read.rules)


def race(code, display="", word="raceCode", system=RACE):
    return f'<{word} code="{code}" codeSystem="{system}" displayName="{display}"/>'


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (race("2106-3", "White"), [("race", ["2106-3"], [], "White")]),
        (
            race("2106-3", "White") + race("2108-9", "European", "sdtc:raceCode") + race("2028-9", "", "sdtc:raceCode"),
            [("race", ["2106-3", "2028-9"], ["2108-9"], "White, European, Asian")],
        ),
        (race("9", "Other", system="1.2"), [("race", [], [], "Other")]),
        (race("2186-5", "Not Hispanic"), [("race", [], [], "Not Hispanic")]),
        ('<raceCode nullFlavor="UNK"/>', []),
        (
            race("2135-2", "Latina", "ethnicGroupCode") + race("2148-5", "Mexican", "sdtc:ethnicGroupCode"),
            [("ethnicity", ["2135-2"], ["2148-5"], "Latina, Mexican")],
        ),
        (
            race("2135-2", "Yes", "ethnicGroupCode") + race("2186-5", "No", "sdtc:ethnicGroupCode"),
            [("ethnicity", [], [], "Yes, No")],
        ),
    ],
)
def test_race_and_ethnicity_as_us_core_has_them(told, expected):
    patient = Read(document(told)).patient
    found = [
        (
            extension["url"].rpartition("-")[2],
            [e["valueCoding"]["code"] for e in extension["extension"] if e["url"] == "ombCategory"],
            [e["valueCoding"]["code"] for e in extension["extension"] if e["url"] == "detailed"],
            *(e["valueString"] for e in extension["extension"] if e["url"] == "text"),
        )
        for extension in patient.get("extension", [])
    ]
    assert expected == found
    assert [] == valid(patient)


def test_an_unknown_language_keeps_its_word():
    read = Read(document("<languageCommunication><languageCode code='Spanish'/></languageCommunication>"))
    assert ([{"language": {"text": "Spanish"}}], ["ccda-language"]) == (read.patient["communication"], read.rules)


def test_a_patient_without_a_name_says_that_it_is_unknown():
    root = xml.parse(
        b'<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1.2.3" extension="7"/><patient>'
        b'<name nullFlavor="UNK"/></patient></patientRole></recordTarget></ClinicalDocument>'
    )
    assert [] == valid(Read(root).patient)
    assert "unknown" == Read(root).patient["name"][0]["_family"]["extension"][0]["valueCode"]


# who the patient is --------------------------------------------------------


def test_the_key_is_an_id_that_is_no_social_security_number():
    ids = id_("000-12-0000", SSN) + OWN_ID
    read = Read(document(ids=ids))
    assert "1.2.3^MRN-7" == read.header.person
    assert ["MRN-7"] == [i["value"] for i in read.patient["identifier"]]


def test_a_social_security_number_alone_is_a_key_that_does_not_show_it():
    keys = {Read(document(ids=id_(number, SSN))).header.person for number in ("000-12-0000", "000120000")}
    assert (1, False) == (len(keys), "0000" in keys.pop())
    read = Read(document(ids=id_("000-12-0000", SSN)))
    assert not [fact for fact in read.facts() if "12-0000" in fact.resource + fact.id + fact.person]
    told = Read(document(ids=id_("000-12-0000", SSN)), ssn=True).patient["identifier"]
    assert [{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "000-12-0000"}] == told


def test_a_null_id_tells_nobody_apart():
    assert (
        "" == Read(document(ids='<id nullFlavor="NI"/><id root="1.2" extension="1" nullFlavor="MSK"/>')).header.person
    )


# people around -------------------------------------------------------------


def test_who_writes_and_signs_is_made_once_with_the_place_and_specialty():
    more = (
        '<code code="163W00000X" codeSystem="2.16.840.1.113883.6.101"/><telecom value="tel:559-555-0112"/>'
        f"<representedOrganization>{id_('O')}<name>Elm Clinic</name>"
        "<addr use='H'><city>Davis</city></addr></representedOrganization>"
    )
    author, signer = assigned(id_("A"), person("Cy"), more), assigned(id_("A"), "", "", "assignedEntity")
    read = Read(document(header=f"<author>{author}</author><legalAuthenticator>{signer}</legalAuthenticator>"))
    ((key, one),) = read.made("practitioner").items()
    ((_, role),) = read.made("role").items()
    ((_, place),) = read.made("organization").items()
    assert ("1.2.9^A", [{"family": "Poe", "given": ["Cy"]}]) == (key, one["name"])
    assert ({"reference": "practitioner:1.2.9^A"}, "163W00000X") == (
        role["practitioner"],
        role["specialty"][0]["coding"][0]["code"],
    )
    assert [{"city": "Davis"}] == place["address"]  # nobody lives there
    assert [[], [], []] == [valid(one), valid(role), valid(place)]
    signs = next(read.header._root.iter(V3 + "legalAuthenticator"))
    assert {"reference": "practitioner:1.2.9^A", "display": "Cy Poe"} == read.header.reference(signs)


def test_a_valid_npi_is_the_key_as_in_other_files():
    ids = id_("77") + id_("1234567893", NPI)
    assert ["1234567893"] == list(
        Read(document(header=f"<author>{assigned(ids, person('Cy'))}</author>")).made("practitioner")
    )


def test_an_npi_that_fails_its_check_is_a_key_and_no_identifier():
    read = Read(document(header=f"<author>{assigned(id_('1234567890', NPI), person('Cy'))}</author>"))
    ((key, one),) = read.made("practitioner").items()
    assert (f"{NPI}^1234567890", False, ["npi-check"]) == (key, "identifier" in one, read.rules)


def test_one_id_for_two_names_is_two_people_and_told():
    twice = "".join(f"<author>{assigned(id_('A'), person(given))}</author>" for given in ("Cy", "Di", "Cy"))
    read = Read(document(header=twice))
    assert [["Cy"], ["Di"]] == [one["name"][0]["given"] for one in read.made("practitioner").values()]
    assert ["id-reused"] == read.rules


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        (assigned('<id nullFlavor="NI"/>', person("Cy")), {"display": "Cy Poe"}),
        (assigned(OWN_ID, person("Ana", "Roe")), {"reference": "person:1.2.3^MRN-7"}),
        (assigned(id_("Z")), None),
        (
            assigned(
                id_("D"), "", "<assignedAuthoringDevice><softwareName>EHR 5</softwareName></assignedAuthoringDevice>"
            ),
            {"display": "EHR 5"},
        ),
        (
            assigned(id_("D"), "", "<representedOrganization><name>Elm Clinic</name></representedOrganization>"),
            {"display": "Elm Clinic"},
        ),
    ],
)
def test_who_is_no_practitioner(holder, expected):
    read = Read(document(header=f"<author>{holder}</author>"))
    assert expected == read.header.reference(next(read.header._root.iter(V3 + "author")))
    assert {} == read.made("practitioner")


def test_who_stands_in_entries_is_made_only_if_asked_for():
    act = f"<act><author>{assigned(id_('E'), person('Flo'))}</author></act>"
    read = Read(document(body=f"<component><section><entry>{act}</entry></section></component>"))
    assert {} == read.made("practitioner")
    assert {"reference": "practitioner:1.2.9^E", "display": "Flo Poe"} == read.header.reference(
        next(read.header._root.iter(V3 + "author"))
    )
    assert ["1.2.9^E"] == list(read.made("practitioner"))


def test_recipients_reviewers_and_guarantors_are_not_made():
    entity = associated("PROV", "Cy", id_("R"))
    header = "".join(
        f'<participant typeCode="{code}">{entity}</participant>' for code in ("VRF", "IRCP", "GUAR", "CST")
    )
    assert {} == Read(document(header=header)).made("practitioner")
    assert 1 == len(
        Read(document(header=f'<participant typeCode="CALLBCK">{entity}</participant>')).made("practitioner")
    )


def test_a_guardian_and_a_caregiver_of_one_name_are_one_contact_with_all_relations():
    guardian = (
        '<guardian><code code="FTH" codeSystem="2.16.840.1.113883.5.111"/><telecom value="tel:559-555-0113"/>'
        f"<guardianPerson><name>{person('Bo')}</name></guardianPerson></guardian>"
    )
    entity = associated("CAREGIVER", "Bo")
    read = Read(document(guardian, header=f'<participant typeCode="IND">{entity}</participant>'))
    ((key, one),) = read.made("contact").items()
    assert ["GUARD", "FTH", "CAREGIVER"] == [r["coding"][0]["code"] for r in one["relationship"]]
    assert [] == valid(one, patient={"reference": "Patient/x"}, **GATEWAY)
    holder = next(read.header._root.iter(V3 + "participant"))
    assert {"reference": f"contact:{key}"} == read.header.reference(holder)


def test_the_care_team_and_the_primary_care_provider():
    doctor, aide = (
        assigned(id_("1"), person("Cy"), word="assignedEntity"),
        assigned("", person("Di"), word="assignedEntity"),
    )
    performers = (
        f'<performer typeCode="PRF"><functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88"/>{doctor}</performer>'
        f'<performer typeCode="PRF">{aide}</performer>'
    )
    read = Read(document(header=f"<documentationOf><serviceEvent>{performers}</serviceEvent></documentationOf>"))
    ((_, team),) = read.made("team").items()
    cy = {"reference": "practitioner:1.2.9^1", "display": "Cy Poe"}
    assert [cy, {"display": "Di Poe"}] == [m["member"] for m in team["participant"]]
    assert [cy] == read.patient["generalPractitioner"]
    assert [] == valid(team, subject={"reference": "Patient/x"})


def test_an_organization_without_an_id_is_only_named():
    inner = "<representedCustodianOrganization><name>Elm</name></representedCustodianOrganization>"
    read = Read(document(header=f"<custodian><assignedCustodian>{inner}</assignedCustodian></custodian>"))
    assert ({"display": "Elm"}, {}) == (read.header.custodian, read.made("organization"))
    assert {"display": "Elm"} == read.patient["managingOrganization"]


def test_a_payer_may_have_its_id_on_the_role_and_its_name_inside():
    inner = "<representedOrganization><name>Oak Plan</name></representedOrganization>"
    read = Read(document(header=f"<performer>{assigned(id_('P'), '', inner, 'assignedEntity')}</performer>"))
    role = next(read.header._root.iter(V3 + "assignedEntity"))
    assert {"reference": "organization:1.2.9^P", "display": "Oak Plan"} == read.header.organization(role)


# every public document -----------------------------------------------------

CORPORA = os.environ.get("NWD_CORPORA", "")


@pytest.mark.skipif(
    not CORPORA, reason="NWD_CORPORA is not set: the folder of public corpora, C-CDA documents among them"
)
def test_every_public_document_gives_a_header_that_is_valid():
    """Patient, people and organizations of each whole document pass R4 and US Core; none raises."""
    more = {"contact": {"patient": {"reference": "Patient/x"}}, "team": {"subject": {"reference": "Patient/x"}}}
    folders = ("ms-fhir-converter/data/SampleData/Ccda", "ccda-examples/Documents", "vendor-ccda-r11", "synthea-ca")
    files = sorted(p for f in folders for p in (Path(CORPORA) / f).rglob("*") if p.suffix in {".xml", ".ccda", ".ccd"})
    wrong, people = [], 0
    for path in files:
        root = xml.parse(path.read_bytes())
        if root.tag != V3 + "ClinicalDocument" or not len(root):
            continue
        for fact in Read(root).facts():
            resource = json.loads(fact.resource)
            extra = GATEWAY if fact.kind in {"person", "practitioner"} and "identifier" not in resource else {}
            wrong += [(path.name, fact.kind, *w) for w in valid(resource, **more.get(fact.kind, {}), **extra)]
            people += fact.kind == "person"
    assert ([], True) == (wrong, people > 110)
