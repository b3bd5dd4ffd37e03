"""The expectation files speak of the documents as they are: every section and entry once, nothing else."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from ccda import corpus, denominators

HERE = Path(__file__).resolve().parent

EXPECTED = sorted((HERE / "expected").glob("*.ndjson"))
FATES = {"fact", "merged", "refused", "narrative", "out of scope"}
# planned and goal entries of each corpus, moods other than EVN; documents of each kind
FIGURES = {
    "ms": (75, 6, {"whole": 22}),
    "ccda-examples": (125, 12, {"whole": 19, "stub": 10, "fragment": 192, "piece": 224, "refused": 1}),
    "vendor": (555, 34, {"whole": 66}),
    "synthea": (0, 0, {"whole": 30}),
}


def read(path):
    head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return head, lines


def references(value):
    """Paths that a subset points at."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "reference" and isinstance(inner, str) else references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.fixture(params=EXPECTED, ids=lambda p: p.stem)
def pair(request, corpora):
    head, lines = read(request.param)
    root = corpus.document(corpora / head["document"])
    assert (corpus.kind(corpus.parse(corpora / head["document"])) != "whole") == head["wrapped"]
    return root, lines


def test_every_section_and_entry_is_listed_once(pair):
    """None missing, none twice, none that the document does not hold."""
    root, lines = pair
    for part, elements in (("section", corpus.sections(root)), ("entry", corpus.statements(root))):
        listed = Counter(line["entry"] for line in lines if line["part"] == part)
        assert Counter(corpus.xpath(e) for e in elements) == listed


def test_paths_templates_and_moods_are_the_documents(pair):
    root, lines = pair
    for line in lines:
        element = corpus.find(root, line["entry"])
        assert element is not None, line["entry"]
        if line["part"] != "header":
            assert corpus.templates(element) == line["template"], line["entry"]
        if line["part"] == "entry":
            assert (element.get("moodCode") or "") == line["mood"], line["entry"]


def test_a_fate_says_what_it_must(pair):
    """A fact names resources and nothing else does; what is no fact says why; a link leads to a line with resources."""
    root, lines = pair
    facts = {line["entry"]: line["resources"] for line in lines if line["fate"] == "fact"}
    patient = f"{corpus.xpath(root)}/recordTarget[1]/patientRole[1]"  # the wrapper's own has no line
    for line in lines:
        assert line["fate"] in FATES
        assert (line["fate"] == "fact") == bool(line.get("resources")), line["entry"]
        assert line["fate"] == "fact" or line["why"], line["entry"]
        assert not {r for r in references(line.get("resources", [])) if r not in facts} - {patient}, line["entry"]


def test_no_planned_goal_or_concern_entry_is_lost(pair):
    """What has content is a fact or part of one, but for what is negated or hangs on a negated act."""
    root, lines = pair
    fates = {line["entry"]: line["fate"] for line in lines}
    for element in [*denominators.planned(root), *denominators.concerns(root)]:
        negated = any(a.get("negationInd") == "true" for a in [element, *element.iterancestors()])
        if denominators.has_content(element) and not negated:
            assert fates[corpus.xpath(element)] in {"fact", "merged"}, corpus.xpath(element)


def test_codes_and_dates_are_in_the_document(pair):
    """Every code and identifier value of an entry's subset stands in its document: none is invented or mistyped."""
    root, lines = pair
    said = {value.strip().casefold() for e in root.iter() if isinstance(e.tag, str) for value in e.attrib.values()}
    for line in lines:
        for system, code in codings(line.get("resources", [])) if line["part"] == "entry" else ():
            if "terminology.hl7.org" not in system and "/us/core/" not in system:
                assert code.removeprefix("urn:uuid:").removeprefix("urn:oid:").casefold() in said, (line["entry"], code)
        for date in dates(line.get("resources", [])):
            assert any(value.startswith(re.sub("[^0-9]", "", date)) for value in said), (line["entry"], date)


def dates(value):
    """Dates and times of a subset, to the minute and without their zone."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from dates(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from dates(inner)
    elif isinstance(value, str) and re.fullmatch(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}(T.*)?", value):
        yield value[:16]


def codings(value):
    """(system, code or value) of codings, quantities and identifiers."""
    if isinstance(value, dict):
        if "system" in value and (word := value.get("code") or value.get("value")):
            yield value["system"], str(word)
        for inner in value.values():
            yield from codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from codings(inner)


@pytest.mark.parametrize("name", FIGURES)
def test_the_denominators_are_those_of_record(name, corpora):
    planned, goals, kinds = FIGURES[name]
    figures = denominators.census(corpora, name)
    assert planned == denominators.total(figures, "planned")
    assert goals == denominators.total(figures, "goals")
    assert kinds == dict(Counter(f["kind"] for f in figures.values()))
