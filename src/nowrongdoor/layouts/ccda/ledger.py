"""Every entry of a document, once: where it stands, what it is about, and what became of it.

An entry is a clinical statement that hangs on an entry, an entryRelationship or a component, nested ones too (HL7 CDA
R2). Row 1 is the document itself; statements follow from row 2 in document order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, overload

from nowrongdoor.layouts.ccda.tree import SDTC, STATEMENTS, V3, Element, hashed, local, said, up, words
from nowrongdoor.layouts.ccda.values import NPI, ii_key, negated
from nowrongdoor.model import Fate, Resource

_OUT = Fate.OUT_OF_SCOPE  # a member of an enum is dear to look up
HOLDERS = frozenset(V3 + word for word in ("entry", "entryRelationship", "component"))
_SECTION, _REFERENCE, _TEMPLATE, _CODE = (V3 + word for word in ("section", "reference", "templateId", "code"))
_RELATED = V3 + "relatedSubject"
_LOINC = "2.16.840.1.113883.6.1"
_CODE_OF = {  # sections that name a template and no code
    f"2.16.840.1.113883.10.20.{root}": code
    for root, code in {
        "22.2.10": "18776-5", "22.2.9": "51847-2", "22.2.8": "51848-0", "21.2.3": "62387-6", "22.2.60": "61146-7",
        "22.2.58": "75310-3", "22.2.61": "11383-7", "22.2.56": "10190-7", "22.2.14": "47420-5", "22.2.5": "11450-4",
        "22.2.5.1": "11450-4", "22.2.18": "48768-6", "22.2.22": "46240-8", "22.2.22.1": "46240-8",
        "22.2.24": "11535-2", "22.2.43": "46241-6", "22.2.21": "42348-3", "22.2.21.1": "42348-3",
        "22.2.6": "48765-2", "22.2.6.1": "48765-2", "22.2.1": "10160-0", "22.2.1.1": "10160-0",
        "22.2.3": "30954-2", "22.2.3.1": "30954-2", "22.2.7": "47519-4", "22.2.7.1": "47519-4",
        "22.2.500": "85847-2",
    }.items()
} | {"1.3.6.1.4.1.19376.1.5.3.1.3.1": "42349-1"}  # fmt: skip


class Section:
    """A section: its LOINC code (else its template's), title, words, entries in document order."""

    __slots__ = ("at", "code", "element", "entries", "silent", "theirs", "title", "words")

    def __init__(self, element: Element) -> None:
        self.element = element
        self.at = children(element)
        self.code = _section_code(self.at)
        self.title = words(first(self.at, "title"))
        self.silent = element.get("nullFlavor") is not None  # it says that there is no information
        self.theirs = False  # it is about somebody else, such as a relative
        self.words: Element = first(self.at, "text")
        self.entries: list[Entry] = []


class Entry:
    """A clinical statement. `link`: typeCode of what it hangs on; `theirs`: it is about somebody else.

    `denied`: it says that something is not so; `under_denial`: what it hangs on does, or says that it does not belong.
    """

    __slots__ = (
        "_at",
        "_code",
        "_id",
        "above",
        "denied",
        "element",
        "fate",
        "key",
        "kids",
        "kind",
        "link",
        "made",
        "mood",
        "role",
        "row",
        "same",
        "section",
        "tag",
        "templates",
        "theirs",
        "under_denial",
    )  # fmt: skip

    def __init__(self, element: Element, row: int, above: "Entry | None", section: "Section") -> None:
        self.element, self.row, self.above, self.section = element, row, above, section
        self.tag: str = element.tag[len(V3) :]
        self.mood = said(element, "moodCode").upper() or "EVN"
        holder = element.getparent()
        self.link = said(holder, "typeCode").upper()
        self._at: dict[str, list[Element]] | None = None
        self._code: str | None = None
        self._id: str | None = None
        self.templates = [said(t, "root") for t in element.iterchildren(_TEMPLATE)]
        self.denied = negated(element)
        self.theirs = False
        self.under_denial: bool = negated(holder) or (above is not None and (above.denied or above.under_denial))
        self.kids: list[Entry] = []
        self.role = self.key = ""
        self.kind: Any = ""
        self.fate = _OUT
        self.made: Resource | None = None
        self.same: Entry = self  # the first entry that says the same under the same key

    @property
    def at(self) -> dict[str, list[Element]]:
        """Its children by name: most entries are never asked."""
        if self._at is None:
            self._at = children(self.element)
        return self._at

    @property
    def code(self) -> str:
        if self._code is None:
            self._code = code_of(next(self.element.iterchildren(_CODE), None))
        return self._code

    def up(self) -> "Iterator[Entry]":
        """What it hangs on, nearest first."""
        at = self.above
        while at is not None:
            yield at
            at = at.above

    def one(self, word: str) -> Element:
        """Its first child of that name, or None."""
        return first(self.at, word)

    def has(self, *templates: str) -> bool:
        return any(t in self.templates for t in templates)

    def take(self, other: "Entry") -> None:
        """What another says that is the same thing, and what hangs on it."""
        self._at, self._id = {**other.at, **self.at}, None
        self._code = self.code or other.code
        self.kids += other.kids
        for kid in other.kids:
            kid.above = self

    def let_go(self) -> None:
        """It points at nothing that points back: all is freed at once, and not when the collector comes."""
        self.above = None
        self.kids.clear()
        self.section.entries.clear()
        del self.same

    @property
    def status(self) -> str:
        return (self.one("statusCode").get("code") or "").strip() if "statusCode" in self.at else ""

    @property
    def id(self) -> str:
        """The first of its ids that identifies something; "" where none does."""
        if self._id is None:
            self._id = next((told for e in self.at.get("id", ()) if (told := ii_key(e))), "")
        return self._id


def children(element: Element) -> dict[str, list[Element]]:
    """Children by name; HL7's own extensions as `sdtc:name`."""
    found: dict[str, list[Element]] = {}
    for child in element:
        word = _word(child.tag)
        if word in found:
            found[word].append(child)
        elif word:
            found[word] = [child]
    return found


@lru_cache(maxsize=4096)
def _word(tag: object) -> str:
    if not isinstance(tag, str):
        return ""  # a comment
    return tag[len(V3) :] if tag.startswith(V3) else "sdtc:" + tag[len(SDTC) :] if tag.startswith(SDTC) else tag


def first(at: dict[str, list[Element]], word: str) -> Element:
    found = at.get(word)
    return found[0] if found else None


def code_of(element: Element) -> str:
    """The code, else that of the first translation that has one."""
    if element is None:
        return ""
    for e in (element, *element.iterchildren(V3 + "translation")):
        if told := (e.get("code") or "").strip():
            return str(told)
    return ""


def loinc_of(element: Element) -> str:
    """The code of LOINC that it is or is translated to, "" for none."""
    each = () if element is None else (element, *element.iterchildren(V3 + "translation"))
    return next((told for e in each if said(e, "codeSystem") == _LOINC and (told := said(e, "code"))), "")


def _section_code(at: dict[str, list[Element]]) -> str:
    own = first(at, "code")
    by_template = (code for t in at.get("templateId", ()) if (code := _CODE_OF.get(said(t, "root"))))
    return loinc_of(own) or next(by_template, "") or code_of(own)


def standing(root: Element) -> Iterator[Element]:
    """The clinical statements that are entries, in document order."""
    for e in root.iter(*STATEMENTS):
        if (holder := e.getparent()) is not None and holder.tag in HOLDERS:
            yield e


def walk(root: Element) -> tuple[list[Section], list[Entry]]:
    """All sections and all entries, wherever they stand, in document order. One pass."""
    sections: dict[Element, Section] = {}
    entries: dict[Element, Entry] = {}
    stray = Section(root)
    others = {e.getparent().getparent() for e in root.iter(_RELATED)}  # what is about a relative
    for e in root.iter(_SECTION, *STATEMENTS):
        if e.tag == _SECTION:
            sections[e] = Section(e)
            sections[e].theirs = bool(others) and any(at in others for at in up(e))
        elif (holder := e.getparent()) is not None and holder.tag in HOLDERS:
            above, section = _around(holder, entries, sections)
            entry = entries[e] = Entry(e, len(entries) + 2, above, section or stray)
            entry.theirs = e in others or (above or entry.section).theirs
            (above.kids if above else entry.section.entries).append(entry)
    return list(sections.values()), list(entries.values())


def _around(
    holder: Element, entries: dict[Element, Entry], sections: dict[Element, Section]
) -> tuple[Entry | None, Section | None]:
    """The nearest entry and section that something stands in."""
    at = holder.getparent()
    while at is not None:
        if above := entries.get(at):
            return above, above.section
        if section := sections.get(at):
            return None, section
        at = at.getparent()
    return None, None


class Paths(Sequence[str]):
    """XPath of each row, made when asked for: local names and positions, /ClinicalDocument/component[1]/…

    Children of one name are counted once.
    """

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements
        self._steps: dict[Element, str] = {}
        self._paths: dict[Element, str] = {}

    def __len__(self) -> int:
        return len(self._elements)

    @overload
    def __getitem__(self, n: int) -> str: ...
    @overload
    def __getitem__(self, n: slice) -> list[str]: ...
    def __getitem__(self, n: int | slice) -> str | list[str]:
        return [self.of(e) for e in self._elements[n]] if isinstance(n, slice) else self.of(self._elements[n])

    def of(self, element: Element) -> str:
        if known := self._paths.get(element):
            return known
        above = element.getparent()
        if above is None:
            path = "/" + local(element.tag)
        else:
            if element not in self._steps:
                self._count(above, local(element.tag))
            path = f"{self.of(above)}/{self._steps[element]}"
        self._paths[element] = path
        return path

    def _count(self, above: Element, word: str) -> None:
        for n, child in enumerate(above.iterchildren(f"{{*}}{word}"), 1):
            self._steps[child] = f"{word}[{n}]"


# identity -----------------------------------------------------------------

Led = Callable[[Element], Element]  # where a reference into the narrative leads


def name_all(person: str, facts: Sequence[Entry], led: Led, *, unstable: bool) -> None:
    """Keys of the entries of one person's document that are facts.

    By id, element, mood and code; with what it says too where that is used again in the document for something else.
    Without an id, or where the source mints new ones: by what it says and when.
    """
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in facts:
        if entry.id and not unstable:
            apart = () if entry.kind == "encounter" else (entry.tag, entry.mood, entry.code)
            told: tuple[str, ...] = (entry.id, *apart)
        else:
            told = ("", entry.tag, entry.mood, entry.code, *_content(entry, led)[:2])
        groups.setdefault((entry.kind, *told), []).append(entry)
    for told, group in groups.items():
        _tell_apart((person, *told[1:]), group, led)


def reused(facts: Iterable[Entry]) -> Iterator[Entry]:
    """Of each id that stands for different facts, the second of them."""
    first_of: dict[str, Entry] = {}
    told: set[str] = set()
    for entry in facts:
        known = first_of.setdefault(entry.id, entry) if entry.id else entry
        if (known.kind, known.key) != (entry.kind, entry.key) and entry.id not in told:
            told.add(entry.id)
            yield entry


def _tell_apart(told: tuple[str, ...], group: list[Entry], led: Led) -> None:
    """A visit that is told of twice is one, however much each says of it, unless it was at two times."""
    contents: list[tuple[str, ...]] = [()] * len(group)
    if len(group) > 1:
        contents = [_content(e, led) for e in group]
        if group[0].kind == "encounter":
            contents = [(when,) for _, when, _ in contents]
    for depth in range(4):  # value, time, status: no more than it takes
        parts = {c[:depth] for c in contents}
        if len(parts) == len(set(contents)):
            break
    known: dict[tuple[str, ...], Entry] = {}
    for entry, content in zip(group, contents, strict=True):
        entry.same = known.setdefault(content, entry)
        entry.key = hashed(*told, *content[:depth])


_SAID = ("code", "value", "text", "consumable", "product", "targetSiteCode")


def _content(entry: Entry, led: Led) -> tuple[str, ...]:
    """What it says (code, value, product, text, site; of whom and what it asks), when, and its status."""
    told = [e for word in _SAID for e in entry.at.get(word, ())]
    what = _flat(told, led) + (_asked_of(entry, led) if entry.kind in {"service", "device"} else "")
    return what, _flat(entry.at.get("effectiveTime", ()), led), entry.status


def _asked_of(entry: Entry, led: Led) -> str:
    """Names, codes and NPIs of who and what is asked for: other ids may be new at every export."""
    holders = [e for word in ("performer", "participant") for e in entry.at.get(word, ())]
    told = [e for holder in holders for e in holder.iter(V3 + "name", V3 + "code")]
    npis = [said(e, "extension") for holder in holders for e in holder.iter(V3 + "id") if said(e, "root") == NPI]
    return "\x1e".join(["", _flat(told, led), *npis]) if holders else ""


def _flat(elements: Iterable[Element], led: Led) -> str:
    """All that elements say, as one text, with the words that a reference leads to: its own mark may be a new one."""
    parts: list[str] = []
    for e in (inner for element in elements for inner in element.iter(V3 + "*")):
        if e.tag == _REFERENCE:
            parts.append(words(led(e)))
        else:
            parts += [e.get(word) or "" for word in ("code", "value", "unit", "nullFlavor")]
            parts.append((e.text or "").strip())
    return "\x1e".join(parts)
