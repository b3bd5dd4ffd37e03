"""The script that makes the profiles again: pinned bytes or none, and no SUSHI error goes unseen."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2] / "profiles" / "fhir"
spec = importlib.util.spec_from_file_location("assemble", HERE / "assemble.py")
assemble = importlib.util.module_from_spec(spec)
spec.loader.exec_module(assemble)


def test_another_package_than_the_pinned_one_ends_it(tmp_path, monkeypatch):
    """And leaves nothing in the cache that a later run would believe."""
    other = tmp_path / "us_core.tgz"
    other.write_bytes(b"US Core, but not the one that we looked at")
    monkeypatch.setattr(sys, "argv", ["assemble.py", "--us-core", str(other), "--cache", str(tmp_path / "cache")])
    package = next(p for p in json.loads((HERE / "packages.lock.json").read_text()) if p["name"] == "hl7.fhir.us.core")
    with pytest.raises(SystemExit, match="not the pinned package"):
        assemble.archive(package, assemble._arguments())
    assert [] == [*(tmp_path / "cache").rglob("*.tgz")]


def test_a_package_that_nobody_gave_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("NWD_CORPORA", raising=False)
    monkeypatch.setattr(sys, "argv", ["assemble.py", "--cache", str(tmp_path)])
    with pytest.raises(SystemExit, match="--us-core"):
        assemble.archive({"name": "x", "sha256": "0", "from": "file"}, assemble._arguments())


@pytest.mark.parametrize(("said", "ends"), [("1 Error 0 Warnings", True), ("| 10 Errors |", True), ("0 Errors", False)])
def test_an_error_that_sushi_only_prints_ends_it(tmp_path, monkeypatch, said, ends):
    """SUSHI may leave with 0 all the same: what it counted decides."""
    monkeypatch.setattr(assemble, "_run", lambda *_, **__: f"| Pun of the day {said} |")
    monkeypatch.setattr(assemble, "_program", str)
    if ends:
        with pytest.raises(SystemExit, match="errors"):
            assemble.compiled(Path("app.js"), tmp_path)
    else:
        assert {} == assemble.compiled(Path("app.js"), tmp_path)


def test_what_others_make_is_left_alone():
    """ConceptMaps lie in the same folder and are not SUSHI's: they are neither compared nor removed."""
    names = {path.name.partition("-")[0] for path in assemble.owned()}
    assert "ConceptMap" not in names
    assert {"StructureDefinition", "ValueSet", "CodeSystem", "CapabilityStatement", "Patient"} <= names
