"""`python -m tests.checks R4_CORE US_CORE [NAME...]`: see dropping.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from checks.dropping import ...`

from checks.written import main

sys.exit(main(*sys.argv[1:]))
