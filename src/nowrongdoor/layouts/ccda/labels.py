"""Which words of caution a document, a section or an entry carries: all that is made of it carries them too.

A missing code is not "normal": it is no label. What is said and not understood counts as restricted. Sources: HL7 CDA
R2 (confidentialityCode and its conduction), HL7 DS4P for CDA (security observations), v3-Confidentiality of R4.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from nowrongdoor.layouts.ccda.tree import STATEMENTS, V3, Element, Notes, kid, said, up
from nowrongdoor.layouts.read import LABELS

ORDER: Final = "ULMNRV"  # from unrestricted to very restricted
RESTRICTED: Final = "R"
_CONFIDENTIALITY = {"", "2.16.840.1.113883.5.25", "2.16.840.1.113883.1.11.16926", "2.16.840.1.113883.1.11.10228"}
_SECURITY = {"SECCLASSOBS", "SECCATOBS", "SECCONOBS"}  # DS4P: classification, sensitivity, what may be done with it
_OBSERVATION = V3 + "observation"
_PLACES = STATEMENTS | {V3 + word for word in ("section", "recordTarget", "ClinicalDocument")}
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
    for code in notes.root.iter(V3 + "code"):
        if said(code, "code") in _SECURITY and (at := code.getparent()).tag == _OBSERVATION and kid(at, "code") is code:
            found.setdefault(_annotated(at), set()).update(_security(kid(at, "value"), notes))
    for at in notes.root.xpath("descendant::*/@nullFlavor[.='MSK']/.."):
        found.setdefault(_place(at), set()).add(RESTRICTED)
    return found


def _confidentiality(at: Element, notes: Notes) -> Iterator[str]:
    code, system = said(at, "code").upper(), said(at, "codeSystem")
    if not code:
        if said(at, "nullFlavor") != "MSK":
            notes.note(at, "label", "confidentiality without a code: it is no label", "export the code")
        return
    if system not in _CONFIDENTIALITY or code not in LABELS:
        notes.note(at, "label", "confidentiality in a code that is not HL7's", _CURE)
        yield RESTRICTED
    if code in LABELS and (system in _CONFIDENTIALITY or code in {"R", "V"}):
        yield code


def _security(value: Element, notes: Notes) -> Iterator[str]:
    """A refrain or an obligation (NORDSCLCD) has no word among the labels: what it is about is restricted."""
    code = said(value, "code")
    if code.upper() in LABELS:
        yield code
    if code.upper() not in LABELS or code.startswith("NO"):
        at = value if value is not None else notes.root
        notes.note(at, "label", "a security label that has no word here, such as a ban on redisclosure", _CURE)
        yield RESTRICTED


def _annotated(observation: Element) -> Element:
    """What a security observation is about: the nearest statement around it that is no annotation, or the section."""
    inside = [e for e in up(observation.getparent()) if e.tag in _PLACES]
    return next((e for e in inside if not _annotates(e)), inside[-1] if inside else observation)


def _annotates(element: Element) -> bool:
    return element.tag == V3 + "organizer" or said(kid(element, "code"), "code") in _SECURITY


def _place(at: Element) -> Element:
    """The nearest statement, section or patient that it stands in; the whole document for the rest of the header."""
    return next((e for e in up(at) if e.tag in _PLACES), at)
