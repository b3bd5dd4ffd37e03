"""`check`: are these files valid FHIR, and does everything that they point at exist among them?"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor import shelf
from nowrongdoor.checks import Checker, read_resources
from nowrongdoor.errors import Usage
from nowrongdoor.flow.outcomes import outcome
from nowrongdoor.model import Issue, Resource, value
from nowrongdoor.store import Sorted

_PAPERS = {"accounting.json", "refusals.ndjson", "refusals.csv", "warnings.ndjson", "NOTICE.txt"}  # of a run of ours
_OWN = "papers of nwd itself beside the resources"
_PLACES = 3  # of each kind of issue
_KINDS = 500  # of issues, each told by itself; memory stays flat whatever is wrong
_SHOWN = 80  # characters of a value
_WHOLE = {"document", "collection", "message"}  # Bundles that hold all that they point at
_PLACE = re.compile(r"(:[0-9]+)?((?: entry\[[0-9]+\])*)$")
_INDEX = re.compile(r"\[[0-9]+\]")
_NOWHERE = Issue("no-target", "points at a resource that is not here", "give that too, or correct the reference")
_MANY = Issue("more", f"more than {_KINDS} kinds of issue: these are not told one by one", "correct those above first")
_ELSEWHERE = "references to what was not given"
_SEARCHED = "references by a search, which only the server that gets them can follow"
_LITERAL = re.compile(r"[A-Za-z]+/[A-Za-z0-9.-]{1,64}")
Outcome = Callable[[Resource], object]


@value
class Asking:
    """How to check. `against`: packages or profiles to hold everything to; `values`: show what was found wrong.

    `outcome` gets an OperationOutcome of each resource, `progress` the number of resources so far.
    """

    against: Sequence[str] = ()
    values: bool = False
    outcome: Outcome | None = None
    progress: Callable[[int], object] | None = None


def check(paths: Sequence[Path], workspace: Path | None = None, asking: Asking | None = None) -> dict[str, Any]:
    """Counts of each file, and issues of one kind together: how many, and the first places.

    References are followed among all that is given: what a folder, or a Bundle that should be whole, points at and does
    not hold is an error, else not checked. Usage where a path does not exist, or `against` names what there is not.
    """
    told = asking or Asking()
    checker = Checker(shelf.find("profiles/fhir/tables", workspace), against=told.against, thorough=True)
    if lost := next((path for path in paths if not path.exists()), None):
        raise Usage(f"{lost.as_posix()} does not exist", "name a file or a folder")
    report = _Report(told)
    pointers = _Pointers()
    try:
        for path in paths:
            _look(path, checker, report, pointers)
        for where, issues in pointers.lost():
            report.add(where, issues)
        report.not_checked += pointers.not_checked
        for name in told.against:
            if not {p.type for p in checker.tables.named(name)} & report.met:
                report.not_checked[f"{name}: nothing of its type is here"] += 1
    finally:
        pointers.close()
    return report.said()


def _look(path: Path, checker: Checker, report: "_Report", pointers: "_Pointers") -> None:
    """Each resource of a path, and whom it points at."""
    folder = whole = path.is_dir()
    for where, found, issues in read_resources(path):
        if Path(_file(where)).name in _PAPERS and "resourceType" not in (found or {}):
            report.papers.add(_file(where))
            continue
        if found is None:
            report.add(where, issues)
            continue
        if found.get("resourceType") == "Bundle":
            whole = folder or str(found.get("type")) in _WHOLE
        elif " entry[" not in where:
            whole = folder
        report.met.add(str(found.get("resourceType")))
        pointers.put(where, found, checker, whole=whole)
        report.resource(where, found, (*checker.issues(found), *issues))


class _Pointers:
    """Who points at what, on disk where it is much: in the end what points nowhere is found in one go."""

    def __init__(self) -> None:
        self._sorted, self._missed = Sorted(), Sorted()
        self.not_checked: Counter[str] = Counter()

    def put(self, where: str, found: Resource, checker: Checker, *, whole: bool) -> None:
        """`whole`: all that it points at should be among what is given."""
        self._sorted.put("", f"{found.get('resourceType')}/{found.get('id')}", b"")
        for at, target in checker.references(found):
            if _LITERAL.fullmatch(target):
                self._sorted.put("", target, orjson.dumps((_plain(where), at, whole)))
            elif target.startswith(("urn:", "http:", "https:")):
                self.not_checked[_ELSEWHERE] += 1
            elif "?" in target:
                self.not_checked[_SEARCHED] += 1

    def lost(self) -> Iterator[tuple[str, tuple[Issue, ...]]]:
        """(where, issues) of each resource that points at what is not there though it should be."""
        for _, lines in groupby(self._sorted.lines(""), key=itemgetter(0)):
            first = next(lines)[1]
            for line in () if first == b"\n" else (first, *(line for _, line in lines)):
                where, at, whole = orjson.loads(line)
                if whole:
                    self._missed.put("", where, at.encode())
                else:
                    self.not_checked[_ELSEWHERE] += 1
        for where, places in groupby(self._missed.lines(""), key=itemgetter(0)):
            told = (at[:-1].decode() for _, at in places)
            yield where, tuple(Issue(_NOWHERE.rule, _NOWHERE.cause, _NOWHERE.cure, at) for at in told)

    def close(self) -> None:
        self._sorted.close()
        self._missed.close()


class _Report:
    """Counts, and issues of one kind together."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.not_checked: Counter[str] = Counter()
        self.met: set[str] = set()
        self.papers: set[str] = set()
        self._files: dict[str, Counter[str]] = {}
        self._kinds: dict[tuple[str, ...], dict[str, Any]] = {}
        self._resources = 0

    def resource(self, where: str, found: Resource, issues: Sequence[Issue]) -> None:
        self._resources += 1
        self._counts(where)["resources"] += 1
        self.add(where, issues, found)
        if self.asking.progress:
            self.asking.progress(self._resources)

    def add(self, where: str, issues: Sequence[Issue], found: Resource | None = None) -> None:
        for issue in issues:
            if issue.rule == "not-checked":
                self.not_checked[issue.cause] += 1
                self._counts(where)["not_checked"] += 1
            else:
                self._tell(where, issue, found)
        if self.asking.outcome:
            self.asking.outcome(outcome(where, issues))

    def _tell(self, where: str, issue: Issue, found: Resource | None) -> None:
        self._counts(where)[f"{issue.severity}s"] += 1
        element = _INDEX.sub("", issue.column)
        kind = (issue.severity, issue.rule, element, issue.cause, issue.cure)
        if kind not in self._kinds and len(self._kinds) >= _KINDS:
            kind = (issue.severity, _MANY.rule, "", _MANY.cause, _MANY.cure)
        names = ("severity", "rule", "element", "cause", "cure")
        told = self._kinds.setdefault(kind, {**dict(zip(names, kind, strict=True)), "times": 0, "places": []})
        told["times"] += 1
        if len(told["places"]) < _PLACES:
            shown = {"value": _shown(found, issue.column)} if self.asking.values and found is not None else {}
            told["places"].append({"where": where, "element": issue.column, **shown})

    def said(self) -> dict[str, Any]:
        counts = {"resources": 0, "errors": 0, "warnings": 0, "not_checked": 0}
        total: Counter[str] = sum(self._files.values(), Counter())
        return {
            "files": [{"file": file, **counts, **told} for file, told in self._files.items()],
            "issues": sorted(self._kinds.values(), key=lambda told: (told["severity"], -told["times"], told["rule"])),
            **counts,
            **total,
            "not_checked": dict(sorted((self.not_checked + Counter({_OWN: len(self.papers)})).items())),
        }

    def _counts(self, where: str) -> Counter[str]:
        return self._files.setdefault(_file(where), Counter())


def _file(where: str) -> str:
    return _PLACE.sub("", where)


def _plain(where: str) -> str:
    """A file's name as text: bytes that are none are shown as such."""
    return where.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _shown(found: Resource, place: str) -> str:
    """What stands at a FHIRPath, or at the nearest place above it that there is, as JSON, cut where it is long."""
    node: Any = found
    for name, index in re.findall(r"\.(\w+)|\[([0-9]+)\]", place):
        inner = node.get(name) if isinstance(node, dict) else None
        if index:
            inner = node[int(index)] if isinstance(node, list) and int(index) < len(node) else None
        if inner is None:
            break
        node = inner
    try:
        text = orjson.dumps(node).decode()
    except orjson.JSONEncodeError:  # nested beyond what is written
        return "…"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
