"""The folder that `translate` writes: what --force may delete, which is only what an earlier run wrote."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bench import county
from flow.place import MOMENT
from nowrongdoor import sources
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.flow import folder as made
from nowrongdoor.flow import prepare
from nowrongdoor.settings import Settings

CLIENTS = list(county.rows("clients", 2))


@pytest.fixture
def run():
    return prepare(sources.load(county.SOURCE), Settings(), MOMENT, "2026-01-07")


@pytest.fixture
def clients(place):
    return place.save("clients", CLIENTS)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def tree(folder):
    """Everything below: its bytes, or where it points, or None for a folder."""
    return {
        str(p.relative_to(folder)): os.readlink(p) if p.is_symlink() else p.read_bytes() if p.is_file() else None  # noqa: PTH115 - text, not a Path
        for p in folder.rglob("*")
    }


def refuses(words, paths, run, folder, *, force=True, below):
    before = tree(below)
    with pytest.raises(Usage, match=words):
        made.translate(paths, run, folder, force=force)
    assert before == tree(below)


def test_force_replaces_what_an_earlier_run_wrote(run, clients, place, out):
    """Also where the second run has fewer kinds: nothing of the first stays."""
    made.translate([clients], run, out)
    first = tree(out)
    made.translate([place.save("clients", [], "none")], run, out, force=True)
    second = tree(out)

    assert "Patient.ndjson" in first
    assert "Patient.ndjson" not in second
    assert [0] == [file["read"] for file in json.loads(second["accounting.json"])["files"]]
    assert ["in", "out"] == sorted(p.name for p in out.parent.iterdir())


def test_without_force_nothing_is_replaced(run, clients, out, tmp_path):
    made.translate([clients], run, out)
    refuses("not empty.*--force", [clients], run, out, force=False, below=tmp_path)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_is_empty_is_taken(run, clients, out, force):
    out.mkdir()
    made.translate([clients], run, out, force=force)

    assert (out / "accounting.json").is_file()


def test_an_input_in_the_folder_is_not_deleted(run, place, tmp_path):
    """Not in any folder of it either, nor where the folder is otherwise our own."""
    clients = place.save("clients", CLIENTS)
    refuses("an input lies in", [clients], run, clients.parent, below=tmp_path)
    refuses("an input lies in", [clients], run, tmp_path, below=tmp_path)

    out = tmp_path / "out"
    made.translate([clients], run, out)
    refuses("an input lies in", [out / "refusals.csv"], run, out, below=tmp_path)


def test_an_input_reached_by_a_link_is_not_deleted(run, clients, out, tmp_path):
    made.translate([clients], run, out)
    (out / "Clients.ndjson").write_bytes(clients.read_bytes())
    link = tmp_path / "link.csv"
    link.symlink_to(out / "Clients.ndjson")
    refuses("an input lies in", [link], run, out, below=tmp_path)


@pytest.mark.parametrize(
    "accounting",
    [None, "", "[]", "{}", '{"schema": 1}', "not JSON"],
    ids=["none", "empty", "list", "dict", "half", "text"],
)
def test_a_folder_of_somebody_else_is_not_deleted(run, clients, out, tmp_path, accounting):
    """An accounting.json that is not of our making does not make it ours."""
    out.mkdir()
    (out / "Patient.ndjson").write_text("mine", encoding="utf-8")
    if accounting is not None:
        (out / "accounting.json").write_text(accounting, encoding="utf-8")
    refuses("no accounting.json of nwd translate.*name another", [clients], run, out, below=tmp_path)


@pytest.mark.parametrize("name", ["mine.txt", "Notes 1.ndjson", ".hidden", "mine/", "Patient/", "Mine.ndjson@"])
def test_what_was_added_to_the_folder_is_not_deleted(run, clients, out, tmp_path, name):
    """A file, a folder, or a link, even of a name that we might have given."""
    made.translate([clients], run, out)
    added = out / name.rstrip("/@")
    if name.endswith("/"):
        added.mkdir()
    elif name.endswith("@"):
        added.symlink_to(clients)
    else:
        added.write_text("mine", encoding="utf-8")
    refuses(r"holds what nwd translate did not write \(1 of \d+\)", [clients], run, out, below=tmp_path)


def test_what_was_added_while_it_ran_is_not_deleted(run, clients, out, monkeypatch):
    made.translate([clients], run, out)
    whole = made.take_in

    def meanwhile(*told):
        (out / "mine.txt").write_text("mine", encoding="utf-8")
        return whole(*told)

    monkeypatch.setattr(made, "take_in", meanwhile)
    with pytest.raises(Usage, match="did not write"):
        made.translate([clients], run, out, force=True)

    assert {"mine.txt", "accounting.json", "Patient.ndjson"} <= tree(out).keys()
    assert ["in", "out"] == sorted(p.name for p in out.parent.iterdir())


def test_what_stood_there_stays_where_nothing_comes_of_the_run(run, clients, out, tmp_path):
    """A file that is not the source's stops it all."""
    made.translate([clients], run, out)
    other = tmp_path / "other.csv"
    other.write_bytes(b"a,b\n")
    before = tree(tmp_path)
    with pytest.raises(Stop, match=r"other\.csv"):
        made.translate([other], run, out, force=True)

    assert before == tree(tmp_path)


def test_what_stood_there_comes_back_where_the_new_cannot_take_its_place(run, clients, out, monkeypatch):
    made.translate([clients], run, out)
    before, rename = tree(out), Path.rename

    def fails(path, target):
        if path.name == "new":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="No space"):
        made.translate([clients], run, out, force=True)

    assert before == tree(out)
    assert ["in", "out"] == sorted(p.name for p in out.parent.iterdir())


def test_what_a_stranger_put_beside_it_stays(run, clients, out, tmp_path):
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / "mine.txt").write_text("mine", encoding="utf-8")
    made.translate([clients], run, out)

    assert "mine" == (tmp_path / ".out.part" / "mine.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["there", "nowhere"])
def test_a_link_is_not_followed(run, clients, out, tmp_path, target):
    made.translate([clients], run, tmp_path / "there")
    out.symlink_to(tmp_path / target)
    refuses("is a link.*the folder itself", [clients], run, out, below=tmp_path)


@pytest.mark.parametrize("name", [".", "..", "../here", "../here/more/..", "/"])
def test_the_folder_one_is_in_is_not_replaced(run, clients, tmp_path, monkeypatch, name):
    """Nor one above it, whatever way it is named."""
    (tmp_path / "here" / "more").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    refuses("you are in", [clients], run, Path(name), below=tmp_path)


@pytest.mark.parametrize("name", ["file", "file/out", "file/out/more"])
@pytest.mark.parametrize("force", [False, True])
def test_no_folder_is_made_of_or_under_a_file(run, clients, tmp_path, name, force):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    refuses("is a file, or lies under one", [clients], run, tmp_path / name, force=force, below=tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no rights of this kind")
def test_nobody_else_can_read_what_is_made_even_meanwhile(run, clients, out):
    rights = []

    class Watched:
        def __call__(self, *told):
            rights.extend(p.stat().st_mode & 0o777 for p in out.parent.glob(".out.*.part"))
            return run.check(*told)

        def __getattr__(self, name):
            return getattr(run.check, name)

    made.translate([clients], replace(run, check=Watched()), out)

    assert {0o700} == {*rights, out.stat().st_mode & 0o777}
    assert {0o600} == {path.stat().st_mode & 0o777 for path in out.iterdir()}
