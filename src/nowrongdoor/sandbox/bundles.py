"""Transactions, where all entries hold or none does, and batches, where each stands alone.

R4: https://hl7.org/fhir/R4/http.html#transaction. Entries are carried out in the order DELETE, POST, PUT, GET.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlsplit

import orjson

from nowrongdoor.sandbox.interactions import Answer, Ask, Place, Turn, delete, matches, place, save, settle
from nowrongdoor.sandbox.lists import phrase
from nowrongdoor.sandbox.problem import Problem
from nowrongdoor.sandbox.search import reference_holders
from nowrongdoor.sandbox.vocabulary import TYPES

T = TypeVar("T")
Perform: TypeAlias = Callable[[Turn, Ask], Answer]


def process(turn: Turn, ask: Ask, perform: Perform) -> Answer:
    """A Bundle posted to the base. `perform` carries out one interaction by itself."""
    bundle = ask.body
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Problem(400, "invalid", "Only a Bundle can be posted here.")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or bundle.get("type") not in {"transaction", "batch"}:
        raise Problem(400, "invalid", "Only a Bundle of type transaction or batch can be posted here.")
    how = _together if bundle["type"] == "transaction" else _alone
    reply = [_reply(turn, answer) for answer in how(turn, ask, entries, perform)]
    body = {"resourceType": "Bundle", "type": f"{bundle['type']}-response"}
    return Answer(200, orjson.dumps({**body, "entry": reply} if reply else body))


def _asked(ask: Ask, entry: Any) -> Ask:
    """The interaction that an entry stands for. Problem 400: it is none that an entry may ask for."""
    request = entry.get("request") if isinstance(entry, dict) else None
    texts = {"url": "", "method": "", "ifMatch": "", **(request if isinstance(request, dict) else {})}
    method, url = texts["method"], texts["url"]
    if not all(isinstance(text, str) for text in texts.values()) or method not in {"GET", "POST", "PUT", "DELETE"}:
        raise Problem(400, "invalid", "An entry has no request with method GET, POST, PUT or DELETE.")
    parts = urlsplit(url.removeprefix(ask.base).lstrip("/"))
    path = tuple(parts.path.split("/"))
    lengths = {"GET": {1, 2, 3, 4}, "POST": {1}, "PUT": {1, 2}, "DELETE": {2}}[method]
    if len(path) not in lengths or (method != "GET" and path[0] not in TYPES):
        raise Problem(400, "invalid", "An entry's url is not that of a resource, type or search for its method.")
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    if query and method != "GET" and (method, len(path)) != ("PUT", 1):
        raise Problem(400, "not-supported", "An entry's url has parameters that its method does not take.")
    conditions = {"if_match": texts["ifMatch"], "if_none_exist": texts.get("ifNoneExist")}
    return Ask(method, path, ask.base, query, entry.get("resource"), prefer=ask.prefer, fresh=ask.fresh, **conditions)


@contextmanager
def _at(index: int) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        problem.where = problem.where or f"Bundle.entry[{index}]"
        raise


# transaction -------------------------------------------------------------


def _together(turn: Turn, ask: Ask, entries: Sequence[Any], perform: Perform) -> list[Answer]:
    asks: list[Ask] = []
    for i, entry in enumerate(entries):
        with _at(i):
            asks.append(_asked(ask, entry))
    limit = turn.habits.max_put_entries
    if limit and sum(a.method == "PUT" for a in asks) > limit:
        raise Problem(400, "too-costly", f"A transaction has at most {limit} PUT entries here.")
    deleted = _each(asks, ("DELETE",), lambda _, a: delete(turn, a))
    places = _each(asks, ("POST", "PUT"), lambda _, a: place(turn, a))
    _one_each([(p.type, p.id) for p in places.values()] + [asks[i].path for i in deleted])
    moved = _moved(entries, places)
    saved = _each(asks, ("POST", "PUT"), lambda i, a: save(turn, _rewritten(a, moved), places[i]))
    for i, at in places.items():
        if not at.found and len(matches(turn, asks[i]) or ()) > 1:
            raise Problem(400, "duplicate", "Two entries have one identity.")
    got = _each(asks, ("GET",), lambda _, a: perform(turn, a))
    answers = deleted | saved | got
    return [_trimmed(asks[i], answers[i]) for i in range(len(asks))]


def _each(asks: Sequence[Ask], methods: Sequence[str], act: Callable[[int, Ask], T]) -> dict[int, T]:
    """Done method by method; a Problem is told at which entry it came up."""
    done = {}
    for method in methods:
        for i, ask in enumerate(asks):
            if ask.method == method:
                with _at(i):
                    done[i] = act(i, ask)
    return done


def _one_each(identities: Sequence[tuple[str, ...]]) -> None:
    if len(set(identities)) < len(identities):
        raise Problem(400, "duplicate", "Two entries have one identity.")


def _moved(entries: Sequence[Any], places: Mapping[int, Place]) -> dict[str, str]:
    """What entries are called in this bundle → Type/id on this server."""
    moved: dict[str, str] = {}
    for i, at in places.items():
        full_url = entries[i].get("fullUrl")
        if not isinstance(full_url, str):
            continue
        if _called(full_url) in moved:
            raise Problem(400, "duplicate", "Two entries have one fullUrl.")
        moved[_called(full_url)] = f"{at.type}/{at.id}"
        type_, _, id_ = full_url.rpartition("/")
        if type_.rpartition("/")[2] == at.type:
            moved[f"{at.type}/{id_}"] = f"{at.type}/{at.id}"
    return moved


def _called(url: str) -> str:
    return url.lower() if url.lower().startswith("urn:uuid:") else url


def _rewritten(ask: Ask, moved: Mapping[str, str]) -> Ask:
    for holder in reference_holders(ask.body):
        holder["reference"] = moved.get(_called(holder["reference"]), holder["reference"])
    return ask


# batch -------------------------------------------------------------------


def _alone(turn: Turn, ask: Ask, entries: Sequence[Any], perform: Perform) -> Iterator[Answer]:
    requests = [e["request"] for e in entries if isinstance(e, dict) and isinstance(e.get("request"), dict)]
    _one_each([(str(r.get("url")),) for r in requests if r.get("method") in {"PUT", "DELETE"}])
    for i, entry in enumerate(entries):
        try:
            with turn.store.part(), _at(i):
                asked = _asked(ask, entry)
                answer = _trimmed(asked, perform(turn, asked))
                settle(turn)
        except Problem as problem:
            turn.written.clear()
            answer = Answer(problem.status, problem.outcome)
        yield answer


# response ----------------------------------------------------------------


def _trimmed(ask: Ask, answer: Answer) -> Answer:
    """What was written is not repeated unless asked for."""
    wanted = ask.method == "GET" or "return=representation" in ask.prefer
    return answer if wanted else answer._replace(body=None)


def _reply(turn: Turn, answer: Answer) -> dict[str, Any]:
    response: dict[str, Any] = {"status": phrase(answer.status)}
    version = answer.version
    if version:
        response["location"] = f"{version.type}/{version.id}/_history/{version.number}"
        response["lastModified"] = version.stamp
        etag = {"weak": f'W/"{version.number}"', "bare": str(version.number), "none": None}[turn.habits.entry_etag]
        response |= {"etag": etag} if etag else {}
    if answer.status >= 400 and answer.body:
        response["outcome"] = orjson.Fragment(answer.body)
    elif answer.body:
        return {"resource": orjson.Fragment(answer.body), "response": response}
    return {"response": response}
