"""The one door out: what of a person's record may go to this server, this moment, and why the rest may not.

Pure: everything it judges by comes in as arguments, so that it can be asked again at every retry. It fails closed:
what is not understood stays, and a resource that cannot stand without something that stays, stays with it.
"""

from collections.abc import Callable, Mapping

from nowrongdoor.model import Cleared, Parcel, Resource, Withheld, value
from nowrongdoor.privacy.answers import EVERYTHING, Terms, denials, lacking, when
from nowrongdoor.privacy.consents import SPEAKING, Release, read
from nowrongdoor.privacy.labels import PART2, UNREADABLE, is_test, labels
from nowrongdoor.privacy.projection import project, references, target

HELD = {"consent-row-refused", "consent-not-computable"}
NEVER = {"server-not-synthetic", "audience-empty", "real-data-not-yet", "not-labelled-test"}


@value
class Graph:
    """One person's record as one server is due it, and everything that was said about sharing it."""

    parcels: tuple[Parcel, ...]  # all of one person, and the Organizations and Practitioners they point to
    consents: tuple[Resource, ...]  # all kept of this person, from their own source
    peers: tuple[Resource, ...]  # of persons with an equal CIN in other sources: their no counts, their yes does not
    held: str = ""  # why the person is held (a refused consent row, own or a peer's), "" if not
    holds: frozenset[str] = frozenset()  # ids of our resources that this server already has


def clear(graph: Graph, terms: Terms) -> tuple[Cleared | Withheld, ...]:
    """One answer per parcel, in the same order. `terms.now` must be aware (ValueError)."""
    if terms.now.tzinfo is None:
        raise ValueError("the moment of sending needs a zone")
    case = _Case(graph, terms)
    rules = {_ref(p): case.judge(p) for p in graph.parcels}
    views = _settle(graph, rules)
    told = case.narrowings(rules, views)
    views |= told
    views = {ref: _as_its_targets(view, views) for ref, view in views.items()}
    rules |= dict.fromkeys(told, "narrowing")
    _only_referenced(graph, rules, views)
    return tuple(
        Cleared._mint(p, views[ref], rules[ref])  # noqa: SLF001  the one door: nothing else in the package mints
        if (ref := _ref(p)) in views
        else Withheld(p, rules[ref], held=rules[ref] in HELD)
        for p in graph.parcels
    )


class _Case:
    """One graph under one server's terms: every consent read once."""

    def __init__(self, graph: Graph, terms: Terms) -> None:
        own, peers = ([read(c) for c in consents] for consents in (graph.consents, graph.peers))
        self.graph, self.terms = graph, terms
        self.own = [r for r in own if r]
        self.computable = None not in own and None not in peers
        self.denials = [d for r in (*own, *peers) if r for d in denials(r, terms)]
        self.patient = next((_ref(p) for p in graph.parcels if p.kept.resource["resourceType"] == "Patient"), "")
        self.labels = _labels(graph, self.own)
        self._permits: dict[str, str] = {}

    def judge(self, parcel: Parcel) -> str:
        """A rule of `GOES`, or the one that keeps it here."""
        return self._never(parcel) or (parcel.kept.person and self._person()) or self._data(parcel)

    def _never(self, parcel: Parcel) -> str:
        if not self.terms.synthetic:
            return "server-not-synthetic"
        if not self.terms.recipients or not self.terms.purposes:
            return "audience-empty"
        if not parcel.kept.synthetic:
            return "real-data-not-yet"
        return "" if is_test(parcel.kept.resource) else "not-labelled-test"

    def _person(self) -> str:
        if self.graph.held:
            return "consent-row-refused"
        if not self.computable:
            return "consent-not-computable"
        return "person-said-no" if EVERYTHING in self.denials else ""

    def _data(self, parcel: Parcel) -> str:
        own, custodian = self.labels[_ref(parcel)], parcel.kept.custodian
        if own - PART2:
            return "label"
        refs = frozenset({_ref(parcel), f"Organization/{custodian}", *references(parcel.kept.resource)})
        if any(d.names(own, refs) for d in self.denials if d != EVERYTHING):
            return "person-said-no"
        if not own:
            return "default"
        if custodian not in self._permits:
            self._permits[custodian] = lacking(self.own, self.patient, custodian, self.terms)
        return self._permits[custodian] or "consent"

    def narrowings(self, rules: Mapping[str, str], views: Mapping[str, Resource]) -> dict[str, Resource]:
        """Consents that say less than before, to a server that has them: it must not go on relying on them."""
        told = {}
        own = {f"Consent/{r.id}": r for r in self.own if r.id in self.graph.holds}
        for parcel in self.graph.parcels:
            ref = _ref(parcel)
            if ref in own and ref not in views and rules[ref] not in NEVER:
                view, missing = project(_less(parcel.kept.resource), self._has(views), narrowed=True)
                if self._takes_back(own[ref]) and not missing:
                    told[ref] = view
        return told

    def _takes_back(self, release: Release) -> bool:
        root = release.root
        ended = release.status not in SPEAKING or when(root.period, self.terms) == "expired"
        return ended or root.type == "deny" or any(p.type == "deny" for p in release.nested)

    def _has(self, views: Mapping[str, Resource]) -> Callable[[str], bool]:
        return lambda ref: ref in views or ref.rpartition("/")[2] in self.graph.holds


