"""What `inspect` says of a file: how it is written, which source comes nearest, what differs; never a person's data."""

import csv
import io

import pytest

from nowrongdoor import sources
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.flow import ask
from nowrongdoor.flow.likeness import formats, guesses, similar
from nowrongdoor.layouts import layout

PERSON = {
    "CLIENT_ID": "C-1", "CIN": "90000001A", "LAST_NAME": "Peña", "FIRST_NAME": "Rosalind", "DOB": "02/13/1980",
    "SEX": "F", "PHONE": "559-555-0111", "PROGRAM": "AOP",
}  # fmt: skip
RENAMED = {"DOB": "Client DOB", "CIN": "CIN#"}


@pytest.fixture(scope="module")
def candidates():
    return ask.known(None)[0]


def clients(people, *, without=(), renamed=RENAMED, new=("Gender Identity",)):
    """An alder clients file as drift would have it: columns gone, renamed and new."""
    alder = sources.load("alder-county")
    absent = {*alder.absent.get("clients", ()), *without}
    columns = [f.name for f in layout("county_ehr").TABLES[0].fields if f.name not in absent]
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow([*(renamed.get(c, alder.header("clients", c)) for c in columns), *new])
    lines.writerows([*(person.get(c, "") for c in columns), *("" for _ in new)] for person in people)
    return out.getvalue()


def written(folder, text, encoding="cp1252"):
    path = folder / "export 3.csv"
    path.write_bytes(text.encode(encoding))
    return path


def people(count, **more):
    return [{**PERSON, "CLIENT_ID": f"C-{n}", "CIN": f"9000000{n}A", **more} for n in range(1, count + 1)]


def test_drift_is_told(tmp_path, candidates):
    """Encoding, delimiter, title lines, totals, and each column that is renamed, missing or new."""
    text = clients([*people(3), *people(2, SEX="Q")], without=["PREFERRED_NAME"])
    path = written(tmp_path, f"San Tule BH\r\nClients\r\n\r\n{text}Total;5\r\n")
    (sight,) = ask.look(path, candidates)
    said = ask.told(sight)
    assert ("cp1252", ";", 4, 5, 1) == tuple(
        said[k] for k in ("encoding", "delimiter", "header_line", "rows", "totals")
    )
    assert ("alder-county", "county_ehr", "clients") == (said["source"], said["layout"], said["table"])
    assert said["wanted"] - 3 == said["found"]
    assert {("Client DOB", "DOB"), ("CIN#", "CIN")} == {(r["header"], r["column"]) for r in said["renamed"]}
    assert ["Goes By"] == said["missing"]
    assert ["Gender Identity"] == said["new"]
    assert [("SEX", "sex.csv", {"Q": 2})] == [(c["columns"], c["file"], c["codes"]) for c in said["codes"]]


def test_a_column_of_names_is_no_column_of_codes(tmp_path, candidates):
    """Texts that may be of a person are counted and not shown, in whatever column they stand."""
    texts = ["Ana Maria Lopez", "90000007C", "1980-02-13", "ana@example.org"]
    rows = [{**person, "RACE": text} for person, text in zip(people(4), texts, strict=True)]
    (sight,) = ask.look(written(tmp_path, clients(rows)), candidates)
    (codes,) = ask.told(sight)["codes"]
    assert ({}, {"codes": 4, "rows": 4}) == (codes["codes"], codes["not_shown"])


def test_at_most_twenty_codes_are_shown(tmp_path, candidates):
    rows = [{**person, "RACE": f"R{n}"} for n, person in enumerate(people(9) + people(9) + people(7))]
    (sight,) = ask.look(written(tmp_path, clients(rows)), candidates)
    (codes,) = ask.told(sight)["codes"]
    assert (20, {"codes": 5, "rows": 5}) == (len(codes["codes"]), codes["not_shown"])


def test_a_file_without_a_header_shows_nothing(tmp_path, candidates):
    """Its first row may be somebody's: neither taken for columns nor read for codes."""
    text = clients(people(3)).split("\r\n", 1)[1]
    (sight,) = ask.look(written(tmp_path, text), candidates)
    said = ask.told(sight)
    assert (False, [], [], []) == (said["header_sure"], said["new"], said["renamed"], said["codes"])
    assert "Peña" not in str(said)


