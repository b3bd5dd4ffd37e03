import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.sandbox import running, serve

FOREGROUND = "import sys; from nowrongdoor.sandbox import serve; serve(0, sys.argv[1])"


@contextmanager
def process(database):
    """A sandbox in a process of its own: the process, its base URL, and where its stderr goes."""
    command = [sys.executable, "-c", FOREGROUND, str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as child:
        try:
            line = child.stdout.readline()
            assert line.startswith("Sandbox FHIR server on http://127.0.0.1:"), line
            assert line.endswith("/fhir (R4, synthetic)\n")
            yield child, line.split()[4]
        finally:
            child.kill()


def test_a_file_outlives_the_server_with_versions_history_and_words(tmp_path, at):
    database = str(tmp_path / "sandbox.db")
    with running(database) as base, at(base) as fhir:
        id_ = fhir.made("k")
        fhir.put(f"Patient/{id_}", json=fhir.patient("k", id=id_, gender="male"))
    with running(database) as base, at(base) as fhir:
        assert [id_] == fhir.found(f"Patient?{fhir.by('k')}")
        assert 2 == fhir.get(f"Patient/{id_}/_history").json()["total"]


def test_what_was_answered_survives_the_kill_of_the_process(tmp_path, at):
    with process(tmp_path / "sandbox.db") as (child, base), at(base) as fhir:
        made = [fhir.made("k") for _ in range(20)]
        child.kill()
        child.wait()
    with running(str(tmp_path / "sandbox.db")) as base, at(base) as fhir:
        assert sorted(made) == sorted(fhir.found(f"Patient?{fhir.by('k')}"))


def test_nothing_of_a_request_is_logged_or_repeated_in_a_refusal(tmp_path, at):
    """Names, ids and identifiers of people stand in URLs, headers and bodies; no refusal and no output holds them."""
    secret = "Quagmire90000001A"
    reference = {"reference": f"Organization/{secret}"}
    with process(tmp_path / "sandbox.db") as (child, base), at(base) as fhir:
        refused = [
            fhir.get(f"Patient/{secret}"),
            fhir.get(f"{secret}/1"),
            fhir.get(f"Patient?{secret}={secret}"),
            fhir.get(f"Patient?birthdate={secret}"),
            fhir.get(f"Patient?_sort={secret}"),
            fhir.get(f"Patient/${secret}"),
            fhir.get(f"?_page={secret}&_offset=0"),
            fhir.post("Patient", json={"resourceType": secret}),
            fhir.post("Patient", content=f'{{"resourceType": "Patient", "id": "{secret}'),
            fhir.post("Patient", json=fhir.patient(secret), headers={"If-None-Exist": f"{secret}=1"}),
            fhir.post("Patient", json=fhir.patient(secret), headers={"Content-Type": secret}),
            fhir.post("Patient", json=fhir.patient(secret, managingOrganization=reference)),
            fhir.put(f"Patient/{secret}", json=fhir.patient(secret, id=f"{secret}x")),
            fhir.put(f"Patient/{secret}", json=fhir.patient(secret, id=secret), headers={"If-Match": secret}),
            fhir.transact(
                fhir.entry("PUT", f"Patient/{secret}", fhir.patient(secret, id=secret, generalPractitioner=[reference]))
            ),
        ]
        child.kill()
        output = child.communicate()
    assert {400, 404, 410, 415} == {answer.status_code for answer in refused}
    assert [] == [answer.url for answer in refused if secret in answer.text]
    assert ("", "") == output


def test_a_server_restarts_at_once_on_the_port_it_had(at):
    with running() as base, at(base) as fhir:
        fhir.made("k")
        port = int(base.split(":")[2].split("/")[0])
    with running(port=port) as again, at(again) as fhir:
        assert (base, 0) == (again, fhir.get("Patient").json()["total"])


def test_it_stops_with_a_cure_where_it_cannot_start(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Stop, match="taken"):
            serve(taken.getsockname()[1])
    with pytest.raises(Usage, match="database"), running(str(tmp_path / "no-such-folder" / "x.db")):
        pass


@pytest.mark.parametrize(("size", "status"), [(16 * 1024 * 1024, 201), (16 * 1024 * 1024 + 1, 413)])
def test_the_largest_body_is_16_mb(fhir, size, status):
    frame = '{"resourceType": "Basic", "x": ""}'
    body = frame[:-2] + "a" * (size - len(frame)) + frame[-2:]
    assert status == fhir.post("Basic", content=body, headers={"Prefer": "return=minimal"}).status_code


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("{oops", "application/fhir+json", 400),
        ("", "application/fhir+json", 400),
        ('{"resourceType": "Basic", "x": ' + "[" * 500 + "]" * 500 + "}", "application/json", 400),
        ('{"resourceType": "Basic"}', "text/plain", 415),
        ('{"resourceType": "Basic"}', "", 415),
        ('{"resourceType": "Basic"}', "Application/JSON; charset=UTF-8", 201),
    ],
)
def test_only_json_is_taken(fhir, content, kind, status):
    assert status == fhir.post("Basic", content=content, headers={"Content-Type": kind}).status_code
    assert 415 == fhir.post("Basic/_search", content="_id=1").status_code


