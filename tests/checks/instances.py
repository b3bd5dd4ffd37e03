"""Invented resources that are valid, made from the definitions themselves: full ones, and the barest.

`Maker(library).full(url)` gives as many as it takes to fill every element with every type it may have; nested types are
filled down to where everything was met once. `.bare(url)` gives the one with nothing but what must be there. Invariants
are kept by the tables in `invented`, which name them by their keys. Same library, same calls: same resources.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from checks.invented import CODES, CODING, CONTAINED, EXCLUSIVE, HERE, IDENTIFIERS, MUST, PRIMITIVES, VALUES
from checks.structures import Json, Library, Node

_LAST = ("id", "extension", "modifierExtension", "use")  # say nothing alone
_FIRST = ("text", "reference", "value")
_MOST = 60  # items of one list
_OPEN = (
    10  # a choice of more types than this shows them at the top only, else extensions would nest through all of them
)


class Maker:
    """Makes resources; remembers which elements and types it has filled, so that what it makes together has all."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._met: set[str] = set()
        self._seen: dict[str, Node] = {}
        self._url = ""
        self._full = False
        self._made = 0
        self._taken: set[str] = set()  # codes that would make an item one of a slice

    def full(self, url: str) -> Iterator[Json]:
        """As many as it takes until another one would bring nothing new; always one."""
        before = -1
        while len(self._met) > before and (before < 0 or self._open()):
            before = len(self._met)
            yield self._resource(url, full=True)

    def bare(self, url: str) -> Json:
        return self._resource(url, full=False)

    def _open(self) -> bool:
        """Has any of what was filled so far a type that it was never filled with?"""
        return any(self._fresh(node) for node in self._seen.values())

    def _resource(self, url: str, *, full: bool) -> Json:
        self._url, self._full = url, full
        self._made += 1
        root = self.library.tree(url)
        made = self._object(root, root, 0)
        _number(made)
        return {"resourceType": self.library.target(url), **made}

    # objects -----------------------------------------------------------------

    def _object(self, node: Node, tree: Node, depth: int) -> Json:
        """`node` is the element, `tree` what says its parts: itself, or its type."""
        below = {name: child for name, child in tree.below.items() if child.element["max"] != "0"}
        keys = {*node.invariants, *tree.invariants}
        for out in self._excluded(below, keys, depth):
            del below[out]
        must = _must(below, keys)
        filled = self._full and (depth < 2 or any(self._fresh(child, depth) for child in below.values()))
        made: Json = {}
        for name, child in below.items():
            if filled or child.element["min"] or name in must:
                made |= self._property(name, child, depth)
        if not made:
            name = next((n for n in (*_FIRST, *below) if n in below and n not in _LAST), "")
            made = self._property(name, below[name], depth)
        return made

    def _excluded(self, below: dict[str, Node], keys: set[str], depth: int) -> Iterator[str]:
        for key in sorted(keys & EXCLUSIVE.keys()):
            groups = [g for names in EXCLUSIVE[key] if (g := [n for n in names if n in below])]
            new = [g for g in groups if any(self._fresh(part, depth) for n in g for part in _all(below[n]))]
            must = [g for g in groups if any(below[n].element["min"] for n in g)]
            kept = (must or new or groups)[0] if groups else []
            yield from (n for g in groups for n in g if g is not kept)

    def _fresh(self, node: Node, depth: int = 0) -> bool:
        return not (depth > 1 and len(node.kinds) > _OPEN) and any(
            f"{node.at}:{kind['code']}" not in self._met for kind in node.kinds
        )

    # properties --------------------------------------------------------------

    def _property(self, name: str, node: Node, depth: int) -> Json:
        """`name` or, of a choice, its name with the type; and `_name` where it was not met yet."""
        if "contentReference" in node.element:
            url = node.at.partition("#")[0]
            node = _find(self.library.tree(url), node.element["contentReference"].rpartition("#")[2], node.element)
            depth += 1
        many = node.element["base"]["max"] != "1" and not name.endswith("[x]")
        if many:
            items = self._items(node, depth)
            return {name: [v for v, _ in items]} | self._beside(name, [b for _, b in items], many=True)
        kind, piece = self._kind(node, depth)
        key = name.replace("[x]", kind["code"][:1].upper() + kind["code"][1:])
        value, beside = self._value(piece, kind, depth)
        return {key: value} | self._beside(key, [beside], many=False)

    def _beside(self, key: str, besides: list[Json | None], *, many: bool) -> Json:
        if not any(besides):
            return {}
        return {f"_{key}": besides if many else besides[0]}

    def _items(self, node: Node, depth: int) -> list[tuple[Any, Json | None]]:
        most = node.element["max"]
        most = _MOST if most == "*" else int(most)
        items = [i for piece in node.slices.values() for i in self._slice(piece, depth)]
        closed = node.element.get("slicing", {}).get("rules") == "closed"
        least = max(node.element["min"], 0 if items else 1)
        before, self._taken = self._taken, {c for piece in node.slices.values() for c in _codes(piece)}
        while len(items) < least or (
            self._full and not closed and len(items) < most and self._more(node, items, depth)
        ):
            known = len(self._met)
            items.append(self._one(node, depth))
            if len(self._met) == known and len(items) >= least:
                break
        self._taken = before
        if any(beside for _, beside in items) and len(items) < most:
            items.append((items[0][0], None))  # a list of values and the list beside it keep step
        return items[:most]

    def _more(self, node: Node, items: list[Any], depth: int) -> bool:
        """One item that is in no slice; at the top as many as it has types to show."""
        if self._fresh(node, depth) or not any(items):
            return True
        tree = self._inside(node, node.kinds[0]) if node.kinds else node
        return depth == 0 and any(
            any(self._news(child, 0)) for name, child in tree.below.items() if name.endswith("[x]")
        )

    def _slice(self, piece: Node, depth: int) -> Iterator[tuple[Any, Json | None]]:
        known = all(
            profile.partition("|")[0] in self.library.structures
            for kind in piece.kinds
            for profile in kind.get("profile", ())
        )
        if piece.element["max"] != "0" and (piece.element["min"] or (self._full and known)):
            for _ in range(max(piece.element["min"], 1)):
                yield self._one(piece, depth)

    def _one(self, node: Node, depth: int) -> tuple[Any, Json | None]:
        return self._value(node, self._kind(node, depth)[0], depth)

    def _kind(self, node: Node, depth: int) -> tuple[Json, Node]:
        """A type that has something new to show, and the slice that speaks of it, if one does."""
        kinds = node.kinds or [{"code": "BackboneElement"}]
        kind = next(iter(self._news(node, depth)), kinds[0]) if self._full else kinds[0]
        self._met.add(f"{node.at}:{kind['code']}")
        self._seen[node.at] = node
        return kind, next((s for s in node.slices.values() if s.kinds[0]["code"] == kind["code"]), node)

    def _news(self, node: Node, depth: int) -> Iterator[Json]:
        """Types that the element was not filled with yet; of an open choice then those with parts like that."""
        wide = len(node.kinds) > _OPEN
        if wide and depth > 1:
            return
        yield from (kind for kind in node.kinds if f"{node.at}:{kind['code']}" not in self._met)
        for kind in node.kinds if wide else ():
            if not self.library.primitive(kind["code"]):
                tree = self.library.tree(kind["code"])
                if any(self._fresh(part) for part in _all(tree) if part is not tree and len(part.kinds) <= _OPEN):
                    yield kind

    # values ------------------------------------------------------------------

    def _value(self, node: Node, kind: Json, depth: int) -> tuple[Any, Json | None]:
        """A value, and what stands beside it in `_name`."""
        code = kind["code"]
        fixed, pattern = node.given("fixed"), node.given("pattern")
        if code == "Resource":
            return deepcopy(CONTAINED), None
        if fixed is not None:
            return fixed, None
        if code in {"BackboneElement", "Element"} or not self.library.primitive(code):
            made = self._complex(node, kind, depth)
            made = made if pattern is None else _laid(pattern, made)
            if made.get("system") in IDENTIFIERS and code == "Identifier":
                made["value"] = IDENTIFIERS[made["system"]]
            return made, None
        return (self._primitive(node, code) if pattern is None else pattern), self._sibling(node, code)

    def _sibling(self, node: Node, code: str) -> Json | None:
        at = f"{node.at}:_{code}"
        if (
            not self._full
            or at in self._met
            or code == "xhtml"
            or node.element["base"]["path"].endswith((".id", "Extension.url"))
        ):
            return None
        self._met.add(at)
        return {"id": "x1", "extension": [{"url": f"{HERE}/extension", "valueString": "Synthetic"}]}

    def _inside(self, node: Node, kind: Json) -> Node:
        if node.below:
            return node
        profiles = [p for p in kind.get("profile", ()) if p.partition("|")[0] in self.library.structures]
        return self.library.tree(profiles[0] if profiles else kind["code"])

    def _complex(self, node: Node, kind: Json, depth: int) -> Json:
        tree = self._inside(node, kind)
        deeper = depth if tree is node and kind["code"] in {"BackboneElement", "Element"} else depth + 1
        made = self._object(node, tree, deeper)
        if kind["code"] == "Reference":
            self._aim(made, kind, node)
        elif kind["code"] in {"Coding", "CodeableConcept"}:
            self._bind(made, node, kind["code"])
        elif kind["code"] == "Range" and {"low", "high"} <= made.keys():
            made["high"] = deepcopy(made["low"])  # rng-2 compares them, which asks for the same unit
        return made

    def _aim(self, made: Json, kind: Json, node: Node) -> None:
        targets = self._targets(kind)
        if node.whole:  # what is sliced may say more than the slice
            targets = [t for t in targets if t in self._targets(node.whole.kinds[0])]
        aims = targets or ["Patient"]
        aim = aims[self._made % len(aims)] if self._full else aims[0]
        made |= {"reference": f"{aim}/x1"} | ({"type": aim} if "type" in made else {})

    def _targets(self, kind: Json) -> list[str]:
        targets = [self.library.target(p) for p in kind.get("targetProfile", ())]
        return [t for t in targets if t != "Resource"]

    def _bind(self, made: Json, node: Node, code: str) -> None:
        binding = node.element.get("binding", {})
        bound = self._code(binding)
        if code == "Coding":
            _coded(made, bound or CODING)
        elif "coding" in made:
            first = made["coding"][0]
            if bound and first.get("system", CODING["system"]) == CODING["system"]:
                _coded(first, bound)
        elif bound and binding["strength"] == "required":
            made["coding"] = [bound]

    def _code(self, binding: Json) -> Json | None:
        if binding.get("strength") not in {"required", "extensible", "preferred"}:
            return None
        url = binding.get("valueSet", "").partition("|")[0]
        known = CODES.get(url)
        if isinstance(known, Sequence):
            return known[self._made % len(known)]
        return known or next((c for c in self.library.codes(url) if c["code"] not in self._taken), None)

    def _primitive(self, node: Node, code: str) -> Any:
        path, base = node.element["path"], node.element["base"]["path"]
        for known in (path, base):
            if known in VALUES:
                return VALUES[known]
        if base == "Meta.profile":
            return self._url
        if base == "Extension.url":
            return f"{HERE}/extension"
        bound = self._code(node.element.get("binding", {})) if code == "code" else None
        return bound["code"] if bound else PRIMITIVES[code]


