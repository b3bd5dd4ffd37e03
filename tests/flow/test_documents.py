"""Documents through the whole route: a folder of invented people's, some of them damaged."""

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest

from nowrongdoor import sources
from nowrongdoor.checks import Checker
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.flow import documents, prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.model import Issue
from nowrongdoor.resources import stated
from nowrongdoor.settings import Settings

MOMENT = datetime(2026, 1, 7, 12, tzinfo=UTC)
REFERENCE = re.compile(r'"reference":\s*"([^"]+)"')

HEAD = """<?xml version="1.0"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id root="2.16.840.1.113883.19.7" extension="{document}"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Summary</title>
<effectiveTime value="{when}"/>{label}
<recordTarget><patientRole><id root="2.16.840.1.113883.19.8" extension="{person}"/>
<patient><name use="L"><given>Wren</given><family>{family}</family></name>
<administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19800102"/>
<guardian><id root="2.16.840.1.113883.19.8" extension="G-1"/><guardianPerson><name><given>Gil</given>
<family>Larch</family></name></guardianPerson></guardian></patient></patientRole></recordTarget>
<author><time value="20260101"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1999999984"/>
<assignedPerson><name><given>Ada</given><family>{author}</family></name></assignedPerson>
<representedOrganization><id root="2.16.840.1.113883.19.9" extension="O-1"/><name>Fir Clinic</name>{phone}
</representedOrganization></assignedAuthor></author>
<component><structuredBody>
<component><section><code code="61146-7" codeSystem="2.16.840.1.113883.6.1"/><title>Goals</title>
<text><paragraph>Sleep through the night</paragraph></text>
<entry><observation classCode="OBS" moodCode="GOL"><templateId root="2.16.840.1.113883.10.20.22.4.121"/>
<id root="2.16.840.1.113883.19.10" extension="GOAL"/>
<code code="{goal}" codeSystem="2.16.840.1.113883.6.96" displayName="Sleep pattern"/><statusCode code="active"/>
<effectiveTime value="{due}"/>
</observation></entry></section></component>
<component><section><code code="18776-5" codeSystem="2.16.840.1.113883.6.1"/><title>Plan</title>
<text><paragraph>Counselling each week</paragraph></text>
<entry><procedure classCode="PROC" moodCode="INT"><templateId root="2.16.840.1.113883.10.20.22.4.41"/>
<id root="2.16.840.1.113883.19.10" extension="PLANNED"/>
<code code="228557008" codeSystem="2.16.840.1.113883.6.96" displayName="Counselling"/><statusCode code="active"/>
</procedure></entry>
</section></component>
<component><section><code code="8716-3" codeSystem="2.16.840.1.113883.6.1"/><title>Vital signs</title>
<text><paragraph>Nothing of note</paragraph></text>
<entry><act classCode="ACT" moodCode="EVN"><templateId root="1.2.3.4"/>
<code code="385763009" codeSystem="2.16.840.1.113883.6.96" displayName="Hospice care"/></act></entry>
</section></component></structuredBody></component></ClinicalDocument>
"""
USUAL = {
    "document": "D-1", "when": "20260105120000-0800", "label": "", "person": "P-1", "family": "Larch", "sex": "F",
    "author": "Rowan", "phone": "", "goal": "248218005", "due": "20260301",
}  # fmt: skip


def document(**changes):
    return HEAD.format(**USUAL | changes).encode()


class Made:
    """What `translate` wrote of documents by name."""

    def __init__(self, folder, files, **more):
        self.folder = folder
        (folder / "in").mkdir(parents=True)
        for name, content in files.items():
            path = folder / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.run([folder / "in"], folder / "out", **more)

    def run(self, paths, out, **more):
        settings = Settings()
        run = replace(prepare(sources.load("ccda"), settings, MOMENT), **more)
        self.accounting = translate(paths, run, out)
        self.out = out
        return self

    @property
    def bytes(self):
        """Apart from the accounting, which names the files."""
        return {p.name: p.read_bytes() for p in self.out.glob("*.ndjson")}

    def lines(self, name):
        path = self.out / f"{name}.ndjson"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def sum(self, word):
        return sum(f[word] for f in self.accounting["files"])

    @property
    def resources(self):
        return [r for p in self.out.glob("[A-Z]*.ndjson") for r in self.lines(p.stem)]

    @property
    def rules(self):
        return {r["source"]["file"]: r["issues"][0]["rule"] for r in self.lines("refusals")}


