"""Files and settings that are not what they should be: a line that says what and how to mend it, never a traceback."""

import os
import subprocess
import sys

import pytest

from bench import county
from nowrongdoor import shelf

CLIENTS = list(county.rows("clients", 2))
TOML = shelf.find(f"profiles/sources/{county.SOURCE}.toml").read_text(encoding="utf-8")


def nwd(*arguments, folder):
    """The real command, in a process of its own; (exit code, what it said on stderr)."""
    command = [sys.executable, "-m", "nowrongdoor", *map(str, arguments)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NWD_")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done.returncode, done.stderr


@pytest.fixture
def refused(tmp_path):
    """translate(files, …) must end with that code, name these words, and leave no folder behind."""

    def run(code, words, *files, source=county.SOURCE, options=()):
        out = tmp_path / "out"
        there = sorted(out.iterdir()) if out.is_dir() else None
        told = nwd("translate", "--source", source, "--out", out, *options, *files, folder=tmp_path)
        assert (code, []) == (told[0], [w for w in words if w not in told[1]]), told[1]
        assert there == (sorted(out.iterdir()) if out.is_dir() else None)
        assert [] == [path for path in tmp_path.iterdir() if path.name.startswith(".")]

    return run


def junk(n):
    """Bytes of no text and no workbook, the same each time."""
    return bytes((i * i * 31 + i * 7) % 256 for i in range(n))


def written(path, content):
    path.write_bytes(content)
    return path


def test_a_file_of_somebody_else(refused, tmp_path):
    """The nearest table, what is missing of it and what is new: the file is refused whole."""
    header = list(county.header("releases").values())
    header[header.index("Client Nbr")] = "Client Number"
    path = written(tmp_path / "x.csv", (",".join(header) + "\n" + "," * (len(header) - 1) + "\n").encode())
    refused(1, ["x.csv", "nearest is releases", "missing Client Nbr", "(perhaps Client Number)", "[headers]"], path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"\xef\xbb\xbf",
        junk(4000),
        b"PK\x03\x04" + junk(2000),
        b"%PDF-1.7\n" + junk(2000),
        b"a,b,c\n1,2,3\n",
    ],
    ids=["empty", "blank lines", "only a mark", "junk", "a broken zip", "a PDF", "another table"],
)
@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
def test_no_table_at_all(refused, tmp_path, name, content):
    refused(1, [name], written(tmp_path / name, content))


def test_one_bad_file_stops_the_good_ones(refused, place, tmp_path):
    refused(1, ["x.csv"], place.save("clients", CLIENTS), written(tmp_path / "x.csv", b"a,b\n"))


def test_a_header_alone_is_a_file_without_rows(tmp_path, place):
    """Nothing is wrong with it."""
    path = place.save("clients", [])
    assert 0 == nwd("translate", "--source", county.SOURCE, "--out", tmp_path / "out", path, folder=tmp_path)[0]


def test_no_file(refused, tmp_path):
    refused(2, ["none.csv is not a file"], tmp_path / "none.csv")


def test_a_folder_for_a_file(refused, tmp_path):
    refused(2, ["is not a file"], tmp_path)


def test_a_file_named_twice(refused, place):
    path = place.save("clients", CLIENTS)
    refused(2, ["same file"], path, path)


def test_an_unknown_source(refused, place):
    refused(2, ["alder-count", 'did you mean "alder-county"?'], place.save("clients", CLIENTS), source="alder-count")


@pytest.mark.parametrize("name", ["../alder-county", "Alder County", ""])
def test_a_source_is_a_name(refused, place, name):
    refused(2, ["no source"], place.save("clients", CLIENTS), source=name)


def test_what_is_no_date(refused, place):
    refused(2, ["--as-of"], place.save("clients", CLIENTS), options=("--as-of", "yesterday"))


def test_a_folder_with_something_in_it(refused, place, tmp_path):
    (tmp_path / "out").mkdir()
    written(tmp_path / "out" / "mine.txt", b"mine")
    refused(2, ["not empty", "--force"], place.save("clients", CLIENTS))


def test_force_replaces_what_an_earlier_run_wrote(place, tmp_path):
    path, out = place.save("clients", CLIENTS), tmp_path / "out"
    run = ("translate", "--source", county.SOURCE, "--out", out, path)
    assert 0 == nwd(*run, folder=tmp_path)[0]
    first = (out / "accounting.json").stat().st_ino
    assert 0 == nwd(*run, "--force", folder=tmp_path)[0]
    assert first != (out / "accounting.json").stat().st_ino


