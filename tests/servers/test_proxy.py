"""The counting proxy counts what passes and stops where it is told to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from servers import soon
from servers.proxy import kind, proxied, writing


class Upstream(BaseHTTPRequestHandler):
    """Answers with what it heard, and remembers it."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.heard.append((self.command, self.path, body))
        text = json.dumps(
            {"host": self.headers["Host"], "if-match": self.headers["If-Match"], "got": body.decode()}
        ).encode()
        self.send_response(201)
        self.send_header("ETag", 'W/"7"')
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = answer  # noqa: N815 - names of http.server

    def log_message(self, *_):
        pass


@pytest.fixture
def upstream():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(upstream):
    with proxied(f"http://127.0.0.1:{upstream.server_port}/fhir") as proxy:
        yield proxy


@pytest.fixture
def client():
    with httpx.Client(timeout=20) as client:
        yield client


def later(call):
    """`call` on a thread of its own; join() gives what it returned or raised."""
    told = []

    def keep():
        try:
            told.append(call())
        except httpx.HTTPError as e:
            told.append(e)

    thread = threading.Thread(target=keep)
    thread.start()
    return lambda: (thread.join(20), told[0])[1]


def test_a_request_and_its_answer_pass_unchanged(proxy, client, upstream):
    """Links stay behind the proxy: the server hears the client's Host."""
    answer = client.put(f"{proxy.base}/Patient/1?x=%20y", content=b'{"a": 1}', headers={"If-Match": 'W/"6"'})
    assert (201, 'W/"7"') == (answer.status_code, answer.headers["ETag"])
    assert {"host": proxy.base.split("/")[2], "if-match": 'W/"6"', "got": '{"a": 1}'} == answer.json()
    assert [("PUT", "/fhir/Patient/1?x=%20y", b'{"a": 1}')] == upstream.heard


def test_requests_are_counted_by_method_and_kind_and_writes_apart(proxy, client):
    client.get(f"{proxy.base}/metadata")
    client.get(f"{proxy.base}/Patient?identifier=a%7Cb")
    client.post(f"{proxy.base}/Patient/_search", data={"identifier": "a|b"})
    client.put(f"{proxy.base}/Patient/1", json={})
    client.put(f"{proxy.base}/Patient/2", json={})
    assert {
        ("GET", "metadata"): 1, ("GET", "Patient"): 1, ("POST", "Patient/_search"): 1, ("PUT", "Patient/id"): 2,
    } == proxy.counts  # fmt: skip
    assert 2 == proxy.writing
    proxy.reset()
    assert (0, 0) == (proxy.writing, proxy.counts.total())


def test_held_before_the_server_hears_nothing_until_it_may_go_on(proxy, client, upstream):
    hold = proxy.hold(2, "before")
    client.put(f"{proxy.base}/Patient/1", json={})
    client.get(f"{proxy.base}/Patient/1")
    answer = later(lambda: client.put(f"{proxy.base}/Patient/2", json={}))
    hold.wait()
    assert 2 == len(upstream.heard)
    hold.go_on()
    assert 201 == answer().status_code
    assert "/fhir/Patient/2" == upstream.heard[2][1]


def test_held_after_the_server_has_it_and_the_client_does_not(proxy, client, upstream):
    hold = proxy.hold(1, "after")
    answer = later(lambda: client.put(f"{proxy.base}/Patient/1", json={}))
    hold.wait()
    assert 1 == len(upstream.heard)
    hold.cut()
    assert isinstance(answer(), httpx.RemoteProtocolError)
    assert 201 == client.put(f"{proxy.base}/Patient/1", json={}).status_code


def test_cut_before_the_server_never_hears_of_it(proxy, client, upstream):
    hold = proxy.hold(1, "before")
    answer = later(lambda: client.put(f"{proxy.base}/Patient/1", json={}))
    hold.wait()
    hold.cut()
    assert isinstance(answer(), httpx.RemoteProtocolError)
    assert [] == upstream.heard


@pytest.mark.parametrize(("when", "heard"), [("before", 0), ("after", 1)])
def test_the_request_of_a_client_that_died_still_arrives_when_let_go(proxy, client, upstream, when, heard):
    """As on a real network; and the proxy lives on."""
    hold = proxy.hold(1, when)
    with pytest.raises(httpx.ReadTimeout):
        client.put(f"{proxy.base}/Patient/1", json={}, timeout=0.3)
    hold.wait()
    assert heard == len(upstream.heard)
    hold.go_on()
    assert 201 == client.put(f"{proxy.base}/Patient/2", json={}).status_code
    assert soon(lambda: {"/fhir/Patient/1", "/fhir/Patient/2"} == {path for _, path, _ in upstream.heard})


def test_while_one_is_held_all_wait(proxy, client, upstream):
    hold = proxy.hold(1, "before")
    first = later(lambda: client.put(f"{proxy.base}/Patient/1", json={}))
    hold.wait()
    second = later(lambda: client.get(f"{proxy.base}/Patient/2"))
    assert [] == upstream.heard
    hold.go_on()
    assert [201, 201] == [first().status_code, second().status_code]


def test_a_hold_that_is_never_reached_says_so(proxy):
    with pytest.raises(TimeoutError):
        proxy.hold(1).wait(0.05)


def test_a_server_that_is_gone_is_a_closed_connection(proxy, client, upstream):
    upstream.shutdown()
    upstream.server_close()
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"{proxy.base}/Patient")


def test_links_of_real_servers_lead_back_through_the_proxy(each_server):
    """Else a client would follow them past the count."""
    with proxied(each_server) as proxy:
        answer = httpx.post(f"{proxy.base}/Basic", json={"resourceType": "Basic", "code": {"text": "x"}}, timeout=60)
    assert 201 == answer.status_code
    assert answer.headers["Location"].startswith(f"{proxy.base}/Basic/")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ""),
        ("", ""),
        ("/?_format=json", ""),
        ("/Patient?identifier=x", "Patient"),
        ("/Patient/ab1", "Patient/id"),
        ("/Patient/ab1/_history/3", "Patient/id/_history/id"),
        ("/Patient/_history", "Patient/_history"),
        ("/Patient/ab1/$everything", "Patient/id/$everything"),
    ],
)
def test_kind_of_path(path, expected):
    """No kind holds an id."""
    assert expected == kind(path)


def bundle(*methods):
    return json.dumps({"resourceType": "Bundle", "entry": [{"request": {"method": m}} for m in methods]}).encode()


@pytest.mark.parametrize(
    ("expected", "method", "path", "body"),
    [
        (False, "GET", "/Patient/1", b""),
        (False, "POST", "/Patient/_search?_count=1", b"identifier=x"),
        (False, "POST", "/", bundle("GET", "GET")),
        (True, "POST", "/", bundle("GET", "PUT")),
        (True, "POST", "", b"not json"),
        (True, "POST", "/", b'{"entry": [{}]}'),
        (True, "POST", "/Patient", b"{}"),
        (True, "PUT", "/Patient/1", b"{}"),
        (True, "DELETE", "/Patient/1", b""),
        (True, "PATCH", "/Patient/1", b"[]"),
    ],
)
def test_what_counts_as_a_write(expected, method, path, body):
    """When in doubt, it is one."""
    assert expected == writing(method, path, body)
