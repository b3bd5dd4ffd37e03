"""Delimited text: encodings, headers, quotes, noise, and the count of it all."""

import csv
import io
import os
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import Dialect, Mismatch, Noise, Wanted, digest, find, grid, records, text
from nowrongdoor.model import Fate, Origin, Refusal, Row, Tally

CLIENTS = Wanted("clients", ("CIN", "Last Name", "DOB"), optional=("Phone",))
HEAD = "CIN,Last Name,DOB\r\n"


@pytest.fixture
def write(tmp_path):
    """Write bytes, or text as UTF-8, to a file."""

    def write(content):
        path = tmp_path / "export.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def opened(write):
    """The one table found in a file of this content."""

    def opened(content, *wanted, dialect=None):
        (found,) = find(write(content), 0, wanted or (CLIENTS,), dialect or Dialect())
        return found

    return opened


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


# encodings ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_ladder_reads_what_offices_save(opened, encoding, named):
    """Accents, dashes and curly quotes come through, whichever of these encodings the file was saved in."""
    found = opened((HEAD + "90000001A,Nuñez – O’Neil,1980-01-02\r\n").encode(encoding))

    assert named == found.encoding
    assert [["90000001A", "Nuñez – O’Neil", "1980-01-02"]] == cells(found)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        *((one, "") for one in ("mac_roman", "cp850", "cp437", "cp037", "utf-8", "utf-16-le", "utf-16-be")),
        *((one, "\ufeff") for one in ("utf-8", "utf-16-le", "utf-16-be")),
    ],
)
def test_a_declared_encoding_is_taken(opened, encoding, mark):
    """Also where it declares the bare codec of a file that has a byte order mark."""
    content = (mark + HEAD + "90000001A,Nuñez,1980-01-02\r\n").encode(encoding)

    assert [["90000001A", "Nuñez", "1980-01-02"]] == cells(opened(content, dialect=Dialect(encoding=encoding)))


def test_utf8_is_judged_by_the_whole_file(opened):
    """One cp1252 byte after two megabytes of ASCII makes the file cp1252."""
    content = HEAD + "90000001A,Smith,1980-01-02\r\n" * 80_000 + "90000002A,Nuñez,1980-01-02\r\n"

    assert "Nuñez" == cells(opened(content.encode("cp1252")))[-1][1]


def test_a_letter_across_a_chunk_border_is_one_letter(opened, monkeypatch):
    monkeypatch.setattr(text, "_CHUNK", 3)
    found = opened(HEAD + "90000001A,Nuñez – O’Neil,1980-01-02\r\n\r\n")

    assert ["row", "blank"] == [what for _, _, what, _ in told(found)]
    assert 2 == found.read


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_what_no_encoding_fits_stops_with_the_place_of_the_byte(write, byte):
    """cp1252 has holes; a file that falls into one was saved as something that must be declared."""
    path = write(HEAD.encode() + b"90000001A,Nu" + bytes([byte]) + b"ez,1980-01-02\r\n")

    with pytest.raises(Stop, match=rf"byte {byte:#04x} at offset 31 .*`encoding`"):
        find(path, 0, [CLIENTS], Dialect())


@pytest.mark.parametrize("fault", [b"\xf1", b"\xc3"], ids=["a byte of another encoding", "half a letter"])
def test_utf8_with_a_fault_is_not_taken_for_cp1252(write, fault):
    """Else every name with an accent in the file would silently turn to rubbish."""
    path = write(
        (HEAD + "90000001A,Nuñez,1980-01-02\r\n" * 5).encode() + b"90000002A,Mu" + fault + b"oz,1980-01-02\r\n"
    )

    with pytest.raises(Stop, match="UTF-8, but broken"):
        find(path, 0, [CLIENTS], Dialect())


def test_a_wrong_declared_encoding_stops(write):
    with pytest.raises(Stop, match="not utf-8: byte 0xf1 at offset 31"):
        find(write((HEAD + "90000001A,Nuñez,1980-01-02\r\n").encode("cp1252")), 0, [CLIENTS], Dialect(encoding="utf-8"))


