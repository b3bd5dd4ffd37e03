"""One FHIR server: how to speak to it, what it really does, how resources get there, what its errors mean."""

from nowrongdoor.sync.answers import Problem, Reaction, classify, problem, redact
from nowrongdoor.sync.exchange import GATEWAY, Server
from nowrongdoor.sync.graph import digest
from nowrongdoor.sync.probe import HTEST, Habits, metadata, probe
from nowrongdoor.sync.push import RULES, Book, Clear, Contested, Entry, push_graph
from nowrongdoor.sync.transport import Answer, Transport, Unknown

__all__ = [
    "GATEWAY",
    "HTEST",
    "RULES",
    "Answer",
    "Book",
    "Clear",
    "Contested",
    "Entry",
    "Habits",
    "Problem",
    "Reaction",
    "Server",
    "Transport",
    "Unknown",
    "classify",
    "digest",
    "metadata",
    "probe",
    "problem",
    "push_graph",
    "redact",
]  # fmt: skip
