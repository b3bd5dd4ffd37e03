"""Values of a clinical document as FHIR values: codes, identifiers, quantities, texts; times and people beside it.

Every reader takes an element, or None, and the document's notebook, and gives a value or None ("" for text); what is
wrong becomes an issue, never an exception. Nothing is guessed: a code of no known system stays text. Sources: HL7 V3
data types R1, HL7's C-CDA on FHIR guide (general guidance and its ConceptMaps).
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from nowrongdoor.layouts.ccda import oids
from nowrongdoor.layouts.ccda.contacts import ad, en, tel
from nowrongdoor.layouts.ccda.times import date, ivl, moment, pivl, ts
from nowrongdoor.layouts.ccda.tree import XSI_TYPE, Element, Notes, kid, kids, name, plain, said, words
from nowrongdoor.layouts.ccda.units import ucum
from nowrongdoor.model import Resource
from nowrongdoor.model.values import Bad, npi

__all__ = [
    "ABSENT", "GOAL_STATUS", "OBSERVATION_STATUS", "REQUEST_STATUS", "absent", "ad", "attachment", "bl", "cd",
    "coding", "date", "ed", "en", "ids", "ii", "ii_key", "ivl", "ivl_pq", "key", "moment", "negated", "null", "number",
    "own_key", "pivl", "quantity", "real_key", "status", "tel", "ts", "value_x",
]  # fmt: skip

DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
UCUM = "http://unitsofmeasure.org"
NPI, SSN = "2.16.840.1.113883.4.6", "2.16.840.1.113883.4.1"
URI = "2.16.840.1.113883.4.873"

# nullFlavor → data-absent-reason (ConceptMap CF-NullFlavorDataAbsentReason); INV, DER, QS … are UNK's in HL7's tree
ABSENT: Mapping[str, str] = {
    "NI": "unknown", "UNK": "unknown", "NP": "unknown", "ASKU": "asked-unknown", "NASK": "not-asked",
    "NAV": "temp-unknown", "MSK": "masked", "OTH": "unsupported", "TRC": "unsupported", "NA": "not-applicable",
    "NINF": "negative-infinity", "PINF": "positive-infinity",
}  # fmt: skip

# statusCode → status of FHIR
REQUEST_STATUS: Mapping[str, str] = {
    "active": "active", "completed": "completed", "aborted": "revoked", "cancelled": "revoked", "suspended": "on-hold",
    "held": "draft", "new": "draft", "nullified": "entered-in-error", "": "unknown",
}  # fmt: skip
GOAL_STATUS: Mapping[str, str] = {
    "active": "active", "new": "proposed", "completed": "completed", "aborted": "cancelled", "cancelled": "cancelled",
    "suspended": "on-hold", "held": "on-hold", "nullified": "entered-in-error",
}  # fmt: skip
OBSERVATION_STATUS: Mapping[str, str] = {
    "completed": "final", "active": "registered", "held": "registered", "suspended": "registered",
    "aborted": "cancelled", "cancelled": "cancelled", "nullified": "entered-in-error", "": "unknown",
}  # fmt: skip


# what is not there -------------------------------------------------------


def null(element: Element) -> str:
    """Why there is no value, as data-absent-reason; "" where nothing is said. A date in its place is no reason."""
    told = said(element, "nullFlavor")
    return "" if not told or told[0].isdigit() else ABSENT.get(told.upper(), "unknown")


def absent(element: Element) -> Resource:
    """The extension that stands where a required value does not."""
    return {"extension": [{"url": DATA_ABSENT, "valueCode": null(element) or "unknown"}]}


def negated(element: Element) -> bool:
    """The statement says that something is *not* so: it must never become that something."""
    return said(element, "negationInd").lower() in {"true", "1"}


def status(element: Element, table: Mapping[str, str], notes: Notes) -> str:
    """Status of a statement by its statusCode; "" where the table has no word for it."""
    at = kid(element, "statusCode")
    told = said(at, "code").lower()
    if told and told not in table:
        notes.note(at, "ccda-status", "a status that is no ActStatus of HL7's", "export active, completed, aborted …")
        return table.get("", "")
    return table.get(told, "")


# codes -------------------------------------------------------------------


def coding(element: Element, notes: Notes) -> Resource | None:
    """The Coding of a CD, CE, CV or CS by itself, without its translations."""
    code, root = " ".join(said(element, "code").split()), said(element, "codeSystem")
    system = oids.system(root, notes.systems) if code else ""
    if not system:
        if code:
            notes.note(element, "ccda-code-system", "a code whose system is not named by an OID", "export its OID")
        return None
    made = {"system": system, "code": code}
    if version := said(element, "codeSystemVersion"):
        made["version"] = version
    if display := " ".join(said(element, "displayName").split()):
        made["display"] = display
    return made


def cd(element: Element, notes: Notes) -> Resource | None:
    """CodeableConcept with translations; text from originalText, or what else names a thing that has no code."""
    if element is None:
        return None
    codings: list[Resource] = []
    for each in (element, *kids(element, "translation")):
        made = coding(each, notes)
        if made and all((made["system"], made["code"]) != (c["system"], c["code"]) for c in codings):
            codings.append(made)
    told = ed(kid(element, "originalText"), notes)
    if not codings and not told:
        told = _named(element)
    made = {"coding": codings} if codings else {}
    if told:
        made["text"] = told
    return made or None


def _named(element: Element) -> str:
    each = (element, *kids(element, "translation"))
    return next((word for a in ("displayName", "code") for e in each if (word := " ".join(said(e, a).split()))), "")


def ed(element: Element, notes: Notes) -> str:
    """The words of an ED or ST: its own, then those in the narrative that its reference leads to; "" for none."""
    if element is None:
        return ""
    own = words(element) if said(element, "representation").upper() != "B64" else ""
    reference = kid(element, "reference")
    if reference is None:
        return own
    found = notes.led(reference)
    if found is None:
        if said(reference).startswith("#"):
            notes.note(reference, "ccda-reference", "it leads to no place in the narrative", "ask the sender")
        return own
    linked = plain(found)
    return linked if own in linked else f"{own} {linked}"


# identifiers -------------------------------------------------------------


_SOCIAL = re.compile(r"\bssn\b|social security", re.IGNORECASE)
_STOPGAPS = {"unknown", "unk", "none", "null", "nil", "na", "notavailable", "notapplicable", "notassigned", "pending"}
_EXTENDED = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}


def ii(element: Element, notes: Notes) -> Resource | None:
    """Identifier of an id; None for a null one, one that is not to be written (SSN), or an NPI that fails its check."""
    root, extension = _root(element), said(element, "extension")
    if said(element, "nullFlavor"):
        return None
    made = _identifier(element, root, extension, notes)
    assigner = said(element, "assigningAuthorityName")
    return {**made, "assigner": {"display": assigner}} if made and assigner else made


def _identifier(at: Element, root: str, extension: str, notes: Notes) -> Resource | None:
    if root == NPI:
        return _npi(at, extension, notes)
    if root == SSN:
        return {"system": "http://hl7.org/fhir/sid/us-ssn", "value": extension} if notes.ssn and extension else None
    if root == URI and extension:
        return {"system": "urn:ietf:rfc:3986", "value": extension}
    if extension:
        system = oids.system(root, notes.identifiers)
        return {"system": system, "value": extension} if system else {"_system": _EXTENDED, "value": extension}
    uri = oids.uri(root)
    return {"system": "urn:ietf:rfc:3986", "value": uri} if uri else None


def _npi(at: Element, extension: str, notes: Notes) -> Resource | None:
    if not extension:
        return None
    try:
        return {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi(extension)}
    except Bad as bad:
        notes.note(at, bad.rule, bad.cause, bad.cure)
        return None


def ids(element: Element, notes: Notes, key: Callable[[Element], str] | None = None) -> list[Resource]:
    """Identifiers of all ids of a statement, person or organization, once each; of those that have a `key`."""
    made: list[Resource] = []
    for each in kids(element, "id"):
        one = ii(each, notes) if key is None or key(each) else None
        if one and one not in made:
            made.append(one)
    return made


def ii_key(element: Element) -> str:
    """What an id tells apart: `root^extension`, or a UUID or OID by itself; "" where it is null or tells nothing."""
    if said(element, "nullFlavor"):
        return ""
    root, extension = _root(element), said(element, "extension")
    if root == SSN:
        extension = extension.replace("-", "").replace(" ", "")
    if extension:
        return f"{root}^{extension}"
    return root if root not in {NPI, SSN, URI} and oids.uri(root) else ""


def _root(element: Element) -> str:
    """The root of an id, however it is spelt; that of Social Security numbers, too, where the assigner is called so."""
    if (assigner := element.get("assigningAuthorityName")) and _SOCIAL.search(assigner):
        return SSN
    return _spelt(element.get("root") or "")


@lru_cache(maxsize=4096)  # a document names the same few again and again
def _spelt(root: str) -> str:
    return root.strip().lower().removeprefix("urn:").removeprefix("oid:").removeprefix("uuid:").rstrip(".")


def real_key(element: Element) -> str:
    """`ii_key` of an id that is no stopgap, such as "unknown" or 000-00-0000; else ""."""
    told = ii_key(element)
    root, _, extension = told.partition("^")
    bare = re.sub(r"[\W_]+", "", extension).lower()
    stopgap = bool(extension) and (not bare.strip("0") or bare in _STOPGAPS or (root == SSN and len(set(bare)) == 1))
    return "" if stopgap else told


def own_key(element: Element) -> str:
    """`real_key` of an id that can be one person's; "" for an OID by itself, which names who gives numbers out."""
    told = real_key(element)
    return told if "^" in told or oids.UUID.fullmatch(told) else ""


