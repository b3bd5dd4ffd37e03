"""The public documents through the whole route: a bundle or a typed refusal each, and nothing lost.

Vendors' samples share the test numbers of a few invented patients, so a folder of them holds people who are stated in
two ways. What is counted of their entries is therefore counted document by document, as if each came alone.
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from ccda import corpus, denominators
from nowrongdoor import shelf, sources
from nowrongdoor.checks import Checker
from nowrongdoor.flow import prepare, take_in
from nowrongdoor.flow.folder import Folder, translate
from nowrongdoor.settings import Settings

HERE = Path(__file__).resolve().parent

MOMENT = datetime(2026, 1, 7, 12, tzinfo=UTC)
FATES = ("written", "merged", "refused", "noise", "narrative", "out_of_scope")
REFERENCE = re.compile(r'"reference":"([^"]+)"')
REFUSED = {
    "ccda-examples": {"ccda-root": 229, "xml": 198}
}  # its fragments: pieces to paste, and with prefixes undeclared
SAID = {"refusals", "warnings"}


def run():
    return prepare(sources.load("ccda"), Settings(), MOMENT)


def lines(folder):
    """By file, the lines of what was written there."""
    return {p.stem: p.read_text(encoding="utf-8").splitlines() for p in sorted(folder.glob("*.ndjson"))}


@pytest.fixture(scope="module", params=corpus.CORPORA)
def told(request, corpora, tmp_path_factory):
    """(name, folder of documents, accounting, lines by file) of a corpus translated whole."""
    out = tmp_path_factory.mktemp(request.param) / "out"
    folder = corpora / corpus.CORPORA[request.param]
    accounting = translate([folder], run(), out)
    return request.param, folder, accounting, lines(out)


def test_every_entry_has_a_fate(told):
    """By the route's own count and by an independent walk of the trees."""
    name, folder, accounting, _ = told
    assert accounting["balanced"]
    assert all(f["read"] == sum(f[fate] for fate in FATES) for f in accounting["files"])
    by_file = {f["file"]: f["read"] for f in accounting["files"]}
    for path in corpus.files(folder.parents[len(Path(corpus.CORPORA[name]).parts) - 1], name):
        try:
            root = etree.parse(str(path)).getroot()
        except etree.XMLSyntaxError:
            entries = 0
        else:
            whole = root.tag == f"{{{corpus.V3}}}ClinicalDocument" and corpus.kids(root, "recordTarget")
            entries = len(list(corpus.statements(root))) if whole else 0
        assert entries + 1 == by_file[path.relative_to(folder).as_posix()], path.name


def test_a_document_is_refused_for_a_typed_reason(told):
    """Never for a fault of ours."""
    name, *_, written = told
    refused = [json.loads(line) for line in written["refusals"]]
    whole = Counter(r["issues"][0]["rule"] for r in refused if not r["source"]["path"])
    assert REFUSED.get(name, {}) == whole


def test_all_that_is_written_is_valid_and_points_at_what_is_written(told):
    check = Checker(shelf.find("profiles/fhir/tables"))
    written = {n: told_ for n, told_ in told[3].items() if n not in SAID}
    ids = {f"{n}/{json.loads(line)['id']}" for n, told_ in written.items() for line in told_}
    assert sum(map(len, written.values())) == len(ids)
    assert set() == {r for told_ in written.values() for line in told_ for r in REFERENCE.findall(line)} - ids
    errors = [i for told_ in written.values() for line in told_ for i in check.issues(json.loads(line))]
    assert [] == [i for i in errors if i.severity == "error"]


def test_a_second_run_is_the_same_to_the_byte(told, tmp_path):
    _, folder, accounting, written = told
    assert accounting == translate([folder], run(), tmp_path / "out")
    assert written == lines(tmp_path / "out")


class Alone(Folder):
    """One document, and where each fate fell."""

    def __init__(self, path, under):
        super().__init__(path, under)
        self.made = []

    def keep(self, draft, person):
        self.made.append(draft)
        return super().keep(draft, person)


def alone(path, tmp_path):
    """(XPath of each entry that was lost or is only told of, drafts) of one document by itself."""
    under = run()
    out = Alone(tmp_path, under)
    inputs, tally = take_in([path], under, out)
    out.close()
    assert tally.balanced
    (item,) = inputs
    paths = [row.raw[0] for row in item.found.rows()]
    fates = dict(zip(paths, (f.name for f in tally.fates(item.number)), strict=True))
    return fates, out.made


@pytest.mark.parametrize("name", ["ms", "vendor", "ccda-examples"])
def test_planned_goal_and_concern_entries_are_written(corpora, name, tmp_path, capsys):
    """At least 95 % of those with content that are not denied are facts, or part of one, and got past the checker."""
    counted, words = Counter(), 0
    for path in corpus.files(corpora, name):
        try:
            root = etree.parse(str(path)).getroot()
        except etree.XMLSyntaxError:
            continue
        if root.tag != f"{{{corpus.V3}}}ClinicalDocument" or not corpus.kids(root, "recordTarget"):
            continue
        fates, made = alone(path, tmp_path)
        for e in (*denominators.planned(root), *denominators.concerns(root)):
            if denominators.has_content(e) and not any(a.get("negationInd") == "true" for a in (e, *e.iterancestors())):
                counted[fates[corpus.xpath(e)] in {"WRITTEN", "MERGED"}] += 1
        asked = [d.resource for d in made if d.key.kind in {"goal", "service", "condition"}]
        words += sum("coding" not in (r.get("code") or r.get("description")) for r in asked)
    with capsys.disabled():
        print(f"\n{name}: {counted[True]} of {counted.total()} written; {words} resources are words only")
    assert counted.total() > 50
    assert counted[True] >= 0.95 * counted.total()
