"""A workspace of a clinic's documents: kept as they came, replayed, refused by place, and traced back."""

import hashlib
import json
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from delivery import clinic
from delivery.clinic import TYPES, Clinic
from delivery.county import Gateway
from delivery.there import kept

GOAL = "/ClinicalDocument/component[1]/structuredBody[1]/component[1]/section[1]/entry[1]/observation[1]"


@pytest.fixture
def gateway(tmp_path):
    """A workspace that knows the clinic; no server is asked."""
    made = Gateway(tmp_path / "workspace", "http://127.0.0.1:9/fhir")
    clinic.source(made)
    return made


@pytest.fixture
def folders(tmp_path):
    """A new folder each time."""
    names = iter(range(100))
    return lambda: tmp_path / f"in-{next(names)}"


def take(gateway, path, *expected):
    return gateway.take_files("fir-clinic", [path], *expected)


def vaulted(gateway):
    return {p.name: p.read_bytes() for p in (gateway.folder / "vault").rglob("*") if p.is_file()}


def count(accounting, word):
    return sum(f[word] for f in accounting["files"])


def said(gateway, *words):
    done = gateway.ask(*words)
    return done.returncode, done.stdout, done.stderr


def goal_of(gateway):
    (goal,) = (r for r in kept(gateway).values() if r["resourceType"] == "Goal")
    return goal


# kept ----------------------------------------------------------------------


def test_each_document_of_an_archive_is_kept_as_it_came(gateway, folders):
    """By its own digest, not the archive's: so it is the same document when it comes again by itself."""
    one, other = Clinic(), Clinic()
    folder = folders()
    files = [one.written(folder, "a.xml"), other.written(folder, "b.xml")]
    archive = folder / "night.zip"
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for n, file in enumerate(files):
            packed.write(file, f"2026/{n}/care-plan.xml")
    accounting = take(gateway, archive)
    assert ["2026/0/care-plan.xml", "2026/1/care-plan.xml"] == [f["file"] for f in accounting["files"]]
    assert {hashlib.sha256(f.read_bytes()).hexdigest(): f.read_bytes() for f in files} == vaulted(gateway)

    again = take(gateway, files[0])
    assert again["files"][0]["read"] == count(again, "written") > 0
    assert 2 * sum(TYPES.values()) == sum(1 for r in kept(gateway).values() if r["resourceType"] in TYPES)


@pytest.mark.parametrize("content", [b"", b"<ClinicalDocument", b"PK\x03\x04 and more"])
def test_what_cannot_be_read_is_kept_and_refused_beside_the_others(gateway, folders, content):
    """One refusal, for a typed reason; the good document among them goes in."""
    folder = folders()
    Clinic().written(folder)
    (folder / "torn.xml").write_bytes(content)
    accounting = take(gateway, folder, 3)
    assert accounting["balanced"]
    assert [("care-plan.xml", 0), ("torn.xml", 1)] == sorted((f["file"], f["refused"]) for f in accounting["files"])
    assert content in vaulted(gateway).values()
    assert sum(TYPES.values()) == sum(1 for r in kept(gateway).values() if r["resourceType"] in TYPES)


def test_what_may_not_be_read_is_refused_and_nothing_of_it_is_kept(gateway, folders):
    """An encrypted member of an archive has no bytes."""
    folder = folders()
    plain = Clinic().written(folder)
    archive = folder / "night.zip"
    with ZipFile(archive, "w") as packed:
        packed.write(plain, "a.xml")
        packed.writestr("locked.xml", b"<ClinicalDocument/>")
    raw = bytearray(archive.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 8] |= 1  # the flag of encryption, in the directory
    archive.write_bytes(raw)
    accounting = take(gateway, archive, 3)
    assert {"a.xml": 0, "locked.xml": 1} == {f["file"]: f["refused"] for f in accounting["files"]}
    assert [plain.read_bytes()] == list(vaulted(gateway).values())


# again ---------------------------------------------------------------------


def test_an_old_document_that_comes_again_changes_nothing(gateway, folders):
    """Its own date says that it is old: nobody has to say --as-of, though another of its name came since."""
    one = Clinic()
    old = one.written(folders())
    take(gateway, old)
    one.due = "20260401"
    one.head |= {"document": "D-2", "version": "2", "when": "20260106120000-0800"}
    take(gateway, one.written(folders()))
    before = kept(gateway)
    again = take(gateway, old)
    assert "2026-04-01" == goal_of(gateway)["target"][0]["dueDate"]
    assert before == kept(gateway)
    assert 0 == count(again, "refused")


@pytest.mark.parametrize(("before", "after", "off"), [("R", "N", True), ("R", "V", False), ("N", "R", False)])
def test_a_newer_document_that_takes_a_label_off_is_told(gateway, folders, before, after, off):
    """It counts, as it is newer; but a person should know of it."""
    label = '<confidentialityCode code="{}" codeSystem="2.16.840.1.113883.5.25"/>'.format
    one = Clinic()
    one.head |= {"label": label(before)}
    take(gateway, one.written(folders()))
    one.head |= {"document": "D-2", "version": "2", "when": "20260106120000-0800", "label": label(after)}
    take(gateway, one.written(folders()))
    assert [after] == [s["code"] for s in goal_of(gateway)["meta"]["security"] if s["code"] in "NRV"]
    said = (gateway.folder / "intakes/000002-fir-clinic/warnings.ndjson").read_text(encoding="utf-8")
    assert off == ('"rule":"label-off"' in said)
    assert said.count("label-off") <= sum(TYPES.values())


