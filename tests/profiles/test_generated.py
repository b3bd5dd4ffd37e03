"""Our FHIR profiles as they are committed: complete, in step with the code, as strict as the Consents of others."""

import json
import os
import re
from pathlib import Path

import pytest

from nowrongdoor.checks import Checker
from nowrongdoor.resources.care import DIAGNOSIS, STATUS
from nowrongdoor.resources.context import PROFILES
from nowrongdoor.resources.stated import SCREENING
from nowrongdoor.sync.graph import ORDER

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "profiles" / "fhir" / "generated"
BASE = "https://w3id.org/nowrongdoor/fhir"
CORPORA = os.environ.get("NWD_CORPORA")
STRUCTURES = {s["id"]: s for s in (json.loads(p.read_text("utf-8")) for p in GENERATED.glob("StructureDefinition-*"))}
OURS = {id_: s for id_, s in STRUCTURES.items() if id_.startswith("nwd-")}
CLAIMED = [*PROFILES.values(), DIAGNOSIS, SCREENING]
EXAMPLES = [json.loads(p.read_text("utf-8")) for p in sorted((GENERATED / "examples").glob("*.json"))]


def generated(stem):
    return json.loads((GENERATED / f"{stem}.json").read_text("utf-8"))


def codes_of(stem):
    return {c["code"]: c["display"] for c in generated(f"CodeSystem-{stem}")["concept"]}


def listed(stem):
    return {c["code"] for include in generated(f"ValueSet-{stem}")["compose"]["include"] for c in include["concept"]}


def sorted_(value):
    return json.dumps(value, sort_keys=True)


def element(structure, id_):
    return next((e for e in structure["snapshot"]["element"] if e["id"] == id_), None)


def test_no_profile_is_there_for_nothing():
    """Each is claimed by some resource that we make, and each that is claimed is there."""
    claimed = {url for urls in CLAIMED for url in urls if url.startswith(BASE)}
    assert {s["url"] for s in OURS.values()} == claimed


@pytest.mark.parametrize("id_", STRUCTURES)
def test_a_definition_is_whole(id_):
    """Named in kebab-case under our base, with a snapshot, and a sentence for people."""
    structure = STRUCTURES[id_]
    assert re.fullmatch("[a-z]+(-[a-z]+)*", id_)
    assert f"{BASE}/StructureDefinition/{id_}" == structure["url"]
    assert len(structure["snapshot"]["element"]) > len(structure["differential"]["element"])
    assert structure["description"].endswith(".")


@pytest.mark.parametrize("claims", CLAIMED, ids=lambda claims: claims[0].rpartition("/")[2])
def test_what_we_claim_is_what_the_profile_is_made_from(claims):
    """meta.profile names our profile and, where that is made from US Core, its parent; else our profile alone."""
    parent = STRUCTURES[claims[0].rpartition("/")[2]]["baseDefinition"]
    assert [c for c in (claims[0], parent) if "/us/core/" in c or c.startswith(BASE)] == claims


def test_each_profile_has_an_example():
    shown = {url for example in EXAMPLES for url in example["meta"]["profile"] if url.startswith(BASE)}
    assert {s["url"] for s in OURS.values()} == shown


@pytest.mark.parametrize("version", ["6.1.0", "7.0.0", "8.0.0"])
def test_the_examples_pass(version):
    """Ours, and US Core of each version, without an error; and none names a profile that we do not have."""
    checker = Checker(ROOT / "profiles" / "fhir" / "tables", against=[f"us-core@{version}"])
    assert [] == [
        (e["id"], i) for e in EXAMPLES for i in checker.issues(e) if "profile" in i.cause or i.severity == "error"
    ]


def test_examples_point_at_each_other_only():
    there = {f"{e['resourceType']}/{e['id']}" for e in EXAMPLES}
    assert set() == set(re.findall(r'"reference": "([^"]+)"', json.dumps(EXAMPLES))) - there


# words that the code and the definitions share --------------------------


def test_referral_states_are_those_of_the_code():
    """The one table that moves both resources, its code system, and the states that it leads to."""
    assert set(STATUS) == set(codes_of("referral-status"))
    assert {request for request, _ in STATUS.values()} == listed("service-request-status")
    assert {task for _, task in STATUS.values()} == listed("task-status")


def test_services_are_community_supports_by_name():
    """Each line of the shipped code table that names the code system says a code of it, by its display."""
    known, system = codes_of("community-supports"), f"{BASE}/CodeSystem/community-supports"
    lines = (ROOT / "profiles" / "codes" / "services.csv").read_text("utf-8").splitlines()
    told = {tuple(line.removesuffix(f",{system}").split(",", 2)[1:]) for line in lines if line.endswith(system)}
    assert set() == told - set(known.items())
    assert 15 == len(known)


def test_a_server_is_asked_for_each_type_that_goes_there():
    rest = generated("CapabilityStatement-needed-of-a-server")["rest"][0]
    assert sorted(ORDER) == sorted(r["type"] for r in rest["resource"])
    named = {url.rpartition("/")[2] for r in rest["resource"] for url in r["supportedProfile"]}
    assert set(OURS) == named


# others' Consent profiles ------------------------------------------------


@pytest.mark.skipif(not CORPORA, reason="NWD_CORPORA is not set: the folder of published Consent profiles")
@pytest.mark.parametrize("file", ["ihe-pcf/StructureDefinition-IHE.PCF.consentAdvanced.json",
                                  "sdohcc/StructureDefinition-SDOHCC-Consent.json"])  # fmt: skip
def test_our_consent_is_as_strict_as_theirs(file):
    """Where theirs asks for an element, forbids it or fixes its value, ours does so too."""
    theirs = json.loads((Path(CORPORA) / "consent-profiles" / file).read_text("utf-8"))
    ours = STRUCTURES["nwd-consent"]
    asked = {e["id"].replace(":IDSCL", ":disclosure"): e for e in theirs["differential"]["element"][1:]}  # our name
    there = {id_: element(ours, id_) for id_ in asked}
    assert None not in there.values()
    compared = [(id_, asked[id_], there[id_]) for id_ in asked]
    assert len(compared) >= 8
    assert [] == [id_ for id_, wants, has in compared if has["min"] < wants.get("min", 0)]
    assert [] == [id_ for id_, wants, has in compared if wants.get("max", "*") not in {"*", has["max"]}]
    fixed = "patternCodeableConcept"
    assert [] == [
        id_ for id_, wants, has in compared if fixed in wants and sorted_(wants[fixed]) != sorted_(has[fixed])
    ]
