"""HL7's validator over all that public clinical documents become: no error, and nothing that it did not look at."""

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
    """Against R4, US Core 6.1.0 and ours; a profile that it does not know counts as an error."""
    made = list(alone(corpora, name, tmp_path))
    assert len(made) >= LEAST[name]
    said = judge.check(Asked(resource, "us-core@6.1.0") for _, resource in made)
    wrong = Counter(
        (resource["resourceType"], re.sub(r"\[\d+\]", "", one.location), one.text[:120], file)
        for (file, resource), told in zip(made, said, strict=True)
        for one in told
        if one.error or one.unknown_profile
    )
    assert {} == wrong