def test_rows_come_as_read(tmp_path, candidates):
    """Cells as they stand, the refusal of a row that cannot be split, and noise by its name."""
    text = clients(people(2), new=())
    header, first, second, _ = text.split("\r\n")
    stray = first.replace("Rosalind", 'Rosa"lind', 1)
    path = written(tmp_path, f"{header}\r\n{first}\r\n{stray}\r\n\r\n{second}")
    (sight,) = ask.look(path, candidates)
    rows = list(ask.rows(sight))
    assert [(1, 2), (2, 3), (3, 4), (4, 5)] == [(r["row"], r["first"]) for r in rows]
    assert first.split(";") == rows[0]["cells"]
    assert ["D15"] == [i["rule"] for i in rows[1]["refused"]]
    assert [stray] == rows[1]["cells"]
    assert "blank" == rows[2]["noise"]


def test_a_source_that_is_not_ready_stops_nobody(tmp_path):
    """A draft with blanks in the workspace is said, and the others are looked at."""
    folder = tmp_path / "profiles" / "sources"
    folder.mkdir(parents=True)
    (folder / "half-done.toml").write_text('title = "TODO"\n', encoding="utf-8")
    found, unread = ask.known(tmp_path)
    assert "alder-county" in [s.name for s in found]
    assert ["half-done"] == [name for line in unread for name in ["half-done"] if name in line]


def test_what_is_no_file_is_said(tmp_path, candidates):
    with pytest.raises(Usage, match="is not a file"):
        ask.look(tmp_path / "nothing.csv", candidates)
    with pytest.raises(Stop, match="empty\\.csv"):
        ask.look(_empty(tmp_path), candidates)


def _empty(folder):
    path = folder / "empty.csv"
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Client DOB", "DOB"), ("Date of Birth", "DOB"), ("CIN#", "CIN"), ("Surname", "LAST_NAME"),
        ("Svc Code", "SERVICE_CODE"), ("Telephone", "PHONE"), ("Row Status", "STATUS"),
        ("contactRelationship", "CONTACT_RELATION"),
    ],
)  # fmt: skip
def test_names_that_are_alike(header, name):
    assert similar(header, name) >= 0.72


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Contact Phone", "CONTACT_NAME"), ("HCPCS1_MOD1", "HCPCS1_MOD2"), ("Plan ID", "CLIENT_ID"),
        ("Shoe Size", "SEX"), ("Status Date", "SERVICE_CODE"), ("", "DOB"),
    ],
)  # fmt: skip
def test_names_that_are_not(header, name):
    assert similar(header, name) < 0.72


def test_cells_refuse_what_a_name_promises():
    """A header called DOB whose cells are no dates is not the birth date."""
    alder, table = sources.load("alder-county"), layout("county_ehr").TABLES[0]
    names = {"DOB": ["Date of Birth"]}
    assert ["DOB"] == [g.column for g in guesses(table, alder, names, {"Birth Date": ["1/2/1980", "3/4/1990"]})]
    assert [] == guesses(table, alder, names, {"Birth Date": ["yes", "no"]})


def test_cells_alone_speak_where_only_one_column_can_be_meant():
    alder, table = sources.load("alder-county"), layout("county_ehr").TABLES[0]
    names = {"CIN": ["Medi-Cal CIN"], "DOB": ["Date of Birth"], "CITY": ["City"]}
    cells = {"Aid": ["90000001A", "90000002C"], "Extra": ["blue", "green"]}
    (guess,) = guesses(table, alder, names, cells)
    assert ("CIN", "Aid", False, True) == (guess.column, guess.header, guess.named, guess.shaped)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01/13/2026", "12/31/9999"], {"MM/DD/YYYY": 2}),
        (["1/13/2026", "11/14/2026"], {"M/D/YYYY": 2, "MM/DD/YYYY": 1}),
        (["01/02/2026"], {"MM/DD/YYYY": 1, "DD/MM/YYYY": 1}),
        (["20260113"], {"YYYYMMDD": 1}),
        (["soon"], {}),
    ],
)
def test_formats_that_fit(cells, expected):
    """How many cells each format reads; of two that read the same cells, the narrower."""
    assert expected == formats(cells)