def key(element: Element) -> str:
    """The first key among the ids of a statement, person or organization; "" where it has none."""
    return next(filter(None, map(ii_key, kids(element, "id"))), "")


# numbers and other values ------------------------------------------------

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{1,18})?|\.[0-9]{1,18})")


def number(told: str) -> int | float | None:
    """A number as written, None for what is none: no exponent, no comma, no more digits than JSON keeps."""
    if not _NUMBER.fullmatch(told):
        return None
    if "." not in told:
        return int(told)
    near = float(told)
    return near if Decimal(repr(near)) == Decimal(told) else None


def quantity(element: Element, notes: Notes) -> Resource | None:
    """Quantity of a PQ, INT or REAL, its unit a code where it is one of UCUM; of an IVL_PQ with one bound, too."""
    if element is None or (not said(element) and (kid(element, "low") is not None or kid(element, "high") is not None)):
        suffix, made = ivl_pq(element, notes) or ("", {})
        return made if suffix == "Quantity" else None
    if told := said(element):
        return _counted(element, told, said(element, "unit"), notes)
    other = kid(element, "translation")  # of a null one: in a unit that is not UCUM's
    return _counted(other, said(other), words(kid(other, "originalText")), notes) if said(other) else None


def _counted(at: Element, told: str, unit: str, notes: Notes) -> Resource | None:
    value = number(told)
    if value is None:
        notes.note(at, "ccda-number", "not a number", "export digits, with a point before decimals")
        return None
    made: Resource = {"value": value}
    if unit:
        made["unit"] = unit
    if unit and name(at) != "translation":
        if ucum(unit):
            made |= {"system": UCUM, "code": unit}
        else:
            notes.note(at, "ccda-unit", "a unit that UCUM does not have: it is kept as a word", "export units of UCUM")
    return made


