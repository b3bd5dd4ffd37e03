"""Look a local code up: crosswalks as CSV files (`source,target,display[,system]`) that an analyst edits."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from nowrongdoor import shelf
from nowrongdoor.errors import Usage
from nowrongdoor.model import value

COLUMNS = ("source", "target", "display", "system")
TODO = "TODO"  # a target that a person still has to fill in


@value
class CodeTable:
    """One crosswalk. `rows`: source code → (target, display, system); a target still TODO counts as not mapped.

    `file`: where a missing line belongs; `more`: digests of shared files behind it.
    """

    file: str
    digest: str
    rows: Mapping[str, tuple[str, str, str]]
    more: Mapping[str, str] = field(default_factory=dict)


def load_all(files: Sequence[str], workspace: Path | None = None) -> CodeTable:
    """A source's own table first, shared ones behind it: where two know a code, the first decides."""
    own, *shared = (load(f, workspace) for f in files)
    rows = dict(own.rows)
    for t in shared:
        rows = {**t.rows, **rows}
    return CodeTable(own.file, own.digest, rows, {t.file: t.digest for t in shared})


def load(file: str, workspace: Path | None = None) -> CodeTable:
    """Read `profiles/codes/<file>`. Raises Usage with file, line and cure for anything that is not such a table."""
    path = shelf.find(f"profiles/codes/{file}", workspace)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Usage(f"codes/{file} is not UTF-8", "save it as CSV UTF-8") from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[str, tuple[str, str, str]] = {}
    try:
        header = tuple(next(lines, ()))
        if header not in {COLUMNS, COLUMNS[:3]}:
            raise Usage(f"codes/{file} line 1: header is not {','.join(COLUMNS)}", "the last column may be left out")
        for cells in lines:
            if any(cells):
                _add(rows, cells, f"codes/{file} line {lines.line_num}", len(header))
    except csv.Error:
        raise Usage(f"codes/{file} line {lines.line_num}: not readable as CSV", "look for a stray quote") from None
    return CodeTable(file, sha256(raw).hexdigest(), rows)


def _add(rows: dict[str, tuple[str, str, str]], cells: list[str], where: str, width: int) -> None:
    if len(cells) != width:
        raise Usage(f"{where}: {len(cells)} cells, not {width}", "quote a display that holds a comma")
    source, target, display, system = (normalize("NFC", c).strip() for c in (*cells, "")[:4])
    if not source:
        raise Usage(f"{where}: no source code", "a blank cell is never looked up; delete the line")
    if source in rows:
        raise Usage(f"{where}: this source code stands twice", "keep one of the two lines")
    if target and target != TODO:
        rows[source] = (target, display, system)
