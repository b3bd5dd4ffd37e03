"""The desk where people's facts become drafts: checked, kept or refused, and every fact's row told its fate."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

from nowrongdoor import layouts, sources
from nowrongdoor.errors import Stop
from nowrongdoor.flow import minted
from nowrongdoor.flow.owners import ANOTHERS
from nowrongdoor.flow.run import Known, Mentioned, Out, Run
from nowrongdoor.model import Broken, Draft, Fact, Fate, Issue, Key, Practitioner, Refusal, Refused, Row, Stated, Tally
from nowrongdoor.resources import assemble, organization, practitioners, provenance, stated

_WRITTEN = Fate.WRITTEN  # a member of an enum is dear to look up, and nearly every fact needs this one
_PEOPLE, _FACTS = 16, 256  # at most so many people in step, and no more once they have so many facts


class Desk:
    """Settles people; nothing written points at what is not written.

    `files`: digest by Origin.file. `contested`: keys that several people's rows state.
    """

    def __init__(
        self, run: Run, out: Out, tally: Tally, files: Mapping[int, str], contested: Collection[Key] = ()
    ) -> None:
        self.run, self.out, self.tally, self.files, self.contested = run, out, tally, files, contested
        self.shared: set[Key] = set()  # what documents state of no person, and stands
        source = run.source
        self._trusted = layouts.is_document(source.layout) and source.options.get("ids") != "content"
        run.context.named.clear()
        run.context.strangers.clear()
        self._check_organizations()

    def mentioned(self, facts: Sequence[Mentioned]) -> None:
        """Who belongs to no person, once each, before anybody points at them."""
        every = self.out.mentioned(facts)
        self._stated([f for f in every if isinstance(f, Stated)])
        by_npi: dict[str, list[Practitioner]] = {}
        for f in every:
            if isinstance(f, Practitioner):
                by_npi.setdefault(f.id, []).append(f)
        standing: set[Key] = set()
        for npi in sorted(by_npi):
            for draft in practitioners(self.run.context, npi, by_npi[npi]):
                if issues := self._wrong(draft, standing.__contains__):
                    self._unwritten(draft, issues)
                    continue
                self.out.keep(draft, "")
                standing.add(draft.key)
        self.run.context.strangers.update(npi for npi in by_npi if Key("practitioner", npi) not in standing)

    def _stated(self, facts: Sequence[Stated]) -> None:
        for draft in stated.drafts(self.run.context, {f.key: (f,) for f in facts}, self.shared.__contains__, {}):
            if issues := self._wrong(draft, self.shared.__contains__):
                self._refuse(draft.facts, issues, {})
            else:
                self.out.keep(draft, "")
                self.shared.add(draft.key)

    def _unwritten(self, draft: Draft, issues: Sequence[Issue]) -> None:
        """The rows stay what they are: whoever points at it names it only."""
        wrong = [
            Issue(i.rule, f"its {draft.resource['resourceType']} is not written: {i.column} {i.cause}".strip(), i.cure)
            for i in issues
        ]
        for f in draft.facts:
            if f.origin.file in self.files:
                self.out.warn(Row(f.origin, ("",)), wrong)

    def organizations(self) -> None:
        """Organizations are the deployment's: each that anything points at, once it is known what does."""
        for key in sorted(self.run.context.named):
            self.out.keep(organization(self.run.context, key), "")

    def _check_organizations(self) -> None:
        """Of the whole deployment, before a row is read: no row can mend one. Raises Stop with the place that can."""
        for key in sorted(self.run.context.partners):
            if wrong := self._wrong(organization(self.run.context, key), _anything):
                raise Stop(f"organization {key}: {wrong[0].column} {wrong[0].cause}", self._named_in(key))

    def _named_in(self, key: str) -> str:
        """As `prepare` looks for the name of an organization."""
        places, source = [f"[partners.{key}] of nwd.toml"], self.run.source
        if key in {source.name, *sources.names(self.run.workspace)}:
            places.append(f"[organization] of profiles/sources/{key}.toml")
        elif source.has_code("organizations"):
            places.append(f"the line of {key} in profiles/codes/{source.code_file('organizations')}")
        return f"correct {', or where there is none '.join(places)}"

    def people(self, groups: Iterable[tuple[str, Sequence[Fact]]]) -> None:
        """Everybody, with all that is known of each from this run and before; several in step (see `_further`)."""
        for some in _several(groups):
            cases = [self._case(person, facts) for person, facts in some]
            going = cases
            while going:
                going = self._further(going)
            self._provenances([case for case in cases if case.changed])
            for case in cases:
                self.out.settle(case.person, case.known, case.standing, case.refused)
                self.tally.settled -= len(case.open)  # facts that nobody spoke of

    def _case(self, person: str, facts: Sequence[Fact]) -> "_Case":
        contested = [f for f in facts if f.key in self.contested] if self.contested else []
        known = self.out.known(person, [f for f in facts if f.key not in self.contested] if contested else facts)
        if self._trusted and (seen := minted.proof(known.facts, self.files.keys())):
            self._trusted = False  # once a run is enough
            self.out.warn(Row(seen.origin._replace(row=1, line=1, last=1), ["/ClinicalDocument", ""]), (minted.SEEN,))
        case = _Case(person, known, {id(f): f for f in facts if not isinstance(f, Broken)}, self)
        self.tally.settled += len(case.open)
        for f in known.older:
            self._met(f, Fate.MERGED, case.open)
        for group, issue in [*known.wrong, (contested, ANOTHERS)]:
            self._refuse(group, (issue,), case.open)
        return case

    def _further(self, cases: Sequence["_Case"]) -> list["_Case"]:
        """The next draft of each is kept or refused; returns those that had one.

        In step, because a look at many resources of one type costs half of what one at each by itself does.
        """
        made = [(case, draft) for case in cases if (draft := next(case.drafts, None))]
        are_right = self.run.check.quick([draft.resource for _, draft in made if isinstance(draft, Draft)])
        for case, draft in made:
            issues = draft.issues if isinstance(draft, Refused) else self._wrong(draft, case.stands, are_right)
            if issues:
                case.refused |= {f.key for f in draft.facts}
                self._refuse(draft.facts, issues, case.open)
                continue
            assert isinstance(draft, Draft)
            case.standing.add(draft.key)
            if self.out.keep(draft, case.person):
                case.changed.append(draft)
            self._written(draft.facts, case.open)
        return [case for case, _ in made]

    def _provenances(self, cases: Sequence["_Case"]) -> None:
        context, out = self.run.context, self.out
        made = [provenance(context, c.person, out.revision(c.person) + 1, c.changed, self.files) for c in cases]
        are_right = self.run.check.quick([draft.resource for draft in made])
        for case, draft in zip(cases, made, strict=True):
            if wrong := self._wrong(draft, _anything, are_right):
                cause = f"where records came from cannot be said: {wrong[0].column} {wrong[0].cause}"
                raise Stop(f"{cause}; nothing of this was kept", "this is a fault of nwd: report it")
            out.keep(draft, case.person)

    def _wrong(self, draft: Draft, stands: Callable[[Key], bool], right: bool = False) -> tuple[Issue, ...]:
        """`right`: a look has taken the resource; only what it needs is asked."""
        for key in draft.needs:
            if not stands(key):
                return (Issue("no-target", f"its {key.kind} was refused", "mend that row first"),)
        if right or self.run.check.quick([draft.resource]):
            return ()
        found = self.run.check.issues(draft.resource)
        if found and draft.facts and isinstance(draft.facts[0], Stated):  # no row's: it claims what it may not pass
            found = self.run.check.issues(stated.unclaimed(draft.resource))
        return tuple(i for i in found if i.severity == "error") if found else ()

    def _refuse(self, facts: Sequence[Fact], issues: tuple[Issue, ...], open_: dict[int, Fact]) -> None:
        for f in facts:
            if f.origin.file in self.files:
                holds = (Key("person", f.person),) if f.key.kind == "consent" else ()
                self.out.refuse(Refusal(f.origin, issues, (), holds, f.person, f.key))
            self._met(f, Fate.REFUSED, open_)

    def _written(self, facts: Sequence[Fact], open_: dict[int, Fact]) -> None:
        """The first fact is the one written; others say the same: the same row again is noise, another row merged."""
        first = facts[0]
        self._met(first, _WRITTEN, open_)
        if len(facts) == 1:
            return
        marks = {(first.origin.file, first.origin.mark)}
        for f in facts[1:]:
            place = (f.origin.file, f.origin.mark)
            self._met(f, Fate.NOISE if place in marks else Fate.MERGED, open_)
            marks.add(place)

    def _met(self, f: Fact, fate: Fate, open_: dict[int, Fact]) -> None:
        if open_.pop(id(f), None) is not None or f.origin.file in self.files:
            self.tally.met(f.origin, fate)


class _Case:
    """One person at the desk. `open`: facts whose rows have no fate yet, by `id()`."""

    def __init__(self, person: str, known: Known, open_: dict[int, Fact], desk: Desk) -> None:
        self.person, self.known, self.open = person, known, open_
        self.standing: set[Key] = set()
        self.refused: set[Key] = set()
        self.changed: list[Draft] = []
        self.stands = partial(_in_either, self.standing, desk.shared) if desk.shared else self.standing.__contains__
        self.drafts = assemble(desk.run.context, person, known.facts, self.stands)


def _several(groups: Iterable[tuple[str, Sequence[Fact]]]) -> Iterator[list[tuple[str, Sequence[Fact]]]]:
    """People to be settled in step: so many that it pays, so few that memory does not feel it."""
    some: list[tuple[str, Sequence[Fact]]] = []
    room = _FACTS
    for person, facts in groups:
        some.append((person, facts))
        room -= len(facts)
        if room <= 0 or len(some) == _PEOPLE:
            yield some
            some, room = [], _FACTS
    if some:
        yield some


def _anything(_: Key) -> bool:
    """What is pointed at stands."""
    return True


def _in_either(one: Collection[Key], other: Collection[Key], key: Key) -> bool:
    return key in one or key in other
