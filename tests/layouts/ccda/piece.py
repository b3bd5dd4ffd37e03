"""One element read by one reader: what the tests of values share."""

from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda.tree import Notes

OPEN = '<r xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'


def read(piece, reader, **settings):
    """(what the reader makes of the last element, rules of its issues)."""
    root = xml.parse(f"{OPEN}{piece}</r>".encode())
    notes = Notes(root, **settings)
    made = reader(root[-1], notes)
    assert all(issue.severity == "warning" and issue.cure for _, issue in notes.issues)
    return made, [issue.rule for _, issue in notes.issues]
