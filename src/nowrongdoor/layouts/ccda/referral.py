"""Referrals: the order that leaves the house, the Task that tells how far it is, and what closes it.

A referral in words only is one request with its text; it has no Task, for a Task has no state for not knowing.
"""

from collections.abc import Callable

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import Book, add, filled, first_of, named, ref
from nowrongdoor.layouts.ccda.ledger import Entry, Section
from nowrongdoor.layouts.ccda.sections import REFERRAL, REQUESTS, denies
from nowrongdoor.layouts.ccda.tree import V3, Element, hashed
from nowrongdoor.model import Resource

_TASK = {
    "active": "requested", "completed": "completed", "revoked": "cancelled", "on-hold": "on-hold", "draft": "draft",
    "entered-in-error": "entered-in-error",
}  # fmt: skip
_CONSULTATION = "11488-4"
_REPORTS = {  # US Realm: consultation, imaging, procedure and operative note; each under many codes of its own
    f"2.16.840.1.113883.10.20.22.1.{n}" for n in (4, 5, 6, 7)
}
_FULFIL = {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]}


def task(entry: Entry) -> Resource | None:
    """The Task of a coded referral; None where its state is unknown."""
    made = entry.made or {}
    status = _TASK.get(made.get("status", ""))
    if status is None:
        return None
    told: Resource = {"resourceType": "Task", "status": status, "intent": "order", "code": _FULFIL, "focus": ref(entry)}
    filled(told, **{word: made[word] for word in ("priority", "authoredOn", "requester") if word in made})
    owner = next((p for p in made.get("performer", ()) if "reference" in p), None)
    return filled(told, owner=owner)


def level(book: Book, entry: Entry) -> None:
    """How much care is handed over: full or shared."""
    told = book.concept(entry, "value")
    if told and entry.above is not None and entry.above.made is not None:
        add(entry.above.made, "orderDetail", told)


def reasons(book: Book, may_tell: Callable[[Entry], bool]) -> None:
    """Words of a Reason for Referral: why its acts were asked for, or the referral itself where it has none.

    `may_tell`: an entry is as restricted as all the words of its section are.
    """
    for section in book.sections:
        if section.code != REFERRAL or not (told := book.plain(section)):
            continue
        held = [e for e in book.entries if e.section is section and (e.made is not None or e.role == "none")]
        for entry in held:
            if entry.kind != "service" or entry.made is None:
                continue
            if not may_tell(entry):
                book.flag(entry, "label", "its section's words may tell of something more restricted: left out",
                          "point from each referral to its own words")  # fmt: skip
            else:
                add(entry.made, "reasonCode", {"text": told})
        if not any(e.role in {*REQUESTS, "none"} for e in held) and not section.silent:
            _in_words(book, section, told)


def _in_words(book: Book, section: Section, told: str) -> None:
    if denies(told):
        book.notes.note(section.element, "referral-denied", "words that none is wanted: no order is made of them",
                        "read them; ask for what is wanted as a coded referral")  # fmt: skip
        return
    book.notes.note(section.element, "text-only", "a referral in words only", "ask for it as a coded referral")
    made = {"resourceType": "ServiceRequest", "status": "unknown", "intent": "order", "code": {"text": told}}
    authors = section.at.get("author", ())
    filled(made, requester=book.who(authors))
    book.beside("service", hashed(book.person, "referral", told, book.occasion), made, section)


# closing -------------------------------------------------------------------


def close(book: Book, document: Resource) -> None:
    """Orders of other documents that this one fulfils: a Task that says so, and names the order by its identifier.

    Any document may name an order; only one that tells what was found or done ends it.
    """
    done = book.code == _CONSULTATION or any(t.get("root") in _REPORTS for t in book.head.get("templateId", ()))
    for fulfilment in book.head.get("inFulfillmentOf", ()):
        order = first_of(fulfilment, "order")
        ids = [(id_, made) for id_ in _ids(order) if (made := values.ii(id_, book.notes))]
        if not ids:
            continue
        identifier, name = ids[0][1], named(values.cd(first_of(order, "code"), book.notes))
        document.setdefault("context", {}).setdefault("related", []).append({"identifier": identifier})
        if not done:
            book.notes.note(fulfilment, "order-open", "it names an order, and is no report of what was done for it",
                            "ask whether the order is done: it is not closed by this")  # fmt: skip
            continue
        key = f"{book.key} {name}" if book.unstable else values.ii_key(ids[0][0])
        focus: Resource = {"type": "ServiceRequest", "identifier": identifier}
        filled(focus, display=name)
        told: Resource = {
            "resourceType": "Task",
            "status": "completed",
            "intent": "order",
            "code": _FULFIL,
            "focus": focus,
        }
        told["output"] = [_output({"reference": f"document:{book.key}"})]
        book.beside("task", hashed(book.person, "order", key), told)


def _ids(order: Element) -> list[Element]:
    return [] if order is None else list(order.iterchildren(V3 + "id"))


def _output(reference: Resource) -> Resource:
    return {"type": {"text": "Consultation note"}, "valueReference": reference}


def notes_of(book: Book, entry: Entry) -> list[Entry]:
    """Referrals of this document that a note says it answers."""
    keys = [values.ii_key(id_) for act in entry.at.get("reference", ()) for id_ in act.iter(V3 + "id")]
    return [e for key in keys for e in book.by_id.get(key, ()) if e.role == "referral" and e.made is not None]


def answered(book: Book) -> dict[str, list[Resource]]:
    """Key of a referral → outputs of its Task; the request is completed."""
    found: dict[str, list[Resource]] = {}
    for entry in book.entries:
        if entry.role == "note" and entry.made is not None:
            for referral in notes_of(book, entry):
                if referral.made is not None and referral.made["status"] != "entered-in-error":
                    referral.made["status"] = "completed"
                    book.tells(entry, referral)
                    found.setdefault(referral.same.key, []).append(_output(ref(entry)))
    return found


def tasks(book: Book) -> None:
    """A Task for each coded referral."""
    outputs = answered(book)
    for entry in book.entries:
        if entry.role == "referral" and entry.made is not None and entry.same is entry and (told := task(entry)):
            filled(told, output=outputs.get(entry.key))
            book.beside("task", entry.key, told, entry)
