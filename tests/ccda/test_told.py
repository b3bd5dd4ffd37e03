"""What is wrong with a document is told so that somebody finds it and can mend it; what was passed over is named."""

import json
import re
from dataclasses import replace
from zipfile import ZipFile

import pytest
from lxml import etree

from ccda import corpus
from ccda.written import MOMENT, V3, Written, source, translated
from nowrongdoor import shelf, sources
from nowrongdoor.cli import main
from nowrongdoor.errors import Usage
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.settings import Settings

PLAIN = source()


@pytest.fixture
def root(corpora):
    return corpus.document(corpora / "ms-fhir-converter/data/SampleData/Ccda/Care_Plan.ccda")


SPOILED = [  # (first element of that kind below an entry, attribute, what it says instead, rule)
    ("statusCode", "code", "ordered", "ccda-status"),
    ("effectiveTime", "value", "201302308", "ccda-date"),
    ("code", "codeSystem", "SNOMED", "ccda-code-system"),
]


@pytest.mark.parametrize(("name", "attribute", "word", "rule"), SPOILED, ids=[s[3] for s in SPOILED])
def test_a_warning_names_the_place_and_shows_the_words(root, tmp_path, name, attribute, word, rule):
    """File, digest, line, XPath of the element itself, rule, cause, cure; the words are in `text` and nowhere else."""
    goal = next(e for e in corpus.statements(root) if e.get("moodCode") == "GOL")
    at = corpus.kids(goal, name)[0]
    at.set(attribute, word)
    told = Written(tmp_path, [root], PLAIN)
    path = corpus.xpath(at)
    (warning,) = (w for w in told.warnings if w["source"]["path"] == path)
    lines = (tmp_path / "in" / "0.xml").read_text(encoding="utf-8").split("\n")
    assert word in lines[warning["source"]["line"] - 1]
    assert f'{attribute}="{word}"' in warning["text"]
    assert (rule, "0.xml", 64) == (warning["rule"], warning["source"]["file"], len(warning["source"]["sha256"]))
    assert warning["cause"]
    assert warning["cure"]
    assert word not in warning["cause"] + warning["cure"]


def test_every_warning_of_the_corpora_has_a_place(corpora, tmp_path):
    """Each leads to an element that stands at that line."""
    paths = corpus.files(corpora, "vendor")[:20] + corpus.files(corpora, "ms")[:10]
    _, told = translated(paths, PLAIN, tmp_path / "out")
    warnings = told["warnings"]
    files = {path.name: etree.parse(str(path), etree.XMLParser(remove_comments=True)).getroot() for path in paths}
    assert len(warnings) > 100
    for w in warnings:
        element = corpus.find(files[w["source"]["file"]], w["source"]["path"])
        assert element is not None, w
        assert element.sourceline == w["source"]["line"], w
        assert all(w[word] for word in ("rule", "cause", "cure")), w


def test_a_refused_entry_names_its_line(root, tmp_path):
    """A goal without a status."""
    goal = next(e for e in corpus.statements(root) if e.get("moodCode") == "GOL")
    goal.remove(corpus.kids(goal, "statusCode")[0])
    told = Written(tmp_path, [root], PLAIN)
    (refused,) = (r for r in told.refusals if r["source"]["path"] == corpus.xpath(goal))
    lines = (tmp_path / "in" / "0.xml").read_text(encoding="utf-8").split("\n")
    assert 'moodCode="GOL"' in "".join(lines[: refused["source"]["line"]])[-200:]


def test_a_damaged_document_names_its_line(root, tmp_path):
    torn = etree.tostring(root).replace(b"</patientRole>", b"</patientrole>")
    told = Written(tmp_path, [], PLAIN, **{"torn.xml": torn})
    (refused,) = told.refusals
    line = 1 + torn[: torn.index(b"</patientrole>")].count(b"\n")
    assert line == refused["source"]["line"]
    assert f"line {line}: " in refused["issues"][0]["cause"]


# what is no document -------------------------------------------------------


