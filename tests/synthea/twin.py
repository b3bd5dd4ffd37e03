"""What the route makes of Synthea's CSV, beside Synthea's own FHIR of the same people.

Both are looked at in one way, with two normalisations and no more: the CSV writes `California` where the FHIR writes
`CA`, and its dates have no time.
"""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import orjson

from nowrongdoor import settings, sources
from nowrongdoor.flow import prepare
from nowrongdoor.flow.folder import translate

MOMENT = datetime(2026, 11, 24, 12, tzinfo=UTC)
FILES = ("patients", "careplans", "conditions")


class Pair:
    """One run of the generator: its CSV (`rows`), its FHIR (`twin`), and what we make of the CSV (`ours`)."""

    def __init__(self, folder: Path, out: Path) -> None:
        files = {name: folder / "csv" / f"{name}.csv" for name in FILES}
        self.rows = {name: rows_of(path) for name, path in files.items()}
        self.context = (run := prepare(sources.load("synthea"), settings.load(None, {}), MOMENT)).context
        self.accounting = translate(list(files.values()), run, out)
        self.refusals, self.warnings = (lines(out / f"{name}.ndjson") for name in ("refusals", "warnings"))
        self.ours, self.twin = Graph(out, self.synthea_id), Graph(folder / "fhir", lambda patient: patient["id"])

    def synthea_id(self, patient):
        system = f"{self.context.ids}record/synthea"
        return next(i["value"] for i in patient["identifier"] if i["system"] == system)

    def our_plan(self, id_):
        """The CarePlan of a row's id."""
        return self.ours.plans[self.context.id("plan", id_)]


class Graph:
    """Patients by Synthea's id, CarePlans and Conditions by their own, of one folder of NDJSON."""

    def __init__(self, folder: Path, synthea_id) -> None:
        patients, plans, conditions = (lines(folder / f"{t}.ndjson") for t in ("Patient", "CarePlan", "Condition"))
        self.people = {synthea_id(p): p for p in patients}
        self.plans = {p["id"]: p for p in plans}
        self.conditions = {c["id"]: c for c in conditions}
        self._known = {p["id"]: synthea_id(p) for p in patients}

    def plan(self, p):
        """Whom a plan is for, when it held, its status and category codes."""
        return self._of(p), {k: v[:10] for k, v in p["period"].items()}, p["status"], [codes(c) for c in p["category"]]

    def reasons(self, p):
        """Codes of the conditions that a plan points at."""
        return {
            code
            for a in p.get("addresses", ())
            if "reference" in a
            for code in codes(self.conditions[id_of(a)]["code"])
        }

    def problems(self):
        """Each condition as (whose, code, onset day, abatement day, status), and how many say just that."""
        return Counter(
            (self._of(c), codes(c["code"]), *days(c, "onsetDateTime", "abatementDateTime"), codes(c["clinicalStatus"]))
            for c in self.conditions.values()
        )

    def _of(self, resource):
        return self._known[id_of(resource["subject"])]


def person(p):
    """Names, birth date, gender, addresses and day of death."""
    names = {n["use"]: [n.get(part) for part in ("family", "given", "prefix", "suffix")] for n in p["name"]}
    return names, p["birthDate"], p["gender"], [address(a) for a in p["address"]], *days(p, "deceasedDateTime")


def address(a):
    state = "CA" if a["state"] == "California" else a["state"]
    return a["line"], a["city"], state, a["postalCode"]


def differences(twin, ours):
    """By key: what each says, where they do not say the same."""
    return {k: (twin.get(k), ours.get(k)) for k in twin.keys() | ours.keys() if twin.get(k) != ours.get(k)}


def days(resource, *elements):
    return tuple(resource.get(e, "")[:10] for e in elements)


def codes(concept):
    return tuple((c["system"], c["code"]) for c in concept["coding"])


def id_of(reference):
    """From `Type/id` or `urn:uuid:id`."""
    return reference["reference"].replace(":", "/").rpartition("/")[2]


def lines(path):
    """Empty where there is no such file: nothing of that type was written."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
