"""Memory is flat: ten times the records need no more of it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process does not tell its peak memory there")

SMALL, LARGE = 4_000, 40_000  # records, and a nested one in each
MOST = 1.3
TESTS = Path(__file__).resolve().parents[1]
CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from bench.memory import own_peak
from nowrongdoor.files import Dialect, Wanted, Wish, find
wishes = (Wish("clients", "Client", ("@id", "Name/Last")), Wish("plans", "Client/Plan", ("../@id", "Text")))
found = find(Path(sys.argv[2]), 0, [Wanted(w.table, w.columns) for w in wishes], Dialect(records=wishes))
print(sum(1 for table in found for _ in table.rows()), own_peak())
"""


def peak(path, records):
    with path.open("w", encoding="utf-8") as out:
        out.write("<Export on='today'>\n<Clients>\n")
        for n in range(records):
            name = f"<Name><Last>Doe{n}</Last><First>Ann</First></Name><Zip>93701</Zip>"
            out.write(f"<Client id='{n}'>{name}<Plan><Text>{'word ' * 20}</Text></Plan></Client>\n<Other>{n}</Other>\n")
        out.write("</Clients>\n</Export>\n")
    command = [sys.executable, "-c", CHILD, str(TESTS), str(path)]
    rows, mib = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert 2 * records == int(rows)
    return float(mib)


def test_ten_times_the_records_need_no_more_memory(tmp_path):
    """Also where something that nobody reads stands beside each of them."""
    small, large = (peak(tmp_path / f"{n}.xml", n) for n in (SMALL, LARGE))
    assert large <= MOST * small, (small, large)
