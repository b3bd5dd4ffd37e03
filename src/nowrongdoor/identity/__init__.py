"""Are these two records the same person? Today's answer is never yes, only "possibly": they carry one CIN.

A Client Index Number is Medi-Cal's own and a person keeps it, so two sources that state the same one most likely
speak of one person. It is not firm: the number is copied by hand from cards, and a family's cards lie side by side.
Hence what an equal CIN carries across sources is only what protects: a "no" and a hold, never a "yes".
"""

from nowrongdoor.model import Person

CIN = "cin"  # the word of `Person.ids`, and of the identifier system at its end


def cins(person: Person) -> frozenset[str]:
    return frozenset(number for word, number in person.ids if word == CIN and number)


def possibly_same(a: Person, b: Person) -> bool:
    """Do two records of different sources state one CIN? Numbers are compared as the readers left them."""
    return bool(cins(a) & cins(b))
