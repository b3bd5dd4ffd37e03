"""Condition, Goal, CarePlan, and what is asked for: ServiceRequest with its Task."""

from collections.abc import Sequence

from nowrongdoor.model import Condition, Goal, Key, Plan, Resource, Service
from nowrongdoor.resources.context import FHIR, THO, Context, claims
from nowrongdoor.resources.conventions import PLAN_CATEGORY, PLAN_INTENT, TASK_CODE
from nowrongdoor.resources.elements import HCPCS, coded, concept, fill, identifier, narrative, period, who

ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
DIAGNOSIS = claims("encounter-diagnosis", "us-core-condition-encounter-diagnosis")
DERIVED = {"url": f"{FHIR}/StructureDefinition/derived-plan", "valueBoolean": True}

# The state of what was asked for → ServiceRequest.status, Task.status: the one table that moves both.
STATUS = {
    "planned": ("active", "requested"),
    "requested": ("active", "requested"),
    "received": ("active", "received"),
    "accepted": ("active", "accepted"),
    "approved": ("active", "accepted"),
    "in-progress": ("active", "in-progress"),
    "waiting": ("active", "on-hold"),
    "on-hold": ("on-hold", "on-hold"),
    "denied": ("revoked", "rejected"),
    "declined": ("revoked", "rejected"),
    "cancelled": ("revoked", "cancelled"),
    "expired": ("completed", "completed"),
    "completed": ("completed", "completed"),
    "closed-served": ("completed", "completed"),
    "closed-unserved": ("revoked", "failed"),
    "entered-in-error": ("entered-in-error", "entered-in-error"),
}
_STATE = {word: {"system": f"{FHIR}/CodeSystem/referral-status", "code": word} for word in STATUS}


def condition(context: Context, c: Condition) -> Resource:
    """US Core Condition: a problem of the list, or a diagnosis of an encounter."""
    made = context.start("condition", c.id, c, () if c.category == "problem-list-item" else DIAGNOSIS)
    made["identifier"] = [context.gateway(made["id"])]
    if c.status:
        made["clinicalStatus"] = coded(THO + "condition-clinical", c.status)
    made["category"] = [coded(THO + "condition-category", c.category)]
    made["code"] = concept(c.code, ICD_10_CM)
    made["subject"] = context.ref("person", c.person)
    fill(
        made,
        onsetDateTime=c.onset,
        abatementDateTime=c.abated,
        recordedDate=c.recorded,
        recorder=who(context, c.recorder),
    )
    return fill(made, note=[{"text": c.note}] if c.note else None)


def goal(context: Context, g: Goal) -> Resource:
    """US Core Goal; only ever from a goal that the source states."""
    made = context.start("goal", g.id, g)
    made["identifier"] = [context.gateway(made["id"])]
    made["lifecycleStatus"] = g.status
    made["description"] = {"text": g.text}
    made["subject"] = context.ref("person", g.person)
    fill(made, startDate=g.start, target=[{"dueDate": g.due}] if g.due else None)
    return fill(made, note=[{"text": g.note}] if g.note else None)


def care_plan(context: Context, p: Plan, parts: Sequence[Key], reasons: Sequence[Key]) -> Resource:
    """US Core CarePlan of the parts that survived; activities are references, never details."""
    made = context.start("plan", p.id, p)
    made["text"] = narrative(p.title, p.note)
    fill(made, extension=[DERIVED] if p.derived else None)
    made["identifier"] = [context.gateway(made["id"])]
    made["status"], made["intent"] = p.status, PLAN_INTENT.value
    category = coded("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", PLAN_CATEGORY.value)
    own = concept(p.code)
    made["category"] = [category, own] if own else [category]
    fill(made, title=p.title)
    made["subject"] = context.ref("person", p.person)
    fill(made, period=period(p.start, p.end), author=who(context, p.author))
    made["contributor"] = [context.ref("organization", context.source)]
    fill(
        made,
        addresses=[context.ref("condition", k.id) for k in reasons]
        or ([{"display": p.reason[1]}] if p.reason else None),
        goal=[context.ref("goal", k.id) for k in parts if k.kind == "goal"],
        activity=[{"reference": context.ref(k.kind, k.id)} for k in parts if k.kind in {"service", "task"}],
    )
    return fill(made, note=[{"text": p.note}] if p.note else None)


_IDS = {"referral": "PLAC", "authorization": "FILL"}


def service_request(context: Context, s: Service) -> Resource:
    """US Core ServiceRequest: code and modifiers are the key to a Community Support, in whichever slot they stood."""
    made = context.start("service", s.id, s)
    made["identifier"] = [context.gateway(made["id"]), *_ids(context, s)]
    made["status"], made["intent"] = STATUS[s.status][0], s.intent
    fill(made, category=[concept(s.category)] if s.category else None, priority=s.priority)
    made["code"] = fill(
        concept(s.code, _system(context, s)) or {}, text=s.text or (s.category[1] if s.category else "")
    )
    fill(made, orderDetail=[{**coded(HCPCS, m), "text": m} for m in s.modifiers] if s.code else None)
    if s.units:
        made["quantityQuantity"] = {"value": int(s.units), "unit": "units"}
    made["subject"] = context.ref("person", s.person)
    fill(made, occurrencePeriod=period(s.start, s.end), authoredOn=s.on, requester=who(context, s.requester))
    fill(made, performer=_performer(context, s), reasonCode=[{"text": s.reason}] if s.reason else None)
    return fill(made, note=[{"text": s.note}] if s.note else None)


def _system(context: Context, s: Service) -> str:
    """HCPCS Level II codes are a letter and four digits; any other is a word of the source's own."""
    word = s.code[0] if s.code else ""
    return (
        HCPCS
        if len(word) == 5 and word[:1].isalpha() and word[1:].isdigit()
        else f"{context.ids}service/{context.source}"
    )


def task(context: Context, s: Service) -> Resource:
    """The state of an order: requested, accepted, denied, waiting, closed; in full, and as the source says it, in
    businessStatus.
    """
    made = context.start("task", s.id, s)
    made["identifier"] = [context.gateway(made["id"]), *_ids(context, s)]
    made["status"] = STATUS[s.status][1]
    fill(made, statusReason={"text": s.closure} if s.closure else None)
    made["businessStatus"] = _business_status(context, s)
    made["intent"] = "order"
    fill(made, priority=s.priority)
    made["code"] = coded("http://hl7.org/fhir/CodeSystem/task-code", TASK_CODE.value)
    made["focus"] = context.ref("service", s.id)
    made["for"] = context.ref("person", s.person)
    fill(made, authoredOn=s.on, lastModified=s.status_date, requester=who(context, s.requester))
    performers = _performer(context, s)
    return fill(made, owner=performers[0] if performers else None)


def _business_status(context: Context, s: Service) -> Resource:
    """The state, and the source's own word; where its table says what that means, the word is a code as well."""
    word = " ".join(s.status_text.split())
    if not word or s.status_means in {"", word}:
        return fill({"coding": [_STATE[s.status]]}, text=word)
    own = {"system": f"{context.ids}status/{context.source}", "code": word}
    return {"coding": [_STATE[s.status], own], "text": s.status_means}


def _ids(context: Context, s: Service) -> list[Resource]:
    return [identifier(f"{context.ids}{word}/{context.source}", v, _IDS.get(word, "")) for word, v in s.ids]


def _performer(context: Context, s: Service) -> list[Resource]:
    if s.performer:
        return [context.ref("organization", s.performer)]
    return [{"display": s.performer_text}] if s.performer_text else []
