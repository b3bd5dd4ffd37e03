"""Patient, RelatedPerson, Coverage."""

from functools import lru_cache

from nowrongdoor.model import Absent, Code, Contact, Coverage, Person, Resource
from nowrongdoor.resources.context import THO, US_CORE, Context
from nowrongdoor.resources.conventions import ACTIVE, CONTACT, COVERED, GENDER, RELATIONSHIP
from nowrongdoor.resources.elements import absent, coded, fill, identifier, period, phone, put, puts, tabled, who

OMB = "urn:oid:2.16.840.1.113883.6.238"
_OMB_RACE = frozenset({"1002-5", "2028-9", "2054-5", "2076-8", "2106-3"})
_OMB_ETHNICITY = frozenset({"2135-2", "2186-5"})
_SELF = coded(THO + "subscriber-relationship", RELATIONSHIP.value)
_MARITAL, _ROLE = THO + "v3-MaritalStatus", THO + "v3-RoleCode"
_ID_TYPES = {"cin": "MA", "county-client": "MR", "plan-member": "MB"}


def patient(context: Context, p: Person) -> Resource:
    """US Core Patient, one per source record."""
    made = context.start("person", p.id, p)
    if extension := [*_race("race", p.race, _OMB_RACE), *_race("ethnicity", p.ethnicity, _OMB_ETHNICITY)]:
        made["extension"] = extension
    made["identifier"] = [context.gateway(made["id"]), *(_identifier(context, word, v) for word, v in p.ids if v)]
    if context.current and ACTIVE:
        made["active"] = True
    made["name"] = _names(p)
    if telecom := [*phone(p.phone), *_email(p.email)]:
        made["telecom"] = telecom
    put(made, "gender", p.gender)
    made.setdefault("gender", GENDER.value)  # its value set has a code for not knowing; why not stands beside it
    put(made, "birthDate", p.born)
    if p.died == "true":
        made["deceasedBoolean"] = True
    elif p.died:
        made["deceasedDateTime"] = p.died
    if address := _address(p):
        made["address"] = address
    if p.marital:
        made["maritalStatus"] = tabled(p.marital, _MARITAL)
    if p.language:
        made["communication"] = [{"language": tabled(p.language, "urn:ietf:bcp:47")}]
    if clinician := who(context, p.clinician):
        made["generalPractitioner"] = [clinician]
    made["managingOrganization"] = context.ref("organization", context.source)
    return made


def _identifier(context: Context, word: str, said: str) -> Resource:
    system = context.ids + (word if word == "cin" else f"{word}/{context.source}")
    return identifier(system, said, _ID_TYPES.get(word, ""))


def _names(p: Person) -> list[Resource]:
    name: Resource = {"use": "official"}
    if p.text:
        name["text"] = p.text
    put(name, "family", p.family)
    puts(name, "given", p.given)
    if p.prefix:
        name["prefix"] = [p.prefix]
    if p.suffix:
        name["suffix"] = [p.suffix]
    if not name.keys() & {"family", "_family", "given", "_given"}:
        name["_family"] = absent("unknown")  # also where only the whole name is known, as text (us-core-6)
    return [name, *(_other(name, *told) for told in p.other_names)]


def _other(official: Resource, use: str, family: str, given: str) -> Resource:
    """A name beside the official one; a maiden name stated as a surname differs from it in nothing else."""
    if use == "maiden" and not given:
        shared = {k: v for k, v in official.items() if k in {"given", "_given", "prefix", "suffix"}}
        return {"use": use, "family": family, **shared}
    return fill({"use": use}, family=family, given=given.split())


@lru_cache(maxsize=1024)
def _race(which: str, code: Code | None, omb: frozenset[str]) -> list[Resource]:
    """US Core race or ethnicity: an OMB category where the code is one, a detailed code otherwise, the text always."""
    if code is None:
        return []
    word, display, system = code
    inner: list[Resource] = []
    if word:
        coding = fill({"system": system or OMB, "code": word}, display=display)
        inner.append({"url": "ombCategory" if word in omb else "detailed", "valueCoding": coding})
    inner.append({"url": "text", "valueString": display or word})
    return [{"url": f"{US_CORE}us-core-{which}", "extension": inner}]


def _email(said: str | Absent) -> list[Resource]:
    return [{"system": "email", "value": said}] if isinstance(said, str) and said else []


def _address(p: Person) -> list[Resource]:
    made: Resource = {"text": p.address_text} if p.address_text else {}
    puts(made, "line", p.lines)
    put(made, "city", p.city)
    put(made, "district", p.district)
    put(made, "state", p.state)
    put(made, "postalCode", p.zip)
    return [made] if made else []


def related_person(context: Context, c: Contact) -> Resource:
    made = context.start("contact", c.id, c)
    made["identifier"] = [context.gateway(made["id"])]
    made["active"] = CONTACT.value == "true"
    made["patient"] = context.ref("person", c.person)
    if c.relation:
        made["relationship"] = [tabled(c.relation, _ROLE)]
    if c.name:
        made["name"] = [{"text": c.name}]
    if telecom := phone(c.phone):
        made["telecom"] = telecom
    return made


def coverage(context: Context, c: Coverage) -> Resource:
    """US Core Coverage of a Medi-Cal member."""
    made = context.start("coverage", c.id, c)
    made["identifier"] = [context.gateway(made["id"]), identifier(context.ids + "cin", c.member, "MB")]
    made["status"] = c.status or COVERED.value
    if c.type:
        made["type"] = tabled(c.type)
    made["subscriberId"] = c.member
    made["beneficiary"] = context.ref("person", c.person)
    made["relationship"] = _SELF
    if c.start or c.end:
        made["period"] = period(c.start, c.end)
    made["payor"] = [context.ref("organization", c.payor or context.source)]
    return made
