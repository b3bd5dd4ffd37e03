"""mypy sees a column read by the wrong reader, before a row is read."""

import textwrap

import pytest
from mypy import api

GOOD = """
    from nowrongdoor.layouts import read
    from nowrongdoor.layouts.columns import Line, as_written, column, group, kept, table
    from nowrongdoor.layouts.spans import Span
    from nowrongdoor.model import Fact
    from collections.abc import Iterator


    class Row(Line):
        id: str = column("ID", read.key)
        phone: str | tuple[str] = kept("PHONE", read.phone, as_written)
        span: tuple[str, str] = group(("START", "END"), Span())


    def facts(r: Row) -> Iterator[Fact]:
        yield from ()


    TABLES = (table("rows", Row, facts),)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("mypy")


def complaints(tmp_path, cache, program):
    path = tmp_path / "layout.py"
    path.write_text(textwrap.dedent(program))
    out, err, code = api.run(["--strict", "--no-error-summary", "--cache-dir", str(cache), str(path)])
    assert "" == err
    return code, out


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("", "", ""),
        ("id: str = column", "id: bool = column", "Incompatible types in assignment"),
        ('column("ID", read.key)', 'column("ID", read.surname)', "Incompatible types in assignment"),
        ("read.phone, as_written", "read.phone, len", "Incompatible types in assignment"),
        ("span: tuple[str, str]", "span: str", "Incompatible types in assignment"),
        ("def facts(r: Row)", "def facts(r: int)", 'Argument 3 to "table"'),
    ],
)
def test_mypy_sees_a_wrong_reader(tmp_path, cache, right, wrong, said):
    """One planted mistake each; the layout without one is clean."""
    code, out = complaints(tmp_path, cache, GOOD.replace(right, wrong, 1) if right else GOOD)
    assert (bool(said), True) == (bool(code), said in out), out
