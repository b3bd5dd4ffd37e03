"""What an entry becomes: by its mood, then its template, then its section; and what never becomes a fact."""

import pytest

from layouts.ccda.writing import ASSERTION, Read, code, document, hangs, id_, linked, on, section, statement, status
from nowrongdoor.layouts.ccda.sections import silent

GOALS, PLAN, CONCERNS, PROBLEMS, REFERRAL = "61146-7", "18776-5", "75310-3", "11450-4", "42349-1"
MENTAL, FUNCTIONAL, DONE, OUTCOMES, ENCOUNTERS = "10190-7", "47420-5", "62387-6", "11383-7", "46240-8"
_MATERIAL = f"<manufacturedMaterial>{code('7')}</manufacturedMaterial>"
DRUG = f"<consumable><manufacturedProduct>{_MATERIAL}</manufacturedProduct></consumable>"


def test_the_mood_says_what_is_asked_for():
    moods = {"INT": "plan", "RQO": "order", "PRMS": "plan", "PRP": "proposal", "ARQ": "proposal"}
    for tag in ("act", "encounter", "observation", "procedure"):
        entries = [statement(tag, mood, id_(mood), code("1")) for mood in moods]
        assert list(moods.values()) == [s["intent"] for s in Read(document(section(PLAN, *entries))).of("service")]


@pytest.mark.parametrize("mood", ["DEF", "XXX"])
def test_a_definition_or_a_word_that_is_no_mood_is_no_fact(mood):
    read = Read(document(section(PLAN, statement("act", mood, code("1")))))
    assert ([], {2: "NARRATIVE"}) == (read.of("service"), read.fates)


@pytest.mark.parametrize("template", ["44", "121", "41", ""])
def test_a_goal_is_one_by_its_mood_in_any_section(template):
    """R1.1 writes goals with the template of planned observations."""
    told = statement("observation", "GOL", code("1", "Walk"), status("new"), template=template)
    read = Read(document(section(PLAN, told)))
    assert ["proposed"] == [g["lifecycleStatus"] for g in read.of("goal")]
    assert [] == read.of("service")


def test_a_goal_without_a_status_is_refused():
    read = Read(document(section(GOALS, statement("observation", "GOL", code("1", "Walk")))))
    assert ["goal-status"] == [i.rule for r in read.document.refused for i in r.issues]
    assert ([], {}) == (read.of("goal"), read.fates)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("20260102", {"due": "2026-01-02"}), ("20251231", {"start": "2025-12-31"}), ("20260101", {"start": "2026-01-01"})],
)
def test_a_single_time_is_when_a_goal_is_due_only_if_it_is_still_to_come(day, expected):
    """After the document's own time, here 1 January."""
    told = statement("observation", "GOL", code("1", "Walk"), status("active"), on(day))
    made = Read(document(section(GOALS, told))).of("goal")[0]
    found = {"start": made.get("startDate"), "due": made.get("target", [{}])[0].get("dueDate")}
    assert expected == {k: v for k, v in found.items() if v}


# negation is absence -----------------------------------------------------


@pytest.mark.parametrize("tag", ["observation", "procedure", "substanceAdministration"])
def test_a_negated_plan_asks_for_nothing_and_is_a_note_of_the_plan(tag):
    told = statement(tag, "INT", "<code nullFlavor='OTH'/><text>No planned tests</text>", negated=True)
    read = Read(document(section(PLAN, told)))
    assert ([], [], {2: "MERGED"}) == (read.of("service"), read.of("medication"), read.fates)
    assert [{"text": "No planned tests"}] == read.of("plan")[0]["note"]
    assert {2: "NARRATIVE"} == Read(document(section(GOALS, told))).fates  # no plan to be a note of


@pytest.mark.parametrize(
    ("section_", "entry"),
    [
        (CONCERNS, statement("act", "EVN", "<text>No known concerns</text>", negated=True, template="132")),
        (MENTAL, statement("observation", "EVN", code("1"), code("2", element="value"), negated=True, template="74")),
        (OUTCOMES, statement("observation", "EVN", code("1"), negated=True, template="144")),
        (GOALS, statement("observation", "GOL", code("1"), status("active"), negated=True)),
        (ENCOUNTERS, statement("encounter", "EVN", on("20260101"), negated=True, template="49")),
    ],
)
def test_what_is_denied_is_no_fact(section_, entry):
    read = Read(document(section(section_, entry)))
    assert {2: "NARRATIVE"} == read.fates
    assert {"person", "document"} == {f.kind for f in read.document.facts}


