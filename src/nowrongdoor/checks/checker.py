"""Check one resource: a fast yes for what is right, a slow and careful why for what is not.

The schema is generated from HL7's StructureDefinitions (profiles/fhir) and holds types, cardinality, choices, required
codes, real dates, reference targets, invariants and US Core's must-haves. What needs the whole resource is done here:
contained resources, `#local` references, nulls that only keep a place in a list.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from jsonschema_rs import Draft7Validator, RegexOptions

from nowrongdoor.checks.keywords import KEYWORDS
from nowrongdoor.checks.wording import DANGLING, Finding, read
from nowrongdoor.errors import Stop
from nowrongdoor.model import Issue, Resource

_US_CORE = re.compile(r"http://hl7\.org/fhir/us/core/StructureDefinition/[^|]*(\|6\.1\.0)?")
_LOST = "run `pip install --force-reinstall nowrongdoor`, or in a checkout `python profiles/fhir/build_schema.py`"


class Checker:
    """Valid R4 (4.0.1), and US Core 6.1.0 as far as cheap must-haves go, for the types that this package writes.

    Raises `Stop` where the schema cannot be read. Compiled once a process (about 40 ms), and a type by itself (20 ms)
    when one of it is wrong.
    """

    def __init__(self, schema: Path) -> None:
        self._schema = schema
        self._definitions = _definitions(schema)
        self._right = _right(schema)

    def issues(self, resource: Resource, /) -> tuple[Issue, ...]:
        """Empty where nothing is wrong. `column` is the FHIRPath of the place; no text holds a value.

        A must-have of US Core is an error where `meta.profile` claims 6.1.0 or no version, else a warning. A type of R4
        that is not ours is a warning too: "not-checked", never passed.
        """
        kind = resource.get("resourceType")
        try:
            if "contained" not in resource and self._right.is_valid(resource):
                return ()
            if not isinstance(kind, str) or f"us-core:{kind}" not in self._definitions:
                return (self._stranger(kind),)
            local = _Local(resource)
            found = [*self._found(_validator(self._schema, kind), resource, local), *self._contained(resource, local)]
        except ValueError:  # half a surrogate, or nested beyond the engine's limit; its text may hold the value
            return (Issue("fhir-structure", "cannot be written as JSON, or nests too deep", "correct it", str(kind)),)
        return tuple({(i.rule, i.column, i.cause): i for i in found}.values())

    def references(self, resource: Resource, /) -> Iterator[tuple[str, str]]:
        """(place, "Type/id") of every literal reference that is no URL and not `#local`; versions are cut off."""
        for at, node in _objects(resource, str(resource.get("resourceType", ""))):
            target = node.get("reference")
            if isinstance(target, str) and not target.startswith(("#", "urn:", "http:", "https:")):
                yield f"{at}.reference", target.partition("/_history/")[0]

    def _stranger(self, kind: object) -> Issue:
        if kind in self._definitions["ResourceType"]["enum"]:
            return Issue("not-checked", f"{kind} is not checked", "check it elsewhere", "resourceType", "warning")
        return Issue("fhir-structure", "must name a resource type of R4", "set resourceType", "resourceType")

    def _found(
        self, validator: Draft7Validator, resource: Resource, local: "_Local", prefix: str = ""
    ) -> Iterator[Issue]:
        claimed = any(_US_CORE.fullmatch(p) for p in _profiles(resource))
        for error in validator.iter_errors(resource):
            path = error.instance_path
            if finding := local.weigh(read(self._definitions, error), resource, path):
                yield from finding.issues(prefix or resource["resourceType"], path, claimed=claimed)

    def _contained(self, resource: Resource, local: "_Local") -> Iterator[Issue]:
        """Contained resources are checked as R4, without US Core; dom-2 to dom-5 are about nothing else."""
        inside = resource.get("contained")
        for number, one in enumerate(inside if isinstance(inside, list) else ()):
            at = f"{resource['resourceType']}.contained[{number}]"
            kind = one.get("resourceType") if isinstance(one, dict) else None
            if not isinstance(kind, str):
                continue  # the schema said so
            if f"us-core:{kind}" not in self._definitions:
                stranger = self._stranger(kind)
                yield Issue(stranger.rule, stranger.cause, stranger.cure, at, stranger.severity)
                continue
            yield from self._found(_validator(self._schema, kind, us_core=False), one, local, at)
            yield from local.rules(one, at)


class _Local:
    """What a resource contains, by id: `#id` points at it."""

    def __init__(self, root: Resource) -> None:
        self.root = root
        inside = root.get("contained")
        inside = [c for c in inside if isinstance(c, dict)] if isinstance(inside, list) else []
        self.types = {f"#{c['id']}": c.get("resourceType") for c in inside if isinstance(c.get("id"), str)}
        if inside:
            self.types["#"] = root["resourceType"]

    def weigh(self, finding: Finding, resource: Resource, path: Sequence[str | int]) -> Finding | None:
        """The schema knows no `#id` and no null: here they are seen in their surroundings. None: nothing is wrong."""
        found = _at(resource, path)
        if finding.allowed and isinstance(found, str) and found.startswith("#"):
            kind = self.types.get(found)
            return None if kind in finding.allowed else finding if kind else DANGLING
        if found is None and path and isinstance(path[-1], int):
            beside = _at(resource, path[:-2]).get(f"_{path[-2]}")  # null keeps a place: `_given` says why
            held = isinstance(beside, list) and path[-1] < len(beside) and isinstance(beside[path[-1]], dict)
            return None if held else finding
        return finding

    def rules(self, one: Resource, at: str) -> Iterator[Issue]:
        """dom-2 to dom-5 of R4 for one contained resource."""
        meta = one.get("meta") or {}
        said = [node.get("reference") for _, node in _objects(self.root, "")]
        from_it = [node.get("reference") for _, node in _objects(one, "")]
        broken = {
            ("dom-2", "must not contain resources itself"): "contained" in one,
            ("dom-3", "must have an id that something refers to"): f"#{one.get('id')}" not in said
            and "#" not in from_it,
            ("dom-4", "must have no versionId and no lastUpdated"): "versionId" in meta or "lastUpdated" in meta,
            ("dom-5", "must have no security label of its own"): "security" in meta,
        }
        for (rule, cause), fails in broken.items():
            if fails:
                yield Issue(rule, cause, "correct the contained resource", at)


def _objects(resource: Resource, at: str) -> list[tuple[str, Resource]]:
    """Every object with its place. No recursion: depth is the sender's choice. On the hot path: 5 to 10 µs."""
    found = [(at, resource)]
    for place, node in found:  # grows while it is read
        for key, child in node.items():
            if child.__class__ is dict:
                found.append((f"{place}.{key}", child))
            elif child.__class__ is list:
                for number, item in enumerate(child):
                    if item.__class__ is dict:
                        found.append((f"{place}.{key}[{number}]", item))
    return found


