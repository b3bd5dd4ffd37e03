"""The portal's wide row: what its status words mean, and why a slot is never part of a key."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from nowrongdoor import settings, sources
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.layouts.plan_authorizations import TABLES
from nowrongdoor.model import Draft, Issue, Origin, Person, Refusal, Row, Service
from nowrongdoor.resources import assemble

SOURCE = sources.load("bay-laurel-plan")
MOMENT = datetime(2026, 11, 10, tzinfo=UTC)
FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "bay-laurel-plan"
(TABLE,) = TABLES
ABSENT = SOURCE.absent["authorizations"]
WHERE = {field.name: None if field.name in ABSENT else n for n, field in enumerate(TABLE.fields)}
MEMBER = {
    "PROGRAM": "CS", "REPORT_DATE": "11/09/2026", "AUTHORIZATION_ID": "A1", "MEMBER_ID": "900100091",
    "CIN": "90009001A", "MEMBER_NAME": "Vasquez-Lim, Orla", "MEMBER_DOB": "04/02/1988", "AUTH_STATUS": "Approved",
}  # fmt: skip


def run(source=SOURCE):
    return prepare(source, settings.load(None), MOMENT)


def read(warnings: list[Issue] | None = None, **cells):
    """The line of one row, or its refusal; cells by the layout's column names."""
    told = {**MEMBER, **cells}
    row = Row(Origin(1, 1, 1, 1, 0), [told.get(name, "") for name in WHERE])
    return TABLE.bind(SOURCE, WHERE)(row, [] if warnings is None else warnings)


def facts(**cells):
    return list(TABLE.facts(read(**cells)))


def drafts(*lines):
    """Resources by type, of facts of one member."""
    standing, made = set(), {}
    for draft in assemble(run().context, MEMBER["MEMBER_ID"], lines, standing.__contains__):
        assert isinstance(draft, Draft)
        standing.add(draft.key)
        made.setdefault(draft.resource["resourceType"], []).append(draft.resource)
    return made


def services(**cells):
    return [fact for fact in facts(**cells) if isinstance(fact, Service)]


# status words ------------------------------------------------------------

MEANS = {
    "Requested": ("active", "requested"),
    "Received": ("active", "received"),
    "Accepted": ("active", "accepted"),
    "Approved": ("active", "accepted"),
    "In Progress": ("active", "in-progress"),
    "Pending Information": ("active", "on-hold"),
    "On Hold": ("on-hold", "on-hold"),
    "Denied": ("revoked", "rejected"),
    "Declined by Provider": ("revoked", "rejected"),
    "Voided": ("revoked", "cancelled"),
    "Expired": ("completed", "completed"),
    "Completed": ("completed", "completed"),
    "Closed - Services Received": ("completed", "completed"),
    "Closed - Unable to Reach": ("revoked", "failed"),
    "Closed - No Longer Needed": ("revoked", "failed"),
}


def states(made):
    (order,), (task,) = made["ServiceRequest"], made["Task"]
    return order["status"], task["status"], task["businessStatus"]["text"]


@pytest.mark.parametrize("word", MEANS)
def test_a_status_word_moves_order_and_task_together_and_stays_as_the_plan_wrote_it(word):
    made = drafts(*facts(HCPCS1="H0043", HCPCS1_MOD1="U6", AUTH_STATUS=word))
    assert (*MEANS[word], word) == states(made)


def test_every_status_word_of_the_plan_is_in_the_table_above():
    assert set(SOURCE.code("auth_status")) == set(MEANS)


def test_a_slot_that_was_decided_apart_has_its_own_status_and_word():
    made = drafts(*facts(HCPCS1="H0044", HCPCS1_MOD1="U2", HCPCS1_STATUS="Denied", AUTH_STATUS="Approved"))
    assert ("revoked", "rejected", "Denied") == states(made)


@pytest.mark.parametrize(("word", "rule"), [("Escalated", "code"), ("", "empty")])
def test_a_status_that_nobody_knows_refuses_the_row(word, rule):
    refusal = read(HCPCS1="H0043", HCPCS1_MOD1="U6", AUTH_STATUS=word)
    assert [("AUTH_STATUS+REFERRAL_STATUS", rule)] == [(i.column, i.rule) for i in refusal.issues]