def test_what_hangs_on_a_denied_act_is_no_fact():
    told = statement("act", "INT", code("1", "Education"), status("active"), template="20")
    given = statement("substanceAdministration", "EVN", hangs("SUBJ", told), negated=True, template="52")
    assert {2: "OUT_OF_SCOPE", 3: "NARRATIVE"} == Read(document(section("11369-6", given))).fates


@pytest.mark.parametrize(("value", "fate"), [("55607006", "NARRATIVE"), ("195967001", "WRITTEN")])
def test_a_denied_problem_is_refuted_if_it_names_one_and_nothing_if_it_is_any(value, fate):
    told = statement("observation", "EVN", ASSERTION, code(value, "x", "value"), negated=True, template="4")
    read = Read(document(section(PROBLEMS, statement("act", "EVN", hangs("SUBJ", told), template="3"))))
    assert fate == read.fates.get(3, "WRITTEN")
    for made in read.of("condition"):
        assert "refuted" == made["verificationStatus"]["coding"][0]["code"]
        assert "clinicalStatus" not in made


# requests ----------------------------------------------------------------


@pytest.mark.parametrize("tag", ["encounter", "procedure"])
def test_a_request_whose_words_stand_in_an_event_of_its_own_id_did_not_happen(tag):
    """Some vendors write a planned visit as a shell around an event: no Encounter, no Procedure."""
    inner = statement(tag, "EVN", id_("X"), code("1", "Consult"), status("active"), on("20260301"))
    read = Read(document(section(PLAN, statement(tag, "ARQ", id_("X"), hangs("REFR", inner)))))
    assert [("Consult", "active", "2026-03-01")] == [
        (s["code"]["coding"][0]["display"], s["status"], s["occurrenceDateTime"]) for s in read.of("service")
    ]
    assert ([], [], {3: "MERGED"}) == (read.of("encounter"), read.of("procedure"), read.fates)


def test_a_plan_that_says_nothing_is_no_request():
    assert [] == Read(document(section(PLAN, statement("encounter", "INT", id_("X"))))).of("service")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("active", "active"), ("aborted", "revoked"), ("suspended", "on-hold"), ("new", "draft"), ("ordered", "unknown")],
)
def test_status_of_a_request(word, expected):
    read = Read(document(section(PLAN, statement("act", "RQO", code("1"), status(word)))))
    assert [expected] == [s["status"] for s in read.of("service")]
    assert ("ccda-status" in read.rules) == (word == "ordered")


def test_what_hangs_on_a_request_goes_into_it():
    plan_name = statement("act", "INT", code("111", "Medicare HMO"))
    coverage = statement("act", "INT", hangs("COMP", plan_name), template="129")
    why = statement("observation", "EVN", id_("I"), code("9", "Pain", "value"), template="19")
    wish = statement("observation", "EVN", code("5", "High priority", "value"), template="143")
    told = statement("act", "INT", "<text>Come fasting</text>", template="20")
    inner = hangs("COMP", coverage) + hangs("RSON", why) + hangs("RSON", wish) + hangs("SUBJ", told)
    read = Read(document(section(PLAN, statement("act", "RQO", code("1"), inner))))
    (made,) = read.of("service")
    assert [{"display": "Medicare HMO"}] == made["insurance"]
    assert "Pain" == made["reasonCode"][0]["coding"][0]["display"]
    assert [{"text": "Priority: High priority"}] == made["note"]
    assert "Come fasting" == made["patientInstruction"]
    assert "priority" not in made
    assert {"MERGED"} == set(read.fates.values())


def test_a_medicine_that_is_planned_is_asked_for_and_one_that_was_taken_is_not():
    told = statement("act", "INT", "<text>With food</text>", template="20")
    planned = statement("substanceAdministration", "INT", on("20260301"), DRUG, hangs("SUBJ", told), template="42")
    read = Read(document(section(PLAN, planned), section("10160-0", statement("substanceAdministration", "EVN", DRUG))))
    assert [[{"timing": {"event": ["2026-03-01"]}, "patientInstruction": "With food"}]] == [
        m["dosageInstruction"] for m in read.of("medication")
    ]
    assert {3: "MERGED", 4: "NARRATIVE"} == read.fates


def test_a_supply_of_a_thing_is_a_device_request():
    thing = f"<playingDevice>{code('8', 'Walker')}</playingDevice>"
    thing = f"<participant><participantRole>{thing}</participantRole></participant>"
    read = Read(document(section(PLAN, statement("supply", "RQO", thing, status("active"), template="43"))))
    assert [("order", "Walker")] == [
        (d["intent"], d["codeCodeableConcept"]["coding"][0]["display"]) for d in read.of("device")
    ]


