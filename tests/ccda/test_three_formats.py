"""The same people three times: what their C-CDA says is what their CSV and their FHIR say, but for what it leaves out.

Synthea's exports of one run: 30 of its 63 people have a C-CDA. Its generator writes all of them as not Hispanic and
English-speaking, so ethnicity and language are not compared; nor are marital status and telephone, which no C-CDA has.
"""

import re
from collections import Counter

import pytest

from ccda.written import source, translated
from synthea.twin import Graph, Pair, address, codes

OID = "urn:oid:2.16.840.1.113883.19.5"  # Synthea's, of its patients
# By the first eight digits of the id that the document's file name ends with: what its generator leaves out of it.
LEFT_OUT = {
    "0683fd5e": "", "176cf879": "middle prefix", "18610e55": "middle", "193a66b6": "middle", "279a00c7": "",
    "2ebb9ceb": "maiden prefix", "30125ae0": "maiden prefix", "35082fc8": "middle prefix", "4b480923": "death middle",
    "55d62f9c": "middle", "5886fd87": "middle prefix", "64793385": "middle", "70681f87": "maiden prefix",
    "7d6e9938": "middle prefix", "86a152bf": "middle prefix", "8776caa6": "middle prefix", "8d5bb84e": "middle prefix",
    "a2e8c9f3": "", "a486ca44": "middle", "a928eac1": "middle", "ad506806": "prefix", "b18724bb": "maiden prefix",
    "b1989b72": "middle prefix", "b81343ea": "maiden prefix", "bd802b6f": "middle", "cc663112": "middle",
    "d1247504": "death middle", "dfb7e211": "maiden prefix", "e68d36f4": "middle", "eba7b372": "middle prefix",
}  # fmt: skip


class Formats:
    """`documents`, `rows`, `fhir`: people, plans and conditions by Synthea's ids, of whoever has a C-CDA."""

    def __init__(self, folder, out):
        self.accounting, self.told = translated([folder / "ccda"], source(), out / "ccda")
        pair = Pair(folder, out / "csv")
        self.documents = Graph(out / "ccda", lambda p: next(i["value"] for i in p["identifier"] if i["system"] == OID))
        self.rows, self.fhir, self.plans = pair.ours, pair.twin, pair.rows["careplans"]
        self.people = self.documents.people.keys()

    def problems(self, graph):
        """As (whose, code, onset, abatement, whether active), of the people of the documents.

        No C-CDA of Synthea's states a problem's status: over is all that can be known of one that is, not resolved.
        """
        told = Counter()
        for (person, code, onset, abated, status), n in graph.problems().items():
            if person in self.people:
                told[person, code, onset, abated, status[0][1] == "active"] += n
        return told


@pytest.fixture(scope="module")
def formats(corpora, tmp_path_factory):
    return Formats(corpora / "synthea-ca", tmp_path_factory.mktemp("formats"))


def said(p):
    """(family name, first given name, birth date, gender, addresses) of the one name that is no maiden name."""
    (name,) = (n for n in p["name"] if n.get("use", "official") == "official")
    return (
        name["family"],
        " ".join(name["given"]).split()[0],
        p["birthDate"],
        p["gender"],
        list(map(address, p["address"])),
    )


def beside(p):
    """What else may be told of somebody: middle name, prefix, suffix, maiden name, death."""
    (name,) = (n for n in p["name"] if n.get("use", "official") == "official")
    told = {"middle": " ".join(name["given"]).split()[1:], "prefix": name.get("prefix"), "suffix": name.get("suffix")}
    told |= {"maiden": [n["family"] for n in p["name"] if n.get("use") == "maiden"], "death": p.get("deceasedDateTime")}
    return {word for word, value in told.items() if value}


def test_patients_are_the_same(formats):
    assert 30 == len(formats.people)
    for id_ in formats.people:
        assert said(formats.fhir.people[id_]) == said(formats.documents.people[id_]) == said(formats.rows.people[id_])


def test_only_what_is_listed_is_left_out(formats):
    """By document, and no more than that; nothing is there that the others do not have."""
    assert LEFT_OUT.keys() == {id_[:8] for id_ in formats.people}
    for id_ in formats.people:
        had, has = beside(formats.fhir.people[id_]), beside(formats.documents.people[id_])
        assert has <= had == beside(formats.rows.people[id_]), id_
        assert LEFT_OUT[id_[:8]] == " ".join(sorted(had - has)), id_


def test_conditions_are_the_same(formats):
    """377 of them, one for one: person, code, day of onset and of abatement, and whether it is over."""
    problems = formats.problems(formats.documents)
    assert 377 == problems.total()
    assert formats.problems(formats.fhir) == problems == formats.problems(formats.rows)
    assert 100 < sum(n for (*_, active), n in problems.items() if active) < 300


def test_a_plan_in_words_keeps_every_word_and_invents_nothing(formats):
    """22 plans, which are narrative tables: 35 descriptions and codes of the CSV's care plans; no request, no goal."""
    due = [row for row in formats.plans if row["PATIENT"] in formats.people]
    assert (35, 22) == (len(due), len(formats.told["CarePlan"]))
    whose = {p["id"]: id_ for id_, p in formats.documents.people.items()}
    texts = {
        whose[p["subject"]["reference"].rpartition("/")[2]]: words(p["text"]["div"]) for p in formats.told["CarePlan"]
    }
    assert {row["PATIENT"] for row in due} == texts.keys()
    for row in due:
        assert row["DESCRIPTION"] in texts[row["PATIENT"]]
        assert row["CODE"] in texts[row["PATIENT"]]
    assert not any({"activity", "goal", "addresses"} & plan.keys() for plan in formats.told["CarePlan"])
    assert not {"ServiceRequest", "Goal", "MedicationRequest", "Task"} & formats.told.keys()


def words(div):
    return " ".join(re.sub("<[^>]*>", " ", div).replace("&amp;", "&").split())


def test_no_code_is_lost_on_the_way(formats):
    """Each condition has the code of its row in SNOMED CT's own system, and no other."""
    assert {("http://snomed.info/sct",)} == {
        tuple(system for system, _ in codes(c["code"])) for c in formats.documents.conditions.values()
    }
