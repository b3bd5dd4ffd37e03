"""ConceptMaps are the code tables in FHIR's words: made again they are the same, read back they give the tables."""

import importlib.util
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from nowrongdoor import codes, shelf, sources
from nowrongdoor.checks import Checker
from nowrongdoor.checks.tables import Tables

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "profiles" / "fhir" / "build" / "concept_maps.py"
GENERATED = ROOT / "profiles" / "fhir" / "generated"
HCPCS = codes.SYSTEMS["services"]
USED = [
    (file, kind)
    for kind, file in sorted(
        {(k, f) for s in map(sources.load, sources.names()) for k, t in s.tables.items() for f in (t.file, *t.more)}
    )
]
MAPPED = [(file, kind) for file, kind in USED if kind in codes.SYSTEMS]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("concept_maps", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its classes ask for their module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checker():
    return Checker(shelf.find("profiles/fhir/tables"))


@pytest.fixture(scope="module")
def shipped():
    """Codes of the systems that are shipped whole, by the system's URL."""
    return Tables(shelf.find("profiles/fhir/tables")).systems


def concept_map(file):
    name = file.removesuffix(".csv").replace("_", "-")
    return json.loads((GENERATED / f"ConceptMap-{name}.json").read_text(encoding="utf-8"))


def rows(made):
    """A ConceptMap as the lines of a table: source cell → (target cell, display, target's system)."""
    found = {}
    for group in made["group"]:
        for element in group["element"]:
            lines = defaultdict(list)
            for target in element["target"]:
                after = [element["code"], *(one["value"] for one in target.get("dependsOn", ()))]
                lines["|".join(after)].append(target)
            for cell, targets in lines.items():
                words = [word for t in targets for word in (t["code"], *(one["value"] for one in t.get("product", ())))]
                display = targets[0].get("display") or element.get("display", "")
                found[cell] = ("|".join(words), display, group["target"])
    return found


# the same, made again ------------------------------------------------------


def test_what_is_committed_is_what_the_tables_say(script):
    assert script.made() == {p.name: p.read_bytes().decode() for p in GENERATED.glob("ConceptMap-*.json")}


@pytest.fixture
def elsewhere(script, tmp_path, monkeypatch):
    """The script, writing into an empty folder."""
    monkeypatch.setattr(script, "GENERATED", tmp_path)
    script.main([])
    return tmp_path


def checked(script):
    with pytest.raises(SystemExit) as end:
        script.main(["--check"])
    return end.value.code


def test_check_tells_a_changed_a_missing_and_a_leftover_file(script, elsewhere):
    assert 0 == checked(script)
    (elsewhere / "ConceptMap-sex.json").write_text("{}\n", encoding="utf-8")
    (elsewhere / "ConceptMap-marital.json").unlink()
    (elsewhere / "ConceptMap-gone.json").write_text("{}\n", encoding="utf-8")
    said = checked(script)
    assert "ConceptMap-gone.json, ConceptMap-marital.json, ConceptMap-sex.json" in said
    script.main([])
    assert (0, False) == (checked(script), (elsewhere / "ConceptMap-gone.json").exists())


def test_a_kind_that_nobody_decided_about_is_not_passed_over(script, monkeypatch):
    monkeypatch.delitem(codes.SYSTEMS, "urgency")
    with pytest.raises(SystemExit, match="no code system is known for urgency"):
        script.made()


def test_a_cell_that_is_no_code_of_fhir_is_not_written(script):
    table = codes.CodeTable("x_sex.csv", "0" * 64, {"two  spaces": ("female", "", "")})
    with pytest.raises(SystemExit, match="no code of FHIR"):
        script.concept_map(script.Used(table, "sex", (sources.load("alder-county"),)))


# the way back --------------------------------------------------------------


@pytest.mark.parametrize(("file", "kind"), MAPPED)
def test_read_back_it_gives_the_table(file, kind):
    """Each line, none more; a blank system is the one of its kind, or the source's own."""
    table = codes.load(file, kind=kind)
    expected = {}
    for cell, (target, display, named) in table.rows.items():
        expected[cell] = (target, display, codes.system_of(kind, target, named))
    own = "https://w3id.org/nowrongdoor/id/service/"
    found = {c: (t, d, "" if s.startswith(own) else s) for c, (t, d, s) in rows(concept_map(file)).items()}
    assert expected == found


@pytest.mark.parametrize(("file", "kind"), USED)
def test_a_table_has_a_concept_map_or_a_reason_why_not(script, file, kind):
    path = GENERATED / f"ConceptMap-{file.removesuffix('.csv').replace('_', '-')}.json"
    assert (kind not in script.SKIPPED) == path.is_file() == (kind in codes.SYSTEMS)


def test_every_table_on_the_shelf_is_used():
    """One that no source names would be published by nobody."""
    assert sorted(p.name for p in shelf.find("profiles/codes").glob("*.csv")) == sorted({file for file, _ in USED})


# what it says --------------------------------------------------------------


def targets(file, code, group=0):
    elements = concept_map(file)["group"][group]["element"]
    return [t for e in elements if e["code"] == code for t in e["target"]]


def test_two_codes_with_one_target_lose_the_way_back():
    told = {code: targets("sex.csv", code)[0]["equivalence"] for code in "FMOXU"}
    assert {"F": "equivalent", "M": "equivalent", "O": "subsumes", "X": "subsumes", "U": "equivalent"} == told


def test_several_purposes_hold_together_and_the_comment_says_so():
    told = targets("alder_purpose.csv", "Care Coordination")
    assert [("TREAT", "narrower"), ("CAREMGT", "narrower")] == [(t["code"], t["equivalence"]) for t in told]
    assert {"One of 2 that hold together: TREAT, CAREMGT"} == {t["comment"] for t in told}


def test_a_modifier_is_what_the_target_depends_on():
    told = {t["dependsOn"][0]["value"]: t["code"] for t in targets("services.csv", "H0043")}
    assert "housing-transition-navigation" == told["U6"]
    assert "transitional-rent" == told["U2"]
    assert {HCPCS} == {t["dependsOn"][0]["system"] for t in targets("services.csv", "H0043")}


def test_a_code_that_stays_what_it_is_is_equal_and_its_modifier_comes_with_it():
    (told,) = targets("services.csv", "G9008", group=1)
    assert ("G9008", "equal", "U2", "U2") == (
        told["code"], told["equivalence"], told["dependsOn"][0]["value"], told["product"][0]["value"],
    )  # fmt: skip


def test_a_senders_own_word_becomes_a_code_and_a_modifier():
    (told,) = targets("tule_services.csv", "RENTA6")
    assert ("H0044", "U6") == (told["code"], told["product"][0]["value"])


def test_a_line_may_name_a_system_of_its_own():
    groups = {g["target"]: [e["code"] for e in g["element"]] for g in concept_map("marital.csv")["group"]}
    assert ["U"] == groups["http://terminology.hl7.org/CodeSystem/v3-NullFlavor"]


def test_invented_senders_are_experimental_and_what_all_share_is_not():
    assert (True, False) == (concept_map("tule_sex.csv")["experimental"], concept_map("sex.csv")["experimental"])


@pytest.mark.parametrize(("file", "kind"), MAPPED)
def test_every_target_is_a_code_of_its_system(shipped, file, kind):
    """Where the system is shipped; that of races, languages and HCPCS is not."""
    known = [(g["target"], t["code"]) for g in concept_map(file)["group"] for e in g["element"] for t in e["target"]]
    assert [] == [(system, code) for system, code in known if system in shipped and code not in shipped[system]]
    elsewhere = {"race", "ethnicity", "language", "services"}
    assert kind in elsewhere or all(system in shipped for system, _ in known)


@pytest.mark.parametrize("file", [file for file, _ in MAPPED])
def test_it_is_valid_r4(checker, file):
    assert [] == [i for i in checker.issues(concept_map(file)) if i.severity == "error"]


def test_one_that_is_not_valid_r4_is_seen(checker):
    """So that the test before says something."""
    wrong = concept_map("alder_purpose.csv")
    wrong["group"][0]["element"][0]["target"][0]["equivalence"] = "similar"
    assert ["error"] == [i.severity for i in checker.issues(wrong)]


@pytest.mark.parametrize("file", [file for file, _ in MAPPED])
def test_what_is_narrower_says_how(file):
    """Invariant cmd-1 of ConceptMap; the names are those of programs (cmd-0)."""
    made = concept_map(file)
    told = [t for g in made["group"] for e in g["element"] for t in e["target"]]
    assert all(t.get("comment") for t in told if t["equivalence"] == "narrower")
    assert re.fullmatch("[A-Z][A-Za-z0-9_]{0,254}", made["name"])


# what is sent --------------------------------------------------------------


def sent():
    """(element, system, code) of every coding in the goldens."""
    for path in sorted((ROOT / "fixtures").glob("*/expected/*.ndjson")):
        for line in path.read_text(encoding="utf-8").splitlines():
            resource = json.loads(line)
            for place, coding in codings(resource.get("resourceType", ""), resource):
                yield place, coding["system"], coding["code"]


def codings(at, node):
    if isinstance(node, dict) and {"system", "code"} <= node.keys():
        yield at, node
    for name, child in node.items() if isinstance(node, dict) else ():
        yield from codings(f"{at}.{name}", child)
    for child in node if isinstance(node, list) else ():
        yield from codings(at, child)


def test_whoever_is_sent_a_senders_own_word_can_look_it_up():
    """Task.businessStatus and a county's own services carry words that a ConceptMap has as its source."""
    prefix = "https://w3id.org/nowrongdoor/id/"
    own = {(s, c) for _, s, c in sent() if s.startswith((f"{prefix}status/", f"{prefix}service/"))}
    groups = [g for file, _ in MAPPED for g in concept_map(file)["group"]]
    known = {(g["source"], e["code"]) for g in groups for e in g["element"]}
    assert len(own) > 10
    assert set() == own - known


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("language", "Patient.communication.language.coding"),
        ("relation", "RelatedPerson.relationship.coding"),
        ("problem_status", "Condition.clinicalStatus.coding"),
        ("purpose", "Consent.provision.purpose"),
        ("services", "ServiceRequest.orderDetail.coding"),
    ],
)
def test_resources_name_the_system_that_the_map_does(kind, place):
    assert {codes.SYSTEMS[kind]} == {system for at, system, _ in sent() if at == place}


def test_races_are_sent_under_their_system():
    places = "Patient.extension.extension.valueCoding"
    assert {codes.SYSTEMS["race"]} == {codes.SYSTEMS["ethnicity"]} == {s for at, s, _ in sent() if at == places}
