"""What the builders of one document share: its notebook, its people, its entries by id, and how they are read.

A reference to another statement is {"reference": "goal:KEY"}: `resources` makes it one where that stands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from nowrongdoor.layouts.ccda import narrative, values
from nowrongdoor.layouts.ccda.header import Header
from nowrongdoor.layouts.ccda.ledger import Entry, Section, children, code_of, first, loinc_of
from nowrongdoor.layouts.ccda.sections import KIND, PLANS, STATES, denies, silent, withdrawn
from nowrongdoor.layouts.ccda.tree import V3, Element, Notes, plain, said
from nowrongdoor.model import Issue, Kind, Resource

SNOMED = "http://snomed.info/sct"
THO = "http://terminology.hl7.org/CodeSystem/"
US_CORE = "http://hl7.org/fhir/us/core/CodeSystem/"
EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
_DAY = len("2026-01-31")
NOTHING: Sequence[object] = (None, "", [], {})
PARTS = {"", "REFR", "SUBJ", "COMP"}  # how the parts of a concern or an intervention hang on it; the rest are about it


class More(NamedTuple):
    """A resource beside those of the entries, and what it stands on: an entry, a section, or the document (None)."""

    kind: Kind
    key: str
    resource: Resource
    at: Entry | Section | None = None


class Visit(NamedTuple):
    """The Encounter that the header states: its id in the document, its key, the resource."""

    id: str
    key: str
    resource: Resource


class Book:
    """A document being read, of one person, in whom what has no id is told apart.

    `unstable`: its source mints new ids at every export, so that they tell apart within one document only.
    """

    def __init__(self, header: Header, notes: Notes, sections: Sequence[Section], entries: Sequence[Entry]) -> None:
        self.header, self.notes, self.sections, self.entries = header, notes, sections, entries
        self.head = children(notes.root)
        self.code = loinc_of(first(self.head, "code")) or code_of(first(self.head, "code"))
        self.person, self.unstable = header.person, header.unstable
        self.key = ""  # of the document
        self.date = header.date
        self.more: dict[tuple[Kind, str], More] = {}
        self.refused: list[tuple[Entry, Issue]] = []
        self.tellers: dict[Entry, list[Entry]] = {}  # who else says something of an entry's resource
        self.visit: Visit | None = None
        self._told: dict[Section, str] = {}

    # reading --------------------------------------------------------------

    def concept(self, entry: Entry, word: str = "code") -> Resource | None:
        """A code of the entry; without one, its own text."""
        told = values.cd(entry.one(word), self.notes)
        if told is None and word == "code" and (own := self.text(entry)):
            return {"text": own}
        return told

    def text(self, entry: Entry) -> str:
        return values.ed(entry.one("text"), self.notes) if "text" in entry.at else ""

    def ids(self, entry: Entry) -> list[Resource]:
        return values.ids(entry.element, self.notes) if "id" in entry.at else []

    def status(self, entry: Entry, table: Mapping[str, str]) -> str:
        """Its status, or that of the event that says it; "" where the table has no word for it.

        What hangs on something that was taken back is taken back with it, unless it is told elsewhere too.
        """
        if "nullified" in table and withdrawn(entry) and entry.same not in self._told_and_stands:
            return table["nullified"]
        at = entry.one("statusCode")
        return values.status(entry.element if at is None else at.getparent(), table, self.notes)

    @cached_property
    def _told_and_stands(self) -> set[Entry]:
        """What is said at least once where nothing was taken back."""
        return {e.same for e in self.entries if not withdrawn(e)}

    def told(self, section: Section) -> str:
        """A section's words as XHTML, under its title."""
        if section not in self._told:
            self._told[section] = narrative.section(section.words, self.notes, title=section.title)
        return self._told[section]

    def plain(self, section: Section) -> str:
        """A section's words without any markup; "" for one that only says that it has none."""
        told = "" if section.words is None else plain(section.words)
        if silent(told) or (section.silent and (denies(told) or section.element.get("nullFlavor") == "MSK")):
            return ""
        if section.silent:
            self.notes.note(section.element, "ccda-null-section", "it has words, and says that it has no information",
                            "export words without a nullFlavor, or a nullFlavor without words")  # fmt: skip
        return told

    def when(self, entry: Entry, name: str) -> Resource:
        """{nameDateTime} of a single time, {namePeriod} of an interval; empty where nothing can be read."""
        at = entry.one("effectiveTime")
        if at is None:
            return {}
        if single := values.ts(at, self.notes):
            return {f"{name}DateTime": single}
        period = values.ivl(at, self.notes)
        return {f"{name}Period": period} if period else {}

    def span(self, at: Element) -> Resource:
        """A Period; of a single time, where it begins."""
        single = values.ts(at, self.notes)
        return {"start": single} if single else values.ivl(at, self.notes)

    def value(self, entry: Entry) -> Resource:
        """value[x], or why there is none."""
        at = entry.one("value")
        told = values.value_x(at, self.notes)
        if told:
            return {told[0]: told[1]}
        reason = values.null(at) if at is not None else ""
        return {"dataAbsentReason": coded(THO + "data-absent-reason", reason)} if reason else {}

    def said(self, entry: Entry) -> str:
        """Its value in words; "" for a number."""
        told = values.value_x(entry.one("value"), self.notes)
        return (
            str(told[1])
            if told and told[0] == "valueString"
            else named(told[1])
            if told and "Codeable" in told[0]
            else ""
        )

    def authored(self, entry: Entry) -> tuple[str, Resource | None]:
        """When the first author wrote it, and the first author who is known."""
        authors = entry.at.get("author", ())
        time = next((t for a in authors if (t := values.ts(first_of(a, "time"), self.notes))), "")
        return time, self.who(authors)

    def who(self, holders: Iterable[Element]) -> Resource | None:
        return next((known for each in holders if (known := self.header.reference(each))), None)

    def everyone(self, holders: Iterable[Element]) -> list[Resource]:
        known: list[Resource] = []
        for each in holders:
            if (one := self.header.reference(each)) and one not in known:
                known.append(one)
        return known

    def participants(self, entry: Entry, *types: str) -> list[Element]:
        return [p for p in entry.at.get("participant", ()) if said(p, "typeCode").upper() in types]

    @cached_property
    def occasion(self) -> str:
        """When what the document is about took place: a visit, else a service of one day, else its own time.

        One that tells how things stand, and names no visit, has no occasion: the next one of its kind says the same.
        Care that goes on is none either, for many documents tell of it. A document whose id lasts is known by that, as
        its time may be that of its export.
        """
        visit: str = self.visit.resource.get("period", {}).get("start", "") if self.visit else ""
        if visit or self.code in STATES:
            return visit
        return next(self._services(), self.date if self.unstable else self.key)

    def _services(self) -> Iterator[str]:
        for documented in self.head.get("documentationOf", ()):
            event = first_of(documented, "serviceEvent")
            if event is None or (at := first_of(event, "effectiveTime")) is None:
                continue
            if single := values.ts(at, self.notes):
                yield single
            told = values.ivl(at, self.notes)
            start, end = (str(told.get(word, "")) for word in ("start", "end"))
            if len(start) >= _DAY and start[:_DAY] == end[:_DAY]:
                yield start

    @cached_property
    def by_id(self) -> dict[str, list[Entry]]:
        """What entry references lead to: made for the documents that have any."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.role != "link":
                for id_ in entry.element.iterchildren(V3 + "id"):
                    if told := values.ii_key(id_):
                        found.setdefault(told, []).append(entry)
        return found

    def beside(self, kind: Kind, key: str, resource: Resource, at: Entry | Section | None = None) -> None:
        """A resource that no entry is; the same one once."""
        self.more.setdefault((kind, key), More(kind, key, resource, at))

    def tells(self, entry: Entry, one: Entry) -> None:
        """What the entry says is in the resource of another, which does not hold it: they share words of caution."""
        self.tellers.setdefault(one.same, []).append(entry)

    # links ----------------------------------------------------------------

    def found(self, entry: Entry) -> list[Entry]:
        """What an entry reference leads to."""
        named = [e for id_ in entry.at.get("id", ()) for e in self.by_id.get(values.ii_key(id_), ()) if e is not entry]
        if not named and entry.id:
            self.notes.note(
                entry.element, "ccda-link", "it refers to an entry that is not in this document",
                "ask the sender for what it refers to",
            )  # fmt: skip
        return named

    def links(self, entry: Entry, *types: str) -> Iterator[Entry]:
        """Where its entry references lead, of these link types (none named: of any); of one id, once."""
        followed: set[str] = set()
        for kid in entry.kids:
            if kid.role == "link" and (not types or kid.link in types) and kid.id not in followed:
                followed.add(kid.id)
                yield from self.found(kid)

    def paper(self, made: Resource, ids: Sequence[Resource]) -> None:
        """A document's own id: its master identifier, unless the next export gives it another."""
        if self.unstable:
            add(made, "identifier", *ids)
        else:
            filled(made, masterIdentifier=next(iter(ids), None))

    def refuse(self, entry: Entry, rule: str, cause: str, cure: str) -> None:
        self.refused.append((entry, Issue(rule, cause, cure, entry.tag)))

    def flag(self, entry: Entry, rule: str, cause: str, cure: str) -> None:
        self.notes.note(entry.element, rule, cause, cure)

    def reused(self, entry: Entry) -> None:
        self.flag(entry, "id-reused", "one id for different statements: they are told apart by what they say",
                  "give each an id of its own")  # fmt: skip


