import itertools
from collections.abc import Iterator

import httpx
import pytest

from nowrongdoor.sandbox import running

SYSTEM = "urn:example:sandbox-test"
_numbers = itertools.count(1)


class Fhir(httpx.Client):
    """A client of one server, and the few resources that tests need. Each `new()` key is used by one test only."""

    def __init__(self, base: str) -> None:
        super().__init__(headers={"Content-Type": "application/fhir+json"}, trust_env=False)
        self.base = base

    def request(self, method, url, **rest):
        url = str(url)
        return super().request(method, url if url.startswith("http") else f"{self.base}/{url}".rstrip("/"), **rest)

    def new(self) -> str:
        return f"k{next(_numbers)}"

    def patient(self, key: str, **more):
        return {"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": key}], **more}

    def plan(self, patient: str, **more):
        return {
            "resourceType": "CarePlan",
            "status": "active",
            "intent": "plan",
            "subject": {"reference": patient},
            **more,
        }

    def by(self, key: str) -> str:
        return f"identifier={SYSTEM}|{key}"

    def made(self, key: str, **more) -> str:
        """A Patient with this key; its id."""
        return self.post("Patient", json=self.patient(key, **more)).json()["id"]

    def found(self, url: str) -> list[str]:
        answer = self.get(url)
        assert 200 == answer.status_code, answer.text
        return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]

    def transact(self, *entries, kind: str = "transaction", **rest):
        return self.post("", json={"resourceType": "Bundle", "type": kind, "entry": list(entries)}, **rest)

    @staticmethod
    def entry(method: str, url: str, resource=None, full_url: str = "", **request):
        parts = {"fullUrl": full_url, "resource": resource}
        return {k: v for k, v in parts.items() if v} | {"request": {"method": method, "url": url, **request}}


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture(scope="session")
def fhir(base) -> Iterator[Fhir]:
    with Fhir(base) as client:
        yield client


@pytest.fixture(scope="session")
def at():
    """A client of any server."""
    return Fhir
