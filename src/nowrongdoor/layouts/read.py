"""The words that cells are read with: `read.date`, `read.cin`, `read.yes_no`.

`text`, `key`, `date`, `moment` and `birth_date` refuse an empty cell; all others have a value for it, "" or None.
No reader knows the clock: "as-of" among a source's options is the day its file speaks of, where that is known.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from nowrongdoor.layouts.cells import (
    ABSENT_WORDS,
    AnyReader,
    Bound,
    Reader,
    absent,
    clean,
    fit,
    optional,
    or_blank,
    over,
    split,
    then,
    words_of,
)
from nowrongdoor.layouts.states import usps
from nowrongdoor.model import Code, Spelling, Who
from nowrongdoor.model import dates as _dates
from nowrongdoor.model import values as _values
from nowrongdoor.model.values import Bad, Warned

__all__ = [
    "ABSENT_WORDS", "Answer", "AnyReader", "Bad", "Bound", "Name", "Reader", "Street", "Warned", "absent",
    "birth_date", "cin", "clean", "county", "date", "date_or_blank", "diagnosis", "email", "end_date", "fit",
    "full_name", "initialled", "initials", "key", "labels", "line", "moment", "name_part", "npi", "optional",
    "or_blank", "phone", "place", "since", "split", "street", "surname", "text", "then", "who", "yes_no", "zip_code",
]  # fmt: skip

Answer: TypeAlias = Literal["yes", "no", ""]


# "do" is not one of them: it is a surname
DITTO = frozenset({'"', "''", "〃", "ditto", "ídem", "idem", "same as above"})


def _line(told: str) -> str:
    if told.casefold() in DITTO:
        raise Warned("D19", "a ditto mark instead of a value", "write the value out", "")
    if told[0] == "=":
        raise Warned("D62", "a formula, not a value", "export values, not formulas", told)
    return told


text = over(_line)  # text that must be there
line = over(_line, str)  # text, or ""


# identifiers -------------------------------------------------------------


@Bound
def key(spelling: Spelling, column: str) -> Reader[str]:
    """The source's own identifier, which must be there; zeros come back only to a declared width (D26)."""
    words, width = words_of(spelling), spelling.widths.get(column, 0)

    def read(told: str) -> str:
        if told.casefold() in words:
            raise Bad("D30", "a word for a missing value stands where a key must", "write the key")
        if not told.isascii():
            raise Bad("D05", "a key with characters outside ASCII", "write the key as the source's system shows it")
        if told.isalnum():
            return told.zfill(width) if told.isdigit() else told
        if damage := _values.spreadsheet_damage(told) or _values.ssn_shape(told):
            raise damage
        return told

    return over(read)


cin = or_blank(then(over(_values.cin), lambda card: card[0]), "")  # without the rest of its card number
npi = or_blank(over(_values.npi), "")


# days and times ----------------------------------------------------------


@Bound
def moment(spelling: Spelling, column: str) -> Reader[str]:
    """A date, or a date with time, in one of the source's formats, as FHIR writes it."""
    return over(_dates.parser(tuple(spelling.dates_of(column)), spelling.pivot, spelling.timezone))


date: Bound[str] = then(moment, lambda told: told[:10])  # the day as written, whatever the time beside it


@Bound
def _born(spelling: Spelling, column: str) -> Reader[str]:
    read, as_of = fit(date, spelling, column), spelling.options.get("as-of", "")
    oldest = f"{int(as_of[:4]) - 130}{as_of[4:10]}" if as_of else "1890"

    def read_born(cell: str) -> str:
        born = read(cell)
        if born < oldest[: len(born)] or (as_of and born > as_of):
            raise Bad("D40", "a birth date in the future, or more than 130 years ago", "correct the birth date")
        return born

    return read_born


birth_date = absent(_born)


@Bound
def end_date(spelling: Spelling, column: str) -> Reader[str]:
    """The last day, "" where the source says that there is none: empty, not applicable, or 12/31/9999 (D39)."""
    read = fit(date, spelling, column)
    open_ends = {"", *(word for word, reason in words_of(spelling).items() if reason == "not-applicable")}

    def read_end(cell: str) -> str:
        if clean(cell).casefold() in open_ends:
            return ""
        try:
            return read(cell)
        except _dates.Placeholder as placeholder:
            if placeholder.open_end:
                return ""
            raise

    return read_end


