"""A Bundle's own rules, its entries, and references among them by the rules of R4."""

import pytest

from nowrongdoor.checks.bundles import opened

GOAL = {"resourceType": "Goal", "id": "g", "description": {"text": "A home"}, "lifecycleStatus": "active"}
PATIENT = "urn:uuid:5b1d0f3e-0000-4000-8000-000000000001"
COMPOSITION = {"resourceType": "Composition"}
NAME = {"system": "https://example.org/id", "value": "1"}
GET = {"method": "GET", "url": "Goal"}


def bundle(*entries, kind="collection", **more):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **more}


def rules(given):
    """(rule, place) of the Bundle itself."""
    _, _, issues = next(opened("b", given))
    return [(i.rule, i.column) for i in issues]


def test_entries_follow_their_bundle_which_keeps_their_types_alone():
    (where, shell, _), *held = opened("b", bundle({"fullUrl": "x", "resource": dict(GOAL)}, {"resource": 5}, 7))
    assert ("b", [{"fullUrl": "x", "resource": {"resourceType": "Goal"}}, {"resource": 5}, 7]) == (
        where,
        shell["entry"],
    )
    assert ["b entry[0]"] == [where for where, _, _ in held]


def test_a_bundle_in_a_bundle_is_opened_too():
    within = bundle({"resource": bundle({"resource": dict(GOAL)})})
    assert ["b", "b entry[0]", "b entry[0] entry[0]"] == [where for where, _, _ in opened("b", within)]


@pytest.mark.parametrize("entries", [None, "x", {}, [[]]])
def test_what_is_no_list_of_entries_is_left_to_the_checker(entries):
    given = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    ((_, shell, _),) = opened("b", given)
    assert given == shell


ITS_OWN = {
    "bdl-1": (bundle(total=1), "Bundle.total"),
    "bdl-2": (bundle({"resource": GOAL, "search": {"mode": "match"}}), "Bundle.entry[0]"),
    "bdl-3": (bundle({"resource": GOAL}, kind="transaction"), "Bundle.entry[0]"),
    "bdl-4": (bundle({"resource": GOAL, "response": {"status": "200"}}), "Bundle.entry[0]"),
    "bdl-5": (bundle({"resource": GOAL}, {"fullUrl": "https://example.org/Goal/1"}), "Bundle.entry[1]"),
    "bdl-7": (bundle({"fullUrl": "x", "resource": GOAL}, {"fullUrl": "x", "resource": GOAL}), "Bundle.entry[1]"),
    "bdl-8": (bundle({"fullUrl": "https://example.org/Goal/1/_history/2", "resource": GOAL}), "Bundle.entry[0]"),
    "bdl-9": (bundle({"resource": COMPOSITION}, kind="document", timestamp="2026-01-15T08:00:00Z"), "Bundle"),
    "bdl-10": (bundle({"resource": COMPOSITION}, kind="document", identifier=NAME), "Bundle"),
    "bdl-11": (
        bundle({"resource": GOAL}, kind="document", identifier=NAME, timestamp="2026-01-15T08:00:00Z"), "Bundle",
    ),
    "bdl-12": (bundle({"resource": GOAL}, kind="message"), "Bundle"),
}  # fmt: skip


@pytest.mark.parametrize("rule", ITS_OWN)
def test_a_rule_of_bundles_is_named_by_its_key(rule):
    given, place = ITS_OWN[rule]
    assert [(rule, place)] == rules(given)


HISTORY = {"fullUrl": "x", "resource": GOAL, "request": GET, "response": {"status": "200"}}


@pytest.mark.parametrize(
    ("entry", "rule"),
    [({"request": ...}, "bdl-3"), ({"response": ...}, "bdl-4"), ({"search": {"mode": "match"}}, "bdl-2")],
)
def test_an_entry_of_a_history_says_what_was_asked_and_what_was_answered(entry, rule):
    given = {name: told for name, told in (HISTORY | entry).items() if told is not ...}
    assert [(rule, "Bundle.entry[0]")] == rules(bundle(given, kind="history"))


@pytest.mark.parametrize(
    "given",
    [
        bundle({"resource": GOAL}),
        bundle(HISTORY, HISTORY, kind="history", total=2),
        bundle({"fullUrl": "x", "resource": GOAL, "search": {"mode": "match"}}, kind="searchset", total=1),
        bundle({"request": GET}, {"resource": GOAL, "request": GET}, kind="batch"),
        bundle({"response": {"status": "204"}}, kind="transaction-response"),
        bundle({"fullUrl": "x", "resource": {**GOAL, "meta": {"versionId": "1"}}},
               {"fullUrl": "x", "resource": {**GOAL, "meta": {"versionId": "2"}}}),
        bundle({"fullUrl": "x", "resource": GOAL}, {"fullUrl": "y", "resource": GOAL}),
    ],
)  # fmt: skip
def test_what_is_right_breaks_none(given):
    assert [] == rules(given)


def references(given):
    """(what each Goal's subject is in the end, places that point nowhere)."""
    found = list(opened("b", given))[1:]
    return (
        [r["subject"]["reference"] for _, r, _ in found if r["resourceType"] == "Goal"],
        [(where, i.rule, i.column) for where, _, issues in found for i in issues],
    )


def goal(target):
    return {"resource": {**GOAL, "subject": {"reference": target}}}


@pytest.mark.parametrize(
    ("url", "id_", "target", "found"),
    [
        (PATIENT, {}, PATIENT, "Patient/entry-1"),
        (PATIENT, {"id": "p"}, PATIENT, "Patient/p"),
        ("https://example.org/fhir/Patient/p", {"id": "p"}, "https://example.org/fhir/Patient/p", "Patient/p"),
        ("https://example.org/fhir/Patient/p", {"id": "p"}, "https://example.org/fhir/Patient/p/_history/3",
         "Patient/p"),
        ("https://example.org/fhir/Patient/p", {"id": "p"}, "https://example.org/other/Patient/p",
         "https://example.org/other/Patient/p"),
        (PATIENT, {"id": "p"}, "Patient/p", "Patient/p"),
    ],
)  # fmt: skip
def test_a_reference_by_full_url_becomes_the_type_and_id_of_its_real_target(url, id_, target, found):
    given = bundle(goal(target), {"fullUrl": url, "resource": {"resourceType": "Patient", **id_}})
    assert ([found], []) == references(given)


def test_a_urn_that_no_entry_has_points_nowhere():
    lost = [("b entry[0]", "no-target", "Goal.subject.reference")]
    assert ([PATIENT], lost) == references(bundle(goal(PATIENT)))


def test_a_urn_that_leads_to_a_wrong_type_is_refused_by_that_type(checker):
    given = bundle(goal(PATIENT), {"fullUrl": PATIENT, "resource": {"resourceType": "Practitioner"}})
    found = [r for _, r, _ in opened("b", given) if r["resourceType"] == "Goal"]
    assert [("fhir-reference", "Goal.subject.reference")] == [(i.rule, i.column) for i in checker.issues(found[0])]
