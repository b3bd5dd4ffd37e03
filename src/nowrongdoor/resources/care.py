"""Condition, Goal, CarePlan, and what is asked for: ServiceRequest with its Task."""

from collections.abc import Sequence
from functools import lru_cache

from nowrongdoor.model import Code, Condition, Goal, Key, Plan, Resource, Service
from nowrongdoor.resources.context import FHIR, THO, Context, claims
from nowrongdoor.resources.conventions import PLAN_CATEGORY, PLAN_INTENT, TASK_CODE
from nowrongdoor.resources.elements import HCPCS, coded, concept, fill, identifier, narrative, period, tabled, who

ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
DIAGNOSIS = claims("encounter-diagnosis", "us-core-condition-encounter-diagnosis")
DERIVED = {"url": f"{FHIR}/StructureDefinition/derived-plan", "valueBoolean": True}
_ASSESSED = coded("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", PLAN_CATEGORY.value)
_TASK = coded("http://hl7.org/fhir/CodeSystem/task-code", TASK_CODE.value)
_CLINICAL, _CATEGORY = THO + "condition-clinical", THO + "condition-category"

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
        made["clinicalStatus"] = coded(_CLINICAL, c.status)
    made["category"] = [coded(_CATEGORY, c.category)]
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
    made["text"] = narrative(p.title or "Enrolment", p.note)  # only one that is derived may have no title
    fill(made, extension=[DERIVED] if p.derived else None)
    made["identifier"] = [context.gateway(made["id"])]
    made["status"], made["intent"] = p.status, PLAN_INTENT.value
    own = concept(p.code)
    made["category"] = [_ASSESSED, own] if own else [_ASSESSED]
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
    if s.category:
        made["category"] = [tabled(s.category)]
    if s.priority:
        made["priority"] = s.priority
    made["code"] = _code(s.code, f"{context.ids}service/{context.source}", s.text or (s.category or ("", "", ""))[1])
    if s.code and s.modifiers:
        made["orderDetail"] = _modifiers(s.modifiers)
    if s.units:
        made["quantityQuantity"] = {"value": int(s.units), "unit": "units"}
    made["subject"] = context.ref("person", s.person)
    _asked(context, s, made)
    if s.note:
        made["note"] = [{"text": s.note}]
    return made


def _asked(context: Context, s: Service, made: Resource) -> None:
    """When, by whom and of whom, and why."""
    if span := period(s.start, s.end):
        made["occurrencePeriod"] = span
    if s.on:
        made["authoredOn"] = s.on
    if requester := who(context, s.requester):
        made["requester"] = requester
    if performer := _performer(context, s):
        made["performer"] = performer
    if s.reason:
        made["reasonCode"] = [{"text": s.reason}]


@lru_cache(maxsize=4096)
def _code(code: Code | None, own: str, text: str) -> Resource:
    """HCPCS Level II codes are a letter and four digits; any other is a word of the source's `own` system."""
    word = code[0] if code else ""
    hcpcs = len(word) == 5 and word[:1].isalpha() and word[1:].isdigit()
    return fill({**(concept(code, HCPCS if hcpcs else own) or {})}, text=text)


@lru_cache(maxsize=1024)
def _modifiers(words: tuple[str, ...]) -> list[Resource]:
    return [{**coded(HCPCS, m), "text": m} for m in words]


def task(context: Context, s: Service) -> Resource:
    """The state of an order: requested, accepted, denied, waiting, closed; in full, and as the source says it, in
    businessStatus.
    """
    made = context.start("task", s.id, s)
    made["identifier"] = [context.gateway(made["id"]), *_ids(context, s)]
    made["status"] = STATUS[s.status][1]
    if s.closure:
        made["statusReason"] = {"text": s.closure}
    made["businessStatus"] = _business_status(
        f"{context.ids}status/{context.source}", s.status, s.status_text, s.status_means
    )
    made["intent"] = "order"
    if s.priority:
        made["priority"] = s.priority
    made["code"] = _TASK
    made["focus"] = context.ref("service", s.id)
    made["for"] = context.ref("person", s.person)
    if s.on:
        made["authoredOn"] = s.on
    if s.status_date:
        made["lastModified"] = s.status_date
    if requester := who(context, s.requester):
        made["requester"] = requester
    if performers := _performer(context, s):
        made["owner"] = performers[0]
    return made


@lru_cache(maxsize=1024)
def _business_status(own: str, status: str, text: str, means: str) -> Resource:
    """The state, and the source's own word; where its table says what that means, the word is a code as well."""
    word = " ".join(text.split())
    if not word or means in {"", word}:
        return fill({"coding": [_STATE[status]]}, text=word)
    return {"coding": [_STATE[status], {"system": own, "code": word}], "text": means}


def _ids(context: Context, s: Service) -> list[Resource]:
    return [identifier(f"{context.ids}{word}/{context.source}", v, _IDS.get(word, "")) for word, v in s.ids]


def _performer(context: Context, s: Service) -> list[Resource]:
    if s.performer:
        return [context.ref("organization", s.performer)]
    return [{"display": s.performer_text}] if s.performer_text else []
