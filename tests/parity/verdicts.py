"""Do two checkers say the same of a resource: refused or not, and where?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from servers.validator import Said

# What HL7's validator refuses for want of terminology or by a slip of its own: (message, text, reason). Not counted.
EXTERNAL = (
    (
        r"Terminology_PassThrough_TX_Message",
        r'Code "[a-z-]+" is not in valueset: http://hl7\.org/fhir/ValueSet/languages$',
        "a preferred value set: no code of a language has to be in it; what its terminology service said is passed on",
    ),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Places of errors, as FHIRPath without indices, slices and types. `looked`: False where it was not validated."""

    places: frozenset[str]
    looked: bool = True

    @property
    def refused(self) -> bool:
        return bool(self.places)


def of_java(said: Sequence[Said], choices: re.Pattern[str]) -> Verdict:
    errors = (s for s in said if s.error and not external(s))
    looked = not any(s.unknown_profile or s.severity == "fatal" for s in said)
    return Verdict(frozenset(plain(s.location, choices) for s in errors), looked)


def external(said: Said) -> bool:
    return any(re.fullmatch(m, said.message) and re.search(t, said.text) for m, t, _ in EXTERNAL)


def plain(place: str, choices: re.Pattern[str]) -> str:
    """`Patient.extension[0].valueCoding` and `Patient.extension:race.value.ofType(Coding)` are one."""
    place = re.sub(r"/\*[^*]*\*/|\[[^\]]*\]|\.ofType\(\w+\)|:[\w-]+", "", place)
    steps = (step.removeprefix("_") for step in place.split("."))
    return ".".join(m[1] if (m := choices.fullmatch(step)) else step for step in steps)


def near(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Is one place of each the same, or what holds the other? A missing element is told at either."""
    theirs = set(theirs)
    return any(o == t or above(o) == t or o == above(t) for o in ours for t in theirs)


def above(place: str) -> str:
    return place.rpartition(".")[0]


def difference(ours: Verdict, java: Verdict) -> str:
    """ "accepts" or "refuses": only we do; "elsewhere": both refuse, at places that are not near; "" is agreement."""
    if ours.refused != java.refused:
        return "refuses" if ours.refused else "accepts"
    told = ours.refused and "" not in java.places  # where its parser ends with an exception, it tells no place
    return "elsewhere" if told and not near(ours.places, java.places) else ""
