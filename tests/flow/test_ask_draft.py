"""A drafted source does not load while a blank is open, and works like the real one once they are filled."""

import csv
import random
import re
import tomllib
from datetime import UTC, datetime

import pytest

from nowrongdoor import settings, shelf, sources
from nowrongdoor.errors import Usage
from nowrongdoor.files import Dialect, find
from nowrongdoor.flow import ask, prepare, settle
from nowrongdoor.flow.drafting import draft
from nowrongdoor.flow.explain import Memory
from nowrongdoor.flow.run import expected, open_all
from nowrongdoor.model import Key, Row, Tally

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRUTH = "alder-county"
NAMED = {  # the layout's column → what the third county calls it; all others by the layout's own words, spelled anew
    "DOB": "Client DOB", "CIN": "CIN#", "LAST_NAME": "Surname", "PHONE": "Telephone", "SIGNED": "Date Signed",
    "SERVICE_CODE": "Svc Code", "RELEASE_TO": "ROI To" }  # fmt: skip
UNHEARD = {**NAMED, "ROW_TYPE": "Kind of Line"}  # no name is like it, and any text could be in it


@pytest.fixture(scope="module", params=[NAMED, UNHEARD], ids=["at once", "in two steps"])
def names(request):
    return request.param


@pytest.fixture(scope="module")
def files(names, tmp_path_factory):
    """(the fixture's rows that can be split, the same under other headers, in another order, with bars)."""
    true = sources.load(TRUTH)
    old, new = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new")
    for path in sorted((shelf.find(f"fixtures/{TRUTH}/in")).iterdir()):
        for found in find(path, 0, expected(true), Dialect(true.encoding, true.delimiter)):
            rows = [row.cells for row in found.rows() if isinstance(row, Row)]
            write(old / path.name, ",", found.header, rows)
            order = random.Random(path.name).sample(range(len(found.header)), len(found.header))
            header = [header_of(names, true.headers | true.headers[found.table], found.header[at]) for at in order]
            write(new / path.name, "|", header, [[row[at] for at in order] for row in rows])
    return sorted(old.iterdir()), sorted(new.iterdir())


def header_of(names, columns, header):
    """What the third county calls that column."""
    column = next((c for c, spelled in columns.items() if spelled == header.strip()), None)
    return names.get(column, column.replace("_", " ").title()) if column else header


def write(path, delimiter, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, delimiter=delimiter)
        lines.writerow(header)
        lines.writerows(rows)


@pytest.fixture(scope="module")
def drafted(files, tmp_path_factory):
    """A workspace with the draft; nobody knows the county that the files come from."""
    workspace = tmp_path_factory.mktemp("workspace")
    strangers = [s for s in ask.known(None)[0] if s.name != TRUTH]
    told = draft("tule", files[1], workspace, strangers)
    return workspace, {**told, "toml": (workspace / "profiles/sources/tule.toml").read_text(encoding="utf-8")}


def fill(workspace):
    """Every TODO of the draft, from what the true source says; a column that it has none of goes under [absent]."""
    true, folder = sources.load(TRUTH), workspace / "profiles"
    toml = folder / "sources" / "tule.toml"
    known = {
        "timezone": true.timezone, "delivery": true.delivery, "revokes": true.revokes, "part2": true.unnamed_part2,
        "name": true.organization["name"], **true.named_programmes, "ROW_TYPE": "Kind of Line",
    }  # fmt: skip
    text = toml.read_text(encoding="utf-8")
    lines, section = [] if "synthetic" in text else ["synthetic = true"], ""
    for line in text.splitlines():
        key, todo = line.partition(" = ")[0], re.search('"TODO"', line)
        section = line.strip("[]") if line.startswith("[") else section
        if section == "absent":
            continue
        if not todo:
            lines.append(line)
        elif key in known:
            lines.append(f"{key} = " + {True: "true", False: "false"}.get(known[key], f'"{known[key]}"'))
    absent = [f"{table} = {list(columns)}" for table, columns in true.absent.items()]
    toml.write_text("\n".join([*lines, "[absent]", *absent]) + "\n", encoding="utf-8")
    for kind, table in true.tables.items():
        path = folder / "codes" / f"tule_{kind}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(header)
            for source, *meaning in (
                cells for cells in rows if cells[0] in table.rows
            ):  # what the county never mapped goes
                csv.writer(file).writerow((source, *(table.rows[source] if "TODO" in meaning else meaning)))


