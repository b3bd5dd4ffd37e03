"""Delimited text: what it is written in, and which of its rows names the columns."""

import pytest

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import Dialect, Mismatch, Wanted, digest, find, text
from nowrongdoor.model import Origin, Row

CLIENTS = Wanted("clients", ("CIN", "Last Name", "DOB"), optional=("Phone",))
HEAD = "CIN,Last Name,DOB\r\n"


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
    content = (mark + '"CIN","Last Name","DOB"\r\n90000001A,Nuñez,1980-01-02\r\n').encode(encoding)

    assert [["90000001A", "Nuñez", "1980-01-02"]] == cells(opened(content, dialect=Dialect(encoding=encoding)))


def test_utf8_is_judged_by_the_whole_file(opened):
    """One cp1252 byte after two megabytes of ASCII makes the file cp1252."""
    content = HEAD + "90000001A,Smith,1980-01-02\r\n" * 80_000 + "90000002A,Nuñez,1980-01-02\r\n"

    assert "Nuñez" == cells(opened(content.encode("cp1252")))[-1][1]


def test_a_letter_across_a_chunk_border_is_one_letter(opened, monkeypatch):
    monkeypatch.setattr(text, "_CHUNK", 3)
    found = opened(HEAD + "90000001A,Nuñez – O’Neil,1980-01-02\r\n\r\n")

    assert [["90000001A", "Nuñez – O’Neil", "1980-01-02"]] == cells(found)
    assert 2 == found.read  # the second is blank


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


@pytest.mark.parametrize("chunk", [1, 2, 3, 4, 5])
def test_the_place_of_a_byte_does_not_depend_on_the_chunks(write, monkeypatch, chunk):
    """A letter cut off at the end of the file is told at its first byte."""
    monkeypatch.setattr(text, "_CHUNK", chunk)
    with pytest.raises(Stop, match="byte 0xe2 at offset 4"):
        find(write(b"CIN,\xe2\x80"), 0, [CLIENTS], Dialect(encoding="utf-8"))


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
    found = opened(end.join(["CIN,Last Name,DOB", "90000001A,Doe,x", "90000002A,Roe,y"]).replace(",", delimiter))

    assert [["90000001A", "Doe", "x"], ["90000002A", "Roe", "y"]] == cells(found)
    assert (delimiter, 2) == (found.delimiter, found.read)


def test_a_delimiter_more_frequent_in_the_data_does_not_win(opened):
    found = opened("CIN;Last Name;DOB\n90000001A;a,b,c,d;1980-01-02\n")

    assert [["90000001A", "a,b,c,d", "1980-01-02"]] == cells(found)


def test_a_declared_delimiter_is_taken(opened):
    found = opened("CIN~Last Name~DOB\n90000001A~Doe~1980-01-02\n", dialect=Dialect(delimiter="~"))

    assert [["90000001A", "Doe", "1980-01-02"]] == cells(found)


def test_the_delimiter_that_shows_most_columns_is_meant(opened):
    found = opened("CIN, if any;Sex;CIN;DOB\n,F;90000001A;x\n", Wanted("t", ("CIN",), ("Sex", "DOB")))

    assert {"CIN": 2, "Sex": 1, "DOB": 3} == found.places


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


def test_a_digest_is_the_files_sha256(write):
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == digest(write("abc"))  # FIPS 180-2, B.1


def test_origin_names_the_file(write):
    (row,) = find(write(HEAD + "90000001A,Doe,1\n"), 7, [CLIENTS], Dialect())[0].rows()

    assert isinstance(row.origin, Origin)
    assert 7 == row.origin.file
