"""Asks a FHIR server whether it can do what this gateway needs, says what it saw, and cleans up behind itself."""

from collections.abc import Callable
from datetime import datetime

from nowrongdoor.conform.checks import CHECKS, Check
from nowrongdoor.conform.report import Report, Result, Word
from nowrongdoor.conform.visit import Failed, Skipped, Visit
from nowrongdoor.errors import Trouble
from nowrongdoor.sync import Transport

__all__ = ["CHECKS", "Report", "Result", "run"]


def run(base: str, *, bearer: str = "", clock: Callable[[], datetime]) -> Report:
    """All checks against one server; everything made is labelled HTEST and deleted again, whatever happens.

    Never raises for what the server does: where it does not even say what it is, the other checks are skipped.
    """
    transport = Transport(base, bearer=bearer)
    visit, started = Visit(transport), clock()
    try:
        results = [_asked(visit, CHECKS[0], clock)]
        there = results[0].word == "pass"
        results += [_asked(visit, c, clock) if there else _unasked(c) for c in CHECKS[1:]]
        software = _software(visit) if there else "no FHIR server"
    finally:
        left = visit.leave()
        transport.close()
    return Report(transport.base, software, visit.run, started, results, left)


def _asked(visit: Visit, check: Check, clock: Callable[[], datetime]) -> Result:
    visit.saw, since = [], clock()
    word: Word
    try:
        check.ask(visit)
        word, why = "pass", ""
    except Failed as failed:
        word, why = "fail", str(failed)
    except Skipped as skipped:
        word, why = "skip", str(skipped)
    except Trouble as trouble:
        word, why = "error", str(trouble)
    seconds = (clock() - since).total_seconds()
    return Result(check.name, check.needs, check.required, word, why, tuple(visit.saw), seconds)


def _unasked(check: Check) -> Result:
    return Result(check.name, check.needs, check.required, "skip", "the server did not say what it is", (), 0.0)


def _software(visit: Visit) -> str:
    said = (visit.get("metadata").body or {}).get("software", {})
    return " ".join(said[key] for key in ("name", "version") if said.get(key)) or "a server without a name"
