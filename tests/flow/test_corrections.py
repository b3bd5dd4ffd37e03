"""Refused rows go out into a spreadsheet, come back mended, and go in again in their old place."""

import csv

import pytest
from click.testing import CliRunner

from bench import county
from nowrongdoor import files
from nowrongdoor.cli import group
from nowrongdoor.errors import Stop

CLIENT, OTHER = county.rows("clients", 2)
RELEASES = list(county.rows("releases", 2))
BROKEN = {**RELEASES[0], "SUD": "perhaps"}
SUD = county.header("releases")["SUD"]


def nwd(*arguments, said=""):
    return CliRunner().invoke(group, [str(a) for a in arguments], standalone_mode=False, input=said)


@pytest.fixture
def held(place, home):
    """A workspace with one refused release among good rows."""
    home.intake([place.save("clients", [CLIENT, OTHER]), place.save("releases", [RELEASES[1], BROKEN])])
    assert holding(home)
    return home


@pytest.fixture(params=["csv", "xlsx"])
def sheet(request, tmp_path):
    return tmp_path / f"refusals.{request.param}"


def holding(home):
    with home.store() as store:
        return store.held(county.SOURCE, CLIENT["CLIENT_ID"])


def open_refusals(home):
    with home.store() as store:
        return list(store.refusals())


def mend(sheet, change):
    """What a person does to the table between export and return. `change`: a dict of cells in, the same out."""
    header, rows = read(sheet)
    told = [change(dict(zip(header, row, strict=True))) for row in rows]
    write = files.write_workbook if sheet.suffix == ".xlsx" else files.write_delimited
    write(sheet, header, ([files.unescape(cells[name]) for name in header] for cells in told))


def read(sheet):
    if sheet.suffix == ".xlsx":
        from python_calamine import CalamineWorkbook

        header, *rows = CalamineWorkbook.from_path(sheet).get_sheet_by_index(0).to_python(skip_empty_area=False)
    else:
        with sheet.open(encoding="utf-8-sig", newline="") as lines:
            header, *rows = csv.reader(lines)
    return header, rows


def test_mended_it_stands_and_nobody_is_held(held, sheet):
    """Exported, one cell changed, shown, taken: the consent is written as if it had been right at once."""
    assert 3 == nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force").return_value
    mend(sheet, lambda cells: {**cells, SUD: "N"})
    taken = nwd("intake", "--workspace", held.folder, "--corrections", sheet, said="y\n")
    assert 0 == taken.return_value
    assert f"{SUD}: 'perhaps' -> 'N'" in taken.output
    assert ([], None, 2) == (open_refusals(held), holding(held), len(held.resources("Consent")))


def test_mended_it_is_what_it_would_have_been(held, sheet, tmp_path):
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {**cells, SUD: "N"})
    nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes")
    (tmp_path / "other").mkdir()
    other = type(held.place)(tmp_path / "other")
    right = other.workspace()
    right.intake(
        [other.save("clients", [CLIENT, OTHER]), other.save("releases", [RELEASES[1], {**BROKEN, "SUD": "N"}])]
    )
    assert right.resources("Consent") == held.resources("Consent")


def test_who_says_no_changes_nothing(held, sheet):
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {**cells, SUD: "N"})
    before = held.drafts(), open_refusals(held)
    assert 1 == nwd("intake", "--workspace", held.folder, "--corrections", sheet, said="n\n").return_value
    assert before == (held.drafts(), open_refusals(held))


def test_unchanged_it_stays_refused(held, sheet):
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    before = held.drafts(), open_refusals(held)
    done = nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes")
    assert (3, True) == (done.return_value, "nothing to do" in done.output)
    assert before == (held.drafts(), open_refusals(held))


def test_a_bad_correction_stays_open(held, sheet):
    """It is refused again, as it stands now, and can be mended from there; its person is held until it is."""
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {**cells, SUD: "maybe"})
    assert 3 == nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes").return_value
    (still,) = open_refusals(held)
    assert "maybe" in still.line["raw"]
    assert holding(held)
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {**cells, SUD: "Y"})
    assert 0 == nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes").return_value
    assert ([], None) == (open_refusals(held), holding(held))


