"""Workbooks that reach too far: refused before room is made for every cell up to there."""

import itertools
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsxwriter import Workbook

from nowrongdoor.errors import Stop
from nowrongdoor.files import Dialect, Wanted, extent, find

CLIENTS = Wanted("clients", ("CIN", "DOB"))
ROWS = b"""<row r="1">
<c r="A1" t="inlineStr"><is><t>CIN</t></is></c><c r="B1" t="inlineStr"><is><t>DOB</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>90000001A</t></is></c><c r="B2" t="inlineStr"><is><t>x</t></is></c></row>"""
FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.fixture
def book(tmp_path):
    """A workbook whose second sheet is a table of clients and then these bytes of XML."""

    def book(more):
        path = tmp_path / "export.xlsx"
        with Workbook(path) as made:
            made.add_worksheet("Notes")
            made.add_worksheet("Data")
        with ZipFile(path) as packed:
            parts = {name: packed.read(name) for name in packed.namelist()}
        name = "xl/worksheets/sheet2.xml"
        assert 1 == parts[name].count(b"<sheetData/>")
        parts[name] = parts[name].replace(b"<sheetData/>", b"<sheetData>" + ROWS + more + b"</sheetData>")
        with ZipFile(path, "w", ZIP_DEFLATED) as packed:
            for part, content in parts.items():
                packed.writestr(part, content)
        return path

    return book


def opened(path):
    (found,) = find(path, 0, [CLIENTS], Dialect())
    return list(found.rows())


def measured(xml, size=1 << 20):
    found = extent._measure("sheet1", (bytes(xml[n : n + size]) for n in range(0, len(xml), size)))
    return found.corner


@pytest.mark.parametrize(
    "far",
    [
        FAR,
        b"<row r='1048576'><c s='1' r = 'XFD1048576'><v>1</v></c></row>",
        b'<x:row r="1048576"><x:c r="xfd1048576"><x:v>1</x:v></x:c></x:row>',
        b'<row r="9"><c x=">" y=\'/>\' r="XFD1048576" z="/>"><v>1</v></c></row>',
        b'<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>',
    ],
    ids=["plain", "other quotes and order", "a prefix", "marks inside values", "a row, not a cell, says it"],
)
def test_a_stray_cell_stops_the_workbook_and_is_named(book, far):
    """17 thousand million cells: the library that reads them would end the process. A file of a few KB."""
    path = book(far)

    assert path.stat().st_size < 20_000
    with pytest.raises(Stop, match=r"sheet2 of the workbook reaches to cell XFD1048576, 17,180 million.*stray.*CSV"):
        opened(path)


@pytest.mark.parametrize(
    "blank",
    [
        b'<row r="1048576"><c r="XFD1048576" s="1"/></row>',
        b'<row r="1048576" ht="15"/>',
        b'<row r="1048576"><c r="XFD1048576" s="1" /></row>',
    ],
)
def test_a_cell_that_is_only_formatted_does_not_count(book, blank):
    """Nor does a row: a column that somebody painted to its end is no stray cell."""
    assert 1 == len(opened(book(blank)))


def test_cells_that_do_not_say_where_they_are_come_after_the_last():
    """Their row's number, or one more than the row before; the column after the last cell's."""
    row = b"<row><c><v>1</v></c><c/><c><v>1</v></c></row>"

    assert "C2" == measured(row + row)
    assert "AC7" == measured(b'<row r="7"><c r="AB7"/><c><v>1</v></c></row>' + row[:5] + b"</row>")


def test_a_reference_cut_between_two_chunks_is_read_whole():
    """Wherever the cut falls: every size of chunk from one byte to the whole."""
    xml = b'<sheetData><row r="1"><c r="A1" t="n"><v>1</v></c></row>' + FAR + b"</sheetData>"

    assert {"XFD1048576"} == {measured(xml, size) for size in range(1, len(xml) + 1)}


def test_the_cut_of_the_real_chunks(book):
    """The far cell's reference lies across the end of the first chunk of the sheet as it is in the file."""
    path = book(b"@" + FAR)
    with ZipFile(path) as packed:
        before = packed.read("xl/worksheets/sheet2.xml").index(b"@")
    at = FAR.index(b"XFD") + 3
    path = book(b" " * (extent.CHUNK - before - at) + FAR)
    with ZipFile(path) as packed:
        assert b"XFD104" == packed.read("xl/worksheets/sheet2.xml")[extent.CHUNK - 3 : extent.CHUNK + 3]
    with pytest.raises(Stop, match="XFD1048576"):
        opened(path)


def test_many_sheets_count_together(tmp_path, monkeypatch):
    """All are in memory at once; the one that reaches farthest is named."""
    monkeypatch.setattr(extent, "MOST_CELLS", 20)
    path = tmp_path / "export.xlsx"
    with Workbook(path) as made:
        for rows in (5, 6):
            sheet = made.add_worksheet()
            for n in range(rows):
                sheet.write_row(n, 0, ["CIN", "DOB"])
    with pytest.raises(Stop, match="sheet2 of the workbook reaches to cell B6"):
        opened(path)

    monkeypatch.setattr(extent, "MOST_CELLS", 22)
    assert 2 == len(find(path, 0, [CLIENTS], Dialect()))


def test_a_tag_without_an_end_is_not_gathered_for_ever():
    with pytest.raises(Stop, match="damaged"):
        extent._measure("sheet1", itertools.chain([b'<c r="'], itertools.repeat(b"A" * 100_000, 50)))


def test_a_binary_workbook_is_not_opened(tmp_path):
    """Its sheets cannot be measured this way."""
    path = tmp_path / "export.xlsb"
    with ZipFile(path, "w") as packed:
        packed.writestr("xl/workbook.bin", b"")
    with pytest.raises(Stop, match="xlsb"):
        opened(path)


def test_a_part_that_cannot_be_unpacked_stops(book):
    """A sheet whose bytes were changed on the way."""
    path = book(b"")
    content = bytearray(path.read_bytes())
    with ZipFile(path) as packed:
        at = packed.getinfo("xl/worksheets/sheet2.xml").header_offset
    content[at + 80 : at + 100] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(Stop, match="damaged"):
        opened(path)
