"""Memory is flat: ten times the rows need no more of it."""

import shutil
import sys

import pytest

from bench import county
from bench.memory import peak

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process does not tell its peak memory there")

SMALL, LARGE = 20_000, 200_000  # rows of clients and plans together
MOST = 1.3


def test_ten_times_the_rows_need_no_more_memory(tmp_path):
    peaks = {}
    for rows in (SMALL, LARGE):
        files, out = tmp_path / f"in{rows}", tmp_path / f"out{rows}"
        county.write(files, rows // 2, ("clients", "plans"))
        peaks[rows] = peak("route", files, out)
        shutil.rmtree(out)
    assert MOST >= peaks[LARGE] / peaks[SMALL], peaks
