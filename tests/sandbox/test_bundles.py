import pytest

CODES = "urn:uuid:0a0a0a0a-0000-4000-8000-000000000001", "urn:uuid:0a0a0a0a-0000-4000-8000-000000000002"


def statuses(answer) -> list[str]:
    assert 200 == answer.status_code, answer.text
    return [entry["response"]["status"][:3] for entry in answer.json()["entry"]]


def graph(fhir, key, **condition):
    """A plan before the patient it is about, each under a fullUrl."""
    plan = fhir.plan(CODES[1].upper().replace("URN:UUID", "urn:uuid"), identifier=fhir.patient(key)["identifier"])
    return (
        fhir.entry("POST", "CarePlan", plan, CODES[0], **condition),
        fhir.entry("POST", "Patient", fhir.patient(key), CODES[1], **condition),
    )


def test_references_between_entries_are_resolved_in_any_order_and_a_replay_changes_nothing(fhir):
    key = fhir.new()
    first = fhir.transact(*graph(fhir, key, ifNoneExist=fhir.by(key)))
    again = fhir.transact(*graph(fhir, key, ifNoneExist=fhir.by(key)))
    assert (["201", "201"], ["200", "200"]) == (statuses(first), statuses(again))
    assert "transaction-response" == first.json()["type"]
    patient = first.json()["entry"][1]["response"]["location"].split("/_history")[0]
    assert [r["response"]["location"] for r in first.json()["entry"]] == [
        r["response"]["location"] for r in again.json()["entry"]
    ]
    plan = fhir.get(f"CarePlan?{fhir.by(key)}").json()
    assert (1, patient) == (plan["total"], plan["entry"][0]["resource"]["subject"]["reference"])


def test_a_new_child_of_a_patient_that_its_condition_found_points_to_that_patient(fhir):
    key = fhir.new()
    id_ = fhir.made(key)
    plan, patient = graph(fhir, key)
    patient["request"]["ifNoneExist"] = fhir.by(key)
    assert ["201", "200"] == statuses(fhir.transact(plan, patient))
    assert 1 == len(fhir.found(f"CarePlan?subject=Patient/{id_}"))


def test_puts_by_id_may_refer_to_each_other(fhir):
    a, b = fhir.new(), fhir.new()
    plans = [
        fhir.entry("PUT", f"CarePlan/{x}", fhir.plan("#", id=x, replaces=[{"reference": f"CarePlan/{y}"}]))
        for x, y in ((a, b), (b, a))
    ]
    assert ["201", "201"] == statuses(fhir.transact(*plans))
    gone = fhir.transact(*(fhir.entry("DELETE", f"CarePlan/{x}") for x in (a, b)))  # together they may go
    assert ["204", "204"] == statuses(gone)


@pytest.mark.parametrize(
    "full_url", ["https://elsewhere.example/fhir/Patient/77", "https://elsewhere.example/fhir/Patient/78"]
)
def test_a_relative_reference_means_the_entry_with_that_full_url(fhir, full_url):
    key, id_ = fhir.new(), full_url[-2:]
    plan = fhir.entry("POST", "CarePlan", fhir.plan(f"Patient/{id_}"))
    made = fhir.transact(plan, fhir.entry("POST", "Patient", fhir.patient(key), full_url))
    location = made.json()["entry"][0]["response"]["location"]
    assert fhir.get(location).json()["subject"]["reference"] == f"Patient/{fhir.found(f'Patient?{fhir.by(key)}')[0]}"


