"""`explain` cannot lie: what it says of a column is what happened when the column was changed."""

import csv
import io
from datetime import UTC, datetime

import pytest

from nowrongdoor import settings, shelf, sources
from nowrongdoor.flow import prepare
from nowrongdoor.flow.explain import explain
from nowrongdoor.resources import CONVENTIONS

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def asked(source, files=()):
    return explain(prepare(sources.load(source), settings.load(None, {}), MOMENT), files)


def of(said, table):
    return {c["header"] or c["column"]: c for t in said["tables"] if t["table"] == table for c in t["columns"]}


@pytest.fixture(scope="module")
def alder():
    """The packaged fixture of one county, whole."""
    return asked("alder-county")


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Its clients with a column that nobody asked for, filled in every row."""
    text = shelf.find("fixtures/alder-county/in/clients.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    width = len(rows[0])
    path = tmp_path_factory.mktemp("planted") / "clients.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([*rows[0], "Shoe Size"])
        lines.writerows([*row, f"{n}"] for n, row in enumerate(rows[1:]) if len(row) == width)
    return of(asked("alder-county", [path]), "clients")


@pytest.mark.parametrize(
    ("table", "header", "element"),
    [
        ("clients", "Date of Birth", "Patient.birthDate"), ("clients", "Sex", "Patient.gender"),
        ("clients", "Zip", "Patient.address.postalCode"), ("clients", "Emergency Contact", "RelatedPerson.name.text"),
        ("plans", "Begin Date", "CarePlan.period.start"), ("plans", "Target Date", "Goal.target.dueDate"),
        ("referrals", "Urgency", "ServiceRequest.priority"), ("referrals", "Referral Status", "Task.status"),
        ("releases", "Release Status", "Consent.status"), ("releases", "Expires On", "Consent.provision.period.end"),
    ],
)  # fmt: skip
def test_a_column_moves_what_it_becomes(alder, table, header, element):
    assert element in of(alder, table)[header]["elements"]


def test_a_birth_date_moves_nothing_else(alder):
    elements = {
        path.replace("._", ".").split(".extension")[0] for path in of(alder, "clients")["Date of Birth"]["elements"]
    }
    assert {"Patient.birthDate"} == elements


def test_code_tables_are_named(alder):
    """Also those of a column whose table depends on another's cell."""
    assert ["sex.csv"] == of(alder, "clients")["Sex"]["codes"]
    statuses = {f"alder_{kind}_status.csv" for kind in ("plan", "problem", "goal", "intervention")}
    assert statuses == set(of(alder, "plans")["Row Status"]["codes"])
    assert [] == of(alder, "clients")["Last Name"]["codes"]


def test_a_planted_column_has_no_effect(planted):
    assert ("no effect", "not known", []) == tuple(planted["Shoe Size"][k] for k in ("effect", "declared", "elements"))
    assert "moves" == planted["Sex"]["effect"]


def test_an_ignored_column_is_tested_all_the_same(planted):
    assert ("no effect", "ignored") == (planted["Room Key Nbr"]["effect"], planted["Room Key Nbr"]["declared"])


def test_an_absent_column_is_listed(alder):
    assert "absent" == of(alder, "plans")["LAST_UPDATED"]["declared"]


def test_a_column_with_nothing_in_it_is_not_said_to_have_no_effect(alder):
    empty = [c["header"] for t in alder["tables"] for c in t["columns"] if c["effect"] == "empty here"]
    assert "Suffix" in empty


def test_what_a_row_cannot_do_without():
    """One form number on all referrals: nothing to change places with, but without it the row is refused."""
    assert "refuses when blank" == of(asked("paper-intake"), "referrals")["Form No."]["effect"]


def test_where_every_row_is_refused_nothing_is_said_to_have_no_effect():
    """Referrals whose people are in a file that was not given."""
    path = shelf.find("fixtures/paper-intake/in/referrals.csv")
    said = of(asked("paper-intake", [path]), "referrals")
    assert "every row is refused" == said["Urgency"]["effect"]


def test_conventions_are_shown(alder):
    """What may be filled in where a source is silent, all of it and nothing else."""
    assert [c.element for c in CONVENTIONS] == [c["element"] for c in alder["conventions"]]
