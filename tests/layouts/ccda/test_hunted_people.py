"""Whose a statement is, who a document is about, and how restricted its words are: what a hunt found taken for less."""

import pytest

from layouts.ccda.writing import ASSERTION, Read, code, document, hangs, id_, section, statement, status
from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda import labels
from nowrongdoor.layouts.ccda.tree import V3, Notes
from nowrongdoor.model.values import Bad

MOTHER = '<subject><relatedSubject classCode="PRS"><code code="MTH"/></relatedSubject></subject>'
DRUGS = code("191816009", "Drug dependence", "value")
PRESSURE = code("38341003", "Hypertension", "value")
PROBLEMS, CONCERNS, REFERRALS = "11450-4", "75310-3", "42349-1"
RESTRICTED = (
    '<observation classCode="OBS" moodCode="EVN"><code code="SECCLASSOBS"/>'
    '<value xsi:type="CE" code="R" codeSystem="2.16.840.1.113883.5.25"/></observation>'
)


def problem(*inner, value=DRUGS, state="completed", negated=False):
    return statement(
        "observation", "EVN", id_("p"), code("55607006"), status(state), value, *inner, template="4", negated=negated
    )


def act(*inner, state="active", template="3"):
    return statement("act", "EVN", id_("a"), code("CONC"), status(state), *inner, template=template)


def asked(number, *inner, what="183561008"):
    return statement("act", "RQO", id_(number), code(what, "Referral"), status("active"), *inner, template="140")


def clinical(read):
    """Resources that say something of the patient's health."""
    return [kind for kind in ("condition", "observation", "procedure", "service", "goal") for _ in read.of(kind)]


# whose it is --------------------------------------------------------------


@pytest.mark.parametrize(
    "held",
    [
        section(PROBLEMS, problem(MOTHER)),
        section(PROBLEMS, act(MOTHER, hangs("SUBJ", problem()))),
        section(PROBLEMS, problem(), more=MOTHER),
        section(CONCERNS, statement("observation", "EVN", id_("o"), ASSERTION, MOTHER, DRUGS, template="144")),
        section("18776-5", statement("act", "RQO", id_("m"), code("1"), status("active"), MOTHER)),
    ],
    ids=["statement", "act", "section", "outcome", "planned"],
)
def test_what_is_said_of_a_relative_is_told_in_words_and_no_fact_of_the_patient(held):
    read = Read(document(held))
    assert [] == clinical(read)
    assert "NARRATIVE" in read.fates.values()


@pytest.mark.parametrize("subject", [MOTHER, ""], ids=["told", "template only"])
def test_family_history_under_a_concern_is_no_finding_of_the_patient(subject):
    inner = statement("observation", "EVN", id_("f"), code("64572001"), DRUGS, template="46")
    family = statement("organizer", "EVN", subject, f"<component>{inner}</component>", template="45")
    read = Read(document(section(CONCERNS, act(hangs("REFR", family), template="132"))))
    assert [] == clinical(read)
    assert {3: "NARRATIVE", 4: "NARRATIVE"}.items() <= read.fates.items()


def test_what_is_out_of_scope_of_the_patient_is_so_of_a_relative():
    inner = statement("observation", "EVN", code("64572001"), DRUGS, template="46")
    family = statement("organizer", "EVN", MOTHER, f"<component>{inner}</component>", template="45")
    assert {2: "OUT_OF_SCOPE", 3: "OUT_OF_SCOPE"} == Read(document(section("10157-6", family))).fates


def test_beside_a_relatives_problem_the_patients_own_stands():
    mine = problem(value=PRESSURE).replace('"p"', '"q"')
    read = Read(document(section(PROBLEMS, problem(MOTHER), mine)))
    assert ["38341003"] == [c["code"]["coding"][0]["code"] for c in read.of("condition")]


# denied, taken back ---------------------------------------------------------


def test_a_problem_that_is_said_not_to_hang_there_is_no_condition():
    denied = hangs("SUBJ", problem()).replace('typeCode="SUBJ"', 'typeCode="SUBJ" negationInd="true"')
    assert [] == clinical(Read(document(section(PROBLEMS, act(denied)))))


def test_a_reason_that_is_denied_or_taken_back_is_no_reason():
    def why(state="completed"):
        return hangs("RSON", statement("observation", "EVN", id_("r"), status(state), DRUGS, template="19"))

    denied = why().replace('typeCode="RSON"', 'typeCode="RSON" negationInd="true"')
    asked_for = [asked("1", why()), asked("2", denied), asked("3", why("nullified"))]
    told = ["reasonCode" in made for made in Read(document(section(REFERRALS, *asked_for))).of("service")]
    assert [True, False, False] == told