def test_a_row_that_mends_nothing_stops_all(held, sheet):
    """One foreign row among good ones, and none of them is taken."""
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {**cells, SUD: "N"})
    header, rows = read(sheet)
    foreign = [*rows, ["7" if name == "_row" else cell for name, cell in zip(header, rows[0], strict=True)]]
    write = files.write_workbook if sheet.suffix == ".xlsx" else files.write_delimited
    write(sheet, header, foreign)
    before = held.drafts(), open_refusals(held)
    stopped = nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes").exception
    assert (Stop, True) == (type(stopped), "line 3" in stopped.cause)
    assert before == (held.drafts(), open_refusals(held))


def test_a_table_that_was_taken_already_changes_nothing(held, sheet):
    """Its row is mended: there is no refusal left that it would mend, and other mends in it still count."""
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {**cells, SUD: "N"})
    nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes")
    before = held.drafts()
    again = nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes")
    assert (0, True) == (again.return_value, "0 rows offered" in again.output)
    assert before == held.drafts()


def test_the_file_again_undoes_no_correction(held, sheet, tmp_path):
    """The broken row is still in it; a person has said what it means."""
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {**cells, SUD: "N"})
    nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes")
    before = held.drafts()
    held.intake([tmp_path / "in" / "releases.csv"])
    assert (before, [], None) == (held.drafts(), open_refusals(held), holding(held))


def test_a_formula_in_a_cell_goes_out_and_comes_back_as_text(place, home, sheet):
    """What a spreadsheet would run is escaped, and is the same cell again when it returns."""
    home.intake(
        [place.save("clients", [CLIENT]), place.save("releases", [{**BROKEN, "FORM": "=1+1", "SIGNED_BY": "'=2"}])]
    )
    nwd("refusals", "--workspace", home.folder, "--csv", sheet, "--force")
    header, rows = read(sheet)
    form, signer = (rows[0][header.index(county.header("releases")[c])] for c in ("FORM", "SIGNED_BY"))
    assert ("'=1+1", "''=2") == (form, signer)
    assert "nothing to do" in nwd("intake", "--workspace", home.folder, "--corrections", sheet, "--yes").output


def test_what_is_no_such_table_is_refused_whole(held, tmp_path):
    other = tmp_path / "notes.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    assert isinstance(nwd("intake", "--workspace", held.folder, "--corrections", other).exception, Stop)


def test_a_row_that_is_emptied_is_dropped(held, sheet):
    """A person may say that a row states nothing: its refusal is closed, and it holds nobody any more."""
    nwd("refusals", "--workspace", held.folder, "--csv", sheet, "--force")
    mend(sheet, lambda cells: {name: cell if name.startswith("_") else "" for name, cell in cells.items()})
    assert 0 == nwd("intake", "--workspace", held.folder, "--corrections", sheet, "--yes").return_value
    with held.store() as store:
        assert ([], 0) == (list(store.refusals()), store.holding())


def test_who_was_mended_brings_along_what_waited_for_them(place, home, sheet):
    """A release refused only because its client was goes in with the client's mended row."""
    home.intake([place.save("clients", [{**CLIENT, "DOB": "13/32/1980"}]), place.save("releases", [RELEASES[0]])])
    assert 2 == len(open_refusals(home))
    nwd("refusals", "--workspace", home.folder, "--csv", sheet, "--force")
    dob = county.header("clients")["DOB"]
    mend(sheet, lambda cells: {**cells, dob: CLIENT["DOB"]} if cells[dob] else cells)
    taken = nwd("intake", "--workspace", home.folder, "--corrections", sheet, said="y\n")
    assert (0, [], None) == (taken.return_value, open_refusals(home), holding(home))
    assert {"Patient", "Consent"} <= {r["resourceType"] for r in home.resources()}


def test_a_row_with_a_nul_can_be_mended_too(place, home, sheet):
    """The table shows it as a sign of its own, and takes that back for what it was."""
    clients = place.save("clients", [{**CLIENT, "CITY": "Fre@sno"}])
    clients.write_bytes(clients.read_bytes().replace(b"@", b"\0"))
    home.intake([clients])
    nwd("refusals", "--workspace", home.folder, "--csv", sheet, "--force")
    city = county.header("clients")["CITY"]
    left = nwd("intake", "--workspace", home.folder, "--corrections", sheet, "--yes")
    assert (3, True) == (left.return_value, "nothing to do" in left.output)
    mend(sheet, lambda cells: {**cells, city: "Fresno"})
    taken = nwd("intake", "--workspace", home.folder, "--corrections", sheet, "--yes")
    assert (0, []) == (taken.return_value, open_refusals(home))
    assert "Fresno" == home.resources("Patient")[0]["address"][0]["city"]
