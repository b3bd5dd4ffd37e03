"""What our adapters really emit: every fixture through the route, with the ids that a server would see."""

import json
from datetime import UTC, datetime

from nowrongdoor import sources
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate
from nowrongdoor.settings import Settings
from parity.bases import GENERATED, ROOT

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


def outputs(folder):
    """(name, resource) of each resource of each fixture; `folder` holds the files meanwhile."""
    for fixture in sorted(path.name for path in (ROOT / "fixtures").iterdir() if path.is_dir()):
        inputs = sorted((ROOT / "fixtures" / fixture / "in").iterdir())
        translate(inputs, prepare(sources.load(fixture), Settings(), MOMENT), folder / fixture)
        for file in sorted((folder / fixture).glob("[A-Z]*.ndjson")):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                yield f"{fixture}/{file.stem}:{number}", json.loads(line)


def examples():
    """(name, resource) of each example of our profiles."""
    for file in sorted((GENERATED / "examples").glob("*.json")):
        yield f"examples/{file.stem}", json.loads(file.read_text(encoding="utf-8"))
