"""What is exported again is the same thing, and what only looks like it is another: identity over several documents.

Public documents of several vendors, some with every id minted anew, as some systems do at each export.
"""

from collections import Counter
from copy import deepcopy
from uuid import UUID, uuid5

import pytest
from lxml import etree

from ccda import corpus
from ccda.written import V3, Home, Written, source

STABLE, MINTS = source(ids="stable"), source(ids="content")
MINT = UUID("5f6c3a52-7a51-4a1f-9a36-0d9cf1a9b3c4")
NPI = "2.16.840.1.113883.4.6"
NEW = """<entry xmlns="urn:hl7-org:v3"><observation classCode="OBS" moodCode="GOL">
<templateId root="2.16.840.1.113883.10.20.22.4.121"/><id root="{0}"/>
<code code="160573003" codeSystem="2.16.840.1.113883.6.96" displayName="Alcohol intake"/><statusCode code="active"/>
<effectiveTime><low value="20260105"/><high value="20260405"/></effectiveTime></observation></entry>"""
NEWEST = uuid5(MINT, "the new one")
DOCUMENTS = {
    "hl7": "ms-fhir-converter/data/SampleData/Ccda/Care_Plan.ccda",
    "ambulatory": "ms-fhir-converter/data/SampleData/Ccda/170.314B2_Amb_CCD.ccda",
    "referral": "ms-fhir-converter/data/SampleData/Ccda/Referral_Note.ccda",
    "consultation": "ms-fhir-converter/data/SampleData/Ccda/Consultation_Note.ccda",
}


def minted(root):
    """The same document with every id new but the patient's and national numbers, which no system makes."""
    again = deepcopy(root)
    patient = {named(e) for e in again.findall("v:recordTarget/v:patientRole/v:id", V3)}
    for e in again.iter(f"{{{corpus.V3}}}id", f"{{{corpus.V3}}}setId"):
        if named(e) not in patient and e.get("root", NPI) != NPI:
            new = str(uuid5(MINT, str(named(e))))
            e.attrib.clear()
            e.set("root", new)
    return again


def named(id_):
    return id_.get("root"), id_.get("extension")


def entered(root):
    """With one goal more, in its last section."""
    section = list(corpus.sections(root))[-1]
    section.append(etree.fromstring(NEW.format(NEWEST)))
    return root


def lasting(root):
    states = root.find("v:code", V3).get("code") in {"34133-9", "52521-2"}
    times = root.xpath(".//v:encompassingEncounter/v:effectiveTime | .//v:serviceEvent/v:effectiveTime", namespaces=V3)
    return states or any(t.get("value") or t.find("v:low", V3).get("value") for t in times)


def dated(root, day):
    """Made on another day."""
    root.find("v:effectiveTime", V3).set("value", f"{day}120000-0800")
    return root


@pytest.fixture
def write(tmp_path):
    runs = iter(range(100))
    return lambda roots, source=STABLE: Written(tmp_path / str(next(runs)), roots, source)


def vendors(corpora):
    """The first document of each vendor that plans something and tells of problems."""
    seen = {}
    for path in corpus.files(corpora, "vendor"):
        root = corpus.document(path)
        vendor = path.relative_to(corpora / corpus.CORPORA["vendor"]).parts[0]
        if len(list(corpus.statements(root))) > 20:
            seen.setdefault(vendor, path)
    return seen.values()


@pytest.fixture(params=[*DOCUMENTS, 0, 1, 2, 3])
def root(request, corpora):
    path = list(vendors(corpora))[request.param] if isinstance(request.param, int) else DOCUMENTS[request.param]
    return corpus.document(corpora / path)


# exported again -----------------------------------------------------------


def test_minted_ids_and_a_new_entry_make_one_new_resource(root, write):
    """The two documents together, of a source that says so. One that is about a visit, a service, or how things stand
    is of another day as well; a note that names none of these is told by its time."""
    again = entered(minted(root))
    before = write([root], MINTS)
    both = write([root, dated(again, "20260105") if lasting(root) else again], MINTS)
    assert {"Goal": 1} == both.new(before)
    assert set() == before.by_id.keys() - both.by_id.keys()


def test_a_source_that_mints_ids_is_told_of(root, write):
    """Where it does not say so itself: once, at a document, and only if entries have ids that change."""
    again = dated(minted(root), "20260105")
    both = write([root, again, dated(minted(again), "20260106")])
    assert [("ids-minted", "/ClinicalDocument")] == [
        (w["rule"], w["source"]["path"]) for w in both.warnings if w["rule"] == "ids-minted"
    ]
    for calm in (write([root, dated(entered(deepcopy(root)), "20260105")]), write([root, again], MINTS)):
        assert not any(w["rule"] == "ids-minted" for w in calm.warnings)


