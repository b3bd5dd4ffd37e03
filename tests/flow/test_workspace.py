"""A workspace remembers: what is newer replaces what was known, and nothing else does."""

from collections import Counter
from dataclasses import replace

import pytest

from bench import county
from nowrongdoor.errors import Stop
from nowrongdoor.flow.deliver import Delivery
from nowrongdoor.privacy import STAYS
from nowrongdoor.sync import RULES

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


def test_one_more_goal_later_is_one_more_provenance(place, home):
    """What stood already was made by files of before, and is said to come from these no more."""
    plan, problem, goal, step = county.rows("plans", 4)
    home.intake([place.save("clients", [CLIENT]), place.save("plans", [plan, problem, goal, step])])
    before = home.resources("Provenance")
    second = {**goal, "ITEM_NO": "2", "DESCRIPTION": "Sleep through the night"}
    home.intake([place.save("plans", [plan, problem, goal, step, second], "b")])
    assert (1, 2) == (len(before), len(home.resources("Provenance")))
    (added,) = [p for p in home.resources("Provenance") if p not in before]
    assert ["CarePlan", "Goal"] == sorted(t["reference"].split("/")[0] for t in added["target"])


def open_rules(home):
    with home.store() as store:
        return [i["rule"] for refusal in store.refusals() for i in refusal.line["issues"]]


def holding(home):
    with home.store() as store:
        return store.held(county.SOURCE, CLIENT["CLIENT_ID"]) is not None


@pytest.mark.parametrize(("as_of", "is_open"), [("2026-01-09", False), ("2026-01-05", True)], ids=["newer", "older"])
def test_a_newer_file_that_says_it_well_closes_the_refusal(place, home, as_of, is_open):
    """And lets go of whom it held; an older one says nothing of what a newer one left open."""
    release = {**RELEASE, "LAST_UPDATED": ""}
    client = place.save("clients", [{**CLIENT, "LAST_UPDATED": ""}])
    home.intake([client, place.save("releases", [{**release, "SUD": "perhaps"}])])
    assert (1, True) == (len(open_rules(home)), holding(home))
    home.intake([place.save("releases", [release], "b")], as_of=as_of)
    assert (is_open, is_open) == (bool(open_rules(home)), holding(home))


def test_a_row_mended_under_its_true_older_date_closes_the_refusal(place, home):
    """It changes nothing that is known, and is well said all the same."""
    told = {**RELEASE, "LAST_UPDATED": ""}
    home.intake([place.save("clients", [CLIENT]), place.save("releases", [told], "a")])
    home.intake([place.save("releases", [{**told, "SUD": "perhaps"}], "b")], as_of="2026-01-08")
    assert holding(home)
    home.intake([place.save("releases", [{**told, "LAST_UPDATED": "01/05/2026"}], "c")], as_of="2026-01-09")
    assert ([], False) == (open_rules(home), holding(home))


def test_the_same_row_refused_again_is_one_open_refusal(place, home):
    """Night after night: the newest stays open, and nothing piles up."""
    clients = place.save("clients", [CLIENT])
    for n in (7, 8, 9):
        releases = place.save("releases", [{**RELEASE, "SUD": "perhaps", "FORM": f"ROI-{n}"}], f"r{n}")
        home.intake([clients, releases], as_of=f"2026-01-0{n}")
    assert (1, True) == (len(open_rules(home)), holding(home))


def test_another_secret_is_another_deployment(place, home):
    """Everything would be new under other ids, and twice on the server: the workspace does not open."""
    home.intake([place.save("clients", [CLIENT])])
    home.settings = replace(home.settings, secret=b"another secret of this deployment")
    with pytest.raises(Stop, match="not the one that made the ids"):
        home.store()


def test_every_reason_has_words():
    """Rules of the gate and of the way to the server alike."""
    rules = [*STAYS, *RULES]
    told = Delivery(why=Counter(rules)).reasons()
    assert len(rules) == len(told)
    assert [] == [said for _, said in told if not said or said in rules]


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


def test_what_is_kept_of_somebody_counts_for_the_file_that_speaks_of_them(place, home):
    """Also what only an older file states; and though several people are settled in step."""
    people = list(county.rows("clients", 3))
    named = {row["CLIENT_ID"] for row in people}
    plans = [row for row in county.rows("plans", 12) if row["CLIENT_ID"] in named]
    home.intake([place.save("clients", people), place.save("plans", plans)], as_of="2026-01-07")
    files = [place.save("clients", [people[0]], "one"), place.save("clients", people[1:], "two")]
    taken = home.intake(files, as_of="2026-01-09")
    told = [f["resources"] for f in taken["files"]]
    own = {row["CLIENT_ID"]: row for row in plans}
    assert [1, 2] == [counts["Patient"] for counts in told]
    assert [bool({people[0]["CLIENT_ID"]} & own.keys()), bool({r["CLIENT_ID"] for r in people[1:]} & own.keys())] == [
        "CarePlan" in counts for counts in told
    ]


def test_a_less_restricted_row_that_is_refused_takes_no_label_off(place, home):
    """What was known stands, with its label."""
    bell = "Fresno\a"
    row = {**UNDATED, "CONFIDENTIALITY": "R"}
    home.intake([place.save("clients", [row], "a")], as_of="2026-01-07")
    home.intake([place.save("clients", [{**row, "CONFIDENTIALITY": ""}], "b")], as_of="2026-01-08")
    home.intake([place.save("clients", [row], "c")], as_of="2026-01-09")
    home.intake([place.save("clients", [{**row, "CONFIDENTIALITY": "", "RACE": bell}], "d")], as_of="2026-01-10")
    said = [p.read_text(encoding="utf-8") for p in sorted(home.folder.glob("intakes/*/warnings.ndjson"))]
    assert [False, True, False, False] == ["label-off" in one for one in said]
