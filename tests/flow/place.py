"""One county, the shipped `alder-county`, and the two roads for its files: into a folder, into a workspace."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench import county
from nowrongdoor import sources
from nowrongdoor.flow import prepare, workspace
from nowrongdoor.flow.folder import translate
from nowrongdoor.settings import FILE, Settings, load

MOMENT = datetime(2026, 1, 7, 12, tzinfo=UTC)
SAID = {"refusals", "warnings"}  # NDJSON that is no resource


class Written:
    """What `translate` wrote. `accounting`: of the run; `lines`: bytes of each NDJSON, by its name."""

    def __init__(self, folder: Path, accounting):
        self.folder, self.accounting = folder, accounting

    @property
    def lines(self):
        return {path.stem: path.read_bytes() for path in self.folder.glob("*.ndjson")}

    def read(self, name):
        return [json.loads(line) for line in self.lines[name].splitlines()]

    @property
    def resources(self):
        return [r for name in sorted(self.lines.keys() - SAID) for r in self.read(name)]


class Place:
    """A folder of exports, and what is made of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.runs = 0

    def save(self, table, rows, name=""):
        folder = self.folder / "in"
        folder.mkdir(exist_ok=True)
        return county.save(folder / f"{name or table}.csv", table, rows)

    def translate(self, files, as_of="2026-01-07", check=lambda own: own):
        """`check`: what to ask instead of the run's own checks."""
        self.runs += 1
        out = self.folder / f"out{self.runs}"
        run = prepare(sources.load(county.SOURCE), Settings(), MOMENT, as_of)
        run = replace(run, check=check(run.check))
        return Written(out, translate(files, run, out))

    def workspace(self):
        home = self.folder / "workspace"
        home.mkdir()
        (home / FILE).write_text("[deployment]\n", encoding="utf-8")
        return Home(home, self)


class Home:
    """A workspace. The moment of each intake is an hour after the one before."""

    def __init__(self, folder: Path, place: Place):
        self.folder, self.place, self.settings, self.taken = folder, place, load(folder, {}), 0

    def store(self):
        return workspace.open_store(self.settings)

    def intake(self, files, as_of="2026-01-07"):
        moment = MOMENT.replace(hour=MOMENT.hour + self.taken)
        self.taken += 1
        run = prepare(sources.load(county.SOURCE), self.settings, moment, as_of)
        with self.store() as store:
            return workspace.intake(files, run, store)

    def drafts(self, kind="%"):
        """Every column of every draft, standing or not."""
        with self.store() as store:
            return store._all("SELECT * FROM draft WHERE kind LIKE ? ORDER BY source, kind, id", kind)

    def resources(self, type_=""):
        """What stands now, by type and id."""
        with self.store() as store:
            kept = store._all("SELECT resource FROM draft WHERE stands = 1 ORDER BY kind, fhir_id")
        made = [json.loads(row[0]) for row in kept]
        return [r for r in made if type_ in ("", r["resourceType"])]
