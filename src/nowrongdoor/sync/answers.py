"""Reads what a server says when it does not do what was asked, and decides what to do next.

The table is data: the first row that fits decides. Servers' texts are read for their codes only; what is kept of them
names types, element paths and codes, never a value.
"""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final, Literal, NamedTuple, TypeAlias

from nowrongdoor.model import TYPE_OF, Resource

Command: TypeAlias = Literal["read", "search", "create", "update", "delete", "transaction"]


class Reaction(Enum):
    """What the caller does next."""

    RETRY = "the same again, later"
    REREAD = "read the current version, then decide"
    RESOLVE = "look the identity up, then send what is missing"
    PARK = "wait until what it needs is there"
    QUARANTINE = "set aside for a person; the same content is not sent again"
    SPLIT = "too much at once: send less"
    STOP = "a person must act before anything more goes to this server"


class Problem(NamedTuple):
    """An OperationOutcome, reduced: issue codes, HAPI codes (innermost last) and what may be kept of its texts."""

    codes: tuple[str, ...] = ()
    hapi: tuple[str, ...] = ()
    said: str = ""


ISSUE_CODES: Final = frozenset(
    """invalid structure required value invariant security login unknown expired forbidden suppressed processing
    not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule
    conflict transient lock-error no-store exception timeout incomplete throttled informational""".split()  # noqa: SIM905 - thirty quoted words would be thirty lines
)  # value set issue-type, R4

_TYPES = "|".join(sorted({*TYPE_OF.values(), "Bundle", "OperationOutcome"}, key=len, reverse=True))
_KEEP = re.compile(rf"HAPI-\d{{4}}|\b(?:{_TYPES})(?:\.[a-z][A-Za-z]{{1,30}}(?:\[x\])?)*(?![\w/?])")
_DROP = re.compile(
    r"\"[^\"]*\"|(?<!\w)'[^']*'|\w+://\S+|\S*[?=|@]\S*|\S+/\S+|\binsert into\b.*|\bselect\b.*",
    re.IGNORECASE | re.DOTALL,
)


def redact(diagnostics: str) -> str:
    """Keep HAPI codes, types and element paths of a server's text; drop the rest: values, ids, URLs, SQL."""
    return " ".join(dict.fromkeys(_KEEP.findall(_DROP.sub(" ", diagnostics))))


def problem(outcome: Resource | None) -> Problem:
    """The codes of an OperationOutcome; an empty Problem where there is none."""
    issues = outcome.get("issue") if outcome and outcome.get("resourceType") == "OperationOutcome" else None
    issues = [i for i in issues if isinstance(i, dict)] if isinstance(issues, list) else []
    issues = [i for i in issues if i.get("severity") in {"error", "fatal"}] or issues
    codes = tuple(dict.fromkeys(i["code"] for i in issues if i.get("code") in ISSUE_CODES))
    texts = " ".join(str(i.get("diagnostics") or "") for i in issues)
    places = " ".join(str(p) for i in issues for p in (i.get("expression") or ()))
    said = " ".join(dict.fromkeys([*codes, *redact(places).split(), *redact(texts).split()]))
    return Problem(codes, tuple(re.findall(r"HAPI-(\d{4})", texts)), said)


class _Row(NamedTuple):
    reaction: Reaction
    statuses: Sequence[int] = ()
    hapi: Sequence[str] = ()
    codes: Sequence[str] = ()
    family: str = ""
    commands: Sequence[Command] = ()


R = Reaction
_READS: Final[tuple[Command, ...]] = ("read", "search")
_MANY = ("0958", "0962", "0988", "1092", "2207", "0539")

TABLE: Final[tuple[_Row, ...]] = (
    # identity and references: HAPI says which in a code, whatever the status
    _Row(R.PARK, hapi=("1091", "1094")),  # the target is not there (yet)
    _Row(R.RETRY, (409,), hapi=("0823", "0826", "0827")),  # lost a race for a version
    _Row(R.REREAD, (409,), hapi=("0825", "0989")),  # two creators of one id; stale If-Match
    _Row(R.RESOLVE, (409,), hapi=("0824", "2745")),  # the other copy is the truth; lost a conditional race
    _Row(R.QUARANTINE, (409,), hapi=("0515",)),  # delete blocked by a referrer
    _Row(R.REREAD, (500,), hapi=("2223",)),  # the ETag we hold is not one
    _Row(R.QUARANTINE, hapi=_MANY),  # several resources answer to one identity
    _Row(R.QUARANTINE, (412, 400), codes=("multiple-matches",)),
    # load, outage
    _Row(R.RETRY, (423, 429, 503)),
    _Row(R.RETRY, (400,), codes=("throttled",)),
    _Row(R.RETRY, (408, 500, 502, 504), commands=_READS),
    _Row(R.REREAD, (408, 500, 502, 504), commands=("update", "delete")),
    _Row(R.RESOLVE, (408, 500, 502, 504)),  # creates and transactions may have been carried out
    _Row(R.SPLIT, (405, 501), commands=("transaction",)),  # not offered: one by one
    # there, gone, changed meanwhile
    _Row(R.RESOLVE, (404, 410)),
    _Row(R.RETRY, (409,), family="azure"),  # "resource contention"
    _Row(R.PARK, (409,), family="blaze", commands=("create", "update", "transaction")),  # referential integrity
    _Row(R.QUARANTINE, (409,), commands=("delete",)),
    _Row(R.RETRY, (412,), family="aidbox", commands=("create", "transaction")),  # serialization failure
    _Row(R.REREAD, (409, 412), commands=("update", "delete")),
    _Row(R.RESOLVE, (409, 412)),
    # content and size
    _Row(R.SPLIT, (413, 414)),
    _Row(R.SPLIT, (400, 422), codes=("too-long", "too-costly")),
    _Row(R.QUARANTINE, (400, 415, 422)),
)


def classify(
    status: int,
    family: str = "unknown",
    codes: Sequence[str] = (),
    hapi: Sequence[str] = (),
    command: Command = "update",
) -> Reaction:
    """What to do about a refusal with this HTTP status; what no row speaks of stops, 401 and 403 among it.

    HAPI nests its codes: the innermost has the meaning, 0550 and 0549 only wrap it.
    """
    inner = next((code for code in reversed(hapi) if code not in {"0550", "0549"}), "")
    for row in TABLE:
        if (
            (not row.statuses or status in row.statuses)
            and (not row.hapi or inner in row.hapi)
            and (not row.codes or set(codes) & set(row.codes))
            and row.family in {"", family}
            and (not row.commands or command in row.commands)
        ):
            return row.reaction
    return Reaction.STOP
