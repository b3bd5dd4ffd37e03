"""`nwd codes`: what no table knows, whose it is, and the line that is missing; nothing of a person is shown."""

import json
import subprocess
import sys

import pytest

from nowrongdoor import codes, shelf

SOURCE = "alder-county"
HEADER = "source,target,display\n"


@pytest.fixture
def clients(tmp_path):
    """clients(name, *changes): Alder's first two clients, and a copy of the second for each (old, new) in it."""
    lines = shelf.find(f"fixtures/{SOURCE}/in/clients.csv").read_text(encoding="utf-8-sig").splitlines()
    header, first, second = lines[:3]
    assert second.startswith("100202,")
    assert ",English," in second

    def write(name, *languages):
        rows = [
            second.replace("100202", f"1009{n:02d}").replace(",English,", f",{told},", 1)
            for n, told in enumerate(languages)
        ]
        path = tmp_path / name
        path.write_text("\n".join([header, first, second, *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def home(nwd):
    assert 0 == nwd("init", "home")[0]
    return lambda *args: nwd(*args, "--workspace", "home")


def asked(run, *args):
    """(exit code, what was said as JSON)."""
    code, out, _ = run("codes", *args, "--json")
    return code, json.loads(out)


def met(said):
    return {(m["file"], told["code"]): told["files"] for m in said["unmapped"] for told in m["codes"]}


def plans(folder, holding):
    """Alder's plans, of its rows only the one that holds this."""
    lines = shelf.find(f"fixtures/{SOURCE}/in/plans.csv").read_text(encoding="utf-8-sig").splitlines()
    (row,) = [line for line in lines if holding in line]
    path = folder / "plans.csv"
    path.write_text(f"{lines[2]}\n{row}\n", encoding="utf-8")
    return path


# what is told --------------------------------------------------------------


def test_a_code_with_its_counts_its_files_its_column_and_who_owns_it(nwd, clients):
    files = clients("a.csv", "Mixteco", "Mixteco", "L9"), clients("b.csv", "Mixteco")
    code, said = asked(nwd, "--source", SOURCE, *files)
    assert 3 == code
    assert {
        ("alder_language.csv", "Mixteco"): {"a.csv": 2, "b.csv": 1},
        ("alder_language.csv", "L9"): {"a.csv": 1},
    } == met(said)
    (one,) = said["unmapped"]
    assert (SOURCE, "clients", "LANGUAGE", ["Primary Language"]) == (
        one["source"], one["table"], one["columns"], one["headers"],
    )  # fmt: skip
    assert shelf.find("profiles/codes/alder_language.csv").as_posix() == one["path"]
    assert "kept, with the code as text" == one["row_is"]


def test_lines_for_a_person(nwd, clients):
    """The same without --json: whose, under which header, how many, and what to do next."""
    code, out, err = nwd("codes", "--source", SOURCE, clients("a.csv", "Mixteco", "Mixteco"))
    assert (3, "") == (code, err)
    told = " ".join(out.split())
    assert f'{SOURCE}: LANGUAGE ("Primary Language") of clients, not in codes/alder_language.csv' in told
    assert "'Mixteco' 2 rows a.csv" in told
    assert "--draft DIR" in out.splitlines()[-1]
    assert "https://w3id.org/nowrongdoor/fhir/ConceptMap/alder-language" in told
    assert "alder_organizations.csv 5 lines none: its targets are no codes" in told


def test_nothing_unmapped_is_nothing_to_do(nwd, clients):
    path = clients("a.csv")
    code, out, _ = nwd("codes", "--source", SOURCE, path)
    assert (0, "every code has its target") == (code, out.splitlines()[-1])


def test_a_code_that_refuses_its_row_says_so(nwd):
    plans = shelf.find(f"fixtures/{SOURCE}/in/plans.csv")
    said = asked(nwd, "--source", SOURCE, plans)[1]
    assert {"refused"} == {m["row_is"] for m in said["unmapped"] if m["file"] == "alder_plan_status.csv"}


def test_a_service_is_one_code_however_it_is_cut(nwd, tmp_path):
    """`H2015XX` in one cell and `H2015`, `XX` in two are one missing line."""
    path = plans(tmp_path, ",H2015,XX,")
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[1].replace(",H2015,XX,", ",H2015XX,,") + "\n", encoding="utf-8")
    assert {("services.csv", "H2015|XX"): {"plans.csv": 2}} == met(asked(nwd, "--source", SOURCE, path)[1])


# what is not told ----------------------------------------------------------

PERSONAL = ["Ana Roe speaks Mixteco", "559-555-0101", "ana@example.org", "01/02/1980", "=HYPERLINK(1)", "x" * 41,
            "Peña", "LOPEZ", "Ng"]  # fmt: skip


@pytest.mark.parametrize("text", PERSONAL)
def test_what_does_not_look_like_a_code_is_counted_only(nwd, clients, text):
    """A note, a number, a date, a name: in no line, no JSON, no table. A formula is no code either."""
    path = clients("a.csv", text)
    for form in ([], ["--json"], ["--draft", "mine"]):
        code, out, err = nwd("codes", "--source", SOURCE, path, *form)
        assert (3, False, False) == (code, text in out, text in err)
    hidden = asked(nwd, "--source", SOURCE, path)[1]["unmapped"][0]["not_shown"]
    assert {"codes": 1, "rows": 1, "places": [{"file": "a.csv", "row": 3}]} == hidden
    assert (
        "1 text not shown (--values), in 1 row: may be of a person; a.csv row 3"
        in nwd("codes", "--source", SOURCE, path)[1]
    )
    assert not (path.parent / "mine").exists()


@pytest.mark.parametrize("text", PERSONAL)
def test_who_asks_for_values_gets_them(nwd, clients, text):
    """And drafts them, but for a formula: a table is opened in a spreadsheet."""
    path = clients("a.csv", text)
    code, said = asked(nwd, "--source", SOURCE, path, "--values", "--draft", "mine")
    assert (3, {("alder_language.csv", text): {"a.csv": 1}}) == (code, met(said))
    assert (text[0] != "=") == (path.parent / "mine/profiles/codes/alder_language.csv").exists()


def test_a_column_of_names_shows_none_even_one_that_stands_twice(nwd, clients):
    """Where a column slipped, the commonest surname is a surname too; what is no word is shown."""
    path = clients("a.csv", "Lopez", "Lopez", "Peña", "Testperson", "L9")
    (one,) = asked(nwd, "--source", SOURCE, path)[1]["unmapped"]
    assert (["L9"], 3, 4) == (
        [told["code"] for told in one["codes"]], one["not_shown"]["codes"], one["not_shown"]["rows"],
    )  # fmt: skip


def test_words_without_end_are_no_codes(nwd, clients):
    words = ["".join(chr(ord("a") + int(digit)) for digit in f"{n:04d}") for n in range(101)]
    (one,) = asked(nwd, "--source", SOURCE, clients("a.csv", *words * 2))[1]["unmapped"]
    assert ([], 101) == (one["codes"], one["not_shown"]["codes"])
    (one,) = asked(nwd, "--source", SOURCE, clients("b.csv", *words[1:] * 2))[1]["unmapped"]
    assert 100 == len(one["codes"])


def test_the_same_note_of_every_night_is_still_a_note(home, clients):
    """Words count as a code only where they stand twice in one file."""
    note = PERSONAL[0]
    for name in ("1.csv", "2.csv"):
        home("intake", "--source", SOURCE, clients(name, note, f"L{name[0]}"))
    out = home("codes")[1]
    assert (False, True, True) == (note in out, "'L1'" in out, "'L2'" in out)
    again = clients("a.csv", "Two Words", "Two Words")
    assert ("alder_language.csv", "Two Words") in met(asked(home, "--source", SOURCE, again)[1])


# a workspace ---------------------------------------------------------------


def test_a_workspace_is_asked_about_all_that_it_took_in(home, clients):
    """From the vault: the files themselves may be gone. Of one source, or of all."""
    path = clients("a.csv", "Mixteco")
    home("intake", "--source", SOURCE, path)
    path.unlink()
    for args in (("--values",), ("--source", SOURCE, "--values")):
        code, said = asked(home, *args)
        assert (3, {("alder_language.csv", "Mixteco"): {"a.csv": 1}}) == (code, met(said))


def test_a_file_that_came_twice_is_counted_once(home, clients):
    path = clients("a.csv", "L9")
    for day in ("2026-01-05", "2026-01-06"):
        home("intake", "--source", SOURCE, "--as-of", day, path)
    assert {"a.csv": 1} == met(asked(home)[1])["alder_language.csv", "L9"]


def test_a_row_that_a_person_mended_is_read_as_mended(home, tmp_path):
    """The vault keeps the file as it came; the code was corrected, so it is not told again."""
    path = plans(tmp_path, ",Opne,")
    home("intake", "--source", SOURCE, path, shelf.find(f"fixtures/{SOURCE}/in/clients.csv"))
    assert ("alder_plan_status.csv", "Opne") in met(asked(home, "--values")[1])
    home("refusals", "--csv", "mend.csv")
    mend = tmp_path / "mend.csv"
    mend.write_text(mend.read_text(encoding="utf-8-sig").replace(",Opne,", ",Open,"), encoding="utf-8")
    home("intake", "--corrections", mend, "--yes")
    assert [] == [file for file, _ in met(asked(home, "--values")[1]) if file == "alder_plan_status.csv"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), ["no workspace"]),
        (("x.csv",), ["needs --source", "nwd inspect"]),
        (("--source", SOURCE, "x.csv"), ["is not a file"]),
        (("--source", "nobody", "x.csv"), ["no source called 'nobody'"]),
    ],
)
def test_what_is_asked_wrongly(nwd, args, words):
    code, _, err = nwd("codes", *args)
    assert (2, []) == (code, [w for w in words if w not in err]), err


