"""A process killed at any moment leaves whole transactions, and all that it said were done."""

import random
import subprocess
import sys

import pytest

from nowrongdoor.store import Store

WRITER = """
import sys
from pathlib import Path
from nowrongdoor.model import Goal, Origin
from nowrongdoor.store import Store

with Store(Path(sys.argv[1])) as store:
    for number in range(1_000_000):
        with store.transaction():
            for person in ("C1", "C2", "C3"):
                goal = Goal(str(number), person, Origin(1, 1, 1, 1, 0), False, (), "", "", "x" * 3000, "active")
                store.put_facts("elder", person, [goal])
        store.sending("https://a.example", [(str(number), "h")])
        print(number, flush=True)
"""


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_writer_leaves_no_half_transaction(tmp_path, seed):
    """Three people are written together, then something is announced as sent; the process dies in the midst of it."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) as child:
        said = -1
        for _ in range(random.Random(seed).randint(1, 60)):
            said = int(child.stdout.readline())
        child.kill()
        said = max([said, *map(int, child.stdout.read().split(b"\n")[:-1])])
    with Store(tmp_path) as store:
        assert [("ok",)] == store._all("PRAGMA integrity_check")
        numbers = {store.facts("elder", person)[0].id for person in ("C1", "C2", "C3")}
        assert 1 == len(numbers)
        assert said <= int(numbers.pop())
        assert {str(number) for number in range(said + 1)} <= {row.id for row in store.outbox("https://a.example")}
