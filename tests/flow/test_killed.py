"""Power fails while a workspace takes files in: afterwards all of it is there or nothing, and again ends well."""

import os
import shutil
import signal
import subprocess
import sys
import time
from random import Random

import pytest

from bench import county

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX; on Windows SQLite's own tests stand for it")

KILLS = 12
ROWS = 150
# `flow` says on stdout when the route begins, so that moments are counted from there, not from the start of Python
RUN = """
from nowrongdoor.cli import main
from nowrongdoor.flow import workspace

take = workspace.take
workspace.take = lambda *told: print("begun", flush=True) or take(*told)
main()
"""


def start(home, files):
    command = [sys.executable, "-c", RUN, "intake", "--workspace", str(home.folder), "--source", county.SOURCE]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767787200"}
    arguments = ["--as-of", "2026-01-07", *map(str, files)]
    return subprocess.Popen(
        [*command, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def begun(process):
    assert "begun\n" == process.stdout.readline()
    return time.monotonic()


def tables(home):
    """All that the database holds, and the names of what lies in the vault."""
    with home.store() as store:
        names = [n for (n,) in store._all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        assert [("ok",)] == store._all("PRAGMA integrity_check")
        return {name: sorted(map(repr, store._all(f"SELECT * FROM {name}"))) for name in names}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    return [county.save(folder / f"{t}.csv", t, [*county.rows(t, ROWS), {}]) for t in county.TABLES]


def test_all_or_nothing(place, home, files):
    """SIGKILL at seeded moments between the first row and the last word; each time from the same beginning."""
    empty = tables(home)
    kept = shutil.copytree(home.folder, place.folder / "before")
    whole = start(home, files)
    since = begun(whole)
    whole.communicate()
    lasts, full = time.monotonic() - since, tables(home)
    assert empty != full
    moments = Random(16)
    killed, left = 0, []
    for n in range(KILLS):
        shutil.rmtree(home.folder)
        shutil.copytree(kept, home.folder)
        process = start(home, files)
        begun(process)
        time.sleep(lasts * (n + moments.random()) / KILLS)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        process.stdout.close()
        left.append(tables(home))
        again = start(home, files)
        again.communicate()
        assert full == tables(home)
        assert [] == list((home.folder / "vault").rglob("*.part"))
    assert KILLS // 2 < killed
    assert all(found in (empty, full) for found in left)
    assert empty in left
