"""What all tests share: FHIR servers to run against, started once a session.

`sandbox` always; `hapi`, `hapi_validating` and `medplum` where NWD_LIVE=1 asks for them: then one that cannot start is
a failure, else its tests are skipped. `each_server` runs a test on all but the validating one. Tests share a server,
so each brings identifiers of its own.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # tests say `from servers import ...`

from nowrongdoor.sandbox import running
from servers import Server, start

# A shared machine is slow now and then: no example has a deadline. Under CI the examples are the same each time.
hypothesis.settings.register_profile("nwd", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.register_profile("long", parent=hypothesis.settings.get_profile("nwd"), max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "nwd"))

LIVE = {"hapi", "hapi_validating", "medplum"}


@pytest.hookimpl(tryfirst=True)  # before `-m live` picks
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    for item in items:
        if LIVE.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("live")


def live(begin: Callable[..., AbstractContextManager[str]], *options: str) -> Iterator[Server]:
    if os.environ.get("NWD_LIVE") != "1":
        pytest.skip("set NWD_LIVE=1 (.ci/live does) for real servers: Java 17, Maven and Node 20.19 or newer")
    with begin(*options) as base:
        yield Server(base)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = tmp_path_factory.mktemp("sandbox") / "sandbox.db"
    with running(str(database)) as base:
        yield Server(base, database)


@pytest.fixture(scope="session")
def hapi() -> Iterator[Server]:
    yield from live(start.hapi)


@pytest.fixture(scope="session")
def hapi_validating() -> Iterator[Server]:
    """Refuses what is not valid R4; with the corpora at hand (NWD_CORPORA), also what is not valid US Core 6.1.0."""
    corpora = os.environ.get("NWD_CORPORA")
    package = ("--package", str(Path(corpora) / "us-core" / "us_core_610.tgz")) if corpora else ()
    yield from live(start.hapi, "--validate", *package)


@pytest.fixture(scope="session")
def medplum() -> Iterator[Server]:
    """As the hosted one: it validates, and a failed transaction leaves nothing."""
    yield from live(start.medplum, "--validate", "--rollback")


@pytest.fixture(
    params=[
        "sandbox",
        pytest.param("hapi", marks=pytest.mark.live),
        pytest.param("medplum", marks=pytest.mark.live),
    ]
)
def each_server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the goldens of fixtures/ anew, for a person to read")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update") and os.environ.get("CI") == "true":
        raise pytest.UsageError("--update under CI: a golden is what a person has read")


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