def _number(resource: Json) -> None:
    """Ids of elements are unique in a resource; those of what is contained are its own."""
    todo: list[Any] = [resource[key] for key in resource if key not in {"id", "contained"}]
    number = 0
    for node in todo:  # grows while it is read
        todo += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if isinstance(node, dict) and "id" in node:
            number += 1
            node["id"] = f"e{number}"


def _coded(coding: Json, known: Json) -> None:
    """System and code where they are named; no version and no display that could be another's."""
    if {"system", "code"}.isdisjoint(coding):
        return
    for key in {"version", "display"} - known.keys():
        coding.pop(key, None)
        coding.pop(f"_{key}", None)
    coding |= {key: value for key, value in known.items() if key in coding or key in {"system", "code"}}


def _laid(pattern: Any, made: Any) -> Any:
    """What the pattern wants, over what was made."""
    if isinstance(pattern, dict) and isinstance(made, dict):
        if "code" in pattern:
            made = {key: value for key, value in made.items() if key.lstrip("_") not in {"version", "display"}}
        return {**made, **{key: _laid(value, made.get(key)) for key, value in pattern.items()}}
    if isinstance(pattern, list) and isinstance(made, list):
        return (
            [_laid(value, item) for value, item in zip(pattern, made, strict=False)]
            + pattern[len(made) :]
            + made[len(pattern) :]
        )
    return pattern


def _must(below: dict[str, Node], keys: set[str]) -> set[str]:
    wanted = [names for key in keys & MUST.keys() for names in MUST[key]]
    return {found for names in wanted if (found := next((n for n in names if n in below), ""))}


def _find(root: Node, element: str, own: Json) -> Node:
    node = root
    for step in element.split(".")[1:]:
        node = node.below[step]
    return Node(node.at, {**node.element, "max": own["max"], "min": own["min"], "base": own["base"]}, node.below)


def _codes(node: Node) -> Iterator[str]:
    """Codes that a slice is told by."""
    todo = [n.given(word) for n in (node, *node.below.values()) for word in ("fixed", "pattern")]
    for told in todo:  # grows while it is read
        if isinstance(told, dict):
            todo += [value for key, value in told.items() if key != "code"]
            yield from (told[key] for key in told if key == "code")
        elif isinstance(told, list):
            todo += told


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in (*node.below.values(), *node.slices.values()):
        yield from _all(child)
