"""What is given to check is found, and what cannot be read is told at its place."""

import json

import pytest

from nowrongdoor.checks import read_resources
from nowrongdoor.checks.reading import LINE
from nowrongdoor.errors import Usage

GOAL = {"resourceType": "Goal", "id": "g"}


def seen(path, under):
    """(place below `under`, type or rule)."""
    return [
        (where.removeprefix(under.as_posix()).lstrip("/"), found["resourceType"] if found else issues[0].rule)
        for where, found, issues in read_resources(path)
    ]


def test_a_folder_is_read_whole_and_in_order_and_what_is_no_json_is_told(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.JSON").write_text(json.dumps(GOAL), encoding="utf-8-sig")
    (tmp_path / "a.ndjson").write_text(f"{json.dumps(GOAL)}\n\n{json.dumps(GOAL)}", encoding="utf-8", newline="\r\n")
    (tmp_path / "notes.txt").write_text("not ours", encoding="utf-8")
    assert [
        ("a.ndjson:1", "Goal"), ("a.ndjson:3", "Goal"), ("b/one.JSON", "Goal"), ("notes.txt", "not-checked"),
    ] == seen(tmp_path, tmp_path)  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "5", '{"a":', '{"resourceType": "Goal"} {}', '{"a": NaN}', "\x00"])
def test_what_is_no_json_object_is_an_issue(tmp_path, text):
    file = tmp_path / "x.json"
    file.write_text(text, encoding="utf-8")
    assert [("x.json", "json")] == seen(file, tmp_path)


def test_a_broken_line_is_told_and_the_next_is_read(tmp_path):
    file = tmp_path / "x.ndjson"
    file.write_bytes(b'{"resourceType": "Goal", "note": "Testperson\n' + json.dumps(GOAL).encode() + b"\n\xff\xfe\n")
    assert [("x.ndjson:1", "json"), ("x.ndjson:2", "Goal"), ("x.ndjson:3", "json")] == seen(file, tmp_path)
    _, _, (issue,) = next(read_resources(file))
    assert "Testperson" not in f"{issue.cause} {issue.cure} {issue.column}"


def test_a_line_beyond_the_limit_is_refused_and_the_next_is_read(tmp_path):
    file = tmp_path / "x.ndjson"
    file.write_bytes(b" " * (LINE * 2 + 5) + b"\n" + json.dumps(GOAL).encode())
    assert [("x.ndjson:1", "json"), ("x.ndjson:2", "Goal")] == seen(file, tmp_path)


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path):
    with pytest.raises(Usage, match="does not exist"):
        list(read_resources(tmp_path / "nothing"))


def test_an_element_that_stands_twice_in_an_object_is_told(tmp_path):
    """RFC 8259: receivers take the first, the last, or fail; so which of them was checked says nothing."""
    file = tmp_path / "x.ndjson"
    twice = '{"resourceType": "Patient", "name": [{"family": "A", "family": "Testperson"}], "active": true}'
    file.write_text(f"{json.dumps(GOAL)}\n{twice}\n", encoding="utf-8")
    told = [(where, issues) for where, _, issues in read_resources(file) if issues]
    assert [(f"{file.as_posix()}:2", "json", "Patient.name[0].family")] == [
        (where, i.rule, i.column) for where, issues in told for i in issues
    ]
    assert "Testperson" not in str(told)


def test_in_a_bundle_it_is_told_of_the_bundle_and_a_strange_name_is_not_shown(tmp_path):
    file = tmp_path / "x.json"
    entry = '{"resource": {"resourceType": "Goal", "Ana Roe": 1, "Ana Roe": 2}}'
    file.write_text(f'{{"resourceType": "Bundle", "type": "collection", "entry": [{entry}]}}', encoding="utf-8")
    (_, found, issues), *rest = read_resources(file)
    assert ("Bundle", ["Bundle.entry[0].resource.?"]) == (found["resourceType"], [i.column for i in issues])
    assert ["Goal"] == [inner["resourceType"] for _, inner, _ in rest]
