"""Words that must not be lost, and that must not become more than they say: invented documents."""

import pytest

from layouts.ccda.writing import (
    ASSERTION,
    Read,
    code,
    document,
    hangs,
    id_,
    linked,
    on,
    section,
    statement,
    status,
)  # fmt: skip

GOALS, PLAN, CONCERNS, PROBLEMS, REFERRAL = "61146-7", "18776-5", "75310-3", "11450-4", "42349-1"
ENCOUNTERS = "46240-8"
ASKED = [code("183561008", "Referral"), status("active"), on("20261201")]


def orders(read):
    return [s for s in read.of("service") if s["intent"] == "order"]


def described(read):
    return [g["description"].get("text") for g in read.of("goal")]


def problem(name, *inner, word="55607006"):
    kind = code(word) if word else ""
    return statement("observation", "EVN", kind, status("completed"), code("73211009", name, "value"), *inner)


def category(read):
    return [c["category"][0]["coding"][0]["code"] for c in read.of("condition")]


# words of any script ---------------------------------------------------------


@pytest.mark.parametrize("told", ["每周一次心理治疗", "К кардиологу", "20/12/2026 14:00", "इलाज जारी", "علاج"])
def test_words_of_any_script_are_a_plan_and_a_referral(told):
    read = Read(document(section(PLAN, text=told), section(REFERRAL, text=told)))
    assert told in read.of("plan")[0]["text"]["div"]
    assert [told] == [s["code"]["text"] for s in orders(read)]


# what is not asked for --------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        "No referral needed.", "No new referrals", "None needed at present", "N/A - none required", "Ninguna",
        "Patient declined referral to psychiatry", "No referrals made today", "No se requiere", "Denies need for one",
        "Referral declined by client", "The client refused a referral.", "Not indicated at this visit",
    ],
)  # fmt: skip
def test_words_that_no_referral_is_wanted_are_no_order(told):
    """They stay with the document's words."""
    read = Read(document(section(REFERRAL, text=told)))
    assert [] == read.of("service")
    assert 1 == len(read.of("document"))


@pytest.mark.parametrize(
    "told",
    ["No improvement on sertraline. Refer to Oak Psychiatry", "Declined in May; now asks for Oak Psychiatry",
     "No longer safe at home: Oak Psychiatry", "Nonepileptic seizures, sleep study", "Noah's clinic"],
)  # fmt: skip
def test_words_that_begin_with_a_no_and_then_ask_are_an_order(told):
    assert [told] == [s["code"]["text"] for s in orders(Read(document(section(REFERRAL, text=told))))]


# what a referral's words stand beside -------------------------------------------


@pytest.mark.parametrize(
    "entry",
    ['<act classCode="ACT" moodCode="RQO" nullFlavor="NI"><code nullFlavor="NI"/></act>',
     statement("observation", "EVN", code("1"), code("2", "Snoring", "value"), template="4")],
)  # fmt: skip
def test_a_referral_in_words_stands_beside_entries_that_ask_for_nothing(entry):
    read = Read(document(section(REFERRAL, entry, text="Refer to Oak for a sleep study")))
    assert ["Refer to Oak for a sleep study"] == [s["code"]["text"] for s in orders(read)]


def test_words_beside_a_referral_that_is_asked_for_are_its_reason():
    """As they were: no second order."""
    told = statement("act", "RQO", *ASKED, template="140")
    (made,) = Read(document(section(REFERRAL, told, text="Snores"))).of("service")
    assert [{"text": "Snores"}] == made["reasonCode"]


def test_words_beside_a_referral_that_is_said_not_to_be_wanted_are_no_order():
    told = statement("act", "RQO", *ASKED, template="140", negated=True)
    assert [] == Read(document(section(REFERRAL, told, text="Sleep study was discussed"))).of("service")


