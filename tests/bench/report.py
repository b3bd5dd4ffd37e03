"""The whole bench: measured, printed, and with `--save` kept as results/route.json and drawn as results/route.svg."""

import json
import os
import platform
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench import checkers, county, measure, plot
from bench.memory import peak

RESULTS = Path(__file__).resolve().parent / "results"
_TIMES = 5  # checkers are quick: so many rounds for each of the route's


def main(arguments: Sequence[str] | None = None) -> None:
    asked = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("rows", nargs="?", type=int, default=3000, help="of each of the four tables")
    asked.add_argument("rounds", nargs="?", type=int, default=3)
    asked.add_argument("--save", action="store_true", help="keep the figures and draw them")
    said = asked.parse_args(arguments)
    with TemporaryDirectory() as folder:
        told = _measured(Path(folder), said.rows, said.rounds)
    if said.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "route.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8", newline="\n")
        plot.draw(RESULTS / "route.json", RESULTS / "route.svg")


def _measured(folder: Path, rows: int, rounds: int) -> dict[str, Any]:
    files, count = folder / "in", rows * len(county.TABLES)
    county.write(files, rows)
    for way, work in measure.WAYS.items():  # once, also for what a process loads only once: models, schemas, tables
        work(files, folder / way)
    _print_same(count, folder)
    seconds = measure.times(files, folder, rounds)
    route = {way: rates(count, told) for way, told in seconds.items()}
    for way, told in route.items():
        told["peak_mib"] = round(peak(way, files, folder / f"{way}-memory"))
    _print_route(route, seconds)
    checked = _checkers(folder, rounds * _TIMES)
    return {
        "date": datetime.now(UTC).date().isoformat(), "machine": f"{os.cpu_count()} cores",
        "python": platform.python_version(), "rows": count, "rounds": rounds, "route": route, "checkers": checked,
    }  # fmt: skip


def rates(count: int, seconds: Sequence[float]) -> dict[str, float]:
    """How many a CPU second: the median round, the slowest, the fastest."""
    middle, slow, fast = (round(count / told) for told in (median(seconds), max(seconds), min(seconds)))
    return {"rate": middle, "slowest": slow, "fastest": fast}


def paired(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """How many times theirs is ours: of the medians, and by round."""
    by_round = [a / b for a, b in zip(theirs, ours, strict=True)]
    return f"{median(theirs) / median(ours):.2f} ({min(by_round):.2f}-{max(by_round):.2f} by round)"


def _print_same(count: int, folder: Path) -> None:
    for way in ("unchecked", "naive"):
        both, one = measure.compare(folder / "route", folder / way)
        print(f"{count} rows; route and {way}: {sum(both.values())} resources the same, only in one: {dict(one) or 0}")


def _print_route(route: Mapping[str, Mapping[str, float]], seconds: measure.Seconds) -> None:
    print(f"\n{'':16}{'rows/CPU s':>12}{'range':>18}{'peak MiB':>10}")
    for way, told in route.items():
        between = f"{told['slowest']:.0f}-{told['fastest']:.0f}"
        print(f"{way:16}{told['rate']:12.0f}{between:>18}{told['peak_mib']:10.0f}")
    print(f"the whole route is {paired(seconds['route'], seconds['naive'])} times as fast as the naive loop")
    print(f"and {paired(seconds['route'], seconds['unchecked'])} of its own rate unchecked\n")


def _checkers(folder: Path, rounds: int) -> dict[str, Any]:
    told = checkers.measured(folder, rounds)
    count, seconds, versions, takes = (told[word] for word in ("resources", "seconds", "versions", "takes"))
    print(f"{count} resources that all accept, of {told['of']}; checked by:")
    found = {name: rates(count, spent) for name, spent in seconds.items()}
    for name, rate in found.items():
        between = f"{rate['slowest']:.0f}-{rate['fastest']:.0f}"
        print(f"{name + ' ' + versions[name]:24}{rate['rate']:10.0f} a CPU s{between:>18}; takes {takes[name]}")
    for name in told["absent"]:
        print(f"{name} is not installed and was not measured: pip install 'nowrongdoor[bench]'")
    print(f"ours is {paired(seconds[checkers.OURS], seconds[checkers.USUAL])} times as fast as {checkers.USUAL},")
    print(f"and {paired(seconds[checkers.OURS], seconds[checkers.CEILING])} of the rate of {checkers.CEILING}")
    every = {name: {**rate, "version": versions[name], "takes": takes[name]} for name, rate in found.items()}
    return every | {"resources": count}
