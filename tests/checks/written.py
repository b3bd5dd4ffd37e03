"""What is made of the shipped tables: valid resources of every type that we write, and which constraints survive."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from checks.constraints import Json, constraints
from checks.dropping import Dropping
from checks.instances import Maker
from checks.structures import BASE, Library, published
from nowrongdoor.checks.tables import Tables

ROOT = Path(__file__).resolve().parents[2] / "profiles" / "fhir"
TYPES = (
    "CarePlan", "Condition", "Consent", "Coverage", "DocumentReference", "Goal", "Organization", "Patient",
    "Practitioner", "PractitionerRole", "Provenance", "RelatedPerson", "ServiceRequest", "Task",
    "CareTeam", "DeviceRequest", "Encounter", "MedicationRequest", "Observation", "Procedure",
)  # fmt: skip
_MANY = {"Observation"}  # of whose profiles in US Core only those count that ours are derived from
USUAL = "6.1.0"  # of US Core: ours are derived from it
VERSIONS = (USUAL, "7.0.0", "8.0.0")

_GROUP = {"type": "Group", "identifier": {"system": "urn:oid:1.2.3", "value": "x1"}}
_MONTH = {"effectiveDateTime": "2026-01"}
_ALONE: dict[str, Json] = {  # what only one constraint refuses, and no small change of what is valid comes upon
    "us-core-observation-screening-assessment": _MONTH,
    "nwd-screening": _MONTH,
    "us-core-careteam": {"subject": _GROUP},
    "nwd-care-team": {"subject": _GROUP},
    "us-core-provenance": {"agent": [{"type": {"text": "Synthetic"}, "who": {"reference": "Practitioner/x1"}}]},
}


class Written:
    """Definitions of our types and of their profiles, and resources that are held to them: (resource, definitions).

    `names`: the definitions of base R4, US Core 6.1.0 and ours; of a later US Core only what that version says itself.
    """

    def __init__(self, core: Path, us_core: Path, version: str = USUAL) -> None:
        tables, first = Tables(ROOT / "tables"), version == USUAL
        packages = (f"us-core@{version}", *(["nowrongdoor"] if first else []))
        own = {above for p in tables.named("nowrongdoor") for above in tables.lineage(p)}
        told = [p for package in packages for p in tables.named(package)]
        profiles = {p.url: (p.type, p.name) for p in told if p.type in TYPES and (p.type not in _MANY or p in own)}
        kinds = {BASE + name: (name,) for name in TYPES} if first else {}
        self.definitions = tables.definitions([name for names in (TYPES, *profiles.values()) for name in names])
        self.names = sorted(name for name in self.definitions if first or name.endswith(f"@{version}"))
        package = published(us_core / f"us_core_{version.replace('.', '')}.tgz")
        maker = Maker(Library(published(ROOT / "generated"), package, published(core)))
        self.resources: list[tuple[Json, tuple[str, ...]]] = [
            (one, names) for url, names in {**kinds, **profiles}.items() for one in (*maker.full(url), maker.bare(url))
        ]
        self.resources += [
            ({**one, **_ALONE[short]}, names)
            for one, names in self.resources
            if (short := names[-1].partition("@")[0]) in _ALONE
        ]

    def survivors(self, names: Iterable[str]) -> list[str]:
        """Definition and place of constraints that no resource needs."""
        dropping = Dropping(self.definitions, self.resources)
        return [f"{name} {one}" for name in names for one in dropping.survivors(name)]


def main(core: str, us_core: str, *names: str) -> int:
    alive: list[str] = []
    for version in VERSIONS:
        began = time.monotonic()
        written = Written(Path(core), Path(us_core), version)
        chosen = [name for name in written.names if not names or name in names]
        alive += (found := written.survivors(chosen))
        count = sum(1 for name in chosen for _ in constraints(written.definitions[name]))
        sys.stdout.write("".join(f"{place}\n" for place in found))
        sys.stdout.write(
            f"US Core {version}: {count} constraints in {len(chosen)} definitions dropped in turn: {len(found)} "
            f"survivors; {time.monotonic() - began:.0f} s\n"
        )
    return bool(alive)
