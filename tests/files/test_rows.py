"""Delimited text: quotes, noise, rows not as they should be, and the count of it all."""

import csv
import io
import os
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.files import Dialect, Noise, Wanted, find, grid, records
from nowrongdoor.model import Fate, Refusal, Row, Tally

CLIENTS = Wanted("clients", ("CIN", "Last Name", "DOB"), optional=("Phone",))
HEAD = "CIN,Last Name,DOB\r\n"


def told(found):
    """(first line, last line, what became of it, cells) of each row."""
    return [(i.origin.line, i.origin.last, *said(i)) for i in found.rows()]


def said(item):
    match item:
        case Row():
            return "row", list(item.cells)
        case Refusal():
            return item.issues[0].rule, list(item.raw)
        case Noise():
            return item.why, []


def cells(found):
    return [list(item.cells) for item in found.rows() if isinstance(item, Row)]


# quotes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        "90000001A,5'10\" tall,1980-01-02",
        '90000001A,"Bob" Doe,1980-01-02',
        '90000001A,"Doe,1980-01-02',
        '"90000001A,Doe,1980-01-02',
        '90000001A,Doe,1980-01-02"',
        '90000001A,Doe,"',
        '90000001A, "Doe",1980-01-02',
        '90000001A,"Doe"" ,1980-01-02',
    ],
)
@pytest.mark.parametrize("after", ["90000002A,Roe,1980-01-03", '90000002A,"Roe",1980-01-03', '"90000002A","Roe","1"'])
def test_a_quote_out_of_place_costs_its_own_line_and_no_other(opened, bad, after):
    """The line is refused as it stood, whatever quotes follow; the next lines are rows."""
    found = opened(HEAD + f"{bad}\r\n{after}\r\n{after}\r\n")
    first, *rest = told(found)

    assert (2, 2, "D15", [bad]) == first
    assert [(3, "row"), (4, "row")] == [(line, what) for line, _, what, _ in rest]
    assert 3 == found.read


def test_a_quoted_cell_may_span_lines(opened):
    """The row knows its first and its last line; ends of lines inside the cell are kept as they are."""
    found = opened(HEAD + '90000001A,"Doe\r\nJohn\n""J"", r\r",1980-01-02\r\n90000002A,Roe,1980-01-03\r\n')

    assert [
        (2, 5, "row", ["90000001A", 'Doe\r\nJohn\n"J", r\r', "1980-01-02"]),
        (6, 6, "row", ["90000002A", "Roe", "1980-01-03"]),
    ] == told(found)
    assert 2 == found.read


def test_an_unclosed_quote_does_not_reach_for_ever(opened, monkeypatch):
    """A cell of as many lines as allowed is read; one of more is refused, and its lines are read one by one."""
    monkeypatch.setattr(records, "_LINES", 3)
    row = '90000001A,"{}",1980-01-02\n'

    assert [(2, 5, "row")] == [t[:3] for t in told(opened(HEAD + row.format("a\nb\nc\nd")))]
    assert ["D15", "D12", "D12", "D12", "D15"] == [t[2] for t in told(opened(HEAD + row.format("a\nb\nc\nd\ne")))]


def test_two_faults_together_swallow_no_row(opened):
    """An unclosed quote and, further down in the same column, a stray one: well-formed, and yet four rows."""
    lines = ['90000001A,"Doe,1980-01-02', "90000002A,Roe,1980-01-03", '90000003A,Poe",1980-01-04']
    found = opened(HEAD + "\r\n".join(lines))

    assert ["D15", "row", "D15"] == [what for _, _, what, _ in told(found)]


def test_a_note_over_several_lines_with_commas_is_a_note(opened):
    """Lines in it with as many cells as the table are no rows: they do not begin with a key."""
    found = opened(HEAD + '90000001A,"calm, tidy, at ease\nsad, angry, tired\nend",1980-01-02\n')

    assert [(2, 4, "row")] == [t[:3] for t in told(found)]


