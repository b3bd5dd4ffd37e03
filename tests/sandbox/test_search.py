from datetime import UTC, datetime, timedelta

import pytest

from nowrongdoor.sandbox import running

LABEL = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


@pytest.fixture(scope="module")
def people(at):
    """Three invented people on a server of their own: Ana, Ben (tagged) and Zoë (labelled)."""
    with running() as own, at(own) as fhir:

        def put(id_, **more):
            return fhir.put(f"Patient/{id_}", json={"resourceType": "Patient", "id": id_, **more})

        put(
            "ana",
            identifier=[{"system": "urn:a", "value": "1"}],
            birthDate="1980-02-03",
            name=[{"family": "Núñez", "given": ["Ana"]}],
        )
        put(
            "ben",
            identifier=[{"value": "1"}, {"system": "urn:b", "value": "2,3"}],
            birthDate="1980",
            meta={"tag": [{"system": "urn:t", "code": "run"}]},
        )
        put(
            "zoe",
            identifier=[{"system": "urn:b", "value": "4"}],
            name=[{"text": "Zoë Nunez"}],
            meta={"security": [{"system": LABEL, "code": "R"}]},
        )
        fhir.put("CarePlan/p", json=fhir.plan("Patient/ana", id="p"))
        fhir.put(
            "Coverage/c",
            json={"resourceType": "Coverage", "id": "c", "beneficiary": {"reference": f"{own}/Patient/ana"}},
        )
        fhir.put("Task/t", json={"resourceType": "Task", "id": "t", "for": {"reference": "Patient/ana/_history/1"}})
        fhir.put("Consent/o", json={"resourceType": "Consent", "id": "o", "patient": {"reference": "Patient/ana"}})
        targets = [{"reference": "CarePlan/p"}, {"reference": "Patient/ana"}]
        fhir.put("Provenance/v", json={"resourceType": "Provenance", "id": "v", "target": targets})
        yield fhir


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["ana", "ben", "zoe"]),
        ("_id=zoe,ana,nobody", ["ana", "zoe"]),
        ("identifier=urn:a|1", ["ana"]),
        ("identifier=urn%3Aa%7C1", ["ana"]),
        ("identifier=|1", ["ben"]),
        ("identifier=1", ["ana", "ben"]),
        ("identifier=urn:b|", ["ben", "zoe"]),
        ("identifier=urn:a|1,urn:b|4", ["ana", "zoe"]),
        (r"identifier=urn:b|2\,3", ["ben"]),
        ("identifier=1&identifier=urn:b|", ["ben"]),
        ("_tag=urn:t|run", ["ben"]),
        (f"_security={LABEL}|R", ["zoe"]),
        (f"_security={LABEL}|N", []),
        ("name=nunez", ["ana"]),
        ("name=zoe", ["zoe"]),
        ("name=AN", ["ana"]),
        ("family=NÚÑ", ["ana"]),
        ("family=unez", []),
        ("birthdate=1980-02-03", ["ana"]),
        ("birthdate=1980", ["ana", "ben"]),
        ("birthdate=ge1980-02", ["ana"]),
        ("birthdate=lt1980-02-03", ["ben"]),
        ("birthdate=gt1980", []),
        ("birthdate=1979-02", []),
        ("_sort=-_id", ["zoe", "ben", "ana"]),
        ("_sort=-_lastUpdated", ["zoe", "ben", "ana"]),
        ("_sort=_lastUpdated&_format=json", ["ana", "ben", "zoe"]),
    ],
)
def test_patients_are_found_by(people, query, ids):
    """GET and POST _search find the same, in the same order, and count it."""
    assert ids == people.found(f"Patient?{query}")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    posted = people.post("Patient/_search", content=query.encode(), headers=form).json()
    assert (len(ids), ids) == (posted["total"], [e["resource"]["id"] for e in posted.get("entry", [])])


@pytest.mark.parametrize("patient", ["Patient/ana", "ana", "BASE/Patient/ana"])
@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("CarePlan?patient=", ["p"]),
        ("CarePlan?subject=", ["p"]),
        ("Coverage?patient=", ["c"]),
        ("Coverage?beneficiary=", ["c"]),
        ("Task?patient=", ["t"]),
        ("Task?subject=", ["t"]),
        ("Consent?patient=", ["o"]),
        ("Provenance?patient=", ["v"]),
        ("Provenance?target=", ["v"]),
    ],
)
def test_what_belongs_to_a_patient_is_found_by_it(people, url, ids, patient):
    assert ids == people.found(url + patient.replace("BASE", people.base))
    assert [] == people.found(f"{url}Patient/ben")


def test_provenance_is_not_found_by_a_patient_with_the_id_of_its_other_target(people):
    assert ["v"] == people.found("Provenance?target=CarePlan/p")
    assert [] == people.found("Provenance?patient=p")


@pytest.mark.parametrize(
    "query",
    [
        "nosuch=1",
        "identifier:not=1",
        "subject=ana",
        "_include=Patient:organization",
        "identifier=",
        "identifier=|",
        "identifier=1,",
        "birthdate=abc",
        "birthdate=ne1980",
        "birthdate=1980-02-31",
        "_lastUpdated=9999-12-31",
        "_sort=name",
        "_count=x",
        "_count=-1",
        "_summary=text",
        "_total=some",
        "_id=" + ",".join("x" * 501),
    ],
)
def test_a_search_that_is_not_understood_is_refused(people, query):
    assert 400 == people.get(f"Patient?{query}").status_code


