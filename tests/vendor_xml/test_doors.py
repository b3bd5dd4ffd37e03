"""What a person does with XML at the command line: look, draft, translate, ask, mend."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nowrongdoor.cli import group
from vendor_xml.exports import ROOT, TABLES, written

MESSAGES = ROOT / "fixtures" / "manzanita-county" / "in"


def nwd(*arguments, expected=0):
    told = CliRunner().invoke(group, [str(a) for a in arguments], standalone_mode=False)
    if told.exception:
        raise told.exception
    assert expected == told.return_value
    return told.stdout


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")  # 2026-11-22
    return tmp_path


def test_inspect_says_which_record_is_which_table_of_whose():
    said = json.loads(nwd("inspect", "--json", MESSAGES / "updates 20261118.xml"))
    told = {one["sheet"]: (one["source"], one["table"], one["delimiter"], one["rows"]) for one in said}
    assert ("manzanita-county", "diagnoses", "XML", 10) == told["CreateDiagnosis/Diagnosis"]
    assert ("manzanita-county", "others", "XML", 1) == told["CreateCSI"]
    plain = nwd("inspect", MESSAGES / "updates 20261118.xml")
    assert "UTF-8, XML, first record on line 10, 10 rows" in plain


def test_a_source_is_drafted_from_a_file_that_nobody_knows(here):
    """Records and paths are found, so that a second look with the draft alone finds every column."""
    (here / "export.xml").write_text(written(), encoding="utf-8")
    said = json.loads(nwd("inspect", "export.xml", "--draft", "mine", "--json"))
    assert set(TABLES) == {table["table"] for table in said["tables"]}
    text = (here / "profiles" / "sources" / "mine.toml").read_text(encoding="utf-8")
    assert 'clients = ["Export/Clients/Client"]' in text
    assert 'LAST_NAME = "LastName"' in text
    again = json.loads(nwd("inspect", "export.xml", "--draft", "mine", "--json"))
    assert ["sources/mine.toml"] == again["kept"]


def test_translate_shows_what_is_in_no_table_of_resources(here):
    nwd("translate", "--source", "manzanita-county", "--out", "out", *sorted(MESSAGES.iterdir()), expected=3)
    accounting = json.loads((here / "out" / "accounting.json").read_text(encoding="utf-8"))
    kinds = accounting["templates"]["out_of_scope"]
    assert {"CreateCSI", "CreatePregnancy", "CreateUMDAP", "UpdateCSI", "eligibility without Medi-Cal"} == set(kinds)
    assert 0 == json.loads(nwd("check", "--json", "out"))["errors"]


def test_explain_tells_paths_and_elements():
    said = json.loads(nwd("explain", "manzanita-county", "--json"))
    told = {(t["table"], c["column"]): (c["header"], c["elements"]) for t in said["tables"] for c in t["columns"]}
    header, elements = told["diagnoses", "CLINICIAN_NPI"]
    assert ("../Practitioner/@npi", True) == (header, any(e.startswith("Condition.recorder") for e in elements))
    assert "Patient.name.family" in told["clients", "LAST_NAME"][1]
    assert "CarePlan.period.start" in told["episodes", "ADMITTED"][1]


def test_a_refused_record_is_mended_in_a_table_and_taken_in_its_old_place():
    """Paths are the names of its columns there, also those that a spreadsheet would run."""
    nwd("init", "gw")
    nwd("intake", "--workspace", "gw", "--source", "manzanita-county", *sorted(MESSAGES.iterdir()), expected=3)
    nwd("refusals", "--workspace", "gw", "--csv", "fix.csv", expected=3)
    with Path("fix.csv").open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = csv.reader(lines)
    for row in rows:
        if row[header.index("_sheet")] == "AdmitNewClient/ClientDemographics" and row[header.index("_row")] == "4":
            assert "1999-13-01" == row[header.index("DateOfBirth")]
            row[header.index("DateOfBirth")] = "1999-12-01"
    with Path("fix.csv").open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    said = nwd("intake", "--workspace", "gw", "--corrections", "fix.csv", "--yes", expected=3)
    changed = [line for line in said.splitlines() if "->" in line]
    assert ["admissions 20261116.xml row 4  DateOfBirth"] == [c.split(": ")[0].split(" ", 3)[3] for c in changed]
    assert "3 rows that waited for these went in as well" in said  # admission, eligibility, diagnosis of that client
