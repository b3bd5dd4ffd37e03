"""What was found or done: outcomes, screening scores, functional and mental status, procedures of a plan.

Sources: HL7's C-CDA on FHIR guide (results, social history, procedures); US Core categories of observations.
"""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import THO, US_CORE, Book, absent_code, add, coded, filled
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.sections import CONCERNS, FUNCTIONAL, MENTAL, within
from nowrongdoor.model import Resource

_T = "2.16.840.1.113883.10.20.22.4."
_PROCEDURE = {
    "completed": "completed", "active": "in-progress", "aborted": "stopped", "cancelled": "not-done",
    "new": "preparation", "held": "preparation", "suspended": "on-hold", "nullified": "entered-in-error",
    "": "unknown",
}  # fmt: skip


def observation(book: Book, entry: Entry) -> Resource | None:
    """None for one that says nothing."""
    code, value = book.concept(entry), book.value(entry)
    if code is None and not any(name.startswith("value") for name in value):
        return None
    made: Resource = {
        "resourceType": "Observation",
        "identifier": book.ids(entry),
        "status": book.status(entry, values.OBSERVATION_STATUS) or "unknown",
        "code": code or absent_code(),
    }
    filled(made, category=_categories(entry), **book.when(entry, "effective"))
    performers = book.everyone([*entry.at.get("author", ()), *entry.at.get("performer", ())])
    filled(made, performer=performers, **value)
    said = [i for e in entry.at.get("interpretationCode", ()) if (i := values.cd(e, book.notes))]
    return filled(made, interpretation=said)


def _categories(entry: Entry) -> list[Resource]:
    code = entry.section.code
    found = []
    if code == MENTAL or entry.has(_T + "73", _T + "74"):
        found = [coded(US_CORE + "us-core-category", "cognitive-status")]
    elif code == FUNCTIONAL:
        found = [coded(US_CORE + "us-core-category", "functional-status")]
    elif code == CONCERNS or within(entry, "132"):
        found = [coded(THO + "observation-category", "social-history")]
    if entry.has(_T + "69"):
        found.append(coded(THO + "observation-category", "survey"))
    return found


def component(book: Book, entry: Entry) -> None:
    """An answer that a score is made of."""
    value, code = book.value(entry), book.concept(entry)
    if entry.above is not None and entry.above.made is not None and code and value:
        add(entry.above.made, "component", {"code": code, **value})


def procedure(book: Book, entry: Entry) -> Resource | None:
    """Done, so never a request."""
    code = book.concept(entry)
    if code is None:
        return None
    status = book.status(entry, _PROCEDURE) or "unknown"
    made: Resource = {
        "resourceType": "Procedure",
        "identifier": book.ids(entry),
        "status": status,
        "code": code,
    }
    filled(made, **book.when(entry, "performed"))
    performers = [{"actor": one} for one in book.everyone(entry.at.get("performer", ()))]
    sites = [s for e in entry.at.get("targetSiteCode", ()) if (s := values.cd(e, book.notes))]
    return filled(made, performer=performers, bodySite=sites)
