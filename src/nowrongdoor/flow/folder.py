"""`translate`: one run into a folder of NDJSON. A local work product: nothing here is a permission to send it."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor import __version__
from nowrongdoor.errors import Usage
from nowrongdoor.files import write_delimited
from nowrongdoor.flow import take_in
from nowrongdoor.flow.refusals import Gathered, place, table
from nowrongdoor.flow.run import Input, Known, Run
from nowrongdoor.model import TYPE_OF, Draft, Fact, Fate, Issue, Key, Practitioner, Refusal, Row, Tally
from nowrongdoor.store import Sorted

NOTICE = "Work product of nwd translate: no consent was asked. Owner-only; send nothing from here. Use nwd push."


def translate(paths: Sequence[Path], run: Run, folder: Path, *, force: bool = False) -> dict[str, Any]:
    """Write `folder` whole or not at all (made aside and renamed); returns the accounting. Usage if it is not empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not force:
        raise Usage(f"{folder} is not empty", "name another folder, or say --force to replace what is in it")
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700, parents=True)
    out = Folder(aside)
    try:
        inputs, tally = take_in(paths, run, out)
        accounting = out.finish(inputs, tally, run)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
    finally:
        out.close()
        shutil.rmtree(aside, ignore_errors=True)
    return accounting


class Folder:
    """An `Out` that knows nothing from before and keeps everything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refused = Gathered()
        self.counts: dict[int, Counter[str]] = {}
        self._lines, self._warnings = Sorted(), Sorted()
        self._inputs: dict[int, Input] = {}
        self._file = 0

    def start(self, inputs: Sequence[Input]) -> None:
        self._inputs = {i.number: i for i in inputs}
        self.counts = {i.number: Counter() for i in inputs}

    def mentioned(self, facts: Sequence[Practitioner]) -> list[Practitioner]:
        return list(facts)

    def known(self, person: str, facts: Sequence[Fact]) -> Known:  # noqa: ARG002 - an Out's verb
        return Known(facts)

    def keep(self, draft: Draft, person: str) -> bool:  # noqa: ARG002 - an Out's verb
        kind = TYPE_OF[draft.key.kind]
        self._lines.put(kind, draft.resource["id"], orjson.dumps(draft.resource))
        if draft.facts:
            self._file = draft.facts[0].origin.file
        self.counts[self._file][kind] += 1
        return True

    def revision(self, person: str) -> int:  # noqa: ARG002 - an Out's verb
        return 0

    def settle(self, person: str, known: Known, standing: set[Key], refused: set[Key]) -> None: ...

    def refuse(self, refusal: Refusal) -> None:
        self.refused.add(refusal)

    def warn(self, row: Row, issues: Sequence[Issue]) -> None:
        item = self._inputs[row.origin.file]
        for n, i in enumerate(issues):
            key = f"{row.origin.file:08d}{row.origin.row:012d}{n:04d}"
            self._warnings.put("warnings", key, orjson.dumps(warning(item, row, i)))

    def finish(self, inputs: Sequence[Input], tally: Tally, run: Run) -> dict[str, Any]:
        for kind in self._lines.types:
            self._lines.write(kind, self.path / f"{kind}.ndjson")
        for n, column in enumerate(_new_columns(inputs, run)):
            self._warnings.put("warnings", f"{0:08d}{0:012d}{n:04d}", orjson.dumps(column))
        self._warnings.write("warnings", self.path / "warnings.ndjson")
        self._write_refusals(inputs)
        accounting = account(inputs, tally, run, self.counts)
        (self.path / "accounting.json").write_bytes(orjson.dumps(accounting, option=orjson.OPT_INDENT_2) + b"\n")
        (self.path / "NOTICE.txt").write_text(NOTICE + "\n", encoding="utf-8", newline="\n")
        for file in self.path.iterdir():
            file.chmod(0o600)
        return accounting

    def _write_refusals(self, inputs: Sequence[Input]) -> None:
        headers: dict[tuple[str, str], Sequence[str]] = {}
        path = self.path / "refusals.ndjson"
        with path.open("wb") as out:
            for item, _, line in self.refused.lines(inputs):
                out.write(orjson.dumps(line) + b"\n")
                headers[item.sha256, item.found.sheet] = item.found.header
        with path.open("rb") as lines:
            write_delimited(self.path / "refusals.csv", *table(headers, map(orjson.loads, lines)))

    def close(self) -> None:
        for kept in (self._lines, self._warnings, self.refused):
            kept.close()


def warning(item: Input, row: Row, issue: Issue) -> dict[str, Any]:
    """A line of warnings.ndjson: what was not understood and did not refuse, with the cell's text."""
    said = {"rule": issue.rule, "cause": issue.cause, "cure": issue.cure}
    return {"source": place(item, row, issue.column), **said, "text": _cells(item, row, issue.column)}


def _cells(item: Input, row: Row, columns: str) -> str:
    """The text that a warning speaks of; `columns` as the layout calls them, joined by + for a group."""
    places = {name: item.found.places.get(name) for name in item.found.places}
    at = [places.get(item.spelled.get(c, c)) for c in columns.split("+")]
    return " ".join(row.cells[i] for i in at if i is not None)


def _new_columns(inputs: Sequence[Input], run: Run) -> list[dict[str, Any]]:
    """Columns that nobody asked for and nobody said to ignore: said once a file."""
    ignored = set(run.source.ignored)
    cure = f"map it under [headers] of sources/{run.source.name}.toml, or add it to ignored"
    return [
        {
            "source": {
                "file": i.name,
                "sha256": i.sha256,
                "sheet": i.found.sheet,
                "row": 0,
                "line": i.found.header_line,
                "column": name,
                "path": "",
            },
            "rule": "new-column",
            "cause": "a column that the source does not know; nothing reads it",
            "cure": cure,
            "text": name,
        }
        for i in inputs
        for name in i.found.new
        if name.strip() not in ignored
    ]


def account(inputs: Sequence[Input], tally: Tally, run: Run, counts: dict[int, Counter[str]]) -> dict[str, Any]:
    """accounting.json: of every row of every file what became of it. `read` = written + merged + refused + noise, or not balanced."""
    return {
        "schema": 1,
        "nwd": __version__,
        "secret": "demo" if run.demo else "own",
        "files": [
            {
                "file": i.name,
                "sha256": i.sha256,
                "source": run.source.name,
                "table": i.table.name,
                "sheet": i.found.sheet,
                "tables": run.source.digests(),
                "as_of": i.as_of,
                "as_of_from": i.as_of_from,
                "read": tally.read(i.number),
                **{
                    f.name.lower(): tally.count(i.number, f)
                    for f in (Fate.WRITTEN, Fate.MERGED, Fate.REFUSED, Fate.NOISE)
                },
                "narrative": 0,
                "out_of_scope": 0,
                "resources": dict(sorted(counts[i.number].items())),
            }
            for i in inputs
        ],
        "balanced": tally.balanced,
    }
