"""No code, and no words for one, goes out with the package unless its owner lets us: read from all that is shipped."""

import csv
import gzip
import json
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from house.shipped import CDT, CPT, HCPCS, NUCC, VSAC, Shipped, everything, files

ROOT = Path(__file__).resolve().parents[2]
LOINC, SCT, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
NOTICE = " ".join((ROOT / "profiles" / "NOTICE.md").read_text(encoding="utf-8").split())
with (ROOT / "profiles" / "fhir" / "systems.csv").open(encoding="utf-8", newline="") as listing:
    LISTED = {line["system"]: line for line in csv.DictReader(listing)}


def listed(system):
    """The line of that system: the longest that it begins with."""
    fits = [one for one in LISTED if system == one or (one.endswith("/") and system.startswith(one))]
    return LISTED[max(fits, key=len)] if fits else None


def wrongs(found):
    """What is shipped and may not be, a line each."""
    said, codes = [], defaultdict(set)
    for one in found:
        told = listed(one.system)
        if told is None or told["ships"] == "none":
            said.append(f"{one.file}: {one.system} {one.code}")
        elif one.display and told["words"] == "no":
            said.append(f"{one.file}: words for {one.system} {one.code}")
        else:
            codes[told["system"]].add(one.code)
    many = [s for s, met in codes.items() if (most := LISTED[s]["most"]) and len(met) > int(most)]
    return sorted(set(said)) + [f"more than {LISTED[s]['most']} codes of {s}" for s in many]


@pytest.fixture(scope="module")
def shipped():
    return list(everything(ROOT))


def test_nothing_is_shipped_that_may_not_be(shipped):
    assert [] == wrongs(shipped)


def test_everything_is_looked_at(shipped):
    """In every wrapping: source, code table, FSH, JSON, NDJSON, a zip of tables."""
    seen = {(one.system, one.code, Path(one.file).suffix) for one in shipped}
    assert {
        (LOINC, "57133-1", ".py"),
        (HCPCS, "H0043", ".csv"),
        (LOINC, "64292-6", ".fsh"),
        (HCPCS, "H0043", ".json"),
        (LOINC, "64292-6", ".ndjson"),
        (LOINC, "85354-9", ".zip"),
    } <= seen


def test_nothing_shipped_is_closed_to_the_eye():
    """A wrapping that nobody unpacks would hide what is in it."""
    known = {".csv", ".toml", ".json", ".ndjson", ".gz", ".zip", ".xlsx", ".fsh", ".py", ".sql", ".md", ".txt", ".yaml"}
    assert set() == {path.suffix for path in files(ROOT)} - known - {"", ".html", ".css", ".js", ".typed", ".xml"}


@pytest.mark.parametrize(
    ("system", "sentence"),
    [
        (LOINC, "This material contains content from LOINC (http://loinc.org). LOINC is copyright ©"),
        (LOINC, "available at no cost under the license at http://loinc.org/license. LOINC® is a registered"),
        (UCUM, "This product includes all or a portion of the UCUM table, UCUM codes, and UCUM definitions"),
        (HCPCS, "The Centers for Medicare & Medicaid Services maintain HCPCS Level II"),
        ("http://terminology.hl7.org/", "CC0-1.0"),
        ("https://w3id.org/nowrongdoor/", "PCF is © IHE International"),
    ],
)
def test_the_notice_says_what_the_licence_demands(shipped, system, sentence):
    assert (True, True) == (any(one.system.startswith(system) for one in shipped), sentence in NOTICE)


def test_the_listing_names_only_what_the_notice_speaks_of():
    names = {line["name"] for line in LISTED.values() if "w3id" not in line["system"]}
    assert [] == [name for name in names if not all(word in NOTICE for word in name.split() if word != "and")]


CODING = {"coding": [{"system": SCT, "code": "73211009"}]}
NINETY = {"resourceType": "ValueSet", "compose": {"include": [{"system": LOINC, "concept": []}]}}
NINETY["compose"]["include"][0]["concept"] = [{"code": f"{n}-1"} for n in range(1000, 1090)]
SCHEMA = {"properties": {"system": {"const": SCT}, "code": {"enum": ["73211009"]}}}
EXPANDED = {
    "resourceType": "ValueSet",
    "url": f"{VSAC}1.2",
    "expansion": {"contains": [{"system": LOINC, "code": "1-8"}]},
}
MAP = {"group": [{"source": "urn:x", "target": SCT, "element": [{"code": "A", "target": [{"code": "73211009"}]}]}]}
TREE = {"resourceType": "CodeSystem", "url": SCT, "concept": [{"code": "1", "concept": [{"code": "138875005"}]}]}
WORDED = {"system": UCUM, "code": "mg", "display": "milligram"}
COUNTY = {"system": "https://w3id.org/nowrongdoor/id/service/tule-county", "code": "90837", "display": "Psychotherapy"}
TABLE = "source,target,display,system\n"


