"""Whoever takes a yes back is obeyed at the next push: the server learns that, and learns nothing more."""

from delivery.county import MH, SUD, word
from delivery.there import cleared, kept
from servers.dump import everything


def changed(county, who, programme):
    """Title, problem, goal and intervention read otherwise now: the new words."""
    rows = [row for row in county.rows["plans"] if (row["CLIENT_ID"], row["PROGRAM"]) == (county.id(who), programme)]
    for row in rows:
        row["DESCRIPTION"] = word(f"{programme.capitalize()}words")
    return {row["DESCRIPTION"] for row in rows}


def consent_of(way):
    """Our id of the one Consent there is."""
    (found,) = [id_ for id_, one in kept(way.gateway).items() if one["resourceType"] == "Consent"]
    return found


def names(way):
    """What the last push wrote, by type."""
    return sorted(entry.name.split("/")[0] for request in way.wire.sent for entry in request)


def pushed(way, county):
    way.gateway.take(county)
    said = way.gateway.push()
    way.wire.forget()
    return said["sent"]


def test_of_a_revoked_release_only_the_end_goes(road, each_server, one):
    """The Consent that stands there is narrowed; of what it permitted nothing new goes, and nothing is deleted.

    The Provenance of what went before says less now, too.
    """
    one.plan("plain", SUD)
    release = one.release("plain")
    way = road(each_server)
    sent = pushed(way, one)
    before, consent = cleared(way.gateway), consent_of(way)
    release["STATUS"] = "revoked"
    later = changed(one, "plain", SUD)
    way.gateway.take(one)
    counts, _ = way.push()

    assert (2, ["Consent", "Provenance"]) == (counts["sent"], names(way))
    assert all(entry.if_match for request in way.wire.sent for entry in request)
    there = way.there.get("Consent", consent)
    assert ("inactive", "provision" in there["provision"]) == (there["status"], False)
    assert set() == {text for text in later if text in everything(each_server)}
    for id_, resource in before.items():
        assert id_ == way.there.get(resource["resourceType"], id_)["id"]
    assert (sent, 2) == (len(before), way.there.versions("Consent", consent))
    assert 0 == way.push()[1]


def test_other_data_goes_on_after_a_revocation(road, sandbox, one):
    """What needs no consent is not stopped by the end of one."""
    one.plan("plain", SUD)
    release = one.release("plain")
    way = road(sandbox)
    pushed(way, one)
    release["STATUS"] = "revoked"
    later = changed(one, "plain", MH)
    way.gateway.take(one)
    way.push()

    assert ["CarePlan", "Condition", "Consent", "Goal", "ServiceRequest"] == [
        n for n in names(way) if n != "Provenance"
    ]
    assert later == {text for text in later if text in everything(sandbox)}


def test_a_refused_release_row_holds_the_person(road, each_server, one):
    """Nobody knows what it says: nothing more goes, also of what needs no consent."""
    way = road(each_server)
    sent = pushed(way, one)
    one.release("plain", SHARE="perhaps")
    later = changed(one, "plain", MH)
    way.gateway.take(one, 3)
    counts, writes = way.push(3)

    assert (None, sent - 2, 0) == (counts.get("sent"), counts["held"] - 1, writes)  # with the Provenance of the change
    assert set() == {text for text in later if text in everything(each_server)}


def test_a_hold_stops_no_revocation(road, sandbox, one):
    """Another row of the person is unreadable: what was taken back is told all the same."""
    one.plan("plain", SUD)
    release = one.release("plain")
    way = road(sandbox)
    pushed(way, one)
    release["STATUS"] = "revoked"
    one.release("plain", SHARE="perhaps")
    way.gateway.take(one, 3)
    way.push(3)

    assert (["Consent"], "inactive") == (names(way), way.there.get("Consent", consent_of(way))["status"])
