"""Where this program loses something, its own count says so: broken on purpose, it exits 1 and keeps nothing."""

import json

import pytest
from click.testing import CliRunner

from bench import county
from flow.place import Place
from nowrongdoor import layouts
from nowrongdoor.cli import files as cli_files
from nowrongdoor.cli import workspace as cli_workspace
from nowrongdoor.errors import Stop
from nowrongdoor.files import Found
from nowrongdoor.flow import desk
from nowrongdoor.model import Service
from nowrongdoor.store import Spool


def forgets_a_row(monkeypatch):
    """A layout whose facts are nothing for one row."""
    (table,) = (t for t in layouts.layout("county_ehr").TABLES if t.name == "referrals")
    states = table.facts
    monkeypatch.setattr(table, "facts", lambda line: () if line.id == "Q0000001" else states(line))


def swallows_a_row(monkeypatch):
    """A reader of files that loses one record between two others."""
    rows = Found.rows

    def lossy(self):
        for n, row in enumerate(rows(self)):
            if not (n == 2 and self.table == "referrals"):
                yield row

    monkeypatch.setattr(Found, "rows", lossy)


def stops_early(monkeypatch):
    """A reader of files that takes the second record for the end."""
    rows = Found.rows

    def short(self):
        for n, row in enumerate(rows(self)):
            if n == 2 and self.table == "referrals":
                return
            yield row

    monkeypatch.setattr(Found, "rows", short)


def forgets_a_kind(monkeypatch):
    """An assembler that makes nothing of one kind of fact, and does not say so."""
    whole = desk.assemble

    def partial(*arguments):
        return (made for made in whole(*arguments) if not any(isinstance(f, Service) for f in made.facts))

    monkeypatch.setattr(desk, "assemble", partial)


def drops_a_fact(monkeypatch):
    """A spool that gives back one fact less than it was given, while its row's other facts come through."""
    groups = Spool.groups

    def leaky(self):
        for n, (person, facts) in enumerate(groups(self)):
            yield person, facts[:-1] if n == 0 else facts

    monkeypatch.setattr(Spool, "groups", leaky)


FAULTS = (forgets_a_row, swallows_a_row, stops_early, forgets_a_kind, drops_a_fact)


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def fault(request, monkeypatch):
    request.param(monkeypatch)


@pytest.fixture
def files(place: Place):
    return [place.save(table, county.rows(table, 8)) for table in county.TABLES]


def translate(files, out):
    arguments = ["--source", county.SOURCE, "--as-of", "2026-01-07", "--out", str(out), *map(str, files)]
    done = CliRunner().invoke(cli_files.translate, arguments, standalone_mode=False)
    return done.return_value, json.loads((out / "accounting.json").read_bytes())["balanced"], done.output


def test_whole_it_balances(files, tmp_path):
    """Without a fault: what the others are compared with."""
    assert (0, True) == translate(files, tmp_path / "out")[:2]


@pytest.mark.usefixtures("fault")
def test_translate_says_that_it_is_not_balanced(files, tmp_path):
    code, balanced, said = translate(files, tmp_path / "out")
    assert (1, False, True) == (code, balanced, "NOT BALANCED" in said)


@pytest.mark.usefixtures("fault")
def test_intake_keeps_nothing_of_it(files, home):
    """It stops, and the workspace is as it was."""
    before = home.drafts(), home.resources()
    arguments = ["--workspace", str(home.folder), "--source", county.SOURCE, "--as-of", "2026-01-07", *map(str, files)]
    done = CliRunner().invoke(cli_workspace.intake, arguments, standalone_mode=False)
    assert Stop is type(done.exception)
    assert before == (home.drafts(), home.resources())
