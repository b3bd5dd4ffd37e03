"""Names, addresses and telephone numbers of a clinical document as FHIR has them, as they are written.

Sources: HL7 V3 data types R1 (EN, AD, TEL), HL7's C-CDA on FHIR guide (name, address, telecom, and its ConceptMaps
NameUse, AddressUse, TelecomUse, TelecomType).
"""

import re
from collections.abc import Mapping

from nowrongdoor.layouts.ccda.times import ivl
from nowrongdoor.layouts.ccda.tree import Element, Notes, kid, kids, name, said, words
from nowrongdoor.layouts.states import usps
from nowrongdoor.model import Resource

# HL7 maps no other use of a name: A, ABC, ASGN, C, I, IDE, R, SRCH, SYL and so on say nothing that FHIR has a word for
_NAME_USE = {"L": "usual", "OR": "official", "P": "nickname"}
_PLACE_USE = {"H": "home", "HP": "home", "HV": "home", "WP": "work", "DIR": "work", "PUB": "work", "TMP": "temp",
              "BAD": "old"}  # fmt: skip
_PLACE_TYPE = {"PST": "postal", "PHYS": "physical"}
_LINE_USE = {**_PLACE_USE, "AS": "work", "MC": "mobile"}
_SCHEMES = {
    "tel": "phone", "fax": "fax", "x-text-fax": "fax", "mailto": "email", "email": "email", "sms": "sms",
    "x-text-tel": "other",
}  # fmt: skip
_URLS = {"http", "https", "ftp", "file", "mllp"}
_PARTS = ("family", "given", "prefix", "suffix")


def _use(element: Element, table: Mapping[str, str]) -> str:
    """The first of its uses that FHIR has a word for."""
    return next((table[word] for word in said(element, "use").upper().split() if word in table), "")


# names -------------------------------------------------------------------


def en(element: Element, notes: Notes) -> list[Resource]:
    """HumanNames of one PN or EN: itself; beside it a birth name (BR) and a name to call somebody by (CL)."""
    if element is None:
        return []
    parts: dict[str, list[tuple[str, list[str]]]] = {part: [] for part in _PARTS}
    for e in element:
        if (part := name(e)) in parts and (told := words(e)):
            parts[part].append((told, said(e, "qualifier").upper().split()))
    called = [told for told, how in parts["given"] if "CL" in how]
    given = [told for told, how in parts["given"] if "CL" not in how]
    if not given:  # the only given name there is
        given, called = called, []
    born = " ".join(told for told, how in parts["family"] if "BR" in how)
    family = " ".join(told for told, how in parts["family"] if "BR" not in how)
    own = _name(_use(element, _NAME_USE), family, given, parts)
    if span := ivl(kid(element, "validTime"), notes):
        own["period"] = span
    if born and not family:
        own |= {"use": "maiden", "family": born}
    made = [own] if own.keys() & {*_PARTS} else []
    if born and family:
        made.append(_name("maiden", born, given))
    if called:
        made.append(_name("nickname", family, called))
    if not made and (told := words(element)):
        made.append({**({"use": own["use"]} if "use" in own else {}), "text": told})
    return made


def _name(
    use: str, family: str, given: list[str], parts: Mapping[str, list[tuple[str, list[str]]]] | None = None
) -> Resource:
    made: Resource = {"use": use, "family": family, "given": given}
    for part in ("prefix", "suffix"):
        made[part] = [told for told, _ in (parts or {}).get(part, ())]
    return {word: told for word, told in made.items() if told}


def spoken(names: list[Resource]) -> str:
    """The first name as one text, for a display; "" for none."""
    if not names:
        return ""
    one = names[0]
    parts = (*one.get("prefix", ()), *one.get("given", ()), one.get("family", ""), *one.get("suffix", ()))
    return one.get("text") or " ".join(filter(None, parts))


# addresses ---------------------------------------------------------------

_LINES = {"streetAddressLine", "additionalLocator", "deliveryAddressLine", "unitID"}
_STREET = ("houseNumber", "direction", "streetName", "streetNameType")
_SPOKEN = ("city", "state", "postalCode", "country")
_ONE = {"city": "city", "county": "district", "state": "state", "postalCode": "postalCode", "country": "country"}


def ad(element: Element, notes: Notes) -> Resource | None:
    """Address as written; None where there is nothing in it. Text that stands in no part is kept as text."""
    if element is None:
        return None
    made: Resource = {"line": []}
    street: dict[str, str] = {}
    for e in element:
        part = name(e)
        told = words(e) if part else ""
        if told and part in _LINES:
            made["line"].append(told)
        elif told and part in _ONE:
            made[_ONE[part]] = f"{made.get(_ONE[part], '')} {told}".strip()
        elif told and part in _STREET:
            street[part] = told
    if street:
        made["line"].insert(0, " ".join(street[part] for part in _STREET if part in street))
    loose = " ".join(" ".join([element.text or "", *(e.tail or "" for e in element)]).split())
    if "state" in made and not usps(made["state"]):  # US Core knows no other: it stands in the text alone
        cure = "export its two letters; until then it stands in the text of the address alone"
        notes.note(element, "state", "no state or territory of the United States", cure)
        whole = (loose, *made["line"], *(made.get(word, "") for word in _SPOKEN))
        loose = ", ".join(filter(None, whole))
    if loose:
        made["text"] = loose
    made["state"] = usps(made.get("state", ""))
    made = {word: told for word, told in made.items() if told}
    if not made:
        return None
    types = {_PLACE_TYPE[word] for word in said(element, "use").upper().split() if word in _PLACE_TYPE}
    extra = {
        "use": _use(element, _PLACE_USE),
        "type": "both" if len(types) > 1 else "".join(types),
        "period": ivl(kid(element, "useablePeriod"), notes),
    }
    return {**{word: told for word, told in extra.items() if told}, **made}


# telephones --------------------------------------------------------------


def tel(element: Element, notes: Notes) -> Resource | None:
    """ContactPoint without its scheme and outer blanks, else as written; None where there is no value."""
    told = said(element)
    scheme, found, rest = told.partition(":")
    word = scheme.strip().lower()
    if found and word in _SCHEMES:
        system, value = _SCHEMES[word], rest.strip()
    elif found and word in _URLS:
        system, value = "url", told if rest.strip("/ ") else ""
    else:
        system, value = _by_shape(told), told
    if not value:
        return None
    uses = said(element, "use").upper().split()
    made: Resource = {
        "system": "pager" if "PG" in uses and system == "phone" else system,
        "value": " ".join(value.split()),
    }
    if use := _use(element, _LINE_USE):
        made["use"] = use
    if span := ivl(kid(element, "useablePeriod"), notes):
        made["period"] = span
    return made


def _by_shape(told: str) -> str:
    """What a value without a scheme is by its shape alone."""
    if re.fullmatch(r"[^@\s]+@[^@\s]+", told):
        return "email"
    return "phone" if re.fullmatch(r"[+(\d][\d\s().+/-]*(?:\s*(?:x|ext\.?)\s*\d+)?", told, re.IGNORECASE) else "other"


def each(element: Element, word: str, notes: Notes) -> list[Resource]:
    """All names, addresses or telecoms that stand in an element, once each."""
    made: list[Resource] = []
    for e in kids(element, word):
        one = en(e, notes) if word == "name" else [ad(e, notes) if word == "addr" else tel(e, notes)]
        made += [v for v in one if v and v not in made]
    return made
