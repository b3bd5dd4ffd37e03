"""What all builders need to know of a run: whose records, which ids, which labels."""

import hmac
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache

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


def id_of(secret: bytes, source: str, key: Key) -> str:
    """UUID (version 8, RFC 9562) of HMAC-SHA256(secret, source, kind, key): without the secret nobody can list them."""
    mac = hmac.digest(secret, f"{source}\x1f{key.kind}\x1f{key.id}".encode(), "sha256").hex()
    return f"{mac[:8]}-{mac[8:12]}-8{mac[13:16]}-{'89ab'[int(mac[16], 16) & 3]}{mac[17:20]}-{mac[20:32]}"


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

    def id(self, kind: Kind, key: str) -> str:
        return _id(self.secret, DEPLOYMENT if kind == "organization" else self.source, kind, key)

    def ref(self, kind: Kind, key: str) -> Resource:
        if kind == "organization":
            self.named.add(key)
        return {"reference": f"{TYPE_OF[kind]}/{self.id(kind, key)}"}

    def gateway(self, id_: str) -> Resource:
        return {"system": self.ids + "gateway", "value": id_}

    def start(self, kind: Kind, key: str, profile: str = "", fact: Fact | None = None) -> Resource:
        """The head of every resource: type, id, meta with profile, labels and tags."""
        id_ = self.id(kind, key)
        meta: Resource = {"profile": [US_CORE + profile]} if profile else {}
        if fact is not None and (fact.part2 or fact.labels):
            meta["security"] = _labels(fact)
        if self.synthetic:
            meta["security"] = [*meta.get("security", ()), HTEST]
            meta["tag"] = [{"system": self.ids + "run", "code": self.run}]
        made: Resource = {"resourceType": TYPE_OF[kind], "id": id_}
        if meta:
            made["meta"] = meta
        return made


@lru_cache(maxsize=65536)
def _id(secret: bytes, source: str, kind: Kind, key: str) -> str:
    return id_of(secret, source, Key(kind, key))


def _labels(fact: Fact) -> list[Resource]:
    """Part 2 is the programme's; what else the row says goes with it (`privacy` withholds what it does not know)."""
    own = [
        {"system": THO + "v3-Confidentiality" if code in CONFIDENTIALITY else ACT, "code": code}
        for code in fact.labels
        if not (fact.part2 and code in {"SUD", "42CFRPart2"})
    ]
    return [*own, *(PART2 if fact.part2 else ())]
