"""Servers for tests end with the run, and say why where they cannot start."""

import os
import subprocess
import sys
import textwrap

import pytest

from servers import soon, start

# stands in for a server: says READY, then notes in a file that its standard input closed
STAND_IN = """
import pathlib, sys
print("loading", "READY http://127.0.0.1:1/fhir", sep="\\n", flush=True)
print("x" * 1_000_000, flush=True)
sys.stdin.read()
pathlib.Path(sys.argv[1]).write_text("ended")
"""


def test_a_server_that_is_ready_gives_its_base_and_ends_with_the_block(tmp_path):
    """Its output, more than a pipe holds, is read all the while."""
    ended = tmp_path / "ended"
    with start.running([sys.executable, "-c", STAND_IN, str(ended)]) as base:
        assert "http://127.0.0.1:1/fhir" == base
    assert ended.exists()


def test_a_server_outlives_no_killed_run(tmp_path):
    """SIGKILL gives the run no chance to clean up; the pipe closes all the same."""
    ended, up = tmp_path / "ended", tmp_path / "up"
    program = textwrap.dedent(f"""
        import pathlib, sys, time
        sys.path.insert(0, {str(start.HERE.parent)!r})
        from servers import soon, start
        with start.running([sys.executable, "-c", {STAND_IN!r}, {str(ended)!r}]):
            pathlib.Path({str(up)!r}).write_text("up")
            time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", program]) as run:
        assert soon(up.exists, 60)
        run.kill()
    assert soon(ended.exists, 60)


def test_a_server_that_ends_is_reported_with_its_last_words():
    with (
        pytest.raises(start.CannotStart, match=r"ended at once.*port is taken"),
        start.running([sys.executable, "-c", "import sys; sys.exit('port is taken')"]),
    ):
        pass


def test_a_server_that_never_gets_ready_is_given_up():
    with (
        pytest.raises(start.CannotStart, match=r"no READY line within 0\.2 s"),
        start.running([sys.executable, "-c", "import sys; sys.stdin.read()"], limit=0.2),
    ):
        pass


def test_a_missing_program_is_named():
    with pytest.raises(start.CannotStart, match="no-such-program is not installed"):
        start.program("no-such-program")


def test_a_product_is_stale_when_it_is_missing_or_older_than_a_source(tmp_path):
    source, product = tmp_path / "source", tmp_path / "product"
    source.touch()
    assert start.stale(product, [source])
    product.touch()
    assert not start.stale(product, [source])
    product.touch()
    os.utime(product, (0, 0))
    assert start.stale(product, [source])
