"""A county whose headers nobody has seen: the layout named by hand, cells tell the tables, a person fills the rest."""

import csv
import re
import shutil
import tomllib
from dataclasses import replace

import pytest

from flow.test_ask_draft import resources
from nowrongdoor import layouts, shelf, sources
from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import Dialect, find
from nowrongdoor.flow import ask
from nowrongdoor.flow.ask import plainly
from nowrongdoor.flow.drafting import draft
from nowrongdoor.flow.likeness import shares
from nowrongdoor.flow.parts import Asked
from nowrongdoor.flow.run import expected
from nowrongdoor.model import Row

TRUTH, NAME = "tule-county", "tule-two"
TABLES = layouts.layout("county_ehr").TABLES
RELEASES = "Tule_ROI autorizaciones 20260331.txt"


@pytest.fixture(scope="module")
def true():
    return sources.load(TRUTH)


@pytest.fixture(scope="module")
def strangers():
    """Everybody but the county itself."""
    return [s for s in ask.known(None)[0] if s.name != TRUTH]


@pytest.fixture(scope="module")
def files():
    return sorted(shelf.find(f"fixtures/{TRUTH}/in").iterdir())


@pytest.fixture(scope="module")
def drafted(files, strangers, tmp_path_factory):
    """(workspace, what was drafted, its TOML as text)"""
    home = tmp_path_factory.mktemp("home")
    told = draft(NAME, files, home, strangers, Asked("county_ehr", {}))
    return home, told, (home / f"profiles/sources/{NAME}.toml").read_text(encoding="utf-8")


def spelled(header):
    return header.replace("\xa0", " ")


def test_without_a_layout_the_cure_names_them(files, strangers, tmp_path):
    with pytest.raises(Stop, match=r"no layout comes near .* name the layout: --layout client_messages \| county_ehr"):
        draft(NAME, files, tmp_path, strangers)