# rows that are not as they should be -------------------------------------------


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("90000001A,Doe", "D12"),
        ("90000001A,Doe,1980-01-02,more", "D12"),
        ("90000001A,Doe,1980-01-02,,more", "D12"),
        ("90000001A,Doe,1980-01-02,, ,", "row"),
        ("90000001A,Doe,1980\x00-01-02", "D17"),
        ('90000001A,"Do\x00e",1980-01-02', "D17"),
        ("90000001A," + "x" * 131_073 + ",1980-01-02", "D17"),
        ('90000001A,"' + "x" * 131_073 + '",1980-01-02', "D17"),
        ("90000001A," + "x" * 131_072 + ",1980-01-02", "row"),
        (",,", "blank"),
        ("", "blank"),
        (" ,\u200b,\xa0", "blank"),
        ("\x1a", "blank"),
        ('"","",""', "blank"),
        ("CIN,Last Name,DOB", "repeated header"),
        ("\ufeffCIN,LAST NAME,dob,", "repeated header"),
        ("Total: 37", "total line"),
        ("Total:,37,", "total line"),
        ("Grand Total,,", "total line"),
        ("Subtotal,,37", "total line"),
        ("Record count: 1,234", "total line"),
        ('"Record count: 1,234",,', "total line"),
        ("37 records", "total line"),
        ("37 rows selected.", "total line"),
        ("*** End of Report ***,,", "total line"),
        ("End of report,11/20/2025,", "total line"),
        ("Total,Ann,1980-01-02", "row"),
        ("Total,Ann,", "row"),
        ("Totalis,,", "row"),
        ("Count,5,1980-01-02", "row"),
        (",,1980-01-02", "row"),
        ("90000001A,,", "row"),
        ("CIN,Last Name,", "row"),
    ],
)
def test_each_line_becomes_what_it_is(opened, line, what):
    """And is counted, and never taken for noise while it could be a record."""
    found = opened(HEAD + line + "\r\n90000002A,Roe,1980-01-03\r\n")

    assert [(2, 2, what), (3, 3, "row")] == [t[:3] for t in told(found)]
    assert 2 == found.read


def test_a_row_of_three_cells_is_no_total(opened):
    found = opened("CIN,Last Name,DOB,Phone\n,Total,1,2\n,Total,1,\n")

    assert ["row", "total line"] == [what for _, _, what, _ in told(found)]


def test_issues_never_hold_what_the_row_held(opened):
    found = opened(HEAD + '90000001A,"Garcia\r\n90000001A,Garcia\r\n90000001A,Gar\x00cia,1\r\n')
    refusals = list(found.rows())

    assert ["D15", "D12", "D17"] == [refusal.issues[0].rule for refusal in refusals]
    assert not [r for r in refusals if "Garcia" in repr(r.issues) or "90000001A" in repr(r.issues)]


def test_columns_without_a_name_at_the_end_of_the_header_are_none(opened):
    found = opened("CIN,Last Name,DOB,,\n90000001A,Doe,1980-01-02,,\n90000002A,Roe,1980-01-03\n")

    assert [3, 3] == [len(row) for row in cells(found)]


def test_equal_rows_have_equal_marks(opened):
    one, two, other = opened(HEAD + '90000001A,Doe,1\n90000001A,"Doe",1\n90000001A,"Doe,1",\n').rows()

    assert one.origin.mark == two.origin.mark != other.origin.mark


# conservation --------------------------------------------------------------------


def _tally(found):
    """As the flow counts: what came, then what the file says it had."""
    tally = Tally()
    for item in found.rows():
        tally.met(item.origin, Fate.WRITTEN)
    tally.expect(0, found.read)
    return tally


@pytest.mark.parametrize("lost", [2, 3, 5], ids=["first", "over two lines", "last"])
def test_a_record_that_the_splitter_drops_is_a_row_lost(opened, monkeypatch, lost):
    """The lines are counted by another way than the splitter's: what it swallows shows in the tally."""
    found = opened(HEAD + '90000001A,Doe,1\n90000002A,"R\noe",2\n90000003A,Poe,3\n')
    assert _tally(found).balanced

    whole = records.split
    monkeypatch.setattr(grid, "split", lambda *given: (record for record in whole(*given) if record[0] != lost))
    tally = _tally(found)

    assert not tally.balanced
    assert 2 + (2 if lost == 3 else 1) == tally.read(0)


