"""A health plan's portal export: a wide row an authorization, its member, five slots of code, modifiers and units."""

from collections.abc import Callable, Iterator, Sequence

from nowrongdoor.layouts import read
from nowrongdoor.layouts.columns import (
    Cells,
    Coded,
    as_written,
    column,
    concept,
    group,
    kept,
    nothing,
    programme,
    table,
)
from nowrongdoor.layouts.county_ehr import known
from nowrongdoor.layouts.demographics import Is, Lives, being, home
from nowrongdoor.layouts.read import Bad, Name
from nowrongdoor.layouts.services import SERVICE_STATES, TABLE, Asked, Service
from nowrongdoor.layouts.spans import Span
from nowrongdoor.model import Coverage, Fact, Person, Spelling, value
from nowrongdoor.model import Service as Request

SLOTS, MODIFIERS = 5, 5


@value
class Slot:
    """One of the five: what was asked for, its own status where the slot states one, units as text."""

    asked: Asked
    text: str
    status: str
    word: str
    units: str


class _Slot:
    """Code, five modifiers, description, status, requested units; a slot without a code is empty, all of it."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], Slot | None]:
        asked = Service(needed=True).bind(spelling, columns[: 1 + MODIFIERS])
        status_of = Coded("auth_status", SERVICE_STATES, "").bind(spelling, columns[-2])

        def told(cells: Cells) -> Slot | None:
            if not any(c.strip() for c in cells):
                return None
            units = cells[-1].strip()
            if units and not (units.isascii() and units.isdigit()):
                raise Bad("units", f"{columns[-1]} is not a whole number", "the sender must give units as a number")
            return Slot(
                asked(cells[: 1 + MODIFIERS]), cells[-3].strip(), status_of(cells[-2]), cells[-2].strip(), units
            )

        return told


_CODES = tuple(f"HCPCS{n}" for n in range(1, SLOTS + 1))


class _AnyCode:
    """An authorization of nothing would vanish without a word."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], bool]:  # noqa: ARG002 - a group's signature
        def told(cells: Cells) -> bool:
            if not any(c.strip() for c in cells):
                raise Bad("empty", "no service code in any slot", "the sender must fill one in")
            return True

        return told


def slot(n: int) -> Slot | None:
    names = (
        f"HCPCS{n}",
        *(f"HCPCS{n}_MOD{m}" for m in range(1, MODIFIERS + 1)),
        f"HCPCS{n}_DESC",
        f"HCPCS{n}_STATUS",
        f"HCPCS{n}_UNITS",
    )
    return group(names, _Slot(), optional=names if n > 1 else names[1:], table=TABLE)


def _as_written(cell: str) -> Name:
    return Name("", (), "", as_written(cell))


class _Status:
    """(state, the plan's own word) of an authorization; where it has none yet, of the referral that asked for it."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], tuple[str, str]]:
        decided = Coded("auth_status", SERVICE_STATES, "").bind(spelling, columns[0])

        def told(cells: Cells) -> tuple[str, str]:
            if state := decided(cells[0]):
                return state, as_written(cells[0])
            if not cells[1].strip():
                raise Bad("empty", "neither authorization nor referral has a status", "the sender must fill it in")
            asked = Coded("referral_status", SERVICE_STATES, None).bind(spelling, columns[1])
            return asked(cells[1]), as_written(cells[1])

        return told


class Authorization(Lives, Is):
    STATES, PERSON = "service", "member"
    program = programme("PROGRAM")
    labels = column("CONFIDENTIALITY", read.labels, optional=True)
    updated = column("REPORT_DATE", read.date_or_blank, optional=True)
    id = column("AUTHORIZATION_ID", read.key)
    referral = column("REFERRAL_ID", read.optional(read.key), optional=True)
    member = column("MEMBER_ID", read.key)
    cin = column("CIN", read.cin)
    name = kept("MEMBER_NAME", read.full_name, _as_written, optional=False)
    born = column("MEMBER_DOB", read.birth_date)
    pcp = column("PCP_NAME", read.line, optional=True)
    on = kept("REFERRAL_DATE", read.date_or_blank, nothing)
    span = group(("AUTH_START", "AUTH_END"), Span(), optional=("AUTH_START", "AUTH_END"))
    status = group(("AUTH_STATUS", "REFERRAL_STATUS"), _Status(), optional=("REFERRAL_STATUS",), table="auth_status")
    status_date = kept("STATUS_DATE", read.date_or_blank, nothing)
    by = column("REFER_FROM", read.line, optional=True)
    by_npi = kept("REFER_FROM_NPI", read.npi, nothing)
    to = concept("REFER_TO", "organizations")
    closure = column("CLOSURE_REASON", read.line, optional=True)
    slot1, slot2, slot3, slot4, slot5 = slot(1), slot(2), slot(3), slot(4), slot(5)
    coded = group(_CODES, _AnyCode(), optional=_CODES[1:])


def authorization(r: Authorization) -> Iterator[Fact]:
    name = r.name if isinstance(r.name, Name) else Name("", (), "", "")
    yield Person(
        r.member, r.member, *r.stamp(),
        ids=(("plan-member", r.member), *((("cin", r.cin),) if r.cin else ())),
        family=name.family if isinstance(r.name, Name) else r.name, given=name.given, suffix=name.suffix,
        text=name.text,         born=r.born, clinician=("", r.pcp), **being(r), **home(r),
    )  # fmt: skip
    if r.cin:
        yield Coverage(r.member, r.member, *r.stamp(), member=r.cin, payor="")
    yield from known(r, r.by_npi, r.by)
    yield from _lines(r)


def _lines(r: Authorization) -> Iterator[Fact]:
    """An authorization line's key is authorization, code and modifiers (and which of the same), never its slot."""
    to, words, _ = r.to or ("", "", "")
    met: dict[str, int] = {}
    for s in (r.slot1, r.slot2, r.slot3, r.slot4, r.slot5):
        if s is None or s.asked.code is None:
            continue
        name = "|".join((s.asked.code[0], *s.asked.modifiers))
        met[name] = met.get(name, 0) + 1
        again = f"#{met[name]}" if met[name] > 1 else ""
        yield Request(
            f"{r.id}/{name}{again}", r.member, *r.stamp(), intent="order", code=s.asked.code,
            modifiers=s.asked.modifiers, category=s.asked.category, text=s.text, status=s.status or r.status[0],
            ids=(("authorization", r.id), *((("referral", r.referral),) if r.referral else ())),
            on=r.on, start=r.span[0], end=r.span[1], requester=(r.by_npi, r.by),
            performer=to, performer_text="" if to else words, units=s.units, status_date=r.status_date,
            status_text=s.word or r.status[1], closure=r.closure,
        )  # fmt: skip


TABLES = (table("authorizations", Authorization, authorization),)
