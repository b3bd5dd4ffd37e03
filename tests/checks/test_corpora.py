"""No false alarm on what HL7, IHE and others publish as examples, each held to the profiles that it names."""

import os
import tarfile
from pathlib import Path

import orjson
import pytest

from nowrongdoor.checks import Checker, read_resources

TABLES = Path(__file__).parents[2] / "profiles" / "fhir" / "tables"

# Not false: the first has no div in its narrative, the second no category, which US Core 8.0.0 wants, and the code PMO
# of the third is in US Core's code system only since 9.0.0.
WRONG = {("DiagnosticReport", "cbc"), ("CarePlan", "colonoscopy"), ("ServiceRequest", "servicerequest-dnr-example1")}


@pytest.fixture(scope="module")
def thorough():
    return Checker(TABLES, thorough=True)


@pytest.fixture(scope="module")
def corpora():
    if "NWD_CORPORA" not in os.environ:
        pytest.skip("NWD_CORPORA is not set: the folder of public example resources")
    return Path(os.environ["NWD_CORPORA"])


def wrong(checker, resource):
    return [i for i in checker.issues(resource) if i.severity == "error"]


def of_version(resource, version):
    """The profiles that it names, in a version that we have: the examples name one that is in none of the packages."""
    meta = resource.get("meta", {})
    if "profile" in meta:
        meta["profile"] = [f"{url.partition('|')[0]}|{version}" for url in meta["profile"]]
    return resource


def test_us_core_examples_raise_no_false_alarm(thorough, corpora):
    read = [r for _, r, _ in read_resources(corpora / "us-core" / "examples") if r and r["resourceType"] != "Bundle"]
    found = [of_version(r, "8.0.0") for r in read]
    assert 200 <= len(found)
    refused = {(r["resourceType"], r["id"]) for r in found if wrong(thorough, r)}
    assert WRONG == refused


@pytest.mark.parametrize(("version", "most"), [("6.1.0", 175), ("7.0.0", 200), ("8.0.0", 215)])
def test_the_examples_in_the_us_core_packages_raise_no_false_alarm(thorough, corpora, version, most):
    """And nearly all of them are checked against a profile."""
    checked = 0
    with tarfile.open(corpora / "us-core" / f"us_core_{version.replace('.', '')}.tgz") as package:
        for member in package:
            if "/example/" in member.name and member.name.endswith(".json"):
                resource = of_version(orjson.loads(package.extractfile(member).read()), version)
                if resource["resourceType"] == "Bundle":
                    continue  # its entries stand beside it
                found = thorough.issues(resource)
                checked += not any("meta.profile" in i.column for i in found)
                assert [] == [i for i in found if i.severity == "error"], member.name
    assert most <= checked


@pytest.mark.parametrize("folder", ["consent-pcf", "synthea-ca/fhir"])
def test_consents_of_ihe_and_synthetic_people_raise_no_false_alarm(checker, corpora, folder):
    found = [r for _, r, _ in read_resources(corpora / folder) if r]
    assert 20 <= len(found)
    assert [] == [i for r in found for i in wrong(checker, r)]
