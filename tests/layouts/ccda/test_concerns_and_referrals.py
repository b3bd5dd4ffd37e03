"""What an entry becomes in the other sections: problems, referrals, scores, encounters, papers, payers, teams."""

import base64

import pytest

from layouts.ccda.writing import ASSERTION, Read, code, document, hangs, id_, on, section, statement, status

GOALS, PLAN, CONCERNS, PROBLEMS, REFERRAL = "61146-7", "18776-5", "75310-3", "11450-4", "42349-1"
MENTAL, FUNCTIONAL, DONE, OUTCOMES, ENCOUNTERS = "10190-7", "47420-5", "62387-6", "11383-7", "46240-8"
_MATERIAL = f"<manufacturedMaterial>{code('7')}</manufacturedMaterial>"
DRUG = f"<consumable><manufacturedProduct>{_MATERIAL}</manufacturedProduct></consumable>"


# problems ----------------------------------------------------------------


def problem(*inner, act="active", high="", code_="11450-4"):
    time = f'<effectiveTime><low value="2020"/>{high}</effectiveTime>'
    told = statement("observation", "EVN", ASSERTION, time, code("1", "Asthma", "value"), *inner, template="4")
    return Read(document(section(code_, statement("act", "EVN", status(act), hangs("SUBJ", told), template="3"))))


STATED = statement("observation", "EVN", code("55561003", "Active", "value"), template="6")


@pytest.mark.parametrize(
    ("inner", "act", "high", "expected"),
    [
        ("", "active", "", "active"), ("", "completed", "", "inactive"), ("", "suspended", "", "inactive"),
        ("", "active", '<high value="2021"/>', "inactive"), ("", "active", '<high nullFlavor="UNK"/>', "resolved"),
        (hangs("REFR", STATED), "completed", "", "active"),
        (hangs("REFR", STATED), "active", '<high nullFlavor="UNK"/>', "active"),
        (hangs("REFR", STATED), "active", '<high value="2021"/>', "inactive"),
    ],
)  # fmt: skip
def test_status_of_a_problem(inner, act, high, expected):
    """As stated, else as its act's; what has abated is never active (con-4)."""
    (made,) = problem(inner, act=act, high=high).of("condition")
    assert expected == made["clinicalStatus"]["coding"][0]["code"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [(PROBLEMS, "problem-list-item"), (ENCOUNTERS, "encounter-diagnosis"), (CONCERNS, "health-concern")],
)
def test_category_of_a_problem_is_its_sections(where, expected):
    assert [expected] == [c["category"][0]["coding"][0]["code"] for c in problem(code_=where).of("condition")]


def test_a_risk_is_no_condition():
    told = statement("observation", "EVN", ASSERTION, code("1", "Falls", "value"), template="4")
    for risk in (
        statement("act", "EVN", hangs("REFR", told), template="136"),
        statement("act", "EVN", "<text>Falls</text>", template="136"),
    ):
        read = Read(document(section(CONCERNS, risk)))
        assert ([], ["281694009"]) == (
            read.of("condition"), [o["code"]["coding"][0]["code"] for o in read.of("observation")],
        )  # fmt: skip


def test_a_concern_in_words_is_a_condition_in_words():
    read = Read(
        document(section(CONCERNS, statement("act", "EVN", "<text>Fears</text>", status("active"), template="132")))
    )
    assert [{"text": "Fears"}] == [c["code"] for c in read.of("condition")]
    assert "text-only" in read.rules


# referrals ---------------------------------------------------------------


def referral(*inner, mood="INT", word="active"):
    return statement("act", mood, id_("R"), code("44383000"), status(word), *inner, template="140")


