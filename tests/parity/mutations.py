"""Valid resources with one defect each: one for each element and kind of constraint of the snapshots.

`mutations(definitions, bases)` gives the same ones in the same order for the same input: which base carries a defect
is decided by a digest of both names, so that another base moves few of them. As a program it writes and counts them:

    python -m parity.mutations CORE_WHEEL CORPORA FILE     (in tests/)
"""

import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

from parity.bases import EMITTED, Base, bases, definitions
from parity.defects import Defect, Defects
from parity.outputs import examples, outputs
from parity.snapshots import Definitions, Json, Site, Structure, Walk

SEED = "no wrong door"
# Of other types' defects this share is kept, less of the kinds that are alike at every element. All are kept of data
# types, of the resources that we write, of profiles and of invariants; an object with only an id is one rule (ele-1).
OTHER, ALIKE_OF_OTHER, ONLY_ID = 0.2, 0.05, 0.01
ALIKE = frozenset(
    ("null", "json-type", "list-for-one", "one-for-list", "empty-object", "empty-list", "empty-text", "null-in-list",
     "number-for-text")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutation:
    """`element`: id in the snapshot of `structure`; `path`: FHIRPath of what was changed; `profile`: "" is R4 alone."""

    id: str
    kind: str
    structure: str
    element: str
    path: str
    profile: str
    base: str
    resource: Json


def mutations(held: Definitions, given: Sequence[Base]) -> list[Mutation]:
    """In the order of their ids."""
    return [mutation(*one) for one in chosen(held, given)]


def chosen(held: Definitions, given: Sequence[Base]) -> list[tuple[str, Base, Site, Defect]]:
    """Each by its id: what carries it, the place, the defect."""
    best: dict[str, tuple[str, Base, Site, Defect]] = {}
    walk, defects = Walk(held), Defects(held)
    for base in given:
        structure = held.structures[base.profile] if base.profile else held.type(base.resource["resourceType"])
        for site in walk.resource(structure, base.resource):
            if bool(base.profile) != site.structure.profile:
                continue  # of a profile only what profiles say; R4 alone has the rest
            for defect in defects.of(site):
                key = f"{site.structure.name}/{site.element['id']}/{defect.kind}"
                rank = f"{base.bare is not None:d}{digest(key, base.name, str(defect.at))}"
                if kept(site.structure, key) and (key not in best or rank < best[key][0]):
                    best[key] = (rank, base, site, defect)
    return [(key, *best[key][1:]) for key in sorted(best)]


def kept(structure: Structure, key: str) -> bool:
    kind, share = key.rpartition("/")[2], 1.0
    if kind == "only-id":
        share = ONLY_ID
    elif structure.kind == "resource" and not structure.profile and structure.name not in EMITTED:
        share = 1.0 if kind.startswith("invariant:") else ALIKE_OF_OTHER if kind in ALIKE else OTHER
    return int(digest(key, "kept"), 16) < share * 0x1_0000_0000_0000_0000


def digest(*words: str) -> str:
    return hashlib.sha256("\n".join((SEED, *words)).encode()).hexdigest()[:16]


def mutation(key: str, base: Base, site: Site, defect: Defect) -> Mutation:
    resource, at = around(base, defect)
    place = resource
    for step in at:
        place = place[step]
    for name, value in defect.patch.items():
        if value is ...:
            place.pop(name, None)
        else:
            place[name] = deepcopy(value)
    path = defect.path
    return Mutation(key, defect.kind, site.structure.name, site.element["id"], path, base.profile, base.name, resource)


def around(base: Base, defect: Defect) -> tuple[Json, tuple[str | int, ...]]:
    """What carries the defect, and where in it: a real base as it is; of one that is made, as little as is valid."""
    at = defect.at
    if base.bare is None:
        return deepcopy(base.resource), at
    part = {str(step).removeprefix("_") for step in (at[:1] or defect.patch)}
    taken = {name: held for name, held in base.resource.items() if name.removeprefix("_") in part}
    if len(at) > 1 and isinstance(at[1], int) and not base.profile:
        taken = {at[0]: [taken[at[0]][at[1]]]}
        at = (at[0], 0, *at[2:])
    return deepcopy(base.bare | taken), at


def counts(made: Iterable[Mutation]) -> str:
    """A line for each kind, the commonest first."""
    found = Counter(one.kind for one in made)
    return "\n".join(f"{number:6d} {kind}" for kind, number in sorted(found.items(), key=lambda f: (-f[1], f[0])))


if __name__ == "__main__":
    core, corpora, file = map(Path, sys.argv[1:])
    held = definitions(core, corpora / "us-core")
    with tempfile.TemporaryDirectory() as folder:
        made = mutations(Definitions(held), bases(held, corpora, [*outputs(Path(folder)), *examples()]))
    file.write_text("\n".join(json.dumps(asdict(one), ensure_ascii=False) for one in made) + "\n", encoding="utf-8")
    print(counts(made), f"{len(made):6d} in all", sep="\n")
