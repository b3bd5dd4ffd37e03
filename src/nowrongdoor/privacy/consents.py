"""What stands in a Consent, as far as the gate can compute with it.

A form has one yes or no (the root provision) and answers to single questions below it. Words that we do not know, a
third level, or a meaning changed by a modifier extension make the whole of it not computable; what is merely more
than we compute (a class of documents, a range of record dates) is marked `more`.
"""

from nowrongdoor.model import Resource, value
from nowrongdoor.privacy.labels import ACT_REASON, UNREADABLE, act_codes

SPEAKING = {"active", "proposed", "draft"}
OVER = {"inactive", "rejected", "entered-in-error"}
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_READ = {"id", "extension", "type", "period", "actor", "purpose", "securityLabel", "data", "provision"}


@value
class Provision:
    """One node of a Consent."""

    type: str  # permit | deny
    period: tuple[str, str]  # as written, "" = open
    actors: tuple[tuple[str, str], ...]  # "IRCP" or "" for any other role, "Type/id"
    purposes: frozenset[str]
    labels: frozenset[str]
    data: tuple[tuple[str, str], ...]  # meaning, "Type/id"
    more: bool


@value
class Release:
    """A Consent."""

    id: str
    status: str
    patient: str  # "Patient/id"
    signed: bool  # says who signed and when
    root: Provision
    nested: tuple[Provision, ...]
    source: str  # the paper it was keyed from, "Type/id"


def read(consent: Resource) -> Release | None:
    """None where it cannot be computed, whatever the reason: then a person has to look at it."""
    try:
        return _release(consent)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _release(consent: Resource) -> Release:
    status = consent["status"]
    if status not in SPEAKING | OVER or "modifierExtension" in consent:
        raise ValueError("a consent of no known meaning")
    provision = consent["provision"] if status in SPEAKING else consent.get("provision", {"type": "permit"})
    nested = provision.get("provision") or []
    if any(inner.get("provision") for inner in nested):
        raise ValueError("three levels")
    return Release(
        id=consent["id"],
        status=status,
        patient=(consent.get("patient") or {}).get("reference", ""),
        signed="dateTime" in consent and bool(consent.get("performer")),
        root=_provision(provision),
        nested=tuple(_provision(inner) for inner in nested),
        source=(consent.get("sourceReference") or {}).get("reference", ""),
    )


def _provision(p: Resource) -> Provision:
    if p["type"] not in ("permit", "deny") or "modifierExtension" in p:
        raise ValueError("a provision of no known meaning")
    period = p.get("period") or {}
    return Provision(
        type=p["type"],
        period=(str(period.get("start") or ""), str(period.get("end") or "")),
        actors=tuple((_role(a["role"]), a["reference"].get("reference", "")) for a in p.get("actor") or ()),
        purposes=frozenset(c["code"] if c.get("system") == ACT_REASON else UNREADABLE for c in p.get("purpose") or ()),
        labels=act_codes(p.get("securityLabel") or []),
        data=tuple((d["meaning"], d["reference"].get("reference", "")) for d in p.get("data") or ()),
        more=not _READ.issuperset(p),
    )


def _role(concept: Resource) -> str:
    codings = concept.get("coding") or ()
    return "IRCP" if any(c.get("code") == "IRCP" and c.get("system") == PARTICIPATION for c in codings) else ""
