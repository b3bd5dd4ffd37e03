"""The desk where one person's facts become drafts: checked, kept or refused, and every fact's row told its fate."""

from collections.abc import Iterable, Mapping, Sequence

from nowrongdoor.flow.run import Out, Run
from nowrongdoor.model import Broken, Draft, Fact, Fate, Issue, Key, Practitioner, Refusal, Refused, Tally
from nowrongdoor.resources import assemble, organization, practitioners, provenance


class Desk:
    """Settles person after person; nothing written points at what is not written."""

    def __init__(self, run: Run, out: Out, tally: Tally, files: Mapping[int, str]) -> None:
        self.run, self.out, self.tally, self.files = run, out, tally, files
        self._organizations: set[str] = set()
        self._shared: set[Key] = set()

    def shared(self, seen: Mapping[str, Iterable[Practitioner]]) -> None:
        """Practitioners and their roles, once each, before anybody points at them."""
        for npi in sorted(seen):
            for draft in practitioners(self.run.context, npi, list(seen[npi])):
                if not self._wrong(draft, self._shared):
                    self.out.keep(draft, "")
                    self._shared.add(draft.key)

    def person(self, person: str, facts: list[Fact]) -> None:
        """All that is known of one person, from this run and before."""
        everything, old = self.out.known(person, facts)
        fresh = {id(f) for f in facts if not isinstance(f, Broken)}
        for f in old:
            self._settle([f], Fate.MERGED, fresh)
        standing: set[Key] = set()
        changed: list[Draft] = []
        for made in assemble(self.run.context, person, everything, standing.__contains__):
            issues = made.issues if isinstance(made, Refused) else self._wrong(made, standing)
            if issues:
                self._refuse(made.facts, issues, fresh)
                continue
            assert isinstance(made, Draft)
            standing.add(made.key)
            if self.out.keep(made, person):
                changed.append(made)
            self._written(made.facts, fresh)
        self.out.drop(person, standing)
        if changed:
            self._provenance(person, changed)
        self.tally.settled += len({id(f) for f in facts if not isinstance(f, Broken)}) - len(fresh)

    def _provenance(self, person: str, changed: Sequence[Draft]) -> None:
        draft = provenance(self.run.context, person, self.out.revision(person) + 1, changed, self.files)
        self._organizations_of(draft)
        self.out.keep(draft, person)

    def _wrong(self, draft: Draft, standing: set[Key]) -> tuple[Issue, ...]:
        missing = [k.kind for k in draft.needs if k not in standing]
        if missing:
            return (Issue("no-target", f"its {missing[0]} was refused", "mend that row first"),)
        self._organizations_of(draft)
        return tuple(i for i in self.run.check.issues(draft.resource) if i.severity == "error")

    def _organizations_of(self, draft: Draft) -> None:
        """Organizations are the deployment's: each that a draft points at is kept, once."""
        for _, reference in self.run.check.references(draft.resource):
            type_, _, id_ = reference.partition("/")
            if type_ == "Organization" and id_ not in self._organizations:
                self._organizations.add(id_)
                key = self.run.organizations[id_]
                self.out.keep(organization(self.run.context, key), "")

    def _refuse(self, facts: Sequence[Fact], issues: tuple[Issue, ...], fresh: set[int]) -> None:
        for f in facts:
            if id(f) in fresh or f.origin.file in self.files:
                holds = (Key("person", f.person),) if f.KIND == "consent" else ()
                self.out.refuse(Refusal(f.origin, issues, (), holds, f.person, f.key))
        self._settle(facts, Fate.REFUSED, fresh)

    def _written(self, facts: Sequence[Fact], fresh: set[int]) -> None:
        """The first fact is the one written; others say the same: the same row again is noise, another row merged."""
        marks = set()
        for n, f in enumerate(facts):
            place = (f.origin.file, f.origin.mark)
            self._settle([f], Fate.WRITTEN if n == 0 else Fate.NOISE if place in marks else Fate.MERGED, fresh)
            marks.add(place)

    def _settle(self, facts: Sequence[Fact], fate: Fate, fresh: set[int]) -> None:
        for f in facts:
            if f.origin.file in self.files:
                self.tally.met(f.origin, fate)
            fresh.discard(id(f))
