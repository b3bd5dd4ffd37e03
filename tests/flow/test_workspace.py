"""A workspace remembers: what is newer replaces what was known, and nothing else does."""

import pytest

from bench import county

CLIENT, OTHER = county.rows("clients", 2)
RELEASE = next(county.rows("releases", 1))
UNDATED = {**CLIENT, "LAST_UPDATED": ""}  # true as of the day that the file speaks of


def city(home):
    """Where the one client lives, as far as the workspace knows."""
    (patient,) = home.resources("Patient")
    return patient["address"][0]["city"]


def living_in(place, town, name):
    return [place.save("clients", [{**UNDATED, "CITY": town}], name)]


def fates(accounting):
    (file,) = accounting["files"]
    return {fate: file[fate] for fate in ("written", "merged", "refused", "noise") if file[fate]}


def test_newer_replaces(place, home):
    """And what changed has a Provenance more, of both files' content only where both still count."""
    home.intake(living_in(place, "Fresno", "a"), as_of="2026-01-07")
    home.intake(living_in(place, "Salinas", "b"), as_of="2026-01-09")
    assert ("Salinas", 2) == (city(home), len(home.resources("Provenance")))


def test_older_never_overwrites_newer(place, home):
    """However late it arrives; its row is merged, and there is no new Provenance."""
    home.intake(living_in(place, "Salinas", "b"), as_of="2026-01-09")
    before = home.drafts()
    taken = home.intake(living_in(place, "Fresno", "a"), as_of="2026-01-07")
    assert ({"merged": 1}, before) == (fates(taken), home.drafts())


def test_a_row_that_says_when_it_was_changed_knows_better_than_its_file(place, home):
    newer, older = (
        {**CLIENT, "CITY": c, "LAST_UPDATED": d} for c, d in (("Salinas", "01/06/2026"), ("Fresno", "01/05/2026"))
    )
    home.intake([place.save("clients", [newer], "a")], as_of="2026-01-07")
    home.intake([place.save("clients", [older], "b")], as_of="2026-01-09")
    assert "Salinas" == city(home)


def test_a_replay_keeps_its_place(place, home):
    """A file taken in once more, later, is as old as it was the first time."""
    first, second = living_in(place, "Fresno", "a"), living_in(place, "Salinas", "b")
    home.intake(first, as_of="")
    home.intake(second, as_of="")
    before = home.drafts()
    home.intake(first, as_of="")
    assert ("Salinas", before) == (city(home), home.drafts())


def test_a_clash_in_a_new_file_leaves_what_was_known(place, home):
    """Two rows of one client that say two things are refused, both; the one known from before stays."""
    home.intake(living_in(place, "Fresno", "a"), as_of="2026-01-07")
    before = home.drafts()
    clash = place.save("clients", [{**UNDATED, "CITY": c} for c in ("Salinas", "Soledad")], "b")
    taken = home.intake([clash], as_of="2026-01-09")
    assert ({"refused": 2}, before) == (fates(taken), home.drafts())


def test_absence_from_a_full_extract_is_kept(place, home):
    home.intake([place.save("clients", [CLIENT, OTHER], "a")], as_of="2026-01-07")
    home.intake([place.save("clients", [OTHER], "b")], as_of="2026-01-09")
    assert {CLIENT["CIN"], OTHER["CIN"]} == {c["subscriberId"] for c in home.resources("Coverage")}


def test_a_key_that_another_client_has_changes_hands_by_no_file(place, home):
    """A release that a new file gives to somebody else is refused; whose it was stays known."""
    home.intake([place.save("clients", [CLIENT, OTHER]), place.save("releases", [RELEASE])])
    before = home.resources("Consent")
    taken = home.intake(
        [place.save("releases", [{**RELEASE, "CLIENT_ID": OTHER["CLIENT_ID"]}], "b")], as_of="2026-01-09"
    )
    assert ({"refused": 1}, before) == (fates(taken), home.resources("Consent"))


def test_a_key_under_two_clients_in_one_file_is_nobodys(place):
    """Both rows are refused, and hold both people."""
    rows = [RELEASE, {**RELEASE, "CLIENT_ID": OTHER["CLIENT_ID"]}]
    written = place.translate([place.save("clients", [CLIENT, OTHER]), place.save("releases", rows)])
    assert "Consent" not in written.lines
    assert [["contradiction"]] * 2 == [[i["rule"] for i in line["issues"]] for line in written.read("refusals")]
    assert {CLIENT["CLIENT_ID"], OTHER["CLIENT_ID"]} == {h for line in written.read("refusals") for h in line["holds"]}


def test_tables_may_come_on_different_days(place, home):
    """What a release speaks of may be known from before."""
    home.intake([place.save("clients", [CLIENT])])
    taken = home.intake([place.save("releases", [RELEASE])])
    assert ({"written": 1}, 1) == (fates(taken), len(home.resources("Consent")))


def test_what_came_too_early_is_refused_until_it_is_sent_again(place, home):
    releases = [place.save("releases", [RELEASE])]
    assert {"refused": 1} == fates(home.intake(releases))
    home.intake([place.save("clients", [CLIENT])])
    assert {"written": 1} == fates(home.intake(releases))
    with home.store() as store:
        assert [] == list(store.refusals())


@pytest.mark.parametrize(
    ("changed", "holds"),
    [({"SUD": "perhaps"}, {"K0000000"}), ({"CLIENT_ID": "", "SUD": "perhaps"}, {"K0000000", "K0000001"})],
    ids=["names its client", "names nobody"],
)
def test_a_refused_release_holds_its_client(place, home, changed, holds):
    """Everybody of the source, where it cannot be told whose it is."""
    home.intake([place.save("clients", [CLIENT, OTHER]), place.save("releases", [{**RELEASE, **changed}])])
    with home.store() as store:
        held = {p for p in ("K0000000", "K0000001") if store.held(county.SOURCE, p)}
    assert holds == held


def test_a_workbook_says_what_a_text_says(place):
    """To the byte, but for the digest of the file in Provenance."""
    from nowrongdoor.files import write_workbook

    texts = [place.save(table, county.rows(table, 9)) for table in county.TABLES]
    books = []
    for text, table in zip(texts, county.TABLES, strict=True):
        books.append(text.with_suffix(".xlsx"))
        spelled = county.header(table)
        rows = [[row.get(column, "") for column in spelled] for row in county.rows(table, 9)]
        write_workbook(books[-1], list(spelled.values()), rows)
    first, second = place.translate(texts), place.translate(books)
    assert without_files(first) == without_files(second)


def without_files(written):
    provenances = [{k: v for k, v in p.items() if k != "entity"} for p in written.read("Provenance")]
    return {k: v for k, v in written.lines.items() if k != "Provenance"}, provenances
