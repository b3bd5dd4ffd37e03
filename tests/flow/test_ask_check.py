"""`check` counts each file, puts like issues together, and follows references inside a folder or a Bundle."""

import json

import pytest

from nowrongdoor.errors import Usage
from nowrongdoor.flow.checking import check

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


def test_a_reference_to_nothing_in_a_bundle(tmp_path):
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}]}))
    said = check([path])
    assert {"no-target": 1} == rules(said)
    assert [f"{path.as_posix()} entry[0] Patient.managingOrganization.reference"] == said["issues"][0]["places"]


def test_a_file_by_itself_may_point_elsewhere(tmp_path):
    assert 0 == check([ndjson(tmp_path / "Patient.ndjson", PATIENT)])["errors"]


def test_like_issues_are_one_with_a_count_and_no_value(tmp_path):
    wrong = [{**PATIENT, "id": f"p{n}", "gender": "Lovelace-like"} for n in range(5)]
    said = check([ndjson(tmp_path / "Patient.ndjson", *wrong)])
    (issue,) = [i for i in said["issues"] if i["severity"] == "error"]
    assert (5, 3) == (issue["times"], len(issue["places"]))
    assert "Lovelace" not in json.dumps(said)
    assert [
        {"file": (tmp_path / "Patient.ndjson").as_posix(), "resources": 5, "errors": 5, "warnings": 0, "not_checked": 0}
    ] == said["files"]


def test_a_type_that_is_not_checked_is_said(tmp_path):
    """Not passed, and no error either."""
    said = check([ndjson(tmp_path / "x.ndjson", {"resourceType": "Appointment", "id": "a"})])
    assert ({"Appointment": 1}, 0) == (said["not_checked"], said["errors"])


def test_what_cannot_be_read_is_an_error(tmp_path):
    path = tmp_path / "x.ndjson"
    path.write_text("{\n", encoding="utf-8")
    assert {"json": 1} == rules(check([path]))


def test_a_runs_own_papers_are_no_resources(tmp_path):
    (tmp_path / "accounting.json").write_text('{"schema": 1}', encoding="utf-8")
    said = check([tmp_path])
    assert (0, {"accounting.json of nwd": 1}) == (said["errors"], said["not_checked"])


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(Usage, match="does not exist"):
        check([tmp_path / "nothing"])