# slots and keys ----------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        {"HCPCS1": "H0043", "HCPCS1_MOD1": "U6"},
        {"HCPCS1": "H0043", "HCPCS1_MOD5": "U6"},
        {"HCPCS4": "H0043", "HCPCS4_MOD2": "U6"},
        {"HCPCS1": "h0043", "HCPCS1_MOD3": "u6"},
        {"HCPCS1": "H0043U6"},
        {"HCPCS5": "H0043-U6"},
        {"HCPCS2": "H0043", "HCPCS2_MOD1": "U6", "HCPCS2_MOD2": "U6"},
    ],
    ids=lambda cells: "+".join(f"{name}={cell}" for name, cell in cells.items()),
)
def test_one_code_and_modifier_is_one_key_in_whichever_cells_they_stand(cells):
    (service,) = services(**cells)
    assert ("A1/H0043|U6", "H0043", ("U6",)) == (service.id, service.code[0], service.modifiers)


def test_two_modifiers_are_one_key_in_either_order():
    known = {**SOURCE.tables["services"].rows, "G9012|U8|GQ": ("G9012|GQ|U8", "Outreach by telephone", "")}
    spelled = replace(SOURCE, tables={**SOURCE.tables, "services": replace(SOURCE.tables["services"], rows=known)})
    ids = set()
    for first, second in (("U8", "GQ"), ("GQ", "U8")):
        cells = {**MEMBER, "HCPCS1": "G9012", "HCPCS1_MOD1": first, "HCPCS1_MOD4": second}
        row = Row(Origin(1, 1, 1, 1, 0), [cells.get(name, "") for name in WHERE])
        ids |= {f.id for f in TABLE.facts(TABLE.bind(spelled, WHERE)(row, [])) if isinstance(f, Service)}
    assert {"A1/G9012|GQ|U8"} == ids


def test_five_slots_are_five_orders_with_a_task_each():
    codes = ("H0043|U6", "H0044|U2", "T2040|U6", "S5170|U6", "S5165|U5")
    cells = {}
    for n, code in enumerate(codes, 1):
        cells[f"HCPCS{n}"], cells[f"HCPCS{n}_MOD{n}"] = code.split("|")
        cells[f"HCPCS{n}_UNITS"] = str(n)
    told = facts(**cells)
    made = drafts(*told)

    assert [f"A1/{code}" for code in codes] == [fact.id for fact in told if isinstance(fact, Service)]
    assert {1, 2, 3, 4, 5} == {order["quantityQuantity"]["value"] for order in made["ServiceRequest"]}
    focus = {task["focus"]["reference"] for task in made["Task"]}
    assert focus == {f"ServiceRequest/{order['id']}" for order in made["ServiceRequest"]}
    assert 5 == len(focus)


def test_the_same_code_and_modifier_makes_two_different_community_supports():
    """S5165 is a home adaptation with U6 and asthma remediation with U5."""
    told = services(HCPCS1="S5165", HCPCS1_MOD1="U6", HCPCS2="S5165", HCPCS2_MOD1="U5")
    expected = ["environmental-accessibility-adaptations", "asthma-remediation"]
    assert expected == [service.category[0] for service in told]


def test_one_code_twice_in_an_authorization_is_two_lines():
    told = services(HCPCS1="H0045", HCPCS1_MOD1="U6", HCPCS3="H0045", HCPCS3_MOD1="U6")
    assert ["A1/H0045|U6", "A1/H0045|U6#2"] == [service.id for service in told]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"HCPCS1": "T42041"}, id="a-digit-too-many"),
        pytest.param({"HCPCS1": "H0043", "HCPCS1_MOD1": "U9"}, id="pair-in-no-table"),
        pytest.param({"HCPCS1": "H0043"}, id="code-that-means-nothing-without-its-modifier"),
    ],
)
def test_d50_an_unknown_pair_refuses_and_names_the_table(cells):
    (issue,) = read(**cells).issues
    assert ("code", "add a line to codes/services.csv") == (issue.rule, issue.cure)