def test_every_kind_of_entry_is_done_deletes_first_and_reads_last(fhir):
    key, old, other = fhir.new(), fhir.new(), fhir.new()
    fhir.put(f"Patient/{old}", json=fhir.patient(key, id=old))
    answer = fhir.transact(
        fhir.entry("GET", f"Patient?{fhir.by(key)}"),
        fhir.entry("PUT", f"Patient?{fhir.by(other)}", fhir.patient(other)),
        fhir.entry("POST", "Patient", fhir.patient(key), ifNoneExist=fhir.by(key)),
        fhir.entry("DELETE", f"Patient/{old}"),
    )
    assert ["200", "201", "201", "204"] == statuses(answer)
    found, made = answer.json()["entry"][0]["resource"], answer.json()["entry"][2]["response"]
    assert made["location"] == f"Patient/{found['entry'][0]['resource']['id']}/_history/1"
    assert {"status", "location", "etag", "lastModified"} == set(made)
    assert ('W/"1"', "201 Created") == (made["etag"], made["status"])


def test_what_was_written_comes_back_when_asked_for(fhir):
    entry = fhir.entry("POST", "Patient", fhir.patient(fhir.new()))
    asked = fhir.transact(entry, headers={"Prefer": "return=representation"}).json()["entry"][0]
    assert "Patient" == asked["resource"]["resourceType"]
    assert "resource" not in fhir.transact(entry).json()["entry"][0]


def bad_entries(fhir, key):
    fhir.put("Patient/bundle-1", json=fhir.patient("bundle-1", id="bundle-1"))
    twice = fhir.patient(f"{key}-twice")
    [fhir.post("Patient", json=fhir.patient(f"{key}-dup")) for _ in "12"]
    return {
        "stale": (412, [fhir.entry("PUT", "Patient/bundle-1", fhir.patient("x", id="bundle-1"), ifMatch='W/"9"')]),
        "two matches": (412, [fhir.entry("POST", "Patient", fhir.patient(key), ifNoneExist=fhir.by(f"{key}-dup"))]),
        "if-match on nothing": (404, [fhir.entry("PUT", f"Patient/{key}", fhir.patient(key, id=key), ifMatch='W/"1"')]),
        "dangling": (400, [fhir.entry("POST", "CarePlan", fhir.plan("Patient/nobody"))]),
        "unknown urn": (400, [fhir.entry("POST", "CarePlan", fhir.plan("urn:uuid:9"))]),
        "conditional reference": (400, [fhir.entry("POST", "CarePlan", fhir.plan(f"Patient?{fhir.by(key)}"))]),
        "read of nothing": (404, [fhir.entry("GET", "Patient/nobody")]),
        "one id twice": (
            400,
            [
                fhir.entry(*e)
                for e in (("PUT", f"Patient/{key}", fhir.patient(key, id=key)), ("DELETE", f"Patient/{key}"))
            ],
        ),
        "one condition twice": (
            400,
            [fhir.entry("POST", "Patient", twice, ifNoneExist=fhir.by(f"{key}-twice")) for _ in "12"],
        ),
        "two conditions, one identity": (
            400,
            [
                fhir.entry("POST", "Patient", twice, ifNoneExist=c)
                for c in (f"identifier={key}-twice", fhir.by(f"{key}-twice"))
            ],
        ),
        "one match twice": (400, [fhir.entry("POST", "Patient", twice, ifNoneExist=fhir.by("bundle-1")) for _ in "12"]),
        "one fullUrl twice": (400, [fhir.entry("POST", "Patient", fhir.patient(key), CODES[0]) for _ in "12"]),
        "no method": (400, [{"resource": fhir.patient(key), "request": {"url": "Patient"}}]),
        "no request": (400, [{"resource": fhir.patient(key)}]),
        "no entry": (400, ["x"]),
        "patch": (400, [fhir.entry("PATCH", "Patient/bundle-1")]),
        "conditional delete": (400, [fhir.entry("DELETE", f"Patient?{fhir.by(key)}")]),
        "create with parameters": (400, [fhir.entry("POST", "Patient?x=1", fhir.patient(key))]),
        "unknown type": (400, [fhir.entry("POST", "Nonsense", fhir.patient(key))]),
        "nested": (400, [fhir.entry("POST", "", {"resourceType": "Bundle", "type": "batch"})]),
    }


