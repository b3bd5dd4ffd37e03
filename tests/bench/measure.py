"""Time and memory of the route and of the naive loop over the same rows, and whether both say the same."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import orjson

from bench import county
from bench.memory import peak
from bench.naive import Naive
from nowrongdoor import sources
from nowrongdoor.flow import Run, prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.settings import Settings

WAYS = ("route", "naive")
MOMENT = datetime(2026, 1, 7, tzinfo=UTC)


def run_of(source: str = county.SOURCE) -> Run:
    return prepare(sources.load(source), Settings(), MOMENT, "2026-01-07")


def route(files: Path, out: Path) -> None:
    """All that `nwd translate` does: facts, checks, grouping, digests, Provenance, accounting."""
    accounting = translate(sorted(files.glob("*.csv")), run_of(), out)
    assert accounting["balanced"]


def naive(files: Path, out: Path) -> None:
    run = run_of()
    out.mkdir()
    with (out / "all.ndjson").open("w", encoding="utf-8", newline="\n") as lines:
        for text in Naive(run.source, run.context).run(files):
            lines.write(text + "\n")


_WAY: dict[str, Callable[[Path, Path], None]] = {"route": route, "naive": naive}


def main(rows: int = 3000, rounds: int = 3) -> None:
    with TemporaryDirectory() as folder:
        files = Path(folder, "in")
        county.write(files, rows)
        same = compare(*(_once(way, files, Path(folder, f"{way}-first")) for way in WAYS))
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for n in range(rounds):
            for way in WAYS:  # interleaved: what else the machine does falls on both
                seconds[way].append(_timed(way, files, Path(folder, f"{way}-{n}")))
        peaks = {way: peak(way, files, Path(folder, f"{way}-memory")) for way in WAYS}
    _print(rows * len(county.TABLES), same, seconds, peaks)


def _once(way: str, files: Path, out: Path) -> Path:
    """Also what the process loads only once: models, schemas, code tables."""
    _WAY[way](files, out)
    return out


def _timed(way: str, files: Path, out: Path) -> float:
    begun = process_time()
    _WAY[way](files, out)
    return process_time() - begun


def compare(ours: Path, theirs: Path) -> tuple[Counter[str], Counter[str]]:
    """(resources of which both say the same, and those only one has) by type, as canonical JSON."""
    left, right = _canonical(ours), _canonical(theirs)
    same = Counter(type_ for type_, _ in left & right)
    return same, Counter(type_ for type_, _ in left ^ right)


def _canonical(folder: Path) -> set[tuple[str, bytes]]:
    lines = (line for path in folder.glob("[A-Za-z]*.ndjson") for line in path.read_bytes().splitlines())
    made = (orjson.loads(line.replace(b"+00:00", b"Z")) for line in lines)  # as fhir.resources writes UTC
    return {(r["resourceType"], orjson.dumps(r, option=orjson.OPT_SORT_KEYS)) for r in made if "resourceType" in r}


def _print(
    rows: int, same: tuple[Counter[str], Counter[str]], seconds: dict[str, list[float]], peaks: dict[str, float]
) -> None:
    both, one = same
    print(f"{rows} rows, {sum(both.values())} resources the same in both; only in one: {dict(one) or 'none'}")
    print(f"{'':8}{'CPU s':>8}{'range':>16}{'rows/s':>10}{'peak MiB':>10}")
    for way, told in seconds.items():
        middle = median(told)
        print(f"{way:8}{middle:8.2f}{f'{min(told):.2f}-{max(told):.2f}':>16}{rows / middle:10.0f}{peaks[way]:10.0f}")
    ratio = median(seconds["naive"]) / median(seconds["route"])
    paired = [n / r for n, r in zip(seconds["naive"], seconds["route"], strict=True)]
    print(f"the whole route is {ratio:.1f} times as fast ({min(paired):.1f}-{max(paired):.1f} by round)")