def test_an_authorization_of_nothing_is_refused_not_forgotten():
    assert ["empty"] == [issue.rule for issue in read().issues]


@pytest.mark.parametrize("units", ["12.5", "twelve", "-1", "１２"])
def test_units_are_a_whole_number(units):
    assert ["units"] == [issue.rule for issue in read(HCPCS1="H0043", HCPCS1_MOD1="U6", HCPCS1_UNITS=units).issues]


def test_a_refusal_says_whom_and_which_kind_of_thing_it_was_about():
    refusal = read(HCPCS1="H0043", HCPCS1_MOD1="U9")
    assert isinstance(refusal, Refusal)
    assert ("900100091", ("service", "A1"), ()) == (refusal.person, tuple(refusal.about), refusal.holds)


# members -----------------------------------------------------------------


def test_d26_zeros_of_a_member_id_come_back():
    assert "000100091" == facts(HCPCS1="H0043U6", MEMBER_ID="100091")[0].person


@pytest.mark.parametrize("turned", [False, True])
def test_the_newer_report_wins_in_any_order(turned):
    old = facts(HCPCS1="H0043U6", REPORT_DATE="11/02/2026", STREET="1 Old Rd", AUTH_STATUS="Requested")
    new = facts(HCPCS1="H0043U6", STREET="2 New Rd")
    made = drafts(*(new + old if turned else old + new))

    assert [["2 New Rd"]] == [patient["address"][0]["line"] for patient in made["Patient"]]
    assert ("active", "accepted", "Approved") == states(made)


def test_d41_a_name_without_a_comma_is_only_text():
    warnings = []
    line = read(warnings, HCPCS1="H0043U6", MEMBER_NAME="Orla Vasquez-Lim")
    person = next(fact for fact in TABLE.facts(line) if isinstance(fact, Person))
    (name,) = drafts(person)["Patient"][0]["name"]

    assert ["D41"] == [issue.rule for issue in warnings]
    assert "Orla Vasquez-Lim" == name["text"]
    assert "unknown" == name["_family"]["extension"][0]["valueCode"]
    assert not {"family", "given"} & name.keys()


# CSV and workbook --------------------------------------------------------


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What comes out of the CSV, and of the workbook."""
    made = []
    for file in (FIXTURE / "in" / "authorizations.csv", FIXTURE / "in-xlsx" / "authorizations.xlsx"):
        folder = tmp_path_factory.mktemp("translated") / "fhir"
        translate([file], run(), folder)
        made.append(folder)
    return made


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_csv_and_workbook_make_the_same_bytes(both):
    csv, xlsx = both
    names = sorted(path.name for path in csv.glob("[A-Z]*.ndjson"))

    assert names == sorted(path.name for path in xlsx.glob("[A-Z]*.ndjson"))
    assert {"Patient.ndjson", "ServiceRequest.ndjson", "Task.ndjson"} <= set(names)
    differ = [name for name in names if (csv / name).read_bytes() != (xlsx / name).read_bytes()]
    assert ["Provenance.ndjson"] == differ


def test_csv_and_workbook_differ_in_provenance_only_by_the_file(both):
    csv, xlsx = (lines(folder / "Provenance.ndjson") for folder in both)
    entities = {json.dumps(told.pop("entity")) for told in csv}, {json.dumps(told.pop("entity")) for told in xlsx}

    assert csv == xlsx
    assert (1, 1, True) == (len(entities[0]), len(entities[1]), entities[0].isdisjoint(entities[1]))


def test_csv_and_workbook_refuse_the_same_rows_for_the_same_reasons(both):
    csv, xlsx = (
        [(told["source"]["row"], told["issues"]) for told in lines(folder / "refusals.ndjson")] for folder in both
    )
    assert csv == xlsx
    assert csv


def test_the_workbook_holds_dates_and_numbers_where_the_csv_holds_text():
    sheet = CalamineWorkbook.from_path(FIXTURE / "in-xlsx" / "authorizations.xlsx").get_sheet_by_index(0)
    kinds = [type(cell).__name__ for cells in sheet.iter_rows() for cell in cells]
    assert kinds.count("date") > 100
    assert kinds.count("float") > 100