def test_ids_that_last_make_one_new_resource_too(root, write):
    """The same document on another day, with one goal more."""
    before, both = write([root]), write([root, dated(entered(deepcopy(root)), "20260105")])
    assert {"Goal": 1} == both.new(before)


# one id ---------------------------------------------------------------------


def test_two_people_with_the_same_ids_share_nothing(root, write):
    """A copy in which only the patient's own ids differ: what speaks of a person is there twice, the rest once."""
    other = deepcopy(root)
    for e in other.findall("v:recordTarget/v:patientRole/v:id", V3):
        e.set("extension", f"{e.get('extension')}-2")
    one, two, both = write([root]), write([other]), write([root, other])
    shared = {r["resourceType"] for id_, r in one.by_id.items() if id_ in two.by_id}
    assert shared <= {"Organization", "Practitioner", "PractitionerRole"}
    assert one.by_id.keys() | two.by_id.keys() == both.by_id.keys()
    assert len(both.refusals) == len(one.refusals) + len(two.refusals)


def test_one_id_for_everything_still_tells_statements_apart(root, write):
    """By element, mood and code, else by what they say; and it is told at an entry."""
    same = deepcopy(root)
    for statement in (*corpus.statements(same), *same.iter(f"{{{corpus.V3}}}encompassingEncounter")):
        for e in corpus.kids(statement, "id"):
            e.attrib.clear()
            e.set("root", str(MINT))
    asked = {"Goal", "ServiceRequest", "Condition", "Encounter", "Observation"}
    before, after = ({**Counter(r["resourceType"] for r in w.by_id.values())} for w in (write([root]), write([same])))
    told = write([same])
    assert {k: n for k, n in before.items() if k in asked} == {k: n for k, n in after.items() if k in asked}
    reused = [w["source"]["path"] for w in told.warnings if w["rule"] == "id-reused"]
    assert any(corpus.find(same, path) in set(corpus.statements(same)) for path in reused)


def test_visits_under_one_id_are_as_many_as_they_have_times(corpora, write):
    """A vendor's document: five visits, one id."""
    told = write([corpus.document(corpora / "ms-fhir-converter/data/SampleData/Ccda/Patient-1.ccda")])
    visits = [r for r in told.by_id.values() if r["resourceType"] == "Encounter"]
    days = {"2010-03-31", "2010-04-30", "2010-05-28", "2010-06-25", "2010-10-24"}
    assert days <= {v["period"]["start"][:10] for v in visits}
    assert "id-reused" in {w["rule"] for w in told.warnings}


def test_an_amended_date_changes_one_goal(root, write):
    """And makes none; nor does what it is worth, or how far it is."""
    before = write([entered(root)])
    (goal,) = root.xpath(f".//v:observation[v:id/@root='{NEWEST}']", namespaces=V3)
    goal.find("v:effectiveTime/v:high", V3).set("value", "20270707")
    goal.find("v:statusCode", V3).set("code", "completed")
    after = write([root])
    assert before.by_id.keys() == after.by_id.keys()
    changed = [r for id_, r in after.by_id.items() if before.by_id[id_] != r]
    assert [("Goal", "completed", "2027-07-07")] == [
        (r["resourceType"], r["lifecycleStatus"], r["target"][0]["dueDate"]) for r in changed if "target" in r
    ]
    assert {"Goal"} <= {r["resourceType"] for r in changed} <= {"Goal", "CarePlan"}  # the plan may be over by that


# into a workspace ---------------------------------------------------------


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_a_second_intake_adds_what_is_new(root, home):
    """One goal, of a source whose ids last and of one that mints them; nothing that stood is gone."""
    again = entered(minted(root))
    home.intake(MINTS, one=root)
    before = home.standing
    home.intake(MINTS, one=dated(again, "20260105") if lasting(root) else again)
    assert ["goal"] == [home.standing[id_] for id_ in home.standing.keys() - before.keys()]
    assert set() == before.keys() - home.standing.keys()


def test_what_was_doubled_is_one_when_the_source_says_that_it_mints_ids(root, home, tmp_path):
    """The warning's own cure: its documents are taken in again, and all is as if that had been known before."""
    again, fresh = dated(minted(root), "20260105"), Home(tmp_path / "fresh")
    home.intake(STABLE, one=root)
    single = len(home.standing)
    assert "ids-minted" in {w["rule"] for w in home.intake(STABLE, two=again)}
    assert len(home.standing) > single + 3
    home.intake(MINTS, one=root, two=again)
    fresh.intake(MINTS, one=root, two=again)
    assert fresh.standing == home.standing
