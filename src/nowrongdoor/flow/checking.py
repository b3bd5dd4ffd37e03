"""`check`: are these files valid FHIR, and does everything that they point at exist among them?"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nowrongdoor import shelf
from nowrongdoor.checks import Checker, read_resources
from nowrongdoor.model import Issue, Resource

_PAPERS = {"accounting.json", "refusals.ndjson", "warnings.ndjson"}  # of a run, beside its resources
_PLACES = 3  # of each kind of issue
_NOWHERE = Issue("no-target", "points at a resource that is not here", "give that too, or correct the reference")


def check(paths: Sequence[Path], workspace: Path | None = None) -> dict[str, Any]:
    """Counts of each file, and issues of one kind together: how many, and the first places.

    References are followed inside a folder and inside a Bundle. Raises Usage where a path does not exist.
    """
    asked = _Asked(Checker(shelf.find("profiles/fhir/r4.schema.json.gz", workspace)))
    for path in paths:
        for where, found in read_resources(path):
            asked.look(where, found)
        asked.follow(whole=path.is_dir())
    return {
        "files": [{"file": file, **counts} for file, counts in asked.files.items()],
        "issues": sorted(asked.issues.values(), key=lambda told: (told["severity"], -told["times"], told["rule"])),
        "errors": sum(told["times"] for told in asked.issues.values() if told["severity"] == "error"),
        "not_checked": dict(asked.strangers),
    }  # fmt: skip


class _Asked:
    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.files: dict[str, dict[str, int]] = {}
        self.issues: dict[tuple[str, ...], dict[str, Any]] = {}
        self.strangers: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._references: list[tuple[str, str, str]] = []

    def look(self, where: str, found: Resource | Issue) -> None:
        if isinstance(found, Issue):
            self._tell(where, found)
            return
        kind = found.get("resourceType")
        if kind is None and Path(self._file(where)).name in _PAPERS:
            self.strangers[f"{Path(self._file(where)).name} of nwd"] += 1
            return
        self._counts(where)["resources"] += 1
        self._ids.add(f"{kind}/{found.get('id')}")
        self._references += [(where, at, target) for at, target in self.checker.references(found)]
        for issue in self.checker.issues(found):
            if issue.rule == "not-checked" and issue.column == "resourceType":
                self.strangers[str(kind)] += 1
                self._counts(where)["not_checked"] += 1
            else:
                self._tell(where, issue)

    def follow(self, *, whole: bool) -> None:
        """References of what was looked at since the last time: `whole`, or of Bundles only."""
        for where, at, target in self._references:
            if target not in self._ids and (whole or " entry[" in where):
                issue = Issue(_NOWHERE.rule, _NOWHERE.cause, _NOWHERE.cure, at)
                self._tell(where, issue)
        self._ids, self._references = set(), []

    def _tell(self, where: str, issue: Issue) -> None:
        self._counts(where)["errors" if issue.severity == "error" else "warnings"] += 1
        kind = (issue.rule, issue.severity, issue.cause, issue.cure)
        told = self.issues.setdefault(kind, dict(zip(("rule", "severity", "cause", "cure"), kind, strict=True)))
        told["times"] = told.get("times", 0) + 1
        told.setdefault("places", []).extend([f"{where} {issue.column}".strip()] if told["times"] <= _PLACES else [])

    def _counts(self, where: str) -> dict[str, int]:
        counts = {"resources": 0, "errors": 0, "warnings": 0, "not_checked": 0}
        return self.files.setdefault(self._file(where), counts)

    @staticmethod
    def _file(where: str) -> str:
        return re.sub(r"(:[0-9]+)?( entry\[[0-9]+\])?$", "", where)
