"""The decisions, one line each, to be read by a lawyer.

P = sent, W = withheld, H = held for a person. Unless the line says otherwise, the recipient is the member's Medi-Cal
plan, the purpose is care management (CAREMGT), the day is 1 June 2026, and the form names the county as discloser, the
plan as recipient, treatment and care management as purposes.
"""

from datetime import UTC, datetime

import pytest

# what the person signed ----------------------------------------------------


def forms(desk):
    form, box = desk.consent, desk.provision
    return {
        "nothing": [],
        "SUD yes": [form()],
        "SUD no": [form(sud="no")],
        "SUD box empty": [form(sud="")],
        "SUD yes, ended yesterday": [form(end="2026-05-31")],
        "SUD yes, ends today": [form(end="2026-06-01")],
        "SUD yes, never ends": [form(end="9999-12-31")],
        "SUD yes, ends in 2026, no day named": [form(end="2026")],
        "SUD yes, from next month": [form(start="2026-07-01")],
        "SUD yes, revoked": [form(status="inactive")],
        "SUD yes, not second-checked": [form(status="proposed")],
        "SUD no, not second-checked": [form(sud="no", status="proposed")],
        "SUD yes, then SUD no": [form("old"), form("new", "no", start="2026-03-01")],
        "SUD yes of another person": [form(patient=desk.point("Patient", "q"))],
        "SUD yes, nobody signed": [form(performer=[])],
        "SUD yes, discloser is another county": [form(root={"data": box("permit", by=["other"])["data"]})],
        "SUD yes, no discloser": [form(root={"data": []})],
        "SUD yes, for records of one class only": [form(root={"class": [{"code": "x"}]})],
        "SUD yes to the CBO": [form(root={"actor": [desk.party(desk.CBO)]})],
        "SUD yes to the plan; SUD yes to the CBO": [form(), form("c2", root={"actor": [desk.party(desk.CBO)]})],
        "opioid data yes": [form(sud="", nested=[box("permit", "OPIOIDUD")])],
        "SUD yes, BH no": [form(nested=[box("deny", "BH")])],
        "SUD yes, HIV no": [form(nested=[box("deny", "HIV")])],
        "BH no": [form(sud="", nested=[box("deny", "BH")])],
        "BH no; on another form SUD yes": [form("a", "", nested=[box("deny", "BH")]), form("b")],
        "SUD no to the CBO": [form(sud="", nested=[box("deny", *desk.SUD, to=[desk.CBO])])],
        "no to the county's own data": [form(sud="", nested=[box("deny", by=[desk.COUNTY])])],
        "no to a class of documents": [form(sud="", nested=[box("deny", **{"class": [{"code": "x"}]})])],
        "no to data named in no way that we know": [form(sud="", nested=[one(desk, "urn:uuid:e")])],
        "no to what concerns the person": [form(sud="", nested=[one(desk, "Patient/p")])],
        "do not share, by a custodian that is another": [keeper(desk)],
        "SUD yes, purpose of an unknown system": [elsewhere(desk, "purpose")],
        "SUD yes of an unknown system": [elsewhere(desk, "securityLabel")],
        "SUD yes, to a party of unknown role": [elsewhere(desk, "actor")],
        "SUD no, changed by a modifier": [form(nested=[box("deny", "SUD", modifierExtension=[{"url": "x"}])])],
        "revoked, nothing else known": [{k: v for k, v in form(status="inactive").items() if k != "provision"}],
        "no to that one diagnosis": [form(sud="", nested=[one(desk, "Condition/d")])],
        "no to some other diagnosis": [form(sud="", nested=[one(desk, "Condition/e")])],
        "do not share": [desk.no_sharing()],
        "do not share, over": [desk.no_sharing(status="inactive")],
        "do not share, not second-checked": [desk.no_sharing(status="proposed")],
        "SUD yes; do not share": [form(), desk.no_sharing()],
        "do not share with the CBO": [form(sud="", root={"type": "deny", "actor": [desk.party(desk.CBO)]})],
        "do not share for operations": [form(sud="", root={"type": "deny", **box("deny", purposes=["HOPERAT"])})],
        "do not share for payment": [form(sud="", root={"type": "deny", **box("deny", purposes=["HPAYMT"])})],
        "research, normal data only": [form(sud="", root=box("permit", "N", purposes=["HRESCH"]))],
        "status of no known meaning": [form(status="revoked")],
        "provision of no known meaning": [form(root={"type": "bogus"})],
        "no provision": [{k: v for k, v in form().items() if k != "provision"}],
        "three levels": [form(nested=[box("permit", "HIV", provision=[box("deny", "SUD")])])],
        "meaning changed by a modifier": [form(modifierExtension=[{"url": "x"}])],
    }


