"""Find the resources in files and folders that somebody wants checked."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from nowrongdoor.errors import Usage
from nowrongdoor.model import Issue, Resource

LINE = 16 << 20  # bytes of one line of NDJSON
FILE = 256 << 20  # bytes of one JSON document, which is held whole
_LINES = (".ndjson", ".jsonl")
_BOM = b"\xef\xbb\xbf"


def read_resources(path: Path) -> Iterator[tuple[str, Resource | Issue]]:
    """(where, resource): a JSON document, each entry of a Bundle, each line of NDJSON; of a folder all these, sorted.

    What cannot be read is an `Issue` at its place; the rest goes on. Raises `Usage` where `path` does not exist.
    """
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() in {".json", *_LINES} and p.is_file())
        if not files:
            yield (
                path.as_posix(),
                Issue("not-checked", "no .json or .ndjson here", "name another folder", severity="warning"),
            )
        for file in files:
            yield from _file(file)
    elif path.is_file():
        yield from _file(path)
    else:
        raise Usage(f"{path.as_posix()} does not exist", "name a file or a folder")


def _file(path: Path) -> Iterator[tuple[str, Resource | Issue]]:
    where = path.as_posix()
    try:
        if path.suffix.lower() in _LINES:
            yield from _lines(path, where)
        elif path.stat().st_size > FILE:
            yield where, Issue("json", f"larger than {FILE >> 20} MiB", "split the Bundle, or write NDJSON")
        else:
            yield from _entries(where, _parse(path.read_bytes()))
    except OSError as error:
        yield where, Issue("json", f"cannot be opened ({type(error).__name__})", "check the file and its rights")


def _lines(path: Path, where: str) -> Iterator[tuple[str, Resource | Issue]]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LINE + 1):
            number += 1
            if len(line) > LINE:
                yield (
                    f"{where}:{number}",
                    Issue("json", f"a line of more than {LINE >> 20} MiB", "write one resource a line"),
                )
                while line and not line.endswith(b"\n"):
                    line = file.readline(LINE)
            elif line.strip():
                yield from _entries(f"{where}:{number}", _parse(line))


def _parse(text: bytes) -> Resource | Issue:
    try:
        found = orjson.loads(text.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:  # its text may quote the document: only the place is told
        return Issue("json", f"not JSON: line {error.lineno}, character {error.colno}", "correct it there")
    return found if isinstance(found, dict) else Issue("json", "not a JSON object", "write a resource, or a Bundle")


def _entries(where: str, found: Resource | Issue) -> Iterator[tuple[str, Resource | Issue]]:
    """A Bundle's own fields are not checked; a request or response without a resource has nothing to check."""
    if isinstance(found, Issue) or found.get("resourceType") != "Bundle":
        yield where, found
        return
    entries = found.get("entry", [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [None]):
        at = f"{where} entry[{number}]"
        if not isinstance(entry, dict):
            yield at, Issue("json", "not an entry of a Bundle", "correct the Bundle", "Bundle.entry")
        elif isinstance(resource := entry.get("resource"), dict):
            yield at, resource
        elif "resource" in entry or entry.keys().isdisjoint({"request", "response"}):
            yield at, Issue("json", "an entry without a resource", "correct the Bundle", "Bundle.entry")
