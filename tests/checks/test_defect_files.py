"""Defects written out as files, each a small resource with exactly one: caught at its element, and nothing else said.

`defects/index.csv` says what is expected, by reading R4 and US Core: `refused` (an error), `warned` (against best
practice, which R4 allows: no error) or `valid`. `rule` is there where R4 or US Core names the invariant; `[x]` stands
for any type of a choice.
"""

import csv
from pathlib import Path

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

DEFECTS = Path(__file__).with_name("defects")
with (DEFECTS / "index.csv").open(encoding="utf-8", newline="") as index:
    ROWS = list(csv.DictReader(index))
GROUPS = {"valid": 4, "base": 41, "invariants": 12, "profile": 6, "warning": 1, "edge": 1}


def of(*verdicts):
    return pytest.mark.parametrize("row", [r for r in ROWS if r["verdict"] in verdicts], ids=lambda r: r["file"])


def resource(row):
    return orjson.loads((DEFECTS / row["file"]).read_bytes())


def found(checker, row, severity):
    return [(i.rule, i.column) for i in checker.issues(resource(row)) if i.severity == severity]


def at(place, element):
    """The element itself or what is in it; or what holds it, where the element is missing or one too many."""
    return place == element.rpartition(".")[0] or place.startswith(element.removesuffix("[x]"))


@of("refused")
def test_a_defect_is_refused_at_its_element_and_nothing_else_is(checker, row):
    errors = found(checker, row, "error")
    assert errors
    assert [] == [place for _, place in errors if not at(place, row["element"])]
    assert row["rule"] in {"", *(rule for rule, _ in errors)}


@of("valid", "warned")
def test_what_is_right_passes(checker, row):
    assert [] == found(checker, row, "error")


@of("valid")
def test_the_second_opinion_accepts_what_is_right(row):
    """The classes of fhir.resources, which know nothing of our tables."""
    one = resource(row)
    assert get_fhir_model_class(one["resourceType"]).model_validate(one)


def test_every_file_is_in_the_index_and_no_group_lost_one():
    files = {p.relative_to(DEFECTS).as_posix() for p in DEFECTS.rglob("*.json")}
    assert files == {r["file"] for r in ROWS}
    assert GROUPS == {g: sum(f.startswith(f"{g}/") for f in files) for g in GROUPS}