def _less(consent: Resource) -> Resource:
    """The Consent without any yes to single questions and without narrative: it takes back and gives nothing."""
    less = {name: part for name, part in consent.items() if name != "text"}
    if "meta" in less:  # what is left may lack what the profile asks for
        less["meta"] = {name: part for name, part in less["meta"].items() if name != "profile"}
    if nested := less.get("provision", {}).get("provision"):
        less["provision"] = {**less["provision"], "provision": [p for p in nested if p["type"] == "deny"]}
    return less


def _labels(graph: Graph, releases: list[Release]) -> dict[str, frozenset[str]]:
    """Of each parcel. A Consent carries what its provisions name, and the paper it was keyed from carries the same."""
    found = {_ref(p): labels(p.kept.resource) for p in graph.parcels if p.kept.key.kind != "provenance"}
    found |= {_ref(p): frozenset() for p in graph.parcels if p.kept.key.kind == "provenance"}  # judged by its targets
    for r in releases:
        said = frozenset().union(*(p.labels for p in (r.root, *r.nested))) - {UNREADABLE}
        for ref in {f"Consent/{r.id}", target(r.source)} & found.keys():
            found[ref] |= said | found.get(f"Consent/{r.id}", frozenset())
    return found


def _as_its_targets(view: Resource, views: Mapping[str, Resource]) -> Resource:
    """A Provenance is as sensitive as what it still speaks of once the rest is left out: it carries those labels."""
    if view["resourceType"] != "Provenance":
        return view
    spoken_of = [views.get(target(t["reference"]), {}) for t in view["target"]]
    said = {(s["system"], s["code"]): s for r in spoken_of for s in r.get("meta", {}).get("security", ())}
    meta = {name: part for name, part in view.get("meta", {}).items() if name != "security"}
    return {**view, "meta": {**meta, **({"security": [said[k] for k in sorted(said)]} if said else {})}}


def _settle(graph: Graph, rules: dict[str, str]) -> dict[str, Resource]:
    """What goes, as it goes: round by round, until nothing that goes needs something that stays."""
    going = {_ref(p): p for p in graph.parcels if rules[_ref(p)] in GOES}
    while True:
        seen = {ref: project(p.kept.resource, going.__contains__) for ref, p in going.items()}
        if not any(ref.startswith("Patient/") for ref in going):
            seen |= {ref: (view, "Patient") for ref, (view, _) in seen.items() if going[ref].kept.person}
        stay = {ref: f"follows:{missing}" for ref, (_, missing) in seen.items() if missing}
        if not stay:
            return {ref: view for ref, (view, _) in seen.items()}
        rules |= stay
        going = {ref: p for ref, p in going.items() if ref not in stay}


def _only_referenced(graph: Graph, rules: dict[str, str], views: dict[str, Resource]) -> None:
    """What belongs to no person goes where something that goes points at it; a role goes with its practitioner."""
    shared = {_ref(p) for p in graph.parcels if not p.kept.person}
    roles = {ref: {*references(view)} for ref, view in views.items() if ref.startswith("PractitionerRole/")}
    reached: set[str] = set()
    fresh = views.keys() - shared
    while fresh:
        reached |= fresh
        fresh = {to for ref in fresh for to in references(views[ref]) if to in views}
        fresh |= {ref for ref, to in roles.items() if any(t.startswith("Practitioner/") for t in to & reached)}
        fresh -= reached
    for ref in views.keys() - reached:
        del views[ref]
        rules[ref] = "not-referenced"


def _ref(parcel: Parcel) -> str:
    return f"{parcel.kept.resource['resourceType']}/{parcel.kept.resource['id']}"


# words --------------------------------------------------------------------

GOES = {
    "default": "nobody said no and the data needs no consent",
    "consent": "a consent of the person allows it",
    "narrowing": "the server holds this consent and has to learn that it says less now",
}
STAYS = {
    "server-not-synthetic": "the server is not marked synthetic: nothing leaves to it yet",
    "audience-empty": "the server names no audience or no purpose",
    "real-data-not-yet": "real data leaves to no server yet",
    "not-labelled-test": "invented data without its HTEST label",
    "consent-row-refused": "a consent row that may speak of this person was refused: mend it first",
    "consent-not-computable": "a consent of this person cannot be computed: a privacy officer decides",
    "person-said-no": "the person said no",
    "label": "a confidentiality or sensitivity label that no rule allows out yet",
    "no-consent": "no consent names this recipient",
    "not-active": "the consent is not active: revoked, or not second-checked",
    "unsigned": "the consent does not say who signed it and when",
    "not-started": "the consent does not hold yet",
    "expired": "the consent has expired",
    "period-unreadable": "the consent's period cannot be read",
    "sud-box-empty": "the consent does not say yes to substance use data",
    "scope-not-computable": "the consent is limited in a way that cannot be computed",
    "purpose-not-named": "the consent does not name every purpose of this server",
    "discloser-not-named": "the consent does not name whose data this is as allowed to disclose it",
    "not-referenced": "nothing that goes points at it",
}


def reason(rule: str) -> str:
    """The sentence for a rule's word."""
    if rule.startswith("follows:"):
        return f"it cannot stand without a {rule.removeprefix('follows:')} that stays here"
    return (GOES | STAYS)[rule]