def test_a_lenient_search_leaves_unknown_parameters_out_and_its_self_link_shows_it(people):
    answer = people.get("Patient?nosuch=1&_id=ana", headers={"Prefer": "handling=lenient"}).json()
    assert 1 == answer["total"]
    assert [{"relation": "self", "url": f"{people.base}/Patient?_id=ana"}] == answer["link"]


@pytest.mark.parametrize("query", ["_summary=count", "_count=0"])
def test_a_count_has_a_total_and_no_entries(people, query):
    answer = people.get(f"Patient?{query}").json()
    assert (3, False) == (answer["total"], "entry" in answer)


def test_every_entry_says_where_it_is_and_why_it_is_there(people):
    entry = people.get("Patient?_id=ana").json()["entry"][0]
    assert (f"{people.base}/Patient/ana", {"mode": "match"}) == (entry["fullUrl"], entry["search"])


@pytest.mark.parametrize(("prefix", "n"), [("gt", 0), ("ge", 1), ("lt", 0), ("le", 1), ("", 1), ("eq", 1)])
def test_last_updated_compares_to_the_millisecond(fhir, prefix, n):
    key = fhir.new()
    stamp = fhir.get(f"Patient/{fhir.made(key)}").json()["meta"]["lastUpdated"]
    assert n == len(fhir.found(f"Patient?{fhir.by(key)}&_lastUpdated={prefix}{stamp}"))
    zoned = stamp.replace("Z", "+00:00")  # the plus arrives as a blank
    assert n == len(fhir.found(f"Patient?{fhir.by(key)}&_lastUpdated={prefix}{zoned}"))


def walk(fhir, url):
    """After each page: how many so far, the fullUrls so far, this page."""
    urls, pages = [], 0
    while url:
        answer = fhir.get(url).json()
        pages, urls = pages + 1, urls + [e["fullUrl"] for e in answer.get("entry", [])]
        url = next((link["url"] for link in answer["link"] if link["relation"] == "next"), None)
        yield pages, urls, answer


def test_pages_hold_what_was_found_first_whatever_is_written_meanwhile(fhir):
    key = fhir.new()
    made = [fhir.made(key) for _ in range(7)]
    steps = walk(fhir, f"Patient?{fhir.by(key)}&_count=3&_sort=_lastUpdated")
    next(steps)
    fhir.put(f"Patient/{made[0]}", json=fhir.patient(key, id=made[0], gender="male"))
    fhir.delete(f"Patient/{made[4]}")
    fhir.made(key)
    *_, (pages, urls, last) = steps
    assert (3, [f"{fhir.base}/Patient/{id_}" for id_ in made], 7) == (pages, urls, last["total"])
    assert all(key not in link["url"] for link in last["link"])  # page links are opaque


def test_a_page_link_expires(at):
    hours = [0]

    def clock():
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours[0])

    with running(clock=clock) as base, at(base) as fhir:
        [fhir.made("k") for _ in range(2)]
        link = fhir.get("Patient?_count=1").json()["link"][1]["url"]
        assert 200 == fhir.get(link).status_code
        hours[0] = 2
        assert (410, 410) == (fhir.get(link).status_code, fhir.get("?_page=none&_offset=0").status_code)


def test_stamps_never_go_back_when_the_clock_does(at):
    days = iter([3, 2, 1])
    with running(clock=lambda: datetime(2026, 1, next(days), tzinfo=UTC)) as base, at(base) as fhir:
        stamps = [fhir.post("Patient", json=fhir.patient("k")).json()["meta"]["lastUpdated"] for _ in range(3)]
    assert ["2026-01-03T00:00:00.000Z"] * 3 == stamps


def test_history_tells_every_change_newest_first_at_all_three_levels(at):
    with running() as base, at(base) as fhir:
        fhir.made("other")
        id_ = fhir.made("k")
        fhir.put(f"Patient/{id_}", json=fhir.patient("k", id=id_, gender="male"))
        fhir.delete(f"Patient/{id_}")
        fhir.post("Organization", json={"resourceType": "Organization"})
        one, kind, all_ = (fhir.get(url).json() for url in (f"Patient/{id_}/_history", "Patient/_history", "_history"))
        assert ("history", 3, 4, 5) == (one["type"], one["total"], kind["total"], all_["total"])
        assert [("DELETE", f"Patient/{id_}", "204"), ("PUT", f"Patient/{id_}", "200"), ("POST", "Patient", "201")] == [
            (e["request"]["method"], e["request"]["url"], e["response"]["status"][:3]) for e in one["entry"]
        ]
        assert [False, True, True] == ["resource" in e for e in one["entry"]]
        assert ["Organization", "Patient"] == [e["fullUrl"].split("/")[-2] for e in all_["entry"][:2]]
        since = one["entry"][1]["response"]["lastModified"]
        assert 2 <= fhir.get("Patient/_history", params={"_since": since}).json()["total"]
        assert 0 == fhir.get("Patient/_history?_since=2999-01-01").json()["total"]
        *_, (pages, urls, _) = walk(fhir, "_history?_count=2")
        assert (3, [e["fullUrl"] for e in all_["entry"]]) == (pages, urls)
        assert 400 == fhir.get("Patient/_history?_since=x").status_code
        assert 400 == fhir.get("Patient/_history?_at=2026").status_code
