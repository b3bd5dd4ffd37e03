"""`translate`: one run into a folder of NDJSON. A local work product: nothing here is a permission to send it."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor.errors import Usage
from nowrongdoor.files import write_delimited
from nowrongdoor.flow import take_in
from nowrongdoor.flow.record import Record
from nowrongdoor.flow.refusals import table
from nowrongdoor.flow.run import Input, Known, Run
from nowrongdoor.model import Draft, Fact, Key, Practitioner, Tally
from nowrongdoor.store import Sorted

NOTICE = "Work product of nwd translate: no consent was asked. Owner-only; send nothing from here. Use nwd push."


def translate(paths: Sequence[Path], run: Run, folder: Path, *, force: bool = False) -> dict[str, Any]:
    """Write `folder` whole or not at all (made aside and renamed); returns the accounting. Usage if it is not empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not force:
        raise Usage(f"{folder} is not empty", "name another folder, or say --force to replace what is in it")
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700, parents=True)
    out = Folder(aside, run)
    try:
        inputs, tally = take_in(paths, run, out)
        accounting = out.finish(inputs, tally)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
    finally:
        out.close()
        shutil.rmtree(aside, ignore_errors=True)
    return accounting


class Folder(Record):
    """An `Out` that knows nothing from before and keeps everything."""

    def __init__(self, path: Path, run: Run) -> None:
        super().__init__(run)
        self.path = path
        self._lines = Sorted(run.scratch)

    def mentioned(self, facts: Sequence[Practitioner]) -> list[Practitioner]:
        return list(facts)

    def known(self, person: str, facts: Sequence[Fact]) -> Known:  # noqa: ARG002 - an Out's verb
        return Known(facts)

    def keep(self, draft: Draft, person: str) -> bool:  # noqa: ARG002 - an Out's verb
        self._lines.put(draft.resource["resourceType"], draft.resource["id"], orjson.dumps(draft.resource))
        self.count(draft)
        return True

    def revision(self, person: str) -> int:  # noqa: ARG002 - an Out's verb
        return 0

    def settle(self, person: str, known: Known, standing: set[Key], refused: set[Key]) -> None: ...

    def finish(self, inputs: Sequence[Input], tally: Tally) -> dict[str, Any]:
        for kind in self._lines.types:
            self._lines.write(kind, self.path / f"{kind}.ndjson")
        self.write_warnings(self.path / "warnings.ndjson")
        self._write_refusals(inputs)
        accounting = self.account(tally)
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
                out.write(orjson.dumps({k: v for k, v in line.items() if k != "about"}) + b"\n")
                headers[item.sha256, item.found.sheet] = item.found.header
        with path.open("rb") as lines:
            write_delimited(self.path / "refusals.csv", *table(headers, map(orjson.loads, lines)))

    def close(self) -> None:
        super().close()
        self._lines.close()
