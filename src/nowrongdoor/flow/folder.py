"""`translate`: one run into a folder of NDJSON. A local work product: nothing here is a permission to send it."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor.errors import Usage
from nowrongdoor.files import write_delimited
from nowrongdoor.flow import take_in
from nowrongdoor.flow.record import Record
from nowrongdoor.flow.refusals import table
from nowrongdoor.flow.run import Input, Known, Mentioned, Run
from nowrongdoor.model import Draft, Fact, Tally
from nowrongdoor.store import Sorted

NOTICE = "Work product of nwd translate: no consent was asked. Owner-only; send nothing from here. Use nwd push."
ACCOUNTING = "accounting.json"
_OURS = re.compile(r"accounting\.json|NOTICE\.txt|refusals\.csv|(?:refusals|warnings|[A-Z][A-Za-z]+)\.ndjson")


def translate(paths: Sequence[Path], run: Run, folder: Path, *, force: bool = False) -> dict[str, Any]:
    """Write `folder` whole or not at all (made aside and renamed); returns the accounting.

    Usage if something is there; with `force` if that is not all of our own writing, or an input lies in it.
    """
    place = _place(folder, paths)
    _check_replaceable(place, force=force)
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))  # made 0700
    (aside / "new").mkdir(mode=0o700)
    out = Folder(aside / "new", run)
    try:
        inputs, tally = take_in(paths, run, out)
        accounting = out.finish(inputs, tally)
        _check_replaceable(place, force=force)  # again: somebody may have put something there meanwhile
        _swap(out.path, place, aside / "old")
    finally:
        out.close()
        shutil.rmtree(aside, ignore_errors=True)
    return accounting


def _place(folder: Path, paths: Sequence[Path]) -> Path:
    """The folder's own name, links on the way to it followed. Usage where none can be, or where one is in use."""
    if folder.is_symlink():
        raise Usage(f"{folder} is a link", "name the folder itself")
    place = folder.resolve()
    if not next(p for p in (place, *place.parents) if p.exists()).is_dir():
        raise Usage(f"{folder} is a file, or lies under one", "name a folder")
    if Path.cwd().resolve().is_relative_to(place):
        raise Usage(f"{folder} is the folder you are in, or holds it", "name a new folder")
    if any(path.resolve().is_relative_to(place) for path in paths):
        raise Usage(f"an input lies in {folder}", "name another folder, or move the input elsewhere")
    return place


def _check_replaceable(place: Path, *, force: bool) -> None:
    """Only a folder that is empty, or that a run like this one has written and nobody has added to."""
    there = sorted(place.iterdir()) if place.exists() else []
    if there and not force:
        raise Usage(f"{place} is not empty", "name another folder, or say --force to replace what an earlier run wrote")
    if there and not _is_accounting(place / ACCOUNTING):
        raise Usage(
            f"{place} holds no {ACCOUNTING} of nwd translate: --force deletes only its own", "name another folder"
        )
    strangers = [path for path in there if path.is_symlink() or not path.is_file() or not _OURS.fullmatch(path.name)]
    if strangers:
        raise Usage(
            f"{place} holds what nwd translate did not write ({len(strangers)} of {len(there)})",
            "--force would delete it: move it elsewhere, or name another folder",
        )


def _is_accounting(path: Path) -> bool:
    try:
        said = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and {"schema", "nwd", "secret", "files", "balanced"} <= said.keys()


def _swap(new: Path, place: Path, old: Path) -> None:
    """`new` takes the place; what stood there goes to `old`, and comes back if that fails."""
    stood = place.exists()
    if stood:
        place.rename(old)
    try:
        new.rename(place)
    except OSError:
        if stood:
            old.rename(place)
        raise


class Folder(Record):
    """An `Out` that knows nothing from before and keeps everything."""

    def __init__(self, path: Path, run: Run) -> None:
        super().__init__(run)
        self.path = path
        self._lines = Sorted(run.scratch)

    def mentioned(self, facts: Sequence[Mentioned]) -> list[Mentioned]:
        return list(facts)

    def known(self, person: str, facts: Sequence[Fact]) -> Known:  # noqa: ARG002 - an Out's verb
        return Known(facts)

    def keep(self, draft: Draft, person: str) -> bool:
        self._lines.put(draft.resource["resourceType"], draft.resource["id"], orjson.dumps(draft.resource))
        self.count(draft, person)
        return True

    def revision(self, person: str) -> int:  # noqa: ARG002 - an Out's verb
        return 0

    def finish(self, inputs: Sequence[Input], tally: Tally) -> dict[str, Any]:
        for kind in self._lines.types:
            self._lines.write(kind, self.path / f"{kind}.ndjson")
        self.write_warnings(self.path / "warnings.ndjson")
        self._write_refusals(inputs)
        accounting = self.account(tally)
        (self.path / ACCOUNTING).write_bytes(orjson.dumps(accounting, option=orjson.OPT_INDENT_2) + b"\n")
        (self.path / "NOTICE.txt").write_text(NOTICE + "\n", encoding="utf-8", newline="\n")
        for file in self.path.iterdir():
            file.chmod(0o600)
        return accounting

    def _write_refusals(self, inputs: Sequence[Input]) -> None:
        headers: dict[tuple[str, str], Sequence[str]] = {}
        path = self.path / "refusals.ndjson"
        with path.open("wb") as out:
            for item, _, line in self.refused.lines(inputs):
                out.write(orjson.dumps({k: v for k, v in line.items() if k != "about"}) + b"\n")
                headers[item.sha256, item.found.sheet] = item.found.header
        with path.open("rb") as lines:
            write_delimited(self.path / "refusals.csv", *table(headers, map(orjson.loads, lines)))

    def close(self) -> None:
        super().close()
        self._lines.close()
