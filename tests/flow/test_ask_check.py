"""`check` counts each file, puts like issues together, and follows references inside a folder or a Bundle."""

import json

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from nowrongdoor import shelf
from nowrongdoor.checks import Checker
from nowrongdoor.errors import Usage
from nowrongdoor.flow.checking import Asking, check
from nowrongdoor.flow.outcomes import outcome
from nowrongdoor.model import Issue

ORGANIZATION = {"resourceType": "Organization", "id": "o1", "active": True, "name": "Alder"}
PATIENT = {
    "resourceType": "Patient", "id": "p1", "identifier": [{"system": "https://example.org/id", "value": "1"}],
    "name": [{"family": "Lovelace"}], "gender": "female", "managingOrganization": {"reference": "Organization/o1"},
}  # fmt: skip


def ndjson(path, *resources):
    path.write_text("".join(json.dumps(r) + "\n" for r in resources), encoding="utf-8")
    return path


def rules(said):
    return {i["rule"]: i["times"] for i in said["issues"]}


def test_a_folder_that_holds_together(tmp_path):
    ndjson(tmp_path / "Patient.ndjson", PATIENT)
    ndjson(tmp_path / "Organization.ndjson", ORGANIZATION)
    said = check([tmp_path])
    assert (0, {}) == (said["errors"], said["not_checked"])
    assert [1, 1] == [f["resources"] for f in said["files"]]


def test_a_reference_to_nothing_in_a_folder(tmp_path):
    ndjson(tmp_path / "Patient.ndjson", PATIENT, {**PATIENT, "id": "p2"})
    said = check([tmp_path])
    assert (2, 2) == (rules(said)["no-target"], said["errors"])


@pytest.mark.parametrize("kind", ["collection", "document", "message"])
def test_a_reference_to_nothing_in_a_bundle_that_is_whole(tmp_path, kind):
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": kind, "entry": [{"resource": PATIENT}]}))
    (issue,) = [i for i in check([path])["issues"] if i["rule"] == "no-target"]
    assert [{"where": f"{path.as_posix()} entry[0]", "element": "Patient.managingOrganization.reference"}] == issue[
        "places"
    ]


@pytest.mark.parametrize("kind", ["searchset", "history", "transaction"])
def test_a_bundle_that_is_part_of_something_may_point_elsewhere_and_that_is_said(tmp_path, kind):
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": kind, "entry": [{"resource": PATIENT}]}))
    said = check([path])
    assert "no-target" not in rules(said)
    assert {"references to what was not given": 1} == said["not_checked"]


def test_a_file_by_itself_may_point_elsewhere_and_that_is_said(tmp_path):
    said = check([ndjson(tmp_path / "Patient.ndjson", PATIENT)])
    assert (0, {"references to what was not given": 1}) == (said["errors"], said["not_checked"])


def test_files_given_together_are_looked_up_in_each_other(tmp_path):
    one = ndjson(tmp_path / "Patient.ndjson", PATIENT)
    other = ndjson(tmp_path / "Organization.ndjson", ORGANIZATION)
    assert {} == check([one, other])["not_checked"]


def test_a_reference_by_a_search_is_for_the_server_to_follow(tmp_path):
    patient = {**PATIENT, "managingOrganization": {"reference": "Organization?identifier=1"}}
    ndjson(tmp_path / "Patient.ndjson", patient)
    assert {"references by a search, which only the server that gets them can follow": 1} == check([tmp_path])[
        "not_checked"
    ]


def wrong(path, n):
    return ndjson(path, *({**PATIENT, "id": f"p{k}", "gender": "Lovelace-like"} for k in range(n)))


def test_like_issues_are_one_with_a_count_and_no_value(tmp_path):
    said = check([wrong(tmp_path / "Patient.ndjson", 5)])
    (issue,) = said["issues"]
    assert (5, "Patient.gender", [1, 2, 3]) == (
        issue["times"], issue["element"], [int(p["where"].rpartition(":")[2]) for p in issue["places"]],
    )  # fmt: skip
    assert "Lovelace" not in json.dumps(said)
    file = (tmp_path / "Patient.ndjson").as_posix()
    assert [{"file": file, "resources": 5, "errors": 5, "warnings": 0, "not_checked": 0}] == said["files"]


def test_one_cause_at_two_elements_is_two_kinds_and_places_in_a_list_are_one(tmp_path):
    names = [{"family": "Lovelace", "use": "legal"}, {"family": "Lovelace", "use": "legal"}]
    said = check([ndjson(tmp_path / "x.ndjson", {**PATIENT, "name": names, "id": "a_b", "gender": "f"})])
    assert {"Patient.name.use": 2, "Patient.id": 1, "Patient.gender": 1} == {
        i["element"]: i["times"] for i in said["issues"]
    }


