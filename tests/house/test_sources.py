"""A source is found by name and tested by folder; no file names the machine that it was written on."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path.stem for path in (ROOT / "profiles" / "sources").glob("*.toml"))
MACHINE = re.compile(rb"(?<![\w.~-])/(?:work|root|opt)/")


ELSEWHERE = {
    "ccda": "no vendor's own: tests/ccda holds public documents to what was expected of them, tests/flow invented ones",
    "synthea": "its people are the public corpus's own: tests/corpora compares them with their answer sheet",
}


@pytest.mark.parametrize("source", [s for s in SOURCES if s not in ELSEWHERE])
def test_every_source_has_a_fixture(source):
    """Files as they come in, and the fate expected of each row."""
    folder = ROOT / "fixtures" / source
    assert (True, True) == (any((folder / "in").glob("*")), (folder / "expected" / "rows.csv").is_file())


def test_every_fixture_has_a_source():
    folders = sorted(path.name for path in (ROOT / "fixtures").glob("*") if path.is_dir())
    assert [] == [name for name in folders if name not in SOURCES]


def test_no_file_names_the_machine():
    named = [path for path in ours() if MACHINE.search((ROOT / path).read_bytes())]
    assert [] == named


@pytest.mark.parametrize("top", ["work", "root", "opt"])
def test_a_path_of_the_machine_is_seen(top):
    assert MACHINE.search(f'open("/{top}/main/x")'.encode())
    assert not MACHINE.search(f"https://example.org/{top}/x and home/{top}/mobile".encode())


def ours():
    """What git keeps or would keep."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return [path for path in listed if path and (ROOT / path).is_file()]
