"""The loop that anybody would write first: `csv.DictReader`, our dict builders fed from the cells, `fhir.resources`.

It reads clean rows only: no origins, no issues, no duplicates, no references checked, nothing said of a row that fails;
all of it in memory. What it writes is to be the same, to the byte of canonical JSON.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path

from bench import county
from nowrongdoor.model import (
    TYPE_OF,
    Condition,
    Consent,
    Contact,
    Coverage,
    Draft,
    Fact,
    Goal,
    Key,
    Kind,
    Origin,
    Person,
    Plan,
    Practitioner,
    Resource,
    Service,
)
from nowrongdoor.resources import Context, care, consent, organization, people, practitioners, provenance
from nowrongdoor.sources import Source

# what a person's Provenance names first; a task comes after its order
_ORDER = {
    "person": 0,
    "contact": 1,
    "coverage": 2,
    "condition": 3,
    "goal": 4,
    "service": 5,
    "task": 5,
    "plan": 6,
    "consent": 7,
}
Cells = dict[str, str]


def models() -> dict[str, Callable[..., object]]:
    return {kind: getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind) for kind in TYPE_OF.values()}


class Naive:
    """`run(folder)` yields each resource as JSON text."""

    def __init__(self, source: Source, context: Context) -> None:
        self.source, self.context = source, context
        self.codes = {name: source.code(name) for name in source.tables}
        self.services = {k.replace("|", ""): (k, v) for k, v in self.codes["services"].items()}
        self.models = models()
        self.staff: dict[str, list[Practitioner]] = {}
        self.named: set[str] = {source.name}
        self.parts: dict[str, list[Key]] = {}
        self.problems: dict[str, list[Key]] = {}
        self.people: dict[str, list[Draft]] = {}
        self.table = 0

    def run(self, folder: Path) -> Iterator[str]:
        for made in self._resources(folder):
            yield self.models[made["resourceType"]](**made).model_dump_json()  # type: ignore[attr-defined]  # a model of fhir.resources

    def _resources(self, folder: Path) -> Iterator[Resource]:
        for row in self._rows(folder, "clients"):
            yield from self._client(row)
        for row in self._rows(folder, "releases"):
            yield self._release(row)
        plans = []
        for row in self._rows(folder, "plans"):
            if row["ROW_TYPE"] == "PLAN":
                plans.append(row)
            else:
                yield self._part(row)
        for row in plans:
            yield self._plan(row)
        for row in self._rows(folder, "referrals"):
            yield from self._referral(row)
        for npi, said in self.staff.items():
            yield from (d.resource for d in practitioners(self.context, npi, said))
        for key in self.named:
            yield organization(self.context, key).resource
        yield from self._provenances(folder)

    def _rows(self, folder: Path, table: str) -> Iterator[Cells]:
        """Rows under the layout's own names; the county's are longer to write."""
        self.table = county.TABLES.index(table)
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            next(file)
            yield from csv.DictReader(file, fieldnames=list(county.header(table)))

    def _made(self, fact: Fact, made: Resource, kind: Kind | None = None) -> Resource:
        self.people.setdefault(fact.person, []).append(Draft(Key(kind or fact.KIND, fact.id), made, (fact,)))
        return made

    def _provenances(self, folder: Path) -> Iterator[Resource]:
        paths = (folder / f"{table}.csv" for table in county.TABLES)
        digests = {n: hashlib.sha256(path.read_bytes()).hexdigest() for n, path in enumerate(paths)}
        for person, drafts in self.people.items():
            drafts.sort(key=lambda d: (_ORDER[d.key.kind], d.key.id, d.key.kind))
            yield provenance(self.context, person, 1, drafts, digests).resource

    def _code(self, table: str, cell: str) -> tuple[str, str, str] | None:
        return self.codes[table][cell] if cell else None

    def _word(self, table: str, cell: str) -> str:
        return self.codes[table][cell][0] if cell else ""

    def _organization(self, cell: str) -> str:
        key = self._word("organizations", cell)
        if key:
            self.named.add(key)
        return key

    def _shared(self, row: Cells) -> tuple[Origin, bool, tuple[str, ...], str]:
        return (
            Origin(self.table, 0, 0, 0, 0),
            self.source.programmes[row["PROGRAM"]],
            (),
            _date(row.get("LAST_UPDATED", "")),
        )

    def _known(self, row: Cells, npi: str, name: str, title: str = "") -> tuple[str, str]:
        self.staff.setdefault(npi, []).append(Practitioner(npi, "", *self._shared(row), name=name, title=title))
        return npi, name

    def _client(self, row: Cells) -> Iterator[Resource]:
        id_, shared, phone = row["CLIENT_ID"], self._shared(row), _phone(row["PHONE"])
        person = Person(
            id_, id_, *shared, ids=(("county-client", id_), ("cin", row["CIN"])), family=row["LAST_NAME"],
            given=(row["FIRST_NAME"], row["MIDDLE_NAME"]), born=_date(row["DOB"]), gender=self._word("sex", row["SEX"]),
            race=self._code("race", row["RACE"]), ethnicity=self._code("ethnicity", row["ETHNICITY"]),
            language=self._code("language", row["LANGUAGE"]), lines=(row["STREET"],), city=row["CITY"],
            state=row["STATE"], zip=row["ZIP"], district=row["COUNTY"], phone=phone, email=row["EMAIL"],
            clinician=self._known(row, row["CLINICIAN_NPI"], row["CLINICIAN"]),
        )  # fmt: skip
        yield self._made(person, people.patient(self.context, person))
        relation, payor = self._code("relation", row["CONTACT_RELATION"]), self._organization(row["HEALTH_PLAN"])
        contact = Contact(
            id_, id_, *shared, name=row["CONTACT_NAME"], relation=relation, phone=_phone(row["CONTACT_PHONE"])
        )
        yield self._made(contact, people.related_person(self.context, contact))
        member = Coverage(id_, id_, *shared, member=row["CIN"], payor=payor, status="active")
        yield self._made(member, people.coverage(self.context, member))

    def _release(self, row: Cells) -> Resource:
        signed = _date(row["SIGNED"])
        told = Consent(
            row["RELEASE_ID"], row["CLIENT_ID"], *self._shared(row), status=self._word("release_status", row["STATUS"]),
            permit=row["SHARE"] == "Y", recipients=(self._organization(row["RELEASE_TO"]),),
            purposes=tuple(self._word("purpose", row["PURPOSE"]).split("|")), sud=self._word("answer", row["SUD"]),
            signed=signed, start=signed, end=_date(row["EXPIRES"]), form=row["FORM"],
        )  # fmt: skip
        return self._made(told, consent.consent(self.context, told))

    def _part(self, row: Cells) -> Resource:
        kind = self._word("row_type", row["ROW_TYPE"])
        plan, who = row["PLAN_ID"], self._known(row, row["PROVIDER_NPI"], row["PROVIDER"], row["PROVIDER_TITLE"])
        key, status = f"{plan}/{kind}/{row['ITEM_NO']}", self._word(f"{kind}_status", row["STATUS"])
        head = (key, row["CLIENT_ID"], *self._shared(row))
        start, note, text = _date(row["START"]), row["NOTE"], row["DESCRIPTION"]
        if kind == "problem":
            self.problems.setdefault(plan, []).append(Key("condition", key))
            code = (row["CODE"], text, "http://hl7.org/fhir/sid/icd-10-cm")
            told = Condition(*head, code, "problem-list-item", status, onset=start, recorder=who, plan=plan, note=note)
            return self._made(told, care.condition(self.context, told))
        fact: Fact
        if kind == "goal":
            fact = Goal(*head, plan, text, status, start, _date(row["TARGET_DATE"]), note)
        else:
            code, modifiers, category = self._service(row["CODE"], row["MODIFIER"])
            fact = Service(
                *head, "plan", code, modifiers, text, status, start=start, requester=who, category=category,
                plan=plan, note=note,
            )  # fmt: skip
        self.parts.setdefault(plan, []).append(fact.key)
        goal = isinstance(fact, Goal)
        return self._made(fact, care.goal(self.context, fact) if goal else care.service_request(self.context, fact))

    def _service(self, code: str, modifier: str) -> tuple[tuple[str, str, str], tuple[str, ...], tuple[str, str, str]]:
        source, known = self.services[code + modifier]
        return (code, "", ""), tuple(source.split("|")[1:]), known

    def _plan(self, row: Cells) -> Resource:
        plan, who = row["PLAN_ID"], self._known(row, row["PROVIDER_NPI"], row["PROVIDER"], row["PROVIDER_TITLE"])
        told = Plan(
            plan, row["CLIENT_ID"], *self._shared(row), title=row["DESCRIPTION"], author=who, note=row["NOTE"],
            status=self._word("plan_status", row["STATUS"]), start=_date(row["START"]),
        )  # fmt: skip
        made = care.care_plan(self.context, told, self.parts.get(plan, []), self.problems.get(plan, []))
        return self._made(told, made)

    def _referral(self, row: Cells) -> Iterator[Resource]:
        id_, (code, modifiers, category) = row["REFERRAL_ID"], self._service(row["SERVICE_CODE"], row["MODIFIER"])
        told = Service(
            id_, row["CLIENT_ID"], *self._shared(row), "order", code, modifiers, "", category=category,
            ids=(("referral", id_),), status=self._word("referral_status", row["STATUS"]),
            on=_date(row["REFERRAL_DATE"]),
            priority=self._word("urgency", row["URGENCY"]), performer=self._organization(row["REFER_TO"]),
            reason=row["REASON"], requester=self._known(row, row["REFERRED_BY_NPI"], row["REFERRED_BY"]),
            status_text=row["STATUS"],
            status_means=self.codes["referral_status"][row["STATUS"]][1],
            status_date=_date(row["STATUS_DATE"]), note=row["NOTE"],
        )  # fmt: skip
        yield self._made(told, care.service_request(self.context, told))
        yield self._made(told, care.task(self.context, told), "task")


def _date(cell: str) -> str:
    return datetime.strptime(cell, "%m/%d/%Y").date().isoformat() if cell else ""  # noqa: DTZ007 - a day has no zone


def _phone(cell: str) -> str:
    digits = "".join(filter(str.isdigit, cell))
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
