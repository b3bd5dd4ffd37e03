"""However it is installed, the house finds its profiles and fixtures: wheel, sdist, editable, checkout."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELVES = ("profiles", "fixtures")
LEAVE = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "node_modules", "target", "dist", "build")

# -S: what else is installed here is out of sight; `site` reads the .pth of an editable install
FIND = """
import site, sys
site.addsitedir(sys.argv[1])
from nowrongdoor import shelf
for name in sys.argv[2:]:
    shelf_folder = shelf.places(name)[0]
    for path in sorted(shelf_folder.rglob("*")):
        if path.is_file():
            print(name, path.relative_to(shelf_folder).as_posix(), sep="/")
"""


def on_shelves(folder):
    files = [path for name in SHELVES for path in (folder / name).rglob("*") if path.is_file()]
    return sorted(path.relative_to(folder).as_posix() for path in files if "__pycache__" not in path.parts)


def found(site_folder):
    """Files on the shelves, as an installed package sees them from elsewhere."""
    return sorted(python(["-S", "-c", FIND, str(site_folder), *SHELVES], site_folder).splitlines())


def python(arguments, folder, **environment):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """build(hook, project): what the hook of PEP 517 or 660 makes of the project."""
    backend = tmp_path_factory.mktemp("backend")
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(backend), "hatchling>=1.27"]
    got = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if got.returncode:
        reason = f"the build backend cannot be fetched: {got.stderr.strip()[-300:]}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)

    def make(hook, project):
        out = tmp_path_factory.mktemp(hook)
        python(["-c", f"from hatchling.build import {hook}; {hook}({str(out)!r})"], project, PYTHONPATH=str(backend))
        return next(out.iterdir())

    return make


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """A copy, with a file more on each shelf: building writes nothing into the tree that people work in."""
    copy = shutil.copytree(ROOT, tmp_path_factory.mktemp("checkout") / "house", ignore=LEAVE)
    for name in SHELVES:
        (copy / name / "one more").mkdir(parents=True)
        (copy / name / "one more" / "a file.csv").touch()
    return copy


@pytest.fixture(scope="session")
def install(tmp_path_factory):
    def installed(wheel):
        site_folder = tmp_path_factory.mktemp("site")
        options = ["--no-deps", "--no-index", "--no-compile", "--target", str(site_folder)]
        python(["-m", "pip", "install", "-q", *options, str(wheel)], site_folder)
        return site_folder

    return installed


def test_checkout(checkout):
    assert on_shelves(checkout) == found(checkout / "src")


def test_wheel(build, install, checkout):
    assert on_shelves(checkout) == found(install(build("build_wheel", checkout)))


def test_sdist(build, install, checkout, tmp_path):
    with tarfile.open(build("build_sdist", checkout)) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert on_shelves(checkout) == found(install(build("build_wheel", unpacked)))


def test_editable(build, install, checkout):
    """What is added to the checkout after the install is there too."""
    site_folder = install(build("build_editable", checkout))
    before = on_shelves(checkout)
    added = checkout / "profiles" / "one more" / "added later.toml"
    added.touch()
    try:
        assert sorted([*before, "profiles/one more/added later.toml"]) == found(site_folder)
    finally:
        added.unlink()
