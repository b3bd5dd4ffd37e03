"""What a row states, in the source's own words or in FHIR codes, never guessed.

Values are strings, booleans, None and plain tuples of them, so that a fact packs with `marshal` (eight times cheaper
than pickle). `Absent` stands where the source says that it has no value; a `Code` with an empty code is text only.
"""

from dataclasses import fields
from operator import attrgetter
from typing import Any, ClassVar, TypeAlias

from nowrongdoor.model.core import Key, Kind, Origin, value

Absent: TypeAlias = tuple[str]  # ("asked-declined",): a code of data-absent-reason
Code: TypeAlias = tuple[str, str, str]  # code, display, system; ("", text, "") where only text is known
Who: TypeAlias = tuple[str, str]  # NPI or "", name as written or ""


@value
class Fact:
    """The part all facts share. `person` is the source's key of the client it speaks of: the whole it belongs to."""

    KIND: ClassVar[Kind]

    id: str
    person: str
    origin: Origin
    part2: bool  # a row of a Part 2, or of an unknown, programme
    labels: tuple[str, ...]  # confidentiality and sensitivity codes written on the row
    as_of: str  # when the row says it was true; "" where the layout has no such column

    @property
    def key(self) -> Key:
        return Key(self.KIND, self.id)


@value
class Person(Fact):
    """A client or member: one Patient per source record."""

    KIND: ClassVar[Kind] = "person"

    ids: tuple[tuple[str, str], ...]  # (system word, value): ("cin", …), ("county-client", …), ("plan-member", …)
    family: str | Absent
    given: tuple[str | Absent, ...]
    born: str | Absent  # YYYY, YYYY-MM or YYYY-MM-DD
    gender: str | Absent  # administrative-gender, "" where blank
    prefix: str = ""
    suffix: str = ""
    text: str = ""  # the name as written, where it came in one cell
    other_names: tuple[tuple[str, str, str], ...] = ()  # (use, family, given): preferred, alias, maiden
    race: Code | None = None
    ethnicity: Code | None = None
    language: Code | None = None
    marital: Code | None = None
    lines: tuple[str | Absent, ...] = ()
    city: str | Absent = ""
    district: str | Absent = ""  # county of residence
    state: str | Absent = ""
    zip: str | Absent = ""
    address_text: str = ""  # the address as written, where it is not an address ("homeless")
    phone: str | Absent = ""
    email: str | Absent = ""
    died: str = ""  # date, or "true"
    clinician: Who = ("", "")


@value
class Contact(Fact):
    """Somebody the client named: emergency contact, guardian, conservator → RelatedPerson."""

    KIND: ClassVar[Kind] = "contact"

    name: str
    relation: Code | None
    phone: str | Absent = ""


@value
class Coverage(Fact):
    """Membership of a plan. `payor`: key of an organization."""

    KIND: ClassVar[Kind] = "coverage"

    member: str
    payor: str  # "" = the source itself
    status: str = ""
    start: str = ""
    end: str = ""
    type: Code | None = None


@value
class Condition(Fact):
    """A problem, diagnosis or health concern. `plan`: the plan that addresses it, "" where none is named."""

    KIND: ClassVar[Kind] = "condition"

    code: Code
    category: str  # problem-list-item | encounter-diagnosis
    status: str = ""  # condition-clinical: active | resolved | …; "" where not stated
    onset: str = ""
    abated: str = ""
    recorded: str = ""
    recorder: Who = ("", "")
    plan: str = ""
    note: str = ""


@value
class Goal(Fact):
    """A goal that the source states as one; never derived."""

    KIND: ClassVar[Kind] = "goal"

    plan: str
    text: str
    status: str  # goal-status
    start: str = ""
    due: str = ""
    note: str = ""


@value
class Service(Fact):
    """Something asked for: an intervention of a plan, a county's referral, a line of an authorization."""

    KIND: ClassVar[Kind] = "service"

    intent: str  # plan | order
    code: Code | None
    modifiers: tuple[str, ...]
    text: str
    status: str  # a word of the status table in `resources`: requested, approved, denied, waiting, closed-served …
    ids: tuple[tuple[str, str], ...] = ()  # (system word, value): ("referral", …), ("authorization", …)
    on: str = ""  # authored
    start: str = ""
    end: str = ""
    priority: str = ""
    requester: Who = ("", "")
    performer: str = ""  # key of an organization
    performer_text: str = ""
    category: Code | None = None
    reason: str = ""
    plan: str = ""
    units: str = ""
    status_date: str = ""
    status_text: str = ""  # the source's own word, for Task.businessStatus
    closure: str = ""
    note: str = ""
    status_means: str = ""  # what its code table calls that word


