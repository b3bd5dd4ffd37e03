"""Paper forms keyed into rows: registration, release of information, referral, problem list.

Each row is one form (or one line of a problem list) as its keyer read it, with who keyed it, when, who checked it, the
form's number and revision, and the box and page where the paper is. What the keyer could not read is never guessed.
"""

from collections.abc import Callable, Iterator, Sequence

from nowrongdoor.layouts import paper, read
from nowrongdoor.layouts.columns import (
    Cells,
    Line,
    as_written,
    coded,
    coded_on_paper,
    column,
    concept_on_paper,
    group,
    kept,
    nothing,
    programme,
    table,
    whole_row,
)
from nowrongdoor.layouts.county_ehr import PRIORITIES, PROBLEM_STATES, PURPOSES, known, problem_code
from nowrongdoor.layouts.demographics import GENDERS, as_surname, given, street_of, surname
from nowrongdoor.layouts.read import Bad
from nowrongdoor.layouts.services import TABLE, Asked, Service
from nowrongdoor.model import Code, Condition, Consent, Contact, Document, Fact, Person, Spelling
from nowrongdoor.model import Service as Request

_REGISTRATION = ("51851-4", "Administrative note", "http://loinc.org")
_REFERRAL = ("57133-1", "Referral note", "http://loinc.org")
_PROBLEMS = ("11450-4", "Problem list - Reported", "http://loinc.org")


class Form(Line):
    form = column("FORM_ID", paper.sure(read.key))
    number = column("FORM_NO", read.text)
    revision = column("FORM_REV", read.line, optional=True)
    place = column("BOX_PAGE", read.line, optional=True)
    keyer = column("KEYER", read.text)
    keyed = kept("DATE_KEYED", read.date_or_blank, nothing, optional=False)
    keyed_by = column("KEYER", read.initials)
    checker = column("CHECKER", paper.initials, optional=True)
    client = column("CLIENT_NO", paper.sure(read.key))
    program = programme("PROGRAM")
    labels = column("CONFIDENTIALITY", read.labels, optional=True)
    words = whole_row()

    @property
    def name(self) -> str:
        return f"{self.number} {self.revision}".strip()

    @property
    def checked(self) -> bool:
        """A second person read the form: other initials than the keyer's; where either is unsure, nobody did."""
        return bool(self.checker and self.keyed_by) and self.checker != self.keyed_by


def document(r: Form, key: str, type_: Code | None = None) -> Document:
    return Document(
        key, r.client, *r.stamp(), title=r.name, text=r.words, form=r.name, keyed=r.keyed, keyer=r.keyer,
        checker=r.checker if r.checked else "", place=r.place, type=type_,
    )  # fmt: skip


class Registration(Form):
    STATES, ID = "person", "client"
    cin = column("CIN", paper.soft(read.cin), optional=True)
    family = kept("LAST_NAME", paper.written(read.surname, as_surname), as_surname, optional=False)
    first = kept("FIRST_NAME", paper.written(read.name_part, as_written), as_written, optional=False)
    middle = kept("MIDDLE_NAME", paper.written(read.name_part, as_written), as_written)
    born = column("DOB", paper.birth_date)
    sex = coded_on_paper("SEX", "sex", GENDERS, paper.soft)
    language = concept_on_paper("LANGUAGE", "language", paper.code)
    street = column("STREET", paper.soft(read.street), optional=True)
    city = column("CITY", paper.soft(read.place), optional=True)
    zip = kept("ZIP", paper.soft(read.zip_code), as_written)
    phone = kept("PHONE", paper.soft(read.phone), as_written)
    contact = kept("CONTACT_NAME", paper.written(read.line, as_written), as_written)
    relation = concept_on_paper("CONTACT_RELATION", "relation", paper.code)
    contact_phone = kept("CONTACT_PHONE", paper.soft(read.phone), as_written)


def registration(r: Registration) -> Iterator[Fact]:
    family, suffix = surname(r.family)
    lines, words = street_of(r.street)
    cin = r.cin if isinstance(r.cin, str) else ""
    yield Person(
        r.client, r.client, *r.stamp(),
        ids=(("county-client", r.client), *((("cin", cin),) if cin else ())),
        family=family, given=given(r.first, r.middle), suffix=suffix, born=r.born, gender=r.sex, language=r.language,
        lines=lines, address_text=words, city=r.city, zip=r.zip, phone=r.phone,
    )  # fmt: skip
    yield document(r, f"registration/{r.form}", _REGISTRATION)
    if isinstance(r.contact, str) and r.contact:
        yield Contact(r.client, r.client, *r.stamp(), name=r.contact, relation=r.relation, phone=r.contact_phone)


def _tick(cell: str) -> read.Answer:
    return read.yes_no(paper.filled(cell))


class Boxes:
    """A Yes box and a No box: both ticked refuses (D46); neither refuses where an answer is needed."""

    def __init__(self, *, needed: bool) -> None:
        self.needed = needed

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], read.Answer]:  # noqa: ARG002 - a group's signature
        def told(cells: Cells) -> read.Answer:
            yes, no = _tick(cells[0]) == "yes", _tick(cells[1]) == "yes"
            if yes and no:
                raise Bad("D46", "both Yes and No are ticked", "read the form again, or ask the person")
            if self.needed and not (yes or no):
                raise Bad("D46", "neither Yes nor No is ticked", "read the form again, or ask the person")
            return "yes" if yes else "no" if no else ""

        return told