def one(desk, reference):
    return desk.provision("deny", data=[{"meaning": "instance", "reference": {"reference": reference}}])


def keeper(desk):
    """A no to whom the data is with, not to whom it goes: not a restriction of recipients."""
    form = desk.no_sharing()
    form["provision"]["actor"] = [desk.party("other") | {"role": {"coding": [{"code": "CST"}]}}]
    return form


def elsewhere(desk, part):
    """The right codes, of a system that nobody knows."""
    form = desk.consent()
    root, box = form["provision"], form["provision"]["provision"][0]
    if part == "actor":
        root["actor"][0]["role"]["coding"][0]["system"] = "urn:x"
    for coding in root["purpose"] if part == "purpose" else box["securityLabel"] if part == "securityLabel" else ():
        coding["system"] = "urn:x"
    return form


LABELS = {
    "normal": (),
    "N": ("N",),
    "Part 2": ("SUD", "42CFRPart2"),
    "programme unknown": ("42CFRPart2",),
    "only OPIOIDUD": ("OPIOIDUD",),
    "only ETH": ("ETH",),
    "BH": ("BH",),
    "BH and Part 2": ("BH", "SUD", "42CFRPart2"),
    "PSY": ("PSY",),
    "psychotherapy note": ("PSYTHPN",),
    "sexual health": ("SEX",),
    "restricted": ("R",),
    "housing (a local label)": ("",),
}