@pytest.mark.parametrize(
    ("file", "text", "system"),
    [
        ("profiles/codes/x_services.csv", f"{TABLE}THER,90837,Psychotherapy,\n", CPT),
        ("profiles/codes/x_services.csv", f"{TABLE}90837|95,psych,Psychotherapy,https://w3id.org/nowrongdoor/x\n", CPT),
        ("profiles/codes/x_services.csv", f"{TABLE}DENT,D0120,Oral evaluation,\n", CDT),
        ("profiles/codes/x_problems.csv", f"{TABLE}DM,73211009,Diabetes,{SCT}\n", SCT),
        ("profiles/fhir/fsh/x.fsh", f'Alias: $s = {SCT}\n* #a\n* $s#73211009 "Diabetes"\n', SCT),
        ("profiles/fhir/fsh/x.fsh", '* $sct#73211009 "Diabetes"\n', "$sct"),
        ("profiles/fhir/fsh/x.fsh", f'* {CPT}#90837 "Psychotherapy"\n', CPT),
        ("profiles/sources/x.toml", 'taxonomy = "207Q00000X"\n', NUCC),
        ("src/x/care.py", f'DIABETES = ("73211009", "Diabetes", "{SCT}")\n', SCT),
        ("src/x/care.py", f'VISIT = {{"system": "{CPT}", "code": "90837"}}\n', CPT),
        (
            "src/x/care.py",
            'ROOM = {"system": "https://www.nubc.org/CodeSystem/RevenueCodes", "code": "0114"}\n',
            "nubc",
        ),
        ("src/x/care.py", 'WHY = ("https://x12.org/codes/claim-adjustment-reason-codes", "CO")\n', "x12"),
        ("fixtures/x/in/visits.csv", "Date,Svc\n2026-01-05,D0120\n", CDT),
        ("fixtures/x/expected/ServiceRequest.ndjson", json.dumps({"code": {"coding": [COUNTY]}}) + "\n", CPT),
        ("fixtures/x/expected/Condition.ndjson", json.dumps(CODING) + "\n", SCT),
        ("profiles/fhir/generated/ValueSet-x.json", json.dumps(NINETY), "more than 60"),
        ("profiles/fhir/generated/ValueSet-x.json", json.dumps(EXPANDED), VSAC),
        ("profiles/fhir/generated/CodeSystem-x.json", json.dumps(TREE), SCT),
        ("profiles/fhir/generated/ConceptMap-x.json", json.dumps(MAP), SCT),
        ("profiles/fhir/generated/Observation-x.json", json.dumps({"valueQuantity": WORDED}), "words for"),
        ("profiles/fhir/generated/Observation-x.json", json.dumps({"system": "urn:oid:1.2.3", "code": "1"}), "urn:oid"),
        ("profiles/fhir/x.json.gz", gzip.compress(json.dumps(SCHEMA).encode()), SCT),
        ("profiles/fhir/x.json", json.dumps({"codes": {SCT: ["73211009"]}}), SCT),
    ],
)
def test_what_may_not_be_shipped_is_seen(tmp_path, file, text, system):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert [system] == [s for s in [system] if any(s in line for line in wrongs(everything(tmp_path)))]


def test_a_zip_of_tables_is_looked_into(tmp_path):
    (tmp_path / "profiles").mkdir()
    with zipfile.ZipFile(tmp_path / "profiles" / "us-core.zip", "w") as packed:
        packed.writestr("definitions/x.json", json.dumps(SCHEMA))
    assert [f"profiles/us-core.zip: {SCT} 73211009"] == wrongs(everything(tmp_path))


def test_what_may_be_shipped_is_let_through():
    """One code of LOINC, one of HCPCS with words, our own: nothing is wrong with them."""
    good = [(LOINC, "64292-6", ""), (HCPCS, "H0043", "Supported housing"), ("https://w3id.org/nowrongdoor/x", "a", "A")]
    assert [] == wrongs([Shipped(*one) for one in good])
