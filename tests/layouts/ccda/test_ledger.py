"""Every entry has a place, a fate and, where it is a fact, a key that stays the same for as long as it is the same."""

import pytest

from layouts.ccda.writing import ASSERTION, Read, T, code, document, hangs, id_, on, section, statement, status

GOALS, PLAN, MENTAL, PROBLEMS = "61146-7", "18776-5", "10190-7", "11450-4"


def goal(*inner, day="20260301", key="G-1", word="8689-2"):
    return statement("observation", "GOL", id_(key), code(word), status("active"), on(day), *inner, template="121")


def test_rows_are_in_document_order_and_named_by_xpath():
    """Row 1 is the document; an entry inside another follows it."""
    inner = statement("observation", "EVN", code("1"))
    read = Read(document(section(GOALS, goal(hangs("RSON", inner)), goal(key="G-2"))))
    place = "/ClinicalDocument/component[1]/structuredBody[1]/component[1]/section[1]"
    assert [
        "/ClinicalDocument",
        f"{place}/entry[1]/observation[1]",
        f"{place}/entry[1]/observation[1]/entryRelationship[1]/observation[1]",
        f"{place}/entry[2]/observation[1]",
    ] == list(read.document.entries)
    assert [2, 4] == [f.origin.row for f in read.facts("goal")]


def test_an_entry_is_found_wherever_it_stands():
    """Inside an element that nobody has heard of, too."""
    odd = f"<odd><entry>{goal()}</entry></odd>"
    assert 1 == len(Read(document(section(GOALS, more=odd))).of("goal"))


def test_an_amended_goal_is_the_same_goal():
    """Value, status and time are content."""
    before, after = (Read(document(section(GOALS, goal(day=d)))).keys("goal") for d in ("20260301", "20260401"))
    assert before == after


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (goal(), goal(key="G-2")),
        (goal(), goal(word="1")),
        (goal(), goal(day="20270101")),
        (goal(code("2", element="value")), goal(code("3", element="value"))),
    ],
    ids=["id", "code", "time, under one id", "value, under one id"],
)
def test_different_statements_have_different_keys(one, other):
    assert 2 == len(set(Read(document(section(GOALS, one, other))).keys("goal")))


def test_mood_and_element_tell_apart_what_shares_an_id():
    asked = statement("procedure", "RQO", id_("X"), code("1"), template="41")
    meant = statement("observation", "INT", id_("X"), code("1"), template="44")
    assert 2 == len(set(Read(document(section(PLAN, asked, meant))).keys("service")))


def test_a_statement_told_twice_is_one():
    """The second is merged."""
    read = Read(document(section(GOALS, goal()), section(PLAN, goal())))
    assert 1 == len(read.of("goal"))
    assert {3: "MERGED"} == read.fates


def test_two_people_never_share_a_key():
    one, other = (Read(document(section(GOALS, goal()), mrn=m)).keys("goal") for m in ("P-1", "P-2"))
    assert not set(one) & set(other)


def renewed(*keys, **options):
    entries = [goal(key=f"{k}-new", word=w, day="20260301") for k, w in keys]
    return set(Read(document(section(GOALS, *entries)).replace("D-1", "D-2"), **options).keys("goal"))


def test_ids_that_are_minted_anew_make_nothing_new_where_the_source_says_that_they_are_unstable():
    """But for what is new: the same two goals under other ids, and a third."""
    before = Read(document(section(GOALS, goal(key="a", word="1"), goal(key="b", word="2"))), ids="content")
    after = renewed(("c", "1"), ("d", "2"), ("e", "3"), ids="content")
    assert set(before.keys("goal")) < after
    assert 3 == len(after)
    assert not set(Read(document(section(GOALS, goal(key="a", word="1")))).keys("goal")) & renewed(("c", "1"))