@pytest.mark.parametrize("where", [REFERRAL, DONE, PLAN, "29762-2"])
def test_a_referral_is_an_order_with_its_task_wherever_it_stands(where):
    read = Read(document(section(where, referral())))
    assert ["order"] == [s["intent"] for s in read.of("service")]
    assert [("requested", f"service:{read.keys('service')[0]}")] == [
        (t["status"], t["focus"]["reference"]) for t in read.of("task")
    ]
    assert [(("service", read.keys("service")[0]),)] == [f.needs for f in read.facts("task")]


def test_a_referral_of_unknown_state_has_no_task():
    read = Read(document(section(REFERRAL, referral(word="ordered"))))
    assert (["unknown"], []) == ([s["status"] for s in read.of("service")], read.of("task"))


def test_a_referral_in_words_is_one_request_with_its_text():
    read = Read(document(section(REFERRAL, text="See Dr. Roe about the knee")))
    assert [("unknown", "order", {"text": "See Dr. Roe about the knee"})] == [
        (s["status"], s["intent"], s["code"]) for s in read.of("service")
    ]
    assert [] == read.of("task")
    assert "text-only" in read.rules


def test_the_words_of_a_coded_referral_are_its_reason():
    read = Read(document(section(REFERRAL, referral(), text="The knee")))
    assert [[{"text": "The knee"}]] == [s["reasonCode"] for s in read.of("service")]


def test_a_note_that_answers_a_referral_completes_it():
    act = f'<reference typeCode="REFR"><externalAct>{id_("R")}</externalAct></reference>'
    note = statement("act", "EVN", code("34109-9"), "<text>Seen and well</text>", act, template="202")
    read = Read(document(section(DONE, referral()), section("11488-4", note)))
    assert ["completed"] == [s["status"] for s in read.of("service")]
    (task,) = read.of("task")
    assert "completed" == task["status"]
    note_key = next(f.id for f in read.facts("document") if f.origin.row == 3)
    assert {"reference": f"document:{note_key}"} == task["output"][0]["valueReference"]


def test_a_document_that_fulfils_an_order_closes_it_by_its_identifier_and_makes_no_order():
    head = (
        f"<inFulfillmentOf><order>{id_('R', '1.2.7')}{code('103697008', 'Dental referral')}</order></inFulfillmentOf>"
    )
    read = Read(document(head=head, kind="11488-4"))
    (task,) = read.of("task")
    assert ("completed", {"system": "urn:oid:1.2.7", "value": "R"}) == (task["status"], task["focus"]["identifier"])
    assert {"reference": f"document:{read.keys('document')[0]}"} == task["output"][0]["valueReference"]
    assert [] == read.of("service")


# other sections ----------------------------------------------------------


def test_a_score_holds_its_answers():
    answer = statement("observation", "EVN", code("a1"), '<value xsi:type="INT" value="2"/>', template="86")
    score = statement(
        "observation", "EVN", code("44261-6", "PHQ-9"), status("completed"), '<value xsi:type="INT" value="9"/>',
        f"<entryRelationship typeCode='COMP'>{answer}</entryRelationship>", template="69",
    )  # fmt: skip
    read = Read(document(section(MENTAL, score)))
    (made,) = read.of("observation")
    assert (9, [2]) == (made["valueInteger"], [c["valueInteger"] for c in made["component"]])
    assert {"cognitive-status", "survey"} == {c["coding"][0]["code"] for c in made["category"]}
    assert {3: "MERGED"} == read.fates


def test_one_encounter_of_header_and_entry():
    """One id, one resource: each fills what the other leaves open."""
    head = f"<componentOf><encompassingEncounter>{id_('E')}{on('20260101')}</encompassingEncounter></componentOf>"
    told = statement(
        "encounter", "EVN", id_("E"), code("99213", "Visit", system="2.16.840.1.113883.6.12"), on("20260101")
    )
    read = Read(document(section(ENCOUNTERS, told), head=head))
    (made,) = read.of("encounter")
    assert ("finished", "AMB", "Visit") == (
        made["status"],
        made["class"]["code"],
        made["type"][0]["coding"][0]["display"],
    )


