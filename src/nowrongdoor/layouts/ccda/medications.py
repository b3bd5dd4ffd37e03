"""Medicines that somebody plans, orders or supplies → MedicationRequest; those that were taken stay narrative."""

from nowrongdoor.layouts.ccda import values
from nowrongdoor.layouts.ccda.book import Book, absent_code, add, filled, first_of
from nowrongdoor.layouts.ccda.ledger import Entry
from nowrongdoor.layouts.ccda.requests import authored, status
from nowrongdoor.layouts.ccda.sections import INTENT
from nowrongdoor.layouts.ccda.tree import V3, XSI_TYPE, Element, said, words
from nowrongdoor.model import Resource


def medication(book: Book, entry: Entry) -> Resource | None:
    """None where no medicine is named, neither by it nor by what it hangs on."""
    what = _medicine(book, entry)
    if what is None:
        return None
    told = status(book, entry)
    made: Resource = {
        "resourceType": "MedicationRequest",
        "identifier": book.ids(entry),
        "status": "cancelled" if told == "revoked" else told,
        "intent": INTENT[entry.mood],
        "medicationCodeableConcept": what,
    }
    authored(book, entry, made)
    filled(made, performer=book.who(entry.at.get("performer", ())))
    if entry.tag == "supply":
        filled(made, dispenseRequest=_dispense(book, entry))
    else:
        filled(made, dosageInstruction=_dosage(book, entry))
    return made


def sig(book: Book, entry: Entry) -> None:
    """Directions in free text."""
    if entry.above and entry.above.made is not None and (told := book.text(entry)):
        dosage = entry.above.made.setdefault("dosageInstruction", [{}])[0]
        dosage.setdefault("text", told)


def _medicine(book: Book, entry: Entry) -> Resource | None:
    for at in (entry, *entry.up()):
        for product in (*at.at.get("product", ()), *at.at.get("consumable", ())):
            material = next(product.iter(V3 + "manufacturedMaterial", V3 + "manufacturedLabeledDrug"), None)
            if material is None:
                continue
            named = words(first_of(material, "name"))
            if told := values.cd(first_of(material, "code"), book.notes):
                return told if "text" in told or not named else {**told, "text": named}
            if named:
                return {"text": named}
    if told := book.concept(entry):
        return told
    return absent_code() if "effectiveTime" in entry.at and entry.tag != "supply" else None


def _dosage(book: Book, entry: Entry) -> list[Resource]:
    made: Resource = {}
    timing: Resource = {}
    for at in entry.at.get("effectiveTime", ()):
        _time(book, at, timing)
    filled(made, timing=timing, route=values.cd(entry.one("routeCode"), book.notes))
    dose = values.ivl_pq(entry.one("doseQuantity"), book.notes)
    if dose and "comparator" not in dose[1]:
        made["doseAndRate"] = [{f"dose{dose[0]}": dose[1]}]
    return [made] if made else []


def _time(book: Book, at: Element, timing: Resource) -> None:
    kind = said(at, XSI_TYPE).rpartition(":")[2]
    if kind == "PIVL_TS":
        every = values.pivl(at).get("repeat")
        if every:
            timing.setdefault("repeat", {}).update(every)
    elif single := values.ts(at, book.notes):
        add(timing, "event", single)
    elif period := values.ivl(at, book.notes):
        timing.setdefault("repeat", {}).setdefault("boundsPeriod", period)


def _dispense(book: Book, entry: Entry) -> Resource:
    """`repeatNumber` counts the first supply too."""
    made: Resource = {}
    filled(made, validityPeriod=book.span(entry.one("effectiveTime")))
    times = values.number(said(entry.one("repeatNumber")))
    if isinstance(times, int) and times >= 1:
        made["numberOfRepeatsAllowed"] = times - 1
    return filled(made, quantity=values.quantity(entry.one("quantity"), book.notes))
