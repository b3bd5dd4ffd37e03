"""Whatever people signed: one more no, or one yes fewer, never lets more out; and order means nothing."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

CODES = ["SUD", "ETH", "42CFRPart2", "OPIOIDUD", "HIV", "BH", "N"]
labels = st.lists(st.sampled_from(CODES), unique=True, max_size=3)
parties = st.lists(st.sampled_from(["plan-a", "cbo"]), unique=True, max_size=2)
purposes = st.lists(st.sampled_from(["TREAT", "CAREMGT", "HOPERAT"]), unique=True, max_size=2)
audiences = st.lists(st.sampled_from(["plan-a", "cbo"]), unique=True, min_size=1)
seeds = st.tuples(st.sampled_from(["permit", "deny"]), labels, parties, purposes, st.booleans())


def form(desk, number, seed):
    (type_, _, to, why, ours), nested = seed[0], seed[1:]
    root = desk.provision(type_, to=to, purposes=why, by=[desk.COUNTY] if ours else ["other"])
    root["provision"] = [desk.provision(t, *marks, to=a, purposes=w) for t, marks, a, w, _ in nested]
    return desk.consent(f"c{number}", "", root=root)


signed = st.lists(st.lists(seeds, min_size=1, max_size=3), max_size=3)
data = st.lists(labels, min_size=1, max_size=4)


def record(desk, marks, consents, flip=False):
    step = -1 if flip else 1
    parts = [desk.resource("Condition", f"d{n}", *own[::step]) for n, own in enumerate(marks)]
    plan = desk.resource("CarePlan", "plan", addresses=[desk.point("Condition", r["id"]) for r in parts])
    return desk.graph(*[plan, *parts][::step], consents=consents[::step])


def out(desk, graph, terms):
    return {id_ for id_, (fate, _) in desk.answers(graph, terms).items() if fate == "P"}


@given(signed, st.lists(seeds, min_size=1, max_size=2), data, audiences)
@settings(max_examples=150, deadline=None)
def test_one_more_no_never_lets_more_out(desk, before, no, marks, audience):
    """The new form may be anything that has a deny and no permit in it; it is not itself counted."""
    consents, terms = [form(desk, n, s) for n, s in enumerate(before)], desk.terms(audience)
    extra = form(desk, 99, [("deny", *rest) for _, *rest in no])
    fewer = out(desk, record(desk, marks, [*consents, extra]), terms) - {"c99"}
    assert fewer <= out(desk, record(desk, marks, consents), terms) | {*extra_parties(desk)}


def extra_parties(desk):
    """A Consent that goes takes the organizations it names along: they are nobody's data."""
    return desk.COUNTY, desk.PLAN, desk.CBO


@given(signed, data, audiences)
@settings(max_examples=150, deadline=None)
def test_one_yes_fewer_never_lets_more_out(desk, before, marks, audience):
    """Any Consent without a deny in it is taken away."""
    consents, terms = [form(desk, n, s) for n, s in enumerate(before)], desk.terms(audience)
    for gone in [c for c, s in zip(consents, before, strict=True) if all(t == "permit" for t, *_ in s)]:
        rest = [c for c in consents if c is not gone]
        assert out(desk, record(desk, marks, rest), terms) <= out(desk, record(desk, marks, consents), terms)


@given(signed, data, audiences)
@settings(max_examples=100, deadline=None)
def test_order_means_nothing(desk, before, marks, audience):
    """Of consents, of labels, of parcels."""
    consents, terms = [form(desk, n, s) for n, s in enumerate(before)], desk.terms(audience)
    answers = [desk.answers(record(desk, marks, consents, flip=flip), terms) for flip in (False, True)]
    assert answers[0] == answers[1]


@given(signed, data, audiences)
@settings(max_examples=150, deadline=None)
def test_nothing_sent_points_at_what_is_not_sent(desk, before, marks, audience):
    """Closed under references, whatever was withheld."""
    graph = record(desk, marks, [form(desk, n, s) for n, s in enumerate(before)])
    sent = desk.sent(graph, desk.terms(audience))
    written = json.dumps(list(sent.values()))
    for parcel in graph.parcels:
        ref = f"{parcel.kept.resource['resourceType']}/{parcel.kept.resource['id']}"
        assert parcel.kept.resource["id"] in sent or f'"{ref}"' not in written
