"""Which elements of an XML file that nobody knows yet are its records?"""

from collections import Counter
from pathlib import Path
from typing import TypeAlias

from nowrongdoor.errors import Stop
from nowrongdoor.files import xml
from nowrongdoor.files.elements import UP, Names, Wish
from nowrongdoor.model.values import Bad

At: TypeAlias = tuple[str, ...]

_SMALL = 10_000  # elements of a file whose root may itself be a record
_MOST = 5000  # paths


class _Kind:
    """All elements of one path. `most`: of them in one parent; `leaves`: attributes, and children without children."""

    def __init__(self) -> None:
        self.count = self.most = 0
        self.holds = False  # elements
        self.leaves: dict[str, None] = {}

    @property
    def has_texts(self) -> bool:
        return any(not leaf.startswith("@") for leaf in self.leaves)


def records(path: Path, encoding: str) -> list[Wish]:
    """What repeats and holds elements or attributes, and what holds texts around such; else the first that holds any.

    Wishes of no table; their columns are those of the elements around them. Raises Stop where the file is damaged.
    """
    kinds = _kinds(path, encoding)
    chosen: dict[At, None] = {}
    for at, kind in kinds.items():  # parents first
        inside = any(at[: len(other)] == other for other in chosen)
        if kind.most > 1 and (kind.holds or (kind.leaves and not inside)):
            chosen[at] = None
    size = sum(kind.count for kind in kinds.values())
    around = {at[:n] for at in chosen for n in range(1, len(at))}
    chosen |= dict.fromkeys(at for at in around if kinds[at].has_texts and (len(at) > 1 or size <= _SMALL))
    told = [at for at in kinds if at in chosen] or [at for at, kind in kinds.items() if kind.leaves][:1] or [*kinds][:1]
    return [Wish("", "/".join(at), _around(at, kinds, chosen)) for at in told]


def _around(at: At, kinds: dict[At, _Kind], chosen: dict[At, None]) -> tuple[str, ...]:
    above = [at[:n] for n in range(1, len(at))]
    held = [(a, leaf) for a in above for leaf in kinds[a].leaves if leaf.startswith("@") or a in chosen]
    return tuple(UP * (len(at) - len(a)) + leaf for a, leaf in held)


def _kinds(path: Path, encoding: str) -> dict[At, _Kind]:
    """By path, parents first."""
    names = Names({})
    kinds: dict[At, _Kind] = {(): _Kind()}
    open_: list[tuple[At, Counter[str]]] = [((), Counter())]  # path, and how many children of each name so far
    try:
        for event, element in xml.stream(path, encoding):
            step, (above, beside) = names.step(element.tag), open_[-1]
            if event == "start":
                open_.append(((*above, step), Counter()) if step else (above, beside))
                kinds.setdefault(open_[-1][0], _Kind())
                continue
            open_.pop()
            if step:
                _learn(kinds, above, beside, open_[-1][1])
                kinds[above].leaves |= dict.fromkeys(name for name, _ in names.attributes(element))
            xml.forget(element)
            if len(kinds) > _MOST:
                raise Stop("more paths than an export has", "it holds something else: look at it")
    except Bad as bad:
        raise Stop(bad.cause, bad.cure) from None
    del kinds[()]
    return kinds


def _learn(kinds: dict[At, _Kind], at: At, children: Counter[str], siblings: Counter[str]) -> None:
    """One element of that path has ended."""
    siblings[at[-1]] += 1
    kind = kinds[at]
    kind.count += 1
    kind.most = max(kind.most, siblings[at[-1]])
    if children:
        kind.holds = True
    else:
        kinds[at[:-1]].leaves[at[-1]] = None
