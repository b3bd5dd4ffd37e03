"""Memory is flat: a folder of four times the documents needs no more of it."""

import sys

import pytest

from ccda import memory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process does not tell its peak memory there")

FEW, MANY = 500, 2000
MOST = 1.25


def test_two_thousand_documents_need_what_five_hundred_do(corpora, tmp_path):
    peaks = {}
    for many in (FEW, MANY):
        memory.write(corpora, tmp_path / f"in{many}", many)
        peaks[many] = memory.peak(tmp_path / f"in{many}", tmp_path / f"out{many}")
    assert MOST >= peaks[MANY] / peaks[FEW], peaks
