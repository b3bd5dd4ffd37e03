"""The schemas that a resource is held against: one that says yes or no at once, and those that tell the places."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions

from nowrongdoor.checks.keywords import KEYWORDS
from nowrongdoor.checks.tables import Profile, Tables, sound
from nowrongdoor.model import Resource

Json = dict[str, Any]


class Schemas:
    """Compiled when first asked for (one type: 20 ms; all that we write together: see `right`), and kept."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._compiled: dict[str, Draft202012Validator] = {}
        self._reached: dict[str, Json] = {}
        self._usual: dict[str, list[Profile]] = {}
        for url, profile in tables.profiles.items():
            if url == profile.url:
                self._usual.setdefault(profile.type, []).append(profile)
        lines = {kind: tables.lineage(tables.profiles[url]) for kind, url in tables.first["profiles"].items()}
        self._claimed = {claimed: kind for kind, line in lines.items()
                         for claimed in ((line[0].url,), tuple(p.url for p in line))}  # fmt: skip

    def written(self, resources: Sequence[Resource]) -> bool:
        """A quick yes for what is written as we write it: stricter than the truth, so its no says nothing.

        Those of one type are looked at together: a schema that the processor has at hand takes half the time. And a
        meta that many share is looked at once.
        """
        asked: dict[str, list[Resource]] = {}
        kinds: dict[int, str] = {}  # by `id()` of a meta
        first = self._first
        try:
            for resource in resources:
                meta = resource["meta"]
                if (kind := kinds.get(id(meta))) is None:
                    kind = kinds[id(meta)] = self._claimed[tuple(meta["profile"])]
                    asked.setdefault(f"{kind}.meta", []).append(meta)
                asked.setdefault(kind, []).append(resource)
            return first.is_valid(asked)
        except (KeyError, TypeError, ValueError):  # no profile of ours; half a surrogate: the slow look tells
            return False

    def right(self, kind: str, resource: Resource) -> bool:
        """Is it right by its type, and by each profile of the usual versions that `meta.profile` names?"""
        return self._whole(kind).is_valid(resource)

    def named(self, name: str) -> Draft202012Validator:
        """One type or one profile by itself: its errors tell the places."""
        return self._kept(name, _named(name), [name])

    @cached_property
    def _first(self) -> Draft202012Validator:
        """Of {type: resources, type.meta: their metas}."""
        with sound("nowrongdoor"):
            return _compiled(self.tables.first["schema"])

    def _whole(self, kind: str) -> Draft202012Validator:
        if found := self._compiled.get(f"right:{kind}"):
            return found
        usual = self._usual.get(kind, [])
        known = [word for p in usual for word in (p.url, f"{p.url}|{p.version}")]
        parents = {p.base for p in usual}
        told = [_named(kind), _in_meta({"items": {"enum": known}} if known else {"maxItems": 0})]
        for leaf in (p for p in usual if p.url not in parents):
            tree: Any = True
            for profile in reversed(self.tables.lineage(leaf)):
                tree = {"if": _claims(profile), "then": _named(profile.name), "else": tree}
            told.append(tree)
        names = [kind, *(p.name for leaf in usual for p in self.tables.lineage(leaf))]
        return self._kept(f"right:{kind}", {"allOf": told}, names)

    def definitions(self, name: str) -> Json:
        """All that the schema of this type or profile is made of, to find the words for an error."""
        if name not in self._reached:
            self._reached[name] = self.tables.definitions([name])
        return self._reached[name]

    def _kept(self, key: str, schema: Json, names: Sequence[str]) -> Draft202012Validator:
        if key not in self._compiled:
            definitions = self.tables.definitions(names)
            with sound(*self.tables.behind(definitions)):
                self._compiled[key] = _compiled({**schema, "definitions": definitions})
        return self._compiled[key]


def _compiled(schema: Json) -> Draft202012Validator:
    return Draft202012Validator(
        schema,
        keywords=KEYWORDS,
        mask="***",  # no message may hold a value
        offline=True,
        validate_formats=True,  # only the first look has some
        pattern_options=RegexOptions(),  # linear time, whatever the text
    )


def _named(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def _in_meta(profiles: Json) -> Json:
    return {"properties": {"meta": {"properties": {"profile": profiles}}}}


def _claims(profile: Profile) -> Json:
    words = {"contains": {"enum": [profile.url, f"{profile.url}|{profile.version}"]}}
    told = {"properties": {"profile": words}, "required": ["profile"], "type": "object"}
    return {"properties": {"meta": told}, "required": ["meta"]}
