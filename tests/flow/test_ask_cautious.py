"""What decides who may see what is never drafted by likeness alone: a person says it, or the source does not load."""

import csv
import tomllib
from dataclasses import replace

import pytest

from nowrongdoor import layouts, sources
from nowrongdoor.codes import CodeTable
from nowrongdoor.errors import Usage
from nowrongdoor.flow import ask
from nowrongdoor.flow.drafting import draft
from nowrongdoor.flow.parts import Asked

DECISIVE = {"STATUS", "EXPIRES", "REVOKED", "SIGNED", "SUD", "SHARE", "PROGRAM", "CONFIDENTIALITY"}
SILENT = {("client_messages", "others")}  # tables whose rows state nothing that could leave
EVERY = [(name, table) for name in layouts.names() for table in layouts.layout(name).TABLES]
TABLES = [(name, table) for name, table in EVERY if (name, table.name) not in SILENT]


def save(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def toml(home):
    return tomllib.loads((home / "profiles/sources/new-one.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("layout", "table"), TABLES, ids=[f"{name}-{table.name}" for name, table in TABLES])
def test_a_column_that_decides_what_may_leave_is_never_drafted_absent(layout, table, tmp_path):
    """A file with none but the columns that must be there: each decisive one is a blank, which does not load."""
    needed = [f.name for f in table.fields if not f.optional]
    path = save(tmp_path / "x.csv", needed, [["1"] * len(needed)])
    draft("new-one", [path], tmp_path, ask.known(None)[0], Asked(layout, {"x.csv": table.name}))
    told = toml(tmp_path)
    headers = told["headers"].get(table.name, {})
    lacking = {f.name for f in table.fields if f.optional} & DECISIVE
    assert lacking >= {"PROGRAM", "CONFIDENTIALITY"}
    assert {} == {c: headers.get(c) for c in lacking if headers.get(c) != "TODO"}
    assert set() == DECISIVE & set(told["absent"].get(table.name, ()))
    with pytest.raises(Usage, match="is still TODO"):
        sources.load("new-one", tmp_path)


def test_a_header_is_offered_for_it_and_a_person_may_say_that_there_is_none(tmp_path):
    """Where no header was like EXPIRES, those that nobody claimed stand beside it."""
    table = next(t for t in layouts.layout("county_ehr").TABLES if t.name == "releases")
    needed = [f.name for f in table.fields if not f.optional]
    path = save(tmp_path / "releases.csv", [*needed, "Extra"], [[*("1" for _ in needed), "2026-03-31"]])
    draft("new-one", [path], tmp_path, ask.known(None)[0], Asked("county_ehr", {}))
    text = (tmp_path / "profiles/sources/new-one.toml").read_text(encoding="utf-8")
    assert 'EXPIRES = "TODO"  # one of: "Extra"; if the export has none: under [absent] instead\n' in text


def told_by(*tables):
    """Sources whose race codes come from these tables: file → code → target."""
    return [
        replace(ask.plainly("county_ehr"), name=f"s{n}", tables={"race": CodeTable(file, "", rows, more)})
        for n, (file, rows, more) in enumerate(
            (file, {code: (target, target, "") for code, target in rows.items()}, more) for file, rows, more in tables
        )
    ]


@pytest.mark.parametrize(
    ("code", "tables", "target"),
    [
        ("ASIAN", [("a.csv", {"ASIAN": "2028-9"}, {}), ("b.csv", {"ASIAN": "2028-9"}, {})], "2028-9"),
        ("ASIAN", [("a.csv", {"ASIAN": "2028-9"}, {})], "TODO"),  # one county's word
        ("ASIAN", [("a.csv", {"ASIAN": "2028-9"}, {})] * 2, "TODO"),  # one table of two counties
        ("ASIAN", [("a.csv", {"ASIAN": "2028-9"}, {"c.csv": ""}), ("c.csv", {"ASIAN": "2028-9"}, {})], "TODO"),
        ("ASIAN", [(f"{n}.csv", {"ASIAN": t}, {}) for n, t in enumerate(("2028-9", "2028-9", "x"))], "TODO"),
        ("BL", [("a.csv", {"BL": "2054-5"}, {}), ("b.csv", {"BL": "2054-5"}, {})], "TODO"),  # blanco, or Black
    ],
)  # fmt: skip
def test_a_target_is_filled_in_only_where_it_is_sure(code, tables, target, tmp_path):
    """Three letters or more, and two tables that say the same, with none against them."""
    header = ["CLIENT_ID", "LAST_NAME", "FIRST_NAME", "DOB", "RACE"]
    path = save(tmp_path / "clients.csv", header, [["C-1", "Peña", "Rosalind", "1980-02-13", code]])
    draft("new-one", [path], tmp_path, [*told_by(*tables), ask.plainly("county_ehr")], Asked("county_ehr", {}))
    lines = (tmp_path / "profiles/codes/new_one_race.csv").read_text(encoding="utf-8").splitlines()
    assert [[code, target]] == [line.split(",")[:2] for line in lines[1:]]


REFERRAL = ["REFERRAL_ID", "CLIENT_ID", "REFERRAL_DATE", "SERVICE_CODE", "STATUS"]


def test_cpt_codes_are_codes(tmp_path):
    """Five digits where service codes stand are shown and drafted; in any other column they may be somebody's."""
    rows = [[f"R{n}", f"C{n}", "2026-01-02", code, "90837"] for n, code in enumerate(["90837", "90791", "0362T"])]
    path = save(tmp_path / "referrals.csv", REFERRAL, rows)
    candidates = [c for c in ask.known(None)[0] if c.name in {"", "alder-county"}]
    draft("new-one", [path], tmp_path, candidates, Asked("county_ehr", {}))
    lines = (tmp_path / "profiles/codes/new_one_services.csv").read_text(encoding="utf-8").splitlines()
    assert ["0362T,TODO,,", "90791,TODO,,", "90837,TODO,,"] == lines[1:]
    alder = sources.load("alder-county")
    header = [alder.header("referrals", c) for c in REFERRAL]
    (sight,) = ask.look(save(tmp_path / "theirs.csv", header, rows), [alder])
    codes = {c["columns"]: c["codes"] for c in ask.told(sight)["codes"]}
    assert {"90837": 1, "90791": 1, "0362T": 1} == codes["SERVICE_CODE+MODIFIER"]
    assert {} == codes["STATUS"]


def test_a_code_that_two_readers_want_is_counted_once(tmp_path):
    """ROW_TYPE says what kind a row is, and with it which table its other codes are in: one row, one count."""
    alder = sources.load("alder-county")
    columns = ["PLAN_ID", "CLIENT_ID", "ROW_TYPE", "ITEM_NO", "STATUS", "CODE", "DESCRIPTION"]
    header = [alder.header("plans", c) for c in columns]
    rows = [["P-1", "C-1", "Mystery", str(n), "Open", "", "words"] for n in range(3)]
    (sight,) = ask.look(save(tmp_path / "plans.csv", header, rows), [alder])
    assert [("ROW_TYPE", {"Mystery": 3})] == [(c["columns"], c["codes"]) for c in ask.told(sight)["codes"]]
