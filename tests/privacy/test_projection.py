"""Nothing sent points at what is not sent, and nothing withheld shows through."""

import json

import pytest

from nowrongdoor.privacy.gate import _as_its_targets
from nowrongdoor.privacy.projection import ALONE, NEEDED, WITH_HOLDER, project, references

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">Methadone plan of Ximena</div>'


def planted(path, reference):
    """A resource with `reference` at `path`: a list at the top, as most are, single within."""
    top, *inner = path.split(".")
    value = {"reference": reference}
    for name in reversed(inner):
        value = {name: value}
    return {top: [value]}


CELLS = [(kind, path) for table in (ALONE, WITH_HOLDER) for kind, paths in table.items() for path in sorted(paths)]


@pytest.mark.parametrize(("kind", "path"), CELLS)
def test_every_pointer_of_the_table_is_left_out(kind, path):
    """… and takes its display along."""
    there = {"resourceType": kind, "id": "r", **planted(path, "Goal/gone")}
    top = path.partition(".")[0]
    if (kind, top) in NEEDED:
        there[top].append(planted(path, "Goal/here")[top][0])
    copy, missing = project(there, {"Goal/here"}.__contains__)
    assert ("", False) == (missing, "Goal/gone" in references(copy))
    assert "[]" not in json.dumps(copy)
    assert "{}" not in json.dumps(copy)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("CarePlan", "subject"),
        ("CarePlan", "basedOn"),
        ("Coverage", "beneficiary"),
        ("Task", "for"),
        ("Task", "focus"),
        ("ServiceRequest", "basedOn"),
        ("ServiceRequest", "performer"),
        ("ServiceRequest", "modifierExtension.valueReference"),
        ("ServiceRequest", "modifierExtension.extension.valueReference"),
        ("Consent", "organization"),
        ("Consent", "sourceReference"),
        ("Consent", "provision.actor.reference"),
        ("Consent", "provision.provision.data.reference"),
        ("Provenance", "target"),
        ("Provenance", "agent.who"),
        ("CareTeam", "participant.member"),
        ("Encounter", "participant.individual"),
        ("MedicationRequest", "requester"),
        ("Observation", "performer"),
        ("Procedure", "performer.actor"),
        ("Unheard", "of"),
    ],
)
def test_any_other_pointer_keeps_the_resource_here(kind, path):
    """A Consent with one party fewer, a referral without its performer, a team of nobody: another statement."""
    _, missing = project({"resourceType": kind, "id": "r", **planted(path, "Goal/gone")}, lambda _: False)
    assert missing in {"Goal", "target", "participant"}


@pytest.mark.parametrize("reference", ["https://elsewhere.example/fhir/Goal/g", "urn:uuid:0", "Goal?x=1", "g"])
def test_a_pointer_of_another_kind_is_not_known(reference):
    """Only relative ones are ours."""
    copy, _ = project(
        {"resourceType": "CarePlan", "id": "r", "goal": [{"reference": reference}]}, {"Goal/g"}.__contains__
    )
    assert "goal" not in copy


def test_a_version_or_a_contained_one_stays():
    """The same resource; and one that comes along."""
    goals = [{"reference": "Goal/g/_history/2"}, {"reference": "#in"}]
    copy, missing = project({"resourceType": "CarePlan", "id": "r", "goal": goals}, {"Goal/g"}.__contains__)
    assert (goals, "") == (copy["goal"], missing)


def test_an_extension_goes_with_its_pointer():
    """pertainsToGoal without a goal says nothing."""
    extension = [
        {"url": "urn:goal", "valueReference": {"reference": "Goal/gone"}},
        {"url": "urn:note", "valueString": "x"},
    ]
    copy, missing = project({"resourceType": "ServiceRequest", "id": "r", "extension": extension}, lambda _: False)
    assert ([extension[1]], "") == (copy["extension"], missing)


def secretive(desk):
    """A mental health plan with a substance use problem, goal, intervention and document beside the others."""
    point, plain = desk.point, desk.resource
    plan = plain(
        "CarePlan",
        "plan",
        text={"status": "generated", "div": DIV},
        goal=[point("Goal", "walk"), point("Goal", "sober") | {"display": "Zero heroin"}],
        addresses=[point("Condition", "oud") | {"display": "Opioid use"}],
        activity=[
            {"reference": point("ServiceRequest", "dose"), "progress": [{"text": "Dosing daily"}]},
            {"reference": point("ServiceRequest", "talk")},
        ],
    )
    return [
        plan,
        plain("Goal", "walk", description={"text": "Walk daily"}, addresses=[point("Condition", "oud")]),
        plain("Goal", "sober", "SUD", description={"text": "Zero heroin"}),
        plain("Condition", "oud", "SUD", "42CFRPart2", code={"text": "Opioid use"}),
        plain("ServiceRequest", "dose", "SUD", code={"text": "Dosing daily"}),
        plain("ServiceRequest", "talk", code={"text": "Counsel"}, reasonReference=[point("Condition", "oud")]),
        plain("Task", "dosing", focus=point("ServiceRequest", "dose"), description="Book the methadone chair"),
        plain("DocumentReference", "sheet", "42CFRPart2", description="Methadone sheet"),
        plain(
            "Provenance",
            "prov",
            target=[point("CarePlan", "plan"), point("Condition", "oud")],
            entity=[{"role": "source", "what": point("DocumentReference", "sheet")}],
        ),
        plain("Provenance", "prov2", target=[point("Condition", "oud")]),
    ]


