"""Say each code table as a FHIR ConceptMap, so that who receives a code can see what the sender's own word was.

    python profiles/fhir/build/concept_maps.py [--check]

writes profiles/fhir/generated/ConceptMap-<table>.json for profiles/codes/<table>.csv; --check writes nothing, and fails
where a file is not what it would write. A table whose targets are no codes (`SKIPPED`) has none.

Source system: the one under which a sender's own word goes out (services, Task.businessStatus), HCPCS for HCPCS codes,
else a URI named after the table. Modifiers are what a target depends on (`dependsOn`) or comes with (`product`).
A table does not say how well a target fits; `equivalence` says what it shows by itself:

- equal: the same code of the same system
- narrower: one of several targets that hold together
- subsumes: other codes of the table have this target too, so the way back is lost
- equivalent: the only code with this target: whatever is coded with one is coded with the other
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nowrongdoor import codes, sources
from nowrongdoor.model import value

Json = dict[str, Any]

GENERATED = Path(__file__).resolve().parents[1] / "generated"
BASE = "https://w3id.org/nowrongdoor/"
SERVICES = "services"
MODIFIER = "http://hl7.org/fhir/StructureDefinition/ServiceRequest#ServiceRequest.orderDetail"
SKIPPED = {
    "organizations": "its targets are keys of partner organizations",
    "answer": "yes and no decide what a Consent permits; neither is sent as a code",
    "row_type": "it tells which kind of resource a row becomes",
    "systems": "its targets are code systems: which one an OID of a document stands for",
}
_GOES_OUT = {SERVICES: "service", "referral_status": "status"}  # own words sent as codes → their system's name
_CODE = re.compile(r"\S+(\s\S+)*")  # the data type code of FHIR
_DISPLAYS_TARGET = {"race", "ethnicity", "language", "relation", "marital", SERVICES}  # else: the source code


@value
class Used:
    """A table as sources use it, all for one kind of codes."""

    table: codes.CodeTable
    kind: str
    sources: tuple[sources.Source, ...]

    @property
    def id(self) -> str:
        return self.table.file.removesuffix(".csv").replace("_", "-")

    @property
    def own(self) -> str:
        """System of the sender's own words."""
        if self.kind in _GOES_OUT and len(self.sources) == 1:
            return f"{BASE}id/{_GOES_OUT[self.kind]}/{self.sources[0].name}"
        return f"{BASE}fhir/CodeSystem/{self.id}"


def used() -> Iterator[Used]:
    """Every shipped table. Exits where two kinds share a table, for it would mean two things."""
    kinds: dict[str, set[str]] = {}
    by: dict[str, list[sources.Source]] = {}
    for source in map(sources.load, sources.names()):
        for kind, table in source.tables.items():
            for file in (table.file, *table.more):
                kinds.setdefault(file, set()).add(kind)
                by.setdefault(file, []).append(source)
    for file, (kind, *more) in sorted(kinds.items()):
        if more:
            sys.exit(f"codes/{file} is used for {kind} and for {', '.join(more)}: give each a table")
        yield Used(codes.load(file, kind=kind), kind, tuple(by[file]))


def concept_map(use: Used) -> Json:
    shared = len(use.sources) > 1
    whose = "several senders" if shared else use.sources[0].title
    made: Json = {
        "resourceType": "ConceptMap",
        "id": use.id,
        "url": f"{BASE}fhir/ConceptMap/{use.id}",
        "version": use.table.digest[:12],
        "name": "".join(word.capitalize() for word in use.id.split("-")),
        "title": f"{use.kind.replace('_', ' ').capitalize()}: {whose}",
        "status": "active",
        "experimental": not shared and use.sources[0].synthetic,
        "publisher": "No Wrong Door",
        "description": f"What {whose} means by these codes. Made from codes/{use.table.file}; version: its SHA-256.",
        "purpose": "A code that is not here is not mapped, and never guessed.",
    }
    if use.kind == SERVICES:
        made["copyright"] = "HCPCS Level II codes are maintained by CMS for public use. No CPT or CDT code is here."
    return made | {"group": _groups(use)}


def _groups(use: Used) -> list[Json]:
    """By source and target system; an element for each code, a target for each line of it."""
    groups: dict[tuple[str, str], dict[str, Json]] = {}
    shared = Counter((target, named) for target, _, named in use.table.rows.values())
    for cell, (target, display, named) in use.table.rows.items():
        code, *modifiers = cell.split("|") if use.kind == SERVICES else (cell,)
        own = codes.system_of(use.kind, cell) if use.kind == SERVICES else ""
        systems = own or use.own, codes.system_of(use.kind, target, named) or use.own
        same = (systems[0], cell) == (systems[1], target)
        fit = "equal" if same else "subsumes" if shared[target, named] > 1 else "equivalent"
        of_target = use.kind in _DISPLAYS_TARGET
        element = groups.setdefault(systems, {}).setdefault(
            code, {"code": _code(use, code), **_filled(display="" if of_target else display), "target": []}
        )
        told = _filled(display=display if of_target else "", equivalence=fit, dependsOn=_modifiers(modifiers))
        element["target"] += _targets(use, target, told)
    return [
        {"source": source, "target": target, "element": list(elements.values())}
        for (source, target), elements in groups.items()
    ]


def _targets(use: Used, cell: str, told: Json) -> list[Json]:
    """A service and its modifiers are one target; other compound cells are several that hold together."""
    several = cell.split("|")
    if use.kind == SERVICES:
        return [{"code": _code(use, several[0]), **told, **_filled(product=_modifiers(several[1:]))}]
    if len(several) > 1:
        told |= {
            "equivalence": "narrower",
            "comment": f"One of {len(several)} that hold together: {', '.join(several)}",
        }
    return [{"code": _code(use, code), **told} for code in several]


def _modifiers(modifiers: Sequence[str]) -> list[Json]:
    return [{"property": MODIFIER, "system": codes.SYSTEMS[SERVICES], "value": m} for m in modifiers]


def _filled(**elements: Any) -> Json:
    return {name: told for name, told in elements.items() if told}


def _code(use: Used, text: str) -> str:
    if not _CODE.fullmatch(text):
        sys.exit(f"codes/{use.table.file}: {text!r} is no code of FHIR: single spaces only, none at its ends")
    return text


def made() -> dict[str, str]:
    """File name → text, of every table that maps to codes. Exits at a kind that nobody has decided about."""
    files = {}
    for use in used():
        if use.kind in SKIPPED:
            continue
        if use.kind not in codes.SYSTEMS:
            sys.exit(f"codes/{use.table.file}: no code system is known for {use.kind}: add it to SYSTEMS or SKIPPED")
        text = json.dumps(concept_map(use), ensure_ascii=False, indent=2)
        files[f"ConceptMap-{use.id}.json"] = text + "\n"
    return files


def main(arguments: Sequence[str]) -> None:
    files, there = made(), {path.name: path for path in GENERATED.glob("ConceptMap-*.json")}
    wrong = [name for name in sorted(files.keys() | there.keys()) if not _same(files.get(name), there.get(name))]
    if "--check" in arguments:
        sys.exit(f"not what the code tables say: {', '.join(wrong)}; make them again" if wrong else 0)
    for name in wrong:
        if name in files:
            (GENERATED / name).write_text(files[name], encoding="utf-8", newline="\n")
        else:
            there[name].unlink()


def _same(text: str | None, path: Path | None) -> bool:
    return text is not None and path is not None and path.read_bytes() == text.encode()


if __name__ == "__main__":
    main(sys.argv[1:])