def test_an_observation_whose_value_is_denied_is_told_in_words():
    denied = DRUGS.replace("<value", '<value negationInd="true"')
    read = Read(document(section("11383-7", statement("observation", "EVN", ASSERTION, denied, template="144"))))
    assert ([], {2: "NARRATIVE"}) == (clinical(read), read.fates)


@pytest.mark.parametrize(
    "entry",
    [
        act(hangs("SUBJ", problem(state="nullified"))),
        act(hangs("SUBJ", problem()), state="nullified"),
        act(hangs("SUBJ", problem(negated=True)), state="NULLIFIED"),
        act(hangs("SUBJ", problem('<effectiveTime><low value="2020"/><high value="2021"/></effectiveTime>')),
            state="nullified"),
    ],
    ids=["problem", "act", "denied too", "over too"],
)  # fmt: skip
def test_a_problem_that_was_nullified_is_entered_in_error_without_a_clinical_status(entry):
    (made,) = Read(document(section(PROBLEMS, entry))).of("condition")
    assert "entered-in-error" == made["verificationStatus"]["coding"][0]["code"]
    assert not made.keys() & {"clinicalStatus", "abatementDateTime"}  # con-5, con-4


def test_a_concern_in_words_that_was_nullified_is_entered_in_error():
    (made,) = Read(document(section(CONCERNS, act("<text>Relapse</text>", state="nullified", template="132")))).of(
        "condition"
    )
    assert ("entered-in-error", False) == (made["verificationStatus"]["coding"][0]["code"], "clinicalStatus" in made)


@pytest.mark.parametrize(("state", "expected"), [("nullified", "entered-in-error"), ("completed", "active")])
def test_what_is_planned_under_something_that_was_taken_back_is_taken_back(state, expected):
    goal = statement("observation", "GOL", id_("g"), code("8462-4"), status("active"), template="121")
    held = act(hangs("COMP", asked("1")), hangs("REFR", goal), state=state, template="146")
    read = Read(document(section("18776-5", held)))
    assert [expected] == [made["status"] for made in read.of("service")]
    assert [expected] == [made["lifecycleStatus"] for made in read.of("goal")]
    assert [expected.replace("active", "requested")] == [made["status"] for made in read.of("task")]


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_told_under_something_taken_back_and_by_itself_stands(turned):
    """In whatever order."""
    entries = [act(hangs("COMP", asked("1")), state="nullified", template="146"), asked("1")]
    read = Read(document(section("18776-5", *(entries[::-1] if turned else entries))))
    assert {"active"} == {made["status"] for made in read.of("service")}


# who it is about ------------------------------------------------------------

OWN = '<id root="1.2.3.4" extension="P-1"/>'


def of_person(*ids):
    return document().replace(OWN, "".join(ids))


@pytest.mark.parametrize(
    "first",
    [
        '<id root="1.2.3.4" extension=""/>',
        '<id root="1.2.3.4" extension="  "/>',
        '<id root="1.2.3.4"/>',
        *(f'<id root="1.2.3.4" extension="{word}"/>' for word in ("unknown", "0", "N/A", "NONE", "000-00-0000", "UNK")),
        '<id root="2.16.840.1.113883.4.1" extension="000-00-0000"/>',
        '<id root="2.16.840.1.113883.4.1" extension="999-99-9999"/>',
    ],
)
def test_an_id_that_everybody_may_have_tells_nobody_apart(first):
    one, other = (Read(of_person(first, f'<id root="1.9" extension="{n}"/>')) for n in (77, 78))
    assert ("1.9^77", "1.9^78") == (one.document.person, other.document.person)
    assert ["77"] == [i["value"] for i in one.of("person")[0]["identifier"]]
    alone, again, newer = (
        Read(of_person(first).replace('extension="D-1"', f'extension="{n}"')) for n in ("D-1", "D-1", "D-2")
    )
    assert alone.document.person == again.document.person != newer.document.person
    assert "identifier" not in alone.of("person")[0]
    assert ["ccda-alone"] == [i.rule for _, i in alone.document.warnings if i.rule == "ccda-alone"]
    assert not [i for _, i in one.document.warnings if i.rule == "ccda-alone"]


