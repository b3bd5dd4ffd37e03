"""The patient of a document as US Core's Patient: every name, id, address and number, as written.

Sources: HL7's C-CDA on FHIR guide (patient, ConceptMap AdministrativeGender), US Core 6.1.0 race and ethnicity.
"""

import re
from collections.abc import Mapping

from nowrongdoor.layouts.ccda.contacts import each
from nowrongdoor.layouts.ccda.times import date, ts
from nowrongdoor.layouts.ccda.tree import SDTC, Element, Notes, kid, kids, said
from nowrongdoor.layouts.ccda.values import absent, bl, cd, ed, ids, null, own_key
from nowrongdoor.model import Resource

CDC = "2.16.840.1.113883.6.238"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_CATEGORIES: Mapping[str, Mapping[str, str]] = {
    "race": {
        "1002-5": "American Indian or Alaska Native", "2028-9": "Asian", "2054-5": "Black or African American",
        "2076-8": "Native Hawaiian or Other Pacific Islander", "2106-3": "White",
    },
    "ethnicity": {"2135-2": "Hispanic or Latino", "2186-5": "Not Hispanic or Latino"},
}  # fmt: skip
_SEXES = {"F": "female", "M": "male", "UN": "other", "OTH": "other"}  # any other code, or none: unknown
# ISO 639-2 → BCP 47: what California's threshold languages and the usual exports are written in
_LANGUAGES = dict(
    re.findall(
        r"(\w+):(\w+)",
        """
    ara:ar arm:hy hye:hy ben:bn chi:zh zho:zh deu:de ger:de eng:en fas:fa per:fa fra:fr fre:fr guj:gu hin:hi hun:hu
    isl:is ice:is ita:it jpn:ja khm:km kor:ko lao:lo nav:nv pan:pa pol:pl por:pt ron:ro rum:ro rus:ru som:so spa:es
    swa:sw tam:ta tel:te tgl:tl tha:th tur:tr ukr:uk urd:ur vie:vi ewe:ee heb:he amh:am tir:ti
    """,
    )
)
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


def patient(role: Element, notes: Notes, links: Resource) -> Resource:
    """Patient of a patientRole, without id and meta. `links`: managing organization, general practitioners."""
    at = kid(role, "patient")
    made: Resource = {
        "resourceType": "Patient",
        "extension": [*_origin(at, "race", notes), *_origin(at, "ethnicity", notes)],
    }
    made |= {"identifier": ids(role, notes, own_key), "name": _names(at, notes)}
    made["telecom"] = each(role, "telecom", notes)
    made |= {**_gender(at, notes), "birthDate": date(kid(at, "birthTime"), notes), **_deceased(at, notes)}
    made |= {"address": each(role, "addr", notes), "maritalStatus": cd(kid(at, "maritalStatusCode"), notes)}
    made |= {"communication": _languages(at, notes), **links}
    born = kid(at, "birthTime")
    if not made["birthDate"] and null(born) not in {"", "unknown"}:
        made["_birthDate"] = absent(born)
    return {word: told for word, told in made.items() if told or told is False}


def _names(at: Element, notes: Notes) -> list[Resource]:
    """US Core wants a name with a family or given part, or why there is none (us-core-6)."""
    names = each(at, "name", notes) or [{}]
    lacking = absent(kid(at, "name"))
    return [n if n.keys() & {"family", "given"} else {**n, "_family": lacking} for n in names]


def _gender(at: Element, notes: Notes) -> Resource:
    code = kid(at, "administrativeGenderCode")
    told = said(code, "code").upper()
    if told and told not in _SEXES and told not in {"U", "UNK"}:
        notes.note(code, "ccda-gender", "a gender that is no code of HL7's: it counts as unknown", "export F, M or UN")
    why = null(code)
    made: Resource = {"gender": _SEXES.get(told) or ("other" if why == "unsupported" else "unknown")}
    return {**made, "_gender": absent(code)} if why not in {"", "unknown", "unsupported"} else made


def _deceased(at: Element, notes: Notes) -> Resource:
    """When, else whether: HL7's two extensions."""
    if at is None:
        return {}
    flag = bl(at.find(SDTC + "deceasedInd"))
    if when := ts(at.find(SDTC + "deceasedTime"), notes):
        return {"deceasedDateTime": when}
    return {} if flag is None else {"deceasedBoolean": flag}


def _origin(at: Element, which: str, notes: Notes) -> list[Resource]:
    """US Core's race or ethnicity: categories of OMB, detailed codes of the CDC, all words joined; [] for none."""
    word = "raceCode" if which == "race" else "ethnicGroupCode"
    stated = [*kids(at, word), *(at.findall(SDTC + word) if at is not None else ())]
    omb, detailed, told = dict[str, Resource](), dict[str, Resource](), list[str]()
    for e in stated:
        code, display = said(e, "code"), " ".join(said(e, "displayName").split())
        category = _CATEGORIES[which].get(code, "")
        told.append(ed(kid(e, "originalText"), notes) or display or category or code)
        if code and said(e, "codeSystem") == CDC and not any(code in c for w, c in _CATEGORIES.items() if w != which):
            coding = {"system": f"urn:oid:{CDC}", "code": code, "display": display or category}
            (omb if category else detailed)[code] = {k: v for k, v in coding.items() if v}
    if which == "ethnicity" and len(omb) > 1:
        notes.note(stated[0], "ccda-ethnicity", "two ethnicities that exclude each other: the words are kept", "ask")
        omb = {}
    inner = [{"url": "ombCategory", "valueCoding": c} for c in omb.values()]
    inner += [{"url": "detailed", "valueCoding": c} for c in detailed.values()]
    every = ", ".join(dict.fromkeys(filter(None, told)))
    return [{"url": _US_CORE + which, "extension": [*inner, {"url": "text", "valueString": every}]}] if every else []


def _languages(at: Element, notes: Notes) -> list[Resource]:
    made: list[Resource] = []
    for e in kids(at, "languageCommunication"):
        code = kid(e, "languageCode")
        told = said(code, "code")
        if not told:
            continue
        one: Resource = {"language": _language(told)}
        if "coding" not in one["language"]:
            notes.note(code, "ccda-language", "no language tag of BCP 47: the words are kept", "export en, es …")
        if (preferred := bl(kid(e, "preferenceInd"))) is not None:
            one["preferred"] = preferred
        if one["language"] not in [m["language"] for m in made]:
            made.append(one)
    return made


def _language(told: str) -> Resource:
    first, dash, rest = told.replace("_", "-").partition("-")
    tag = f"{_LANGUAGES.get(first.lower(), first.lower())}{dash}{rest}"
    return {"coding": [{"system": "urn:ietf:bcp:47", "code": tag}]} if _TAG.fullmatch(tag) else {"text": told}
