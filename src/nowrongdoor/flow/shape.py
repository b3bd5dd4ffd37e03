"""What columns does a layout have, and what may stand in them? For a person who writes a source.

Nothing is described here a second time: the layout's readers are asked, and a shipped fixture is run.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from nowrongdoor import layouts, shelf
from nowrongdoor.codes import CodeTable
from nowrongdoor.errors import Usage
from nowrongdoor.flow.ask import every, known, plainly
from nowrongdoor.flow.explain import explain
from nowrongdoor.flow.likeness import Tables, decisive, reading
from nowrongdoor.flow.run import prepare
from nowrongdoor.model import Table
from nowrongdoor.settings import Settings
from nowrongdoor.sources import Source

_READS = {
    "D35": "date", "D45": "tick", "D49": "ICD-10-CM code", "D51": "phone or e-mail", "D54": "ZIP code",
    "D55": "county", "cin-shape": "CIN", "npi-check": "NPI", "programme": "programme", "label": "labels",
}  # fmt: skip  # rule by which a reader refuses what it does not understand → what it reads
_OF_ALL = {"D35", "D45"}  # in a group of columns: what each of them holds
_NO_TARGET = re.compile(r".* is no target for (\w+)")

Seen = Mapping[tuple[str, str], Mapping[str, Any]]


def shape(name: str, settings: Settings, moment: datetime) -> dict[str, Any]:
    """A layout's tables and columns; the elements that a column becomes, where a shipped source's fixture shows them.

    `codes`: kind of code table → what it may map to, [] for anything. `by_hand`: as it decides what may leave, only a
    person may declare it absent. Raises Usage where there is no such layout.
    """
    tables, shown = layouts.layout(name).TABLES, _shown(name, settings)
    seen = _seen(shown, settings, moment) if shown else {}
    return {
        "layout": name, "elements_from": shown.name if shown else "",
        "tables": [
            {"table": t.name, "consent": t.consent, "columns": list(_columns(t, plainly(name), seen))} for t in tables
        ],
    }  # fmt: skip


def is_layout(name: str) -> bool:
    return name in layouts.names()


def there(settings: Settings) -> dict[str, Any]:
    """What can be explained: sources with their layouts (and why others cannot be read), layouts with their tables."""
    found, unread = every(settings.workspace)
    tables = {name: [t.name for t in layouts.layout(name).TABLES] for name in layouts.names()}
    tables |= {name: ["document"] for name in layouts.documents()}
    return {
        "sources": [{"source": s.name, "title": s.title, "layout": s.layout} for s in found],
        "not_read": unread,
        "layouts": [{"layout": name, "tables": told} for name, told in tables.items()],
    }


def _shown(name: str, settings: Settings) -> Source | None:
    """Of the sources of that layout that have a fixture, the one that lacks the fewest columns."""
    fixtures = shelf.names("fixtures", "", settings.workspace)
    own = [s for s in known(settings.workspace)[0] if s.layout == name and s.name in fixtures]
    return min(own, key=lambda s: sum(map(len, s.absent.values())), default=None)


def _seen(source: Source, settings: Settings, moment: datetime) -> Seen:
    told = explain(prepare(source, settings, moment))["tables"]
    kinds = {source.code_file(kind): kind for kind in source.tables}
    return {
        (t["table"], c["column"]): {"elements": c["elements"], "kinds": {kinds[file] for file in c["codes"]}}
        for t in told
        for c in t["columns"]
        if c["column"]
    }


def _columns(table: Table[Any], blank: Source, seen: Seen) -> Iterator[dict[str, Any]]:
    reads, targets, decides = _reads(table, blank), _targets(table, blank), decisive(table, blank)
    for field in table.fields:
        here = seen.get((table.name, field.name), {"elements": [], "kinds": set()})
        kinds = {kind for kind, (column, _) in targets.items() if column == field.name} | here["kinds"]
        kinds |= {field.table} - {""}
        yield {
            "column": field.name, "required": not field.optional,
            "reads": reads.get(field.name, "code" if kinds else "text"),
            "codes": {kind: targets[kind][1] if kind in targets else [] for kind in sorted(kinds)},
            "not_understood": "refuses the row" if field.refuses else "warns",
            "by_hand": field.optional and field.name in decides, "elements": here["elements"],
        }  # fmt: skip


def _reads(table: Table[Any], blank: Source) -> dict[str, str]:
    """Column → what its reader reads, by how it complains of what nobody understands."""
    where = {f.name: n for n, f in enumerate(table.fields)}
    read = reading(table, blank, where)
    told = [i for text in ("zz zz", "\u00bf\u00a1") for i in read([text] * len(where)) if i.rule in _READS]
    single = [i for i in told if "+" not in i.column or i.rule in _OF_ALL]
    return {c: _READS[i.rule] for i in reversed(single) for c in i.column.split("+")}


def _targets(table: Table[Any], blank: Source) -> dict[str, tuple[str, list[str]]]:
    """Kind of code table → (column, what the table may map to): told by the reader that gets a target that is none."""
    where, tables = {f.name: n for n, f in enumerate(table.fields)}, Tables()
    table.bind(replace(blank, tables=tables), where)
    found = {}
    for kind in list(tables):
        wrong = Tables({kind: CodeTable(kind, "", {"x": ("\0", "", "")})})
        try:
            table.bind(replace(blank, tables=wrong), where)
        except Usage as e:
            if said := _NO_TARGET.fullmatch(e.cause):
                found[kind] = said[1], e.cure.removeprefix("one of: ").split(", ")
    return found
