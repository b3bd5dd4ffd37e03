"""Our checker beside others, over the same resources: what comes of our fixtures, and what the bench has just made.

All that each of them is asked is whether the resource is right. fhirclient and fastjsonschema are of the extra `bench`.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib import import_module, metadata
from itertools import islice, product
from pathlib import Path
from time import process_time
from typing import Any

import orjson

from bench.measure import Seconds
from bench.naive import models
from nowrongdoor import shelf, sources
from nowrongdoor.checks import Checker
from nowrongdoor.checks.tables import Tables
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.model import Resource
from nowrongdoor.settings import Settings

OURS, CEILING, USUAL = "nowrongdoor", "orjson.dumps", "fhir.resources"
LATER = datetime(2026, 11, 22, tzinfo=UTC)  # than any day in a fixture
EACH = 30  # resources of a type and folder: large files do not drown small types
_FEW = 50  # read at a time
Check = Callable[[Resource], object]  # raises where the resource is wrong


def fixtures(out: Path) -> list[Path]:
    """Folders with what comes of each source's fixture; the expected files beside it hold readable names for ids."""
    made = []
    for name in sorted({*shelf.names("fixtures", "", None)} & {*sources.names()}):
        files = sorted(shelf.find(f"fixtures/{name}/in").iterdir())
        translate(files, prepare(sources.load(name), Settings(), LATER), out / name)
        made.append(out / name)
    return made


def resources(*folders: Path) -> list[Resource]:
    """Some of each type that lie in these folders."""
    paths = (path for folder in folders for path in sorted(folder.glob("[A-Z]*.ndjson")))
    return [orjson.loads(line) for path in paths for line in islice(path.read_bytes().splitlines(), EACH)]


def checks(kinds: Iterable[str]) -> tuple[dict[str, Check], list[str]]:
    """Those that are installed, by name, ready to run; and the names of the others."""
    found: dict[str, Check] = {CEILING: orjson.dumps, OURS: _ours(), USUAL: _by_model(models(), "model_validate")}
    absent = []
    for name, make in (("fhirclient", _fhirclient), ("fastjsonschema", _fastjsonschema)):
        try:
            found[name] = make(sorted(kinds))
        except ModuleNotFoundError:
            absent.append(name)
    return found, absent


def versions(names: Iterable[str]) -> dict[str, str]:
    return {name: metadata.version(name.removesuffix(".dumps")) for name in names}


def _ours() -> Check:
    checker = Checker(shelf.find("profiles/fhir/tables"))

    def check(resource: Resource) -> None:
        if not checker.quick([resource]) and checker.issues(resource):
            raise ValueError

    return check


def _by_model(classes: dict[str, Any], verb: str = "") -> Check:
    ready = {kind: getattr(model, verb) if verb else model for kind, model in classes.items()}
    return lambda resource: ready[resource["resourceType"]](resource)


def _fhirclient(kinds: Sequence[str]) -> Check:
    return _by_model({k: getattr(import_module(f"fhirclient.models.{k.lower()}"), k) for k in kinds})


def _fastjsonschema(kinds: Sequence[str]) -> Check:
    """Base R4 out of our own tables, without profiles and without what draft 7 cannot say: less than ours looks at."""
    fast, tables = import_module("fastjsonschema"), Tables(shelf.find("profiles/fhir/tables"))
    told = {k: {"allOf": [{"$ref": f"#/definitions/{k}"}], "definitions": tables.definitions([k])} for k in kinds}
    draft = {"$schema": "http://json-schema.org/draft-07/schema#"}
    return _by_model({k: fast.compile({**draft, **schema}) for k, schema in told.items()})


def accepted(found: dict[str, Check], told: Sequence[Resource]) -> dict[str, list[bool]]:
    """Which of the resources each of them takes."""
    return {name: [_takes(check, resource) for resource in told] for name, check in found.items()}


def _takes(check: Check, resource: Resource) -> bool:
    try:
        check(resource)
    except Exception:  # noqa: BLE001 - each library has refusals of its own
        return False
    return True


def times(found: dict[str, Check], told: Sequence[Resource], rounds: int) -> Seconds:
    """CPU seconds of each over all the resources, interleaved: hand in what all of them take, as a no is cheap.

    Each gets a few at a time that have just been read, as whoever checks a file or a draft does.
    """
    lines = [orjson.dumps(resource) for resource in told]
    seconds: Seconds = {name: [] for name in found}
    for _, (name, check) in product(range(rounds), found.items()):
        spent = 0.0
        for at in range(0, len(lines), _FEW):
            some = [orjson.loads(line) for line in lines[at : at + _FEW]]
            begun = process_time()
            for resource in some:
                check(resource)
            spent += process_time() - begun
        seconds[name].append(spent)
    return seconds


def measured(folder: Path, rounds: int) -> dict[str, Any]:
    """Of the fixtures and of what a run has put into `folder`/route, in a process of its own: what a long run leaves
    in memory makes whatever comes after it slower.
    """
    command = [sys.executable, "-m", "bench.checkers", str(folder), str(rounds)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
    return dict(orjson.loads(told.stdout))


def main(folder: Path, rounds: int) -> None:
    told = resources(*fixtures(folder), folder / "route")
    found, absent = checks({r["resourceType"] for r in told})
    takes = accepted(found, told)
    common = [r for n, r in enumerate(told) if all(took[n] for took in takes.values())]
    said = {
        "of": len(told), "resources": len(common), "absent": absent, "versions": versions(found),
        "takes": {name: sum(took) for name, took in takes.items()}, "seconds": times(found, common, rounds),
    }  # fmt: skip
    sys.stdout.buffer.write(orjson.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
