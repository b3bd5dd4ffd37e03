"""The whole route against the naive loop: same rows, same resources, interleaved rounds, medians of CPU time.

`python -m tests.bench [ROWS a table] [ROUNDS]`; prints a table and fails nothing.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from bench import ...`

from bench.measure import main

main(*(int(a) for a in sys.argv[1:]))
