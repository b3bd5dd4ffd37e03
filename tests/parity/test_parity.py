"""Our checker beside HL7's Java validator: the same resources refused, at the same elements.

(1) all that we emit, (2) HL7's examples of US Core, (3) mutations made from the snapshots, (4) Consents under the
profiles of IHE PCF and SDOHCC. Differences in (3) are in differences.toml, each with its reason, and nowhere else.
"""

import json
import re
import tomllib
from pathlib import Path

import pytest

from nowrongdoor.checks import Checker
from parity.bases import TABLES, VERSIONS, bases
from parity.mutations import around, chosen, counts, mutation
from parity.verdicts import Verdict, difference, of_java, plain
from servers.validator import Asked

pytestmark = pytest.mark.live

PCF = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consent"
LEVELS = ("Basic", "Intermediate", "Advanced")
KINDS = frozenset(
    ("min", "max", "prohibited", "json-type", "list-for-one", "one-for-list", "choice-type", "two-choices", "format",
     "binding", "target", "fixed", "pattern", "slice-min", "slice-max", "unknown", "null", "null-in-list", "empty-list",
     "empty-object", "empty-text", "number-for-text", "only-id", "invariant")
)  # fmt: skip
SDOHCC = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Consent"


def errors(said):
    return [(s.location, s.message, s.text) for s in said if s.error or s.unknown_profile]


def ours(checker, resource, choices):
    found = checker.issues(resource)
    untold = any(i.rule == "not-checked" and ".meta.profile" in i.column for i in found)
    return Verdict(frozenset(plain(i.column, choices) for i in found if i.severity == "error"), looked=not untold)


def read(folder):
    """Resources of a folder; of a Bundle those in it."""
    for file in sorted(folder.glob("*.json")):
        one = json.loads(file.read_text(encoding="utf-8"))
        yield from (e["resource"] for e in one["entry"]) if one["resourceType"] == "Bundle" else [one]


# (1) -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_we_emit_is_valid(judge, emitted, version):
    """R4, US Core of this version, and our own profiles; a profile that is named and unknown would be an error."""
    said = judge.check(Asked(resource, f"us-core@{version}") for _, resource in emitted)
    assert [] == [(name, errors(s)) for (name, _), s in zip(emitted, said, strict=True) if errors(s)]


@pytest.mark.parametrize("version", VERSIONS)
def test_our_checker_refuses_nothing_that_we_emit(emitted, version):
    checker = Checker(TABLES, against=[f"us-core@{version}"], thorough=True)
    wrong = [(n, i) for n, r in emitted for i in checker.issues(r) if i.severity == "error"]
    assert [] == wrong


# (2) -----------------------------------------------------------------------------------------------------------------


def pinned(resource, suffix):
    """The same, with each US Core profile in this version."""
    claimed = resource.get("meta", {}).get("profile", ())
    urls = [re.sub(r"(/us/core/.*?)(\|.*)?$", rf"\1{suffix}", url) for url in claimed]
    return resource | ({"meta": resource["meta"] | {"profile": urls}} if claimed else {})


@pytest.mark.parametrize("version", VERSIONS)
def test_our_checker_refuses_no_example_of_us_core_that_the_validator_accepts(
    judge, checker, corpora, choices, version
):
    """They name 9.0.0, which no package has, and are held to the versions that we have. Those of profiles that came
    later are not looked at, by either."""
    found = list(read(corpora / "us-core" / "examples"))
    said = judge.check(Asked(pinned(r, ""), f"us-core@{version}") for r in found)
    pairs = [
        (ours(checker, pinned(r, f"|{version}"), choices), of_java(s, choices), r)
        for r, s in zip(found, said, strict=True)
    ]
    looked = [(mine, java, r) for mine, java, r in pairs if java.looked]
    assert {"6.1.0": 140, "7.0.0": 190, "8.0.0": 210}[version] <= len(looked)
    assert [] == [r["id"] for mine, _, r in looked if not mine.looked]
    assert [] == [(r["id"], sorted(mine.places)) for mine, java, r in looked if mine.refused and not java.refused]


# (3) -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def picked(judge, published, structures, corpora, emitted):  # noqa: ARG001 - without a judge nobody needs them
    return chosen(structures, bases(published, corpora, emitted))


