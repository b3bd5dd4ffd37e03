"""What is made of the shipped tables: valid resources of every type that we write, and which constraints survive."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from checks.constraints import Constraint, Json, constraints
from checks.dropping import Dropping, quick
from checks.instances import Maker
from checks.structures import BASE, Library, published
from nowrongdoor.checks.tables import Tables

ROOT = Path(__file__).resolve().parents[2] / "profiles" / "fhir"
TYPES = (
    "CarePlan", "Condition", "Consent", "Coverage", "DocumentReference", "Goal", "Organization", "Patient",
    "Practitioner", "PractitionerRole", "Provenance", "RelatedPerson", "ServiceRequest", "Task",
)  # fmt: skip
PACKAGES = ("us-core@6.1.0", "nowrongdoor")

# Constraints without which no verdict is another, each looked at by a person. Whole invariants of HL7 by definition and
# key, else the place; one that is needed after all, or gone, must leave this list.
_ONE = "an invariant of this element wants one of its parts already"
_KIND = "`not` and `required` side by side refuse what is no object, or no text, too"
_CHOICE = "the base lets one type stand only, so the branch on other names says it"
REVIEWED = {
    "nwd-coverage us-core-15": "an MB identifier is mandatory in ours",
    "nwd-practitioner-role us-core-13": "practitioner and organization are mandatory in ours",
    "Condition /allOf/1/if/properties/verificationStatus/required coding": "the required binding asks for a coding",
    "DataRequirement.codeFilter /type": _KIND,
    "DataRequirement.dateFilter /type": _KIND,
    "xhtml /type": _KIND,
    "nwd-goal /properties/target/items/allOf/0/anyOf 0": _CHOICE,
    "nwd-goal /properties/target/items/allOf/0/anyOf 1": _CHOICE,
    "nwd-service-request /allOf/0/anyOf 0": _CHOICE,
    "nwd-service-request /allOf/1/anyOf 0": _CHOICE,
    "us-core-genderIdentity /allOf/0/anyOf 0": _CHOICE,
    "nwd-service-request /properties/orderDetail/items/if/required coding": "`then` asks nothing of what has no coding",
    **{
        f"{name} /{word}minProperties": _ONE
        for name in (
            "Condition.evidence", "Condition.stage", "Patient.contact", "DataRequirement.codeFilter",
            "DataRequirement.dateFilter")
        for word in ("", "dependencies/id/")
    },
}  # fmt: skip


def library(core: Path, us_core: Path) -> Library:
    return Library(published(ROOT / "generated"), published(us_core), published(core))


class Written:
    """Definitions of our types and of their profiles, and resources that are held to them: (resource, definitions)."""

    def __init__(self, core: Path, us_core: Path) -> None:
        tables = Tables(ROOT / "tables")
        profiles = {p.url: (p.type, p.name) for package in PACKAGES for p in tables.named(package) if p.type in TYPES}
        self.base = tables.definitions(TYPES)
        self.definitions = tables.definitions([name for names in ((t,) for t in TYPES) for name in names])
        self.definitions |= tables.definitions([name for names in profiles.values() for name in names])
        maker = Maker(library(core, us_core))
        self.resources: list[tuple[Json, tuple[str, ...]]] = [
            (one, names)
            for url, names in {**{BASE + name: (name,) for name in TYPES}, **profiles}.items()
            for one in (*maker.full(url), maker.bare(url))
        ]

    def survivors(self, names: Iterable[str]) -> list[str]:
        """Definition (without its version) and place of constraints that no resource needs; invariants by keys."""
        dropping = Dropping(self.definitions, self.resources)
        found: dict[str, None] = {}
        for name in names:
            doubted = {one for one in constraints(self.definitions[name]) if self._place(name, one) in REVIEWED}
            found |= dict.fromkeys(self._place(name, one) for one in dropping.survivors(name, doubted))
        return list(found)

    def _place(self, name: str, one: Constraint) -> str:
        node, bare = self.definitions[name], name.partition("@")[0]
        for step in one.at:
            node = node[step]
            if isinstance(node, dict) and (place := f"{bare} {node.get('$comment')}") in REVIEWED:
                return place
        return f"{bare} {one}"


def main(core: str, us_core: str, *names: str) -> int:
    began = time.monotonic()
    written = Written(Path(core), Path(us_core))
    chosen = names or sorted(written.definitions)
    alive = [place for place in written.survivors(chosen) if place not in REVIEWED]
    counted = [(written.definitions[name], one) for name in chosen for one in constraints(written.definitions[name])]
    fast = sum(quick(schema, one) for schema, one in counted)
    sys.stdout.write("".join(f"{place}\n" for place in alive))
    sys.stdout.write(
        f"{len(counted)} constraints in {len(chosen)} definitions dropped in turn: {len(alive)} survivors; {fast} for "
        f"speed only, {len(REVIEWED)} known to say what others say; {time.monotonic() - began:.0f} s\n"
    )
    return bool(alive)