@pytest.mark.parametrize(
    ("url", "accept", "status"),
    [("metadata", "text/html, */*", 200), ("metadata", "application/fhir+xml", 406), ("Basic?_format=xml", "*/*", 406)],
)
def test_only_json_is_given(fhir, url, accept, status):
    assert status == fhir.get(url, headers={"Accept": accept}).status_code


def test_nothing_is_served_beside_the_base(fhir):
    assert 404 == fhir.get(fhir.base.replace("/fhir", "/other")).status_code
    assert b"" == fhir.head("metadata").content


INTERACTIONS = frozenset(
    {"create", "read", "vread", "update", "delete", "history-instance", "history-type", "search-type"}
)


def test_it_does_what_its_capability_statement_claims_and_nothing_else(at):
    """Every claimed interaction and parameter of all 145 types is tried; what is not claimed is refused."""
    with running() as base, at(base) as fhir:
        statement = fhir.get("metadata").json()
        assert ("4.0.1", "nowrongdoor sandbox") == (statement["fhirVersion"], statement["software"]["name"])
        claims = {claim["type"]: claim for claim in statement["rest"][0]["resource"]}
        assert 145 == len(claims)
        parameters = {type_: {p["name"]: p["type"] for p in claim["searchParam"]} for type_, claim in claims.items()}
        every = {name for known in parameters.values() for name in known}
        values = {"token": "x", "reference": "Patient/x", "string": "x", "date": "2026"}

        def batch(*entries):
            return {e["response"]["status"][:3] for e in fhir.transact(*entries, kind="batch").json()["entry"]}

        def each(method, tail):
            return batch(*(fhir.entry(method, t + tail) for t in claims))

        def with_body(method, tail, **body):
            return batch(*(fhir.entry(method, t + tail, {"resourceType": t, **body}) for t in claims))

        assert {INTERACTIONS} == {frozenset(i["code"] for i in c["interaction"]) for c in claims.values()}
        assert {"201"} == with_body("POST", "")
        assert {"201"} == with_body("PUT", "/x", id="x")  # updateCreate
        assert {"200"} == with_body("PUT", "/x", id="x", language="en")
        assert {"201"} == with_body("PUT", "?_id=y")  # conditionalUpdate
        assert {"200"} == each("GET", "/x") | each("GET", "/x/_history/1") | each("GET", "/x/_history") | each(
            "GET", "/_history"
        )
        assert {"200"} == batch(
            *(fhir.entry("GET", f"{t}?{p}={values[k]}") for t, ps in parameters.items() for p, k in ps.items())
        )
        assert {"400"} == batch(
            *(fhir.entry("GET", f"{t}?{p}=x") for t, ps in parameters.items() for p in every - set(ps))
        )
        assert {"204"} == each("DELETE", "/x")
        assert {"410"} == each("GET", "/x")


def test_it_does_what_it_claims_of_the_whole_system(at):
    with running() as base, at(base) as fhir:
        statement = fhir.get("metadata").json()
        claims = {claim["type"]: claim for claim in statement["rest"][0]["resource"]}
        assert {"transaction", "batch", "history-system"} == {i["code"] for i in statement["rest"][0]["interaction"]}
        assert (200, 200) == (fhir.transact().status_code, fhir.get("_history").status_code)
        one = claims["Patient"]
        assert (True, True, True) == (one["conditionalCreate"], one["conditionalUpdate"], one["updateCreate"])
        assert {"not-supported"} == {one["conditionalRead"], one["conditionalDelete"]}
        assert 405 == fhir.delete("Patient?_id=x").status_code
        assert ["literal", "local", "enforced"] == one["referencePolicy"]
        assert 400 == fhir.post("CarePlan", json=fhir.plan("Patient/none")).status_code