def test_an_unstable_document_is_known_by_its_kind_and_time():
    texts = [document(section(PLAN, goal())), document(section(PLAN, goal())).replace("D-1", "D-2")]
    assert 2 == len({Read(t).keys("document")[0] for t in texts})
    for kind in ("document", "plan"):
        assert 1 == len({Read(t, ids="content").keys(kind)[0] for t in texts})


def test_a_header_whose_ids_are_minted_anew_is_the_same_visit_and_consent():
    """Within one document the ids still tie an entry's encounter to the header's."""
    told = statement("encounter", "EVN", id_("E"), on("20260101"))
    visit = f"<componentOf><encompassingEncounter>{id_('E')}{on('20260101')}</encompassingEncounter></componentOf>"
    head = f"<authorization><consent>{id_('K')}{code('1')}</consent></authorization>{visit}"
    texts = [document(section("46240-8", told), head=head).replace('"E"', n).replace('"K"', n) for n in ('"1"', '"2"')]
    for kind in ("encounter", "consent"):
        assert 1 == len({key for t in texts for key in Read(t, ids="content").keys(kind)})
        assert 2 == len({key for t in texts for key in Read(t).keys(kind)})


def test_an_entry_without_an_id_is_known_by_what_it_says():
    """Not by where it stands, nor by the mark of the words that it refers to."""

    def words(mark, before):
        told = statement("observation", "GOL", f'<text><reference value="#{mark}"/></text>', status("active"))
        return Read(document(section(GOALS, *before, told, text=f'<content ID="{mark}">Walk daily</content>')))

    one, other = words("a", ()).keys("goal"), words("b", (goal(),)).keys("goal")
    assert set(one) < set(other)


def test_what_nobody_knows_is_counted_by_its_template():
    vital = statement("organizer", "EVN", id_("V"), template="26")
    read = Read(document(section("8716-3", vital), section("48765-2", statement("act", "EVN", template="30"))))
    assert [(2, "OUT_OF_SCOPE", T + "26"), (3, "NARRATIVE", T + "30")] == [
        (t.origin.row, t.fate.name, t.template) for t in read.document.told
    ]


@pytest.mark.parametrize("where", ["document", "section", "entry", "part"])
def test_a_word_of_caution_is_on_all_that_is_made_of_what_it_is_about(where):
    """The most restrictive of the path; what holds the words of all sections carries the most restrictive of all."""
    word = dict.fromkeys(("document", "section", "entry", "part"), "") | {where: '<confidentialityCode code="R"/>'}
    part = statement("observation", "EVN", word["part"], ASSERTION, template="143")
    one = section(GOALS, goal(word["entry"], hangs("RSON", part)), goal(key="G-2"), more=word["section"])
    read = Read(document(one, section(PLAN, text="Walk"), head=word["document"]))
    first, second = read.facts("goal")
    assert ("R",) == first.labels
    assert (("R",) if where in {"document", "section"} else ()) == second.labels
    assert {("R",)} == {f.labels for f in (*read.facts("document"), *read.facts("plan"))}


def test_one_id_for_different_statements_is_told_at_the_second():
    """And once, however many there are; the same statement again is no different one."""
    read = Read(document(section(GOALS, goal(), goal(), goal(word="1"), goal(word="2"))))
    assert [4] == [row.origin.row for row, issue in read.document.warnings if issue.rule == "id-reused"]
    assert "id-reused" not in Read(document(section(GOALS, goal(), goal()))).rules


def test_visits_of_one_id_on_other_days_are_apart():
    """Also from the one that the header states; a visit of its day is the same, whatever else it says."""

    def told(*days):
        visit = f"<componentOf><encompassingEncounter>{id_('E')}{on('20260101')}</encompassingEncounter></componentOf>"
        entries = [statement("encounter", "EVN", id_("E"), on(day)) for day in days]
        return Read(document(section("46240-8", *entries), head=visit))

    assert 1 == len(told("20260101").of("encounter"))
    assert 2 == len(told("20260303").of("encounter"))
    assert 3 == len(set(told("20260101", "20260202", "20260303").keys("encounter")))
    assert "id-reused" in told("20260303").rules
