"""The committed tables are what their script makes, small enough to ship, and read a type at a time."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nowrongdoor.checks import Checker
from nowrongdoor.checks.schemas import Schemas
from nowrongdoor.checks.tables import Tables
from nowrongdoor.errors import Stop

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


@pytest.fixture
def damaged(tmp_path):
    """The tables, one member of one of them being other than it should."""

    def make(package, member, content):
        for path in TABLES.glob("*.zip"):
            shutil.copy(path, tmp_path)
        with (
            zipfile.ZipFile(TABLES / f"{package}.zip") as whole,
            zipfile.ZipFile(tmp_path / f"{package}.zip", "w") as made,
        ):
            for name in whole.namelist():
                made.writestr(name, content if name == member else whole.read(name))
        return tmp_path

    return make


def look(folder, *resources):
    """By the quick look of a route, and by the thorough one."""
    for checker in (Checker(folder), Checker(folder, thorough=True)):
        checker.quick(resources)
        for one in resources:
            checker.issues(one)


OURS = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/nwd-goal"


@pytest.mark.parametrize(
    ("package", "member", "content"),
    [
        ("r4", "definitions/Goal.json", b""),
        ("r4", "definitions/Goal.json", b'{"type": "obj'),
        ("r4", "definitions/Goal.json", b"[]"),
        ("r4", "definitions/Goal.json", b'{"type": "nonsense"}'),
        ("r4", "definitions/Goal.target.json", b'{"pattern": "["}'),
        ("r4", "definitions/Goal.json", b'{"ordered": 5}'),
        ("r4", "index.json", b'{"types": 5, "profiles": {}}'),
        ("r4", "index.json", b'{"types": [], "profiles": {"x": {}}}'),
        ("r4", "index.json", b'{"types": [], "profiles": {"x": 5}}'),
        ("r4", "index.json", b'{"types": [], "profiles": []}'),
        ("r4", "systems.json", b'{"x": 5}'),
        ("r4", "rules/List.json", b"{}"),
        ("nowrongdoor", "first.json", b"{}"),
        (
            "nowrongdoor",
            "first.json",
            f'{{"profiles": {{"Goal": "{OURS}"}}, "schema": {{"type": "nonsense"}}}}'.encode(),
        ),
        ("nowrongdoor", "definitions/nwd-goal@{}.json", b"5"),
    ],
)
def test_a_damaged_table_is_named_and_no_resource_is_blamed(damaged, valid, package, member, content):
    goal = valid["Goal"] | {"meta": {**valid["Goal"]["meta"], "profile": [OURS]}}
    told = {"resourceType": "List", "status": "current", "mode": "working"}
    folder = damaged(package, member.format(Tables(TABLES).profiles[OURS].version), content)
    with pytest.raises(Stop, match=f"{package}.zip") as stopped:
        look(folder, goal, told)
    assert stopped.value.cure


def test_no_message_of_the_engine_holds_a_value():
    """None is shown; but a trace of what went wrong in the engine may end in a log."""
    validator = Schemas(Tables(TABLES)).named("Patient")
    wrong = {"resourceType": "Patient", "gender": "Testperson", "birthDate": "Testperson", "name": "Testperson"}
    found = list(validator.iter_errors(wrong))
    assert 3 == len(found)
    assert not any("Testperson" in f"{e} {e!r}" for e in found)
