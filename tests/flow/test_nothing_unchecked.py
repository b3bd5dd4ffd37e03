"""Whatever is written, kept or sent was held to the checks: drafts of rows, and what no row states."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from bench import county
from nowrongdoor import sources
from nowrongdoor.checks import Checker
from nowrongdoor.errors import Stop
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.model import Issue
from nowrongdoor.privacy.gate import _less
from nowrongdoor.privacy.projection import project, references
from nowrongdoor.resources import Partner
from nowrongdoor.settings import Settings

ROOT = Path(__file__).parents[2]
FIXTURES = sorted(path.name for path in (ROOT / "fixtures").iterdir() if (path / "in").is_dir())
LATER = datetime(2026, 11, 22, tzinfo=UTC)  # than all that a fixture says
BELL = "Alder\aCounty"


class Watched:
    """The run's own checks, and all that they took."""

    def __init__(self, own):
        self.own, self.passed = own, set()

    def quick(self, resources):
        right = self.own.quick(resources)
        self.passed |= {json.dumps(one, sort_keys=True) for one in resources if right}
        return right

    def issues(self, resource):
        found = self.own.issues(resource)
        if not any(i.severity == "error" for i in found):
            self.passed.add(json.dumps(resource, sort_keys=True))
        return found


class Picky(Watched):
    """Takes nothing of one type."""

    def __init__(self, own, kind):
        super().__init__(own)
        self.kind = kind

    def quick(self, resources):
        return all(one["resourceType"] != self.kind for one in resources) and super().quick(resources)

    def issues(self, resource):
        wrong = (Issue("odd", "is odd", "mend it", f"{self.kind}.active"),)
        return wrong if resource["resourceType"] == self.kind else super().issues(resource)


def written(folder, name):
    """(what the checks took, what was written) of a fixture."""
    run = prepare(sources.load(name), Settings(), LATER)
    watched = Watched(run.check)
    translate(sorted((ROOT / "fixtures" / name / "in").iterdir()), replace(run, check=watched), folder / name)
    lines = chain.from_iterable(
        path.read_text(encoding="utf-8").splitlines() for path in (folder / name).glob("[A-Z]*.ndjson")
    )
    return watched.passed, [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", FIXTURES)
def test_every_resource_that_is_written_passed(tmp_path, name):
    passed, resources = written(tmp_path, name)
    assert {"Organization", "Provenance"} <= {r["resourceType"] for r in resources}
    assert [] == [r["resourceType"] for r in resources if json.dumps(r, sort_keys=True) not in passed]


# what no row states --------------------------------------------------------


def named(run, key, name):
    return replace(run, context=replace(run.context, partners={**run.context.partners, key: Partner(name)}))


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("alder-county", "[organization] of profiles/sources/alder-county.toml"),
        ("juniper-county", "[organization] of profiles/sources/juniper-county.toml"),
        ("bay-laurel", "the line of bay-laurel in profiles/codes/alder_organizations.csv"),
    ],
)
def test_an_organization_that_fails_stops_and_says_where_to_mend_it(tmp_path, key, place):
    """Before a row is read, and nothing is written."""
    run = named(prepare(sources.load("alder-county"), Settings(), LATER), key, BELL)
    with pytest.raises(Stop) as stopped:
        translate([ROOT / "fixtures/alder-county/in/clients.csv"], run, tmp_path / "out")
    assert f"organization {key}: Organization.name must be text" in stopped.value.cause
    assert [] == [at for at in (f"[partners.{key}] of nwd.toml", place) if at not in stopped.value.cure]
    assert not (tmp_path / "out").exists()


def test_a_provenance_that_fails_stops_and_nothing_is_kept(place):
    """No row can mend it, and without it nobody could say where the rest came from."""
    clients = place.save("clients", county.rows("clients", 3))
    with pytest.raises(Stop, match=r"Provenance\.active is odd"):
        place.translate([clients], check=lambda own: Picky(own, "Provenance"))
    assert [] == [path for path in place.folder.rglob("*.ndjson") if path.parent.name.startswith("out")]


def test_a_practitioner_that_fails_is_told_and_is_a_name_only(place):
    clients = place.save("clients", county.rows("clients", 3))
    told = place.translate([clients], check=lambda own: Picky(own, "Practitioner"))
    assert {"Practitioner", "PractitionerRole"}.isdisjoint(r["resourceType"] for r in told.resources)
    said = [line for line in told.read("warnings") if line["rule"] == "odd"]
    assert said
    assert {"its Practitioner is not written: Practitioner.active is odd"} == {line["cause"] for line in said}


# what leaves ---------------------------------------------------------------


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    """All that the fixtures make, and the examples of our profiles."""
    folder = tmp_path_factory.mktemp("made")
    examples = sorted((ROOT / "profiles/fhir/generated/examples").glob("*.json"))
    return [
        *chain.from_iterable(written(folder, name)[1] for name in FIXTURES),
        *(json.loads(path.read_text(encoding="utf-8")) for path in examples),
    ]


def errors(checker, resource):
    return [(i.rule, i.column) for i in checker.issues(resource) if i.severity == "error"]


@pytest.fixture(scope="module")
def checker():
    return Checker(ROOT / "profiles/fhir/tables")


def recipients(resource, chance):
    """Who gets what it points at: none of it, all but one, and some."""
    pointed = sorted(set(references(resource)))
    some = [{ref for ref in pointed if chance.random() < 0.5} for _ in range(4)]
    return [set(), *({*pointed} - {ref} for ref in pointed), *some]


def test_what_a_recipient_sees_is_as_valid_as_what_was_kept(resources, checker):
    """Whatever is left out of it: it goes as it is, or not at all."""
    chance, seen = random.Random(4), 0
    for one in resources:
        for known in recipients(one, chance):
            view, missing = project(one, known.__contains__)
            if not missing and view != one:
                seen += 1
                assert [] == errors(checker, view), (one["resourceType"], sorted({*references(one)} - known))
    assert seen > 500


def test_a_consent_that_only_takes_back_is_valid(resources, checker):
    chance, seen = random.Random(4), 0
    for one in (r for r in resources if r["resourceType"] == "Consent"):
        for known in recipients(one, chance):
            view, missing = project(_less(one), known.__contains__, narrowed=True)
            if not missing:
                seen += 1
                assert [] == errors(checker, view)
    assert seen > 50
