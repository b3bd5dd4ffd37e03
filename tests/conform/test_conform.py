"""The suite tells the truth about servers that are known, about one that is none, and leaves nothing behind."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import httpx
import orjson
import pytest
import respx

from nowrongdoor import conform
from nowrongdoor.conform import CHECKS, Report, Result
from nowrongdoor.sandbox import Habits, running
from nowrongdoor.sync import Transport

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def ticking():
    """A clock that moves one second a look."""
    moments = iter(START + timedelta(seconds=n) for n in range(10_000))
    return lambda: next(moments)


@pytest.fixture
def reading(sandbox):
    """A look at the sandbox past the suite."""
    with httpx.Client() as client:
        yield Transport(sandbox, client=client)


def words(report):
    return {r.name: r.word for r in report.results}


def not_passed(report):
    return {name: word for name, word in words(report).items() if word != "pass"}


def test_the_sandbox_does_all(sandbox):
    report = conform.run(sandbox, clock=ticking())
    assert {} == not_passed(report)
    assert (len(CHECKS), True, ()) == (len(report.results), report.ok, report.left)


@pytest.mark.live
def test_hapi(hapi):
    """HAPI 8.8.0 makes what an update with If-Match names and nobody has; else it does all that is asked."""
    report = conform.run(hapi, clock=ticking())
    assert {"if-match-missing": "fail"} == not_passed(report)
    assert (True, ()) == (report.ok, report.left)


@pytest.mark.live
def test_medplum(medplum):
    """Medplum's router 4.5.2 in memory: no pages, no version kept, unknown parameters and dead references accepted."""
    report = conform.run(medplum, clock=ticking())
    known = ("search-unknown", "paging", "no-op", "missing-target")
    assert dict.fromkeys(known, "fail") == not_passed(report)
    assert (True, ()) == (report.ok, report.left)


@pytest.mark.parametrize(
    ("habits", "fails"),
    [
        (Habits(update_create=False), {"put-creates": "fail", "two-creators": "skip"}),
        (Habits(stale_status=409), {}),
        (Habits(create_on_if_match=True), {"if-match-missing": "fail"}),
        (Habits(noop_keeps_version=False), {"no-op": "fail"}),
        (Habits(search_cache_seconds=60), {}),
        (Habits(entry_etag="none", put_create_status=200), {}),
    ],
)
def test_habits_are_seen(habits, fails):
    """Each habit that matters shows in the check made for it, and in no other."""
    with running(habits=habits) as base:
        assert fails == not_passed(conform.run(base, clock=ticking()))


def test_nothing_stays(tmp_path):
    """After a run no type of resource answers any more; only the histories know."""
    with running(str(tmp_path / "s.db")) as base:
        report = conform.run(base, clock=ticking())
        transport = Transport(base)
        for kind in ("Organization", "Patient"):
            assert 0 == (transport.get(kind, params={"_summary": "count"}).body or {})["total"]
        transport.close()
        assert () == report.left


def test_what_cannot_be_deleted_is_listed(sandbox, reading):
    """A server that deletes nothing skips the check of deleting, and every resource that stays is named."""
    with respx.mock(assert_all_called=False) as wire:
        wire.delete(url__startswith=sandbox).respond(405, json={"resourceType": "OperationOutcome", "issue": []})
        wire.route().pass_through()
        report = conform.run(sandbox, clock=ticking())

    assert {"delete": "skip"} == not_passed(report)
    asked = {"_tag": f"https://w3id.org/nowrongdoor/id/run|{report.run}", "_count": "500"}
    there = {
        f"{kind}/{entry['resource']['id']}"
        for kind in ("Organization", "Patient")
        for entry in reading.get(kind, params=asked).body.get("entry", ())
    }
    assert there
    assert there <= set(report.left)
    assert {200} == {reading.get(name).status for name in report.left}


def test_all_it_writes_is_labelled_as_a_test(sandbox):
    """Every resource that leaves, also inside bundles, carries HTEST and the tag of the run."""
    written = []
    with respx.mock(assert_all_called=False) as wire:
        wire.route().pass_through()
        report = conform.run(sandbox, clock=ticking())
        for call in wire.calls:
            if call.request.method in {"PUT", "POST"} and not call.request.url.path.endswith("_search"):
                body = orjson.loads(call.request.content)
                written += [e["resource"] for e in body.get("entry", ()) if "resource" in e] or [body]
    made = [r for r in written if r["resourceType"] != "Bundle"]
    assert len(made) > len(CHECKS)
    for resource in made:
        assert "HTEST" in {label["code"] for label in resource["meta"]["security"]}
    untagged = {r["id"] for r in made if [report.run] != [tag["code"] for tag in r["meta"].get("tag", ())]}
    assert 1 == len(untagged)  # the check of label removal drops the tag on purpose


