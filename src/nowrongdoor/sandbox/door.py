"""HTTP in, HTTP out: headers, media types and sizes; nothing of a request is ever logged."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from nowrongdoor.sandbox.desk import Clock, Desk
from nowrongdoor.sandbox.habits import HONEST, Habits
from nowrongdoor.sandbox.interactions import Answer, Ask
from nowrongdoor.sandbox.moments import now
from nowrongdoor.sandbox.problem import Problem

BODY_LIMIT = 16 * 1024 * 1024  # bytes
_JSON = {"application/fhir+json", "application/json"}
_FORM = {"application/x-www-form-urlencoded"}


def app(database: str = ":memory:", *, habits: Habits = HONEST, clock: Clock = now) -> Starlette:
    """A FHIR R4 server at /fhir. `database`: SQLite file, or ":memory:"."""
    desk = Desk(database, habits, clock)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        desk.close()

    return Starlette(routes=[Route("/{path:path}", _Door(desk))], lifespan=lifespan)


class _Door:
    """An ASGI application, and not a function, so that it sees every method."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await _body(request)
        try:
            answer = self._desk.answer(_ask(request, body))  # in the event loop: requests wait for each other anyway
        except Problem as problem:
            answer = Answer(problem.status, problem.outcome, None, problem.headers)
        await _response(request, answer)(scope, receive, send)


async def _body(request: Request) -> bytes | None:
    """None where it is too large: read to its end all the same, or the client would never see the answer."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= BODY_LIMIT:
            parts.append(part)
    return b"".join(parts) if size <= BODY_LIMIT else None


def _ask(request: Request, body: bytes | None) -> Ask:
    if body is None:
        raise Problem(413, "too-long", f"The body is larger than {BODY_LIMIT} bytes.")
    root, *path = request.url.path.strip("/").split("/")
    if root != "fhir":
        raise Problem(404, "not-found", "The server is at /fhir.")
    pairs = [*parse_qsl(request.url.query, keep_blank_values=True), *_form(request, path, body)]
    _acceptable(request.headers.get("accept", ""), dict(pairs).get("_format", "json"))
    header = request.headers.get
    return Ask(
        "GET" if request.method == "HEAD" else request.method,
        tuple(path),
        f"{request.url.scheme}://{request.url.netloc}/fhir",
        tuple(pair for pair in pairs if pair[0] not in {"_format", "_pretty"}),
        _json(request, body) if request.method in {"POST", "PUT"} and path[-1:] != ["_search"] else None,
        header("if-match", ""),
        header("if-none-exist"),
        header("prefer", ""),
        any(word in header("cache-control", "") for word in ("no-cache", "no-store")),
    )


def _acceptable(accept: str, format_: str) -> None:
    if "json" not in format_ or (accept and not any(kind in accept for kind in ("json", "*/*", "application/*"))):
        raise Problem(406, "not-supported", "Answers are application/fhir+json only.")


def _form(request: Request, path: list[str], body: bytes) -> list[tuple[str, str]]:
    if request.method != "POST" or path[-1:] != ["_search"]:
        return []
    _typed(request, _FORM)
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _json(request: Request, body: bytes) -> Any:
    _typed(request, _JSON)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(400, "structure", "The body is not JSON.") from None


def _typed(request: Request, kinds: set[str]) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in kinds:
        raise Problem(415, "not-supported", f"The content type is not {' or '.join(sorted(kinds))}.")


def _response(request: Request, answer: Answer) -> Response:
    minimal = "return=minimal" in request.headers.get("prefer", "") and request.method in {"POST", "PUT"}
    body = None if minimal and answer.version else answer.body
    headers = {**answer.headers, **_version_headers(request, answer)}
    return Response(body, answer.status, headers, "application/fhir+json" if body else None)


def _version_headers(request: Request, answer: Answer) -> Mapping[str, str]:
    version = answer.version
    if version is None:
        return {}
    modified = datetime.fromisoformat(version.stamp)
    headers = {"ETag": f'W/"{version.number}"', "Last-Modified": format_datetime(modified, usegmt=True)}
    if request.method in {"POST", "PUT"}:
        base = f"{request.url.scheme}://{request.url.netloc}/fhir"
        headers["Location"] = f"{base}/{version.type}/{version.id}/_history/{version.number}"
    return headers
