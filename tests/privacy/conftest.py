"""Invented people and the forms that they signed, in the shape that the gateway writes."""

from datetime import UTC, datetime

import pytest

from nowrongdoor.model import Cleared, Kept, Key, Parcel
from nowrongdoor.privacy import Graph, Terms, clear

THO = "http://terminology.hl7.org/CodeSystem/"
HTEST = {"system": f"{THO}v3-ActReason", "code": "HTEST"}
WORDS = {"N": "v3-Confidentiality", "R": "v3-Confidentiality", "V": "v3-Confidentiality"}
SUD = ("SUD", "ETH", "42CFRPart2")
COUNTY, PLAN, CBO = "county-bh", "plan-a", "cbo"


def coded(*codes):
    return [{"system": THO + WORDS.get(code, "v3-ActCode"), "code": code} for code in codes]


def point(type_, id_):
    return {"reference": f"{type_}/{id_}"}


class Desk:
    """Builders; each returns a new thing."""

    COUNTY, PLAN, CBO, SUD = COUNTY, PLAN, CBO, SUD
    coded, point = staticmethod(coded), staticmethod(point)

    @staticmethod
    def resource(type_, id_, *labels, **parts):
        about = {"beneficiary": "Coverage", "patient": "Consent", "for": "Task"}
        field = next((f for f, t in about.items() if t == type_), "subject")
        subject = (
            {} if type_ in {"Patient", "Organization", "Practitioner", "Provenance"} else {field: point("Patient", "p")}
        )
        meta = {"security": [HTEST, *coded(*labels)]}
        return {"resourceType": type_, "id": id_, "meta": meta} | subject | parts

    @staticmethod
    def party(org):
        role = {"coding": [{"system": f"{THO}v3-ParticipationType", "code": "IRCP"}]}
        return {"role": role, "reference": point("Organization", org)}

    @classmethod
    def provision(cls, type_, *labels, to=None, purposes=None, by=None, **parts):
        given = {
            "type": type_,
            "actor": [cls.party(org) for org in to or ()],
            "purpose": [{"system": f"{THO}v3-ActReason", "code": p} for p in purposes or ()],
            "securityLabel": coded(*labels),
            "data": [{"meaning": "authoredby", "reference": point("Organization", org)} for org in by or ()],
        }
        return {name: part for name, part in given.items() if part} | parts

    @classmethod
    def consent(cls, id_="c1", sud="yes", *, nested=None, root=None, start="2026-01-10", end="2026-12-31", **parts):
        """A release to the plan, for care management, of the county's data; `sud`: yes, no or "" for an empty box."""
        box = {"yes": [cls.provision("permit", *SUD)], "no": [cls.provision("deny", *SUD)], "": []}[sud]
        whole = cls.provision(
            "permit", to=[PLAN], purposes=["TREAT", "CAREMGT"], by=[COUNTY], provision=[*box, *(nested or ())]
        )
        form = {
            "status": "active",
            "patient": point("Patient", "p"),
            "dateTime": "2026-01-10",
            "performer": [point("Patient", "p")],
            "organization": [point("Organization", COUNTY)],
            "provision": whole | {"period": {"start": start, "end": end}} | (root or {}),
        }
        return cls.resource("Consent", id_) | form | parts

    @classmethod
    def no_sharing(cls, id_="no", **parts):
        return (
            cls.consent(id_, "", root={"type": "deny", "actor": [], "purpose": [], "data": [], "provision": []}) | parts
        )

    @staticmethod
    def parcel(resource, *, synthetic=True):
        shared = resource["resourceType"] in {"Organization", "Practitioner", "PractitionerRole"}
        kind = "provenance" if resource["resourceType"] == "Provenance" else "condition"
        kept = Kept("elder", Key(kind, resource["id"]), "" if shared else "c-7", COUNTY, resource, synthetic)
        return Parcel(kept, "hub")

    @staticmethod
    def terms(to=(PLAN,), purposes=("CAREMGT",), *, now=None, synthetic=True):
        now = now or datetime(2026, 6, 1, 19, tzinfo=UTC)
        return Terms({org: org.upper() for org in to}, tuple(purposes), now, "America/Los_Angeles", synthetic)

    @classmethod
    def graph(cls, *resources, consents=(), peers=(), held="", holds=()):
        """The person, the organizations, the consents themselves and `resources`."""
        shared = [cls.resource("Organization", org) for org in (COUNTY, PLAN, CBO)]
        everything = [cls.resource("Patient", "p"), *shared, *consents, *resources]
        parcels = tuple(cls.parcel(r) for r in everything)
        return Graph(parcels, tuple(consents), tuple(peers), held, frozenset(holds))

    @classmethod
    def answers(cls, graph, terms=None):
        """{id: (fate, rule)}; fate P = goes, W = stays, H = held."""
        said = clear(graph, terms or cls.terms())
        return {
            a.parcel.kept.resource["id"]: ("P" if isinstance(a, Cleared) else "H" if a.held else "W", a.rule)
            for a in said
        }

    @classmethod
    def sent(cls, graph, terms=None):
        """{id: resource as it goes}"""
        said = clear(graph, terms or cls.terms())
        return {a.resource["id"]: a.resource for a in said if isinstance(a, Cleared)}


@pytest.fixture(scope="session")
def desk():
    return Desk