@pytest.fixture
def made(tmp_path):
    runs = iter(range(10))
    return lambda files, **more: Made(tmp_path / str(next(runs)), files, **more)


def held(made):
    """What always holds: every entry has a fate, what is written is valid, and points at what is written."""
    assert made.accounting["balanced"]
    words = ("written", "merged", "refused", "noise", "narrative", "out_of_scope")
    assert all(f["read"] == sum(f[w] for w in words) for f in made.accounting["files"])
    ours = {f"{r['resourceType']}/{r['id']}" for r in made.resources}
    assert set() == {t for r in made.resources for t in REFERENCE.findall(json.dumps(r))} - ours
    check = Checker(documents.layouts.shelf.find("profiles/fhir/tables"))
    assert [] == [i for r in made.resources for i in check.issues(r) if i.severity == "error"]


def test_one_document(made):
    """Three entries and the document: two are facts, one is out of scope; all of it about one Patient."""
    one = made({"a.xml": document()})
    held(one)
    (account,) = one.accounting["files"]
    assert ("a.xml", "document", 4) == (account["file"], account["table"], account["read"])
    assert {"Patient": 1, "Goal": 1, "ServiceRequest": 1, "CarePlan": 1, "DocumentReference": 1}.items() <= account[
        "resources"
    ].items()
    assert {"1.2.3.4": 1} == one.accounting["templates"]["out_of_scope"]
    (goal,), (patient,) = one.lines("Goal"), one.lines("Patient")
    assert {"reference": f"Patient/{patient['id']}"} == goal["subject"]
    assert {"system": "https://w3id.org/nowrongdoor/id/gateway", "value": goal["id"]} == goal["identifier"][0]
    assert {"system": "urn:oid:2.16.840.1.113883.19.10", "value": "GOAL"} in goal["identifier"]
    assert ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-goal"] == goal["meta"]["profile"]
    (plan,) = one.lines("CarePlan")
    assert [f"Goal/{goal['id']}"] == [g["reference"] for g in plan["goal"]]


def test_what_nobody_has_judged_counts_as_part_2(made):
    """The shipped source does not know the programme."""
    one = made({"a.xml": document()})
    codes = [{c["code"] for c in r["meta"]["security"]} for r in one.resources if r["resourceType"] != "Organization"]
    assert all({"SUD", "42CFRPart2"} <= told for told in codes)


@pytest.mark.parametrize("code", ["R", "V"])
def test_a_restricted_document_labels_all_that_is_made_of_it(made, code):
    label = f'<confidentialityCode code="{code}" codeSystem="2.16.840.1.113883.5.25"/>'
    one = made({"a.xml": document(label=label)})
    own = [r for r in one.resources if any(i.get("system", "").endswith("gateway") for i in r.get("identifier", ()))]
    own = [r for r in own if r.get("name") != "Unnamed sender of clinical documents"]
    assert len(own) > 6
    assert all(code in {c["code"] for c in r["meta"]["security"]} for r in own)


DAMAGED = {
    "torn.xml": (document()[:2000], "xml"),
    "empty.xml": (b"", "xml"),
    "doctype.xml": (b'<!DOCTYPE x [<!ENTITY y "z">]>' + document(), "xml-doctype"),
    "other.xml": (b"<html/>", "ccda-root"),
    "nobody.xml": (re.sub(rb'<id root="2.16.840.1.113883.19.8" extension="P-1"/>', b"", document()), "ccda-patient"),
    "inside.zip": (b"PK\x03\x04 and more", "zip-inside"),
}  # fmt: skip


def test_a_damaged_document_stops_nothing(made):
    """Each is one refusal, by name and digest; the good one among them is written."""
    told = made({**{name: content for name, (content, _) in DAMAGED.items()}, "sub/good.xml": document()})
    held(told)
    assert {name: rule for name, (_, rule) in DAMAGED.items()} == told.rules
    assert (len(DAMAGED), 1) == (told.sum("refused"), len(told.lines("Goal")))
    assert "sub/good.xml" in {f["file"] for f in told.accounting["files"]}
    torn = next(r for r in told.lines("refusals") if r["source"]["file"] == "torn.xml")
    assert re.match(r"line \d+: ", torn["issues"][0]["cause"])
    assert 64 == len(torn["source"]["sha256"])


