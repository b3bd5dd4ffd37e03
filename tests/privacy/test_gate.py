"""Who is asked, what holds a whole person, and that nothing but the gate clears."""

import copy
import pickle
import re
from datetime import datetime
from pathlib import Path

import pytest

import nowrongdoor
from nowrongdoor.model import Cleared
from nowrongdoor.privacy import GOES, STAYS, Graph, clear, reason


def fates(desk, graph, terms=None):
    return set(desk.answers(graph, terms).values())


def test_nothing_leaves_to_a_server_that_is_not_synthetic(desk):
    """Not even invented data, and with every consent given."""
    graph = desk.graph(desk.resource("Condition", "d"), consents=[desk.consent()])
    assert {("W", "server-not-synthetic")} == fates(desk, graph, desk.terms(synthetic=False))


@pytest.mark.parametrize("terms", [{"to": ()}, {"purposes": ()}])
def test_a_server_without_audience_or_purpose_gets_nothing(desk, terms):
    """All of nobody is not a permission."""
    assert {("W", "audience-empty")} == fates(desk, desk.graph(consents=[desk.consent()]), desk.terms(**terms))


def test_real_data_leaves_to_no_server(desk):
    """Whatever the server is marked as."""
    graph = Graph((desk.parcel(desk.resource("Patient", "p"), synthetic=False),), (), ())
    assert {("W", "real-data-not-yet")} == fates(desk, graph)


def test_invented_data_says_so_itself(desk):
    """A resource without HTEST stays, and what points at it stays with it."""
    graph = desk.graph(desk.resource("Goal", "g"))
    graph.parcels[0].kept.resource["meta"] = {}
    answers = desk.answers(graph)
    assert (("W", "not-labelled-test"), ("W", "follows:Patient")) == (answers["p"], answers["g"])


def test_a_refused_consent_row_holds_its_person(desk):
    """Nobody knows what it said: all waits, organizations included."""
    answers = desk.answers(desk.graph(desk.resource("Goal", "g"), held="roi row 12"))
    assert {"p", "g"} == {id_ for id_, said in answers.items() if said == ("H", "consent-row-refused")}
    assert {("W", "not-referenced")} == {answers[org] for org in (desk.COUNTY, desk.PLAN, desk.CBO)}


def test_a_no_in_another_source_counts(desk):
    """A merely possible link carries what protects."""
    assert ("W", "person-said-no") == desk.answers(desk.graph(peers=[desk.no_sharing()]))["p"]


def test_a_yes_in_another_source_does_not_count(desk):
    """… and nothing else."""
    graph = desk.graph(desk.resource("Condition", "d", "SUD"), peers=[desk.consent()])
    assert ("W", "no-consent") == desk.answers(graph)["d"]


def test_a_consent_in_another_source_that_cannot_be_computed_holds(desk):
    """It may be a no."""
    assert ("H", "consent-not-computable") == desk.answers(desk.graph(peers=[desk.consent(status="?")]))["p"]


@pytest.mark.parametrize("part", ["provision", "patient", "performer", "status", "sourceReference"])
@pytest.mark.parametrize("junk", [None, 7, "x", ["x"], [[]], {"type": ["deny"]}, {"type": "deny", "period": 3}])
def test_a_consent_of_any_shape_never_raises(desk, part, junk):
    """Bad input is normal input; and of what it says whose it is, in which state, with which scope, none may be odd."""
    graph = desk.graph(desk.resource("Condition", "d", "SUD"))
    fate, _ = desk.answers(Graph(graph.parcels, (desk.consent() | {part: junk},), ()))["d"]
    assert fate != "P" or part in {"performer", "sourceReference"}


def test_organizations_go_only_where_something_points_at_them(desk):
    """Directly or through another; never by themselves."""
    role = desk.resource("Practitioner", "dr", qualification=[{"issuer": desk.point("Organization", desk.CBO)}])
    asked = desk.resource("ServiceRequest", "s", requester=desk.point("Practitioner", "dr"))
    answers = desk.answers(desk.graph(asked, role))
    assert [("P", "default")] * 2 == [answers["dr"], answers[desk.CBO]]
    assert ("W", "not-referenced") == answers[desk.PLAN]


def test_a_role_goes_with_its_practitioner(desk):
    """Nothing points at a role; it brings its organization along."""
    who, where = desk.point("Practitioner", "dr"), desk.point("Organization", desk.CBO)
    shared = (
        desk.resource("Practitioner", "dr"),
        desk.resource("PractitionerRole", "r", practitioner=who, organization=where),
    )
    asked = desk.resource("ServiceRequest", "s", requester=who)
    assert {"p", "s", "dr", "r", desk.CBO} == set(desk.sent(desk.graph(asked, *shared)))
    assert {"p"} == set(desk.sent(desk.graph(*shared)))