def parts(entry: Entry, links: set[str] = PARTS) -> Iterator[Entry]:
    """The facts that stand for an entry: itself, or the parts that it holds."""
    if entry.made is not None:
        yield entry
    elif entry.role == "holder":
        for kid in entry.kids:
            if kid.link in links:
                yield from parts(kid)


def ref(entry: Entry) -> Resource:
    return {"reference": f"{KIND[entry.role]}:{entry.same.key}"}


def refs(entries: Iterable[Entry], *kinds: str) -> list[Resource]:
    """References to facts of these kinds, once each."""
    made = (ref(entry) for entry in entries if entry.kind in kinds)
    return list({one["reference"]: one for one in made}.values())


def in_plan(entry: Entry) -> bool:
    return entry.section.code in PLANS


def first_of(element: Element, word: str) -> Element:
    return next(element.iterchildren(V3 + word), None)


def coded(system: str, code: str, display: str = "") -> Resource:
    """CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


def filled(resource: Resource, **elements: Any) -> Resource:
    """With the elements that have a value."""
    resource.update((name, told) for name, told in elements.items() if told not in NOTHING)
    return resource


def add(resource: Resource, name: str, *told: Any) -> None:
    """To a list of the resource, what is not in it yet."""
    have = resource.setdefault(name, [])
    have += [one for one in {str(each): each for each in told}.values() if one not in have]
    if not have:
        del resource[name]


def named(concept: Resource | None) -> str:
    """How people call what a concept says."""
    if not concept:
        return ""
    return str(concept.get("text") or next((c["display"] for c in concept.get("coding", ()) if "display" in c), ""))


def absent_code() -> Resource:
    return {"extension": [{"url": values.DATA_ABSENT, "valueCode": "unknown"}]}
