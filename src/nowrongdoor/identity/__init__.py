"""Are these two records the same person? Today's answer is never yes, only "possibly": they state one CIN.

A Client Index Number is Medi-Cal's own and a person keeps it, so two sources that state the same one most likely
speak of one person. It is not firm: the number is copied by hand from cards, and a family's cards lie side by side.
Hence what an equal CIN carries across sources is only what protects: a "no" and a hold, never a "yes".
"""

import json
import re
from collections.abc import Iterable

from nowrongdoor.model import Broken, Coverage, Fact, Person, Stated

CIN = "cin"  # the word of `Person.ids`, and of the identifier system at its end
_SHAPE = re.compile(r"[0-9]{8}[A-Z]")  # a plan may count its members otherwise


def cins(facts: Iterable[Fact]) -> set[str]:
    """Every CIN that these facts of one person state, also in a row that was refused for something else."""
    found: set[str] = set()
    for fact in facts:
        if isinstance(fact, Person):
            found.update(number for word, number in fact.ids if word == CIN and number)
        elif isinstance(fact, Coverage) and _SHAPE.fullmatch(fact.member):
            found.add(fact.member)
        elif isinstance(fact, Stated) and fact.kind == "person":
            found.update(i["value"] for i in json.loads(fact.resource).get("identifier", ()) if _is_cin(i))
        elif isinstance(fact, Broken) and fact.cin:
            found.add(fact.cin)
    return found


def _is_cin(identifier: dict[str, str]) -> bool:
    """In a document, where the source's table of OIDs says which of them is the CIN's."""
    return identifier.get("system", "").endswith(f"/id/{CIN}")
