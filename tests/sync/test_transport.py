"""The wire: what is sent with every request, and what is made of answers that are none."""

import socket
import ssl
from datetime import UTC, datetime

import httpx
import pytest
import respx

from nowrongdoor.errors import Retry, Stop, Usage
from nowrongdoor.sync import Transport, Unknown
from nowrongdoor.sync.transport import BYTES_MAX

BASE = "https://fhir.example.test/r4"
GOAL = {"resourceType": "Goal", "id": "g1", "description": {"text": "SECRET"}}
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def wire():
    with respx.mock(base_url=BASE) as mock:
        yield mock


@pytest.fixture
def transport():
    made = Transport(BASE, bearer="token")
    yield made
    made.close()


def test_headers_of_reads_and_writes(wire, transport):
    """FHIR JSON both ways, no cached answers, the whole resource back, labels replaced rather than merged."""
    wire.get("/Goal/g1").respond(json=GOAL)
    wire.put("/Goal/g1").respond(json=GOAL)
    transport.get("Goal/g1")
    transport.put("Goal/g1", body=GOAL, headers={"If-Match": 'W/"1"'})

    read, write = (call.request.headers for call in wire.calls)
    assert ("application/fhir+json", "no-cache") == (read["accept"], read["cache-control"])
    assert "Bearer token" == read["authorization"]
    assert "application/fhir+json" == write["content-type"]
    assert 'W/"1"' == write["if-match"]
    assert "return=representation" == write["prefer"]
    assert "SECURITY_LABEL" in write["x-meta-snapshot-mode"]


def test_searches_travel_as_forms(wire, transport):
    """No search parameter is part of a URL."""
    wire.post("/Patient/_search").respond(json={"resourceType": "Bundle", "type": "searchset"})
    transport.search("Patient", {"identifier": "a|SECRET"})

    request = wire.calls.last.request
    assert "SECRET" not in str(request.url)
    assert b"identifier=a%7CSECRET" == request.content
    assert "application/x-www-form-urlencoded" == request.headers["content-type"]


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_never_left_may_be_sent_again(wire, transport, error):
    """No connection: a plain Retry, for a write too."""
    wire.put("/Goal/g1").mock(side_effect=error("SECRET"))
    with pytest.raises(Retry) as told:
        transport.put("Goal/g1", body=GOAL)

    assert not isinstance(told.value, Unknown)
    assert "SECRET" not in str(told.value)
    assert "SECRET" not in repr(told.value.__cause__)


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError])
def test_a_write_without_an_answer_is_unknown(wire, transport, error):
    """After a write left, nobody knows; after a read, a Retry is all."""
    wire.put("/Goal/g1").mock(side_effect=error("x"))
    wire.get("/Goal/g1").mock(side_effect=error("x"))
    wire.post("/Goal/_search").mock(side_effect=error("x"))
    with pytest.raises(Unknown):
        transport.put("Goal/g1", body=GOAL)
    for reading in (lambda: transport.get("Goal/g1"), lambda: transport.search("Goal", {})):
        with pytest.raises(Retry) as told:
            reading()
        assert not isinstance(told.value, Unknown)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(wire, transport, status):
    """A token never goes where a redirect points."""
    wire.get("/Goal/g1").respond(status, headers={"location": "https://elsewhere.test/Goal/g1"})
    with pytest.raises(Stop, match=f"HTTP {status}"):
        transport.get("Goal/g1")
    assert 1 == len(wire.calls)


@pytest.mark.parametrize("link", ["https://elsewhere.test/r4?page=2", "http://fhir.example.test/r4?page=2"])
def test_links_to_other_hosts_are_not_followed(transport, link):
    """A page link to another origin, or to the same without encryption, stops before anything is sent."""
    with pytest.raises(Stop, match="another host"):
        transport.get(link)


@pytest.mark.parametrize("link", ["https://[/r4", "https://fhir.example.test:x/r4", "https://a@fhir.example.test/r4"])
def test_links_that_are_none_or_carry_a_login(transport, link):
    """What cannot be read as an address of this very host stops as well."""
    with pytest.raises(Stop, match="links to"):
        transport.get(link)


def test_an_etag_that_cannot_be_sent_back(wire, transport):
    """A header holds ASCII: an ETag of anything else counts as none."""
    wire.get("/Goal/g1").respond(json=GOAL, headers=[(b"ETag", 'W/"\u00e9"'.encode())])
    assert "" == transport.get("Goal/g1").etag


