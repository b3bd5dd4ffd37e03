"""Every request comes to this desk and is done in one SQL transaction, one after the other."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeAlias

from nowrongdoor.sandbox.bundles import process
from nowrongdoor.sandbox.capability import statement
from nowrongdoor.sandbox.habits import Habits
from nowrongdoor.sandbox.interactions import Answer, Ask, Turn, delete, read, settle, vread, write
from nowrongdoor.sandbox.lists import history, page, search
from nowrongdoor.sandbox.problem import Problem
from nowrongdoor.sandbox.store import Store
from nowrongdoor.sandbox.vocabulary import TYPES

Clock: TypeAlias = Callable[[], datetime]
Act: TypeAlias = Callable[[Turn, Ask], Answer]


class Desk:
    def __init__(self, database: str, habits: Habits, clock: Clock) -> None:
        self._habits, self._clock, self._store = habits, clock, Store(database)
        self._recent: dict[str, tuple[datetime, list[int]]] = {}

    def close(self) -> None:
        self._store.close()

    def answer(self, ask: Ask) -> Answer:
        """What was asked, done and committed, or an OperationOutcome and nothing done."""
        try:
            with self._store.transaction():
                turn = Turn(self._store, self._habits, self._moment(), self._recent)
                answer = perform(turn, ask)
                settle(turn)
                return answer
        except Problem as problem:
            return Answer(problem.status, problem.outcome, None, problem.headers)

    def _moment(self) -> datetime:
        """Never before what is stored: stamps are in the order of commits, whatever the clock does."""
        newest = self._store.newest_stamp()
        return max(self._clock(), datetime.fromisoformat(newest)) if newest else self._clock()


def perform(turn: Turn, ask: Ask) -> Answer:
    """One interaction by itself. Problem 404: no such place; 405: not with this method; 400: it takes no parameters."""
    acts = _acts(ask.path)
    if ask.method not in acts:
        allowed = {"Allow": ", ".join(sorted(acts))}
        raise Problem(405, "not-supported", "This cannot be done with that HTTP method.", allowed)
    act = acts[ask.method]
    if ask.query and not (act in {search, history, page} or (ask.method, len(ask.path)) == ("PUT", 1)):
        raise Problem(400, "not-supported", "This interaction takes no parameters in the URL.")
    return act(turn, ask)


def _acts(path: tuple[str, ...]) -> Mapping[str, Act]:  # one `return` for each shape of URL
    if any(segment.startswith("$") for segment in path):
        raise Problem(404, "not-supported", "There are no operations here.")
    match path:
        case ():
            return {"GET": page, "POST": partial(process, perform=perform)}
        case ("metadata",):
            return {"GET": _metadata}
        case ("_history",):
            return {"GET": history}
        case (type_, *rest) if type_ in TYPES:
            return _of_type(rest)
    raise Problem(404, "not-supported", "The URL begins with no R4 resource type.")


def _of_type(rest: list[str]) -> Mapping[str, Act]:
    match rest:
        case []:
            return {"GET": search, "POST": write, "PUT": write}
        case ["_search"]:
            return {"POST": search}
        case ["_history"] | [_, "_history"]:
            return {"GET": history}
        case [_]:
            return {"GET": read, "PUT": write, "DELETE": delete}
        case [_, "_history", _]:
            return {"GET": vread}
    raise Problem(404, "not-supported", "There is nothing at this URL.")


def _metadata(turn: Turn, ask: Ask) -> Answer:
    return Answer(200, statement(turn.habits, ask.base))
