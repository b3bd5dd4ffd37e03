"""Papers that entries tell of: advance directives, which are never a privacy Consent, and notes.

Source: HL7's C-CDA on FHIR guide (notes); US Core DocumentReference.
"""

from base64 import b64encode

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import US_CORE, Book, coded, filled, first_of, named
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.sections import DIRECTIVES
from nowrongdoor.layouts.ccda.tree import V3
from nowrongdoor.model import Resource

LOINC = "http://loinc.org"
NOTE = coded(US_CORE + "us-core-documentreference-category", "clinical-note")


def directive(book: Book, entry: Entry) -> Resource | None:
    """None where neither a paper nor a word of it is there."""
    above = entry.above if entry.above is not None and entry.above.tag == "organizer" else None
    what = book.concept(above) if above is not None and above.code else book.concept(entry)
    told = book.concept(entry, "value")
    paper = next((e for r in entry.at.get("reference", ()) for e in r.iter(V3 + "externalDocument")), None)
    description = named(told) or book.text(entry)
    content = values.attachment(first_of(paper, "text")) if paper is not None else None
    content = content or (plain_text(description) if description else None)
    if content is None:
        return None
    made: Resource = {"resourceType": "DocumentReference", "identifier": book.ids(entry), "status": "current"}
    book.paper(made, values.ids(paper, book.notes)[:1] if paper is not None else [])
    filled(made, type=what, category=[coded(LOINC, DIRECTIVES)], author=book.everyone(entry.at.get("author", ())))
    filled(made, date=written(book, entry), description=description, content=[{"attachment": content}])
    return filled(made, context=filled({}, period=book.span(entry.one("effectiveTime"))))


def note(book: Book, entry: Entry) -> Resource | None:
    """A note as the entry holds it, or as its section's words tell it."""
    at = entry.one("text")
    content = values.attachment(at) if at is not None and at.get("representation") == "B64" else None
    if content is None and (told := book.text(entry)):
        content = plain_text(told)
    if content is None:
        return None
    made: Resource = {"resourceType": "DocumentReference", "identifier": book.ids(entry), "status": "current"}
    filled(made, type=book.concept(entry), category=[NOTE], author=book.everyone(entry.at.get("author", ())))
    filled(made, date=written(book, entry), content=[{"attachment": content}])
    acts = [i for r in entry.at.get("reference", ()) for e in r for i in values.ids(e, book.notes)]
    return filled(
        made,
        context=filled({}, period=book.span(entry.one("effectiveTime")), related=[{"identifier": i} for i in acts]),
    )


def written(book: Book, entry: Entry) -> str:
    """An instant, or ""."""
    return instant(book.authored(entry)[0])


def instant(told: str) -> str:
    """FHIR's instant has a day, a time and a zone; anything less precise is none."""
    return told if "T" in told else ""


def plain_text(told: str) -> Resource:
    return {"contentType": "text/plain; charset=utf-8", "data": b64encode(told.encode()).decode()}
