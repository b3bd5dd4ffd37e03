"""Facts, where they came from, and what became of them: the words that all rooms share."""

from nowrongdoor.model.core import DEPLOYMENT, TYPE_OF, Key, Kind, Origin, Resource, value
from nowrongdoor.model.facts import (
    FACTS,
    Absent,
    Broken,
    Code,
    Condition,
    Consent,
    Contact,
    Coverage,
    Document,
    Fact,
    Goal,
    Person,
    Plan,
    Practitioner,
    Service,
    Stated,
    Who,
    content,
    pack,
    unpack,
)
from nowrongdoor.model.outcome import (
    Cleared,
    Draft,
    Fate,
    Field,
    Issue,
    Kept,
    Layout,
    Parcel,
    Receipt,
    Refusal,
    Refused,
    Row,
    Spelling,
    State,
    Table,
    Tally,
    Told,
    Withheld,
)

__all__ = [
    "DEPLOYMENT", "FACTS", "TYPE_OF", "Absent", "Broken", "Cleared", "Code", "Condition", "Consent", "Contact",
    "Coverage", "Document", "Draft", "Fact", "Fate", "Field", "Goal", "Issue", "Kept", "Key", "Kind", "Layout",
    "Origin", "Parcel", "Person", "Plan", "Practitioner", "Receipt", "Refusal", "Refused", "Resource", "Row",
    "Service", "Spelling", "State", "Stated", "Table", "Tally", "Told", "Who", "Withheld", "content",
    "pack", "unpack", "value",
]  # fmt: skip
