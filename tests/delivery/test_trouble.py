"""Whatever a server says or fails to say, the push ends with a tally or one plain line, and mends itself next time."""

import json
import time
from urllib.parse import urlsplit

import pytest

from delivery.there import cleared, content

EACH = 2 + 6 + 1  # Patient and Provenance, a programme, the Consent
ALL = 5 * EACH + 2
HTML = (200, [("Content-Type", "text/html")], b"<html><body>Sign in to the guest network</body></html>")
ELSEWHERE = (302, [("Location", "https://elsewhere.example/fhir")], b"")


def outcome(status, code, text="", **headers):
    issue = {"severity": "error", "code": code, "diagnostics": text}
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()
    return status, [("Content-Type", "application/fhir+json"), *headers.items()], body


def hung_up():
    raise OSError("no answer")


def after(say):
    """The server does what it was asked to; what it answered is heard as `say` has it."""
    return lambda go: say(go())


def instead(answer):
    """The server never hears of it."""
    return lambda _: answer


def stopped(way, *words):
    """One line that says so, without a name or number of anybody in it; and nothing else went wrong."""
    done = way.gateway.ask("push", "there")
    assert (1, 1) == (done.returncode, len(done.stderr.splitlines())), done.stderr
    for said in words:
        assert said in done.stderr
    return done


def mended(way):
    """The next push ends well; everything stands there, in one version; and then there is nothing to write."""
    way.wire.forget()
    assert ALL == sum(way.push()[0].values())
    assert ({"unchanged": ALL}, 0) == way.push()
    for id_, resource in cleared(way.gateway).items():
        (found,) = way.there.named(resource["resourceType"], id_)
        assert content(resource) == content(found)
        assert 1 == way.there.versions(resource["resourceType"], found["id"])


@pytest.fixture
def way(road, sandbox, five):
    made = road(sandbox)
    made.gateway.take(five)
    return made


# it is not there ---------------------------------------------------------------


def test_a_server_that_is_down(way):
    """Everything waits, and the line says how much."""
    upstream = way.proxy.upstream
    way.proxy.upstream = urlsplit("http://127.0.0.1:9/fhir")  # nobody listens on "discard"
    stopped(way, f"{ALL} parcels wait", "`nwd push there` sends them")
    assert ({"waiting": ALL}, 0) == way.push(1)
    way.proxy.upstream = upstream
    mended(way)


def test_a_server_that_goes_down_in_the_middle(way):
    """What it took before stays taken; the rest waits."""
    way.wire.plays = {n: lambda _: hung_up() for n in range(3, 100)}
    sent, waiting = 2 * EACH + 2, 3 * EACH
    assert {"sent": sent, "waiting": waiting} == way.push(1)[0]
    assert {"unchanged": sent, "waiting": waiting} == way.push(1)[0]
    mended(way)


def test_a_server_that_does_it_and_goes_down_before_it_can_say_so(way):
    """What it did is found by reading, not done again."""
    way.wire.plays = {n: after(lambda _: hung_up()) for n in range(100)}
    way.push()
    assert 5 == len(way.wire.sent)
    mended(way)


# it asks for patience ----------------------------------------------------------


def test_a_server_that_asks_to_wait_a_moment(way):
    way.wire.plays = {2: instead(outcome(429, "throttled", **{"Retry-After": "2"}))}
    begun = time.monotonic()
    assert ({"sent": ALL}, 6) == way.push()
    assert time.monotonic() - begun >= 2
    mended(way)


def test_a_server_that_asks_to_wait_an_hour(way):
    """Nobody waits for that: what did not go waits for the next push."""
    way.wire.plays = {2: instead(outcome(429, "throttled", **{"Retry-After": "3600"}))}
    assert ({"sent": EACH + 2, "waiting": 4 * EACH}, 2) == way.push(1)
    mended(way)


# it is not what it should be ---------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"), [(HTML, "not a FHIR endpoint"), (ELSEWHERE, "redirects are not followed")]
)
@pytest.mark.parametrize("play", [instead, lambda answer: after(lambda _: answer)], ids=["instead", "after"])
def test_something_else_answers(way, answer, words, play):
    """A sign-in page, or a way to another place: whether the server behind heard of it or not."""
    way.wire.plays = {2: play(answer)}
    stopped(way, words)
    assert 2 == len(way.wire.sent)
    mended(way)


def test_something_else_answers_from_the_start(way):
    """Nothing is written to it."""
    way.wire.ask = lambda *_: HTML
    stopped(way, "not a FHIR endpoint")
    assert [] == way.wire.sent


# it answers otherwise than it was asked ----------------------------------------


def fewer(answer):
    status, headers, body = answer
    bundle = json.loads(body)
    del bundle["entry"][0]
    return status, headers, json.dumps(bundle).encode()


def test_fewer_answers_than_questions(way):
    """None of them is believed: what stands there is read."""
    way.wire.plays = {0: after(fewer)}
    assert ({"sent": ALL}, 5) == way.push()
    mended(way)


SQL = "ERROR: duplicate key value violates unique constraint (res_id)=(Zebra, 1980-02-03) SQLSTATE 23505"


@pytest.mark.parametrize("play", [instead, lambda answer: after(lambda _: answer)], ids=["not done", "done"])
def test_a_database_that_shows_through(way, play):
    """500 tells nothing: it is read, then sent if it is missing. The text, which may name people, is kept nowhere."""
    way.wire.plays = {2: play(outcome(500, "exception", SQL)), 3: play(outcome(500, "exception", SQL))}
    done = way.gateway.ask("push", "there")
    assert (0, "") == (done.returncode, done.stderr)
    store = b"".join(path.read_bytes() for path in way.gateway.folder.glob("nwd.db*"))
    assert [] == [word for word in (b"Zebra", b"23505") if word in store or word.decode() in done.stdout]
    mended(way)


def test_a_server_that_never_takes_one_person(way):
    """The others go; the one waits for the next push, and the exit code says so."""
    way.wire.plays = {n: instead(outcome(409, "conflict", "HAPI-0550: HAPI-0823: faster")) for n in range(2, 6)}
    counts, _ = way.push(3)
    assert {"sent": ALL - EACH, "waiting": EACH} == counts
    mended(way)


def test_what_the_server_refused_is_not_offered_again(way):
    """Until it says something else."""
    way.wire.plays = {n: instead(outcome(422, "business-rule", "no such goal here")) for n in range(2, 40)}
    first, _ = way.push(3)
    assert first["refused"] > 0
    way.wire.forget()
    again, writes = way.push(3)
    assert (first["refused"], 0) == (again["refused"], writes)
