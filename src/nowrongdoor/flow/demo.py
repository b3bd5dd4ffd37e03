"""`demo`: the whole road on packaged, invented data, twice; what it should count is packaged too."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor import shelf, sources
from nowrongdoor.errors import Usage
from nowrongdoor.flow import prepare
from nowrongdoor.flow.deliver import FATES, Delivery, deliver
from nowrongdoor.flow.refusals import export
from nowrongdoor.flow.workspace import intake
from nowrongdoor.settings import FILE, Settings, load
from nowrongdoor.store import Sorted, Store

SOURCES = ("alder-county", "juniper-county", "paper-intake", "bay-laurel-plan")
SERVER = "sandbox"
MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)  # consents of invented people expire too: the demo's day stands still
_MARK = "# made by nwd demo"
_TOML = f"""{_MARK}: invented people only
[deployment]
namespace = "demo"

[partners.bay-laurel]
name = "Bay Laurel Health Plan"
kind = "plan"

[servers.{SERVER}]
base = "{{base}}"
audience = ["bay-laurel"]
purposes = ["CAREMGT"]
synthetic = true
"""


def clock() -> datetime:
    return MOMENT


def start(folder: Path, base: str) -> Settings:
    """A fresh workspace for the demo. Usage where the folder is something else."""
    path = folder / FILE
    if folder.exists() and any(folder.iterdir()):
        if not path.is_file() or not path.read_text(encoding="utf-8").startswith(_MARK):
            raise Usage(
                f"{folder} is there and is not a demo's", "run nwd demo in another folder, or give it one: nwd demo DIR"
            )
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    path.write_text(_TOML.format(base=base), encoding="utf-8", newline="\n")
    return load(folder, {})


def take_all(settings: Settings, store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    """(title, accounting) of each packaged source."""
    for name in SOURCES:
        source = sources.load(name)
        files = sorted(p for p in (shelf.find(f"fixtures/{name}/in")).iterdir() if p.is_file())
        yield source.title, intake(files, prepare(source, settings, MOMENT), store)


def push(settings: Settings, store: Store, progress: Callable[[int, Delivery], None]) -> Delivery:
    return deliver(settings.server(SERVER), settings, store, clock, progress)


def write(settings: Settings, store: Store) -> int:
    """What was made, as NDJSON by type, and what was refused, beside the workspace; returns the number of files."""
    assert settings.workspace is not None
    folder = settings.workspace / "fhir"
    folder.mkdir(mode=0o700)
    with Sorted() as lines:
        for kept in store.shared().values():
            lines.put(kept.resource["resourceType"], kept.resource["id"], orjson.dumps(kept.resource))
        for source, person in store.persons():
            for kept in store.graph(source, person) if person else ():
                lines.put(kept.resource["resourceType"], kept.resource["id"], orjson.dumps(kept.resource))
        for kind in lines.types:
            lines.write(kind, folder / f"{kind}.ndjson")
        export(list(store.refusals()), settings.workspace / "refusals.csv")
        return len(lines.types)


def summary(accountings: dict[str, dict[str, Any]], first: Delivery, second: Delivery) -> dict[str, Any]:
    """The counts that a demo must come to."""
    columns = ("read", "written", "merged", "refused", "noise")
    return {
        "sources": {name: {c: sum(f[c] for f in a["files"]) for c in columns} for name, a in accountings.items()},
        "first": {"due": first.due, **{f: first.fates[f] for f in FATES}},
        "why": dict(sorted(first.why.items())),
        "second": {"due": second.due, **{f: second.fates[f] for f in FATES}},
    }


def expected() -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(shelf.find("fixtures/demo.json").read_bytes())
    return told
