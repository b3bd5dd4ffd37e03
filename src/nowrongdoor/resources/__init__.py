"""Facts of one person in, FHIR resources out: parts before wholes, and wholes cite the parts that stand."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import TypeVar, cast

from nowrongdoor.model import (
    Broken,
    Condition,
    Consent,
    Contact,
    Coverage,
    Document,
    Draft,
    Fact,
    Goal,
    Issue,
    Key,
    Person,
    Plan,
    Refused,
    Resource,
    Service,
    Stated,
    content,
)
from nowrongdoor.resources import care, consent, people, stated
from nowrongdoor.resources.context import Context, Partner, id_of
from nowrongdoor.resources.conventions import CONVENTIONS
from nowrongdoor.resources.shared import organization, practitioners, provenance

__all__ = [
    "CONTRADICTION",
    "CONVENTIONS",
    "Context",
    "Partner",
    "agree",
    "assemble",
    "continued",
    "id_of",
    "organization",
    "practitioners",
    "provenance",
    "stated",
]

Stands = Callable[[Key], bool]
F = TypeVar("F", bound=Fact)


CONTRADICTION = Issue("contradiction", "several rows state one thing differently", "the sender must say which holds")


def agree(group: Sequence[Fact]) -> tuple[Fact, ...]:
    """Facts of one key, the one that holds first: all say the same, or the newest do; empty where nobody can tell."""
    if len(group) == 1:
        return tuple(group)
    newest = max(f.as_of for f in group)
    latest = [f for f in group if f.as_of == newest]
    first = content(latest[0])
    if any(content(f) != first for f in latest[1:]):
        return ()
    older = sorted((f for f in group if f.as_of != newest), key=lambda f: f.as_of, reverse=True)
    return (_labelled(continued(latest, older)), *latest[1:], *older)


def continued(facts: Sequence[Fact], older: Sequence[Fact]) -> Sequence[Fact]:
    """The facts themselves, with what a message does not repeat of what was `older` (newest first), where it says so.

    A person's identifier without a value is not stated here. An enrolment keeps its programme, clinician and first day;
    and its last, unless it begins anew after that.
    """
    for fact, old in product(facts, older):
        if isinstance(fact, Person) and isinstance(old, Person):
            fact.ids = tuple((word, v or dict(old.ids).get(word, "")) for word, v in fact.ids)  # type: ignore[misc]  # frozen to all but who merges
        elif isinstance(fact, Plan) and isinstance(old, Plan) and fact.derived:
            if not fact.title:
                fact.title, fact.part2 = old.title, old.part2  # type: ignore[misc]  # likewise
            if not fact.end and fact.start <= old.end:
                fact.end, fact.status = old.end, old.status  # type: ignore[misc]  # likewise
            fact.start = fact.start or old.start  # type: ignore[misc]  # likewise
            fact.author = fact.author if any(fact.author) else old.author  # type: ignore[misc]  # likewise
    return facts


def _labelled(same: Sequence[Fact]) -> Fact:
    """One fact with the labels of all that say the same. What a programme outside Part 2 says too of who somebody is
    is not Part 2's alone; anything else is Part 2 as soon as one row is.
    """
    fact = same[0]
    part2 = [f.part2 for f in same]
    labels = tuple(sorted({label for f in same for label in f.labels}))
    both = all(part2) if fact.key.kind in {"person", "coverage", "contact"} else any(part2)
    if (fact.part2, fact.labels) != (both, labels):
        fact.part2, fact.labels = both, labels  # type: ignore[misc]  # the one that stands for all
    return fact


class Whole:
    """The facts of one person by key, duplicates merged, contradictions set apart."""

    def __init__(self, person: str, facts: Sequence[Fact], stands: Stands) -> None:
        self.me, self.stands = Key("person", person), stands
        self._mine = (self.me,)
        self.broken = [f for f in facts if isinstance(f, Broken)]
        self.same: dict[Key, tuple[Fact, ...]] = {}
        self.refused: list[Refused] = []
        self._classes: dict[type[Fact], list[tuple[Key, Fact]]] = {}
        groups: dict[Key, list[Fact]] = {}
        for f in facts:
            if not isinstance(f, Broken):
                groups.setdefault(f.key, []).append(f)
        self.variants: dict[tuple[int, Key], Key] = {}  # of documents: what a key means in a file
        for key, group in sorted(groups.items()):
            if agreed := agree(group):
                self._put(key, agreed)
            elif apart := stated.apart(key, group):
                for own, same in apart:
                    self._put(own, same)
                    self.variants |= {(f.origin.file, key): own for f in same if own != key}
            else:
                self.refused.append(Refused(tuple(group), (CONTRADICTION,)))

    def _put(self, key: Key, facts: tuple[Fact, ...]) -> None:
        self.same[key] = facts
        self._classes.setdefault(type(facts[0]), []).append((key, facts[0]))

    def of(self, cls: type[F]) -> list[tuple[Key, F]]:
        """Keys and facts of one class, sorted; where several rows say the same, the first stands for them."""
        return cast("list[tuple[Key, F]]", self._classes.get(cls, []))

    def draft(self, key: Key, resource: Resource, *needs: Key) -> Draft:
        facts = self.same.get(key) or self.same.get(Key("service", key.id), ())
        return Draft(key, resource, facts, needs if key == self.me else self._mine + needs)

    def headless(self, part: Key, plan: str) -> Refused | None:
        """A part of a plan that no row states cannot stand."""
        if not plan or Key("plan", plan) in self.same:
            return None
        return Refused(self.same[part], (_missing(self.why_missing("plan", plan)),))

    def standing(self, keys: Sequence[Key]) -> list[Key]:
        return [k for k in keys if self.stands(k)]

    def why_missing(self, kind: str, id_: str = "") -> str:
        """Which refused row would have stated it, for the cause of what depends on it."""
        for f in self.broken:
            if f.broken == kind and id_ in ("", f.id):
                return f"its {kind} was refused ({f.where})"
        contradicted = any(r.facts[0].key.kind == kind and id_ in ("", r.facts[0].id) for r in self.refused)
        return f"its {kind} is stated in two ways" if contradicted else f"its {kind} was refused or is in no file"


def assemble(context: Context, person: str, facts: Sequence[Fact], stands: Stands) -> Iterator[Draft | Refused]:
    """Drafts of one person, each yielded before what may cite it: `stands` is asked about those already yielded."""
    whole = Whole(person, facts, stands)
    yield from whole.refused
    me = whole.me
    for key, p in whole.of(Person):
        yield whole.draft(key, people.patient(context, p))
    told = stated.drafts(context, {key: whole.same[key] for key, _ in whole.of(Stated)}, stands, whole.variants)
    yield from islice(told, me in whole.same and isinstance(whole.same[me][0], Stated))
    if not stands(me):
        cause = (_missing(whole.why_missing("person")),)
        yield from (Refused(same, cause) for key, same in whole.same.items() if key.kind != "person")
        return
    yield from told
    for build in (_beside, _parts, _services, _plans, _consents):
        yield from build(context, whole)


def _missing(cause: str) -> Issue:
    return Issue("no-target", cause, "mend that row first, or send both files together")


def _beside(context: Context, whole: Whole) -> Iterator[Draft | Refused]:
    """What stands beside the person and is part of nothing else."""
    for key, c in whole.of(Contact):
        yield whole.draft(key, people.related_person(context, c))
    for key, v in whole.of(Coverage):
        yield whole.draft(key, people.coverage(context, v))
    for key, d in whole.of(Document):
        yield whole.draft(key, consent.document(context, d))


def _parts(context: Context, whole: Whole) -> Iterator[Draft | Refused]:
    for key, c in whole.of(Condition):
        yield whole.headless(key, c.plan) or whole.draft(key, care.condition(context, c))
    for key, g in whole.of(Goal):
        yield whole.headless(key, g.plan) or whole.draft(key, care.goal(context, g))


def _services(context: Context, whole: Whole) -> Iterator[Draft | Refused]:
    """What is asked for; an order has its Task, which cannot stand without it."""
    for key, s in whole.of(Service):
        part = s.intent == "plan"
        yield (whole.headless(key, s.plan) if part else None) or whole.draft(key, care.service_request(context, s))
        if not part:
            yield whole.draft(Key("task", s.id), care.task(context, s), key)


def _plans(context: Context, whole: Whole) -> Iterator[Draft | Refused]:
    for key, p in whole.of(Plan):
        parts = [part for cls in (Goal, Service) for part, f in whole.of(cls) if getattr(f, "plan", "") == p.id]
        yield whole.draft(key, care.care_plan(context, p, whole.standing(parts), whole.standing(_reasons(whole, p))))


def _reasons(whole: Whole, p: Plan) -> list[Key]:
    """Problems of the plan's own rows, and those known by the code that it gives as its reason when it began."""
    return [
        key
        for key, c in whole.of(Condition)
        if c.plan == p.id
        or (p.reason and c.code[0] and c.code[0] == p.reason[0] and (not p.start or c.onset[:10] <= p.start[:10]))
    ]


def _consents(context: Context, whole: Whole) -> Iterator[Draft | Refused]:
    for key, c in whole.of(Consent):
        needs = [Key("document", c.document)] if c.document else []
        yield whole.draft(key, consent.consent(context, c), *needs)
