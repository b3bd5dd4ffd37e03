"""Who belongs to no client: Organization, Practitioner, PractitionerRole; and Provenance, which belongs to a run."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from nowrongdoor.model import Document, Draft, Key, Practitioner, Resource
from nowrongdoor.resources.context import THO, Context
from nowrongdoor.resources.conventions import ORGANIZATION
from nowrongdoor.resources.elements import NPI, absent, coded, fill, identifier, phone

# what may follow a comma and is no given name: `Jane Roe, LMFT` has no family name "Jane Roe" (D42)
_TITLE = re.compile(
    r"(?:MD|DO|RN|NP|PA|LVN|LPT|LCSW|LMFT|LPCC|ASW|AMFT|APCC|PHD|PSYD|SUDCC|CADC|JR|SR|II|III|IV)\.?", re.IGNORECASE
)
_PARTICIPANT = THO + "provenance-participant-type"


def organization(context: Context, key: str) -> Draft:
    """A partner or the source's own organization, by its key in code tables and settings."""
    partner = context.partners[key]
    made = context.start("organization", key)
    made["identifier"] = [context.gateway(made["id"]), *([identifier(NPI, partner.npi, "NPI")] if partner.npi else [])]
    made["active"] = ORGANIZATION.value == "true"
    made["name"] = partner.name
    fill(made, telecom=phone(partner.phone))
    return Draft(Key("organization", key), made, ())


def practitioners(context: Context, npi: str, facts: Sequence[Practitioner]) -> list[Draft]:
    """Somebody with an NPI, under every spelling that files give; titles, where stated, are a role with the source."""
    made = context.start("practitioner", npi)
    made["identifier"] = [context.gateway(made["id"]), identifier(NPI, npi, "NPI")]
    names = sorted({f.name for f in facts if f.name})
    made["name"] = [_name(n) for n in names] or [{"_family": absent("unknown")}]
    drafts = [Draft(Key("practitioner", npi), made, tuple(facts))]
    titles = sorted({f.title for f in facts if f.title and not f.part2})  # "SUD counselor" says what a client is in
    if titles:
        drafts.append(Draft(Key("role", npi), _role(context, npi, titles), tuple(facts), (Key("practitioner", npi),)))
    return drafts


def _name(text: str) -> Resource:
    """`Family, Given` as written; without a given name after a comma the parts are unknown: only the text is kept."""
    family, _, rest = text.partition(",")
    given = [word for word in rest.replace(",", " ").split() if not _TITLE.fullmatch(word)]
    if family.strip() and given:
        return {"text": text, "family": family.strip(), "given": given}
    return {"text": text, "_family": absent("unknown")}


def _role(context: Context, npi: str, titles: Sequence[str]) -> Resource:
    made = context.start("role", npi)
    made["identifier"] = [context.gateway(made["id"])]
    made["practitioner"] = context.ref("practitioner", npi)
    made["organization"] = context.ref("organization", context.source)
    made["code"] = [{"text": t} for t in titles]
    made["telecom"] = phone(("unknown",))  # US Core wants a telecom or an endpoint (pd-1), and no source states one
    return made


def provenance(
    context: Context, person: str, revision: int, drafts: Sequence[Draft], files: Mapping[int, str]
) -> Draft:
    """Where a person's new or changed resources came from: one a person and intake. `files`: digest by Origin.file."""
    made = context.start("provenance", f"{person}#{revision}")
    tag = {"system": context.ids + "gateway", "code": made["id"]}
    made["meta"] = {**made["meta"], "tag": [*made["meta"].get("tag", ()), tag]}
    resources = [d.resource for d in drafts]
    lists = {id(told): told for r in resources if (told := r.get("meta", {}).get("security"))}.values()  # most are one
    labels = {(s["system"], s["code"]): s for told in lists for s in told}
    if labels:
        made["meta"]["security"] = [labels[k] for k in sorted(labels)]
    made["target"] = [{"reference": f"{r['resourceType']}/{r['id']}"} for r in resources]
    made["recorded"] = context.recorded
    made["agent"] = [_agent(context, "assembler"), *_keyers(context, drafts)]
    digests = {files[n] for n in {f.origin.file for d in drafts for f in d.facts} if n in files}
    if digests:
        made["entity"] = [_entity(context.ids + "file", digest) for digest in sorted(digests)]
    return Draft(Key("provenance", f"{person}#{revision}"), made, (), (Key("person", person),))


@lru_cache(maxsize=1024)
def _entity(system: str, digest: str) -> Resource:
    return {"role": "source", "what": {"identifier": {"system": system, "value": digest}}}


def _agent(context: Context, role: str) -> Resource:
    return {
        "type": coded(_PARTICIPANT, role),
        "who": context.ref("organization", context.source),
    }


def _keyers(context: Context, drafts: Sequence[Draft]) -> list[Resource]:
    """Who keyed the paper, and who checked it, by initials: `enterer` and `verifier`, on behalf of the source."""
    paper = [f for d in drafts if d.key.kind == "document" for f in d.facts if isinstance(f, Document)]
    if not paper:
        return []
    said = {("enterer", f.keyer) for f in paper if f.keyer} | {("verifier", f.checker) for f in paper if f.checker}
    return [
        {
            "type": coded(_PARTICIPANT, role),
            "who": {"display": name},
            "onBehalfOf": context.ref("organization", context.source),
        }
        for role, name in sorted(said)
    ]
