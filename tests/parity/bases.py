"""The valid resources that mutations are made of: what we emit, what HL7 shows, what is made from the definitions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checks.instances import Maker
from checks.structures import BASE, Json, Library, published

ROOT = Path(__file__).resolve().parents[2]
VALID = ROOT / "tests" / "checks" / "valid.ndjson"
GENERATED = ROOT / "profiles" / "fhir" / "generated"
TABLES = ROOT / "profiles" / "fhir" / "tables"
VERSIONS = ("6.1.0", "7.0.0", "8.0.0")  # of US Core
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
NWD = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/"
EMITTED = frozenset(
    ("Patient", "Consent", "CarePlan", "ServiceRequest", "Task", "Coverage", "Goal", "Condition", "Organization",
     "Practitioner", "PractitionerRole", "RelatedPerson", "DocumentReference", "Provenance")
)  # fmt: skip
OTHERS = frozenset(
    ("Observation", "Encounter", "EpisodeOfCare", "Flag", "Communication", "Location", "Procedure", "Immunization",
     "MedicationRequest", "DiagnosticReport")
)  # fmt: skip
LARGE = 20_000  # bytes; a document within a resource makes the validator slow, and shows no more
# Examples of US Core after 6.1.0 (no gender, no AssessPlan, a smoking status over a period), or with extensions of R5.
LATER = frozenset(
    ("patient-example", "patient-child-example", "patient-infant-example", "patient-deceased-example", "colonoscopy",
     "some-day-smoker", "careplan-ulcer-example", "e-cig-user", "DocumentReference-adi-dnr",
     "DocumentReference-living-will", "DocumentReference-polst", "observation-ADI-example", "servicerequest-DNR",
     "diagnosticreport-cbc")
)  # fmt: skip
ELSEWHERE = frozenset(("Bundle", "Questionnaire", "Library", "Media"))  # types without a profile of US Core


@dataclass(frozen=True, slots=True)
class Base:
    """`profile`: what it is held to; "" is R4 alone.

    `bare`: the least that is valid, for a base that is made from the definitions: full of everything, it is too large
    to be validated thousands of times, so that only the part with the defect is laid over it. None: a real one.
    """

    name: str
    resource: Json
    profile: str
    bare: Json | None = None


def definitions(core: Path, us_core: Path) -> list[Json]:
    """R4, US Core 6.1.0 and ours, as published."""
    return [*published(core), *published(us_core / "us_core_610.tgz"), *published(GENERATED)]


def bases(held: list[Json], corpora: Path, emitted: list[tuple[str, Json]]) -> list[Base]:
    """Each resource once for R4 alone and once for each profile that it names and that we have."""
    known = {d["url"] for d in held if d["resourceType"] == "StructureDefinition"}
    found = [*varied(emitted), *lines(VALID), *examples(corpora / "us-core" / "examples")]
    return [base for name, resource in found for base in split(name, resource, known)] + list(made(held))


def lines(file: Path) -> Iterator[tuple[str, Json]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        yield f"valid/{one['id']}", one


def examples(folder: Path) -> Iterator[tuple[str, Json]]:
    for file in sorted(folder.glob("*.json")):
        if file.stem not in LATER and file.stat().st_size < LARGE:
            one = json.loads(file.read_text(encoding="utf-8"))
            if one["resourceType"] not in ELSEWHERE:
                yield f"example/{file.stem}", one


def varied(emitted: list[tuple[str, Json]]) -> Iterator[tuple[str, Json]]:
    """Those that bring an element which none before them has."""
    seen: set[str] = set()
    for name, resource in emitted:
        found = set(paths(resource, resource["resourceType"]))
        if not found <= seen:
            seen |= found
            yield name, resource


def paths(value: object, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, held in value.items():
            yield f"{at}.{name}"
            yield from paths(held, f"{at}.{name}")
    elif isinstance(value, list):
        for held in value:
            yield from paths(held, at)


def split(name: str, resource: Json, known: set[str]) -> Iterator[Base]:
    claimed = [url.partition("|")[0] for url in resource.get("meta", {}).get("profile", ())]
    yield Base(name, naming(resource, ""), "")
    for url in claimed:
        if url in known:
            yield Base(name, naming(resource, url), url)


def naming(resource: Json, profile: str) -> Json:
    """The same resource, held to this profile alone, or to none."""
    meta = {key: value for key, value in resource.get("meta", {}).items() if key != "profile"}
    meta |= {"profile": [profile]} if profile else {}
    told = {key: value for key, value in resource.items() if key != "meta"}
    return told | ({"meta": meta} if meta else {})


def made(held: list[Json]) -> Iterator[Base]:
    maker = Maker(Library(held))
    for one in held:
        if one["resourceType"] != "StructureDefinition" or one["kind"] != "resource" or one["abstract"]:
            continue
        url = one["url"]
        kinds = EMITTED if url.startswith((US_CORE, NWD)) else EMITTED | OTHERS if url == BASE + one["type"] else ()
        if one["type"] in kinds:
            profile = "" if url.startswith(BASE) else url
            bare = naming(maker.bare(url), profile)
            for number, resource in enumerate(maker.full(url), 1):
                yield Base(f"made/{one['id']}:{number}", naming(resource, profile), profile, bare)
