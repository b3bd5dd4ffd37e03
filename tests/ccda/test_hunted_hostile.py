"""Documents that were made to harm, or might as well have been."""

from json import loads
from time import process_time

import pytest
from lxml import etree

from ccda.written import Home, source
from layouts.ccda.writing import (
    ASSERTION,
    Read,
    Source,
    T,
    code,
    document,
    hangs,
    id_,
    linked,
    section,
    statement,
    status,
)
from nowrongdoor.cli import main
from nowrongdoor.files import xml
from nowrongdoor.flow.workspace import open_store
from nowrongdoor.layouts.ccda import statements
from nowrongdoor.model.values import Bad

ENTITIES = '<!DOCTYPE x [<!ENTITY a "told"><!ATTLIST r word CDATA "V">]>'


@pytest.mark.parametrize("encoding", ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-7"])
@pytest.mark.parametrize("recover", [False, True])
def test_document_type_is_refused_in_every_encoding(encoding, recover):
    """Also where no byte order mark says how it is written: nothing of it is read."""
    text = f'<?xml version="1.0" encoding="{encoding}"?>'
    told = (text + ENTITIES + '<r at="&a;">&a;</r>').encode(encoding)
    with pytest.raises(Bad) as refused:
        xml.parse(told, recover=recover)
    assert "xml-doctype" == refused.value.rule


def test_same_document_without_its_type_is_read():
    """It is not the encoding that is refused."""
    told = '<?xml version="1.0" encoding="UTF-16LE"?><r at="b">c</r>'.encode("UTF-16LE")
    assert "c" == xml.parse(told).text


def test_one_id_for_all_is_read_in_time_that_grows_as_the_document_does():
    """Ten times the conditions, and the references to them, take no hundred times as long."""
    little, much = _taken(60), _taken(600)
    assert 30 * little > much


def _taken(count):
    """Processor time of reading `count` conditions with one id and a goal that refers to each of them."""
    problem = '<entry><observation moodCode="EVN">{}{}{}{}</observation></entry>'
    said = [
        problem.format(f'<templateId root="{T}4"/>', id_("same"), ASSERTION, code(str(n), "A problem", element="value"))
        for n in range(count)
    ]
    goal = statement("observation", "GOL", id_("G"), code("1", "Be well"), status("active"),
                     *[hangs("REFR", linked("same"))] * count)  # fmt: skip
    problems = section("11450-4").replace("</section>", "".join(said) + "</section>")
    root = xml.parse(document(problems, section("61146-7", goal)).encode())
    times = []
    for _ in range(3):
        start = process_time()
        found = statements(root, Source(), 0)
        times.append(process_time() - start)
    assert [count] == [len(loads(f.resource)["addresses"]) for f in found.facts if f.kind == "goal"]
    return min(times)


@pytest.mark.parametrize(
    ("expected", "root"),
    [
        ("2.16.840.1.113883.10.20.22.4.900", "2.16.840.1.113883.10.20.22.4.900"),
        ("unknown template", "Marrow Odile 19800101"),
        ("observation", ""),
    ],
)
def test_count_of_templates_holds_no_text_of_the_document(expected, root):
    """Where an OID should be there may be anything, and the account of a run goes to people who see no records."""
    entry = statement("observation", "EVN", f'<templateId root="{root}"/>')
    told = Read(document(section("8716-3", entry))).document.told
    assert [expected] == [t.template for t in told]


def test_terminal_names_no_document(tmp_path, capfdbinary):
    """Senders name files after people: a count, and where to look, are enough."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("Marrow Odile 19800101.xml", "Marrow Odile again.txt"):
        (folder / name).write_text(document() if name.endswith("xml") else "nothing", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["translate", "--source", "ccda", "--out", str(tmp_path / "out"), str(folder)])
    said = b"".join(capfdbinary.readouterr())
    assert b"Marrow" not in said
    assert b"1 document" in said
    assert b"1 file is no document" in said


ORDERED = f"<inFulfillmentOf><order>{id_('R', '1.2.7')}</order></inFulfillmentOf>"


@pytest.mark.parametrize(
    ("expected", "kind", "template"),
    [
        (["completed"], "11488-4", "1"),  # consult note
        (["completed"], "34099-2", "4"),  # cardiology consult note, by its template
        (["completed"], "18748-4", "5"),  # imaging report
        ([], "34133-9", "2"),  # CCD
        ([], "57133-1", "14"),  # referral note
        ([], "52521-2", "15"),  # care plan
        ([], "11506-3", "9"),  # progress note
    ],
)
def test_only_a_report_of_what_was_done_ends_an_order(expected, kind, template):
    """A summary that names the order says nothing of it being done; it is told, and still found by the order."""
    named = f'<templateId root="2.16.840.1.113883.10.20.22.1.{template}"/>'
    read = Read(document(head=named + ORDERED, kind=kind))
    assert expected == [t["status"] for t in read.of("task")]
    assert bool(expected) == ("order-open" not in read.rules)
    (made,) = read.of("document")
    assert [{"identifier": {"system": "urn:oid:1.2.7", "value": "R"}}] == made["context"]["related"]


@pytest.mark.parametrize(
    ("expected", "service"),
    [
        (2, '<low value="2005"/><high value="2026"/>'),
        (2, '<low value="20050101"/>'),
        (2, '<low value="202603"/><high value="202603"/>'),
        (2, '<low value="20260301"/><high value="20260302"/>'),
        (1, '<low value="20260301080000+0000"/><high value="20260301090000+0000"/>'),
        (1, ""),
    ],
)
def test_two_notes_of_the_same_years_of_care_are_two(expected, service):
    """Where ids are minted anew, a note is known by its kind and occasion: of one day, not of care that goes on."""
    value = "" if service else ' value="20260301"'
    event = f"<serviceEvent><effectiveTime{value}>{service}</effectiveTime></serviceEvent>"
    head = f"<documentationOf>{event}</documentationOf>"
    march = document(head=head, kind="57133-1")
    texts = [march, march.replace('value="20260101120000+0000"', 'value="20260901120000+0000"')]
    assert expected == len({Read(t, ids="content").keys("document")[0] for t in texts})


@pytest.mark.parametrize(
    ("expected", "made"),
    [
        ("", "20991231"),
        ("", "2099"),
        ("", "20261127"),
        ("2026-11-26", "20261126"),  # it is that day somewhere
        ("2026-11", "202611"),
        ("2026", "2026"),
    ],
)
def test_document_of_a_day_that_is_yet_to_come_does_not_outlast_all_others(expected, made):
    """It counts as of the day on which it came, and says its own date all the same."""
    read = Read(document().replace("20260101120000+0000", made), today="2026-11-25")
    assert {expected} == {f.as_of for f in read.document.facts}
    assert (not expected) == ("D40" in read.rules)


def test_later_document_is_believed_after_one_of_the_year_2099(tmp_path):
    """Each came on a day of its own; what the second says of the person stands."""
    home = Home(tmp_path / "home")
    texts = [document().replace("20260101120000+0000", day) for day in ("20991231", "20260108120000+0000")]
    first, second = (etree.fromstring(t.replace("Wanda", n)) for t, n in zip(texts, ("Vera", "Wilma"), strict=True))
    second.find("{*}id").set("extension", "D-2")
    assert ["D40"] == [w["rule"] for w in home.intake(source(), one=first) if w["rule"] == "D40"]
    home.intake(source(), two=second)
    with open_store(home.settings) as store:
        kept = [k.resource for _, person in store.persons("ccda") for k in store.graph("ccda", person)]
    assert [["Wilma"]] == [r["name"][0]["given"] for r in kept if r["resourceType"] == "Patient"]
