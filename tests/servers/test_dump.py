"""The dump of a server holds everything that was ever sent to it: a leak cannot hide from it."""

import uuid

import httpx
import pytest

from servers.dump import TYPES, database, everything, over_http

HEADERS = {"Content-Type": "application/fhir+json"}


def word():
    """A family name that nobody else in the session uses."""
    return f"Zebedee{uuid.uuid4().hex}"


def put(server, patient_id, family, **more):
    patient = {"resourceType": "Patient", "id": patient_id, "name": [{"family": family}], **more}
    httpx.put(f"{server}/Patient/{patient_id}", json=patient, headers=HEADERS, timeout=60).raise_for_status()


def test_every_type_that_we_write_is_read():
    assert {"Patient", "Consent", "CarePlan", "ServiceRequest", "Observation"} < set(TYPES)


def test_current_resources_and_earlier_versions_are_in_it(each_server):
    """Beyond one page of a search, and not what was never sent."""
    one, two, never = word(), word(), word()
    patient_id = str(uuid.uuid4())
    put(each_server, patient_id, one)
    put(each_server, patient_id, two)
    shown = over_http(each_server)
    assert (True, True, False) == (one in shown, two in shown, never in shown)


def test_a_version_since_the_last_look_is_in_it(each_server):
    """Of a resource whose history was read a moment ago: no cache in the server keeps it from us."""
    names = [word() for _ in range(3)]
    patient_id = str(uuid.uuid4())
    for n, name in enumerate(names, 1):
        put(each_server, patient_id, name)
        shown = over_http(each_server)
        assert names[:n] == [name for name in names if name in shown]


def test_resources_past_the_first_page_are_in_it(each_server):
    names = [word() for _ in range(205)]
    entries = [
        {
            "request": {"method": "POST", "url": "Patient"},
            "resource": {"resourceType": "Patient", "name": [{"family": name}]},
        }
        for name in names
    ]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    httpx.post(str(each_server), json=batch, headers=HEADERS, timeout=120).raise_for_status()
    shown = over_http(each_server)
    assert [] == [name for name in names if name not in shown]


def test_what_was_deleted_is_still_found(each_server):
    family, patient_id = word(), str(uuid.uuid4())
    put(each_server, patient_id, family)
    httpx.delete(f"{each_server}/Patient/{patient_id}", timeout=60).raise_for_status()
    assert family in everything(each_server)


def test_types_that_are_not_ours_are_read_when_asked_for(each_server):
    """Where the server has a history of the whole, they are read in any case."""
    title, basic_id = word(), str(uuid.uuid4())
    basic = {"resourceType": "Basic", "id": basic_id, "code": {"text": title}}
    httpx.put(f"{each_server}/Basic/{basic_id}", json=basic, headers=HEADERS, timeout=60).raise_for_status()
    assert title in over_http(each_server, "Basic")


@pytest.mark.parametrize("size", [10, 400_000])
def test_the_database_holds_what_no_index_does(each_server, size):
    """A narrative is in no search index; large resources are kept another way than small ones."""
    name = word()
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml">{"é" * size}{name}</div>'
    put(each_server, str(uuid.uuid4()), word(), text={"status": "additional", "div": narrative})
    assert f"é{name}" in database(each_server)
