"""The first minute: `nwd demo` in an empty folder, on what the package brings along."""

import json

import pytest

from nowrongdoor import cli
from nowrongdoor.flow import demo


def nwd(*words):
    with pytest.raises(SystemExit) as end:
        cli.main([*words])
    return end.value.code


def test_the_demo_comes_to_what_it_should_and_a_second_run_sends_nothing(tmp_path, capsys):
    """It counts as foretold, leaves what it made for a person to read, and can be run again in the same place."""
    folder = tmp_path / "demo"
    for _ in range(2):
        assert 0 == nwd("demo", str(folder), "--json")
        said = json.loads(capsys.readouterr().out)
        assert demo.expected() == said
        assert 0 == said["second"]["sent"]
        first = said["first"]
        assert first["due"] == sum(first[fate] for fate in demo.FATES)
        for counts in said["sources"].values():
            assert counts["read"] == sum(counts[fate] for fate in ("written", "merged", "refused", "noise"))
    assert (folder / "refusals.csv").is_file()
    assert (folder / "fhir" / "Consent.ndjson").is_file()


def test_a_demo_that_counts_otherwise_says_so_and_fails(tmp_path, capsys, monkeypatch):
    foretold = demo.expected()
    foretold["first"]["sent"] += 1
    monkeypatch.setattr(demo, "expected", lambda: foretold)
    assert 1 == nwd("demo", str(tmp_path / "demo"))
    assert "first sent" in capsys.readouterr().err


def test_a_folder_that_is_no_demos_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("keep me")
    assert 2 == nwd("demo", str(tmp_path))
    assert "is not a demo's" in capsys.readouterr().err
    assert "keep me" == (tmp_path / "mine.txt").read_text()
