"""Speaks FHIR over HTTP with one server, and says plainly what went wrong when it cannot.

No retries live here: whether to ask again depends on what the answer means (`answers`) and on the gate. No URL, header
or exception text holds a person's data: searches travel as form bodies, and nothing of a body is ever quoted.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx
import orjson

from nowrongdoor.errors import Retry, Stop, Usage
from nowrongdoor.model import Resource

FHIR_JSON: Final = "application/fhir+json"
FORM: Final = "application/x-www-form-urlencoded"
BYTES_MAX: Final = 64 * 1024 * 1024  # a CapabilityStatement alone reaches 2.5 MB
TIMEOUT: Final = httpx.Timeout(connect=10, read=120, write=60, pool=10)  # a large transaction may take a minute
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
        return self.headers.get("etag", "")

    @property
    def kind(self) -> str:
        return str(self.body.get("resourceType", "")) if self.body else ""

    def after(self, now: datetime) -> float | None:
        """Seconds we are asked to wait. A date is measured against the server's own clock where it states one."""
        if (wait := self.headers.get("x-ms-retry-after-ms", "")).isdecimal():
            return int(wait) / 1000
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
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Transport:
    """One server under one base. Raises Stop (a person must act), Retry (later may do), Unknown (a lost write)."""

    def __init__(self, base: str, *, bearer: str = "", client: httpx.Client | None = None) -> None:
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
        self._client = client or httpx.Client(timeout=TIMEOUT)

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
        try:
            with self._client.stream(method, url, headers=sent, follow_redirects=False, **parts) as response:
                raw = self._bounded(response)
        except _NEVER_SENT as error:
            raise Retry(f"{self.base} does not answer ({_reason(error)})") from None
        except httpx.RequestError as error:
            trouble = Unknown if writes else Retry
            raise trouble(f"{self.base} broke off before its answer was whole ({_reason(error)})") from None
        return self._read(method, path, response, raw)

    def _url(self, path: str) -> str:
        if "://" not in path:
            return f"{self.base}/{path}" if path else self.base
        here, there = urlsplit(self.base), urlsplit(path)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise Stop(
                f"{self.base} links to another host", "our token goes to no other; set the server's own base URL"
            )
        return path

    def _bounded(self, response: httpx.Response) -> bytes:
        raw = bytearray()
        for piece in response.iter_bytes():
            raw += piece
            if len(raw) > BYTES_MAX:
                raise Stop(f"{self.base} answered with more than {BYTES_MAX >> 20} MB", "ask for smaller pages")
        return bytes(raw)

    def _read(self, method: str, path: str, response: httpx.Response, raw: bytes) -> Answer:
        status, body = response.status_code, _resource(raw)
        if not 200 <= status < 300 and status < 400:
            raise Stop(f"{self.base} answers HTTP {status}", "redirects are not followed: set the base it leads to")
        # a proxy's own 404 must never pass for "this resource is not there"
        if raw and body is None and (status < 300 or status in {404, 410}):
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


def _resource(raw: bytes) -> Resource | None:
    try:
        body = orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("resourceType"), str) else None


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
