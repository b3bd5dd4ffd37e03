"""How to walk a clinical document, and a notebook for what is wrong in it.

Elements are lxml's, handed in. HL7's namespace is urn:hl7-org:v3, its extensions are in urn:hl7-org:sdtc.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, TypeAlias

from nowrongdoor.layouts.ccda import oids
from nowrongdoor.model import Issue

Element: TypeAlias = Any  # lxml's; typed as it is used

V3 = "{urn:hl7-org:v3}"
SDTC = "{urn:hl7-org:sdtc}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
STATEMENTS = frozenset(
    V3 + word
    for word in (
        "act", "encounter", "observation", "observationMedia", "organizer", "procedure", "regionOfInterest",
        "substanceAdministration", "supply",
    )
)  # fmt: skip


def name(element: Element) -> str:
    """Local name; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def kid(element: Element, word: str) -> Element | None:
    """The first child of that name in HL7's namespace; a path such as "patient/name" leads further down."""
    return None if element is None else element.find(V3 + word.replace("/", "/" + V3))


def kids(element: Element, word: str) -> list[Element]:
    """All children of that name, or at the end of that path, in document order."""
    return [] if element is None else list(element.findall(V3 + word.replace("/", "/" + V3)))


def said(element: Element, attribute: str = "value") -> str:
    """An attribute without the blanks around it; "" where there is none."""
    return "" if element is None else (element.get(attribute) or "").strip()


def words(element: Element) -> str:
    """All text inside, white space folded."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


_BLOCKS = {
    "paragraph", "item", "list", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "br", "footnote",
    "text",
}  # fmt: skip


def plain(element: Element) -> str:
    """The text of a piece of narrative, white space folded; cells, items and lines stay apart."""
    pieces: list[str] = []
    _collect(element, pieces)
    return " ".join("".join(pieces).split())


def _collect(element: Element, pieces: list[str]) -> None:
    apart = name(element) in _BLOCKS
    if apart:
        pieces.append(" ")
    if isinstance(element.tag, str):
        pieces.append(element.text or "")
        for child in element:
            _collect(child, pieces)
            pieces.append(child.tail or "")
    if apart:
        pieces.append(" ")


def hashed(*parts: str) -> str:
    """A key that does not show what it is made of: 128 bits. `resources` salts it with the deployment's secret."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def up(element: Element) -> Iterator[Element]:
    """The element and all that it stands in."""
    while element is not None:
        yield element
        element = element.getparent()


class Notes:
    """What one document said wrongly, where; and what its readers must know: code systems, ids, what may be written.

    `systems`: OID → (canonical system, …). `ssn`: the deployment says that Social Security numbers may be written.
    """

    def __init__(self, root: Element, systems: Mapping[str, Sequence[str]] | None = None, *, ssn: bool = False) -> None:
        self.root = root
        self.systems = oids.shipped() if systems is None else systems
        self.ssn = ssn
        self.issues: list[tuple[Element, Issue]] = []
        self.marks: dict[Element, set[str]] | None = (
            None  # words of caution by what they are about; `labels` finds them
        )

    def note(
        self, at: Element, rule: str, cause: str, cure: str, severity: Literal["error", "warning"] = "warning"
    ) -> None:
        """An issue about the element `at`; no text holds its value."""
        self.issues.append((at, Issue(rule, cause, cure, name(at), severity)))

    @cached_property
    def ids(self) -> dict[str, Element]:
        """What `#id` leads to. Where one id is there twice, the first."""
        return {e.get("ID"): e for e in reversed(self.root.xpath("descendant::*[@ID]"))}
