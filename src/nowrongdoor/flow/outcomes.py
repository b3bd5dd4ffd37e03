"""What `check` found of one resource as a FHIR OperationOutcome, for programs that read those."""

import re
from collections.abc import Sequence
from typing import Any

from nowrongdoor.model import Issue, Resource

_CODES = {  # of http://hl7.org/fhir/issue-type, by our rule
    "fhir-structure": "structure", "fhir-binding": "code-invalid", "fhir-date": "value", "fhir-reference": "value",
    "code": "code-invalid", "json": "structure", "no-target": "not-found", "not-checked": "not-supported",
}  # fmt: skip
_PATH = re.compile(r"[A-Z]\w*(\.\w+|\[[0-9]+\])*")


def outcome(where: str, issues: Sequence[Issue]) -> Resource:
    """An OperationOutcome of R4: an issue each, or one that says that nothing is wrong; `where` is in diagnostics."""
    right = {"severity": "information", "code": "informational", "details": {"text": "nothing wrong was found"}}
    return {
        "resourceType": "OperationOutcome",
        "issue": [_issue(where, i) for i in issues] or [{**right, "diagnostics": where}],
    }


def _issue(where: str, issue: Issue) -> dict[str, Any]:
    path = _PATH.match(issue.column)
    return {
        "severity": issue.severity,
        "code": _code(issue.rule),
        "details": {"text": f"{issue.cause}: {issue.cure}" if issue.cure else issue.cause},
        "diagnostics": f"{where} {issue.rule}",
        **({"expression": [path[0]]} if path else {}),
    }


def _code(rule: str) -> str:
    """What is in no list is an invariant (`us-core-6`), or a profile that wants something (`us-core-patient`)."""
    return _CODES.get(rule) or ("invariant" if rule[-1:].isdigit() else "structure")
