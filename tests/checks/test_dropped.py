"""Each constraint of the shipped schemas is there for a reason: dropped in turn, each changes some verdict."""

import os
from pathlib import Path

import pytest

from checks.constraints import Constraint, constraints, without
from checks.dropping import Dropping
from checks.written import VERSIONS, Written


@pytest.mark.parametrize("version", VERSIONS)
def test_no_constraint_survives(version):
    """With 6.1.0 the 10 000 constraints of base R4, US Core and ours; with a later one the 440 that it states."""
    if missing := {"NWD_FHIR_CORE", "NWD_CORPORA"} - os.environ.keys():
        pytest.skip(f"{' and '.join(sorted(missing))} not set: the packages that valid resources are made from")
    written = Written(Path(os.environ["NWD_FHIR_CORE"]), Path(os.environ["NWD_CORPORA"]) / "us-core", version)
    assert [] == written.survivors(written.names)


SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"const": "x"}},
    "required": ["a"],
    "allOf": [{"if": {"required": ["b"]}, "then": {"properties": {"a": {"maximum": 5}}}}],
}


def test_every_keyword_and_each_name_counts():
    assert [
        "/type",
        "/properties/a/type",
        "/properties/a/minimum",
        "/properties/b/const",
        "/required a",
        "/allOf/0/if/required b",
        "/allOf/0/then/properties/a/maximum",
    ] == [str(one) for one in constraints(SCHEMA)]


def test_a_constraint_is_taken_away_and_nothing_else():
    less = without(SCHEMA, Constraint(("allOf", 0, "then", "properties", "a"), "maximum"))
    assert {**SCHEMA, "allOf": [{"if": {"required": ["b"]}, "then": {"properties": {"a": {}}}}]} == less


def test_a_constraint_that_another_one_implies_survives():
    """Else 0 survivors would mean nothing."""
    schema = {**SCHEMA, "minProperties": 1}
    dropping = Dropping({"A": schema}, [({"a": 3}, ("A",)), ({"a": 3, "b": "x"}, ("A",))])
    assert ["/minProperties"] == [str(one) for one in dropping.survivors("A")]
