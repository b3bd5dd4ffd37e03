"""`nwd explain --profile`: complete, true to the columns that there are, and found by any of its names."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from delivery.clinic import Clinic
from nowrongdoor import layouts, sources
from nowrongdoor.cli import main
from nowrongdoor.errors import Usage
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.flow.profile_page import columns, page
from nowrongdoor.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROFILES = sorted(
    p.stem.partition("-")[2] for p in (ROOT / "profiles/fhir/generated").glob("StructureDefinition-nwd-*")
)
MOMENT = datetime(2026, 1, 7, 12, tzinfo=UTC)
NOT_COLUMNS = {"TOML", "SHA", "NPI", "CFR", "HCPCS"}


@pytest.fixture
def nwd(capfdbinary, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")

    def run(*args):
        with pytest.raises(SystemExit) as left:
            main(["explain", *args])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return left.value.code, out.decode(), err.decode()

    return run


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """What a clinic's document states, by the route: no fixture is of documents."""
    folder = tmp_path_factory.mktemp("documents")
    translate([Clinic().written(folder)], prepare(sources.load("ccda"), Settings(), MOMENT), folder / "out")
    return [
        json.loads(line) for file in folder.glob("out/[A-Z]*.ndjson") for line in file.read_text("utf-8").splitlines()
    ]


def goldens(type_):
    for file in sorted((ROOT / "fixtures").glob(f"*/expected/{type_}.ndjson")):
        yield from map(json.loads, file.read_text("utf-8").splitlines())


@pytest.mark.parametrize("name", PROFILES)
def test_whatever_we_fill_says_where_it_comes_from(name, documents):
    """Each element that a golden or a document fills has a line that names its columns, or says why there are none."""
    said = page(name)
    told = {e["element"].partition(".")[0].partition(":")[0].removesuffix("[x]") for e in said["elements"] if e["from"]}
    made = (*goldens(said["type"]), *documents)
    mine = [r for r in made if said["url"] in r.get("meta", {}).get("profile", ())]
    filled = {key.lstrip("_") for r in mine for key in r} - {"resourceType", "id", "meta"}
    assert mine or name == "nwd-encounter-diagnosis"  # which no fixture states
    assert set() == {f for f in filled if not any(f == t or re.fullmatch(rf"{t}[A-Z]\w*", f) for t in told)}


@pytest.mark.parametrize("name", PROFILES)
def test_columns_are_those_of_the_layouts(name):
    """No line names a column that no layout has."""
    known = {f.name for layout in layouts.names() for table in layouts.layout(layout).TABLES for f in table.fields}
    told = {word for e in page(name)["elements"] for word in re.findall(r"\b[A-Z][A-Z0-9_]{2,}\b", e["from"])}
    assert set() == told - known - NOT_COLUMNS


@pytest.mark.parametrize("name", ["nwd-care-plan", "CarePlan", "careplan", "care-plan"])
def test_a_profile_has_several_names(name):
    assert "nwd-care-plan" == page(name)["profile"]


@pytest.mark.parametrize("name", ["Patiant", "", "../sources/alder-county", "Flag"])
def test_a_name_that_no_profile_has(name):
    with pytest.raises(Usage, match="no profile"):
        page(name)


def test_codes_of_our_own_value_sets_are_listed():
    """Also of a value set that takes in another one; those of others only by name."""
    elements = {e["element"]: e for e in page("Consent")["elements"]}
    assert {"SUD", "V", "HTEST"} <= set(elements["meta.security"]["binding"]["codes"])
    assert ["TREAT", "HPAYMT", "HOPERAT", "CAREMGT", "COC"] == elements["provision.purpose"]["binding"]["codes"]
    assert [] == elements["status"]["binding"]["codes"]


def test_what_tells_a_slice_apart_stands_with_it():
    cin = next(e for e in page("Patient")["elements"] if e["element"] == "identifier:cin")
    assert ["system https://w3id.org/nowrongdoor/id/cin", "type v2-0203#MA"] == cin["is"]
    assert ["nwd-cin"] == list(cin["rules"])


def test_the_page(nwd):
    """What is never there is one line at the end; what is said of an element fits the terminal."""
    code, out, err = nwd("--profile", "Consent")
    assert (0, "") == (code, err)
    assert "nwd-consent   Release of information" == out.splitlines()[0]
    assert "    <- SIGNED_BY; the client where it is blank" in out.splitlines()
    assert re.search("^never there: verification, provision.action, ", out, re.MULTILINE)
    assert [] == [line for line in out.splitlines() if len(line) > 100 and line.startswith("    ")]


def test_with_a_source_its_own_columns(nwd):
    """Found by trying, under the source's own headers; the insides of a code or a reference are not listed apart."""
    lines = nwd("--profile", "Condition", "paper-intake")[1].splitlines()
    assert "columns of paper-intake" in lines
    assert "  onsetDateTime                    Onset" in lines
    assert [line for line in lines if line.split() == ["code", "ICD-10,", "Problem"]]


def test_columns_turned_round():
    """For a program: each element of the type, with the tables and columns that move it."""
    dob = {"table": "clients", "column": "DOB", "header": "Date of Birth"}
    tried = {**dob, "elements": ["Patient", "Patient.birthDate", "Patient._birthDate.extension.url", "Goal.id"]}
    said = {"tables": [{"table": "clients", "columns": [tried]}]}
    assert {"Patient.birthDate": [dob], "Patient._birthDate.extension.url": [dob]} == columns(said, "Patient")


def test_a_wrong_name_is_the_callers(nwd):
    code, out, err = nwd("--profile", "Patiant")
    assert (2, "") == (code, out)
    assert "nwd-patient" in err
