"""A county EHR's nightly export: clients, releases of information, plans with their rows in any order, referrals.

The shape that list pages of California county systems share: a row a record, a programme on each row, one table of plan
rows in which a row is the plan itself, a problem, a goal or an intervention.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from nowrongdoor.layouts import read
from nowrongdoor.layouts.columns import (
    Cells,
    Coded,
    Line,
    as_written,
    coded,
    coded_by,
    column,
    concept,
    group,
    kept,
    meaning,
    nothing,
    table,
)
from nowrongdoor.layouts.demographics import Guarded, Is, Lives, as_surname, being, given, home, surname
from nowrongdoor.layouts.read import Bad, Warned
from nowrongdoor.layouts.services import NOTHING, SERVICE_STATES, TABLE, Asked, Service
from nowrongdoor.layouts.spans import Span
from nowrongdoor.model import (
    Code,
    Condition,
    Consent,
    Contact,
    Coverage,
    Fact,
    Goal,
    Person,
    Plan,
    Practitioner,
    Spelling,
)
from nowrongdoor.model import Service as Request

CONSENT_STATES = ("active", "inactive", "rejected", "proposed", "draft", "entered-in-error")
PLAN_STATES = ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error")
GOAL_STATES = (
    "proposed",
    "planned",
    "accepted",
    "active",
    "on-hold",
    "completed",
    "cancelled",
    "entered-in-error",
    "rejected",
)
OVER = ("inactive", "remission", "resolved")  # of a problem: an end date is when it abated
PROBLEM_STATES = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
PURPOSES = ("TREAT", "HPAYMT", "HOPERAT", "CAREMGT", "COC", "ETREAT")
PRIORITIES = ("routine", "urgent", "asap", "stat")
ANSWERS = ("yes", "no")


class Client(Guarded, Lives, Is):
    STATES, PERSON = "person", "id"
    id = column("CLIENT_ID", read.key)
    cin = column("CIN", read.cin, optional=True)
    family = kept("LAST_NAME", read.surname, as_surname, optional=False)
    given = kept("FIRST_NAME", read.name_part, as_written, optional=False)
    middle = kept("MIDDLE_NAME", read.name_part, as_written)
    suffix = column("SUFFIX", read.line, optional=True)
    preferred = column("PREFERRED_NAME", read.line, optional=True)
    born = column("DOB", read.birth_date)
    died = kept("DATE_OF_DEATH", read.date_or_blank, nothing)
    clinician = column("CLINICIAN", read.line, optional=True)
    clinician_npi = kept("CLINICIAN_NPI", read.npi, nothing)
    contact = column("CONTACT_NAME", read.line, optional=True)
    relation = concept("CONTACT_RELATION", "relation")
    contact_phone = kept("CONTACT_PHONE", read.phone, as_written)
    health_plan = coded("HEALTH_PLAN", "organizations", (), blank="", optional=True)


def client(r: Client) -> Iterator[Fact]:
    family, suffix = surname(r.family)
    yield Person(
        r.id, r.id, *r.stamp(),
        ids=(("county-client", r.id), *((("cin", r.cin),) if r.cin else ())),
        family=family, given=given(r.given, r.middle), suffix=r.suffix or suffix, born=r.born,
        other_names=(("usual", "", r.preferred),) if r.preferred else (),
        died=r.died, clinician=(r.clinician_npi, r.clinician), **being(r), **home(r),
    )  # fmt: skip
    yield from known(r, r.clinician_npi, r.clinician)
    if r.contact or r.contact_phone:
        yield Contact(r.id, r.id, *r.stamp(), name=r.contact, relation=r.relation, phone=r.contact_phone)
    if r.health_plan and r.cin:
        yield Coverage(r.id, r.id, *r.stamp(), member=r.cin, payor=r.health_plan)


def known(r: Line, npi: str, name: str, title: str = "") -> Iterator[Fact]:
    """A practitioner with an NPI is somebody; without one, words beside a name."""
    if npi:
        yield Practitioner(npi, "", *r.stamp(), name=name, title=title)


@read.Bound
def last_day(spelling: Spelling, column: str) -> Callable[[str], str]:
    """The last day on which a release holds. A source that revokes by end date names the first day it does not."""
    read_end = read.end_date.bind(spelling, column)
    if spelling.options.get("revokes") != "end-date":
        return read_end

    def last(cell: str) -> str:
        told = read_end(cell)
        if told and len(told) != len("2026-01-31"):
            raise Bad(
                "D38", "a month or a year, where the day decides whether the release still holds", "write the day"
            )
        return (date.fromisoformat(told) - timedelta(days=1)).isoformat() if told else ""

    return last


class ReleaseStatus(Coded):
    """STATUS; where a source revokes by end date only, a release on file without a status is active until then."""

    def empty(self, spelling: Spelling) -> str | None:
        return "active" if spelling.options.get("revokes") == "end-date" else None


class Release(Guarded):
    STATES, CONSENT = "consent", True
    id = column("RELEASE_ID", read.key)
    client = column("CLIENT_ID", read.key)
    to = coded("RELEASE_TO", "organizations", ())
    from_ = coded("RELEASE_FROM", "organizations", (), blank="", optional=True)
    purpose = coded("PURPOSE", "purpose", PURPOSES)
    share = coded("SHARE", "answer", ANSWERS)
    sud = coded("SUD", "answer", ANSWERS, blank="")
    status = coded_by("STATUS", ReleaseStatus("release_status", CONSENT_STATES, None), optional=True)
    signed = column("SIGNED", read.date)
    expires = column("EXPIRES", last_day, optional=True)
    revoked = column("REVOKED", read.end_date, optional=True)
    signer = column("SIGNED_BY", read.line, optional=True)
    form = column("FORM", read.line, optional=True)


_THEMSELVES = frozenset({"client", "self", "patient", "member", "cliente", "paciente"})  # who SIGNED_BY may name


def release(r: Release) -> Iterator[Fact]:
    over = bool(r.revoked) or bool(r.expires and r.expires < r.signed)
    yield Consent(
        r.id, r.client, *r.stamp(),
        status="inactive" if over and r.status == "active" else r.status,
        permit=r.share == "yes", sud=r.sud if r.share == "yes" else "",
        recipients=(r.to,), purposes=tuple(r.purpose.split("|")), discloser=r.from_,
        signed=r.signed, start=r.signed, end=max(r.expires, r.signed) if r.expires else "",
        signer="" if r.signer.casefold() in _THEMSELVES else r.signer, form=r.form,
    )  # fmt: skip


KINDS = ("plan", "problem", "goal", "intervention")
_STATES = {"plan": PLAN_STATES, "problem": PROBLEM_STATES, "goal": GOAL_STATES, "intervention": SERVICE_STATES}


class RowKind:
    """ROW_TYPE, ITEM_NO, STATUS → (kind, item, status): each kind of row has statuses, and a code table, of its own."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], tuple[str, str, str]]:
        kind_of = _coded("row_type", KINDS, spelling, columns[0])
        status_of = {k: _coded(f"{k}_status", among, spelling, columns[2]) for k, among in _STATES.items()}
        item_of = read.key.bind(spelling, columns[1])

        def told(cells: Cells) -> tuple[str, str, str]:
            kind = kind_of(cells[0])
            try:
                item = "" if kind == "plan" else item_of(cells[1])
            except Warned as w:
                raise w.about((kind, w.value, status_of[kind](cells[2]))) from None
            return kind, item, status_of[kind](cells[2])

        return told