def test_a_source_that_sent_nothing(home):
    code, _, err = home("codes", "--source", SOURCE)
    assert (2, True) == (code, "nothing of a source called 'alder-county'" in err)


def test_a_file_of_somebody_else_stops(nwd, tmp_path):
    (tmp_path / "x.csv").write_text("Colour,Shape\nred,round\n", encoding="utf-8")
    code, _, err = nwd("codes", "--source", SOURCE, "x.csv")
    assert (1, True) == (code, "x.csv: " in err), err


# the missing lines ---------------------------------------------------------


def test_a_draft_adds_lines_without_a_target_and_keeps_every_other(home, clients, tmp_path):
    """What was mapped is mapped as before, byte for byte; what is new is for a person to fill in."""
    home("intake", "--source", SOURCE, clients("a.csv", "Triqui", "Mixteco"))
    out = home("codes", "--draft", "home")[1]
    assert "lines added" not in out
    assert "not added, as not shown: may be of a person: --values shows them" in out
    before = shelf.find("profiles/codes/alder_language.csv").read_bytes()
    code, out, err = home("codes", "--draft", "home", "--values")
    table = tmp_path / "home/profiles/codes/alder_language.csv"
    assert (3, before + b"Mixteco,TODO,\nTriqui,TODO,\n") == (code, table.read_bytes())
    assert "alder_language.csv: 2 lines added; 2 targets to fill, marked TODO" in out
    assert ["nwd: profiles/codes/alder_language.csv there stands in front of the shipped one of that name"] == [
        line for line in err.splitlines() if "there stands" in line
    ]
    assert [table.name] == [p.name for p in table.parent.iterdir()]


