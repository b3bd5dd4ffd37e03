"""Which words of caution a document, a section or an entry carries: all that is made of it carries them too.

A missing code is not "normal": it is no label. What is said and not understood counts as restricted. Sources: HL7 CDA
R2 (confidentialityCode and its conduction), HL7 DS4P for CDA (security observations), v3-Confidentiality of R4.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from nowrongdoor.layouts.ccda.tree import STATEMENTS, V3, Element, Notes, kids, said, up, words
from nowrongdoor.layouts.read import LABELS

ORDER: Final = "ULMNRV"  # from unrestricted to very restricted
RESTRICTED: Final = "R"
_CONFIDENTIALITY = {"", "2.16.840.1.113883.5.25", "2.16.840.1.113883.1.11.16926", "2.16.840.1.113883.1.11.10228"}
_SECURITY = {"SECCLASSOBS", "SECCATOBS", "SECCONOBS"}  # DS4P: classification, sensitivity, what may be done with it
_OBSERVATION = V3 + "observation"
_PLACES = STATEMENTS | {V3 + word for word in ("section", "recordTarget", "ClinicalDocument")}
_MASKED = "descendant::*/@nullFlavor[translate(normalize-space(.), 'msk', 'MSK') = 'MSK']/.."
_CURE = "ask the sender what it means; until then it counts as restricted"


def of(element: Element, above: tuple[str, ...], notes: Notes) -> tuple[str, ...]:
    """`above`, what it stands in carries, with what the element says itself; confidentiality only the most restrictive.

    `element`: the document, a section, a statement, or recordTarget.
    """
    if notes.marks is None:
        notes.marks = _marks(notes)
    own = notes.marks.get(element)
    return merged((*above, *own)) if own else above


def merged(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, sorted; of confidentiality codes the most restrictive alone."""
    every = set(words)
    most = max(every & set(ORDER), key=ORDER.index, default="")
    return tuple(sorted(every - set(ORDER) | ({most} if most else set())))


def _marks(notes: Notes) -> dict[Element, set[str]]:
    """What is said anywhere in the document, by the element that it is about. One pass of each kind."""
    found: dict[Element, set[str]] = {}
    for at in notes.root.iter(V3 + "confidentialityCode"):
        found.setdefault(at.getparent(), set()).update(_confidentiality(at, notes))
    for code in notes.root.iter(V3 + "code", V3 + "translation"):
        if said(code, "code").upper() in _SECURITY and (at := _observed(code)) is not None:
            found.setdefault(_annotated(at), set()).update(_security(at, notes))
    for at in notes.root.xpath(_MASKED):
        found.setdefault(_place(at), set()).add(RESTRICTED)
    for at, told in list(found.items()):  # the words that what is marked points to
        for linked in _linked(at, notes) if at.tag in STATEMENTS else ():
            found.setdefault(linked, set()).update(told)
    return found


def _linked(element: Element, notes: Notes) -> Iterator[Element]:
    for reference in element.iter(V3 + "reference"):
        if (at := notes.led(reference)) is not None:
            yield at


def _each(element: Element) -> list[Element]:
    return [element, *kids(element, "translation")]


def _confidentiality(at: Element, notes: Notes) -> Iterator[str]:
    told = [(code, said(e, "codeSystem")) for e in _each(at) if (code := said(e, "code").upper())]
    known = [code for code, system in told if system in _CONFIDENTIALITY and code in LABELS]
    if not told and not _in_words(at):
        if said(at, "nullFlavor").upper() != "MSK":
            notes.note(at, "label", "confidentiality without a code: it is no label", "export the code")
    elif not known:
        notes.note(at, "label", "confidentiality in a code that is not HL7's", _CURE)
        yield RESTRICTED
    yield from known
    yield from {code for code, _ in told} & {"R", "V"}


def _in_words(at: Element) -> bool:
    """It says something that is no code."""
    named = any(said(e, "displayName") for e in _each(at))
    return named or bool(words(at)) or said(at, "nullFlavor").upper() == "OTH"


def _security(observation: Element, notes: Notes) -> Iterator[str]:
    """A refrain or an obligation (NORDSCLCD) has no word among the labels: what it is about is restricted."""
    codes = [code for value in kids(observation, "value") for e in _each(value) if (code := said(e, "code"))]
    known = [code for code in codes if code.upper() in LABELS]
    yield from (code.upper() if code.upper() in ORDER else code for code in known)
    if not known or any(code.upper().startswith("NO") for code in codes):
        at = next(iter(kids(observation, "value")), observation)
        notes.note(at, "label", "a security label that has no word here, such as a ban on redisclosure", _CURE)
        yield RESTRICTED


def _observed(code: Element) -> Element | None:
    """The observation that it is the code of, or a translation of its code."""
    at = code.getparent()
    if code.tag != V3 + "code":
        at = at.getparent() if at.tag == V3 + "code" else None
    return at if at is not None and at.tag == _OBSERVATION else None


def _annotated(observation: Element) -> Element:
    """What a security observation is about: the nearest statement around it that is no annotation, or the section."""
    inside = [e for e in up(observation.getparent()) if e.tag in _PLACES]
    return next((e for e in inside if not _annotates(e)), inside[-1] if inside else observation)


def _annotates(element: Element) -> bool:
    codes = [said(e, "code").upper() for code in kids(element, "code") for e in _each(code)]
    return element.tag == V3 + "organizer" or not _SECURITY.isdisjoint(codes)


def _place(at: Element) -> Element:
    """The nearest statement, section or patient that it stands in; the whole document for the rest of the header."""
    return next((e for e in up(at) if e.tag in _PLACES), at)