# plans -------------------------------------------------------------------


def test_a_plan_in_words_is_a_plan_with_a_text_and_no_activity():
    read = Read(document(section(PLAN, text="<paragraph>Walk with Ana daily</paragraph>", title="Plan")))
    (made,) = read.of("plan")
    assert ("unknown", "Plan") == (made["status"], made["title"])
    assert "Walk with Ana daily" in made["text"]["div"]
    assert not {"activity", "goal"} & made.keys()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Reason for Referral: excluded/not available", True), ("N/A", True), ("...", True), ("None recorded.", True),
        ("Date Details 02/12/2014 No reason for referral data is applicable", True),
        ("Plan of care No Information About Plan of Care", True),
        ("Referral", False), ("No smoking", False), ("See Ana, no plan for surgery", False), ("Not fasting", False),
    ],
)  # fmt: skip
def test_words_that_only_say_that_there_are_none(told, expected):
    assert expected == silent(told)
    read = Read(document(section(PLAN, text=told), section(REFERRAL, text=told)))
    assert ([], []) == (read.of("plan"), read.of("service")) or not expected


def test_goals_alone_make_no_plan_and_done_things_alone_neither():
    goal = statement("observation", "GOL", code("1", "Walk"), status("active"))
    done = statement("act", "EVN", code("2"), template="12")
    assert [] == Read(document(section(GOALS, goal, text="Walk"))).of("plan")
    assert [] == Read(document(section(DONE, done, text="Counselled"))).of("plan")
    assert 1 == len(Read(document(section(DONE, statement("act", "INT", code("3"))))).of("plan"))


def test_a_handoff_told_twice_is_progress_once():
    handoff = statement("act", "EVN", code("432138007", "handoff"), on("20251201"), template="141")
    read = Read(document(section(PLAN, handoff, handoff)))
    assert [[{"time": "2025-12-01", "text": "handoff"}]] == [a["progress"] for a in read.of("plan")[0]["activity"]]
    assert {2: "MERGED", 3: "MERGED"} == read.fates


def test_the_plan_goes_on_through_the_versions_of_a_document():
    """One setId, two documents: two DocumentReferences, one CarePlan."""
    set_ = '<setId root="1.2.3" extension="S"/>'
    texts = [document(section(PLAN, text="Walk"), head=set_).replace("D-1", d) for d in ("D-1", "D-2")]
    assert (2, 1) == tuple(len({Read(t).keys(kind)[0] for t in texts}) for kind in ("document", "plan"))


def test_links_by_id_lead_to_goals_concerns_and_outcomes():
    problem = statement("observation", "EVN", id_("P"), ASSERTION, code("1", "Asthma", "value"), template="4")
    concern = statement("act", "EVN", id_("C"), status("active"), hangs("REFR", problem), template="132")
    goal = statement("observation", "GOL", id_("G"), code("2"), status("active"), hangs("REFR", linked("C")))
    asked = statement("act", "INT", id_("R"), code("3"), hangs("RSON", linked("G")), template="39")
    reached = statement("observation", "EVN", ASSERTION, code("390802008", "Goal achieved", "value"), template="110")
    outcome = statement(
        "observation", "EVN", id_("O"), code("4"), hangs("GEVL", linked("G")), hangs("SPRT", reached), template="144"
    )
    read = Read(
        document(section(CONCERNS, concern), section(GOALS, goal), section(DONE, asked), section(OUTCOMES, outcome))
    )
    (made,) = read.of("goal")
    assert [{"reference": f"condition:{read.keys('condition')[0]}"}] == made["addresses"]
    assert [{"reference": f"observation:{read.keys('observation')[0]}"}] == made["outcomeReference"]
    assert ["achieved", "390802008"] == [c["code"] for c in made["achievementStatus"]["coding"]]
    (request,) = read.of("service")
    assert {"reference": f"goal:{read.keys('goal')[0]}"} == request["extension"][0]["valueReference"]
    assert "ccda-link" not in read.rules


def test_a_link_that_leads_nowhere_is_told():
    goal = statement("observation", "GOL", code("2"), status("active"), hangs("REFR", linked("nowhere")))
    read = Read(document(section(GOALS, goal)))
    assert "ccda-link" in read.rules
    assert "addresses" not in read.of("goal")[0]


def test_what_is_said_not_to_be_planned_without_a_word_is_no_note():
    """An empty note would refuse the whole plan."""
    none = statement("observation", "INT", negated=True)
    (plan,) = Read(document(section(PLAN, none, text="Walk daily"))).of("plan")
    assert "note" not in plan