def test_what_stays_does_not_show_through(desk):
    """No id and no word of a withheld resource in the bytes that go."""
    graph = desk.graph(*secretive(desk))
    sent, answers = desk.sent(graph), desk.answers(graph)
    assert {"p", "plan", "walk", "talk", "prov"} == set(sent)
    assert ("W", "follows:ServiceRequest") == answers["dosing"]
    assert ("W", "follows:target") == answers["prov2"]
    written = json.dumps(sent, ensure_ascii=False)
    for word in (
        "oud",
        "sober",
        "dose",
        "dosing",
        "sheet",
        "heroin",
        "Opioid",
        "Dosing",
        "methadone",
        "Methadone",
        "SUD",
    ):
        assert word not in written
    assert [desk.point("Goal", "walk")] == sent["plan"]["goal"]
    assert [{"reference": desk.point("ServiceRequest", "talk")}] == sent["plan"]["activity"]
    assert "Care plan</div>" in sent["plan"]["text"]["div"]


def test_a_plan_that_loses_nothing_keeps_its_narrative(desk):
    """Nothing is scrubbed for its own sake."""
    graph = desk.graph(*secretive(desk), consents=[desk.consent()])
    assert DIV == desk.sent(graph)["plan"]["text"]["div"]


def test_what_points_at_what_follows_stays_too(desk):
    """Plan ← referral ← task ← its Provenance: to the end of the line."""
    chain = [
        desk.resource("CarePlan", "plan", "SUD"),
        desk.resource("ServiceRequest", "s", basedOn=[desk.point("CarePlan", "plan")]),
        desk.resource("Task", "t", focus=desk.point("ServiceRequest", "s")),
        desk.resource("Provenance", "v", target=[desk.point("Task", "t")]),
    ]
    answers = desk.answers(desk.graph(*chain))
    rules = [answers[r["id"]][1] for r in chain]
    assert ["no-consent", "follows:CarePlan", "follows:ServiceRequest", "follows:target"] == rules


def test_without_the_patient_nothing_of_the_person_goes(desk):
    """Not even what forgot to say whose it is."""
    loose = {k: v for k, v in desk.resource("Goal", "g").items() if k != "subject"}
    graph = desk.graph(loose)
    graph.parcels[0].kept.resource["meta"]["security"] += desk.coded("SUD")
    assert not desk.sent(graph)
    assert ("W", "follows:Patient") == desk.answers(graph)["g"]


@pytest.mark.parametrize(
    ("answer", "targets", "codes"),
    [("no", ["Condition/low"], {"HTEST"}), ("yes", ["Condition/oud", "Condition/low"], {"HTEST", "SUD", "ETH"})],
)
def test_a_provenance_is_as_sensitive_as_what_it_speaks_of(desk, answer, targets, codes):
    """It says what goes and carries the labels of that, not those of what it was written with."""
    said = desk.resource("Provenance", "v", "SUD", "ETH", target=[desk.point(*t.split("/")) for t in TOLD])
    graph = desk.graph(
        desk.resource("Condition", "oud", "SUD", "ETH"), desk.resource("Condition", "low"), said,
        consents=[desk.consent(sud=answer)],
    )  # fmt: skip
    sent = desk.sent(graph)["v"]
    assert targets == [t["reference"] for t in sent["target"]]
    assert codes == {s["code"] for s in sent["meta"]["security"]}


@pytest.mark.parametrize("labels", [[], [{"system": "urn:a", "code": "R"}]])
def test_a_provenance_of_what_has_no_label_has_none_either(labels):
    """An empty list is no FHIR."""
    said = {"resourceType": "Provenance", "meta": {"security": labels}, "target": [{"reference": "Goal/g"}]}
    assert {"meta": {}} == {k: v for k, v in _as_its_targets(said, {"Goal/g": {}}).items() if k == "meta"}


TOLD = ("Condition/oud", "Condition/low")


def test_a_plans_own_words_go_no_further_than_all_of_it(desk):
    """Where a goal stays, neither note nor description may quote it."""
    words = {"note": [{"text": "Zero heroin"}], "description": "Zero heroin", "title": "Plan"}
    plan = desk.resource("CarePlan", "plan", goal=[desk.point("Goal", "g")], **words)
    stays, goes = (desk.sent(desk.graph(plan, desk.resource("Goal", "g", *labels)))["plan"] for labels in (["R"], []))
    assert {"title": "Plan"} == {name: stays[name] for name in words if name in stays}
    assert words == {name: goes[name] for name in words if name in goes}
