"""`intake --corrections`: refused rows that a person mended in a spreadsheet go in again, in their old place."""

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from nowrongdoor import files, layouts
from nowrongdoor.errors import Stop
from nowrongdoor.files import Noise
from nowrongdoor.files.documents import Place
from nowrongdoor.flow.refusals import COLUMNS, NUL
from nowrongdoor.flow.run import Input, Run, document, expected
from nowrongdoor.flow.workspace import take
from nowrongdoor.model import Fate, Origin, Refusal, Row, Tally, value
from nowrongdoor.store import RefusalRow, Store


@value
class Correction:
    """One mended row. `changed`: (column, before, after) of each cell that a person changed."""

    refusal: RefusalRow
    header: tuple[str, ...]
    cells: tuple[str, ...]
    changed: tuple[tuple[str, str, str], ...]

    @property
    def where(self) -> str:
        source = self.refusal.line["source"]
        return f"{self.refusal.source} {source['file']} row {source['row']}"


def offered(path: Path, store: Store) -> list[Correction]:
    """Rows of a file made by `nwd refusals --csv`, each with the open refusal it mends. Stop where one mends none."""
    found = files.find(path, 0, [files.Wanted("corrections", COLUMNS)], files.Dialect())[0]
    at = {files.unescape(name): n for n, name in enumerate(found.header)}
    open_ = {_place(r): r for r in store.refusals()}
    made = []
    for row in found.rows():
        if isinstance(row, Noise):
            continue
        if isinstance(row, Refusal):
            raise Stop(
                f"{path.name} line {row.origin.line}: {row.issues[0].cause}", "export it again with nwd refusals --csv"
            )
        cells = [files.unescape(c).replace(NUL, "\0") for c in row.cells]
        place = tuple(cells[at[name]] for name in ("_file", "_sheet", "_row", "_digest"))
        refusal = open_.get(place)
        if refusal is None and store.was_refused(place[2], place[3]):
            continue  # mended since, or sent again: nothing is left to do
        if refusal is None:
            raise Stop(
                f"{path.name} line {row.origin.line} mends no open refusal",
                "its row was mended or sent again since; export anew",
            )
        made.append(_correction(refusal, {n: cells[i] for n, i in at.items()}))
    return made


def _place(refusal: RefusalRow) -> tuple[str, ...]:
    source = refusal.line["source"]
    return source["file"], source["sheet"], str(source["row"]), refusal.digest


def _correction(refusal: RefusalRow, told: dict[str, str]) -> Correction:
    header = tuple(refusal.line["header"])
    before = dict(zip(header, refusal.line["raw"], strict=False))
    cells = tuple(told.get(name, "") for name in header)
    changed = tuple((n, before.get(n, ""), c) for n, c in zip(header, cells, strict=True) if before.get(n, "") != c)
    return Correction(refusal, header, cells, changed)


def replay(corrections: Sequence[Correction], run: Run, store: Store) -> dict[str, Any]:
    """Mended rows of one source through the route; those still refused stay open. Returns their accounting."""
    by_file: dict[int, list[Correction]] = {}
    for c in corrections:
        by_file.setdefault(c.refusal.file, []).append(c)
    inputs = [_input(number, mended, run, store) for number, mended in sorted(by_file.items())]
    mended = {(c.refusal.file, c.refusal.row): (c.refusal.number, c.cells) for c in corrections}
    return take(inputs, run, store, _Few(set(mended)), mended)


