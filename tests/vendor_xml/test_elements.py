"""How an XML file is seen as tables: which element is a record, which of what lies in it or around it is which cell."""

import pytest

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import Dialect, Noise, Wanted, Wish, elements, find, sniff, xml
from nowrongdoor.model import Refusal

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@pytest.fixture
def read(tmp_path):
    """Rows of one kind of record, as dicts of what is not empty."""

    def rows(content, path, *columns, namespaces=(), encoding=""):
        file = tmp_path / "export.xml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        dialect = Dialect(encoding=encoding, records=(Wish("t", path, columns),), namespaces=namespaces)
        (found,) = find(file, 0, [Wanted("t", (), columns)], dialect)
        return [dict(told for told in zip(found.header, row.cells, strict=True) if told[1]) for row in found.rows()]

    return rows


@pytest.fixture
def tables(tmp_path):
    """Every table of a file: (path of its records, its strays or new columns, how many rows)."""

    def told(text, *wishes):
        file = tmp_path / "export.xml"
        file.write_text(text, encoding="utf-8")
        wanted = {w.table: Wanted(w.table, w.columns) for w in wishes}
        return {f.sheet: f for f in find(file, 0, list(wanted.values()), Dialect(records=wishes))}

    return told


# cells -----------------------------------------------------------------------

