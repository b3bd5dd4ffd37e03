"""Problems, diagnoses and health concerns → Condition; what somebody is only at risk of → Observation.

Sources: HL7's C-CDA on FHIR guide (problems), its ConceptMap of problem statuses.
"""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import (
    EXTENSION,
    PARTS,
    SNOMED,
    THO,
    US_CORE,
    Book,
    absent_code,
    add,
    coded,
    filled,
    first_of,
    parts,
    refs,
)  # fmt: skip
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.sections import category, withdrawn
from nowrongdoor.layouts.ccda.tree import V3
from nowrongdoor.model import Resource

_STATUS = {  # SNOMED CT → condition-clinical
    "55561003": "active", "73425007": "inactive", "413322009": "resolved", "246455001": "recurrence",
    "263855007": "relapse", "277022003": "remission",
}  # fmt: skip
_OVER = {"inactive", "resolved", "remission"}  # con-4: what has abated is one of these
_ACT = {"132", "136", "3", "80", "33", "34"}  # acts that hold problems, and say how far they are from over


def condition(book: Book, entry: Entry) -> Resource | None:
    """None for one that says nothing, not even in words."""
    what = book.concept(entry, "value") or _text(book, entry)
    if what is None:
        return None
    made: Resource = {
        "resourceType": "Condition",
        "identifier": book.ids(entry),
        "category": [_category(category(entry) or "health-concern")],
        "code": what,
    }
    sites = [s for e in entry.at.get("targetSiteCode", ()) if (s := values.cd(e, book.notes))]
    sites += _qualified(book, entry)
    _dates(book, entry, made)
    if not _not_so(entry, made) and (told := _clinical(book, entry, made)):
        made["clinicalStatus"] = coded(THO + "condition-clinical", told)
    _recorded(book, entry, made)
    return filled(made, bodySite=sites)


def concern(book: Book, entry: Entry) -> Resource | None:
    """A concern that only its words tell."""
    text = book.text(entry)
    if not text:
        return None
    book.flag(entry, "text-only", "a concern in words only: it has no code", "ask for a coded problem")
    made: Resource = {
        "resourceType": "Condition",
        "identifier": book.ids(entry),
        "category": [_category("health-concern")],
        "clinicalStatus": coded(THO + "condition-clinical", "active" if entry.status == "active" else "inactive"),
        "code": {"text": text},
    }
    _dates(book, entry, made)
    if _not_so(entry, made):
        del made["clinicalStatus"]
    elif "abatementDateTime" in made and entry.status == "active":
        made["clinicalStatus"] = coded(THO + "condition-clinical", "inactive")
    _recorded(book, entry, made)
    return made


def risk(book: Book, entry: Entry) -> Resource | None:
    """A Condition would say that the patient has it."""
    what = book.concept(entry, "value") or _text(book, entry)
    if what is None:
        return None
    made: Resource = {
        "resourceType": "Observation",
        "identifier": book.ids(entry),
        "status": book.status(entry, values.OBSERVATION_STATUS) or "unknown",
        "code": coded(SNOMED, "281694009", "At risk"),
        "valueCodeableConcept": what,
    }
    filled(made, **book.when(entry, "effective"))
    return filled(made, performer=book.everyone(entry.at.get("author", ())))


def _text(book: Book, entry: Entry) -> Resource | None:
    told = book.text(entry)
    return {"text": told} if told else None


def _category(code: str) -> Resource:
    return coded((US_CORE if code == "health-concern" else THO) + "condition-category", code)


def _not_so(entry: Entry, made: Resource) -> bool:
    """Told in error, or refuted: then it has no clinical status (con-5), and has not abated either (con-4)."""
    told = "entered-in-error" if withdrawn(entry) else "refuted" if entry.denied else ""
    if told:
        made["verificationStatus"] = coded(THO + "condition-ver-status", told)
        made.pop("abatementDateTime", None)
    return bool(told)


def _qualified(book: Book, entry: Entry) -> list[Resource]:
    """Finding site, in a qualifier of the value."""
    value = entry.one("value")
    found = []
    for q in value.iterchildren(V3 + "qualifier") if value is not None else ():
        name = first_of(q, "name")
        if name is not None and name.get("code") == "363698007":
            found.append(values.cd(first_of(q, "value"), book.notes))
    return [site for site in found if site]


def _dates(book: Book, entry: Entry, made: Resource) -> None:
    at = entry.one("effectiveTime")
    if at is None:
        return
    low, high = first_of(at, "low"), first_of(at, "high")
    onset = values.ts(low, book.notes) or (values.ts(at, book.notes) if low is None else "")
    filled(made, onsetDateTime=onset, abatementDateTime=values.ts(high, book.notes))


def _act(entry: Entry) -> Entry | None:
    bare = (e for e in entry.up() if e.tag == "act" and e.role == "holder" and not any(e.templates))
    return next((e for e in entry.up() if any(t.rpartition(".")[2] in _ACT for t in e.templates)), next(bare, None))


def _clinical(book: Book, entry: Entry, made: Resource) -> str:
    """A stated status, else the concern's; what has abated is not active."""
    stated = next((s for kid in entry.kids if kid.role == "status" if (s := _stated(book, kid))), "")
    act = _act(entry)
    told = stated or (("active" if act.status == "active" else "inactive") if act is not None and act.status else "")
    at = entry.one("effectiveTime")
    high = first_of(at, "high") if at is not None else None
    if "abatementDateTime" in made:
        return told if told in _OVER else "inactive"
    if high is not None and high.get("nullFlavor") == "UNK" and not stated:
        made["_abatementDateTime"] = absent_code()
        return "resolved"
    return told


def _stated(book: Book, kid: Entry) -> str:
    told = values.cd(kid.one("value"), book.notes) or {}
    return next((_STATUS[c["code"]] for c in told.get("coding", ()) if c["code"] in _STATUS), "")


def _recorded(book: Book, entry: Entry, made: Resource) -> None:
    """First author's time, last author's name; the act's authors where the observation has none."""
    act = _act(entry)
    authors = entry.at.get("author") or (act.at.get("author") if act is not None else None) or ()
    time = next((t for a in authors if (t := values.ts(first_of(a, "time"), book.notes))), "")
    filled(made, recordedDate=time, recorder=book.who(reversed(authors)))


# what other entries say of it --------------------------------------------


def remark(book: Book, entry: Entry) -> None:
    """A prognosis or a comment."""
    above = entry.above
    text = book.said(entry) or book.text(entry)
    if above is not None and above.made is not None and text:
        add(above.made, "note", {"text": text})


def linked(book: Book, entry: Entry) -> None:
    """What supports a concern is evidence of its other parts; what it refers to elsewhere is related to them."""
    mine = [e for kid in entry.kids if kid.link in PARTS for e in parts(kid) if e.kind == "condition"]
    if entry.kind == "condition":
        mine = [entry]
    support = refs((e for kid in entry.kids if kid.link == "SPRT" for e in parts(kid)), "condition", "observation")
    elsewhere = refs((e for target in book.links(entry, *PARTS) for e in parts(target)), "condition")
    for one in mine:
        if one.made is None:
            continue
        if support:
            add(one.made, "evidence", {"detail": support})
        own = refs([one], "condition")
        others = [other for other in elsewhere if other not in own]
        add(one.made, "extension", *({"url": EXTENSION + "condition-related", "valueReference": o} for o in others))
