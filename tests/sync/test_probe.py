"""What the probe finds out, on real servers and on made-up ones."""

import pytest
import respx

from nowrongdoor.errors import Stop
from nowrongdoor.sandbox import Habits as Sandbox
from nowrongdoor.sandbox import running
from nowrongdoor.sync import Habits, Transport, probe

BASE = "https://fhir.example.test/r4"


def asked(base, **more):
    transport = Transport(base)
    try:
        return probe(transport, **more)
    finally:
        transport.close()


def test_the_sandbox(sandbox):
    found = asked(sandbox, synthetic=True)
    assert ("sandbox", True, True, True) == (found.family, found.update_create, found.transaction, found.batch)


@pytest.mark.live
def test_hapi(hapi):
    """HAPI says nothing of updateCreate and batch, and does both."""
    assert Habits("hapi", "8.8.0", update_create=True, transaction=True, batch=True) == asked(hapi, synthetic=True)


@pytest.mark.live
def test_medplum(medplum):
    assert Habits("medplum", "4.5.2", update_create=True, transaction=True, batch=True) == asked(
        medplum, synthetic=True
    )


def test_it_leaves_nothing(sandbox):
    """The throw-away Organization is gone again."""
    transport = Transport(sandbox)
    probe(transport, synthetic=True, new_id=lambda: "5f0c6f1e-0000-4000-8000-000000000001")
    assert 410 == transport.get("Organization/5f0c6f1e-0000-4000-8000-000000000001").status
    transport.close()


def test_a_server_that_takes_no_ids():
    with running(habits=Sandbox(update_create=False)) as base:
        assert not asked(base, synthetic=True).update_create


def test_nothing_is_written_where_real_people_are(sandbox):
    """Without leave to write, the claim is all there is to go by: no PUT, no DELETE."""
    transport = Transport(sandbox)
    with respx.mock(assert_all_called=False) as wire:
        wire.route(method__in=["PUT", "DELETE"]).respond(500)
        wire.route().pass_through()
        probe(transport, synthetic=False)
        assert {"GET", "POST"} == {call.request.method for call in wire.calls}
    transport.close()


@pytest.mark.parametrize(
    ("claims", "believed"), [([True, True], True), ([True, False], False), ([None], False), ([], False)]
)
def test_claims_are_believed_whole_or_not(claims, believed):
    """Only what every type claims counts; what a server does not say, it does not do."""
    resource = [{"type": "Goal"} | ({"updateCreate": c} if c is not None else {}) for c in claims]
    body = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"resource": resource}]}
    with respx.mock(base_url=BASE) as wire:
        wire.get("/metadata").respond(json=body)
        wire.post("").respond(400)
        assert believed == asked(BASE, synthetic=False).update_create


@pytest.mark.parametrize("version", ["5.0.0", "3.0.2", None])
def test_other_releases_stop(version):
    with respx.mock(base_url=BASE) as wire:
        wire.get("/metadata").respond(json={"resourceType": "CapabilityStatement", "fhirVersion": version})
        with pytest.raises(Stop, match="R4"):
            asked(BASE, synthetic=True)


def test_no_metadata_no_server():
    with respx.mock(base_url=BASE) as wire:
        wire.get("/metadata").respond(401)
        with pytest.raises(Stop, match="HTTP 401"):
            asked(BASE, synthetic=True)


@pytest.mark.parametrize(("version", "again"), [("8.8.0", False), ("8.10.0", True)])
def test_what_is_known_is_asked_again_of_another_version_only(version, again):
    """Nothing is written to find out what an earlier probe found."""
    known = Habits("hapi", "8.8.0", update_create=True, transaction=True)
    body = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
    body["software"] = {"name": "HAPI FHIR Server", "version": version}
    with respx.mock(base_url=BASE, assert_all_called=False) as wire:
        wire.get("/metadata").respond(json=body)
        wire.route(method__in=["PUT", "POST"]).respond(400)
        found = asked(BASE, synthetic=True, known=known)
        assert (again, version) == (len(wire.calls) > 1, found.version)
        assert again == (found != known)
