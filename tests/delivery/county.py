"""An invented county whose every row a test can change, and the workspace of a gateway that takes its files."""

import csv
import io
import itertools
import json
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from nowrongdoor.cli import main
from nowrongdoor.layouts import county_ehr

SUD, MH = "SUD", "MH"
LETTERS = "ACDEFGHMNTUVWXYZ"
HEADERS = {
    "clients": "CLIENT_ID PROGRAM CIN LAST_NAME FIRST_NAME DOB SEX",
    "releases": "RELEASE_ID CLIENT_ID RELEASE_TO RELEASE_FROM PURPOSE SHARE SUD STATUS SIGNED EXPIRES",
    "plans": "PLAN_ID CLIENT_ID PROGRAM ROW_TYPE ITEM_NO STATUS CODE MODIFIER DESCRIPTION START",
    "referrals": "REFERRAL_ID CLIENT_ID PROGRAM REFERRAL_DATE SERVICE_CODE MODIFIER STATUS REFER_TO NOTE",
}
COLUMNS = {table: header.split() for table, header in HEADERS.items()}
CODES = {
    "organizations": {"plan": "bay-laurel", "elder": "elder-county", "willow": "willow-county"},
    "purpose": {"care": "TREAT|CAREMGT"},
    "answer": {"Y": "yes", "N": "no"},
    "release_status": {"active": "active", "revoked": "inactive"},
    "row_type": {k: k for k in county_ehr.KINDS},
    "plan_status": {"active": "active"},
    "problem_status": {"active": "active"},
    "goal_status": {"active": "active"},
    "intervention_status": {"active": "in-progress"},
    "referral_status": {"sent": "requested", "accepted": "accepted"},
}
SOURCE = """\
title = "{title} (invented)"
layout = "county_ehr"
timezone = "America/Los_Angeles"
delivery = "full"
revokes = "status"
synthetic = true
part2 = false
dates = ["YYYY-MM-DD"]
[organization]
name = "{title} Behavioral Health"
[programmes]
MH = false
SUD = true
[codes]
sex = "sex.csv"
services = "services.csv"
{codes}
[absent]
{absent}
"""
SETTINGS = """\
[deployment]
namespace = "{run}"
secret_file = "secret.key"
[partners.bay-laurel]
name = "Bay Laurel Health Plan"
kind = "plan"
[servers.there]
base = "{base}"
audience = ["bay-laurel"]
purposes = ["CAREMGT"]
synthetic = true
"""
FATES = ("sent", "unchanged", "withheld", "held", "waiting", "refused")
_cins = itertools.count(90_007_000)


def cin() -> str:
    """One that nobody else in the session has."""
    number = next(_cins)
    return f"{number}{LETTERS[number % len(LETTERS)]}"


def word(stem: str) -> str:
    """A word that nobody else in the session uses; letters only, as in a name."""
    return stem + "".join("abcdefghijklmnop"[int(digit, 16)] for digit in uuid.uuid4().hex[:16])


class County:
    """Rows by table; `Gateway.take` writes them. Each maker returns its row, to be changed later.

    People are called by a short word (`who`); in the files they have numbers that nobody else in the session has.
    """

    def __init__(self, name: str = "elder-county") -> None:
        self.name, self.stamp = name, word("")
        self.rows: dict[str, list[dict[str, str]]] = {table: [] for table in COLUMNS}

    def id(self, who: str) -> str:
        return who + self.stamp

    def client(self, who: str, *, plan: str = MH, **cells: str) -> dict[str, str]:
        """Somebody with a plan in that programme, unless `plan` is empty."""
        if plan:
            self.plan(who, plan)
        default = {
            "PROGRAM": MH,
            "CIN": cin(),
            "LAST_NAME": word("Zeb"),
            "FIRST_NAME": "Ana",
            "DOB": "1980-02-03",
            "SEX": "F",
        }
        return self._add("clients", CLIENT_ID=self.id(who), **default | cells)

    def release(self, who: str, **cells: str) -> dict[str, str]:
        """A yes to the plan, substance use data included."""
        own, number = self.name.removesuffix("-county"), len(self.rows["releases"]) + 1
        default = {
            "RELEASE_TO": "plan", "RELEASE_FROM": own, "PURPOSE": "care", "SHARE": "Y", "SUD": "Y", "STATUS": "active",
            "SIGNED": "2026-01-05", "EXPIRES": "2099-12-31",
        }  # fmt: skip
        return self._add("releases", RELEASE_ID=f"R{number}", CLIENT_ID=self.id(who), **default | cells)

    def plan(self, who: str, programme: str) -> None:
        """A plan with a problem, a goal and an intervention, and a referral; every text of it is unique."""
        client, stem = self.id(who), f"{programme.capitalize()}words"
        head = {
            "PLAN_ID": f"{who}-{programme}",
            "CLIENT_ID": client,
            "PROGRAM": programme,
            "STATUS": "active",
            "START": "2026-02-01",
        }
        for kind, code, modifier in (
            ("plan", "", ""),
            ("problem", "F32.1", ""),
            ("goal", "", ""),
            ("intervention", "H0043", "U6"),
        ):
            told = {"ROW_TYPE": kind, "ITEM_NO": "" if kind == "plan" else "1", "CODE": code, "MODIFIER": modifier}
            self._add("plans", **head, **told, DESCRIPTION=word(stem))
        asked = {
            "SERVICE_CODE": "H0043",
            "MODIFIER": "U6",
            "STATUS": "sent",
            "REFER_TO": "plan",
            "REFERRAL_DATE": "2026-02-02",
        }
        self._add("referrals", REFERRAL_ID=word(stem), CLIENT_ID=client, PROGRAM=programme, **asked, NOTE=word(stem))

    def row(self, table: str, who: str, **like: str) -> dict[str, str]:
        """The one row of somebody whose cells are like that."""
        like["CLIENT_ID"] = self.id(who)
        (found,) = [row for row in self.rows[table] if like.items() <= row.items()]
        return found

    def marks(self, who: str) -> set[str]:
        """Who somebody is, in words that stand for nobody else."""
        row = self.row("clients", who)
        return {row["CLIENT_ID"], row["CIN"], row["LAST_NAME"]}

    def texts(self, who: str, programme: str) -> set[str]:
        """What plans and referrals of one programme say of somebody: title, problem, goal, service, number, note."""
        rows = [
            r
            for t in ("plans", "referrals")
            for r in self.rows[t]
            if (r["CLIENT_ID"], r["PROGRAM"]) == (self.id(who), programme)
        ]
        return {row[column] for row in rows for column in ("DESCRIPTION", "REFERRAL_ID", "NOTE") if column in row}

    def _add(self, table: str, **cells: str) -> dict[str, str]:
        self.rows[table].append(cells)
        return cells


