"""Find the resources in files and folders that somebody wants checked."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor.checks.bundles import Found, opened
from nowrongdoor.checks.local import objects, plain
from nowrongdoor.errors import Usage
from nowrongdoor.model import Issue

LINE = 16 << 20  # bytes of one line of NDJSON
FILE = 256 << 20  # bytes of one JSON document, which is held whole
STRANGER = Issue("not-checked", "a file that is no .json, .ndjson or .jsonl", "name it so", severity="warning")
_LINES = (".ndjson", ".jsonl")
_BOM = b"\xef\xbb\xbf"
_TWICE = "\0"  # no element's name


def read_resources(path: Path) -> Iterator[Found]:
    """A JSON document, each line of NDJSON; of a folder all these, sorted. A Bundle comes before what it holds.

    What cannot be read comes with the `Issue` that says why; the rest goes on. Usage where `path` does not exist.
    """
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            known = file.suffix.lower() in {".json", *_LINES}
            yield from _file(file) if known else [(file.as_posix(), None, (STRANGER,))]
    elif path.is_file():
        yield from _file(path)
    else:
        raise Usage(f"{path.as_posix()} does not exist", "name a file or a folder")


def _file(path: Path) -> Iterator[Found]:
    where = path.as_posix()
    try:
        if path.suffix.lower() in _LINES:
            yield from _lines(path, where)
        elif path.stat().st_size > FILE:
            yield where, None, (Issue("json", f"larger than {FILE >> 20} MiB", "split the Bundle, or write NDJSON"),)
        else:
            yield from _parsed(where, path.read_bytes())
    except OSError as error:
        cause = f"cannot be opened ({type(error).__name__})"
        yield where, None, (Issue("json", cause, "check the file and its rights"),)


def _lines(path: Path, where: str) -> Iterator[Found]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LINE + 1):
            number += 1
            if len(line) > LINE:
                cause = f"a line of more than {LINE >> 20} MiB"
                yield f"{where}:{number}", None, (Issue("json", cause, "write one resource a line"),)
                while line and not line.endswith(b"\n"):
                    line = file.readline(LINE)
            elif line.strip():
                yield from _parsed(f"{where}:{number}", line)


def _parsed(where: str, text: bytes) -> Iterator[Found]:
    try:
        found = orjson.loads(text.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:  # its text may quote the document: only the place is told
        cause = f"not JSON: line {error.lineno}, character {error.colno}"
        yield where, None, (Issue("json", cause, "correct it there"),)
        return
    if not isinstance(found, dict):
        yield where, None, (Issue("json", "not a JSON object", "write a resource, or a Bundle"),)
        return
    (at, first, issues), *held = opened(where, found)
    yield at, first, (*issues, *_doubled(text.removeprefix(_BOM)))
    yield from held


def _doubled(text: bytes) -> Iterator[Issue]:
    """Elements that stand twice in an object: one reader takes the first, another the last (RFC 8259, section 4)."""
    met: list[bool] = []
    _each_object(text, lambda pairs: met.append(True) if len(pairs) != len(dict(pairs)) else None)
    if not met:
        return
    told = _each_object(text, _marked)
    for at, node in objects(told, plain(str(told.get("resourceType", "?")))):
        for name in node.get(_TWICE, ()):
            yield Issue("json", "stands twice in one object", "keep one", f"{at}.{plain(name)}")


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counted = Counter(name for name, _ in pairs)
    return {**dict(pairs), _TWICE: [name for name, n in counted.items() if n > 1]}


def _each_object(text: bytes, hook: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    """The standard library's reader shows each object before its names are made one; numbers are of no interest."""
    try:
        return json.loads(text, object_pairs_hook=hook, parse_int=str, parse_float=str)
    except RecursionError:  # the checker says that it nests too deep
        return None
