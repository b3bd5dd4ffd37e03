"""Visits: the encounter that a document is about, and those that its entries state. One id, one Encounter.

Source: HL7's C-CDA on FHIR guide (encounters).
"""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import THO, Book, Visit, absent_code, add, filled, first_of, parts, refs
from nowrongdoor.layouts.ccda.ledger import Entry, children, first
from nowrongdoor.layouts.ccda.tree import V3, Element, hashed, said, words
from nowrongdoor.model import Resource

_ACT_CODE = THO + "v3-ActCode"
_CLASSES = {"AMB", "EMER", "FLD", "HH", "IMP", "ACUTE", "NONAC", "OBSENC", "PRENC", "SS", "VR"}
_CPT = "http://www.ama-assn.org/go/cpt"
_VISITS = (  # CPT's own headings of evaluation and management: office or outpatient, hospital, emergency, home
    ("99202", "99215", "AMB"), ("99221", "99239", "IMP"), ("99241", "99245", "AMB"), ("99281", "99288", "EMER"),
    ("99341", "99350", "HH"),
)  # fmt: skip
_STATUS = {"completed": "finished", "active": "in-progress", "aborted": "unknown", "cancelled": "cancelled",
           "nullified": "entered-in-error", "suspended": "onleave", "new": "unknown", "held": "planned"}  # fmt: skip


def encounter(book: Book, entry: Entry) -> Resource:
    made = _encounter(book, entry.at, book.ids(entry))
    for kid in entry.kids:
        if kid.role == "reason" and (why := book.concept(kid, "value")):
            add(made, "reasonCode", why)
    if book.visit is None or not entry.id or book.visit.id != entry.id:
        return made
    if not _one_day(book.visit.resource, made):
        entry.key = hashed(entry.key, made["period"]["start"])
        book.reused(entry)
        return made
    known, entry.key = book.visit.resource, book.visit.key  # the header's: one resource, told twice
    for name, told in made.items():
        if known.get(name) in (None, "unknown", absent_code(), [absent_code()]):
            known[name] = told
    return known


def _one_day(one: Resource, other: Resource) -> bool:
    """Whether two visits may be one: both begin on one day, or one does not say when."""
    a, b = (made.get("period", {}).get("start", "")[:10] for made in (one, other))
    return bool(a.startswith(b) or b.startswith(a))


def of_header(book: Book) -> None:
    """The encounter that the whole document is about."""
    component = first(book.head, "componentOf")
    visit = first_of(component, "encompassingEncounter") if component is not None else None
    if visit is None:
        return
    at = children(visit)
    id_ = values.key(visit)
    at["performer"] = [*at.get("encounterParticipant", ()), *at.get("responsibleParty", ())]
    made = _encounter(book, at, values.ids(visit, book.notes))
    by_id = id_ and not book.unstable
    key = hashed(book.person, id_) if by_id else hashed(book.person, "visit", str(made.get("period")))
    book.visit = Visit(id_, key, made)


def _encounter(book: Book, at: dict[str, list[Element]], ids: list[Resource]) -> Resource:
    kinds = values.cd(first(at, "code"), book.notes) or {}
    codings = kinds.get("coding", ())
    classes = [c for c in codings if c["system"] == _ACT_CODE and c["code"] in _CLASSES]
    types = [c for c in codings if c not in classes]
    classes += [
        {"system": _ACT_CODE, "code": word} for c in codings if c["system"] == _CPT for word in _of_visit(c["code"])
    ]
    period = book.span(first(at, "effectiveTime"))
    made: Resource = {
        "resourceType": "Encounter",
        "identifier": ids,
        "status": _status(book, at, period),
        "class": classes[0] if classes else absent_code(),
    }
    kind: Resource = {"coding": types} if types else {}
    filled(kind, text=kinds.get("text"))
    everyone = book.everyone(at.get("performer", ()))
    filled(made, type=[kind or absent_code()], period=period, participant=[{"individual": one} for one in everyone])
    places = [p for participant in (*at.get("participant", ()), *at.get("location", ())) if (p := _place(participant))]
    return filled(made, location=[{"location": {"display": p}} for p in places])


def _of_visit(code: str) -> list[str]:
    """The class that a CPT code of a visit names."""
    return [word for low, high, word in _VISITS if low <= code <= high and len(code) == 5]


def _status(book: Book, at: dict[str, list[Element]], period: Resource) -> str:
    """Its statusCode; without one a single time or an end is past, a beginning alone goes on."""
    told = _STATUS.get(said(first(at, "statusCode"), "code"), "")
    if not told and period:
        told = "finished" if "end" in period or values.ts(first(at, "effectiveTime"), book.notes) else "in-progress"
    return told or "unknown"


def _place(at: Element) -> str:
    """Name of where it was: a location of the header, a participant LOC of an entry."""
    if at.tag == V3 + "participant" and said(at, "typeCode").upper() != "LOC":
        return ""
    return next((told for e in at.iter(V3 + "name") if (told := words(e))), "")


def visited(book: Book, entry: Entry) -> None:
    """An entry that only names its encounter."""
    above = entry.above
    if above is None or above.made is None or above.kind not in {"service", "observation", "medication", "document"}:
        return
    known = refs((e for id_ in entry.at.get("id", ()) for e in book.by_id.get(values.ii_key(id_), ())
                  if e.role == "encounter" and e.made is not None), "encounter")  # fmt: skip
    if not known and book.visit is not None and entry.id and entry.id == book.visit.id:
        known = [{"reference": f"encounter:{book.visit.key}"}]
    if known and above.kind == "document":
        above.made.setdefault("context", {}).setdefault("encounter", known)
    elif known:
        above.made.setdefault("encounter", known[0])


def diagnosed(entry: Entry) -> None:
    """Diagnoses that an encounter holds."""
    found = refs((one for kid in entry.kids for one in parts(kid)), "condition")
    if entry.made is not None and found:
        add(entry.made, "diagnosis", *({"condition": one} for one in found))
