"""Which cell made a draft fail? The refused row is read again with one cell changed at a time: what mends it is named.

Only a refused row costs this, and only where the checker spoke of a FHIR element: a reader names its column by itself.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from nowrongdoor.flow.run import Input, Run, spelling, where
from nowrongdoor.model import TYPE_OF, Draft, Fact, Plan, Practitioner, Refusal, Row
from nowrongdoor.resources import assemble

_LOOK = 100  # rows of the file whose cells may stand in for another
_OTHERS = 3  # cells tried for each
_VAIN = 20  # rows in which no cell is found, until that element is not looked for again
_INDEX = re.compile(r"\[[0-9]+\]")
_TYPES = frozenset(TYPE_OF.values())

Wrong = tuple[str, str]  # rule, FHIRPath
Found = tuple[int, int, int]  # drafts of the type; how often that is wrong there, and in any place of the lists


class Culprits:
    """Of the rows of one run. What was found for an element is tried first where the same is wrong again."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._tables: dict[tuple[int, str], _Trial] = {}
        self._known: dict[tuple[str, ...], Sequence[str]] = {}
        self._vain: Counter[tuple[str, ...]] = Counter()

    def named(self, item: Input, row: Row, issue: Mapping[str, str]) -> dict[str, str]:
        """The issue with columns (the layout's names, joined by +) in place of the element, which goes to the cause.

        As it was where it speaks of no element, or where no cell of the row by itself mends it.
        """
        place = issue["column"]
        if place.partition(".")[0] not in _TYPES:
            return dict(issue)
        table, wrong = (item.number, item.found.sheet), (issue["rule"], place)
        kind = (item.table.name, issue["rule"], _INDEX.sub("", place))
        if self._vain[kind] > _VAIN:
            return dict(issue)
        trial = self._tables.get(table) or self._tables.setdefault(table, _Trial(self._run, item))
        columns = trial.mending(row, wrong, self._known.get(kind, ())) or trial.mending(row, wrong, trial.columns)
        if not columns:
            self._vain[kind] += 1
            return dict(issue)
        self._known[kind] = columns
        return {**issue, "column": "+".join(columns), "cause": f"{issue['cause']} ({place})"}


class _Trial:
    """Rows of one table through readers, builders and checker, each by itself."""

    def __init__(self, run: Run, item: Input) -> None:
        self._run, self._item = run, item
        self._context = replace(run.context, named=set())  # the run's own tells which organizations are written
        self._at = {column: at for column, at in where(item).items() if at is not None}
        self._read = item.table.bind(spelling(run, item), where(item))
        self._others = [r.cells for r in islice(item.found.rows(), _LOOK) if isinstance(r, Row)]
        self.columns: Sequence[str] = tuple(self._at)

    def mending(self, row: Row, wrong: Wrong, columns: Sequence[str]) -> list[str]:
        """Those columns one of which, changed alone, leaves as many drafts with less of this wrong among them."""
        before = self._tried(row, wrong) if columns else (0, 0, 0)
        return [c for c in columns if before[1] and self._mends(row, wrong, self._at[c], before)]

    def _mends(self, row: Row, wrong: Wrong, at: int, before: Found) -> bool:
        """By a few other cells of the column, else emptied: but what is emptied moves the others of its list."""
        mine = row.cells[at]
        others = list(dict.fromkeys(c[at] for c in self._others if c[at] not in {mine, ""}))[:_OTHERS]
        for cells in (others, [""]):
            tried = (self._tried(Row(row.origin, [*row.cells[:at], c, *row.cells[at + 1 :]]), wrong) for c in cells)
            found = [after for after in tried if after[0] >= before[0]]
            if any(after[1] < before[1] and after[2] < before[2] for after in found):
                return True
            if found and "[" in wrong[1]:
                return False
        return False

    def _tried(self, row: Row, wrong: Wrong) -> Found:
        line = self._read(row, [])
        if isinstance(line, Refusal):
            return 0, 0, 0
        (rule, place), kind = wrong, wrong[1].partition(".")[0]
        drafts = [d.resource for d in self._drafts(line) if d.resource["resourceType"] == kind]
        places = [i.column for d in drafts for i in self._run.check.issues(d) if i.rule == rule]
        element = _INDEX.sub("", place)
        return len(drafts), places.count(place), sum(_INDEX.sub("", p) == element for p in places)

    def _drafts(self, line: Any) -> Iterator[Draft]:
        """Of one row as if all else stood; a part's plan, which another row states, is made up."""
        facts: list[Fact] = [f for f in self._item.table.facts(line) if not isinstance(f, Practitioner)]
        for f in facts:
            f.as_of = f.as_of or self._item.as_of  # type: ignore[misc]  # as the door they come in by does
        stated = {f.id for f in facts if isinstance(f, Plan)}
        plans = {p: f for f in facts if (p := getattr(f, "plan", "")) and p not in stated}
        made_up = [Plan(p, f.person, f.origin, False, (), f.as_of, "", "active") for p, f in plans.items()]
        for person in {f.person for f in facts}:
            own = [f for f in (*facts, *made_up) if f.person == person]
            for made in assemble(self._context, person, own, lambda _: True):
                if isinstance(made, Draft):
                    yield made