def test_an_advance_directive_is_a_paper_and_never_a_consent():
    told = statement(
        "observation", "EVN", code("75278-2"), code("304253006", "Do not resuscitate", "value"), template="48"
    )
    read = Read(document(section("42348-3", statement("organizer", "EVN", code("45473-6"), template="108").replace(
        "</organizer>", f"<component>{told}</component></organizer>"))))  # fmt: skip
    made = next(d for d in read.of("document") if d.get("description") == "Do not resuscitate")
    assert "42348-3" == made["category"][0]["coding"][0]["code"]
    assert b"Do not resuscitate" == base64.b64decode(made["content"][0]["attachment"]["data"])
    assert [] == read.of("consent")


def test_a_consent_of_the_header_permits_nothing():
    told = f"{id_('K')}{code('64293-4', 'Procedure consent')}{status('completed')}"
    head = f"<authorization><consent>{told}</consent></authorization>"
    (made,) = Read(document(head=head)).of("consent")
    assert "proposed" == made["status"]
    assert "provision" not in made


def policy(payer):
    who = f"<performer><assignedEntity>{id_('1', '1.2.5')}{code('PAYOR')}{payer}</assignedEntity></performer>"
    promised = statement("procedure", "PRMS", code("73761001"))
    leave = f'<act moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.1.19"/>{hangs("SUBJ", promised)}</act>'
    one = statement("act", "EVN", id_("P"), code("SELF"), who, hangs("REFR", leave), template="61")
    return Read(document(section("48768-6", statement("act", "EVN", hangs("COMP", one), template="60"))))


def test_a_policy_pays_for_what_it_promises():
    read = policy("<representedOrganization><name>Good Plan</name></representedOrganization>")
    (made,) = read.of("coverage")
    assert made["payor"][0]["reference"] in {f"organization:{k}" for k in read.keys("organization")}
    assert [[{"reference": f"coverage:{read.keys('coverage')[0]}"}]] == [s["insurance"] for s in read.of("service")]
    assert {2: "MERGED", 4: "MERGED"} == read.fates


def test_a_policy_that_names_no_payer_is_refused():
    read = policy("")
    assert ["payer"] == [i.rule for r in read.document.refused for i in r.issues]
    assert [] == read.of("coverage")


def test_a_body_that_is_not_xml_is_kept_as_it_came():
    told = '<text mediaType="application/pdf" representation="B64">QUJD</text>'
    body = f"<component><nonXMLBody>{told}</nonXMLBody></component>"
    text = document().replace("<component><structuredBody></structuredBody></component>", body)
    (made,) = Read(text).of("document")
    assert {"contentType": "application/pdf", "data": "QUJD"} == made["content"][0]["attachment"]


def test_a_care_team_of_a_section():
    ana = "<assignedPerson><name><given>Ana</given><family>Roe</family></name></assignedPerson>"
    who = f"<performer><assignedEntity>{id_('A')}{ana}</assignedEntity></performer>"
    member = statement("act", "EVN", who, template="500.1")
    organizer = statement("organizer", "EVN", status("active"), template="500").replace(
        "</organizer>", f"<component>{member}</component></organizer>"
    )
    read = Read(document(section("85847-2", organizer)))
    assert [("active", f"practitioner:{read.keys('practitioner')[0]}")] == [
        (t["status"], t["participant"][0]["member"]["reference"]) for t in read.of("team")
    ]
    assert {3: "MERGED"} == read.fates


@pytest.mark.parametrize(
    "text",
    [
        "<x/>", "<ClinicalDocument/>", '<ClinicalDocument xmlns="urn:hl7-org:v3"/>',
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole/></recordTarget></ClinicalDocument>',
    ],
)  # fmt: skip
def test_what_is_no_document_or_about_nobody_is_refused_whole(text):
    with pytest.raises(ValueError, match=r"ClinicalDocument|whom it is about"):
        Read(text)
