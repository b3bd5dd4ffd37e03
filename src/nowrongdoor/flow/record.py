"""What a run writes down of itself beside its resources: refusals, warnings, and the count of everything."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor import __version__
from nowrongdoor.flow.refusals import Gathered, own, place
from nowrongdoor.flow.run import Input, Known, Run
from nowrongdoor.model import Draft, Fate, Issue, Key, Refusal, Row, Tally, Told
from nowrongdoor.store import Sorted


class Record:
    """The part of an `Out` that is the same for a folder and for a workspace."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.refused = Gathered(run)
        self._warnings = Sorted(run.scratch)
        self._inputs: dict[int, Input] = {}
        self._counts: dict[int, Counter[str]] = {}
        self._templates: dict[Fate, Counter[str]] = {Fate.NARRATIVE: Counter(), Fate.OUT_OF_SCOPE: Counter()}
        self._file = 0
        self._files: dict[str, int] = {}  # by person: where what was kept last of them is stated

    def start(self, inputs: Sequence[Input]) -> None:
        self._inputs = {i.number: i for i in inputs}
        self._counts = {i.number: Counter() for i in inputs}

    def count(self, draft: Draft, person: str) -> None:
        """For the file whose row stated it first; what no row of this run states, for that of its person."""
        for f in draft.facts:
            if (counts := self._counts.get(f.origin.file)) is not None:
                self._file = self._files[person] = f.origin.file
                break
        else:
            counts = self._counts.get(self._files.get(person, self._file))
        if counts is not None:
            counts[draft.resource["resourceType"]] += 1

    def settle(self, person: str, known: Known, standing: set[Key], refused: set[Key]) -> None:  # noqa: ARG002 - an Out's verb
        """All that is kept of this person is counted."""
        self._files.pop(person, None)

    def refuse(self, refusal: Refusal) -> None:
        self.refused.add(refusal)

    def told(self, entry: Told) -> None:
        if entry.fate in self._templates:
            self._templates[entry.fate][entry.template] += 1

    def warn(self, row: Row, issues: Sequence[Issue]) -> None:
        item = self._inputs[row.origin.file]
        for n, issue in enumerate(issues):
            said = {"rule": issue.rule, "cause": issue.cause, "cure": issue.cure}
            line = {
                "source": place(item, row, own(item, issue.column)),
                **said,
                "text": row.cells[1] if item.called else _cells(item, row, issue.column),
            }
            self._warnings.put("", f"{row.origin.file:08d}{row.origin.row:012d}{n:04d}", orjson.dumps(line))

    def write_warnings(self, path: Path) -> None:
        """warnings.ndjson: what was not understood and did not refuse, with its text; new columns, strange files."""
        for n, told in enumerate((*self._new_columns(), *self._strange_files())):
            self._warnings.put("", f"{0:08d}{0:012d}{n:04d}", orjson.dumps(told))
        self._warnings.write("", path)

    def _new_columns(self) -> Iterator[dict[str, Any]]:
        """Columns that nobody asked for and nobody said to ignore: said once a file."""
        name = self.run.source.name
        said = {
            "rule": "new-column",
            "cause": "a column that the source does not know; nothing reads it",
            "cure": f"map it under [headers] of sources/{name}.toml, or add it to ignored",
        }
        for item in self._inputs.values():
            at = {"file": item.name, "sha256": item.sha256, "sheet": item.found.sheet, "row": 0}
            for column in item.found.new:
                if column.strip() not in self.run.source.ignored:
                    where = {**at, "line": item.found.header_line, "column": column, "path": ""}
                    yield {"source": where, **said, "text": column}

    def _strange_files(self) -> Iterator[dict[str, Any]]:
        """Files that lay among documents and are none."""
        said = {"rule": "no-document", "cause": "no clinical document: nothing of it was read",
                "cure": "if it is one, name it by itself", "text": ""}  # fmt: skip
        for name in self.run.passed:
            at = {"file": name, "sha256": "", "sheet": "", "row": 0, "line": 0, "column": "", "path": ""}
            yield {"source": at, **said}

    def account(self, tally: Tally) -> dict[str, Any]:
        """accounting.json: what became of every row; read = written + merged + refused + noise, or not balanced.

        Of a document, + narrative + out_of_scope: those two are counted by template as well, over all documents.
        `no_documents`: files that lay among documents and are none; `repeated`: documents that are another of these.
        """
        templates = {fate.name.lower(): dict(sorted(told.items())) for fate, told in self._templates.items()}
        return {
            "schema": 1,
            "nwd": __version__,
            "secret": "demo" if self.run.demo else "own",
            "files": [self._file_account(i, tally) for i in self._inputs.values()],
            **({"templates": templates} if any(templates.values()) else {}),
            **({"no_documents": self.run.passed} if self.run.passed else {}),
            **({"repeated": self.run.repeated} if self.run.repeated else {}),
            "balanced": tally.balanced,
        }

    def _file_account(self, item: Input, tally: Tally) -> dict[str, Any]:
        fates = (Fate.WRITTEN, Fate.MERGED, Fate.REFUSED, Fate.NOISE, Fate.NARRATIVE, Fate.OUT_OF_SCOPE)
        return {
            "file": item.name,
            "sha256": item.sha256,
            "source": self.run.source.name,
            "table": item.table.name,
            "sheet": item.found.sheet,
            "tables": self.run.source.digests(),
            "as_of": item.as_of,
            "as_of_from": item.as_of_from,
            "read": tally.read(item.number),
            **{fate.name.lower(): tally.count(item.number, fate) for fate in fates},
            "resources": dict(sorted(self._counts[item.number].items())),
        }

    def close(self) -> None:
        self._warnings.close()
        self.refused.close()


def _cells(item: Input, row: Row, columns: str) -> str:
    """The text that a warning speaks of; `columns` as the layout calls them, joined by + for a group."""
    at = [item.found.places.get(item.spelled.get(c, c)) for c in columns.split("+")]
    return " ".join(row.cells[i] for i in at if i is not None)
