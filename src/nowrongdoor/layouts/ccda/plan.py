"""The plan of a document → one CarePlan, of words and references; a plan in words only has a text and no activity.

Goals or concerns by themselves make none: their facts stand, and their words are kept with the document.
"""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import US_CORE, Book, add, coded, filled, first_of, in_plan, named, ref
from nowrongdoor.layouts.ccda.ledger import Entry, Section, first
from nowrongdoor.layouts.ccda.narrative import join
from nowrongdoor.layouts.ccda.sections import (
    ASSESSED,
    ASSESSMENT,
    CARE_PLAN,
    CONCERNS,
    DONE,
    GOALS,
    OUTCOMES,
    PLAN,
    REQUESTS,
)  # fmt: skip
from nowrongdoor.layouts.ccda.tree import V3, words
from nowrongdoor.model import Resource

WORDS = {PLAN, ASSESSED, DONE, GOALS, CONCERNS, OUTCOMES}  # sections whose words are the plan's text


def stands_on(book: Book) -> Section | bool:
    """The section that the plan is of, True for the whole of a Care Plan document, False where nothing is planned."""
    if book.code == CARE_PLAN:
        return True
    for section in book.sections:
        if section.code in {PLAN, ASSESSED} and (section.entries or book.plain(section)):
            return section
        if section.code == DONE and any(e.made is not None and e.role in REQUESTS for e in _of(book, section)):
            return section
    return False


def _of(book: Book, section: Section) -> list[Entry]:
    return [e for e in book.entries if e.section is section]


def care_plan(book: Book, place: Section | bool) -> Resource:
    """What is planned, for what, and how far it is."""
    made: Resource = {"resourceType": "CarePlan", "status": "", "intent": "plan"}
    if told := join([book.told(s) for s in book.sections if s.code in WORDS]):
        made["text"] = {"status": "additional", "div": told}
    made["category"] = [coded(US_CORE + "careplan-category", "assess-plan")]
    section = place if isinstance(place, Section) else None
    filled(made, title=section.title if section else words(first(book.head, "title")))
    if section is None:
        filled(made, period=period(book))
    authors = (section.at.get("author") if section else None) or book.head.get("author") or ()
    filled(made, author=book.who(authors))
    facts = [e for e in book.entries if e.made is not None and e.same is e]
    requests = [e for e in facts if e.role in REQUESTS and in_plan(e)]
    goals = [e for e in facts if e.role == "goal"]
    filled(made, addresses=[ref(e) for e in facts if e.role in {"condition", "concern"} and _is_concern(e)])
    filled(made, goal=[ref(e) for e in goals], activity=_activity(book, requests, facts))
    filled(made, supportingInfo=_papers(book), note=_notes(book))
    made["status"] = _status([*requests, *goals])
    return made


def period(book: Book) -> Resource:
    """When the service was that the document documents."""
    for documented in book.head.get("documentationOf", ()):
        event = first_of(documented, "serviceEvent")
        if event is not None and (told := book.span(first_of(event, "effectiveTime"))):
            return told
    return {}


def _is_concern(entry: Entry) -> bool:
    coding = (entry.made or {}).get("category", [{}])[0].get("coding", [{}])
    return bool(coding[0].get("code") == "health-concern") and "verificationStatus" not in (entry.made or {})


def _activity(book: Book, requests: list[Entry], facts: list[Entry]) -> list[Resource]:
    made: list[Resource] = [{"reference": ref(e)} for e in requests]
    made += [{"outcomeReference": [ref(e)]} for e in facts if e.kind == "procedure"]
    told_of: list[Resource] = []
    for entry in book.entries:
        if entry.role == "handoff" and (told := progress(book, entry)) and told not in told_of:
            told_of.append(told)
    return made + ([{"progress": told_of}] if told_of else [])


def progress(book: Book, entry: Entry) -> Resource:
    """Something that took place while the plan was carried out."""
    code, text = named(book.concept(entry)), book.text(entry)
    told = text if code in text else f"{code}: {text}" if text else code
    if not told:
        return {}
    time, author = book.authored(entry)
    when = book.when(entry, "performed")
    moment = when.get("performedDateTime") or when.get("performedPeriod", {}).get("start") or time
    return filled({}, time=moment, authorReference=author, text=told)


def _papers(book: Book) -> list[Resource]:
    """Documents elsewhere that entries of the plan refer to: without their content they are identifiers."""
    made: list[Resource] = []
    for entry in book.entries:
        for paper in entry.element.iter(V3 + "externalDocument") if entry.role == "external" else ():
            code = named(values.cd(first_of(paper, "code"), book.notes))
            made += [filled({"identifier": i}, display=code) for i in values.ids(paper, book.notes)]
    return made


def _notes(book: Book) -> list[Resource]:
    """The assessment, and what is said not to be planned."""
    made: Resource = {}
    for section in book.sections:
        if section.code == ASSESSMENT and (told := book.plain(section)):
            add(made, "note", {"text": told})
    for entry in book.entries:
        if entry.role == "none" and (told := book.text(entry) or named(book.concept(entry))):
            add(made, "note", {"text": told if entry.code == "" else f"Not planned: {told}"})
    return list(made.get("note", []))


def _status(parts: list[Entry]) -> str:
    """Active while a part is; as its parts are where all are over; unknown where nothing says."""
    told = {(e.made or {}).get("status") or (e.made or {}).get("lifecycleStatus") for e in parts}
    if told & {"active", "draft", "proposed"}:
        return "active"
    if "on-hold" in told:
        return "on-hold"
    if "completed" in told:
        return "completed"
    return "revoked" if told & {"revoked", "cancelled"} else "unknown"
