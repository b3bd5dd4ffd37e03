"""What documents become is what was expected of them before there was any code: no less, and no more."""

import base64
import json
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from ccda import corpus, denominators
from ccda.matching import Comparison, fates
from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda import statements

HERE = Path(__file__).resolve().parent

EXPECTED = sorted((HERE / "expected").glob("*.ndjson"))


class Source:
    """The shipped source: nothing is known of the vendor."""

    name, part2, programmes, options, timezone = "ccda", False, {}, {}, "UTC"

    def has_code(self, _):
        return False


def read(path):
    """A public document, wrapped if it is a piece, as the route would read it; None for what no header makes one."""
    root = corpus.document(path)
    return None if root is None else statements(xml.parse(etree.tostring(root)), Source(), 0)


@pytest.fixture(params=EXPECTED, ids=lambda p: p.stem)
def pair(request, corpora):
    head, *lines = [json.loads(line) for line in request.param.read_text(encoding="utf-8").splitlines()]
    return head, lines, read(corpora / head["document"])


def test_precision_and_recall_are_one(pair, capsys):
    """Each expected resource has one of its own, and no further one of the listed types is made."""
    head, lines, document = pair
    told = Comparison(lines, document, wrapped=head["wrapped"])
    with capsys.disabled():
        print(f"\n{head['document'].rpartition('/')[2]}: recall {told.recall:.3f}, precision {told.precision:.3f}")
    assert [] == [f"{w.place} {w.resource['resourceType']}: {why}" for w, why in told.missing]
    assert [] == [f"{m.place} {json.dumps(m.resource)[:300]}" for m in told.extra]


def test_every_entry_has_the_fate_that_was_expected(pair):
    _, lines, document = pair
    assert [] == list(fates(document, lines))


def test_labels_are_on_everything(pair):
    head, _, document = pair
    assert all(set(head["labels"]) <= set(f.labels) for f in document.facts)


def test_what_must_never_be_written_is_not(pair):
    """Nor inside the words that are kept as base64."""
    head, _, document = pair
    texts = [f.resource for f in document.facts]
    texts += [base64.b64decode(d).decode("utf-8", "replace") for t in texts for d in _data(json.loads(t))]
    assert [] == [(word, t[:80]) for word in head["never"] for t in texts if word in t]


# all corpora --------------------------------------------------------------


def every(corpora, name):
    """(path, root as the route reads it, what it became) of each document of a corpus; others are refused or pieces."""
    for path in corpus.files(corpora, name):
        try:
            root = corpus.document(path)
        except etree.XMLSyntaxError:
            continue
        if root is not None:
            root = xml.parse(etree.tostring(root))
            yield path, root, statements(root, Source(), 0)


@pytest.fixture(scope="module", params=corpus.CORPORA)
def whole(request, corpora):
    return request.param, list(every(corpora, request.param))


def test_every_entry_is_accounted_for_once(whole):
    """Its place is the one that an independent walk finds, and it has one fate."""
    for path, root, document in whole[1]:
        assert [corpus.xpath(e) for e in corpus.statements(root)] == list(document.entries[1:]), path.name
        told = Counter(t.origin.row for t in document.told) + Counter(r.origin.row for r in document.refused)
        stated = {f.origin.row for f in document.facts}
        assert set(told.values()) <= {1}, path.name
        assert set(range(2, len(document.entries) + 1)) == told.keys() | stated - {1}, path.name
        assert not told.keys() & stated, path.name


def test_keys_are_unique_and_references_lead_somewhere(whole):
    for path, _, document in whole[1]:
        keys = [f"{f.kind}:{f.id}" for f in document.facts]
        assert len(set(keys)) == len(keys), path.name
        led = {r for f in document.facts for r in _references(json.loads(f.resource))}
        assert set() == led - set(keys), path.name


def test_what_is_planned_or_worried_about_is_not_lost(whole, capsys):
    """At least 95 % of what has content and is not denied becomes a fact or part of one (denominators.py)."""
    name, documents = whole
    fates, words = Counter(), 0
    for _, root, document in documents:
        lost = {document.entries[r.origin.row - 1] for r in (*document.refused, *document.told)}
        lost -= {document.entries[t.origin.row - 1] for t in document.told if t.fate.name == "MERGED"}
        for e in (*denominators.planned(root), *denominators.concerns(root)):
            if denominators.has_content(e) and not any(a.get("negationInd") == "true" for a in (e, *e.iterancestors())):
                fates[corpus.xpath(e) not in lost] += 1
        made = [json.loads(f.resource) for f in document.facts if f.kind in {"goal", "service", "condition"}]
        words += sum("coding" not in (r.get("code") or r.get("description")) for r in made)
    with capsys.disabled():
        print(f"\n{name}: {fates[True]} of {fates.total()} are facts or part of one; {words} facts are words only")
    assert fates[True] >= 0.95 * fates.total()


def test_a_second_reading_says_the_same(whole):
    """Byte for byte."""
    for path, root, document in whole[1]:
        again = statements(root, Source(), 0)
        assert (again.facts, again.told, again.warnings) == (document.facts, document.told, document.warnings), (
            path.name
        )


def _references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "reference" and isinstance(inner, str) else _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _data(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "data" and isinstance(inner, str) else _data(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _data(inner)
