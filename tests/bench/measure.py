"""Time and memory of the route, of the same route unchecked, and of the naive loop over the same rows; do all agree?"""

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import cast

import orjson

from bench import county
from bench.naive import Naive
from nowrongdoor import sources
from nowrongdoor.checks import Checker
from nowrongdoor.flow import Run, prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.model import Issue, Resource
from nowrongdoor.settings import Settings

MOMENT = datetime(2026, 1, 7, tzinfo=UTC)
Seconds = dict[str, list[float]]  # of each way, one a round


class Yes:
    """A checker that looks at nothing: what is left is the price of all the rest."""

    def issues(self, _: Resource, /) -> tuple[Issue, ...]:
        return ()

    def quick(self, _: Sequence[Resource], /) -> bool:
        return True


def run_of(source: str = county.SOURCE) -> Run:
    return prepare(sources.load(source), Settings(), MOMENT, "2026-01-07")


def route(files: Path, out: Path) -> None:
    """All that `nwd translate` does: facts, checks, grouping, digests, Provenance, accounting."""
    _translate(files, run_of(), out)


def unchecked(files: Path, out: Path) -> None:
    """The same without its checks, which nothing but this bench can do."""
    _translate(files, replace(run_of(), check=cast("Checker", Yes())), out)


def _translate(files: Path, run: Run, out: Path) -> None:
    accounting = translate(sorted(files.glob("*.csv")), run, out)
    assert accounting["balanced"]


def naive(files: Path, out: Path) -> None:
    run = run_of()
    out.mkdir()
    with (out / "all.ndjson").open("w", encoding="utf-8", newline="\n") as lines:
        for text in Naive(run.source, run.context).run(files):
            lines.write(text + "\n")


WAYS: dict[str, Callable[[Path, Path], None]] = {"route": route, "unchecked": unchecked, "naive": naive}


def times(files: Path, out: Path, rounds: int) -> Seconds:
    """CPU seconds of each way: interleaved, so that what else the machine does falls on all.

    What stands before is set aside first: a collector that walks the models of fhir.resources is no price of the route.
    """
    seconds: Seconds = {way: [] for way in WAYS}
    for n in range(rounds):
        for way, work in WAYS.items():
            gc.collect()
            gc.freeze()
            begun = process_time()
            work(files, out / f"{way}-{n}")
            seconds[way].append(process_time() - begun)
    return seconds


def compare(ours: Path, theirs: Path) -> tuple[Counter[str], Counter[str]]:
    """(resources of which both say the same, and those only one has) by type, as canonical JSON."""
    left, right = _canonical(ours), _canonical(theirs)
    same = Counter(type_ for type_, _ in left & right)
    return same, Counter(type_ for type_, _ in left ^ right)


def _canonical(folder: Path) -> set[tuple[str, bytes]]:
    lines = (line for path in folder.glob("[A-Za-z]*.ndjson") for line in path.read_bytes().splitlines())
    made = (orjson.loads(line.replace(b"+00:00", b"Z")) for line in lines)  # as fhir.resources writes UTC
    return {(r["resourceType"], orjson.dumps(r, option=orjson.OPT_SORT_KEYS)) for r in made if "resourceType" in r}
