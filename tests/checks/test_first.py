"""The first look says yes only where the careful schemas do: resources as we write them, spoiled at random places."""

import random
from copy import deepcopy

import orjson
import pytest

from nowrongdoor.checks.schemas import Schemas
from nowrongdoor.checks.tables import Tables

TEXTS = ["", " ", "x y", "0000-01-01", "2025-02-30", "2025-01", "http://a b", "Patient/1", "Patient/1 2", "x:",
         "urn:uuid:x", "MA", "http://terminology.hl7.org/CodeSystem/v2-0203", "\u00e9", "a" * 70, "#a", "active",
         "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+15:00", "https://w3id.org/nowrongdoor/id/cin", "90000000A",
         "2026-01-01t00:00:00z", "urn:oid:x", "Patient/a/b", "Group/a", "Observation/a", "https://w3id.org/\ufeffx",
         "<div xmlns='http://www.w3.org/1999/xhtml'><p>a</div>", "a\x01b"]  # fmt: skip
WHY = {"extension": [{"url": "http://example.org/why", "valueString": "because"}]}
VALUES = [None, True, 1, [], {}, [None], WHY, {"id": "x"}, {"id": "x", **WHY}]


@pytest.fixture(scope="module")
def schemas(tables):
    return Schemas(Tables(tables))


@pytest.fixture(scope="module")
def examples(schemas, tables):
    """One or two of each type, as our profiles' examples are: those that follow the first profile of their type."""
    found = [orjson.loads(path.read_bytes()) for path in sorted((tables.parent / "generated/examples").glob("*.json"))]
    first = schemas.tables.first["profiles"]
    return [one for one in found if first[one["resourceType"]] in one["meta"]["profile"]]


def places(node, path=()):
    yield path
    for step, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(child, (*path, step))


def at(node, path):
    for step in path:
        node = node[step]
    return node


def spoil(resource, chance, others):
    *above, last = chance.choice([p for p in places(resource) if p])
    parent, how = at(resource, above), chance.randrange(7)
    if how == 0:
        del parent[last]
    elif how == 1:
        parent[last] = chance.choice(TEXTS)
    elif how == 2:
        parent[last] = deepcopy(chance.choice(VALUES))
    elif how == 3 and isinstance(parent, dict):
        parent[f"_{last}"] = deepcopy(chance.choice(VALUES))
    elif how == 4 and isinstance(parent, list):
        parent.append(deepcopy(parent[last]))
    elif how == 5 and isinstance(parent, dict):
        name, value = chance.choice(others)
        parent[name] = deepcopy(value)
    else:
        parent[last] = deepcopy(chance.choice(others)[1])


def careful(schemas, resource):
    profile = schemas.tables.profiles[schemas.tables.first["profiles"][resource["resourceType"]]]
    return schemas.named(resource["resourceType"]).is_valid(resource) and schemas.named(profile.name).is_valid(resource)


def test_what_the_first_look_takes_the_careful_schemas_take(schemas, examples):
    chance = random.Random(5)
    others = [(p[-1], at(r, p)) for r in examples for p in places(r) if p and isinstance(p[-1], str)]
    taken = refused = 0
    for _ in range(6000):
        resource = deepcopy(chance.choice(examples))
        kind = resource["resourceType"]
        for _ in range(chance.choice((1, 1, 1, 2))):
            spoil(resource, chance, others)
        if resource.get("resourceType") != kind:
            continue
        quick = schemas.written([resource])
        taken, refused = taken + quick, refused + (not quick)
        assert not quick or careful(schemas, resource), orjson.dumps(resource)
    assert min(taken, refused) > 500


def test_most_of_what_we_write_needs_no_second_look(schemas, examples):
    assert len(examples) * 0.7 <= sum(schemas.written([one]) for one in examples)


def test_a_meta_that_many_share_is_looked_at(schemas, examples):
    patient = next(one for one in examples if one["resourceType"] == "Patient")
    for meta in ({**patient["meta"], "security": [{"code": 1}]}, {**patient["meta"], "none": "such"}):
        assert not schemas.written([{**patient, "meta": meta}, {**patient, "meta": meta}])
        assert not schemas.written([patient, {**patient, "meta": meta}])
    assert schemas.written([patient, dict(patient)])


def test_our_own_identifier_is_sought_in_the_first_place_only(schemas):
    """Where each resource has just one: to look for it everywhere makes the first look slow, and no verdict another."""
    kinds = schemas.tables.first["schema"]["properties"]
    lists = {k: t["items"]["properties"].get("identifier") or {} for k, t in kinds.items() if "." not in k}
    assert [] == [kind for kind, told in lists.items() if "id/gateway" in str(told.get("contains"))]
    sought = {kind for kind, told in lists.items() if "prefixItems" in told}
    assert {"Patient", "Consent", "CarePlan", "ServiceRequest"} <= sought
