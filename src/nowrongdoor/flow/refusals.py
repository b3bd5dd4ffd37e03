"""Refused rows and warnings, gathered while a run goes on and written down in the order of the files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from nowrongdoor.errors import Stop
from nowrongdoor.files import Noise, write_delimited, write_workbook
from nowrongdoor.flow.culprits import Culprits
from nowrongdoor.flow.run import Input, Run
from nowrongdoor.model import Issue, Refusal, Row
from nowrongdoor.store import RefusalRow, Sorted

NUL = "\u2400"  # how a table shows the one character that no table may hold
COLUMNS = ("_file", "_sheet", "_row", "_digest", "_rule", "_cause", "_cure")  # beside the source's own, in refusals.csv


class Gathered:
    """Issues by file and row, on disk when many. The cells are read again at the end: no run keeps them by it."""

    def __init__(self, run: Run) -> None:
        self._sorted = Sorted(run.scratch)
        self._culprits = Culprits(run)
        self.count = 0

    def add(self, refusal: Refusal) -> None:
        at, issues = refusal.origin, [_issue(i) for i in refusal.issues]
        about = ["/".join(refusal.about)] if refusal.about else []
        told = {"issues": issues, "holds": [k.id for k in refusal.holds], "about": about}
        self._sorted.put("refusal", f"{at.file:08d}{at.row:012d}", orjson.dumps(told))
        self.count += 1

    def lines(self, inputs: Sequence[Input]) -> Iterator[tuple[Input, Row | Refusal, dict[str, Any]]]:
        """(file, row, the line of refusals.ndjson, with the keys it is about): one line a row, with all its reasons."""
        if not self.count:
            return
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "refusals"
            self._sorted.write("refusal", path, keyed=True)
            told = _merged(path)
            place, issues = next(told, ((-1, -1), {}))
            for item in sorted(inputs, key=lambda i: i.number):  # as the issues are, whatever was named first
                rows = item.found.rows() if place[0] == item.number else iter(())
                for row in rows:
                    if place != (item.number, row.origin.row):
                        continue
                    assert not isinstance(row, Noise)
                    if isinstance(row, Row):
                        issues["issues"] = [self._culprits.named(item, row, i) for i in issues["issues"]]
                    yield item, row, _line(item, row, issues)
                    place, issues = next(told, ((-1, -1), {}))
            if issues:
                raise Stop("a refused row is not found again", "somebody changed a file while it was read: try again")

    def close(self) -> None:
        self._sorted.close()


def _issue(i: Issue) -> dict[str, str]:
    return {"rule": i.rule, "severity": i.severity, "column": i.column, "cause": i.cause, "cure": i.cure}


def _merged(path: Path) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    at = ""
    told: dict[str, Any] = {"issues": [], "holds": [], "about": []}
    with path.open("rb") as lines:
        for line in lines:
            key, _, more = line.partition(b"\t")
            if at and key.decode() != at:
                yield (int(at[:8]), int(at[8:])), told
                told = {"issues": [], "holds": [], "about": []}
            at = key.decode()
            for name, said in orjson.loads(more).items():
                told[name] += [x for x in said if x not in told[name]]
    if at:
        yield (int(at[:8]), int(at[8:])), told


def _line(item: Input, row: Row | Refusal, told: Mapping[str, Any]) -> dict[str, Any]:
    cells = row.cells if isinstance(row, Row) else row.raw
    own_reasons = [i for i in told["issues"] if i["rule"] != "no-target"] or told[
        "issues"
    ]  # what it lacks follows from them
    issues = [{**i, "column": own(item, i["column"]), "cause": _in_own_words(item, i["cause"])} for i in own_reasons]
    column = next((i["column"] for i in issues if i["column"]), "")
    line = {"source": place(item, row, column), "issues": issues, "holds": told["holds"], "raw": list(cells)}
    return {**line, "about": told["about"]}


def own(item: Input, columns: str) -> str:
    """A column of the layout, or several joined by +, as the file's own header calls them."""
    names = [item.spelled.get(c, c) for c in columns.split("+")]
    return " + ".join(names) if len(names) <= 3 else f"{names[0]} … {names[-1]}"


def _in_own_words(item: Input, cause: str) -> str:
    """A cause that begins with the layout's name of a column, with the file's own instead."""
    first, space, rest = cause.partition(" ")
    return f"{own(item, first)}{space}{rest}" if first and all(c in item.spelled for c in first.split("+")) else cause


def place(item: Input, row: Row | Refusal, column: str = "") -> dict[str, Any]:
    """Where a row stood, as refusals.ndjson and warnings.ndjson say it."""
    return {
        "file": item.name,
        "sha256": item.sha256,
        "sheet": item.found.sheet,
        "row": row.origin.row,
        "line": row.origin.line,
        "column": column,
        "path": (row.cells if isinstance(row, Row) else row.raw)[0] if item.called else "",
    }


def digest(cells: Sequence[str]) -> str:
    """Of a row's cells, so that a correction finds the row that it corrects."""
    return sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def table(
    headers: Mapping[tuple[str, str], Sequence[str]], lines: Iterable[Mapping[str, Any]]
) -> tuple[list[str], Iterator[list[str]]]:
    """refusals.csv of the lines: the sources' own columns, then ours. `headers`: of the files, by digest and sheet."""
    columns = list(dict.fromkeys(name for header in headers.values() for name in header))
    at = {name: n for n, name in enumerate(columns)}

    def rows() -> Iterator[list[str]]:
        for line in lines:
            cells, source = [""] * len(columns), line["source"]
            for name, cell in zip(headers[source["sha256"], source["sheet"]], line["raw"], strict=False):
                cells[at[name]] = cell.replace("\0", NUL)
            where = (source["file"], source["sheet"], str(source["row"]), digest(line["raw"]))
            yield [*cells, *where, *(_said(line["issues"], word) for word in ("rule", "cause", "cure"))]

    return [*columns, *COLUMNS], rows()


def _said(issues: Sequence[Mapping[str, str]], word: str) -> str:
    """One cell of all issues: `COLUMN: cause; COLUMN: cause`."""
    said = (f"{i['column']}: {i[word]}" if word == "cause" and i["column"] else i[word] for i in issues)
    return "; ".join(dict.fromkeys(said))


def export(rows: Sequence[RefusalRow], path: Path) -> None:
    """Open refusals as refusals.csv (or .xlsx, all cells text), to be mended and given back."""
    headers = {(r.line["source"]["sha256"], r.line["source"]["sheet"]): r.line["header"] for r in rows}
    write = write_workbook if path.suffix.casefold() == ".xlsx" else write_delimited
    write(path, *table(headers, (r.line for r in rows)))
