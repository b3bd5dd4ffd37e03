"""What a server has of ours, what is under way, and who was given what."""

import subprocess
import sys
from datetime import timedelta

import orjson
import pytest

from nowrongdoor.model import Issue
from nowrongdoor.store import Disclosure, Entry, OutboxRow, Store

A, B = "https://a.example/fhir", "https://b.example/fhir"
ID = "elder-person-C1"
PLAN = ["Golden Valley Health Plan"]
ISSUE = Issue("server-refused", "the server refused it", "read the report of the server")


def base(receipt):
    return orjson.dumps(receipt.cleared.resource)


def test_what_was_never_sent_has_no_entry(store):
    assert ({}, set(), []) == (store.entries(A, [ID]), store.sent_to(A), store.outbox(A))


def test_what_is_being_sent_is_uncertain_and_on_disk_at_once(store, tmp_path):
    """Another process, which is what is left after a crash, sees it before any answer."""
    store.sending(A, [(ID, "h1")])
    with Store(tmp_path / "workspace") as survivor:
        entry = survivor.entries(A, [ID])[ID]
        assert Entry("", "", "", b"", "h1") == entry
        assert entry.sending
        assert [OutboxRow(ID, "sending", 0, None, None)] == survivor.outbox(A)
        assert set() == survivor.sent_to(A)


def test_sending_within_a_transaction_is_refused_for_it_would_not_be_on_disk(store):
    with store.transaction(), pytest.raises(RuntimeError, match="within a transaction"):
        store.sending(A, [(ID, "h1")])


@pytest.mark.parametrize("state", ["created", "updated", "adopted"])
def test_an_acknowledged_one_is_certain_and_done(store, receipt, now, state):
    store.sending(A, [(ID, "h1")])
    answer = receipt(state=state)
    store.receipt(A, [answer], PLAN, now)
    assert {ID: Entry("s-C1", 'W/"1"', "h1", base(answer), "")} == store.entries(A, [ID, "another"])
    assert ([], {ID}) == (store.outbox(A), store.sent_to(A))


def test_servers_are_told_apart(store, receipt, now):
    store.receipt(A, [receipt()], PLAN, now)
    assert ({}, set()) == (store.entries(B, [ID]), store.sent_to(B))


def test_unchanged_keeps_what_is_known(store, receipt, now):
    first = receipt()
    store.receipt(A, [first], PLAN, now)
    store.receipt(A, [receipt(state="unchanged", server_id="", etag="", sent_hash="")], PLAN, now)
    assert Entry("s-C1", 'W/"1"', "h1", base(first), "") == store.entries(A, [ID])[ID]


def test_an_update_is_under_way_beside_what_is_acknowledged(store, receipt, now):
    first = receipt()
    store.receipt(A, [first], PLAN, now)
    store.sending(A, [(ID, "h2")])
    assert Entry("s-C1", 'W/"1"', "h1", base(first), "h2") == store.entries(A, [ID])[ID]
    assert {ID} == store.sent_to(A)
    store.receipt(A, [receipt(state="updated", etag='W/"2"', sent_hash="h2")], PLAN, now)
    assert Entry("s-C1", 'W/"2"', "h2", base(first), "") == store.entries(A, [ID])[ID]


@pytest.mark.parametrize("state", ["held", "refused", "waiting"])
def test_what_was_put_off_stays_in_doubt_and_is_no_disclosure(store, receipt, now, state):
    store.sending(A, [(ID, "h1")])
    store.receipt(A, [receipt(state=state, issue=ISSUE)], PLAN, now)
    assert store.entries(A, [ID])[ID].sending
    (row,) = store.outbox(A)
    assert (state, 1, ISSUE) == (row.state, row.attempts, row.issue)
    assert (set(), []) == (store.sent_to(A), store.disclosures())


def test_a_waiting_row_that_never_left_is_not_in_doubt(store, receipt, now):
    store.receipt(A, [receipt(state="waiting")], PLAN, now)
    assert {} == store.entries(A, [ID])
    assert [ID] == [row.id for row in store.outbox(A)]


def test_waiting_doubles_up_to_six_hours_and_an_answer_ends_it(store, receipt, now):
    minutes = []
    for _ in range(11):
        store.receipt(A, [receipt(state="waiting")], PLAN, now)
        minutes.append((store.outbox(A)[0].next_at - now) / timedelta(minutes=1))
    assert [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360] == minutes
    store.receipt(A, [receipt()], PLAN, now)
    store.receipt(A, [receipt(state="waiting")], PLAN, now)
    assert 1 == store.outbox(A)[0].attempts


@pytest.mark.parametrize("state", ["held", "refused"])
def test_what_a_person_must_look_at_is_not_due_by_itself(store, receipt, now, state):
    store.receipt(A, [receipt(state=state, issue=ISSUE)], PLAN, now)
    assert None is store.outbox(A)[0].next_at


def test_receipts_are_kept_together_or_not_at_all(store, receipt, now):
    with pytest.raises(ValueError, match="zone"):
        store.receipt(A, [receipt("C1", "held"), receipt("C2")], PLAN, now.replace(tzinfo=None))
    assert [] == store.outbox(A)


def test_a_disclosure_names_whom_what_and_why(store, receipt, now):
    store.receipt(A, [receipt(rule="permit")], ["Plan B", "Plan A"], now)
    expected = Disclosure(A, ID, "h1", ("Plan A", "Plan B"), "permit", now)
    assert [expected] == store.disclosures() == store.disclosures(ID)
    assert [] == store.disclosures("another")


def test_every_sending_is_a_disclosure_of_its_own_and_finding_it_there_is_not(store, receipt, now):
    for state, digest in [
        ("created", "h1"),
        ("unchanged", "h1"),
        ("updated", "h2"),
        ("updated", "h1"),
        ("adopted", "h1"),
    ]:
        store.receipt(A, [receipt(state=state, sent_hash=digest)], PLAN, now)
    assert ["h1", "h2", "h1"] == [row.hash for row in store.disclosures()]


def test_what_arrived_before_a_crash_is_disclosed_when_it_is_found(store, receipt, now):
    store.sending(A, [(ID, "h1")])
    store.receipt(A, [receipt(state="adopted")], PLAN, now)
    assert [tuple(PLAN)] == [row.audience for row in store.disclosures()]


def test_a_new_reader_of_what_is_there_is_a_disclosure(store, receipt, now):
    store.receipt(A, [receipt()], PLAN, now)
    store.receipt(A, [receipt(state="unchanged")], [*PLAN, "Second Plan"], now)
    assert [1, 2] == [len(row.audience) for row in store.disclosures()]


# one pusher per server -------------------------------------------------------

PUSHER = """
import sys, time
from pathlib import Path
from nowrongdoor.store import Store

with Store(Path(sys.argv[1])) as store, store.alone(sys.argv[2]) as alone:
    print(alone, flush=True)
    time.sleep(60)
"""


def test_one_pusher_per_server(store, tmp_path):
    """Also within one process, and whatever else is written meanwhile."""
    with store.alone(A) as first, Store(tmp_path / "workspace") as other:
        with other.alone(A) as second, other.alone(B) as elsewhere:
            assert (True, False, True) == (first, second, elsewhere)
        with other.alone(A) as third:
            assert not third
    with store.alone(A) as again:
        assert again


def test_a_killed_pusher_lets_go_at_once(store):
    command = [sys.executable, "-c", PUSHER, str(store.folder), A]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert "True" == other.stdout.readline().strip()
        with store.alone(A) as alone:
            assert not alone
        other.kill()
    with store.alone(A) as alone:
        assert alone
