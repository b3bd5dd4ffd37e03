"""How to walk a clinical document, and a notebook for what is wrong in it.

Elements are lxml's, handed in. HL7's namespace is urn:hl7-org:v3, its extensions are in urn:hl7-org:sdtc.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Literal, TypeAlias

from nowrongdoor.layouts.ccda import oids
from nowrongdoor.model import Issue, Resource

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


@lru_cache(maxsize=4096)  # documents use a few hundred
def local(tag: object) -> str:
    """Local name of a tag; "" for that of a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def name(element: Element) -> str:
    """Local name; "" for what is no element."""
    return local(element.tag)


def kid(element: Element, word: str) -> Element | None:
    """The first child of that name in HL7's namespace; a path such as "patient/name" leads further down."""
    if element is None or not len(element):
        return None
    if "/" in word:
        return element.find(V3 + word.replace("/", "/" + V3))
    return next(element.iterchildren(V3 + word), None)


def kids(element: Element, word: str) -> list[Element]:
    """All children of that name, or at the end of that path, in document order."""
    if element is None or not len(element):
        return []
    if "/" in word:
        return list(element.findall(V3 + word.replace("/", "/" + V3)))
    return list(element.iterchildren(V3 + word))


def said(element: Element, attribute: str = "value") -> str:
    """An attribute without the blanks around it; "" where there is none."""
    told = None if element is None else element.get(attribute)
    return told.strip() if told else ""


def words(element: Element) -> str:
    """All text inside, white space folded."""
    if element is None:
        return ""
    told = "".join(element.itertext()) if len(element) else element.text
    return " ".join(told.split()) if told else ""


def speaks(element: Element) -> bool:
    """Whether there are words inside: looks no further than the first."""
    return element is not None and any(not told.isspace() for told in element.itertext())


_SHOWN = 200  # characters
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
    word = local(element.tag)
    apart = word in _BLOCKS
    if apart:
        pieces.append(" ")
    if word:
        if told := element.text:
            pieces.append(told)
        for child in element:
            _collect(child, pieces)
            if tail := child.tail:
                pieces.append(tail)
    if apart:
        pieces.append(" ")


as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def hashed(*parts: str) -> str:
    """A key that does not show what it is made of: 128 bits. `resources` salts it with the deployment's secret."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def shown(element: Element) -> str:
    """What an element says by itself, as a warning shows it: its attributes and the words before its first child."""
    told = [f'{word.rpartition("}")[2]}="{value}"' for word, value in element.attrib.items()]
    return " ".join([*told, *(element.text or "").split()])[:_SHOWN]


def up(element: Element) -> Iterator[Element]:
    """The element and all that it stands in."""
    while element is not None:
        yield element
        element = element.getparent()


class Notes:
    """What one document said wrongly, where; and what its readers must know: code systems, ids, what may be written.

    `systems`, `identifiers`: OID → (canonical system of its codes, or of ids below it, …). `ssn`: the deployment says
    that Social Security numbers may be written. `write`: a resource as JSON text.
    """

    def __init__(self, root: Element, systems: Mapping[str, Sequence[str]] | None = None, *, ssn: bool = False) -> None:
        self.root = root
        self.systems = oids.shipped() if systems is None else systems
        self.ssn = ssn
        self.identifiers: Mapping[str, Sequence[str]] = {}
        self.write: Callable[[Resource], str] = as_json
        self.issues: list[tuple[Element, Issue]] = []
        self.marks: dict[Element, set[str]] | None = (
            None  # words of caution by what they are about; `labels` finds them
        )

    def note(
        self, at: Element, rule: str, cause: str, cure: str, severity: Literal["error", "warning"] = "warning"
    ) -> None:
        """An issue about the element `at`; no text holds its value."""
        self.issues.append((at, Issue(rule, cause, cure, name(at), severity)))

    def led(self, reference: Element) -> Element | None:
        """Where its `#id` leads: in its own section, where other sections use that id too; else to the first."""
        target = said(reference).removeprefix("#")
        if target not in self._again:
            return self._ids.get(target)
        near = self._again[target].get(_section(reference), [])
        if len(near) != 1:
            told = "it leads to an ID that is there more than once: the first is read"
            self.note(reference, "ccda-id-twice", told, "export each ID once")
        return (near or [self._ids[target]])[0]

    @cached_property
    def _marked(self) -> list[Element]:
        return list(self.root.xpath("descendant::*/@ID/.."))

    @cached_property
    def _ids(self) -> dict[str, Element]:
        return {e.get("ID"): e for e in reversed(self._marked)}

    @cached_property
    def _again(self) -> dict[str, dict[Element | None, list[Element]]]:
        """Each id that is there more than once → section → the places in it."""
        found: dict[str, dict[Element | None, list[Element]]] = {}
        if len(self._marked) > len(self._ids):
            often = Counter(e.get("ID") for e in self._marked)
            for e in self._marked:
                if often[e.get("ID")] > 1:
                    found.setdefault(e.get("ID"), {}).setdefault(_section(e), []).append(e)
        return found


def _section(element: Element) -> Element | None:
    return next(element.iterancestors(V3 + "section"), None)