class Initialled(Boxes):
    """The same with the signer's initials beside it: a Yes that is not initialled refuses."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], read.Answer]:
        boxes = super().bind(spelling, columns[:2])
        initials = paper.sure(read.initialled).bind(spelling, columns[2])

        def told(cells: Cells) -> read.Answer:
            answer = boxes(cells[:2])
            if answer == "yes" and (not read.clean(cells[2]) or initials(cells[2]) != "yes"):
                raise Bad("D45", "Yes is ticked, but not initialled", "read the form again, or ask the person")
            return answer

        return told


def _is_filled(cell: str) -> bool:
    return bool(read.clean(paper.filled(cell)))


class Release(Form):
    STATES, ID, CONSENT = "consent", "form", True
    share = group(("SHARE_YES", "SHARE_NO"), Boxes(needed=True))
    sud = group(("SUD_YES", "SUD_NO", "SUD_INITIALS"), Initialled(needed=False))
    to = coded("RELEASE_TO", "organizations", ())
    purpose = coded("PURPOSE", "purpose", PURPOSES)
    signed = column("SIGNED", paper.sure(read.date))
    expires = column("EXPIRES", paper.sure(read.end_date), optional=True)
    has_end = column("EXPIRES", _is_filled, optional=True)
    revoked = column("REVOKED", paper.sure(read.end_date), optional=True)
    signer = column("SIGNED_BY", paper.sure(read.line), optional=True)


def release(r: Release) -> Iterator[Fact]:
    """A yes counts once a second person has read it and only if it says when it ends (42 CFR 2.31(a)(7))."""
    paper_of = document(r, f"release/{r.form}")
    yield paper_of
    over = bool(r.revoked) or bool(r.expires and r.expires < r.signed)
    counts = r.checked and (r.has_end or r.share == "no")
    yield Consent(
        r.form, r.client, *r.stamp(), status="inactive" if over else "active" if counts else "proposed",
        permit=r.share == "yes", sud=r.sud if r.share == "yes" else "", recipients=(r.to,),
        purposes=tuple(r.purpose.split("|")), signed=r.signed, start=r.signed,
        end=max(r.expires, r.signed) if r.expires else "", signer=r.signer, form=r.name, document=paper_of.id,
    )  # fmt: skip


class Written(Service):
    """A service as a form says it: code and modifier, or a box left empty."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], Asked]:
        asked = super().bind(spelling, columns)
        return lambda cells: asked(tuple(map(paper.filled, cells)))


class Referral(Form):
    STATES, ID = "service", "form"
    on = kept("REFERRAL_DATE", paper.date_or_blank, nothing, optional=False)
    asked = group(("SERVICE_CODE", "MODIFIER"), Written(needed=True), optional=("MODIFIER",), table=TABLE)
    to = concept_on_paper("REFER_TO", "organizations", paper.code)
    priority = coded_on_paper("URGENCY", "urgency", PRIORITIES, paper.sure)
    reason = kept("REASON", paper.written(read.line, as_written), as_written)
    by = column("REFERRED_BY", paper.line, optional=True)
    npi = kept("REFERRED_BY_NPI", paper.soft(read.npi), nothing)


def referral(r: Referral) -> Iterator[Fact]:
    """A referral form asks; what became of it stands in other files."""
    to, words, _ = r.to or ("", "", "")
    npi = r.npi if isinstance(r.npi, str) else ""
    yield document(r, f"referral/{r.form}", _REFERRAL)
    yield Request(
        r.form, r.client, *r.stamp(), intent="order", code=r.asked.code, modifiers=r.asked.modifiers, text="",
        category=r.asked.category, status="requested", ids=(("referral", r.form),), on=r.on, priority=r.priority,
        requester=(npi, r.by), performer=to, performer_text="" if to else words,
        reason=r.reason if isinstance(r.reason, str) else "",
    )  # fmt: skip
    yield from known(r, npi, r.by)


class Problem(Form):
    STATES, ID = "condition", "form"
    line = column("LINE_NO", paper.sure(read.key))
    text = kept("PROBLEM", paper.written(read.text, as_written), as_written, optional=False)
    code = kept("ICD10", paper.code(problem_code), lambda cell: ("", as_written(cell), ""))
    onset = kept("ONSET", paper.date_or_blank, nothing)
    status = coded_on_paper("STATUS", "problem_status", PROBLEM_STATES, paper.sure)
    by = column("IDENTIFIED_BY", paper.line, optional=True)


def problem(r: Problem) -> Iterator[Fact]:
    key = f"{r.form}/{r.line}"
    known_as = r.code or ("", "", "")
    yield document(r, f"problems/{key}", _PROBLEMS)
    yield Condition(
        key, r.client, *r.stamp(), code=(known_as[0], r.text if isinstance(r.text, str) else "", known_as[2]),
        category="problem-list-item", status=r.status, onset=r.onset, recorder=("", r.by),
    )  # fmt: skip


TABLES = (
    table("registrations", Registration, registration),
    table("releases", Release, release),
    table("referrals", Referral, referral),
    table("problems", Problem, problem),
)