def ivl_pq(element: Element, notes: Notes) -> tuple[Literal["Range", "Quantity"], Resource] | None:
    """("Range", …) with two bounds; ("Quantity", …) with a comparator for one, low 0 counting as none (HL7's guide)."""
    if element is not None and said(element):
        one = quantity(element, notes)
        return ("Quantity", one) if one else None
    low, high = (kid(element, word) for word in ("low", "high"))
    from_, to = (quantity(e, notes) if said(e) else None for e in (low, high))
    if to and (from_ is None or (from_["value"] == 0 and said(low, "inclusive") != "false")):
        return "Quantity", {**to, "comparator": "<" if said(high, "inclusive") == "false" else "<="}
    if from_ and to:
        return "Range", {"low": from_, "high": to}
    if from_:
        return "Quantity", {**from_, "comparator": ">" if said(low, "inclusive") == "false" else ">="}
    return None


def bl(element: Element) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(said(element).lower())


def attachment(element: Element) -> Resource | None:
    """Attachment of an ED: its bytes as base64 or, where it only points to them, where they are."""
    if element is None:
        return None
    made: Resource = {}
    if media := said(element, "mediaType"):
        made["contentType"] = media
    if said(element, "representation").upper() == "B64":
        data = "".join("".join(element.itertext()).split())
        if data and len(data) % 4 == 0 and re.fullmatch("[0-9A-Za-z+/]*={0,2}", data):
            made = {"contentType": "application/octet-stream", **made, "data": data}
    elif own := "".join(element.itertext()).strip():
        made = {"contentType": "text/plain; charset=utf-8", **made, "data": b64encode(own.encode()).decode()}
    where = said(kid(element, "reference"))
    if not made.get("data") and where and not re.search(r"\s", where):
        made["url"] = where
    return made if made.get("data") or made.get("url") else None


def value_x(element: Element, notes: Notes) -> tuple[str, Any] | None:
    """("valueQuantity", {…}) and so on, by xsi:type; without one, by what stands in it. None where nothing does."""
    if element is None:
        return None
    kind = said(element, XSI_TYPE).rpartition(":")[2] or (
        "CD" if said(element, "code") else "PQ" if said(element) else ""
    )
    suffix, value = _VALUES.get(kind, _string)(element, notes) or ("", None)
    return None if value in ({}, "", None) else (f"value{suffix}", value)


def _string(element: Element, notes: Notes) -> tuple[str, Any]:
    return "String", ed(element, notes)


def _integer(element: Element, notes: Notes) -> tuple[str, Any]:
    whole = re.fullmatch("-?[0-9]{1,9}", said(element))
    return ("Integer", int(said(element))) if whole else ("Quantity", quantity(element, notes))


def _span(element: Element, notes: Notes) -> tuple[str, Any]:
    return ("DateTime", ts(element, notes)) if said(element) else ("Period", ivl(element, notes))


_VALUES: Mapping[str, Callable[[Element, Notes], tuple[str, Any] | None]] = {
    **dict.fromkeys(("CD", "CE", "CV", "CO", "CS"), lambda e, notes: ("CodeableConcept", cd(e, notes))),
    **dict.fromkeys(("PQ", "REAL", "MO"), lambda e, notes: ("Quantity", quantity(e, notes))),
    **dict.fromkeys(("IVL_PQ", "IVL_INT", "IVL_REAL"), ivl_pq),
    **dict.fromkeys(("TS", "IVL_TS"), _span),
    "INT": _integer,
    "BL": lambda e, _: ("Boolean", bl(e)),
}