@value
class Plan(Fact):
    """A treatment or care plan that the source states as a plan (or, `derived`, states a next step or enrolment of)."""

    KIND: ClassVar[Kind] = "plan"

    title: str
    status: str  # request-status of CarePlan
    start: str = ""
    end: str = ""
    code: Code | None = None
    author: Who = ("", "")
    reason: Code | None = None  # the problem it is meant for
    note: str = ""
    derived: bool = False


@value
class Consent(Fact):
    """A release of information as answered on its form."""

    KIND: ClassVar[Kind] = "consent"

    status: str  # Consent.status; keyed once and not second-checked = proposed
    permit: bool
    recipients: tuple[str, ...]  # keys of organizations
    purposes: tuple[str, ...]  # v3-ActReason
    sud: str  # "yes", "no", "" (box empty)
    signed: str
    start: str = ""
    end: str = ""  # last day on which it holds
    discloser: str = ""  # key of an organization; "" = the source's own
    signer: str = ""  # "" = the client; else name of the representative
    form: str = ""  # form number, with revision
    document: str = ""  # key of the Document that it was keyed from
    denies: tuple[str, ...] = ()  # sensitivity codes that the person said no to


@value
class Document(Fact):
    """The paper a row was keyed from, with the keyed row as its text where there is no scan."""

    KIND: ClassVar[Kind] = "document"

    title: str
    text: str
    form: str = ""
    keyed: str = ""
    keyer: str = ""
    checker: str = ""
    place: str = ""  # box/page
    type: Code | None = None


@value
class Practitioner(Fact):
    """Somebody with an NPI (the id); `person` is empty: they belong to no client. Name and title as written."""

    KIND: ClassVar[Kind] = "practitioner"

    name: str = ""
    title: str = ""


@value
class Stated(Fact):
    """What an entry of a document states, as the FHIR resource that it is, but for what only the run knows.

    `resource`: JSON text, without id, meta and subject. A reference to another statement of the document is
    {"reference": "goal:KEY"}, with its kind and key; `resources` makes it one where that stands.
    """

    KIND: ClassVar[Kind] = "document"  # of no use here: each says its own

    kind: Kind
    resource: str
    needs: tuple[tuple[Kind, str], ...] = ()  # what it cannot stand without, apart from the person

    @property
    def key(self) -> Key:
        return Key(self.kind, self.id)


@value
class Broken(Fact):
    """A refused row that could still say whom, or which plan, it was about: so that what depends on it can name it."""

    KIND: ClassVar[Kind] = "person"

    broken: str  # the kind of thing the row would have stated
    where: str  # "clients row 12"
    cin: str = ""  # where the row names one that can be read


FACTS: tuple[type[Fact], ...] = (
    Person, Contact, Coverage, Condition, Goal, Service, Plan, Consent, Document, Practitioner, Broken, Stated,
)  # fmt: skip
_SHARED = (
    "id",
    "person",
    "origin.file",
    "origin.row",
    "origin.line",
    "origin.last",
    "origin.mark",
    "part2",
    "labels",
    "as_of",
)


def _own(cls: type[Fact]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls) if f.name not in {"id", "person", "origin", "part2", "labels", "as_of"})


_NUMBER = {cls: n for n, cls in enumerate(FACTS)}
_GET = {cls: attrgetter(*_SHARED, *_own(cls)) for cls in FACTS}
_CONTENT = {cls: attrgetter("id", "person", *_own(cls)) for cls in FACTS}


def pack(fact: Fact) -> tuple[Any, ...]:
    """A plain tuple that `marshal` takes; `unpack` is its inverse."""
    cls = type(fact)
    return (_NUMBER[cls], *_GET[cls](fact))


def unpack(packed: tuple[Any, ...]) -> Fact:
    number, id_, person, file, row, line, last, mark, part2, labels, as_of, *own = packed
    fact: Fact = FACTS[number](id_, person, Origin(file, row, line, last, mark), part2, labels, as_of, *own)
    return fact


def content(fact: Fact) -> tuple[Any, ...]:
    """What the fact says, apart from where and when it stood and how it is labelled: one key, one content, one fact."""
    return tuple(_CONTENT[type(fact)](fact))
