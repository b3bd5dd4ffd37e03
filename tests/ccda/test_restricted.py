"""A word of caution is on all that is made of what it is about: written into public documents at every level.

What is made of a section or an entry is found without asking how: it is what is gone, or says less, when that is taken
out of the document.
"""

from collections import Counter
from copy import deepcopy
from itertools import cycle

import pytest
from lxml import etree

from ccda import corpus
from ccda.written import V3, Written, source

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
OURS = "Unnamed sender of clinical documents"  # the deployment's own Organization: of no document
CODE = '<confidentialityCode xmlns="urn:hl7-org:v3" code="{}" codeSystem="2.16.840.1.113883.5.25"/>'
MARKS = {  # what is written into a place → what it means
    CODE.format("R"): "R",
    CODE.format("V"): "V",
    '<priorityCode xmlns="urn:hl7-org:v3" nullFlavor="MSK"/>': "R",
}
SAMPLES = "ms-fhir-converter/data/SampleData/Ccda"
DOCUMENTS = ["Care_Plan.ccda", "Consultation_Note.ccda", "Transfer_Summary.ccda", "C-CDA_R2-1_CCD.xml.ccda"]


def code_of(resource):
    """Its confidentiality, "" where it has none."""
    told = [c["code"] for c in resource.get("meta", {}).get("security", ()) if c["system"] == CONFIDENTIALITY]
    assert len(told) < 2
    return "".join(told)


def words(node, at=""):
    """(path, value) of all that a resource says itself: not its ids and labels, nor whom it refers to."""
    if isinstance(node, list):
        for child in node:
            yield from words(child, at)
    elif not isinstance(node, dict):
        yield at, node
    elif "reference" not in node and "reference" not in (node.get("valueReference") or ()):
        for name, child in node.items():
            if name not in {"meta", "id", "identifier"}:
                yield from words(child, f"{at}.{name}")


def derived(whole, less):
    """Ids of what says something that nothing of its kind would say if a part of the document were not there."""
    left = {}
    for r in less.by_id.values():
        left.setdefault(r["resourceType"], []).append(set(words(r)))
    return {
        id_ for id_, r in whole.by_id.items() if not any(set(words(r)) <= t for t in left.get(r["resourceType"], ()))
    }


def plain(corpora, name):
    """A document that says no word of caution anywhere."""
    root = corpus.document(corpora / SAMPLES / name)
    for e in list(root.iter(f"{{{corpus.V3}}}confidentialityCode")):
        e.getparent().remove(e)
    for e in root.xpath("//*[@nullFlavor='MSK']"):
        del e.attrib["nullFlavor"]
    return root


def marked(root, path, mark):
    again = deepcopy(root)
    corpus.find(again, path).append(etree.fromstring(mark))
    return again


def taken_out(root, path):
    again = deepcopy(root)
    at = corpus.find(again, path)
    above = at.getparent() if corpus.name(at) == "section" or len(at.getparent()) == 1 else at
    above.getparent().remove(above)
    return again


def places(root):
    """Sections, of words only too, and of each kind of entry (element, mood, template) the first."""
    seen = {}
    yield from map(corpus.xpath, corpus.sections(root))
    for e in corpus.statements(root):
        seen.setdefault((e.tag, e.get("moodCode"), tuple(corpus.templates(e))), corpus.xpath(e))
    yield from seen.values()


@pytest.fixture(params=DOCUMENTS)
def root(request, corpora):
    return plain(corpora, request.param)


@pytest.fixture
def write(tmp_path):
    runs = iter(range(1000))
    return lambda root: Written(tmp_path / str(next(runs)), [root], source())


@pytest.mark.parametrize("code", ["R", "V"])
def test_a_document_labels_everything(root, write, code):
    told = write(marked(root, "/ClinicalDocument", CODE.format(code)))
    assert len(told.by_id) > 10
    assert {code} == {code_of(r) for r in told.by_id.values() if r.get("name") != OURS}
    assert {code} == {code_of(r) for r in told.provenance}


def test_a_section_or_an_entry_labels_all_that_is_made_of_it(root, write, request):
    """R, V and a masked value by turns. The patient is as before: not everything is restricted by that."""
    marks, whole, met = cycle(MARKS.items()), write(root), 0
    for _ in range(DOCUMENTS.index(request.node.callspec.params["root"])):
        next(marks)  # so that no kind of place meets the same one in all documents
    for path, (mark, code) in zip(places(root), marks, strict=False):
        told = write(marked(root, path, mark))
        due = derived(whole, write(taken_out(root, path)))
        left = {(r["resourceType"], id_) for id_, r in told.by_id.items() if id_ in due and code_of(r) != code}
        assert set() == left, path
        met += len(due)
        assert {""} == {code_of(r) for r in told.by_id.values() if r["resourceType"] == "Patient"}
    assert met > 20


def test_what_is_told_twice_is_as_restricted_as_the_most_restricted(root, write):
    """A section once more, with a word of caution on the copy only. Who wrote it is no secret by that."""
    section = max(corpus.sections(root), key=lambda s: len(corpus.kids(s, "entry")))
    whole = write(root)
    own = {
        id_ for id_ in derived(whole, write(taken_out(root, corpus.xpath(section)))) if "subject" in whole.by_id[id_]
    }
    component = deepcopy(section.getparent())
    section.getparent().addnext(component)
    component[0].append(etree.fromstring(CODE.format("R")))
    told = write(root)
    assert own <= told.by_id.keys()
    assert {"R"} == {code_of(told.by_id[id_]) for id_ in own}


def test_documents_that_say_so_themselves_are_labelled(corpora, tmp_path):
    """18 of the corpora: 13 V and 4 R of the vendors, one V of Microsoft."""
    found = Counter()
    for path in (p for name in ("ms", "vendor") for p in corpus.files(corpora, name)):
        root = corpus.document(path)
        said = root.find("v:confidentialityCode", V3)
        if said is not None and said.get("code") in {"R", "V"}:
            found[said.get("code")] += 1
            told = Written(tmp_path / f"{found.total()}", [root], source())
            assert {said.get("code")} == {code_of(r) for r in told.by_id.values() if r.get("name") != OURS}, path.name
    assert {"V": 14, "R": 4} == found
