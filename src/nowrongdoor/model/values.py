"""What a CIN, an NPI, a phone number, a ZIP, a county and a code look like, and what is wrong where one does not.

Pure functions over trimmed text. `Bad` is "not one"; `Warned` is "taken, but a person should look". No text of either
holds the cell's value. Rules are the D-numbers of the dirty-data list, or words of ours where none applies.
"""

import re
from functools import lru_cache
from typing import Any


class Bad(ValueError):  # noqa: N818  # a value of a cell, not an error of the program; layouts read `raise Bad`
    """A cell that is not what its column says. `rule`, `cause` and `cure` never hold the value."""

    def __init__(self, rule: str, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.rule, self.cause, self.cure = rule, cause, cure


class Warned(Bad):
    """A cell that was read, with a warning: `value` is what the reader would have returned."""

    def __init__(self, rule: str, cause: str, cure: str, value: Any) -> None:
        super().__init__(rule, cause, cure)
        self.value = value

    def about(self, value: Any) -> "Warned":
        """The same warning about what was made of the value since."""
        return Warned(self.rule, self.cause, self.cure, value)


# identifiers -------------------------------------------------------------

_LETTERS = "ACDEFGHMNTUVWXYZ"
_CIN = re.compile(rf"(9[0-9]{{7}}[{_LETTERS}])([0-9](?:[0-9]{{4}})?)?")  # CIN, + check digit, + date of issue YDDD
_CIN_LOOSE = re.compile(rf"[0-9]{{8}}[{_LETTERS}]")
_MISREAD = str.maketrans("OQILSBZ", "0011582")
_SSN = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?E[-+]?[0-9]+|[0-9]+\.[0-9]+|INF", re.IGNORECASE)
_CARD = "compare with the Benefits Identification Card and correct the cell"
_AS_TEXT = "export the column again as text; the digits that were lost are not in this file"


def spreadsheet_damage(text: str) -> Bad | None:
    """D25: an identifier that a spreadsheet took for a number (E notation with a sign or a point, a decimal point)."""
    if _SCIENTIFIC.fullmatch(text) and not text.isalnum():
        return Bad("D25", "an identifier that a spreadsheet turned into a number", _AS_TEXT)
    return None


def ssn_shape(text: str) -> Bad | None:
    """D28: written as a Social Security number, which is never kept."""
    if _SSN.fullmatch(text):
        return Bad("D28", "looks like a Social Security number", "remove it; this column takes another identifier")
    return None


def cin(text: str) -> tuple[str, str]:
    """A Medi-Cal Client Index Number, and the rest of its card number (check digit, date of issue) or "".

    Shape as in LA DMH RMD Bulletin NGA 12-041. D20 and D21 are normalised; a first digit other than 9 is `Warned` of.
    """
    short = text.upper().replace(" ", "").replace("-", "")
    if found := _CIN.fullmatch(short):
        return found[1], found[2] or ""
    if _CIN_LOOSE.fullmatch(short):
        raise Warned("cin-shape", "a CIN that does not start with 9", _CARD, (short, ""))
    raise spreadsheet_damage(text) or ssn_shape(text) or _not_a_cin(short)


def _not_a_cin(short: str) -> Bad:
    if re.fullmatch("9[0-9]{8}", short):
        return Bad("D23", "a digit stands where the CIN has its letter", _CARD)
    if re.fullmatch("[0-9]{9}", short):
        return Bad("D28", "nine digits: a Social Security number, not a CIN", "remove it and write the CIN")
    if _SCIENTIFIC.fullmatch(short) or re.fullmatch("9[0-9]{9}", short):
        return Bad("D25", "digits only: a spreadsheet may have taken the letter E for an exponent", _AS_TEXT)
    if re.fullmatch("[0-9]{8}[A-Z]", short):
        return Bad("D24", "a letter that no CIN ends with; O, I, L, S and B are often 0, 1, 1, 5 and 8 misread", _CARD)
    if _CIN.fullmatch(short[:8].translate(_MISREAD) + short[8:]):
        return Bad(
            "D22",
            "a letter stands among the first eight characters, which are digits",
            "read O as 0, I and L as 1, S as 5, B as 8, Z as 2 if the card says so, and correct the cell",
        )
    return Bad("cin-shape", "not a CIN: 9, seven digits and one letter", _CARD)


@lru_cache(maxsize=4096)
def npi(text: str) -> str:
    """A National Provider Identifier: ten digits that pass the Luhn check with the prefix 80840 (45 CFR 162.406)."""
    if re.fullmatch("[0-9]{10}", text):
        # the prefix adds 24; from the left, every other digit of ten counts twice
        doubled = (sum(divmod(2 * int(d), 10)) for d in text[::2])
        if (24 + sum(doubled) + sum(map(int, text[1::2]))) % 10 == 0:
            return text
    raise Bad("npi-check", "not an NPI: ten digits with a valid check digit", "look the number up in NPPES")


# where people are --------------------------------------------------------

_PHONE = re.compile(r"(?:1|\+1)?([2-9][0-8][0-9])([2-9][0-9]{2})([0-9]{4})(?:(?:x|ext|extension|#)([0-9]{1,6}))?")
_PHONE_NOISE = str.maketrans("", "", " .-()/:\t")


def phone(text: str) -> str:
    """A North American number as 559-555-0111, or 559-555-0111 ext. 12; any other text is kept with a warning (D51)."""
    if found := _PHONE.fullmatch(text.casefold().translate(_PHONE_NOISE)):
        area, exchange, line, extension = found.groups()
        return f"{area}-{exchange}-{line}" + (f" ext. {extension}" if extension else "")
    cause = "an e-mail address in a phone cell" if "@" in text else "not a ten-digit phone number"
    raise Warned("D51", cause, "correct the number; until then it is kept as written", text)


def email(text: str) -> str:
    """An e-mail address as written; any other text is kept with a warning (D51)."""
    if re.fullmatch(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}", text):
        return text
    raise Warned("D51", "not an e-mail address", "correct the address; until then it is kept as written", text)


@lru_cache(maxsize=4096)
def zip_code(text: str, width: int = 0) -> str:
    """A ZIP as 93901 or 93901-1234. `width`: what the source declares; only then is a lost zero put back (D26)."""
    digits = text.replace("-", "").replace(" ", "")
    if re.fullmatch("[0-9]{4,9}", digits):
        digits = digits.zfill(width)
        if len(digits) == 5:
            return digits
        if len(digits) == 9:
            return f"{digits[:5]}-{digits[5:]}"
    raise Warned("D54", "not a ZIP of five or nine digits", "correct the ZIP; until then it is kept as written", text)


COUNTIES = (
    "Alameda", "Alpine", "Amador", "Butte", "Calaveras", "Colusa", "Contra Costa", "Del Norte", "El Dorado", "Fresno",
    "Glenn", "Humboldt", "Imperial", "Inyo", "Kern", "Kings", "Lake", "Lassen", "Los Angeles", "Madera", "Marin",
    "Mariposa", "Mendocino", "Merced", "Modoc", "Mono", "Monterey", "Napa", "Nevada", "Orange", "Placer", "Plumas",
    "Riverside", "Sacramento", "San Benito", "San Bernardino", "San Diego", "San Francisco", "San Joaquin",
    "San Luis Obispo", "San Mateo", "Santa Barbara", "Santa Clara", "Santa Cruz", "Shasta", "Sierra", "Siskiyou",
    "Solano", "Sonoma", "Stanislaus", "Sutter", "Tehama", "Trinity", "Tulare", "Tuolumne", "Ventura", "Yolo", "Yuba",
)  # fmt: skip  # DHCS numbers them 01 to 58 in this order, FIPS 001 to 115 by odd numbers
_BY_NAME = {name.casefold(): name for name in COUNTIES}
_BY_DHCS = {f"{n:02d}": name for n, name in enumerate(COUNTIES, 1)}
_BY_FIPS = {f"{state}{2 * n - 1:03d}": name for n, name in enumerate(COUNTIES, 1) for state in ("", "06")}


@lru_cache(maxsize=1024)
def county(text: str, numbers: str = "dhcs") -> str:
    """A California county by its name, from a name, "X County", "County of X" or a number.

    `numbers`: "dhcs" or "fips", as the source declares: 37 is San Diego to DHCS and 037 is Los Angeles to FIPS (D55).
    """
    name = text.casefold().removesuffix(" county").removeprefix("county of ").strip()
    by_number = _BY_FIPS if numbers == "fips" else _BY_DHCS
    if found := _BY_NAME.get(name) or by_number.get(name):
        return found
    cure = "write the name, or declare which numbers the source uses (dhcs or fips)"
    raise Warned("D55", "not a California county by name or declared number", cure, text)


# what is wrong, and what is asked for ------------------------------------

# letters other than A and X stand only in the third, fourth and seventh place
_ICD10 = re.compile(
    r"([A-Z][0-9][0-9AB])\.?((?:[0-9A-Z](?:[0-9AX](?:[0-9AX][0-9A-Z]?)?)?)?)(?:\s*[-:;,–]?\s+(\S.*))?",
    re.IGNORECASE | re.DOTALL,
)
_ICD10_AGAIN = re.compile(r"\b[A-Z][0-9][0-9AB]\.[0-9A-Z]", re.IGNORECASE)
_ICD9 = re.compile(r"(?:[0-9]{3}|V[0-9]{2}|E[0-9]{3})\.[0-9]{1,2}\b.*", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=4096)
def icd10(text: str) -> tuple[str, str]:
    """An ICD-10-CM code with its dot, and the text written beside it (D49). Only the shape is looked at."""
    cure = "write one ICD-10-CM code; until then the cell is kept as text"
    if _ICD9.fullmatch(text):
        raise Warned("D49", "an ICD-9 code", cure, ("", text))
    if not (found := _ICD10.fullmatch(text)):
        raise Warned("D49", "no ICD-10-CM code", cure, ("", text))
    category, rest, words = found[1].upper(), found[2].upper(), found[3] or ""
    if _ICD10_AGAIN.search(words):
        raise Warned("D44", "several codes in a cell whose source declares no separator", cure, ("", text))
    return (f"{category}.{rest}" if rest else category), words


# HCPCS level II or CPT; a glued modifier starts with a letter, or T42041 would be T4204 and half of something
_HCPCS = re.compile(r"([A-V][0-9]{4}|[0-9]{4}[0-9AFMTU])((?:[A-Z][A-Z0-9]){0,5}|(?:[-\s:,|+/]+[A-Z0-9]{2}){1,5})")


@lru_cache(maxsize=4096)
def hcpcs(text: str) -> tuple[str, tuple[str, ...]]:
    """A service code and its modifiers, in the order written: H0043U6, H0043-U6, `H0043 U6 GQ` (D50)."""
    if found := _HCPCS.fullmatch(text.upper()):
        modifiers = re.sub(r"[-\s:,|+/]", "", found[2])
        return found[1], tuple(modifiers[n : n + 2] for n in range(0, len(modifiers), 2))
    raise Bad("D50", "not a service code of five characters with two-character modifiers", "correct the code")