CASES = [
    "stale", "two matches", "if-match on nothing", "dangling", "unknown urn", "conditional reference",
    "read of nothing", "one id twice", "one condition twice", "two conditions, one identity", "one match twice",
    "one fullUrl twice", "no method", "no request", "no entry", "patch", "conditional delete",
    "create with parameters", "unknown type", "nested",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_transaction_with_one_bad_entry_leaves_nothing_behind(fhir, case):
    key, good = fhir.new(), fhir.new()
    cases = bad_entries(fhir, key)
    assert CASES == list(cases)
    status, bad = cases[case]
    answer = fhir.transact(fhir.entry("POST", "Patient", fhir.patient(good)), *bad)
    assert (status, "OperationOutcome") == (answer.status_code, answer.json()["resourceType"])
    assert [[], [], []] == [fhir.found(f"Patient?{fhir.by(k)}") for k in (good, key, f"{key}-twice")]


def test_a_refusal_says_at_which_entry(fhir):
    bad = fhir.entry("POST", "Consent", fhir.patient(fhir.new()))
    issue = fhir.transact(fhir.entry("POST", "Patient", fhir.patient(fhir.new())), bad).json()["issue"][0]
    assert ["Bundle.entry[1]"] == issue["expression"]


def test_a_batch_does_each_entry_by_itself(fhir):
    key = fhir.new()
    answer = fhir.transact(
        fhir.entry("POST", "Patient", fhir.patient(key), CODES[0]),
        fhir.entry("POST", "CarePlan", fhir.plan(CODES[0])),
        fhir.entry("POST", "CarePlan", fhir.plan("Patient/nobody")),
        fhir.entry("GET", "Patient/nobody"),
        fhir.entry("GET", f"Patient?{fhir.by(key)}"),
        {"request": {"method": "PATCH", "url": "Patient/1"}},
        kind="batch",
    )
    assert ["201", "400", "400", "404", "200", "400"] == statuses(answer)
    entries = answer.json()["entry"]
    assert ["OperationOutcome"] * 3 == [e["response"]["outcome"]["resourceType"] for e in entries[1:4]]
    assert 1 == entries[4]["resource"]["total"]
    assert [] == fhir.found("CarePlan?patient=nobody")


def test_a_refused_entry_of_a_batch_does_not_burden_the_next(fhir):
    id_ = fhir.made(fhir.new())
    fhir.post("CarePlan", json=fhir.plan(f"Patient/{id_}"))
    new = fhir.entry("POST", "Patient", fhir.patient(fhir.new()))
    assert ["409", "201"] == statuses(fhir.transact(fhir.entry("DELETE", f"Patient/{id_}"), new, kind="batch"))


def test_a_batch_with_one_id_twice_is_refused_whole(fhir):
    id_ = fhir.new()
    entry = fhir.entry("PUT", f"Patient/{id_}", fhir.patient(id_, id=id_))
    assert 400 == fhir.transact(entry, entry, kind="batch").status_code
    assert 404 == fhir.get(f"Patient/{id_}").status_code


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "type": "batch", "entry": {}},
        {"resourceType": "Patient"},
        [],
    ],
)
def test_only_transactions_and_batches_can_be_posted_to_the_base(fhir, body):
    assert 400 == fhir.post("", json=body).status_code


def test_an_empty_transaction_is_answered_with_an_empty_one(fhir):
    assert {"resourceType": "Bundle", "type": "transaction-response"} == fhir.transact().json()


def test_a_stored_bundle_keeps_the_references_it_came_with(fhir):
    entry = {"fullUrl": CODES[0], "resource": fhir.plan("Patient/elsewhere")}
    stored = fhir.post("Bundle", json={"resourceType": "Bundle", "type": "collection", "entry": [entry]})
    assert (201, [entry]) == (stored.status_code, stored.json()["entry"])
