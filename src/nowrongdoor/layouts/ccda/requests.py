"""What somebody plans or asks for: planned acts, visits, observations, procedures, supplies of devices → requests.

Intent comes from the mood, what hangs on an entry (indications, coverage, instructions, preferences) goes into it.
"""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import EXTENSION, Book, absent_code, add, filled, first_of, named, parts, ref, refs
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.sections import INSTRUCTIONS, INTENT, REQUESTS
from nowrongdoor.layouts.ccda.tree import said, words
from nowrongdoor.model import Resource

_PRIORITY = {"A": "asap", "R": "routine", "UR": "urgent", "EM": "stat", "S": "stat"}  # v3-ActPriority


def service(book: Book, entry: Entry) -> Resource | None:
    """A ServiceRequest; None for an entry that says neither what nor when nor who."""
    code, when = book.concept(entry), book.when(entry, "occurrence")
    performers = book.everyone([*entry.at.get("performer", ()), *book.participants(entry, "RESP", "REFT")])
    if not (code or when or performers):
        return None
    made: Resource = {
        "resourceType": "ServiceRequest",
        "identifier": book.ids(entry),
        "status": status(book, entry),
        "intent": "order" if entry.role == "referral" else INTENT[entry.mood],
        "code": code or absent_code(),
    }
    filled(made, **when)
    authored(book, entry, made)
    sites = [site for e in entry.at.get("targetSiteCode", ()) if (site := values.cd(e, book.notes))]
    filled(made, performer=performers, locationCode=_places(book, entry), bodySite=sites)
    _urgency(book, entry, made)
    if entry.has(*INSTRUCTIONS) and (told := book.text(entry)):
        made["patientInstruction"] = told
    return made


def device(book: Book, entry: Entry) -> Resource | None:
    """A DeviceRequest of a planned supply of a thing."""
    playing = next(entry.element.iter("{*}playingDevice"), None)
    code = values.cd(first_of(playing, "code"), book.notes) if playing is not None else None
    made: Resource = {
        "resourceType": "DeviceRequest",
        "identifier": book.ids(entry),
        "status": status(book, entry),
        "intent": INTENT[entry.mood],
        "codeCodeableConcept": code or book.concept(entry) or absent_code(),
    }
    filled(made, **book.when(entry, "occurrence"))
    authored(book, entry, made)
    return made


def status(book: Book, entry: Entry) -> str:
    return book.status(entry, values.REQUEST_STATUS) or "unknown"


def authored(book: Book, entry: Entry, made: Resource) -> None:
    """When it was asked for, and by whom."""
    time, author = book.authored(entry)
    filled(made, authoredOn=time, requester=author)


def _places(book: Book, entry: Entry) -> list[Resource]:
    found = []
    for participant in book.participants(entry, "LOC"):
        role = first_of(participant, "participantRole")
        if role is not None:
            place = values.cd(first_of(role, "code"), book.notes) or {}
            playing = first_of(role, "playingEntity")
            filled(place, text=words(first_of(playing, "name")) if playing is not None else "")
            found += [place] if place else []
    return found


def _urgency(book: Book, entry: Entry, made: Resource) -> None:
    at = entry.one("priorityCode")
    told = said(at, "code")
    if told in _PRIORITY:
        made["priority"] = _PRIORITY[told]
    elif text := named(values.cd(at, book.notes)):
        add(made, "note", {"text": f"Priority: {text}"})


# what hangs on a request -------------------------------------------------


def reason(book: Book, entry: Entry) -> None:
    """Why: a reference where the problem is a Condition of the document, else what it says."""
    above = entry.above
    if above is None or above.made is None:
        return
    known = refs((e for id_ in entry.at.get("id", ()) for e in book.by_id.get(values.ii_key(id_), ())), "condition")
    said_ = book.concept(entry, "value")
    if above.role == "goal":
        problem = known or ([{"display": text}] if (text := named(said_)) else [])
        add(above.made, "addresses", *problem)
    elif known:
        add(above.made, "reasonReference", *known)
    elif said_:
        add(above.made, "reasonCode", said_)


def insurance(book: Book, entry: Entry) -> None:
    """A planned coverage has no member number to make a Coverage of: its name."""
    request = next((e for e in entry.up() if e.role in REQUESTS and e.made), None)
    inner = [k for k in entry.kids if k.role == "insurance"]
    if request is None or request.made is None or inner:
        return
    text = named(book.concept(entry))
    if text and request.role != "device":
        add(request.made, "insurance", {"display": text})


def instruction(book: Book, entry: Entry) -> None:
    """What the patient is told about it."""
    above, told = entry.above, book.text(entry) or named(book.concept(entry))
    if above is None or above.made is None or not told:
        return
    if above.role == "medication":
        dosage = above.made.setdefault("dosageInstruction", [{}])[0]
        dosage["patientInstruction"] = _joined(dosage.get("patientInstruction"), told)
    elif above.role == "device":
        add(above.made, "note", {"text": told})
    else:
        above.made["patientInstruction"] = _joined(above.made.get("patientInstruction"), told)


def _joined(before: str | None, told: str) -> str:
    return told if not before or told in before else f"{before}\n{told}"


def goals_of(book: Book, entry: Entry) -> None:
    """The goals that a request is for: named by it, or by the intervention that holds it, or by the goals."""
    holders = [entry, *(e for e in entry.up() if e.role == "holder")]
    targets = [e for holder in holders for target in book.links(holder) for e in parts(target)]
    targets += [e for e in entry.up() if e.role == "goal"]
    made = entry.made
    if made is None:
        return
    if entry.kind in {"service", "medication", "device"}:
        goals = ({"url": EXTENSION + "resource-pertainsToGoal", "valueReference": g} for g in refs(targets, "goal"))
        add(made, "extension", *goals)
        reasons = refs((e for target in book.links(entry, "RSON") for e in parts(target)), "condition", "observation")
        add(made, "reasonReference", *reasons)


def of_goal(book: Book, entry: Entry) -> None:
    """Requests that a goal itself refers to."""
    for target in book.links(entry):
        for one in parts(target):
            if one.made is not None and one.kind in {"service", "medication", "device"}:
                add(one.made, "extension",
                    {"url": EXTENSION + "resource-pertainsToGoal", "valueReference": ref(entry)})  # fmt: skip
