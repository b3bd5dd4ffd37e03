"""The committed tables are what their script makes, small enough to ship, and read a type at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nowrongdoor.checks.tables import Tables

FHIR = Path(__file__).parents[2] / "profiles" / "fhir"
TABLES = FHIR / "tables"


def test_the_committed_tables_are_what_their_script_makes():
    for variable in ("NWD_FHIR_CORE", "NWD_CORPORA"):
        if variable not in os.environ:
            pytest.skip(f"{variable} is not set: what the tables are made from")
    given = [os.environ["NWD_FHIR_CORE"], str(Path(os.environ["NWD_CORPORA"]) / "us-core")]
    made = subprocess.run(
        [sys.executable, FHIR / "build", *given, "--check"], capture_output=True, text=True, check=False
    )
    assert (0, "") == (made.returncode, made.stderr)
    assert 5 == len(made.stdout.splitlines())


def test_the_tables_are_small():
    size = {path.stem: path.stat().st_size for path in TABLES.glob("*.zip")}
    assert {"r4", "us-core@6.1.0", "us-core@7.0.0", "us-core@8.0.0", "nowrongdoor"} == set(size)
    assert 1 << 20 > size["r4"] + size["us-core@6.1.0"] + size["nowrongdoor"]
    assert 2 << 20 > size["us-core@7.0.0"] + size["us-core@8.0.0"]


def test_one_type_is_read_without_the_others():
    tables = Tables(TABLES)
    found = tables.definitions(["Goal"])
    assert {"Goal", "Goal.target", "Annotation", "Extension"} < set(found)
    assert "Patient" not in found
    assert 200 > len(found) < len(tables.definitions(tables.types)) / 4
