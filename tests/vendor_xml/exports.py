"""An export of a county in CSV, written as XML instead: the same rows under the same source, spelled as paths."""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from nowrongdoor import files, sources
from nowrongdoor.flow.run import expected
from nowrongdoor.model import Row

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "alder-county"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
TABLES = {"clients": "Client", "releases": "Release", "plans": "PlanRow", "referrals": "Referral"}


def element(header):
    """What a header may be called as an element."""
    return re.sub(r"[^A-Za-z]+", "", header)


def rows(table):
    """Header and rows of one table of the fixture, but for those that cannot even be split."""
    source = sources.load(SOURCE)
    for path in sorted((ROOT / "fixtures" / SOURCE / "in").iterdir()):
        for found in files.find(path, 0, expected(source), files.Dialect()):
            if found.table == table:
                return found.header, [row.cells for row in found.rows() if isinstance(row, Row)]
    raise LookupError(table)


def written(*, blanks=True):
    """The XML text. `blanks`: whether empty cells are elements too."""
    lists = []
    for table, record in TABLES.items():
        header, lines = rows(table)
        records = [one(record, list(zip(header, cells, strict=True)), blanks=blanks) for cells in lines]
        lists.append(f"  <{record}s>\n{''.join(records)}  </{record}s>\n")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Export xmlns="urn:example">\n{"".join(lists)}</Export>\n'


def one(record, cells, *, blanks=True):
    inside = "".join(f"      <{element(h)}>{escape(c)}</{element(h)}>\n" for h, c in cells if c or blanks)
    return f"    <{record}>\n{inside}    </{record}>\n"


def source(name, workspace):
    """The source of that name with its headers spelled as paths; ids are those of the name, as its rows are."""
    text = (ROOT / "profiles" / "sources" / f"{name}.toml").read_text(encoding="utf-8")
    told = sources.load(name).headers.values()
    for header in {h for own in told for h in (own.values() if isinstance(own, dict) else [own])}:
        text = text.replace(f'= "{header}"', f'= "{element(header)}"')
    text = text.replace('ignored = ["Room Key Nbr"]', 'ignored = ["RoomKeyNbr"]')
    text += "\n[records]\n" + "".join(f'{table} = "{record}"\n' for table, record in TABLES.items())
    folder = workspace / "profiles" / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    for own in (name, "xml-county"):
        (folder / f"{own}.toml").write_text(text, encoding="utf-8", newline="\n")
    return sources.load(name, workspace)
