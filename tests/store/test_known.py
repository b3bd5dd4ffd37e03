"""Files, facts, drafts and refusals: what is put in comes back, and nothing twice."""

import pytest

from nowrongdoor.errors import Usage
from nowrongdoor.model import Key, Origin
from nowrongdoor.store import RefusalRow


def line(row=1, rule="D32", holds=()):
    issue = {"rule": rule, "severity": "error", "column": "DOB", "cause": "no such day", "cure": "look it up"}
    return {"source": {"file": "clients.csv", "row": row}, "issues": [issue], "holds": list(holds), "raw": ["1", "x"]}


# files -----------------------------------------------------------------------


def test_a_file_keeps_its_number_its_name_and_its_as_of(store, file_row):
    """Where nobody says that it speaks of another day."""
    number = store.file(file_row())
    again = file_row(name="again.csv", as_of="2027-01-01", read=40, tables={"toml": "ef"})
    assert number == store.file(again, stated=False)
    assert file_row(read=40, tables={"toml": "ef"}, number=number) == store.file_of(number)


def test_equal_bytes_of_another_day_are_another_file(store, file_row):
    """And where nobody says of which, they are the last of these."""
    first, second = (store.file(file_row(as_of=day)) for day in ("2026-01-07", "2026-01-09"))
    assert first != second
    assert first == store.file(file_row(as_of="2026-01-07"))
    assert second == store.file(file_row(as_of="2027-01-01"), stated=False)


def test_tables_and_sources_of_one_file_are_told_apart(store, file_row):
    rows = [file_row(), file_row(table="plans"), file_row(sheet="May"), file_row(source="younger")]
    assert 4 == len({store.file(row) for row in rows})
    assert ["clients", "plans", "clients"] == [row.table for row in store.files("elder")]
    assert 4 == len(store.files())


def test_a_number_that_was_never_given_is_wrong_usage(store):
    with pytest.raises(Usage, match="no file 7"):
        store.file_of(7)


# facts -----------------------------------------------------------------------


def test_facts_are_replaced_person_by_person(store, person):
    store.put_facts("elder", "C1", [person(), person(family="Old")])
    store.put_facts("elder", "C2", [person("C2")])
    store.put_facts("elder", "C1", [person(family="New")])
    assert [person(family="New")] == store.facts("elder", "C1")
    assert [person("C2")] == store.facts("elder", "C2")
    assert [] == store.facts("younger", "C1")
    store.put_facts("elder", "C1", [])
    assert [] == store.facts("elder", "C1")


def test_peers_are_all_other_records_with_an_equal_cin(store):
    for source, client, cin in [
        ("elder", "C1", "90000001A"),
        ("elder", "C2", "90000001A"),
        ("younger", "C1", "90000001A"),
        ("plan", "M9", "90000002A"),
        ("paper", "P1", ""),
    ]:
        store.link(source, client, {cin} - {""}, anew=True)
    assert [("elder", "C2"), ("younger", "C1")] == store.cin_peers("elder", "C1")
    assert [] == store.cin_peers("plan", "M9")
    assert [] == store.cin_peers("paper", "P1")


def test_a_corrected_cin_has_other_peers(store):
    """A blank one keeps those of before."""
    store.link("elder", "C1", {"90000001A"}, anew=True)
    store.link("plan", "M9", {"90000002A"}, anew=True)
    store.link("elder", "C1", {"90000002A"}, anew=True)
    store.link("elder", "C1", set(), anew=True)
    store.link("elder", "C1", {"90000003A"}, anew=False)  # a row in doubt adds, and takes nothing away
    assert [("elder", "C1")] == store.cin_peers("plan", "M9")


# drafts ----------------------------------------------------------------------


def test_a_draft_is_new_then_the_same_then_changed(store, kept):
    said = [(kept(gender="female"), b"1"), (kept(gender="female", meta={}), b"1"), (kept(gender="male"), b"2")]
    assert ["new", "same", "changed"] == [store.keep(*each) for each in said]
    assert kept(gender="male") == store.kept("elder-person-C1")


def test_with_equal_content_the_first_bytes_stay(store, kept):
    store.keep(kept(gender="female"), b"1")
    store.keep(kept(gender="female", meta={"source": "later"}), b"1")
    assert kept(gender="female") == store.kept("elder-person-C1")


def test_a_plan_that_moves_to_another_person_has_changed(store, kept):
    store.keep(kept("P1", "plan", "C1"), b"1")
    assert "changed" == store.keep(kept("P1", "plan", "C2"), b"1")
    assert ([], [kept("P1", "plan", "C2")]) == (store.graph("elder", "C1"), store.graph("elder", "C2"))


def test_what_is_dropped_no_longer_stands_until_it_is_kept_again(store, kept):
    store.keep(kept(), b"1")
    store.drop("elder", Key("person", "C1"))
    assert None is store.kept("elder-person-C1")
    assert [] == store.graph("elder", "C1")
    assert [] == list(store.persons())
    assert "new" == store.keep(kept(), b"1")
    assert [kept()] == store.graph("elder", "C1")


def test_a_graph_is_one_persons_and_shared_ones_are_nobodys(store, kept):
    organization = kept("elder", "organization", "")
    consent = kept("R1", "consent")
    for number, draft in enumerate([organization, kept("C2", person="C2"), kept(), consent]):
        store.keep(draft, bytes([number]))
    assert [consent, kept()] == store.graph("elder", "C1")
    assert {"elder-organization-elder": organization} == store.shared()


