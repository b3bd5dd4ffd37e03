"""Who pays: a policy of the payers section → Coverage, what its authorization promises → insurance of that request."""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import THO, Book, add, coded, filled, first_of, ref
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.tree import V3, Element, said, words
from nowrongdoor.model import Resource

_RELATION = {
    "SELF": "self", "SUBSCR": "self", "SPS": "spouse", "SPOUSE": "spouse", "HUSB": "spouse", "WIFE": "spouse",
    "CHILD": "child", "NCHILD": "child", "FAMDEP": "other", "PRN": "parent", "STUD": "other", "HANDIC": "other",
    "DP": "common", "DOMPART": "common",
}  # fmt: skip  # HL7 v3 RoleCode → subscriber-relationship
_PAYER = "2.16.840.1.113883.10.20.22.4.87"


def coverage(book: Book, entry: Entry) -> Resource | None:
    """None where nobody is named who pays."""
    payor = _payor(book, entry)
    if payor is None:
        book.refuse(entry, "payer", "a policy that names nobody who pays", "ask for the payer's name")
        return None
    covered = next(iter(book.participants(entry, "COV")), None)
    role = first_of(covered, "participantRole") if covered is not None else None
    made: Resource = {
        "resourceType": "Coverage",
        "identifier": [*(values.ids(role, book.notes) if role is not None else ()), *book.ids(entry)],
        "status": "cancelled" if entry.status in {"aborted", "cancelled"} else "active",
        "payor": [payor],
    }
    member = _member(book, entry, role)
    filled(made, subscriberId=member, relationship=_relationship(entry, role), type=_type(book, entry))
    filled(made, period=book.span(first_of(covered, "time")) if covered is not None else None)
    if role is not None:
        _same_person(book, entry, role)
    return made


def _payor(book: Book, entry: Entry) -> Resource | None:
    for performer in entry.at.get("performer", ()):
        assigned = first_of(performer, "assignedEntity")
        templates = {t.get("root") for t in performer.iterchildren(V3 + "templateId")}
        code = said(first_of(assigned, "code"), "code") if assigned is not None else ""
        if assigned is not None and (_PAYER in templates or code == "PAYOR"):
            return book.header.organization(assigned)
    return None


def _member(book: Book, entry: Entry, role: Element) -> str:
    """The member number: the holder's, else that of whom it covers."""
    holders = (first_of(p, "participantRole") for p in book.participants(entry, "HLD"))
    for one in (*holders, role):
        for id_ in one.iterchildren(V3 + "id") if one is not None else ():
            if extension := said(id_, "extension"):
                return extension
    return ""


def _relationship(entry: Entry, role: Element) -> Resource | None:
    told = said(first_of(role, "code"), "code") if role is not None else ""
    word = _RELATION.get(told) or _RELATION.get(entry.code)
    return coded(THO + "subscriber-relationship", word) if word else None


def _type(book: Book, entry: Entry) -> Resource | None:
    """The kind of insurance; who is insured (SELF) is no kind of insurance."""
    return None if entry.code in _RELATION else values.cd(entry.one("code"), book.notes)


def _same_person(book: Book, entry: Entry, role: Element) -> None:
    """A covered party of another name is told, not judged."""
    playing = first_of(role, "playingEntity")
    name = first_of(playing, "name") if playing is not None else None
    covered = words(first_of(name, "family")).casefold() if name is not None else ""
    mine = {words(f).casefold() for p in book.head.get("recordTarget", ()) for f in p.iter(V3 + "family")}
    if covered and covered not in mine:
        book.flag(entry, "covered-party", "the covered party has another family name than the patient",
                  "check whose policy it is")  # fmt: skip


def promised(entry: Entry) -> None:
    """What a policy's authorization holds is asked for on its account."""
    policy = next((e for e in entry.up() if e.role == "coverage" and e.made is not None), None)
    if policy is not None and entry.made is not None:
        add(entry.made, "insurance", ref(policy))
