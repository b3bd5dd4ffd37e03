"""What is said of clinical documents before anything is taken in: what they are and state, and nothing of a person."""

import json
import re
from zipfile import ZipFile

import pytest

from delivery.clinic import Clinic
from layouts.ccda.writing import Read, code, document, hangs, id_, on, section, statement, status
from nowrongdoor.layouts.ccda.outline import STATED

SOFTWARE = """<author><time value="20260101"/><assignedAuthor><id nullFlavor="NI"/><assignedAuthoringDevice>
<manufacturerModelName>Fir Records</manufacturerModelName><softwareName>Fir Records 7.2</softwareName>
</assignedAuthoringDevice></assignedAuthor></author><custodian>"""
LABEL = '<confidentialityCode code="R" codeSystem="2.16.840.1.113883.5.25"/>'
ODD = "2.16.840.1.113883.10.20.22.4.999"
STRANGE = section("99999-9", statement("act", "EVN", code("9", "Odd"), template="999"), title="Odd things")


@pytest.fixture
def clinic(tmp_path):
    """(a client, the path of their document): with the software that made it, and an entry that nobody knows."""
    one = Clinic()
    one.head["label"] = LABEL
    path = one.written(tmp_path / "in")
    text = one.text.replace("<custodian>", SOFTWARE, 1)
    path.write_text(text.replace("</structuredBody>", f"<component>{STRANGE}</component></structuredBody>"), "utf-8")
    return one, path


# inspect -------------------------------------------------------------------


def test_a_document_is_told_by_what_it_is_and_states(nwd, clinic):
    """Type, software, label, and of each section how many entries there are and what they become."""
    _, path = clinic
    code_, out, err = nwd("inspect", path, "--json")
    assert (0, "") == (code_, err)
    (said,) = json.loads(out)
    assert ("care-plan.xml", "Care Plan", "R", ["Fir Records 7.2"]) == tuple(
        said[word] for word in ("file", "document", "confidentiality", "software")
    )
    sections = {s["code"]: s for s in said["sections"]}
    assert {"61146-7", "11450-4", "18776-5", "10190-7", "47420-5", "99999-9"} == set(sections)
    goals = sections["61146-7"]
    assert ("Goals", True, 1, {"Goal": 1}) == tuple(goals[w] for w in ("section", "words", "entries", "becomes"))
    plan = {"ServiceRequest": 1, "Procedure": 1, "MedicationRequest": 1, "DeviceRequest": 1}
    assert plan == sections["18776-5"]["becomes"]
    assert ({"out of scope": 1}, False) == (sections["99999-9"]["becomes"], sections["99999-9"]["known"])
    odd = {"code": "99999-9", "template": ODD, "element": "act", "mood": "EVN", "entries": 1}
    assert odd | {"becomes": {"out of scope": 1}} in said["entries"]


def test_the_same_for_people(nwd, clinic):
    _, path = clinic
    code_, out, _ = nwd("inspect", path)
    lines = out.splitlines()
    assert 0 == code_
    assert "care-plan.xml: Care Plan, confidentiality R, made by Fir Records 7.2" == lines[0]
    assert any(re.match(r"  61146-7 +Goals +1 entry +1 Goal$", line) for line in lines)
    assert any(re.match(r"  99999-9 +no section that we know +1 entry +1 out of scope", line) for line in lines)
    assert f"  no rule for {ODD} in 99999-9 (1 entry): only the section's words are kept" in lines
    assert "nwd translate --source ccda" in lines[-1]


def test_nothing_of_a_person_is_told(nwd, clinic):
    """No name, number or date, in either form: a title may quote them, so none is shown."""
    one, path = clinic
    text = path.read_text("utf-8").replace("<title>Care plan</title>", f"<title>Chart of {one.family}</title>")
    path.write_text(text.replace("<title>Goals</title>", f"<title>Goals of Wanda {one.family}</title>"), "utf-8")
    for form in ([], ["--json"]):
        out = nwd("inspect", path, *form)[1]
        assert [] == [w for w in (one.family, "Wanda", "Rowan", one.person, "1980", "2026", "VISIT") if w in out]


def test_a_folder_is_told_as_a_whole(nwd, clinic, tmp_path):
    """Its kinds of documents, its software, its sections, and what cannot be read; an archive is told likewise."""
    folder = clinic[1].parent
    Clinic().written(folder, "other.xml")
    (folder / "torn.xml").write_bytes(b"<ClinicalDocument")
    (folder / "notes.txt").write_text("to do", "utf-8")
    code_, out, _ = nwd("inspect", folder)
    assert 3 == code_
    assert ["3 documents", "  2 Care Plan", "  1 cannot be read: xml (torn.xml)"] == out.splitlines()[:3]
    assert any(re.match(r"  61146-7 +Goals +2 entries +2 Goal$", line) for line in out.splitlines())
    with ZipFile(tmp_path / "night.zip", "w") as packed:
        packed.write(folder / "other.xml", "a/b.xml")
    assert 0 == nwd("inspect", tmp_path / "night.zip")[0]
    assert "a/b.xml" == json.loads(nwd("inspect", tmp_path / "night.zip", "--json")[1])[0]["file"]


@pytest.mark.parametrize("option", [["--rows"], ["--draft", "fir"]])
def test_documents_have_no_rows_and_need_no_draft(nwd, clinic, option):
    code_, _, err = nwd("inspect", clinic[1], *option)
    assert 2 == code_
    assert "profiles/sources/ccda.toml" in err


# explain -------------------------------------------------------------------

