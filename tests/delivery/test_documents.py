"""A clinic's documents taken in and delivered: as far as labels and consent allow, and each change once."""

import json
import re
from collections import Counter

import pytest

from delivery import clinic
from delivery.clinic import TYPES, Clinic
from delivery.county import County, cin
from delivery.there import cleared, content, kept

SHARED = {"Organization": 2, "Practitioner": 1, "PractitionerRole": 1}  # the clinic by its TOML and by its documents
ALL = sum(TYPES.values()) + sum(SHARED.values())
RESTRICTED = '<confidentialityCode code="{}" codeSystem="2.16.840.1.113883.5.25"/>'


@pytest.fixture
def one():
    """A client of the clinic."""
    return Clinic()


def take(way, one, *expected, part2="false"):
    """The document as it is now, taken in; the accounting."""
    name = clinic.source(way.gateway, "fir-clinic" if part2 == "false" else "fir-unknown", part2)
    beside = way.gateway.folder.parent
    folder = beside / f"documents-{len(list(beside.iterdir()))}"
    return way.gateway.take_files(name, [one.written(folder)], *expected)


def types(resources):
    return Counter(r["resourceType"] for r in resources)


def by_type(resources, kind):
    (only,) = (r for r in resources.values() if r["resourceType"] == kind)
    return only


def test_all_that_a_document_states_is_delivered_once(road, each_server, one):
    """Every type stands there as it was cleared, with its participants; the second push writes nothing."""
    way = road(each_server)
    take(way, one)
    assert TYPES | SHARED == types(kept(way.gateway).values())

    counts, writes = way.push()
    assert {"sent": ALL} == counts
    assert writes > 0
    assert ({"unchanged": ALL}, 0) == way.push()
    for id_, resource in cleared(way.gateway).items():
        assert content(resource) == content(way.there.get(resource["resourceType"], id_))


def test_what_is_sent_points_at_what_was_sent_before_it(road, sandbox, one):
    """On the wire, in the order of its entries: whoever is pointed to goes first."""
    way = road(sandbox)
    take(way, one)
    way.push()
    order = [entry.name for request in way.wire.sent for entry in request]
    there = cleared(way.gateway)
    names = {f"{r['resourceType']}/{r['id']}": json.dumps(r) for r in there.values()}
    assert set(names) == set(order)
    for name, text in names.items():
        before = set(order[: order.index(name)])
        assert set(re.findall(r'"reference": "([^"]+)"', text)) - {name} <= before


def test_what_nobody_has_judged_stays(road, sandbox, one):
    """part2 = "unknown" counts as Part 2, and no document says whom its reader may be: nothing goes."""
    way = road(sandbox)
    take(way, one, part2='"unknown"')
    counts, writes = way.push()
    assert ({"withheld": ALL}, 0) == (counts, writes)
    assert "no-consent" in way.gateway.push()["why"]


def test_a_release_that_another_source_keeps_is_no_yes(road, sandbox, one, county):
    """A county's client with all their consents beside: it speaks of the county's data, and stays with it."""
    way = road(sandbox)
    way.gateway.take(county, 3)
    way.push(3)
    take(way, one, part2='"unknown"')
    counts, writes = way.push(3)
    assert writes == 0
    assert counts["withheld"] >= ALL


def test_a_no_that_another_source_keeps_counts(road, sandbox, one):
    """Where the clinic says which OID is the CIN's: the county's client of that number said no."""
    way = road(sandbox)
    county, number = County(), cin()
    county.client("no", CIN=number)
    county.release("no", SHARE="N")
    way.gateway.take(county)
    codes = way.gateway.folder / "profiles" / "codes" / "fir_ids.csv"
    codes.write_text("source,target,display\n1.2.77,https://w3id.org/nowrongdoor/id/cin,CIN\n", encoding="utf-8")
    one.ids = f'<id root="1.2.77" extension="{number}"/>'
    take(way, one)
    _, writes = way.push()
    assert writes == 0
    assert way.gateway.push()["why"]["person-said-no"] >= sum(TYPES.values())