def test_a_server_that_is_none():
    """Nothing is asked of what does not say what it is: one error, the rest skipped, never a pass."""
    with respx.mock(base_url="https://fhir.example.test/r4") as wire:
        wire.get("/metadata").respond(text="<html>hello</html>")
        wire.post().mock(side_effect=httpx.ConnectError("gone"))
        report = conform.run("https://fhir.example.test/r4", clock=ticking())
    assert {"metadata": "error"} | {c.name: "skip" for c in CHECKS[1:]} == words(report)
    assert not report.ok


def test_a_server_that_dies_on_the_way(sandbox):
    """When nothing can be written, checks that need it say so, and none of them passes."""
    with respx.mock(assert_all_called=False) as wire:
        wire.route(method__in=["PUT", "POST"]).mock(side_effect=httpx.ConnectError("gone"))
        wire.route().pass_through()
        report = conform.run(sandbox, clock=ticking())
    assert {"metadata", "r4", "search-unknown"} == {name for name, word in words(report).items() if word == "pass"}
    assert not report.ok


def result(word, *, required=True):
    return Result("if-match", "needs & why", required, word, "" if word == "pass" else "HTTP <500>", ("PUT 200",), 1.5)


@pytest.mark.parametrize(
    ("results", "ok"),
    [
        ([result("pass"), result("skip")], True),
        ([result("fail", required=False), result("error", required=False)], True),
        ([result("fail")], False),
        ([result("error")], False),
    ],
)
def test_only_what_is_required_decides(results, ok):
    assert ok == Report("https://x", "s", "r", START, results, ()).ok


def test_junit_is_xml_that_counts_right():
    """One testcase a result; each word under its own tag; texts escaped; status codes in system-out."""
    results = [result("pass"), result("fail", required=False), result("skip"), result("error")]
    suite = ET.fromstring(Report("https://x", "s", "r", START, results, ()).junit())

    assert ("4", "1", "1", "1") == tuple(suite.get(k) for k in ("tests", "failures", "errors", "skipped"))
    cases = list(suite)
    assert [None, "failure", "skipped", "error"] == [
        next((c.tag for c in case if c.tag != "system-out"), None) for case in cases
    ]
    assert "HTTP <500>" == cases[1][0].get("message")
    assert "needs & why\nPUT 200" == cases[0].find("system-out").text
    assert ["conform.required", "conform.useful"] == [case.get("classname") for case in cases[:2]]


def test_json_and_table_say_the_same(sandbox):
    report = conform.run(sandbox, clock=ticking())
    told = orjson.loads(report.json())
    assert [r.name for r in report.results] == [r["name"] for r in told["results"]]
    for r in report.results:
        assert f"  {r.word:<6}{r.name}" in report.table()


def test_what_it_saw_are_methods_and_status_codes(sandbox):
    """No body, id or parameter gets into the report."""
    report = conform.run(sandbox, clock=ticking())
    seen = {part for r in report.results for part in r.saw}
    assert {"GET 200", "PUT 201", "PUT 412", "POST 201", "SEARCH 200", "DELETE 204"} <= seen
    assert all(method.isupper() and status.isdecimal() for method, status in (s.split() for s in seen))


def without(key, value):
    if isinstance(value, dict):
        return {k: without(key, v) for k, v in value.items() if k != key}
    return [without(key, v) for v in value] if isinstance(value, list) else value


def nothing_under(key, value):
    if isinstance(value, dict):
        return {k: None if k == key else nothing_under(key, v) for k, v in value.items()}
    return [nothing_under(key, v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("bend", [without, nothing_under])
@pytest.mark.parametrize("key", ["entry", "id", "identifier", "link", "meta", "resource", "response", "software"])
def test_answers_of_another_shape(monkeypatch, sandbox, bend, key):
    """Whatever is missing from answers, or null, is a word in the report, never a traceback."""
    whole = httpx.HTTPTransport.handle_request

    def bent(self, request):
        response = whole(self, request)
        content = response.read()
        if not content:
            return response
        return httpx.Response(response.status_code, content=orjson.dumps(bend(key, orjson.loads(content))))

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", bent)
    report = conform.run(sandbox, clock=ticking())
    assert len(CHECKS) == len(report.results)
    assert bend is without or not_passed(report)