@Bound
def since(spelling: Spelling, column: str) -> Reader[str]:
    """Since when a row is true, "" where it does not say. Not later than the day its file speaks of."""
    read, as_of = fit(date_or_blank, spelling, column), spelling.options.get("as-of", "")

    def read_since(cell: str) -> str:
        told = read(cell)
        if as_of and told[: len(as_of)] > as_of:
            raise Bad("D40", f"{column} lies after the day that the file speaks of", "correct it, or say --as-of")
        return told

    return read_since


@Bound
def date_or_blank(spelling: Spelling, column: str) -> Reader[str]:
    """A day that need not be known: "" where the cell is empty, says so in a word, or holds a placeholder (D39)."""
    read = fit(or_blank(date, ""), spelling, column)

    def read_known(cell: str) -> str:
        try:
            return read(cell)
        except _dates.Placeholder:
            return ""

    return read_known


# people ------------------------------------------------------------------

_SUFFIX = re.compile(r"(?:JR|SR|II|III|IV|2ND|3RD)\.?", re.IGNORECASE)
_CREDENTIAL = re.compile(r"(?:MD|RN|LVN|LCSW|LMFT|LPCC|PHD|PSYD)\.?", re.IGNORECASE)
_UNNAMED = {"99900": "asked-declined", "99904": "asked-unknown"}  # CalOMS Tx writes them where a name goes (D29)


class Name(NamedTuple):
    """A name that came in one cell. `text`: as written; the parts are empty where no comma says which is which."""

    family: str
    given: tuple[str, ...]
    suffix: str
    text: str


def _part(told: str) -> str:
    if "," in told:
        raise Warned("D41", "a comma in a part of a name: perhaps the whole name", "write one part of the name", told)
    return told


def _surname(told: str) -> tuple[str, str]:
    words, suffix = told.replace(",", " ").split(), ""
    while len(words) > 1 and (_SUFFIX.fullmatch(words[-1]) or _CREDENTIAL.fullmatch(words[-1])):
        last = words.pop()
        suffix = last if _SUFFIX.fullmatch(last) else suffix
    if told.rstrip(",").count(",") and len(words) > 1:
        raise Warned("D41", "a comma in a surname: perhaps the whole name", "write the surname", (told, ""))
    return " ".join(words), suffix


def _full_name(told: str) -> Name:
    first, _, rest = told.partition(",")
    family, suffix = _surname(first)
    given = [word for word in rest.replace(",", " ").split() if not _SUFFIX.fullmatch(word)]
    suffix = suffix or next((word for word in rest.replace(",", " ").split() if _SUFFIX.fullmatch(word)), "")
    if family and given:
        return Name(family, tuple(given), suffix, told)
    cure = "write Last, First; until then it is kept as written"
    raise Warned("D41", "a whole name without a comma between its parts", cure, Name("", (), "", told))


name_part = absent(over(_part, str), _UNNAMED)  # a given or middle name, as written: never re-cased (D43)
surname = absent(over(_surname, lambda: ("", "")), _UNNAMED)  # (family name, suffix); a credential is left out (D42)
full_name = absent(over(_full_name, lambda: Name("", (), "", "")), _UNNAMED)  # Last, First Middle Suffix (D41)


def _who(told: str) -> Who:
    return (_values.npi(told), "") if told.isdecimal() else ("", told)


who = over(_who, lambda: ("", ""))  # a clinician: the NPI, if the cell is one, or the name as written


# where they are ----------------------------------------------------------

_HOMELESS = {
    "homeless", "unhoused", "unsheltered", "transient", "no fixed address", "nfa", "gd", "general delivery", "shelter",
    "streets", "lives in car",
}  # fmt: skip
_NO_ZIP = {"00000": "not-applicable", "xxxxx": "asked-declined", "zzzzz": "asked-unknown"}  # CalOMS Tx (D29)


class Street(NamedTuple):
    """Address lines; `text` holds the words instead where they are no address ("homeless", D53)."""

    lines: tuple[str, ...] = ()
    text: str = ""


def _street(told: str) -> Street:
    if told.casefold() in _HOMELESS:
        return Street(text=told)
    return Street((told,)) if told.isprintable() else Street(tuple(filter(None, map(str.strip, told.splitlines()))))


@Bound
def _zip(spelling: Spelling, column: str) -> Reader[str]:
    width = spelling.widths.get(column, 0)
    return over(lambda told: _values.zip_code(told, width), str)


@Bound
def _county(spelling: Spelling, _: str) -> Reader[str]:
    numbers = spelling.options.get("county", "dhcs")
    return over(lambda told: _values.county(told, numbers), str)


