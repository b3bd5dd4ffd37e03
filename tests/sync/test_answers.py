"""What each refusal of a server means: every row of the table, and what is kept of a server's words."""

import pytest

from nowrongdoor.sync import answers, classify, problem, redact
from nowrongdoor.sync.answers import Reaction

RETRY, REREAD, RESOLVE, PARK, QUARANTINE, SPLIT, STOP = Reaction

CASES = [
    # status, family, issue codes, HAPI codes (innermost last), command, reaction
    (404, "hapi", ["processing"], ["1091"], "transaction", PARK),  # no match for a conditional reference
    (400, "hapi", ["processing"], ["1094"], "create", PARK),  # the target is not there
    (409, "hapi", [], ["0550", "0823"], "update", RETRY),
    (409, "hapi", [], ["0550", "0826"], "update", RETRY),
    (409, "hapi", [], ["0549", "0827"], "transaction", RETRY),
    (409, "hapi", [], ["0550", "0825"], "create", REREAD),
    (409, "hapi", [], ["0550", "0989"], "update", REREAD),
    (409, "hapi", [], ["0550", "0989"], "transaction", REREAD),
    (409, "hapi", [], ["0550", "0824"], "create", RESOLVE),
    (409, "hapi", [], ["0550", "2745"], "transaction", RESOLVE),
    (409, "hapi", [], ["0550", "2745"], "update", RESOLVE),  # a conditional update that lost its race
    (409, "hapi", [], ["0550"], "create", RESOLVE),  # bare wrapper on PostgreSQL: it says nothing
    (409, "hapi", [], ["0550"], "update", REREAD),
    (409, "hapi", [], ["0550", "0515"], "delete", QUARANTINE),
    (409, "hapi", [], ["0550", "0515"], "transaction", QUARANTINE),
    (500, "hapi", [], ["2223"], "update", REREAD),
    (500, "hapi", [], ["2223"], "transaction", REREAD),
    *[(412, "hapi", [], [code], "create", QUARANTINE) for code in ("0958", "0962", "0988", "1092", "2207", "0539")],
    (412, "medplum", ["multiple-matches"], [], "create", QUARANTINE),
    (423, "azure", [], [], "update", RETRY),
    (429, "unknown", ["throttled"], [], "transaction", RETRY),
    (503, "unknown", [], [], "create", RETRY),
    (400, "aws", ["throttled"], [], "transaction", RETRY),
    *[(status, "unknown", [], [], "read", RETRY) for status in (408, 500, 502, 504)],
    *[(status, "unknown", [], [], "update", REREAD) for status in (408, 500, 502, 504)],
    *[(status, "unknown", [], [], "delete", REREAD) for status in (408, 500, 502, 504)],
    *[(status, "unknown", [], [], "create", RESOLVE) for status in (408, 500, 502, 504)],
    *[(status, "wso2", ["exception"], [], "transaction", RESOLVE) for status in (408, 500, 502, 504)],
    (401, "unknown", ["login"], [], "read", STOP),
    (403, "unknown", ["forbidden"], [], "update", STOP),
    (405, "unknown", ["not-supported"], [], "transaction", SPLIT),
    (501, "unknown", ["not-supported"], [], "transaction", SPLIT),
    (405, "sandbox", ["not-supported"], [], "create", STOP),
    (501, "helios", ["not-supported"], [], "search", STOP),
    (404, "medplum", ["not-found"], [], "update", RESOLVE),
    (410, "hapi", [], [], "read", RESOLVE),
    (409, "azure", ["conflict"], [], "transaction", RETRY),
    (409, "blaze", ["conflict"], [], "create", PARK),
    (409, "blaze", ["conflict"], [], "delete", QUARANTINE),
    (409, "hapi", ["processing"], [], "delete", QUARANTINE),  # a referrer stands in the way
    (412, "aidbox", [], [], "transaction", RETRY),
    (412, "aidbox", [], [], "update", REREAD),
    (412, "wso2", ["conflict"], [], "update", REREAD),
    (409, "helios", ["conflict"], [], "update", REREAD),
    (412, "helios", ["conflict"], [], "delete", REREAD),
    (412, "medplum", ["processing"], [], "transaction", RESOLVE),
    (409, "aws", ["duplicate"], [], "create", RESOLVE),
    (413, "unknown", [], [], "transaction", SPLIT),
    (414, "unknown", [], [], "search", SPLIT),
    (400, "azure", ["too-costly"], [], "transaction", SPLIT),
    (422, "firely", ["too-long"], [], "transaction", SPLIT),
    (400, "hapi", ["processing"], ["0450", "1821"], "create", QUARANTINE),
    (400, "hapi", ["processing"], ["1096"], "create", QUARANTINE),
    (400, "hapi", ["processing"], ["0507"], "create", QUARANTINE),
    (400, "hapi", ["processing"], ["0960"], "update", QUARANTINE),
    (415, "unknown", ["not-supported"], [], "create", QUARANTINE),
    (422, "hapi", ["processing"], ["0931"], "create", QUARANTINE),
    (418, "unknown", [], [], "update", STOP),  # nobody has planned for this
]


@pytest.mark.parametrize(("status", "family", "codes", "hapi", "command", "reaction"), CASES)
def test_reaction(status, family, codes, hapi, command, reaction):
    """What the caller does next, by status, family, issue codes, innermost HAPI code and command."""
    assert reaction is classify(status, family, codes, hapi, command)


@pytest.mark.parametrize("row", range(len(answers.TABLE)))
def test_every_row_is_tried(monkeypatch, row):
    """Taking any row out of the table changes at least one of the cases above."""
    monkeypatch.setattr(answers, "TABLE", answers.TABLE[:row] + answers.TABLE[row + 1 :])
    assert [case for case in CASES if classify(*case[:5]) is not case[5]]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            'HAPI-0450: HAPI-1821: [element="gender"] Invalid attribute value "Maria": Patient.gender',
            "HAPI-0450 HAPI-1821 Patient.gender",
        ),
        (
            "HAPI-1094: Resource Patient/4711 not found, specified in path: CarePlan.subject",
            "HAPI-1094 CarePlan.subject",
        ),
        ("insert into HFJ_RES_SEARCH_URL values ('Patient?identifier=urn:x|90000001A')", ""),
        (
            "Goal.description.text of Maria Muster 1980-02-03 at https://host/fhir/Goal?name=Maria",
            "Goal.description.text",
        ),
        ("Media.content Goal.target.detail[x] John", "Goal.target.detail[x]"),
        ("Smith.john born 1980", ""),
        ('unbalanced "Maria O"Brien and 90000001A', ""),
        ("", ""),
    ],
)
def test_what_is_kept_of_a_servers_words(said, kept):
    """Codes, types and element paths; no value, id, name, URL or SQL."""
    assert kept == redact(said)


def test_problem_reads_all_codes_and_invents_none():
    """Errors before warnings; codes of the value set only; HAPI codes in their order; element paths from expression."""
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": "warning", "code": "informational", "diagnostics": "HAPI-9999"},
            {"severity": "error", "code": "Maria", "diagnostics": "HAPI-0550: HAPI-0989: Trying to update Patient/1"},
            {"severity": "error", "code": "conflict", "expression": ["Patient.name"]},
        ],
    }
    assert (("conflict",), ("0550", "0989"), "conflict Patient.name HAPI-0550 HAPI-0989") == problem(outcome)


@pytest.mark.parametrize("body", [None, {"resourceType": "Bundle"}, {"resourceType": "OperationOutcome", "issue": "x"}])
def test_no_outcome_no_problem(body):
    assert ((), (), "") == problem(body)
