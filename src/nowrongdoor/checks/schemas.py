"""The schemas that a resource is held against: one that says yes or no at once, and those that tell the places."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions

from nowrongdoor.checks.keywords import KEYWORDS
from nowrongdoor.checks.tables import Profile, Tables

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
        self._ours = {p.type for p in tables.profiles.values() if p.package == "nowrongdoor"}

    def right(self, kind: str) -> Draft202012Validator:
        """For yes or no: the type, and each profile of the usual versions that the resource itself names."""
        return self._all_ours if kind in self._ours else self._kept(f"right:{kind}", *self._whole(kind))

    def named(self, name: str) -> Draft202012Validator:
        """One type or one profile by itself: its errors tell the places."""
        return self._kept(name, _named(name), [name])

    @cached_property
    def _all_ours(self) -> Draft202012Validator:
        """In one: what they share is compiled once, and stays in the processor's cache."""
        tree: Any = False
        reached: list[str] = []
        for kind in sorted(self._ours):
            told, names = self._whole(kind)
            reached += names
            tree = {"if": {"properties": {"resourceType": {"const": kind}}}, "then": told, "else": tree}
        return self._compile({**tree, "required": ["resourceType"]}, reached)

    def _whole(self, kind: str) -> tuple[Json, list[str]]:
        usual = self._usual.get(kind, [])
        known = [word for p in usual for word in (p.url, f"{p.url}|{p.version}")]
        parents = {p.base for p in usual}
        told = [_named(kind), _in_meta({"items": {"enum": known}} if known else {"maxItems": 0})]
        for leaf in (p for p in usual if p.url not in parents):
            tree: Any = True
            for profile in reversed(self.tables.lineage(leaf)):
                tree = {"if": _claims(profile), "then": _named(profile.name), "else": tree}
            told.append(tree)
        return {"allOf": told}, [kind, *(p.name for leaf in usual for p in self.tables.lineage(leaf))]

    def definitions(self, name: str) -> Json:
        """All that the schema of this type or profile is made of, to find the words for an error."""
        if name not in self._reached:
            self._reached[name] = self.tables.definitions([name])
        return self._reached[name]

    def _kept(self, key: str, schema: Json, names: Sequence[str]) -> Draft202012Validator:
        if key not in self._compiled:
            self._compiled[key] = self._compile(schema, names)
        return self._compiled[key]

    def _compile(self, schema: Json, names: Sequence[str]) -> Draft202012Validator:
        return Draft202012Validator(
            {**schema, "definitions": self.tables.definitions(names)},
            keywords=KEYWORDS,
            mask="***",  # no message may hold a value
            offline=True,
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
