"""May this extension stand here, by the elements that its definition says it extends?"""

import re
from collections.abc import Mapping

from nowrongdoor.checks.tables import Profile

_ANY = {"Element", "Resource", "DomainResource"}  # those of resources are few: they are let go anywhere
_LOOSE = "ElementDefinition"  # R4's own definitions extend its type where the context says the type's code
_QUANTITIES = {"Age", "Count", "Distance", "Duration", "MoneyQuantity", "SimpleQuantity"}
_STEP = re.compile(r"^_|\[[0-9]+\]$")


def fits(extension: Profile, at: str, types: Mapping[str, str]) -> bool:
    """`at`: the place of what is extended; `types`: of each object by its place, as the schema calls them.

    A context is a type, or an element by its path from a type (R4, defining extensions). What is not known fits: an
    object whose type was not told, and for the types of primitives, which are not told, each primitive element.
    """
    contexts = extension.context
    if not contexts or not _ANY.isdisjoint(contexts) or types.get(at, _LOOSE).startswith(_LOOSE):
        return True
    owner, _, step = at.rpartition(".")
    if step.startswith("_") and any(context[0].islower() for context in contexts):
        return True
    names, path = {types[at], "Quantity" if types[at] in _QUANTITIES else ""}, _STEP.sub("", step)
    while owner in types:
        names.add(f"{types[owner]}.{path}")
        owner, _, step = owner.rpartition(".")
        path = f"{_STEP.sub('', step)}.{path}"
    return any(_called(context, name) for context in contexts for name in names)


def plain(name: str) -> str:
    """A type as FHIR calls it: in the schema, its name may say more of what is allowed in this place."""
    return name.removeprefix("codes:").partition(":")[0].partition(",")[0]


def _called(context: str, name: str) -> bool:
    stem = context.removesuffix("[x]")
    return context == name or (stem != context and bool(re.fullmatch(f"{re.escape(stem)}[A-Z][A-Za-z0-9]*", name)))