def _at(node: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        node = node[step]
    return node


def _profiles(resource: Resource) -> list[str]:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return [p for p in profiles if isinstance(p, str)] if isinstance(profiles, list) else []


@cache
def _definitions(schema: Path) -> dict[str, Any]:
    try:
        definitions: dict[str, Any] = orjson.loads(gzip.decompress(schema.read_bytes()))["definitions"]
    except (OSError, EOFError, zlib.error, ValueError, KeyError) as error:
        raise Stop(f"the FHIR schema {schema.name} cannot be read ({type(error).__name__})", _LOST) from error
    return definitions


@cache
def _right(schema: Path) -> Draft7Validator:
    """All our types in one, for yes or no: what they share is compiled once, and stays in the processor's cache."""
    definitions = _definitions(schema)
    tree: Any = False
    for kind in (name.removeprefix("us-core:") for name in definitions if name.startswith("us-core:")):
        named = {"required": ["resourceType"], "properties": {"resourceType": {"const": kind}}}
        tree = {"if": named, "then": _both(kind), "else": tree}
    return _compiled({**tree, "definitions": definitions})


@cache
def _validator(schema: Path, kind: str, *, us_core: bool = True) -> Draft7Validator:
    """One type by itself: its errors tell the places."""
    told = _both(kind) if us_core else {"allOf": [_named(kind)]}
    return _compiled({**told, "definitions": _definitions(schema)})


def _both(kind: str) -> dict[str, Any]:
    return {"allOf": [_named(f"us-core:{kind}"), _named(kind)]}


def _named(name: str) -> dict[str, str]:
    return {"$ref": f"#/definitions/{name}"}


def _compiled(schema: dict[str, Any]) -> Draft7Validator:
    return Draft7Validator(
        schema,
        keywords=KEYWORDS,
        mask="***",  # no message may hold a value
        offline=True,
        pattern_options=RegexOptions(),  # linear time, whatever the text
    )
