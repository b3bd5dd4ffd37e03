"""Workbooks: every cell as text, every sheet looked at."""

import sys
from datetime import datetime, time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsxwriter import Workbook

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import Dialect, Mismatch, Noise, Wanted, find, sniff, workbook
from nowrongdoor.model import Fate, Row, Tally

CLIENTS = Wanted("clients", ("CIN", "DOB"))
PLANS = Wanted("plans", ("Plan", "CIN"))


@pytest.fixture
def book(tmp_path):
    """Write sheets, each a list of rows from a first cell on, to a workbook."""

    def book(*, at=(0, 0), **sheets):
        path = tmp_path / "export.xlsx"
        with Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as made:
            for name, rows in sheets.items():
                sheet = made.add_worksheet(name)
                for n, row in enumerate(rows):
                    sheet.write_row(at[0] + n, at[1], row)
        return path

    return book


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("0123", "0123"),
        (123, "123"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (91234567e2, "9123456700"),
        (999_999_999_999_999, "999999999999999"),
        (1234567890123456, "1.23456789012346E+15"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime.fromisoformat("1980-01-02"), "1980-01-02"),
        (datetime.fromisoformat("1980-01-02T03:04:05"), "1980-01-02T03:04:05"),
        (time(3, 4), "03:04:00"),
        (None, ""),
    ],
)
def test_a_cell_is_text(tmp_path, cell, text):
    """Whole numbers have no point, dates are ISO, and an id that lost digits in Excel shows it by an exponent."""
    path = tmp_path / "cell.xlsx"
    with Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ("CIN", "DOB", "c"))
        sheet.write_row(1, 0, ("90000001A", "x"))
        if isinstance(cell, datetime | time):
            style = "hh:mm" if isinstance(cell, time) else "yyyy-mm-dd hh:mm"
            sheet.write_datetime(1, 2, cell, made.add_format({"num_format": style}))
        elif cell is not None:
            sheet.write(1, 2, cell)
    (found,) = find(path, 0, [CLIENTS], Dialect())
    (row,) = found.rows()

    assert ["90000001A", "x", text][: len(row.cells)] == row.cells


def test_rows_know_their_line_of_the_sheet(book):
    """Also where the table begins further down and to the right; merged and blank rows are counted as rows."""
    path = book(at=(3, 2), Data=[["Report"], ["CIN", "DOB"], ["90000001A", "x"], [], ["90000002A", "y"], ["Total", 2]])
    (found,) = find(path, 4, [CLIENTS], Dialect())
    items = list(found.rows())

    assert (5, "Data", ("CIN", "DOB")) == (found.header_line, found.sheet, found.header)
    assert [(4, 1, 6, 6), (4, 2, 7, 7), (4, 3, 8, 8), (4, 4, 9, 9)] == [item.origin[:4] for item in items]
    assert [Row, Noise, Row, Row] == [type(item) for item in items]
    assert 4 == found.read


def test_every_sheet_is_looked_at_and_each_table_has_a_number_of_its_own(book):
    """So that row 1 of one sheet is not taken for row 1 of another; sheets without a table are passed over."""
    path = book(
        Notes=[["hello"]],
        Clients=[["CIN", "DOB"], ["90000001A", "x"]],
        Plans=[["Plan", "CIN"], ["P-1", "90000001A"]],
        Empty=[],
    )
    both = find(path, 5, [CLIENTS, PLANS], Dialect())

    assert [("clients", "Clients", 5), ("plans", "Plans", 6)] == [(f.table, f.sheet, f.number) for f in both]
    assert [5, 6] == [row.origin.file for found in both for row in found.rows()]


def test_a_declared_sheet_is_the_only_one(book):
    path = book(Old=[["CIN", "DOB"], ["90000001A", "x"]], New=[["CIN", "DOB"], ["90000002A", "y"]])

    assert ["New"] == [found.sheet for found in find(path, 0, [CLIENTS], Dialect(sheet="New"))]
    with pytest.raises(Stop, match="`sheet`"):
        find(path, 0, [CLIENTS], Dialect(sheet="Newer"))


def test_the_nearest_sheet_is_told_where_none_fits(book):
    path = book(Notes=[["hello"]], Clients=[["CIN", "Born"], ["90000001A", "x"]])
    with pytest.raises(Mismatch, match="nearest is clients, line 1: missing DOB; not known: Born"):
        find(path, 0, [CLIENTS], Dialect())


def test_a_workbook_is_known_by_its_bytes(book, tmp_path):
    """A CSV called .xlsx is read as what it is, and the other way round."""
    path = book(Data=[["CIN", "DOB"], ["90000001A", "x"]]).rename(tmp_path / "export.csv")
    assert "Data" == find(path, 0, [CLIENTS], Dialect())[0].sheet

    path = tmp_path / "csv.xlsx"
    path.write_text("CIN;DOB\n90000001A;x\n", encoding="utf-8")
    assert ";" == find(path, 0, [CLIENTS], Dialect())[0].delimiter


def test_a_row_that_the_sheet_drops_is_lost(book, monkeypatch):
    path = book(Data=[["CIN", "DOB"], ["90000001A", "x"], ["90000002A", "y"]])
    (found,) = find(path, 0, [CLIENTS], Dialect())
    whole = workbook.Sheet.rows
    monkeypatch.setattr(workbook.Sheet, "rows", lambda sheet: iter(list(whole(sheet))[:2]))
    tally = Tally()
    for item in found.rows():
        tally.met(item.origin, Fate.WRITTEN)
    tally.expect(0, found.read)

    assert not tally.balanced


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip at all", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook"])
def test_a_damaged_workbook_stops(tmp_path, content):
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with pytest.raises(Stop):
        find(path, 0, [CLIENTS], Dialect())


def test_a_zip_that_is_no_workbook_stops(tmp_path):
    with ZipFile(tmp_path / "export.zip", "w") as packed:
        packed.writestr("export.csv", "CIN,DOB\n")
    with pytest.raises(Stop, match="unpack it"):
        find(tmp_path / "export.zip", 0, [CLIENTS], Dialect())


@pytest.mark.parametrize("limit", ["LARGEST", "LARGEST_UNPACKED"])
def test_a_workbook_too_large_is_not_opened(tmp_path, monkeypatch, limit):
    """By its own size, and by what its parts say they unpack to."""
    monkeypatch.setattr(workbook, limit, 1000)
    with ZipFile(tmp_path / "bomb.xlsx", "w", ZIP_DEFLATED) as packed:
        packed.writestr("a", bytes(range(256)) * 4 if limit == "LARGEST" else bytes(2000))
        packed.writestr("b", "".join(map(chr, range(1000))) if limit == "LARGEST" else b"")
    with pytest.raises(Stop, match="too large"):
        find(tmp_path / "bomb.xlsx", 0, [CLIENTS], Dialect())


def test_without_the_extra_the_cure_is_told(book, monkeypatch):
    path = book(Data=[["CIN", "DOB"]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(Usage, match=r"pip install 'nowrongdoor\[xlsx\]'"):
        find(path, 0, [CLIENTS], Dialect())


def test_sniffing_names_the_sheets(book):
    sniffed = sniff(book(One=[["a"]], Two=[["b", 1]]), Dialect())

    assert ("workbook", ("One", "Two")) == (sniffed.kind, sniffed.sheets)
    assert [(1, 1, ["b", "1"], "")] == list(sniffed.records("Two"))
    assert [(1, 1, ["a"], "")] == list(sniffed.records())
