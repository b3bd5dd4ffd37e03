"""An invented county's four tables, as large as one likes: a row each of clients, releases and referrals a person.

Plans hold a row for the plan, a problem, a goal and an intervention of every fourth person: all four tables are of one
length. Spelled as the shipped source `alder-county` spells them.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from nowrongdoor import layouts, sources

SOURCE, SEED = "alder-county", 7
TABLES = ("clients", "releases", "plans", "referrals")
_LETTERS = "ACDEFGHMNTUVWXYZ"
_NPIS = ("1234567893", "1245319599", "1679576722")
_FAMILIES = ["Garcia", "Nguyen", "Smith", "Lee", "Lopez", "Vang", "Moua", "Diaz", "Tran", "Kim", "Cruz"]
_GIVEN = ["Ana", "Luis", "Mai", "Jon", "Rosa", "Bao", "Eva", "Tim", "Zoe", "Omar", "Lia", "Ken"]
_TOWNS = (("Fresno", "Fresno", "93701"), ("Salinas", "Monterey", "93901"), ("Riverside", "Riverside", "92501"))
_EPOCH = date(1940, 1, 1)


def header(table: str) -> dict[str, str]:
    """The layout's columns of a table → how the source spells them, without those it declares absent."""
    source = sources.load(SOURCE)
    (found,) = (t for t in layouts.layout(source.layout).TABLES if t.name == table)
    absent = source.absent.get(table, ())
    return {f.name: source.header(table, f.name) for f in found.fields if f.name not in absent}


def rows(table: str, count: int, seed: int = SEED) -> Iterator[dict[str, str]]:
    """Clean rows of a table, under the layout's names: no two alike, and all of people who are in `clients`."""
    return _ROWS[table](Random(f"{seed}{table}"), count)


def save(path: Path, table: str, told: Iterable[Mapping[str, str]]) -> Path:
    """Rows as the county would export them."""
    spelled = header(table)
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(spelled.values())
        lines.writerows([row.get(column, "") for column in spelled] for row in told)
    return path


def write(folder: Path, count: int, tables: Sequence[str] = TABLES) -> list[Path]:
    """`<table>.csv` with so many rows each."""
    folder.mkdir(parents=True, exist_ok=True)
    return [save(folder / f"{table}.csv", table, rows(table, count)) for table in tables]


def _day(r: Random, first: int, days: int) -> str:
    return (_EPOCH + timedelta(first + int(r.random() * days))).strftime("%m/%d/%Y")


_NOW = (date(2026, 1, 1) - _EPOCH).days  # dates of treatment lie in the months before and after


def _clients(r: Random, count: int) -> Iterator[dict[str, str]]:
    for n in range(count):
        town, county, zip_ = r.choice(_TOWNS)
        yield {
            "CLIENT_ID": f"K{n:07d}", "CIN": f"9{n % 10000:07d}{_LETTERS[n % 16]}",
            "PROGRAM": r.choice(("AOP", "FSP", "SUDIOP")),
            "LAST_NAME": r.choice(_FAMILIES), "FIRST_NAME": r.choice(_GIVEN), "MIDDLE_NAME": r.choice("ABCDE"),
            "DOB": _day(r, 0, 25000), "SEX": r.choice("FM"), "RACE": r.choice(("White", "Black", "Asian", "Hmong")),
            "ETHNICITY": r.choice("YN"), "LANGUAGE": r.choice(("English", "Spanish")),
            "STREET": f"{r.randint(1, 999)} Main St", "CITY": town, "STATE": "CA", "ZIP": zip_, "COUNTY": county,
            "PHONE": f"(559) 555-01{r.randint(0, 99):02d}", "EMAIL": f"client{n}@example.org",
            "CLINICIAN": "Ortega, Ines", "CLINICIAN_NPI": r.choice(_NPIS), "CONTACT_NAME": "Rosa Diaz",
            "CONTACT_RELATION": "Sister", "CONTACT_PHONE": "559-555-0100", "HEALTH_PLAN": "BLHP",
            "LAST_UPDATED": "01/05/2026",
        }  # fmt: skip


def _releases(r: Random, count: int) -> Iterator[dict[str, str]]:
    for n in range(count):
        yield {
            "RELEASE_ID": f"R{n:07d}", "CLIENT_ID": f"K{n:07d}", "PROGRAM": "AOP", "RELEASE_TO": "BLHP",
            "PURPOSE": r.choice(("TPO", "Care Coordination")), "SHARE": "Y", "SUD": r.choice(("Y", "N", "")),
            "STATUS": "Active", "SIGNED": _day(r, _NOW - 300, 200), "EXPIRES": _day(r, _NOW, 300), "FORM": "ROI-7",
            "LAST_UPDATED": "01/05/2026",
        }  # fmt: skip


def _plans(r: Random, count: int) -> Iterator[dict[str, str]]:
    told = (
        {"ROW_TYPE": "PLAN", "STATUS": "Open", "DESCRIPTION": "Housing and recovery plan"},
        {"ROW_TYPE": "PROB", "ITEM_NO": "1", "STATUS": "Open", "CODE": "F33.1", "DESCRIPTION": "Depression, recurrent"},
        {"ROW_TYPE": "GOAL", "ITEM_NO": "1", "STATUS": "Open", "DESCRIPTION": "Stable housing within six months"},
        {
            "ROW_TYPE": "INTV", "ITEM_NO": "1", "STATUS": "Open", "CODE": "H0043", "MODIFIER": "U6",
            "DESCRIPTION": "Housing search",
        },
    )  # fmt: skip
    for n in range(count):
        whose = n // 4
        yield told[n % 4] | {
            "PLAN_ID": f"P{whose:07d}", "CLIENT_ID": f"K{whose:07d}", "PROGRAM": "AOP",
            "START": _day(r, _NOW - 200, 150), "TARGET_DATE": _day(r, _NOW + 30, 150), "PROVIDER": "Ortega, Ines",
            "PROVIDER_NPI": r.choice(_NPIS), "PROVIDER_TITLE": "LCSW",
            "NOTE": "Reviewed with the client, who agrees; next review in spring.",
        }  # fmt: skip


def _referrals(r: Random, count: int) -> Iterator[dict[str, str]]:
    for n in range(count):
        yield {
            "REFERRAL_ID": f"Q{n:07d}", "CLIENT_ID": f"K{n:07d}", "PROGRAM": "AOP",
            "REFERRAL_DATE": _day(r, _NOW - 100, 90), "SERVICE_CODE": "H0043", "MODIFIER": "U6",
            "STATUS": r.choice(("Sent", "Accepted", "Declined", "Wait List")),
            "STATUS_DATE": _day(r, _NOW - 9, 9), "REFER_TO": r.choice(("BLHP", "HHS")), "URGENCY": "Routine",
            "REASON": "Sleeps in a car since October", "REFERRED_BY": "Ortega, Ines",
            "REFERRED_BY_NPI": r.choice(_NPIS), "NOTE": "Prefers calls in the afternoon", "LAST_UPDATED": "01/06/2026",
        }  # fmt: skip


_ROWS = {"clients": _clients, "releases": _releases, "plans": _plans, "referrals": _referrals}
