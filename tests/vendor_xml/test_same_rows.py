"""An export in XML states what the same export in CSV states: a file format changes nothing that comes after it."""

import json
import random
import re

import pytest

from nowrongdoor import sources
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.flow.run import expected
from nowrongdoor.settings import Settings
from vendor_xml.exports import MOMENT, ROOT, SOURCE, TABLES, one, rows, source, written


@pytest.fixture(scope="module")
def from_csv(tmp_path_factory):
    return said(tmp_path_factory.mktemp("csv"), None, sorted((ROOT / "fixtures" / SOURCE / "in").iterdir()))


def said(folder, workspace, paths):
    """What a translation writes: resources but for Provenance, which names the file; and what refused and warned."""
    run = prepare(source(SOURCE, workspace) if workspace else source_of_csv(), Settings(), MOMENT)
    accounting = translate(paths, run, folder / "out")
    assert accounting["balanced"]
    lines = {f.stem: f.read_text(encoding="utf-8").splitlines() for f in (folder / "out").glob("*.ndjson")}
    told = [json.loads(line) for name in ("refusals", "warnings") for line in lines.pop(name)]
    rules = sorted(i["rule"] for t in told for i in t.get("issues", [t]))
    lines.pop("Provenance")
    return lines, [rule for rule in rules if rule not in {"D12", "D15", "D17", "new-column"}], accounting


def source_of_csv():
    return sources.load(SOURCE)


def test_the_same_rows_in_xml_are_the_same_resources(from_csv, tmp_path):
    """Four tables in one file, dirty cells and all; only rows that no CSV reader can split are not there."""
    path = tmp_path / "export.xml"
    path.write_text(written(), encoding="utf-8", newline="\n")
    resources, rules, accounting = said(tmp_path, tmp_path, [path])
    assert from_csv[0] == resources
    assert from_csv[1] == rules
    assert set(TABLES) == {f["table"] for f in accounting["files"]}


def test_an_empty_element_and_none_at_all_say_the_same(from_csv, tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(written(blanks=False), encoding="utf-8", newline="\n")
    assert from_csv[0] == said(tmp_path, tmp_path, [path])[0]


def test_a_file_for_each_table_and_rows_in_any_order_change_no_byte(from_csv, tmp_path):
    """The source does not care in which file its records stand."""
    paths = []
    for table, record in TABLES.items():
        header, lines = rows(table)
        random.Random(4).shuffle(lines)
        text = "".join(one(record, list(zip(header, cells, strict=True))) for cells in lines)
        paths.append(tmp_path / f"{table}.xml")
        paths[-1].write_text(f"<Other>{text}</Other>", encoding="utf-8")
    assert from_csv[0] == said(tmp_path, tmp_path, paths[::-1])[0]


def test_a_new_element_is_told_once_and_an_ignored_one_is_not(tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(written().replace("<LastName>", "<Nick>x</Nick><LastName>"), encoding="utf-8")
    said(tmp_path, tmp_path, [path])
    told = [json.loads(x) for x in (tmp_path / "out" / "warnings.ndjson").read_text(encoding="utf-8").splitlines()]
    new = [(t["source"]["sheet"], t["text"]) for t in told if t["rule"] == "new-column"]
    assert [("Client", "Nick")] == new  # the source ignores RoomKeyNbr


def test_a_label_under_a_new_name_is_not_read_as_no_label(tmp_path):
    """XML leaves out what is empty: a column that decides what may leave is missing only where nothing may be it."""
    text = re.sub("(</?)ConfLevel(>)", r"\1Restricted\2", written(blanks=False))
    path = tmp_path / "export.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Stop, match=r"no record of clients says ConfLevel, and there is Restricted.*add it to ignored"):
        said(tmp_path, tmp_path, [path])


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('clients = "//Client"', r"records.clients is not what belongs there"),
        ('clients = "Client[@x]"', r"records.clients is not what belongs there"),
        ('clients = ["Client", 3]', r"records.clients is not what belongs there"),
        ('people = "Client"', r"\[records\] people is not in layout county_ehr"),
    ],
)
def test_a_source_that_names_its_records_wrongly_does_not_load(tmp_path, line, cause):
    """Paths are names of elements, no expressions; tables are the layout's."""
    path = tmp_path / "export.xml"
    path.write_text(written(), encoding="utf-8")
    source(SOURCE, tmp_path)
    toml = tmp_path / "profiles" / "sources" / "xml-county.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('clients = "Client"\n', line + "\n"), encoding="utf-8")
    with pytest.raises(Usage, match=cause):
        expected(sources.load("xml-county", tmp_path))
