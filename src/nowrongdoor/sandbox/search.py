"""What a resource can be found by, and what a search asks for: both as words of (parameter, value, system).

R4 search page (https://hl7.org/fhir/R4/search.html): token, reference, string and date parameters without modifiers or
chains. A date is kept as its span: `value` its first instant, `system` the first instant after it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

from nowrongdoor.model.core import Resource
from nowrongdoor.sandbox.moments import span
from nowrongdoor.sandbox.problem import Problem
from nowrongdoor.sandbox.vocabulary import TYPES, parameters, references

Word: TypeAlias = tuple[str, str, str]  # parameter, value, system
Pairs: TypeAlias = Sequence[tuple[str, str]]
Asked: TypeAlias = tuple[str, tuple[str, ...]]  # a condition on a word, and its arguments

POINTS_TO = "->"  # the parameter under which every reference within this server stands
PAGE, PAGE_LIMIT, ALTERNATIVES = 50, 1000, 500
_ORDERS = {"_lastUpdated": "seq", "-_lastUpdated": "seq DESC", "_id": "id", "-_id": "id DESC"}
_RESULT = {"_sort", "_count", "_summary", "_total"}
_LOCAL = re.compile(r"([A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")
_PREFIXED = re.compile(r"(eq|gt|ge|lt|le)?(\d.*)")


class Query(NamedTuple):
    """A search of one type as understood."""

    type: str
    asked: tuple[tuple[str, tuple[Asked, ...]], ...]  # parameter, alternatives
    order: str = "seq"
    size: int = PAGE
    total_only: bool = False
    text: str = ""  # the parameters understood, as a query string

    @property
    def sql(self) -> tuple[str, list[str]]:
        """A SELECT of the `seq` of every current version that fits, and its arguments."""
        text, args = "SELECT seq FROM version WHERE type = ? AND current AND body IS NOT NULL", [self.type]
        for parameter, either in self.asked:
            conditions = " OR ".join(condition for condition, _ in either)
            text += f" AND seq IN (SELECT seq FROM word WHERE parameter = ? AND type = ? AND ({conditions}))"  # noqa: S608  # conditions are this module's own text
            args += [parameter, self.type, *(arg for _, given in either for arg in given)]
        return f"{text} ORDER BY {self.order}", args


# what a resource says ----------------------------------------------------


def words(resource: Resource, base: str) -> set[Word]:
    """All that a resource is found by, and all that it points to on this server. Problem 400: a broken reference."""
    return set(_own_words(resource, base)) | {(POINTS_TO, id_, type_) for type_, id_ in _pointers(resource, base)}


def _own_words(resource: Resource, base: str) -> Iterator[Word]:
    meta, type_ = resource["meta"], resource["resourceType"]
    yield "_id", resource["id"], ""
    yield "_lastUpdated", *span(meta["lastUpdated"])
    for parameter, element, code in (("_tag", "tag", "code"), ("_security", "security", "code")):
        yield from _tokens(parameter, meta.get(element), code)
    if "identifier" in parameters(type_):
        yield from _tokens("identifier", resource.get("identifier"), "value")
    for parameter, element in references(type_).items():
        for reference in _dicts(resource.get(element)):
            system, id_ = _split(reference.get("reference"), base)
            if id_ and (parameter != "patient" or system.rpartition("/")[2] == "Patient"):
                yield parameter, id_, system
    if type_ == "Patient":
        yield from _patient(resource)


def _patient(resource: Resource) -> Iterator[Word]:
    for name in _dicts(resource.get("name")):
        for element in ("family", "given", "prefix", "suffix", "text"):
            for part in _texts(name.get(element)):
                yield "name", _folded(part), ""
                if element == "family":
                    yield "family", _folded(part), ""
    for born in _texts(resource.get("birthDate")):
        try:
            yield "birthdate", *span(born)
        except (ValueError, OverflowError):
            continue  # content is not validated here; what is no date is found by no date


def _tokens(parameter: str, coded: Any, code: str) -> Iterator[Word]:
    for one in _dicts(coded):
        for value in _texts(one.get(code)):
            yield parameter, value, next(_texts(one.get("system")), "")


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))


def _texts(value: Any) -> Iterator[str]:
    return (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _split(reference: Any, base: str) -> tuple[str, str]:
    """("Patient", id) of a reference within this server, ("https://…/Patient", id) of one outside, else two ""."""
    if not isinstance(reference, str):
        return "", ""
    system, _, id_ = reference.removeprefix(f"{base}/").partition("/_history/")[0].rpartition("/")
    return (system, id_) if system else ("", "")


def reference_holders(resource: Resource) -> Iterator[dict[str, Any]]:
    """Every object with a literal `reference` anywhere in a resource; what a stored Bundle holds keeps its own."""
    heap: list[Any] = [] if resource.get("resourceType") == "Bundle" else [resource]
    while heap:
        one = heap.pop()
        if isinstance(one, dict):
            if isinstance(one.get("reference"), str):
                yield one
            heap.extend(one.values())
        elif isinstance(one, list):
            heap.extend(one)


def _pointers(resource: Resource, base: str) -> Iterator[tuple[str, str]]:
    for holder in reference_holders(resource):
        reference = holder["reference"].removeprefix(f"{base}/")
        local = _LOCAL.fullmatch(reference)
        if local and local[1] in TYPES:
            yield local[1], local[2]
        elif reference.startswith("urn:"):
            raise Problem(400, "not-found", "A urn reference points to no entry of a transaction with that fullUrl.")
        elif not reference.startswith("#") and "://" not in reference:
            raise Problem(400, "value", "A reference is neither Type/id, nor contained, nor absolute.")


# what a search asks ------------------------------------------------------


def understood(type_: str, pairs: Pairs, base: str, *, lenient: bool = False) -> Query:
    """A search as FHIR writes it. Problem 400: a parameter unknown here (unless lenient), a bad value."""
    known = parameters(type_)
    kept = [(name, value) for name, value in pairs if name in known or name in _RESULT]
    if len(kept) < len(pairs) and not lenient:
        names = ", ".join(sorted({*known, *_RESULT}))
        raise Problem(400, "not-supported", f"Unknown search parameter or modifier; {type_} has {names}.")
    asked = tuple((name, tuple(_either(known[name], value, base))) for name, value in kept if name in known)
    if any(len(either) > ALTERNATIVES for _, either in asked):
        raise Problem(400, "too-costly", f"More than {ALTERNATIVES} alternatives of one parameter.")
    result = {name: value for name, value in kept if name in _RESULT}
    if result.get("_total", "none") not in {"none", "estimate", "accurate"}:
        raise Problem(400, "value", "_total is none, estimate or accurate.")
    if result.get("_summary", "false") not in {"count", "false"}:
        raise Problem(400, "not-supported", "_summary is count or false here.")
    count = counted(result.get("_count"))
    total_only = result.get("_summary") == "count" or count == 0
    return Query(type_, asked, _order(result.get("_sort", "_lastUpdated")), count, total_only, urlencode(kept))


def condition(type_: str, pairs: Pairs, base: str) -> Query:
    """The criteria of a conditional create or update. Problem 400: none given, or one that only shapes a result."""
    if not pairs or any(name in _RESULT for name, _ in pairs):
        raise Problem(400, "invalid", "A condition needs search criteria, and nothing but criteria.")
    return understood(type_, pairs, base)


def counted(text: str | None) -> int:
    """`_count` as a number, at most PAGE_LIMIT."""
    if text is None:
        return PAGE
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Problem(400, "value", "_count is not a whole number.")
    return min(int(text), PAGE_LIMIT)


def _order(text: str) -> str:
    try:
        return ", ".join(_ORDERS[key] for key in text.split(","))
    except KeyError:
        raise Problem(400, "not-supported", "_sort is _lastUpdated or _id here, with or without a minus.") from None


def _either(kind: str, text: str, base: str) -> Iterable[Asked]:
    for part in re.split(r"(?<!\\),", text):
        value = re.sub(r"\\([,|$\\])", r"\1", part)
        if not value or value == "|":
            raise Problem(400, "value", "A search parameter has no value.")
        match kind:
            case "date":
                yield _date(value)
            case "string":
                yield "value >= ? AND value < ?", (_folded(value), _folded(value) + "\U0010ffff")
            case "reference":
                system, _, id_ = value.removeprefix(f"{base}/").rpartition("/")
                yield ("value = ? AND system = ?", (id_, system)) if system else ("value = ?", (id_,))
            case _:
                yield _token(value)


def _token(text: str) -> Asked:
    system, bar, value = text.partition("|")
    if not bar:
        return "value = ?", (text,)
    return ("value = ? AND system = ?", (value, system)) if value else ("system = ?", (system,))


def _date(text: str) -> Asked:
    prefixed = _PREFIXED.fullmatch(text.replace(" ", "+"))  # a zone's plus that nobody escaped arrives as a blank
    try:
        low, high = span(prefixed[2] if prefixed else "")
    except (ValueError, OverflowError):
        raise Problem(400, "value", "Not a date, or a prefix other than eq, gt, ge, lt, le.") from None
    match prefixed and prefixed[1]:
        case "gt":
            return "system > ?", (high,)
        case "ge":
            return "value >= ?", (low,)
        case "lt":
            return "value < ?", (low,)
        case "le":
            return "system <= ?", (high,)
        case _:
            return "value >= ? AND system <= ?", (low, high)