def test_utf16_of_an_undeclared_byte_order_stops(write):
    with pytest.raises(Stop, match="not utf-16: byte 0x43 at offset 0"):
        find(write(HEAD.encode("utf-16-le")), 0, [CLIENTS], Dialect(encoding="utf-16"))


def test_a_mark_that_contradicts_the_declared_encoding_stops(write):
    with pytest.raises(Stop, match="mark of utf-8-sig, the source declares cp1252"):
        find(write(HEAD.encode("utf-8-sig")), 0, [CLIENTS], Dialect(encoding="cp1252"))


@pytest.mark.parametrize("encoding", ["klingon", "rot13"])
def test_an_encoding_that_is_none_is_a_wrong_setting(write, encoding):
    with pytest.raises(Usage, match=encoding):
        find(write(HEAD), 0, [CLIENTS], Dialect(encoding=encoding))


def test_a_file_of_one_endless_line_stops(write, monkeypatch):
    monkeypatch.setattr(text, "_LONGEST_LINE", 100)
    monkeypatch.setattr(text, "_CHUNK", 60)
    with pytest.raises(Stop, match="no delimited text"):
        find(write("x" * 200), 0, [CLIENTS], Dialect())


# header and delimiter --------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_delimiter_and_line_ends_are_found_out(opened, delimiter, end):
    lines = ["CIN,Last Name,DOB", '90000001A,"Doe, Jr",1980-01-02', "90000002A,Roe,1980-01-03"]
    content = end.join(lines).replace('"Doe, Jr"', "Doe").replace(",", delimiter)
    found = opened(content)

    assert delimiter == found.delimiter
    assert [
        (2, 2, "row", ["90000001A", "Doe", "1980-01-02"]),
        (3, 3, "row", ["90000002A", "Roe", "1980-01-03"]),
    ] == told(found)
    assert 2 == found.read


def test_a_delimiter_more_frequent_in_the_data_does_not_win(opened):
    found = opened("CIN;Last Name;DOB\n90000001A;a,b,c,d;1980-01-02\n")

    assert [["90000001A", "a,b,c,d", "1980-01-02"]] == cells(found)


def test_a_declared_delimiter_is_taken(opened):
    found = opened("CIN~Last Name~DOB\n90000001A~Doe~1980-01-02\n", dialect=Dialect(delimiter="~"))

    assert [["90000001A", "Doe", "1980-01-02"]] == cells(found)


@pytest.mark.parametrize("delimiter", ["||", '"', "\n"])
def test_a_delimiter_that_is_none_is_a_wrong_setting(write, delimiter):
    with pytest.raises(Usage, match="delimiter"):
        find(write(HEAD), 0, [CLIENTS], Dialect(delimiter=delimiter))


def test_titles_above_the_header_are_skipped_and_not_counted(opened):
    """Also titles with stray quotes; the first row after the header is row 1."""
    found = opened('County "X" Report\r\n"Run 11/20/2025\r\n\r\n' + HEAD + "90000001A,Doe,1980-01-02\r\n")
    (row,) = found.rows()

    assert (4, 1) == (found.header_line, found.read)
    assert (0, 1, 5, 5) == row.origin[:4]


def test_headers_are_compared_by_letters_and_digits(opened):
    """Case, spaces, signs, full width, zero-width and hard spaces do not matter; the file's own text is kept."""
    found = opened("\u200bC.I.N.\xa0,last_name,\uff24\uff2f\uff22,New\n90000001A,Doe,1980-01-02,x\n")

    assert {"CIN": 0, "Last Name": 1, "DOB": 2} == found.places
    assert ("New",) == found.new
    assert "last_name" == found.header[1]


def test_the_table_with_most_columns_is_meant(opened):
    narrow = Wanted("narrow", ("CIN",))

    assert "clients" == opened(HEAD, narrow, CLIENTS).table