def test_a_second_draft_adds_nothing_and_a_target_ends_it(home, clients, tmp_path):
    path = clients("a.csv", "Mixteco", "Triqui")
    home("intake", "--source", SOURCE, path)
    home("codes", "--draft", "home", "--values")
    table = tmp_path / "home/profiles/codes/alder_language.csv"
    text = table.read_text(encoding="utf-8").replace("Mixteco,TODO,", "Mixteco,mix,Mixtepec Mixtec")
    table.write_text(text, encoding="utf-8")
    code, out, err = home("codes", "--draft", "home")
    assert (3, text, False) == (code, table.read_text(encoding="utf-8"), "there stands" in err)
    assert "stays as it is; 1 target to fill" in out
    table.write_text(text.replace("Triqui,TODO,", "Triqui,trq,San Martin Itunyoso Triqui"), encoding="utf-8")
    code, said = asked(home)
    assert (0, []) == (code, said["unmapped"])
    assert "" == next(t["concept_map"] for t in said["tables"] if t["file"] == table.name), "not the shipped table"


@pytest.mark.parametrize(
    ("there", "after"),
    [
        (f"{HEADER}English,en,English\n", f"{HEADER}English,en,English\nMixteco,TODO,\n"),
        (f"{HEADER}English,en,English", f"{HEADER}English,en,English\nMixteco,TODO,\n"),
        (f"\ufeff{HEADER}English,en,English\n", f"\ufeff{HEADER}English,en,English\nMixteco,TODO,\n"),
        (
            "source,target,display,system\r\nEnglish,en,English,\r\n",
            "source,target,display,system\r\nEnglish,en,English,\r\nMixteco,TODO,,\r\n",
        ),
        (f"{HEADER}English,en,English\nMixteco,,\n", f"{HEADER}English,en,English\nMixteco,,\n"),
    ],
    ids=["plain", "no last newline", "byte order mark", "four columns of Windows", "begun"],
)
def test_a_table_of_ones_own_is_added_to_as_it_is_written(nwd, clients, tmp_path, there, after):
    table = tmp_path / "mine/profiles/codes/alder_language.csv"
    table.parent.mkdir(parents=True)
    table.write_bytes(there.encode())
    nwd("codes", "--source", SOURCE, clients("a.csv", "Mixteco", "Mixteco"), "--draft", "mine")
    assert after == table.read_bytes().decode()
    assert "Mixteco" not in codes.load(table.name, tmp_path / "mine", "language").rows


