"""Compare what a document became with what was expected of it, entry by entry (expected/README.md, section 1).

A produced resource matches an expected one if it says at least as much; where references lead is looked at in a second
step, among the resources that match the line which they name.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

COUNTED = {
    "Patient", "RelatedPerson", "Practitioner", "Organization", "CareTeam", "Coverage", "Condition", "Goal", "CarePlan",
    "ServiceRequest", "MedicationRequest", "Task", "Observation", "Procedure", "Encounter", "DocumentReference",
    "Consent", "DeviceRequest",
}  # fmt: skip
PATIENT = "/ClinicalDocument/recordTarget[1]/patientRole[1]"
SUBJECT = {"Task": "for", "RelatedPerson": "patient", "Coverage": "beneficiary"}
NOBODY = {"Patient", "Practitioner", "Organization", "PractitionerRole"}


class Made(NamedTuple):
    """A produced resource, with the reference that others use for it and the place of its entry."""

    name: str
    place: str
    resource: dict[str, Any]


class Line(NamedTuple):
    """One expected resource of a line."""

    part: str
    place: str
    resource: dict[str, Any]
    absent: tuple[str, ...]


def produced(document) -> list[Made]:
    """The facts of a document with the subject that the route gives them."""
    found = []
    for fact in document.facts:
        resource = json.loads(fact.resource)
        if resource["resourceType"] not in NOBODY:
            resource[SUBJECT.get(resource["resourceType"], "subject")] = {"reference": f"person:{document.person}"}
        found.append(Made(f"{fact.kind}:{fact.id}", document.entries[fact.origin.row - 1], resource))
    return found


def expected(lines) -> list[Line]:
    return [
        Line(line["part"], line["entry"], r, tuple(line.get("absent", ())) if n == 0 else ())
        for line in lines
        for n, r in enumerate(line.get("resources", ()))
    ]


class Comparison:
    """`missing`: expected resources that nothing matches, with why; `extra`: produced ones that nobody expects."""

    def __init__(self, lines, document, *, wrapped: bool) -> None:
        self.made = produced(document)
        self.wanted = expected(lines)
        self._could = [[m for m in self.made if self._stands(w, m) and not self._why(w, m, {})] for w in self.wanted]
        leads: dict[str, set[str]] = {PATIENT: {m.name for m in self.made if m.name.startswith("person:")}}
        for want, could in zip(self.wanted, self._could, strict=True):
            leads.setdefault(want.place, set()).update(m.name for m in could)
        self._fits = [
            [m for m in could if not self._why(w, m, leads)] for w, could in zip(self.wanted, self._could, strict=True)
        ]
        self.matched = self._assign()
        self.missing = [(w, self._nearest(n, leads)) for n, w in enumerate(self.wanted) if n not in self.matched]
        used = {m.name for m in self.matched.values()}
        self.extra = [
            m for m in self.made
            if m.resource["resourceType"] in COUNTED and m.name not in used and not (wrapped and self._ours(m))
        ]  # fmt: skip

    @property
    def recall(self) -> float:
        return len(self.matched) / len(self.wanted)

    @property
    def precision(self) -> float:
        return len(self.matched) / (len(self.matched) + len(self.extra))

    def _stands(self, want: Line, made: Made) -> bool:
        return want.part != "entry" or want.place == made.place

    def _why(self, want: Line, made: Made, leads) -> str:
        """Where a produced resource differs from an expected one; "" where it does not."""
        if gone := next((p for p in want.absent if holds(made.resource, p.split("."))), ""):
            return f"{gone} should not be there"
        return differs(want.resource, made.resource, leads)

    def _assign(self) -> dict[int, Made]:
        """Each expected resource to one of its own, as many as can be (augmenting paths)."""
        taken: dict[str, int] = {}

        def place(n: int, seen: set[str]) -> bool:
            for made in self._fits[n]:
                if made.name not in seen:
                    seen.add(made.name)
                    if made.name not in taken or place(taken[made.name], seen):
                        taken[made.name] = n
                        return True
            return False

        for n in range(len(self.wanted)):
            place(n, set())
        by_name = {m.name: m for m in self.made}
        return {n: by_name[name] for name, n in taken.items()}

    def _nearest(self, n: int, leads) -> str:
        want = self.wanted[n]
        same = [m for m in self.made if m.resource["resourceType"] == want.resource["resourceType"]]
        told = [self._why(want, m, leads) for m in same if self._stands(want, m)]
        return max(told, key=len, default="no such resource") or "taken by another"

    @staticmethod
    def _ours(made: Made) -> bool:
        """The wrapper's own patient and custodian."""
        resource = made.resource
        return resource["resourceType"] == "Patient" or resource.get("name") == "Wrapping Paper"


def holds(value: Any, path: list[str]) -> bool:
    """Whether something stands at a path; through lists at any of their items."""
    if not path:
        return True
    if isinstance(value, list):
        return any(holds(v, path) for v in value)
    return isinstance(value, dict) and path[0] in value and holds(value[path[0]], path[1:])


def differs(want: Any, have: Any, leads: dict[str, set[str]], at: str = "") -> str:
    """Where `have` says less than `want`, or other things; "" where it does not."""
    if isinstance(want, dict) and isinstance(have, dict):
        return next((d for k, v in want.items() if (d := differs(v, have.get(k), leads, f"{at}.{k}"))), "")
    if isinstance(want, list) and isinstance(have, list) and want and isinstance(want[0], dict):
        return _unpaired(want, have, leads, at)
    return "" if _same(want, have, leads, at) else f"{at}: {str(have)[:200]!r} is not {want!r}"


def _same(want: Any, have: Any, leads: dict[str, set[str]], at: str) -> bool:
    if isinstance(want, str) and want.startswith("/") and at.endswith(".reference"):
        return not leads or have in leads.get(want, ())
    if isinstance(want, str) and want.startswith("~"):
        return fold(want[1:]) in fold(str(have))
    return bool(want == have)


def _unpaired(want: list[Any], have: list[Any], leads, at: str) -> str:
    """Each expected item matches another produced one."""
    left = list(have)
    for item in want:
        found = next((h for h in left if not differs(item, h, leads, at)), None)
        if found is None:
            return f"{at}: none like {json.dumps(item)[:300]} in {json.dumps(left)[:600]}"
        left.remove(found)
    return ""


def fold(told: str) -> str:
    return " ".join(told.split())


def fates(document, lines) -> Iterator[tuple[str, str, str]]:
    """(place, expected fate, fate) of the entries where they differ."""
    found = dict.fromkeys(document.entries, "fact")
    found |= {document.entries[t.origin.row - 1]: t.fate.name.lower().replace("_", " ") for t in document.told}
    found |= {document.entries[r.origin.row - 1]: "refused" for r in document.refused}
    for line in lines:
        if line["part"] == "entry" and line["fate"] != found.get(line["entry"]):
            yield line["entry"], line["fate"], found.get(line["entry"], "lost")