def test_what_stands_there_is_shown_when_asked(tmp_path):
    said = check([wrong(tmp_path / "Patient.ndjson", 1)], asking=Asking(values=True))
    assert '"Lovelace-like"' == said["issues"][0]["places"][0]["value"]


def test_kinds_of_issue_without_end_are_cut_off_and_counted(tmp_path):
    odd = [{**PATIENT, "id": f"p{n}", f"unknown{n}": 1} for n in range(600)]
    said = check([ndjson(tmp_path / "Patient.ndjson", *odd)])
    assert (501, 600) == (len(said["issues"]), said["errors"])
    assert {100} == {i["times"] for i in said["issues"] if i["rule"] == "more"}


def test_a_profile_may_be_asked_for_that_nothing_names(tmp_path):
    nameless = {k: v for k, v in PATIENT.items() if k != "name"}
    path = ndjson(tmp_path / "x.ndjson", nameless)
    assert 0 == check([path])["errors"]
    said = check([path], asking=Asking(against=["us-core@7.0.0"]))
    assert ["Patient.name"] == [i["element"] for i in said["issues"] if i["severity"] == "error"]


def test_a_profile_that_nobody_knows_is_wrong_usage_and_the_known_are_named(tmp_path):
    with pytest.raises(Usage, match=r"us-core@7\.0\.0"):
        check([ndjson(tmp_path / "x.ndjson", PATIENT)], asking=Asking(against=["us-core@1.2.3"]))


def test_a_claimed_profile_that_is_not_here_is_not_checked(tmp_path):
    """Not passed, and no error either."""
    claim = {**ORGANIZATION, "meta": {"profile": ["https://example.org/StructureDefinition/nobodys"]}}
    said = check([ndjson(tmp_path / "x.ndjson", claim)])
    assert ({"no such profile is here": 1}, 0) == (said["not_checked"], said["errors"])
    assert 1 == said["files"][0]["not_checked"]


def test_each_resource_has_an_outcome_that_is_valid_fhir_without_values(tmp_path):
    told = []
    wrong(tmp_path / "Patient.ndjson", 2)
    ndjson(tmp_path / "Organization.ndjson", {**ORGANIZATION, "id": "o2"})
    check([tmp_path], asking=Asking(outcome=told.append))
    checker = Checker(shelf.find("profiles/fhir/tables"))
    assert [()] * len(told) == [checker.issues(one) for one in told]
    assert [OperationOutcome.model_validate(one) for one in told]
    first, second = (f"{(tmp_path / 'Patient.ndjson').as_posix()}:{n}" for n in (1, 2))
    assert [
        ("information", "informational", None, f"{(tmp_path / 'Organization.ndjson').as_posix()}:1"),
        ("error", "code-invalid", ["Patient.gender"], f"{first} fhir-binding"),
        ("error", "code-invalid", ["Patient.gender"], f"{second} fhir-binding"),
        ("error", "not-found", ["Patient.managingOrganization.reference"], f"{first} no-target"),
        ("error", "not-found", ["Patient.managingOrganization.reference"], f"{second} no-target"),
    ] == [(i["severity"], i["code"], i.get("expression"), i["diagnostics"]) for one in told for i in one["issue"]]
    assert "Lovelace" not in json.dumps(told)


def test_what_cannot_be_read_is_an_error(tmp_path):
    path = tmp_path / "x.ndjson"
    path.write_text("{\n", encoding="utf-8")
    assert {"json": 1} == rules(check([path]))


def test_a_runs_own_papers_are_no_resources(tmp_path):
    (tmp_path / "accounting.json").write_text('{"schema": 1}', encoding="utf-8")
    (tmp_path / "refusals.ndjson").write_text('{"source": {}}\n{"source": {}}\n', encoding="utf-8")
    (tmp_path / "NOTICE.txt").write_text("a work product", encoding="utf-8")
    said = check([tmp_path])
    assert (0, {"papers of nwd itself beside the resources": 3}) == (said["errors"], said["not_checked"])


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(Usage, match="does not exist"):
        check([tmp_path / "nothing"])


@pytest.mark.parametrize(
    ("rule", "code"),
    [("us-core-6", "invariant"), ("us-core-patient", "structure"), ("json", "structure"), ("no-target", "not-found")],
)
def test_an_outcome_has_the_code_that_programs_know(rule, code):
    assert code == outcome("x.json", [Issue(rule, "cause", "cure")])["issue"][0]["code"]


def test_a_folder_without_resources_has_checked_nothing(tmp_path):
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    said = check([tmp_path])
    assert (0, {"a file that is no .json, .ndjson or .jsonl": 1}) == (said["resources"], said["not_checked"])
