"""Stands between a client and a FHIR server, counts what passes, and can stop time at a chosen write.

A test that wants to kill its client between a request sent and its receipt stored asks for `hold(n)`, waits until it is
reached, kills, and then lets the request go on or cuts it off.
"""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}  # not for passing on


class Hold:
    """One writing request stopped on its way; everything after it waits too.

    `when`: "before" it reaches the server, or "after" the server answered and before the client hears of it.
    """

    def __init__(self, nth: int, when: Literal["before", "after"]) -> None:
        self.left, self.when = nth, when
        self.reached, self._decided, self._cut = threading.Event(), threading.Event(), False

    def wait(self, seconds: float = 60) -> None:
        if not self.reached.wait(seconds):
            raise TimeoutError(f"no such request within {seconds} s")

    def go_on(self) -> None:
        """The request (or its answer) goes on as if nothing had been."""
        self._decided.set()

    def cut(self) -> None:
        """The client's connection closes; a request held before the server never reaches it."""
        self._cut = True
        self._decided.set()

    def decided(self) -> bool:
        """Blocks until the test has decided; False where it cut."""
        self._decided.wait()
        return not self._cut


class Proxy:
    """`base`: what the client is given in the server's place. Counts are by method and kind of path."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream)
        self.counts: Counter[tuple[str, str]] = Counter()
        self.writing = 0
        self._hold: Hold | None = None
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.base = f"http://127.0.0.1:{self._server.server_port}{self.upstream.path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def hold(self, nth: int, when: Literal["before", "after"] = "before") -> Hold:
        """Stop at the nth writing request from now (1 = the next)."""
        with self._lock:
            self._hold = Hold(nth, when)
            return self._hold

    def passing(self, method: str, path: str, body: bytes) -> Hold | None:
        """Counts one request; the hold that it is to stop at, if any. Blocks while another request is held."""
        while (held := self._hold) and held.reached.is_set():
            held.decided()
            with self._lock:
                self._hold = None if self._hold is held else self._hold
        writes = writing(method, path, body)
        with self._lock:
            self.counts[method, kind(path)] += 1
            self.writing += writes
            if not (writes and self._hold):
                return None
            self._hold.left -= 1
            return self._hold if self._hold.left == 0 else None

    def reset(self) -> None:
        """Counts from nothing again."""
        with self._lock:
            self.counts.clear()
            self.writing = 0

    def close(self) -> None:
        if self._hold:
            self._hold.cut()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


@contextmanager
def proxied(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()


def kind(path: str) -> str:
    """`path` (below the base) without ids: "", "Patient", "Patient/id", "Patient/id/_history", "Patient/_search"."""
    parts = urlsplit(path).path.strip("/").split("/")
    return "/".join("id" if n in {1, 3} and part[:1] not in {"_", "$"} else part for n, part in enumerate(parts))


def writing(method: str, path: str, body: bytes) -> bool:
    """May this request change something? A search by POST does not, nor a batch of nothing but reads."""
    if method in {"GET", "HEAD", "OPTIONS"} or urlsplit(path).path.endswith("/_search"):
        return False
    if method != "POST" or kind(path):
        return True
    with suppress(ValueError, AttributeError, KeyError, TypeError):
        return any(entry["request"]["method"] not in {"GET", "HEAD"} for entry in json.loads(body).get("entry", ()))
    return True


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined at the end: no thread outlives its test

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Passage)

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Clients keep connections open; their threads wait on them."""
        for request in list(self.open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is what this is for: no traceback."""


class _Passage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer, sent in two parts, waits 40 ms for the client's nod
    server: _Server

    def pass_on(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.send_error(411)  # our clients state a length
            return
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        hold = proxy.passing(self.command, self.path.removeprefix(proxy.upstream.path), body)
        if hold and hold.when == "before" and not self._held(hold):
            return
        try:
            status, headers, answer = ask(proxy.upstream.netloc, self.command, self.path, body, self.headers)
        except (OSError, HTTPException):
            self.close_connection = True  # the server hung up: so do we
            return
        if hold and hold.when == "after" and not self._held(hold):
            return
        self._answer(status, headers, answer)

    def _held(self, hold: Hold) -> bool:
        hold.reached.set()
        go_on = hold.decided()
        self.close_connection = not go_on
        return go_on

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        if status not in {204, 304} and self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = pass_on  # noqa: N815 - names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
        """Paths hold ids: nothing is logged."""


def ask(
    netloc: str, method: str, path: str, body: bytes, headers: HTTPMessage
) -> tuple[int, list[tuple[str, str]], bytes]:
    """The server's answer. The client's Host goes along, so that the links in it lead back through the proxy."""
    connection = HTTPConnection(netloc, timeout=120)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if name.lower() not in HOP:
                connection.putheader(name, value)
        if body or method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()
    finally:
        connection.close()
