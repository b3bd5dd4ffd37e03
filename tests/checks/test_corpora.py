"""No false alarm on what HL7 publishes as examples; the committed schema is what its script makes."""

import gzip
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import orjson
import pytest

from nowrongdoor.checks import read_resources

FHIR = Path(__file__).parents[2] / "profiles" / "fhir"


def given(variable, what):
    if variable not in os.environ:
        pytest.skip(f"{variable} is not set: {what}")
    return Path(os.environ[variable])


@pytest.fixture(scope="module")
def corpora():
    return given("NWD_CORPORA", "the folder of public example resources")


def wrong(checker, resource):
    return [i for i in checker.issues(resource) if i.severity == "error"]


def test_us_core_examples_raise_no_false_alarm(checker, corpora):
    """They claim versions after 6.1.0 too, which ask less: what those lack is a warning."""
    found = [r for _, r in read_resources(corpora / "us-core" / "examples")]
    ours = [r for r in found if not any(i.rule == "not-checked" for i in checker.issues(r))]
    assert 35 <= len(ours)
    assert [] == [(r["resourceType"], i) for r in ours for i in wrong(checker, r)]


@pytest.mark.parametrize("version", ["610", "700", "800"])
def test_the_examples_in_the_us_core_packages_raise_no_false_alarm(checker, corpora, version):
    checked = 0
    with tarfile.open(corpora / "us-core" / f"us_core_{version}.tgz") as package:
        for member in package:
            if "/example/" in member.name and member.name.endswith(".json"):
                resource = orjson.loads(package.extractfile(member).read())
                checked += not any(i.rule == "not-checked" for i in checker.issues(resource))
                assert [] == wrong(checker, resource), member.name
    assert 25 <= checked


@pytest.mark.parametrize("folder", ["consent-pcf", "synthea-ca/fhir"])
def test_consents_of_ihe_and_synthetic_people_raise_no_false_alarm(checker, corpora, folder):
    found = [r for _, r in read_resources(corpora / folder)]
    assert 20 <= len(found)
    assert [] == [i for r in found for i in wrong(checker, r)]


def test_the_committed_schema_is_what_its_script_makes(tmp_path):
    wheel = given("NWD_FHIR_CORE", "the wheel that build_schema.py reads")
    made = tmp_path / "made.gz"
    subprocess.run([sys.executable, FHIR / "build_schema.py", wheel, made], check=True, capture_output=True)
    assert gzip.decompress((FHIR / "r4.schema.json.gz").read_bytes()) == gzip.decompress(made.read_bytes())