def test_a_code_with_a_comma_or_a_quote_is_one_cell(nwd, clients, tmp_path):
    odd = '"Mixteco, ""bajo"""'
    nwd("codes", "--source", SOURCE, clients("a.csv", odd, odd), "--draft", "mine")
    lines = (tmp_path / "mine/profiles/codes/alder_language.csv").read_text(encoding="utf-8").splitlines()
    assert f"{odd},TODO," == lines[-1]


# targets -------------------------------------------------------------------


def test_a_target_that_is_not_in_the_system_it_names(nwd, clients, tmp_path):
    """The line is named with its table; a code of a system that is not shipped is counted as not looked up."""
    table = tmp_path / "profiles/codes/relation.csv"
    table.parent.mkdir(parents=True)
    (tmp_path / "profiles/sources").mkdir()
    own = "https://w3id.org/nowrongdoor/fhir/CodeSystem/referral-status"
    lines = [f"Mother,mothre,mother,{own}", f"Father,accepted,father,{own}", "Aunt,1,aunt,urn:oid:1.2.3"]
    table.write_text("source,target,display,system\n" + "\n".join(lines) + "\n", encoding="utf-8")
    code, said = asked(nwd, "--source", SOURCE, clients("a.csv"))
    told = next(t for t in said["tables"] if t["file"] == "relation.csv")
    assert (3, [{"code": "Mother", "target": "mothre", "system": own}]) == (code, told["unknown"])
    assert {"urn:oid:1.2.3": 1} == told["not_checked"]
    assert f"Mother: target mothre is not in {own}" in nwd("codes", "--source", SOURCE, clients("a.csv"))[1]


def test_every_shipped_table_maps_to_codes_that_there_are(nwd):
    """Of all shipped sources; their ConceptMaps are named."""
    for source in ("alder-county", "bay-laurel-plan", "juniper-county", "paper-intake", "tule-county"):
        files = sorted(p for p in shelf.find(f"fixtures/{source}/in").iterdir() if p.is_file())
        for t in asked(nwd, "--source", source, *files)[1]["tables"]:
            assert ([], t["maps_to_codes"]) == (t["unknown"], bool(t["concept_map"])), t["file"]


def test_help_is_enough_and_light():
    """It says what to do next, and loads no library that takes a second."""
    code = [
        "import sys",
        "from nowrongdoor.cli import main",
        "try: main(['codes', '--help'])",
        "except SystemExit: print([m for m in ('httpx', 'starlette', 'jsonschema_rs') if m in sys.modules])",
    ]
    told = subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, check=True, text=True)
    assert "[]" == told.stdout.splitlines()[-1]
    said = " ".join(told.stdout.split())
    assert [] == [w for w in ("--draft DIR", "TODO", "take the files in again", "Exit code 3") if w not in said]