def test_a_damaged_document_can_be_recovered(made):
    """A person's choice. What was lost may be the word that it is restricted: all of it is, and is tagged."""
    told = made({"torn.xml": document()[:-60]}, recover=True)
    held(told)
    (goal,) = told.lines("Goal")
    assert "R" in {c["code"] for c in goal["meta"]["security"]}
    assert ["recovered"] == [t["code"] for t in goal["meta"]["tag"]]
    assert "xml-recovered" in {w["rule"] for w in told.lines("warnings")}
    whole = made({"whole.xml": document()}, recover=True)
    assert "tag" not in whole.lines("Goal")[0]["meta"]


def test_a_fault_of_ours_is_one_refusal(made, monkeypatch):
    """And says so: no text of it is shown, which might quote the document."""

    def statements(*_):
        raise RuntimeError("Wren Larch")

    monkeypatch.setattr(documents.layouts.document("ccda"), "statements", statements)
    told = made({"a.xml": document()})
    assert {"a.xml": "fault"} == told.rules
    assert b"Larch" not in told.bytes["refusals.ndjson"]
    assert told.accounting["balanced"]


def test_a_refused_entry_is_named_by_its_xpath(made):
    """The place is found by reading the document once more."""
    two = made({"a.xml": document(), "b.xml": document(sex="M", document="D-2")})
    paths = {r["source"]["path"] for r in two.lines("refusals")}
    goal = "/ClinicalDocument/component[1]/structuredBody[1]/component[1]/section[1]/entry[1]/observation[1]"
    assert {"/ClinicalDocument", goal} <= paths
    with (two.out / "refusals.csv").open(encoding="utf-8-sig", newline="") as file:
        assert goal in {row["XPATH"] for row in csv.DictReader(file)}


def test_two_people_never_collide(made):
    """Every id of their documents is the same, but for the patient's own: so is a guardian's of two siblings."""
    told = made({"a.xml": document(), "b.xml": document(person="P-2", family="Aspen")})
    held(told)
    assert 0 == told.sum("refused")
    assert [2, 2, 2, 2] == [len(told.lines(t)) for t in ("Patient", "Goal", "ServiceRequest", "CarePlan")]
    assert 1 == len(told.lines("Practitioner"))


def test_said_again_is_said_once(made):
    """The same document twice, under two names: the second is merged."""
    one, two = made({"a.xml": document()}), made({"a.xml": document(), "b/c.xml": document()})
    held(two)
    assert {n: b for n, b in one.bytes.items() if n != "Provenance.ndjson"} == {
        n: b for n, b in two.bytes.items() if n != "Provenance.ndjson"
    }
    assert [0, 3] == sorted(f["merged"] for f in two.accounting["files"])


def test_the_newer_document_counts(made):
    """Also where its clock stands in another zone; the older one is merged into it."""
    old, new = document(due="20260301"), document(due="20260401", when="20260105130000-0500", document="D-0")
    (goal,) = made({"a.xml": new, "b.xml": old}).lines("Goal")
    assert "2026-03-01" == goal.get("startDate", goal.get("target", [{}])[0].get("dueDate"))


def test_one_id_for_two_things_at_one_moment(made):
    """Nobody can tell which is meant: there are two, each plan has its own, and the order of files is nothing."""
    one, other = document(), document(document="D-2", goal="160685001")
    told, turned = made({"a.xml": one, "b.xml": other}), made({"a.xml": other, "b.xml": one})
    held(told)
    assert 0 == told.sum("refused")
    assert 2 == len(told.lines("Goal"))
    assert told.bytes == turned.bytes
    goals = {f"Goal/{g['id']}" for g in told.lines("Goal")}
    assert goals == {g["reference"] for p in told.lines("CarePlan") for g in p["goal"]}
    assert [1, 1] == [len(p["goal"]) for p in told.lines("CarePlan")]


def test_a_person_is_one(made):
    """Two sexes at one moment: nothing of this person stands, and each entry says why."""
    told = made({"a.xml": document(), "b.xml": document(sex="M", document="D-2")})
    held(told)
    assert [] == told.lines("Patient")
    assert {"contradiction", "no-target"} == {i["rule"] for r in told.lines("refusals") for i in r["issues"]}
    assert {"its person is stated in two ways"} == {
        i["cause"] for r in told.lines("refusals") for i in r["issues"] if i["rule"] == "no-target"
    }


