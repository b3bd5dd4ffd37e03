"""The bench compares like with like."""

from collections import Counter

import pytest

from bench import county, measure


@pytest.mark.parametrize("way", ["naive", "unchecked"])
def test_both_ways_say_the_same(tmp_path, way):
    """Every resource, Provenance too, to the byte of canonical JSON: else the ratio would say nothing."""
    county.write(tmp_path / "in", 40)
    measure.route(tmp_path / "in", tmp_path / "route")
    measure.WAYS[way](tmp_path / "in", tmp_path / way)
    same, different = measure.compare(tmp_path / "route", tmp_path / way)
    assert Counter() == different
    assert {
        "Patient": 40,
        "Consent": 40,
        "CarePlan": 10,
        "ServiceRequest": 50,
        "Provenance": 40,
    }.items() <= same.items()