def test_page_links_of_the_same_host_are_followed(wire, transport):
    """A page link is used exactly as the server wrote it."""
    wire.get("?page=2").respond(json={"resourceType": "Bundle", "type": "searchset"})
    assert "Bundle" == transport.get(f"{BASE}?page=2").kind


@pytest.mark.parametrize("status", [200, 404, 410])
def test_what_is_no_fhir_stops(wire, transport, status):
    """A proxy's page is neither a resource nor a proof that there is none."""
    wire.get("/Goal/g1").respond(status, text="<html>SECRET</html>")
    with pytest.raises(Stop, match="not a FHIR endpoint") as told:
        transport.get("Goal/g1")
    assert "SECRET" not in str(told.value)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("metadata", {"resourceType": "Bundle"}),
        ("Goal/g1", {"resourceType": "Patient"}),
        ("Goal", {"resourceType": "Goal"}),
        ("Goal/g1/_history", {"resourceType": "Goal"}),
    ],
)
def test_another_type_than_asked_for_stops(wire, transport, path, body):
    """200 with something else means that this is not the base we think it is."""
    wire.get(f"/{path}").respond(json=body | {"id": "1"})
    with pytest.raises(Stop, match="not asked for"):
        transport.get(path)


def test_an_outage_without_fhir_is_an_answer(wire, transport):
    """A gateway's own 502 page is for the caller to classify."""
    wire.get("/Goal/g1").respond(502, text="<html>bad gateway</html>")
    answer = transport.get("Goal/g1")
    assert (502, None) == (answer.status, answer.body)


def test_answers_are_bounded(wire, transport):
    """What would fill the memory stops."""
    piece = b" " * (1 << 20)
    wire.get("/Goal/g1").mock(return_value=httpx.Response(200, stream=Pieces([piece] * (BYTES_MAX // len(piece) + 1))))
    with pytest.raises(Stop, match="64 MB"):
        transport.get("Goal/g1")


class Pieces(httpx.SyncByteStream):
    def __init__(self, pieces):
        self.pieces = pieces

    def __iter__(self):
        return iter(self.pieces)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"x-ms-retry-after-ms": "1500", "Retry-After": "7"}, 1.5),
        ({"Retry-After": "Tue, 24 Nov 2026 08:00:30 GMT"}, 30),
        ({"Retry-After": "Tue, 24 Nov 2026 08:00:30 GMT", "Date": "Tue, 24 Nov 2026 08:00:20 GMT"}, 10),
        ({"Retry-After": "Tue, 24 Nov 2026 07:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Tue, 24 Nov 99999999999999999999 08:00:30 GMT"}, None),
        ({"x-ms-retry-after-ms": "9" * 5000}, float("inf")),
        ({}, None),
    ],
)
def test_how_long_to_wait(wire, transport, headers, seconds):
    """Seconds, milliseconds or a date, which counts from the server's own clock where it tells it."""
    wire.get("/Goal/g1").respond(503, headers=headers)
    assert seconds == transport.get("Goal/g1").after(NOW)


@pytest.mark.parametrize("base", ["ftp://x/fhir", "fhir", "https://x/fhir?a=b", "https://me:pw@x/fhir", ""])
def test_bases_that_are_none(base):
    with pytest.raises(Usage):
        Transport(base)


def test_a_port_where_nobody_listens():
    with Transport("http://127.0.0.1:1/fhir") as nobody, pytest.raises(Retry, match="connection refused"):
        nobody.get("metadata")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (ssl.SSLCertVerificationError("SECRET"), "its certificate is not trusted"),
        (ssl.SSLError("SECRET"), "no TLS connection"),
        (socket.gaierror("SECRET"), "host name unknown"),
        (ValueError("SECRET"), "ConnectError"),
    ],
)
def test_why_in_plain_words(cause, words):
    """The reason beneath the library's own error, in words a person can act on, never in the error's text."""

    def fail(_):
        raise httpx.ConnectError("SECRET") from cause

    with (
        Transport(BASE, client=httpx.Client(transport=httpx.MockTransport(fail))) as broken,
        pytest.raises(Retry) as told,
    ):
        broken.get("Goal/g1")
    assert f"{BASE} does not answer ({words})" == str(told.value)


def test_no_token_without_encryption():
    """A token goes over https, or to this very machine."""
    with pytest.raises(Usage, match="unencrypted"):
        Transport("http://fhir.example.test/r4", bearer="token")
    Transport("http://127.0.0.1:8080/fhir", bearer="token").close()
