"""A hundred thousand spoiled documents through the whole route: too long for CI, run once, its result committed.

`NWD_CORPORA=… python tests/long/fuzz.py [DOCUMENTS]` from the top of the checkout; about half an hour of one processor.
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from ccda import ...`

from ccda import fuzz
from long.memory import HERE, of_record

SEED = 20260107
DOCUMENTS = 100_000


def report(found: fuzz.Found, seconds: float) -> str:
    rules = ", ".join(f"{rule} {count:,}" for rule, count in found.rules.most_common(12))
    made = ", ".join(f"{kind} {count:,}" for kind, count in found.made.most_common())
    return "\n".join(
        [
            "# Spoiled documents",
            "",
            *of_record(f"{SEED} (`tests/ccda/fuzz.py`: bytes and trees of all public documents)", "fuzz.py"),
            "",
            f"- documents: {found.documents:,}, {found.entries:,} entries, {seconds:,.0f} CPU seconds",
            f"- uncaught, or caught as a fault; not balanced; over {fuzz.SLOW:g} CPU seconds: {len(found.wrong)}",
            f"- slowest: {found.slowest:.2f} CPU seconds",
            f"- refused, by rule: {rules}",
            f"- written: {made}",
            "",
            *(f"- {told}" for told in found.wrong[:100]),
        ]
    )


if __name__ == "__main__":
    begun = time.process_time()
    many = int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS
    told = report(fuzz.run(Path(os.environ["NWD_CORPORA"]), SEED, documents_=many), time.process_time() - begun)
    if many == DOCUMENTS:
        (HERE / "results" / "fuzz.md").write_text(told.rstrip() + "\n", encoding="utf-8", newline="\n")
    print(told)