@pytest.mark.parametrize("damage", [lambda r: [r[0], r[0], *r[1:]], lambda r: r[:2]], ids=["twice", "stops early"])
def test_records_told_twice_or_cut_short_do_not_balance(opened, monkeypatch, damage):
    found = opened(HEAD + "90000001A,Doe,1\n90000002A,Roe,2\n90000003A,Poe,3\n")
    whole = records.split
    monkeypatch.setattr(grid, "split", lambda *given: iter(damage(list(whole(*given)))))

    assert not _tally(found).balanced


def test_a_reading_broken_off_leaves_the_rest_lost(opened):
    found = opened(HEAD + "90000001A,Doe,1\n" * 5)
    assert 5 == found.read
    rows = found.rows()
    next(rows)
    rows.close()

    assert 5 == found.read


def test_rows_may_be_read_again(opened):
    found = opened(HEAD + '90000001A,"D\noe",1\nx\n')

    assert list(found.rows()) == list(found.rows())
    assert 2 == found.read


_CELL = st.text(st.sampled_from("ab\"',;|\t\r\n é\u2028\x85\u200b="), max_size=6)  # no digits: they look like keys


@settings(deadline=None, max_examples=200)
@given(
    rows=st.lists(st.tuples(_CELL, _CELL, _CELL), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_what_a_csv_writer_wrote_is_read_back_cell_by_cell(tmp_path_factory, rows, quoting, delimiter, encoding):
    """Whatever the cells hold; and the spans of the rows tile the lines of the file."""
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter, quoting=quoting).writerows(
        [("k", "CIN", "n", "DOB"), *(("k", *r) for r in rows)]
    )
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(content.getvalue().encode(encoding))
    (found,) = find(path, 3, [Wanted("any", ("CIN", "DOB"))], Dialect())
    items = list(found.rows())

    assert [["k", *row] for row in rows] == [item.cells for item in items]
    assert len(rows) == found.read
    assert list(range(1, len(rows) + 1)) == [item.origin.row for item in items]
    assert all(one.origin.last + 1 == two.origin.line for one, two in pairwise(items))


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from('a1",\r\n\0'), max_size=60))
def test_any_text_at_all_is_accounted_for_line_by_line(tmp_path_factory, body):
    """No text makes the reader fail, lose a line or count one twice."""
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes((f"k,CIN,{'x' * 200}\n" + body).encode())
    (found,) = find(path, 0, [Wanted("any", ("k", "CIN"))], Dialect())
    spans = [(item.origin.line, item.origin.last) for item in found.rows()]
    lines = [line for first, last in spans for line in range(first, last + 1)]
    ends = body.replace("\r\n", "\n").replace("\r", "\n")

    assert list(range(2, 2 + ends.count("\n") + (ends != "" and not ends.endswith("\n")))) == lines
    assert len(spans) == found.read


def test_memory_stays_flat(tmp_path):
    """Sixty thousand rows are read in the memory of a few buffers, a small part of what they would fill."""
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        file.writelines(f'{n:09d},"Doe, Jr",1980-01-02\r\n' for n in range(60_000))
    (found,) = find(path, 0, [CLIENTS], Dialect())
    rows = found.rows()
    next(rows)
    tracemalloc.start()
    try:
        count = 1 + sum(1 for _ in rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert 60_000 == count == found.read
    assert peak < 1_000_000


@pytest.mark.skipif("NWD_CORPORA" not in os.environ, reason="NWD_CORPORA names no folder of public data")
def test_public_exports_read_as_the_standard_reader_reads_them():
    """Synthea's clean CSV: the same cells as `csv.reader` gives, every row a row."""
    files = sorted(Path(os.environ["NWD_CORPORA"]).glob("synthea-ca/csv/*.csv"))
    assert files
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        (found,) = find(path, 0, [Wanted(path.stem, tuple(header))], Dialect())

        assert rows == [item.cells for item in found.rows()]
        assert len(rows) == found.read
