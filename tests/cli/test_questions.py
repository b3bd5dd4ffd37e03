"""The commands that only ask: short lines, the right exit code, nothing of a person unless asked for it."""

import json
import subprocess
import sys

import pytest

from nowrongdoor import shelf

HEAVY = ("httpx", "starlette", "uvicorn", "fhir", "jsonschema_rs", "lxml")


@pytest.fixture
def clients():
    return shelf.find("fixtures/alder-county/in/clients.csv")


@pytest.mark.parametrize("args", [["--help"], ["inspect", "--help"], ["explain", "--help"], ["check", "--help"]])
def test_help_is_light(args):
    """No library that takes a second to load is loaded to print a page of text."""
    code = [
        "import sys",
        "from nowrongdoor.cli import main",
        f"try: main({args})",
        f"except SystemExit: print([name for name in {HEAVY} if name in sys.modules])",
    ]
    told = subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, check=True, text=True)
    assert "[]" == told.stdout.splitlines()[-1]


def test_inspect_shows_no_person(nwd, clients):
    """Not a name, an id or a date of the fixture's people, in either form."""
    cells = {cell for line in clients.read_text(encoding="utf-8-sig").splitlines() for cell in line.split(",")}
    personal = {cell for cell in cells if cell[:1] == "9" or "/" in cell or "555-" in cell}
    assert len(personal) > 50
    for form in ([], ["--json"]):
        code, out, err = nwd("inspect", clients, *form)
        assert (0, "") == (code, err)
        assert [] == [cell for cell in personal if len(cell) > 3 and cell in out]
        assert "alder-county" in out


def test_rows_are_ndjson(nwd, clients):
    code, out, err = nwd("inspect", "--rows", clients)
    rows = [json.loads(line) for line in out.splitlines()]
    assert (0, "") == (code, err)
    assert list(range(1, len(rows) + 1)) == [r["row"] for r in rows]
    assert {"cells", "refused", "noise"} == {k for r in rows for k in r} - {"file", "sheet", "row", "first", "last"}


def test_rows_of_a_file_that_nobody_knows(nwd, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Colour;Shape\nred;round\n", encoding="utf-8")
    code, out, err = nwd("inspect", "--rows", path)
    assert (0, [["red", "round"]]) == (code, [json.loads(line)["cells"] for line in out.splitlines()])
    assert "header taken from line 1" in err


def test_a_draft_and_what_to_do_next(nwd, tmp_path, clients):
    code, out, _ = nwd("inspect", clients, "--draft", "third", "--into", tmp_path / "home")
    assert 0 == code
    assert (tmp_path / "home/profiles/sources/third.toml").is_file()
    assert "nwd translate --source third" in out


def test_a_draft_of_a_known_name_is_wrong_usage(nwd, clients):
    code, _, err = nwd("inspect", clients, "--draft", "alder-county")
    assert (2, True) == (code, "cannot be the name" in err)


def test_a_layout_and_a_table_by_hand(nwd, tmp_path):
    """Where headers say nothing: the layout is asked for, then the table; both are of a draft only."""
    strange = tmp_path / "x.csv"
    strange.write_text("Uno,Dos\nrojo,redondo\n", encoding="utf-8")
    code, _, err = nwd("inspect", strange, "--draft", "third")
    assert (1, True) == (code, "--layout client_messages | county_ehr" in err)
    code, _, err = nwd("inspect", strange, "--draft", "third", "--layout", "county_ehr")
    assert (1, True) == (code, "--table FILE=TABLE" in err)
    by_hand = ("--layout", "county_ehr", "--table", f"{strange}=releases")
    code, out, _ = nwd("inspect", strange, "--draft", "third", *by_hand)
    assert (0, True) == (code, "x.csv as table releases" in out)
    assert 'RELEASE_ID = "TODO"  # one of: "Uno", "Dos"' in (tmp_path / "profiles/sources/third.toml").read_text(
        "utf-8"
    )
    assert 2 == nwd("inspect", strange, *by_hand)[0]


def test_explain_says_columns_and_conventions(nwd, clients):
    code, out, _ = nwd("explain", "alder-county", clients)
    told = [line.split() for line in out.splitlines()]
    assert 0 == code
    assert ["DOB", "<-", "Date", "of", "Birth", "Patient.birthDate"] in told
    assert ["Room", "Key", "Nbr", "no", "effect", "(ignored)"] in told
    assert any(words[:2] == ["Patient.gender", "unknown"] for words in told)


def test_check_ends_with_three_where_something_is_wrong(nwd, tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"resourceType": "Organization", "id": "o", "active": true, "name": "Alder"}', encoding="utf-8")
    bad.write_text('{"resourceType": "Organization", "name": ["Alder"]}', encoding="utf-8")
    assert 0 == nwd("check", good)[0]
    code, out, _ = nwd("check", bad, "--json")
    assert (3, 1) == (code, json.loads(out)["files"][0]["resources"])


def test_explain_a_layout_says_what_a_source_must_spell(nwd):
    """Columns, what may stand in them, which codes they may mean; as JSON the same."""
    code, out, _ = nwd("explain", "county_ehr")
    lines = [line.strip() for line in out.splitlines()]
    assert 0 == code
    assert any(line.startswith("DOB") and "required, date" in line and "-> Patient.birthDate" in line for line in lines)
    assert "[codes] answer: yes, no" in lines
    said = json.loads(nwd("explain", "county_ehr", "--json")[1])
    assert ["clients", "releases", "plans", "referrals"] == [t["table"] for t in said["tables"]]


def test_explain_alone_says_what_there_is(nwd):
    code, out, _ = nwd("explain")
    assert (0, True, True) == (code, "  alder-county " in out, "  county_ehr  " in out)
    said = json.loads(nwd("explain", "--json")[1])
    layouts = {one["layout"] for one in said["layouts"]}
    assert {"ccda", "county_ehr", "flat", "paper_intake", "plan_authorizations"} <= layouts
    assert "ccda" in {one["source"] for one in said["sources"]}
    assert 2 == nwd("explain", "no-such")[0]
