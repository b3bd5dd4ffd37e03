from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest


def outcome(answer) -> str:
    body = answer.json()
    assert "OperationOutcome" == body["resourceType"]
    return body["issue"][0]["code"]


def test_a_created_resource_reads_back_with_its_version_in_body_and_headers(fhir):
    made = fhir.post("Patient", json=fhir.patient(fhir.new(), id="not-mine", gender="female"))
    body = made.json()
    where = f"{fhir.base}/Patient/{body['id']}"
    assert (201, 'W/"1"', f"{where}/_history/1") == (made.status_code, made.headers["etag"], made.headers["location"])
    assert "not-mine" != body["id"]
    assert "1" == body["meta"]["versionId"]
    assert made.headers["last-modified"].endswith("GMT")
    read = fhir.get(where)
    assert (200, body, 'W/"1"') == (read.status_code, read.json(), read.headers["etag"])
    assert "application/fhir+json" == read.headers["content-type"]


def test_an_update_makes_the_next_version_and_the_old_one_stays_readable(fhir):
    key = fhir.new()
    id_ = fhir.made(key)
    changed = fhir.put(f"Patient/{id_}", json=fhir.patient(key, id=id_, gender="male"))
    assert (200, 'W/"2"') == (changed.status_code, changed.headers["etag"])
    assert "gender" not in fhir.get(f"Patient/{id_}/_history/1").json()
    assert "male" == fhir.get(f"Patient/{id_}/_history/2").json()["gender"]
    assert 404 == fhir.get(f"Patient/{id_}/_history/3").status_code


def test_meta_is_replaced_by_a_put_and_the_clients_own_version_is_ignored(fhir):
    tagged = {
        "tag": [{"system": "urn:example:t", "code": "x"}],
        "versionId": "77",
        "lastUpdated": "2001-01-01T00:00:00Z",
    }
    id_ = fhir.made(key := fhir.new(), meta=tagged)
    meta = fhir.get(f"Patient/{id_}").json()["meta"]
    assert ("1", tagged["tag"]) == (meta["versionId"], meta["tag"])
    assert not meta["lastUpdated"].startswith("2001")
    assert "tag" not in fhir.put(f"Patient/{id_}", json=fhir.patient(key, id=id_)).json()["meta"]


@pytest.mark.parametrize("id_", ["3f0c0b9e-8a53-4b0e-9d2a-000000000001", "4711", "a.b-C"])
def test_a_put_creates_under_the_clients_own_id(fhir, id_):
    made = fhir.put(f"Patient/{id_}", json=fhir.patient(fhir.new(), id=id_))
    assert (201, id_) == (made.status_code, made.json()["id"])


def test_an_identical_put_keeps_the_version_whatever_the_order_of_keys(fhir):
    key = fhir.new()
    id_ = fhir.made(key, gender="male", active=True)
    same = {"active": True, "gender": "male", **fhir.patient(key), "id": id_}
    answer = fhir.put(f"Patient/{id_}", json=same)
    assert (200, 'W/"1"') == (answer.status_code, answer.headers["etag"])
    assert 'W/"2"' == fhir.put(f"Patient/{id_}", json={**same, "active": 1}).headers["etag"]  # 1 is not true


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"resourceType": "Patient", "id": "other"}, 400, "invalid"),
        ({"resourceType": "Patient"}, 400, "invalid"),
        ({"resourceType": "Consent", "id": "x1"}, 400, "invalid"),
        ({"id": "x1"}, 400, "invalid"),
        ([], 400, "invalid"),
        ({"resourceType": "Patient", "id": "x1", "meta": "m"}, 400, "structure"),
        (
            {"resourceType": "Patient", "id": "x1", "managingOrganization": {"reference": "Organization/none"}},
            400,
            "not-found",
        ),
        (
            {"resourceType": "Patient", "id": "x1", "managingOrganization": {"reference": "urn:uuid:1"}},
            400,
            "not-found",
        ),
        ({"resourceType": "Patient", "id": "x1", "managingOrganization": {"reference": "Nonsense/1"}}, 400, "value"),
        (
            {"resourceType": "Patient", "id": "x1", "managingOrganization": {"reference": "Organization?name=x"}},
            400,
            "value",
        ),
    ],
)
def test_a_put_that_cannot_be_right_is_refused_and_leaves_nothing(fhir, body, status, code):
    answer = fhir.put("Patient/x1", json=body)
    assert (status, code) == (answer.status_code, outcome(answer))
    assert 404 == fhir.get("Patient/x1").status_code


def test_an_id_of_no_fhir_shape_is_refused(fhir):
    assert 400 == fhir.put("Patient/a_b", json=fhir.patient(fhir.new(), id="a_b")).status_code
    assert 404 == fhir.get("Patient/a%20b").status_code


@pytest.mark.parametrize("reference", ["https://example.org/fhir/Patient/9", "#p"])
def test_references_that_leave_the_server_or_the_resource_are_not_followed(fhir, reference):
    assert 201 == fhir.post("CarePlan", json=fhir.plan(reference)).status_code


def test_if_match_lets_only_the_current_version_be_replaced(fhir):
    key = fhir.new()
    id_ = fhir.made(key)

    def put(etag, **more):
        return fhir.put(f"Patient/{id_}", json=fhir.patient(key, id=id_, **more), headers={"If-Match": etag})

    assert 200 == put('W/"1"', gender="male").status_code
    stale = put('W/"1"', gender="female")
    assert (412, "conflict") == (stale.status_code, outcome(stale))
    assert 412 == put('W/"1"', gender="male").status_code  # a stale tag stops even what would change nothing
    assert 412 == put("abc").status_code
    assert 200 == put('"2"', gender="other").status_code
    assert "other" == fhir.get(f"Patient/{id_}").json()["gender"]
    assert 412 == fhir.delete(f"Patient/{id_}", headers={"If-Match": 'W/"1"'}).status_code
    assert 204 == fhir.delete(f"Patient/{id_}", headers={"If-Match": 'W/"3"'}).status_code
    assert 412 == put('W/"4"').status_code  # a deleted resource has no version to rely on


