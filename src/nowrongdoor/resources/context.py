"""What all builders need to know of a run: whose records, which ids, which labels."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Literal

from nowrongdoor.model import DEPLOYMENT, TYPE_OF, Fact, Key, Kind, Resource, value

FHIR = "https://w3id.org/nowrongdoor/fhir"
IDS = "https://w3id.org/nowrongdoor/id/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
THO = "http://terminology.hl7.org/CodeSystem/"
ACT = THO + "v3-ActCode"
REASON = THO + "v3-ActReason"
HTEST = {"system": REASON, "code": "HTEST", "display": "test health data"}
PART2 = [{"system": ACT, "code": "SUD"}, {"system": ACT, "code": "42CFRPart2"}]
CONFIDENTIALITY = {"N", "R", "V", "L", "M", "U"}
_BLOCK = 64  # bytes that SHA-256 takes at once


def claims(ours: str, us_core: str = "") -> list[str]:
    """Canonicals for meta.profile: our profile, and the US Core profile that it is made from."""
    return [f"{FHIR}/StructureDefinition/nwd-{ours}", *([US_CORE + us_core] if us_core else ())]


PROFILES: Mapping[Kind, Sequence[str]] = {
    "organization": claims("organization", "us-core-organization"),
    "practitioner": claims("practitioner", "us-core-practitioner"),
    "role": claims("practitioner-role", "us-core-practitionerrole"),
    "person": claims("patient", "us-core-patient"),
    "contact": claims("related-person", "us-core-relatedperson"),
    "coverage": claims("coverage", "us-core-coverage"),
    "document": claims("document-reference", "us-core-documentreference"),
    "condition": claims("condition", "us-core-condition-problems-health-concerns"),
    "goal": claims("goal", "us-core-goal"),
    "service": claims("service-request", "us-core-servicerequest"),
    "task": claims("task"),
    "plan": claims("care-plan", "us-core-careplan"),
    "consent": claims("consent"),
    "provenance": claims("provenance", "us-core-provenance"),
    "team": claims("care-team", "us-core-careteam"),
    "encounter": claims("encounter", "us-core-encounter"),
    "observation": claims("observation", "us-core-simple-observation"),
    "procedure": claims("procedure", "us-core-procedure"),
    "medication": claims("medication-request", "us-core-medicationrequest"),
    "device": claims("device-request"),
}


def id_of(secret: bytes, source: str, key: Key) -> str:
    """UUID (version 8, RFC 9562) of HMAC-SHA256(secret, source, kind, key): without the secret nobody can list them."""
    return _id(secret, source, *key)


@lru_cache(maxsize=8)
def _keyed(secret: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """The two hashes of an HMAC (RFC 2104), keyed and ready to copy: a third of the price of `hmac`'s own copy."""
    block = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    return hashlib.sha256(bytes(b ^ 0x36 for b in block)), hashlib.sha256(bytes(b ^ 0x5C for b in block))


@value
class Partner:
    """An organization of the deployment, by the name that code tables and settings use for it."""

    name: str
    npi: str = ""
    phone: str = ""


@value
class Context:
    """One run over one source. `partners`: organizations by key, the source's own among them."""

    source: str
    secret: bytes
    partners: Mapping[str, Partner]
    recorded: str  # instant of the run
    run: str  # tag of generated data
    synthetic: bool
    current: bool  # a full extract: who stands in it is active
    ids: str = IDS
    named: set[str] = field(default_factory=set)  # organizations that something points at, so far
    strangers: set[str] = field(default_factory=set)  # NPIs whose Practitioner does not stand: names only

    def owner(self, key: Key) -> str:
        """The "source" that a key is of: partners' Organizations are the deployment's."""
        return DEPLOYMENT if key.kind == "organization" and key.id in self.partners else self.source

    def id(self, kind: Kind, key: str) -> str:
        source = DEPLOYMENT if kind == "organization" and key in self.partners else self.source
        return _id(self.secret, source, kind, key)

    def ref(self, kind: Kind, key: str) -> Resource:
        """A literal reference, one object for all who ask: it is copied before anything is added."""
        if kind == "organization" and key in self.partners:
            self.named.add(key)
            return _reference(self.secret, DEPLOYMENT, kind, key)
        return _reference(self.secret, self.source, kind, key)

    def gateway(self, id_: str) -> Resource:
        return {"system": self.ids + "gateway", "value": id_}

    def start(self, kind: Kind, key: str, fact: Fact | None = None, profiles: Sequence[str] = ()) -> Resource:
        """The head of every resource: type, id, meta with profiles (else its kind's), labels and tags."""
        part2, labels = (fact.part2, fact.labels) if fact is not None else (False, ())
        meta = _meta(kind, tuple(profiles) if profiles else (), part2, labels, self.synthetic and (self.ids, self.run))
        return {"resourceType": TYPE_OF[kind], "id": self.id(kind, key), "meta": meta}


@lru_cache(maxsize=4096)
def _reference(secret: bytes, source: str, kind: Kind, key: str) -> Resource:
    return {"reference": f"{TYPE_OF[kind]}/{_id(secret, source, kind, key)}"}


@lru_cache(maxsize=65536)
def _id(secret: bytes, source: str, kind: Kind, key: str) -> str:
    inner, outer = _keyed(secret)
    inner, outer = inner.copy(), outer.copy()
    inner.update(f"{source}\x1f{kind}\x1f{key}".encode())
    outer.update(inner.digest())
    mac = outer.hexdigest()
    return f"{mac[:8]}-{mac[8:12]}-8{mac[13:16]}-{'89ab'[int(mac[16], 16) & 3]}{mac[17:20]}-{mac[20:32]}"


@lru_cache(maxsize=1024)
def _meta(
    kind: Kind, profiles: Sequence[str], part2: bool, labels: Sequence[str], tag: tuple[str, str] | Literal[False]
) -> Resource:
    """One object for all who ask: it is copied before anything is added. `tag`: (`ids`, run) of generated data."""
    meta: Resource = {"profile": [*(profiles or PROFILES.get(kind, ()))]}
    if security := _security(part2, labels, bool(tag)):
        meta["security"] = security
    if tag:
        meta["tag"] = [{"system": f"{tag[0]}run", "code": tag[1]}]
    return meta


@lru_cache(maxsize=1024)
def _security(part2: bool, labels: Sequence[str], generated: bool) -> list[Resource]:
    """Part 2 is the programme's; what else the row says goes with it (`privacy` withholds what it does not know)."""
    own = [
        {"system": THO + "v3-Confidentiality" if code in CONFIDENTIALITY else ACT, "code": code}
        for code in labels
        if not (part2 and code in {"SUD", "42CFRPart2"})
    ]
    return [*own, *(PART2 if part2 else ()), *([HTEST] if generated else ())]