# number in the truth table (0 = ours), signed, data, expected, rule, [audience, purpose]
TABLE = [
    (1, "nothing", "normal", "P", "default"),
    (0, "nothing", "N", "P", "default"),
    (2, "nothing", "BH", "W", "label"),
    (4, "nothing", "Part 2", "W", "no-consent"),
    (5, "nothing", "normal", "P", "default"),
    (6, "nothing", "programme unknown", "W", "no-consent"),
    (7, "SUD yes", "Part 2", "P", "consent"),
    (0, "SUD yes", "programme unknown", "P", "consent"),
    (0, "SUD yes", "only ETH", "P", "consent"),
    (8, "SUD no", "Part 2", "W", "person-said-no"),
    (9, "SUD no", "normal", "P", "default"),
    (11, "SUD box empty", "Part 2", "W", "sud-box-empty"),
    (0, "SUD box empty", "normal", "P", "default"),
    (12, "SUD yes", "Part 2", "W", "no-consent", "cbo", "CAREMGT"),
    (13, "SUD yes", "Part 2", "W", "purpose-not-named", "plan-a", "HRESCH"),
    (14, "SUD yes", "Part 2", "W", "purpose-not-named", "plan-a", "HLEGAL"),
    (0, "SUD yes", "Part 2", "P", "consent", "plan-a", "CAREMGT TREAT"),
    (0, "SUD yes", "Part 2", "W", "purpose-not-named", "plan-a", "CAREMGT HPAYMT"),
    (15, "SUD yes, ended yesterday", "Part 2", "W", "expired"),
    (16, "SUD yes, ends today", "Part 2", "P", "consent"),
    (0, "SUD yes, never ends", "Part 2", "P", "consent"),
    (0, "SUD yes, ends in 2026, no day named", "Part 2", "W", "period-unreadable"),
    (17, "SUD yes, revoked", "Part 2", "W", "not-active"),
    (18, "SUD yes, then SUD no", "Part 2", "W", "person-said-no"),
    (19, "SUD yes, from next month", "Part 2", "W", "not-started"),
    (20, "SUD yes of another person", "Part 2", "W", "no-consent"),
    (21, "SUD yes, nobody signed", "Part 2", "W", "unsigned"),
    (23, "SUD yes", "Part 2", "W", "no-consent", "hie", "CAREMGT"),
    (24, "SUD yes, not second-checked", "Part 2", "W", "not-active"),
    (0, "SUD no, not second-checked", "only OPIOIDUD", "W", "person-said-no"),
    (0, "SUD yes, discloser is another county", "Part 2", "W", "discloser-not-named"),
    (0, "SUD yes, no discloser", "Part 2", "W", "discloser-not-named"),
    (0, "SUD yes, for records of one class only", "Part 2", "W", "scope-not-computable"),
    (0, "opioid data yes", "Part 2", "W", "sud-box-empty"),
    (25, "SUD no", "BH and Part 2", "W", "label"),
    (26, "SUD yes", "BH and Part 2", "W", "label"),
    (27, "BH no", "BH", "W", "person-said-no"),
    (28, "BH no", "PSY", "W", "person-said-no"),
    (0, "BH no", "normal", "W", "person-said-no"),
    (29, "BH no; on another form SUD yes", "BH and Part 2", "W", "person-said-no"),
    (0, "SUD yes, BH no", "Part 2", "W", "person-said-no"),
    (0, "SUD yes, HIV no", "Part 2", "P", "consent"),
    (31, "SUD yes", "psychotherapy note", "W", "label"),
    (32, "SUD no", "only OPIOIDUD", "W", "person-said-no"),
    (0, "SUD no to the CBO", "Part 2", "W", "sud-box-empty"),
    (33, "nothing", "housing (a local label)", "W", "label"),
    (34, "nothing", "housing (a local label)", "W", "label", "cbo", "CAREMGT"),
    (35, "nothing", "housing (a local label)", "W", "label"),
    (36, "SUD yes to the CBO", "Part 2", "P", "consent", "cbo", "CAREMGT"),
    (37, "nothing", "sexual health", "W", "label", "cbo", "CAREMGT"),
    (0, "SUD yes", "restricted", "W", "label"),
    (39, "do not share", "normal", "W", "person-said-no"),
    (0, "SUD yes; do not share", "Part 2", "W", "person-said-no"),
    (0, "do not share, over", "normal", "P", "default"),
    (0, "do not share, not second-checked", "normal", "W", "person-said-no"),
    (0, "do not share with the CBO", "normal", "P", "default"),
    (0, "do not share with the CBO", "normal", "W", "person-said-no", "cbo", "CAREMGT"),
    (0, "do not share with the CBO", "normal", "W", "person-said-no", "plan-a cbo", "CAREMGT"),
    (0, "do not share for operations", "normal", "W", "person-said-no"),
    (0, "do not share for payment", "normal", "P", "default"),
    (0, "do not share for payment", "normal", "W", "person-said-no", "plan-a", "CAREMGT HPAYMT"),
    (0, "do not share for payment", "normal", "W", "person-said-no", "plan-a", "PUBHLTH"),
    (0, "no to the county's own data", "normal", "W", "person-said-no"),
    (0, "no to a class of documents", "normal", "W", "person-said-no"),
    (0, "no to that one diagnosis", "normal", "W", "person-said-no"),
    (0, "no to some other diagnosis", "normal", "P", "default"),
    (0, "no to data named in no way that we know", "normal", "W", "person-said-no"),
    (0, "no to what concerns the person", "normal", "W", "person-said-no"),
    (0, "do not share, by a custodian that is another", "normal", "W", "person-said-no"),
    (0, "SUD yes, purpose of an unknown system", "Part 2", "W", "purpose-not-named"),
    (0, "SUD yes of an unknown system", "Part 2", "W", "sud-box-empty"),
    (0, "SUD yes, to a party of unknown role", "Part 2", "W", "no-consent"),
    (0, "SUD no, changed by a modifier", "normal", "H", "consent-not-computable"),
    (0, "revoked, nothing else known", "normal", "P", "default"),
    (45, "research, normal data only", "Part 2", "W", "sud-box-empty", "plan-a", "HRESCH"),
    (46, "status of no known meaning", "normal", "H", "consent-not-computable"),
    (47, "provision of no known meaning", "normal", "H", "consent-not-computable"),
    (47, "no provision", "normal", "H", "consent-not-computable"),
    (0, "three levels", "normal", "H", "consent-not-computable"),
    (0, "meaning changed by a modifier", "normal", "H", "consent-not-computable"),
    (56, "SUD yes", "Part 2", "W", "no-consent", "plan-a cbo", "CAREMGT"),
    (56, "SUD yes to the CBO", "Part 2", "W", "no-consent", "plan-a cbo", "CAREMGT"),
    (0, "SUD yes to the plan; SUD yes to the CBO", "Part 2", "P", "consent", "plan-a cbo", "CAREMGT"),
]
STRICTER = {
    2: "the state's basis for sharing behavioral health (AB 133) needs the policy files: until then a label withholds",
    26: "likewise: the BH label is permitted by no rule yet",
    33: "likewise for housing",
    35: "likewise for reentry",
}
ELSEWHERE = {
    3: "without policies there is no responsible and other provider: BH is withheld from all (2)",
    48: "test_the_gate_is_asked_again",
    49: "test_the_gate_is_asked_again",
    50: "test_projection.py",
    52: "test_a_consent_that_tells_of_substance_use_passes_the_same_gate",
    53: "test_a_contained_resource_lends_its_label",
    60: "test_properties.py",
}
NOT_YET = {
    10: "needs a labeller of codes: the row's programme is not Part 2, so the row is normal",
    22: "the form's declarations are not in the Consent yet",
    30: "there is no label for a counseling note; such notes are in no layout yet",
    38: "no minor-consent label, no parent as recipient yet",
    40: "no break-glass door", 41: "no break-glass door", 42: "no break-glass door",
    43: "links between sources are not decided here; an equal CIN carries what protects",
    44: "no labeller; a label that cannot be read withholds (33)",
    51: "needs a labeller of words",
    54: "the push", 55: "the accounting", 57: "the reconciliation", 58: "the push", 59: "the gateway's own FHIR door",
}  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0] or 'own'}: {'; '.join(row[1:])}")
def test_what_is_sent(desk, row):
    """One resource, one answer, one reason."""
    _, signed, data, fate, rule, *asked = row
    audience, purposes = asked or ("plan-a", "CAREMGT")
    consents = forms(desk)[signed]
    graph = desk.graph(desk.resource("Condition", "d", *LABELS[data]), consents=consents)
    assert (fate, rule) == desk.answers(graph, desk.terms(audience.split(), purposes.split()))["d"]