@pytest.fixture(scope="module")
def mutated(picked):
    return [mutation(*one) for one in picked]


@pytest.fixture(scope="module")
def judged(mutated, judge, checker, choices):
    """(mutation, our verdict, the validator's)."""
    said = judge.check(Asked(m.resource, "us-core@6.1.0") for m in mutated)
    return [(m, ours(checker, m.resource, choices), of_java(s, choices)) for m, s in zip(mutated, said, strict=True)]


def test_there_are_mutations_of_every_kind(mutated):
    print(counts(mutated), f"{len(mutated):6d} in all", sep="\n")
    kinds = {m.kind.partition(":")[0] for m in mutated}
    assert 1500 <= len(mutated) == len({m.id for m in mutated})
    assert KINDS == kinds


def test_no_mutation_was_refused_before_it_was_made(picked, judge, choices):
    """Else its refusal would prove nothing."""
    held = {json.dumps(around(base, defect)[0]): base.name for _, base, _, defect in picked}
    said = judge.check(Asked(text, "us-core@6.1.0") for text in held)
    assert [] == [(name, errors(s)) for name, s in zip(held.values(), said, strict=True) if of_java(s, choices).refused]
    assert len(held) > 300


def test_what_the_validator_refuses_we_refuse(judged):
    refused = [(mine, m) for m, mine, java in judged if java.refused]
    caught = sum(mine.refused for mine, _ in refused)
    print(f"refused by both {caught} of {len(refused)}")
    assert 0.98 * len(refused) <= caught
    assert len(refused) > 1500


def test_the_differences_are_those_that_were_reviewed(judged):
    """Each is listed with a reason, none is listed that no longer occurs, and they are at most two in a hundred."""
    found = {(m.id, said) for m, mine, java in judged if (said := difference(mine, java))}
    with Path(__file__).with_name("differences.toml").open("rb") as file:
        groups = tomllib.load(file)["difference"]
    listed = [(one, group["says"]) for group in groups for one in group["mutations"]]
    assert all(group["reason"] for group in groups)
    assert len(listed) == len(set(listed))
    assert [] == sorted(found - set(listed))
    assert [] == sorted(set(listed) - found)
    assert len(listed) <= 0.02 * len(judged)


# (4) -----------------------------------------------------------------------------------------------------------------


def test_our_consents_are_consents_of_ihe_pcf_and_of_sdohcc(judge, emitted, consent_tables):
    """Advanced PCF and SDOHCC in one instance, by HL7's validator and by our checker."""
    consents = [(name, r) for name, r in emitted if r["resourceType"] == "Consent"]
    assert 50 <= len(consents)
    said = judge.check(Asked(r, "consents", (f"{PCF}Advanced", SDOHCC)) for _, r in consents)
    assert [] == [(name, errors(s)) for (name, _), s in zip(consents, said, strict=True) if errors(s)]
    checker = Checker(consent_tables, against=["IHE.PCF.consentAdvanced", "SDOHCC-Consent"])
    assert [] == [(name, i) for name, r in consents for i in checker.issues(r) if i.severity == "error"]


def test_consents_of_ihe_pcf_are_judged_alike_under_each_of_its_profiles(judge, consent_tables, corpora, choices):
    """Accepted under the one that each names; under the others, refused by both or by neither, at the same places."""
    found = list(read(corpora / "consent-pcf"))
    assert 23 == len(found)
    asked = [(r, f"{PCF}{level}") for r in found for level in LEVELS]
    said = judge.check(Asked(r | {"meta": {"profile": [url]}}, "consents") for r, url in asked)
    checker, wrong, refused = Checker(consent_tables, thorough=True), [], 0
    for (r, url), s in zip(asked, said, strict=True):
        java, mine = of_java(s, choices), ours(checker, r | {"meta": {"profile": [url]}}, choices)
        assert java.looked
        assert not (java.refused and url in r["meta"]["profile"]), r["id"]
        refused += java.refused
        if different := difference(mine, java):
            wrong.append((r["id"], url, different, sorted(mine.places), sorted(java.places)))
    assert [] == wrong
    assert 10 <= refused