def resources(source, paths):
    """Key → flat resource; ids are shown as keys, and the source's own name and organization as `own`."""
    run = prepare(source, settings.load(None, {}), MOMENT)
    out = Memory({id_: Key("organization", name) for id_, name in run.organizations.items()})
    settle(open_all(paths, run), run, out, Tally())
    own = re.compile(rf"/{source.name}$")
    return {
        key: {path: sorted(own.sub("/own", text) for text in texts) for path, texts in out._flat(one, set()).items()}
        for (_, key), one in out.kept.items()
        if key.kind not in {"provenance", "organization"}  # whom and when the run was about, which differs
    }


def test_a_draft_does_not_load(drafted):
    with pytest.raises(Usage, match="TODO"):
        sources.load("tule", drafted[0])


def test_every_file_is_the_table_that_it_is(drafted):
    told = {t["file"]: t["table"] for t in drafted[1]["tables"]}
    assert {f"{name}.csv": name for name in ("clients", "plans", "referrals", "releases")} == told


def test_nothing_is_absent_that_the_county_has(drafted):
    """What the draft declares absent is absent; of what decides what may leave, it declares nothing."""
    text = drafted[1]["toml"]
    true = sources.load(TRUTH)
    told = {table: set(columns) for table, columns in tomllib.loads(text)["absent"].items()}
    assert {} == {table: columns for table, columns in told.items() if columns - set(true.absent[table])}
    assert any("CONFIDENTIALITY" in columns for columns in true.absent.values())
    assert set() == {"CONFIDENTIALITY", "PROGRAM", "STATUS"} & set().union(*told.values())


def test_codes_are_mapped_only_where_it_is_sure(drafted, names):
    """F is female in one shipped table, and one letter is no proof; nobody but the county knows its row types."""
    folder = drafted[0] / "profiles" / "codes"
    sex = (folder / "tule_sex.csv").read_text(encoding="utf-8")
    types = (folder / "tule_row_type.csv").read_text(encoding="utf-8")
    assert "F,TODO,," in sex.splitlines()
    assert ({"TODO"} if names is NAMED else set()) == {line.split(",")[1] for line in types.splitlines()[1:]}


def test_codes_that_come_after_unknown_codes_are_drafted_too(drafted, names):
    """What a row's status may be depends on its type: all that it may be is tried, so one draft is enough."""
    goals = (drafted[0] / "profiles" / "codes" / "tule_goal_status.csv").read_text(encoding="utf-8")
    assert (names is NAMED) == ("Met,TODO," in goals)


def test_filled_in_it_makes_the_same_resources(drafted, files):
    """Other headers, order and delimiter, and a source that nobody wrote by hand: not an element differs."""
    workspace, _ = drafted
    fill(workspace)
    again = draft("tule", files[1], workspace, ask.known(None)[0])
    assert ["sources/tule.toml"] == again["kept"]
    fill(workspace)
    before = resources(sources.load(TRUTH), files[0])
    after = resources(sources.load("tule", workspace), files[1])
    assert len(before) > 150
    assert before.keys() == after.keys()
    assert [] == [
        (key, path, one.get(path), after[key].get(path))
        for key, one in before.items()
        for path in one.keys() | after[key].keys()
        if one.get(path) != after[key].get(path)
    ]


@pytest.mark.parametrize("name", ["Tule County", "../tule", "alder-county"])
def test_a_name_that_is_none(name, files, tmp_path):
    with pytest.raises(Usage, match="cannot be the name"):
        draft(name, files[1], tmp_path, ask.known(None)[0])


def test_a_table_that_holds_no_more_than_the_file_is_preferred(tmp_path):
    """Conditions have no column that care plans have not, and no id here: what makes a row unique is asked."""
    path = tmp_path / "conditions.csv"
    write(path, ",", ["START", "END", "PERSON_ID", "CODE", "DESCRIPTION"], [["2026-01-02", "", "1", "F32.1", "Sad"]])
    told = draft("flat-one", [path], tmp_path, ask.known(None)[0])
    toml = (tmp_path / "profiles/sources/flat-one.toml").read_text(encoding="utf-8")
    assert ["conditions"] == [t["table"] for t in told["tables"]]
    assert 'conditions = ["TODO"]' in toml
    assert 'people = ["*"]' in toml