def test_if_match_on_what_never_was_never_creates(fhir):
    id_ = fhir.new()
    answer = fhir.put(f"Patient/{id_}", json=fhir.patient(id_, id=id_), headers={"If-Match": 'W/"1"'})
    assert (404, "not-found") == (answer.status_code, outcome(answer))
    where = fhir.put(f"Patient?{fhir.by(id_)}", json=fhir.patient(id_), headers={"If-Match": 'W/"1"'})
    assert 404 == where.status_code
    assert [] == fhir.found(f"Patient?{fhir.by(id_)}")


def test_a_deleted_resource_is_gone_and_a_put_revives_it(fhir):
    key = fhir.new()
    id_ = fhir.made(key)
    assert [204, 204] == [fhir.delete(f"Patient/{id_}").status_code for _ in range(2)]
    gone = fhir.get(f"Patient/{id_}")
    assert (410, "deleted") == (gone.status_code, outcome(gone))
    assert [] == fhir.found(f"Patient?{fhir.by(key)}")
    assert (200, 410) == tuple(fhir.get(f"Patient/{id_}/_history/{n}").status_code for n in (1, 2))
    revived = fhir.put(f"Patient/{id_}", json=fhir.patient(key, id=id_))
    assert (201, 'W/"3"') == (revived.status_code, revived.headers["etag"])
    assert [id_] == fhir.found(f"Patient?{fhir.by(key)}")


def test_what_others_refer_to_cannot_be_deleted(fhir):
    id_ = fhir.made(fhir.new())
    plan = fhir.post("CarePlan", json=fhir.plan(f"{fhir.base}/Patient/{id_}")).json()["id"]  # absolute, but this server
    kept = fhir.delete(f"Patient/{id_}")
    assert (409, "conflict") == (kept.status_code, outcome(kept))
    assert 200 == fhir.get(f"Patient/{id_}").status_code
    assert [204, 204] == [fhir.delete(url).status_code for url in (f"CarePlan/{plan}", f"Patient/{id_}")]
    assert 400 == fhir.post("CarePlan", json=fhir.plan(f"Patient/{id_}")).status_code  # deleted is not there


def test_a_conditional_create_makes_one_finds_one_and_refuses_two(fhir):
    key = fhir.new()

    def post(condition):
        return fhir.post("Patient", json=fhir.patient(key), headers={"If-None-Exist": condition})

    first, again = post(fhir.by(key)), post(f"Patient?{fhir.by(key)}")
    assert (201, 200) == (first.status_code, again.status_code)
    assert first.json() == again.json()
    fhir.made(key)
    two = post(fhir.by(key))
    assert (412, "multiple-matches") == (two.status_code, outcome(two))


@pytest.mark.parametrize("condition", ["", "nosuch=1", "identifier=", "_count=1", "_sort=_id"])
def test_a_condition_that_selects_nothing_in_particular_is_refused(fhir, condition):
    key = fhir.new()
    lenient = {"If-None-Exist": condition, "Prefer": "handling=lenient"}
    assert 400 == fhir.post("Patient", json=fhir.patient(key), headers=lenient).status_code
    assert [] == fhir.found(f"Patient?{fhir.by(key)}")


def test_a_conditional_update_makes_one_changes_one_and_refuses_two(fhir):
    key = fhir.new()

    def put(**more):
        return fhir.put(f"Patient?{fhir.by(key)}", json=fhir.patient(key, **more))

    made, changed = put(), put(gender="male")
    assert (201, 200, "2") == (made.status_code, changed.status_code, changed.json()["meta"]["versionId"])
    assert 400 == put(id="another").status_code
    fhir.made(key)
    assert 412 == put().status_code


def test_eight_conditional_creates_at_once_leave_one_row(fhir, base, at):
    key, gate = fhir.new(), Barrier(8)

    def post(_):
        with at(base) as client:
            gate.wait()
            return client.post(
                "Patient", json=client.patient(key), headers={"If-None-Exist": client.by(key)}
            ).status_code

    with ThreadPoolExecutor(8) as pool:
        assert [200] * 7 + [201] == sorted(pool.map(post, range(8)))
    assert 1 == len(fhir.found(f"Patient?{fhir.by(key)}"))


def test_return_minimal_answers_with_headers_only(fhir):
    answer = fhir.post("Patient", json=fhir.patient(fhir.new()), headers={"Prefer": "return=minimal"})
    assert (201, b"", 'W/"1"') == (answer.status_code, answer.content, answer.headers["etag"])
    assert "location" in answer.headers


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "Nonsense/1", 404),
        ("GET", "Patient/1/x", 404),
        ("GET", "Patient/nobody", 404),
        ("GET", "Patient/nobody/_history", 404),
        ("GET", "Patient/$everything", 404),
        ("POST", "$export", 404),
        ("PATCH", "Patient/1", 405),
        ("DELETE", "Patient?identifier=x", 405),
        ("POST", "Patient/1", 405),
        ("GET", "Patient/_search", 405),
        ("DELETE", "metadata", 405),
        ("GET", "", 400),
        ("GET", "Patient/1?_elements=id", 400),
        ("GET", "../other", 404),
    ],
)
def test_what_is_not_there_or_cannot_be_done_says_so(fhir, method, url, status):
    answer = fhir.request(method, url, json={} if method == "POST" else None)
    assert status == answer.status_code
    outcome(answer)
    assert ("allow" in answer.headers) == (status == 405)