def visit(day):
    told = id_(day) + code("AMB", system="2.16.840.1.113883.5.4")
    told += f'<effectiveTime><low value="{day}0900+0000"/></effectiveTime>'
    return f"<componentOf><encompassingEncounter>{told}</encompassingEncounter></componentOf>"


@pytest.mark.parametrize(
    ("kind", "heads", "ids", "orders"),
    [
        ("57133-1", ("", ""), ("D-1", "D-2"), 2),  # notes of their own
        ("57133-1", ("", ""), ("D-1", "D-1"), 1),  # one, exported again
        ("57133-1", (visit("20250110"), visit("20250110")), ("D-1", "D-2"), 1),  # made again of one visit
        ("34133-9", (visit("20250110"), visit("20260110")), ("D-1", "D-2"), 2),
        ("34133-9", ("", ""), ("D-1", "D-2"), 1),  # how things stand: the next one says it again
    ],
)
def test_the_same_words_are_the_same_referral_only_on_one_occasion(kind, heads, ids, orders):
    words = section(REFERRAL, text="Refer to cardiology")
    both = zip(heads, ids, ("20250110", "20260110"), strict=True)
    told = [document(words, kind=kind, head=head, number=number, made=day) for head, number, day in both]
    assert orders == len({key for text in told for key in Read(text).keys("service")})


# two things asked for -----------------------------------------------------------


def performer(name):
    person = f"<assignedPerson><name><family>{name}</family></name></assignedPerson>"
    return f"<performer><assignedEntity>{id_(name, '9.9.9')}{person}</assignedEntity></performer>"


def thing(name):
    playing = f"<playingDevice>{code(name)}</playingDevice>"
    return f'<participant typeCode="PRD"><participantRole>{playing}</participantRole></participant>'


SITE = {name: code(name, element="targetSiteCode") for name in ("7", "8")}


@pytest.mark.parametrize(
    ("tag", "kind", "template", "apart"),
    [
        ("act", "service", "140", [performer("Oak"), performer("Elm")]),
        ("supply", "device", "43", [thing("7"), thing("8")]),
        ("procedure", "service", "41", [SITE["7"], SITE["8"]]),
    ],
)
@pytest.mark.parametrize("own", ["", id_("R")], ids=["no id", "one id"])
@pytest.mark.parametrize("ids", ["own", "content"])
def test_requests_that_differ_in_who_what_or_where_are_two(tag, kind, template, apart, own, ids):
    """In one document and across two."""
    each = [statement(tag, "RQO", own, *ASKED, how, template=template) for how in apart]
    assert 2 == len(set(Read(document(section(PLAN, *each)), ids=ids).keys(kind)))
    if ids == "content":
        assert 2 == len({Read(document(section(PLAN, e)), ids=ids).keys(kind)[0] for e in each})
    assert 1 == len(Read(document(section(PLAN, each[0], each[0])), ids=ids).keys(kind))


# problems without templates -------------------------------------------------------


CONCERN = [code("CONC", system="2.16.840.1.113883.5.6"), status("active")]


@pytest.mark.parametrize(
    ("where", "expected"),
    [(PROBLEMS, "problem-list-item"), (CONCERNS, "health-concern"), (ENCOUNTERS, "encounter-diagnosis")],
)
@pytest.mark.parametrize("word", ["55607006", "29308-4", "ASSERTION", ""])
def test_a_problem_without_templates_is_a_condition_of_its_section(where, expected, word):
    act = statement("act", "EVN", *CONCERN, hangs("SUBJ", problem("Diabetes", word=word)))
    visit = statement("encounter", "EVN", id_("V"), on("20260101"), hangs("COMP", act))
    read = Read(document(section(where, visit if where == ENCOUNTERS else act)))
    assert [expected] == category(read)
    assert [] == read.of("observation")
    assert [f"condition:{read.keys('condition')[0]}"] == [
        d["condition"]["reference"] for e in read.of("encounter") for d in e["diagnosis"]
    ] or where != ENCOUNTERS