def test_persons_come_sorted_while_they_are_written(store, kept):
    """More than one page of them, and each is changed as it is read."""
    expected = [("elder", f"C{number:04d}") for number in range(1200)] + [("younger", "C1")]
    for source, person in reversed(expected):
        store.keep(kept(person, person=person, source=source), b"1")
    seen = []
    for source, person in store.persons():
        store.keep(kept(person, person=person, source=source, gender="male"), b"2")
        seen.append((source, person))
    assert expected == seen
    assert expected[-1:] == list(store.persons("younger"))


def test_provenances_are_counted_even_when_they_no_longer_stand(store, kept):
    store.keep(kept("C1/1", "provenance"), b"1")
    store.keep(kept("C1/2", "provenance"), b"2")
    store.drop("elder", Key("provenance", "C1/1"))
    assert (2, 0) == (store.provenances("elder", "C1"), store.provenances("elder", "C2"))


# refusals --------------------------------------------------------------------


@pytest.fixture
def file(store, file_row):
    return store.file(file_row())


@pytest.fixture
def at(file):
    return lambda row: Origin(file, row, row + 1, row + 1, 0)


def test_refusals_come_back_by_row(store, file, at):
    numbers = [store.refuse(at(row), line(row), [], f"d{row}") for row in (3, 1, 2)]
    expected = [RefusalRow(numbers[n], "elder", file, row, f"d{row}", line(row)) for n, row in ((1, 1), (2, 2), (0, 3))]
    assert expected == list(store.refusals())
    assert expected == list(store.refusals("elder"))
    assert [] == list(store.refusals("younger"))


def test_refusals_may_be_mended_while_they_are_read(store, at):
    for row in range(1, 1201):
        store.refuse(at(row), line(row), [], "d")
    assert list(range(1, 1201)) == [
        refusal.row for refusal in store.refusals() if not store.mend(refusal.number, "corrected")
    ]
    assert [] == list(store.refusals())


def test_one_row_is_refused_once_and_its_issues_add_up(store, at):
    number = store.refuse(at(1), line(rule="D32"), [], "d")
    assert number == store.refuse(at(1), line(rule="D23"), ["C1"], "d")
    assert number == store.refuse(at(1), line(rule="D32"), [], "d")
    (only,) = store.refusals()
    assert ["D32", "D23"] == [issue["rule"] for issue in only.line["issues"]]
    assert "clients.csv row 1" == store.held("elder", "C1")


def test_reading_a_file_again_starts_its_refusals_afresh(store, at, file):
    store.refuse(at(1), line(1, "D32"), ["C1"], "d")
    store.refuse(at(2), line(2, "D32"), [], "d")
    store.forget_refusals_of(file)
    assert None is store.held("elder", "C1")
    store.refuse(at(2), line(2, "D23"), [], "d")
    assert [(2, "D23")] == [(each.row, each.line["issues"][0]["rule"]) for each in store.refusals()]


def test_what_was_mended_stays_so_when_the_file_is_read_again(store, at, file):
    store.mend(store.refuse(at(1), line(), ["C1"], "d"), "corrected")
    store.forget_refusals_of(file)
    store.refuse(at(1), line(), ["C1"], "d")
    assert [] == list(store.refusals())
    assert None is store.held("elder", "C1")


@pytest.mark.parametrize(("rule", "digest"), [("D23", "d"), ("D32", "other cells")])
def test_a_mended_row_opens_again_for_a_new_issue_or_other_cells(store, at, rule, digest):
    store.mend(store.refuse(at(1), line(rule="D32"), ["C1"], "d"), "corrected")
    store.refuse(at(1), line(rule=rule), ["C1"], digest)
    assert [digest] == [refusal.digest for refusal in store.refusals()]
    assert "clients.csv row 1" == store.held("elder", "C1")


def test_a_refused_consent_row_holds_its_person_until_it_is_mended(store, at):
    number = store.refuse(at(4), line(4), ["C1"], "d")
    assert "clients.csv row 4" == store.held("elder", "C1")
    assert [None, None] == [store.held("elder", "C2"), store.held("younger", "C1")]
    store.mend(number, "corrected")
    assert None is store.held("elder", "C1")


def test_a_row_of_nobody_knows_whom_holds_the_whole_source(store, at):
    store.refuse(at(4), line(4), ["*"], "d")
    assert ["clients.csv row 4"] * 2 == [store.held("elder", person) for person in ("C1", "C2")]
    assert None is store.held("younger", "C1")


def test_a_person_stays_held_until_the_last_row_is_mended(store, at):
    first, second = (store.refuse(at(row), line(row), ["C1"], "d") for row in (1, 2))
    store.mend(first, "corrected")
    assert "clients.csv row 2" == store.held("elder", "C1")
    store.mend(second, "corrected")
    assert None is store.held("elder", "C1")


def test_mending_what_is_not_open_is_wrong_usage(store, at):
    number = store.refuse(at(1), line(), [], "d")
    store.mend(number, "corrected")
    for wrong in (number, 99):
        with pytest.raises(Usage, match=f"no open refusal has the number {wrong}"):
            store.mend(wrong, "corrected")