def test_who_belongs_to_nobody_has_all_that_is_said_at_one_moment(made):
    """Two phones of one clinic, two names of one author; in any order the same."""
    phones = ['<telecom value="tel:+15595550101"/>', '<telecom value="tel:+15595550102"/>']
    one = document(phone=phones[0])
    other = document(phone=phones[1], person="P-2", document="D-2", author="Rowan-Elm")
    told, turned = made({"a.xml": one, "b.xml": other}), made({"a.xml": other, "b.xml": one})
    held(told)
    clinic = next(o for o in told.lines("Organization") if o["name"] == "Fir Clinic")
    assert 2 == len(clinic["telecom"])
    (author,) = told.lines("Practitioner")
    assert {"Rowan", "Rowan-Elm"} == {n["family"] for n in author["name"]}
    assert told.bytes == turned.bytes


def test_an_archive_says_what_its_folder_says(made, tmp_path):
    folder = made({"a.xml": document(), "b/c.xml": document(person="P-2"), "bad.xml": b"<x>"})
    path = tmp_path / "all.zip"
    with ZipFile(path, "w") as packed:
        for file in sorted((folder.folder / "in").rglob("*.xml")):
            packed.write(file, file.relative_to(folder.folder / "in").as_posix())
    before = folder.bytes
    assert before == folder.run([path], tmp_path / "zipped").bytes


def test_a_second_run_is_the_same_to_the_byte(made):
    files = {"a.xml": document(), "b.xml": document(person="P-2"), "c.xml": b"<x>"}
    assert made(files).bytes == made(files).bytes


def test_more_processes_write_the_same_bytes(made, monkeypatch):
    """And tell how far they have come, in order."""
    monkeypatch.setattr(documents, "FEW", 1)
    files = {f"{n:02}.xml": document(person=f"P-{n}", document=f"D-{n}") for n in range(20)} | {"bad.xml": b"<x>"}
    seen = []
    one, two = made(files), made(files, workers=2, progress=lambda *told: seen.append(told))
    held(two)
    assert one.bytes == two.bytes
    assert one.accounting == two.accounting
    assert [(n, 21) for n in range(1, 22)] == seen


def test_a_row_is_no_place_for_a_document(tmp_path):
    """A source of documents has no columns to map."""
    with pytest.raises(Usage):
        documents.layouts.layout("ccda")
    (tmp_path / "profiles" / "sources").mkdir(parents=True)
    text = 'title="x"\nlayout="ccda"\ntimezone="UTC"\ndelivery="delta"\nrevokes="status"\npart2=true\n'
    text += '[organization]\nname="x"\n[headers]\nCLIENT_ID="a"\n'
    (tmp_path / "profiles" / "sources" / "vendor.toml").write_text(text, encoding="utf-8")
    run = prepare(sources.load("vendor", tmp_path), Settings(), MOMENT)
    with pytest.raises(Usage, match="is not in layout ccda"):
        translate([tmp_path], run, tmp_path / "out")


def test_what_claims_nothing_and_has_no_meta_is_left_as_it_is():
    """A shared Organization of a source without Part 2 may have neither; being wrong must not end the run."""
    bare = {"resourceType": "Organization", "name": ""}
    assert {"resourceType": "Organization", "name": ""} == stated.unclaimed(bare)
    labelled = {"meta": {"profile": ["http://example.org/p"], "security": [{"code": "R"}]}}
    assert {"meta": {"security": [{"code": "R"}]}} == stated.unclaimed(labelled)


class Unlike:
    """Checks that take a Provenance only where it claims no profile."""

    def __init__(self, own):
        self.own = own

    def quick(self, resources):
        return not any(map(self.dislikes, resources)) and self.own.quick(resources)

    def issues(self, resource):
        return (Issue("odd", "is odd", "mend it"),) if self.dislikes(resource) else self.own.issues(resource)

    def dislikes(self, resource):
        return resource["resourceType"] == "Provenance" and "profile" in resource["meta"]


def test_a_provenance_of_documents_that_fails_stops_the_run(made):
    """What a document states may go without the claim of our profile; where it came from may not."""
    own = prepare(sources.load("ccda"), Settings(), MOMENT).check
    with pytest.raises(Stop, match="where records came from cannot be said"):
        made({"a.xml": document()}, check=Unlike(own))
