"""The whole route against the naive loop and unchecked, and our checker beside others; prints, fails nothing.

`python -m tests.bench [ROWS a table] [ROUNDS] [--save]`
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from bench import ...`

from bench.report import main

main()