def test_every_case_of_the_truth_table_has_its_place():
    """All 60 are decided here, decided in another test, or named with the reason why not yet."""
    here = {row[0] for row in TABLE} - {0}
    assert set(range(1, 61)) == here | ELSEWHERE.keys() | NOT_YET.keys()
    assert not here & NOT_YET.keys()
    assert here >= STRICTER.keys()


def test_the_last_day_ends_at_midnight_where_the_county_is(desk):
    """31 May 23:59 in Los Angeles is 1 June in Greenwich, and still the last day."""
    graph = desk.graph(desk.resource("Condition", "d", "SUD"), consents=[desk.consent(end="2026-05-31")])
    last_minute, next_day = datetime(2026, 6, 1, 6, 59, tzinfo=UTC), datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
    assert ("P", "consent") == desk.answers(graph, desk.terms(now=last_minute))["d"]
    assert ("W", "expired") == desk.answers(graph, desk.terms(now=next_day))["d"]


@pytest.mark.parametrize(
    ("end", "fate"),
    [("2026-06-01T12:00:00-07:00", "P"), ("2026-06-01T18:59:59Z", "W"), ("2026-06-01T12:00:00", "W"), ("yes", "W")],
)
def test_an_end_with_a_time_is_an_instant(desk, end, fate):
    """Now is 19:00 UTC; an end without a zone, or that is no time at all, makes no permit."""
    graph = desk.graph(desk.resource("Condition", "d", "SUD"), consents=[desk.consent(end=end)])
    assert fate == desk.answers(graph)["d"][0]


@pytest.mark.parametrize(
    "period", [{"end": "last summer"}, {"start": "2026-13-01"}, {"start": "2027-01-01", "end": "2025-01-01"}]
)
def test_a_no_whose_period_cannot_be_read_is_in_force(desk, period):
    """Doubt counts for the person."""
    deny = desk.no_sharing()
    deny["provision"]["period"] = period
    assert ("W", "person-said-no") == desk.answers(desk.graph(consents=[deny]))["p"]


def test_the_gate_is_asked_again(desk):
    """Revoked between the first try and the retry: the same graph with the Consent as it is now is withheld."""
    data = desk.resource("Condition", "d", "SUD")
    assert ("P", "consent") == desk.answers(desk.graph(data, consents=[desk.consent()]))["d"]
    assert ("W", "not-active") == desk.answers(desk.graph(data, consents=[desk.consent(status="inactive")]))["d"]


@pytest.mark.parametrize("sud", ["yes", "no"])
def test_a_consent_that_tells_of_substance_use_passes_the_same_gate(desk, sud):
    """A "no" is not sent to whom it would tell of substance use, nor is its paper; a "yes" is sent under itself."""
    form = desk.consent(sud=sud, sourceReference=desk.point("DocumentReference", "paper"))
    answers = desk.answers(desk.graph(desk.resource("DocumentReference", "paper"), consents=[form]))
    expected = {"yes": ("P", "consent"), "no": ("W", "person-said-no")}[sud]
    assert (expected, expected, ("P", "default")) == (answers["c1"], answers["paper"], answers["p"])


def test_a_contained_resource_lends_its_label(desk):
    """What is inside goes where the outside goes."""
    data = desk.resource("CarePlan", "d", contained=[desk.resource("Condition", "in", "SUD")])
    assert ("W", "person-said-no") == desk.answers(desk.graph(data, consents=[desk.consent(sud="no")]))["d"]


@pytest.mark.parametrize("coding", [{}, {"code": "N"}, {"system": "urn:x", "code": "SUD"}, {"display": "secret"}])
def test_a_label_that_cannot_be_read_withholds(desk, coding):
    """Nobody may ignore a label because its system is unknown."""
    data = desk.resource("Condition", "d")
    data["meta"]["security"].append(coding)
    assert ("W", "label") == desk.answers(desk.graph(data))["d"]
