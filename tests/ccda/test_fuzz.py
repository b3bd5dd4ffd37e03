"""Spoiled documents: nothing gets past the route, takes long, or is lost."""

import os

from ccda import fuzz

SECONDS = float(os.environ.get("NWD_FUZZ", "6"))  # .ci/run says 60
SEED = 20260107


def test_spoiled_documents_harm_nothing(corpora, capsys):
    """Most are still read: what is spoiled is one thing or a few."""
    found = fuzz.run(corpora, SEED, seconds=SECONDS)
    with capsys.disabled():
        print(f"\n{found.documents} spoiled documents, the slowest {found.slowest:.2f} s; refused: {dict(found.rules)}")
    assert [] == found.wrong
    assert found.documents > 50
    assert found.made["DocumentReference"] > found.documents / 2
    assert {"xml", "ccda-patient"} <= found.rules.keys()


def test_one_seed_spoils_the_same_documents(corpora):
    one, again = fuzz.Spoiler(corpora, 7), fuzz.Spoiler(corpora, 7)
    assert [one.next() for _ in range(30)] == [again.next() for _ in range(30)]


def test_what_must_not_be_is_seen(corpora, monkeypatch):
    """A fault of ours, a lost entry, and a slow document are each told."""
    monkeypatch.setattr(fuzz, "SLOW", 0.0)
    monkeypatch.setattr(fuzz.documents.layouts, "document", lambda _: None)
    slow_and_faulty = fuzz.run(corpora, 7, documents_=3)
    assert any("a fault inside" in told for told in slow_and_faulty.wrong)
    assert any(told.endswith(" s") for told in slow_and_faulty.wrong)
    monkeypatch.setattr(fuzz, "settle", lambda *_: None)
    assert any("not balanced" in told for told in fuzz.run(corpora, 7, documents_=1).wrong)