def test_two_tables_that_fit_equally_stop(write):
    with pytest.raises(Stop, match="clients and twins equally well"):
        find(write(HEAD), 0, [CLIENTS, Wanted("twins", CLIENTS.headers)], Dialect())


def test_the_difference_of_headers_is_told_on_one_line(write):
    """What is missing, what may be meant, and what is new; the parts are there for programs too."""
    path = write("Report\nCIN,Lst Name,Born,DOB\n90000001A,Doe,x,y\n")
    with pytest.raises(Mismatch) as caught:
        find(path, 0, [Wanted("other", ("A", "B")), CLIENTS], Dialect())

    assert "line 2: missing Last Name (perhaps Lst Name); not known: Lst Name, Born" in caught.value.cause
    assert "\n" not in str(caught.value)
    assert (CLIENTS, 2) == (caught.value.closest, caught.value.line)
    assert (("Last Name",), ("Lst Name", "Born")) == (caught.value.missing, caught.value.new)


def test_the_difference_never_shows_a_row_of_data(write):
    """A file without a header: what comes nearest to one is somebody's row."""
    with pytest.raises(Mismatch) as caught:
        find(write("90000001A,Garcia,1980-01-02\n" * 3), 0, [CLIENTS], Dialect())

    assert "Garcia" not in str(caught.value)
    assert "missing CIN, Last Name, DOB" in caught.value.cause


@pytest.mark.parametrize("content", ["", "\n", "\ufeff", "\n\n\n"])
def test_a_file_without_anything_is_no_match(write, content):
    with pytest.raises(Mismatch):
        find(write(content), 0, [CLIENTS], Dialect())


def test_a_header_below_the_fiftieth_record_is_none(opened, write):
    assert 50 == opened("x\n" * 49 + HEAD).header_line
    with pytest.raises(Mismatch):
        find(write("x\n" * 50 + HEAD), 0, [CLIENTS], Dialect())


def test_a_wanted_header_that_is_there_twice_is_no_match(write):
    with pytest.raises(Mismatch, match="there twice: DOB"):
        find(write("CIN,Last Name,DOB,D.O.B.,dob\n".replace("DOB", "dob")), 0, [CLIENTS], Dialect())


def test_other_headers_may_repeat_and_keep_their_positions(opened):
    found = opened("Notes,CIN,Last Name,DOB,Notes\n1,90000001A,Doe,1980-01-02,2\n")

    assert ("Notes", "CIN", "Last Name", "DOB", "Notes") == found.header
    assert [["1", "90000001A", "Doe", "1980-01-02", "2"]] == cells(found)


def test_of_headers_that_read_alike_the_one_spelled_so_is_meant(opened):
    assert 3 == opened("CIN,Last Name,DOB,Phone,Phone #\n").places["Phone"]


@pytest.mark.parametrize(
    "wanted",
    [Wanted("t", ("CIN", "c.i.n.")), Wanted("t", ("CIN",), ("CIN",)), Wanted("t", ("CIN", " ")), Wanted("t", ())],
)
def test_columns_that_cannot_be_told_apart_are_a_wrong_setting(write, wanted):
    with pytest.raises(Usage, match="table t"):
        find(write(HEAD), 0, [wanted], Dialect())


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
    """Two hundred thousand rows are read in the memory of a few buffers."""
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        file.writelines(f'{n:09d},"Doe, Jr",1980-01-02\r\n' for n in range(200_000))
    (found,) = find(path, 0, [CLIENTS], Dialect())
    rows = found.rows()
    next(rows)
    tracemalloc.start()
    try:
        count = 1 + sum(1 for _ in rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert 200_000 == count == found.read
    assert peak < 1_000_000


def test_a_digest_is_the_files_sha256(write):
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == digest(write("abc"))  # FIPS 180-2, B.1


def test_origin_names_the_file(write):
    (row,) = find(write(HEAD + "90000001A,Doe,1\n"), 7, [CLIENTS], Dialect())[0].rows()

    assert isinstance(row.origin, Origin)
    assert 7 == row.origin.file


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
