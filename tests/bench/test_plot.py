"""The picture in the README shows the figures that are kept beside it."""

import json

from bench import plot, report


def test_the_kept_picture_is_of_the_kept_figures(tmp_path):
    """Whoever measures anew draws anew."""
    plot.draw(report.RESULTS / "route.json", tmp_path / "route.svg")

    assert (tmp_path / "route.svg").read_bytes() == (report.RESULTS / "route.svg").read_bytes()


def test_every_way_and_every_checker_has_its_bar():
    told = json.loads((report.RESULTS / "route.json").read_text(encoding="utf-8"))
    drawn = (report.RESULTS / "route.svg").read_text(encoding="utf-8")

    rates = [way["rate"] for kind in ("route", "checkers") for way in told[kind].values() if isinstance(way, dict)]
    assert [] == [rate for rate in rates if f"{rate:,}" not in drawn]
