"""Paper forms: what was ticked and what was not, who read it twice, and what nobody could read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nowrongdoor import settings, sources
from nowrongdoor.flow import prepare
from nowrongdoor.layouts.paper_intake import TABLES
from nowrongdoor.model import Consent, Draft, Origin, Person, Refusal, Row
from nowrongdoor.resources import assemble

SOURCE = sources.load("paper-intake")
CONTEXT = prepare(SOURCE, settings.load(None), datetime(2026, 11, 10, tzinfo=UTC)).context
BY_NAME = {table.name: table for table in TABLES}
B = "[blank]"
FORM = {
    "FORM_ID": "F-1", "FORM_NO": "ROI-42", "FORM_REV": "2026-01", "BOX_PAGE": "9/201", "KEYER": "RLM",
    "DATE_KEYED": "10/05/2026", "CHECKER": "TKO", "CLIENT_NO": "P-9", "PROGRAM": "MH-OP",
}  # fmt: skip
REGISTRATION = {
    **FORM, "CIN": "90009009A", "LAST_NAME": "Ito", "FIRST_NAME": "Ren", "MIDDLE_NAME": B, "DOB": "03/12/1984",
    "SEX": "F", "LANGUAGE": B, "STREET": B, "CITY": B, "ZIP": B, "PHONE": B, "CONTACT_NAME": B, "CONTACT_RELATION": B,
    "CONTACT_PHONE": B,
}  # fmt: skip
RELEASE = {
    **FORM, "SHARE_YES": "X", "SHARE_NO": B, "SUD_YES": B, "SUD_NO": B, "SUD_INITIALS": B,
    "RELEASE_TO": "Bay Laurel Health Plan", "PURPOSE": "Treatment", "SIGNED": "09/14/2026", "EXPIRES": "09/14/2031",
    "REVOKED": B, "SIGNED_BY": B,
}  # fmt: skip
REFERRAL = {
    **FORM, "REFERRAL_DATE": "09/15/2026", "SERVICE_CODE": "H0043", "MODIFIER": "U6", "REFER_TO": "Harbor Housing",
    "URGENCY": "Routine", "REASON": B, "REFERRED_BY": B, "REFERRED_BY_NPI": B,
}  # fmt: skip
PROBLEM = {
    **FORM, "LINE_NO": "1", "PROBLEM": "Insomnia", "ICD10": "G47.00", "ONSET": "2019", "STATUS": "Active",
    "IDENTIFIED_BY": "Lee, Hannah",
}  # fmt: skip
TOLD = {"registrations": REGISTRATION, "releases": RELEASE, "referrals": REFERRAL, "problems": PROBLEM}


def read(name, absent=(), **cells):
    """(line or refusal, rules of its warnings) of one form; `absent`: columns that no form of this source has."""
    fields = [field.name for field in BY_NAME[name].fields]
    where = {f: None if f in absent or f not in TOLD[name] else n for n, f in enumerate(fields)}
    told = {**TOLD[name], **cells}
    warnings = []
    line = BY_NAME[name].bind(SOURCE, where)(Row(Origin(1, 1, 1, 1, 0), [told.get(f, "") for f in fields]), warnings)
    return line, [issue.rule for issue in warnings]


def facts(name, **cells):
    return list(BY_NAME[name].facts(read(name, **cells)[0]))


def resource(type_, *lines):
    """The one resource of that type, of a registered person and these facts."""
    standing, made = set(), []
    for draft in assemble(CONTEXT, "P-9", [*facts("registrations"), *lines], standing.__contains__):
        assert isinstance(draft, Draft)
        standing.add(draft.key)
        made += [draft.resource] if draft.resource["resourceType"] == type_ else []
    (one,) = made
    return one


def refused(name, **cells):
    """(rules, people held) of a refusal."""
    refusal, _ = read(name, **cells)
    assert isinstance(refusal, Refusal)
    return [issue.rule for issue in refusal.issues], [held.id for held in refusal.holds]


# releases ----------------------------------------------------------------

SUD_YES = {"SUD_YES": "X", "SUD_INITIALS": "RI"}
NO = {"SHARE_YES": B, "SHARE_NO": "X"}


@pytest.mark.parametrize(
    ("cells", "status", "answer", "sud"),
    [
        pytest.param({}, "active", "permit", [], id="sud-box-empty"),
        pytest.param(SUD_YES, "active", "permit", ["permit"], id="sud-yes-initialled"),
        pytest.param({"SUD_NO": "X"}, "active", "permit", ["deny"], id="sud-no"),
        pytest.param({"SHARE_YES": "✓"}, "active", "permit", [], id="any-tick"),
        pytest.param(NO, "active", "deny", [], id="answered-no"),
        pytest.param({**NO, **SUD_YES}, "active", "deny", [], id="no-outweighs-the-sud-box"),
        pytest.param({"CHECKER": ""}, "proposed", "permit", [], id="keyed-once"),
        pytest.param({"CHECKER": B}, "proposed", "permit", [], id="checker-blank"),
        pytest.param({"CHECKER": "RLM"}, "proposed", "permit", [], id="checked-by-the-keyer"),
        pytest.param({"CHECKER": "R. L. M."}, "proposed", "permit", [], id="checked-by-the-keyer-with-dots"),
        pytest.param({"CHECKER": "N/A"}, "proposed", "permit", [], id="checker-is-a-word"),
        pytest.param({"CHECKER": "pending"}, "proposed", "permit", [], id="checker-is-no-initials"),
        pytest.param({"CHECKER": "X"}, "proposed", "permit", [], id="checker-is-a-tick"),
        pytest.param({"KEYER": "front desk"}, "proposed", "permit", [], id="keyer-could-be-the-checker"),
        pytest.param({"REVOKED": "10/01/2026"}, "inactive", "permit", [], id="revoked"),
        pytest.param({"EXPIRES": "09/13/2026"}, "inactive", "permit", [], id="ended-before-it-was-signed"),
        pytest.param({"CHECKER": "", "REVOKED": "10/01/2026"}, "inactive", "permit", [], id="keyed-once-and-revoked"),
    ],
)
def test_a_release_says_what_its_boxes_say(cells, status, answer, sud):
    made = resource("Consent", *facts("releases", **cells))
    root = made["provision"]
    nested = [inner["type"] for inner in root.get("provision", ())]
    assert (status, answer, sud) == (made["status"], root["type"], nested)


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        pytest.param({"SHARE_NO": "X"}, "D46", id="both"),
        pytest.param({"SHARE_YES": B}, "D46", id="neither"),
        pytest.param({"SHARE_YES": ""}, "D46", id="neither-keyed"),
        pytest.param({"SHARE_YES": "circled"}, "D45", id="unknown-mark"),
        pytest.param({"SHARE_YES": "[illegible]"}, "D45", id="illegible-mark"),
        pytest.param({"SHARE_NO": "?"}, "D45", id="unsure-no"),
        pytest.param({**SUD_YES, "SUD_NO": "X"}, "D46", id="both-sud"),
        pytest.param({"SUD_YES": "X"}, "D45", id="sud-yes-initials-blank"),
        pytest.param({"SUD_YES": "X", "SUD_INITIALS": ""}, "D45", id="sud-yes-initials-not-keyed"),
        pytest.param({"SUD_YES": "X", "SUD_INITIALS": "NA"}, "D45", id="sud-yes-a-word-for-initials"),
        pytest.param({"SUD_YES": "X", "SUD_INITIALS": "R?"}, "D31", id="sud-yes-initials-unsure"),
        pytest.param({"SUD_YES": "??"}, "D45", id="unsure-sud"),
        pytest.param({"RELEASE_TO": "Sunrise Chiropractic"}, "code", id="recipient-unknown"),
        pytest.param({"RELEASE_TO": "[illegible]"}, "code", id="recipient-illegible"),
        pytest.param({"PURPOSE": "everything"}, "code", id="purpose-unknown"),
        pytest.param({"SIGNED": "09/?4/2026"}, "D31", id="signed-unsure"),
        pytest.param({"SIGNED": B}, "empty", id="not-signed"),
        pytest.param({"EXPIRES": "[illegible]"}, "D31", id="end-illegible"),
        pytest.param({"EXPIRES": "2028"}, "D38", id="end-without-a-day"),
        pytest.param({"REVOKED": "see file"}, "D35", id="revoked-somewhere"),
        pytest.param({"REVOKED": "unknown"}, "D35", id="perhaps-revoked"),
        pytest.param({"SIGNED_BY": "[illegible]"}, "D31", id="signer-illegible"),
        pytest.param({"PROGRAM": "YOUTH"}, "programme", id="programme-unknown"),
    ],
)
def test_a_release_that_is_not_surely_read_is_refused_and_holds_its_person(cells, rule):
    assert ([rule], ["P-9"]) == refused("releases", **cells)


@pytest.mark.parametrize("client", ["[illegible]", "P-?9", '"', ""])
def test_a_release_of_nobody_knows_whom_holds_everybody(client):
    rules, holds = refused("releases", CLIENT_NO=client)
    assert ["*"] == holds
    assert 1 == len(rules)


def test_a_release_without_end_stays_without_end():
    (consent,) = [fact for fact in facts("releases", EXPIRES="N/A") if isinstance(fact, Consent)]
    assert "" == consent.end


def test_a_checker_that_is_nobody_is_told():
    assert ["initials"] == read("releases", CHECKER="pending")[1]
    assert [] == read("releases", CHECKER="")[1]


def test_the_form_is_kept_as_it_was_keyed_with_who_keyed_and_checked_it():
    paper = facts("releases")[0]
    assert ("ROI-42 2026-01", "2026-10-05", "RLM", "TKO", "9/201") == (
        paper.form, paper.keyed, paper.keyer, paper.checker, paper.place,
    )  # fmt: skip
    assert "SHARE_YES: X" in paper.text.splitlines()


def test_a_release_points_at_the_paper_it_was_keyed_from():
    paper, consent = facts("releases")
    made = resource("Consent", paper, consent)
    assert CONTEXT.ref("document", "release/F-1") == made["sourceReference"]

    drafts = assemble(CONTEXT, "P-9", [*facts("registrations"), consent], lambda _: True)
    (alone,) = [draft for draft in drafts if draft.key == consent.key]
    assert paper.key in alone.needs


# registrations -----------------------------------------------------------


def absent(reason):
    return {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": reason}]}


@pytest.mark.parametrize(
    ("cells", "element", "expected", "rules"),
    [
        ({"DOB": "05/1982"}, "birthDate", "1982-05", []),
        ({"DOB": "1982"}, "birthDate", "1982", []),
        ({"DOB": "~1980"}, "birthDate", "1980", ["D38"]),
        ({"DOB": "[declined]"}, "_birthDate", absent("asked-declined"), []),
        ({"DOB": B}, "_birthDate", absent("unknown"), []),
        ({"SEX": "[illegible]"}, "_gender", absent("unknown"), ["D31"]),
        ({"SEX": "[declined]"}, "_gender", absent("asked-declined"), []),
        ({"SEX": B}, "_gender", absent("unknown"), []),
        ({"SEX": ""}, "gender", "unknown", ["not-keyed"]),
        ({"LAST_NAME": "Gon?alez"}, "name", [{"use": "official", "family": "Gon?alez", "given": ["Ren"]}], ["D31"]),
        (
            {"LAST_NAME": "??"},
            "name",
            [{"use": "official", "_family": absent("unknown"), "given": ["Ren"]}],
            ["D31"],
        ),
        (
            {"LAST_NAME": '"'},
            "name",
            [{"use": "official", "_family": absent("unknown"), "given": ["Ren"]}],
            ["D19"],
        ),
        ({"MIDDLE_NAME": ""}, "name", [{"use": "official", "family": "Ito", "given": ["Ren"]}], ["not-keyed"]),
        ({"PHONE": "[refused]"}, "telecom", [{"system": "phone", "_value": absent("asked-declined")}], []),
    ],
    ids=lambda told: (
        "+".join(f"{k}={v}" for k, v in told.items()) if isinstance(told, dict) and "url" not in told else ""
    ),
)
def test_what_the_keyer_could_not_read_is_never_guessed(cells, element, expected, rules):
    line, warned = read("registrations", **cells)
    person = next(fact for fact in BY_NAME["registrations"].facts(line) if isinstance(fact, Person))
    made = registered(person)

    assert expected == made[element]
    assert rules == warned


def registered(person):
    (draft,) = assemble(CONTEXT, "P-9", [person], {person.key}.__contains__)
    return draft.resource


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"DOB": "19?2"}, "D31"),
        ({"DOB": "[illegible]"}, "D31"),
        ({"DOB": "~03/12/1984"}, "D38"),
        ({"DOB": ""}, "empty"),
        ({"CLIENT_NO": "[illegible]"}, "D31"),
        ({"FORM_ID": ""}, "empty"),
        ({"CIN": "9O009009A"}, "D22"),
        ({"SEX": "Z"}, "code"),
    ],
)
def test_a_registration_is_refused_where_a_guess_would_be_needed(cells, rule):
    assert ([rule], []) == refused("registrations", **cells)


@pytest.mark.parametrize("mark", [B, "[declined]", "[illegible]", "??"])
def test_marks_of_the_keyer_never_become_a_language_or_a_contact(mark):
    person, *others = facts("registrations", LANGUAGE=mark, CONTACT_NAME=mark, CONTACT_RELATION=mark)
    assert None is person.language
    assert ["document"] == [fact.KIND for fact in others]


@pytest.mark.parametrize(
    "gone", ["CIN", "SEX", "LANGUAGE", "STREET", "PHONE", "CONTACT_NAME", "CONTACT_RELATION", "MIDDLE_NAME", "CHECKER"]
)
def test_a_box_that_no_form_has_says_nothing_and_warns_of_nothing(gone):
    _, warned = read("registrations", absent={gone})
    assert [] == warned


def test_no_code_table_is_needed_for_a_box_that_no_form_has():
    plain = replace(SOURCE, tables={k: v for k, v in SOURCE.tables.items() if k not in {"sex", "language", "relation"}})
    where = {f.name: None for f in BY_NAME["registrations"].fields}
    where |= {name: n for n, name in enumerate(["FORM_ID", "FORM_NO", "KEYER", "DATE_KEYED", "CLIENT_NO", "DOB"])}
    row = Row(Origin(1, 1, 1, 1, 0), ["F-1", "ADM-11", "RLM", "10/05/2026", "P-9", "03/12/1984"])

    line = BY_NAME["registrations"].bind(plain, where)(row, [])

    assert ("P-9", "", None) == (line.client, line.sex, line.language)


# referrals and problems --------------------------------------------------


def test_a_referral_form_asks():
    made = resource("Task", *facts("referrals"))
    assert ("requested", "order", "routine") == (made["status"], made["intent"], made["priority"])


@pytest.mark.parametrize("cells", [{"MODIFIER": "U6"}, {"SERVICE_CODE": "H0043U6", "MODIFIER": B}])
def test_a_modifier_box_left_blank_is_no_modifier(cells):
    service = facts("referrals", **cells)[1]
    assert ("H0043", ("U6",)) == (service.code[0], service.modifiers)


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"SERVICE_CODE": B, "MODIFIER": B}, "empty"),
        ({"SERVICE_CODE": "T42041", "MODIFIER": B}, "code"),
        ({"URGENCY": "next week"}, "code"),
        ({"URGENCY": "[illegible]"}, "D31"),
    ],
)
def test_a_referral_of_nobody_knows_what_is_refused(cells, rule):
    assert ([rule], []) == refused("referrals", **cells)


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        ({"REFERRAL_DATE": "[illegible]"}, ["D31"]),
        ({"REFER_TO": "Lighthouse Drop-in"}, ["code"]),
        ({"REFER_TO": "[illegible]"}, ["D31"]),
        ({"REFERRED_BY": "[illegible]"}, ["D31"]),
        ({"REFERRED_BY": ""}, ["not-keyed"]),
        ({"URGENCY": B}, []),
        ({"REFERRED_BY_NPI": "1999900019"}, ["npi-check"]),
    ],
)
def test_what_a_referral_can_do_without_only_warns(cells, rules):
    line, warned = read("referrals", **cells)
    service = list(BY_NAME["referrals"].facts(line))[1]

    assert rules == warned
    assert "[" not in f"{service.requester}{service.performer}{service.performer_text}{service.on}{service.priority}"


@pytest.mark.parametrize(
    ("cells", "code", "rules"),
    [
        ({}, {"coding": [{"code": "G47.00", "display": "Insomnia"}], "text": "Insomnia"}, []),
        ({"ICD10": "G4700"}, {"coding": [{"code": "G47.00", "display": "Insomnia"}], "text": "Insomnia"}, []),
        ({"ICD10": B}, {"text": "Insomnia"}, []),
        ({"ICD10": "[illegible]"}, {"text": "Insomnia"}, ["D31"]),
        ({"ICD10": "296.32"}, {"text": "Insomnia"}, ["D49"]),
        ({"PROBLEM": "[illegible]"}, {"coding": [{"code": "G47.00"}]}, ["D31"]),
    ],
)
def test_a_problem_is_coded_as_far_as_the_form_says(cells, code, rules):
    line, warned = read("problems", **cells)
    made = resource("Condition", *[f for f in BY_NAME["problems"].facts(line) if f.KIND == "condition"])
    for coding in made["code"].get("coding", ()):
        assert "http://hl7.org/fhir/sid/icd-10-cm" == coding.pop("system")

    assert code == made["code"]
    assert rules == warned


def test_d19_a_ditto_mark_for_a_key_refuses():
    assert (["D19"], []) == refused("problems", LINE_NO="〃")
