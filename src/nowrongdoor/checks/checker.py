"""Check one resource: a fast yes for what is right, a slow and careful why for what is not.

The schemas come from HL7's StructureDefinitions and ours (`profiles/fhir/tables`): types, cardinality, choices,
required codes, real dates, reference targets, slices, fixed values, invariants. Contained resources and `#local`
references are looked at here. `thorough` also evaluates the invariants that no schema says, and looks codes up: that is
for `nwd check`, never for each row of a file; for the types that this package writes there is no such invariant.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

from jsonschema_rs import Draft202012Validator

from nowrongdoor.checks.contexts import fits, plain
from nowrongdoor.checks.local import Local, deep, objects, twice, weigh
from nowrongdoor.checks.rules import Rules
from nowrongdoor.checks.schemas import Schemas
from nowrongdoor.checks.tables import Profile, Tables
from nowrongdoor.checks.terms import Terms
from nowrongdoor.checks.wording import read
from nowrongdoor.errors import Usage
from nowrongdoor.model import Issue, Resource

_DEEP = 64  # objects and lists inside one another: what real resources never reach
_US_CORE = "http://hl7.org/fhir/us/core/"
_MOST = 500  # errors of one resource and schema that are told
_HOLDERS = {"Parameters": (".resource",), "Bundle": (".outcome",)}  # entries of a Bundle are read one by one
_MOVE = "move it to an element that it extends"
_MODIFIES = {
    True: ("changes the meaning of its element, by its definition", "put it into modifierExtension"),
    False: ("changes the meaning of nothing, by its definition", "put it into extension"),
}
_NAME_IT = "name in meta.profile which of them it follows"


class Checker:
    """Valid R4 (4.0.1), and valid by each profile that it names in `meta.profile` and that we have?

    `tables`: the folder of tables. `against`: packages (`us-core@7.0.0`) or profiles that every resource of their type
    is held to as well. Raises `Stop` where a table cannot be read, `Usage` for a name in `against` that there is not.
    """

    def __init__(self, tables: Path, *, against: Sequence[str] = (), thorough: bool = False) -> None:
        self.tables = Tables(tables)
        self._schemas = Schemas(self.tables)
        self._against = [profile for name in against for profile in self._named(name)]
        self._rules = Rules(self.tables) if thorough else None
        self._terms = Terms(self.tables) if thorough else None
        self._quick = not against and not thorough

    def _named(self, name: str) -> list[Profile]:
        found = [profile for profile in self.tables.named(name) if profile.type in self.tables.types]
        if not found:
            raise Usage(f"{name} is no profile of a resource", "name one of a resource: what is inside it follows")
        return found

    def quick(self, resources: Sequence[Resource], /) -> bool:
        """Are they all right at first sight? A no says nothing: ask for the `issues` of each."""
        return self._quick and self._schemas.written(resources)

    def issues(self, resource: Resource, /) -> tuple[Issue, ...]:
        """Empty where nothing is wrong. `column` is the FHIRPath of the place; no text holds a value.

        What could not be looked at (a type that is not R4's, a profile that we do not have) is a warning "not-checked".
        """
        kind = resource.get("resourceType")
        try:
            if not isinstance(kind, str) or kind not in self.tables.types:
                return (Issue("fhir-structure", "must name a resource type of R4", "set resourceType", "resourceType"),)
            usual = self._quick and "contained" not in resource and kind not in _HOLDERS
            if usual and self._schemas.right(kind, resource):
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
        if deep(resource, _DEEP):
            right = self._schemas.named(kind).is_valid(resource)
            rule, severity = ("not-checked", "warning") if right else ("fhir-structure", "error")
            yield Issue(rule, "nests too deep to say more", "check a part of it", kind, cast("Any", severity))
            return
        local = Local(resource)
        resource = local.resolved()
        yield from self._one(kind, resource, kind)
        inside = resource.get("contained")
        for number, one in enumerate(inside if isinstance(inside, list) else ()):
            yield from self._inner(one, f"{kind}.contained[{number}]")
        yield from local.rules(kind)
        for at, one in objects(resource, kind) if kind in _HOLDERS else ():
            if at.endswith(_HOLDERS[kind]):
                yield from self._inner(Local(one).resolved(), at)
        if self._terms and self._rules:
            yield from twice(resource, kind)
            followed = self._followed(kind, resource, kind)[0]
            yield from self._terms.issues(kind, resource, us_core=any(p.url.startswith(_US_CORE) for p in followed))
            versions = [f"|{p.version}" for p in followed]
            held = [
                (at, one) for at, one in objects(resource, kind) if str(one.get("resourceType")) in self.tables.types
            ]
            typed = chain.from_iterable(self._rules.typed(one["resourceType"], one, at) for at, one in held)
            yield from self._extensions(resource, [*versions, ""], {at: plain(name) for at, name, _ in typed})

    def _one(self, kind: str, resource: Resource, at: str) -> Iterator[Issue]:
        """One resource by its type and its profiles, and by what only FHIRPath says of it where that is asked."""
        followed, untold = self._followed(kind, resource, at)
        broken = [i for name in (kind, *(p.name for p in followed)) for i in self._found(name, resource, at)]
        yield from (*untold, *broken)
        if self._rules:
            yield from self._rules.issues((kind, at), resource, followed, sound=not broken)

    def _inner(self, one: object, at: str) -> Iterator[Issue]:
        """A resource inside another; where it is none the schema said so."""
        kind = one.get("resourceType") if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(kind, str) and kind in self.tables.types:
            yield from self._one(kind, one, at)

    def _extensions(self, resource: Resource, versions: Sequence[str], types: Mapping[str, str]) -> Iterator[Issue]:
        """Each extension by the profile that its url names, wherever it stands, and whether it may stand there."""
        for at, node in objects(resource, str(resource["resourceType"])):
            for name in ("extension", "modifierExtension"):
                listed = node.get(name)
                for number, one in enumerate(listed if isinstance(listed, list) else ()):
                    url = one.get("url") if isinstance(one, dict) else None
                    named = (self.tables.profiles.get(f"{url}{version}") for version in versions)
                    profile = next(filter(None, named), None)
                    place = f"{at}.{name}[{number}]"
                    if profile and profile.type == "Extension":
                        yield from self._found(profile.name, one, place)
                        if not fits(profile, at, types):
                            yield Issue("extension-context", "its definition does not let it stand here", _MOVE, place)
                        if profile.modifier != (name == "modifierExtension"):
                            yield Issue("extension-modifier", *_MODIFIES[profile.modifier], place)
                    elif isinstance(url, str) and ":" in url:
                        yield Issue(
                            "not-checked", "an extension that is not here", "check it elsewhere", place, "warning"
                        )

    def _found(self, name: str, resource: Resource, at: str) -> Iterator[Issue]:
        validator: Draft202012Validator = self._schemas.named(name)
        if validator.is_valid(resource):
            return
        definitions, told = self._schemas.definitions(name), 0
        for error in validator.iter_errors(resource):
            path = error.instance_path
            if finding := weigh(read(definitions, error), resource, path, self.tables.types):
                told += 1
                if told > _MOST:
                    yield Issue("not-checked", f"more than {_MOST} errors", "correct these first", at, "warning")
                    return
                yield from finding.issues(at, path)

    def _followed(self, kind: str, resource: Resource, place: str) -> tuple[list[Profile], list[Issue]]:
        """The profiles it is held to; those that it names and nobody here knows."""
        chosen = [p for p in self._against if p.type == kind]
        found: list[Profile] = []
        untold: list[Issue] = []
        for number, url in enumerate(_claimed(resource)):
            at = f"{place}.meta.profile[{number}]"
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
                untold.append(Issue("not-checked", cause, _NAME_IT, f"{place}.meta.profile", "warning"))
        implied = {above.name for p in found for above in self.tables.lineage(p)[1:]}
        return [p for p in dict.fromkeys(found) if p.name not in implied], untold


def _claimed(resource: Resource) -> list[str]:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return [p for p in profiles if isinstance(p, str)] if isinstance(profiles, list) else []
