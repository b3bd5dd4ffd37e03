"""`nwd check` says what is wrong, how often and where; what it did not look at; and how it ended by its exit code."""

import json

import pytest

from nowrongdoor.cli import checking

ORGANIZATION = {"resourceType": "Organization", "id": "o1", "active": True, "name": "Alder"}
WRONG = {"resourceType": "Patient", "gender": "Lovelace-like"}


@pytest.fixture
def given(tmp_path):
    """Write a file into the folder that the command stands in."""

    def put(name, *resources):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(r) + "\n" for r in resources), encoding="utf-8")

    return put


def test_what_is_right_ends_well(nwd, given):
    given("Organization.ndjson", ORGANIZATION)
    code, out, err = nwd("check", "Organization.ndjson")
    assert (0, "") == (code, err)
    assert ["resources", "errors", "warnings", "1", "0", "0", "Organization.ndjson"] == out.split()


def test_what_is_wrong_is_told_once_with_its_first_places_and_ends_with_3(nwd, given):
    given("p/Patient.ndjson", *([WRONG] * 4))
    code, out, _ = nwd("check", "p")
    assert 3 == code
    table, issue, *places = out.splitlines()[1:]
    assert ["4", "4", "0", "p/Patient.ndjson"] == table.split()
    assert ["4", "x", "fhir-binding", "Patient.gender"] == issue.split()[:4]
    assert [f"p/Patient.ndjson:{n} Patient.gender" for n in (1, 2, 3)] == [p.strip() for p in places]
    assert "Lovelace" not in out


def test_a_value_is_shown_only_when_asked(nwd, given):
    given("Patient.ndjson", WRONG)
    assert 'Patient.gender = "Lovelace-like"' in nwd("check", "--values", "Patient.ndjson")[1]


def test_what_was_not_looked_at_is_told_and_is_no_error(nwd, given):
    given("p/Organization.ndjson", {**ORGANIZATION, "meta": {"profile": ["https://example.org/nobodys"]}})
    given("p/notes.txt")
    code, out, _ = nwd("check", "p")
    assert 0 == code
    assert "1 x  not checked  no such profile is here" in out
    assert "1 x  not checked  a file that is no .json" in out
    assert "2 things not checked, which is not the same as passed" in out


def test_a_folder_with_nothing_in_it_is_no_success(nwd, given):
    given("p/notes.txt")
    code, _, err = nwd("check", "p")
    assert (3, "nwd: nothing was checked: there is no resource in what was given\n") == (code, err)


def test_many_files_are_summed_and_the_wrong_ones_come_first(nwd, given):
    for n in range(30):
        given(f"p/{n:02}.json", {**ORGANIZATION, "id": f"o{n}"})
    given("p/99.json", WRONG)
    lines = nwd("check", "p")[1].splitlines()
    assert ["1", "1", "0", "p/99.json"] == lines[1].split()
    assert "31 1 0 all 31 files, 20 shown" == " ".join(lines[21].split())


def test_json_has_all_of_it(nwd, given):
    given("Patient.ndjson", WRONG)
    code, out, _ = nwd("check", "--json", "Patient.ndjson")
    told = json.loads(out)
    assert (3, 1, 1, ["Patient.gender"]) == (
        code, told["resources"], told["errors"], [i["element"] for i in told["issues"]],
    )  # fmt: skip


def test_an_operation_outcome_is_a_line_for_each_resource(nwd, given):
    given("x.ndjson", ORGANIZATION, WRONG)
    code, out, _ = nwd("check", "--operation-outcome", "x.ndjson")
    assert 3 == code
    assert ["information", "error"] == [json.loads(line)["issue"][0]["severity"] for line in out.splitlines()]


def test_it_holds_to_what_is_named(nwd, given):
    given("Patient.ndjson", {"resourceType": "Patient", "gender": "female"})
    assert 0 == nwd("check", "Patient.ndjson")[0]
    code, out, _ = nwd("check", "--against", "us-core@7.0.0", "Patient.ndjson")
    assert (3, True) == (code, "Patient.identifier" in out)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--against", "us-core@1.2.3", "Patient.ndjson"), "us-core@8.0.0"),
        (("nothing.json",), "nothing.json does not exist"),
        (("Patient.ndjson", "nothing.json"), "nothing.json does not exist"),
        (("--operation-outcome", "--values", "Patient.ndjson"), "never shows values"),
    ],
)
def test_wrong_usage_says_what_would_be_right_before_anything_is_read(nwd, given, args, said):
    given("Patient.ndjson", WRONG)
    code, out, err = nwd("check", *args)
    assert (2, "", True) == (code, out, said in err)


def test_a_terminal_is_told_how_far_it_is_and_left_clean(nwd, given, monkeypatch):
    monkeypatch.setattr(checking, "_OFTEN", -1)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    given("x.ndjson", ORGANIZATION, {**ORGANIZATION, "id": "o2"})
    _, _, err = nwd("check", "x.ndjson")
    assert ["  1 resource", "  2 resources", " " * 40, ""] == err.split("\r")[1:]


def test_a_bundle_of_a_strange_kind_and_a_deep_value_end_no_run(nwd, given):
    given("b.ndjson", {"resourceType": "Bundle", "type": ["x"]}, {"resourceType": "Bundle", "type": {}})
    assert 3 == nwd("check", "b.ndjson")[0]
    deep = {"url": "http://example.org/x", "valueString": ""}
    for _ in range(300):
        deep = {"url": "http://example.org/x", "extension": [deep]}
    given("d.ndjson", {"resourceType": "Patient", "extension": [deep]})
    code, out, _ = nwd("check", "--values", "d.ndjson")
    assert (3, True) == (code, "nests too deep" in out)


def test_a_profile_that_nothing_follows_is_said(nwd, given):
    given("Organization.ndjson", ORGANIZATION)
    assert "us-core-goal: nothing of its type is here" in nwd("check", "--against", "us-core-goal", ".")[1]
    assert 2 == nwd("check", "--against", "us-core-race", ".")[0]
