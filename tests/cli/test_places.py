"""Where a command writes, and the days and addresses it is told: what cannot be ends in a line, not a traceback."""

from datetime import datetime, timedelta, timezone

import pytest

from nowrongdoor import settings, shelf
from nowrongdoor.cli.files import many

SOURCE = "alder-county"
HERE = timezone(timedelta(hours=-8))  # California in winter
NOON = datetime(2026, 11, 22, 12, tzinfo=HERE)
LATE = datetime(2026, 11, 22, 23, tzinfo=HERE)  # it is the 23rd in UTC


@pytest.fixture
def export(tmp_path):
    """Alder County's first client, and a second one whose birth date cannot be read."""
    path = tmp_path / "files" / "clients.csv"
    path.parent.mkdir()
    lines = shelf.find(f"fixtures/{SOURCE}/in/clients.csv").read_text(encoding="utf-8-sig").splitlines()
    assert "11/30/1971" in lines[2]
    path.write_text("\n".join([*lines[:2], lines[2].replace("11/30/1971", "soon")]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def translate(nwd, export):
    return lambda out, *options: nwd("translate", "--source", SOURCE, "--out", out, *options, export)


@pytest.fixture
def home(nwd):
    assert 0 == nwd("init", "home")[0]
    return lambda *args: nwd(*args, "--workspace", "home")


@pytest.mark.parametrize("out", [".", "files/..", "files/clients.csv/out"])
def test_a_folder_that_cannot_be_written(translate, out):
    """The one we stand in, or one under a file."""
    code, out, err = translate(out, "--force")
    assert (2, "") == (code, out), err


@pytest.mark.parametrize(
    "args",
    [
        ("init", "files/clients.csv/home"),
        ("translate", "--source", SOURCE, "--out", "files/clients.csv/out", "files/clients.csv"),
        ("refusals", "--csv", "files/clients.csv/x.csv"),
        ("refusals", "--csv", "nowhere/x.csv"),
        ("refusals", "--csv", "nowhere/x.xlsx"),
    ],
)
def test_a_place_that_cannot_be(nwd, home, export, args):
    """A folder below a file, or in no folder."""
    home("intake", "--source", SOURCE, export)
    code, _, err = (home if args[0] == "refusals" else nwd)(*args)
    assert (True, 1) == (code in {1, 2}, len(err.splitlines()[-1:])), err
    assert "nwd: " in err.splitlines()[-1]


def test_no_file_has_a_nul_in_its_name(nwd):
    code, _, err = nwd("inspect", "a\0b.csv")
    assert (2, True) == (code, "NUL" in err)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "Señal 1"])
def test_any_folder_can_be_a_workspace(nwd, tmp_path, name):
    """Its name becomes the namespace, in TOML."""
    assert 0 == nwd("init", name)[0]
    told = settings.load(tmp_path / name, {})
    assert "Señal 1" == told.namespace if name == "Señal 1" else "a-b" == told.namespace


@pytest.mark.parametrize(
    ("clock", "day", "code"),
    [
        (NOON, "2026-11-22", 3),
        (NOON, "2026-11-23", 2),
        (LATE, "2026-11-23", 2),
        (NOON, "20261101", 2),
        (NOON, "2026-11-01T10:00", 2),
    ],
)
def test_as_of_is_a_day_that_has_come(translate, home, export, monkeypatch, clock, day, code):
    """Where the sender is: it may be tomorrow in UTC. Days are compared as text, so they are written one way."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(clock.timestamp())))
    for told, _, err in (translate("out", "--as-of", day), home("intake", "--source", SOURCE, "--as-of", day, export)):
        assert (code, code == 2) == (told, "--as-of" in err), err


@pytest.mark.parametrize("url", ["127.0.0.1:8080/fhir", "localhost", "ftp://x", "http://[::1", "http://x:abc"])
def test_conform_takes_an_address(nwd, url):
    code, _, err = nwd("conform", "--yes", url)
    assert (2, True) == (code, 'for example "http://127.0.0.1:8080/fhir"' in err), err


def test_where_a_workspace_was_looked_for(nwd, tmp_path):
    code, _, err = nwd("status")
    assert (2, []) == (code, [w for w in (str(tmp_path), settings.FILE, "nwd init") if w not in err]), err


def test_one_is_not_many(home, export):
    code, out, err = home("intake", "--source", SOURCE, export)
    assert (3, True) == (code, "1 row is refused" in out), out + err
    assert "    1 row   " in home("refusals")[1]
    assert "1 row in mend.csv" in home("refusals", "--csv", "mend.csv")[1]


@pytest.mark.parametrize(
    ("n", "word", "said"),
    [
        (1, "row", "1 row"),
        (0, "row", "0 rows"),
        (1, "person", "1 person"),
        (2, "person", "2 people"),
        (2, "row that cannot be split", "2 rows that cannot be split"),
    ],
)
def test_how_many(n, word, said):
    assert said == many(n, word)


def test_refusals_say_that_json_is_row_by_row(nwd):
    assert "row by row with --json" in " ".join(nwd("refusals", "--help")[1].split())