@pytest.mark.parametrize("held", [False, True])
def test_what_a_problem_says_of_itself_without_templates_is_no_second_problem(held):
    """Its state is read where it is told by its code."""
    over = statement("observation", "EVN", code("33999-4", system="2.16.840.1.113883.6.1"),
                     code("413322009", "Resolved", "value"))  # fmt: skip
    grave = statement("observation", "EVN", code("SEV"), code("6736007", "Moderate", "value"))
    told = problem("Diabetes", hangs("REFR", over), hangs("SUBJ", grave))
    act = statement("act", "EVN", *CONCERN, hangs("SUBJ", told))
    (made,) = Read(document(section(PROBLEMS, act if held else told))).of("condition")
    assert ("Diabetes", "resolved") == (
        made["code"]["coding"][0]["display"],
        made["clinicalStatus"]["coding"][0]["code"],
    )


def test_a_denied_problem_without_templates_is_refuted():
    told = problem("Diabetes").replace("<observation ", '<observation negationInd="true" ')
    (made,) = Read(document(section(PROBLEMS, told))).of("condition")
    assert "refuted" == made["verificationStatus"]["coding"][0]["code"]


@pytest.mark.parametrize("where", [PROBLEMS, CONCERNS])
def test_what_names_another_template_or_another_code_is_no_problem(where):
    """An allergy is an ASSERTION with a coded value too."""
    allergy = statement("observation", "EVN", ASSERTION, code("419199007", "Allergy", "value"), template="7")
    pain = statement("observation", "EVN", code("225908003", "Pain score"), code("1", "Low", "value"))
    assert [] == Read(document(section(where, allergy, pain))).of("condition")


def test_a_template_with_blanks_around_it_is_that_template():
    told = statement("observation", "EVN", ASSERTION, code("1", "Asthma", "value"), template="4 ")
    assert 1 == len(Read(document(section(PROBLEMS, told))).of("condition"))


# sections by what their code is called elsewhere -------------------------------------


@pytest.mark.parametrize("template", ["", '<templateId root="2.16.840.1.113883.10.20.22.2.10"/>'])
def test_a_section_is_known_by_the_loinc_code_beside_its_own(template):
    translated = '<translation code="18776-5" codeSystem="2.16.840.1.113883.6.1"/>' if not template else ""
    own = f'<section>{template}<code code="POC" codeSystem="1.2.840.1">{translated}</code>'
    read = Read(document(f"{own}<text>Weekly CBT</text></section>"))
    assert 1 == len(read.of("plan"))


def test_a_document_is_known_by_the_loinc_code_beside_its_own():
    """A Care Plan document is the plan, whichever sections it has."""
    care_plan = '<translation code="52521-2" codeSystem="2.16.840.1.113883.6.1"/>'
    own = f'<code code="CP" codeSystem="1.2.840.1">{care_plan}</code>'
    text = document(section("29549-3", text="Walk")).replace(
        '<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/>', own
    )
    assert 1 == len(Read(text).of("plan"))


# moods and links, however they are spelled ---------------------------------------------


@pytest.mark.parametrize("mood", ["rqo", " RQO ", "Rqo"])
def test_a_mood_in_small_letters_or_with_blanks_is_that_mood(mood):
    assert 1 == len(orders(Read(document(section(REFERRAL, statement("act", mood, *ASKED, template="140"))))))
    goal = statement("observation", mood.replace("rqo", "gol").replace("RQO", "GOL").replace("Rqo", "Gol"),
                     code("1", "Sober"), status("active"))  # fmt: skip
    assert ["Sober"] == described(Read(document(section(GOALS, goal))))


@pytest.mark.parametrize("link", ["refr", "REFR "])
def test_a_link_in_small_letters_or_with_blanks_is_that_link(link):
    held = statement("observation", "EVN", id_("P"), ASSERTION, code("1", "Asthma", "value"), template="4")
    worry = statement("act", "EVN", id_("C"), status("active"), hangs(link, held), template="132")
    goal = statement("observation", "GOL", code("2", "Run"), status("active"), hangs(link, linked("C")))
    read = Read(document(section(CONCERNS, worry), section(GOALS, goal)))
    assert [f"condition:{k}" for k in read.keys("condition")] == [
        r["reference"] for r in read.of("goal")[0]["addresses"]
    ]


