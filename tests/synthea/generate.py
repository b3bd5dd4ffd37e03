"""Invents Californians with Synthea 3.3.0: `python -m synthea.generate SEED FOLDER`, in the folder of the tests.

FOLDER/csv gets the CSV export, FOLDER/fhir the same people as NDJSON by type. Half a minute, once Maven has its jars.
"""

import sys
from pathlib import Path

from servers.start import JAVA, program, run

POM = Path(__file__).with_name("pom.xml")
DAY = "20260101"  # of the population and of its last event: without it the result follows the clock
EXPORTS = {
    "baseDirectory": ".",
    "csv.export": "true",
    "fhir.bulk_data": "true",  # NDJSON; else a Bundle a person, in files named after them
    "fhir.included_resources": "Patient,CarePlan,Condition",
    "hospital.fhir.export": "false",
    "practitioner.fhir.export": "false",
    "years_of_history": "5",  # what ended before them is left out
}


def invent(seed: int, folder: Path, alive: int = 20) -> None:
    """`alive` people and whoever died meanwhile. Raises CannotStart where Java or Maven is missing or fails."""
    jars = folder / "classpath.txt"
    run([program("mvn"), "-B", "-q", "-f", str(POM), "dependency:build-classpath", f"-Dmdep.outputFile={jars}"], folder)
    path = jars.read_text(encoding="utf-8").strip()
    java = [program("java"), *JAVA, "-Duser.timezone=UTC", "-cp", path, "App"]  # the CSV's days are UTC's
    people = ["-s", str(seed), "-cs", str(seed), "-r", DAY, "-e", DAY, "-p", str(alive)]
    run([*java, *people, *(f"--exporter.{key}={told}" for key, told in EXPORTS.items()), "California"], folder)


if __name__ == "__main__":
    target = Path(sys.argv[2]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    invent(int(sys.argv[1]), target)