def _state(told: str) -> str:
    if code := usps(_line(told)):
        return code
    cure = "write its two letters; until then it stands in the text of the address alone"
    raise Warned("state", "no state or territory of the United States", cure, told)


street = absent(over(_street, Street))
place = absent(line)  # a city
state = absent(over(_state, str))
zip_code = absent(_zip, _NO_ZIP)
county = absent(_county)
phone = absent(over(_values.phone, str))
email = absent(over(_values.email, str))


# answers -----------------------------------------------------------------

_ANSWERS: Mapping[str, Answer] = {
    **dict.fromkeys(("x", "✓", "✔", "☑", "y", "yes", "1", "true", "on"), "yes"),
    **dict.fromkeys(("n", "no", "0", "false", "off"), "no"),
    "": "",
}
_NOT_INITIALS = {
    "na", "nk", "dk", "ok", "unk", "tbd", "nil", "non", "not", "nay", "nah", "neg", "dec", "ref", "del", "nc", "ill",
}  # fmt: skip


def yes_no(cell: str) -> Answer:
    """A tick box; "" where it is empty. Anything unknown refuses, and so grants nothing (D45)."""
    try:
        return _ANSWERS[clean(cell).casefold()]
    except KeyError:
        cure = "tick the box, write yes or no, or leave it empty"
        raise Bad("D45", "a box with something in it that is neither yes nor no", cure) from None


@Bound
def initials(spelling: Spelling, _: str) -> Reader[str]:
    """Who signed a box: two or three capitals that are no word; "" where the cell is anything else (D45)."""
    words = words_of(spelling).keys() | _NOT_INITIALS | _ANSWERS.keys()

    def read(cell: str) -> str:
        letters = clean(cell).replace(".", "").replace(" ", "")
        return letters if re.fullmatch("[A-Z]{2,3}", letters) and letters.casefold() not in words else ""

    return read


@Bound
def initialled(spelling: Spelling, column: str) -> Reader[Answer]:
    """A box that a person ticks, or signs with initials."""
    signed = initials.bind(spelling, column)
    return lambda cell: "yes" if signed(cell) else yes_no(cell)


# codes -------------------------------------------------------------------


# HL7 v3 of R4: Confidentiality, and in ActCode the sensitivity of information and the laws about privacy
LABELS = frozenset(
    re.findall(
        r"\S+",
        """
        U L M N R V
        ADOL B BH CEL COGN DEMO DIA DOB DRGIS DVD EMOTDIS EMP EMPL ETH ETHUD GDIS GENDER HIV LIVARG LOCIS MARST MH MST
        OPIOIDUD PDS PHY PRS PSY PSYTHPN RACE REL SCA SDV SEX SICKLE SPI SSP STD SUD TBOO VIO
        42CFRPART2 COMMONRULE HIPAANOPP HIPAAPSYNOTES HIPAASELFPAY TITLE38SECTION7332
        """,
    )
)
_AS_HL7_WRITES = {"42CFRPART2": "42CFRPart2", "COMMONRULE": "CommonRule", "HIPAAPSYNOTES": "HIPAAPsyNotes",
                  "HIPAASELFPAY": "HIPAASelfPay", "TITLE38SECTION7332": "Title38Section7332"}  # fmt: skip


@Bound
def labels(spelling: Spelling, column: str) -> Reader[tuple[str, ...]]:  # noqa: ARG001 - a reader's binding
    """Confidentiality and sensitivity codes in one cell: HL7's, or the source's own by its table (D44).

    A label that nobody understands refuses: what it would keep back must not leave.
    """
    own = spelling.code("confidentiality") if spelling.has_code("confidentiality") else {}

    def read(cell: str) -> tuple[str, ...]:
        words = re.findall(r"[^\s;,|]+", clean(cell).upper())
        told = tuple(own[word][0] if word in own else _AS_HL7_WRITES.get(word, word) for word in words)
        if all(label.upper() in LABELS for label in told):
            return told
        raise Bad(
            "label", "a confidentiality label that is no code of HL7's",
            'write codes, such as R or SUD, or map the source\'s own: [codes] confidentiality = "….csv"',
        )  # fmt: skip

    return read


def _coding(told: str) -> Code | None:
    try:
        code, words = _values.icd10(told)
    except Warned as warned:
        raise warned.about((*warned.value, "")) from None
    return code, words, "http://hl7.org/fhir/sid/icd-10-cm"


diagnosis = over(_coding, lambda: None)  # an ICD-10-CM code with its dot (D49); None where the cell is empty
