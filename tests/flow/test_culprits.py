"""A draft that fails is a refusal that names the cell: the file's own header, and the element in the cause.

Each row here is read without complaint and makes a resource that is not valid.
"""

import csv
import json

import pytest

from bench import county
from nowrongdoor.model import Issue

BELL = "a\x07b"  # a control character, which no FHIR string holds
TEXT = "Patient.extension[0].extension[0].valueString"  # what the person said of race, as written


def rows(table, n=4, **cells):
    """Rows of a table; the first has these cells, under the layout's names."""
    first, *rest = county.rows(table, n)
    return [{**first, **cells}, *rest]


def told(written):
    """(row, headers, element) of each issue that the checker found."""
    lines = [(line["source"]["row"], i) for line in written.read("refusals") for i in line["issues"]]
    return [(row, i["column"], i["cause"].rpartition("(")[2].rstrip(")")) for row, i in lines if "(" in i["cause"]]


@pytest.fixture
def header():
    return county.header("clients")


def test_the_cell_of_an_element_is_named_in_every_paper(place, header):
    files = [place.save("clients", rows("clients", RACE=BELL))]
    written = place.translate(files)
    assert [(1, header["RACE"], TEXT)] == told(written)
    assert [header["RACE"]] == [line["source"]["column"] for line in written.read("refusals")]
    with (written.folder / "refusals.csv").open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert line["_cause"].startswith(f"{header['RACE']}: ")
    assert line["_cause"].endswith(f"({TEXT})")


def test_two_cells_that_contradict_each_other_are_both_named(place):
    """A status that is older than the referral: mending either mends it (inv-1 of Task)."""
    clients = place.save("clients", rows("clients"))
    spelled = county.header("referrals")
    referral = {"REFERRAL_DATE": "01/05/2026", "STATUS_DATE": "01/04/2026"}
    referrals = place.save("referrals", rows("referrals", **referral))
    both = " + ".join(h for column, h in spelled.items() if column in referral)
    assert [(1, both, "Task")] == told(place.translate([clients, referrals]))


def test_a_blank_cell_is_named_where_something_should_stand(place, header):
    """A contact of whom only the telephone is known (us-core-14)."""
    only = {"CONTACT_NAME": "", "CONTACT_RELATION": "", "CONTACT_PHONE": "559-555-0100"}
    written = place.translate([place.save("clients", rows("clients", **only))])
    assert [(1, f"{header['CONTACT_NAME']} + {header['CONTACT_RELATION']}", "RelatedPerson")] == told(written)


def test_each_of_two_wrong_cells_is_named_for_its_own_element(place, header):
    """Both feed one list, in which a place is taken by the next when it is empty."""
    written = place.translate([place.save("clients", rows("clients", RACE=BELL, ETHNICITY=BELL))])
    ethnicity = "Patient.extension[1].extension[0].valueString"
    assert [(1, header["RACE"], TEXT), (1, header["ETHNICITY"], ethnicity)] == told(written)


def test_every_row_with_the_same_wrong_is_told_of_its_own_cell(place, header):
    many = [{**row, "RACE": BELL} for row in county.rows("clients", 30)]
    assert [(n + 1, header["RACE"], TEXT) for n in range(30)] == told(place.translate([place.save("clients", many)]))


def picky(kind, place, is_wrong):
    """A checker that refuses resources of that type beside what it refuses anyway."""

    class Picky:
        def __init__(self, check):
            self.check = check

        def quick(self, resources):
            return all(one["resourceType"] != kind for one in resources) and self.check.quick(resources)

        def issues(self, resource):
            odd = resource["resourceType"] == kind and is_wrong(resource)
            return (Issue("odd", "is odd", "mend it", place),) if odd else self.check.issues(resource)

    return Picky


def test_a_part_is_made_by_itself_though_another_row_states_its_plan(place):
    clients = place.save("clients", rows("clients"))
    plan, problem, goal, service = county.rows("plans", 4)
    plans = place.save("plans", [plan, problem, {**goal, "DESCRIPTION": "An odd goal"}, service])
    check = picky("Goal", "Goal.description", lambda goal: "odd" in goal["description"]["text"])
    described = county.header("plans")["DESCRIPTION"]
    assert [(3, described, "Goal.description")] == told(place.translate([clients, plans], check=check))


def test_what_no_cell_mends_keeps_its_element(place):
    """A checker that says no to every Patient."""
    clients = place.save("clients", county.rows("clients", 40))
    written = place.translate([clients], check=picky("Patient", "Patient.name", lambda _: True))
    assert ["Patient.name"] * 40 == [line["source"]["column"] for line in written.read("refusals")]


def test_what_no_cell_mends_is_not_sought_for_ever(place):
    """After some rows each further one costs the route's own look at it, and no more."""

    def looks(people):
        seen = []
        check = picky("Patient", "Patient.name", lambda patient: seen.append(patient) is None)
        place.translate([place.save("clients", county.rows("clients", people))], check=check)
        return len(seen)

    assert 60 == looks(120) - looks(60)


def test_an_intake_and_its_corrections_name_it_too(home, header):
    home.intake([home.place.save("clients", rows("clients", RACE=BELL))])
    with home.store() as store:
        (refusal,) = store.refusals()
    assert [header["RACE"]] == [i["column"] for i in refusal.line["issues"]]
    assert BELL not in json.dumps(refusal.line["issues"])