def write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, columns, restval="")
        lines.writeheader()
        lines.writerows(rows)


class Gateway:
    """A workspace with one server, used as a person would, by commands: here, or in a process of their own (`ask`)."""

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.run_tag, self._taken = folder, word("run-"), itertools.count(1)
        for name, title in (("elder-county", "Elder County"), ("willow-county", "Willow County")):
            self.source(name, title)
        for name, lines in CODES.items():
            rows = [{"source": source, "target": target, "display": target} for source, target in lines.items()]
            write(folder / "profiles" / "codes" / f"{name}.csv", ("source", "target", "display"), rows)
        (folder / "secret.key").write_text(uuid.uuid4().hex, encoding="ascii")
        self.point(base)

    def point(self, base: str) -> None:
        """From now on the server is there."""
        text = SETTINGS.format(run=self.run_tag, base=base)
        (self.folder / "nwd.toml").write_text(text, encoding="utf-8")

    def source(self, name: str, title: str) -> None:
        """What the source is called, and how it spells: the layout's own names, columns that no test needs left out."""
        tables = {t.name: [f.name for f in t.fields if f.name not in COLUMNS[t.name]] for t in county_ehr.TABLES}
        path = self.folder / "profiles" / "sources" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = SOURCE.format(
            title=title,
            codes="\n".join(f'{code} = "{code}.csv"' for code in CODES),
            absent="\n".join(f"{table} = {json.dumps(columns)}" for table, columns in tables.items()),
        )
        path.write_text(text, encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "nowrongdoor", words[0], "--workspace", str(self.folder), *words[1:]]

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return subprocess.run(
            self.command(*words), capture_output=True, text=True, encoding="utf-8", check=False, timeout=300
        )

    def told(self, words: Sequence[str], ends: Sequence[int]) -> dict[str, Any]:
        """What one command prints as JSON, run in this process; it must end with one of these exit codes."""
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(printed), pytest.raises(SystemExit) as ended:
            main([words[0], "--workspace", str(self.folder), "--json", *words[1:]])
        printed.flush()
        text = printed.buffer.getvalue()
        assert ended.value.code in ends, text
        said: dict[str, Any] = json.loads(text)
        return said

    def take(self, county: County, *expected: int) -> dict[str, Any]:
        """The county's files as they are, taken in; the accounting. `expected`: exit codes that are fine, else 0."""
        return self.take_files(county.name, sorted(self.written(county)), *expected)

    def written(self, county: County, tables: Sequence[str] = ()) -> list[Path]:
        """Files of these tables, or of all, as they are now."""
        folder = self.folder.parent / f"files-{next(self._taken)}"
        for table in tables or county.rows:
            write(folder / f"{table}.csv", COLUMNS[table], county.rows[table])
        return [folder / f"{table}.csv" for table in tables or county.rows]

    def take_files(self, source: str, files: Sequence[Path], *expected: int) -> dict[str, Any]:
        return self.told(["intake", "--source", source, *map(str, files)], expected or (0,))

    def push(self, *expected: int) -> dict[str, Any]:
        """What was said of the delivery, whose tally must add up. `expected`: exit codes that are fine, else 0."""
        said = self.told(["push", "there"], expected or (0,))
        assert said["due"] == sum(said[fate] for fate in FATES)
        return said
