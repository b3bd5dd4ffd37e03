"""Names of things and where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar, dataclass_transform

T = TypeVar("T")
Resource: TypeAlias = dict[str, Any]  # a FHIR resource as plain JSON values

Kind = Literal[
    "organization", "practitioner", "role", "person", "contact", "coverage", "document",
    "condition", "goal", "service", "task", "plan", "consent", "provenance",
    "observation", "encounter", "team", "procedure", "medication", "device",
]  # fmt: skip

TYPE_OF: Mapping[Kind, str] = {
    "organization": "Organization",
    "practitioner": "Practitioner",
    "role": "PractitionerRole",
    "person": "Patient",
    "contact": "RelatedPerson",
    "coverage": "Coverage",
    "document": "DocumentReference",
    "condition": "Condition",
    "goal": "Goal",
    "service": "ServiceRequest",
    "task": "Task",
    "plan": "CarePlan",
    "consent": "Consent",
    "provenance": "Provenance",
    "observation": "Observation",
    "encounter": "Encounter",
    "team": "CareTeam",
    "procedure": "Procedure",
    "medication": "MedicationRequest",
    "device": "DeviceRequest",
}

DEPLOYMENT = "deployment"  # the "source" of what belongs to no sender: partners' Organizations, Practitioners by NPI


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Frozen to mypy; at run time a plain slotted dataclass, eight times cheaper to make than a frozen one."""
    return dataclass(slots=True)(cls)


class Key(NamedTuple):
    """A thing by its source's own key; the source is implied by the run."""

    kind: Kind
    id: str


class Origin(NamedTuple):
    """Where a row stood. `file`: index into the run's files; `row`: 1 is the first data row; lines count from 1."""

    file: int
    row: int
    line: int
    last: int
    mark: int  # checksum of the cells as read: two rows with one mark are the same row twice
