"""What clinical documents are, section by section, and what the route would make of them: nothing of a person.

Found by reading each document as the route does; what is told is counts, HL7's own names, and codes.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from nowrongdoor import codes, layouts, shelf
from nowrongdoor.files import documents, xml
from nowrongdoor.model import TYPE_OF, Fate
from nowrongdoor.model.values import Bad
from nowrongdoor.sources import Source
from nowrongdoor.store import Store

Json = dict[str, Any]

are_documents = documents.are_documents
_CODE = re.compile(r"[\w.-]{1,64}")
_FATES = {Fate.MERGED: "part of another", Fate.NARRATIVE: "kept as words", Fate.OUT_OF_SCOPE: "out of scope"}
_WORDS = ("code", "template", "element", "mood")  # what entries are told apart by
_AS_IT_IS, _SYSTEMS = "urn:oid:", "systems"


def is_of_documents(name: str) -> bool:
    return layouts.is_document(name)


def look(paths: Sequence[Path], source: Source) -> Iterator[Json]:
    """Of each document its type, software, confidentiality, sections and entries; of one that cannot be read, why."""
    for place in (place for path in paths for place in documents.gather(path)):
        try:
            yield {"file": place.name, **_outline(xml.parse(place.read()), source)}
        except Bad as bad:
            yield {"file": place.name, "rule": bad.rule, "cause": bad.cause, "cure": bad.cure}


def _outline(root: xml.Element, source: Source) -> Json:
    tree = layouts.document(source.layout)
    made = tree.outline(root)
    sections = [_section(tree, code, words=words) for code, words in made.sections]
    entries: dict[tuple[str, ...], Json] = {}
    for (number, tag, mood, template), become in zip(made.rows, _ends(root, source), strict=True):
        held = sections[number] if number >= 0 else _section(tree, "", words=False)
        key = (held["code"], _plain(template), tag, _plain(mood))
        for one in (held, entries.setdefault(key, {**dict(zip(_WORDS, key, strict=True)), **_none()})):
            one["entries"] += 1
            one["becomes"].update(become)
    return {"document": made.document, "confidentiality": _plain(made.confidentiality),
            "software": list(made.software), "sections": sections, "entries": list(entries.values())}  # fmt: skip


def _section(tree: layouts.Tree, code: str, *, words: bool) -> Json:
    known = tree.STATED.get(code)
    return {"code": _plain(code), "section": known.name if known else "", "known": known is not None, "words": words,
            **_none()}  # fmt: skip


def _none() -> Json:
    return {"entries": 0, "becomes": Counter[str]()}


def _plain(code: str) -> str:
    """A code as codes are written; what is longer, or has blanks, may be anything."""
    return code if not code or _CODE.fullmatch(code) else "?"


def _ends(root: xml.Element, source: Source) -> list[list[str]]:
    """Of each entry, from row 2, what it becomes: types of resources, else its fate."""
    said = layouts.document(source.layout).statements(root, source, 0)
    ends = defaultdict[int, list[str]](list)
    for fact in said.facts:
        ends[fact.origin.row].append(TYPE_OF[fact.kind])
    for entry in said.told:
        ends[entry.origin.row] = [_FATES[entry.fate]]
    for refusal in said.refused:
        ends[refusal.origin.row] = ["refused"]
    return [ends[row] or [_FATES[Fate.MERGED]] for row in range(2, len(said.entries) + 1)]


def summary(told: Iterable[Mapping[str, Any]]) -> Json:
    """Of all these: how many of each type, made by what, and their sections and entries together."""
    kinds, software, unread = Counter[str](), Counter[str](), defaultdict[str, list[str]](list)
    together: dict[str, dict[tuple[str, ...], Json]] = {"sections": {}, "entries": {}}
    for one in told:
        if "rule" in one:
            unread[one["rule"]].append(one["file"])
            continue
        kinds[one["document"]] += 1
        software.update(one["software"])
        for word, met in together.items():
            for part in one[word]:
                same = met.setdefault(tuple(part.get(w, "") for w in _WORDS), {**part, **_none()})
                same["entries"] += part["entries"]
                same["becomes"].update(part["becomes"])
    parts = {word: [met[key] for key in sorted(met)] for word, met in together.items()}
    return {"kinds": kinds, "software": software, "unread": unread, **parts}


def stated(layout: str) -> Json:
    """What a layout of documents states where: parts of its header, then sections by code."""
    tree = layouts.document(layout)
    header = [{"part": part, "becomes": list(becomes)} for part, becomes in tree.HEADER.items()]
    sections = [{"code": c, "section": s.name, "becomes": list(s.becomes)} for c, s in tree.STATED.items()]
    return {"layout": layout, "header": header, "sections": sections}


# code systems ----------------------------------------------------------------


def loose(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of documents that nobody has taken in."""
    for place in (place for path in paths for place in documents.gather(path)):
        try:
            yield place.name, place.read()
        except Bad:
            continue


def taken_in(store: Store, source: Source) -> Iterator[tuple[str, bytes]]:
    for sha256, name in {f.sha256: f.name for f in store.files(source.name)}.items():
        if (path := store.vault.path(sha256)).is_file():
            yield name, path.read_bytes()


def unmapped(source: Source, places: Iterable[tuple[str, bytes]], workspace: Path | None) -> list[Json]:
    """Code systems that no table knows, as `codes.unmapped` tells codes: their OIDs go out as urn:oid:…"""
    file = source.code_file(_SYSTEMS) if source.has_code(_SYSTEMS) else "oids.csv"
    known = codes.load(file, workspace).rows
    met = defaultdict[str, Counter[str]](Counter)
    for name, content in places:
        try:
            said = layouts.document(source.layout).statements(xml.parse(content), source, 0)
        except Bad:
            continue  # nothing of it goes out
        for system in (s for fact in said.facts for s in _systems(orjson.loads(fact.resource))):
            oid = system.removeprefix(_AS_IT_IS)
            if oid != system and oid not in known:
                met[oid][name] += 1
    if not met:
        return []
    listed = [{"code": oid, "rows": files.total(), "files": dict(files)} for oid, files in sorted(met.items())]
    return [{
        "source": source.name, "table": "document", "columns": "codeSystem", "headers": ["codeSystem"],
        "row_is": "kept, with the OID as its system", "kind": _SYSTEMS, "file": file,
        "path": shelf.find(f"profiles/codes/{file}", workspace).as_posix(), "codes": listed,
        "not_shown": {"codes": 0, "rows": 0, "places": []},
    }]  # fmt: skip


def _systems(node: Any) -> Iterator[str]:
    """Of codes, not of identifiers."""
    if isinstance(node, list):
        for child in node:
            yield from _systems(child)
    elif isinstance(node, dict):
        if "code" in node and isinstance(node.get("system"), str):
            yield node["system"]
        for child in node.values():
            yield from _systems(child)
