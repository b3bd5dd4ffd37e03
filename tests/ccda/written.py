"""Documents through the route, into a folder or a workspace, and what came of them."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from ccda import corpus
from nowrongdoor import sources
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.flow.workspace import intake, open_store
from nowrongdoor.settings import FILE, Settings, load

V3 = {"v": corpus.V3}
MOMENT = datetime(2026, 1, 7, 12, tzinfo=UTC)
SAID = {"refusals", "warnings", "Provenance"}


def source(**options):
    """The shipped source, but for these options."""
    shipped = sources.load("ccda")
    return replace(shipped, options={**shipped.options, **options})


def translated(paths, source, out):
    """(accounting, what each file of NDJSON says)."""
    accounting = translate(paths, prepare(source, Settings(), MOMENT), out)
    return accounting, {p.stem: [json.loads(x) for x in p.read_bytes().splitlines()] for p in out.glob("*.ndjson")}


class Written:
    """Resources by id of documents translated together, but for what tells of the run."""

    def __init__(self, folder, roots, source, **others):
        files = {f"{n}.xml": etree.tostring(root) for n, root in enumerate(roots)} | others
        for name, content in files.items():
            path = folder / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.accounting, told = translated([folder / "in"], source, folder / "out")
        self.warnings = told["warnings"]
        self.refusals = told["refusals"]
        self.provenance = told.get("Provenance", [])
        self.by_id = {r["id"]: r for kind, made in told.items() if kind not in SAID for r in made}
        assert self.accounting["balanced"]

    def new(self, before):
        """Types of what was not there before."""
        return Counter(self.by_id[id_]["resourceType"] for id_ in self.by_id.keys() - before.by_id.keys())


class Home:
    """A workspace; each intake is a day after the one before."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / FILE).write_text("[deployment]\n", encoding="utf-8")
        self.settings, self.days = load(folder, {}), 0

    def intake(self, source, **roots):
        """Warnings of it; `standing` is then what is kept, by id."""
        self.days += 1
        run = prepare(source, self.settings, MOMENT.replace(day=MOMENT.day + self.days))
        paths = [self.folder.parent / f"{name}.xml" for name in roots]
        for path, root in zip(paths, roots.values(), strict=True):
            path.write_bytes(etree.tostring(root))
        with open_store(self.settings) as store:
            assert intake(paths, run, store)["balanced"]
            kept = [k for _, person in store.persons(source.name) for k in store.graph(source.name, person)]
        self.standing = {k.resource["id"]: k.key.kind for k in kept if k.key.kind != "provenance"}
        (folder,) = (self.folder / "intakes").glob(f"{self.days:06d}-*")
        return [json.loads(line) for line in (folder / "warnings.ndjson").read_bytes().splitlines()]
