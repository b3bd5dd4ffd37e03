"""Memory at a million rows against a hundred thousand: too long for CI, run once, its result committed beside it.

`python tests/long/memory.py` from the top of the checkout; it needs about 10 GB of disk and a quarter of an hour.
"""

import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from bench import ...`

from bench import county
from bench.memory import peak

HERE = Path(__file__).resolve().parent
SIZES = (100_000, 1_000_000)  # rows of clients and plans together
MOST = 1.3


def measured(rows: int) -> tuple[float, float]:
    """(MiB, seconds) of `nwd translate`'s route over so many rows."""
    with TemporaryDirectory() as folder:
        files = Path(folder, "in")
        county.write(files, rows // 2, ("clients", "plans"))
        begun = time.monotonic()
        return peak("route", files, Path(folder, "out")), time.monotonic() - begun


def report(figures: dict[int, tuple[float, float]]) -> str:
    (small, _), (large, _) = figures.values()
    lines = [
        f"| {rows:,} | {mib:.0f} | {seconds:.0f} | {rows / seconds:,.0f} |" for rows, (mib, seconds) in figures.items()
    ]
    return "\n".join(
        [
            "# Memory at a million rows",
            "",
            *of_record(
                f"{county.SEED} (`tests/bench/county.py`: clients and plans, half of the rows each)", "memory.py"
            ),
            "",
            "| rows | peak MiB | seconds | rows/s |",
            "|---:|---:|---:|---:|",
            *lines,
            "",
            f"Ratio {large / small:.2f}; at most {MOST} is allowed.",
            "",
        ]
    )


def of_record(seed: str, script: str) -> list[str]:
    """What a result must say of itself, so that somebody can run it again."""
    commit = _git("log", "-1", "--format=%H", "--", "src") + (
        " and changes" if _git("status", "--short", "src") else ""
    )
    return [
        f"- commit (of src/): {commit}",
        f"- seed: {seed}",
        f"- command: `python tests/long/{script}`",
        f"- date: {datetime.now(UTC):%Y-%m-%d}; Python {platform.python_version()}, {platform.system()}",
    ]


def _git(*command: str) -> str:
    told = ["git", "-C", str(HERE.parents[1]), *command]
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    told = report({rows: measured(rows) for rows in SIZES})
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "memory.md").write_text(told, encoding="utf-8", newline="\n")
    print(told)
