"""A county's client messages: what each kind states, and what a later one leaves as it was."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nowrongdoor import sources
from nowrongdoor.errors import Stop
from nowrongdoor.flow import prepare, workspace
from nowrongdoor.flow.folder import translate
from nowrongdoor.settings import FILE, Settings, load

SOURCE = "manzanita-county"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DEMOGRAPHICS = (
    "<ClientDemographics><ClientLastName>Toledano</ClientLastName><ClientFirstName>Ife</ClientFirstName>"
    "<DateOfBirth>1990-05-05</DateOfBirth>{}</ClientDemographics>"
)
ADMISSION = (
    "<ClientAdmission><EpisodeNumber>1</EpisodeNumber><ProgramOfAdmission>{}</ProgramOfAdmission>"
    '<AdmissionDate>{}</AdmissionDate><Practitioner npi="1000040026">Ysaguirre, Noemi</Practitioner></ClientAdmission>'
)
COVERED = (
    '<ClientFinEligibility xsi:type="MediCalClient"><CIN>90006001A</CIN><EffectiveDate>2026-01-01</EffectiveDate>'
    "</ClientFinEligibility>"
)
DISCHARGE = (
    "<ClientDischarge><EpisodeNumber>1</EpisodeNumber><DischargeDate>{}</DischargeDate>"
    "<TypeOfDischarge>Goals reached</TypeOfDischarge></ClientDischarge>"
)


def message(kind, sent, *parts, client="600101", more=""):
    who = f"<ClientID>{client}</ClientID>"
    return f'<{kind} {XSI} xmlns="urn:example:manzanita" sent="{sent}T09:00:00"{more}>{who}{"".join(parts)}</{kind}>'


def admit(sent="2026-11-10", programme="1901", day="2026-11-02", demographics=""):
    return message("AdmitNewClient", sent, DEMOGRAPHICS.format(demographics), ADMISSION.format(programme, day), COVERED)


def discharge(sent="2026-11-19", day="2026-11-18"):
    return message("DischargeClient", sent, DISCHARGE.format(day))


class Desk:
    """Messages into files and files into a folder, or one after the other into a workspace."""

    def __init__(self, folder: Path):
        self.folder, self.runs = folder, 0
        (folder / "gateway").mkdir()
        (folder / "gateway" / FILE).write_text("[deployment]\n", encoding="utf-8")
        self.settings = load(folder / "gateway")

    def file(self, day, *messages):
        self.runs += 1
        path = self.folder / f"m{self.runs} {day}.xml"
        path.write_text(f"<Log>{''.join(messages)}</Log>", encoding="utf-8")
        return path

    def translate(self, *paths):
        self.runs += 1
        out = self.folder / f"out{self.runs}"
        accounting = translate(paths, prepare(sources.load(SOURCE), Settings(), MOMENT), out)
        return accounting, {f.stem: read(f.read_text(encoding="utf-8")) for f in out.glob("*.ndjson")}

    def intake(self, *paths):
        """The same into the workspace; what is kept then."""
        store = workspace.open_store(self.settings)
        try:
            run = prepare(sources.load(SOURCE), self.settings, MOMENT)
            accounting = workspace.intake(paths, run, store)
            kept = [k.resource for _, person in store.persons(SOURCE) for k in store.graph(SOURCE, person)]
        finally:
            store.close()
        return accounting, {t: [r for r in kept if r["resourceType"] == t] for t in {r["resourceType"] for r in kept}}


def read(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture(params=["one run", "one intake after the other"])
def after(request, desk):
    """What is known after these files, in one run or file after file: it is the same."""

    def known(*paths):
        if request.param == "one run":
            return desk.translate(*paths)
        return [desk.intake(path) for path in paths][-1]

    return known


def labels(resource):
    return {s["code"] for s in resource["meta"].get("security", ())} - {"HTEST"}


def cin(patient):
    return [i["value"] for i in patient["identifier"] if i["system"].endswith("/cin")]


def test_an_admission_is_an_enrolment_and_its_plan_is_marked_as_derived(desk):
    _, made = desk.translate(desk.file("20261110", admit()))
    (plan,) = made["CarePlan"]
    derived = [e for e in plan["extension"] if e["url"].endswith("derived-plan")]
    assert ("active", {"start": "2026-11-02"}, True) == (plan["status"], plan["period"], derived[0]["valueBoolean"])
    assert not {"goal", "activity"} & plan.keys()


def test_a_discharge_ends_the_plan_and_repeats_nothing_of_the_admission(desk, after):
    """Programme, first day, clinician stay those of the admission, and so does its being Part 2."""
    _, made = after(desk.file("20261110", admit(programme="1950")), desk.file("20261119", discharge()))
    (plan,) = made["CarePlan"]
    assert ("completed", {"start": "2026-11-02", "end": "2026-11-18"}) == (plan["status"], plan["period"])
    assert ("1950", "Ysaguirre, Noemi") == (plan["title"], plan["author"]["display"])
    assert {"SUD", "42CFRPart2"} == labels(plan)


def test_a_discharge_from_a_programme_that_is_not_part_2_stays_so(desk, after):
    """A discharge names no programme, and what names none would count as Part 2."""
    _, made = after(desk.file("20261110", admit(programme="1901")), desk.file("20261119", discharge()))
    assert set() == labels(made["CarePlan"][0])


def test_an_admission_that_is_sent_again_later_does_not_reopen_what_ended(desk, after):
    later = admit(sent="2026-11-20", day="2026-11-02")
    _, made = after(desk.file("20261110", admit()), desk.file("20261119", discharge()), desk.file("20261120", later))
    (plan,) = made["CarePlan"]
    assert ("completed", {"start": "2026-11-02", "end": "2026-11-18"}) == (plan["status"], plan["period"])


def test_an_admission_after_the_end_is_a_new_beginning(desk, after):
    again = admit(sent="2026-11-20", day="2026-11-20")
    _, made = after(desk.file("20261110", admit()), desk.file("20261119", discharge()), desk.file("20261120", again))
    (plan,) = made["CarePlan"]
    assert ("active", {"start": "2026-11-20"}) == (plan["status"], plan["period"])


def test_a_discharge_that_comes_twice_is_one(desk):
    """In two messages of different days that say the same."""
    files = [desk.file("20261110", admit()), desk.file("20261120", discharge(), discharge("2026-11-20"))]
    accounting, made = desk.translate(*files)
    assert ["completed"] == [p["status"] for p in made["CarePlan"]]
    assert [(1, 1)] == [(f["written"], f["merged"]) for f in accounting["files"] if f["file"].startswith("m2")]


def test_a_discharge_of_nobody_known_is_refused_with_its_reason(desk):
    accounting, made = desk.translate(desk.file("20261119", discharge()))
    assert ["no-target"] == [i["rule"] for line in made["refusals"] for i in line["issues"]]
    assert accounting["balanced"]


def test_a_message_without_a_cin_takes_none_away(desk, after):
    moved = DEMOGRAPHICS.format("<ClientAddressCity>Los Alisos</ClientAddressCity>")
    update = message("UpdateClientDemographics", "2026-11-18", moved)
    _, made = after(desk.file("20261110", admit()), desk.file("20261118", update))
    (patient,) = made["Patient"]
    assert (["90006001A"], "Los Alisos") == (cin(patient), patient["address"][0]["city"])


def test_kinds_of_messages_that_nothing_is_made_of_are_counted_by_name(desk):
    others = [message(kind, "2026-11-10", "<x>1</x>") for kind in ("CreateCSI", "CreatePregnancy", "CreateCSI")]
    accounting, _ = desk.translate(desk.file("20261110", admit(), *others))
    assert {"CreateCSI": 2, "CreatePregnancy": 1} == accounting["templates"]["out_of_scope"]
    assert (6, 3, 3) == tuple(sum(f[k] for f in accounting["files"]) for k in ("read", "written", "out_of_scope"))
    assert accounting["balanced"]


def test_a_kind_of_message_that_nobody_foresaw_is_told(desk):
    text = message("MergeClients", "2026-11-10", "<Into>6</Into>").replace("<ClientID>600101</ClientID>", "")
    _, made = desk.translate(desk.file("20261110", admit(), text))
    assert [("new-column", "/Log/MergeClients")] == [(w["rule"], w["text"]) for w in made["warnings"]]


def test_a_file_that_is_only_a_fault_is_no_record(desk):
    path = desk.file("20261110")
    path.write_text(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
        "</s:Fault></s:Body></s:Envelope>",
        encoding="utf-8",
    )
    with pytest.raises(Stop, match=r"20261110.xml: it is XML, and no element in it is a record of this source"):
        desk.translate(path)


def test_a_label_on_a_message_is_on_all_that_it_states(desk):
    text = message("AdmitNewClient", "2026-11-10", DEMOGRAPHICS.format(""), ADMISSION.format("1901", "2026-11-02"),
                   COVERED, more=' confidentiality="R"')  # fmt: skip
    _, made = desk.translate(desk.file("20261110", text))
    assert [{"R"}] * 3 == [labels(made[t][0]) for t in ("Patient", "CarePlan", "Coverage")]


def test_who_sent_it_is_the_source(desk):
    """No message names its sender."""
    _, made = desk.translate(desk.file("20261110", admit()))
    names = {f"Organization/{o['id']}": o["name"] for o in made["Organization"]}
    managing = made["Patient"][0]["managingOrganization"]["reference"]
    assert sources.load(SOURCE).organization["name"] == names[managing]
    assert "Medi-Cal" in names[made["Coverage"][0]["payor"][0]["reference"]]


def test_the_order_of_files_changes_no_byte(desk):
    files = [desk.file("20261110", admit()), desk.file("20261119", discharge()),
             desk.file("20261120", admit(sent="2026-11-20"))]  # fmt: skip
    (_, one), (_, other) = desk.translate(*files), desk.translate(*files[::-1])
    assert one["CarePlan"] == other["CarePlan"]
    assert one["Patient"] == other["Patient"]
