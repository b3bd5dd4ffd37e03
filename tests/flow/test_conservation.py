"""Whatever stands in the rows: each ends somewhere, order does not matter, and nothing is taken in twice."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import county
from flow.place import SAID, Place
from nowrongdoor.errors import Stop
from nowrongdoor.model import Issue

MARK = "Xq7"  # in every garbage cell: no issue may repeat what stood in one
FEWER = settings(max_examples=max(1, settings().max_examples // 3))

COLUMNS = {table: list(county.header(table)) for table in county.TABLES}
KEYS = {
    "CLIENT_ID": ("K0000000", "K0000001", "K0000002", " K0000000"),
    "PLAN_ID": ("P0000000", "P0000001"),
    "ITEM_NO": ("1", "2"),
    "RELEASE_ID": ("R0000000", "R0000001"),
    "REFERRAL_ID": ("Q0000000", "Q0000001"),
}
CELLS = (
    "", " ", "N/A", "see file", "0", "12/31/2025", "13/45/2025", "01/02/26", "2025-12-31", "YES", "Y", "N", "Closed",
    "Open", "F33.1", "H0043", "U6", "BLHP", "90000001A", "9000000", "1234567893", "(559) 555-0199", "#REF!", "SUD", "R",
    "=1+1", "JosÃ© NuÃ±ez", "J\u00f6rg\u200b", "\ufffd", "Total", "CODT", "SUDIOP",
)  # fmt: skip


def texts(*excluded):
    """Any text that UTF-8 can hold, as a person could never have meant it."""
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="".join(excluded))
    return st.text(letters, max_size=12).map(lambda text: MARK + text + MARK)


LINED = texts()
UNLINED = texts("\r", "\n", "\0")


@st.composite
def tables(draw, garbage):
    """Up to six rows a table: clean ones of three people, some with other keys, some with other cells, some twice."""
    return {table: [draw(row(table, garbage)) for _ in range(draw(st.integers(0, 6)))] for table in county.TABLES}


@st.composite
def row(draw, table, garbage):
    clean = list(county.rows(table, 4))
    made = dict(draw(st.sampled_from(clean)))
    for column in draw(st.lists(st.sampled_from([c for c in COLUMNS[table] if c in KEYS]), max_size=2)):
        made[column] = draw(st.sampled_from(KEYS[column]))
    for column in draw(st.lists(st.sampled_from(COLUMNS[table]), max_size=2)):
        made[column] = draw(st.one_of(st.sampled_from(CELLS), garbage))
    return {} if draw(st.integers(0, 30)) == 0 else made


@pytest.fixture(scope="module")
def anew():
    """A new place each time it is asked, all of them gone at the end."""
    with TemporaryDirectory() as folder:
        numbers = iter(range(1_000_000))

        def made():
            path = Path(folder, str(next(numbers)))
            path.mkdir()
            return Place(path)

        yield made


def saved(place, told):
    return [place.save(table, rows) for table, rows in told.items()]


def counted(accounting):
    """(read, sum of all fates) of each table."""
    fates = ("written", "merged", "refused", "noise")
    return {f["table"]: (f["read"], sum(f[fate] for fate in fates)) for f in accounting["files"]}


@given(told=tables(UNLINED))
@FEWER
def test_every_row_ends_somewhere(told, anew):
    """As many as were written down; a refused row is one line of refusals, and what it says repeats no cell."""
    place = anew()
    written = place.translate(saved(place, told))
    assert written.accounting["balanced"]
    assert {table: (len(rows), len(rows)) for table, rows in told.items()} == counted(written.accounting)
    refused = Counter(line["source"]["file"] for line in written.read("refusals"))
    assert {f["file"]: f["refused"] for f in written.accounting["files"] if f["refused"]} == dict(refused)
    assert len({(x["source"]["file"], x["source"]["row"]) for x in written.read("refusals")}) == refused.total()
    assert MARK not in json.dumps([line["issues"] for line in written.read("refusals")])
    assert MARK not in json.dumps([(w["rule"], w["cause"], w["cure"]) for w in written.read("warnings")])


@given(told=tables(LINED), torn=st.lists(st.tuples(st.sampled_from(county.TABLES), st.binary(max_size=40)), max_size=3))
@FEWER
def test_torn_lines_are_rows_too(told, torn, anew):
    """Line breaks and NULs in cells, bytes that are no line at all: balanced still, or the file is refused whole."""
    place = anew()
    files = saved(place, told)
    for table, junk in torn:
        path = next(f for f in files if f.stem == table)
        path.write_bytes(path.read_bytes() + junk + b"\r\n")
    try:
        accounting = place.translate(files).accounting
    except Stop as stop:
        cause = stop.cause.lower()
    else:
        cause, ends = "", counted(accounting).values()
        assert accounting["balanced"]
        assert all(read == ended for read, ended in ends)
    assert not cause or "utf-8" in cause or "cp1252" in cause


@given(told=tables(UNLINED))
@FEWER
def test_nothing_points_at_what_is_not_written(told, anew):
    place = anew()
    resources = place.translate(saved(place, told)).resources
    there = Counter(f"{r['resourceType']}/{r['id']}" for r in resources)
    assert {1} >= set(there.values())
    assert set(there) >= {reference for r in resources for reference in references(r)}


UNSTATED = {"Organization", "Provenance"}  # by any row: where one is wrong the run stops


class Moody:
    """Checks that also refuse every sixteenth resource for no reason: those whose id ends with this digit."""

    def __init__(self, own, digit):
        self.own, self.digit = own, digit

    def dislikes(self, resource):
        return resource["resourceType"] not in UNSTATED and resource["id"].endswith(self.digit)

    def quick(self, resources):
        return not any(map(self.dislikes, resources)) and self.own.quick(resources)

    def issues(self, resource):
        return (Issue("moody", "not today", "ask again"),) if self.dislikes(resource) else self.own.issues(resource)


@pytest.mark.parametrize("digit", "0123456789abcdef")
def test_nothing_points_at_what_the_checks_refuse(digit, place):
    """Whatever they refuse: what cannot stand without it is refused too, what can goes on without it."""
    files = [place.save(table, county.rows(table, 16)) for table in county.TABLES]
    written = place.translate(files, check=lambda own: Moody(own, digit))
    there = {f"{r['resourceType']}/{r['id']}" for r in written.resources}
    assert there >= {reference for r in written.resources for reference in references(r)}
    assert written.accounting["balanced"]
    assert all(read == ended for read, ended in counted(written.accounting).values())


@given(told=tables(UNLINED), seed=st.integers(0, 1000))
@FEWER
def test_order_of_rows_changes_no_byte(told, seed, anew):
    """Of any NDJSON, but for the digest of the file in Provenance; and the counts are the same."""
    place, shuffled = anew(), anew()
    first = place.translate(saved(place, told))
    for rows in told.values():
        Random(seed).shuffle(rows)
    second = shuffled.translate(saved(shuffled, told))
    assert without_entity(first) == without_entity(second)
    assert counted(first.accounting) == counted(second.accounting)
    assert by_content(first) == by_content(second)


@given(told=tables(UNLINED))
@FEWER
def test_the_same_files_again_change_nothing(told, anew):
    """No draft, no Provenance; and the workspace holds what `translate` writes of the same files."""
    place = anew()
    files, home = saved(place, told), place.workspace()
    first = home.intake(files)
    before = home.drafts()
    second = home.intake(files)
    assert before == home.drafts()
    assert [f["read"] for f in first["files"]] == [f["read"] for f in second["files"]]
    assert (True, True) == (first["balanced"], second["balanced"])
    written = place.translate(files)
    assert keyed(written.resources) == keyed(home.resources())


def references(node):
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def keyed(resources):
    return {f"{r['resourceType']}/{r['id']}": r for r in resources}


def without_entity(written):
    """Bytes of each NDJSON; a Provenance without what names the files."""
    provenances = (
        [{k: v for k, v in p.items() if k != "entity"} for p in written.read("Provenance")]
        if "Provenance" in written.lines
        else []
    )
    return {k: v for k, v in written.lines.items() if k not in {*SAID, "Provenance"}}, provenances


def by_content(written):
    """What is refused, by what the row holds: its number is another when the rows stand otherwise."""
    told = (json.dumps([line["source"]["file"], line["raw"], rules(line)]) for line in written.read("refusals"))
    return Counter(told)


def rules(line):
    return sorted({issue["rule"] for issue in line["issues"]})
