"""How many planned, goal and concern entries the public documents hold, counted by XPath-like steps and lxml alone.

    python tests/ccda/denominators.py CORPORA [--json]

What is counted, at any depth, in sections of any kind:
- **planned**: a clinical statement (act, encounter, observation, observationMedia, organizer, procedure,
  regionOfInterest, substanceAdministration, supply) whose moodCode is INT, RQO, GOL, ARQ, PRMS, PRP, DEF, APT or OPT.
  Not counted: EVN; `order` of the header; `observationRange` with EVN.CRT; what is no code (one example says XXX).
- **goals**: those of them with mood GOL.
- **concerns**: acts of the Health Concern or Risk Concern template, and any other direct entry of a Health Concerns
  section.
- **with content**: of planned and concerns, those that say anything besides ids, templates, status and time: a code,
  a translation, an original text, a text, a value or a product, of their own or, for acts that only hold others, of
  what they hold.
- **entries**: every clinical statement that hangs on an entry, an entryRelationship or a component.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parent))

from corpus import CORPORA, STATEMENTS, files, kids, kind, name, parse, statements, templates

PLANNED = {"INT", "RQO", "GOL", "ARQ", "PRMS", "PRP", "DEF", "APT", "OPT"}  # HL7 v3 ActMood, but for events
CONCERNS = {"2.16.840.1.113883.10.20.22.4.132", "2.16.840.1.113883.10.20.22.4.136"}
HEALTH_CONCERNS = "75310-3"  # LOINC: Health concerns Document


def planned(root: etree._Element) -> Iterator[etree._Element]:
    return (e for e in root.iter() if name(e) in STATEMENTS and e.get("moodCode") in PLANNED)


def concerns(root: etree._Element) -> Iterator[etree._Element]:
    for e in root.iter():
        if name(e) in STATEMENTS and e.get("moodCode", "EVN") == "EVN":
            direct = name(e.getparent()) == "entry" and _section(e) == HEALTH_CONCERNS
            if direct or CONCERNS.intersection(templates(e)):
                yield e


def has_content(statement: etree._Element) -> bool:
    return any(_says(e) for e in statement.iter() if isinstance(e.tag, str))


def _says(e: etree._Element) -> bool:
    if name(e) in {"code", "value", "translation"} and (e.get("code") or e.get("value")):
        return not (e.get("code") == "CONC" or name(e.getparent()) in {"assignedAuthor", "assignedEntity"})
    if name(e) in {"originalText", "text", "desc", "value"}:
        return bool("".join(e.itertext()).strip() or kids(e, "reference"))
    return False


def _section(e: etree._Element) -> str:
    while e is not None and name(e) != "section":
        e = e.getparent()
    codes = kids(e, "code") if e is not None else []
    return codes[0].get("code", "") if codes else ""


def count(root: etree._Element) -> dict[str, Any]:
    """The figures of one document or piece."""
    wanted, worries = list(planned(root)), list(concerns(root))
    return {
        "kind": kind(root),
        "entries": sum(1 for _ in statements(root)),
        "planned": len(wanted),
        "moods": dict(sorted(Counter(e.get("moodCode") for e in wanted).items())),
        "goals": sum(1 for e in wanted if e.get("moodCode") == "GOL"),
        "concerns": len(worries),
        "with_content": sum(1 for e in [*wanted, *worries] if has_content(e)),
    }


def census(corpora: Path, corpus: str) -> dict[str, dict[str, Any]]:
    """Figures by path relative to the folder of corpora; `{"kind": "refused"}` where a file is not well-formed."""
    found: dict[str, dict[str, Any]] = {}
    for path in files(corpora, corpus):
        where = path.relative_to(corpora).as_posix()
        try:
            found[where] = count(parse(path))
        except etree.XMLSyntaxError as error:
            found[where] = {"kind": "refused", "line": error.lineno}
    return found


def total(figures: dict[str, dict[str, Any]], what: str) -> int:
    return sum(f.get(what, 0) for f in figures.values())


def main(corpora: Path, *, as_json: bool) -> None:
    all_ = {corpus: census(corpora, corpus) for corpus in CORPORA}
    if as_json:
        json.dump(all_, sys.stdout, indent=1, sort_keys=True)
        return
    for corpus, figures in all_.items():
        kinds = Counter(f["kind"] for f in figures.values())
        sums = {w: total(figures, w) for w in ("entries", "planned", "goals", "concerns", "with_content")}
        print(corpus, len(figures), dict(kinds), sums)


if __name__ == "__main__":
    main(Path(sys.argv[1]), as_json="--json" in sys.argv)
