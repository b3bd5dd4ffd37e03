"""What is written comes back the same and runs nothing; what nobody knows is looked at."""

import csv
import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import Dialect, Wanted, escape, find, rank, sniff, unescape, write_delimited, write_workbook

_CELL = st.text(st.sampled_from("a'=+-@\t\"\n ,;é1"), max_size=5)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "'=x", "''@x"])
def test_a_cell_that_would_run_gets_an_apostrophe(cell):
    assert f"'{cell}" == escape(cell)


@pytest.mark.parametrize("cell", ["", "Doe", "O'Neil", "'t", "'", "1=1", " =1"])
def test_any_other_cell_stays(cell):
    assert cell == escape(cell) == unescape(cell)


@given(st.text() | _CELL)
def test_escaping_is_undone_by_reading_back(cell):
    assert cell == unescape(escape(cell))


@settings(deadline=None)
@given(rows=st.lists(st.tuples(_CELL, _CELL), max_size=6), write=st.sampled_from([write_delimited, write_workbook]))
def test_rows_written_are_the_rows_read(tmp_path_factory, rows, write):
    """Either kind of file, whatever the cells hold; no row is swallowed though keys may repeat in notes."""
    path = tmp_path_factory.mktemp("out") / "refusals"
    write(path, ("_file", "CIN", "=note", "_row"), [("f", *row, "r") for row in rows])
    (found,) = find(path, 0, [Wanted("refusals", ("_file", "CIN", "_row"))], Dialect())

    assert [["f", *row, "r"] for row in rows] == [[unescape(cell) for cell in item.cells] for item in found.rows()]
    assert "'=note" == found.header[2]


def test_excel_is_told_that_it_is_utf8(tmp_path):
    """By the mark at the beginning; and ends of lines are those of RFC 4180."""
    write_delimited(tmp_path / "out.csv", ["Name"], [["Nuñez"], ["=a,b"]])

    assert b'\xef\xbb\xbfName\r\nNu\xc3\xb1ez\r\n"\'=a,b"\r\n' == (tmp_path / "out.csv").read_bytes()


def test_a_workbook_of_the_same_rows_is_the_same_bytes(tmp_path):
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(tmp_path / name, ["CIN"], [["0123"]])

    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_cell_too_long_for_a_workbook_is_not_cut(tmp_path):
    with pytest.raises(Stop, match="CSV"):
        write_workbook(tmp_path / "out.xlsx", ["Note"], [["x" * 32_768]])


def test_without_the_extra_the_cure_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(Usage, match=r"pip install 'nowrongdoor\[xlsx\]'"):
        write_workbook(tmp_path / "out.xlsx", ["a"], [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_sniffing_finds_the_delimiter_by_the_likeness_of_rows(tmp_path, delimiter):
    """Below a title, and though the cells are full of commas."""
    path = tmp_path / "unknown.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write("Report, all\n")
        csv.writer(file, delimiter=delimiter).writerows([["Id", "Name", "Ñote"], *[["1", "Doe, Ann", "a,b;c"]] * 5])
    sniffed = sniff(path, Dialect())

    assert ("delimited", "cp1252", delimiter, ()) == (sniffed.kind, sniffed.encoding, sniffed.delimiter, sniffed.sheets)
    assert (2, 2, ["Id", "Name", "Ñote"], "") == list(sniffed.records())[1]


def test_sniffing_an_empty_file_or_one_column_is_no_trouble(tmp_path):
    path = tmp_path / "unknown.csv"
    path.write_bytes(b"")
    assert [] == list(sniff(path, Dialect()).records())

    path.write_bytes(b"a\nb\n")
    assert (",", [["a"], ["b"]]) == (sniff(path, Dialect()).delimiter, [r[2] for r in sniff(path, Dialect()).records()])


def test_tables_are_ranked_by_the_share_of_their_columns(tmp_path):
    """A misspelt column counts half, and is named; the row is found below titles."""
    path = tmp_path / "unknown.csv"
    path.write_text("Run 11/20/2025\nCIN,Authorizatin End Date,Sex\n90000001A,2025-01-01,F\n", encoding="utf-8")
    wanted = [
        Wanted("far", ("Plan", "Goal")),
        Wanted("near", ("CIN", "Authorization End Date")),
        Wanted("half", ("CIN", "Plan")),
        Wanted("whole", ("CIN", "Sex")),
    ]
    fits = rank(sniff(path, Dialect()).records(), wanted)

    assert [("whole", 1.0), ("near", 0.75), ("half", 0.5), ("far", 0.0)] == [(f.wanted.table, f.score) for f in fits]
    assert {"Authorization End Date": "Authorizatin End Date"} == fits[1].near
    assert {2} == {fit.line for fit in fits}


def test_where_no_column_is_known_the_first_of_the_widest_rows_is_the_header(tmp_path):
    path = tmp_path / "unknown.csv"
    path.write_text("Run\nA,B,C\n1,2,3\n4,5,6\n", encoding="utf-8")

    assert ("A", "B", "C") == rank(sniff(path, Dialect()).records(), [Wanted("t", ("X",))])[0].header


@pytest.mark.skipif(os.name == "nt", reason="Windows has no rights of this kind")
@pytest.mark.parametrize("write", [write_delimited, write_workbook])
@pytest.mark.parametrize("before", [False, True], ids=["new", "there already"])
def test_nobody_else_can_read_it_from_the_first_row_on(tmp_path, write, before):
    """Also where a file that everybody may read is written over."""
    path = tmp_path / "refusals"
    if before:
        path.touch(mode=0o644)
    rights = []

    def rows():
        rights.append(path.stat().st_mode & 0o777)
        yield ["90000001A"]

    write(path, ["CIN"], rows())

    assert [0o600, 0o600] == [*rights, path.stat().st_mode & 0o777]
