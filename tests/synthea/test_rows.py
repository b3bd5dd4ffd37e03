"""The source `synthea` on rows written by hand: what the generator may write, whatever the seed."""

from itertools import product

import pytest

from synthea.twin import Pair, address

PATIENTS = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
    "BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE,INCOME"
)
PLANS = "Id,START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION"
CONDITIONS = "START,STOP,PATIENT,ENCOUNTER,SYSTEM,CODE,DESCRIPTION"
WORDS = {
    "RACE": ("white", "black", "asian", "native", "hawaiian", "other"),
    "ETHNICITY": ("hispanic", "nonhispanic"),
    "MARITAL": ("", "M", "S", "D", "W"),
    "GENDER": ("F", "M"),
}
ASTHMA = "195967001"


def patient(id_, **told):
    """A row of patients.csv: a person of whom `told` says what differs."""
    row = dict.fromkeys(PATIENTS.split(","), "") | {
        "Id": id_, "BIRTHDATE": "1980-05-02", "FIRST": "Ada12", "LAST": "Testa345", "GENDER": "F", "RACE": "white",
        "ETHNICITY": "nonhispanic", "ADDRESS": "1 Invented Way", "CITY": "Salinas", "STATE": "California",
        "COUNTY": "Monterey County", "FIPS": "6053", "ZIP": "93901", **told,
    }  # fmt: skip
    return ",".join(row.values())


@pytest.fixture
def said(tmp_path):
    """What the route makes of these rows, which have no answer sheet."""

    def make(patients, plans=(), conditions=()):
        for folder in ("csv", "fhir"):
            (tmp_path / folder).mkdir()
        files = {
            "patients": [PATIENTS, *patients],
            "careplans": [PLANS, *plans],
            "conditions": [CONDITIONS, *conditions],
        }
        for name, rows in files.items():
            (tmp_path / "csv" / f"{name}.csv").write_text("\n".join([*rows, ""]), encoding="utf-8", newline="\n")
        return Pair(tmp_path, tmp_path / "out")

    return make


def test_every_word_of_the_generator_is_in_the_code_tables(said):
    """The words that release 3.3.0 can write; a refusal or a warning would name the table that lacks one."""
    drawn = [dict(zip(WORDS, words, strict=True)) for words in product(*WORDS.values())]
    pair = said([patient(f"p{n}", **words) for n, words in enumerate(drawn)])
    assert ([], []) == (pair.refusals, pair.warnings)
    assert 6 * 2 * 5 * 2 == len(pair.ours.people)


def test_a_word_that_is_not_in_a_code_table_is_kept_as_text_and_told(said):
    pair = said([patient("p1", RACE="martian")])
    assert [("RACE", "martian")] == [(w["source"]["column"], w["text"]) for w in pair.warnings]
    assert "martian" in str(pair.ours.people["p1"]["extension"])


def test_a_maiden_name_is_the_official_one_with_another_surname(said):
    pair = said([patient("p1", PREFIX="Mrs.", MIDDLE="Bea678", MAIDEN="Born901", SUFFIX="PhD")])
    shared = {"given": ["Ada12", "Bea678"], "prefix": ["Mrs."], "suffix": ["PhD"]}
    expected = [{"use": "official", "family": "Testa345", **shared}, {"use": "maiden", "family": "Born901", **shared}]
    assert expected == pair.ours.people["p1"]["name"]


def test_the_zip_of_a_place_that_has_none_is_written_as_sent(said):
    """To CalOMS, 00000 means "not applicable"; the source says that here it does not."""
    pair = said([patient("p1", ZIP="00000")])
    [home] = pair.ours.people["p1"]["address"]
    assert (["1 Invented Way"], "Salinas", "CA", "00000") == address(home)
    assert "_postalCode" not in home


def test_a_plan_is_over_when_it_ends_and_addresses_only_what_had_begun(said):
    pair = said(
        [patient("p1")],
        [
            "plan-1,2020-01-01,2020-06-30,p1,e1,53950000,Respiratory therapy,,",
            f"plan-2,2020-01-01,,p1,e1,53950000,Respiratory therapy,{ASTHMA},Asthma",
            f"plan-3,2022-01-01,,p1,e2,53950000,Respiratory therapy,{ASTHMA},Asthma",
        ],
        [f"2021-03-04,,p1,e3,http://snomed.info/sct,{ASTHMA},Asthma"],
    )
    none, before, after = (pair.our_plan(id_) for id_ in ("plan-1", "plan-2", "plan-3"))
    assert ("completed", "active", "active") == (none["status"], before["status"], after["status"])
    assert "addresses" not in none
    assert [{"display": "Asthma"}] == before["addresses"]
    assert {("http://snomed.info/sct", ASTHMA)} == pair.ours.reasons(after)
