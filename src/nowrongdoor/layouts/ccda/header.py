"""Who a document is about, and who wrote, keeps, signed and cares: its header, and the people that entries name.

An entry asks for a person by `reference`; only who is asked for becomes a Practitioner, and only with a name and an id
that tells people apart. Sources: HL7's C-CDA on FHIR guide (patient, participations), US Core 6.1.0, the C-CDA R2.1
US Realm Header.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from functools import cached_property

from nowrongdoor.layouts.ccda import labels as caution
from nowrongdoor.layouts.ccda.contacts import each, en, spoken
from nowrongdoor.layouts.ccda.patient import patient
from nowrongdoor.layouts.ccda.tree import SDTC, V3, Element, Notes, hashed, kid, kids, name, said, speaks, words
from nowrongdoor.layouts.ccda.values import NPI, SSN, absent, cd, ids, ii_key, own_key, real_key, ts
from nowrongdoor.model import Kind, Origin, Resource, Spelling, Stated
from nowrongdoor.model.values import Bad, npi

ROLES = {V3 + word for word in
         ("assignedAuthor", "assignedEntity", "associatedEntity", "participantRole", "relatedEntity")}  # fmt: skip
_PERSONS = {V3 + word for word in ("assignedPerson", "associatedPerson", "playingEntity", "relatedPerson")}
_NOBODY = {"ORG", "PLC", "DEV"}
_ORGANIZATIONS = ("representedOrganization", "scopingOrganization")
_RELATED = {"ECON", "CAREGIVER", "NOK", "PRS", "GUARD"}  # classes of people around a patient
_NOT_ASKED = {"IRCP", "VRF", "CST", "GUAR"}  # recipients, reviewers, custodians, guarantors
_ROLE_CLASS = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
_ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_TAXONOMY = "http://nucc.org/provider-taxonomy"
_PRIMARY = {"PCP", "PP"}  # v3-ParticipationFunction and table 0443: primary care
_NO_NAME: Resource = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                                     "valueCode": "unknown"}]}  # fmt: skip


class Header:
    """One document's patient, and everybody in it who is asked for.

    `person`: key of the patient, "" where no id tells who it is. `date`: when the document was made, as it says;
    `as_of`: the same, "" where that is yet to come: it would outlast all that is said later. `patient`, `custodian`:
    references as statements write them. `unstable`: the source says that it mints new ids at every export, so that only
    the patient's and NPIs last; others are known by their names.
    """

    def __init__(self, root: Element, file: int, notes: Notes, spelling: Spelling) -> None:
        self._root, self._file, self._notes, self._spelling = root, file, notes, spelling
        self._made: dict[tuple[Kind, str], tuple[Resource, Element, Element]] = {}  # where it is told, and who asked
        self._told: dict[Element, Resource] = {}  # references, by who named them
        self._known: dict[str, list[str]] = {}  # key of an id → keys of the Practitioners that have it
        self._related: dict[str, str] = {}  # key of an id → key of a contact
        self._places: dict[str, str] = {}  # key of an id → key of an Organization, where they differ
        self.unstable = spelling.options.get("ids") == "content"
        self._role = kid(root, "recordTarget/patientRole")
        self._own = set(map(own_key, kids(self._role, "id"))) - {""}
        self.person = person_key(root, self._role)
        if self.person and not self._own:
            notes.note(self._role, "ccda-alone", "its patient has no id of their own: joined with no other document",
                       "export the patient's record number")  # fmt: skip
        self.patient: Resource = {"reference": f"person:{self.person}"}
        self.date = ts(kid(root, "effectiveTime"), notes)
        self.as_of = "" if self._yet_to_come() else self.date
        provider = kid(self._role, "providerOrganization")
        self.custodian = self.organization(kid(root, "custodian/assignedCustodian/representedCustodianOrganization"))
        self._manager = self.organization(provider) or self.custodian
        self._contacts()
        self._participants()
        self._team()

    def _yet_to_come(self) -> bool:
        """By more than a day, which the zones of the earth lie apart; where the run tells what day it is."""
        today = self._spelling.options.get("today", "")
        last = (date.fromisoformat(today) + timedelta(1)).isoformat() if today else ""
        if not last or self.date[: len(last)] <= last[: len(self.date)]:
            return False
        self._notes.note(kid(self._root, "effectiveTime"), "D40", "a document made on a day that is yet to come",
                         "ask its sender when it was made; it counts as made on the day it came")  # fmt: skip
        return True

    # whom others refer to ----------------------------------------------------

    def reference(self, holder: Element) -> Resource | None:
        """Whom an author, performer, participant … names: a reference, a display where no id tells who, or None.

        `holder`: that element, or the assignedAuthor, assignedEntity, participantRole … in it.
        """
        if holder is None:
            return None
        if holder not in self._told:
            told = self._whom(holder)
            if told is None or "reference" not in told:  # it may yet be told who that is
                return told
            self._told[holder] = told
        return self._told[holder]

    def _whom(self, holder: Element) -> Resource | None:
        at = holder if holder.tag in ROLES else _role(holder)
        keys = _keys(at)
        if self._own.intersection(keys) or said(kid(at, "code"), "code") == "ONESELF":
            return self.patient
        person, related = _person(at), _is_related(at)
        names = en(kid(person, "name"), self._notes)
        known = [*keys, self._by_name(names)] if related else keys
        if contact := next((self._related[k] for k in known if k in self._related), ""):
            return {"reference": f"contact:{contact}"}
        if related:
            return {"display": told} if (told := spoken(names)) else None
        if person is None:
            named = next((e for k in keys for e in self._roles.get(k, ()) if _person(e) is not None), None)
            if named is None:
                return self._thing(at)
            at, names = named, en(kid(_person(named), "name"), self._notes)
        return self._practitioner(at, keys, names, holder)

    def organization(self, element: Element, holder: Element = None) -> Resource | None:
        """A custodian, a represented or scoping organization: a reference, a display without a usable id, or None.

        A role (a payer's assignedEntity) stands for the organization in it, which may have only a name. `holder`: what
        names whoever is there.
        """
        if element is None:
            return None
        place = next((o for word in _ORGANIZATIONS if (o := kid(element, word)) is not None), element)
        told = words(kid(place, "name"))
        keys = [*_keys(element), *(_keys(place) if place is not element else ())]
        if not keys or not told:
            return self._known_organization(next(iter(keys), "")) or ({"display": told} if told else None)
        key = self._places[keys[0]] = self._lasting(keys, "organization", told.casefold())
        found = self._made.get(("organization", key))
        if found and found[0]["name"] != told:
            self._reused(element)
            key = hashed(key, told.casefold())
        if ("organization", key) not in self._made:
            made = {
                "resourceType": "Organization",
                "identifier": ids(element, self._notes),
                "active": True,
                "name": told,
            }
            reach = {word: list(map(_not_home, told)) for word, told in self._reach(element).items()}
            self._add("organization", key, {**made, **reach}, element, element if holder is None else holder)
        return {"reference": f"organization:{key}", "display": told}

    def facts(self, labels: tuple[str, ...], carried: Callable[[Element], tuple[str, ...]]) -> list[Stated]:
        """All that was asked for, called last. `labels`: what the document carries; `carried`: what an element does."""
        own = caution.of(kid(self._root, "recordTarget"), labels, self._notes)
        made = [self._stated("person", self.person, patient(self._role, self._notes, self._links()), self._role, own)]
        for (kind, key), (resource, at, holder) in self._made.items():
            told = own if kind in {"contact", "team"} else caution.merged((*carried(at), *carried(holder)))
            made.append(self._stated(kind, key, resource, at, told))
        return made

    # who is made -------------------------------------------------------------

    def _practitioner(self, at: Element, keys: list[str], names: list[Resource], holder: Element) -> Resource:
        display = spoken(names)
        if not keys:
            return {"display": display}
        key = self._same(keys, names, at)
        if ("practitioner", key) not in self._made:
            told = [n if "family" in n else {**n, "_family": _NO_NAME} for n in names]
            made = {"resourceType": "Practitioner", "identifier": ids(at, self._notes), "name": told}
            self._add("practitioner", key, {**made, **self._reach(at)}, at, holder)
        self._position(at, key, holder)
        return {"reference": f"practitioner:{key}", "display": display}

    def _same(self, keys: list[str], names: list[Resource], at: Element) -> str:
        """The key of that person: one of an id that somebody of this name has, else a new one."""
        others = [known for k in keys for known in self._known.get(k, ())]
        key = next((k for k in others if _alike(self._made["practitioner", k][0]["name"][0], names[0])), "")
        if not key:
            named = (self.person, "practitioner", *_apart(names[0]))
            key = next(filter(None, map(_npi, keys)), "") or self._lasting(keys, *named)
            if others:
                self._reused(at)
                key = hashed(key, *_apart(names[0]))
        for k in keys:
            if key not in self._known.setdefault(k, []):
                self._known[k].append(key)
        return key

    def _position(self, at: Element, key: str, holder: Element) -> None:
        """What somebody is, and where: a PractitionerRole, if the document says either."""
        place = next((r for word in _ORGANIZATIONS if (r := self.organization(kid(at, word), holder))), {})
        code = cd(kid(at, "code"), self._notes)
        if not code and "reference" not in place:
            return
        own = hashed(key, place.get("reference", ""), said(kid(at, "code"), "code"))
        if ("role", own) in self._made:
            return
        made: Resource = {"resourceType": "PractitionerRole", "practitioner": {"reference": f"practitioner:{key}"}}
        if place:
            made["organization"] = place
        if code:
            made["specialty" if _is_specialty(code) else "code"] = [code]
        made["telecom"] = each(at, "telecom", self._notes) or [{"system": "phone", "_value": _NO_NAME}]
        self._add("role", own, made, at, holder)

    def _thing(self, at: Element) -> Resource | None:
        """A device by its name, an organization by its own; None for nobody."""
        device = kid(at, "assignedAuthoringDevice")
        if told := words(kid(device, "softwareName")) or words(kid(device, "manufacturerModelName")):
            return {"display": told}
        for word in _ORGANIZATIONS:
            place = kid(at, word)
            if place is not None and (told := words(kid(place, "name"))):
                return self._known_organization(next(iter(_keys(place)), "")) or {"display": told}
        return None

    def _known_organization(self, key: str) -> Resource | None:
        key = self._places.get(key, key)
        found = self._made.get(("organization", key))
        return {"reference": f"organization:{key}", "display": found[0]["name"]} if found else None

    def _contacts(self) -> None:
        """Guardians, and who is named as being around the patient."""
        for at in kids(self._role, "patient/guardian"):
            person = kid(at, "guardianPerson")
            codes = [kid(at, "code"), *_relations(person)]
            self._contact(at, person, [_coded(_ROLE_CODE, "GUARD"), *self._concepts(codes)])
        for word in ("informant", "participant"):
            for holder in kids(self._root, word):
                at = _role(holder)
                kind = said(at, "classCode")
                if _is_related(at):
                    codes = [kid(at, "code"), *_relations(_person(at))]
                    told = [_coded(_ROLE_CLASS, kind)] if kind in _RELATED else []
                    self._contact(at, _person(at), told + self._concepts(codes))

    def _contact(self, at: Element, person: Element, relations: list[Resource]) -> None:
        names = en(kid(person, "name"), self._notes)
        if not names and not relations:
            return
        named = (self.person, "contact", *(_apart(names[0]) if names else ("", "")))
        key = self._lasting(_keys(at), *named)
        self._related.update(dict.fromkeys((*_keys(at), key), key))
        made = self._made.get(("contact", key), ({},))[0]
        if made:
            made["relationship"] += [r for r in relations if r not in made["relationship"]]
            return
        made = {"resourceType": "RelatedPerson", "identifier": ids(at, self._notes), "active": True}
        made |= {"relationship": relations, "name": names, **self._reach(at)}
        self._add("contact", key, made, at)

    def _by_name(self, names: list[Resource]) -> str:
        """The key of a contact who has no id."""
        return hashed(self.person, "contact", *_apart(names[0])) if names else ""

    def _participants(self) -> None:
        """Who wrote, typed, told and signed it, and professionals who took part."""
        for word in ("author", "dataEnterer", "informant", "legalAuthenticator", "authenticator", "participant"):
            for holder in kids(self._root, word):
                at = _role(holder)
                if said(holder, "typeCode") not in _NOT_ASKED and not _is_related(at):
                    self.reference(holder)

    def _team(self) -> None:
        """The CareTeam: performers of what the document documents."""
        members: list[Resource] = []
        self._primary: list[Resource] = []
        events = kids(self._root, "documentationOf/serviceEvent")
        for performer in (p for event in events for p in kids(event, "performer")):
            who = self.reference(performer)
            codes = [kid(performer, "functionCode"), kid(performer, "assignedEntity/code")]
            roles = self._concepts(codes) or [absent(codes[0])]
            if who and {"role": [roles[0]], "member": who} not in members:
                members.append({"role": [roles[0]], "member": who})
            if who and said(codes[0], "code") in _PRIMARY and who not in self._primary:
                self._primary.append(who)
        if members:
            team = {"resourceType": "CareTeam", "participant": members}
            self._add("team", hashed(self.person, "team"), team, events[0])

    # helpers of the above ----------------------------------------------------

    def _lasting(self, keys: list[str], *named: str) -> str:
        """The key of the first id that stays the same from export to export; a name's, where there is none."""
        return next((k for k in keys if not self.unstable or k.startswith(f"{NPI}^")), "") or hashed(*named)

    def _links(self) -> Resource:
        found = {"managingOrganization": self._manager, "generalPractitioner": self._primary}
        return {word: told for word, told in found.items() if told}

    def _concepts(self, elements: list[Element]) -> list[Resource]:
        return [made for e in elements if (made := cd(e, self._notes))]

    def _reach(self, at: Element) -> Resource:
        return {word: each(at, tag, self._notes) for word, tag in (("telecom", "telecom"), ("address", "addr"))}

    def _reused(self, at: Element) -> None:
        cure = "give each an id of their own; until then they are told apart by name"
        self._notes.note(at, "id-reused", "one id for two people or organizations", cure)

    @cached_property
    def _roles(self) -> Mapping[str, list[Element]]:
        """All roles of the document, by each id that they have."""
        found: dict[str, list[Element]] = {}
        for at in self._root.iter(*ROLES):
            for key in _keys(at):
                found.setdefault(key, []).append(at)
        return found

    def _add(self, kind: Kind, key: str, made: Resource, at: Element, holder: Element = None) -> None:
        self._made.setdefault((kind, key), ({word: told for word, told in made.items() if told}, at, holder))

    def _stated(self, kind: Kind, key: str, made: Resource, at: Element, labels: tuple[str, ...]) -> Stated:
        line = (self._root if at is None else at).sourceline or 1
        person = self.person if kind in {"person", "contact", "team"} else ""
        text = self._notes.write(made)
        needs = _needs(made) if kind == "role" else ()
        origin = Origin(self._file, 1, line, line, 0)
        return Stated(key, person, origin, self._spelling.part2, labels, self.as_of, kind, text, needs)


def person_key(root: Element, role: Element) -> str:
    """The patient's first own id that is no Social Security number; without another, the digest of that; or "".

    Where there are only ids that anybody may have, such as 000-00-0000, the person is known by the document alone: two
    people never become one, and nothing is lost. By name and birth too, as some vendors give every document one id.
    """
    keys = list(filter(None, map(own_key, kids(role, "id"))))
    if not keys and any(map(ii_key, kids(role, "id"))):
        papers = (own_key(e) for word in ("setId", "id") for e in kids(root, word))
        names = " ".join(words(e) for e in kids(role, "patient/name"))
        born = said(kid(role, "patient/birthTime"))
        return next((hashed("alone", paper, names, born) for paper in papers if paper), "")
    own = next((k for k in keys if not k.startswith(f"{SSN}^")), "")
    return own or (hashed("ssn", keys[0]) if keys else "")


def _keys(at: Element) -> list[str]:
    return [key for e in kids(at, "id") if (key := real_key(e))]


def _npi(key: str) -> str:
    """The plain number of a valid NPI, as other files key people by it; "" for any other key."""
    root, _, extension = key.partition("^")
    with suppress(Bad):
        return npi(extension) if root == NPI else ""
    return ""


def _role(holder: Element) -> Element | None:
    return next((e for e in holder if e.tag in ROLES), None)


def _is_related(at: Element) -> bool:
    """Somebody around the patient, not a professional."""
    return at is not None and (name(at) == "relatedEntity" or said(at, "classCode") in _RELATED)


def _person(at: Element) -> Element | None:
    """The person in a role, if it has a name."""
    for found in at if at is not None else ():
        if found.tag in _PERSONS:
            return found if speaks(kid(found, "name")) and said(found, "classCode") not in _NOBODY else None
    return None


def _relations(person: Element) -> Iterator[Element]:
    """Codes of the extension that says what somebody is to the patient."""
    if person is not None:
        for at in person.findall(f"{SDTC}asPatientRelationship"):
            yield from (at.find(f"{SDTC}code"), kid(at, "code"))


def _apart(one: Resource) -> tuple[str, str]:
    """What tells two names apart: family and first given name."""
    family: str = one.get("family") or one.get("text") or ""
    return family.casefold(), "".join(one.get("given", ())[:1]).casefold()


def _alike(one: Resource, other: Resource) -> bool:
    return _apart(one) == _apart(other)


def _not_home(point: Resource) -> Resource:
    """Nobody lives in an organization (org-2, org-3): some vendors say so of its address."""
    return {word: told for word, told in point.items() if (word, told) != ("use", "home")}


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _is_specialty(code: Resource) -> bool:
    return any(c["system"] == _TAXONOMY for c in code.get("coding", ()))


def _needs(role: Resource) -> tuple[tuple[Kind, str], ...]:
    return (("practitioner", role["practitioner"]["reference"].partition(":")[2]),)