@pytest.mark.parametrize(("told", "other"), [("Wanda", "Bo"), ("Wrapper", "Tarn")])
def test_a_document_id_that_a_vendor_gives_to_everybody_makes_no_two_people_one(told, other):
    """Samples and templates are sent on with the id and set that they came with."""
    text = of_person('<id root="2.16.840.1.113883.4.1" extension="000-00-0000"/>')
    one, two = Read(text), Read(text.replace(told, other))
    assert one.document.person != two.document.person


def test_a_patient_and_a_document_that_nothing_names_are_refused():
    nameless = of_person('<id root="1.2.3.4"/>').replace('<id root="1.2.3" extension="D-1"/>', "")
    with pytest.raises(Bad) as refused:
        Read(nameless)
    assert "ccda-patient" == refused.value.rule


def test_a_uuid_by_itself_tells_who_it_is():
    uuid = "7f1c6e0a-2f7e-4f0a-9d53-0d9a4b1c8e55"
    assert uuid == Read(of_person(f'<id root="{uuid.upper()}"/>')).document.person


def test_a_document_of_two_people_is_refused():
    second = f"{OWN.replace('P-1', 'P-2')}<patient><name><family>Tarn</family></name></patient>"
    text = document(head=f"<recordTarget><patientRole>{second}</patientRole></recordTarget>")
    with pytest.raises(Bad) as refused:
        Read(text)
    assert "ccda-patient" == refused.value.rule


def test_a_person_who_is_named_twice_is_one():
    text = document(head=f"<recordTarget><patientRole>{OWN}</patientRole></recordTarget>")
    assert "1.2.3.4^p-1" == Read(text).document.person.lower()


@pytest.mark.parametrize(
    "number",
    [
        '<id root="2.16.840.1.113883.4.1" extension="123-45-6789"/>',
        '<id root="urn:oid:2.16.840.1.113883.4.1" extension="123-45-6789"/>',
        '<id root="2.16.840.1.113883.4.1." extension="123-45-6789"/>',
        '<id root="1.2.3" assigningAuthorityName="SSN" extension="123-45-6789"/>',
        '<id root="1.2.3" assigningAuthorityName="US Social Security Administration" extension="123456789"/>',
    ],
)
def test_a_social_security_number_is_one_however_its_root_is_spelt(number):
    plain, written = Read(of_person(number, OWN)), Read(of_person(number, OWN), ssn="written")
    assert "1.2.3.4^P-1" == plain.document.person
    assert not any("6789" in fact.resource or "6789" in fact.id for fact in plain.document.facts)
    systems = [i["system"] for i in written.of("person")[0]["identifier"]]
    assert "http://hl7.org/fhir/sid/us-ssn" == systems[0]
    assert (
        Read(of_person(number)).document.person
        == Read(of_person('<id root="2.16.840.1.113883.4.1" extension="123456789"/>')).document.person
    )


# how restricted its words are ---------------------------------------------------


def test_words_of_a_section_that_holds_something_restricted_are_not_told_of_what_is_less_so():
    secret = asked("2", hangs("COMP", RESTRICTED), what="702388001")
    read = Read(document(section(REFERRALS, asked("1"), secret, text="Podiatry. Methadone at Elm House.")))
    told = {f.labels: "Elm House" in f.resource for f in read.facts("service")}
    assert {(): False, ("R",): True} == told
    assert "label" in read.rules


def test_words_of_a_section_of_one_restriction_are_the_reasons_of_all_its_referrals():
    read = Read(document(section(REFERRALS, asked("1"), asked("2"), text="Both feet.")))
    assert ["Both feet."] * 2 == [made["reasonCode"][0]["text"] for made in read.of("service")]


def test_a_referral_in_words_is_as_restricted_as_what_its_section_holds():
    inner = section("10164-2", statement("act", "EVN", id_("x"), hangs("COMP", RESTRICTED)))
    held = section(REFERRALS, text="Methadone at Elm House.").replace(
        "</section>", f"<component>{inner}</component></section>"
    )
    (made,) = Read(document(held)).facts("service")
    assert ("R",) == made.labels


def test_words_that_a_restricted_entry_points_to_restrict_whoever_repeats_them():
    words = '<list ID="all"><item>Podiatry</item><item ID="x">Methadone</item></list>'
    open_ = asked("1", '<text><reference value="#all"/></text>')
    secret = asked("2", '<text><reference value="#x"/></text>', hangs("COMP", RESTRICTED))
    read = Read(document(section("18776-5", open_, secret, text=words)))
    assert [("R",)] * 2 == [f.labels for f in read.facts("service")]