def _coded(name: str, among: Sequence[str], spelling: Spelling, column: str) -> Callable[[str], str]:
    return Coded(name, tuple(among), None).bind(spelling, column)


def problem_code(cell: str) -> Code | None:
    """An ICD-10-CM code, its dot put in; anything else is kept as text, with a warning."""
    try:
        return read.diagnosis(cell)
    except Warned:
        raise
    except Bad as b:
        raise Warned(b.rule, b.cause, b.cure, ("", as_written(cell), "")) from None


class RowCode:
    """ROW_TYPE, CODE, MODIFIER → what a problem is called (ICD-10-CM) or what an intervention does (services)."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], tuple[Code | None, Asked]]:
        kind_of = _coded("row_type", KINDS, spelling, columns[0])
        asked = Service(needed=False).bind(spelling, columns[1:])

        def told(cells: Cells) -> tuple[Code | None, Asked]:
            kind = kind_of(cells[0])
            if kind == "intervention":
                return None, asked(cells[1:])
            try:
                return problem_code(cells[1]) if kind == "problem" else None, NOTHING
            except Warned as w:
                raise w.about((w.value, NOTHING)) from None

        return told


class PlanRow(Guarded):
    STATES, ID = "plan", "plan"
    plan = column("PLAN_ID", read.key)
    client = column("CLIENT_ID", read.key)
    row = group(("ROW_TYPE", "ITEM_NO", "STATUS"), RowKind(), table="row_type")
    code = group(("ROW_TYPE", "CODE", "MODIFIER"), RowCode(), optional=("CODE", "MODIFIER"), table=TABLE)
    text = column("DESCRIPTION", read.text)
    span = group(("START", "END"), Span(), optional=("START", "END"))
    due = kept("TARGET_DATE", read.date_or_blank, nothing)
    provider = column("PROVIDER", read.line, optional=True)
    npi = kept("PROVIDER_NPI", read.npi, nothing)
    title = column("PROVIDER_TITLE", read.line, optional=True)
    note = column("NOTE", read.line, optional=True)


def plan_row(r: PlanRow) -> Iterator[Fact]:
    kind, item, status = r.row
    who, key, (start, end) = (r.npi, r.provider), f"{r.plan}/{kind}/{item}", r.span
    if kind == "plan":
        yield Plan(
            r.plan, r.client, *r.stamp(), title=r.text, status=status, start=start, end=end, author=who, note=r.note
        )
    elif kind == "problem":
        icd, beside, system = r.code[0] or ("", "", "")
        code: Code = (icd, r.text, system)
        note = "\n".join(filter(None, (r.note, beside)))  # what stands in the cell besides a code, or instead of one
        yield Condition(
            key, r.client, *r.stamp(), code=code, category="problem-list-item", status=status, onset=start,
            abated=end if status in OVER else "", recorder=who, plan=r.plan, note=note,
        )  # fmt: skip
    elif kind == "goal":
        yield Goal(
            key, r.client, *r.stamp(), plan=r.plan, text=r.text, status=status, start=start, due=r.due, note=r.note
        )
    else:
        asked = r.code[1]
        yield Request(
            key, r.client, *r.stamp(), intent="plan", code=asked.code, modifiers=asked.modifiers,
            category=asked.category, text=r.text, status=status, start=start, end=end, requester=who, plan=r.plan,
            note=r.note,
        )  # fmt: skip
    yield from known(r, r.npi, r.provider, r.title)


class Referral(Guarded):
    STATES = "service"
    id = column("REFERRAL_ID", read.key)
    client = column("CLIENT_ID", read.key)
    plan = column("PLAN_ID", read.optional(read.key), optional=True)
    on = kept("REFERRAL_DATE", read.date_or_blank, nothing, optional=False)
    asked = group(("SERVICE_CODE", "MODIFIER"), Service(needed=True), optional=("MODIFIER",), table=TABLE)
    status = coded("STATUS", "referral_status", SERVICE_STATES)
    word = column("STATUS", read.line)
    means = meaning("STATUS", "referral_status")
    status_date = kept("STATUS_DATE", read.date_or_blank, nothing)
    to = concept("REFER_TO", "organizations")
    priority = coded("URGENCY", "urgency", PRIORITIES, blank="", optional=True)
    reason = column("REASON", read.line, optional=True)
    closure = column("CLOSURE_REASON", read.line, optional=True)
    by = column("REFERRED_BY", read.line, optional=True)
    npi = kept("REFERRED_BY_NPI", read.npi, nothing)
    note = column("NOTE", read.line, optional=True)


def referral(r: Referral) -> Iterator[Fact]:
    to, words, _ = r.to or ("", "", "")
    yield Request(
        r.id, r.client, *r.stamp(), intent="order", code=r.asked.code, modifiers=r.asked.modifiers, text="",
        category=r.asked.category, status=r.status, ids=(("referral", r.id),), on=r.on, priority=r.priority,
        requester=(r.npi, r.by), performer=to, performer_text="" if to else words, reason=r.reason,
        plan=r.plan or "", status_date=r.status_date, status_text=r.word,
        status_means=r.means, closure=r.closure, note=r.note,
    )  # fmt: skip
    yield from known(r, r.npi, r.by)


TABLES = (
    table("clients", Client, client),
    table("releases", Release, release),
    table("plans", PlanRow, plan_row),
    table("referrals", Referral, referral),
)
