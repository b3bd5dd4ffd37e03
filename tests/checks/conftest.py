"""One valid resource of each type, invented; the checker over the schema that is shipped."""

from copy import deepcopy
from pathlib import Path

import orjson
import pytest

from nowrongdoor.checks import Checker

TABLES = Path(__file__).parents[2] / "profiles" / "fhir" / "tables"
VALID = [orjson.loads(line) for line in Path(__file__).with_name("valid.ndjson").read_bytes().splitlines()]


@pytest.fixture(scope="session")
def checker():
    return Checker(TABLES)


@pytest.fixture(scope="session")
def tables():
    return TABLES


@pytest.fixture
def valid():
    """A fresh copy of each, by type."""
    return {one["resourceType"]: one for one in deepcopy(VALID)}


@pytest.fixture(params=[one["resourceType"] for one in VALID])
def one(request, valid):
    """A fresh copy of one, each type in turn."""
    return valid[request.param]


@pytest.fixture(scope="session")
def told(checker):
    """(rule, place) of each error; warnings are left out."""
    return lambda resource: [(i.rule, i.column) for i in checker.issues(resource) if i.severity == "error"]


@pytest.fixture(scope="session")
def spoil():
    """Set the element at a dotted path, numbers being places in a list; `...` takes it away."""

    def put(resource, path, value):
        *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in above:
            resource = resource[step]
        if value is ...:
            del resource[last]
        elif isinstance(resource, list) and last == len(resource):
            resource.append(value)
        else:
            resource[last] = value

    return put