GOAL = statement("observation", "GOL", id_("1"), code("1", "G"), status("active"), template="121")
PROBLEM = statement("observation", "EVN", id_("2"), code("2", "P", "value"), status("completed"), template="4")
FOUND = statement("observation", "EVN", id_("3"), code("3", "F"), status("completed"), code("4", "V", "value"))
ASKED = statement("act", "RQO", id_("4"), code("5", "A"), status("active"), template="39")
REFERRED = statement("act", "INT", id_("5"), code("6", "R"), status("active"), template="140")
VISIT = statement("encounter", "EVN", id_("6"), code("7", "V"), on("20260102"), hangs("COMP", PROBLEM), template="49")
POLICY = statement(
    "act", "EVN", id_("7"), code("8", "C"),
    '<performer><templateId root="2.16.840.1.113883.10.20.22.4.87"/><assignedEntity><id root="1.2.8" extension="P"/>'
    "<representedOrganization><name>Payer</name></representedOrganization></assignedEntity></performer>", template="61",
)  # fmt: skip
MEMBER = '<performer><assignedEntity><id root="1.2.8" extension="N"/><assignedPerson><name><family>Orr</family></name></assignedPerson></assignedEntity></performer>'  # noqa: E501 - one line of XML
HELD = f"<component>{statement('act', 'PRMS', MEMBER, template='500.1')}</component>"
TEAM = statement("organizer", "EVN", id_("8"), status("active"), HELD, template="500")
DIRECTIVE = statement("observation", "EVN", id_("9"), code("10", "D"), status("completed"), template="48")
TRIED = {
    "18776-5": (ASKED, "<paragraph>Plan</paragraph>"), "51847-2": (ASKED, "<paragraph>Plan</paragraph>"),
    "61146-7": (GOAL, ""), "75310-3": (PROBLEM, ""), "62387-6": (ASKED, "<paragraph>Done</paragraph>"),
    "11383-7": (FOUND, ""), "42349-1": (REFERRED, ""), "11450-4": (PROBLEM, ""), "46240-8": (VISIT, ""),
    "10190-7": (FOUND, ""), "47420-5": (FOUND, ""), "48768-6": (POLICY, ""), "85847-2": (TEAM, ""),
    "42348-3": (DIRECTIVE, ""), "11535-2": (PROBLEM, ""), "46241-6": (PROBLEM, ""),
}  # fmt: skip


@pytest.mark.parametrize("section_", [c for c, s in STATED.items() if s.becomes])
def test_what_is_said_of_a_section_is_so(section_):
    """Each line of `nwd explain ccda` is tried: an entry there becomes what the line begins with."""
    entry, words = TRIED[section_]
    made = Read(document(section(section_, entry, text=words), kind="52521-2"))
    types = {json.loads(f.resource)["resourceType"] for f in made.document.facts}
    assert STATED[section_].becomes[0] in types


@pytest.mark.parametrize("section_", [c for c, s in STATED.items() if not s.becomes])
def test_a_section_of_words_becomes_nothing_of_its_own(section_):
    """Its entries are narrative: the words that say the same are kept."""
    made = Read(document(section(section_, FOUND, text="<paragraph>Words</paragraph>")))
    assert {2: "NARRATIVE"} == made.fates


def test_the_layout_of_documents_is_explained(nwd):
    """Section by section what it becomes; and what the header and the document itself become."""
    code_, out, _ = nwd("explain", "ccda")
    assert 0 == code_
    assert re.search(r"61146-7 +Goals +Goal$", out, re.MULTILINE)
    assert re.search(r"recordTarget +Patient", out)
    assert re.search(r"48765-2 +Allergies +its words, in the DocumentReference$", out, re.MULTILINE)
    assert set(STATED) <= {s["code"] for s in json.loads(nwd("explain", "ccda", "--json")[1])["sections"]}


def test_files_are_explained_entry_by_entry(nwd, clinic):
    """By section, template, element and mood, what entries became: found by reading them."""
    code_, out, _ = nwd("explain", "ccda", clinic[1].parent)
    assert 0 == code_
    assert re.search(
        r"61146-7 +2\.16\.840\.1\.113883\.10\.20\.22\.4\.121 +observation +GOL +1 +Goal$", out, re.MULTILINE
    )
    assert re.search(
        r"99999-9 +2\.16\.840\.1\.113883\.10\.20\.22\.4\.999 +act +EVN +1 +out of scope$", out, re.MULTILINE
    )


def test_a_source_of_documents_is_listed(nwd):
    out = nwd("explain")[1]
    assert re.search(r"^  ccda +Clinical documents", out, re.MULTILINE)


# codes ---------------------------------------------------------------------


def test_code_systems_that_no_table_knows_are_listed(nwd, clinic):
    """OIDs that went out as urn:oid:…, with how often, and what to add; an identifier's OID is none."""
    _, path = clinic
    text = path.read_text("utf-8").replace(
        'code="4" codeSystem="2.16.840.1.113883.6.96"', 'code="4" codeSystem="1.2.77"'
    )
    path.write_text(text, "utf-8")
    code_, out, _ = nwd("codes", "--source", "ccda", path)
    assert 3 == code_
    assert re.search(r"'1\.2\.77' +1 row +care-plan\.xml", out)
    assert "1.2.3.4" not in out
    nwd("codes", "--source", "ccda", path, "--draft", ".")
    assert "1.2.77,TODO" in path.parents[1].joinpath("profiles/codes/oids.csv").read_text("utf-8")


def test_documents_with_known_systems_only(nwd, tmp_path):
    path = Clinic().written(tmp_path / "in")
    code_, out, _ = nwd("codes", "--source", "ccda", path.parent)
    assert 0 == code_
    assert "oids.csv" in out
