"""Speaks FHIR over HTTP with one server, and says plainly what went wrong when it cannot.

No retries live here: whether to ask again depends on what the answer means (`answers`) and on the gate. No URL, header
or exception text holds a person's data: searches travel as form bodies, and nothing of a body is ever quoted.
"""

import socket
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Thread
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import orjson

from nowrongdoor.errors import Retry, Stop, Usage
from nowrongdoor.model import Resource
from nowrongdoor.sync.shape import kind_of, well_formed

FHIR_JSON: Final = "application/fhir+json"
FORM: Final = "application/x-www-form-urlencoded"
BYTES_MAX: Final = 64 * 1024 * 1024  # a CapabilityStatement alone reaches 2.5 MB
DEADLINE: Final = 60.0  # seconds for one request, to the last byte of its answer
T = TypeVar("T")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    (ssl.SSLError, "no TLS connection"),
    (socket.gaierror, "host name unknown"),
    (ConnectionRefusedError, "connection refused"),
    (httpx.TimeoutException, "timed out"),
)

_ALWAYS = {"Accept": FHIR_JSON, "Cache-Control": "no-cache"}  # some servers reuse a search result for a minute
_WRITES = {
    "Content-Type": FHIR_JSON,
    "Prefer": "return=representation",
    # HAPI keeps labels that a new version no longer carries unless told otherwise; other servers do not know the header
    "X-Meta-Snapshot-Mode": "TAG,SECURITY_LABEL,PROFILE",
}


