"""The loop that anybody would write first: `csv.DictReader`, our own dict builders fed from the cells, `fhir.resources`.

It reads clean rows only: no origins, no issues, no duplicates, no references checked, nothing known of a row that failed.
It makes no Provenance, since it does not know where anything came from; all else is to be the same, to the byte of
canonical JSON.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
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
from nowrongdoor.resources import Context, care, consent, organization, people, practitioners
from nowrongdoor.sources import Source

NOWHERE = Origin(0, 0, 0, 0, 0)
Cells = dict[str, str]


def models() -> dict[str, Callable[..., object]]:
    kinds = {kind for kind in TYPE_OF.values() if kind not in {"Provenance", "DocumentReference"}}
    return {kind: getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind) for kind in kinds}


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

    def run(self, folder: Path) -> Iterator[str]:
        for made in self._resources(folder):
            yield self.models[made["resourceType"]](**made).model_dump_json()  # type: ignore[attr-defined]  # a model of fhir.resources

    def _resources(self, folder: Path) -> Iterator[Resource]:
        for row in _rows(folder / "clients.csv", "clients"):
            yield from self._client(row)
        for row in _rows(folder / "releases.csv", "releases"):
            yield self._release(row)
        plans = []
        for row in _rows(folder / "plans.csv", "plans"):
            if row["ROW_TYPE"] == "PLAN":
                plans.append(row)
            else:
                yield self._part(row)
        for row in plans:
            yield self._plan(row)
        for row in _rows(folder / "referrals.csv", "referrals"):
            yield from self._referral(row)
        for npi, said in self.staff.items():
            yield from (d.resource for d in practitioners(self.context, npi, said))
        for key in self.named:
            yield organization(self.context, key).resource

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
        return NOWHERE, self.source.programmes[row["PROGRAM"]], (), _date(row.get("LAST_UPDATED", ""))

    def _known(self, row: Cells, npi: str, name: str, title: str = "") -> tuple[str, str]:
        self.staff.setdefault(npi, []).append(Practitioner(npi, "", *self._shared(row), name=name, title=title))
        return npi, name

    def _client(self, row: Cells) -> Iterator[Resource]:
        id_, shared, phone = row["CLIENT_ID"], self._shared(row), _phone(row["PHONE"])
        person = Person(
            id_, id_, *shared, ids=(("county-client", id_), ("cin", row["CIN"])), family=row["LAST_NAME"],
            given=(row["FIRST_NAME"], row["MIDDLE_NAME"]), born=_date(row["DOB"]), gender=self._word("sex", row["SEX"]),
            race=self._code("race", row["RACE"]), ethnicity=self._code("ethnicity", row["ETHNICITY"]),
            language=self._code("language", row["LANGUAGE"]), lines=(row["STREET"],), city=row["CITY"], state=row["STATE"],
            zip=row["ZIP"], district=row["COUNTY"], phone=phone, email=row["EMAIL"],
            clinician=self._known(row, row["CLINICIAN_NPI"], row["CLINICIAN"]),
        )  # fmt: skip
        yield people.patient(self.context, person)
        relation, payor = self._code("relation", row["CONTACT_RELATION"]), self._organization(row["HEALTH_PLAN"])
        contact = Contact(id_, id_, *shared, name=row["CONTACT_NAME"], relation=relation, phone=_phone(row["CONTACT_PHONE"]))
        yield people.related_person(self.context, contact)
        yield people.coverage(self.context, Coverage(id_, id_, *shared, member=row["CIN"], payor=payor, status="active"))

    def _release(self, row: Cells) -> Resource:
        signed = _date(row["SIGNED"])
        told = Consent(
            row["RELEASE_ID"], row["CLIENT_ID"], *self._shared(row), status=self._word("release_status", row["STATUS"]),
            permit=row["SHARE"] == "Y", recipients=(self._organization(row["RELEASE_TO"]),),
            purposes=tuple(self._word("purpose", row["PURPOSE"]).split("|")), sud=self._word("answer", row["SUD"]),
            signed=signed, start=signed, end=_date(row["EXPIRES"]), form=row["FORM"],
        )  # fmt: skip
        return consent.consent(self.context, told)

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
            return care.condition(self.context, told)
        fact: Fact
        if kind == "goal":
            fact = Goal(*head, plan, text, status, start, _date(row["TARGET_DATE"]), note)
        else:
            code, modifiers, category = self._service(row["CODE"], row["MODIFIER"])
            fact = Service(
                *head, "plan", code, modifiers, text, status, start=start, requester=who, category=category, plan=plan, note=note
            )  # fmt: skip
        self.parts.setdefault(plan, []).append(fact.key)
        return care.goal(self.context, fact) if isinstance(fact, Goal) else care.service_request(self.context, fact)

    def _service(self, code: str, modifier: str) -> tuple[tuple[str, str, str], tuple[str, ...], tuple[str, str, str]]:
        source, known = self.services[code + modifier]
        return (code, known[1], ""), tuple(source.split("|")[1:]), known

    def _plan(self, row: Cells) -> Resource:
        plan, who = row["PLAN_ID"], self._known(row, row["PROVIDER_NPI"], row["PROVIDER"], row["PROVIDER_TITLE"])
        told = Plan(
            plan, row["CLIENT_ID"], *self._shared(row), title=row["DESCRIPTION"], author=who, note=row["NOTE"],
            status=self._word("plan_status", row["STATUS"]), start=_date(row["START"]),
        )  # fmt: skip
        return care.care_plan(self.context, told, self.parts.get(plan, []), self.problems.get(plan, []))

    def _referral(self, row: Cells) -> Iterator[Resource]:
        id_, (code, modifiers, category) = row["REFERRAL_ID"], self._service(row["SERVICE_CODE"], row["MODIFIER"])
        told = Service(
            id_, row["CLIENT_ID"], *self._shared(row), "order", code, modifiers, "", category=category, ids=(("referral", id_),),
            status=self._word("referral_status", row["STATUS"]), on=_date(row["REFERRAL_DATE"]),
            priority=self._word("urgency", row["URGENCY"]), performer=self._organization(row["REFER_TO"]), reason=row["REASON"],
            requester=self._known(row, row["REFERRED_BY_NPI"], row["REFERRED_BY"]), status_text=row["STATUS"],
            status_date=_date(row["STATUS_DATE"]), note=row["NOTE"],
        )  # fmt: skip
        yield care.service_request(self.context, told)
        yield care.task(self.context, told)


def _rows(path: Path, table: str) -> Iterator[Cells]:
    """Rows under the layout's own names; the county's are longer to write."""
    with path.open(encoding="utf-8", newline="") as file:
        next(file)
        yield from csv.DictReader(file, fieldnames=list(county.header(table)))


def _date(cell: str) -> str:
    return datetime.strptime(cell, "%m/%d/%Y").date().isoformat() if cell else ""  # noqa: DTZ007 - a day has no zone


def _phone(cell: str) -> str:
    digits = "".join(filter(str.isdigit, cell))
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
