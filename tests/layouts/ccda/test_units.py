"""Units: UCUM's own, and words that vendors write in their place."""

import pytest

from nowrongdoor.layouts.ccda.units import ucum

UCUM = ["mg", "g/dL", "/min", "mm[Hg]", "kg/m2", "10*3/uL", "10*12/L", "[in_i]", "[degF]", "%", "{tbl}", "mL/min", "1",
        "m[IU]/L", "mg/{actuat}", "[IU]", "mEq/L".replace("E", "e"), "ug/kg/h", "cm2", "mo", "10.mL"]  # fmt: skip
WORDS = ["tablet", "Tablet", "cap(s)", "Puffs", "mcg", "mg/3ml", "G/DL", "PG", "in", "lbs", "C", "Units", "kg/m²",
         "mg/actuat", "milliLiter(s)", "UNK", "K/uL", "mg tablet", "", "/", "mg/", "{a b}", "2 mg"]  # fmt: skip


@pytest.mark.parametrize("unit", UCUM)
def test_a_unit_of_ucum(unit):
    assert ucum(unit)


@pytest.mark.parametrize("unit", WORDS)
def test_a_word_is_no_unit(unit):
    """Nor is a code of UCUM in other letters, or one that UCUM has not."""
    assert not ucum(unit)