class Unknown(Retry):
    """A writing request left, and no answer came: it may have been carried out. Read before repeating it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said. Header names are lower case; `body` is None where there was none, or none that is FHIR."""

    status: int
    headers: Mapping[str, str]
    body: Resource | None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def etag(self) -> str:
        """As received; "" where it could not be sent back."""
        etag = self.headers.get("etag", "")
        return etag if etag.isascii() and etag.isprintable() else ""

    @property
    def kind(self) -> str:
        return kind_of(self.body)

    @property
    def found(self) -> list[Resource]:
        """The resources inside a bundle."""
        return [entry["resource"] for entry in self._entries() if "resource" in entry]

    @property
    def parts(self) -> list["Answer"]:
        """The answers inside a bundle, each as if it had come alone."""
        return [_part(entry) for entry in self._entries()]

    def _entries(self) -> list[Resource]:
        return self.body.get("entry", []) if self.body and self.kind == "Bundle" else []

    def after(self, now: datetime) -> float | None:
        """Seconds we are asked to wait. A date is measured against the server's own clock where it states one."""
        if (wait := self.headers.get("x-ms-retry-after-ms", "")).isdecimal():
            return float(wait) / 1000
        wait = self.headers.get("retry-after", "").strip()
        if wait.isdecimal():
            return float(wait)
        if (due := _http_date(wait)) is None:
            return None
        start = _http_date(self.headers.get("date", "")) or now
        return max(0.0, (due - start).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _part(entry: Resource) -> Answer:
    response = entry.get("response", {})
    status = response.get("status", "")[:3]
    headers = {key: response[key] for key in ("etag", "location") if response.get(key)}
    if "etag" in headers and '"' not in headers["etag"]:
        headers["etag"] = f'W/"{headers["etag"]}"'  # HAPI names the bare version here, and takes the weak form back
    body = entry.get("resource") or response.get("outcome")
    return Answer(int(status) if status.isdecimal() else 500, headers, body)


class Transport:
    """One server under one base. Raises Stop (a person must act), Retry (later may do), Unknown (a lost write).

    `deadline`: seconds from the start of a request to the end of its answer, however it trickles.
    """

    def __init__(
        self, base: str, *, bearer: str = "", client: httpx.Client | None = None, deadline: float = DEADLINE
    ) -> None:
        parts = urlsplit(base)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.query
            or parts.fragment
            or parts.username
        ):
            raise Usage("the base of the server is not a plain http or https address", "write it as https://host/path")
        if bearer and parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise Usage("a token would travel unencrypted", "use an https base")
        self.base = base.rstrip("/")
        self._bearer = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self._client = client or httpx.Client(timeout=httpx.Timeout(deadline, connect=10, pool=10))
        self._deadline = deadline

    def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """`path` below the base, or a link that this server gave us. `params` never describe a person: use `search`."""
        return self._send("GET", path, params=params, headers=headers)

    def search(self, kind: str, params: Mapping[str, str]) -> Answer:
        """The first page of a search for one type, by POST, so that no parameter ends in a log of URLs."""
        return self._send("POST", f"{kind}/_search", data=params, headers={"Content-Type": FORM})

    def post(self, path: str, *, body: Resource, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("POST", path, content=body, headers={**_WRITES, **(headers or {})})

    def put(self, path: str, *, body: Resource, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("PUT", path, content=body, headers={**_WRITES, **(headers or {})})

    def delete(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("DELETE", path, headers=headers)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **parts: Any) -> Answer:
        if (content := parts.pop("content", None)) is not None:
            parts["content"] = orjson.dumps(content)
        writes = method != "GET" and not path.endswith("/_search")
        url = self._url(path)
        sent = {**_ALWAYS, **self._bearer, **(headers or {})}
        trouble = Unknown if writes else Retry

        def exchange() -> tuple[httpx.Response, bytes]:
            with self._client.stream(method, url, headers=sent, follow_redirects=False, **parts) as response:
                return response, self._bounded(response)

        try:
            response, raw = _within(self._deadline, exchange)
        except _NEVER_SENT as error:
            raise Retry(f"{self.base} does not answer ({_reason(error)})") from None
        except httpx.RequestError as error:
            raise trouble(f"{self.base} broke off before its answer was whole ({_reason(error)})") from None
        except TimeoutError:
            raise trouble(f"{self.base} gave no whole answer within {self._deadline:g} seconds") from None
        return self._read(method, path, response, raw)

    def _url(self, path: str) -> str:
        url = path if "://" in path else f"{self.base}/{path}" if path else self.base
        try:
            here, there = httpx.URL(self.base), httpx.URL(url)
        except httpx.InvalidURL:
            raise Stop(f"{self.base} links to what is no address", "tell who runs it") from None
        if (here.scheme, here.netloc) != (there.scheme, there.netloc) or there.userinfo:
            raise Stop(
                f"{self.base} links to another host", "our token goes to no other; set the server's own base URL"
            )
        return url

    def _bounded(self, response: httpx.Response) -> bytes:
        raw = bytearray()
        for piece in response.iter_bytes():
            raw += piece
            if len(raw) > BYTES_MAX:
                raise Stop(f"{self.base} answered with more than {BYTES_MAX >> 20} MB", "ask for smaller pages")
        return bytes(raw)

    def _read(self, method: str, path: str, response: httpx.Response, raw: bytes) -> Answer:
        status, said = response.status_code, _json(raw)
        body = said if well_formed(said) else None
        if not 200 <= status < 300 and status < 400:
            raise Stop(f"{self.base} answers HTTP {status}", "redirects are not followed: set the base it leads to")
        # a proxy's own 404 must never pass for "this resource is not there"
        if raw and body is None and (status < 300 or status in {404, 410}):
            if kind := kind_of(said):
                raise Stop(
                    f"{self.base} answers HTTP {status} with a {kind} that is not shaped as FHIR R4", "tell who runs it"
                )
            raise Stop(f"{self.base} answers HTTP {status} without FHIR", "this is not a FHIR endpoint: check the base")
        answer = Answer(status, {k.lower(): v for k, v in response.headers.items()}, body)
        if answer.ok and answer.kind and not _fits(method, path, answer.kind):
            raise Stop(f"{self.base} answers with a {answer.kind} that was not asked for", "check the server's base")
        return answer


def _reason(error: BaseException) -> str:
    """In words a person can act on, and never in the error's own, which may quote what we sent."""
    cause: BaseException | None = error
    while cause:
        for kind, words in _REASONS:
            if isinstance(cause, kind):
                return words
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return None


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Done in a thread of its own, which is left behind when the time is up: no socket knows of a total time."""
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            result.set_exception(error)

    Thread(target=run, daemon=True).start()
    return result.result(seconds)


def _fits(method: str, path: str, kind: str) -> bool:
    """Is `kind` what a FHIR server may answer to this request? Links that the server made itself are pages."""
    kind_asked, *rest = path.split("/")
    match method, rest:
        case _, _ if "$" in path:
            return True
        case "GET", _ if kind_asked == "metadata":
            return kind == "CapabilityStatement"
        case _, _ if "://" in path or not path or rest[-1:] in (["_search"], ["_history"]):
            return kind == "Bundle"
        case "GET", []:
            return kind == "Bundle"
        case "GET", _:
            return kind == kind_asked
        case _:
            return kind in {kind_asked, "OperationOutcome", "Bundle"}
