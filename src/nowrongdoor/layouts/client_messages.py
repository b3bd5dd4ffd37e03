"""What a county's programmes tell its client service of a person, a message each: who they are, that they were admitted
or discharged, what was diagnosed, whether Medi-Cal covers them.

The messages are XML, with or without a SOAP envelope; which element is which is the source's to say. None of them names
its sender (the service knows that by a certificate): that is the source's own organization. An admission is an
enrolment, and the care plan derived from it is marked as such. A kind of message that nothing is made of is counted.
"""

from collections.abc import Callable, Iterator, Sequence

from nowrongdoor.layouts import read
from nowrongdoor.layouts.columns import (
    Cells,
    Coded,
    Line,
    as_written,
    coded,
    column,
    concept,
    group,
    kept,
    keyed,
    nothing,
    table,
)
from nowrongdoor.layouts.county_ehr import OVER, PROBLEM_STATES, known, problem_code
from nowrongdoor.layouts.demographics import Guarded, Is, Lives, as_surname, being, given, home, surname
from nowrongdoor.layouts.read import Bad
from nowrongdoor.layouts.spans import Dates, Span
from nowrongdoor.model import Code, Condition, Contact, Coverage, Fact, Person, Plan, Spelling


class Client(Guarded, Lives, Is):
    STATES, PERSON = "person", "id"
    id = column("CLIENT_ID", read.key)
    cin = column("CIN", read.cin, optional=True)
    family = kept("LAST_NAME", read.surname, as_surname, optional=False)
    given = kept("FIRST_NAME", read.name_part, as_written, optional=False)
    middle = kept("MIDDLE_NAME", read.name_part, as_written)
    suffix = column("SUFFIX", read.line, optional=True)
    preferred = column("PREFERRED_NAME", read.line, optional=True)
    born = column("BIRTH_DATE", read.birth_date)
    marital = concept("MARITAL_STATUS", "marital")
    died = kept("DATE_OF_DEATH", read.date_or_blank, nothing)
    contact = column("CONTACT_NAME", read.line, optional=True)
    relation = concept("CONTACT_RELATION", "relation")
    contact_phone = kept("CONTACT_PHONE", read.phone, as_written)


def client(r: Client) -> Iterator[Fact]:
    family, suffix = surname(r.family)
    yield Person(
        r.id, r.id, *r.stamp(),
        ids=(("county-client", r.id), ("cin", r.cin)),  # without one: as an earlier message had it
        family=family, given=given(r.given, r.middle), suffix=r.suffix or suffix, born=r.born,
        other_names=(("usual", "", r.preferred),) if r.preferred else (),
        marital=r.marital, died=r.died, **being(r), **home(r),
    )  # fmt: skip
    if r.contact or r.contact_phone:
        yield Contact(r.id, r.id, *r.stamp(), name=r.contact, relation=r.relation, phone=r.contact_phone)