@pytest.mark.parametrize("word", ["R", "V"])
def test_a_restricted_document_stays(road, sandbox, one, word):
    """Whole, for no rule lets such a label out yet."""
    way = road(sandbox)
    one.head["label"] = RESTRICTED.format(word)
    take(way, one)
    counts, writes = way.push()
    assert writes == 0
    assert {"withheld"} == set(counts)
    assert way.gateway.push()["why"]["label"] >= sum(TYPES.values()) - 1  # all but the Provenance, which follows


def test_a_restricted_entry_stays_and_the_rest_goes(road, sandbox, one):
    """The device stays, with what the document says as a whole: the words of all sections, its plan and its visit."""
    way = road(sandbox)
    marked = clinic.DEVICE.replace("</supply>", f"{RESTRICTED.format('R')}</supply>")
    one.planned = [marked]
    take(way, one)
    way.push()
    going, every = cleared(way.gateway), kept(way.gateway)
    device = by_type(every, "DeviceRequest")["id"]
    stays = {r["resourceType"] for id_, r in every.items() if id_ not in going}
    assert {"DeviceRequest", "DocumentReference", "CarePlan", "Encounter"} == stays
    assert device not in json.dumps(list(going.values()))


def test_a_consent_of_a_document_holds_whom_it_speaks_of(road, sandbox, one):
    """It does not say whom it lets see what: a person has to look at it before anything goes."""
    way = road(sandbox)
    one.head["consent"] = clinic.CONSENT
    take(way, one)
    counts, writes = way.push(3)
    assert writes == 0
    assert sum(TYPES.values()) + 1 == counts["held"]


# changes -------------------------------------------------------------------


def sent(way):
    """Types of what the last push wrote, and whether it was there before."""
    wrote = [entry for request in way.wire.sent for entry in request]
    way.wire.forget()
    return Counter(entry.name.partition("/")[0] for entry in wrote), sum(bool(e.if_match) for e in wrote)


def amended(one, **head):
    one.head |= {"document": "D-2", "version": "2", "when": "20260106120000-0800"} | head


def test_an_amended_document_changes_what_it_amends(road, sandbox, one):
    """A goal's date: one Goal is updated; the new version is a document of its own, and a Provenance says so."""
    way = road(sandbox)
    take(way, one)
    way.push()
    way.wire.forget()
    one.due = "20260401"
    amended(one)
    take(way, one)
    counts, _ = way.push()
    wrote, updates = sent(way)
    assert {"Goal": 1, "DocumentReference": 1, "Provenance": 1} == wrote
    assert 1 == updates
    assert 3 == counts["sent"]
    goal = by_type(cleared(way.gateway), "Goal")
    assert "2026-04-01" == way.there.get("Goal", goal["id"])["target"][0]["dueDate"]


def test_what_a_newer_version_leaves_out_is_not_forgotten(road, sandbox, one):
    """The plan no longer names the device; what was asked for stays as it was last stated."""
    way = road(sandbox)
    take(way, one)
    way.push()
    way.wire.forget()
    device = by_type(cleared(way.gateway), "DeviceRequest")
    one.planned = []
    amended(one)
    take(way, one)
    way.push()
    assert {"CarePlan": 1, "DocumentReference": 1, "Provenance": 1} == sent(way)[0]
    assert content(device) == content(way.there.get("DeviceRequest", device["id"]))
    assert device["id"] not in json.dumps(by_type(cleared(way.gateway), "CarePlan"))


def test_an_older_version_that_comes_late_changes_nothing(road, sandbox, one):
    """Nor does the same document once more: its entries are merged, and nothing is sent but the older document."""
    way = road(sandbox)
    old = Clinic()
    old.person, old.family, old.due = one.person, one.family, "20260201"
    amended(one)
    take(way, one)
    take(way, one)
    way.push()
    way.wire.forget()
    late = take(way, old)
    assert 1 == late["files"][0]["written"]
    assert late["files"][0]["merged"] == late["files"][0]["read"] - 1
    way.push()
    assert {"DocumentReference": 1, "Provenance": 1} == sent(way)[0]
    goal = by_type(cleared(way.gateway), "Goal")
    assert "2026-03-01" == goal["target"][0]["dueDate"]
