"""One document → what it states, and what became of every entry of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from nowrongdoor.layouts.ccda import (
    care_team,
    concerns,
    directives,
    document,
    encounters,
    goals,
    labels,
    medications,
    oids,
    outcomes,
    payers,
    plan,
    referral,
    requests,
)  # fmt: skip
from nowrongdoor.layouts.ccda.book import NOTHING, Book, More, parts
from nowrongdoor.layouts.ccda.header import Header, person_key
from nowrongdoor.layouts.ccda.ledger import Entry, Paths, Section, name_all, reused, standing, walk
from nowrongdoor.layouts.ccda.sections import KIND, MERGED, NARRATIVE, classify, unsaid
from nowrongdoor.layouts.ccda.tree import STATEMENTS, V3, Element, Notes, as_json, kids, shown, up
from nowrongdoor.model import Fate, Issue, Key, Kind, Origin, Refusal, Resource, Row, Spelling, Stated, Told, value
from nowrongdoor.model.values import Bad

_BUILD: Mapping[str, Callable[[Book, Entry], Resource | None]] = {
    "goal": goals.goal, "service": requests.service, "referral": requests.service, "device": requests.device,
    "medication": medications.medication, "condition": concerns.condition, "concern": concerns.concern,
    "risk": concerns.risk, "observation": outcomes.observation, "procedure": outcomes.procedure,
    "encounter": encounters.encounter, "note": directives.note, "directive": directives.directive,
    "coverage": payers.coverage, "team": care_team.team,
}  # fmt: skip
_MERGE: Mapping[str, Callable[[Book, Entry], None]] = {
    "priority": goals.priority, "progress": goals.progress, "prognosis": concerns.remark, "comment": concerns.remark,
    "reason": requests.reason, "instruction": requests.instruction, "insurance": requests.insurance,
    "level": referral.level, "component": outcomes.component, "sig": medications.sig, "visit": encounters.visited,
}  # fmt: skip
_WRITTEN, _MERGED, _NARRATIVE, _OUT = Fate.WRITTEN, Fate.MERGED, Fate.NARRATIVE, Fate.OUT_OF_SCOPE  # dear to look up
_NO_OID = "unknown template"  # any other text in its place may be of a person, and this one is counted by name
_WIDE = {V3 + word for word in ("table", "thead", "tbody", "tfoot", "list")}  # words of several entries
_SAYS = {V3 + word for word in ("text", "code", "value")}
_OF_PLAN = {"handoff", "none", "external"}  # part of the CarePlan, where there is one


@value
class Document:
    """`entries[n - 1]`: XPath of row n; row 1 is the document. `told`: entries that are part of others, or no fact.

    `warnings`: each with a row of two cells, the XPath and the words of what it is about.
    """

    person: str
    facts: list[Stated]
    told: list[Told]
    refused: list[Refusal]
    entries: Sequence[str]
    warnings: list[tuple[Row, Issue]]


def statements(root: Element, spelling: Spelling, file: int, write: Callable[[Resource], str] = as_json) -> Document:
    """All that a ClinicalDocument states. Raises `Bad` where it is none, or does not tell whom it is about.

    `write`: a resource as JSON text, without blanks.
    """
    _check(root)
    systems = spelling.code("systems") if spelling.has_code("systems") else None
    notes = Notes(root, systems, ssn=spelling.options.get("ssn") == "written")
    notes.write = write
    notes.identifiers = spelling.code("identifiers") if spelling.has_code("identifiers") else {}
    return _Reader(root, spelling, file, notes, Header(root, file, notes, spelling)).read()


def rows(root: Element) -> list[tuple[str, int]]:
    """XPath and line of each row, as `statements` knows them, and nothing else of the document. Raises `Bad` likewise.

    The document itself is on line 1.
    """
    _check(root)
    entries = list(standing(root))
    path = Paths([root, *entries]).of
    return [(path(root), 1), *((path(e), e.sourceline or 1) for e in entries)]


def _check(root: Element) -> None:
    if root.tag != V3 + "ClinicalDocument":
        raise Bad(
            "ccda-root", "no ClinicalDocument of HL7's namespace", "send the whole document as its system wrote it"
        )
    people = {person_key(root, role) for role in kids(root, "recordTarget/patientRole")}
    if len(people) > 1:
        raise Bad("ccda-patient", "it is about more than one person", "export a document for each of them")
    if not any(people):
        raise Bad("ccda-patient", "it does not say by any id whom it is about", "export the patient's record number")


class _Reader:
    """One document, step by step: roles, keys, resources, what is merged into them, what stands for the whole."""

    def __init__(self, root: Element, spelling: Spelling, file: int, notes: Notes, header: Header) -> None:
        self._root, self._spelling, self._file, self._notes, self._header = root, spelling, file, notes, header
        self._labels: dict[Element, tuple[str, ...]] = {}
        self._above = labels.of(root, (), notes)
        self._uniform = not any(at is not root for at in notes.marks or ())  # nothing but the document says a word

    def read(self) -> Document:
        sections, entries = walk(self._root)
        for entry in entries:
            entry.role = classify(entry)
            entry.kind = KIND.get(entry.role, "")
        book = Book(self._header, self._notes, sections, entries)
        named = [e for e in entries if e.kind]
        name_all(book.person, named, self._notes.led, unstable=book.unstable)
        for entry in reused(named) if not book.unstable else ():
            book.reused(entry)
        self._whole(book)
        self._build(book)
        self._merge(book)
        planned = self._plan(book)
        told = self._fates(book, planned=planned)
        facts = self._facts(book)
        places = Paths([self._root, *(e.element for e in entries)])
        warnings = self._warnings(entries, places)
        made = Document(self._header.person, facts, told, self._refused(book), places, warnings)
        for entry in entries:
            entry.let_go()
        return made

    # resources ------------------------------------------------------------

    def _whole(self, book: Book) -> None:
        encounters.of_header(book)
        book.key = document.key_of(book)
        book.beside("document", book.key, document.document(book))
        document.consents(book)

    def _build(self, book: Book) -> None:
        for entry in book.entries:
            if entry.same is not entry:
                entry.made = entry.same.made
                book.tells(entry, entry.same)
            elif build := _BUILD.get(entry.role):
                entry.made = build(book, entry)
        if book.visit and all(e.made is not book.visit.resource for e in book.entries):
            book.beside("encounter", book.visit.key, book.visit.resource)

    def _merge(self, book: Book) -> None:
        for entry in book.entries:
            if entry.role in _MERGE:
                _MERGE[entry.role](book, entry)
            elif entry.role == "goal":
                goals.concerns_of(book, entry)
                requests.of_goal(book, entry)
            elif entry.kind in {"service", "medication", "device"}:
                requests.goals_of(book, entry)
                payers.promised(entry)
            elif entry.role in {"condition", "concern", "holder"}:
                concerns.linked(book, entry)
            elif entry.role == "observation":
                goals.evaluated(book, entry)
            elif entry.role == "encounter":
                encounters.diagnosed(entry)
        referral.reasons(book, lambda entry: self._tells_all(book, entry))
        referral.tasks(book)

    def _plan(self, book: Book) -> bool:
        place = plan.stands_on(book)
        if place is False:
            return False
        at = place if isinstance(place, Section) else None
        key = document.plan_key(book)
        book.beside("plan", key, plan.care_plan(book, place), at)
        return True

    # what became of them --------------------------------------------------

    def _fates(self, book: Book, *, planned: bool) -> list[Told]:
        refused = {id(entry) for entry, _ in book.refused}
        for entry in reversed(book.entries):  # a holder's fate is its parts'
            entry.fate = _fate(book, entry, planned=planned)
        return [
            Told(self._origin(e), e.fate, next(filter(oids.uri, e.templates), _NO_OID if any(e.templates) else e.tag))
            for e in book.entries
            if e.fate != _WRITTEN and id(e) not in refused
        ]

    def _facts(self, book: Book) -> list[Stated]:
        made = [
            self._stated(book, More(e.kind, e.key, e.made, e))
            for e in book.entries
            if e.made is not None and e.same is e
        ]
        made += [self._stated(book, more) for more in book.more.values()]
        return [*self._header.facts(self._above, self._of), *made]

    def _stated(self, book: Book, more: More) -> Stated:
        at = more.at
        origin = self._origin(at) if isinstance(at, Entry) else self._at(at.element if at else self._root)
        told = self._carried(book, at) if isinstance(at, Entry) else self._within(self._root)
        if isinstance(at, Section) and more.kind != "plan":
            told = self._within(at.element)
        text = self._notes.write({n: t for n, t in more.resource.items() if t not in NOTHING})
        part2, as_of = self._spelling.part2, self._header.as_of
        return Stated(more.key, self._header.person, origin, part2, told, as_of, more.kind, text, _needs(more))

    def _refused(self, book: Book) -> list[Refusal]:
        person = self._header.person
        return [
            Refusal(self._origin(e), (issue,), (), person=person, about=Key(e.kind, e.key)) for e, issue in book.refused
        ]

    def _origin(self, entry: Entry) -> Origin:
        return self._at(entry.element, entry.row)

    def _at(self, element: Element, row: int = 1) -> Origin:
        line = element.sourceline or 1
        return Origin(self._file, row, line, line, 0)

    def _warnings(self, entries: list[Entry], places: Paths) -> list[tuple[Row, Issue]]:
        """Issues with the place and the words of what they are about, by the row of the nearest entry around it."""
        rows = {e.element: e.row for e in entries} if self._notes.issues else {}
        found: dict[tuple[int, str, str], tuple[Row, Issue]] = {}
        for at, issue in self._notes.issues:
            row = next((rows[a] for a in up(at) if a in rows), 1)
            if (row, issue.rule, issue.column) not in found:
                stood = Row(self._at(at, row), [places.of(at), shown(at)])
                found[row, issue.rule, issue.column] = stood, issue
        return list(found.values())

    # labels ---------------------------------------------------------------

    def _of(self, element: Element) -> tuple[str, ...]:
        """What an element carries by itself and by all that it stands in."""
        if self._uniform:
            return self._above
        if element not in self._labels:
            around = [e for e in up(element) if e is not self._root]
            told = self._above
            for each in reversed(around):
                told = labels.of(each, told, self._notes)
            self._labels[element] = told
        return self._labels[element]

    def _carried(self, book: Book, entry: Entry) -> tuple[str, ...]:
        """Its own labels, and those of its parts, of others that say something of it, of words that it points to."""
        if self._uniform:
            return self._above
        said = [entry, *book.tellers.get(entry, ())]
        said += [k for e in said for k in _below(e) if k.made is None]
        places = [e.element for e in said]
        links = [at for e in places for r in e.iter(V3 + "reference") if (at := self._notes.led(r)) is not None]
        told = [*map(self._of, places), *map(self._within, links)]
        return labels.merged(word for words in told for word in words)

    def _within(self, element: Element) -> tuple[str, ...]:
        """What holds words is as restricted as the most restricted thing in it, a section's text as its entries."""
        if self._uniform:
            return self._above
        at = element.getparent() if element.tag == V3 + "text" else element
        told = [*self._of(at), *self._deep.get(at, ())]
        if self._astray and _wide(element):
            told += (word for around in up(element) for word in self._astray.get(around, ()))
        return labels.merged(told)

    @cached_property
    def _deep(self) -> Mapping[Element, set[str]]:
        """All that is said in an element, however deep."""
        found: dict[Element, set[str]] = {}
        for at, told in (self._notes.marks or {}).items():
            for around in up(at):
                found.setdefault(around, set()).update(told)
        return found

    @cached_property
    def _astray(self) -> Mapping[Element, set[str]]:
        """By section, what is said of statements that point to none of its words: these may be anywhere in them."""
        found: dict[Element, set[str]] = {}
        for at, told in (self._notes.marks or {}).items():
            section = next(at.iterancestors(V3 + "section"), None) if at.tag in STATEMENTS else None
            if section is not None and not any(self._shows(r, section) for r in at.iter(V3 + "reference")):
                found.setdefault(section, set()).update(told)
        return found

    def _shows(self, reference: Element, section: Element) -> bool:
        """It leads from what a statement says itself (text, code, value) to words of that section."""
        holder = reference.getparent()
        if holder.tag == V3 + "originalText":
            holder = holder.getparent()
        if holder.tag not in _SAYS or holder.getparent().tag not in STATEMENTS:
            return False
        at = self._notes.led(reference)
        return at is not None and section in at.iterancestors(V3 + "section")

    def _tells_all(self, book: Book, entry: Entry) -> bool:
        own = self._carried(book, entry)
        return own == labels.merged((*own, *self._within(entry.section.element)))


