"""Cells that lists of people have: who they are, where they live, what protects a row and since when it is true."""

from typing import TypedDict

from nowrongdoor.layouts import read
from nowrongdoor.layouts.columns import Line, as_written, coded, column, concept, kept, programme
from nowrongdoor.layouts.read import Street
from nowrongdoor.layouts.states import usps
from nowrongdoor.model import Absent, Code

GENDERS = ("male", "female", "other", "unknown")


def as_surname(cell: str) -> tuple[str, str]:
    """What stays of a surname that only warns: its text, no suffix told apart."""
    return as_written(cell), ""


class Guarded(Line):
    """Of any row: the programme that makes it Part 2 or not, labels written on it, since when it is true."""

    program = programme("PROGRAM")
    labels = column("CONFIDENTIALITY", read.labels, optional=True)
    updated = column("LAST_UPDATED", read.since, optional=True)


class Lives(Line):
    """Address and contact columns; none of them refuses a row."""

    street = column("STREET", read.street, optional=True)
    street2 = column("STREET2", read.street, optional=True)
    city = column("CITY", read.place, optional=True)
    state = column("STATE", read.state, optional=True)
    zip = kept("ZIP", read.zip_code, as_written)
    county = kept("COUNTY", read.county, as_written)
    phone = kept("PHONE", read.phone, as_written)
    email = kept("EMAIL", read.email, as_written)


class Is(Line):
    """What a person is, by the source's code tables."""

    sex = coded("SEX", "sex", GENDERS, blank="", optional=True)
    race = concept("RACE", "race")
    ethnicity = concept("ETHNICITY", "ethnicity")
    language = concept("LANGUAGE", "language")


class Home(TypedDict):
    lines: tuple[str | Absent, ...]
    address_text: str
    city: str | Absent
    state: str | Absent
    zip: str | Absent
    district: str | Absent
    phone: str | Absent
    email: str | Absent


class Being(TypedDict):
    gender: str
    race: Code | None
    ethnicity: Code | None
    language: Code | None


def home(r: Lives) -> Home:
    lines, text = street_of(r.street, r.street2)
    state = r.state
    if state and isinstance(state, str) and not usps(state):  # US Core knows no other
        told = (text, *lines, r.city, state, r.zip)
        text, state = ", ".join(word for word in told if word and isinstance(word, str)), ""
    return Home(
        lines=lines, address_text=text, city=r.city, state=state, zip=r.zip, district=r.county,
        phone=r.phone, email=r.email,
    )  # fmt: skip


def being(r: Is) -> Being:
    return Being(gender=r.sex, race=r.race, ethnicity=r.ethnicity, language=r.language)


def street_of(*told: Street | Absent) -> tuple[tuple[str | Absent, ...], str]:
    """Address lines in order; words that are no address ("homeless") beside them."""
    lines: list[str | Absent] = []
    words = []
    for street in told:
        if isinstance(street, Street):
            lines += street.lines
            words += [street.text] if street.text else []
        else:
            lines.append(street)
    return tuple(lines), ", ".join(words)


def surname(told: tuple[str, str] | Absent) -> tuple[str | Absent, str]:
    """(family name, suffix) of a surname cell."""
    return (told, "") if len(told) == 1 else told


def given(*parts: str | Absent) -> tuple[str | Absent, ...]:
    """Given names in order; a middle name that is missing says nothing, a first name that is missing says why."""
    return tuple(p for n, p in enumerate(parts) if p and (n == 0 or isinstance(p, str)))
