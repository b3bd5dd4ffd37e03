"""Check one resource: a fast yes for what is right, a slow and careful why for what is not.

The schemas come from HL7's StructureDefinitions and ours (`profiles/fhir/tables`): types, cardinality, choices,
required codes, real dates, reference targets, slices, fixed values, invariants. Contained resources and `#local`
references are looked at here. `thorough` also evaluates the invariants that no schema says, and looks codes up: that is
for `nwd check`, never for each row of a file; for the types that this package writes there is no such invariant.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from jsonschema_rs import Draft202012Validator

from nowrongdoor.checks.local import Local, objects
from nowrongdoor.checks.rules import Rules
from nowrongdoor.checks.schemas import Schemas
from nowrongdoor.checks.tables import Profile, Tables
from nowrongdoor.checks.terms import Terms
from nowrongdoor.checks.wording import read
from nowrongdoor.model import Issue, Resource

_NAME_IT = "name in meta.profile which of them it follows"


class Checker:
    """Valid R4 (4.0.1), and valid by each profile that it names in `meta.profile` and that we have?

    `tables`: the folder of tables. `against`: packages (`us-core@7.0.0`) or profiles that every resource of their type
    is held to as well. Raises `Stop` where a table cannot be read, `Usage` for a name in `against` that there is not.
    """

    def __init__(self, tables: Path, *, against: Sequence[str] = (), thorough: bool = False) -> None:
        self.tables = Tables(tables)
        self._schemas = Schemas(self.tables)
        self._against = [profile for name in against for profile in self.tables.named(name)]
        self._rules = Rules(self.tables) if thorough else None
        self._terms = Terms(self.tables) if thorough else None
        self._quick = not against and not thorough

    def issues(self, resource: Resource, /) -> tuple[Issue, ...]:
        """Empty where nothing is wrong. `column` is the FHIRPath of the place; no text holds a value.

        What could not be looked at (a type that is not R4's, a profile that we do not have) is a warning "not-checked".
        """
        kind = resource.get("resourceType")
        try:
            if not isinstance(kind, str) or kind not in self.tables.types:
                return (Issue("fhir-structure", "must name a resource type of R4", "set resourceType", "resourceType"),)
            if self._quick and "contained" not in resource:
                meta = resource.get("meta")
                claimed = meta.get("profile") if isinstance(meta, dict) else None
                if self._schemas.right(kind, resource, claimed):
                    return ()
            found = list(self._all(kind, resource))
        except ValueError:  # half a surrogate, or nested beyond the engine's limit; its text may hold the value
            return (Issue("fhir-structure", "cannot be written as JSON, or nests too deep", "correct it", str(kind)),)
        return tuple({(i.rule, i.column): i for i in found}.values())  # of two that say the same, the narrower

    def references(self, resource: Resource, /) -> Iterator[tuple[str, str]]:
        """(place, target) of every literal reference that is not `#local`: "Type/id" or a URL; versions are cut off."""
        for at, node in objects(resource, str(resource.get("resourceType", ""))):
            target = node.get("reference")
            if isinstance(target, str) and not target.startswith("#"):
                yield f"{at}.reference", target.partition("/_history/")[0]

    def _all(self, kind: str, resource: Resource) -> Iterator[Issue]:
        local = Local(resource)
        followed, untold = self._followed(kind, resource)
        yield from untold
        broken = list(self._found(kind, resource, local, kind))
        for profile in followed:
            broken += self._found(profile.name, resource, local, kind)
        broken += self._contained(resource, local)
        yield from broken
        if self._terms:
            yield from self._terms.issues(kind, resource)
        if self._rules:
            yield from self._rules.issues(kind, resource, followed, sound=not broken)

    def _found(self, name: str, resource: Resource, local: Local, at: str) -> Iterator[Issue]:
        validator: Draft202012Validator = self._schemas.named(name)
        if validator.is_valid(resource):
            return
        definitions = self._schemas.definitions(name)
        for error in validator.iter_errors(resource):
            path = error.instance_path
            if finding := local.weigh(read(definitions, error), resource, path):
                yield from finding.issues(at, path)

    def _followed(self, kind: str, resource: Resource) -> tuple[list[Profile], list[Issue]]:
        """The profiles it is held to; those that it names and nobody here knows."""
        chosen = [p for p in self._against if p.type == kind]
        found: list[Profile] = []
        untold: list[Issue] = []
        for number, url in enumerate(_claimed(resource)):
            at = f"{kind}.meta.profile[{number}]"
            profile = next((p for p in chosen if p.url == url), self.tables.profiles.get(url))
            if profile is None:
                untold.append(Issue("not-checked", "no such profile is here", "check it elsewhere", at, "warning"))
            elif profile.type != kind:
                untold.append(Issue("profile", f"is a profile of {profile.type}", "name one of this type", at))
            else:
                found.append(profile)
        for package in dict.fromkeys(p.package for p in chosen):
            mine = [p for p in chosen if p.package == package]
            if len(mine) == 1:
                found += mine
            elif not any(p in found for p in mine):
                cause = f"{package} has {len(mine)} profiles of {kind}"
                untold.append(Issue("not-checked", cause, _NAME_IT, f"{kind}.meta.profile", "warning"))
        implied = {above.name for p in found for above in self.tables.lineage(p)[1:]}
        return [p for p in dict.fromkeys(found) if p.name not in implied], untold

    def _contained(self, resource: Resource, local: Local) -> Iterator[Issue]:
        """Contained resources are checked as R4, without profiles; dom-2 to dom-5 are about nothing else."""
        inside = resource.get("contained")
        for number, one in enumerate(inside if isinstance(inside, list) else ()):
            at = f"{resource['resourceType']}.contained[{number}]"
            kind = one.get("resourceType") if isinstance(one, dict) else None
            if isinstance(kind, str) and kind in self.tables.types:  # else the schema said so
                yield from self._found(kind, one, local, at)
                yield from local.rules(one, at)


def _claimed(resource: Resource) -> list[str]:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return [p for p in profiles if isinstance(p, str)] if isinstance(profiles, list) else []
