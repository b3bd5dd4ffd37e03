from datetime import UTC, datetime, timedelta

import pytest

from nowrongdoor.sandbox import HONEST, Habits, running


@pytest.fixture
def server(at, request):
    """A client of a server with the habits that the test asks for, and its clock."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    with running(habits=request.param, clock=lambda: now[0]) as base, at(base) as fhir:
        fhir.now = now
        yield fhir


def habits(**changed):
    return pytest.mark.parametrize("server", [Habits(**changed)], indirect=True)


def put_new(fhir, **headers):
    return fhir.put("Patient/p1", json=fhir.patient("k", id="p1"), headers=headers).status_code


@habits(update_create=False)
def test_update_create_off_refuses_a_put_on_an_unknown_id_and_says_so(server):
    assert (405, 404) == (put_new(server), server.get("Patient/p1").status_code)
    assert 405 == server.transact(server.entry("PUT", "Patient/p1", server.patient("k", id="p1"))).status_code
    assert 405 == server.put("Patient?identifier=k", json=server.patient("k", id="p1")).status_code
    assert 201 == server.put("Patient?identifier=k", json=server.patient("k")).status_code
    claims = server.get("metadata").json()["rest"][0]["resource"]
    assert {False} == {claim["updateCreate"] for claim in claims}


@habits(stale_status=409)
def test_stale_status_409_in_and_out_of_a_transaction(server):
    put_new(server)
    assert 409 == put_new(server, **{"If-Match": 'W/"7"'})
    entry = server.entry("PUT", "Patient/p1", server.patient("k", id="p1"), ifMatch='W/"7"')
    assert 409 == server.transact(entry).status_code


@habits(create_on_if_match=True)
def test_create_on_if_match_creates_silently(server):
    assert 201 == put_new(server, **{"If-Match": 'W/"7"'})


@habits(put_create_status=200)
def test_put_create_status_200_hides_a_create(server):
    assert 200 == put_new(server)
    assert "1" == server.get("Patient/p1").json()["meta"]["versionId"]


@habits(noop_keeps_version=False)
def test_without_noop_an_identical_put_makes_a_version(server):
    assert (201, 200) == (put_new(server), put_new(server))
    assert "2" == server.get("Patient/p1").json()["meta"]["versionId"]


@pytest.mark.parametrize(
    ("server", "etag"),
    [(HONEST, 'W/"1"'), (Habits(entry_etag="bare"), "1"), (Habits(entry_etag="none"), None)],
    indirect=["server"],
)
def test_the_etag_of_an_entry_and_that_it_can_be_sent_back(server, etag):
    entry = server.entry("PUT", "Patient/p1", server.patient("k", id="p1"))
    assert etag == server.transact(entry).json()["entry"][0]["response"].get("etag")
    entry["request"]["ifMatch"] = etag or 'W/"1"'
    assert 200 == server.transact(entry).status_code


@habits(max_put_entries=2)
def test_max_put_entries_refuses_a_larger_transaction_whole(server):
    puts = [server.entry("PUT", f"Patient/p{n}", server.patient("k", id=f"p{n}")) for n in range(3)]
    post = server.entry("POST", "Patient", server.patient("k"))
    assert (400, 0) == (server.transact(*puts).status_code, server.get("Patient").json()["total"])
    assert 200 == server.transact(*puts[:2], post).status_code


@habits(search_cache_seconds=60)
def test_search_cache_answers_again_what_it_answered_within_its_time(server):
    """no-cache sees the truth and does not mend the cache; conditions do not use it; it ends with its time."""

    def find(**headers):
        return server.get("Patient?identifier=k", headers=headers)

    assert 0 == find().json()["total"]
    server.made("k")
    stale = find()
    assert (0, "HIT") == (stale.json()["total"], stale.headers["x-cache"])
    assert [1, 1] == [find(**{"Cache-Control": c}).json()["total"] for c in ("no-cache", "no-store")]
    assert 0 == find().json()["total"]
    post = server.post("Patient", json=server.patient("k"), headers={"If-None-Exist": "identifier=k"})
    assert 200 == post.status_code
    server.now[0] += timedelta(seconds=60)
    assert 1 == find().json()["total"]


@pytest.mark.parametrize("server", [HONEST], indirect=True)
def test_an_honest_server_does_not_cache(server):
    assert 0 == server.get("Patient?identifier=k").json()["total"]
    server.made("k")
    assert 1 == server.get("Patient?identifier=k").json()["total"]
