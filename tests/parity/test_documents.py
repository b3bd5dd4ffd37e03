"""HL7's validator over all that public documents and tables become: no error, and nothing that it did not look at."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from lxml import etree

from ccda import corpus
from nowrongdoor import sources
from nowrongdoor.flow import prepare, take_in
from nowrongdoor.flow.folder import Folder
from nowrongdoor.settings import Settings
from servers.validator import Asked

pytestmark = pytest.mark.live

MOMENT = datetime(2026, 1, 7, 12, tzinfo=UTC)
US_CORE = ("us-core@6.1.0", "us-core@7.0.0", "us-core@8.0.0")
LEAST = {"ms": 300, "ccda-examples": 700, "vendor": 1500, "synthea": 1000}  # resources: fewer were looked at by mistake


class Seen(Folder):
    """A folder that remembers what was written there."""

    def __init__(self, path, run):
        super().__init__(path, run)
        self.resources = []

    def keep(self, draft, person):
        self.resources.append(draft.resource)
        return super().keep(draft, person)


def alone(corpora, name, folder):
    """(file, resource) of every document of a corpus by itself, HL7's fragments inside a header of ours.

    Alone, for vendors' samples share the numbers of a few invented patients, and contradict one another.
    """
    source = sources.load("ccda")
    for path in corpus.files(corpora, name):
        try:
            tree = corpus.document(path)
        except etree.XMLSyntaxError:
            continue
        if tree is None:
            continue
        (folder / "document.xml").write_bytes(etree.tostring(tree, encoding="UTF-8"))
        run = prepare(source, Settings(), MOMENT)
        out = Seen(folder, run)
        try:
            take_in([folder / "document.xml"], run, out)
        finally:
            out.close()
        yield from ((path.name, resource) for resource in out.resources)


@pytest.mark.parametrize("name", corpus.CORPORA)
def test_documents_become_what_the_validator_accepts(judge, corpora, name, tmp_path):
    made = list(alone(corpora, name, tmp_path))
    assert len(made) >= LEAST[name]
    assert {} == refused(judge, made)


def test_tables_become_what_the_validator_accepts(judge, corpora, tmp_path):
    """Nobody here wrote them: states by their names, and more that no county writes."""
    run = prepare(sources.load("synthea"), Settings(), MOMENT)
    files = [corpora / "synthea-ca/csv" / f"{name}.csv" for name in ("patients", "careplans", "conditions")]
    out = Seen(tmp_path, run)
    try:
        take_in(files, run, out)
    finally:
        out.close()
    assert len(out.resources) >= 800
    assert {} == refused(judge, [("csv", resource) for resource in out.resources])


def refused(judge, made):
    """What it says against R4, each US Core and ours; a profile that it does not know counts as an error."""
    return Counter(
        (version, resource["resourceType"], re.sub(r"\[\d+\]", "", one.location), one.text[:120], file)
        for version in US_CORE
        for (file, resource), told in zip(made, judge.check(Asked(r, version) for _, r in made), strict=True)
        for one in told
        if one.error or one.unknown_profile
    )
