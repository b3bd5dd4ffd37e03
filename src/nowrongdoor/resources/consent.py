"""Consent, and the DocumentReference of the paper that it was keyed from.

Shape: IHE Privacy Consent on FHIR (Advanced) and SDOHCC Consent in one instance: one custodian in `organization`, who
may disclose in `provision.data` (authoredby), recipients as IRCP actors, the SUD box nested (42 CFR 2.31).
"""

from base64 import b64encode
from functools import lru_cache

from nowrongdoor.model import Consent, Document, Resource
from nowrongdoor.resources.context import ACT, FHIR, REASON, THO, Context
from nowrongdoor.resources.conventions import CONSENT_SCOPE
from nowrongdoor.resources.elements import coded, concept, fill, period

_HIPAA = "https://www.ecfr.gov/current/title-45/section-164.508"
_PART2 = "https://www.ecfr.gov/current/title-42/section-2.31"
_RELEASE = ("http://loinc.org", "64292-6", "Release of information consent")
_RELEASES = [coded(*_RELEASE), coded(ACT, "IDSCL")]
_SCOPE = coded(THO + "consentscope", CONSENT_SCOPE.value)
_BY_PART2, _BY_HIPAA = coded(ACT, "42CFRPart2"), coded(THO + "consentpolicycodes", "hipaa-auth")
_RECIPIENT = coded(THO + "v3-ParticipationType", "IRCP")
_SUD = ("SUD", "ETH", "42CFRPart2")
_KEYED = {
    said: {"url": f"{FHIR}/StructureDefinition/keyed-from-paper", "valueCode": said}
    for said in ("keyed-once", "second-checked")
}
_CATEGORY = coded(f"{FHIR}/CodeSystem/document-category", "keyed-form")


def consent(context: Context, c: Consent) -> Resource:
    """A release as its form was answered; `proposed` (keyed once, not second-checked) never permits."""
    made = context.start("consent", c.id, c)
    made["identifier"] = [context.gateway(made["id"])]
    made["status"] = c.status
    made["scope"] = _SCOPE
    made["category"] = _RELEASES
    made["patient"] = context.ref("person", c.person)
    made["dateTime"] = c.signed
    made["performer"] = [{"display": c.signer} if c.signer else context.ref("person", c.person)]
    made["organization"] = [context.ref("organization", context.source)]
    if c.document:
        made["sourceReference"] = context.ref("document", c.document)
    else:
        made["sourceAttachment"] = {"contentType": "text/plain", "title": c.form or "Release of information"}
    made["policy"] = [{"uri": _PART2 if c.sud else _HIPAA}]
    made["policyRule"] = _BY_PART2 if c.sud else _BY_HIPAA
    made["provision"] = _provision(context, c)
    return made


def _provision(context: Context, c: Consent) -> Resource:
    made: Resource = {"type": "permit" if c.permit else "deny"}
    if span := period(c.start or c.signed, c.end):
        made["period"] = span
    made["actor"] = [{"role": _RECIPIENT, "reference": context.ref("organization", key)} for key in c.recipients]
    if c.purposes:
        made["purpose"] = _codes(REASON, c.purposes)
    made["data"] = [{"meaning": "authoredby", "reference": context.ref("organization", c.discloser or context.source)}]
    if c.permit and (nested := _nested(c.sud, c.denies)):
        made["provision"] = nested
    return made


@lru_cache(maxsize=1024)
def _nested(sud: str, denies: tuple[str, ...]) -> list[Resource]:
    """SUD yes and no are said; an empty box says nothing, and nothing is not yes."""
    said = [{"type": "permit" if sud == "yes" else "deny", "securityLabel": _codes(ACT, _SUD)}] if sud else []
    return [*said, *({"type": "deny", "securityLabel": _codes(ACT, (code,))} for code in denies)]


@lru_cache(maxsize=1024)
def _codes(system: str, words: tuple[str, ...]) -> list[Resource]:
    return [{"system": system, "code": word} for word in words]


def document(context: Context, d: Document) -> Resource:
    """The keyed row as text/plain where there is no scan, so that nobody has to believe the structured copy."""
    made = context.start("document", d.id, d)
    made["extension"] = [_KEYED["second-checked" if d.checker else "keyed-once"]]
    made["identifier"] = [context.gateway(made["id"])]
    made["status"] = "current"
    made["type"] = concept(d.type) or coded(*_RELEASE)
    made["category"] = [_CATEGORY]
    made["subject"] = context.ref("person", d.person)
    fill(made, author=[{"display": f"keyer {d.keyer}"}] if d.keyer else None)
    made["custodian"] = context.ref("organization", context.source)
    fill(made, description=", ".join(x for x in (d.form, d.place) if x))
    data = b64encode(d.text.encode()).decode()
    made["content"] = [
        {
            "attachment": fill(
                {"contentType": "text/plain; charset=utf-8", "data": data}, title=d.title, creation=d.keyed
            )
        }
    ]
    return made