@pytest.mark.parametrize(("place", "expected"), [("all", ("R",)), ("row", ()), ("head", ("R",))])
def test_words_of_a_restricted_entry_that_points_nowhere_may_be_in_any_table_of_its_section(place, expected):
    """Nobody knows where; a row of its own is another's."""
    rows = '<tr ID="row"><td>Podiatry</td></tr><tr><td>Methadone</td></tr>'
    words = f'<table ID="all"><tbody ID="head">{rows}</tbody></table>'
    open_ = asked("1", f'<text><reference value="#{place}"/></text>')
    read = Read(document(section("18776-5", open_, asked("2", hangs("COMP", RESTRICTED)), text=words)))
    assert [expected, ("R",)] == [f.labels for f in read.facts("service")]


@pytest.mark.parametrize("elsewhere", ["#gone", "#", "http://x/y.pdf", "#other"])
@pytest.mark.parametrize(
    "words",
    ['<table ID="all"><tr><td>Podiatry</td></tr><tr><td>Methadone</td></tr></table>',
     '<list><item ID="all"><table><tr><td>Podiatry</td></tr><tr><td>Methadone</td></tr></table></item></list>',
     '<paragraph ID="all">Podiatry<br/>Methadone</paragraph>'],
)  # fmt: skip
def test_a_restricted_entry_that_points_elsewhere_points_nowhere(words, elsewhere):
    open_ = asked("1", '<text><reference value="#all"/></text>')
    secret = asked("2", f'<text><reference value="{elsewhere}"/></text>', hangs("COMP", RESTRICTED))
    other = section("10164-2", text='<content ID="other">Elsewhere</content>')
    read = Read(document(section("18776-5", open_, secret, text=words), other))
    assert [("R",)] * 2 == [f.labels for f in read.facts("service")]


def carried(header="", entry=""):
    """(labels of document and of entry, rules told)."""
    root = xml.parse(
        f'<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{header}'
        f"<component><section><entry><act>{entry}</act></entry></section></component></ClinicalDocument>".encode()
    )
    notes = Notes(root)
    document_ = labels.of(root, (), notes)
    return document_, labels.of(next(root.iter(V3 + "act")), document_, notes), {i.rule for _, i in notes.issues}


HL7 = 'codeSystem="2.16.840.1.113883.5.25"'


@pytest.mark.parametrize(
    ("inner", "expected", "rules"),
    [
        (f'nullFlavor="OTH"><translation code="R" {HL7}/>', ("R",), set()),
        ('nullFlavor="OTH"><originalText>Restricted</originalText>', ("R",), {"label"}),
        ('nullFlavor="OTH">', ("R",), {"label"}),
        ('displayName="Very secret">', ("R",), {"label"}),
        (f'code="N" {HL7}><translation code="V" {HL7}/>', ("V",), set()),
        (f'code="house" codeSystem="1.2.3"><translation code="N" {HL7}/>', ("N",), set()),
        (f'code="house" codeSystem="1.2.3"><translation code="SECRET" {HL7}/>', ("R",), {"label"}),
        ('nullFlavor="msk">', ("R",), set()),
        ('nullFlavor="UNK">', (), {"label"}),
    ],
)
def test_what_confidentiality_says_in_a_translation_or_in_words_counts(inner, expected, rules):
    told = f"<confidentialityCode {inner}</confidentialityCode>"
    assert (expected, expected, rules) == carried(told)
    assert ((), expected, rules) == carried(entry=told)


def test_what_is_masked_in_small_letters_is_masked():
    assert ((), ("R",), set()) == carried(entry='<value nullFlavor=" msk"/>')


@pytest.mark.parametrize(
    ("observed", "value", "expected", "rules"),
    [
        ('code="local"><translation code="SECCLASSOBS"/>', 'code="R">', ("R",), set()),
        ('code="secclassobs">', 'code="v">', ("V",), set()),
        ('code="SECCLASSOBS">', 'code="R"><translation code="V"/>', ("V",), set()),
        ('code="SECCATOBS">', 'code="local"><translation code="HIV"/>', ("HIV",), set()),
        ('code="SECCATOBS">', 'code="local">', ("R",), {"label"}),
        ('code="SECCONOBS">', 'code="HIV"><translation code="NORDSCLCD"/>', ("HIV", "R"), {"label"}),
    ],
)
def test_a_security_observation_is_read_with_its_translations(observed, value, expected, rules):
    seen = f"<observation><code {observed}</code><value {value}</value></observation>"
    assert ((), expected, rules) == carried(entry=f"<entryRelationship>{seen}</entryRelationship>")