def test_a_document_taken_twice_is_one_file_in_the_status(gateway, folders):
    one = Clinic()
    path = one.written(folders())
    take(gateway, path)
    take(gateway, path)
    status = gateway.told(["status"], [0])["sources"]["fir-clinic"]
    assert {"files": 1, "rows": 9, "people": 1, "refused": 0} == status


def test_a_document_that_lies_there_twice_is_one_and_told_so(gateway, folders):
    """Under its first name; the other is named as what it is."""
    folder = folders()
    path = Clinic().written(folder, "a.xml")
    (folder / "b.xml").write_bytes(path.read_bytes())
    accounting = take(gateway, folder)
    assert (["a.xml"], ["b.xml"]) == ([f["file"] for f in accounting["files"]], accounting["repeated"])
    assert accounting["balanced"]


# refused -------------------------------------------------------------------


def without_status(one):
    """The goal has lost its status, which R4 has no word for not knowing."""
    return one.text.replace('extension="GOAL"/>', 'extension="GOAL"/><!---->', 1).replace(
        '<statusCode code="active"/><effectiveTime value="20260301"/>', '<effectiveTime value="20260301"/>'
    )


def test_a_refused_entry_is_listed_by_its_place_and_goes_with_the_mended_document(gateway, folders):
    """`nwd refusals` names it by XPath; a newer version of the document settles it."""
    one = Clinic()
    folder = folders()
    folder.mkdir()
    (folder / "a.xml").write_text(without_status(one), encoding="utf-8")
    assert 1 == count(take(gateway, folder, 3), "refused")
    code, out, _ = said(gateway, "refusals", "--json")
    (line,) = map(json.loads, out.splitlines())
    assert (3, GOAL, "goal-status") == (code, line["source"]["path"], line["issues"][0]["rule"])
    assert "a.xml" == line["source"]["file"]

    one.head |= {"document": "D-2", "when": "20260106120000-0800"}
    take(gateway, one.written(folders()))
    assert 0 == said(gateway, "refusals")[0]
    assert "active" == goal_of(gateway)["lifecycleStatus"]


def test_an_entry_is_not_mended_in_a_sheet(gateway, folders, tmp_path):
    """It says so, and what to do instead: a person may only set it aside."""
    one = Clinic()
    folder = folders()
    folder.mkdir()
    (folder / "a.xml").write_text(without_status(one), encoding="utf-8")
    take(gateway, folder, 3)
    sheet = tmp_path / "mend.csv"
    assert 3 == said(gateway, "refusals", "--csv", str(sheet))[0]
    assert GOAL in sheet.read_text(encoding="utf-8-sig")
    offered = sheet.read_text(encoding="utf-8-sig")
    sheet.write_text(offered.replace(GOAL, "/Elsewhere"), encoding="utf-8-sig")
    code, _, err = said(gateway, "intake", "--corrections", str(sheet), "--yes")
    assert 1 == code
    assert "a document is not mended here" in err
    assert 3 == said(gateway, "refusals")[0]

    sheet.write_text(offered.replace(GOAL, ""), encoding="utf-8-sig")
    assert 0 == said(gateway, "intake", "--corrections", str(sheet), "--yes")[0]
    assert 0 == said(gateway, "refusals")[0]


def test_what_was_refused_only_for_its_person_goes_in_once_they_are_known(gateway, folders):
    """Two documents say at one moment that somebody has two birth dates; a third, newer, says which."""
    one = Clinic()
    folder = folders()
    text = one.written(folder, "a.xml").read_text(encoding="utf-8")
    (folder / "b.xml").write_text(text.replace("19800102", "19800103").replace("D-1", "D-0"), encoding="utf-8")
    first = take(gateway, folder, 3)
    assert 0 == count(first, "written")
    late = Clinic()
    late.person, late.family = one.person, one.family
    late.head |= {"document": "D-3", "when": "20260107120000-0800"}
    late.planned = []
    take(gateway, late.written(folders(), "c.xml"))
    assert 1 == sum(1 for r in kept(gateway).values() if r["resourceType"] == "DeviceRequest")
    assert 0 == said(gateway, "refusals")[0]


# traced --------------------------------------------------------------------


def test_a_resource_is_traced_to_the_entries_that_state_it(gateway, folders):
    """By file, digest and XPath, found by reading the documents of the vault once more."""
    one = Clinic()
    path = one.written(folders(), "a.xml")
    take(gateway, path)
    told = gateway.told(["explain", f"Goal/{goal_of(gateway)['id']}"], [0])
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert [{"file": "a.xml", "sha256": sha256, "row": 2, "path": GOAL}] == told["entries"]
    code, out, _ = said(gateway, "explain", f"Goal/{goal_of(gateway)['id']}")
    assert 0 == code
    assert f"a.xml  {GOAL}" in out
