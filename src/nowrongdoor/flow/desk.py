"""The desk where one person's facts become drafts: checked, kept or refused, and every fact's row told its fate."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from nowrongdoor import layouts, sources
from nowrongdoor.errors import Stop
from nowrongdoor.flow import minted
from nowrongdoor.flow.owners import ANOTHERS
from nowrongdoor.flow.run import Mentioned, Out, Run
from nowrongdoor.model import Broken, Draft, Fact, Fate, Issue, Key, Practitioner, Refusal, Refused, Row, Stated, Tally
from nowrongdoor.resources import assemble, organization, practitioners, provenance, stated

_WRITTEN = Fate.WRITTEN  # a member of an enum is dear to look up, and nearly every fact needs this one


class Desk:
    """Settles person after person; nothing written points at what is not written.

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

    def person(self, person: str, facts: Sequence[Fact]) -> None:
        """All that is known of one person, from this run and before."""
        contested = [f for f in facts if f.key in self.contested] if self.contested else []
        known = self.out.known(person, [f for f in facts if f.key not in self.contested] if contested else facts)
        if self._trusted and (seen := minted.proof(known.facts, self.files.keys())):
            self._trusted = False  # once a run is enough
            self.out.warn(Row(seen.origin._replace(row=1, line=1, last=1), ["/ClinicalDocument", ""]), (minted.SEEN,))
        open_ = {id(f): f for f in facts if not isinstance(f, Broken)}
        self.tally.settled += len(open_)
        refused: set[Key] = set()
        for f in known.older:
            self._met(f, Fate.MERGED, open_)
        for group, issue in [*known.wrong, (contested, ANOTHERS)]:
            self._refuse(group, (issue,), open_)
        standing: set[Key] = set()
        changed: list[Draft] = []
        stands = partial(_in_either, standing, self.shared) if self.shared else standing.__contains__
        for made in assemble(self.run.context, person, known.facts, stands):
            issues = made.issues if isinstance(made, Refused) else self._wrong(made, stands)
            if issues:
                refused |= {f.key for f in made.facts}
                self._refuse(made.facts, issues, open_)
                continue
            assert isinstance(made, Draft)
            standing.add(made.key)
            if self.out.keep(made, person):
                changed.append(made)
            self._written(made.facts, open_)
        if changed:
            self._provenance(person, changed)
        self.out.settle(person, known, standing, refused)
        self.tally.settled -= len(open_)  # facts that nobody spoke of

    def _provenance(self, person: str, changed: Sequence[Draft]) -> None:
        draft = provenance(self.run.context, person, self.out.revision(person) + 1, changed, self.files)
        if wrong := self._wrong(draft, _anything):
            cause = f"where records came from cannot be said: {wrong[0].column} {wrong[0].cause}"
            raise Stop(f"{cause}; nothing of this was kept", "this is a fault of nwd: report it")
        self.out.keep(draft, person)

    def _wrong(self, draft: Draft, stands: Callable[[Key], bool]) -> tuple[Issue, ...]:
        for key in draft.needs:
            if not stands(key):
                return (Issue("no-target", f"its {key.kind} was refused", "mend that row first"),)
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
        first, *others = facts
        self._met(first, _WRITTEN, open_)
        if not others:
            return
        marks = {(first.origin.file, first.origin.mark)}
        for f in others:
            place = (f.origin.file, f.origin.mark)
            self._met(f, Fate.NOISE if place in marks else Fate.MERGED, open_)
            marks.add(place)

    def _met(self, f: Fact, fate: Fate, open_: dict[int, Fact]) -> None:
        if open_.pop(id(f), None) is not None or f.origin.file in self.files:
            self.tally.met(f.origin, fate)


def _anything(_: Key) -> bool:
    """What is pointed at stands."""
    return True


def _in_either(one: Collection[Key], other: Collection[Key], key: Key) -> bool:
    return key in one or key in other
