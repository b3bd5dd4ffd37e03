"""What `explain` says of a layout is what its readers do."""

from datetime import UTC, datetime

import pytest

from nowrongdoor import layouts, settings
from nowrongdoor.errors import Usage
from nowrongdoor.flow.shape import shape

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def county():
    said = shape("county_ehr", settings.load(None, {}), MOMENT)
    return {t["table"]: {c["column"]: c for c in t["columns"]} for t in said["tables"]}


@pytest.fixture(scope="module")
def flat():
    """No shipped source of this layout has a fixture."""
    said = shape("flat", settings.load(None, {}), MOMENT)
    return {t["table"]: {c["column"]: c for c in t["columns"]} for t in said["tables"]}


def test_every_column_of_every_table_is_there(county):
    assert {t.name: [f.name for f in t.fields] for t in layouts.layout("county_ehr").TABLES} == {
        name: list(columns) for name, columns in county.items()
    }


@pytest.mark.parametrize(
    ("table", "column", "required", "reads", "not_understood"),
    [
        ("clients", "DOB", True, "date", "refuses the row"), ("clients", "PHONE", False, "phone or e-mail", "warns"),
        ("clients", "CLINICIAN_NPI", False, "NPI", "warns"), ("plans", "START", False, "date", "refuses the row"),
        ("releases", "PROGRAM", False, "programme", "refuses the row"),
        ("releases", "SHARE", True, "code", "refuses the row"), ("clients", "CITY", False, "text", "refuses the row"),
        ("plans", "CONFIDENTIALITY", False, "labels", "refuses the row"),
        ("plans", "ITEM_NO", True, "text", "refuses the row"),
    ],
)  # fmt: skip
def test_what_a_column_is(county, table, column, required, reads, not_understood):
    told = county[table][column]
    assert (required, reads, not_understood) == (told["required"], told["reads"], told["not_understood"])


def test_code_tables_with_what_they_may_map_to(county, flat):
    """Also those of a column whose code table depends on another's cell; [] where a table may map to anything."""
    assert {"answer": ["yes", "no"]} == county["releases"]["SUD"]["codes"]
    assert {"row_type": ["plan", "problem", "goal", "intervention"]} == county["plans"]["ROW_TYPE"]["codes"]
    statuses = county["plans"]["STATUS"]["codes"]
    assert {"plan_status", "problem_status", "goal_status", "intervention_status"} == statuses.keys()
    assert ["active", "recurrence", "relapse", "inactive", "remission", "resolved"] == statuses["problem_status"]
    assert {"services": []} == county["plans"]["CODE"]["codes"]
    assert {"race": []} == county["clients"]["RACE"]["codes"]
    assert {"plan_status"} == flat["care_plans"]["STATUS"]["codes"].keys()


def test_what_it_becomes_where_a_fixture_shows_it(county, flat):
    assert ["Patient.birthDate"] == [e for e in county["clients"]["DOB"]["elements"] if "extension" not in e]
    assert [] == flat["people"]["BIRTH_DATE"]["elements"]


def test_what_only_a_person_may_declare_absent_is_said(county):
    assert {"PROGRAM", "CONFIDENTIALITY", "LAST_UPDATED", "RELEASE_FROM", "STATUS", "EXPIRES", "REVOKED"} == {
        name for name, c in county["releases"].items() if c["by_hand"]
    }
    assert {"PROGRAM", "CONFIDENTIALITY"} == {name for name, c in county["clients"].items() if c["by_hand"]}


def test_a_layout_that_is_none():
    with pytest.raises(Usage, match="county_ehr, flat"):
        shape("county", settings.load(None, {}), MOMENT)
