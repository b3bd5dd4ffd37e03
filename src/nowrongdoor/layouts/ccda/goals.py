"""Goals, in whichever section and by whichever template: an entry with mood GOL, and never anything else."""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import SNOMED, THO, Book, add, coded, filled, first_of, named, parts, refs
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.tree import Element
from nowrongdoor.model import Resource

_ACHIEVED = {  # SNOMED CT → goal-achievement
    "390802008": "achieved", "390801001": "not-achieved", "706905005": "not-attainable", "706906006": "no-progress",
}  # fmt: skip
_DETAILS = {"Quantity", "Range", "CodeableConcept", "Integer", "Boolean", "String", "Ratio"}
ADDRESSED = {"", "REFR", "SUBJ", "COMP"}  # parts of a concern that a goal is about; what supports it is evidence


def goal(book: Book, entry: Entry) -> Resource | None:
    """R4 requires a status and has no word for not knowing it: without one the entry is refused."""
    by_value = _by_value(book, entry)
    description = _description(book, entry, by_value)
    if not description:
        return None
    status = book.status(entry, values.GOAL_STATUS)
    if not status:
        book.refuse(entry, "goal-status", "a goal without a status", "ask whether it is still pursued")
        return None
    made: Resource = {
        "resourceType": "Goal",
        "identifier": book.ids(entry),
        "lifecycleStatus": status,
        "description": description,
    }
    start, due = _dates(book, entry)
    filled(made, startDate=start, target=_target(book, None if by_value else entry.one("value"), description, due))
    authors = book.everyone(entry.at.get("author", ()))
    patient = [a for a in authors if a == book.header.patient]
    return filled(made, expressedBy=next(iter([*patient, *authors]), None))


def _by_value(book: Book, entry: Entry) -> Resource:
    """Its value, where nothing else says what the goal is: its code is not there, or says only that something is so."""
    if entry.code != "ASSERTION" and (book.text(entry) or values.cd(entry.one("code"), book.notes)):
        return {}
    kind, told = values.value_x(entry.one("value"), book.notes) or ("", {})
    known: dict[str, Resource] = {"valueCodeableConcept": told, "valueString": {"text": told}}
    return known.get(kind, {})


def _description(book: Book, entry: Entry, by_value: Resource) -> Resource | None:
    """Its code; text from originalText, else its own text, else what the code is called."""
    told = by_value or values.cd(entry.one("code"), book.notes) or {}
    text = told.get("text") if "coding" in told or not book.text(entry) else ""
    text = text or book.text(entry) or named(told)
    return filled(dict(told), text=text) or None


def _dates(book: Book, entry: Entry) -> tuple[str, str]:
    """(start, due). A single time is when the goal is to hold if it is after it was written, else when it was set."""
    at = entry.one("effectiveTime")
    if at is None:
        return "", ""
    if single := values.date(at, book.notes):
        written = next(
            (t for a in entry.at.get("author", ()) if (t := values.date(first_of(a, "time"), book.notes))), ""
        )
        written = written or book.date[:10]
        return ("", single) if written and single > written[: len(single)] else (single, "")
    return tuple(values.date(first_of(at, word), book.notes) for word in ("low", "high"))  # type: ignore[return-value]  # two


def _target(book: Book, value: Element, description: Resource, due: str) -> list[Resource]:
    made: Resource = {}
    told = values.value_x(value, book.notes)
    if told and (word := told[0].removeprefix("value")) in _DETAILS:
        made["measure"] = {"coding": description["coding"]} if "coding" in description else description  # gol-1
        made[f"detail{word}"] = told[1]
    filled(made, dueDate=due)
    return [made] if made else []


# what other entries say of it --------------------------------------------


def concerns_of(book: Book, entry: Entry) -> None:
    """The concerns that it addresses: all parts of those that it refers to, but for their evidence."""
    if entry.made is not None:
        found = [e for target in book.links(entry) for e in parts(target, ADDRESSED)]
        add(entry.made, "addresses", *refs(found, "condition", "observation"))


def evaluated(book: Book, entry: Entry) -> None:
    """An outcome stands with the goal that it evaluates."""
    for target in book.links(entry, "GEVL"):
        for one in parts(target):
            if one.role == "goal" and one.made is not None and entry.made is not None:
                add(one.made, "outcomeReference", *refs([entry], "observation"))


def progress(book: Book, entry: Entry) -> None:
    """How far the goal was reached that its outcome evaluates, or that it stands on."""
    above = entry.above
    told = values.cd(entry.one("value"), book.notes)
    if above is None or told is None:
        return
    goals = [above] if above.role == "goal" else [e for t in book.links(above, "GEVL") for e in parts(t)]
    words = [_ACHIEVED[c["code"]] for c in told.get("coding", ()) if c["system"] == SNOMED and c["code"] in _ACHIEVED]
    known = coded(THO + "goal-achievement", words[0])["coding"] if words else []
    for one in goals:
        if one.role == "goal" and one.made is not None:
            one.made["achievementStatus"] = {**told, "coding": [*known, *told.get("coding", ())]}
            book.tells(entry, one)


def priority(book: Book, entry: Entry) -> None:
    """A preference is nobody's order: the goal's priority (the patient's, else the first), on anything else a note."""
    above, told = entry.above, values.cd(entry.one("value"), book.notes)
    if above is None or not told:
        return
    mine = book.who(entry.at.get("author", ())) == book.header.patient
    if above.role == "goal" and above.made is not None:
        if mine or "priority" not in above.made:
            above.made["priority"] = told
        return
    text = f"{'Priority to the patient' if mine else 'Priority'}: {named(told)}"
    for one in parts(above, ADDRESSED):
        if one.made is not None and (one is above or one.role in {"condition", "risk"}):
            add(one.made, "note", {"text": text})
            book.tells(entry, one)