class Stay:
    """ADMITTED, DISCHARGED → (start, end): one of them is there, none lies ahead; an end before its start refuses."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], Dates]:
        readers, today = [read.end_date.bind(spelling, c) for c in columns], spelling.options.get("as-of", "")

        def told(cells: Cells) -> Dates:
            start, end = (reader(cell) for reader, cell in zip(readers, cells, strict=True))
            if not start and not end:
                raise Bad("empty", "neither admitted nor discharged", "the sender must say on which day")
            if today and max(start, end)[: len(today)] > today:
                raise Bad("D40", "a day that lies after the one the message was sent", "correct it, or say --as-of")
            if start and end and end[: len(start)] < start[: len(end)]:
                raise Bad("D40", "discharged before the admission", "correct one of the two dates")
            return start, end

        return told


class Episode(Guarded):
    STATES = "plan"
    id = keyed("EPISODE_ID", "episodes")
    client = column("CLIENT_ID", read.key)
    episode = column("EPISODE", read.line, optional=True)  # a number, of this client only: part of a declared key
    programme = column("PROGRAM_NAME", read.line, optional=True)
    stay = group(("ADMITTED", "DISCHARGED"), Stay(), optional=("DISCHARGED",))
    reason = column("DISCHARGE_REASON", read.line, optional=True)
    clinician = column("CLINICIAN", read.line, optional=True)
    npi = kept("CLINICIAN_NPI", read.npi, nothing)


def episode(r: Episode) -> Iterator[Fact]:
    """A discharge need not repeat what the admission said: the route keeps that of an enrolment (resources.agree)."""
    start, end = r.stay
    yield Plan(
        r.id, r.client, r.origin, r.program[1], r.labels, r.updated or end or start,
        title=r.programme or r.program[0], status="completed" if end else "active", start=start, end=end,
        author=(r.npi, r.clinician), note=r.reason, derived=True,
    )  # fmt: skip
    yield from known(r, r.npi, r.clinician)


class Diagnosed:
    """CODE, DESCRIPTION → the code: one of the two is there."""

    def bind(self, _spelling: Spelling, _columns: Sequence[str], /) -> Callable[[Cells], Code | None]:
        def told(cells: Cells) -> Code | None:
            code = problem_code(cells[0])
            if not code and not read.clean(cells[1]):
                raise Bad("empty", "neither a diagnosis code nor its text", "the sender must fill one of them in")
            return code

        return told


class Diagnosis(Guarded):
    STATES = "condition"
    id = keyed("DIAGNOSIS_ID", "diagnoses")
    client = column("CLIENT_ID", read.key)
    episode = column("EPISODE", read.line, optional=True)  # may be part of a declared key
    code = group(("CODE", "DESCRIPTION"), Diagnosed(), optional=("DESCRIPTION",))
    text = column("DESCRIPTION", read.line, optional=True)
    category = coded(
        "CATEGORY", "category", ("problem-list-item", "encounter-diagnosis"), blank="encounter-diagnosis", optional=True
    )
    status = coded("STATUS", "problem_status", PROBLEM_STATES, blank="", optional=True)
    span = group(("ONSET", "RESOLVED"), Span(), optional=("ONSET", "RESOLVED"))
    recorded = kept("DIAGNOSED", read.date_or_blank, nothing)
    rank = column("RANK", read.line, optional=True)  # principal, secondary: as the message has it
    clinician = column("CLINICIAN", read.line, optional=True)
    npi = kept("CLINICIAN_NPI", read.npi, nothing)


def diagnosis(r: Diagnosis) -> Iterator[Fact]:
    icd, beside, system = r.code or ("", "", "")
    onset, end = r.span
    yield Condition(
        r.id, r.client, *r.stamp(), code=(icd, r.text or beside, system), category=r.category,
        status=r.status or ("resolved" if end else ""), onset=onset, recorded=r.recorded,
        abated=end if not r.status or r.status in OVER else "",
        recorder=(r.npi, r.clinician), note="\n".join(filter(None, (r.rank, beside if r.text else ""))),
    )  # fmt: skip
    yield from known(r, r.npi, r.clinician)


class Covers:
    """TYPE, CIN → (key of who pays, CIN): the table of organizations says who; "" is the sender itself, the county."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], tuple[str, str]]:
        payer_of = Coded("organizations", (), None).bind(spelling, columns[0])
        number_of = read.cin.bind(spelling, columns[1])

        def told(cells: Cells) -> tuple[str, str]:
            payer, cin = payer_of(cells[0]), number_of(cells[1])
            if payer == spelling.name:
                return "", cin
            if not cin:
                raise Bad("empty", "Medi-Cal without a Client Index Number", "the sender must fill it in")
            return payer, cin

        return told


class Eligibility(Guarded):
    STATES = "coverage"
    id = keyed("ELIGIBILITY_ID", "eligibility")
    client = column("CLIENT_ID", read.key)
    payer = group(("TYPE", "CIN"), Covers(), optional=("CIN",), table="organizations")
    aid = column("AID_CODE", read.line, optional=True)
    span = group(("START", "END"), Span(), optional=("START", "END"))

    @property
    def beyond(self) -> str:  # type: ignore[override]  # a row of others says it in a cell
        """No coverage is made of it that the county itself pays."""
        return "" if self.payer[0] else "eligibility without Medi-Cal"


def eligibility(r: Eligibility) -> Iterator[Fact]:
    payer, cin = r.payer
    aid: Code | None = ("", f"Medi-Cal aid code {r.aid}", "") if r.aid else None
    if payer:
        yield Coverage(r.id, r.client, *r.stamp(), member=cin, payor=payer, start=r.span[0], end=r.span[1], type=aid)


class Other(Line):
    """A kind of message that nothing is made of yet: known, kept as it came, and counted."""

    beyond = column("MESSAGE", read.text)
    client = column("CLIENT_ID", read.line, optional=True)


def other(_: Other) -> Iterator[Fact]:
    return iter(())


TABLES = (
    table("clients", Client, client),
    table("episodes", Episode, episode),
    table("diagnoses", Diagnosis, diagnosis),
    table("eligibility", Eligibility, eligibility),
    table("others", Other, other),
)
