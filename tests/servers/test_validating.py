"""The validating server refuses what only a validator sees: else "accepted by HAPI" would prove nothing."""

import os

import httpx
import pytest

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:example:test", "value": "validating"}],
    "name": [{"family": "Quillfeather"}],
    "gender": "unknown",
}


def created(server, patient):
    return httpx.post(f"{server}/Patient", json=patient, timeout=60).status_code


def test_what_is_valid_is_taken(hapi_validating):
    assert 201 == created(hapi_validating, PATIENT)


def test_what_is_not_r4_is_refused(hapi_validating):
    assert 422 == created(hapi_validating, PATIENT | {"favouriteColour": "green"})


@pytest.mark.skipif("NWD_CORPORA" not in os.environ, reason="NWD_CORPORA does not say where the US Core package is")
@pytest.mark.parametrize(("status", "missing"), [(201, ""), (422, "name"), (422, "gender"), (422, "identifier")])
def test_what_is_not_us_core_is_refused_where_it_says_that_it_is(hapi_validating, status, missing):
    patient = {name: held for name, held in PATIENT.items() if name != missing} | {"meta": {"profile": [US_CORE]}}
    assert status == created(hapi_validating, patient)