def _wide(element: Element) -> bool:
    """Words of several entries may be in it: a table, a list, or lines of a paragraph."""
    lines = element.tag == V3 + "paragraph" and next(element.iter(V3 + "br"), None) is not None
    return lines or next(element.iter(*_WIDE), None) is not None


def _below(entry: Entry) -> list[Entry]:
    return [e for kid_ in entry.kids for e in (kid_, *_below(kid_))]


def _fate(book: Book, entry: Entry, *, planned: bool) -> Fate:
    if entry.made is not None:
        return _WRITTEN if entry.same is entry else _MERGED
    if entry.role in MERGED and _is_part(book, entry, planned=planned):
        return _MERGED
    return _NARRATIVE if entry.kind or NARRATIVE in (entry.role, unsaid(entry)) else _OUT


def _is_part(book: Book, entry: Entry, *, planned: bool) -> bool:
    if entry.role in _OF_PLAN:
        return planned and (entry.role != "handoff" or bool(plan.progress(book, entry)))
    if entry.role == "holder":
        return any(
            k.fate == _WRITTEN or (k.fate == _MERGED and (k.role != "link" or any(_found(book, k)))) for k in entry.kids
        )
    above = entry.above
    if entry.role == "visit" and above is not None and above.made is not None:
        return "encounter" in {**above.made, **above.made.get("context", {})}
    return above is not None and (above.made is not None or above.role in MERGED)


def _found(book: Book, link: Entry) -> list[Entry]:
    return [one for e in book.found(link) for one in parts(e)]


def _needs(more: More) -> tuple[tuple[Kind, str], ...]:
    """A Task cannot stand without its order, nor a Coverage without who pays."""
    if more.kind == "task" and "reference" in more.resource["focus"]:
        return (("service", more.key),)
    if more.kind == "coverage" and (told := more.resource["payor"][0].get("reference")):
        return (("organization", told.partition(":")[2]),)
    return ()
