"""Clinical documents a CPU second: `nwd translate` with all its checks, other converters, and reading the XML alone.

`python -m tests.bench.documents [ROUNDS] [--save]`; NWD_CORPORA names the folder of public corpora. The others are
fetched, pinned, when they are not there yet.
"""

import gc
import json
import os
import platform
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from bench import ...`

from bench import plot
from bench.measure import run_of
from bench.report import RESULTS, paired, rates
from bench.rivals import MEDPLUM, MICROSOFT, Answer, rivals
from nowrongdoor.files import documents
from nowrongdoor.flow.folder import translate

OURS, PARSE = "nwd translate", "lxml parse"
CORPORA = {
    "ms-fhir-converter": "ms-fhir-converter/data/SampleData/Ccda",
    "synthea-ca": "synthea-ca/ccda",
    "vendor-ccda-r11": "vendor-ccda-r11",
}
_PASSES = 2  # of a round, of each way: a process that has just waited for another begins slowly
Ways = Mapping[str, Callable[[Sequence[Path]], Answer]]


def main(arguments: Sequence[str] | None = None) -> None:
    asked = ArgumentParser(prog="python -m tests.bench.documents", description=__doc__)
    asked.add_argument("rounds", nargs="?", type=int, default=5)
    asked.add_argument("--save", action="store_true", help="keep the figures and draw them")
    said = asked.parse_args(arguments)
    if not os.environ.get("NWD_CORPORA"):
        asked.error("NWD_CORPORA is not set: the folder of public corpora")
    told = _measured(Path(os.environ["NWD_CORPORA"]), said.rounds)
    if said.save:
        (RESULTS / "documents.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8", newline="\n")
        draw(RESULTS / "documents.json", RESULTS / "documents.svg")


def _measured(corpora: Path, rounds: int) -> dict[str, Any]:
    with rivals() as (others, absent):
        for why in absent:
            print(f"not measured: {why}")
        ways: Ways = {PARSE: _parse, **{name: rival.convert for name, rival in others.items()}}
        warm = {name: rival.warm for name, rival in others.items()}
        found = {name: _corpus(corpora / path, rounds, ways, warm) for name, path in CORPORA.items()}
    return {
        "date": datetime.now(UTC).date().isoformat(), "machine": f"{os.cpu_count()} cores",
        "python": platform.python_version(), "rounds": rounds,
        "versions": {name: rival.version for name, rival in others.items()}, "corpora": found,
    }  # fmt: skip


def _parse(paths: Sequence[Path]) -> Answer:
    """As little as can be done to read them."""
    failed, begun = 0, process_time()
    for path in paths:
        try:
            etree.parse(str(path))
        except etree.XMLSyntaxError:
            failed += 1
    return Answer(process_time() - begun, failed)


def _translate(folder: Path, _: Sequence[Path]) -> Answer:
    """All that `nwd translate --source ccda` does with a folder; of a failed document nothing is written."""
    with TemporaryDirectory() as made:
        begun = process_time()
        accounting = translate([folder], run_of("ccda"), Path(made) / "out")
        spent = process_time() - begun
    assert accounting["balanced"]
    return Answer(spent, sum(not told["resources"] for told in accounting["files"]))


def _corpus(folder: Path, rounds: int, ways: Ways, warm: Mapping[str, int]) -> dict[str, Any]:
    """Rates of each way over the documents of a folder: interleaved, so that what else goes on falls on all.

    What stands before is set aside first: the bench's own modules are no price of a translation.
    """
    paths = [place.path for place in documents.gather(folder)]
    ways = {PARSE: ways[PARSE], OURS: partial(_translate, folder), **ways}
    failed = {name: [convert(paths).failed for _ in range(warm.get(name, 1))][-1] for name, convert in ways.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, convert in ways.items():
            gc.collect()
            gc.freeze()
            seconds[name].append(sum(convert(paths).seconds for _ in range(_PASSES)) / _PASSES)
    told = {name: {**rates(len(paths), spent), "failed": failed[name]} for name, spent in seconds.items()}
    _print(folder, len(paths), told)
    for name in (n for n in ways if n != OURS):
        print(f"{OURS} is {paired(seconds[OURS], seconds[name])} times as fast as {name}")
    return {"documents": len(paths), **told}


def _print(folder: Path, count: int, told: Mapping[str, Mapping[str, float]]) -> None:
    print(f"\n{folder}: {count} documents\n{'':24}{'a CPU s':>10}{'range':>16}{'ms each':>10}{'failed':>8}")
    for name, rate in told.items():
        between = f"{rate['slowest']}-{rate['fastest']}"
        print(f"{name:24}{rate['rate']:10}{between:>16}{1000 / rate['rate']:10.2f}{rate['failed']:8}")


# drawn ---------------------------------------------------------------------


def draw(results: Path, svg: Path) -> None:
    """From results/documents.json, as the bench has saved it."""
    told = json.loads(results.read_text(encoding="utf-8"))
    plot.page(svg, [_panel(name, found, told["versions"]) for name, found in told["corpora"].items()], told)


def _panel(name: str, found: Mapping[str, Any], versions: Mapping[str, str]) -> plot.Panel:
    others = [other for other in (MICROSOFT, MEDPLUM) if other in found]
    rate = {way: found[way]["rate"] for way in (*others, OURS)}
    least = min(rate.values())
    called = {way: f"{way} {versions[way]}" if way in versions else way for way in rate}
    bars = [plot.Bar(called[way], found[way], plot.beside(rate[way], least), way == OURS) for way in rate]
    parse = found[PARSE]["rate"]
    lost = ", ".join(f"{found[way]['failed']} by {way}" for way in rate if found[way]["failed"])
    note = f"reading the XML alone: {parse:,} a second ({parse / rate[OURS]:.1f} times nwd translate)"
    head = f"Documents of {name} a second ({found['documents']})"
    return head, note + (f"; lost: {lost}" if lost else ""), bars


if __name__ == "__main__":
    main()