def go_on(run: Run, store: Store, but: Container[int] = ()) -> int:
    """Rows, or entries of documents, that were refused only because of others (of files not in `but`) go in again.

    How many of them went in. A document goes in whole, as it lies in the vault, and keeps its old place.
    """
    rows = {(r.file, r.row): r for r in _lacking(run.source.name, store) if r.file not in but}
    if rows and layouts.is_document(run.source.layout):
        kept = [store.file_of(number) for number in sorted({r.file for r in rows.values()})]
        places = ((Place(f.name, store.vault.path(f.sha256)), f) for f in kept)
        take(
            [document(run, at, f.sha256, f.number, (f.as_of, "first intake")) for at, f in places], run, store, Tally()
        )
    elif rows:
        as_they_are = ((r, tuple(r.line["header"]), tuple(r.line["raw"])) for r in rows.values())
        replay([Correction(*told, ()) for told in as_they_are], run, store)
    return len(rows.keys() - {(r.file, r.row) for r in store.refusals(run.source.name)})


def _lacking(source: str, store: Store) -> Iterator[RefusalRow]:
    return (r for r in store.refusals(source) if all(i["rule"] == "no-target" for i in r.line["issues"]))


def set_aside(corrections: Sequence[Correction], run: Run, store: Store) -> int | None:
    """Refused entries of documents that a person has emptied: how many; None where they are rows.

    Stop where one was filled in otherwise.
    """
    if not layouts.is_document(run.source.layout):
        return None
    if any(map(str.strip, (cell for c in corrections for cell in c.cells))):
        cause = "an entry of a document is not mended here"
        raise Stop(
            cause, "ask its sender for a newer version of the document; or empty the cell to set the entry aside"
        )
    with store.transaction():
        for c in corrections:
            store.mend(c.refusal.number, "set aside")
    return len(corrections)


def _input(number: int, mended: Sequence[Correction], run: Run, store: Store) -> Input:
    file = store.file_of(number)
    table = next(t for t in layouts.layout(run.source.layout).TABLES if t.name == file.table)
    spelled = {f.name: run.source.header(table.name, f.name) for f in table.fields}
    found = _Mended(number, file.table, file.sheet, mended)
    wanted = next(w for w in expected(run.source) if w.table == table.name)
    at = {text: n for spelled in (map(files.plain, found.header), found.header) for n, text in enumerate(spelled)}
    names = {name: name if name in at else files.plain(name) for name in (*wanted.headers, *wanted.optional)}
    found.places = {name: at[text] for name, text in names.items() if text in at}
    if missing := [n for n in wanted.headers if n not in found.places]:
        raise Stop(
            f"the rows of {file.name} have no column {missing[0]}",
            "the source was changed since: take the whole file in again",
        )
    return Input(number, Path(file.name), file.sha256, found, table, file.as_of, "intake", spelled)


class _Mended:
    """What `files.Found` is for a file, for the mended rows of one."""

    def __init__(self, number: int, table: str, sheet: str, mended: Sequence[Correction]) -> None:
        self.number, self.table, self.sheet = number, table, sheet
        self.header, self.header_line = mended[0].header, 0
        self.new: tuple[str, ...] = ()
        self.places: dict[str, int] = {}
        self._mended = sorted(mended, key=lambda c: c.refusal.row)

    @property
    def read(self) -> int:
        return 0  # the other rows of the file are not read again

    def rows(self) -> Iterator[Row | Refusal | Noise]:
        for c in self._mended:
            line = c.refusal.line["source"]["line"]
            origin = Origin(self.number, c.refusal.row, line, line, crc32("\x1f".join(c.cells).encode()))
            yield Row(origin, c.cells) if any(map(str.strip, c.cells)) else Noise(origin, "blank")  # emptied: dropped


class _Few(Tally):
    """A tally of a few rows of a file, by their numbers."""

    def __init__(self, rows: Container[tuple[int, int]]) -> None:
        super().__init__()
        self._rows = rows
        self._few: dict[tuple[int, int], Fate] = {}

    def met(self, at: Origin, fate: Fate) -> None:
        if (at.file, at.row) in self._rows:
            self._few[at.file, at.row] = max(self._few.get((at.file, at.row), fate), fate)

    def read(self, file: int) -> int:
        return sum(f == file for f, _ in self._few)

    def count(self, file: int, fate: Fate) -> int:
        return sum(f == file and told == fate for (f, _), told in self._few.items())