# taking back ----------------------------------------------------------------


@pytest.mark.parametrize(
    "now",
    [
        {"status": "inactive"},
        {"status": "entered-in-error"},
        {"status": "rejected"},
        {"end": "2026-05-31"},
        {"root": {"type": "deny"}},
        {"sud": "no"},
    ],
)
@pytest.mark.parametrize("held", ["", "roi row 12"])
def test_who_holds_a_consent_learns_that_it_says_less(desk, now, held):
    """Even while the person is held, and whatever else is withheld; a server that never had it does not learn of it."""
    form, data = desk.consent(**now), desk.resource("Condition", "d", "SUD")
    holds = {"p", desk.COUNTY, desk.PLAN, "c1", "d"}
    there, elsewhere = (
        desk.graph(data, consents=[form], held=held, holds=holds),
        desk.graph(data, consents=[form], held=held),
    )
    answers = desk.answers(there)
    assert (("P", "narrowing"), "P") == (answers["c1"], answers[desk.COUNTY][0])
    assert "P" != answers["d"][0]
    assert "P" != desk.answers(elsewhere)["c1"][0]


def test_a_narrowing_is_due_to_synthetic_servers_only(desk):
    """The first rule has no exception."""
    graph = desk.graph(consents=[desk.consent(status="inactive")], holds={"p", "c1", desk.COUNTY, desk.PLAN})
    assert {("W", "server-not-synthetic")} == fates(desk, graph, desk.terms(synthetic=False))


def test_what_takes_back_gives_nothing(desk):
    """No yes to a single question, no narrative, and no pointer at a paper that the server never got."""
    form = desk.consent(status="inactive", text={"status": "generated", "div": "<div>…</div>"})
    form["sourceReference"] = desk.point("DocumentReference", "new-paper")
    sent = desk.sent(desk.graph(consents=[form], holds={"p", "c1"}))["c1"]
    assert {"text", "sourceReference"}.isdisjoint(sent)
    assert "provision" not in sent["provision"]
    assert "inactive" == sent["status"]


def test_a_narrowing_whose_person_is_not_there_stays(desk):
    """It would point at nobody."""
    form = desk.consent(status="inactive")
    answers = desk.answers(desk.graph(consents=[form], held="roi row 12", holds={"c1"}))
    assert ("H", "consent-row-refused") == answers["c1"]


def test_a_yes_is_no_narrowing(desk):
    """A held person's consent that takes nothing back waits like everything else."""
    answers = desk.answers(desk.graph(consents=[desk.consent()], held="roi row 12", holds={"p", "c1"}))
    assert ("H", "consent-row-refused") == answers["c1"]


# the one door ----------------------------------------------------------------


def test_nobody_else_makes_a_clearance(desk):
    """It cannot be constructed, copied or stored."""
    cleared = next(a for a in clear(desk.graph(desk.resource("Goal", "g")), desk.terms()) if isinstance(a, Cleared))
    for attempt in (Cleared, lambda: copy.copy(cleared), lambda: copy.deepcopy(cleared), lambda: pickle.dumps(cleared)):
        with pytest.raises(TypeError):
            attempt()


def test_one_line_of_the_whole_package_mints():
    """A second door would be written here."""
    sources = Path(nowrongdoor.__file__).parent.rglob("*.py")
    minting = [p.name for p in sources for line in p.read_text("utf-8").splitlines() if re.search(r"\._mint\b", line)]
    assert ["gate.py"] == minting


def test_what_is_kept_is_never_changed(desk):
    """What is sent is another object, down to its leaves."""
    plan = desk.resource("CarePlan", "plan", goal=[desk.point("Goal", "g")], text={"status": "generated", "div": "x"})
    graph = desk.graph(plan, desk.resource("Goal", "g", "SUD"), consents=[desk.consent(sud="no")])
    before = copy.deepcopy([p.kept.resource for p in graph.parcels])
    sent = desk.sent(graph)
    sent["plan"]["subject"]["reference"] = "changed"
    sent["p"]["meta"]["security"].clear()
    assert before == [p.kept.resource for p in graph.parcels]


def test_now_has_a_zone(desk):
    """A moment without a zone would end consents on the wrong day."""
    with pytest.raises(ValueError, match="zone"):
        clear(desk.graph(), desk.terms(now=datetime(2026, 6, 1)))  # noqa: DTZ001  what must be refused


def test_every_rule_has_a_sentence():
    """Words for people; the pattern of those that follow from others too."""
    assert all(reason(rule) for rule in GOES | STAYS)
    assert "it cannot stand without a Patient that stays here" == reason("follows:Patient")