CELLS = {
    "children, however deep": ("<R><a>1</a><b><c>2</c></b></R>", {"a": "1", "b/c": "2"}),
    "attributes": ('<R id="7"><a code="x">1</a></R>', {"@id": "7", "a/@code": "x", "a": "1"}),
    "its own text": ("<R>hello</R>", {".": "hello"}),
    "the second of one name": ("<R><a>1</a><a>2</a><a>3</a></R>", {"a": "1", "a[2]": "2", "a[3]": "3"}),
    "the second that holds others": ("<R><d><c>1</c></d><d><c>2</c></d></R>", {"d/c": "1", "d[2]/c": "2"}),
    "CDATA is text": ("<R><a>x<![CDATA[<b>&]]>y</a></R>", {"a": "x<b>&y"}),
    "a comment is nothing, its text is one": ("<R><a>Jo<!-- keyed twice -->hn</a></R>", {"a": "John"}),
    "an instruction is nothing": ("<R><a>Jo<?edit now?>hn</a></R>", {"a": "John"}),
    "text beside elements is kept": ("<R><n>see <i>this</i> now</n></R>", {"n": "see  now", "n/i": "this"}),
    "empty in both spellings": ("<R><a/><b></b><c>1</c></R>", {"c": "1"}),
    "nil is empty": (f'<R xmlns:xsi="{XSI}"><a xsi:nil="true"/><b>1</b></R>', {"b": "1"}),
    "a type is a cell without its prefix": (
        f'<R xmlns:xsi="{XSI}" xsi:type="t:MediCal"><a>1</a></R>',
        {"@xsi:type": "MediCal", "a": "1"},
    ),
    "a default namespace is no part of a name": ('<R xmlns="urn:x"><a>1</a></R>', {"a": "1"}),
    "nor is a prefix": ('<p:R xmlns:p="urn:x"><p:a>1</p:a></p:R>', {"a": "1"}),
    "space inside is kept": ("<R><a>  two\n lines </a></R>", {"a": "  two\n lines "}),
    "characters by number": ("<R><a>&#233;&amp;&#x1F600;</a></R>", {"a": "é&😀"}),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_cell_is_known_by_its_path(read, case):
    text, expected = CELLS[case]
    assert [expected] == read(f"<Export>{text}</Export>", "R", *expected)


def test_what_lies_around_a_record_is_reached_whether_it_comes_before_or_after(read):
    text = "<M v='2'><ClientID>7</ClientID><D><c>1</c></D><D><c>2</c></D><By npi='9'>Lee</By></M>"
    columns = ("c", "../ClientID", "../@v", "../By", "../By/@npi", "*")
    around = {"../ClientID": "7", "../@v": "2", "../By": "Lee", "../By/@npi": "9", "*": "D"}
    assert [{"c": "1", **around}, {"c": "2", **around}] == read(f"<Log>{text}</Log>", "M/D", *columns)


def test_of_the_root_of_a_long_file_its_attributes_are_reached(read):
    rows = "".join(f"<R><a>{n}</a></R>" for n in range(3))
    assert [{"a": str(n), "../../@run": "5"} for n in range(3)] == read(
        f"<E run='5'><Rs>{rows}</Rs></E>", "R", "a", "../../@run"
    )


def test_records_inside_records_have_cells_of_their_own(tables):
    text = "<E><C id='1'><n>Ann</n><Ps><P k='a'/><P k='b'/></Ps></C><C id='2'><n>Bo</n></C></E>"
    found = tables(text, Wish("c", "C", ("@id", "n")), Wish("p", "C/Ps/P", ("@k", "../../@id")))
    assert [["1", "Ann"], ["2", "Bo"]] == [row.cells for row in found["C"].rows()]
    assert [["a", "1"], ["b", "1"]] == [row.cells for row in found["C/Ps/P"].rows()]
    assert ((), ()) == (found["C"].new, found["C/Ps/P"].new)


def test_two_tables_of_one_element_know_nothing_of_each_others_columns(tables):
    text = "<E><R><id>1</id><a>x</a><b>y</b><c>z</c></R></E>"
    found = tables(text, Wish("one", "R", ("id", "a")), Wish("two", "R", ("id", "b")))
    assert {"R (one)": ("c",), "R (two)": ("c",)} == {sheet: f.new for sheet, f in found.items()}
    assert [["1", "x", "z"]] == [row.cells for row in found["R (one)"].rows()]


def test_two_namespaces_are_told_apart_where_the_source_names_one(read):
    text = '<p:R xmlns:p="urn:p"><p:id>1</p:id><id>2</id></p:R>'
    assert [{"p:id": "1", "id": "2"}] == read(text, "p:R", "p:id", "id", namespaces=(("urn:p", "p"),))
    assert [{"id": "1", "id[2]": "2"}] == read(text, "R", "id", "id[2]")


@pytest.mark.parametrize("soap", [SOAP11, SOAP12])
def test_an_envelope_is_no_step(read, soap):
    body = "<Admit xmlns='urn:x'><ID>5</ID></Admit>"
    text = f"<e:Envelope xmlns:e='{soap}'><e:Header/><e:Body>{body}</e:Body></e:Envelope>"
    assert [{"ID": "5"}] == read(text, "Admit", "ID")
    assert [{"ID": "5"}] == read(f"<Log>{text}</Log>", "Log/Admit", "ID")


def test_an_element_that_is_only_called_envelope_is_a_step(read):
    assert [{"ID": "5"}] == read("<Envelope><Body><A><ID>5</ID></A></Body></Envelope>", "Envelope/Body/A", "ID")


@pytest.mark.parametrize("above", [1, 65_533, 65_535, 70_000])
def test_a_row_knows_its_first_and_last_line(tables, above):
    """Also behind line 65 535, where the parser stops counting lines of elements."""
    text = "<E>" + "\n" * above + "<R>\n<a>1</a>\n<b>2</b>\n</R>\n<R><a><b>\n3</b></a></R>\n<R a='1'/>\n</E>"
    rows = list(tables(text, Wish("t", "R", ("a", "b")))["R"].rows())
    assert [(1, 3), (5, 5), (7, 7)] == [(row.origin.line - above, row.origin.last - above) for row in rows]


# what is there, and what is not ------------------------------------------------


def test_a_required_column_that_no_record_has_is_there_and_empty(tables):
    found = tables("<E><R><b>1</b></R></E>", Wish("t", "R", ("a", "b")))["R"]
    assert (("b", "a"), [["1", ""]]) == (found.header, [row.cells for row in found.rows()])


def test_an_empty_record_is_noise_and_every_record_is_counted(tables):
    found = tables("<E><R/><R><a>1</a></R><R><a> </a></R></E>", Wish("t", "R", ("a",)))["R"]
    rows = list(found.rows())
    assert [True, False, True] == [isinstance(row, Noise) for row in rows]
    assert (3, [1, 2, 3]) == (found.read, [row.origin.row for row in rows])


def test_a_cell_as_long_as_a_file_refuses_its_row_alone(tables):
    text = f"<E><R><a>{'x' * 140_000}</a></R><R><a>1</a></R></E>"
    first, second = tables(text, Wish("t", "R", ("a",)))["R"].rows()
    assert isinstance(first, Refusal)
    assert ("D17", ["1"]) == (first.issues[0].rule, second.cells)


STRAYS = {
    "an element that nobody named, whole": ("<E><R><a>1</a></R><X><y>2</y><z>3</z></X></E>", {"/E/X"}),
    "an attribute around records": ("<E on='x'><R><a>1</a></R></E>", {"/E/@on"}),
    "text between records": ("<E><R><a>1</a></R>oops<R><a>2</a></R></E>", {"/E"}),
    "text after the last": ("<E><R><a>1</a></R>oops</E>", {"/E"}),
    "a header and a fault": (
        f"<L xmlns:s='{SOAP11}'><s:Header><k>1</k></s:Header><s:Body><s:Fault>c</s:Fault></s:Body><R><a>1</a></R></L>",
        {"/L/Header", "/L/Fault"},
    ),
    "nothing: an empty list beside": ("<E><Qs/><Rs><R><a>1</a></R></Rs></E>", set()),
}


@pytest.mark.parametrize("case", STRAYS)
def test_what_lies_outside_all_records_is_told_by_its_path(tables, case):
    text, expected = STRAYS[case]
    assert expected == set(tables(text, Wish("t", "R", ("a",)))["R"].new)


def test_what_an_element_holds_beside_its_records_is_told_unless_they_read_it(tables):
    text = "<M><ID>1</ID><By>Lee</By><D><c>1</c></D></M>"
    found = tables(text, Wish("t", "M/D", ("c", "../ID")))
    assert ("/M/By",) == found["M/D"].new


def test_a_message_without_its_records_is_told(tables):
    """Its client is named, and nothing is said of them: told as what the message holds."""
    text = "<L><M><ID>1</ID><D><c>1</c></D></M><M><ID>2</ID><x>y</x></M><N><ID>3</ID></N></L>"
    assert {"/L/M/x", "/L/N"} == set(tables(text, Wish("t", "M/D", ("c", "../ID")))["M/D"].new)


# what is refused whole -----------------------------------------------------------

DAMAGED = {
    "a document type": ("<!DOCTYPE E><E/>", "it declares a document type"),
    "an entity of a bomb": ("<!DOCTYPE E [<!ENTITY a 'aa'>]><E>&a;</E>", "it declares a document type"),
    "an element closed by another": ("<E>\n<R></E>", "line 2: an element is closed by another name"),
    "an end too early": ("<E>\n\n<R>", "line 3: the document ends before its elements do"),
    "an entity of HTML": ("<E>\n<R>&nbsp;</R></E>", "line 2: an entity that is not declared"),
    "two roots": ("<E/>\n<E/>", "line 2: something follows the end of the document"),
    "a prefix of nobody": ("<E><p:R/></E>", "line 1: a prefix without a namespace"),
    "too deep": ("<E>" + "<a>" * 300 + "</a>" * 300 + "</E>", "more than 200 elements inside one another"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_refused_whole_with_line_and_cause(tables, case):
    text, cause = DAMAGED[case]
    with pytest.raises(Stop, match=cause):
        tables(text, Wish("t", "R", ("a",)))


def test_no_text_of_the_file_is_in_the_cause(tables):
    with pytest.raises(Stop) as stopped:
        tables("<E><R><Quintanilla></R></E>", Wish("t", "R", ("a",)))
    assert "Quintanilla" not in str(stopped.value)


def test_a_file_without_a_declared_record_says_how_to_find_them(tables):
    with pytest.raises(Stop, match=r"no element in it is a record of this source.*nwd inspect"):
        tables("<E><R/></E>", Wish("t", "Client", ("a",)))


def test_a_record_of_a_whole_file_is_not_held_in_memory(tables, monkeypatch):
    monkeypatch.setattr(elements, "MOST_HELD", 100)
    with pytest.raises(Stop, match="line 1: a record of E with more than 100 elements in it"):
        tables("<E>" + "<R><a>1</a></R>" * 200 + "</E>", Wish("t", "E", ("a",)))


def test_a_record_with_thousands_of_columns_is_not_one(tables, monkeypatch):
    monkeypatch.setattr(elements, "MOST_COLUMNS", 50)
    with pytest.raises(Stop, match="more than 50 columns in records of R"):
        tables("<E><R>" + "<a>1</a>" * 60 + "</R></E>", Wish("t", "R", ("a",)))


def test_a_column_further_out_than_the_path_says_is_wrong_settings(tables):
    with pytest.raises(Usage, match=r"\[records\] t: ../../ID is of an element that the path does not name"):
        tables("<E><R/></E>", Wish("t", "E/R", ("../../ID",)))


# encodings -------------------------------------------------------------------------

NAME = "Núñez"
WRITTEN = {
    "UTF-8 that says nothing": f"<E><R><a>{NAME}</a></R></E>".encode(),
    "UTF-8 with a mark": f"<?xml version='1.0'?><E><R><a>{NAME}</a></R></E>".encode("utf-8-sig"),
    "UTF-16 with a mark": f"<?xml version='1.0' encoding='UTF-16'?><E><R><a>{NAME}</a></R></E>".encode("utf-16"),
    "UTF-16 without": f"<?xml version='1.0' encoding='UTF-16'?><E><R><a>{NAME}</a></R></E>".encode("utf-16-le"),
    "Latin-1 that says so": f"<?xml version='1.0' encoding='ISO-8859-1'?><E><R><a>{NAME}</a></R></E>".encode("latin-1"),
    "cp1252 that says so": f"<?xml version='1.0' encoding='windows-1252'?><E><R><a>{NAME}</a></R></E>".encode("cp1252"),
    "blank lines first": f"\n\n <E><R><a>{NAME}</a></R></E>".encode(),
    "a comment first": f"<!-- of a vendor --><E><R><a>{NAME}</a></R></E>".encode(),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_the_file_says_its_encoding(read, case):
    assert [{"a": NAME}] == read(WRITTEN[case], "R", "a")


def test_the_source_may_say_it_instead(read):
    assert [{"a": NAME}] == read(f"<E><R><a>{NAME}</a></R></E>".encode("cp1252"), "R", "a", encoding="cp1252")


def test_bytes_of_another_encoding_are_no_letters(read):
    with pytest.raises(Stop, match="line 2: bytes that are not of its encoding"):
        read(f"<E>\n<R><a>{NAME}</a></R></E>".encode("cp1252"), "R", "a")


def test_an_encoding_that_nobody_knows_is_said(read):
    with pytest.raises(Stop, match="an encoding that is not known"):
        read(b"<E><R><a>1</a></R></E>", "R", "a", encoding="klingon")


# of a file that nobody knows ---------------------------------------------------------

GUESSED = {
    "what repeats": ("<E><Cs><C><n>1</n></C><C><n>2</n></C></Cs></E>", {"E/Cs/C": 2}),
    "what repeats inside what repeats": (
        "<E><C i='1'><n>1</n><P><k>1</k></P><P><k>2</k></P></C><C i='2'><n>2</n></C></E>",
        {"E/C": 2, "E/C/P": 2},
    ),
    "elements of mere attributes": ("<rows><row a='1'/><row a='2'/></rows>", {"rows/row": 2}),
    "not the phones of a record": ("<E><C><p t='h'>1</p><p t='w'>2</p></C><C><p>3</p></C></E>", {"E/C": 2}),
    "a message and what repeats in it": ("<M><ID>1</ID><D><c>1</c></D><D><c>2</c></D></M>", {"M": 1, "M/D": 2}),
    "one message": (f"<s:Envelope xmlns:s='{SOAP11}'><s:Body><M><ID>1</ID></M></s:Body></s:Envelope>", {"M": 1}),
}


@pytest.mark.parametrize("case", GUESSED)
def test_records_of_a_file_that_nobody_knows(tmp_path, case):
    text, expected = GUESSED[case]
    file = tmp_path / "export.xml"
    file.write_text(text, encoding="utf-8")
    sniffed = sniff(file, Dialect())
    assert ("xml", expected) == (sniffed.kind, {grid.sheet: grid.end for grid in sniffed.grids})


def test_a_file_that_nobody_knows_offers_what_lies_around_its_records(tmp_path):
    file = tmp_path / "export.xml"
    file.write_text("<E on='5'><C i='1'><n>Ann</n><P><k>1</k></P><P/></C><C i='2'><n>Bo</n></C></E>", encoding="utf-8")
    header = next(sniff(file, Dialect()).records("E/C/P"))[2]
    assert {"k", "../@i", "../n", "../../@on"} == set(header)


@pytest.mark.parametrize("text", ["<a/>", "<a><b/></a>", "<a>1</a>"])
def test_a_file_without_records_is_no_fault(tmp_path, text):
    file = tmp_path / "export.xml"
    file.write_text(text, encoding="utf-8")
    assert 1 >= len(sniff(file, Dialect()).grids)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", "<,b\n1,2\n", "< 5,b\n1,2\n", '"<?xml",b\n'])
def test_a_table_is_not_taken_for_xml(tmp_path, text):
    file = tmp_path / "export.csv"
    file.write_text(text, encoding="utf-8")
    assert not elements.is_xml(file)


def test_nothing_is_fetched(tmp_path):
    """An entity, or a style sheet, that lies elsewhere is not asked for."""
    secret = tmp_path / "secret.txt"
    secret.write_text("90001234A", encoding="utf-8")
    text = f"<!DOCTYPE E [<!ENTITY x SYSTEM '{secret.as_uri()}'>]><E><R><a>&x;</a></R></E>"
    file = tmp_path / "export.xml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Stop) as stopped:
        find(file, 0, [Wanted("t", ("a",))], Dialect(records=(Wish("t", "R", ("a",)),)))
    assert "document type" in str(stopped.value)
    assert xml.DEEPEST < 256  # the parser's own limit lies behind ours
