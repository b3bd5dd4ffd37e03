"""Any plain CSV: people, care plans and conditions, a row a record, tied together by the person's id."""

from collections.abc import Callable, Iterator, Sequence

from nowrongdoor.layouts import read
from nowrongdoor.layouts.columns import (
    Cells,
    Coded,
    as_written,
    coded,
    column,
    concept,
    group,
    kept,
    keyed,
    table,
)
from nowrongdoor.layouts.county_ehr import OVER, PLAN_STATES, PROBLEM_STATES
from nowrongdoor.layouts.demographics import Guarded, Is, Lives, as_surname, being, given, home, surname
from nowrongdoor.layouts.spans import Span
from nowrongdoor.model import Code, Condition, Fact, Person, Plan, Spelling


class Flat(Guarded):
    PERSON = "person"


class People(Flat, Lives, Is):
    STATES, PERSON = "person", "id"
    id = column("ID", read.key)
    cin = column("CIN", read.cin, optional=True)
    family = kept("LAST_NAME", read.surname, as_surname, optional=False)
    given = kept("FIRST_NAME", read.name_part, as_written, optional=False)
    middle = kept("MIDDLE_NAME", read.name_part, as_written)
    prefix = column("PREFIX", read.line, optional=True)
    suffix = column("SUFFIX", read.line, optional=True)
    maiden = column("MAIDEN_NAME", read.line, optional=True)
    born = column("BIRTH_DATE", read.birth_date)
    marital = concept("MARITAL_STATUS", "marital")
    died = column("DATE_OF_DEATH", read.date_or_blank, optional=True)


def people(r: People) -> Iterator[Fact]:
    family, suffix = surname(r.family)
    yield Person(
        r.id, r.id, *r.stamp(),
        ids=(("record", r.id), *((("cin", r.cin),) if r.cin else ())),
        family=family, given=given(r.given, r.middle), prefix=r.prefix, suffix=r.suffix or suffix, born=r.born,
        other_names=(("maiden", r.maiden, ""),) if r.maiden else (),
        marital=r.marital, died=r.died, **being(r), **home(r),
    )  # fmt: skip


class StatusOrEnd:
    """STATUS, END → status; from the end date only where the source declares `status = "from-end-date"`."""

    def __init__(self, table: str, among: Sequence[str], ended: str) -> None:
        self.table, self.among, self.ended = table, tuple(among), ended

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], str]:
        if spelling.options.get("status") == "from-end-date":
            end_of = read.end_date.bind(spelling, columns[1])
            return lambda cells: self.ended if end_of(cells[1]) else "active"
        status_of = Coded(self.table, self.among, None).bind(spelling, columns[0])
        return lambda cells: status_of(cells[0])


class CarePlanRow(Flat):
    STATES = "plan"
    id = keyed("ID", "care_plans")
    person = column("PERSON_ID", read.key)
    encounter = column("ENCOUNTER", read.line, optional=True)  # may be part of a declared key
    title = column("DESCRIPTION", read.text)
    code = column("CODE", read.line, optional=True)
    code_system = column("CODE_SYSTEM", read.line, optional=True)
    status = group(("STATUS", "END"), StatusOrEnd("plan_status", PLAN_STATES, "completed"), optional=("STATUS", "END"))
    span = group(("START", "END"), Span(), optional=("START", "END"))
    reason_code = column("REASON_CODE", read.line, optional=True)
    reason = column("REASON", read.line, optional=True)
    author = column("AUTHOR", read.line, optional=True)
    note = column("NOTE", read.line, optional=True)


SNOMED = "http://snomed.info/sct"


def care_plan(r: CarePlanRow) -> Iterator[Fact]:
    code: Code | None = (r.code, r.title, r.code_system or SNOMED) if r.code else None
    reason: Code | None = (r.reason_code, r.reason, "") if r.reason_code or r.reason else None
    yield Plan(
        r.id, r.person, *r.stamp(), title=r.title, status=r.status, start=r.span[0], end=r.span[1], code=code,
        author=("", r.author), reason=reason, note=r.note,
    )  # fmt: skip


class ConditionRow(Flat):
    STATES = "condition"
    id = keyed("ID", "conditions")
    person = column("PERSON_ID", read.key)
    encounter = column("ENCOUNTER", read.line, optional=True)  # may be part of a declared key
    code = column("CODE", read.line, optional=True)
    code_system = column("CODE_SYSTEM", read.line, optional=True)
    text = column("DESCRIPTION", read.text)
    category = coded(
        "CATEGORY", "category", ("problem-list-item", "encounter-diagnosis"), blank="problem-list-item", optional=True
    )
    status = group(
        ("STATUS", "END"), StatusOrEnd("problem_status", PROBLEM_STATES, "resolved"), optional=("STATUS", "END")
    )
    span = group(("START", "END"), Span(), optional=("START", "END"))


def condition(r: ConditionRow) -> Iterator[Fact]:
    code: Code = (r.code, r.text, r.code_system) if r.code else ("", r.text, "")
    yield Condition(
        r.id, r.person, *r.stamp(), code=code, category=r.category, status=r.status, onset=r.span[0],
        abated=r.span[1] if r.status in OVER else "",
    )  # fmt: skip


TABLES = (
    table("people", People, people),
    table("care_plans", CarePlanRow, care_plan),
    table("conditions", ConditionRow, condition),
)
