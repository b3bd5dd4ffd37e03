"""The document itself: always one DocumentReference that keeps the words of all sections, or the body as it came.

Also what its header says of consent, and the encounter and orders that it is about.
"""

from base64 import b64encode

from nowrongdoor.layouts.ccda import referral, values
from nowrongdoor.layouts.ccda.book import THO, Book, add, filled, first_of, named
from nowrongdoor.layouts.ccda.directives import NOTE, instant
from nowrongdoor.layouts.ccda.ledger import first
from nowrongdoor.layouts.ccda.narrative import join
from nowrongdoor.layouts.ccda.plan import period
from nowrongdoor.layouts.ccda.tree import hashed, said, words
from nowrongdoor.model import Resource

_RELATED = {"RPLC": "replaces", "APND": "appends", "XFRM": "transforms"}


def key_of(book: Book) -> str:
    """By its id; where its source mints new ids at every export, by its kind and what it is about (`Book.occasion`)."""
    id_ = values.ii_key(first(book.head, "id")) if "id" in book.head and not book.unstable else ""
    if id_:
        return hashed(book.person, id_)
    return hashed(book.person, book.code, "document", book.occasion if book.unstable else book.date, _title(book))


def plan_key(book: Book) -> str:
    """The plan goes on through the versions of a document."""
    set_ = values.ii_key(first(book.head, "setId")) if "setId" in book.head and not book.unstable else ""
    return hashed(book.person, "plan", set_) if set_ else hashed(book.key, "plan")


def _title(book: Book) -> str:
    return words(first(book.head, "title"))


def document(book: Book) -> Resource:
    """The DocumentReference; the order that it fulfils gets a Task that says so."""
    head, notes = book.head, book.notes
    made: Resource = {"resourceType": "DocumentReference", "status": "current"}
    book.paper(made, [id_] if (id_ := _identifier(book, "id")) else [])
    if set_ := _identifier(book, "setId"):
        add(made, "identifier", set_)
    made["type"] = values.cd(first(head, "code"), notes) or {"text": _title(book) or "Clinical document"}
    made["category"] = [NOTE]
    filled(made, date=instant(book.date), author=book.everyone(head.get("author", ())))
    filled(made, authenticator=book.who(head.get("legalAuthenticator", ())), custodian=book.header.custodian)
    filled(made, relatesTo=_related(book), description=_title(book), securityLabel=_labels(book))
    made["content"] = [{"attachment": _content(book)}]
    context = filled({}, period=period(book))
    if book.visit:
        context["encounter"] = [{"reference": f"encounter:{book.visit.key}"}]
    filled(made, context=context)
    referral.close(book, made)
    return made


def _identifier(book: Book, word: str) -> Resource | None:
    return values.ii(first(book.head, word), book.notes) if word in book.head else None


def _labels(book: Book) -> list[Resource]:
    at = first(book.head, "confidentialityCode")
    told = at.get("code") if at is not None else ""
    return [{"coding": [{"system": THO + "v3-Confidentiality", "code": told}]}] if told in set("UMLNRV") else []


def _related(book: Book) -> list[Resource]:
    made: list[Resource] = []
    for related in book.head.get("relatedDocument", ()):
        parent, code = first_of(related, "parentDocument"), _RELATED.get(said(related, "typeCode").upper())
        if parent is not None and code:
            made += [{"code": code, "target": {"identifier": i}} for i in values.ids(parent, book.notes)[:1]]
    return made


def _content(book: Book) -> Resource:
    """Words of all sections under their titles; a body that is not XML as it came; a title where there is neither."""
    component = first(book.head, "component")
    raw = first_of(component, "nonXMLBody") if component is not None else None
    if raw is not None and (made := values.attachment(first_of(raw, "text"))):
        return made
    told = join([book.told(s) for s in book.sections])
    if told:
        return {"contentType": "application/xhtml+xml", "data": b64encode(told.encode()).decode()}
    text = _title(book) or "A clinical document without words"
    return {"contentType": "text/plain; charset=utf-8", "data": b64encode(text.encode()).decode()}


def consents(book: Book) -> None:
    """A consent of the header: told, and never a permit, for the document does not say whom it lets see what."""
    for authorization in book.head.get("authorization", ()):
        consent = first_of(authorization, "consent")
        if consent is None:
            continue
        what = values.cd(first_of(consent, "code"), book.notes) or {"text": "Consent"}
        made: Resource = {
            "resourceType": "Consent",
            "identifier": values.ids(consent, book.notes),
            "status": "proposed",
        }
        made["scope"] = {"coding": [{"system": THO + "consentscope", "code": "treatment"}]}
        made["category"] = [what]
        made["sourceReference"] = {"reference": f"document:{book.key}"}
        made["policyRule"] = {"text": named(what) or "Consent"}
        key = "" if book.unstable else values.key(consent)
        made = {word: told for word, told in made.items() if told}
        book.beside("consent", hashed(book.person, "consent", key or f"{book.key} {named(what)}"), made)
