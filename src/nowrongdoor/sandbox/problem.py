"""What a request was refused for, said as an OperationOutcome without any value that the request held."""

from collections.abc import Mapping

import orjson


class Problem(Exception):  # noqa: N818  # an answer to the client, not an error of ours
    """Ends one interaction; `code` is of http://hl7.org/fhir/issue-type, `where` a FHIRPath of the request's body."""

    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.headers = status, code, text, headers or {}
        self.where = ""

    @property
    def outcome(self) -> bytes:
        """The OperationOutcome, as JSON."""
        issue: dict[str, object] = {"severity": "error", "code": self.code, "diagnostics": self.text}
        if self.where:
            issue["expression"] = [self.where]
        return orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
