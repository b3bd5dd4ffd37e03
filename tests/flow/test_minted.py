"""What proves that a source mints ids, and what may be chance."""

import json

import pytest

from nowrongdoor.flow.minted import proof
from nowrongdoor.model import Origin, Stated


def document(file, *entries, kind="goal", named=True):
    """Facts of one document: (key, what it says)."""
    told = []
    for row, (key, words) in enumerate(entries, 2):
        resource = {"identifier": [{"value": key}]} if named else {}
        resource |= {"description": {"text": words}, "addresses": [{"reference": f"condition:{key}"}]}
        text = json.dumps(resource, separators=(",", ":"))
        told.append(Stated(key, "P-1", Origin(file, row, row, row, 0), False, (), "2026-01-01", kind, text))
    return told


ONE = document(0, ("a", "walk"), ("b", "sleep"), ("c", "eat"))


def test_the_same_words_under_other_ids_prove_it():
    """Apart from its own id and those that it refers to, each says what one of the other document says."""
    other = document(1, ("d", "walk"), ("e", "sleep"), ("f", "eat"))
    seen = proof([*ONE, *other], {0, 1})
    assert seen is not None
    assert seen in ONE
    assert proof([*ONE, *other], {1}) in other


@pytest.mark.parametrize(
    "other",
    [
        document(1, ("a", "walk"), ("e", "sleep"), ("f", "eat")),
        document(1, ("d", "walk"), ("e", "read")),
        document(1, ("d", "walk"), ("e", "sleep"), *((f"x{n}", f"{n}") for n in range(5))),
        document(1, ("d", "walk"), ("e", "sleep"), ("f", "eat"), named=False),
        document(1, ("d", "walk"), ("e", "sleep"), ("f", "eat"), kind="document"),
        document(0, ("d", "walk"), ("e", "sleep"), ("f", "eat")),
        [],
    ],
    ids=["an id lasts", "one alike", "few alike", "no ids", "no entries", "one document", "alone"],
)
def test_what_proves_nothing(other):
    assert proof([*ONE, *other], {1}) is None


def test_a_document_of_before_is_not_spoken_of():
    """A warning needs a file of this run to stand at."""
    assert proof([*ONE, *document(1, ("d", "walk"), ("e", "sleep"))], {7}) is None
