"""Nothing in this house is larger, or more vaguely named, than one page holds."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE, FUNCTION = 400, 50  # lines
BUILT = {"node_modules", "target"}
VAGUE = {"util", "utils", "helper", "helpers", "manager", "misc", "common"}


def sources(*endings):
    places = [path for folder in ("src", "tests", "profiles", ".ci") for path in (ROOT / folder).rglob("*")]
    return [path for path in places if path.suffix in endings and not BUILT.intersection(path.parts)]


PYTHON = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sources(".py")]
DEFINED = [
    (path, node)
    for path, tree in PYTHON
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
]


def test_files_are_short():
    too_long = [
        (str(path.relative_to(ROOT)), lines)
        for path in sources(".py", ".java", ".mjs", ".sql")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE
    ]
    assert [] == too_long


def test_functions_are_short():
    too_long = [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node.name)
        for path, node in DEFINED
        if not isinstance(node, ast.ClassDef) and node.end_lineno - node.lineno >= FUNCTION and not is_table(node)
    ]
    assert [] == too_long


def is_table(function):
    """A table of cases is as long as it has cases."""
    return len(function.body) <= 2 and isinstance(getattr(function.body[-1], "value", None), ast.Dict)


def test_names_say_what_a_thing_does():
    names = [(path, path.stem) for path, _ in PYTHON] + [(path, node.name) for path, node in DEFINED]
    assert [] == [(str(path.relative_to(ROOT)), name) for path, name in names if VAGUE & words(name)]


@pytest.mark.parametrize("name", ["HeaderManager", "utils", "csv_helpers", "_misc", "SQLUtil"])
def test_vague_names_are_seen(name):
    assert VAGUE & words(name)


def words(name):
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_the_tree_is_looked_at():
    """A moved folder would make all of this pass on nothing."""
    assert {"errors.py", "test_sizes.py"} <= {path.name for path, _ in PYTHON}