def test_force_keeps_what_somebody_else_put_there(refused, place, tmp_path):
    (tmp_path / "out").mkdir()
    written(tmp_path / "out" / "mine.txt", b"mine")
    refused(2, ["no accounting.json", "--force"], place.save("clients", CLIENTS), options=("--force",))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("[deployment", ["nwd.toml is not TOML"]),
        ("[deploymint]\n", ["[deploymint]", 'did you mean "deployment"?']),
        ('[deployment]\nname = "x"\n', ["deployment.name", "namespace"]),
        ('[deployment]\nsecret_file = "none.key"\n', ["secret_file", "none.key", "restore"]),
        ('[partners.a]\nkind = "plan"\n', ["partners.a.name"]),
        ('[servers.s]\nbase = "ftp://x"\n', ["servers.s.base", "http"]),
        ('[servers.s]\nbase = "http://x"\npurposes = ["COC"]\naudience = ["b"]\n', ["s.audience", "[partners.b]"]),
        ("[sources.alder-county]\nprogrammes = { SUDIOP = false }\n", ["alder-county", "SUDIOP", "less strict"]),
        ("partners = 7\n", ["partners"]),
        ("partners = { a = 7 }\n", ["partners.a", "[partners.a]"]),
        ("[deployment]\nnamespace = 7\n", ["deployment.namespace", "quotes"]),
        ('[deployment]\ntimezone = "California"\n', ["deployment.timezone", "America/Los_Angeles"]),
        ('[sources.alder-county]\nprogrammes = "all"\n', ["sources.alder-county.programmes"]),
    ],
)  # fmt: skip
def test_wrong_settings_name_the_key_and_the_cure(tmp_path, told, words):
    written(tmp_path / "nwd.toml", told.encode())
    code, said = nwd("status", "--workspace", tmp_path, folder=tmp_path)
    assert (2, []) == (code, [w for w in words if w not in said]), said


def test_no_workspace(tmp_path):
    code, said = nwd("status", "--workspace", tmp_path, folder=tmp_path)
    assert (2, True, True) == (code, "no workspace" in said, "nwd init" in said)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("dates = [", "datess = ["), ["sources/own.toml", "datess", 'did you mean "dates"?']),
        (('layout = "county_ehr"', 'layout = "TODO"'), ["sources/own.toml", "layout", "TODO"]),
        (('"Client Nbr"', '"TODO"'), ["sources/own.toml", "headers.CLIENT_ID", "TODO"]),
        (('CLIENT_ID = "Client Nbr"', 'CLIENT_IDD = "Client Nbr"'), ["source own", "CLIENT_IDD"]),
        (('layout = "county_ehr"', 'layout = "county_her"'), ["county_her", "county_ehr"]),
        (('timezone = "America/Los_Angeles"', 'timezone = "California"'), ["sources/own.toml", "timezone"]),
        (("part2 = false", 'part2 = "perhaps"'), ["sources/own.toml", "part2", "true, false"]),
        (('sex = "sex.csv"', 'sex = "sax.csv"'), ["codes/sax.csv"]),
        (('sex = "sex.csv"', ""), ["source own", "sex"]),
        (('delivery = "full"', ""), ["sources/own.toml", "delivery", "missing"]),
        (("dates = [", 'encoding = "utf-9"\ndates = ['), ["utf-9"]),
        (("dates = [", 'delimiter = ";;"\ndates = ['), ["delimiter"]),
        (('dates = ["MM/DD/YYYY"]', 'dates = ["the usual"]'), ["the usual"]),
    ],
)
def test_a_wrong_source_names_the_key_and_the_cure(tmp_path, place, change, words):
    home = place.workspace()
    assert change[0] in TOML
    own = home.folder / "profiles" / "sources"
    own.mkdir(parents=True)
    (own / "own.toml").write_text(TOML.replace(*change, 1), encoding="utf-8")
    path = place.save("clients", CLIENTS)
    code, said = nwd("intake", "--workspace", home.folder, "--source", "own", path, folder=tmp_path)
    assert (2, []) == (code, [w for w in words if w not in said]), said


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("source,target,display\nF,female,Female\nF,male,Male\n", ["codes/sex.csv line 3", "twice"]),
        ("source,target,display\nF,woman,Female\n", ["codes/sex.csv", "woman", "female"]),
        ("source;target;display\nF;female;Female\n", ["codes/sex.csv line 1", "source,target,display"]),
        ("source,target,display\nF,female\n", ["codes/sex.csv line 2"]),
        ('source,target,display\nF,"female,Female\n', ["codes/sex.csv", "quote"]),
        ("source,target,display\nF,female,f\xe9minin\n", ["codes/sex.csv", "UTF-8"]),
    ],
)
def test_a_wrong_code_table_names_the_line(tmp_path, place, table, words):
    home = place.workspace()
    own = home.folder / "profiles" / "codes"
    own.mkdir(parents=True)
    (own / "sex.csv").write_bytes(table.encode("latin-1"))
    path = place.save("clients", CLIENTS)
    code, said = nwd("intake", "--workspace", home.folder, "--source", county.SOURCE, path, folder=tmp_path)
    assert (2, []) == (code, [w for w in words if w not in said]), said


def test_a_damaged_database_is_named(home, place, tmp_path):
    written(home.folder / "nwd.db", junk(5000))
    path = place.save("clients", CLIENTS)
    code, said = nwd("intake", "--workspace", home.folder, "--source", county.SOURCE, path, folder=tmp_path)
    assert (1, True) == (code, "nwd.db" in said)