def test_a_place_in_small_letters_is_that_place():
    place = f"<participantRole>{code('1', 'Oak House')}</participantRole>"
    told = statement("act", "RQO", *ASKED, f'<participant typeCode="loc">{place}</participant>')
    (made,) = Read(document(section(PLAN, told))).of("service")
    assert "Oak House" == made["locationCode"][0]["coding"][0]["display"]


# goals by their value --------------------------------------------------------------


@pytest.mark.parametrize("own", ["", '<code nullFlavor="UNK"/>', ASSERTION])
@pytest.mark.parametrize("value", [code("1", "Stable housing", "value"), '<value xsi:type="ST">Stable housing</value>'])
def test_a_goal_that_names_only_a_value_is_that(own, value):
    read = Read(document(section(GOALS, statement("observation", "GOL", own, status("active"), on("2027"), value))))
    (made,) = read.of("goal")
    assert "Stable housing" == made["description"]["text"]
    assert [{"dueDate": "2027"}] == made["target"]


def test_a_goal_with_a_code_keeps_it_and_its_value_is_the_target():
    told = statement("observation", "GOL", code("3", "Weight"), status("active"),
                     '<value xsi:type="PQ" value="70" unit="kg"/>')  # fmt: skip
    (made,) = Read(document(section(GOALS, told))).of("goal")
    assert ("Weight", 70) == (made["description"]["text"], made["target"][0]["detailQuantity"]["value"])


# sections that say they say nothing ----------------------------------------------------


def unsaid(code_, text, null):
    return section(code_, text=text).replace("<section>", f'<section nullFlavor="{null}">')


def test_words_of_a_section_that_says_it_has_none_are_a_plan_with_a_warning():
    read = Read(document(unsaid(PLAN, "Weekly CBT with Ana", "NI")))
    assert "Weekly CBT with Ana" in read.of("plan")[0]["text"]["div"]
    assert "ccda-null-section" in read.rules


@pytest.mark.parametrize("told", ["No plan on record for this person", "Not available from Oak"])
def test_words_that_agree_with_their_section_are_no_plan(told):
    read = Read(document(unsaid(PLAN, told, "NI")))
    assert ([], set()) == (read.of("plan"), read.rules)


def test_words_in_a_section_that_says_it_has_none_are_never_an_order():
    """But somebody is told."""
    read = Read(document(unsaid(REFERRAL, "Oak Psychiatry", "NI")))
    assert ([], {"ccda-null-section"}) == (read.of("service"), read.rules)


def test_what_is_withheld_is_no_plan():
    assert [] == Read(document(unsaid(PLAN, "Withheld by request", "MSK"))).of("plan")


# words by their place ------------------------------------------------------------------


def test_a_reference_leads_to_the_place_in_its_own_section():
    """Where another section uses the same id; and it is told where the id is twice in the section itself."""
    words = '<originalText><reference value="#p1"/></originalText>'
    asked = statement("act", "INT", f'<code nullFlavor="UNK">{words}</code>')
    given = section("29549-3", text='<paragraph ID="p1">Buprenorphine given</paragraph>')
    read = Read(document(given, section(PLAN, asked, text='<paragraph ID="p1">Podiatry</paragraph>')))
    assert ["Podiatry"] == [s["code"]["text"] for s in read.of("service")]
    twice = '<paragraph ID="p1">Podiatry</paragraph><paragraph ID="p1">Oak</paragraph>'
    read = Read(document(given, section(PLAN, asked, text=twice)))
    assert (["Podiatry"], {"ccda-id-twice"}) == ([s["code"]["text"] for s in read.of("service")], read.rules)