def test_cells_tell_which_table_a_file_is(drafted):
    told = {t["table"]: t["file"].split()[0] for t in drafted[1]["tables"]}
    assert {
        "clients": "Tule_Lista", "releases": "Tule_ROI", "plans": "Tule_Planes", "referrals": "Tule_Bitacora"
    } == told  # fmt: skip
    assert {} == drafted[1]["unsure"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_header_is_claimed_rightly_or_left_to_a_person(drafted, true, table):
    """Each column of the layout: its true header, or TODO with that among the choices, or absent.

    TODO also where the county has no such column, if it decides what may leave: only a person may say so.
    """
    told = tomllib.loads(drafted[2])
    section = drafted[2].partition(f"[headers.{table.name}]\n")[2].partition("\n\n")[0]
    choices = dict(re.findall(r'^(\w+) = "TODO"  # one of: (.*)$', section, re.MULTILINE))
    headers = told["headers"][table.name]
    for field in table.fields:
        header = spelled(true.header(table.name, field.name))
        if field.name in choices and field.name in true.absent.get(table.name, ()):
            assert field.name in {"CONFIDENTIALITY", "REVOKED", "LAST_UPDATED"}
            assert choices[field.name].endswith("if the export has none: under [absent] instead")
        elif field.name in choices:
            assert f'"{header}"' in spelled(choices[field.name])
        elif field.name in headers:
            assert header == spelled(headers[field.name])
        else:
            assert field.name in told["absent"][table.name]
    assert {f.name for f in table.fields if not f.optional} <= headers.keys()


@pytest.mark.parametrize("table", ["clients", "plans", "releases"])
def test_whom_a_row_is_of_is_told_by_the_other_files(drafted, true, table):
    """No name is like CLIENT_ID, and no reader knows a client's number: its values stand in the other files too."""
    assert f'CLIENT_ID = "{true.header(table, "CLIENT_ID")}"  # same values in other files\n' in drafted[2]


def test_what_is_told_beside_headers(drafted):
    """Dates by the cells of columns that nobody has claimed yet; headers to choose from beside optional columns."""
    told = tomllib.loads(drafted[2])
    assert ["D-MON-YYYY"] == told["dates"]
    assert {"ESP-OP", "FSP-TAY", "CRISIS", "CASA-RES", "PUERTA", "CRUCE"} == told["programmes"].keys()
    assert re.search(r'nobody claimed .*"Raza".*\nclients = \[.*"RACE"', drafted[2])


def filled(text, true):
    """The TOML with each TODO from the truth, and a header for each column that the county has after all."""
    known = {
        "timezone": true.timezone, "delivery": true.delivery, "revokes": true.revokes, "part2": true.unnamed_part2,
        "name": true.organization["name"], **true.named_programmes,
    }  # fmt: skip
    first = tomllib.loads(text)["absent"]
    lines, table = ["synthetic = true"], ""
    for line in text.splitlines():
        if line.startswith("["):
            table = line.removeprefix("[headers.").rstrip("]") if line.startswith("[headers.") else ""
        key = line.partition(" = ")[0].strip('"')
        if table and '"TODO"' in line and key in true.absent.get(table, ()):
            continue  # a person decides that the county has none: it goes under [absent], below
        if table and '"TODO"' in line:
            lines.append(f'{key} = "{true.header(table, key)}"')
        elif '"TODO"' in line:
            lines.append(line.replace('"TODO"', {True: "true", False: "false"}.get(known[key], f'"{known[key]}"'), 1))
        elif key in true.absent and key in first:
            lines.append(f"{key} = {list(true.absent[key])}")
        else:
            lines.append(line)
        if table and line.startswith("["):
            there = set(first[table]) - set(true.absent[table])
            lines += [f'{column} = "{true.header(table, column)}"' for column in sorted(there)]
    widths = [f"{column} = {n}" for column, n in true.widths.items()]
    words = [f'"{word}" = "{says}"' for word, says in true.absent_words.items()]
    lines += ["[as_of]", f'file_name = "{true.as_of_format}"', "[widths]", *widths, "[words]", *words]
    return "\n".join(lines) + "\n"


def fill_codes(folder, true):
    """What the truth says of a code, the county itself under its new name; a code that it does not know goes.

    Its own words for a confidentiality are told by the refusal of their rows: a person writes these lines.
    """
    for kind, table in true.tables.items():
        path = folder / f"{NAME.replace('-', '_')}_{kind}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        rows = [[word] for word in table.rows] if kind == "confidentiality" else rows
        with path.open("w", encoding="utf-8", newline="") as file:
            told = ((c[0], *table.rows[c[0]]) for c in rows if c[0] in table.rows)
            csv.writer(file).writerows([header, *([NAME if cell == TRUTH else cell for cell in row] for row in told)])


@pytest.fixture(scope="module")
def again(drafted, true, files, strangers, tmp_path_factory):
    """(workspace, what was drafted): headers filled in, then drafted a second time."""
    home = tmp_path_factory.mktemp("again")
    shutil.copytree(drafted[0], home, dirs_exist_ok=True)
    toml = home / f"profiles/sources/{NAME}.toml"
    toml.write_text(filled(drafted[2], true), encoding="utf-8")
    return home, draft(NAME, files, home, strangers)


def test_the_second_draft_adds_what_the_headers_have_shown(again, true):
    """Code tables with their lines in the TOML, and date formats; what was filled in stays."""
    told = tomllib.loads((again[0] / f"profiles/sources/{NAME}.toml").read_text(encoding="utf-8"))
    assert true.tables.keys() == told["codes"].keys()
    assert true.named_programmes == told["programmes"]
    assert "D-MON-YYYY HH:mm" == told["date_formats"]["LAST_UPDATED"]
    assert "TODO" == told["date_formats"]["TARGET_DATE"]  # typed by hand in two rows
    row_types = (again[0] / "profiles/codes/tule_two_row_type.csv").read_text(encoding="utf-8").splitlines()
    assert {"CAB,TODO,,", "DX,TODO,,", "META,TODO,,", "INT,TODO,,"} <= set(row_types)


def test_filled_in_it_makes_the_same_resources(again, true, files):
    """As the source that was written by hand from the county's notes: not a resource, not an element differs."""
    toml = again[0] / f"profiles/sources/{NAME}.toml"
    text = toml.read_text(encoding="utf-8").replace('TARGET_DATE = "TODO"', 'TARGET_DATE = "YYYY.MM.DD"')
    toml.write_text(re.sub(r'(?m)^\w+ = "TODO".*\n', "", text), encoding="utf-8")  # these are as `dates` says
    fill_codes(again[0] / "profiles/codes", true)
    before, after = resources(true, files), resources(sources.load(NAME, again[0]), files)
    assert len(before) > 150
    assert before.keys() == after.keys()
    assert [] == [
        (key, path, one.get(path), after[key].get(path))
        for key, one in before.items()
        for path in one.keys() | after[key].keys()
        if one.get(path) != after[key].get(path)
    ]


def test_what_cannot_be_told_is_asked(files, strangers, tmp_path):
    """A list of releases under a name that says nothing: the candidates are named, and nothing of it loads."""
    strange = tmp_path / "export 4.txt"
    shutil.copy(next(f for f in files if f.name == RELEASES), strange)
    paths = [*(f for f in files if f.name != RELEASES), strange]
    told = draft(NAME, paths, tmp_path, strangers, Asked("county_ehr", {}))
    toml = (tmp_path / f"profiles/sources/{NAME}.toml").read_text(encoding="utf-8")
    assert "releases" == told["unsure"]["export 4.txt"][0]
    assert '# which table is "export 4.txt"? releases, ' in toml
    assert ["TODO"] == tomllib.loads(toml)["absent"]["releases"]
    by_hand = draft("tule-three", paths, tmp_path, strangers, Asked("county_ehr", {"export 4.txt": "releases"}))
    assert ("releases", {}) == (by_hand["tables"][-1]["table"], by_hand["unsure"])


def test_where_no_name_says_anything_nothing_is_claimed_wrongly(true, files, strangers, tmp_path):
    """Headers and file names of mere noise: each file is its true table or asked for, each header is right or TODO."""
    columns, names = {}, [f"{a * 3}{b * 3}" for a in "pfuw" for b in "xqwvzjkhyg"]
    for n, path in enumerate(files):
        (found,) = find(path, 0, expected(true), Dialect())
        spelled = {c: found.places.get(true.header(found.table, c)) for t in TABLES for c in (f.name for f in t.fields)}
        columns[f"f{n}.csv"] = found.table, {names[at]: c for c, at in spelled.items() if at is not None}
        rows = (row.cells for row in found.rows() if isinstance(row, Row))
        with (tmp_path / f"f{n}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names[: len(found.header)], *rows])
    told = draft(NAME, sorted(tmp_path.glob("*.csv")), tmp_path, strangers, Asked("county_ehr", {}))
    headers = tomllib.loads((tmp_path / f"profiles/sources/{NAME}.toml").read_text(encoding="utf-8"))["headers"]
    assert {"clients", "referrals"} == {t["table"] for t in told["tables"]}
    for t in told["tables"]:
        table, meant = columns[t["file"]]
        assert table == t["table"]
        assert [] == [(c, h) for c, h in headers[table].items() if h not in {"TODO", *meant} or meant.get(h, c) != c]
    assert all(columns[file][0] == candidates[0] for file, candidates in told["unsure"].items())


@pytest.mark.parametrize(
    ("column", "keys", "telling"),
    [("ZIP", ["93299", "006140101"], ["93299-0114", "93298-0001"]), ("PHONE", ["5595550101"], ["559-555-0101"])],
)
def test_numbers_may_be_keys(column, keys, telling):
    """Numbers of five or nine digits read as ZIP codes, of ten as phones: by that alone they are none."""
    assert column not in shares(TABLES[0], plainly("county_ehr"), keys)
    assert 1.0 == shares(TABLES[0], plainly("county_ehr"), telling)[column]


def test_a_file_that_nobody_knows_is_cut_where_it_can_be(tmp_path):
    """Sources with a delimiter of their own come first, and none of them finds a column: the widest header counts."""
    path = tmp_path / "x.csv"
    path.write_text("Uno,Dos,Tres\nrojo,redondo,raro\n", encoding="utf-8")
    declared = [replace(plainly("county_ehr"), delimiter="|"), plainly("county_ehr")]
    assert [("Uno", "Dos", "Tres")] == [sight.found.header for sight in ask.look(path, declared)]


@pytest.mark.parametrize("tables", [{"no such.txt": "clients"}, {RELEASES: "consents"}])
def test_a_table_by_hand_that_is_none(tables, files, strangers, tmp_path):
    with pytest.raises(Usage, match="tables of county_ehr: clients, releases"):
        draft(NAME, files, tmp_path, strangers, Asked("county_ehr", tables))


def test_nobodys_data_becomes_headers(strangers, tmp_path):
    """A file without a header: its first row must not end in a draft."""
    path = tmp_path / "clients.csv"
    path.write_text("C-1,Peña,Rosalind,2/13/1980\nC-2,Ruiz,Ana,3/14/1981\n", encoding="utf-8")
    with pytest.raises(Stop, match="line 1 is no header"):
        draft(NAME, [path], tmp_path, strangers, Asked("county_ehr", {"clients.csv": "clients"}))
    assert not (tmp_path / "profiles").exists()


@pytest.mark.parametrize(
    ("line", "cause"),
    [('pivot = "TODO"', "pivot is still TODO"), ('[absent]\nclients = ["DOB"]', "absent.clients names DOB")],
)
def test_what_is_left_open_or_said_twice_does_not_load(line, cause, tmp_path):
    """A blank is called so, whatever belongs there; a column with a header cannot be absent too."""
    folder = tmp_path / "profiles/sources"
    folder.mkdir(parents=True)
    text = (
        'title = "x"\nlayout = "county_ehr"\ntimezone = "UTC"\ndelivery = "full"\nrevokes = "status"\npart2 = true\n'
        f'{line}\n[organization]\nname = "x"\n[headers.clients]\nDOB = "Born"\n'
    )
    (folder / "half-done.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Usage, match=re.escape(cause)):
        sources.load("half-done", tmp_path)
