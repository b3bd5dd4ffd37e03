"""The picture of how fast documents are read shows the figures that are kept beside it."""

import json

from bench import documents, report


def test_the_kept_picture_is_of_the_kept_figures(tmp_path):
    """Whoever measures anew draws anew."""
    documents.draw(report.RESULTS / "documents.json", tmp_path / "documents.svg")

    assert (tmp_path / "documents.svg").read_bytes() == (report.RESULTS / "documents.svg").read_bytes()


def test_every_converter_has_its_bar_and_what_it_loses_is_said():
    told = json.loads((report.RESULTS / "documents.json").read_text(encoding="utf-8"))
    drawn = (report.RESULTS / "documents.svg").read_text(encoding="utf-8")

    rates = [way["rate"] for found in told["corpora"].values() for way in found.values() if isinstance(way, dict)]
    assert [] == [rate for rate in rates if f"{rate:,}" not in drawn]
    lost = [way["failed"] for found in told["corpora"].values() for way in found.values() if isinstance(way, dict)]
    assert [] == [count for count in lost if count and f" {count}" not in drawn]