def test_files_that_are_no_documents_are_named(root, tmp_path):
    """In a folder and in an archive; the documents beside them are read."""
    others = {"CDA.xsl": b"<xsl/>", "deep/readme.txt": b"nothing", "scan.pdf": b"%PDF"}
    told = Written(tmp_path, [root], PLAIN, **others)
    assert sorted(others) == told.accounting["no_documents"]
    assert sorted(others) == [w["source"]["file"] for w in told.warnings if w["rule"] == "no-document"]
    assert 1 == len(told.accounting["files"])
    archive = tmp_path / "all.zip"
    with ZipFile(archive, "w") as packed:
        for path in (tmp_path / "in").rglob("*.*"):
            packed.write(path, path.relative_to(tmp_path / "in").as_posix())
    accounting = translate([archive], prepare(PLAIN, Settings(), MOMENT), tmp_path / "zipped")
    assert sorted(others) == accounting["no_documents"]


def test_a_folder_of_documents_only_has_nothing_to_name(root, tmp_path):
    told = Written(tmp_path, [root], PLAIN)
    assert "no_documents" not in told.accounting
    assert "no-document" not in {w["rule"] for w in told.warnings}


def test_the_command_counts_what_it_passed_over(root, tmp_path, capfdbinary):
    """On the terminal, so that nobody must look for it; not by their names, which may be those of people."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.xml").write_bytes(etree.tostring(root))
    (folder / "b.txt").write_bytes(b"no document")
    with pytest.raises(SystemExit):
        main(["translate", "--source", "ccda", "--out", str(tmp_path / "out"), str(folder)])
    assert b"1 file is no document: see warnings.ndjson" in capfdbinary.readouterr().out


# what a source may say ------------------------------------------------------


def test_a_social_security_number_is_written_only_where_the_source_says_so(root, tmp_path):
    """Neither the number nor its digits alone, anywhere, else; the person is the same."""
    role = root.find("v:recordTarget/v:patientRole", V3)
    role.insert(0, etree.fromstring(f'<id xmlns="{corpus.V3}" root="2.16.840.1.113883.4.1" extension="123-45-6789"/>'))
    never, written = Written(tmp_path / "a", [root], PLAIN), Written(tmp_path / "b", [root], source(ssn="written"))
    assert not re.search("123-?45-?6789", json.dumps(list(never.by_id.values())))
    (patient,) = (r for r in written.by_id.values() if r["resourceType"] == "Patient")
    assert {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "123-45-6789"} in patient["identifier"]
    assert never.by_id.keys() == written.by_id.keys()


def test_a_source_can_name_code_systems_of_its_own(root, tmp_path):
    """The table of its TOML is asked, before the OID stays an OID."""
    plain = Written(tmp_path / "a", [root], PLAIN)
    table = PLAIN.tables["systems"]
    own = replace(table, rows={**table.rows, "2.16.840.1.113883.6.96": ("http://example.org/own", "Own", "")})
    told = Written(tmp_path / "b", [root], replace(PLAIN, tables={**PLAIN.tables, "systems": own}))
    before, after = (json.dumps(list(w.by_id.values())) for w in (plain, told))
    assert "http://example.org/own" not in before
    assert '"http://snomed.info/sct"' in before
    assert "http://example.org/own" in after


@pytest.mark.parametrize("line", ['ids = "unstable"', 'ssn = "yes"', "ssn = true"])
def test_a_word_that_no_source_may_say_is_a_wrong_setting(tmp_path, line):
    folder = tmp_path / "profiles" / "sources"
    folder.mkdir(parents=True)
    shipped = shelf.find("profiles/sources/ccda.toml").read_text(encoding="utf-8")
    kept = [told for told in shipped.splitlines() if not told.startswith(line[:3])]
    (folder / "vendor.toml").write_text("\n".join([line, *kept]), encoding="utf-8")
    with pytest.raises(Usage, match=f"vendor.toml: {line[:3]} is not"):
        sources.load("vendor", tmp_path)
