"""What a person's consents answer for one server: who said no, and who said yes to what.

Both are read on the careful side. What cannot be computed never widens a yes and never narrows a no: a yes counts
only where every word of it is understood; a no counts unless what is understood shows that it speaks of somebody or
something else. A nested yes inherits what it does not state from its root; a nested no inherits only whom and what
purpose it is about. Not yet computed: which of two forms of one series is newer (a no stays until its source ends
it), the form's declarations (42 CFR 2.31(a)(4)-(6)), classes of recipients.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from nowrongdoor.model import value
from nowrongdoor.privacy.consents import SPEAKING, Provision, Release
from nowrongdoor.privacy.labels import PART2, UNREADABLE
from nowrongdoor.privacy.projection import target

NAMES_PART2 = frozenset({"42CFRPart2", "SUD", "ETH"})  # a yes to opioid data alone is not a yes to all of it
# A no to one of these is a no to all: rows of behavioral health programmes do not say yet which of them they are.
BROAD = frozenset({"SPI", "BH", "MH", "PSY", "PSYTHPN", "COGN", "DVD", "EMOTDIS", UNREADABLE})
# For which other purposes a no speaks of ours too (v3-ActReason, is-a); of a purpose not listed here, any no may speak.
WIDER: Mapping[str, frozenset[str]] = {
    "TREAT": frozenset(),
    "HPAYMT": frozenset(),
    "HOPERAT": frozenset(),
    "COC": frozenset({"TREAT"}),
    "CAREMGT": frozenset({"HOPERAT"}),
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@value
class Terms:
    """What a server entry is given anything for: all of its audience, for all of its purposes, at this moment."""

    recipients: Mapping[str, str]  # the audience: id of an Organization resource → the partner's name
    purposes: tuple[str, ...]  # v3-ActReason
    now: datetime  # aware
    timezone: str  # of the deployment: a date without a time is a day there, and an end date is that day's end
    synthetic: bool  # the server takes invented data only; until consent law lands nothing leaves to any other


@value
class Denial:
    """A no in force: to data with one of `labels` and named by one of `data`; empty, it does not narrow."""

    labels: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()

    def names(self, labels: frozenset[str], refs: frozenset[str]) -> bool:
        return (not self.labels or bool(self.labels & labels)) and (not self.data or bool(self.data & refs))


EVERYTHING = Denial()


def when(period: tuple[str, str], terms: Terms) -> Literal["", "not-started", "expired", "period-unreadable"]:
    """Empty while the period runs. A day belongs to it whole, first and last; a partial date is not a day."""
    start, end = period
    try:
        early = bool(start) and _compare(terms, start) < 0
        late = bool(end) and _compare(terms, end) > 0
    except ValueError:
        return "period-unreadable"
    if early and late:
        return "period-unreadable"
    return "not-started" if early else "expired" if late else ""


def _compare(terms: Terms, text: str) -> int:
    """-1, 0, 1: now is before, at, after it. Compared, never added to: 9999-12-31 is a common way to say "no end"."""
    if _DAY.fullmatch(text):
        today, day = terms.now.astimezone(ZoneInfo(terms.timezone)).date(), date.fromisoformat(text)
        return (today > day) - (today < day)
    if not _INSTANT.fullmatch(text):
        raise ValueError("neither a day nor an instant")
    moment = datetime.fromisoformat(text)
    return (terms.now > moment) - (terms.now < moment)


def denials(release: Release, terms: Terms) -> Iterator[Denial]:
    """Every no of it that may speak of this audience and these purposes. One not second-checked is already a no, and so
    is one dated after today: that is a slip of the pen sooner than leave to share until then.
    """
    root = release.root
    if release.status not in SPEAKING or when(root.period, terms) == "expired":
        return
    if root.type == "deny" and _touches(root, terms):
        yield EVERYTHING
    for p in release.nested:
        over = p.type == "permit" or when(p.period, terms) == "expired"
        if not over and _touches(_inherit(p, root), terms):
            yield _denial(p)


def _denial(p: Provision) -> Denial:
    labels = frozenset[str]() if p.labels & BROAD else p.labels
    data = frozenset(ref for _, ref in p.data)
    return Denial(
        labels | PART2 if labels & PART2 else labels, data if all(target(ref) == ref for ref in data) else frozenset()
    )


def _touches(p: Provision, terms: Terms) -> bool:
    audience = {f"Organization/{id_}" for id_ in terms.recipients}
    elsewhere = p.actors and all(
        role == "IRCP" and ref.startswith("Organization/") and ref not in audience for role, ref in p.actors
    )
    meant = not p.purposes or any(
        ours not in WIDER or p.purposes & {ours, *WIDER[ours], "PurposeOfUse", UNREADABLE} for ours in terms.purposes
    )
    return not elsewhere and meant


def _inherit(p: Provision, root: Provision) -> Provision:
    return replace(
        p,
        actors=p.actors or root.actors,
        purposes=p.purposes or root.purposes,
        labels=p.labels or root.labels,
        data=p.data or root.data,
        more=p.more or root.more,
    )


# in the order in which a clerk would look
LACKS = (
    "no-consent", "not-active", "unsigned", "not-started", "expired", "period-unreadable",
    "sud-box-empty", "scope-not-computable", "purpose-not-named", "discloser-not-named", "",
)  # fmt: skip


def lacking(releases: Sequence[Release], patient: str, custodian: str, terms: Terms) -> str:
    """Empty if each recipient has one Consent of `patient` that allows Part 2 data of `custodian`, else what it lacks.

    42 CFR 2.31(a): who discloses, what, to whom, why, until when, signed. Of several Consents, the one that comes
    nearest says what is lacking.
    """
    own = [r for r in releases if r.patient == patient and r.root.type == "permit"]
    for recipient in sorted(terms.recipients):
        said = [_lacks(r, p, (recipient, custodian), terms) for r in own for p in _permits(r)]
        if nearest := max(said, key=LACKS.index, default="no-consent"):
            return nearest
    return ""


def _permits(release: Release) -> Iterator[Provision]:
    yield release.root
    yield from (_inherit(p, release.root) for p in release.nested if p.type == "permit")


def _lacks(release: Release, p: Provision, parties: tuple[str, str], terms: Terms) -> str:
    recipient, custodian = (f"Organization/{id_}" for id_ in parties)
    out_of_time = when(release.root.period, terms) or when(p.period, terms)
    checks = (
        ("no-consent", ("IRCP", recipient) in p.actors),
        ("not-active", release.status == "active"),
        ("unsigned", release.signed),
        (out_of_time, not out_of_time),
        ("sud-box-empty", bool(p.labels & NAMES_PART2)),
        ("scope-not-computable", not p.more),
        ("purpose-not-named", p.purposes.issuperset(terms.purposes)),
        ("discloser-not-named", bool(parties[1]) and ("authoredby", custodian) in p.data),
    )
    return next((rule for rule, holds in checks if not holds), "")
