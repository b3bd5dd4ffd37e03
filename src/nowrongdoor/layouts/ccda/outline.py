"""What a clinical document is and how it is built, without a word of whom it is about.

Names of documents and sections are HL7's own (C-CDA R2.1, LOINC), never the document's titles: these may quote a
person.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nowrongdoor.layouts.ccda.ledger import Entry, walk
from nowrongdoor.layouts.ccda.tree import V3, Element, kid, kids, said, words
from nowrongdoor.model import value

_DOCUMENTS = {
    f"2.16.840.1.113883.10.20.22.1.{n}": name
    for n, name in {
        "2": "Continuity of Care Document", "3": "History and Physical", "4": "Consultation Note",
        "5": "Diagnostic Imaging Report", "6": "Procedure Note", "7": "Operative Note", "8": "Discharge Summary",
        "9": "Progress Note", "10": "Unstructured Document", "13": "Transfer Summary", "14": "Referral Note",
        "15": "Care Plan",
    }.items()
}  # fmt: skip


class Sort(NamedTuple):
    """A section by HL7's name, and the resources that its entries become; none: only its words are kept."""

    name: str
    becomes: tuple[str, ...] = ()


# beside what entries of any section become: goals (mood GOL), requests (INT, RQO, …), notes
STATED: Mapping[str, Sort] = {
    "18776-5": Sort("Plan of treatment", ("CarePlan", "ServiceRequest", "MedicationRequest", "DeviceRequest",
                                            "Procedure", "Goal")),
    "51847-2": Sort("Assessment and plan", ("CarePlan", "ServiceRequest", "MedicationRequest", "DeviceRequest",
                                              "Procedure", "Goal")),
    "61146-7": Sort("Goals", ("Goal",)),
    "75310-3": Sort("Health concerns", ("Condition", "Observation")),
    "62387-6": Sort("Interventions", ("ServiceRequest", "Procedure", "MedicationRequest")),
    "11383-7": Sort("Health status evaluations and outcomes", ("Observation",)),
    "42349-1": Sort("Reason for referral", ("ServiceRequest", "Task")),
    "11450-4": Sort("Problems", ("Condition",)),
    "46240-8": Sort("Encounters", ("Encounter", "Condition")),
    "11535-2": Sort("Hospital discharge diagnosis", ("Condition",)),
    "46241-6": Sort("Hospital admission diagnosis", ("Condition",)),
    "10190-7": Sort("Mental status", ("Observation",)),
    "47420-5": Sort("Functional status", ("Observation",)),
    "48768-6": Sort("Payers", ("Coverage",)),
    "85847-2": Sort("Care teams", ("CareTeam",)),
    "42348-3": Sort("Advance directives", ("DocumentReference",)),
    "48765-2": Sort("Allergies"),
    "10160-0": Sort("Medications"),
    "10183-2": Sort("Discharge medications"),
    "42346-7": Sort("Admission medications"),
    "29549-3": Sort("Medications administered"),
    "30954-2": Sort("Results"),
    "47519-4": Sort("Procedures"),
}  # fmt: skip
HEADER: Mapping[str, tuple[str, ...]] = {
    "recordTarget": ("Patient", "RelatedPerson", "Organization"),
    "author, legalAuthenticator, participant": ("Practitioner", "PractitionerRole", "Organization"),
    "documentationOf/serviceEvent": ("CareTeam",),
    "componentOf/encompassingEncounter": ("Encounter",),
    "authorization/consent": ("Consent",),
    "inFulfillmentOf/order": ("Task",),
    "the document and its words": ("DocumentReference",),
}


@value
class Outline:
    """`document`: its type by HL7's name, "" where its templates name none. `software`: what made it.

    `sections` in document order: code, and has it words. `rows[n]` is the entry of row n + 2: number of its section (-1
    for none), element, mood, and the first template that it names, else its element.
    """

    document: str
    software: Sequence[str]
    confidentiality: str
    sections: Sequence[tuple[str, bool]]
    rows: Sequence[tuple[int, str, str, str]]


def outline(root: Element) -> Outline:
    sections, entries = walk(root)
    at = {id(section): n for n, section in enumerate(sections)}
    return Outline(
        next((name for t in kids(root, "templateId") if (name := _DOCUMENTS.get(said(t, "root")))), ""),
        sorted({told for device in root.iter(V3 + "assignedAuthoringDevice") if (told := _software(device))}),
        said(kid(root, "confidentialityCode"), "code"),
        [(s.code, s.words is not None and bool(words(s.words))) for s in sections],
        [_row(entry, at) for entry in entries],
    )


def _software(device: Element) -> str:
    return words(kid(device, "softwareName")) or words(kid(device, "manufacturerModelName"))


def _row(entry: Entry, at: Mapping[int, int]) -> tuple[int, str, str, str]:
    template = entry.templates[0] if entry.templates else entry.tag
    return at.get(id(entry.section), -1), entry.tag, entry.mood, template
