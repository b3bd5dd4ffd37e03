"""The care team of a Care Teams section → CareTeam; that of the header is the header's."""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import Book, filled
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.tree import V3
from nowrongdoor.model import Resource

_STATUS = {"active": "active", "completed": "inactive", "suspended": "suspended", "aborted": "inactive",
           "cancelled": "inactive", "nullified": "entered-in-error", "new": "proposed"}  # fmt: skip


def team(book: Book, entry: Entry) -> Resource | None:
    """None where no member is known."""
    members = [m for kid in entry.kids for m in _members(book, kid)]
    if not members:
        return None
    made: Resource = {"resourceType": "CareTeam", "identifier": book.ids(entry), "participant": members}
    filled(made, status=_STATUS.get(entry.status, ""), period=book.span(entry.one("effectiveTime")))
    return filled(made, name=book.text(entry))


def _members(book: Book, entry: Entry) -> list[Resource]:
    found = []
    for performer in entry.at.get("performer", ()):
        if member := book.header.reference(performer):
            code = next((c for word in ("{urn:hl7-org:sdtc}functionCode", V3 + "functionCode", V3 + "code")
                         for c in performer.iter(word)), None)  # fmt: skip
            role = values.cd(code, book.notes)
            found.append(filled({}, role=[role] if role else [], member=member))
    return found
